"""A made-up catalogue of the training material as one that tools work on."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np

from agent.training.made_up import opened
from agent.training.material import Domain
from tools.data.logs import Logs
from tools.data.training import training_data
from tools.models.facets import Facets
from tools.models.fit import fit_blend
from tools.shelf import Shelf


def shelf_of(domain: Domain, folder: Path, rng: random.Random) -> Shelf:
    """The catalogue opened, in a folder. No dense index, and nobody used anything."""
    catalogue, titles = opened(domain, folder, rng)
    data = training_data(None, catalogue.size, None)
    blend = fit_blend(data)
    people = np.zeros(catalogue.size, dtype=np.int64)
    return Shelf(catalogue, titles, blend, Facets(catalogue), people, None, None, None, Logs(data))
