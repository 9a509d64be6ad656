"""Whatever a power cut takes of what was not synced, the index is the old or the new one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from index.article import Article
from index.build import build
from index.build.owned import uploads
from index.build.removal import remove_articles
from index.store import verify
from index.store.manifest import MANIFEST
from tests import test_killed_builds
from tests.fakes import HashEncoder, InterruptedEncoder, no_progress
from tests.power import Cuts, Files, Loss, write_files
from tests.test_killed_builds import change

Act = Callable[[Path, Path], None]


def articles_in(data: Path) -> dict[str, Article]:
    """All but when each was put there: a build after a cut puts it there later."""
    found = test_killed_builds.articles_in(data).values()
    return {each.id: replace(each, indexed=None) for each in found}


def build_all(sources: Path, data: Path) -> None:
    added = [uploads(data)] if uploads(data).exists() else []
    build([sources, *added], data, HashEncoder(), no_progress)


def build_changes(sources: Path, data: Path) -> None:
    change(sources)
    build_all(sources, data)


def stop_in_the_midst(sources: Path, data: Path) -> None:
    change(sources)
    for number in range(4):
        (sources / f"late{number}.txt").write_text(f"Article {number} came late.")
    with pytest.raises(KeyboardInterrupt):
        build([sources], data, InterruptedEncoder(HashEncoder(), 1), no_progress)


def build_eight_segments(sources: Path, data: Path) -> None:
    for number in range(7):
        (sources / f"new{number}.txt").write_text(f"Article {number} is new.")
        build_all(sources, data)


def remove_two(sources: Path, data: Path) -> None:
    remove_articles(data, ["dam", "comet"])


def add_one(sources: Path, data: Path) -> None:
    uploads(data).mkdir(parents=True)
    (uploads(data) / "heron.txt").write_text("The heron nests in April.")
    build_all(sources, data)


def remove_the_added(sources: Path, data: Path) -> None:
    remove_articles(data, ["heron"])


def nothing(sources: Path, data: Path) -> None:
    pass


@dataclass(frozen=True)
class Stage:
    """What goes before, and what is cut."""

    act: Act
    before: Act = nothing


STAGES = {
    "build": Stage(build_changes),
    "build stopped and gone on with": Stage(build_all, before=stop_in_the_midst),
    "merge": Stage(build_changes, before=build_eight_segments),
    "removal": Stage(remove_two),
    "removal of an added file": Stage(remove_the_added, before=add_one),
}


@pytest.fixture(autouse=True)
def little_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two passages a commit: there is more to lose."""
    monkeypatch.setattr("index.build.pipeline._CHUNK", 2)


def spread(left: Sequence[tuple[Loss, Files]], most: int) -> Iterator[tuple[Loss, Files]]:
    """So many from the first to the last."""
    yield from left[:: max(1, len(left) // most)]


@pytest.mark.parametrize("stage", STAGES)
def test_a_power_cut_leaves_the_old_index_or_the_new_and_keeps_what_had_ended(
    tmp_path: Path,
    data: Path,
    sources: Path,
    stage: str,
    power_cuts: int,
) -> None:
    STAGES[stage].before(sources, data)
    old = articles_in(data)
    with Cuts(data).watched() as cuts:
        STAGES[stage].act(sources, data)
    new, ended = articles_in(data), {loss: cuts.disk.after(loss) for loss in Loss}
    for number, (loss, files) in enumerate(spread(cuts.left, power_cuts)):
        left = write_files(tmp_path / str(number), files)
        assert list(verify(left)) == [], (number, loss)
        assert articles_in(left) in (old, new), (number, loss)
        build_all(sources, left)
        assert list(verify(left)) == [], (number, loss)
        assert articles_in(left) in ((old, new) if "removal" in stage else (new,)), (number, loss)
    for loss in Loss:
        left = write_files(tmp_path / loss.name, ended[loss])
        assert articles_in(left) == new, loss
        build_all(sources, left)
        assert articles_in(left) == new, loss
        assert list(verify(left)) == [], loss


def test_after_a_power_cut_in_the_first_build_the_next_begins_anew_or_goes_on(
    tmp_path: Path, sources: Path, power_cuts: int
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    with Cuts(data).watched() as cuts:
        build_all(sources, data)
    new = articles_in(data)
    for number, (loss, files) in enumerate(spread(cuts.left, power_cuts)):
        left = write_files(tmp_path / str(number), files)
        if MANIFEST in files:
            assert list(verify(left)) == [], (number, loss)
        build_all(sources, left)
        assert articles_in(left) == new, (number, loss)
        assert list(verify(left)) == [], (number, loss)
