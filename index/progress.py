"""A build as a person watches it: a bar a stage, and what was done."""

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
    bar = _Bar()
    try:
        return build(sources, data, encoder, bar, prune=prune)
    finally:
        bar.close()


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


class _Bar:
    """A progress bar a stage, on standard error."""

    def __init__(self) -> None:
        self._stage = ""
        self._bar: tqdm[object] | None = None

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        if stage != self._stage:
            self.close()
            self._bar = tqdm(total=total, desc=stage, unit=_UNITS.get(stage, ""))
            self._stage = stage
        if self._bar is not None:
            self._bar.update(done - self._bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
        self._bar, self._stage = None, ""
