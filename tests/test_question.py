"""Whatever is sent as a question is read as one or refused with one clear error."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.store import Store, open_store
from qa.answer import DEFAULT_K, Question, Turn, turns
from qa.ask import Asker
from qa.question import LARGEST_K, LONGEST_QUESTION, BadQuestionError, check_source, read_question
from qa.search import Searcher
from tests.fakes import HashEncoder

FIELDS = [
    *("question", "text", "id", "_id", "history", "asked_at"),
    *("after", "before", "source", "k", "unknown"),
]
DATES = ["2022", "2022-09-29", "2022-09-29T21:13+02:00", "2022-02-30", "tomorrow", "9999"]
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(),
    st.text(st.characters()),
    st.sampled_from([*DATES, "What is the dam?", "why?", "", " "]),
)
json_like = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)
records = st.dictionaries(st.sampled_from(FIELDS), json_like)
likely = st.fixed_dictionaries(
    {"question": st.sampled_from(["What is the dam?", "why?"])},
    optional={
        "after": st.sampled_from(DATES),
        "before": st.sampled_from(DATES),
        "history": st.lists(
            st.text() | st.fixed_dictionaries({"question": st.text(), "cited": st.just(["a:0-9"])})
        ),
        "k": st.integers(),
        "source": st.text(st.characters()),
        "id": st.text(st.characters()),
    },
)


def refused(record: dict[str, Any]) -> tuple[str, str]:
    """The code and the message with which the record is refused."""
    with pytest.raises(BadQuestionError) as caught:
        read_question(record)
    return caught.value.code, str(caught.value)


def read(record: dict[str, object]) -> Question | BadQuestionError:
    """The question, or the one error that may come instead."""
    try:
        return read_question(record)
    except BadQuestionError as error:
        return error


@settings(max_examples=300)
@given(records | likely)
def test_any_record_is_a_question_or_one_clear_error(record: dict[str, object]) -> None:
    match read(record):
        case BadQuestionError() as error:
            assert error.code.replace("_", "").isalpha()
            assert 10 < len(str(error)) < 200
            assert len(str(error).splitlines()) == 1
            str(error).encode()
        case Question() as question:
            assert 0 < len(question.text) <= LONGEST_QUESTION
            assert 1 <= question.k <= LARGEST_K
            "".join([question.text, question.id or "", question.source or ""]).encode()


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("", "empty_question", "empty"),
        (" \n\t ", "empty_question", "empty"),
        (None, "empty_question", "empty"),
        ("dam " * 5_000, "question_too_long", "19,999 characters"),
        ("x" * 20_000, "question_too_long", "20,000 characters"),
        ("🦆🦆 🙂", "no_words", "'🦆🦆 🙂'"),
        ("?!…", "no_words", "'?!…'"),
        ("___", "no_words", "'___'"),
        ("What is it about?", "only_stop_words", "'What is it about?'"),
        ("Who was dam\x00 built by?", "bad_character", "U+0000"),
        ("The \x1b[31mdam\x1b[0m", "bad_character", "U+001B"),
        ("The dam \ud800", "bad_character", "U+D800"),
        (42, "bad_question", "42"),
        (["the dam"], "bad_question", "['the dam']"),
        (True, "bad_question", "True"),
    ],
)
def test_a_text_that_asks_nothing_is_refused_by_name(text: object, code: str, told: str) -> None:
    found, message = refused({"question": text})
    assert found == code
    assert told in message


@pytest.mark.parametrize(
    ("k", "told"),
    [
        *[(0, "0"), (-1, "-1"), (10_000, "10000"), (1_001, "1001")],
        *[("5", "'5'"), (True, "True"), (2.5, "2.5"), ([5], "[5]")],
        (float("nan"), "nan"),
    ],
)
def test_a_k_that_is_no_whole_number_in_bounds_is_refused(k: object, told: str) -> None:
    code, message = refused({"question": "the dam?", "k": k})
    assert code == "bad_k"
    assert f"k is {told}: send a whole number from 1 to 1,000" in message


@pytest.mark.parametrize("name", ["after", "before", "asked_at"])
@pytest.mark.parametrize(
    "value", ["yesterday", "2022-13-01", "2022-02-30", "29.9.2022", "20220929", "2022-09-29T25:00"]
)
def test_a_date_that_is_none_is_refused_with_its_field_and_how_to_write_it(
    name: str, value: str
) -> None:
    code, message = refused({"question": "the dam?", name: value})
    assert code == "bad_date"
    assert message.startswith(f"{name}: {value!r} is not a date: write it as")


@pytest.mark.parametrize(
    ("after", "before"),
    [
        ("2022-09-30", "2022-09-29"),
        ("2023", "2022"),
        ("2022-10", "2022-09-30"),
        ("2022-09-29T21:00+02:00", "2022-09-29T18:00Z"),
        ("2022-09-29T23:00-05:00", "2022-09-30T01:00+02:00"),
        ("2022-10-02", "2022-09-29T21:00+02:00"),
    ],
)
def test_a_period_that_ends_before_it_begins_is_refused(after: str, before: str) -> None:
    code, message = refused({"question": "the dam?", "after": after, "before": before})
    assert code == "bad_period"
    assert repr(after) in message
    assert repr(before) in message


@pytest.mark.parametrize(
    ("after", "before"),
    [
        ("2022-09-29", "2022-09-29"),
        ("2022-09-29", "2022"),
        ("2022-09-29T21:13", "2022-09-29T21:13"),
        ("2022-09-30T00:30+14:00", "2022-09-29T20:00Z"),
        ("2022-09-30", "2022-09-29T20:00-10:00"),
        ("2022-09-30T20:00", "2022-09-29T20:00-10:00"),
    ],
)
def test_a_period_in_which_something_can_lie_is_accepted(after: str, before: str) -> None:
    question = read_question({"question": "the dam?", "after": after, "before": before})
    assert (question.after, question.before) == (after, before)


@pytest.mark.parametrize(
    ("record", "code", "told"),
    [
        ({"history": "why?"}, "bad_history", "'why?'"),
        ({"history": ["why?", 3]}, "bad_history", "holds 3:"),
        ({"history": [{"cited": []}]}, "bad_history", "the question None"),
        ({"history": [{"question": ["why?"]}]}, "bad_history", "the question ['why?']"),
        (
            {"history": [{"question": "why?", "cited": "a:0-9"}]},
            "bad_history",
            "'a:0-9', not a list",
        ),
        (
            {"history": [{"question": "why?", "cited": ["a"]}]},
            "bad_history",
            "'a', not a passage id",
        ),
        ({"history": [{"question": "why?", "cited": [7]}]}, "bad_history", "7, not a passage id"),
        (
            {"history": [{"question": "why?", "cited": ["a" * 3_000 + ":0-9"]}]},
            "bad_history",
            "not a passage id",
        ),
        (
            {"history": [{"question": "why?", "cited": ["\ud800:0-9"]}]},
            "bad_character",
            "history contains the character U+D800",
        ),
        ({"history": {"0": "why?"}}, "bad_history", "{'0': 'why?'}"),
        ({"history": ["why\x00?"]}, "bad_character", "history contains the character U+0000"),
        ({"id": ["a"]}, "bad_id", "['a']"),
        ({"id": True}, "bad_id", "True"),
        ({"id": 1.5}, "bad_id", "1.5"),
        ({"id": "\ud800"}, "bad_character", "id contains the character U+D800"),
        ({"source": 5}, "bad_source", "5"),
        ({"source": "The\x00Post"}, "bad_character", "source contains the character U+0000"),
        ({"after": 2022}, "bad_after", "2022"),
        ({"before": ["2022"]}, "bad_before", "['2022']"),
        ({"asked_at": 0}, "bad_asked_at", "0"),
    ],
)
def test_a_field_of_the_wrong_kind_is_refused_by_its_name(
    record: dict[str, Any], code: str, told: str
) -> None:
    found, message = refused({"question": "the dam?", **record})
    assert found == code
    assert told in message


def test_a_long_wrong_value_is_cut_short_in_the_message() -> None:
    assert len(refused({"question": "the dam?", "k": "5" * 10_000})[1]) < 120
    assert len(refused({"question": "the dam?", "history": "why?" * 10_000})[1]) < 200
    assert len(refused({"question": "the dam?", "source": ["5" * 10_000]})[1]) < 120
    for name in ("after", "before", "asked_at", "source"):
        message = refused({"question": "the dam?", name: "5" * 10_000})[1]
        assert message == f"{name} has 10,000 characters: send at most 200"


@pytest.mark.parametrize("blank", ["", "  ", "\n"])
@pytest.mark.parametrize("name", ["after", "before", "asked_at", "source"])
def test_a_blank_field_counts_as_absent(name: str, blank: str) -> None:
    assert read_question({"question": "the dam?", name: blank}) == Question("the dam?")


def test_null_fields_count_as_absent() -> None:
    record = dict.fromkeys(FIELDS) | {"question": "the dam?"}
    assert read_question(record) == Question("the dam?", k=DEFAULT_K)


def test_beirs_names_are_read_as_id_and_question() -> None:
    assert read_question({"_id": 7, "text": "the dam?"}) == Question("the dam?", id="7")
    both = {"_id": "b", "text": "the flood?", "id": "a", "question": "the dam?"}
    assert read_question(both) == Question("the dam?", id="a")
    nulls = {"_id": "b", "text": "the flood?", "id": None, "question": None}
    assert read_question(nulls) == Question("the flood?", id="b")


def test_every_field_is_taken_over_and_unknown_ones_are_passed_over() -> None:
    record = {
        "question": "  the dam?\n",
        "id": "q1",
        "history": ["Who built it?"],
        "asked_at": "2026-01-31T09:00:00Z",
        "after": " 2022-09-28 ",
        "before": "2022-09",
        "source": " Inland Gazette ",
        "k": 3,
        "page_url": " https://example.org ",
        "within": "page",
        "unknown": "field",
    }
    assert read_question(record) == Question(
        text="the dam?",
        id="q1",
        history=turns("Who built it?"),
        asked_at="2026-01-31T09:00:00Z",
        after="2022-09-28",
        before="2022-09",
        source="Inland Gazette",
        k=3,
        page_url="https://example.org",
        within="page",
    )


def test_a_bare_why_is_a_question_only_after_another() -> None:
    assert refused({"question": "Why?"})[0] == "only_stop_words"
    assert refused({"question": "Why?", "history": []})[0] == "only_stop_words"
    assert read_question({"question": "Why?", "history": ["Who built it?"]}).text == "Why?"


def test_of_a_long_history_the_last_turns_are_kept_each_cut_to_a_questions_length() -> None:
    turns = [f"turn {number} " + "x" * 3_000 for number in range(50)]
    history = read_question({"question": "Why?", "history": turns}).history
    assert [turn.question.split()[1] for turn in history] == [
        str(number) for number in range(30, 50)
    ]
    assert {len(turn.question) for turn in history} == {LONGEST_QUESTION}


def test_an_earlier_question_may_come_with_the_ids_of_what_was_cited() -> None:
    history = [
        "Who built the dam?",
        {"question": "When?", "cited": ["news/dam:0-99", "a:b:7-12"], "more": 1},
        {"question": "Where?", "cited": None},
    ]
    assert read_question({"question": "Why?", "history": history}).history == (
        Turn("Who built the dam?"),
        Turn("When?", ("news/dam:0-99", "a:b:7-12")),
        Turn("Where?"),
    )


def test_of_many_citations_of_an_earlier_answer_the_first_are_kept() -> None:
    cited = [f"a:{start}-99" for start in range(30)]
    history = [{"question": "Where?", "cited": cited}]
    [turn] = read_question({"question": "Why?", "history": history}).history
    assert list(turn.cited) == cited[:20]


@pytest.mark.parametrize(
    "text",
    [
        *("1969", "дамба", "大坝在哪里", "سد", "Ω?", "x" * LONGEST_QUESTION, "Tab\tand\nline dam"),
        *("C++", "Who?\nThe dam!", "dam \N{PILE OF POO}"),
    ],
)
def test_words_and_numbers_of_any_script_can_be_asked(text: str) -> None:
    assert read_question({"question": text}).text == text


def test_what_is_not_to_be_understood_is_named_and_nothing_else() -> None:
    assert read_question({"question": "moon", "ignore": ["when"]}).ignore == {"when"}
    assert read_question({"question": "moon", "ignore": "history"}).ignore == {"history"}
    assert read_question({"question": "moon", "ignore": ["spelling"]}).ignore == {"spelling"}
    assert read_question({"question": "moon"}).ignore == frozenset()
    for bad in (["mood"], "mood", 7, [["when"]]):
        with pytest.raises(BadQuestionError, match="when, history, spelling") as refused:
            read_question({"question": "moon", "ignore": bad})
        assert refused.value.code == "bad_ignore"


@pytest.fixture(scope="module")
def store(read_only_data: Path) -> Store:
    return open_store(read_only_data, HashEncoder().model)


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [
        ("Coast", "Coast Weekly"),
        ("coast weekly", "Coast Weekly"),
        ("Inland Gazete", "Inland Gazette"),
        ("SkyNotes", "Sky Notes"),
        ("inland-gazette.example", "Inland Gazette"),
    ],
)
def test_an_unknown_source_is_refused_with_the_nearest(
    store: Store, asked: str, nearest: str
) -> None:
    with pytest.raises(BadQuestionError) as refused:
        check_source(Question("Which dam?", source=asked), store)
    assert refused.value.code == "unknown_source"
    assert str(refused.value).startswith(
        f"no article is of the source {asked!r}: ask for {nearest!r}"
    )


def test_a_source_by_its_exact_name_and_none_are_let_through(store: Store) -> None:
    check_source(Question("Which dam?", source="Inland Gazette"), store)
    check_source(Question("Which dam?"), store)


def test_whatever_is_asked_of_an_unknown_source_is_refused(store: Store) -> None:
    asker = Asker(store, Searcher(store, HashEncoder()))
    for ask in (asker.ask, asker.search, asker.days):
        with pytest.raises(BadQuestionError, match="no article is of the source 'Nope'"):
            ask(Question("Which dam?", source="Nope"))
