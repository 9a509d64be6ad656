"""Articles in: one file a format, one walk over them all."""

from index.readers.formats import READERS
from index.readers.found import Finding, Found, Reader, Remark, Source, Unreadable
from index.readers.walk import read_sources

__all__ = [
    "READERS",
    "Finding",
    "Found",
    "Reader",
    "Remark",
    "Source",
    "Unreadable",
    "read_sources",
]
