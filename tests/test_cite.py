"""Each thing told once, by the article that published it first, and from several articles."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis import Analyzer, term_codes
from index.article import Article, Passage
from index.store import Located
from qa.answer import Citation, Question
from qa.ask import Asker
from qa.cite import AlikeRows, QuotedSentence, choose, tell_the_same
from qa.rank.matching import Texts
from tests.archives import Opened, Record, build_records, open_index

NEWS = "The dam on the Tessel broke on Monday night and nine people drowned in Lower Tessel."
FILLER = "The valley has been inhabited since the Bronze Age, as graves on the hill show. "


@pytest.fixture(autouse=True)
def sure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything found answers: what is tested is what is made of it."""
    monkeypatch.setattr("qa.answerability.confidence", lambda signals: 0.9)
    monkeypatch.setattr("qa.answerability.passage_probabilities", lambda found: [0.9] * len(found))


def asked(
    tmp_path: Path, records: Sequence[Record], question: str, k: int = 5
) -> tuple[Citation, ...]:
    opened: Opened = open_index(build_records(tmp_path / "data", records))
    return Asker(opened.snapshot, opened.searcher).ask(Question(question, k=k)).citations


def others(citation: Citation) -> list[str]:
    return [passage.article_id for passage in citation.also_in]


def test_copies_with_another_beginning_are_one_citation_of_the_earliest(tmp_path: Path) -> None:
    records = [
        {"_id": "late", "text": f"{FILLER * 9}\n\n{NEWS}", "published": "2022-05-05"},
        {"_id": "first", "text": f"TESSEL. {NEWS}", "published": "2022-05-03"},
        {"_id": "then", "text": f"Reports reach us. {NEWS} {FILLER}", "published": "2022-05-04"},
        {"_id": "undated", "text": NEWS},
    ]
    (one, *rest) = asked(tmp_path, records, "How many drowned when the dam on the Tessel broke?")
    assert (one.article.id, others(one)) == ("first", ["then", "late", "undated"])
    assert one.quote == NEWS
    assert NEWS not in {citation.quote for citation in rest}


def test_a_live_blog_that_quotes_an_article_is_also_where_it_is(tmp_path: Path) -> None:
    entry = f"9:40pm\nThe Courier reports it so. “{NEWS}”"
    records = [
        {"_id": "live", "text": f"{entry}\n\n9:10pm\n{FILLER}", "published": "2022-05-04"},
        {"_id": "courier", "text": f"{NEWS} {FILLER}", "published": "2022-05-03T18:00:00"},
    ]
    (one, *_) = asked(tmp_path, records, "How many drowned when the dam on the Tessel broke?")
    assert (one.article.id, others(one)) == ("courier", ["live"])


def test_reports_of_other_numbers_are_told_apart(tmp_path: Path) -> None:
    records = [
        {"_id": "monday", "text": "The flood of the Tessel killed 9 people in Lower Tessel."},
        {"_id": "tuesday", "text": "The flood of the Tessel killed 14 people in Lower Tessel."},
    ]
    found = asked(tmp_path, records, "How many did the flood of the Tessel kill?")
    assert {citation.article.id for citation in found} == {"monday", "tuesday"}
    assert [others(citation) for citation in found] == [[], []]


def test_thirty_copies_are_one_citation_that_names_the_others_once(tmp_path: Path) -> None:
    records = [
        {"_id": f"c{n}", "text": f"{NEWS} {NEWS}", "published": f"2022-05-{n + 1:02}"}
        for n in range(30)
    ]
    (one,) = asked(tmp_path, records, "How many drowned when the dam on the Tessel broke?")
    assert one.article.id == "c0"
    assert others(one) == [f"c{n}" for n in range(1, 30)]


def test_two_articles_are_cited_before_one_of_them_twice(tmp_path: Path) -> None:
    long = "\n\n".join(f"The dam of the Tessel is {n} feet high. {FILLER * 12}" for n in range(4))
    records = [
        {"_id": "long", "text": long},
        {"_id": "other", "text": f"A dam of the Tessel is old and high. {FILLER}"},
    ]
    found = asked(tmp_path, records, "How high is the dam of the Tessel?")
    assert sorted(citation.article.id for citation in found) == ["long", "other"]


def test_a_further_passage_of_an_article_is_cited_where_it_tells_another_side(
    tmp_path: Path,
) -> None:
    text = f"The dam of the Tessel burst.\n\n{FILLER * 14}\n\nThe mayor resigned in June. {FILLER}"
    records = [{"_id": "long", "text": text}, {"_id": "b", "text": "Bread was baked in May."}]
    found = asked(tmp_path, records, "Why did the mayor resign, and did the dam burst?")
    quotes = " ".join(citation.quote for citation in found if citation.article.id == "long")
    assert "burst" in quotes
    assert "resigned" in quotes


def test_where_one_passage_is_all_there_is_one_is_cited(tmp_path: Path) -> None:
    found = asked(tmp_path, [{"_id": "a", "text": NEWS}], "Who drowned?")
    assert [citation.number for citation in found] == [1]


def test_a_copy_stands_for_others_only_where_it_has_the_words_that_answer(tmp_path: Path) -> None:
    said = "The dam on the Tessel broke on Monday night and nine people drowned"
    records = [
        {"_id": "early", "text": f"{said}.", "published": "2022-05-03"},
        {"_id": "late", "text": f"{said}, mayor Orla Venn said.", "published": "2022-05-04"},
    ]
    question = "What did mayor Orla Venn say of the dam on the Tessel that broke?"
    (one, *_) = asked(tmp_path, records, question)
    assert (one.article.id, others(one)) == ("late", ["early"])


def test_an_article_of_which_only_the_year_is_known_is_not_the_earliest(tmp_path: Path) -> None:
    records = [
        {"_id": "some-day", "text": NEWS, "published": "2022"},
        {"_id": "in-may", "text": NEWS, "published": "2022-05-03"},
    ]
    (one,) = asked(tmp_path, records, "How many drowned when the dam on the Tessel broke?")
    assert (one.article.id, others(one)) == ("in-may", ["some-day"])


def told(article: str, covers: Sequence[bool], also: Sequence[str] = ()) -> QuotedSentence:
    """What `choose` looks at: the article, the words of the question, and where else it is told."""
    words = "Words."
    whole = Passage(article, 0, len(words), words, ((0, len(words)),))
    twins = tuple(Passage(twin, 0, len(words), words, ((0, len(words)),)) for twin in also)
    located = Located(0, Article(article, words), whole)
    return QuotedSentence(located, (0, len(words)), 0.9, np.array(covers), twins)


@pytest.mark.parametrize(
    ("most", "ranked", "chosen"),
    [
        (2, [told("a", [True, False]), told("a", [False, True]), told("b", [True, False])], [0, 2]),
        (
            3,
            [told("a", [True, False]), told("a", [False, True]), told("b", [True, False])],
            [0, 1, 2],
        ),
        (3, [told("a", [True, False]), told("a", [True, False]), told("b", [True, True])], [0, 2]),
        (
            3,
            [told("a", [True, False], ["b"]), told("b", [True, False]), told("c", [True, False])],
            [0, 2],
        ),
        (1, [told("a", [True, False]), told("b", [True, True])], [0]),
    ],
)
def test_other_articles_are_chosen_before_one_of_them_twice(
    most: int, ranked: Sequence[QuotedSentence], chosen: Sequence[int]
) -> None:
    assert choose(ranked, most) == [ranked[place] for place in chosen]


FIRE = "The fire in the old mill began in a store of oil and spread within minutes"


SAME = (
    (f"{FIRE}.", f"“{FIRE}.”"),
    ("The dam broke.", "The dam broke!"),
    (f"{FIRE}.", f"{FIRE}, officials said."),
    (f"{FIRE}.", f"According to the mayor of Kessel Bay, {FIRE[0].lower()}{FIRE[1:]}."),
    (f"{FIRE}.", f"KESSEL BAY (Orrin Wire) — {FIRE}."),
    (f"{FIRE}.", f"(Orrin Wire) - {FIRE}."),
    (f"{FIRE}.", f"(OW) {FIRE}."),
    ("Mending the clock cost 1,200 pounds.", "Mending the clock cost 1200 pounds."),
    (
        "The mill’s owner wasn’t at home that night.",
        "The mill's owner wasn't at home that night.",
    ),
    ("The old dam that broke was built in haste.", "The old dam broke, built in haste."),
)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_words_in_other_dress_tell_the_same(one: str, other: str) -> None:
    assert tell_the_same(one, other)
    assert tell_the_same(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "The storm killed two people in Kessel Bay.",
            "The storm killed nine people in Kessel Bay.",
        ),
        ("Some 9 people drowned in Kessel Bay.", "Some 14 people drowned in Kessel Bay."),
        ("Shares of Orrin Steel rose on Monday.", "Shares of Orrin Steel fell on Monday."),
        (
            "The harbour board did approve the plan to close it.",
            "The harbour board did not approve the plan to close it.",
        ),
        (
            "In the clash 12 people were killed and 30 injured.",
            "In the clash 30 people were killed and 12 injured.",
        ),
        ("Orrin Town beat Kessel Bay in the final.", "Kessel Bay beat Orrin Town in the final."),
        (
            "Smith was arrested on Monday over the fire.",
            "Jones was arrested on Monday over the fire.",
        ),
        (
            "The repair will cost $5 million, it heard.",
            "The repair will cost £5 million, it heard.",
        ),
        ("Turnout rose by 5 points in Kessel Bay.", "Turnout rose by 5% points in Kessel Bay."),
        ("The dam broke.", "The dam broke, officials said."),
        (f"{FIRE}.", f"{FIRE}, officials could not say."),
        (f"{FIRE}.", f"{FIRE}, killing nine, officials said."),
        (f"{FIRE}.", f"{FIRE}, which the mayor of Kessel Bay denied."),
        ("NASA chief Bill Orr resigned on Monday.", "NASA chief Jim Orr resigned on Monday."),
    ],
)
def test_what_is_exchanged_or_added_makes_another_report(one: str, other: str) -> None:
    assert not tell_the_same(one, other)
    assert not tell_the_same(other, one)


@pytest.mark.parametrize(
    "sentence",
    ["It opened in 1999.", "She was born in the town in 1960.", "...", ""],
)
def test_what_points_back_in_few_words_may_be_about_different_things(sentence: str) -> None:
    assert not tell_the_same(sentence, sentence)


def rows_of(texts: Sequence[Sequence[int]]) -> Texts:
    """Rows of these terms."""
    counts = np.array([len(each) for each in texts], np.int32)
    return Texts(np.array([term for each in texts for term in each], np.uint32), counts)


THE, OF = term_codes(["the", "of"]).tolist()


@given(st.lists(st.lists(st.sampled_from([0, 1, 7, 9, 70_000, 2**32 - 1, THE, OF])), min_size=1))
def test_copies_share_most_of_the_terms_that_mean_something_and_half_of_their_order(
    texts: list[list[int]],
) -> None:
    said = [[code for code in text if code not in (THE, OF)] for text in texts]
    pairs = [set(pairwise(text)) for text in said]
    alike = AlikeRows(rows_of(texts))
    for row, own in enumerate(map(set, said)):
        assert alike.to(row) == [
            other
            for other, others in enumerate(said)
            if own
            and others
            and sum(code in own for code in others) >= 0.8 * min(len(own), len(others))
            and len(pairs[row] & pairs[other]) >= 0.5 * min(len(pairs[row]), len(pairs[other]))
            and (own == set(others) or (pairs[row] and pairs[other]))
        ]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_tells_the_same_is_found_by_its_terms(one: str, other: str) -> None:
    rows = rows_of([term_codes(Analyzer().terms(each)).tolist() for each in (one, other)])
    assert AlikeRows(rows).to(0) == [0, 1]
    assert AlikeRows(rows).to(1) == [0, 1]


def test_the_same_words_in_another_order_are_not_looked_up() -> None:
    texts = ["Orrin Town beat Kessel Bay in May.", "In May Bay of Kessel lost Town, Orrin beat."]
    rows = rows_of([term_codes(Analyzer().terms(each)).tolist() for each in texts])
    assert AlikeRows(rows).to(0) == [0]


def test_a_word_alone_is_not_looked_up_for_each_sentence_that_has_it() -> None:
    texts = ["Krakatoa.", f"{FIRE} of Krakatoa.", "The Krakatoa!"]
    alike = AlikeRows(rows_of([term_codes(Analyzer().terms(each)).tolist() for each in texts]))
    assert [alike.to(row) for row in range(3)] == [[0, 2], [1], [0, 2]]


@given(st.text(), st.text())
def test_the_order_of_two_sentences_does_not_matter(one: str, other: str) -> None:
    assert tell_the_same(one, other) == tell_the_same(other, one)
