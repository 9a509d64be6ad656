"""Faults are told in the words of whoever sees them, on the chat page and on the owner's."""

import json
import re
from pathlib import Path

import pytest

from index.errors import BuildRunsError, DamagedError
from index.fetch.guard import FetchError
from index.fetch.http import fetch
from qa.question import LONGEST_QUESTION, BadQuestionError, read_question
from qa.web.admin.builds import UploadError, safe_name
from qa.web.admin.errors import NoSuchArticleError, OwnerError, message_of
from qa.web.chat.page import fault
from qa.web.chat.request import read_request
from qa.web.i18n import languages, words_in

ROOT = Path(__file__).parent.parent
FETCHING = (ROOT / "index" / "fetch" / name for name in ("guard.py", "http.py", "page.py"))
OWNER = (*(ROOT / "qa" / "web" / "admin").glob("*.py"), *FETCHING)
OTHERS = [code for code in languages() if code != "en"]
# All that a reader can send from the page, or by the address of an answer.
SENT: dict[str, tuple[str, dict[str, object]]] = {
    "empty_question": (" ", {}),
    "question_too_long": ("a" * (LONGEST_QUESTION + 1), {}),
    "no_words": ("???", {}),
    "only_stop_words": ("what is", {}),
    "bad_character": ("the\0moon", {}),
    "bad_date": ("moon", {"after": "soon"}),
    "bad_period": ("moon", {"after": "2022", "before": "2021"}),
    "bad_source": ("moon", {"source": "s" * 999}),
    "bad_ignore": ("moon", {"ignore": ["all"]}),
}


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("code", SENT)
def test_what_is_wrong_with_a_question_is_told_in_every_language(code: str, language: str) -> None:
    text, how = SENT[code]
    asked = read_request(json.dumps({"language": language, **how}))
    with pytest.raises(BadQuestionError) as caught:
        read_question(asked.record(text, []))
    assert caught.value.code == code
    said = fault(caught.value, asked.words)
    assert said != str(caught.value)
    assert "{" not in said


def codes() -> set[str]:
    """Every code that a fault of the owner's page is given."""
    given = re.compile(r"(?:Fetch|Upload|Owner)Error\(\s*\"(\w+)\"|__init__\(\"(\w+)\"")
    sources = "".join(path.read_text(encoding="utf-8") for path in OWNER)
    return {first or second for first, second in given.findall(sources)}


@pytest.mark.parametrize("language", languages())
def test_every_fault_of_the_owners_page_has_words(language: str) -> None:
    said = words_in(language).of("admin")
    named = {name.removeprefix("fault_") for name in said if name.startswith("fault_")}
    assert named - {"other"} == codes()
    assert len(codes()) > 10


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("url", ["ftp://a.example", "https://me:it@a.example", "http://a:99/"])
def test_an_address_that_is_refused_is_told_in_the_owners_language(url: str, language: str) -> None:
    with pytest.raises(FetchError) as caught:
        fetch(url)
    english, other = (
        message_of(caught.value, words_in(code).of("admin")) for code in ("en", language)
    )
    assert other != english
    assert "{" not in other


def test_a_hostile_file_name_is_text() -> None:
    with pytest.raises(UploadError) as caught:
        safe_name("<img src=x onerror=alert(1)>.exe")
    said = message_of(caught.value, words_in("ar").of("admin"))
    assert "<img" not in said
    assert '<bdi class="name">&lt;img src=x' in said


def test_a_running_build_and_a_missing_article_have_words_of_their_own() -> None:
    said = words_in("de").of("admin")
    assert message_of(BuildRunsError("another build"), said) == said["build_runs"]
    assert '<bdi class="name">dam</bdi>' in message_of(NoSuchArticleError("dam"), said)


def test_what_has_no_words_is_told_in_english_and_marked_as_such() -> None:
    said = message_of(DamagedError("page <3> is damaged"), words_in("uk").of("admin"))
    assert said.endswith('<bdi lang="en">page &lt;3&gt; is damaged</bdi>')


def test_a_fault_without_blanks_filled_is_an_error() -> None:
    with pytest.raises(KeyError):
        message_of(OwnerError("host", "no host"), words_in("en").of("admin"))
