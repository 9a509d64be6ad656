"""A question in a language that the archive does not have is told from one that it has."""

import json
from array import array
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.understand import language
from qa.understand.language import Languages, reads_many_languages

FOREIGN = [
    json.loads(line)
    for line in (Path(__file__).parent / "foreign.jsonl").read_text("utf-8").splitlines()
]
ENGLISH = "The lander came down on the Moon in July, and the crew was surprised by its dust."
FRENCH = "La fusée est arrivée sur la Lune au mois de juillet, et personne ne savait pourquoi."
UKRAINIAN = "Апарат сів на поверхню Місяця у липні, і ніхто не знав чому."


def archive_of(*texts: str) -> Languages:
    known = {word for text in texts for word in text.lower().split()}
    return Languages(texts, known.__contains__)


IN_ENGLISH = archive_of(ENGLISH)


def test_at_least_27_of_30_questions_in_other_languages_are_foreign() -> None:
    assert len(FOREIGN) == 30
    assert sum(IN_ENGLISH.lack(row["question"]) for row in FOREIGN) >= 27


@pytest.mark.parametrize(
    "line",
    [
        "Wer unterzeichnete die Verträge?",
        "Qui a signé les traités ?",
        "Коли Аполлон сів на Місяць?",
        "متى هبطت أبولو على القمر؟",
        # Half of the longer words are English, too.
        "Chi ha scoperto il radio?",
        "Qui a découvert le radium ?",
        "Vem upptäckte radium?",
        # Scripts without spaces.
        "誰が橋を設計しましたか？",
        "谁设计了这座桥？",
        "ใครออกแบบสะพาน",
    ],
)
def test_another_language_than_the_archives_is_foreign(line: str) -> None:
    assert archive_of(ENGLISH).lack(line)


def test_the_languages_of_the_archive_are_not() -> None:
    assert not archive_of(FRENCH).lack("Quand la fusée est-elle arrivée sur la Lune ?")
    assert not archive_of(UKRAINIAN).lack("Коли Аполлон сів на Місяць?")
    assert not archive_of(ENGLISH, FRENCH).lack("Qui a signé les traités ?")
    assert archive_of(FRENCH).lack("Who signed the treaties, and why did they do so?")


@pytest.mark.parametrize(
    "line",
    [
        "When did Apollo 11 land?",
        "Who painted La Gioconda?",
        "What did Der Spiegel write about the de Gaulle?",
        "Nord Stream leaks",
        "El Niño 1998",
        "Who said ¡No pasarán!?",
        "Quando, Quando, Quando",
        "東京",
        # Names in scripts with spaces.
        "القاهرة",
        "방탄소년단",
        # Key words, half of them names that the archive lacks.
        "merbok strongest gusts kotzebue",
        "wickremesinghe president rajapaksa protests",
        "What does 橋 mean?",
        "Who spoke from 28 to 30 September 2022?",
        "insulin",
        "",
    ],
)
def test_english_with_foreign_names_is_english(line: str) -> None:
    assert not archive_of(ENGLISH).lack(line)


def test_key_words_that_the_archive_has_are_of_its_language() -> None:
    line = "merbok gusts kotzebue"
    assert archive_of(ENGLISH).lack(line)
    assert not archive_of(f"{ENGLISH} {line}").lack(line)
    assert not archive_of(f"{ENGLISH} {line}").lack("merbik gists kotzebu", line)


def test_an_archive_without_texts_has_every_language() -> None:
    assert not archive_of().lack("Wer unterzeichnete die Verträge?")


@given(st.text())
def test_any_line_can_be_looked_at(line: str) -> None:
    assert IN_ENGLISH.lack(line) in (True, False)


@pytest.mark.parametrize(
    ("model", "many"),
    [
        ("paraphrase-multilingual-MiniLM-L12-v2", True),
        ("intfloat/multilingual-e5-small", True),
        ("BAAI/bge-m3", True),
        ("sentence-transformers/LaBSE", True),
        ("all-MiniLM-L6-v2", False),
        ("BAAI/bge-small-en-v1.5", False),
    ],
)
def test_a_model_for_many_languages_is_known_by_its_name(model: str, many: bool) -> None:
    assert reads_many_languages(model) is many


@pytest.mark.parametrize("is_full", [False, True])
def test_numbers_are_put_aside_as_they_are_even_on_a_full_disk(
    monkeypatch: pytest.MonkeyPatch, *, is_full: bool
) -> None:
    def refuse() -> None:
        raise OSError(28, "No space left on device")

    if is_full:
        monkeypatch.setattr(language, "TemporaryFile", refuse)
    weights, steps = np.arange(6, dtype=np.float16).reshape(2, 3), array("i", [3, -1, 2**31 - 1])
    aside = language._put_aside(weights.data)
    assert np.frombuffer(aside, np.float16).tolist() == [0, 1, 2, 3, 4, 5]
    assert language._put_aside(memoryview(steps)).cast("i").tolist() == steps.tolist()
