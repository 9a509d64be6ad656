"""Sources into a published index: read, split, embed, write; only what changed is embedded.

One thread reads and splits into a draft on the disk; behind it, passages get their vectors. So
neither waits for the other, and however large the sources are, what is in memory is small. A
build publishes by replacing one file: killed at any moment it leaves the index before it as it
was, and the next build goes on with what it had embedded.
"""

import fcntl
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.build.draft import Draft, open_draft
from index.build.ledger import Change, read_withheld
from index.build.pipeline import MadeBefore, Progress, Reader, Reading, embed_behind
from index.build.publish import Revision, clear, merge_segments
from index.build.publish import publish as publish_revision
from index.embed import Encoder
from index.errors import BuildError, BuildRunsError, IndexMissingError
from index.lexical import LexicalIndex
from index.readers import Finding, Remark, Unreadable, read_sources
from index.store.catalogue import Known
from index.store.manifest import (
    Manifest,
    check_files,
    read_manifest,
    read_removed,
    refuse_other_model,
    segment_name,
)
from index.store.segment import Segment, opened
from index.store.vocabulary import Before


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


@dataclass(frozen=True, slots=True)
class _Base:
    """The published index that a build starts from, if there is one."""

    data: Path
    manifest: Manifest | None
    segments: Sequence[Segment]

    @property
    def next_number(self) -> int:
        return self.manifest.next_number if self.manifest else 1

    @property
    def next_segment(self) -> int:
        return self.manifest.next_segment if self.manifest else 1

    def known(self) -> Iterator[Known]:
        """Its articles that count."""
        gone = set(read_removed(self.data, self.manifest).tolist()) if self.manifest else set()
        for segment in self.segments:
            yield from (known for known in segment.catalogue.known() if known.number not in gone)

    def before(self) -> Before:
        """What it knows of words."""
        if self.manifest is None:
            return Before()
        lexical = LexicalIndex(self.data / self.manifest.lexical, apart=True)
        vocabularies = [segment.vocabulary for segment in self.segments]
        return Before(vocabularies, lambda term: lexical.document_frequency(term) > 0)

    def draft(self, encoder: Encoder) -> Draft:
        """The segment of this build, gone on with where an earlier one was stopped."""
        name, model = segment_name(self.next_segment), encoder.model
        clear(self.data, self.manifest, keep=name)
        return open_draft(self.data / name, model.digest, model.dimension, self.next_number)


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
    with only_builder(data), _opened(data, encoder) as base:
        draft = base.draft(encoder)
        reading, embedded = _fill(base, draft, findings, encoder, progress, prune=prune)
        if reading.read == 0:
            draft.leave()
            raise BuildError(_nothing_read(sources, reading.faults))
        if base.manifest is not None and reading.nothing_new:
            draft.leave()
            return _report(reading, 0, base.manifest)
        progress("writing", 0, 1)
        manifest = _publish(base, draft, reading, encoder)
        # Searchable from here on; what follows keeps searching fast.
        manifest = merge_segments(data, manifest, encoder.encode_queries)
        progress("writing", 1, 1)
        return _report(reading, embedded, manifest)


@contextmanager
def only_builder(data: Path) -> Iterator[None]:
    """Hold the folder itself: a lock file would be one more thing to leave behind."""
    descriptor = os.open(data, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise BuildRunsError(
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
    refuse_other_model(data, published.model, encoder.model)
    check_files(data, published)
    return published


@contextmanager
def _opened(data: Path, encoder: Encoder) -> Iterator[_Base]:
    published = _published(data, encoder)
    infos = published.segments if published else ()
    with opened(data, infos, encoder.model.dimension) as segments:
        yield _Base(data, published, segments)


def _fill(
    base: _Base,
    draft: Draft,
    findings: Iterable[Finding],
    encoder: Encoder,
    progress: Progress,
    *,
    prune: bool,
) -> tuple[Reading, int]:
    """Read into the draft and embed behind; counts the passages that were embedded."""
    held = frozenset(each.origin for each in read_withheld(base.data))
    reader = Reader(base.known(), draft, progress, held)
    thread = threading.Thread(target=reader.run, args=(findings,), kwargs={"prune": prune})
    thread.start()
    try:
        embedded = embed_behind(reader, draft, MadeBefore(base.segments), encoder, progress)
    except BaseException:
        reader.stop()
        thread.join()
        draft.close()
        raise
    thread.join()
    if reader.failure is not None:
        draft.close()
        raise reader.failure
    return reader.reading, embedded


def _publish(base: _Base, draft: Draft, reading: Reading, encoder: Encoder) -> Manifest:
    before = base.manifest.segments if base.manifest else ()
    next_number, next_segment = draft.next_number, base.next_segment
    added = None
    if reading.kept:
        added, next_segment = draft.seal(encoder.encode_queries, base.before()), next_segment + 1
    else:
        draft.discard()
    revision = Revision(
        segments=(*before, *([added] if added else [])),
        added=added,
        removed=np.array(sorted(reading.removed), dtype=np.int64),
        next_number=next_number,
        next_segment=next_segment,
    )
    return publish_revision(base.data, base.manifest, revision, encoder.model)


def _nothing_read(sources: Sequence[Path], faults: Sequence[Unreadable]) -> str:
    named = ", ".join(repr(str(source)) for source in sources)
    if not faults:
        return f"nothing to read in {named}: name a folder or file with articles"
    reasons = "; ".join(f"{fault.origin}: {fault.reason}" for fault in faults[:3])
    more = f" (and {len(faults) - 3} more)" if len(faults) > 3 else ""
    return f"nothing could be read in {named}: {reasons}{more}"


def _report(reading: Reading, embedded: int, manifest: Manifest) -> BuildReport:
    return BuildReport(
        added=reading.changes[Change.ADDED],
        changed=reading.changes[Change.CHANGED],
        unchanged=reading.changes[Change.UNCHANGED] + reading.changes[Change.REPEATED],
        removed=reading.pruned,
        embedded=embedded,
        faults=tuple(reading.faults),
        remarks=tuple(reading.remarks),
        manifest=manifest,
    )
