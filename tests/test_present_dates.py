"""Dates, times and ranges in words, as much of them as is known, in each language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.present.dates import in_words, span_in_words
from qa.web.i18n import languages


@pytest.mark.parametrize(
    ("iso", "said"),
    [
        ("2022", "2022"),
        ("2022-09", "September 2022"),
        ("2022-09-29", "29 September 2022"),
        ("2022-09-01", "1 September 2022"),
        ("2022-09-29T21:13", "29 September 2022, 21:13"),
        ("2022-09-29T21:13:00+02:00", "29 September 2022, 21:13 (UTC+02:00)"),
        ("2022-09-29T00:05:59Z", "29 September 2022, 00:05 (UTC)"),
        ("1969-07-20T20:17:40-04:30", "20 July 1969, 20:17 (UTC-04:30)"),
    ],
)
def test_a_date_is_said_with_no_more_than_is_known(iso: str, said: str) -> None:
    assert in_words(iso) == said


@pytest.mark.parametrize(
    "text", ["", "never", "2022-02-30", "2022-13", "<i>", "20220929", "٢٠٢٢-٠٩"]
)
def test_what_is_no_date_comes_back_as_it_is(text: str) -> None:
    assert in_words(text) == text


@given(st.text() | st.from_regex(r"\d{4}-\d\d(-\d\d)?(T.*)?"))
def test_any_text_is_said_without_an_error(text: str) -> None:
    assert in_words(text) or not text


@pytest.mark.parametrize(
    ("after", "before", "said"),
    [
        ("2022-09-01", "2022-09-30", "September 2022"),
        ("2024-02-01", "2024-02-29", "Februar 2024"),
        ("2022-01-01", "2022-12-31", "2022"),
        ("2022-09-28", "2022-09-30", "28.–30. Sept. 2022"),
        ("2022-09-29", "2022-09-29", "29. September 2022"),
        (None, "2022-09-30", "30. September 2022"),
        (None, None, ""),
        ("2022-09", "2022-10", "September 2022 – Oktober 2022"),
        ("2022-02-30", "2022-09-30", "2022-02-30 – 2022-09-30"),
    ],
)
def test_whole_months_and_years_are_told_by_their_name(
    after: str | None, before: str | None, said: str
) -> None:
    assert span_in_words(after, before, "de") == said


@given(st.dates(), st.dates(), st.sampled_from(languages()))
def test_any_two_days_are_told_in_any_language(first: object, last: object, code: str) -> None:
    assert span_in_words(str(first), str(last), code)


@pytest.mark.parametrize(
    ("language", "day", "month"),
    [
        ("en", "29 September 2022", "September 2022"),
        ("fr", "29 septembre 2022", "septembre 2022"),
        ("de", "29. September 2022", "September 2022"),
        ("es", "29 de septiembre de 2022", "septiembre de 2022"),
        ("uk", "29 вересня 2022\u202fр.", "вересень 2022\u202fр."),
        ("ar", "29 سبتمبر 2022", "سبتمبر 2022"),
    ],
)
def test_a_date_is_told_as_the_language_tells_it(language: str, day: str, month: str) -> None:
    comma = "،" if language == "ar" else ","
    assert in_words("2022-09-29", language) == day
    assert in_words("2022-09", language) == month
    assert in_words("2022", language) == "2022"
    assert in_words("2022-09-29T21:13:00", language) == f"{day}{comma} 21:13"
    assert in_words("2022-09-29T21:13:00+02:00", language) == f"{day}{comma} 21:13 (UTC+02:00)"


@given(st.text() | st.from_regex(r"\d{4}-\d\d-\d\d(T\d\d:\d\d)?", fullmatch=True))
def test_any_text_in_place_of_a_date_is_told_somehow(iso: str) -> None:
    for language in languages():
        assert in_words(iso, language) or not iso
