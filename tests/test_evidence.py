"""What speaks for a passage, each measure worked out by hand."""

import math
from dataclasses import fields
from itertools import pairwise

import numpy as np
import pytest

from index.article import Article, Entry
from index.catalogue import StoredPassage, Worded
from index.embed import passage_text
from index.lexical import Analyzer
from index.split import split
from qa.evidence import (
    Evidence,
    Query,
    best_sentence_cosine,
    read_query,
    weigh_passage,
    weigh_sentences,
)
from tests.archives import Opened, build_records, open_index
from tests.fakes import HashEncoder

ANALYZER = Analyzer()
# Four passages: "dam" stands in three of them, "flood" in one, "comet" in none.
RECORDS = [
    {"_id": "a", "text": "The dam was built. It stands."},
    {"_id": "b", "text": "The dam held the flood."},
    {"_id": "c", "text": "The old dam leaks."},
    {"_id": "d", "text": "The bakery closed."},
]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    return open_index(build_records(tmp_path_factory.mktemp("evidence") / "data", RECORDS))


def query(opened: Opened, text: str) -> Query:
    return read_query(text, HashEncoder().encode_query(text), ANALYZER, opened.snapshot.lexical)


def stored(text: str, title: str | None = None, entries: tuple[Entry, ...] = ()) -> StoredPassage:
    """The last passage of the text as search would read it."""
    passage = split(Article("a", text, title=title, entries=entries))[-1]
    vectors = HashEncoder().encode_passages([passage_text(title, passage)])[0]
    return StoredPassage(Worded(1, title, passage), vectors.sentences)


def weighed(opened: Opened, question: str, passage: StoredPassage) -> Evidence:
    return weigh_passage(query(opened, question), passage, 0.25, 12.0, ANALYZER)


def idf(found_in: int, passages: int = 4) -> float:
    return math.log(1 + (passages - found_in + 0.5) / (found_in + 0.5))


def test_terms_weigh_the_more_the_fewer_passages_hold_them(opened: Opened) -> None:
    weights = query(opened, "dam, flood or comet").weights
    assert weights == pytest.approx({"dam": idf(3), "flood": idf(1), "comet": idf(0)})
    assert weights["dam"] < weights["flood"] < weights["comet"]


def test_function_words_weigh_nothing_and_repeated_words_count_once(opened: Opened) -> None:
    assert list(query(opened, "Where is the dam that the dam was?").weights) == ["dam"]


def test_a_question_of_function_words_alone_is_weighed_by_those(opened: Opened) -> None:
    assert list(query(opened, "Why was it?").weights) == ["whi", "was", "it"]


def test_pairs_are_neighbours_of_which_one_is_a_content_term(opened: Opened) -> None:
    pairs = query(opened, "Who was it that the dam held?").pairs
    assert pairs == pytest.approx({("the", "dam"): idf(3), ("dam", "held"): idf(3) + idf(1)})


def test_words_that_are_operators_elsewhere_are_terms_here(opened: Opened) -> None:
    assert list(query(opened, 'title:dam^2 "flood" +comet* [bakery TO x]').weights) == [
        *("titl", "dam", "2", "flood", "comet", "bakeri", "x")
    ]


def test_the_measures_keep_the_order_in_which_they_are_weighed() -> None:
    numbers = [float(place) for place, _ in enumerate(fields(Evidence))]
    assert Evidence(*numbers).values().tolist() == numbers


def test_a_passage_that_repeats_the_question_is_covered_wholly(opened: Opened) -> None:
    evidence = weighed(opened, "the dam held the flood", stored("The dam held the flood."))
    shares = (evidence.sentence_coverage, evidence.coverage, evidence.phrase)
    assert shares == pytest.approx((1, 1, 1))
    assert evidence.sentence_cosine == pytest.approx(1, abs=1e-5)
    assert (evidence.passage_cosine, evidence.bm25) == (0.25, 12.0 / 10)


def test_coverage_is_a_share_of_weight_not_of_words(opened: Opened) -> None:
    evidence = weighed(opened, "dam, flood, comet", stored("A flood came."))
    assert evidence.coverage == pytest.approx(idf(1) / (idf(3) + idf(1) + idf(0)))


def test_one_sentence_with_all_words_counts_more_than_two_with_half(opened: Opened) -> None:
    together = weighed(opened, "dam flood", stored("Rain fell. The dam met the flood."))
    apart = weighed(opened, "dam flood", stored("The dam stood. The flood came."))
    assert together.sentence_coverage == together.coverage == apart.coverage == pytest.approx(1)
    assert apart.sentence_coverage == pytest.approx(idf(1) / (idf(3) + idf(1)))


def test_words_in_order_are_told_apart_from_the_same_words_apart(opened: Opened) -> None:
    in_order = weighed(opened, "flood comet", stored("The flood comet came."))
    apart = weighed(opened, "flood comet", stored("The comet brought a flood."))
    assert (in_order.phrase, apart.phrase) == (1, 0)
    assert in_order.coverage == apart.coverage


def test_words_are_no_neighbours_across_the_end_of_a_sentence(opened: Opened) -> None:
    evidence = weighed(opened, "flood comet", stored("It was a flood. Comet wine was drunk."))
    assert (evidence.phrase, evidence.coverage) == (0, 1)


def test_the_title_and_an_entrys_heading_stand_in_front_of_every_sentence(opened: Opened) -> None:
    text = "9am: Flood\nIt rose. It fell."
    entry = Entry(0, len(text), None, "Flood", "9am", text.index("It rose"))
    titled = weighed(opened, "dam flood", stored(text, "The dam", (entry,)))
    bare = weighed(opened, "dam flood", stored("It rose. It fell."))
    assert titled.sentence_coverage == titled.coverage == pytest.approx(1)
    assert (bare.sentence_coverage, bare.coverage) == (0, 0)


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
    passage = stored("It was built in 1931.", "The dam on the Orrin")
    assert weighed(opened, question, passage).missing_name == missing


def test_each_sentence_is_weighed_by_its_own_words_alone(opened: Opened) -> None:
    passage = stored("Rain fell for days. The dam held the flood. Bread was short.", "The dam")
    found = weigh_sentences(query(opened, "the dam held the flood"), passage, ANALYZER)
    assert found.coverage.tolist() == pytest.approx([0, 1, 0])
    assert found.phrase.tolist() == pytest.approx([0, 1, 0])
    assert int(np.argmax(found.cosine)) == 1
    best = best_sentence_cosine(query(opened, "the dam held the flood"), passage)
    assert best == pytest.approx(float(found.cosine[1]))


def test_a_question_without_a_single_term_is_covered_by_nothing(opened: Opened) -> None:
    endless = "x" * 200
    assert query(opened, endless).weights == {}
    evidence = weighed(opened, endless, stored("The dam held."))
    assert (evidence.sentence_coverage, evidence.coverage, evidence.phrase) == (0, 0, 0)


def test_accents_and_endings_make_no_difference(opened: Opened) -> None:
    evidence = weighed(opened, "café bakeries", stored("The cafe and a bakery."))
    assert evidence.coverage == pytest.approx(1)


def test_shares_and_cosines_stay_between_their_bounds(opened: Opened) -> None:
    texts = [str(record["text"]) for record in RECORDS]
    for question, text in pairwise([*texts, "comet flood dam", *texts]):
        found = weighed(opened, question, stored(text))
        shares = (found.sentence_coverage, found.coverage, found.phrase)
        assert all(0 <= share <= 1 + 1e-9 for share in shares)
        assert found.sentence_coverage <= found.coverage + 1e-9
        assert abs(found.sentence_cosine) <= 1 + 1e-5
