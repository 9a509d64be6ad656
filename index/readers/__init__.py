"""Articles in: one file a format, one walk over them all."""

from index.readers.base import Finding, Found, Reader, Remark, Source, Unreadable, findings
from index.readers.walk import READERS, read_sources

__all__ = [
    "READERS",
    "Finding",
    "Found",
    "Reader",
    "Remark",
    "Source",
    "Unreadable",
    "findings",
    "read_sources",
]
