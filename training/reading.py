"""Reads windows with an exported graph or with weights as they are trained."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray

from training.model import make_batch, new_model
from training.windows import LONGEST_SPAN, Window

Floats = NDArray[np.float64]
_BATCH = 16


class Logits(Protocol):
    """Start and end logits, each of shape (windows, tokens), of ids, mask and types."""

    def __call__(self, inputs: dict[str, NDArray[np.int64]]) -> tuple[Floats, Floats]:
        """The logits of a batch."""


@dataclass(frozen=True, slots=True)
class Found:
    """The best span of a window, in tokens of the window, and its score.

    `answers` is log-odds that the window answers: all spans against none; `best` is the score of
    the best span against none.
    """

    start: int
    end: int
    best: float
    answers: float


def load_logits(path: Path) -> Logits:
    """Of an `.onnx` graph or of saved weights."""
    return _graph(path) if path.suffix == ".onnx" else _weights(path)


def _graph(path: Path) -> Logits:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])

    def read(inputs: dict[str, NDArray[np.int64]]) -> tuple[Floats, Floats]:
        start, end = session.run(["start_logits", "end_logits"], inputs)
        return np.asarray(start, np.float64), np.asarray(end, np.float64)

    return read


def _weights(path: Path) -> Logits:
    model = new_model().eval()
    model.load_state_dict(torch.load(path, weights_only=True))

    def read(inputs: dict[str, NDArray[np.int64]]) -> tuple[Floats, Floats]:
        with torch.inference_mode():
            given: Any = model(**{name: torch.from_numpy(each) for name, each in inputs.items()})
        return given.start_logits.double().numpy(), given.end_logits.double().numpy()

    return read


def read_windows(windows: Sequence[Window], logits: Logits) -> list[Found]:
    """What is found in each window, in the order given."""
    found: dict[int, Found] = {}
    order = sorted(range(len(windows)), key=lambda place: len(windows[place].ids))
    for first in range(0, len(order), _BATCH):
        places = order[first : first + _BATCH]
        batch = make_batch([windows[place] for place in places])
        start, end = logits(
            {
                "input_ids": batch.ids.numpy(),
                "attention_mask": batch.mask.numpy(),
                "token_type_ids": batch.types.numpy(),
            }
        )
        for row, place in enumerate(places):
            found[place] = best_span(start[row], end[row], windows[place])
    return [found[place] for place in range(len(windows))]


def best_span(start: Floats, end: Floats, window: Window) -> Found:
    """The best span of the window's text, and whether it answers at all."""
    text = slice(window.text, len(window.ids) - 1)
    scores = start[text, None] + end[None, text]
    length = len(scores)
    scores[~np.triu(np.tri(length, length, LONGEST_SPAN - 1, dtype=np.bool_))] = -np.inf
    none = float(start[0] + end[0])
    place = np.unravel_index(int(scores.argmax()), scores.shape)
    top = float(scores[place])
    everything = top + float(np.log(np.exp(scores - top).sum()))
    first, last = int(place[0]) + window.text, int(place[1]) + window.text
    return Found(first, last, top - none, everything - none)
