"""What is served is what was trained: the numpy reading of a network against the network itself."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tools.models.inference import Reader
from tools.models.network import Network

LENGTH, ITEMS = 12, 30


@pytest.fixture(scope="module")
def network() -> Network:
    torch.manual_seed(0)
    network = Network(ITEMS, length=LENGTH, dimensions=16, blocks=2, heads=2, dropout=0.3, temperature=0.1).eval()
    with torch.no_grad():
        for weights in network.parameters():  # untrained, half of them are 0 or 1
            weights.add_(torch.randn_like(weights) * 0.3)
    return network


@pytest.mark.parametrize("told", [1, 2, LENGTH - 1, LENGTH, LENGTH + 5])
def test_the_state_is_the_networks(network: Network, told: int) -> None:
    ids = np.random.default_rng(told).integers(0, ITEMS, told)
    with torch.inference_mode():
        expected = network(torch.from_numpy(ids[None, -LENGTH:]))[0, -1].numpy()
    np.testing.assert_allclose(Reader(network)(ids), expected, atol=1e-5)


def test_it_does_not_overflow_far_from_0() -> None:
    large = Network(ITEMS, length=LENGTH, dimensions=16, blocks=1, heads=2, dropout=0.0, temperature=0.1).eval()
    with torch.no_grad():
        for weights in large.parameters():
            weights.add_(torch.randn_like(weights) * 30)
    with np.errstate(all="raise", under="ignore"):
        assert np.isfinite(Reader(large)(np.arange(LENGTH))).all()
