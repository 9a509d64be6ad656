"""Files of questions: one JSON object a line, gzipped or not."""

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import TextIOBase
from pathlib import Path
from types import MappingProxyType
from typing import cast

from qa.answer import Question
from qa.question import BadQuestionError, read_question


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that asks nothing that can be answered, and why."""

    id: str | None
    number: int
    error: BadQuestionError


def read_batch(
    path: Path, defaults: Mapping[str, object] = MappingProxyType({})
) -> Iterator[Question | BadLine]:
    """Each line's question in the order of the file; blank lines are passed over.

    A field that a line leaves out is taken from `defaults`. Raises OSError where the file cannot
    be opened or is damaged as gzip.
    """
    with open_lines(path) as lines:
        for number, line in enumerate(_sound(path, lines), start=1):
            if line.strip():
                yield _read_line(number, line, defaults)


def open_lines(path: Path) -> TextIOBase:
    """A text file of lines, gzipped where its name ends in `.gz`; a byte order mark is dropped."""
    if path.suffix.lower() == ".gz":
        return cast(TextIOBase, gzip.open(path, "rt", encoding="utf-8-sig", errors="replace"))
    return path.open(encoding="utf-8-sig", errors="replace")


def _sound(path: Path, lines: TextIOBase) -> Iterator[str]:
    try:
        yield from lines
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise OSError(f"{path} is damaged as gzip ({error}): compress it again") from error


def _read_line(number: int, line: str, defaults: Mapping[str, object]) -> Question | BadLine:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        error = BadQuestionError("invalid_json", f"{line.strip()[:40]!r} is no JSON")
        return BadLine(None, number, error)
    if not isinstance(record, dict):
        error = BadQuestionError("bad_line", f'{line.strip()[:40]!r} is no {{"question": "…"}}')
        return BadLine(None, number, error)
    told = {name: value for name, value in record.items() if value is not None}
    try:
        return read_question({**defaults, **told})
    except BadQuestionError as bad:
        given = told.get("id", told.get("_id"))
        return BadLine(None if given is None else str(given), number, bad)
