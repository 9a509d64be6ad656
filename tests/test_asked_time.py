"""What a question says of time: what bounds it, what leans it, and what belongs to the matter."""

from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.dates import time_range
from qa.timex.extract import Lean, read_asked_time

# A Wednesday.
ASKED_AT = "2022-10-05T12:00:00Z"


@dataclass(frozen=True)
class Held:
    """An archive of these days."""

    days: frozenset[date]

    @property
    def newest(self) -> date | None:
        return max(self.days, default=None)

    def hold(self, after: date | None, before: date | None) -> bool:
        return any(
            (after is None or day >= after) and (before is None or day <= before)
            for day in self.days
        )


DAYS = Held(frozenset({date(2022, 9, 28), date(2022, 9, 30), date(2022, 10, 4)}))


def bounds(text: str, asked_at: str = ASKED_AT, days: Held = DAYS) -> tuple[str | None, str | None]:
    when = read_asked_time(text, asked_at, days).when
    assert when is not None
    assert when.is_exact
    return when.after, when.before


@pytest.mark.parametrize(
    ("text", "after", "before"),
    [
        ("What was said on September 28?", "2022-09-28", "2022-09-28"),
        ("What was said on Sept. 29?", "2022-09-29", "2022-09-29"),
        ("What was said on the 28th of September?", "2022-09-28", "2022-09-28"),
        ("Who spoke on Friday, 30 September 2022?", "2022-09-30", "2022-09-30"),
        ("Who spoke on 2022-09-30?", "2022-09-30", "2022-09-30"),
        ("Who spoke on 30/09/2022?", "2022-09-30", "2022-09-30"),
        ("On 29 September 2022 Putin signed what?", "2022-09-29", "2022-09-29"),
        ("Who resigned in 2021?", "2021-01-01", "2021-12-31"),
        ("Who resigned in September 2022?", "2022-09-01", "2022-09-30"),
        ("Who resigned in spring 2021?", "2021-03-01", "2021-05-31"),
        ("What fell in the summer of 1816?", "1816-06-01", "1816-08-31"),
        ("What changed in early September 2022?", "2022-09-01", "2022-09-10"),
        ("What did he say since June?", "2022-06-01", None),
        ("How many had died by March 2022?", None, "2022-03-31"),
        ("What was known before 30 September?", None, "2022-09-29"),
        ("What was known after 28 September?", "2022-09-29", None),
        ("Which laws passed from 3 to 5 May?", "2022-05-03", "2022-05-05"),
        ("What was voted 28-30 September 2022?", "2022-09-28", "2022-09-30"),
        ("What came between 28 September and 30 September 2022?", "2022-09-28", "2022-09-30"),
        ("What came between June and August 2022?", "2022-06-01", "2022-08-31"),
        ("What was the news of 29 September?", "2022-09-29", "2022-09-29"),
        ("What was said before noon on Friday?", "2022-09-30T00:00", "2022-09-30T11:59"),
        ("Who spoke after 9pm on 29 September 2022?", "2022-09-29T21:00", "2022-09-29T23:59"),
        ("Who spoke on 29 September 2022 after 9pm?", "2022-09-29T21:00", "2022-09-29T23:59"),
        ("Who spoke at 3:30pm on 29 September?", "2022-09-29T15:00", "2022-09-29T15:59"),
        ("Who spoke between 3pm and 5pm on Friday?", "2022-09-30T15:00", "2022-09-30T16:59"),
        ("Who spoke from 10pm to midnight on Friday?", "2022-09-30T22:00", "2022-09-30T23:59"),
        ("Who spoke on Friday morning?", "2022-09-30T05:00", "2022-09-30T11:59"),
        ("Who spoke on the evening of 4 October?", "2022-10-04T18:00", "2022-10-04T23:59"),
        ("Who spoke today?", "2022-10-05", "2022-10-05"),
        ("Who spoke yesterday evening?", "2022-10-04T18:00", "2022-10-04T23:59"),
        ("Who spoke last night?", "2022-10-04T18:00", "2022-10-05T05:59"),
        ("Who spoke this morning?", "2022-10-05T05:00", "2022-10-05T11:59"),
        ("Who spoke two days ago?", "2022-10-03", "2022-10-03"),
        ("Who spoke this week?", "2022-09-29", "2022-10-05"),
        ("Who spoke last week?", "2022-09-26", "2022-10-02"),
        ("Who spoke two weeks ago?", "2022-09-19", "2022-09-25"),
        ("Who spoke last weekend?", "2022-10-01", "2022-10-02"),
        ("Who spoke in the last three days?", "2022-10-02", "2022-10-05"),
        ("Who spoke this month?", "2022-10-01", "2022-10-05"),
        ("Who spoke last month?", "2022-09-01", "2022-09-30"),
        ("Who spoke last year?", "2021-01-01", "2021-12-31"),
        ("Who spoke last summer?", "2022-06-01", "2022-08-31"),
        ("Who spoke after 27 and before 30 September 2022?", None, "2022-09-29"),
    ],
)
def test_a_time_that_tells_when_bounds(text: str, after: str | None, before: str | None) -> None:
    assert bounds(text) == (after, before)


@pytest.mark.parametrize(
    "text",
    [
        "What caused the 1973 oil crisis?",
        "Who was behind the September 11 attacks?",
        "What were the attacks of September 11?",
        "Who won Euro 2020?",
        "Who called the 2022 annexation referendums a sham?",
        "who won the 2018 World Cup",
        "What was said at Friday's ceremony?",
        "What did the 30 September treaties say?",
        "May he march?",
        "How many of 1500 people came?",
        "Which cities were named in 2022 elections?",
    ],
)
def test_a_date_of_the_matter_does_not_bound(text: str) -> None:
    assert read_asked_time(text, ASKED_AT, DAYS).when is None


@pytest.mark.parametrize(
    "text",
    [
        "What will happen in 2030?",
        "What is Putin going to do on Friday?",
        "Which singer will start a residency later this year?",
        "Who speaks on 12 October 2022?",
    ],
)
def test_a_time_that_lies_ahead_does_not_bound(text: str) -> None:
    assert read_asked_time(text, ASKED_AT, DAYS).when is None


def test_a_time_in_a_sentence_before_the_question_only_sets_the_scene() -> None:
    text = "Police arrested 31 men on Friday. Where was the event?"
    assert read_asked_time(text, ASKED_AT, DAYS).when is None


@pytest.mark.parametrize(
    ("text", "lean"),
    [
        ("What is the latest death toll?", Lean.NEWER),
        ("What was the most recent vote?", Lean.NEWER),
        ("How many have died so far?", Lean.NEWER),
        ("Who recently resigned?", Lean.NEWER),
        ("What was reported at first?", Lean.OLDER),
    ],
)
def test_a_loose_time_leans_and_does_not_bound(text: str, lean: Lean) -> None:
    asked = read_asked_time(text, ASKED_AT, DAYS)
    assert asked.lean is lean
    assert asked.when is not None
    assert not asked.when.is_exact


def test_so_far_away_is_no_time() -> None:
    assert read_asked_time("Why is the Moon so far away?", ASKED_AT, DAYS).when is None


@pytest.mark.parametrize(
    ("text", "is_course"),
    [
        ("What happened in Lyman?", True),
        ("What has happened since June?", True),
        ("Give me a timeline of the annexation", True),
        ("How did the crisis unfold?", True),
        ("Give the chronology of the landing.", True),
        ("Who signed the treaties?", False),
        ("How did the lamp burn?", False),
    ],
)
def test_a_course_of_events_is_told_from_other_questions(text: str, is_course: bool) -> None:
    assert read_asked_time(text, ASKED_AT, DAYS).is_course is is_course


def test_a_date_without_a_year_is_of_the_last_year_that_the_archive_tells_of() -> None:
    text = "What was said on September 28?"
    assert bounds(text, "2026-03-01") == ("2022-09-28", "2022-09-28")
    assert bounds(text, "2022-09-01") == ("2021-09-28", "2021-09-28")
    assert bounds(text, "2026-03-01", Held(frozenset())) == ("2025-09-28", "2025-09-28")


def test_a_weekday_asked_of_an_archive_that_ended_is_the_last_before_its_end() -> None:
    assert bounds("Who spoke on Friday?", "2026-03-01") == ("2022-09-30", "2022-09-30")


def test_what_was_understood_is_told_for_people() -> None:
    told = {
        "on September 28": "28 September 2022",
        "from 28 to 30 September": "28 to 30 September 2022",
        "in September 2022": "September 2022",
        "in spring 2021": "March to May 2021",
        "since June": "since 1 June 2022",
        "before 30 September": "up to 29 September 2022",
        "after 9pm on 29 September 2022": "29 September 2022, 21:00 to 24:00",
        "between 2020 and 2021": "2020 to 2021",
    }
    for phrase, text in told.items():
        when = read_asked_time(f"Who spoke {phrase}?", ASKED_AT, DAYS).when
        assert when is not None
        assert (when.phrase, when.text) == (phrase, text)


def test_the_question_is_left_without_the_words_that_bound_it() -> None:
    asked = read_asked_time("Who spoke in Kyiv on September 28, and why?", ASKED_AT, DAYS)
    assert asked.rest == "Who spoke in Kyiv, and why?"


@given(st.text(max_size=60) | st.from_regex(r"(on|in|since|after) \w+ \d{1,4}( \d{4})?\?"))
def test_no_question_makes_it_raise_and_what_it_finds_is_a_period(text: str) -> None:
    asked = read_asked_time(text, ASKED_AT, DAYS)
    if asked.range is None:
        return
    assert asked.phrase in text
    when = asked.when
    assert when is not None
    if when.after and when.before:
        assert time_range(when.after).start < time_range(when.before).end
