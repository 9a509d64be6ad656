import signal
import subprocess
import sys
from pathlib import Path

import pytest

from index.build import build
from index.manifest import MANIFEST, read_manifest
from index.store import open_snapshot
from index.verify import verify
from tests.conftest import write_sources
from tests.fakes import CountingEncoder, HashEncoder, no_progress

ROOT = Path(__file__).parent.parent
# How far each build gets, from its first touch of the data folder (0) to its last (1).
PARTS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def start_build(sources: Path, data: Path, moment: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.killed_build", str(sources), str(data), str(moment)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def change(sources: Path) -> None:
    (sources / "dam.md").write_text("The dam on the river Tessel broke on Monday.")
    (sources / "new.txt").write_text("This article is new.")


@pytest.fixture(scope="module")
def moments(tmp_path_factory: pytest.TempPathFactory) -> int:
    """How many times a build like the one killed touches its data folder."""
    home = tmp_path_factory.mktemp("measured")
    sources = write_sources(home / "sources")
    build([sources], home / "data", HashEncoder(), no_progress)
    change(sources)
    with start_build(sources, home / "data", 1_000_000) as process:
        told, _ = process.communicate(timeout=60)
    return int(told)


@pytest.mark.parametrize("part", PARTS)
def test_a_build_killed_at_any_moment_leaves_the_old_or_the_new_articles(
    data: Path, sources: Path, encoder: HashEncoder, moments: int, part: float
) -> None:
    old = list(open_snapshot(data).catalogue.articles())
    change(sources)
    with start_build(sources, data, 1 + round(part * (moments - 1))) as process:
        assert process.wait(timeout=60) == -signal.SIGKILL
    assert list(verify(data)) == []
    kept = list(open_snapshot(data, encoder.model).catalogue.articles())
    build([sources], data, encoder, no_progress)
    new = list(open_snapshot(data).catalogue.articles())
    assert kept in (old, new)
    assert {article.id for article in new} == {article.id for article in old} | {"new"}
    home = read_manifest(data).folder(data)
    assert set(data.iterdir()) == {home, data / MANIFEST}


def test_the_build_after_a_kill_embeds_only_what_the_killed_one_had_not(
    data: Path, sources: Path, encoder: HashEncoder, moments: int
) -> None:
    """Killed while it wrote the words down, with all vectors made."""
    change(sources)
    with start_build(sources, data, moments // 2) as process:
        assert process.wait(timeout=60) == -signal.SIGKILL
    assert (data / "building").is_dir()
    counting = CountingEncoder(encoder)
    build([sources], data, counting, no_progress)
    assert counting.embedded == []
    assert list(verify(data)) == []
