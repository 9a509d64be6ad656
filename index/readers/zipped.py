"""A ZIP of articles, each read by the reader of its own format; never unpacked without bounds."""

import stat
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

from index.readers.base import MOST_BYTES, Finding, Source, Unreadable, UnreadableError, encodable
from index.readers.metadata import SUFFIX
from index.readers.xml import Element, parse_xml

MOST_PARTS = 100_000
# Text is packed to a tenth. What unpacks to more than this is made to fill memory or a disk.
_MOST_UNPACKED, _MOST_TIMES = 1_000_000_000, 100
# RuntimeError asks for a password, NotImplementedError is another kind of packing.
_FAULTS = (BadZipFile, zlib.error, EOFError, ValueError, RuntimeError, NotImplementedError)


class Packed:
    """A ZIP file, opened. Raises UnreadableError if it is none, or holds too many parts."""

    def __init__(self, file: BinaryIO) -> None:
        try:
            self._zip = ZipFile(file)
        except (BadZipFile, ValueError, NotImplementedError) as error:
            raise UnreadableError(f"is damaged as ZIP ({error}): save it again") from error
        if len(self._zip.filelist) > MOST_PARTS:
            raise UnreadableError(f"holds more than {MOST_PARTS} files: cut it into parts")
        size = file.seek(0, 2)
        self._left = max(_MOST_UNPACKED, _MOST_TIMES * size)

    @property
    def names(self) -> list[str]:
        """Its files, in the order in which they were packed."""
        return [part.filename for part in self._zip.filelist if not part.is_dir()]

    def has(self, name: str) -> bool:
        """Whether there is a part of that name."""
        return name in self._zip.NameToInfo

    def mode(self, name: str) -> int:
        """The mode that a file had on Unix; 0 if that is not known."""
        return self._zip.getinfo(name).external_attr >> 16

    def read(self, name: str, most: int = MOST_BYTES) -> bytes:
        """A part, unpacked. Raises UnreadableError, which names it, if it cannot be or may not."""
        try:
            with self._zip.open(name) as part:
                data = part.read(min(most, self._left) + 1)
        except KeyError as error:
            raise UnreadableError(f"lacks its part {name!r}: save it again") from error
        except _FAULTS as error:
            reason = " ".join(str(error).split())
            raise UnreadableError(f"cannot be unpacked ({reason}): pack it again") from error
        self._left -= len(data)
        if self._left < 0:
            raise UnreadableError("unpacks to far more than it should: look at what it holds")
        if len(data) > most:
            raise UnreadableError(f"is longer than {most / 1e6:.0f} MB: cut it into files")
        return data

    @property
    def is_spent(self) -> bool:
        """Whether it unpacked to more than is read of one file."""
        return self._left < 0

    def xml(self, name: str) -> Element:
        """The root of a part; None if there is no such part. Raises UnreadableError."""
        if not self.has(name):
            return None
        return parse_xml(self.read(name))


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
