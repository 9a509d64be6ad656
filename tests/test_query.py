"""A question read into arrays: what each term, pair and name of it is worth."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.analysis import Analyzer, term_code
from index.embed import Vectors
from qa.answer import Understood
from qa.understand.query import Kind, Query, kind_asked, offers, read_query
from tests.archives import Opened, build_records, open_index
from tests.fakes import DIMENSION, HashEncoder

# Four passages: "dam" stands in three of them, "flood" in one, "comet" in none.
RECORDS = [
    {"_id": "a", "text": "The dam was built. It stands."},
    {"_id": "b", "text": "The dam held the flood."},
    {"_id": "c", "text": "The old dam leaks."},
    {"_id": "d", "text": "The bakery closed."},
]
WORDS = "the dam Dam flood comet Orrin 1931 who was it held café OR dams -".split()
questions = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    return open_index(build_records(tmp_path_factory.mktemp("query") / "data", RECORDS))


def weights(query: Query) -> dict[str, float]:
    """What each content term weighs."""
    found = dict(zip(query.terms, query.weights.tolist(), strict=True))
    return {term: weight for term, weight in found.items() if weight}


def pairs(query: Query) -> dict[tuple[str, str], float]:
    """What each pair weighs."""
    found = [(query.terms[one], query.terms[other]) for one, other in query.pairs.tolist()]
    return dict(zip(found, query.pair_weights.tolist(), strict=True))


def names(query: Query) -> set[str]:
    """The terms of names."""
    return {term for term, is_name in zip(query.terms, query.names, strict=True) if is_name}


def idf(found_in: int, passages: int = 4) -> float:
    return math.log(1 + (passages - found_in + 0.5) / (found_in + 0.5))


def test_terms_weigh_the_more_the_fewer_passages_hold_them(opened: Opened) -> None:
    found = weights(opened.query("dam, flood or comet"))
    assert found == pytest.approx({"dam": idf(3), "flood": idf(1), "comet": idf(0)})
    assert found["dam"] < found["flood"] < found["comet"]


def test_function_words_weigh_nothing_and_repeated_words_count_once(opened: Opened) -> None:
    query = opened.query("Where is the dam that the dam was?")
    assert list(weights(query)) == query.content_terms == ["dam"]
    assert query.terms == ("where", "is", "the", "dam", "that", "was")


def test_a_question_of_function_words_alone_is_weighed_by_those(opened: Opened) -> None:
    assert list(weights(opened.query("Why was it?"))) == ["whi", "was", "it"]


def test_pairs_are_neighbours_of_which_one_is_a_content_term(opened: Opened) -> None:
    found = pairs(opened.query("Who was it that the dam held?"))
    assert found == pytest.approx({("the", "dam"): idf(3), ("dam", "held"): idf(3) + idf(1)})


def test_a_word_said_twice_on_end_is_a_pair_with_itself(opened: Opened) -> None:
    assert pairs(opened.query("dam dam dam")) == pytest.approx({("dam", "dam"): 2 * idf(3)})


def test_words_that_are_operators_elsewhere_are_terms_here(opened: Opened) -> None:
    assert opened.query('title:dam^2 "flood" +comet* [bakery TO x]').content_terms == [
        *("titl", "dam", "2", "flood", "comet", "bakeri", "x")
    ]


def test_names_are_words_with_a_capital_inside_and_numbers(opened: Opened) -> None:
    assert names(opened.query("Who built the dam on the Orrin in 1931?")) == {"orrin", "1931"}
    assert names(opened.query("who built the dam on the orrin")) == set()


def test_the_kind_of_thing_asked_for_is_read(opened: Opened) -> None:
    assert opened.query("When was the dam built?").kind is Kind.TIME
    assert opened.query("How many dams?").kind is Kind.NUMBER
    assert opened.query("dam").kind is None


def test_the_codes_are_those_of_the_index(opened: Opened) -> None:
    query = opened.query("the dam held")
    assert query.codes.dtype == np.uint32
    assert query.codes.tolist() == [term_code(term) for term in ("the", "dam", "held")]


@pytest.mark.parametrize("text", ["x" * 300, "", "🙂", "?!"])
def test_a_question_without_a_single_term_has_arrays_of_nothing(opened: Opened, text: str) -> None:
    query = opened.query(text)
    assert (query.terms, query.content_terms) == ((), [])
    shapes = (query.codes.shape, query.weights.shape, query.pairs.shape, query.names.shape)
    assert shapes == ((0,), (0,), (0, 2), (0,))
    assert query.pair_weights.shape == (0,)


@settings(max_examples=100)
@given(questions)
def test_every_array_tells_of_each_term_and_each_pair_once(opened: Opened, text: str) -> None:
    query, said = opened.query(text), Analyzer().terms(text)
    assert list(query.terms) == list(dict.fromkeys(said))
    assert len({*query.terms}) == len(query.terms) == len(query.codes) == len(query.names)
    found = pairs(query)
    assert len(found) == len(query.pairs)
    telling = weights(query)
    neighbours = {pair for pair in pairwise(said) if not telling.keys().isdisjoint(pair)}
    assert found.keys() == neighbours
    for pair, weight in found.items():
        assert weight == pytest.approx(sum(telling.get(term, 0.0) for term in pair))


def test_the_question_and_its_vector_are_kept(opened: Opened) -> None:
    query = opened.query("the dam held")
    assert query.text == "the dam held"
    assert query.vector.tolist() == HashEncoder().encode_query("the dam held").tolist()


def test_words_that_others_may_stand_in_for_have_their_vectors(opened: Opened) -> None:
    query = opened.query("was the dam of 1931 like a comet")
    vectors = dict(zip(query.terms, query.word_vectors, strict=True))
    # "dam" repeats in the archive, which has its vector; "comet" is in none, and encoded along.
    for term, word in (("dam", "dam"), ("comet", "comet")):
        expected = HashEncoder().encode_query(word)
        assert float(vectors[term] @ expected) == pytest.approx(1, abs=0.02)
    for term in ("was", "the", "1931"):
        assert not vectors[term].any()


def test_only_words_that_the_archive_does_not_know_are_encoded_with_the_question(
    opened: Opened,
) -> None:
    asked: list[list[str]] = []

    class Asked(HashEncoder):
        def encode_queries(self, texts: Sequence[str]) -> Vectors:
            asked.append(list(texts))
            return super().encode_queries(texts)

    read_query(Understood("the dam and the Comets of 1931"), Asked(), Analyzer(), opened.snapshot)
    assert asked == [["the dam and the Comets of 1931", "comets"]]


@pytest.mark.parametrize("text", ["Was İ?", "ⓐ the", "\N{COMBINING LATIN SMALL LETTER A}", "किताब"])
def test_a_term_that_is_no_word_by_itself_is_encoded_as_it_stands(
    opened: Opened, text: str
) -> None:
    query = opened.query(text)
    assert query.word_vectors.shape == (len(query.terms), DIMENSION)
    open_to_others = query.weights > 0
    assert query.word_vectors.any(axis=1).tolist() == open_to_others.tolist()


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many people died?", Kind.NUMBER),
        ("how far away was it heard", Kind.NUMBER),
        ("What share of the vote was in favour?", Kind.NUMBER),
        ("When did Voyager 2 leave?", Kind.TIME),
        ("In what year did it begin?", Kind.TIME),
        ("Which month was the coldest?", Kind.TIME),
        ("Who vetoed the resolution?", Kind.NAME),
        ("Where was the melon bought?", Kind.NAME),
        ("Which Italian city was buried?", Kind.NAME),
        ("Why did the sky turn red?", None),
        ("Nord Stream leaks", None),
    ],
)
def test_the_kind_of_thing_asked_for_is_told_from_the_question(
    question: str, kind: Kind | None
) -> None:
    assert kind_asked(question) is kind


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("It killed 36,417 people.", Kind.NUMBER),
        ("About a dozen ships sank.", Kind.NUMBER),
        ("Turnout was ninety per cent.", Kind.NUMBER),
        ("It began on 26 August.", Kind.TIME),
        ("He landed at 4:17pm.", Kind.TIME),
        ("It was over by the 1920s.", Kind.TIME),
        ("The engine was lit by Neil Armstrong.", Kind.NAME),
        ("They met in Ankara.", Kind.NAME),
    ],
)
def test_a_sentence_offers_the_kind_of_thing_it_holds(sentence: str, kind: Kind) -> None:
    assert offers(sentence, kind, "anything else")


@pytest.mark.parametrize("kind", list(Kind))
def test_a_sentence_without_such_a_thing_offers_none(kind: Kind) -> None:
    assert not offers("The lamp burned whale oil until it was put out.", kind, "What burned?")


@pytest.mark.parametrize(
    ("sentence", "kind", "question"),
    [
        ("In 1883 it was heard far away.", Kind.NUMBER, "How far was it heard in 1883?"),
        ("The treaty of September was signed.", Kind.TIME, "On what day of September was it?"),
        ("The man behind Apollo left.", Kind.NAME, "Who was behind Apollo?"),
    ],
)
def test_what_the_question_says_itself_is_no_offer(
    sentence: str, kind: Kind, question: str
) -> None:
    assert not offers(sentence, kind, question)


def test_a_number_inside_another_of_the_question_is_an_offer() -> None:
    assert offers("There 15 sailors died.", Kind.NUMBER, "How many died in 1915?")


def test_the_capital_that_begins_a_sentence_is_no_name() -> None:
    assert not offers("Shepherds saw it.", Kind.NAME, "Who saw it?")
