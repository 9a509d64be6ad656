"""Files and folders -> all that the readers find in them, always in the same order."""

import re
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import MappingProxyType

from index.errors import SourceMissingError
from index.readers.base import (
    Finding,
    Reader,
    Remark,
    Source,
    Unreadable,
    encodable,
    findings,
    origin_of,
    unopened,
)
from index.readers.metadata import is_sidecar, sidecar_of, story_of


def _find_readers() -> Mapping[str, Reader]:
    """What each file of this package says in its `READS`: the reader of a suffix."""
    found: dict[str, Reader] = {}
    for module in iter_modules([str(Path(__file__).parent)]):
        if f"index.readers.{module.name}" != __name__:
            found |= getattr(import_module(f"index.readers.{module.name}"), "READS", {})
    return MappingProxyType(found)


READERS = _find_readers()

# A list of questions to begin with, which is no article: `index.build.first_questions` reads it.
QUESTIONS_FILE = "footnote-questions.txt"

LEADS_OUT = "leads out of its source: name what it links to as a source, or use --follow-links"
# In an id, no address or terminal takes these as they are.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def suffix_of(path: Path) -> str | None:
    """The key of READERS that the file's name ends with, in any case, or None.

    >>> suffix_of(Path("corpus.v2.JSONL.gz"))
    '.jsonl.gz'
    """
    name = path.name.lower()
    return next((suffix for suffix in READERS if name.endswith(suffix)), None)


def read_sources(paths: Sequence[Path], *, follow_links: bool = False) -> Iterator[Finding]:
    """What the readers find in `paths`, lazily; folders in order of names, to any depth.

    In a folder, hidden files and folders and a list of questions are skipped, and links to files
    outside of it are named unless `follow_links`. Raises SourceMissingError, before anything is
    read, if a path does not exist.
    """
    for path in paths:
        if _is_missing(path):
            raise SourceMissingError(f"{origin_of(path)!r} does not exist: check the path")
    return _read_all(paths, follow_links=follow_links)


def _is_missing(path: Path) -> bool:
    try:
        return not path.exists()
    except OSError:
        # It may exist but is not accessible: the walk reports that.
        return False


def _read_all(paths: Sequence[Path], *, follow_links: bool) -> Iterator[Finding]:
    for path in paths:
        if is_sidecar(path):
            story = story_of(path).name
            yield Unreadable(origin_of(path), f"is a sidecar: name its story {story!r} instead")
        else:
            yield from _read_path(path, follow_links=follow_links)


def _read_path(path: Path, *, follow_links: bool) -> Iterator[Finding]:
    """A file, whose natural id is relative to its folder, or a folder, which is its own root."""
    try:
        if path.is_dir():
            yield from _read_folder(path, follow_links=follow_links)
        else:
            yield from _read_file(path, path.parent)
    except OSError as error:
        yield unopened(origin_of(path), error)


def _read_folder(root: Path, *, follow_links: bool) -> Iterator[Finding]:
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
                    yield from _read_file(path, root)
            elif path.is_symlink():
                # Such a link can lead back here, and the walk would never end.
                yield Unreadable(origin_of(path), "links to a folder: name that folder as a source")
            else:
                waiting += _inside(path)
        except OSError as error:
            yield unopened(origin_of(path), error)


def _leads_out(path: Path, root: Path) -> bool:
    """Whether it is a link to a file that is not below the root."""
    if not (path.is_symlink() and path.is_file()):
        return False
    return not path.resolve().is_relative_to(root.resolve())


def _inside(folder: Path) -> list[Path]:
    """What is to be read in a folder, last name first."""
    found = sorted(folder.iterdir(), reverse=True)
    return [each for each in found if not each.name.startswith(".") and each.name != QUESTIONS_FILE]


def _read_file(path: Path, root: Path) -> Iterator[Finding]:
    suffix = suffix_of(path)
    if suffix is None:
        formats = ", ".join(READERS)
        yield Unreadable(origin_of(path), f"has an unsupported format: use one of {formats}")
    elif path.exists() and not path.is_file():
        yield Unreadable(
            origin_of(path), "is not a regular file: replace it with a copy of the text"
        )
    else:
        name = path.relative_to(root).as_posix()[: -len(suffix)]
        shown = _CONTROLS.sub(" ", encodable(name))
        yield from findings(READERS[suffix], Source(path, shown))


def _check_sidecar(path: Path) -> Iterator[Remark]:
    story = story_of(path)
    if not story.exists():
        message = f"is a sidecar without its story: put {story.name!r} beside it"
        yield Remark(origin_of(path), message)
