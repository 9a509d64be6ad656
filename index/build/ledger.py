"""Tracks articles from build to build: stable ids, what changed, what is gone.

An article that the owner removed is withheld: a build that finds it again skips it.
"""

import hashlib
import json
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from enum import Enum
from itertools import count
from pathlib import Path

from index.article import Article
from index.errors import DamagedError
from index.readers import Found, Unreadable
from index.store import Known, Place
from index.store.durable import replace_text

# Browsers resolve these as folders in an address: no link to such an article would work.
_FOLDERS = (".", "..")


class Change(Enum):
    """What a build does with an article that it read."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REPEATED = "repeated"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Entered:
    """An article under its stable id; `replaces` is an older id of the same source."""

    article: Article
    place: Place
    record: str
    change: Change
    replaces: str | None = None


class Ledger:
    """Remembers where every article came from.

    A source keeps its id even when its text changes. Two sources with the same natural id are two
    articles: the later one gets a suffix, so that none is lost.
    """

    def __init__(self, known: Iterable[Known], withheld: Collection[str] = ()) -> None:
        self._withheld = withheld
        self._by_origin = {article.place.origin: article for article in known}
        self._by_id = {article.id: article for article in self._by_origin.values()}
        self._seen: dict[str, str] = {}
        self._ids: set[str] = set()
        self._files: set[str] = set()
        self._faulty: set[str] = set()

    def enter(self, found: Found) -> Entered:
        """Give the article its id and find how it changed since the last build."""
        origin, file = _absolute(found.origin), _absolute(found.file)
        self._files.add(file)
        record = record_digest(found.article)
        if self._seen.get(origin, record) != record:
            # Lines of one file can share an id and differ in text or metadata.
            origin = f"{origin}~{record[:8]}"
        if origin in self._seen:
            return Entered(found.article, Place(origin, file), record, Change.REPEATED)
        if origin in self._withheld:
            self._seen[origin] = record
            return Entered(found.article, Place(origin, file), record, Change.WITHHELD)
        before = self._by_origin.get(origin)
        article_id = self._id(found.article, record, origin, before)
        self._seen[origin] = record
        self._ids.add(article_id)
        held = self._by_id.get(article_id)
        return Entered(
            article=replace(found.article, id=article_id),
            place=Place(origin, file),
            record=record,
            change=_change(held, origin, record),
            replaces=before.id if before and before.id != article_id else None,
        )

    def fault(self, fault: Unreadable) -> None:
        """Remember that something of this source could not be read."""
        self._faulty.add(_absolute(fault.file))

    def gone(self) -> list[str]:
        """Ids of articles whose source is gone: its file, or its line in a file just read.

        What could not be read is not gone, nor is anything in a file with a fault.
        """
        unseen = [known for origin, known in self._by_origin.items() if origin not in self._seen]
        return [known.id for known in unseen if known.id not in self._ids and self._is_gone(known)]

    def withheld(self) -> list[str]:
        """Ids of articles that the owner removed and that are still published."""
        return [known.id for origin, known in self._by_origin.items() if origin in self._withheld]

    def _is_gone(self, known: Known) -> bool:
        if known.place.file in self._faulty:
            return False
        return known.place.file in self._files or not _exists(known.place.file)

    def _id(self, article: Article, record: str, origin: str, before: Known | None) -> str:
        if before and _is_kept(before.id, article.id):
            return before.id
        return next(name for name in _names(article) if self._is_free(name, record, origin))

    def _is_free(self, name: str, record: str, origin: str) -> bool:
        if name in self._ids or name in _FOLDERS:
            return False
        holder = self._by_id.get(name)
        if holder is None or holder.place.origin == origin:
            return True
        # The same article with its file gone has moved; any other would replace the holder.
        return holder.record == record and not _exists(holder.place.file)


def _is_kept(held: str, natural: str) -> bool:
    """Whether the held id is the natural one, with a suffix, or relative to another root folder."""
    if held == natural or held.startswith(f"{natural}~"):
        return True
    return held.endswith(f"/{natural}") or natural.endswith(f"/{held}")


def _exists(file: str) -> bool:
    """Whether the file exists; one that cannot be accessed may exist."""
    try:
        return Path(file).exists()
    except OSError:
        return True


def _names(article: Article) -> Iterator[str]:
    """The natural id, then the same with suffixes, for articles that share it."""
    suffixed = f"{article.id}~{article.digest[7:15]}"
    yield article.id
    yield suffixed
    yield from (f"{suffixed}-{number}" for number in count(2))


def record_digest(article: Article) -> str:
    """A digest of all that is stored of the article, except its id and origin."""
    fields = asdict(article) | {"id": None, "text": None}
    return hashlib.sha256(json.dumps(fields).encode()).hexdigest()


def _change(held: Known | None, origin: str, record: str) -> Change:
    if held is None:
        return Change.ADDED
    unchanged = held.record == record and held.place.origin == origin
    return Change.UNCHANGED if unchanged else Change.CHANGED


def _absolute(path: str) -> str:
    """Not resolved: a link that now points elsewhere is still the same source."""
    return os.path.normpath(Path(path).absolute())


# The owner's own files in the data folder: no build removes them, and none could make them again.
OWNED = "owner"
UPLOADS = "uploads"
_NAME = "withheld.json"


@dataclass(frozen=True, slots=True)
class Withheld:
    """An article that was removed: where it comes from, and what to call it."""

    origin: str
    id: str
    title: str | None = None


def uploads(data: Path) -> Path:
    """The folder of articles added in the browser."""
    return data / OWNED / UPLOADS


def read_withheld(data: Path) -> tuple[Withheld, ...]:
    """What is withheld. Raises DamagedError if the list cannot be read."""
    path = data / OWNED / _NAME
    try:
        return tuple(Withheld(**each) for each in json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, TypeError) as error:
        raise DamagedError(
            f"{path} cannot be read ({error}): repair it, or remove it to restore all articles"
        ) from None


def write_withheld(data: Path, withheld: Iterable[Withheld]) -> None:
    """Replace the list of what is withheld."""
    path = data / OWNED / _NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [asdict(each) for each in sorted(set(withheld), key=lambda each: each.origin)]
    replace_text(path, json.dumps(lines, ensure_ascii=False, indent=1))


def restore(data: Path, ids: Sequence[str]) -> list[Withheld]:
    """Stop withholding the articles of these ids, and return them; the next build reads them."""
    held = read_withheld(data)
    back = [each for each in held if each.id in ids]
    if back:
        write_withheld(data, set(held) - set(back))
    return back


def restore_file(data: Path, file: Path) -> None:
    """Stop withholding anything of a file, which was added again."""
    held = read_withheld(data)
    kept = [each for each in held if not _is_of(each, str(file.absolute()))]
    if len(kept) < len(held):
        write_withheld(data, kept)


def _is_of(withheld: Withheld, file: str) -> bool:
    return withheld.origin == file or withheld.origin.startswith((f"{file}#", f"{file}~"))
