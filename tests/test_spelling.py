"""Typing errors in questions: put right by the words of the archive, shown, and taken back."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.build.removal import remove_articles
from qa.answer import Answer, Question, Respelling, turns
from qa.understand.lexicon import Lexicon
from qa.understand.spelling import Slip, Speller, slip
from tests.archives import Opened, Record, build_records, open_index

RECORDS: tuple[Record, ...] = (
    {
        "_id": "moon",
        "title": "Apollo 11",
        "text": "Neil Armstrong commanded Apollo 11. It was launched on 16 July 1969.",
    },
    {
        "_id": "leaks",
        "title": "Leaks in the Nord Stream pipelines",
        "text": "Explosions caused the leaks in this part of the Nord Stream pipelines.\n\n"
        "Jens Stoltenberg said that attacks on infrastructure would meet a united response.",
    },
    {
        "_id": "town",
        "title": "A street in Saarbrücken",
        "text": "The street in Saarbrücken was paved anew. So is every street in the town, and its "
        "port. Melanie Braun lives in the street. The stone came from Marco Polo's quarry.",
    },
)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    return open_index(build_records(tmp_path_factory.mktemp("spelt") / "data", RECORDS))


@pytest.fixture(scope="module")
def speller(opened: Opened) -> Speller:
    return Speller(opened.snapshot)


def read(speller: Speller, text: str) -> str:
    spelling = speller.read(text)
    return spelling.text if spelling else text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Who comanded Apolo 11?", "Who commanded Apollo 11?"),
        ("When was apollo 11 lanuched?", "When was apollo 11 launched?"),
        ("What caused the Nord Streem leeks?", "What caused the Nord Stream leeks?"),
        ("What caused the Nord Stream laeks?", "What caused the Nord Stream leaks?"),
        (
            "What did Stoltenburg say about attaks on infrastructure?",
            "What did Stoltenberg say about attacks on infrastructure?",
        ),
        ("Waht caused teh explosions?", "What caused the explosions?"),
        ("Which street in Saarbruken was paved?", "Which street in Saarbrücken was paved?"),
        ("Who is Stoltenbreg?", "Who is Stoltenberg?"),
        ("What is Stoltenburg's response?", "What is Stoltenberg's response?"),
        ("infrastrukture, Infrastrukture attacks", "infrastructure, Infrastructure attacks"),
        ("attacks on infarstucture", "attacks on infrastructure"),
        # An s too many is no plural.
        ("What caused the leakss in the pipeliness?", "What caused the leaks in the pipelines?"),
        # A word with a letter exchanged, which is no name, stands beside none of the others.
        ("Was the quarry uniyed?", "Was the quarry united?"),
        # The archive has another form of the word.
        ("Which expolsion caused the leaks?", "Which explosion caused the leaks?"),
    ],
)
def test_a_typing_error_is_read_as_the_word_that_the_archive_has(
    speller: Speller, typed: str, meant: str
) -> None:
    assert read(speller, typed).replace("saarbrücken", "Saarbrücken") == meant


@pytest.mark.parametrize(
    "text",
    [
        "Who commanded Apollo 11?",
        # Known to English, though not to the archive.
        "Who sold leeks in the street?",
        "Who commands Apollos?",
        "Which pipelinier infrastructural explosioner caused the leaks?",
        # Names that differ as names do, and never stand beside the other words.
        "How tall is Melania Trump in explosions?",
        "Was the quarry Uniyed?",
        # Initials, and names with capitals inside.
        "What does the POLP say of the ApoLo street?",
        "Arent there leaks? Dont they know wheres Apollo?",
        "Is it in saarbrucken?",
        "What is in 1l?",
        "Wxyzzy plugh frobozz grue quuux blorb streem apolo",
        "x" * 2000,
    ],
)
def test_what_may_be_right_is_left_as_it_is(speller: Speller, text: str) -> None:
    assert read(speller, text) == text


def test_of_several_words_the_one_beside_the_others_of_the_question_is_meant(
    speller: Speller,
) -> None:
    assert read(speller, "which purt of the pipelines?") == "which part of the pipelines?"
    assert read(speller, "which purt in the town?") == "which port in the town?"


def test_of_several_words_the_one_that_is_written_most_is_meant(tmp_path: Path) -> None:
    most = [{"_id": f"{number}", "text": "Biden ran in winter."} for number in range(40)]
    once = {"_id": "once", "text": "The burden of choice is heavy."}
    data = build_records(tmp_path / "data", [*most, once])
    assert read_in(data, "Who ran with Buden in winter?") == "Who ran with Biden in winter?"


def test_a_mistyped_question_gets_the_answer_and_says_what_was_read(opened: Opened) -> None:
    typed = "Who comanded Apolo 11?"
    answer, right = (
        opened.asker.ask(Question(text)) for text in (typed, "Who commanded Apollo 11?")
    )
    assert quotes(answer) == quotes(right) != []
    assert answer.question.text == typed
    assert answer.understood_spelling is not None
    assert answer.understood_spelling.words == (
        Respelling("comanded", "commanded"),
        Respelling("Apolo", "Apollo"),
    )
    assert answer.understood_as is None
    assert answer.meant == "Who commanded Apollo 11?"
    assert right.understood_spelling is None


def test_the_spelling_can_be_taken_back(opened: Opened) -> None:
    question = Question("Who comanded Apolo 11?", ignore=frozenset({"spelling"}))
    answer = opened.asker.ask(question)
    assert answer.understood_spelling is None
    assert answer.meant == question.text


def test_a_mistyped_title_opens_its_article(opened: Opened) -> None:
    answer = opened.asker.ask(Question("Leaks in the Nord Streem pipelines"))
    assert answer.confidence == 1.0
    assert answer.understood_spelling is not None


def test_what_a_follow_up_takes_over_is_put_right_too(opened: Opened) -> None:
    asked = Question("And when was it lanuched?", history=turns("Who commanded Apolo 11?"))
    answer = opened.asker.ask(asked)
    assert answer.understood_as == "And when was it launched? (commanded Apollo 11)"
    kept = opened.asker.ask(replace(asked, ignore=frozenset({"spelling"})))
    assert kept.understood_as == "And when was it lanuched? (commanded Apolo 11)"


def test_words_come_and_go_with_the_articles(tmp_path: Path) -> None:
    data = build_records(tmp_path / "data", RECORDS[2:])
    assert read_in(data, "Who is Stoltenburg?") is None
    build_records(data, RECORDS[1:])
    assert read_in(data, "Who is Stoltenburg?") == "Who is Stoltenberg?"
    remove_articles(data, ["leaks"])
    assert read_in(data, "Who is Stoltenburg?") is None


def read_in(data: Path, text: str) -> str | None:
    """As the newest generation spells it."""
    spelling = Speller(open_index(data).snapshot).read(text)
    return spelling.text if spelling else None


@given(st.text(max_size=200))
def test_any_text_can_be_read_and_only_words_change(speller: Speller, text: str) -> None:
    spelling = speller.read(text)
    if spelling is not None:
        assert all(word.typed in text and word.read in spelling.text for word in spelling.words)


def quotes(answer: Answer) -> list[str]:
    return [citation.quote for citation in answer.citations]


def test_english_is_not_read_for_words_that_the_archive_has(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> Lexicon:
        raise AssertionError("the list of English words was read")

    monkeypatch.setattr("qa.understand.spelling.english", refuse)
    assert Speller(opened.snapshot).read("Was the street in the town paved?") is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("attaks", "attacks"),
        ("leak", "leaks"),
        ("attackks", "attacks"),
        ("leakss", "leaks"),
        ("wetsern", "western"),
        ("waht", "what"),
        ("hte", "the"),
    ],
)
def test_letters_dropped_doubled_and_exchanged_are_fumbled(typed: str, meant: str) -> None:
    assert slip(typed, meant) is Slip.FUMBLED


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("streem", "stream"),
        ("skream", "scream"),
        ("pipelime", "pipeline"),
        ("westminister", "westminster"),
        ("kuba", "cuba"),
    ],
)
def test_the_next_key_and_what_sounds_alike_are_changed(typed: str, meant: str) -> None:
    assert slip(typed, meant) is Slip.CHANGED


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("streem", "street"),
        ("stream", "stream"),
        ("livers", "divers"),
        ("arent", "parent"),
        ("streaxm", "stream"),
        ("grande", "grand"),
        ("straem", "scream"),
        ("", "a"),
        ("", ""),
    ],
)
def test_another_letter_out_of_the_blue_or_at_the_front_is_no_slip(typed: str, meant: str) -> None:
    assert slip(typed, meant) is Slip.NONE
