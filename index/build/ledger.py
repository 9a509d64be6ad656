"""Which article is which from build to build: ids that stay, what changed, what was taken out.

What the owner took out of the index is withheld: a build that finds it again passes it over.
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

# Browsers take these for folders in an address, so that no link to such an article would work.
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
    """An article under the id it keeps; `replaces` is an older id of the same source."""

    article: Article
    place: Place
    record: str
    change: Change
    replaces: str | None = None


class Ledger:
    """Remembers where every article came from.

    The same source keeps its id, also when its words change. Two sources with one natural id are
    two articles: the later is told apart by a suffix, so that none is lost.
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
        """Give the article its id and tell what has become of it since the last build."""
        origin, file = _absolute(found.origin), _absolute(found.file)
        self._files.add(file)
        record = record_digest(found.article)
        if self._seen.get(origin, record) != record:
            # Lines of one file can have one id and differ in words or metadata.
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
        """Ids of articles whose source is no more: its file, or its line in a file just read.

        What could not be read is not gone, nor is anything of a file with a fault in it.
        """
        unseen = [known for origin, known in self._by_origin.items() if origin not in self._seen]
        return [known.id for known in unseen if known.id not in self._ids and self._is_gone(known)]

    def withheld(self) -> list[str]:
        """Ids of articles that the owner took out and that are still published."""
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
        # The same article whose file is gone has moved; any other would push it out.
        return holder.record == record and not _exists(holder.place.file)


def _is_kept(held: str, natural: str) -> bool:
    """The id held is the natural one, told apart, or as counted from another root folder."""
    if held == natural or held.startswith(f"{natural}~"):
        return True
    return held.endswith(f"/{natural}") or natural.endswith(f"/{held}")


def _exists(file: str) -> bool:
    """Whether the file is there; one that cannot be looked at is not known to be gone."""
    try:
        return Path(file).exists()
    except OSError:
        return True


def _names(article: Article) -> Iterator[str]:
    """The natural id, then those that tell articles of one natural id apart."""
    told_apart = f"{article.id}~{article.digest[7:15]}"
    yield article.id
    yield told_apart
    yield from (f"{told_apart}-{number}" for number in count(2))


def record_digest(article: Article) -> str:
    """Changes when anything that is stored of the article does, its id and origin aside."""
    fields = asdict(article) | {"id": None, "text": None}
    return hashlib.sha256(json.dumps(fields).encode()).hexdigest()


def _change(held: Known | None, origin: str, record: str) -> Change:
    if held is None:
        return Change.ADDED
    unchanged = held.record == record and held.place.origin == origin
    return Change.UNCHANGED if unchanged else Change.CHANGED


def _absolute(path: str) -> str:
    """Not resolved: a link that is moved elsewhere is still the same source."""
    return os.path.normpath(Path(path).absolute())


# What is the owner's own in the data folder: no build removes it, and no index can be made of it.
OWNED = "owner"
UPLOADS = "uploads"
_NAME = "withheld.json"


@dataclass(frozen=True, slots=True)
class Withheld:
    """An article that was taken out: where it comes from, and what to call it."""

    origin: str
    id: str
    title: str | None = None


def uploads(data: Path) -> Path:
    """The folder of what was added from the browser."""
    return data / OWNED / UPLOADS


def read_withheld(data: Path) -> tuple[Withheld, ...]:
    """What is withheld. Raises DamagedError where that cannot be told."""
    path = data / OWNED / _NAME
    try:
        return tuple(Withheld(**told) for told in json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, TypeError) as error:
        raise DamagedError(
            f"{path} cannot be read ({error}): mend it, or remove it to take back all articles"
        ) from None


def write_withheld(data: Path, withheld: Iterable[Withheld]) -> None:
    """Put these in the place of what was withheld."""
    path = data / OWNED / _NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [asdict(each) for each in sorted(set(withheld), key=lambda each: each.origin)]
    replace_text(path, json.dumps(lines, ensure_ascii=False, indent=1))


def restore(data: Path, ids: Sequence[str]) -> list[Withheld]:
    """No longer withhold the articles of these ids; the next build reads them. Gives them."""
    held = read_withheld(data)
    back = [each for each in held if each.id in ids]
    if back:
        write_withheld(data, set(held) - set(back))
    return back


def restore_file(data: Path, file: Path) -> None:
    """No longer withhold anything of a file, which was added anew."""
    held = read_withheld(data)
    kept = [each for each in held if not _is_of(each, str(file.absolute()))]
    if len(kept) < len(held):
        write_withheld(data, kept)


def _is_of(withheld: Withheld, file: str) -> bool:
    return withheld.origin == file or withheld.origin.startswith((f"{file}#", f"{file}~"))
