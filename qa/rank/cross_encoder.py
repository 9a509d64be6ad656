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
# Names without an owner are those of the library's makers.
_OWNER = "cross-encoder"
# Of unequal length, so that a tokenizer that cannot pad is found out too.
_TRIAL = [("Who?", "The keeper."), ("Who?", "The keeper of the lighthouse.")]


class CrossEncoderReranker:
    """Any CrossEncoder that gives one score, by hub name or folder.

    Its scores are as the model's own activation leaves them, between 0 and 1 or not. Raises
    ModelError if it cannot be loaded, or gives no score that ranks.
    """

    def __init__(self, name: str) -> None:
        self._model = _load(name)
        # Its tokenizer cannot be used by two threads at once.
        self._lock = threading.Lock()

    def scores(self, question: str, passages: Sequence[str]) -> Scores:
        """A score for each passage, shape (passages,), higher is better."""
        with self._lock:
            # An encoder that runs on torch leaves it one thread, enough for a question alone.
            torch.set_num_threads(_THREADS)
            return _score(self._model, [(question, passage) for passage in passages])


def _load(name: str) -> CrossEncoder:
    quieten()
    folder = find_folder(name, _OWNER)
    try:
        # Were it not told that the files are here, the library would ask the hub about them.
        model: CrossEncoder = CrossEncoder(str(folder or name), local_files_only=folder is not None)
        fault = _fault(model)
    except Exception as error:  # whatever a foreign model's code raises
        raise _refused(name, first_line(error)) from error
    if fault:
        raise _refused(name, fault)
    return model


def _fault(model: CrossEncoder) -> str | None:
    """Why the model cannot rank, or None."""
    if model.num_labels != 1:
        return f"it gives {model.num_labels} scores a passage, not one"
    # The library gives any model without a head for scores one of random weights.
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
