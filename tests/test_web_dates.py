"""A time that was understood is told in as few words as tell it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.present.dates import span_told
from qa.web.i18n import languages


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
    assert span_told(after, before, "de") == said


@given(st.dates(), st.dates(), st.sampled_from(languages()))
def test_any_two_days_are_told_in_any_language(first: object, last: object, code: str) -> None:
    assert span_told(str(first), str(last), code)
