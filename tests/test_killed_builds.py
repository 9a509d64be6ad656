import signal
from dataclasses import replace
from pathlib import Path

import pytest

from index.article import Article
from index.build import build
from index.build.owned import OWNED
from index.build.versions import find_version
from index.store import verify
from index.store.local import LocalStore, open_local
from index.store.manifest import MANIFEST, read_manifest
from tests.conftest import write_sources
from tests.fakes import CountingEncoder, HashEncoder, no_progress
from tests.killed import NEVER, run_killed
from tests.killed_build import build_until

# How far each build gets, from its first touch of the data folder (0) to its last (1).
PARTS = (0.0, 0.15, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


def run_build(sources: Path, data: Path, moment: int | str) -> tuple[int | None, int | None]:
    """Run it to its end; gives the count that it sent, if any, and its exit code."""
    told, code = run_killed(build_until, sources, data, moment)
    return (told[0] if told else None), code


def kill_build(
    sources: Path, data: Path, moment: int | str, *, at_its_end: bool = False
) -> int | None:
    """Gives the count that it sent.

    Two threads touch the folder: at its end a build may have done so less often than another.
    """
    count, code = run_build(sources, data, moment)
    assert code == -signal.SIGKILL or (at_its_end and code == 0)
    return count


def kill_at_batch(sources: Path, data: Path, batch: int) -> int:
    """Gives how many passages had been encoded: where the reading was behind, a batch is small."""
    encoded = kill_build(sources, data, f"batch:{batch}")
    assert encoded is not None
    assert batch - 1 <= encoded <= 2 * (batch - 1)
    return encoded


def change(sources: Path) -> None:
    """One article is changed and one added."""
    (sources / "dam.md").write_text("The dam on the river Tessel broke on Monday.")
    (sources / "new.txt").write_text("This article is new.")


def articles_of(snapshot: LocalStore) -> dict[str, Article]:
    """Those that count, by their ids."""
    every = [each.article for part in snapshot.segments for each in part.catalogue.articles()]
    found = {article.id: snapshot.article(article.id) for article in every}
    return {article_id: article for article_id, article in found.items() if article}


def articles_in(data: Path) -> dict[str, Article]:
    snapshot = open_local(data, HashEncoder().model)
    found = articles_of(snapshot)
    assert snapshot.manifest.counts.articles == len(found)
    snapshot.close()
    # Builds that make the same of the same articles run at different moments.
    return {name: replace(article, indexed=None) for name, article in found.items()}


def names_expected(data: Path) -> set[str]:
    manifest = read_manifest(data)
    named = [info.name for info in manifest.segments] + [manifest.lexical, MANIFEST]
    return {*named, *([manifest.removed] if manifest.removed else [])}


@pytest.fixture(scope="module")
def moments(tmp_path_factory: pytest.TempPathFactory) -> int:
    """How many times a build like the one killed touches its data folder."""
    home = tmp_path_factory.mktemp("measured")
    sources = write_sources(home / "sources")
    build([sources], home / "data", HashEncoder(), no_progress)
    change(sources)
    count, _ = run_build(sources, home / "data", NEVER)
    assert count is not None
    return count


@pytest.mark.parametrize("part", PARTS)
def test_a_build_killed_at_any_moment_leaves_the_old_or_the_new_articles(
    data: Path, sources: Path, encoder: HashEncoder, moments: int, part: float
) -> None:
    old = articles_in(data)
    change(sources)
    moment = 1 + round(part * (moments - 1))
    kill_build(sources, data, moment, at_its_end=part == PARTS[-1])
    assert list(verify(data)) == []
    kept = articles_in(data)
    build([sources], data, encoder, no_progress)
    new = articles_in(data)
    assert kept in (old, new)
    assert set(new) == set(old) | {"new"}
    assert new["dam"].text == "The dam on the river Tessel broke on Monday."
    assert list(verify(data)) == []
    # Whenever it was killed, what the article said before is kept.
    former = find_version(data, "dam", old["dam"].digest)
    assert former is not None
    assert replace(former, indexed=None) == replace(old["dam"], is_former=True)
    assert {path.name for path in data.iterdir()} == names_expected(data) | {OWNED}


def test_the_build_after_a_kill_embeds_only_what_the_killed_one_had_not(
    data: Path, sources: Path, encoder: HashEncoder
) -> None:
    """Killed while it wrote the words down, with all vectors made."""
    change(sources)
    kill_build(sources, data, "lexical-000002")
    assert (data / "segment-000002").is_dir()
    assert read_manifest(data).generation == 1
    counting = CountingEncoder(encoder)
    build([sources], data, counting, no_progress)
    assert counting.embedded == []
    assert list(verify(data)) == []


@pytest.mark.parametrize("batch", [1, 2, 4, 6])
def test_the_build_after_a_kill_amidst_the_embedding_embeds_the_rest(
    tmp_path: Path, sources: Path, encoder: HashEncoder, batch: int
) -> None:
    encoded = kill_at_batch(sources, tmp_path / "data", batch)
    counting = CountingEncoder(encoder)
    report = build([sources], tmp_path / "data", counting, no_progress)
    assert report.embedded == len(counting.embedded) == 11 - encoded
    assert list(verify(tmp_path / "data")) == []


def test_a_build_killed_twice_embeds_nothing_twice(
    tmp_path: Path, sources: Path, encoder: HashEncoder
) -> None:
    encoded = [kill_at_batch(sources, tmp_path / "data", 3) for _ in range(2)]
    counting = CountingEncoder(encoder)
    build([sources], tmp_path / "data", counting, no_progress)
    assert len(counting.embedded) == 11 - sum(encoded)
    assert list(verify(tmp_path / "data")) == []


def test_articles_changed_after_a_kill_are_those_that_are_published(
    tmp_path: Path, sources: Path, encoder: HashEncoder
) -> None:
    """What the killed build read is worth its vectors, and nothing more."""
    kill_build(sources, tmp_path / "data", "lexical-000001")
    change(sources)
    (sources / "lighthouse.txt").unlink()
    build([sources], tmp_path / "data", encoder, no_progress)
    found = articles_in(tmp_path / "data")
    assert set(found) == {"bakery", "comet", "dam", "harbour", "new"}
    assert found["dam"].text == "The dam on the river Tessel broke on Monday."
    assert list(verify(tmp_path / "data")) == []
    snapshot = open_local(tmp_path / "data")
    assert snapshot.lexical.search(["keeper"], 9).tolist() == []
    snapshot.close()


def test_a_killed_build_whose_changes_were_taken_back_is_forgotten(
    data: Path, sources: Path, encoder: HashEncoder
) -> None:
    kept, old = (sources / "dam.md").read_bytes(), articles_in(data)
    change(sources)
    kill_build(sources, data, "lexical-000002")
    (sources / "dam.md").write_bytes(kept)
    (sources / "new.txt").unlink()
    report = build([sources], data, encoder, no_progress)
    assert (report.unchanged, report.added, report.changed) == (5, 0, 0)
    assert articles_in(data) == old
    (sources / "new.txt").write_text("Another new one.")
    build([sources], data, encoder, no_progress)
    assert set(articles_in(data)) == {*old, "new"}
    assert list(verify(data)) == []


@pytest.mark.parametrize("moment", ["segment-000010", "segment-000010/vectors.bin"])
def test_a_build_killed_as_it_merges_segments_has_published_the_new_articles(
    data: Path, sources: Path, encoder: HashEncoder, moment: str
) -> None:
    for number in range(8):
        (sources / f"new{number}.txt").write_text(f"Article {number} is new.")
        if number < 7:
            build([sources], data, encoder, no_progress)
    kill_build(sources, data, moment)
    assert len(read_manifest(data).segments) == 9
    assert len(articles_in(data)) == 5 + 8
    assert list(verify(data)) == []
    counting = CountingEncoder(encoder)
    assert build([sources], data, counting, no_progress).unchanged == 5 + 8
    assert counting.embedded == []
    assert {path.name for path in data.iterdir()} == names_expected(data)
    (sources / "last.txt").write_text("The last one is new.")
    build([sources], data, encoder, no_progress)
    assert len(read_manifest(data).segments) < 9
    assert len(articles_in(data)) == 5 + 9
    assert list(verify(data)) == []
