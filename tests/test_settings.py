import re
from dataclasses import fields
from pathlib import Path

import pytest

from index.errors import SettingError
from index.settings import DEFAULT_MODEL, Settings, describe_settings

README = Path(__file__).parent.parent / "README.md"
# What is off unless it is set has `none` for a default, which is no value to set.
_ROW = re.compile(r"\| `(FOOTNOTE_\w+)` \| (?:`(.+?)`|none) \| (.*?) \|")


def test_without_variables_every_setting_has_its_default() -> None:
    assert Settings.from_environment({}) == Settings(
        data=Path("data"),
        model=DEFAULT_MODEL,
        reranker="",
        host="127.0.0.1",
        port=7860,
        origins="",
        rate="auto",
        origin_rate="auto",
        proxies="",
        api_keys="",
        queue=128,
        log_questions=False,
    )
    assert (Settings().journal, Settings().admin_password, Settings().sources) == ("on", "", "")


def test_every_setting_has_a_variable() -> None:
    environment = {
        "FOOTNOTE_DATA": "/srv/index",
        "FOOTNOTE_MODEL": "models/mine",
        "FOOTNOTE_RERANKER": "models/pairs",
        "FOOTNOTE_HOST": "::1",
        "FOOTNOTE_PORT": " 8080 ",
        "FOOTNOTE_JOURNAL": "not_covered",
        "FOOTNOTE_ADMIN_PASSWORD": "a long enough one",
        "FOOTNOTE_SOURCES": "articles:more",
        "FOOTNOTE_MAP": "text=body",
        "FOOTNOTE_ORIGINS": "example.org",
        "FOOTNOTE_RATE": "5/minute",
        "FOOTNOTE_ORIGIN_RATE": "none",
        "FOOTNOTE_PROXIES": "127.0.0.1",
        "FOOTNOTE_API_KEYS": "0123456789abcdef",
        "FOOTNOTE_QUEUE": "9",
        "FOOTNOTE_LOG_QUESTIONS": "Yes",
        "OTHER": "no setting",
    }
    assert Settings.from_environment(environment) == Settings(
        data=Path("/srv/index"),
        model="models/mine",
        reranker="models/pairs",
        host="::1",
        port=8080,
        journal="not_covered",
        admin_password="a long enough one",
        sources="articles:more",
        map="text=body",
        origins="example.org",
        rate="5/minute",
        origin_rate="none",
        proxies="127.0.0.1",
        api_keys="0123456789abcdef",
        queue=9,
        log_questions=True,
    )


@pytest.mark.parametrize("value", ["", " ", "\t"])
def test_an_empty_variable_is_as_good_as_none(value: str) -> None:
    environment = {variable: value for variable, _, _ in describe_settings()}
    assert Settings.from_environment(environment) == Settings()


@pytest.mark.parametrize("value", ["perhaps", "2", "on the weekend"])
def test_a_switch_that_is_neither_yes_nor_no_is_quoted(value: str) -> None:
    with pytest.raises(SettingError) as refused:
        Settings.from_environment({"FOOTNOTE_LOG_QUESTIONS": value})
    assert str(refused.value) == f"FOOTNOTE_LOG_QUESTIONS is {value!r}: set it to yes or no"


@pytest.mark.parametrize("value", ["http", "80.5", "7860!"])
def test_a_port_that_is_no_number_is_quoted_with_the_remedy(value: str) -> None:
    with pytest.raises(SettingError) as refused:
        Settings.from_environment({"FOOTNOTE_PORT": value})
    assert str(refused.value) == (
        f"FOOTNOTE_PORT is {value!r}, not a whole number: set it to one, such as 7860"
    )


def test_a_choice_that_is_none_is_quoted_with_those_there_are() -> None:
    with pytest.raises(SettingError) as refused:
        Settings.from_environment({"FOOTNOTE_JOURNAL": "yes"})
    message = "FOOTNOTE_JOURNAL is 'yes': set it to one of on, not_covered, off"
    assert str(refused.value) == message


def test_a_password_is_not_shown_with_the_settings() -> None:
    assert "secret" not in repr(Settings(admin_password="secret of the owner"))


def test_a_description_has_variable_default_and_meaning() -> None:
    meaning = "the folder of the index, or where in a Milvus it is"
    assert describe_settings()[0] == ("FOOTNOTE_DATA", "data", meaning)
    assert len({variable for variable, _, _ in describe_settings()}) == len(fields(Settings))


def test_the_readme_tells_every_setting() -> None:
    rows = _ROW.findall(README.read_text(encoding="utf-8"))
    assert rows == describe_settings()


@pytest.mark.parametrize("value", ["lax", "0.5", "strict!"])
def test_a_strictness_that_is_none_is_quoted_with_the_remedy(value: str) -> None:
    with pytest.raises(
        SettingError,
        match=f"FOOTNOTE_STRICTNESS is '{value}': set it to one of strict, balanced, open",
    ):
        Settings.from_environment({"FOOTNOTE_STRICTNESS": value})


def test_a_strictness_is_read_however_it_is_capitalised() -> None:
    assert Settings.from_environment({"FOOTNOTE_STRICTNESS": "Strict"}).strictness == "strict"
