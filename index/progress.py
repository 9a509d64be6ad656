"""A build as a person watches it: a bar a stage, and what was done."""

import threading
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from index.build import BuildReport, build
from index.embed import Encoder

_UNITS = {"reading": " articles", "embedding": " passages", "writing": " index"}


def build_with_bar(
    sources: Sequence[Path], data: Path, encoder: Encoder, *, prune: bool = False
) -> BuildReport:
    """Build with progress bars on standard error. Raises what `build` raises."""
    bars = _Bars()
    try:
        return build(sources, data, encoder, bars, prune=prune)
    finally:
        bars.close()


def summary(report: BuildReport) -> str:
    """What a build did, for people: every fault by name, then the counts."""
    lines = [f"remark: {remark.origin}: {remark.message}" for remark in report.remarks]
    lines += [f"skipped: {fault.origin}: {fault.reason}" for fault in report.faults]
    counts = report.manifest.counts
    lines.append(
        f"read {report.read} articles ({report.added} new, {report.changed} changed, "
        f"{report.unchanged} unchanged), skipped {len(report.faults)}, "
        f"removed {report.removed}, embedded {report.embedded} passages"
    )
    lines.append(f"the index holds {counts.articles} articles in {counts.passages} passages")
    return "\n".join(lines)


class _Bars:
    """A progress bar a stage, on standard error; stages that overlap stand one below the other."""

    def __init__(self) -> None:
        self._bars: dict[str, tqdm[object]] = {}
        self._lock = threading.Lock()

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        with self._lock:
            bar = self._bars.get(stage)
            if bar is None:
                unit, position = _UNITS.get(stage, ""), len(self._bars)
                bar = tqdm(desc=stage, unit=unit, position=position, dynamic_ncols=True)
                self._bars[stage] = bar
            # Once the reading ends it is known how much there is, and so how long it will take.
            bar.total = total
            bar.update(done - bar.n)

    def close(self) -> None:
        for bar in self._bars.values():
            bar.close()
