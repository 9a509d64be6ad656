"""Files and folders -> all that the readers find in them, always in the same order.

A file is read as what it begins like, whatever its name says.
"""

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path, PurePath
from pkgutil import walk_packages
from types import MappingProxyType
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

from index.errors import SourceMissingError
from index.readers.base import (
    Finding,
    Found,
    Reader,
    Remark,
    Source,
    Unreadable,
    encodable,
    findings,
    origin_of,
    unopened,
)
from index.readers.metadata import (
    NO_KEYS,
    ReadMetadata,
    is_sidecar,
    read_sidecar,
    sidecar_of,
    story_of,
    with_shared,
)
from index.readers.zipped import ZipReader


def _find_readers() -> dict[str, Reader]:
    """What each module of this package says in its `READS`: the reader of a suffix."""
    found: dict[str, Reader] = {}
    for module in walk_packages([str(Path(__file__).parent)], "index.readers."):
        if module.name != __name__:
            found |= getattr(import_module(module.name), "READS", {})
    return found


Keys = Mapping[str, str]
# A file to read, or what is odd about one that is not.
Walked = Source | Unreadable | Remark
# What stands under these names may as well be one of the others.
_LOOSE = frozenset((".html", ".htm", ".xml", ".rss", ".atom", ".json"))

# Files that come with articles and are none: `index.build.lists` copies them.
QUESTIONS_FILE = "footnote-questions.txt"
SYNONYMS_FILE = "footnote-synonyms.txt"
RULES_FILE = "footnote.yaml"
_LISTS = (QUESTIONS_FILE, SYNONYMS_FILE, RULES_FILE)

LEADS_OUT = "leads out of its source: name what it links to as a source, or use --follow-links"
# In an id, no address or terminal takes these as they are.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


READERS: Mapping[str, Reader] = MappingProxyType(
    _find_readers() | {".zip": ZipReader(lambda part: _read_source(part))}
)


def suffix_of(path: PurePath) -> str | None:
    """The key of READERS that the file's name ends with, in any case, or None.

    >>> suffix_of(Path("corpus.v2.JSONL.gz"))
    '.jsonl.gz'
    """
    name = path.name.lower()
    return next((suffix for suffix in READERS if name.endswith(suffix)), None)


def read_sources(
    paths: Sequence[Path], keys: Keys = NO_KEYS, *, follow_links: bool = False
) -> Iterator[Finding]:
    """What the readers find in `paths`, lazily; folders in order of names, to any depth.

    `keys` tells which key or column of JSON and tables stands for one of ours. In a folder, hidden
    files and folders and lists that are no articles are skipped, and links to files outside of it
    are named unless `follow_links`. Raises SourceMissingError, before anything is read, if a path
    does not exist.
    """
    refuse_missing(paths)
    return _read_all(paths, keys, follow_links=follow_links)


def refuse_missing(paths: Sequence[Path]) -> None:
    """Raises SourceMissingError if one of them does not exist."""
    for path in paths:
        if _is_missing(path):
            raise SourceMissingError(f"{origin_of(path)!r} does not exist: check the path")


def _is_missing(path: Path) -> bool:
    try:
        return not path.exists()
    except OSError:
        # It may exist but is not accessible: the walk reports that.
        return False


def _read_all(paths: Sequence[Path], keys: Keys, *, follow_links: bool) -> Iterator[Finding]:
    for walked in walk(paths, keys, follow_links=follow_links):
        yield from read(walked)


def walk(paths: Sequence[Path], keys: Keys = NO_KEYS, *, follow_links: bool) -> Iterator[Walked]:
    """The files in `paths`, in order, none of them opened; and what is odd about others."""
    # What is found can travel to another process.
    keys = dict(keys)
    for path in paths:
        if is_sidecar(path):
            story = story_of(path).name
            yield Unreadable(origin_of(path), f"is a sidecar: name its story {story!r} instead")
        else:
            yield from _walk_path(path, keys, follow_links=follow_links)


def read(walked: Walked) -> Iterator[Finding]:
    """What the readers find in a file."""
    if not isinstance(walked, Source):
        yield walked
        return
    try:
        yield from _read_source(walked)
    except OSError as error:
        yield unopened(walked, error)


def _walk_path(path: Path, keys: Keys, *, follow_links: bool) -> Iterator[Walked]:
    """A file, whose natural id is relative to its folder, or a folder, which is its own root."""
    try:
        if path.is_dir():
            yield from _walk_folder(path, keys, follow_links=follow_links)
        else:
            yield _file(path, path.parent, keys)
    except OSError as error:
        yield unopened(Source(path, path.name), error)


def _walk_folder(root: Path, keys: Keys, *, follow_links: bool) -> Iterator[Walked]:
    """Without recursion: folders can lie deeper in each other than calls can."""
    waiting = _inside(root)
    while waiting:
        path = waiting.pop()
        try:
            if is_sidecar(path):
                yield from _check_sidecar(path)
            elif not path.is_dir():
                if not follow_links and any(
                    _leads_out(each, root) for each in (path, sidecar_of(path))
                ):
                    yield Unreadable(origin_of(path), LEADS_OUT)
                else:
                    yield _file(path, root, keys)
            elif path.is_symlink():
                # Such a link can lead back here, and the walk would never end.
                yield Unreadable(origin_of(path), "links to a folder: name that folder as a source")
            else:
                waiting += _inside(path)
        except OSError as error:
            yield unopened(Source(path, path.name), error)


def _leads_out(path: Path, root: Path) -> bool:
    """Whether it is a link to a file that is not below the root."""
    if not (path.is_symlink() and path.is_file()):
        return False
    return not path.resolve().is_relative_to(root.resolve())


def _inside(folder: Path) -> list[Path]:
    """What is to be read in a folder, last name first."""
    found = sorted(folder.iterdir(), reverse=True)
    return [each for each in found if not each.name.startswith(".") and each.name not in _LISTS]


def _file(path: Path, root: Path, keys: Keys) -> Walked:
    if path.exists() and not path.is_file():
        return Unreadable(
            origin_of(path), "is not a regular file: replace it with a copy of the text"
        )
    name = encodable(path.relative_to(root).as_posix())
    return Source(path, name, keys)


def _read_source(source: Source) -> Iterator[Finding]:
    """A file, or a part of an archive, whose `name` has its suffix."""
    named = suffix_of(PurePath(source.part or source.path.name))
    with source.open() as file:
        suffix = format_of(file, named)
    if suffix is None:
        formats = ", ".join(READERS)
        reason = f"has an unsupported format: use one of {formats}"
        yield Unreadable(source.origin, reason, source.part)
        return
    name = source.name[: -len(named)] if named else source.name
    read_as = replace(source, name=_CONTROLS.sub(" ", name))
    yield from _with_sidecar(source, findings(READERS[suffix], read_as))


def _with_sidecar(source: Source, found: Iterable[Finding]) -> Iterator[Finding]:
    """What is found in a file; of several articles in one its sidecar tells what they share."""
    told: ReadMetadata | None = None
    for each in found:
        if not isinstance(each, Found) or each.origin == source.origin:
            yield each
            continue
        if told is None:
            told = read_sidecar(source)
            yield from told.remarks
        yield replace(each, article=with_shared(each.article, told.metadata))


def format_of(file: BinaryIO, named: str | None) -> str | None:
    """The key of READERS for a file's content, whose name ends with the key `named`, or None.

    What no text begins with counts more than the name; a text is read as its name says, unless the
    name says nothing, or only that it is some kind of page, feed or export.
    """
    suffix = binary_suffix(file)
    if suffix is None and (named is None or named in _LOOSE):
        suffix = text_suffix(file)
    return suffix or named


def _check_sidecar(path: Path) -> Iterator[Remark]:
    story = story_of(path)
    if not story.exists():
        message = f"is a sidecar without its story: put {story.name!r} beside it"
        yield Remark(origin_of(path), message)


_READ = 4096
# Prefix -> suffix. No text begins so: these count more than a name.
_BINARY = {
    b"%PDF-": ".pdf",
    b"PAR1": ".parquet",
    b"WARC/1.": ".warc",
}
_ZIP = b"PK\x03\x04"
# A part that only one kind of document has -> its suffix.
_PACKED = {"word/document.xml": ".docx", "META-INF/container.xml": ".epub"}
_MIMETYPES = {
    b"application/vnd.oasis.opendocument.text": ".odt",
    b"application/epub+zip": ".epub",
}
# What may stand in front of a root element.
_PROLOG = rb"\s*(?:<\?[^>]*>\s*|<!--.*?-->\s*)*"
_BEGINNINGS = {
    ".xml": re.compile(_PROLOG + rb"<(?:rss|feed|rdf:RDF)[\s>]", re.DOTALL),
    ".html": re.compile(_PROLOG + rb"<(?:!doctype html|html)[\s>]", re.DOTALL | re.IGNORECASE),
    ".json": re.compile(rb'\s*(?:\{\s*"|\[\s*\{)'),
}
_MARK = b"\xef\xbb\xbf"


def binary_suffix(file: BinaryIO) -> str | None:
    """The suffix that a file's content asks for, if no text could begin so; else None."""
    head = _head(file)
    if head.startswith(_ZIP):
        return _packed_suffix(file)
    return next((suffix for mark, suffix in _BINARY.items() if head.startswith(mark)), None)


def text_suffix(file: BinaryIO) -> str | None:
    """The suffix that a text's beginning asks for: a feed, a web page, JSON; else None."""
    head = _head(file).removeprefix(_MARK)
    return next((suffix for suffix, form in _BEGINNINGS.items() if form.match(head)), None)


def _head(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read(_READ)


def _packed_suffix(file: BinaryIO) -> str:
    try:
        with ZipFile(file) as packed:
            names = set(packed.namelist())
            kind = packed.open("mimetype").read(100) if "mimetype" in names else b""
    except (BadZipFile, zlib.error, EOFError, ValueError, RuntimeError, NotImplementedError):
        return ".zip"
    found = (suffix for part, suffix in _PACKED.items() if part in names)
    return _MIMETYPES.get(kind.strip()) or next(found, ".zip")
