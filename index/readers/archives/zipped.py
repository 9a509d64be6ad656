"""A ZIP of articles, each read by the reader of its own format."""

import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from index.readers.archives.packed import Packed
from index.readers.base import Finding, Source, Unreadable, UnreadableError, encodable
from index.readers.metadata import SUFFIX

ReadPart = Callable[[Source], Iterator[Finding]]
# What macOS adds to an archive beside each file.
_FORKS = "__MACOSX"


class ZipReader:
    """Reads `.zip`: its files in order of names, as in a folder; `read_part` reads one."""

    def __init__(self, read_part: ReadPart) -> None:
        self._read_part = read_part

    def read(self, source: Source) -> Iterator[Finding]:
        """What each file holds; one that cannot be read is named and skipped."""
        if source.part:
            raise UnreadableError("is an archive in another one: unpack it first")
        with source.open() as file:
            packed = Packed(file)
            for name in sorted(packed.names):
                if not _is_skipped(name, packed) and not packed.is_spent:
                    yield from self._read(source, packed, name)

    def _read(self, source: Source, packed: Packed, name: str) -> Iterator[Finding]:
        shown = encodable(name)
        part = replace(source, name=f"{source.name}/{shown}", part=shown, data=b"")
        if _leads_out(name) or stat.S_ISLNK(packed.mode(name)):
            yield Unreadable(part.origin, "leads out of the archive: left out", shown)
            return
        try:
            data = packed.read(name)
            sidecar = packed.read(name + SUFFIX) if packed.has(name + SUFFIX) else None
        except UnreadableError as error:
            yield Unreadable(part.origin, str(error), shown)
            return
        yield from self._read_part(replace(part, data=data, sidecar=sidecar))


def _is_skipped(name: str, packed: Packed) -> bool:
    """Whether it is none of the articles: hidden, or the sidecar of one."""
    if name.endswith(SUFFIX) and packed.has(name.removesuffix(SUFFIX)):
        return True
    parts = PurePosixPath(name).parts
    return _FORKS in parts or any(part.startswith(".") and part != ".." for part in parts)


def _leads_out(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or ":" in path.parts[0]
