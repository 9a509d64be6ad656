"""What the last build did, kept beside the index for whoever looks later."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic

from index.build import BuildReport, build
from index.durable import replace_text
from index.embed import Encoder
from index.withheld import OWNED

_NAME = "last-build.json"
# Of a folder full of other files the first tell enough.
_MOST_NAMED = 500
_TOLD_EVERY = 0.1


@dataclass(frozen=True, slots=True)
class Named:
    """A file or line, and what is odd about it."""

    origin: str
    message: str


@dataclass(frozen=True, slots=True)
class LastBuild:
    """Counts of articles, `embedded` of passages; `faults` were passed over, `remarks` not."""

    built_at: str
    added: int
    changed: int
    unchanged: int
    removed: int
    embedded: int
    skipped: int
    faults: tuple[Named, ...]
    remarks: tuple[Named, ...]


def keep_report(data: Path, report: BuildReport) -> LastBuild:
    """Keep what a build did in the place of the one before."""
    kept = LastBuild(
        built_at=report.manifest.built_at,
        added=report.added,
        changed=report.changed,
        unchanged=report.unchanged,
        removed=report.removed,
        embedded=report.embedded,
        skipped=len(report.faults),
        faults=tuple(Named(each.origin, each.reason) for each in report.faults[:_MOST_NAMED]),
        remarks=tuple(Named(each.origin, each.message) for each in report.remarks[:_MOST_NAMED]),
    )
    path = data / OWNED / _NAME
    path.parent.mkdir(exist_ok=True)
    replace_text(path, json.dumps(asdict(kept), ensure_ascii=False))
    return kept


def read_report(data: Path) -> LastBuild | None:
    """What the last build did, or None where that is not known."""
    try:
        told = json.loads((data / OWNED / _NAME).read_text(encoding="utf-8"))
        lists = {
            name: tuple(Named(**each) for each in told[name]) for name in ("faults", "remarks")
        }
        return LastBuild(**{**told, **lists})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def build_with_lines(
    sources: Sequence[Path],
    data: Path,
    encoder: Encoder,
    *,
    prune: bool = False,
    write: Callable[[str], None],
) -> BuildReport:
    """Build, telling each step as a line of JSON: `{"stage", "done", "total"}`."""
    told: dict[str, float] = {}

    def progress(stage: str, done: int, total: int | None) -> None:
        now = monotonic()
        if done == total or now - told.get(stage, 0.0) >= _TOLD_EVERY:
            told[stage] = now
            write(json.dumps({"stage": stage, "done": done, "total": total}))

    return build(sources, data, encoder, progress, prune=prune)
