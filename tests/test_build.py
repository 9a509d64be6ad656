import fcntl
import json
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from index.article import Article
from index.build import BuildReport, Prune, build
from index.build.owned import OWNED
from index.embed import PassageText, PassageVectors, Vectors
from index.errors import BuildError, IndexRefusedError, SourceMissingError
from index.keys import first_key
from index.period import EVERYTHING
from index.readers import Finding, Found
from index.store import verify
from index.store.local import LocalStore, open_local
from index.store.manifest import MANIFEST, read_manifest
from index.store.segment import VECTORS
from tests.fakes import CountingEncoder, HashEncoder, InterruptedEncoder, no_progress

Rebuild = Callable[..., BuildReport]


class UnusedEncoder(HashEncoder):
    """Must not be given anything to encode but single words."""

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        assert not [text for text in texts if " " in text]
        return super().encode_queries(texts)

    def encode_passages(self, passages: Sequence[PassageText]) -> list[PassageVectors]:
        raise AssertionError(f"was given {len(passages)} passages")


@pytest.fixture
def counting(encoder: HashEncoder) -> CountingEncoder:
    return CountingEncoder(encoder)


@pytest.fixture
def rebuild(sources: Path, data: Path, counting: CountingEncoder) -> Rebuild:
    """Build `data` again; the report of what was done."""

    def run(*named: Path, prune: Prune = False) -> BuildReport:
        return build(named or [sources], data, counting, no_progress, prune=prune)

    return run


def keys_and_texts(snapshot: LocalStore) -> dict[int, str]:
    """Of the passages that count."""
    keys = snapshot.nearest(HashEncoder().encode_query(""), 999, EVERYTHING).tolist()
    return {key: snapshot.locate(key).passage.text for key in keys}


def texts_in(data: Path) -> dict[int, str]:
    snapshot = open_local(data)
    found = keys_and_texts(snapshot)
    snapshot.close()
    return found


def ids(data: Path) -> list[str]:
    """Of the articles that count, each once for every passage-bearing version of it."""
    snapshot = open_local(data)
    found = sorted({snapshot.locate(key).article.id for key in keys_and_texts(snapshot)})
    assert all(snapshot.article(article_id) for article_id in found)
    assert len(found) == snapshot.manifest.counts.articles
    snapshot.close()
    return found


def counts(report: BuildReport) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.unchanged, report.removed


def everything_in(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Inodes, sizes and times of change of all files."""
    stats = {path: path.stat() for path in sorted(folder.rglob("*")) if path.is_file()}
    return {str(path): (s.st_ino, s.st_size, s.st_mtime_ns) for path, s in stats.items()}


def found_as(name: str, text: str) -> Found:
    return Found(f"/news/{name}.txt", Article(name, text))


def test_a_first_build_adds_all_articles(tmp_path: Path, sources: Path) -> None:
    counting = CountingEncoder(HashEncoder())
    report = build([sources], tmp_path / "data", counting, no_progress)
    assert (counts(report), report.read) == ((5, 0, 0, 0), 5)
    assert report.embedded == len(counting.embedded) == report.info.counts.passages == 11
    assert list(verify(tmp_path / "data")) == []


def test_unchanged_articles_publish_nothing_write_nothing_and_do_not_load_the_encoder(
    sources: Path, data: Path
) -> None:
    before = everything_in(data)
    assert counts(build([sources], data, UnusedEncoder(), no_progress)) == (0, 0, 5, 0)
    assert everything_in(data) == before


def test_a_changed_article_replaces_its_passages_only(
    rebuild: Rebuild, sources: Path, data: Path, counting: CountingEncoder
) -> None:
    before = texts_in(data)
    (sources / "dam.md").write_text("The dam broke on Monday.")
    report = rebuild()
    assert (counts(report), report.embedded) == ((0, 1, 4, 0), 1)
    assert [passage.text for passage in counting.embedded] == ["The dam broke on Monday."]
    after = texts_in(data)
    assert len(before.items() & after.items()) == 10
    assert [after[key] for key in set(after) - set(before)] == ["The dam broke on Monday."]
    assert list(verify(data)) == []


@pytest.mark.parametrize("step", ["add", "change", "remove"])
def test_one_article_writes_a_small_segment_and_leaves_the_files_of_others_untouched(
    rebuild: Rebuild, sources: Path, data: Path, step: str
) -> None:
    before, old = everything_in(data / "segment-000001"), read_manifest(data)
    if step == "add":
        (sources / "new.txt").write_text("This one is new.")
    elif step == "change":
        (sources / "dam.md").write_text("The dam broke on Monday.")
    else:
        (sources / "dam.md").unlink()
    rebuild(prune=True)
    manifest = read_manifest(data)
    assert everything_in(data / "segment-000001") == before
    assert manifest.segments[0] == old.segments[0]
    assert [info.counts.passages for info in manifest.segments[1:]] == [1] * (step != "remove")
    assert list(verify(data)) == []


def test_a_changed_or_removed_article_is_found_neither_by_words_nor_by_vectors_nor_by_id(
    rebuild: Rebuild, sources: Path, data: Path, encoder: HashEncoder
) -> None:
    (sources / "dam.md").unlink()
    (sources / "lighthouse.txt").write_text("The tower fell into the sea.")
    rebuild(prune=True)
    snapshot = open_local(data)
    assert snapshot.article("dam") is None
    for word in ("spillway", "tessel", "paraffin"):
        assert snapshot.lexical.search([word], 9).tolist() == []
        assert not [text for text in keys_and_texts(snapshot).values() if word in text.lower()]
    lighthouse = snapshot.article("lighthouse")
    assert lighthouse is not None
    assert lighthouse.text == "The tower fell into the sea."
    snapshot.close()


def test_changed_metadata_is_stored_and_embeds_nothing(sources: Path, data: Path) -> None:
    beside = {"published": "1963-01-02", "author": "Ann Orr", "source": "S", "url": "u"}
    (sources / "dam.md.meta.json").write_text(json.dumps(beside))
    report = build([sources], data, CountingEncoder(HashEncoder()), no_progress)
    assert (counts(report), report.embedded) == ((0, 1, 4, 0), 0)
    snapshot = open_local(data)
    dam = snapshot.article("dam")
    assert dam is not None
    assert {name: getattr(dam, name) for name in beside} == beside
    assert list(verify(data)) == []
    snapshot.close()


def test_where_all_vectors_were_made_before_the_encoder_is_given_nothing(
    sources: Path, data: Path
) -> None:
    (sources / "dam.md.meta.json").write_text('{"author": "Ann Orr"}')
    assert build([sources], data, UnusedEncoder(), no_progress).changed == 1


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


def test_a_renamed_file_embeds_nothing(
    rebuild: Rebuild, sources: Path, data: Path, counting: CountingEncoder
) -> None:
    (sources / "lighthouse.txt").rename(sources / "tower.txt")
    rebuild(prune=True)
    assert counting.embedded == []
    assert ids(data) == ["bakery", "comet", "dam", "harbour", "tower"]


def test_numbers_are_never_given_twice(rebuild: Rebuild, sources: Path, data: Path) -> None:
    """An open reader knows passages by them."""
    seen = set(texts_in(data))
    for day in range(4):
        (sources / "dam.md").write_text(f"The dam broke on day {day}.")
        rebuild()
        new = set(texts_in(data)) - seen
        assert len(new) == 1
        assert min(new) > max(seen)
        seen |= new


def test_articles_whose_source_is_gone_stay_until_they_are_pruned(
    rebuild: Rebuild, sources: Path, data: Path
) -> None:
    (sources / "dam.md").unlink()
    assert counts(rebuild()) == (0, 0, 4, 0)
    assert "dam" in ids(data)
    assert counts(rebuild(prune=True)) == (0, 0, 4, 1)
    assert ids(data) == ["bakery", "comet", "harbour", "lighthouse"]
    assert list(verify(data)) == []


def test_a_pruned_article_that_comes_back_is_added_again(
    rebuild: Rebuild, sources: Path, data: Path, counting: CountingEncoder
) -> None:
    kept = (sources / "dam.md").read_bytes()
    (sources / "dam.md").unlink()
    rebuild(prune=True)
    (sources / "dam.md").write_bytes(kept)
    assert counts(rebuild(prune=True)) == (1, 0, 4, 0)
    assert ids(data) == ["bakery", "comet", "dam", "harbour", "lighthouse"]
    assert counting.embedded == []


def test_a_source_that_lost_more_than_half_is_named_and_pruned_by_force_alone(
    rebuild: Rebuild, sources: Path, data: Path
) -> None:
    for name in ("dam.md", "lighthouse.txt", "shorts.jsonl"):
        (sources / name).unlink()
    before = everything_in(data)
    told = rf"4 of 5 articles of '{sources}' are gone, .*--prune=force"
    with pytest.raises(BuildError, match=told):
        rebuild(prune=True)
    assert ids(data) == ["bakery", "comet", "dam", "harbour", "lighthouse"]
    assert everything_in(data) == before
    assert rebuild(prune="force").removed == 4
    assert ids(data) == ["harbour"]


def test_a_source_that_is_suddenly_empty_is_named_though_others_are_whole(
    rebuild: Rebuild, sources: Path, data: Path, tmp_path: Path
) -> None:
    mount = tmp_path / "mount"
    mount.mkdir()
    (mount / "owl.txt").write_text("An owl called.")
    rebuild(sources, mount)
    (mount / "owl.txt").unlink()
    with pytest.raises(BuildError, match=rf"1 of 1 articles of '{mount}' are gone"):
        rebuild(sources, mount, prune=True)
    with pytest.raises(BuildError, match="1 of 1 articles of sources that are not named are gone"):
        rebuild(sources, prune=True)
    assert "owl" in ids(data)


def test_an_article_whose_file_name_is_not_utf8_is_pruned_with_its_file_and_not_before(
    rebuild: Rebuild, sources: Path, data: Path
) -> None:
    folder = sources / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    story = folder / os.fsdecode(b"\xe9t\xe9.txt")
    story.write_text("The summer was hot.")
    rebuild()
    [summer] = set(ids(data)) - {"bakery", "comet", "dam", "harbour", "lighthouse"}
    assert rebuild(sources / "dam.md", prune=True).removed == 0
    assert summer in ids(data)
    story.unlink()
    assert rebuild(prune=True).removed == 1
    assert summer not in ids(data)


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


def test_an_article_that_stands_twice_to_the_letter_is_kept_once_and_remarked_on(
    tmp_path: Path, sources: Path, encoder: HashEncoder
) -> None:
    path = sources / "shorts.jsonl"
    path.write_text(f"{path.read_text()}\n{path.read_text().splitlines()[0]}")
    report = build([sources], tmp_path / "data", encoder, no_progress)
    assert counts(report) == (5, 0, 1, 0)
    assert [each.message for each in report.remarks] == [
        "is an exact copy of an article with the same id"
    ]
    assert len(ids(tmp_path / "data")) == 5


def test_another_text_under_an_id_of_its_file_is_kept_and_remarked_on(
    tmp_path: Path, encoder: HashEncoder
) -> None:
    path = tmp_path / "shorts.jsonl"
    path.write_text('{"_id": "a", "text": "One."}\n{"_id": "a", "text": "Two."}')
    report = build([path], tmp_path / "data", encoder, no_progress)
    _, other = ids(tmp_path / "data")
    assert [each.message for each in report.remarks] == [
        f"has the id of a line before it: kept as {other!r}; give it its own"
    ]


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
    before = everything_in(data)
    (tmp_path / "bad").mkdir()
    with pytest.raises(BuildError, match=r"nothing to read in .*bad': name a folder or file"):
        rebuild(tmp_path / "bad")
    (tmp_path / "bad" / "empty.txt").touch()
    with pytest.raises(BuildError, match=r"nothing could be read in .*empty\.txt: holds no words"):
        rebuild(tmp_path / "bad", prune=True)
    assert everything_in(data) == before


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


def test_a_build_over_an_index_of_another_format_is_refused_and_leaves_it_as_it_is(
    rebuild: Rebuild, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything_in(data)
    monkeypatch.setattr("index.store.manifest.FORMAT", 99)
    with pytest.raises(IndexRefusedError, match=r"index format \d, this version reads 99: remove"):
        rebuild()
    assert everything_in(data) == before


def test_what_an_interrupted_build_embedded_is_taken_up_by_the_next(
    tmp_path: Path, sources: Path, counting: CountingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.build.pipeline._CHUNK", 2)
    with pytest.raises(KeyboardInterrupt):
        build([sources], tmp_path / "data", InterruptedEncoder(counting, calls=3), no_progress)
    # Where the reading was behind, there was one passage to embed, and not yet two.
    embedded = len(counting.embedded)
    assert 3 <= embedded <= 3 * 2
    report = build([sources], tmp_path / "data", counting, no_progress)
    assert report.embedded == 11 - embedded
    assert len(set(counting.embedded)) == len(counting.embedded) == 11
    assert list(verify(tmp_path / "data")) == []


class Gate:
    """Findings of which the last come only when a test opens the gate."""

    def __init__(self, first: Sequence[Finding], last: Sequence[Finding]) -> None:
        self._first, self._last = first, last
        self.opened = threading.Event()

    def __call__(self, *_: object, **__: object) -> Iterator[Finding]:
        yield from self._first
        assert self.opened.wait(60)
        yield from self._last


class GatedEncoder(InterruptedEncoder):
    """Opens the gate as it is interrupted: not all was read by then."""

    def __init__(self, calls: int, gate: Gate) -> None:
        super().__init__(HashEncoder(), calls)
        self._gate = gate

    def encode_passages(self, passages: Sequence[PassageText]) -> list[PassageVectors]:
        try:
            return super().encode_passages(passages)
        except KeyboardInterrupt:
            self._gate.opened.set()
            raise


def test_what_was_embedded_before_all_was_read_is_taken_up_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = [found_as(f"a{number}", f"It rained {number} times.") for number in range(9)]
    gate = Gate(every[:6], every[6:])
    monkeypatch.setattr("index.build.read_sources", gate)
    monkeypatch.setattr("index.build.pipeline._CHUNK", 1)
    stopped = GatedEncoder(4, gate)
    with pytest.raises(KeyboardInterrupt):
        build([tmp_path], tmp_path / "data", stopped, no_progress)
    assert len(stopped.embedded) == 4
    counting = CountingEncoder(HashEncoder())
    build([tmp_path], tmp_path / "data", counting, no_progress)
    assert len(counting.embedded) == 9 - 4
    assert list(verify(tmp_path / "data")) == []


def test_an_interrupted_build_leaves_the_index_before_as_it_was(
    sources: Path, data: Path, encoder: HashEncoder
) -> None:
    before = everything_in(data / "segment-000001")
    (sources / "new.txt").write_text("This one is new.")
    with pytest.raises(KeyboardInterrupt):
        build([sources], data, InterruptedEncoder(encoder, calls=0), no_progress)
    assert list(verify(data)) == []
    assert "new" not in ids(data)
    assert everything_in(data / "segment-000001") == before
    assert build([sources], data, encoder, no_progress).added == 1


class Failing:
    """Some findings, and then what is raised."""

    def __init__(self, failure: BaseException) -> None:
        self._failure = failure

    def __call__(self, *_: object, **__: object) -> Iterator[Finding]:
        yield found_as("a", "It rained.")
        raise self._failure


class Panic(BaseException):
    """As a library written in Rust raises: no Exception."""


@pytest.mark.parametrize(
    "failure", [OSError("the disk is gone"), MemoryError(), Panic("at src/lib.rs")]
)
def test_what_the_reading_thread_raises_reaches_the_caller_and_nothing_is_published(
    data: Path, monkeypatch: pytest.MonkeyPatch, encoder: HashEncoder, failure: BaseException
) -> None:
    before, threads = read_manifest(data), threading.enumerate()
    monkeypatch.setattr("index.build.read_sources", Failing(failure))
    with pytest.raises(type(failure)) as raised:
        build([data], data, encoder, no_progress, prune=True)
    assert raised.value is failure
    assert read_manifest(data) == before
    assert list(verify(data)) == []
    assert threading.enumerate() == threads


def test_a_failing_encoder_stops_the_reading_thread(
    tmp_path: Path, sources: Path, encoder: HashEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(passages: Sequence[PassageText]) -> list[PassageVectors]:
        raise RuntimeError("out of memory")

    threads = threading.enumerate()
    monkeypatch.setattr(encoder, "encode_passages", fail)
    with pytest.raises(RuntimeError, match="out of memory"):
        build([sources], tmp_path / "data", encoder, no_progress)
    assert threading.enumerate() == threads


def test_many_small_changes_leave_few_segments_and_the_right_articles_and_who_reads_reads_on(
    rebuild: Rebuild, sources: Path, data: Path, encoder: HashEncoder
) -> None:
    old = open_local(data)
    before = keys_and_texts(old)
    for number in range(12):
        (sources / f"new{number}.txt").write_text(f"Article {number} is new.")
        (sources / "dam.md").write_text(f"The dam broke {number} times.")
        rebuild()
        manifest = read_manifest(data)
        assert len(manifest.segments) <= 8
        assert manifest.counts.articles == 5 + number + 1
    assert len(ids(data)) == 5 + 12
    assert "The dam broke 11 times." in texts_in(data).values()
    assert list(verify(data)) == []
    assert not (data / old.manifest.lexical).exists()
    dam = old.article("dam")
    assert dam is not None
    assert "ninety million" in dam.text
    assert keys_and_texts(old) == before
    [key] = old.lexical.search(["spillway"], 9).tolist()
    assert key == old.nearest(encoder.encode_query("spillway"), 1, EVERYTHING)[0]
    old.close()


def test_only_what_is_published_and_the_owners_is_left_after_a_build(
    rebuild: Rebuild, sources: Path, data: Path
) -> None:
    for number, name in ((2, "dam.md"), (3, "lighthouse.txt")):
        (sources / name).write_text(f"It broke {number} times.")
        rebuild()
        manifest = read_manifest(data)
        assert manifest.generation == number
        assert {path.name for path in data.iterdir()} == {
            *(MANIFEST, OWNED, f"lexical-{number:06d}", f"removed-{number:06d}.bin"),
            *(f"segment-{segment:06d}" for segment in range(1, number + 1)),
        }


def test_most_of_an_index_removed_is_written_anew_by_the_same_build(
    rebuild: Rebuild, sources: Path, data: Path
) -> None:
    for name in ("harbour.txt", "harbour.txt.meta.json", "dam.md"):
        (sources / name).unlink()
    rebuild(prune=True)
    manifest = read_manifest(data)
    assert [info.counts.articles for info in manifest.segments] == [3]
    assert manifest.removed is None
    assert ids(data) == ["bakery", "comet", "lighthouse"]


def test_progress_tells_each_stage_from_nought_to_its_end(
    tmp_path: Path, sources: Path, encoder: HashEncoder
) -> None:
    told: list[tuple[str, int, int | None]] = []
    build([sources], tmp_path / "data", encoder, lambda *step: told.append(step))
    stages = {stage: [step[1:] for step in told if step[0] == stage] for stage, *_ in told}
    assert stages["reading"] == [(number, None) for number in range(1, 6)]
    done = [done for done, _ in stages["embedding"]]
    assert done == sorted(done)
    assert done[-1] == 11
    assert stages["writing"] == [(0, 1), (1, 1)]
    assert told[-2][0] == "writing"


def test_the_progress_of_a_build_gone_on_with_ends_at_all_passages(
    tmp_path: Path, sources: Path, encoder: HashEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.build.pipeline._CHUNK", 2)
    with pytest.raises(KeyboardInterrupt):
        build([sources], tmp_path / "data", InterruptedEncoder(encoder, calls=3), no_progress)
    told: list[tuple[str, int, int | None]] = []
    build([sources], tmp_path / "data", encoder, lambda *step: told.append(step))
    assert [done for stage, done, _ in told if stage == "embedding"][-1] == 11


def test_a_build_over_an_index_with_a_missing_file_is_refused_by_name(
    rebuild: Rebuild, data: Path
) -> None:
    missing = data / "segment-000001" / VECTORS
    missing.unlink()
    with pytest.raises(IndexRefusedError, match=rf"{missing} is missing: remove .* and build"):
        rebuild()


def test_the_recall_is_measured_with_questions_where_passages_are_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = [found_as(f"a{n}", f"Day {n} was wet. It rained {n * 7} times.") for n in range(120)]
    monkeypatch.setattr("index.build.read_sources", lambda *_, **__: iter(every))
    monkeypatch.setattr("index.vectors.MOST_EXACT", 50)
    monkeypatch.setattr("index.store.draft.MOST_EXACT", 50)
    monkeypatch.setattr("index.store.draft._QUESTIONS", 30)
    asked: list[str] = []

    class Asked(HashEncoder):
        def encode_queries(self, texts: Sequence[str]) -> Vectors:
            asked.extend(texts)
            return super().encode_queries(texts)

    build([tmp_path], tmp_path / "data", Asked(), no_progress)
    manifest = read_manifest(tmp_path / "data")
    [info] = manifest.segments
    assert info.vectors.kind == "clusters, 8 bits"
    assert 0 < info.vectors.recall <= 1
    sentences = {s for found in every for s in (found.article.text.split(". ")[1],)}
    questions = [text for text in asked if " " in text]
    assert len(questions) == 30
    assert set(questions) <= sentences | {f"Day {n} was wet." for n in range(120)}
    assert set(asked) - set(questions) == {"day", "it", "rained", "times", "was", "wet"}


def test_the_first_article_has_the_first_number(data: Path) -> None:
    assert min(texts_in(data)) == first_key(1)
