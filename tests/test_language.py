"""A question in a language that the archive does not have is told from one that it has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.understand.language import is_foreign, reads_many_languages


def archive_of(text: str) -> set[str]:
    """Words that stand in every passage of an archive."""
    return set(text.split())


ENGLISH = archive_of("the of and in is was when who did land on moon a to")
FRENCH = archive_of("le la les des du de et est sont qui quand sur un une à été a")


def foreign(line: str, archive: set[str]) -> bool:
    """Whether it is to that archive."""
    return is_foreign(line, lambda word: float(word in archive))


@pytest.mark.parametrize(
    "line",
    [
        "Quand Apollo 11 a-t-il atterri sur la Lune ?",
        "Wann landete Apollo 11 auf dem Mond?",
        "¿Cuándo llegó el Apolo 11 a la Luna?",
        "Коли Аполлон сів на Місяць?",
        "متى هبطت أبولو على القمر؟",
        "¿Cuándo murió Gagarin?",
        "Wann starb Gagarin?",
        "Quando morì Gagarin?",
        "Quand mourut Gagarine ?",
    ],
)
def test_another_language_than_the_archives_is_foreign(line: str) -> None:
    assert foreign(line, ENGLISH)


def test_the_language_of_the_archive_is_not() -> None:
    assert not foreign("Quand la fusée est-elle arrivée sur la Lune ?", FRENCH)
    assert not foreign("Коли Аполлон сів на Місяць?", archive_of("коли на"))


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
        "insulin",
        "",
    ],
)
def test_english_with_foreign_names_is_english(line: str) -> None:
    assert not foreign(line, ENGLISH)


@given(st.text())
def test_any_line_can_be_looked_at(line: str) -> None:
    assert foreign(line, ENGLISH) in (True, False)


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
