"""Which reader reads which file."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from index.readers.found import Reader
from index.readers.jsonl import JsonlReader
from index.readers.markdown import MarkdownReader
from index.readers.text import TextReader

_TEXT, _MARKDOWN, _JSONL = TextReader(), MarkdownReader(), JsonlReader()

READERS: Mapping[str, Reader] = MappingProxyType(
    {
        ".txt": _TEXT,
        ".text": _TEXT,
        ".md": _MARKDOWN,
        ".markdown": _MARKDOWN,
        ".jsonl": _JSONL,
        ".ndjson": _JSONL,
        ".jsonl.gz": _JSONL,
        ".ndjson.gz": _JSONL,
    }
)


def suffix_of(path: Path) -> str | None:
    """The key of READERS that the file's name ends with, in any case, or None.

    >>> suffix_of(Path("corpus.v2.JSONL.gz"))
    '.jsonl.gz'
    """
    name = path.name.lower()
    return next((suffix for suffix in READERS if name.endswith(suffix)), None)
