"""The quote is the sentence that answers, with the one before where it cannot stand alone."""

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.analysis import Analyzer
from index.article import Passage
from index.embed import front_of
from index.english import FUNCTION_WORDS
from index.sentences import count_words
from qa.quote import best_sentence, quote_at, score_sentences
from qa.rank.features import SentenceMatches, match
from qa.understand.query import Query, offers
from tests.archives import Opened, RowsArchive, open_index, read_passages

LONG = " ".join(f"word{number}" for number in range(56))
names = st.sampled_from([*"dam flood keeper harbour he it she they the tower 1931".split()])
sentences = st.lists(names, min_size=1, max_size=25).map(
    lambda words: " ".join(words).capitalize() + "."
)
texts = st.lists(sentences, min_size=1, max_size=8).map(" ".join)


@pytest.fixture(scope="module")
def opened(read_only_data: Path) -> Opened:
    return open_index(read_only_data)


def matched(query: Query, text: str, title: str | None = None) -> tuple[Passage, SentenceMatches]:
    """The last passage of the text, and what of the question stands in its sentences."""
    passages, rows = read_passages(text, title)
    return passages[-1], match(query, rows, RowsArchive(rows)).sentences(len(passages) - 1)


def quoted(opened: Opened, question: str, text: str) -> str:
    query = opened.query(question)
    passage, matches = matched(query, text)
    start, end = quote_at(passage, best_sentence(query, matches, passage))
    return text[start:end]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("When was the lighthouse lit for the first time?", "The lighthouse was lit in 1874."),
        ("What did the lamp burn?", "Its lamp burned whale oil."),
        ("Who was the last keeper?", "Jonas Field was the last keeper."),
    ],
)
def test_the_sentence_that_shares_the_questions_words_is_quoted(
    opened: Opened, question: str, answer: str
) -> None:
    text = "The lighthouse was lit in 1874. Its lamp burned whale oil. "
    text += "Ships saw the light. Jonas Field was the last keeper. A computer does the work now."
    assert quoted(opened, question, text).endswith(answer)


@pytest.mark.parametrize(
    "opening",
    [
        *("He", "She", "It", "They", "This", "Those", "Her", "Their"),
        *("“He", '"It', "(They", "He’s the one who", "It's he who", "IT", "Hers,"),
    ],
)
def test_a_sentence_that_opens_with_a_pronoun_takes_the_one_before(
    opened: Opened, opening: str
) -> None:
    text = f"Rain fell. Jonas Field came home. {opening} switched the computer off at dusk."
    found = quoted(opened, "switched the computer off at dusk", text)
    assert found == f"Jonas Field came home. {opening} switched the computer off at dusk."


@pytest.mark.parametrize("opening", ["Heat", "Itself", "Theirs", "The keeper", "1874", "…"])
def test_a_sentence_that_opens_with_another_word_stands_alone(opened: Opened, opening: str) -> None:
    text = f"Jonas Field came home. {opening} switched the computer off at dusk."
    found = quoted(opened, "switched the computer off at dusk", text)
    assert found == f"{opening} switched the computer off at dusk."


def test_the_first_sentence_of_a_passage_stands_alone_whatever_it_opens_with(
    opened: Opened,
) -> None:
    text = "He switched the computer off. Jonas Field came home."
    assert quoted(opened, "switched the computer off", text) == "He switched the computer off."


@pytest.mark.parametrize(("words", "grows"), [(56, True), (57, False)])
def test_a_quote_does_not_grow_beyond_sixty_words(opened: Opened, words: int, grows: bool) -> None:
    before = LONG if words == 56 else f"{LONG} more"
    text = f"{before}. He switched computers off."
    found = quoted(opened, "switched computers off", text)
    assert count_words(text) == words + 4
    assert found == (text if grows else "He switched computers off.")


def test_a_quote_is_never_longer_than_two_sentences(opened: Opened) -> None:
    text = "Jonas came. He ate. It was late. They switched the computer off at dusk."
    found = quoted(opened, "switched the computer off at dusk", text)
    assert found == "It was late. They switched the computer off at dusk."


@settings(max_examples=150)
@given(question=sentences, text=texts)
def test_a_quote_is_one_or_two_whole_neighbouring_sentences_of_its_passage(
    opened: Opened, question: str, text: str
) -> None:
    query = opened.query(question)
    passage, matches = matched(query, text)
    span = quote_at(passage, best_sentence(query, matches, passage))
    spans = passage.sentences
    pairs = [(one[0], two[1]) for one, two in pairwise(spans)]
    assert span in {*spans, *pairs}
    if span not in spans:
        assert count_words(text[slice(*span)]) <= 60


def test_the_quote_does_not_depend_on_where_the_passage_lies(opened: Opened) -> None:
    text = "Bread was baked. " * 120 + "The dam held the flood. Rain fell."
    query = opened.query("the dam held the flood")
    passage, matches = matched(query, text)
    start, end = quote_at(passage, best_sentence(query, matches, passage))
    assert passage.start > 0
    assert text[start:end] == "The dam held the flood."


def test_each_sentence_is_scored_by_its_own_words_alone(opened: Opened) -> None:
    text = "Rain fell for days. The dam held the flood. Bread was short."
    query = opened.query("the dam held the flood")
    passage, matches = matched(query, text, "The dam")
    scores = score_sentences(query, matches, passage) - matches.cosine
    assert scores.tolist() == pytest.approx([0, 0.5 + 0.3, 0])
    assert int(np.argmax(matches.cosine)) == 1


def test_what_the_title_says_counts_a_fifth_in_a_sentence(opened: Opened) -> None:
    query = opened.query("dam comet")
    dam, comet = query.weights.tolist()
    text = "A dam. A comet. Rain."
    passage, matches = matched(query, text, "The dam")
    scores = (score_sentences(query, matches, passage) - matches.cosine).tolist()
    # One of three sentences holds each word, so both tell the sentences apart alike.
    total = 0.2 * dam + comet
    assert scores == pytest.approx([0.5 * 0.2 * dam / total, 0.5 * comet / total, 0])


def test_a_word_that_every_sentence_holds_tells_little(opened: Opened) -> None:
    query = opened.query("dam comet")
    dam, comet = query.weights.tolist()
    passage, matches = matched(query, "A dam. A dam with a comet. Dam and rain. Dam.")
    scores = (score_sentences(query, matches, passage) - matches.cosine).tolist()
    common, rare = dam * math.log(1 + 4 / 4), comet * math.log(1 + 4 / 1)
    assert scores[0] == pytest.approx(0.5 * common / (common + rare))
    assert scores[1] == pytest.approx(0.5)


def test_a_sentence_that_asks_is_not_quoted_where_another_says(opened: Opened) -> None:
    text = "Who held the dam? The dam was held by Jonas Field."
    assert quoted(opened, "Who held the dam?", text) == "The dam was held by Jonas Field."
    assert quoted(opened, "Who held the dam?", "Who held the dam?") == "Who held the dam?"


def test_a_heading_with_no_word_of_its_own_is_not_quoted_where_another_says(opened: Opened) -> None:
    text = "The dam of Tessel\n\nIt was held by Jonas Field."
    assert quoted(opened, "Who held the dam of Tessel?", text) == "It was held by Jonas Field."
    told = "The dam of Tessel\n\nHeld the dam: Jonas Field"
    assert quoted(opened, "Who held the dam of Tessel?", told) == "Held the dam: Jonas Field"


def test_a_sentence_with_the_kind_of_thing_asked_for_is_preferred(opened: Opened) -> None:
    query = opened.query("When did they vote?")
    passage, matches = matched(query, "They vote at home. They vote in March.")
    scores = (score_sentences(query, matches, passage) - matches.cosine).tolist()
    assert scores[1] - scores[0] == pytest.approx(0.15)


@settings(max_examples=150)
@given(question=sentences, text=texts, title=st.none() | st.just("The dam 1931"))
def test_scores_are_those_of_plain_loops_over_the_words(
    opened: Opened, question: str, text: str, title: str | None
) -> None:
    query = opened.query(question)
    passage, matches = matched(query, text, title)
    found = score_sentences(query, matches, passage)
    expected = plain_scores(query, passage, title)
    assert (found - matches.cosine).tolist() == pytest.approx(expected, abs=1e-9)
    assert best_sentence(query, matches, passage) == int(np.argmax(found))


def plain_scores(query: Query, passage: Passage, title: str | None) -> list[float]:
    """The score of each sentence but for its cosine, word by word."""
    analyzer = Analyzer()
    said = [passage.words(span) for span in passage.sentences]
    terms = [analyzer.terms(words) for words in said]
    front = set(analyzer.terms(front_of(title, passage)))
    weights = {}
    for term, weight in zip(query.terms, query.weights.tolist(), strict=True):
        holding = max(1, sum(term in one for one in terms))
        weights[term] = weight * math.log(1 + len(terms) / holding) * (0.2 if term in front else 1)
    pairs = {}
    for places, weight in zip(query.pairs.tolist(), query.pair_weights.tolist(), strict=True):
        one, other = (query.terms[place] for place in places)
        pairs[one, other] = weight * (0.2 if {one, other} <= front else 1)
    return [
        0.5 * sum(weights[term] for term in {*one} & weights.keys()) / (sum(weights.values()) or 1)
        + 0.3
        * sum(pairs[pair] for pair in {*pairwise(one)} & pairs.keys())
        / (sum(pairs.values()) or 1)
        + 0.15 * (query.kind is not None and offers(words, query.kind, query.text))
        - (words[-1] not in ".!?…" and {*one} - {*map(str, FUNCTION_WORDS)} <= {*query.terms})
        for one, words in zip(terms, said, strict=True)
    ]
