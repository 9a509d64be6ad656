"""Questions made from articles, which their own sentences answer."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import Article
from index.suggest import (
    SUGGESTIONS,
    Suggested,
    questions_of,
    read_suggestions,
    suggest,
    write_suggestions,
)


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("The Alder Dam was built in 1936.", "When was the Alder Dam built?"),
        ("Mara Lind died on 3 May 1990 at home.", "When did Mara Lind die?"),
        ("On 3 May 1990 the Alder Dam was opened by her.", "When was the Alder Dam opened?"),
        ("In 1936 Mara Lind launched the Gull.", "When did Mara Lind launch the Gull?"),
        (
            "Mara Lind was the first woman to cross the Alder alone.",
            "Who was the first woman to cross the Alder alone?",
        ),
        ("Mara Lind, who had led the Alder Trust, died.", "Who led the Alder Trust?"),
        ("Doctors from Skarn, a town in the north of Norland, came.", "Where is Skarn?"),
        (
            "Mara Lind circled the Alder Lake 48 times.",
            "How many times did Mara Lind circle the Alder Lake?",
        ),
        ("Gull 2 found ten moons that were new.", "How many moons did Gull 2 find?"),
        ("Gull 2 weighed 83.6 kilograms.", "How much did Gull 2 weigh?"),
        ("Gull 2 was built by Mara Lind.", "Who built Gull 2?"),
        (
            "Of the 57 people whom Mount Alder killed, few were old.",
            "How many people did Mount Alder kill?",
        ),
        ("Ann Lee, the governor of Norland, agreed.", "Who was the governor of Norland?"),
        ("Gull 2 closed Alder Bridge because it leaked.", "Why did Gull 2 close Alder Bridge?"),
        ("Mara Lind said that Norland would pay.", "What did Mara Lind say about Norland?"),
    ],
)
def test_a_plain_fact_becomes_the_question_it_answers(sentence: str, question: str) -> None:
    assert question in questions_of(Article("a", sentence))


@pytest.mark.parametrize(
    "sentence",
    [
        "She died in 1990.",
        "It was built in 1936.",
        "Mara Lind launched in 1936.",
        "In 1936 Mara Lind launched it.",
        "The dam leaks.",
        "Farmers closed the road in 1936.",
        "Mara Lind opened the valve in 1936.",
        "Mara Lind closed their mine in 1936.",
        "",
    ],
)
def test_what_does_not_tell_who_or_what_becomes_no_question(sentence: str) -> None:
    assert questions_of(Article("a", sentence)) == []


def test_a_last_name_is_told_in_full() -> None:
    text = "The doctor was Mara Lind. In May Lind died."
    assert questions_of(Article("a", text)) == ["When did Mara Lind die?"]


def test_of_an_article_that_is_the_same_the_questions_are_kept() -> None:
    articles = [Article("a", "The Alder Dam was built in 1936."), Article("b", "It leaks.")]
    kept = {each.article_id: [replace(each, question="Kept?")] for each in suggest(articles)}
    again = [*articles, Article("c", "The Alder Dam was closed in 1990.")]
    told = [each.question for each in suggest(again, kept)]
    assert told == ["Kept?", "When was the Alder Dam closed?"]


@given(st.text())
def test_no_text_makes_it_fail(text: str) -> None:
    assert len(questions_of(Article("a", text))) <= 3


def test_the_first_questions_are_of_different_articles() -> None:
    found = suggest(
        [
            Article("a", "The Alder Dam was built in 1936. Mara Lind died in 1990."),
            Article("b", "The Skarn Dam was built in 1936. Jon Berg died in 1990."),
        ]
    )
    assert [each.article_id for each in found] == ["a", "b", "a", "b"]


def test_what_is_written_is_read(tmp_path: Path) -> None:
    written = [Suggested("Who?", "a/b"), Suggested("Où ?", "c")]
    write_suggestions(tmp_path, written)
    assert read_suggestions(tmp_path) == tuple(written)


@pytest.mark.parametrize("content", [None, "", "{", "[1]", '[["a"]]', "{}"])
def test_a_missing_or_broken_file_offers_nothing(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / SUGGESTIONS).write_text(content)
    assert read_suggestions(tmp_path) == ()
