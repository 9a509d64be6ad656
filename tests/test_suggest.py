"""Questions made from articles, which their own sentences answer."""

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
    ],
)
def test_a_plain_fact_becomes_the_question_it_answers(sentence: str, question: str) -> None:
    assert questions_of(Article("a", sentence)) == [question]


@pytest.mark.parametrize(
    "sentence",
    [
        "She died in 1990.",
        "It was built in 1936.",
        "Mara Lind launched in 1936.",
        "In 1936 Mara Lind launched it.",
        "The dam leaks.",
        "",
    ],
)
def test_what_does_not_tell_who_or_what_becomes_no_question(sentence: str) -> None:
    assert questions_of(Article("a", sentence)) == []


@given(st.text())
def test_no_text_makes_it_fail(text: str) -> None:
    assert len(questions_of(Article("a", text))) <= 4


def test_the_first_questions_are_of_different_articles() -> None:
    text = "The Alder Dam was built in 1936. Mara Lind died in 1990."
    found = suggest([Article("a", text), Article("b", text)])
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
