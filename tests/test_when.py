"""Dates in words, as much of them as is known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.present.dates import in_words


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
