"""The quote is the sentence that answers, with the one before where it cannot stand alone."""

from dataclasses import fields
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.article import Article
from index.catalogue import StoredPassage, Worded
from index.embed import passage_text
from index.lexical import Analyzer
from index.split import count_words, split
from qa.evidence import Evidence, read_query
from qa.quote import find_quote
from qa.search import Candidate
from tests.archives import Opened, open_index
from tests.fakes import HashEncoder

NOTHING = Evidence(*[0.0] * len(fields(Evidence)))
LONG = " ".join(f"word{number}" for number in range(56))
names = st.sampled_from([*"dam flood keeper harbour he it she they the tower".split()])
sentences = st.lists(names, min_size=1, max_size=25).map(
    lambda words: " ".join(words).capitalize() + "."
)
texts = st.lists(sentences, min_size=1, max_size=8).map(" ".join)


@pytest.fixture(scope="module")
def opened(read_only_data: Path) -> Opened:
    return open_index(read_only_data)


def candidate(text: str) -> Candidate:
    """The first passage of the text."""
    passage = split(Article("a", text))[0]
    vectors = HashEncoder().encode_passages([passage_text(None, passage)])[0]
    return Candidate(StoredPassage(Worded(1, None, passage), vectors.sentences), NOTHING, 0.0)


def quoted(opened: Opened, question: str, text: str) -> str:
    vector, analyzer = HashEncoder().encode_query(question), Analyzer()
    asked = read_query(question, vector, analyzer, opened.snapshot.lexical)
    start, end = find_quote(asked, candidate(text), analyzer)
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


@settings(deadline=None, max_examples=150)
@given(question=sentences, text=texts)
def test_a_quote_is_one_or_two_whole_neighbouring_sentences_of_its_passage(
    opened: Opened, question: str, text: str
) -> None:
    chosen, analyzer = candidate(text), Analyzer()
    vector = HashEncoder().encode_query(question)
    span = find_quote(
        read_query(question, vector, analyzer, opened.snapshot.lexical), chosen, analyzer
    )
    passage = chosen.stored.worded.passage
    spans = passage.sentences
    pairs = [(one[0], two[1]) for one, two in pairwise(spans)]
    assert span in {*spans, *pairs}
    if span not in spans:
        assert count_words(text[slice(*span)]) <= 60


def test_the_quote_does_not_depend_on_where_the_passage_lies(opened: Opened) -> None:
    article = Article("a", "Bread was baked. " * 120 + "The dam held the flood. Rain fell.")
    passage = split(article)[-1]
    vectors = HashEncoder().encode_passages([passage_text(None, passage)])[0].sentences
    chosen = Candidate(StoredPassage(Worded(1, None, passage), vectors), NOTHING, 0.0)
    question, analyzer = "the dam held the flood", Analyzer()
    vector = HashEncoder().encode_query(question)
    asked = read_query(question, vector, analyzer, opened.snapshot.lexical)
    start, end = find_quote(asked, chosen, analyzer)
    assert passage.start > 0
    assert article.text[start:end] == "The dam held the flood."
