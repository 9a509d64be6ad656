"""Words in one form: what is written in several is one word to search, and reads as it did."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis import Analyzer, content_words, names
from index.article import Article
from index.forms.folding import composed, folded
from index.forms.taught import taught_forms
from index.split import split


def terms(text: str) -> list[str]:
    return Analyzer().terms(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # Accents composed or not, or left out.
        ("Zoe\u0308 Krame\u0301r", "Zoë Kramér"),
        ("Zoë Kramér", "Zoe Kramer"),
        ("Nguye\u0302\u0303n", "Nguyen"),
        ("П\u0443\u0442\u0438\u0301н", "Путин"),
        # What cannot be seen.
        ("har\u00adbour", "harbour"),
        ("har\u200bbour", "harbour"),
        ("har\u200cbour", "harbour"),
        ("har\u200dbour", "harbour"),
        ("har\u2060bour", "harbour"),
        ("\ufeffharbour", "harbour"),
        # Letters that are written otherwise.
        ("İzmir", "Izmir"),
        ("Iğdır", "Igdir"),
        ("Łódź", "Lodz"),
        ("ﬁddle", "fiddle"),
        ("Ｔｏｋｙｏ ２０２０", "Tokyo 2020"),
        ("№ 5", "No 5"),
        # Initials.
        ("the U.N. envoy", "the UN envoy"),
        ("the U.S.A.", "the USA"),
        ("at 5 p.m.", "at 5 pm"),
        ("J.R.R. Tolkien", "JRR Tolkien"),
        # Words broken at a line's end.
        ("informa-\ntion", "information"),
        ("co-\n  olant", "coolant"),
        ("informa\u00ad\ntion", "information"),
        ("Wi-\nFi", "Wi-Fi"),
        # Signs.
        ("$5", "5 dollars"),
        ("5 €", "5 euros"),
        ("£5", "5 pounds"),
        ("14%", "14 percent"),
        ("20°", "20 degrees"),
    ],
)
def test_words_written_in_two_ways_are_one(one: str, other: str) -> None:
    assert sorted(terms(one)) == sorted(terms(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("10⁶", "106"),
        ("1½", "11"),
        ("the US", "us"),
        ("the WHO", "who"),
        ("end.The", "endthe"),
        ("file.c", "filec"),
    ],
)
def test_what_is_not_the_same_stays_apart(one: str, other: str) -> None:
    assert terms(one) != terms(other)


@pytest.mark.parametrize(
    "text", ["What did the US do?", "What did the U.S. do?", "Is IT hard?", "What is the WHO?"]
)
def test_names_in_capitals_are_no_function_words(text: str) -> None:
    assert names(text)
    assert content_words(text)


@pytest.mark.parametrize(
    "text", ["WHO TOLD US ABOUT IT?", "who told us about it?", "Bus, plus, wit"]
)
def test_where_all_is_in_capitals_or_none_is_they_name_nothing(text: str) -> None:
    assert not {"us0", "who0", "it0"} & set(terms(text))


def test_a_paragraph_in_lines_that_break_a_word_is_one() -> None:
    article = Article("a", "They asked for informa-\ntion, and got it.")
    assert [passage.sentences for passage in split(article)] == [((0, len(article.text)),)]


@pytest.mark.parametrize("text", ["pre-\nPaid cards", "Item -\nother item", "one\ntwo"])
def test_other_lines_are_not_joined(text: str) -> None:
    assert len(split(Article("a", text))[0].sentences) == 2


@given(st.text())
def test_a_folded_text_stays_as_it_is(text: str) -> None:
    assert terms(folded(text)) == terms(text)


@given(st.text())
def test_a_text_has_the_same_words_however_it_is_composed(text: str) -> None:
    decomposed = unicodedata.normalize("NFD", text)
    assert composed(decomposed) == composed(unicodedata.normalize("NFC", text))


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (
            "It was the World Health Organization (WHO) that warned.",
            ("WHO", "World Health Organization"),
        ),
        ("The International Energy Agency (I.E.A.) met.", ("IEA", "International Energy Agency")),
        ("The U.N. (United Nations) met.", ("UN", "United Nations")),
        (
            "the Organisation for the Prohibition of Chemical Weapons (OPCW)",
            ("OPCW", "Organisation for the Prohibition of Chemical Weapons"),
        ),
        ("They hid weapons of mass destruction (WMD).", ("WMD", "weapons of mass destruction")),
        ("Passengers have Wi-Fi.", ("wifi", "wi fi")),
        ("the F-16's wing", ("f16", "f 16")),
        ("a well-\nknown name", ("wellknown", "well known")),
        ("Ms O’Brien left.", ("obrien", "o brien")),
        ("a state-of-the-art lamp", ("stateoftheart", "state of the art")),
    ],
)
def test_a_form_is_taught_once_with_what_it_stands_for(text: str, form: tuple[str, str]) -> None:
    assert list(taught_forms(f"{text} {text}")) == [form]


def test_each_half_of_a_double_name_is_taught_too() -> None:
    forms = [("okeeffelang", "o keeffe lang"), ("okeeffe", "o keeffe")]
    assert list(taught_forms("Ms O'Keeffe-Lang left.")) == forms


@pytest.mark.parametrize(
    "text",
    [
        "PARIS (AFP) - The pump failed.",
        "The pump failed (AND how).",
        "The lamp (LED) failed.",
        "It opened on 2022-09-29.",
        "They don't, it's Ida's - so they'll not.",
        "World (WHO). Health Organization",
        "A " * 60 + "(AAA",
    ],
)
def test_other_brackets_hyphens_and_apostrophes_teach_nothing(text: str) -> None:
    assert not list(taught_forms(text))
