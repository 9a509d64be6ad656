from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis import Analyzer, term_codes
from index.article import Article
from index.dates import time_range
from index.embed import front_of, passage_text
from index.errors import DamagedError
from index.keys import (
    Keys,
    Numbers,
    PassageRows,
    PassageTerms,
    concat,
    concat_terms,
    first_key,
    ranges,
)
from index.period import EVERYTHING, Period, Selection, moments
from index.readers.liveblog import find_entries
from index.split import split, subject_of
from index.store.base import Counts
from index.store.segment import Segment
from tests.fakes import DIMENSION, HashEncoder
from tests.segments import ENCODER, write_segment

_BLOG = "Lead.\n9:00am: One\nIt began. It rained.\n8:00am: Two\nIt was set up.\n7:00am: Three\nNew."
BLOG = Article("blog", _BLOG, published="2023-01-02", entries=find_entries(_BLOG, None, None))
SHIP = Article(
    "ship", "The ferry left Łódź. Nobody wept.", title="A ferry", source="S", published="2022-09-29"
)
DAM = Article("dam", "The dam broke.", source="Gazette", published="1962-03-01")
ARTICLES = {4: SHIP, 5: BLOG, 6: DAM}
NONE: Numbers = np.zeros(0, np.int64)


@pytest.fixture(scope="module")
def segment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Segment]:
    folder = tmp_path_factory.mktemp("segments") / "segment"
    info = write_segment(folder, *ARTICLES.values(), first_number=4)
    opened = Segment(folder, info, DIMENSION)
    yield opened
    opened.close()


def keys_of(number: int, passages: int) -> list[int]:
    return [first_key(number) + place for place in range(passages)]


def as_keys(keys: Sequence[int]) -> Keys:
    return np.array(keys, dtype=np.int64)


ALL = [*keys_of(4, 1), *keys_of(5, 4), *keys_of(6, 1)]


def rows_apart(rows: PassageRows) -> list[list[int]]:
    """The codes of each row."""
    return [row.tolist() for row in np.split(rows.terms, np.cumsum(rows.row_terms)[:-1])]


def test_a_segment_tells_what_it_holds(segment: Segment) -> None:
    assert segment.info.counts == Counts(articles=3, passages=6, sentences=2 + 5 + 1)
    assert segment.columns.keys.tolist() == ALL
    assert len(segment.vectors) == 6
    assert segment.info.terms == len(segment.columns.terms)


@pytest.mark.parametrize("number", ARTICLES)
def test_passages_come_back_as_they_were_split(segment: Segment, number: int) -> None:
    article = ARTICLES[number]
    passages = split(article)
    assert segment.passages_of(number, article) == passages
    keys = keys_of(number, len(passages))
    assert [segment.passage(key, article) for key in keys] == passages


def test_an_article_that_is_not_here_has_no_passages(segment: Segment) -> None:
    assert segment.passages_of(3, SHIP) == segment.passages_of(7, SHIP) == []
    assert len(segment.columns_of(7)) == 0


def test_it_is_told_which_passages_are_here_and_where(segment: Segment) -> None:
    asked = as_keys([ALL[3], 0, ALL[0], first_key(5) + 4, first_key(9)])
    assert segment.holds(asked).tolist() == [True, False, True, False, False]
    assert segment.positions(as_keys([ALL[3], ALL[0]])).tolist() == [3, 0]
    assert [segment.position_of(key) for key in asked.tolist()] == [3, None, 0, None, None]
    with pytest.raises(DamagedError, match=f"lack passage {first_key(9)}"):
        segment.passage(first_key(9), SHIP)


@given(st.lists(st.sampled_from(ALL), max_size=12))
def test_the_rows_of_passages_come_in_the_order_asked_for(
    segment: Segment, asked: list[int]
) -> None:
    rows, analyzer = segment.rows(as_keys(asked)), Analyzer()
    assert rows.keys.tolist() == asked
    reached = iter(range(len(rows.vectors)))
    words = rows_apart(rows) if asked else []
    for key, count in zip(asked, rows.counts.tolist(), strict=True):
        article = ARTICLES[key >> 24]
        passage = segment.passage(key, article)
        [made] = ENCODER.encode_passages([passage_text(subject_of(article), passage)])
        expected = [made.passage, *made.sentences]
        texts = [front_of(subject_of(article), passage), *map(passage.words, passage.sentences)]
        assert count == len(expected) == len(texts)
        for vector, text in zip(expected, texts, strict=True):
            place = next(reached)
            assert float(rows.vectors[place] @ vector) > 0.999
            assert words[place] == term_codes(analyzer.terms(text)).tolist()
    assert next(reached, None) is None


def test_rows_of_segments_are_joined_in_their_order(segment: Segment) -> None:
    first, second = as_keys(ALL[4:]), as_keys(ALL[:2])
    both = concat([segment.rows(first), segment.rows(second)], DIMENSION)
    together = segment.rows(as_keys([*ALL[4:], *ALL[:2]]))
    for name in ("keys", "counts", "vectors", "row_terms", "row_asks", "terms"):
        np.testing.assert_array_equal(getattr(both, name), getattr(together, name))


def test_no_rows_at_all_are_empty_and_of_the_models_dimension() -> None:
    assert concat([], DIMENSION).vectors.shape == (0, DIMENSION)
    assert len(concat([], DIMENSION).keys) == 0


def test_around_a_passage_are_all_of_its_article_in_their_order(segment: Segment) -> None:
    around = segment.around(as_keys([ALL[5], ALL[3], ALL[2]]))
    assert around.keys.tolist() == [*keys_of(5, 4), *keys_of(6, 1)]
    rows = segment.rows(around.keys)
    assert around.terms.tolist() == rows.terms.tolist()
    assert around.vectors.tolist() == rows.vectors[np.cumsum(rows.counts) - rows.counts].tolist()
    fronts = np.cumsum(rows.counts) - rows.counts
    assert around.counts.tolist() == np.add.reduceat(rows.row_terms, fronts).tolist()


def test_passages_of_segments_that_lie_in_each_others_range_are_put_in_order() -> None:
    parts = [terms_of([1, 4], [[10], [40, 41]]), terms_of([2, 3], [[], [30, 31, 32]])]
    together = concat_terms(parts, DIMENSION)
    expected = terms_of([1, 2, 3, 4], [[10], [], [30, 31, 32], [40, 41]])
    for name in ("keys", "vectors", "counts", "terms"):
        np.testing.assert_array_equal(getattr(together, name), getattr(expected, name))
    assert concat_terms([], DIMENSION).vectors.shape == (0, DIMENSION)


def terms_of(keys: list[int], terms: list[list[int]]) -> PassageTerms:
    """Passages of these terms, each with its key in its vector."""
    return PassageTerms(
        keys=as_keys(keys),
        vectors=np.array([[key] * DIMENSION for key in keys], np.int8),
        counts=np.array([len(each) for each in terms], np.int32),
        terms=np.array([code for each in terms for code in each], np.uint32),
    )


@pytest.mark.parametrize(
    ("removed", "live"),
    [([], None), ([3, 99], None), ([5], [1, 0, 0, 0, 0, 1]), ([4, 5, 6], [0] * 6)],
)
def test_passages_of_removed_articles_are_not_live(
    segment: Segment, removed: list[int], live: list[int] | None
) -> None:
    found = segment.live(as_keys(removed))
    assert (None if found is None else found.astype(int).tolist()) == live


@pytest.mark.parametrize(
    ("removed", "counts"),
    [
        ([], Counts(0, 0, 0)),
        ([1, 99], Counts(0, 0, 0)),
        ([5], Counts(1, 4, 5)),
        ([4, 6, 99], Counts(2, 2, 3)),
    ],
)
def test_what_is_of_removed_articles_is_counted(
    segment: Segment, removed: list[int], counts: Counts
) -> None:
    assert segment.counts_of(as_keys(removed)) == counts


def selection(after: str | None = None, source: str | None = None) -> Selection:
    return Selection(Period(after=time_range(after) if after else None), source)


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        (selection("2022"), [*keys_of(4, 1), *keys_of(5, 4)]),
        (selection("2023"), keys_of(5, 4)),
        (selection("2024"), []),
        (selection(source="Gazette"), keys_of(6, 1)),
        (selection(source="gazette"), []),
        (selection("2022", "Gazette"), []),
        (selection("2022", "S"), keys_of(4, 1)),
    ],
)
def test_a_selection_finds_the_passages_of_its_period_and_source(
    segment: Segment, chosen: Selection, found: list[int]
) -> None:
    inside = segment.selected(chosen, None)
    assert inside is not None
    assert segment.columns.keys[inside].tolist() == found


def test_a_selection_leaves_removed_articles_out(segment: Segment) -> None:
    live = segment.live(as_keys([5]))
    assert segment.selected(EVERYTHING, live) is live
    assert segment.selected(EVERYTHING, None) is None
    inside = segment.selected(selection("2022"), live)
    assert inside is not None
    assert segment.columns.keys[inside].tolist() == keys_of(4, 1)


def test_the_columns_of_an_article_count_from_its_first(segment: Segment) -> None:
    cut = segment.columns_of(5)
    assert cut.keys.tolist() == keys_of(5, 4)
    assert cut.first_row.tolist() == [0, 2, 2 + 3, 2 + 3 + 2]
    assert len(cut.vectors) == cut.row_count.sum() == 4 + 5
    assert len(cut.terms) == cut.term_count.sum() == cut.row_terms.sum()
    np.testing.assert_array_equal(cut.vectors, segment.columns.vectors[3 : 3 + 4 + 5])


def test_each_passage_is_searched_by_its_words_with_its_front(segment: Segment) -> None:
    found = list(segment.words())
    assert [each.key for each in found] == ALL
    assert found[0].words == "A ferry\nThe ferry left Łódź. Nobody wept."
    assert (found[0].source, found[0].moments) == ("S", moments(SHIP, None))
    assert found[2].words == "One\nIt began. It rained."
    assert (found[2].source, found[2].moments) == (None, moments(BLOG, BLOG.entries[0]))


def test_a_segment_without_passages_can_be_asked(tmp_path: Path) -> None:
    info = write_segment(tmp_path / "empty")
    empty = Segment(tmp_path / "empty", info, DIMENSION)
    assert empty.info.counts == Counts(0, 0, 0)
    assert empty.holds(as_keys(ALL)).tolist() == [False] * 6
    assert empty.live(as_keys([4])) is None
    positions, _ = empty.vectors.nearest(HashEncoder().encode_query("ferry"), 9)
    assert positions.tolist() == []
    empty.close()


@given(st.lists(st.tuples(st.integers(0, 10**12), st.integers(0, 5)), max_size=20))
def test_runs_are_ranges_one_after_the_other(each: list[tuple[int, int]]) -> None:
    starts = np.array([start for start, _ in each], dtype=np.int64)
    counts = np.array([count for _, count in each], dtype=np.int32)
    expected = [start + step for start, count in each for step in range(count)]
    assert ranges(starts, counts).tolist() == expected


COUNTS = st.builds(Counts, *[st.integers(0, 10**9)] * 3)


@given(COUNTS, COUNTS)
def test_what_is_added_to_counts_can_be_taken_away(one: Counts, other: Counts) -> None:
    assert one + other - other == one
