"""How people tell a time in a question: what each bounds, at half past three on a Wednesday."""

from dataclasses import dataclass
from datetime import date

import pytest

from qa.timex.extract import read_asked_time

ASKED_AT = "2022-10-05T15:30:00Z"


@dataclass(frozen=True)
class EveryDay:
    """An archive that tells of each day."""

    newest: date | None = date(2022, 10, 5)

    def hold(self, after: date | None, before: date | None) -> bool:
        return True


@pytest.mark.parametrize(
    ("text", "after", "before"),
    [
        ("What did Putin say in the last 24 hours?", "2022-10-04T15:30", "2022-10-05T23:59"),
        ("What was told in the past three days?", "2022-10-02", "2022-10-05"),
        ("What has changed over the last two weeks?", "2022-09-21", "2022-10-05"),
        ("What did the minister say this morning?", "2022-10-05T05:00", "2022-10-05T11:59"),
        ("What was reported last night?", "2022-10-04T18:00", "2022-10-05T05:59"),
        ("What was told on Monday morning?", "2022-10-03T05:00", "2022-10-03T11:59"),
        ("Which laws were passed earlier this year?", "2022-01-01", "2022-10-05"),
        ("What was told the day before yesterday?", "2022-10-03", "2022-10-03"),
        ("Which pipelines were repaired by the end of September?", None, "2022-09-30"),
        ("What did Biden say in the past 48 hours?", "2022-10-03T15:30", "2022-10-05T23:59"),
        ("Who resigned within the past week?", "2022-09-28", "2022-10-05"),
        ("What was told during the past month?", "2022-09-05", "2022-10-05"),
        ("What was told in the last few days?", "2022-10-02", "2022-10-05"),
        ("What was told a week ago?", "2022-09-26", "2022-10-02"),
        ("What was said three weeks ago?", "2022-09-12", "2022-09-18"),
        ("What was told two weeks ago today?", "2022-09-21", "2022-09-21"),
        ("What was told at the weekend?", "2022-10-01", "2022-10-02"),
        ("What did Kyiv report over the weekend?", "2022-10-01", "2022-10-02"),
        ("What was told last Tuesday?", "2022-10-04", "2022-10-04"),
        ("What was told on Tuesday night?", "2022-10-04T18:00", "2022-10-05T05:59"),
        ("What was told late on Friday?", "2022-09-30T18:00", "2022-10-01T05:59"),
        ("What did he say early on Monday?", "2022-10-03T00:00", "2022-10-03T11:59"),
        ("What was said yesterday morning?", "2022-10-04T05:00", "2022-10-04T11:59"),
        ("What was told in the early hours of Saturday?", "2022-10-01T00:00", "2022-10-01T05:59"),
        ("What was announced earlier today?", "2022-10-05", "2022-10-05"),
        ("What did the ECB decide earlier this week?", "2022-09-29", "2022-10-05"),
        ("What was agreed earlier this month?", "2022-10-01", "2022-10-05"),
        ("What was told at the end of last month?", "2022-09-21", "2022-09-30"),
        ("What was told at the start of this year?", "2022-01-01", "2022-05-01"),
        ("What was told in mid-September?", "2022-09-11", "2022-09-20"),
        ("What was told in late September 2022?", "2022-09-21", "2022-09-30"),
        ("What was told in the first half of 2022?", "2022-01-01", "2022-06-30"),
        ("What did companies earn in the second quarter of 2022?", "2022-04-01", "2022-06-30"),
        ("What was sold in Q2 2022?", "2022-04-01", "2022-06-30"),
        ("What was told in the first week of September?", "2022-09-01", "2022-09-07"),
        ("What was told in the last week of September 2022?", "2022-09-24", "2022-09-30"),
        ("What was told in the week of 26 September?", "2022-09-26", "2022-10-02"),
        ("What was told since last Thursday?", "2022-09-29", None),
        ("What has happened since yesterday?", "2022-10-04", None),
        ("What has been said since the start of September?", "2022-09-01", None),
        ("What was known up to the end of August?", None, "2022-08-31"),
        ("What was written before the end of August?", None, "2022-08-31"),
        ("What was written prior to 1 September 2022?", None, "2022-08-31"),
        ("What was written no later than 1 September 2022?", None, "2022-09-01"),
        ("What was said from 26 September onwards?", "2022-09-26", None),
        ("What has happened from 1 September 2022 until today?", "2022-09-01", "2022-10-05"),
        ("What was told between Monday and Wednesday?", "2022-10-03", "2022-10-05"),
        ("What was told between 26 and 28 September?", "2022-09-26", "2022-09-28"),
        ("What was told from 26th to 28th September 2022?", "2022-09-26", "2022-09-28"),
        ("What was told from June through August 2022?", "2022-06-01", "2022-08-31"),
        ("What was told on 9/28/2022?", "2022-09-28", "2022-09-28"),
        ("What was told on 28.09.2022?", "2022-09-28", "2022-09-28"),
        ("What was told on Sept. 28?", "2022-09-28", "2022-09-28"),
        ("What was told on Wednesday, September 28, 2022?", "2022-09-28", "2022-09-28"),
        ("What was told on the 28th of September?", "2022-09-28", "2022-09-28"),
        (
            "What was told at around 9pm on 29 September 2022?",
            "2022-09-29T20:30",
            "2022-09-29T21:29",
        ),
        ("What was told at noon on Friday?", "2022-09-30T11:30", "2022-09-30T12:29"),
        ("What was told on Friday at noon?", "2022-09-30T11:30", "2022-09-30T12:29"),
        (
            "What was told after 9 o'clock on 29 September 2022?",
            "2022-09-29T09:00",
            "2022-09-29T23:59",
        ),
        ("What was told since 6am today?", "2022-10-05T06:00", "2022-10-05T23:59"),
        ("What was told this afternoon?", "2022-10-05T12:00", "2022-10-05T17:59"),
        ("What was told in the past hour?", "2022-10-05T14:30", "2022-10-05T23:59"),
        ("What was reported two hours ago?", "2022-10-05T13:00", "2022-10-05T13:59"),
        ("What was told in the last couple of days?", "2022-10-03", "2022-10-05"),
        ("What was told a fortnight ago?", "2022-09-21", "2022-09-21"),
        ("What was told in the past fortnight?", "2022-09-21", "2022-10-05"),
        ("What was told in the last decade?", "2012-10-05", "2022-10-05"),
        ("What was told in the 1990s?", "1990-01-01", "1999-12-31"),
        ("What was told last autumn?", "2021-09-01", "2021-11-30"),
        ("What was told this summer?", "2022-06-01", "2022-08-31"),
        ("What was told over the summer?", "2022-06-01", "2022-08-31"),
        ("What was told in spring 2021?", "2021-03-01", "2021-05-31"),
        ("What was told in the winter of 2021?", "2021-12-01", "2022-02-28"),
        (
            "What did Putin say on the night of 29 September 2022?",
            "2022-09-29T18:00",
            "2022-09-30T05:59",
        ),
        ("What was reported in the week to 30 September 2022?", "2022-09-24", "2022-09-30"),
        ("What was told as of 30 September 2022?", None, "2022-09-30"),
        ("What was told at the beginning of the week?", "2022-10-03", "2022-10-04"),
        ("What was told at the end of last week?", "2022-09-30", "2022-10-02"),
        ("What was told in September?", "2022-09-01", "2022-09-30"),
        ("What was told in September of last year?", "2021-09-01", "2021-09-30"),
        ("What was told last September?", "2022-09-01", "2022-09-30"),
        ("What was told since the beginning of the year?", "2022-01-01", None),
        ("Which cities were hit so far this year?", "2022-01-01", "2022-10-05"),
        ("What has happened this year so far?", "2022-01-01", "2022-10-05"),
        ("What was told during 2021 and 2022?", "2021-01-01", "2022-12-31"),
        ("What was told in 2021/22?", "2021-01-01", "2022-12-31"),
        ("What was told in August and September 2022?", "2022-08-01", "2022-09-30"),
        ("What was told on 26, 27 and 28 September 2022?", "2022-09-26", "2022-09-28"),
        ("What was told on Monday or Tuesday?", "2022-10-03", "2022-10-04"),
        ("And which countries abstained in 2015?", "2015-01-01", "2015-12-31"),
        ("What was told yesterday at 9pm?", "2022-10-04T20:30", "2022-10-04T21:29"),
        ("What was said until yesterday?", None, "2022-10-04"),
        ("What was reported 10 days ago?", "2022-09-25", "2022-09-25"),
        ("What was reported ten days ago?", "2022-09-25", "2022-09-25"),
        ("What was reported a dozen days ago?", "2022-09-23", "2022-09-23"),
        ("What was told half a year ago?", "2022-04-01", "2022-04-30"),
        ("What did she say over the past 30 days?", "2022-09-05", "2022-10-05"),
        ("What was told in the last 12 months?", "2021-10-05", "2022-10-05"),
        ("What was told these past two weeks?", "2022-09-21", "2022-10-05"),
        ("What was told today between 8am and 10am?", "2022-10-05T08:00", "2022-10-05T09:59"),
        ("What did he say at 8:45pm on September 29?", "2022-09-29T20:15", "2022-09-29T21:14"),
        (
            "What was told on the morning of 29 September 2022?",
            "2022-09-29T05:00",
            "2022-09-29T11:59",
        ),
        (
            "What was told in the evening of the 29th of September 2022?",
            "2022-09-29T18:00",
            "2022-09-29T23:59",
        ),
        ("What was told in the last days of September 2022?", "2022-09-21", "2022-09-30"),
        ("What was told in the early 2000s?", "2000-01-01", "2003-05-01"),
    ],
)
def test_a_time_bounds_however_it_is_told(text: str, after: str | None, before: str | None) -> None:
    when = read_asked_time(text, ASKED_AT, EveryDay()).when
    assert when is not None
    assert (when.after, when.before, when.is_exact) == (after, before, True)


@pytest.mark.parametrize(
    "text",
    [
        "What happened later that day?",
        "Which wars began in the 20th century?",
        "What happened the previous day?",
        "What happened within 24 hours?",
        "What happened four days earlier?",
        "What happened more than a year ago?",
        "What happened now?",
        "Who won the 2021/22 season?",
        "What was the 1990s crisis about?",
        "What was the first week of the war like?",
        "What was said in the last week of the campaign?",
        "What will happen at the weekend?",
        "Who was the woman of the year?",
        "How has the climate changed over the years?",
    ],
)
def test_what_tells_no_time_of_its_own_bounds_nothing(text: str) -> None:
    when = read_asked_time(text, ASKED_AT, EveryDay()).when
    assert when is None or not when.is_exact


def test_hours_count_from_the_midnight_of_a_day_of_which_no_hour_is_known() -> None:
    when = read_asked_time("What was told in the last 24 hours?", "2022-10-05", EveryDay()).when
    assert when is not None
    assert (when.after, when.before) == ("2022-10-04", "2022-10-05")
