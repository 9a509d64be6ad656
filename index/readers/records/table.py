"""CSV and TSV, one article a row, under a row with the names of the columns."""

import csv
import re
from collections.abc import Iterator, Sequence
from io import TextIOWrapper

from index.readers.base import (
    MOST_BYTES,
    TOO_LONG,
    WIDE_MARKS,
    Finding,
    Source,
    Unreadable,
    UnreadableError,
)
from index.readers.metadata import FIRST_YEAR
from index.readers.records.record import read_record

_DELIMITERS = ",;\t|"
# The line that Excel tells it by; csv takes no quotation mark for one.
_TOLD = re.compile(r"sep=(?P<delimiter>[^\r\n\"])\r?\n", re.IGNORECASE)
# What is read to tell the delimiter.
_SAMPLE = 65_536

# The longest field, for all who read tables in this process; the default is 131,072 characters.
csv.field_size_limit(MOST_BYTES)


class TableReader:
    """Reads `.csv` and `.tsv` row by row: a file of any length fits in memory."""

    def read(self, source: Source) -> Iterator[Finding]:
        """Each row's article; a row that cannot be read is named and skipped."""
        try:
            with source.open() as file:
                if file.read(2) in WIDE_MARKS:
                    raise UnreadableError("is UTF-16: save it as UTF-8")
                file.seek(0)
                with TextIOWrapper(file, "utf-8-sig", newline="") as text:
                    yield from _read_rows(source, text)
        except UnicodeDecodeError as error:
            reason = f"is not UTF-8 (0x{error.object[error.start]:02x}): save it as CSV in UTF-8"
            raise UnreadableError(reason) from error


def _read_rows(source: Source, text: TextIOWrapper) -> Iterator[Finding]:
    sample = text.read(_SAMPLE)
    text.seek(0)
    told = _TOLD.match(sample)
    if told:
        text.readline()
    delimiter = told["delimiter"] if told else _delimiter(sample)
    header: Sequence[str] = ()
    rows = _rows(csv.reader(text, delimiter=delimiter))
    for number, row in enumerate(rows, start=2 if told else 1):
        origin = f"{source.origin} row {number}"
        if isinstance(row, csv.Error):
            yield Unreadable(origin, _reason(row), source.part)
        elif not header:
            header = [name.strip() for name in row]
        elif any(map(str.strip, row[len(header) :])):
            yield Unreadable(origin, _too_long(row, header, delimiter), source.part)
        elif row:
            values = dict(zip(header, row, strict=False))
            yield from read_record(source, origin, values, None, FIRST_YEAR)


def _rows(reader: Iterator[list[str]]) -> Iterator[list[str] | csv.Error]:
    """Each row, or what is wrong with it; behind a fault reading goes on."""
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield error


def _delimiter(sample: str) -> str:
    """What parts the names of the columns: the sign that stands most often in the first line."""
    first = sample.split("\n", 1)[0]
    return max(_DELIMITERS, key=first.count)


def _too_long(row: Sequence[str], header: Sequence[str], delimiter: str) -> str:
    return (
        f"has {len(row)} cells under {len(header)} names of columns: put texts that have "
        f"{delimiter!r} in them in quotes"
    )


def _reason(error: csv.Error) -> str:
    if "field larger" in str(error):
        return f"has a field {TOO_LONG}: cut its article in parts"
    return f"is not CSV ({error}): export the table again"


READS = dict.fromkeys((".csv", ".tsv"), TableReader())
