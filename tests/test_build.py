import fcntl
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from index.build import BuildReport, build
from index.errors import BuildError, IndexRefusedError, SourceMissingError
from index.manifest import MANIFEST, read_manifest
from index.store import VECTORS, open_snapshot
from index.verify import verify
from tests.fakes import CountingEncoder, HashEncoder, InterruptedEncoder, no_progress

Rebuild = Callable[..., BuildReport]


@pytest.fixture
def counting(encoder: HashEncoder) -> CountingEncoder:
    return CountingEncoder(encoder)


@pytest.fixture
def rebuild(sources: Path, data: Path, counting: CountingEncoder) -> Rebuild:
    """Build `data` again; the report of what was done."""

    def run(*named: Path, prune: bool = False) -> BuildReport:
        return build(named or [sources], data, counting, no_progress, prune=prune)

    return run


def ids(data: Path) -> list[str]:
    return [article.id for article in open_snapshot(data).catalogue.articles()]


def counts(report: BuildReport) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.unchanged, report.removed


def test_a_first_build_adds_all_articles(tmp_path: Path, sources: Path) -> None:
    counting = CountingEncoder(HashEncoder())
    report = build([sources], tmp_path / "data", counting, no_progress)
    assert (counts(report), report.read) == ((5, 0, 0, 0), 5)
    assert report.embedded == len(counting.embedded) == report.manifest.counts.passages == 11
    assert list(verify(tmp_path / "data")) == []


def test_unchanged_articles_embed_nothing_and_publish_nothing(
    rebuild: Rebuild, data: Path, counting: CountingEncoder
) -> None:
    before = (data / MANIFEST).read_bytes()
    assert counts(rebuild()) == (0, 0, 5, 0)
    assert counting.embedded == []
    assert (data / MANIFEST).read_bytes() == before


def test_a_changed_article_replaces_its_passages_only(
    rebuild: Rebuild, sources: Path, data: Path, counting: CountingEncoder
) -> None:
    keys = {w.key for w in open_snapshot(data).catalogue.every_passage()}
    (sources / "dam.md").write_text("The dam broke on Monday.")
    report = rebuild()
    assert (counts(report), report.embedded) == ((0, 1, 4, 0), 1)
    assert [passage.text for passage in counting.embedded] == ["The dam broke on Monday."]
    texts = {w.key: w.passage.text for w in open_snapshot(data).catalogue.every_passage()}
    assert len(keys & set(texts)) == 10
    assert [texts[key] for key in set(texts) - keys] == ["The dam broke on Monday."]
    assert list(verify(data)) == []


def test_changed_metadata_is_stored_and_embeds_nothing(
    rebuild: Rebuild, sources: Path, data: Path, counting: CountingEncoder
) -> None:
    beside = {"published": "1963-01-02", "author": "Ann Orr", "source": "S", "url": "u"}
    (sources / "dam.md.meta.json").write_text(json.dumps(beside))
    assert counts(rebuild()) == (0, 1, 4, 0)
    assert counting.embedded == []
    dam = open_snapshot(data).article("dam")
    assert dam is not None
    assert {name: getattr(dam, name) for name in beside} == beside
    assert list(verify(data)) == []


def test_a_changed_title_is_embedded_for_it_stands_in_front(
    rebuild: Rebuild, sources: Path, counting: CountingEncoder
) -> None:
    (sources / "dam.md.meta.json").write_text('{"title": "A dam"}')
    rebuild()
    assert [passage.front for passage in counting.embedded] == ["A dam\n"]


def test_a_new_article_embeds_only_itself(
    rebuild: Rebuild, sources: Path, data: Path, counting: CountingEncoder
) -> None:
    (sources / "new.txt").write_text("This one is new.")
    assert counts(rebuild()) == (1, 0, 5, 0)
    assert [passage.text for passage in counting.embedded] == ["This one is new."]
    assert "new" in ids(data)


def test_articles_whose_source_is_gone_stay_until_they_are_pruned(
    rebuild: Rebuild, sources: Path, data: Path
) -> None:
    (sources / "dam.md").unlink()
    assert counts(rebuild()) == (0, 0, 4, 0)
    assert "dam" in ids(data)
    assert counts(rebuild(prune=True)) == (0, 0, 4, 1)
    assert ids(data) == ["bakery", "comet", "harbour", "lighthouse"]
    assert list(verify(data)) == []


def test_pruning_one_source_leaves_the_articles_of_others(
    rebuild: Rebuild, sources: Path, data: Path
) -> None:
    assert rebuild(sources / "dam.md", prune=True).removed == 0
    assert len(ids(data)) == 5


def test_an_article_whose_file_became_unreadable_is_kept(
    rebuild: Rebuild, sources: Path, data: Path
) -> None:
    (sources / "dam.md").write_bytes(b"\xff\x00\xfe binary")
    report = rebuild(prune=True)
    assert [fault.file for fault in report.faults] == [str(sources / "dam.md")]
    assert report.removed == 0
    assert "dam" in ids(data)


@pytest.mark.parametrize(("more", "removed"), [("", 1), ("\n{broken", 0)])
def test_a_removed_line_is_pruned_where_its_file_could_be_read_whole(
    rebuild: Rebuild, sources: Path, data: Path, more: str, removed: int
) -> None:
    path = sources / "shorts.jsonl"
    path.write_text(path.read_text().splitlines()[0] + more)
    assert rebuild(prune=True).removed == removed
    assert ("bakery" in ids(data)) is not removed


def test_two_articles_of_one_natural_id_are_both_kept_under_ids_that_stay(
    rebuild: Rebuild, sources: Path, data: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (sources / "dam.txt").write_text("The dam as plain text.")
    (other / "dam.txt").write_text("The dam of another folder.")
    assert counts(rebuild(sources, other)) == (2, 0, 5, 0)
    first = ids(data)
    assert sum(article_id.split("~")[0] == "dam" for article_id in first) == 3
    assert counts(rebuild(other, sources)) == (0, 0, 7, 0)
    assert ids(data) == first


def test_a_broken_file_among_good_ones_is_reported_and_the_rest_is_built(
    tmp_path: Path, sources: Path, encoder: HashEncoder
) -> None:
    (sources / "empty.txt").touch()
    (sources / "photo.jpeg").write_bytes(b"\xff\xd8")
    report = build([sources], tmp_path / "data", encoder, no_progress)
    assert {Path(fault.origin).name for fault in report.faults} == {"empty.txt", "photo.jpeg"}
    assert all(fault.reason for fault in report.faults)
    assert report.read == len(ids(tmp_path / "data")) == 5


def test_where_nothing_can_be_read_the_index_before_stays(
    rebuild: Rebuild, data: Path, tmp_path: Path
) -> None:
    before = (data / MANIFEST).read_bytes()
    (tmp_path / "bad").mkdir()
    with pytest.raises(BuildError, match=r"nothing to read in .*bad': name a folder or file"):
        rebuild(tmp_path / "bad")
    (tmp_path / "bad" / "empty.txt").touch()
    with pytest.raises(BuildError, match=r"nothing could be read in .*empty\.txt: holds no words"):
        rebuild(tmp_path / "bad", prune=True)
    assert (data / MANIFEST).read_bytes() == before
    assert set(data.iterdir()) == {data / MANIFEST, data / "generation-000001"}


def test_a_source_that_does_not_exist_is_refused_before_anything_is_made(
    tmp_path: Path, encoder: HashEncoder
) -> None:
    with pytest.raises(SourceMissingError, match="does not exist: check the path"):
        build([tmp_path / "nowhere"], tmp_path / "data", encoder, no_progress)
    assert not (tmp_path / "data").exists()


def test_a_second_build_at_the_same_time_is_refused(rebuild: Rebuild, data: Path) -> None:
    descriptor = os.open(data, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    with pytest.raises(BuildError, match=r"another build is writing to .*: wait until it ends"):
        rebuild()
    os.close(descriptor)
    assert rebuild().unchanged == 5


def test_a_build_with_another_model_is_refused(sources: Path, data: Path) -> None:
    with pytest.raises(IndexRefusedError, match=r"with model 'hash', not 'other': set FOOTNOTE_"):
        build([sources], data, HashEncoder("other"), no_progress)
    assert list(verify(data)) == []


def test_what_an_interrupted_build_embedded_is_taken_up_by_the_next(
    tmp_path: Path, sources: Path, counting: CountingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.build._CHUNK", 2)
    with pytest.raises(KeyboardInterrupt):
        build([sources], tmp_path / "data", InterruptedEncoder(counting, calls=3), no_progress)
    assert len(counting.embedded) == 3 * 2
    report = build([sources], tmp_path / "data", counting, no_progress)
    assert report.embedded == 11 - 3 * 2
    assert len(set(counting.embedded)) == len(counting.embedded) == 11
    assert list(verify(tmp_path / "data")) == []


def test_an_interrupted_build_leaves_the_index_before_as_it_was(
    sources: Path, data: Path, encoder: HashEncoder
) -> None:
    (sources / "new.txt").write_text("This one is new.")
    with pytest.raises(KeyboardInterrupt):
        build([sources], data, InterruptedEncoder(encoder, calls=0), no_progress)
    assert list(verify(data)) == []
    assert "new" not in ids(data)
    assert build([sources], data, encoder, no_progress).added == 1


def test_who_has_a_generation_open_reads_on_while_the_next_is_published(
    rebuild: Rebuild, sources: Path, data: Path, encoder: HashEncoder
) -> None:
    old = open_snapshot(data)
    (sources / "dam.md").write_text("The dam broke on Monday.")
    rebuild()
    assert not old.manifest.folder(data).exists()
    dam = old.article("dam")
    assert dam is not None
    assert "ninety million" in dam.text
    [match] = old.lexical.search(["spillway"], 9)
    assert match.key in old.vectors.nearest(encoder.encode_query("spillway"), 11)
    assert len(old.catalogue.passages(old.vectors.keys().tolist())) == 11


def test_only_the_published_generation_is_left_after_a_build(
    rebuild: Rebuild, sources: Path, data: Path
) -> None:
    for number in (2, 3):
        (sources / "dam.md").write_text(f"The dam broke {number} times.")
        assert rebuild().manifest.generation == number
        home = read_manifest(data).folder(data)
        assert set(data.iterdir()) == {home, data / MANIFEST}
        assert home.name == f"generation-{number:06d}"


def test_progress_tells_each_stage_from_nought_to_its_end(
    tmp_path: Path, sources: Path, encoder: HashEncoder
) -> None:
    told: list[tuple[str, int, int | None]] = []
    build([sources], tmp_path / "data", encoder, lambda *step: told.append(step))
    assert told == [
        *(("reading", number, None) for number in range(1, 6)),
        *(("embedding", 0, 11), ("embedding", 11, 11), ("writing", 0, 1), ("writing", 1, 1)),
    ]


def test_a_build_over_an_index_with_a_missing_file_is_refused_by_name(
    rebuild: Rebuild, data: Path
) -> None:
    missing = read_manifest(data).folder(data) / VECTORS
    missing.unlink()
    with pytest.raises(IndexRefusedError, match=rf"{missing} is missing: remove .* and build"):
        rebuild()
