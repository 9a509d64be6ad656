"""Weights to the file that ships: one ONNX graph of 8 bits, checked against the original.

python -m training.export OUT.onnx WEIGHTS [WEIGHTS...]

Of several weights the mean is exported, which often reads better than the last of them.
"""

import argparse
import hashlib
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from transformers import AutoTokenizer

from index.encoders.files import packaged_folder
from qa.read.export import export_reader
from qa.read.onnx import GRAPH, read_record
from training.model import new_model

LARGEST = 25_000_000


class NotShippedError(ValueError):
    """What was exported is too large, or reads otherwise in 8 bits."""


def save_model(folder: Path, weights: Sequence[Path]) -> None:
    """Make the folder of a question-answering model, as FOOTNOTE_READER takes one."""
    model = new_model()
    model.load_state_dict(mean_of(weights))
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(packaged_folder()).save_pretrained(folder)


def mean_of(paths: Sequence[Path]) -> dict[str, torch.Tensor]:
    """The mean of each tensor."""
    states = [torch.load(path, weights_only=True) for path in paths]
    return {
        name: torch.stack([state[name].double() for state in states]).mean(0).to(first.dtype)
        for name, first in states[0].items()
    }


def export(out: Path, weights: Sequence[Path]) -> str:
    """Write `out`; its size and digest. Raises NotShippedError where it may not ship."""
    with TemporaryDirectory() as held:
        model, home = Path(held) / "model", Path(held) / "export"
        save_model(model, weights)
        export_reader(home, str(model), str(model))
        record = read_record(home)
        made = (home / GRAPH).read_bytes()
    if record is None or "8 bits" not in record.runs or len(made) > LARGEST:
        raise NotShippedError(f"{len(made)} bytes ({record}): at most {LARGEST}, of 8 bits, ship")
    out.write_bytes(made)
    digest = hashlib.sha256(made).hexdigest()
    return f"{out}: {len(made)} bytes, {record.agreement} from 32 bits, sha256 {digest}"


def main() -> None:
    """Export; print size and digest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("weights", type=Path, nargs="+")
    given = parser.parse_args()
    print(export(given.out, given.weights))


if __name__ == "__main__":
    main()
