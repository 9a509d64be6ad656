import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.analysis import Analyzer, term_codes
from index.article import Article
from index.embed import Vectors, passage_text
from index.keys import first_key
from index.period import EVERYTHING
from index.split import split
from index.store import verify
from index.store.base import Known
from index.store.local import LocalStore, open_local
from index.store.manifest import MANIFEST, Manifest, read_manifest, read_removed
from index.store.publish import merge_segments, merge_start
from tests.segments import ENCODER, publish_more

WORDS = "ferry dam owl strike harbour lamp comet bakery river union".split()
QUESTIONS = ["the ferry", "who saw the owl", "a strike on the river", "lamp comet bakery"]


def article(number: int, paragraphs: int = 1) -> Article:
    """One whose words no other has in that order; passages with several sentences."""
    words = [WORDS[(number * step) % len(WORDS)] for step in (1, 3, 7)]
    text = f"The {words[0]} saw the {words[1]} {number} times. The {words[2]} did not."
    return Article(
        f"a{number}",
        "\n\n".join([text] * paragraphs),
        title=f"{words[0]} {number}",
        source=["S", None][number % 2],
        published=f"20{number % 30 + 10}-01-02",
    )


def publish_each(data: Path, articles: Sequence[Article], removed: Sequence[int] = ()) -> Manifest:
    """Every article in a segment of its own."""
    manifest = None
    for each in articles:
        manifest = publish_more(data, manifest, each)
    assert manifest is not None
    return publish_more(data, manifest, removed=removed) if removed else manifest


def merged(data: Path, manifest: Manifest) -> Manifest:
    return merge_segments(data, manifest, ENCODER.encode_queries)


def live(snapshot: LocalStore) -> list[tuple[Known, Article, list[int]]]:
    """All that is known of the articles that count, and the keys of their passages."""
    gone = set(snapshot.removed.tolist())
    return [
        (known, numbered.article, segment.columns_of(known.number).keys.tolist())
        for segment in snapshot.segments
        for known, numbered in zip(
            segment.catalogue.known(), segment.catalogue.articles(), strict=True
        )
        if known.number not in gone
    ]


def answers(snapshot: LocalStore) -> list[object]:
    """All that searching finds."""
    found: list[object] = []
    for question in QUESTIONS:
        by_vectors = snapshot.nearest(ENCODER.encode_query(question), 10, EVERYTHING)
        by_words = snapshot.lexical.search(Analyzer().terms(question), 10)
        rows = snapshot.rows(np.sort(by_vectors))
        found += [
            by_vectors.tolist(),
            by_words.tolist(),
            rows.vectors.tolist(),
            rows.terms.tolist(),
        ]
        found += [snapshot.locate(key) for key in by_vectors.tolist()]
    return found


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine segments of an article each, for others to copy."""
    data = tmp_path_factory.mktemp("published") / "data"
    publish_each(data, [article(number) for number in range(9)])
    return data


@pytest.fixture
def nine(tmp_path: Path, published: Path) -> Path:
    """A copy of them, to be merged."""
    return Path(shutil.copytree(published, tmp_path / "nine"))


def test_eight_segments_stay_as_they_are(tmp_path: Path) -> None:
    manifest = publish_each(tmp_path, [article(number) for number in range(8)])
    assert merged(tmp_path, manifest) == manifest == read_manifest(tmp_path)


def test_a_ninth_segment_grows_together_with_others_and_changes_no_answer(nine: Path) -> None:
    manifest = read_manifest(nine)
    with_nine = open_local(nine)
    after = merged(nine, manifest)
    assert len(after.segments) < 9
    assert after.generation == manifest.generation + 1
    assert after.counts == manifest.counts
    with_fewer = open_local(nine)
    assert answers(with_fewer) == answers(with_nine)
    assert live(with_fewer) == live(with_nine)
    assert list(verify(nine)) == []
    with_nine.close()
    with_fewer.close()


def test_only_what_the_merged_index_is_made_of_is_left(nine: Path) -> None:
    after = merged(nine, read_manifest(nine))
    assert {path.name for path in nine.iterdir()} == {
        MANIFEST,
        after.lexical,
        *(info.name for info in after.segments),
    }
    assert after.next_segment == 1 + 9 + 1


def test_a_large_old_segment_is_not_written_anew_for_small_new_ones(tmp_path: Path) -> None:
    manifest: Manifest | None = publish_more(
        tmp_path, None, *[article(number) for number in range(100)]
    )
    for number in range(100, 108):
        manifest = publish_more(tmp_path, manifest, article(number))
    assert manifest is not None
    stats = [path.stat() for path in sorted((tmp_path / "segment-000001").iterdir())]
    after = merged(tmp_path, manifest)
    assert after.segments[0] == manifest.segments[0]
    assert [info.counts.articles for info in after.segments] == [100, 8]
    kept = [path.stat() for path in sorted((tmp_path / "segment-000001").iterdir())]
    assert [(s.st_ino, s.st_mtime_ns) for s in kept] == [(s.st_ino, s.st_mtime_ns) for s in stats]


@pytest.mark.parametrize(("removed", "is_merged"), [(2, False), (3, False), (4, True)])
def test_a_segment_of_which_more_than_thirty_percent_is_removed_is_written_anew(
    tmp_path: Path, removed: int, is_merged: bool
) -> None:
    first = publish_more(tmp_path, None, *[article(number) for number in range(10)])
    manifest = publish_more(tmp_path, first, removed=range(1, 1 + removed))
    before = open_local(tmp_path)
    after = merged(tmp_path, manifest)
    assert (after != manifest) is is_merged
    now = open_local(tmp_path)
    assert answers(now) == answers(before)
    assert live(now) == live(before)
    assert after.counts.articles == 10 - removed
    assert sum(info.counts.articles for info in after.segments) == 10 - removed * is_merged
    assert (after.removed is None) is is_merged
    assert list(verify(tmp_path)) == []
    before.close()
    now.close()


def test_removed_articles_of_segments_that_stay_are_still_noted(tmp_path: Path) -> None:
    first = publish_more(tmp_path, None, *[article(number) for number in range(10)])
    second = publish_more(tmp_path, first, article(10), article(11))
    manifest = publish_more(tmp_path, second, removed=[1, 11])
    after = merged(tmp_path, manifest)
    assert [info.counts.articles for info in after.segments] == [10, 1]
    assert read_removed(tmp_path, after).tolist() == [1]
    assert list(verify(tmp_path)) == []


def test_a_segment_of_which_nothing_is_left_is_dropped(tmp_path: Path) -> None:
    first = publish_more(tmp_path, None, article(1), article(2))
    second = publish_more(tmp_path, first, article(3))
    after = merged(tmp_path, publish_more(tmp_path, second, removed=[3]))
    assert after.segments == first.segments
    assert after.removed is None
    assert {path.name for path in tmp_path.iterdir()} == {MANIFEST, "segment-000001", after.lexical}
    assert list(verify(tmp_path)) == []


def test_an_index_of_which_everything_is_removed_can_be_opened_and_grown(tmp_path: Path) -> None:
    first = publish_more(tmp_path, None, article(1))
    empty = merged(tmp_path, publish_more(tmp_path, first, removed=[1]))
    assert empty.segments == ()
    snapshot = open_local(tmp_path)
    assert len(snapshot) == 0
    assert snapshot.nearest(ENCODER.encode_query("ferry"), 9, EVERYTHING).tolist() == []
    assert snapshot.article("a1") is None
    assert list(snapshot.titles()) == []
    assert list(verify(tmp_path)) == []
    snapshot.close()
    again = publish_more(tmp_path, empty, article(2))
    assert again.counts.articles == 1
    assert list(verify(tmp_path)) == []


def test_what_a_killed_merge_left_is_not_taken_for_a_part_of_the_next(nine: Path) -> None:
    manifest = read_manifest(nine)
    left = nine / f"segment-{manifest.next_segment:06d}"
    left.mkdir()
    (left / "catalogue.sqlite").write_bytes(b"half of a catalogue")
    (left / "stranger").touch()
    merged(nine, manifest)
    assert not (left / "stranger").exists()
    assert list(verify(nine)) == []


def test_a_merge_reads_old_generations_on(nine: Path) -> None:
    manifest = read_manifest(nine)
    reader = open_local(nine)
    before = answers(reader)
    merged(nine, manifest)
    assert answers(reader) == before
    reader.close()


def test_vectors_are_copied_and_not_made_again(tmp_path: Path) -> None:
    manifest = publish_each(tmp_path, [article(number, 3) for number in range(9)])
    merged(tmp_path, manifest)
    snapshot = open_local(tmp_path)
    for number in range(9):
        [passage] = split(article(number, 3))
        [made] = ENCODER.encode_passages([passage_text(article(number, 3).title, passage)])
        rows = snapshot.rows(np.array([first_key(number + 1)], dtype=np.int64))
        cosines = (rows.vectors * np.vstack([made.passage, made.sentences])).sum(axis=1)
        assert (cosines > 0.999).all()
    snapshot.close()


def test_words_keep_their_vectors_and_only_those_that_now_repeat_are_encoded(
    nine: Path,
) -> None:
    asked: list[str] = []

    def encode(texts: list[str]) -> Vectors:
        asked.extend(texts)
        return ENCODER.encode_queries(texts)

    # "the" repeats in each article, "saw" only in several together.
    manifest = read_manifest(nine)
    codes = term_codes(["the", "saw"])
    before = open_local(nine)
    merge_segments(nine, manifest, encode)
    after = open_local(nine)
    assert before.word_vectors(codes).any(axis=1).tolist() == [True, False]
    assert after.word_vectors(codes).any(axis=1).tolist() == [True, True]
    assert before.word_vectors(codes)[0].tolist() == after.word_vectors(codes)[0].tolist()
    assert "saw" in asked
    assert "the" not in asked
    before.close()
    after.close()


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30))
def test_what_grows_together_is_the_newest_run_whose_parts_are_no_larger_than_all_newer(
    sizes: list[int],
) -> None:
    first = merge_start(sizes)
    assert 0 <= first <= max(0, len(sizes) - 2)
    for place in range(first, len(sizes) - 2):
        assert sizes[place] <= sum(sizes[place + 1 :])
    if first > 0:
        assert sizes[first - 1] > sum(sizes[first:])


STEPS = st.lists(
    st.tuples(st.integers(1, 3), st.lists(st.integers(1, 12), max_size=3)), min_size=1, max_size=12
)


@given(STEPS)
@settings(max_examples=8)
def test_whatever_is_added_and_removed_merging_keeps_every_live_article_and_key(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, list[int]]]
) -> None:
    data = tmp_path_factory.mktemp("merged")
    manifest: Manifest | None = None
    expected: dict[int, Article] = {}
    for added, removed in steps:
        number = manifest.next_number if manifest else 1
        new = {number + place: article(number + place) for place in range(added)}
        gone = [each for each in removed if each in expected]
        manifest = merged(data, publish_more(data, manifest, *new.values(), removed=gone))
        expected = {key: each for key, each in (expected | new).items() if key not in gone}
        assert len(manifest.segments) <= 8
    snapshot = open_local(data)
    found = live(snapshot)
    assert {known.number: each for known, each, _ in found} == expected
    assert all(keys == [first_key(known.number)] for known, _, keys in found)
    assert len(snapshot) == len(snapshot.lexical) == len(expected)
    for _, each, [key] in found:
        assert snapshot.article(each.id) == each
        assert snapshot.locate(key).passage == split(each)[0]
    assert list(verify(data)) == []
    snapshot.close()
