"""Sources into a published index: read, split, embed, write; only what changed is embedded.

A build works in a draft beside the published generation and publishes by replacing one file:
killed at any moment it leaves the index before it as it was, and what it had embedded is taken
up by the next.
"""

import fcntl
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from index.catalogue import Catalogue
from index.draft import adopt_vectors, discard, open_draft, publish
from index.embed import Encoder, passage_text
from index.errors import BuildError, IndexMissingError
from index.ledger import Change, Entered, Ledger
from index.manifest import Manifest, read_manifest, refuse_other_model
from index.readers import Finding, Found, Remark, Unreadable, read_sources
from index.split import split
from index.store import check_files

# Passages between two commits: what a killed build loses, some seconds of work.
_CHUNK = 256


class Progress(Protocol):
    """Told how far a stage is; `total` is None while it is not known."""

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Show it."""


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did. Counts are of articles, `embedded` of passages."""

    added: int
    changed: int
    unchanged: int
    removed: int
    embedded: int
    faults: tuple[Unreadable, ...]
    remarks: tuple[Remark, ...]
    manifest: Manifest

    @property
    def read(self) -> int:
        """Articles read."""
        return self.added + self.changed + self.unchanged


@dataclass(slots=True)
class _Reading:
    """What came out of the sources, as it comes."""

    changes: Counter[Change]
    removed: int
    faults: list[Unreadable]
    remarks: list[Remark]

    @property
    def nothing_new(self) -> bool:
        return not (self.removed or self.changes[Change.ADDED] or self.changes[Change.CHANGED])

    @property
    def read(self) -> int:
        return self.changes.total()


def build(
    sources: Sequence[Path],
    data: Path,
    encoder: Encoder,
    progress: Progress,
    *,
    prune: bool = False,
) -> BuildReport:
    """Bring the index in `data` up to date with `sources`.

    With `prune`, articles whose source is gone are removed; without, they stay. Raises
    BuildError where nothing could be read or another build runs, IndexRefusedError where the
    published index was made by another model, SourceMissingError for a path that is not there.
    """
    findings = read_sources(sources)
    data.mkdir(parents=True, exist_ok=True)
    with _only_builder(data):
        published = _published(data, encoder)
        with closing(open_draft(data, published, encoder.model)) as draft:
            reading = _read(findings, draft, progress, prune=prune)
            if reading.read == 0:
                discard(data, draft)
                raise BuildError(_nothing_read(sources, reading.faults))
            if published is not None and reading.nothing_new:
                discard(data, draft)
                return _report(reading, 0, published)
            adopt_vectors(data, draft, published, encoder.model)
            embedded = _embed(draft, encoder, progress)
            progress("writing", 0, 1)
            generation = published.generation + 1 if published else 1
            manifest = publish(data, draft, generation, encoder.model)
            progress("writing", 1, 1)
            return _report(reading, embedded, manifest)


@contextmanager
def _only_builder(data: Path) -> Iterator[None]:
    """Hold the folder itself: a lock file would be one more thing to leave behind."""
    descriptor = os.open(data, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise BuildError(
            f"another build is writing to {str(data)!r}: wait until it ends, or name another "
            "folder with --data"
        ) from None
    finally:
        os.close(descriptor)


def _published(data: Path, encoder: Encoder) -> Manifest | None:
    try:
        published = read_manifest(data)
    except IndexMissingError:
        return None
    refuse_other_model(data, published, encoder.model)
    check_files(data, published)
    return published


def _read(
    findings: Iterable[Finding], draft: Catalogue, progress: Progress, *, prune: bool
) -> _Reading:
    ledger = Ledger(draft.known())
    reading = _Reading(Counter(), 0, [], [])
    for item in findings:
        match item:
            case Found():
                entered = ledger.enter(item)
                reading.changes[entered.change] += 1
                reading.remarks.extend(_enter(draft, entered))
                progress("reading", reading.read, None)
            case Unreadable():
                ledger.fault(item)
                reading.faults.append(item)
            case Remark():
                reading.remarks.append(item)
    for article_id in ledger.gone() if prune else []:
        draft.remove(article_id)
        reading.removed += 1
    draft.commit()
    return reading


def _enter(draft: Catalogue, entered: Entered) -> Iterator[Remark]:
    if entered.change is Change.REPEATED:
        yield Remark(entered.place.origin, "repeats an article of the same id to the letter")
        return
    if entered.replaces:
        draft.remove(entered.replaces)
    if entered.change is not Change.UNCHANGED:
        draft.put(entered.article, entered.place, entered.record, split(entered.article))


def _embed(draft: Catalogue, encoder: Encoder, progress: Progress) -> int:
    total, done = draft.not_embedded(), 0
    progress("embedding", 0, total)
    while chunk := draft.next_not_embedded(_CHUNK):
        texts = [passage_text(worded.title, worded.passage) for worded in chunk]
        for worded, vectors in zip(chunk, encoder.encode_passages(texts), strict=True):
            draft.set_vectors(worded.key, vectors)
        draft.commit()
        done += len(chunk)
        progress("embedding", done, total)
    return done


def _nothing_read(sources: Sequence[Path], faults: Sequence[Unreadable]) -> str:
    named = ", ".join(repr(str(source)) for source in sources)
    if not faults:
        return f"nothing to read in {named}: name a folder or file with articles"
    reasons = "; ".join(f"{fault.origin}: {fault.reason}" for fault in faults[:3])
    more = f" (and {len(faults) - 3} more)" if len(faults) > 3 else ""
    return f"nothing could be read in {named}: {reasons}{more}"


def _report(reading: _Reading, embedded: int, manifest: Manifest) -> BuildReport:
    return BuildReport(
        added=reading.changes[Change.ADDED],
        changed=reading.changes[Change.CHANGED],
        unchanged=reading.changes[Change.UNCHANGED] + reading.changes[Change.REPEATED],
        removed=reading.removed,
        embedded=embedded,
        faults=tuple(reading.faults),
        remarks=tuple(reading.remarks),
        manifest=manifest,
    )
