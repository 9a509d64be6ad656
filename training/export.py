"""Weights to one ONNX file of 8 bits, checked against the original on held-out questions.

python -m training.export WEIGHTS ROWS OUT.onnx
"""

import argparse
import hashlib
import logging
import random
import warnings
from io import BytesIO
from pathlib import Path

import numpy as np
import onnx
import torch
from sklearn.metrics import roc_auc_score

from index.encoders.export import quantize
from training.model import new_model
from training.reading import Found, load_logits, read_windows
from training.rows import Row, load_rows
from training.windows import Drawer, Reader, Window

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
OUTPUTS = ("start_logits", "end_logits")
_OPSET = 17
_LARGEST = 25_000_000
_SAME, _AUROC = 0.97, 0.01
_CHECKED = 400


class CheckError(ValueError):
    """What was exported does not read as the original does."""


class _Logits(torch.nn.Module):
    """The model as tensors in, tensors out."""

    def __init__(self, weights: Path) -> None:
        super().__init__()
        self.model = new_model().eval()
        self.model.load_state_dict(torch.load(weights, weights_only=True))
        # Traced into fewer nodes than torch's fused attention.
        self.model.set_attn_implementation("eager")

    def forward(
        self, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        given = self.model(input_ids=ids, attention_mask=mask, token_type_ids=types)
        return given.start_logits, given.end_logits


def export_graph(weights: Path) -> onnx.ModelProto:
    """The weights as a graph with numbers of 32 bits; inputs of shape (windows, tokens)."""
    buffer, ids = BytesIO(), torch.ones((2, 7), dtype=torch.long)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), torch.inference_mode():
        # Tracing warns of every shape that Python code looks at.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _Logits(weights),
            (ids, ids, ids * 0),
            buffer,  # type: ignore[arg-type]  # its stub knows only paths
            input_names=list(INPUTS),
            output_names=list(OUTPUTS),
            dynamic_axes={name: {0: "windows", 1: "tokens"} for name in (*INPUTS, *OUTPUTS)},
            opset_version=_OPSET,
            dynamo=False,
        )
    return onnx.load_from_string(buffer.getvalue())


def check(weights: Path, exported: Path, rows: list[Row], questions: int = _CHECKED) -> str:
    """Read held-out windows with both. Raises CheckError where they differ by too much."""
    windows = _held_windows(rows, questions)
    answered = [bool(window.answers) for window in windows]
    before, after = (read_windows(windows, load_logits(path)) for path in (weights, exported))
    same = float(np.mean([_span(a) == _span(b) for a, b in zip(before, after, strict=True)]))
    aurocs = [
        float(roc_auc_score(answered, [each.answers for each in found]))
        for found in (before, after)
    ]
    told = f"same span {same:.3f}, AUROC {aurocs[0]:.4f} before, {aurocs[1]:.4f} after"
    if same < _SAME or abs(aurocs[0] - aurocs[1]) > _AUROC:
        raise CheckError(f"{exported} does not read as {weights} does: {told}")
    return f"{told}, {len(windows)} windows"


def _span(found: Found) -> tuple[int, int]:
    """The span, or (0, 0) where the window is read as not answering."""
    return (found.start, found.end) if found.best > 0 else (0, 0)


def _held_windows(rows: list[Row], questions: int) -> list[Window]:
    drawer = Drawer(rows, Reader(), random.Random(0))
    held = [row for row in rows if row.held and row.family in ("written", "questions")]
    drawn = (drawer.draw(row) for row in random.Random(0).sample(held, min(questions, len(held))))
    return [window for window in drawn if window is not None]


def main() -> None:
    """Export, quantise, check; print size and digest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("rows", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--questions", type=int, default=_CHECKED, help="to check it with")
    given = parser.parse_args()
    made = quantize(export_graph(given.weights)).SerializeToString(deterministic=True)
    if len(made) > _LARGEST:
        raise CheckError(f"{given.out} would have {len(made)} bytes, more than {_LARGEST}")
    given.out.write_bytes(made)
    print(check(given.weights, given.out, load_rows(given.rows), given.questions))
    print(f"{given.out} {len(made)} bytes sha256 {hashlib.sha256(made).hexdigest()}")


if __name__ == "__main__":
    main()
