"""The two halves of a build: one reads and splits sources into a draft, the other embeds it.

The first runs in its own thread. Existing vectors of the same text are reused.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Protocol

from index.article import Article
from index.build.edits import NO_EDITS, Edit, Edits
from index.build.ledger import NONE_REMOVED, Change, Entered, Ledger
from index.build.rules.model import NO_RULES, Rules
from index.build.versions import words_mark
from index.build.withheld import Removals, Withheld
from index.embed import Encoder, PassageText
from index.readers import Finding, Found, Remark, Unreadable
from index.split import split
from index.store import Known, Pending, StoreDraft
from index.vectors import Rows, to_rows

# Articles per commit: what the build after a killed one reads again.
_COMMITTED_AT_ONCE = 256


class Progress(Protocol):
    """Called with how far a stage is; `total` is None while unknown."""

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Show the progress."""


def no_progress(stage: str, done: int, total: int | None) -> None:
    """Nobody looks on."""


@dataclass(slots=True)
class Reading:
    """What was read from the sources so far.

    `kept` are the numbers of new and changed articles in the draft; `removed` those of published
    articles that are replaced or gone, and of articles in the draft that are not needed. `gone`
    are the ids of articles to prune; `former` has, for the number of each published article whose
    text changed, `words_mark` of the new text. `forgotten` are the ids whose former versions nobody
    may read any more: of articles that are hidden, gone or removed, or have another id now;
    `withdrawn` those of published articles that nobody finds from now on. `edits` are those of
    articles that were read, each as it was and as it was read again.
    """

    changes: Counter[Change] = field(default_factory=Counter)
    kept: set[int] = field(default_factory=set)
    removed: set[int] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    former: dict[int, int] = field(default_factory=dict)
    forgotten: set[str] = field(default_factory=set)
    withdrawn: set[str] = field(default_factory=set)
    edits: list[tuple[Edit, Edit]] = field(default_factory=list)
    faults: list[Unreadable] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    @property
    def read(self) -> int:
        """Articles read."""
        return self.changes.total()

    @property
    def nothing_new(self) -> bool:
        """Whether the published generation can stay."""
        return not self.kept and not self.removed


class Reader:
    """Enters findings into a draft. `known` are the published articles that are not removed.

    `held` are these and those that a stopped build left in the draft.
    """

    def __init__(
        self,
        known: Sequence[Known],
        draft: StoreDraft,
        progress: Progress,
        removals: Removals = NONE_REMOVED,
        rules: Rules = NO_RULES,
        edits: Edits = NO_EDITS,
    ) -> None:
        drafted = draft.known()
        self.held = (*known, *drafted)
        self.reading = Reading()
        self.done = threading.Event()
        self.failure: BaseException | None = None
        self._stopped = threading.Event()
        self._ledger = Ledger(known, removals, rules, edits)
        self._published = {each.id: each for each in known}
        self._replaced: set[str] = set()
        self._drafted = {each.number for each in drafted}
        self._draft, self._in_draft = draft, {each.id: each for each in drafted}
        self._progress = progress
        self._began = datetime.now(UTC).isoformat(timespec="seconds")

    def stop(self) -> None:
        """Stop before the next article."""
        self._stopped.set()

    def run(self, findings: Iterable[Finding], *, prune: bool) -> None:
        """Read to the end or until stopped; an exception is kept in `failure`."""
        try:
            for item in findings:
                if self._stopped.is_set():
                    return
                self._take(item)
            self._finish(prune=prune)
        except BaseException as failure:  # raised again by the waiting thread; Rust panics too
            self.failure = failure
        finally:
            self.done.set()

    def _take(self, item: Finding) -> None:
        match item:
            case Found():
                self._enter(self._ledger.enter(item))
                self._progress("reading", self.reading.read, None)
            case Unreadable():
                self._ledger.fault(item)
                self.reading.faults.append(item)
            case Remark():
                self.reading.remarks.append(item)

    def _enter(self, entered: Entered) -> None:
        reading = self.reading
        reading.changes[entered.change] += 1
        if entered.change is Change.REPEATED:
            message = "is an exact copy of an article with the same id"
            reading.remarks.append(Remark(entered.place.origin, message))
            return
        if entered.removal is not None:
            self._tell_withheld(entered.place.origin, entered.removal)
            return
        if entered.shares_id:
            message = (
                f"has the id of a line before it: kept as {entered.article.id!r}; give it its own"
            )
            reading.remarks.append(Remark(entered.place.origin, message))
        if entered.replaces:
            self._replaced.add(entered.replaces)
        if entered.change is Change.UNCHANGED:
            return
        if (before := self._published.get(entered.article.id)) is not None:
            reading.removed.add(before.number)
        if entered.change is Change.HIDDEN:
            reading.forgotten.add(entered.article.id)
            reading.withdrawn |= {before.id} if before else set()
            return
        if before is not None and before.digest != entered.article.digest:
            reading.former[before.number] = words_mark(entered.article.text)
        reading.kept.add(self._number(entered))
        if len(reading.kept) % _COMMITTED_AT_ONCE == 0:
            self._draft.commit()

    def _tell_withheld(self, origin: str, removal: Withheld) -> None:
        """Known to the owner by its path, unless it was found by another."""
        if origin != removal.origin:
            message = f"stays out, as it was removed as {removal.id!r}: restore that to read it"
            self.reading.remarks.append(Remark(origin, message))

    def _number(self, entered: Entered) -> int:
        """The article's number in the draft, put there now or by a build that was stopped."""
        article, held = entered.article, self._in_draft.get(entered.article.id)
        if held and held.record == entered.record and held.place == entered.place:
            return held.number
        indexed = replace(article, indexed=self._began)
        return self._draft.put(indexed, entered.place, entered.record, split(article))

    def _finish(self, *, prune: bool) -> None:
        reading = self.reading
        reading.gone.update(self._ledger.gone() if prune else ())
        reading.edits.extend(self._ledger.edited())
        taken = {*reading.gone, *self._ledger.withheld()}
        reading.withdrawn |= self._ledger.unused(taken)
        left = {*self._replaced, *taken}
        reading.removed.update(self._published[each].number for each in left)
        reading.forgotten |= self._ledger.unused(left)
        if not reading.nothing_new:
            reading.removed |= self._drafted - reading.kept
        self._draft.commit()


class VectorReuse:
    """Existing vectors of the same text; `find` gives those near an article."""

    def __init__(self, find: Callable[[Article], Mapping[PassageText, Rows]]) -> None:
        self._find = find
        self._article: Article | None = None
        self._rows: Mapping[PassageText, Rows] = {}

    def rows(self, pending: Pending) -> Rows | None:
        """The rows of a passage, or None if there are none to reuse.

        Ask for passages article by article.
        """
        if pending.article is not self._article:
            self._article, self._rows = pending.article, self._find(pending.article)
        if not self._rows:
            return None
        text = pending.text
        rows = self._rows.get(text)
        return rows if rows is not None and len(rows) == 1 + len(text.sentences) else None


# Passages embedded and committed at once: what a killed build loses, some seconds of work.
_CHUNK = 512
# How long to wait for passages while reading is behind, in seconds.
_WAIT_SECONDS = 0.02


def embed_behind(
    read: threading.Event,
    draft: StoreDraft,
    before: VectorReuse,
    encoder: Encoder,
    progress: Progress,
) -> int:
    """Embed until all is `read` and embedded; returns how many passages the encoder was given."""
    pending, done, embedded = draft.pending(), 0, 0
    progress("embedding", 0, None)
    while True:
        is_all = read.is_set()
        # Where one ends, more may have been read since; that nothing is left, the next tells.
        chunk = _next_chunk(pending) or (_next_chunk(pending) if is_all else [])
        if not chunk and is_all:
            progress("embedding", draft.passages, draft.passages)
            return embedded
        if chunk:
            embedded += _embed(chunk, draft, before, encoder)
            done += len(chunk)
            progress("embedding", done, draft.passages if is_all else None)
        else:
            read.wait(_WAIT_SECONDS)


def _next_chunk(pending: Iterator[Pending | None]) -> list[Pending]:
    return list(islice(iter(pending.__next__, None), _CHUNK))


def _embed(
    chunk: Sequence[Pending], draft: StoreDraft, before: VectorReuse, encoder: Encoder
) -> int:
    made: list[Rows | None] = [before.rows(each) for each in chunk]
    texts = [each.text for each, rows in zip(chunk, made, strict=True) if rows is None]
    encoded = iter(encoder.encode_passages(texts) if texts else ())
    draft.embed([to_rows(next(encoded)) if rows is None else rows for rows in made])
    return len(texts)
