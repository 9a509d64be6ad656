"""What an owner sees of an index: a running build, what the last one did, the articles."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from time import monotonic

from tqdm import tqdm

from index.article import DateOrigin
from index.build import BuildReport
from index.build.owned import changing, owned, write_sealed
from index.build.pipeline import Progress
from index.errors import printable
from index.readers import told_once
from index.store import Listed, Store
from index.store.durable import unsealed

_NAME = "last-build.json"
# In a folder full of other files the first few hundred say enough.
_MOST_NAMED = 500
_REPORT_EVERY = 0.1


@dataclass(frozen=True, slots=True)
class Named:
    """A file or line, and what is odd about it."""

    origin: str
    message: str


@dataclass(frozen=True, slots=True)
class LastBuild:
    """Counts of articles, and of passages `embedded`; `faults` were skipped, `remarks` were not."""

    built_at: str
    added: int
    changed: int
    unchanged: int
    removed: int
    hidden: int
    embedded: int
    skipped: int
    faults: tuple[Named, ...]
    remarks: tuple[Named, ...]
    # When the sources had been read, whether or not they held anything new; ISO 8601.
    read_at: str | None = None


def keep_report(data: Path, report: BuildReport) -> LastBuild:
    """Save what a build did, in place of the report before it."""
    kept = LastBuild(
        built_at=report.info.built_at,
        added=report.added,
        changed=report.changed,
        unchanged=report.unchanged,
        removed=report.removed,
        hidden=report.hidden,
        embedded=report.embedded,
        skipped=len(report.faults),
        faults=tuple(Named(each.origin, each.reason) for each in report.faults[:_MOST_NAMED]),
        remarks=tuple(Named(each.origin, each.message) for each in report.remarks[:_MOST_NAMED]),
        read_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    with changing(data) as folder:
        write_sealed(folder / _NAME, asdict(kept))
    return kept


def read_report(data: Path) -> LastBuild | None:
    """What the last build did, or None if that is not known."""
    try:
        kept = unsealed((owned(data) / _NAME).read_bytes())
        lists = {
            name: tuple(Named(**each) for each in kept[name]) for name in ("faults", "remarks")
        }
        return LastBuild(**{**kept, **lists})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def progress_lines(write: Callable[[str], None]) -> Progress:
    """Writes each step as a line of JSON: `{"stage", "done", "total"}`."""
    written: dict[str, float] = {}

    def progress(stage: str, done: int, total: int | None) -> None:
        now = monotonic()
        if done == total or now - written.get(stage, 0.0) >= _REPORT_EVERY:
            written[stage] = now
            write(json.dumps({"stage": stage, "done": done, "total": total}))

    return progress


@dataclass(frozen=True, slots=True)
class Row:
    """An article, and how many passages it has."""

    article: Listed
    passages: int


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of the matching articles, and whether there is another."""

    rows: tuple[Row, ...]
    has_more: bool


def list_articles(
    store: Store, wanted: str, first: int, count: int, *, undated: bool = False
) -> Listing:
    """Articles with these words in title, id, source or file, last indexed first.

    Those that are `undated` have no date of publication that can be trusted.
    """
    found = list(islice(_found(store, wanted, undated), first, first + count + 1))
    return Listing(tuple(found[:count]), len(found) > count)


def undated(store: Store) -> Iterator[Listed]:
    """Articles without a date of publication that can be trusted, last indexed first."""
    return (each for each in store.listed() if each.published is None)


@dataclass(frozen=True, slots=True)
class Dating:
    """How many articles are `undated`; of how many what told the date, the most first."""

    undated: int
    told_by: Mapping[DateOrigin, int]


def dating(store: Store) -> Dating:
    """What told the dates of publication."""
    undated, told_by = 0, Counter[DateOrigin]()
    for each in store.listed():
        undated += each.published is None
        if each.published_from:
            told_by[each.published_from] += 1
    return Dating(undated, dict(told_by.most_common()))


def _found(store: Store, wanted: str, undated: bool) -> Iterator[Row]:
    words = wanted.casefold().split()
    for listed in store.listed():
        if _has(listed, words) and not (undated and listed.published):
            yield Row(listed, store.passage_count(listed.number))


def _has(listed: Listed, words: list[str]) -> bool:
    if not words:
        return True
    text = " ".join(filter(None, (listed.title, listed.id, listed.source, listed.file))).casefold()
    return all(word in text for word in words)


# What is counted in each stage, in the order in which they begin.
_UNITS = {
    "reading": " articles",
    "embedding": " passages",
    "writing": " index",
    "comparing": " articles",
}


def summary(report: BuildReport) -> str:
    """What a build did, for people: every warning and fault, then the counts."""
    lines = [f"warning: {remark.origin}: {remark.message}" for remark in report.remarks]
    lines += [f"skipped: {fault}" for fault in told_once(report.faults)]
    counts = report.info.counts
    lines.append(
        f"read {report.read} articles ({report.added} new, {report.changed} changed, "
        f"{report.unchanged} unchanged), skipped {len(report.faults)}, "
        f"removed {report.removed}, embedded {report.embedded} passages"
        + (f", hid {report.hidden}" if report.hidden else "")
    )
    lines.append(f"the index holds {counts.articles} articles in {counts.passages} passages")
    return "\n".join(printable(line) for line in lines)


class ProgressBar:
    """One progress bar at a time, on standard error: that of the last stage that has begun.

    What an earlier one does meanwhile stands behind it. To be closed.
    """

    def __init__(self) -> None:
        self._bar: tqdm[object] | None = None
        self._stage = ""
        self._lock = threading.Lock()

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        if not done and not total:
            # Nothing can be shown of it yet.
            return
        with self._lock:
            if self._bar is not None and _place(stage) < _place(self._stage):
                self._bar.set_postfix_str(f"{stage}: {done}{_UNITS[stage]}", refresh=False)
                return
            bar = self._bar_of(stage)
            # The total is known once reading ends, and with it the time left.
            bar.total, bar.bar_format = total, _format(done, total)
            bar.update(done - bar.n)

    def _bar_of(self, stage: str) -> "tqdm[object]":
        if self._bar is None or stage != self._stage:
            self.close()
            self._stage = stage
            self._bar = tqdm(
                desc=stage, unit=_UNITS[stage], bar_format=_format(0, None), dynamic_ncols=True
            )
        return self._bar

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


def _place(stage: str) -> int:
    return list(_UNITS).index(stage)


def _format(done: int, total: int | None) -> str:
    """What tqdm shows: no share without a total, and no time left before something is done."""
    if total is None:
        return "{desc}: {n_fmt}{unit} [{elapsed}]{postfix}"
    time = "[{elapsed}<{remaining}]" if done else "[{elapsed}]"
    return "{desc}: {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt}{unit} " + time + "{postfix}"
