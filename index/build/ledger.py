"""Tracks articles from build to build: stable ids, what changed, what is gone.

An article that the owner removed is withheld: a build that finds it again skips it. A build waits
for another, such as that of a push, before it gives up.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from enum import Enum
from itertools import count
from pathlib import Path
from time import monotonic, sleep
from typing import TypeVar

from index.article import Article
from index.build.edits import NO_EDITS, Edit, Edits
from index.build.owned import is_upload
from index.build.rules.model import NO_RULES, Rules
from index.build.withheld import Removals, Withheld, is_kept_id, is_same_file
from index.errors import BuildRunsError
from index.readers import Found, Unreadable
from index.readers.base import encodable
from index.store import Known, Place, page_key

# Browsers resolve these as folders in an address: no link to such an article would work.
_FOLDERS = (".", "..")
# What is stored of an article.
_FIELDS = tuple(field.name for field in fields(Article))
_UNSHOWN = "\N{REPLACEMENT CHARACTER}"
NONE_REMOVED = Removals()


class Change(Enum):
    """What a build does with an article that it read."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REPEATED = "repeated"
    WITHHELD = "withheld"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Entered:
    """An article under its stable id, as the owner edited it and by the rules.

    `replaces` is an older id of the same source. `record` is `record_digest` of the article, so
    that a change of rules is a change of it. `removal` says as what the owner removed it, if it is
    withheld; `shares_id` that an article before it in its file has the id.
    """

    article: Article
    place: Place
    record: str
    change: Change
    replaces: str | None = None
    removal: Withheld | None = None
    shares_id: bool = False


class Ledger:
    """Remembers where every article came from.

    A source keeps its id even when its text changes. Two sources with the same natural id are two
    articles: the later one gets a suffix, so that none is lost. Rules are about stable ids, which
    owners see. Neither they nor edits change one.
    """

    def __init__(
        self,
        known: Iterable[Known],
        removals: Removals = NONE_REMOVED,
        rules: Rules = NO_RULES,
        edits: Edits = NO_EDITS,
    ) -> None:
        self._removals = removals
        self._rules = rules
        self._edits = edits
        self._edited: list[tuple[Edit, Edit]] = []
        self._by_origin = {article.place.origin: article for article in known}
        self._by_id = {article.id: article for article in self._by_origin.values()}
        self._seen: dict[str, str] = {}
        self._ids: set[str] = set()
        self._files: set[str] = set()
        self._faulty: set[str] = set()

    def enter(self, found: Found) -> Entered:
        """Give the article its id, apply edits and rules, and find what has changed."""
        origin, file = _absolute(found.origin), _absolute(found.file)
        self._files.add(file)
        record = record_digest(found.article)
        shares_id = self._seen.get(origin, record) != record
        if shares_id:
            # Lines of one file can share an id and differ in text or metadata.
            origin = f"{origin}~{record[:8]}"
        if origin in self._seen:
            return Entered(found.article, Place(origin, file), record, Change.REPEATED)
        place, before = Place(origin, file), self._by_origin.get(origin)
        removal = self._removals.find(found.article, place)
        if removal is not None:
            self._seen[origin] = record
            return Entered(found.article, place, record, Change.WITHHELD, removal=removal)
        article_id = self._id(found.article, place, before)
        self._seen[origin] = record
        self._ids.add(article_id)
        named = replace(found.article, id=article_id)
        edit = self._edits.find(found.article, place)
        if edit is not None:
            self._edited.append((edit, edit.read_again(named, place)))
        article = self._applied(named, edit)
        if article is not named:
            record = record_digest(article)
        return Entered(
            article=article,
            place=place,
            record=record,
            change=_change(self._by_id.get(article_id), origin, record, article),
            replaces=before.id if before and before.id != article_id else None,
            shares_id=shares_id,
        )

    def _applied(self, article: Article, edit: Edit | None) -> Article:
        """The article as the owner has it."""
        return self._rules.applied(edit.applied(article) if edit else article)

    def fault(self, fault: Unreadable) -> None:
        """Remember that something of this source could not be read."""
        self._faulty.add(_absolute(fault.file))

    def gone(self) -> list[str]:
        """Ids of articles whose source is gone: its file, or its line in a file just read.

        What could not be read is not gone, nor is anything in a file with a fault.
        """
        unseen = [known for origin, known in self._by_origin.items() if origin not in self._seen]
        return [
            known.id
            for known in unseen
            if known.id not in self._ids and self._is_gone(known.place.file)
        ]

    def edited(self) -> list[tuple[Edit, Edit]]:
        """The edits of articles that were read, each as it was and as it was read again.

        An edit follows its article to another place, but not to a copy.
        """
        return [
            (edit, again)
            for edit, again in self._edited
            if again.of.origin == edit.of.origin or self._has_moved(edit.of, again.of)
        ]

    def withheld(self) -> list[str]:
        """Ids of articles that the owner removed or hid and that are still published."""
        published = self._by_origin.values()
        return [
            known.id
            for known in published
            if self._removals.find(known, known.place) or self._is_hidden(known)
        ]

    def unused(self, ids: Iterable[str]) -> set[str]:
        """Those of the ids under which no article was entered."""
        return set(ids) - self._ids

    def _is_hidden(self, known: Known) -> bool:
        edit = self._edits.find(known, known.place)
        return edit is not None and edit.hides

    def _has_moved(self, before: Withheld, now: Withheld) -> bool:
        if before.origin in self._seen:
            return False
        old, new = before.file or "", now.file or ""
        return is_same_file(old, new) or self._is_gone(old)

    def _is_gone(self, file: str) -> bool:
        if file in self._faulty:
            return False
        return file in self._files or not _exists(file)

    def _id(self, article: Article, place: Place, before: Known | None) -> str:
        if before and is_kept_id(before.id, article.id):
            return before.id
        names = _names(article)
        return next(name for name in names if self._is_free(name, article, place))

    def _is_free(self, name: str, article: Article, place: Place) -> bool:
        if name in self._ids or name in _FOLDERS:
            return False
        holder = self._by_id.get(name)
        if holder is None or holder.place.origin == place.origin:
            return True
        if _is_linked(holder.place, place) or self._removals.find(holder, holder.place):
            return True
        # The same article with its file gone has moved; any other would replace the holder.
        if _exists(holder.place.file):
            return False
        edit = self._edits.find(article, place)
        record = record_digest(self._applied(replace(article, id=name), edit))
        return holder.record == record or _has_address(holder, article)


def _is_linked(one: Place, other: Place) -> bool:
    """Whether two origins are one, by two paths; or were, before the data folder moved."""
    lines = [place.origin.removeprefix(place.file) for place in (one, other)]
    is_one = is_same_file(one.file, other.file) or _is_moved_upload(one.file, other.file)
    return lines[0] == lines[1] and is_one


def _is_moved_upload(one: str, other: str) -> bool:
    return is_upload(one) and is_upload(other) and Path(one).name == Path(other).name


def _has_address(holder: Known, article: Article) -> bool:
    address = page_key(article.url)
    return address is not None and address == page_key(holder.url)


def _exists(file: str) -> bool:
    """Whether the file exists; one that cannot be accessed may exist."""
    try:
        return any(True for _ in _shown_as(Path(file)))
    except OSError:
        return True


def _shown_as(path: Path) -> Iterator[Path]:
    """The paths that are shown as this one: what is not UTF-8 in a name is shown as U+FFFD."""
    if _UNSHOWN not in path.name:
        folders = _shown_as(path.parent) if _UNSHOWN in str(path.parent) else [path.parent]
        yield from (each for folder in folders if (each := folder / path.name).exists())
        return
    for folder in _shown_as(path.parent):
        if folder.is_dir():
            yield from (each for each in folder.iterdir() if encodable(each.name) == path.name)


def _names(article: Article) -> Iterator[str]:
    """The natural id, then the same with suffixes, for articles that share it."""
    suffixed = f"{article.id}~{article.digest[7:15]}"
    yield article.id
    yield suffixed
    yield from (f"{suffixed}-{number}" for number in count(2))


def record_digest(article: Article) -> str:
    """A digest of all that is stored of the article, except its id and origin."""
    stored = {name: getattr(article, name) for name in _FIELDS} | {"id": None, "text": None}
    return hashlib.sha256(json.dumps(stored, default=asdict).encode()).hexdigest()


def _change(held: Known | None, origin: str, record: str, article: Article) -> Change:
    if article.visibility == "hidden":
        return Change.HIDDEN
    if held is None:
        return Change.ADDED
    unchanged = held.record == record and held.place.origin == origin
    return Change.UNCHANGED if unchanged else Change.CHANGED


def _absolute(path: str) -> str:
    """Not resolved: a link that now points elsewhere is still the same source."""
    return os.path.normpath(Path(path).absolute())


Done = TypeVar("Done")
# Seconds that another build is waited for, and between two tries.
_PATIENCE, _SOON = 10.0, 0.3


def in_turn(run: Callable[[], Done]) -> Done:
    """Run it; while another build is running, try again for ten seconds.

    What a program pushes is built within about one. Raises BuildRunsError if that is not enough.
    """
    until = monotonic() + _PATIENCE
    while True:
        try:
            return run()
        except BuildRunsError:
            if monotonic() > until:
                raise
            sleep(_SOON)
