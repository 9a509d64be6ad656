"""Sources into a published index: read, split, embed, write; only changes are embedded.

One thread reads and splits into a draft on disk; another embeds its passages as they come. So
neither waits for the other, and memory stays small however large the sources are. A build
publishes by replacing one file: killed at any moment, it leaves the old index as it was, and the
next build continues with what was embedded.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Literal, Protocol

from index.article import Article
from index.build.edits import Edits, kept_edits, note_read
from index.build.fetched import unfetched
from index.build.ledger import Change
from index.build.pipeline import Progress, Reader, Reading, VectorReuse, embed_behind
from index.build.removal import losses
from index.build.rules.kept import added_rules, rules_for
from index.build.rules.model import Pinned, Rules
from index.build.rules.reading import find_pinned
from index.build.versions import forget_versions, keep_versions, words_mark
from index.build.withheld import Removals, read_withheld, remember_removed
from index.embed import Encoder
from index.errors import LossError, NothingReadError
from index.readers import NO_KEYS, READERS, Finding, Remark, Unreadable, read_sources, told_once
from index.readers.walk import RULES_FILE, refuse_missing
from index.store import Known, StoreInfo, StoreWriter, open_store, open_writer

# Where the owner mends what was added there.
_RULES_PAGE = "/admin/rules"
# "force" removes however many are gone.
Prune = bool | Literal["force"]


class Reads(Protocol):
    """Reads the articles of sources, in order. `held` are those whose texts have vectors."""

    def __call__(
        self,
        paths: Sequence[Path],
        keys: Mapping[str, str],
        *,
        follow_links: bool,
        held: Iterable[Known],
    ) -> Iterator[Finding]:
        """What is found."""


def read_here(
    paths: Sequence[Path], keys: Mapping[str, str], *, follow_links: bool, held: Iterable[Known]
) -> Iterator[Finding]:
    """Reads them in this process, whatever is held."""
    return read_sources(paths, keys, follow_links=follow_links)


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did. Counts are articles; `embedded` counts passages."""

    added: int
    changed: int
    unchanged: int
    removed: int
    hidden: int
    embedded: int
    faults: tuple[Unreadable, ...]
    remarks: tuple[Remark, ...]
    info: StoreInfo

    @property
    def read(self) -> int:
        """Articles read."""
        return self.added + self.changed + self.unchanged


def build(
    sources: Sequence[Path],
    data: Path,
    encoder: Encoder,
    progress: Progress,
    *,
    prune: Prune = False,
    keys: Mapping[str, str] = NO_KEYS,
    follow_links: bool = False,
    reads: Reads = read_here,
) -> BuildReport:
    """Bring the index in `data` up to date with `sources`, by the rules of the house.

    `keys` are the names that JSON and tables in them have for ours (`index.readers.read_keys`);
    `reads` is how they are read.
    With `prune`, articles whose source is gone are removed; without, they stay. Links that lead out
    of a source are read only with `follow_links`. Raises NothingReadError; BuildRunsError if
    another build is running; LossError if a source has lost more than half of its articles to a
    `prune` that is not "force"; IndexRefusedError if the published index was made by another model;
    SourceMissingError if a path does not exist; SettingError if the rules cannot be read.
    """
    refuse_missing(sources)
    added = added_rules(data)
    rules = rules_for(sources, data, added)
    with open_writer(data, encoder) as writer:
        removals = Removals(read_withheld(data))
        edits = Edits(kept_edits(data))
        reader = Reader(list(writer.known()), writer.draft, progress, removals, rules, edits)
        read = reads(sources, keys, follow_links=follow_links, held=reader.held)
        findings = chain(read, unfetched(sources, data))
        embedded = _fill(reader, writer, findings, encoder, progress, prune=bool(prune))
        reading = reader.reading
        if reading.read == 0:
            writer.leave()
            raise NothingReadError(_nothing_read(sources, reading.faults))
        lost = losses(sources, writer.known(), reading.gone) if prune is True else None
        if lost is not None:
            writer.leave()
            raise LossError(lost)
        if writer.published is not None and reading.nothing_new:
            writer.leave()
            report = _report(reading, 0, writer.published)
        else:
            progress("writing", 0, 1)
            # Before they leave the index: killed in between, this keeps what is kept there as well.
            keep_versions(data, _former(reading, writer))
            if reading.withdrawn:
                remember_removed(data, reading.withdrawn)
            info = writer.publish(reading.kept, reading.removed)
            progress("writing", 1, 1)
            report = _report(reading, embedded, info)
        # What is hidden is forgotten at each build, so also after one that was killed before this.
        forget_versions(data, reading.forgotten)
        note_read(data, reading.edits)
    return replace(report, remarks=(*report.remarks, *_unpinned(rules, added.pinned, data)))


def _former(reading: Reading, writer: StoreWriter) -> Iterator[Article]:
    """The published articles whose words will change."""
    for number, mark in reading.former.items():
        article = writer.article_numbered(number)
        if article is not None and words_mark(article.text) != mark:
            yield article


def _unpinned(rules: Rules, added: Sequence[Pinned], data: Path) -> Iterator[Remark]:
    """The questions that are pinned to no sentence of the published index, by where they are."""
    if rules.pinned:
        with closing(open_store(data)) as store:
            found = list(find_pinned(rules.pinned, store))
        for pinned, each in zip(rules.pinned, found, strict=True):
            if isinstance(each, str):
                yield Remark(_RULES_PAGE if pinned in added else RULES_FILE, each)


def _fill(
    reader: Reader,
    writer: StoreWriter,
    findings: Iterable[Finding],
    encoder: Encoder,
    progress: Progress,
    *,
    prune: bool,
) -> int:
    """Read into the draft and embed it; returns how many passages were embedded."""
    draft = writer.draft
    thread = threading.Thread(target=reader.run, args=(findings,), kwargs={"prune": prune})
    thread.start()
    reuse = VectorReuse(writer.reusable_rows)
    try:
        embedded = embed_behind(reader.done, draft, reuse, encoder, progress)
    except BaseException:
        reader.stop()
        thread.join()
        raise
    thread.join()
    if reader.failure is not None:
        raise reader.failure
    return embedded


def _nothing_read(sources: Sequence[Path], faults: Sequence[Unreadable]) -> str:
    named = ", ".join(repr(str(source)) for source in sources)
    if not faults:
        formats = ", ".join(READERS)
        return (
            f"nothing to read in {named}: name a folder or file with articles in any of {formats}"
        )
    reasons = "; ".join(told_once(faults[:3]))
    more = f" (and {len(faults) - 3} more)" if len(faults) > 3 else ""
    return f"nothing could be read in {named}: {reasons}{more}"


def _report(reading: Reading, embedded: int, info: StoreInfo) -> BuildReport:
    return BuildReport(
        added=reading.changes[Change.ADDED],
        changed=reading.changes[Change.CHANGED],
        unchanged=reading.changes[Change.UNCHANGED] + reading.changes[Change.REPEATED],
        removed=len(reading.gone),
        hidden=reading.changes[Change.HIDDEN],
        embedded=embedded,
        faults=tuple(reading.faults),
        remarks=tuple(reading.remarks),
        info=info,
    )
