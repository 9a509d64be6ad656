"""One question over one context, as it is kept between the steps of training."""

import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Row:
    """A question, the context that may answer it and where it does.

    `sentences` and `answers` are spans of code points in `context`. `whole` says that an answer is
    a whole sentence, whose words that answer are not known. `family` names the set it is from;
    `held` rows are never trained on. `others` are numbers of other rows whose contexts share many
    words with the question and do not answer it.
    """

    question: str
    title: str
    context: str
    sentences: tuple[Span, ...]
    answers: tuple[Span, ...]
    whole: bool
    family: str
    kind: str
    held: bool = False
    others: tuple[int, ...] = ()


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSONL file, gzipped or not."""
    kept = path.read_bytes()
    told = gzip.decompress(kept) if path.suffix == ".gz" else kept
    for line in told.decode().split("\n"):
        if line.strip():
            yield json.loads(line)


def write_lines(path: Path, objects: Iterable[dict[str, Any]]) -> None:
    """Write objects as gzipped JSONL that is the same bytes each time."""
    with path.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed:
        for each in objects:
            packed.write((json.dumps(each, ensure_ascii=False) + "\n").encode())


def save_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write rows for `load_rows`."""
    write_lines(path, map(asdict, rows))


def load_rows(path: Path) -> list[Row]:
    """Rows as they were saved, in their order."""
    return [_row(each) for each in read_lines(path)]


def _row(kept: dict[str, Any]) -> Row:
    spans = {name: tuple((a, b) for a, b in kept[name]) for name in ("sentences", "answers")}
    return Row(**{**kept, **spans, "others": tuple(kept["others"])})
