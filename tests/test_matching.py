"""Terms found in stored texts at once, as a plain loop finds them."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis import term_codes
from qa.rank.matching import Texts, count_terms, find_pairs, find_query, find_terms, share
from qa.understand.query import Phrase
from tests.archives import Opened, build_records, open_index

words = st.sampled_from("the dam flood comet orrin 1931 was held".split())


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    data = tmp_path_factory.mktemp("matching") / "data"
    return open_index(build_records(data, [{"_id": "a", "text": "The dam held."}]))


@given(st.lists(words, min_size=1, unique=True), st.lists(st.lists(words)))
def test_terms_are_counted_in_each_text(sought: list[str], texts: list[list[str]]) -> None:
    terms = term_codes(word for text in texts for word in text)
    counts = np.array([len(text) for text in texts], np.int32)
    found = find_terms(term_codes(sought), Texts(terms, counts))
    counted = count_terms(len(sought), found, len(texts))
    assert counted.tolist() == [[text.count(word) for word in sought] for text in texts]


def test_where_nothing_has_weight_no_share_is_present() -> None:
    assert share(np.zeros(2), np.ones((3, 2), np.bool_)).tolist() == [0, 0, 0]
    assert share(np.array([3.0, 1.0]), np.array([[0.5, 1.0]])).tolist() == [2.5 / 4]
    assert share(np.array([3.0, 1.0]), np.array([[True, False]])).tolist() == [3 / (3 + 1)]


def test_what_is_found_tells_where_it_stands_in_which_text_and_which_it_is() -> None:
    texts = [["flood", "the", "dam"], [], ["rain"], ["dam", "dam"]]
    terms = term_codes(term for text in texts for term in text)
    found = find_terms(term_codes(["dam", "flood"]), Texts(terms, np.array([3, 0, 1, 2], np.int32)))
    assert found.positions.tolist() == [0, 2, 3 + 0 + 1, 3 + 0 + 1 + 1]
    assert found.rows.tolist() == [0, 0, 3, 3]
    assert found.places.tolist() == [1, 0, 0, 0]


@given(st.lists(st.integers(0, 3), min_size=1, unique=True), st.lists(st.integers(0, 3)))
def test_codes_that_share_half_of_their_bits_are_told_apart(
    sought: list[int], terms: list[int]
) -> None:
    # Of each two, one half or the other is the same.
    codes = np.array([0x00010002, 0x00010003, 0x00020002, 0x00020003], np.uint32)
    found = find_terms(codes[sought], Texts(codes[terms], np.array([len(terms)], np.int32)))
    expected = [(place, sought.index(term)) for place, term in enumerate(terms) if term in sought]
    assert list(zip(found.positions.tolist(), found.places.tolist(), strict=True)) == expected


@given(st.lists(words).map(" ".join), st.lists(st.lists(words)))
def test_pairs_are_found_side_by_side_and_never_across_two_texts(
    opened: Opened, question: str, texts: list[list[str]]
) -> None:
    query = opened.query(question)
    terms = term_codes(word for text in texts for word in text)
    found = find_terms(query.codes, Texts(terms, np.array([len(text) for text in texts], np.int32)))
    pairs = [(query.terms[one], query.terms[other]) for one, other in query.pairs.tolist()]
    assert find_pairs(query, found, len(texts)).tolist() == [
        [pair in set(pairwise(text)) for pair in pairs] for text in texts
    ]


@pytest.mark.parametrize(
    ("question", "phrase", "places", "text", "present", "are_beside"),
    [
        ("un dam", "united nations", (0,), "united nations dam", [True, True], [True]),
        ("un dam", "united nations", (0,), "nations united dam", [False, True], [False]),
        ("un dam", "united nations", (0,), "un dam", [True, True], [True]),
        ("united nations", "un", (0, 1), "the un held", [True, True], [True]),
        ("the dam", "big old wall", (0, 1), "big old wall", [True, True], [True]),
    ],
)
def test_a_phrase_counts_as_the_terms_that_it_stands_for(
    opened: Opened,
    question: str,
    phrase: str,
    places: tuple[int, ...],
    text: str,
    present: list[bool],
    are_beside: list[bool],
) -> None:
    written = tuple(phrase.split())
    # The terms are words here, unlike those of an archive.
    terms = tuple(question.split())
    pair = np.array([[0, 1]])
    query = replace(
        opened.query(question),
        terms=terms,
        codes=term_codes(terms),
        pairs=pair,
        phrases=(Phrase(written, term_codes(written), places, (1,) * len(written)),),
    )
    # The second text begins with what the phrase ends with.
    texts = [[*text.split(), "united"], ["nations", "held"]]
    counts = np.array([len(each) for each in texts], np.int32)
    found = find_query(query, Texts(term_codes(word for each in texts for word in each), counts))
    assert (count_terms(2, found, 2) > 0)[0].tolist() == present
    assert find_pairs(query, found, 2).tolist() == [are_beside, [False]]
