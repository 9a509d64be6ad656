"""What speaks for a passage: each measure worked out by hand, and all of them by plain loops."""

import math
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from index.analysis import term_codes
from index.article import Entry
from index.embed import Vectors, unit
from index.keys import PassageRows, concat, first_key
from index.vectors import from_signed_bytes, to_signed_bytes
from qa.rank.features import FEATURES, look_closer, match, soft_matches
from qa.understand.query import Query
from tests.archives import Opened, RowsArchive, build_records, open_index, read_passages
from tests.fakes import DIMENSION

# Four passages: "dam" stands in three of them, "flood" in one, "comet" in none.
RECORDS = [
    {"_id": "a", "text": "The dam was built. It stands."},
    {"_id": "b", "text": "The dam held the flood."},
    {"_id": "c", "text": "The old dam leaks."},
    {"_id": "d", "text": "The bakery closed."},
]

Item = TypeVar("Item", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Plain:
    """The terms of a passage: what stands in front, and each sentence."""

    front: list[str]
    sentences: list[list[str]]

    @property
    def everything(self) -> list[str]:
        """All terms, in their order."""
        return [*self.front, *(term for sentence in self.sentences for term in sentence)]


asked = st.sampled_from("the dam flood comet Orrin 1931 was held".split())
questions = st.lists(asked, max_size=8).map(" ".join)
terms = st.lists(st.sampled_from("the dam flood comet orrin 1931 was held rain".split()))
passages = st.lists(st.builds(Plain, terms, st.lists(terms, max_size=4)), max_size=6)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    return open_index(build_records(tmp_path_factory.mktemp("evidence") / "data", RECORDS))


def weighed(
    opened: Opened,
    question: str,
    text: str,
    title: str | None = None,
    entries: tuple[Entry, ...] = (),
) -> dict[str, float]:
    """The measures of the one passage of a text."""
    _, rows = read_passages(text, title, entries)
    (evidence,) = match(opened.query(question), rows, RowsArchive(rows)).features.tolist()
    return dict(zip(FEATURES, evidence, strict=True))


def idf(found_in: int, passages: int = 4) -> float:
    return math.log(1 + (passages - found_in + 0.5) / (found_in + 0.5))


def bm25(often: int, length: int, mean: float) -> float:
    """What a term adds for each unit of its weight (k1 = 1.2, b = 0.75)."""
    return often * (1.2 + 1) / (often + 1.2 * (1 - 0.75 + 0.75 * length / mean))


def test_a_passage_that_repeats_the_question_is_covered_wholly(opened: Opened) -> None:
    found = weighed(opened, "the dam held the flood", "The dam held the flood.")
    assert (found["sentence_coverage"], found["coverage"], found["phrase"]) == pytest.approx(
        (1, 1, 1)
    )
    assert found["sentence_cosine"] == pytest.approx(1, abs=0.01)


def test_coverage_is_a_share_of_weight_not_of_words(opened: Opened) -> None:
    found = weighed(opened, "dam, flood, comet", "A flood came.")
    assert found["coverage"] == pytest.approx(idf(1) / (idf(3) + idf(1) + idf(0)))


def test_one_sentence_with_all_words_counts_more_than_two_with_half(opened: Opened) -> None:
    together = weighed(opened, "dam flood", "Rain fell. The dam met the flood.")
    apart = weighed(opened, "dam flood", "The dam stood. The flood came.")
    assert together["sentence_coverage"] == pytest.approx(1)
    assert together["coverage"] == apart["coverage"] == pytest.approx(1)
    assert apart["sentence_coverage"] == pytest.approx(idf(1) / (idf(3) + idf(1)))


def test_words_in_order_are_told_apart_from_the_same_words_apart(opened: Opened) -> None:
    in_order = weighed(opened, "flood comet", "The flood comet came.")
    apart = weighed(opened, "flood comet", "The comet brought a flood.")
    assert (in_order["phrase"], apart["phrase"]) == (1, 0)
    assert in_order["coverage"] == apart["coverage"]


def test_words_are_no_neighbours_across_the_end_of_a_sentence(opened: Opened) -> None:
    found = weighed(opened, "flood comet", "It was a flood. Comet wine was drunk.")
    assert (found["phrase"], found["coverage"]) == (0, 1)


def test_words_are_no_neighbours_across_the_end_of_a_passage(opened: Opened) -> None:
    _, rows = read_passages("It was a flood. " + "Bread was baked. " * 120 + "Comet wine.")
    _, other = read_passages("A flood.")
    _, next_one = read_passages("Comet wine.")
    query = opened.query("flood comet")
    assert len(rows.counts) > 1
    assert match(query, rows, RowsArchive(rows)).features[:, FEATURES.index("phrase")].max() == 0
    beside = concat([other, next_one], DIMENSION)
    both = match(query, beside, RowsArchive(beside))
    assert both.features[:, FEATURES.index("phrase")].tolist() == [0, 0]


def test_neighbours_in_the_title_are_no_phrase_of_the_passage(opened: Opened) -> None:
    found = weighed(opened, "flood comet", "It came.", "The flood comet")
    assert (found["phrase"], found["coverage"]) == (0, 1)


def test_the_title_and_an_entrys_heading_stand_in_front_of_every_sentence(opened: Opened) -> None:
    text = "9am: Flood\nIt rose. It fell."
    entry = Entry(0, len(text), None, "Flood", "9am", text.index("It rose"))
    titled = weighed(opened, "dam flood", text, "The dam", (entry,))
    bare = weighed(opened, "dam flood", "It rose. It fell.")
    assert titled["sentence_coverage"] == titled["coverage"] == pytest.approx(1)
    assert (bare["sentence_coverage"], bare["coverage"]) == (0, 0)


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("Who built the dam on the Orrin?", 0.0),
        ("Did the Orrin flood in 1931?", 0.0),
        ("Did the Orrin flood in 1932?", 1.0),
        ("Who built the dam on the Tessel?", 1.0),
        ("Did Jonas dam the Orrin?", 1.0),
        ("who built the dam on the tessel", 0.0),
    ],
)
def test_a_name_or_number_that_the_passage_leaves_out_is_noted(
    opened: Opened, question: str, missing: float
) -> None:
    found = weighed(opened, question, "It was built in 1931.", "The dam on the Orrin")
    assert found["missing_name"] == missing


def test_the_cosine_is_that_of_the_best_sentence_and_not_of_the_passage(opened: Opened) -> None:
    text = "Rain fell for days. The dam held the flood. Bread was short."
    _, rows = read_passages(text, "The dam")
    query = opened.query("the dam held the flood")
    found = weighed(opened, query.text, text, "The dam")
    cosines = plain_cosines(query, rows)
    assert found["sentence_cosine"] == pytest.approx(max(cosines[1:])) == pytest.approx(cosines[2])


def test_a_question_without_a_single_term_is_covered_by_nothing(opened: Opened) -> None:
    found = weighed(opened, "x" * 200, "The dam held.")
    counted = {name for name in FEATURES if not name.endswith("cosine")} - {"whole_article"}
    assert {name: found[name] for name in counted} == dict.fromkeys(counted, 0.0)


def test_accents_and_endings_make_no_difference(opened: Opened) -> None:
    found = weighed(opened, "café bakeries", "The cafe and a bakery.")
    assert found["coverage"] == pytest.approx(1)


def test_shares_and_cosines_stay_between_their_bounds(opened: Opened) -> None:
    texts = [str(record["text"]) for record in RECORDS]
    for question, text in pairwise([*texts, "comet flood dam", *texts]):
        found = weighed(opened, question, text)
        shares = (found["sentence_coverage"], found["coverage"], found["phrase"])
        assert all(0 <= share <= 1 + 1e-9 for share in shares)
        assert found["sentence_coverage"] <= found["coverage"] + 1e-9
        assert abs(found["sentence_cosine"]) <= 1 + 1e-5


def test_no_passages_have_no_evidence(opened: Opened) -> None:
    nothing = rows_of([], seed=1)
    matches = match(opened.query("the dam"), nothing, RowsArchive(nothing))
    assert matches.features.shape == (0, len(FEATURES))


def test_a_sentence_that_asks_is_no_evidence(opened: Opened) -> None:
    asking = weighed(opened, "flood comet", "What of the flood comet? It came.")
    saying = weighed(opened, "flood comet", "The flood comet came.")
    assert (asking["sentence_coverage"], asking["phrase"]) == (0, 0)
    assert (saying["sentence_coverage"], saying["phrase"]) == (1, 1)
    assert asking["sentence_cosine"] < saying["sentence_cosine"]


def test_a_passage_that_only_asks_fits_as_a_whole_if_less_well(opened: Opened) -> None:
    _, rows = read_passages("Who saw the comet? Was it a flood?", "The dam")
    query = opened.query("the flood comet")
    matches = match(query, rows, RowsArchive(rows))
    found = dict(zip(FEATURES, matches.features[0].tolist(), strict=True))
    assert found["sentence_cosine"] == pytest.approx(plain_cosines(query, rows)[0] - 0.2)
    assert (found["sentence_coverage"], found["phrase"]) == (0, 0)
    # What it asks about, the passage is about all the same.
    assert found["coverage"] == pytest.approx(1)
    assert matches.sentences(0).asks.tolist() == [True, True]


def test_a_title_that_asks_stands_in_front_all_the_same(opened: Opened) -> None:
    found = weighed(opened, "flood comet", "The flood came.", "What of the comet?")
    assert found["sentence_coverage"] == pytest.approx(1)


def test_words_of_like_meaning_count_in_part_where_it_is_looked_for(opened: Opened) -> None:
    query = opened.query("comet")
    _, rows = read_passages("The star fell.")
    codes = term_codes(["star"]).tolist()
    for cosine, counted in ((1.0, 1.0), (0.8, 1.0), (0.5, 0.5**2 / 0.52), (0.0, 0.0)):
        archive = RowsArchive(rows, likeness={codes[0]: turned(query.word_vectors[0], cosine)})
        plain = match(query, rows, archive)
        closer = look_closer(query, plain, np.array([0]), archive)
        coverage = FEATURES.index("sentence_coverage")
        assert plain.features[0, coverage] == 0
        assert closer.features[0, coverage] == pytest.approx(counted, abs=1e-5)
        assert closer.sentences(0).terms.max() == pytest.approx(counted, abs=1e-5)


def test_words_of_like_meaning_in_the_title_count_for_every_sentence(opened: Opened) -> None:
    query = opened.query("flood comet")
    likeness = {term_codes(["star"]).tolist()[0]: query.word_vectors[1]}
    for front, covered in ((["star"], 1.0), ([], idf(1) / (idf(1) + idf(0)))):
        rows = rows_of([Plain(front, [["rain"], ["flood"]])], seed=1)
        archive = RowsArchive(rows, likeness=likeness)
        closer = look_closer(query, match(query, rows, archive), np.array([0]), archive)
        coverage = closer.features[0, FEATURES.index("sentence_coverage")]
        assert coverage == pytest.approx(covered, abs=1e-5)


def test_no_word_stands_in_for_a_number_nor_for_a_function_word(opened: Opened) -> None:
    query = opened.query("the 1931")
    rows = rows_of([Plain([], [["1932", "a"]])], seed=1)
    vector = np.eye(DIMENSION, dtype=np.float32)[0]
    archive = RowsArchive(rows, likeness=dict.fromkeys(rows.terms.tolist(), vector))
    closer = look_closer(query, match(query, rows, archive), np.array([0]), archive)
    assert closer.features[0, FEATURES.index("sentence_coverage")] == 0


def test_looking_closer_leaves_other_passages_as_they_are(opened: Opened) -> None:
    query = opened.query("comet")
    rows = rows_of([Plain([], [["star"]])] * 2, seed=1)
    likeness = {term_codes(["star"]).tolist()[0]: query.word_vectors[0]}
    archive = RowsArchive(rows, likeness=likeness)
    closer = look_closer(query, match(query, rows, archive), np.array([1]), archive)
    assert closer.features[:, FEATURES.index("sentence_coverage")].tolist() == [0, 1]
    unchanged = look_closer(query, closer, np.zeros(0, np.int64), archive)
    assert unchanged is closer


@settings(max_examples=300)
@given(questions, passages, st.integers(0, 9), st.floats(0.5, 40))
def test_all_measures_at_once_are_those_of_plain_loops_over_sets(
    opened: Opened, question: str, plain: list[Plain], seed: int, mean: float
) -> None:
    query, rows = opened.query(question), rows_of(plain, seed)
    expected = list(plain_evidence(query, plain, plain_cosines(query, rows), mean))
    found = match(query, rows, RowsArchive(rows, mean)).features
    assert found.shape == (len(plain), len(FEATURES))
    for row, (place, right) in zip(found.tolist(), enumerate(expected), strict=True):
        told = dict(zip(FEATURES, row, strict=True))
        # Worked out in the tests of surroundings.
        for name in ("article_cosine", "article_mean", "whole_article"):
            del told[name]
        assert told == pytest.approx(right, abs=1e-6), place


@settings(max_examples=200)
@given(questions, passages, st.integers(0, 9))
def test_the_matches_of_each_sentence_are_what_stands_in_it(
    opened: Opened, question: str, plain: list[Plain], seed: int
) -> None:
    query, rows = opened.query(question), rows_of(plain, seed)
    matches = match(query, rows, RowsArchive(rows))
    pairs = [tuple(query.terms[place] for place in pair) for pair in query.pairs.tolist()]
    cosines = iter(plain_cosines(query, rows))
    for place, passage in enumerate(plain):
        found = matches.sentences(place)
        next(cosines)
        assert found.cosine.tolist() == pytest.approx(
            [next(cosines) for _ in passage.sentences], abs=1e-6
        )
        assert set_of(query.terms, found.front > 0) == set(passage.front) & set(query.terms)
        assert found.terms.shape == (len(passage.sentences), len(query.terms))
        assert found.pairs.shape == (len(passage.sentences), len(pairs))
        for row, sentence in enumerate(passage.sentences):
            assert set_of(query.terms, found.terms[row] > 0) == set(sentence) & set(query.terms)
            assert set_of(pairs, found.pairs[row]) == set(pairwise(sentence)) & set(pairs)


def turned(vector: Vectors, cosine: float) -> Vectors:
    """A unit vector at this cosine to another."""
    other = np.roll(vector, 1)
    across = unit(other - (other @ vector) * vector)
    return np.asarray(cosine * vector + math.sqrt(1 - cosine**2) * across, np.float32)


def rows_of(plain: Sequence[Plain], seed: int) -> PassageRows:
    """The rows of passages of one article, with vectors by chance."""
    parts = [part for each in plain for part in (each.front, *each.sentences)]
    vectors = np.random.default_rng(seed).normal(size=(len(parts), DIMENSION))
    return PassageRows(
        keys=first_key(1) + np.arange(len(plain), dtype=np.int64),
        counts=np.array([1 + len(each.sentences) for each in plain], np.int32),
        vectors=to_signed_bytes(unit(vectors)),
        row_terms=np.array([len(part) for part in parts], np.int32),
        row_asks=np.zeros(len(parts), np.bool_),
        terms=term_codes(term for part in parts for term in part),
    )


def plain_evidence(
    query: Query, plain: Sequence[Plain], cosines: Sequence[float], mean: float
) -> Iterator[dict[str, float]]:
    """Each measure of each passage of one article, term by term."""
    weights = dict(zip(query.terms, query.weights.tolist(), strict=True))
    pairs = {
        (query.terms[one], query.terms[other]): weight
        for (one, other), weight in zip(query.pairs.tolist(), query.pair_weights, strict=True)
    }
    everything = [term for passage in plain for term in passage.everything]
    most = sum(weights.values()) * (1.2 + 1)
    article_bm25 = sum(
        weight * bm25(everything.count(term), len(everything), max(mean, 1.0))
        for term, weight in weights.items()
    )
    rows, before = iter(cosines), list[str]()
    for passage in plain:
        words, front, whole = passage.everything, set(passage.front), next(rows)
        inside = [{*sentence, *front} for sentence in passage.sentences]
        said = {pair for sentence in passage.sentences for pair in pairwise(sentence)}
        yield {
            "sentence_cosine": max((next(rows) for _ in passage.sentences), default=whole - 0.2),
            "sentence_coverage": max((plain_share(weights, each) for each in inside), default=0.0),
            "phrase": plain_share(pairs, said),
            "missing_name": float(not set_of(query.terms, query.names) <= set(words)),
            "coverage": plain_share(weights, [*before, *words]),
            "article_bm25": article_bm25 / most if most else 0.0,
        }
        before = words


def plain_cosines(query: Query, rows: PassageRows) -> list[float]:
    """Of the question and each row."""
    found: list[float] = (from_signed_bytes(rows.vectors) @ query.vector).tolist()
    return found


def plain_share(weights: dict[Item, float], present: Iterable[Item]) -> float:
    """The share of the weight that is present."""
    held = set(present)
    total = sum(weights.values())
    return sum(weight for item, weight in weights.items() if item in held) / total if total else 0.0


def set_of(items: Sequence[Item], flags: NDArray[np.bool_]) -> set[Item]:
    """The items whose flag is set."""
    return {item for item, flag in zip(items, flags.tolist(), strict=True) if flag}


@pytest.mark.parametrize(
    ("cosine", "counted"), [(1.0, 1.0), (0.73, 1.0), (0.5, 0.25 / 0.52), (0.0, 0.0), (-0.9, 0.0)]
)
def test_the_squared_cosine_counts_up_to_a_full_match(cosine: float, counted: float) -> None:
    word = np.array([[cosine, np.sqrt(1 - cosine**2)]], np.float32)
    asked = np.array([[1, 0]], np.float32)
    assert soft_matches(word, asked).tolist() == [[pytest.approx(counted, abs=1e-6)]]


def test_a_word_without_a_vector_stands_in_for_nothing() -> None:
    words, asked = np.zeros((2, 3), np.float32), np.ones((1, 3), np.float32)
    assert soft_matches(words, asked).tolist() == [[0.0], [0.0]]


@given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 99))
def test_each_word_is_held_against_each_term_and_counts_from_nothing_to_one(
    words: int, terms: int, seed: int
) -> None:
    chance = np.random.default_rng(seed)
    said, asked = (unit(chance.normal(size=(count, 3))) for count in (words, terms))
    found = soft_matches(said, asked)
    assert found.shape == (words, terms)
    for word, row in zip(said, found.tolist(), strict=True):
        cosines = [max(0.0, float(word @ term)) for term in asked]
        assert row == pytest.approx([min(1.0, each**2 / 0.52) for each in cosines], abs=1e-5)
