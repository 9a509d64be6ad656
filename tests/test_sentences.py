"""Where sentences end: a table of cases by rule, in words of our own."""

import json
from pathlib import Path
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import Article
from index.sentences import sentence_ends, sentence_spans
from index.split import split

TABLE = Path(__file__).with_name("sentences.jsonl")
CASES = [json.loads(line) for line in TABLE.read_text(encoding="utf-8").splitlines()]

# The commonest shortened words of news, apart from titles, which names follow.
COMMON = """
    U.S Jan No Sept Aug p.m a.m Oct Nov Jr Dec Feb U.K D.C vs Inc Bros Co Ave St Corp U.N Sr Blvd
    L.A Mar etc i.e B.C Vol Sep Va v e.g Op Dept approx Ch Nos Rd Miss N.Y Calif Fla Gov Ltd Mt
    Sen Rep Gen Dr Mr Mrs Ms Lt Sgt Capt Col Prof Rev Mass Pa Tenn Wash fig para est max avg
""".split()


def sentences_of(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text, 0, len(text))]


@pytest.mark.parametrize("case", CASES, ids=[case["rule"] for case in CASES])
def test_sentences_end_where_the_table_says(case: dict[str, list[str]]) -> None:
    assert sentences_of(" ".join(case["sentences"])) == case["sentences"]


@pytest.mark.parametrize("behind", ["and more", "4 of them", "Friday at noon", "Oct. 4 at noon"])
@pytest.mark.parametrize("word", COMMON)
def test_no_common_abbreviation_ends_a_sentence_before_what_continues_it(
    word: str, behind: str
) -> None:
    text = f"They spoke of the {word}. {behind}."
    assert sentences_of(text) == [text]


def test_sixty_common_abbreviations_are_tried() -> None:
    assert len(set(COMMON)) >= 60


@given(st.text(st.sampled_from("Aab .!?…‘’“\"'([)]1239:\n\u00a0") | st.characters(codec="utf-8")))
def test_ends_rise_to_the_end_of_whatever_is_read(paragraph: str) -> None:
    ends = sentence_ends(paragraph)
    assert ends == sorted(set(ends))
    assert ends[-1] == len(paragraph)
    assert all(end > 0 for end in ends[:-1])


@pytest.mark.parametrize("gap", ["\n", " "])
def test_a_very_long_article_takes_no_longer_than_short_ones_of_the_same_length(gap: str) -> None:
    lines, short = 40_000, 500
    text = gap.join(["Nine ships left."] * short)
    started = thread_time()
    for number in range(lines // short):
        split(Article(f"{number}", text))
    at_once = thread_time()
    split(Article("long", gap.join([text] * (lines // short))))
    assert thread_time() - at_once < 3 * (at_once - started)
