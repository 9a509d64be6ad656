"""Articles in: one file a format, one walk over them all."""

from index.readers.base import (
    Finding,
    Found,
    Reader,
    Remark,
    Source,
    Unreadable,
    findings,
    told_once,
)
from index.readers.metadata import NO_KEYS
from index.readers.records.record import read_keys
from index.readers.walk import READERS, read_sources

__all__ = [
    "NO_KEYS",
    "READERS",
    "Finding",
    "Found",
    "Reader",
    "Remark",
    "Source",
    "Unreadable",
    "findings",
    "read_keys",
    "read_sources",
    "told_once",
]
