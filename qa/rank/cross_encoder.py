"""The reranker that runs any sentence-transformers CrossEncoder."""

import threading
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import CrossEncoder

from index.encoders.files import find_folder
from index.encoders.transformer import first_line, quieten
from index.errors import ModelError

Scores = NDArray[np.float64]

_BATCH_SIZE = 32
_THREADS = torch.get_num_threads()
# Names without an owner belong to the makers of the library.
_OWNER = "cross-encoder"
# Of different lengths, to catch a tokenizer that cannot pad as well.
_TRIAL = [("Who?", "The keeper."), ("Who?", "The keeper of the lighthouse.")]


class CrossEncoderReranker:
    """Any CrossEncoder that gives one score, by hub name or folder.

    Scores are the output of the model's own activation, between 0 and 1 or not. Raises ModelError
    if it cannot be loaded, or gives no usable scores.
    """

    def __init__(self, name: str) -> None:
        self._model = _load(name)
        # The tokenizer is not thread-safe.
        self._lock = threading.Lock()

    def scores(self, question: str, passages: Sequence[str]) -> Scores:
        """A score for each passage, shape (passages,), higher is better."""
        with self._lock:
            # An encoder that runs on torch sets it to one thread, which is too few here.
            torch.set_num_threads(_THREADS)
            return _score(self._model, [(question, passage) for passage in passages])


def _load(name: str) -> CrossEncoder:
    quieten()
    folder = find_folder(name, _OWNER)
    try:
        # Unless told that the files are local, the library asks the hub about them.
        model: CrossEncoder = CrossEncoder(str(folder or name), local_files_only=folder is not None)
        fault = _fault(model)
    except Exception as error:  # a foreign model's code may raise anything
        raise _refused(name, first_line(error)) from error
    if fault:
        raise _refused(name, fault)
    return model


def _fault(model: CrossEncoder) -> str | None:
    """Why the model cannot rank, or None."""
    if model.num_labels != 1:
        return f"it gives {model.num_labels} scores per passage, not one"
    # The library gives a model without a scoring head one with random weights.
    loaded = type(model.model).__name__
    saved = getattr(model.config, "architectures", None) or [loaded]
    if loaded.endswith("ForSequenceClassification") and loaded not in saved:
        return f"it is a {saved[0]}, which was not trained to score passages"
    scores = _score(model, _TRIAL)
    if scores.shape != (len(_TRIAL),) or not np.isfinite(scores).all():
        return f"it gives {scores.tolist()} as the scores of {len(_TRIAL)} passages"
    return None


def _score(model: CrossEncoder, pairs: list[tuple[str, str]]) -> Scores:
    scores = model.predict(pairs, batch_size=_BATCH_SIZE, show_progress_bar=False)
    return np.asarray(scores, dtype=np.float64)


def _refused(name: str, reason: str) -> ModelError:
    return ModelError(
        f"reranker {name!r} cannot be used: {reason} (FOOTNOTE_RERANKER takes the name of a "
        "sentence-transformers CrossEncoder that gives one score, or its folder)"
    )
