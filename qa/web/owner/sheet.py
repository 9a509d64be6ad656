"""Tables as CSV, safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence

# What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_of(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """The table in UTF-8, with the mark by which spreadsheets know it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([tame(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def tame(cell: object) -> object:
    """Text that no spreadsheet runs: OWASP's advice against CSV injection.

    >>> tame("=1+1")
    "'=1+1"
    """
    if isinstance(cell, str) and cell.lstrip(" \u00a0\ufeff").startswith(_FORMULA):
        return f"'{cell}"
    return "" if cell is None else cell
