"""Sources into a published index: read, split, embed, write; only changes are embedded.

One thread reads and splits into a draft on disk; another embeds its passages as they come. So
neither waits for the other, and memory stays small however large the sources are. A build
publishes by replacing one file: killed at any moment, it leaves the old index as it was, and the
next build continues with what was embedded.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from index.build.ledger import Change
from index.build.pipeline import Progress, Reader, Reading, VectorReuse, embed_behind
from index.build.removal import losses
from index.build.withheld import Removals, read_withheld
from index.embed import Encoder
from index.errors import BuildError
from index.readers import NO_KEYS, Finding, Remark, Unreadable, read_sources
from index.store import StoreInfo, StoreWriter, open_writer

# "force" removes however many are gone.
Prune = bool | Literal["force"]


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
) -> BuildReport:
    """Bring the index in `data` up to date with `sources`.

    `keys` are the names that JSON and tables in them have for ours (`index.readers.read_keys`).
    With `prune`, articles whose source is gone are removed; without, they stay. Links that lead out
    of a source are read only with `follow_links`. Raises
    BuildError if nothing could be read, another build is running, or a source has lost more than
    half of its articles to a `prune` that is not "force"; IndexRefusedError if the published index
    was made by another model; SourceMissingError if a path does not exist.
    """
    findings = read_sources(sources, keys, follow_links=follow_links)
    with open_writer(data, encoder) as writer:
        reading, embedded = _fill(writer, data, findings, encoder, progress, prune=bool(prune))
        if reading.read == 0:
            writer.leave()
            raise BuildError(_nothing_read(sources, reading.faults))
        lost = losses(sources, writer.known(), reading.gone) if prune is True else None
        if lost is not None:
            writer.leave()
            raise BuildError(lost)
        if writer.published is not None and reading.nothing_new:
            writer.leave()
            return _report(reading, 0, writer.published)
        progress("writing", 0, 1)
        info = writer.publish(reading.kept, reading.removed)
        progress("writing", 1, 1)
        return _report(reading, embedded, info)


def _fill(
    writer: StoreWriter,
    data: Path,
    findings: Iterable[Finding],
    encoder: Encoder,
    progress: Progress,
    *,
    prune: bool,
) -> tuple[Reading, int]:
    """Read into the draft and embed it; returns how many passages were embedded."""
    removals = Removals(read_withheld(data))
    draft = writer.draft
    reader = Reader(writer.known(), draft, progress, removals)
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
    return reader.reading, embedded


def _nothing_read(sources: Sequence[Path], faults: Sequence[Unreadable]) -> str:
    named = ", ".join(repr(str(source)) for source in sources)
    if not faults:
        return f"nothing to read in {named}: name a folder or file with articles"
    reasons = "; ".join(f"{fault.origin}: {fault.reason}" for fault in faults[:3])
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
