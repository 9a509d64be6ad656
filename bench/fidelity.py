"""What running the model on ONNX Runtime costs in quality, against the original.

    python -m bench.fidelity EVAL_DIR [--indexes DIR] [--sets squad,scifact]

Builds an index of each data set with either, and scores both as `qa evaluate` does.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.corpora import open_index
from index.embed import Encoder
from index.encoders import ModelEncoder
from index.encoders.files import ENCODER, read_exported
from index.encoders.transformer import TransformerEncoder
from qa.evaluate import Evaluation, evaluate, read_judged
from qa.rank.batching import SharedEncoder
from qa.search import Searcher


def main(arguments: Sequence[str]) -> int:
    """Print each measure with both encoders, and the difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, metavar="EVAL_DIR")
    parser.add_argument("--indexes", type=Path, default=Path("data/bench"))
    parser.add_argument("--sets", default="squad,scifact")
    options = parser.parse_args(arguments)
    print("| set | measure | original | exported | difference |\n|---|---|---:|---:|---:|")
    for name in options.sets.split(","):
        folder, data = options.folder / name, options.indexes / name
        exported = _evaluate(folder, data, ModelEncoder(data))
        original = _evaluate(folder, options.indexes / f"{name}-original", TransformerEncoder())
        for measure, value in original.measures.items():
            other = exported.measures[measure]
            print(f"| {name} | {measure} | {value:.4f} | {other:.4f} | {other - value:+.4f} |")
        kept = read_exported(data / ENCODER)
        if kept is not None:
            print(f"| {name} | mean cosine at the export | 1 | {kept.cosine} | |")
    return 0


def _evaluate(folder: Path, data: Path, encoder: Encoder) -> Evaluation:
    snapshot = open_index(folder / "corpus.jsonl.gz", data, encoder)
    return evaluate(read_judged(folder), Searcher(snapshot, SharedEncoder(encoder)).search)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
