"""The widget's script as it is served, and the pages around it."""

import gzip
import html
import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from starlette.testclient import TestClient

from qa.answer import Order, Reply
from qa.web import i18n
from qa.web.app import create_app
from qa.web.i18n import languages, words_in
from qa.web.protocols import About
from qa.web.widget import OPTIONS, ROOMS, SOURCES, widget_script
from tests.web_sample import EXAMPLES, SampleArticles, SampleAsker

MOST = 11_800


@pytest.fixture(scope="module")
def client() -> TestClient:
    about = About(3, sources=("The Orbital Record",))
    app = create_app(SampleAsker(), SampleArticles(), EXAMPLES, lambda: about)
    return TestClient(app, base_url="http://127.0.0.1")


def test_the_script_weighs_less_than_twelve_kilobytes(client: TestClient) -> None:
    with client.stream("GET", "/widget.js", headers={"Accept-Encoding": "gzip"}) as response:
        sent = b"".join(response.iter_raw())
    assert response.headers["content-encoding"] == "gzip"
    assert len(sent) <= MOST
    assert gzip.decompress(sent) == widget_script().plain


def test_where_nothing_makes_it_small_the_script_is_sent_as_it_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    small = widget_script.__wrapped__().plain
    monkeypatch.setitem(sys.modules, "minify", None)
    script = widget_script.__wrapped__().plain.decode()
    assert "/** Defines the element once" in script
    assert len(script) > len(small)


def test_a_browser_without_gzip_gets_the_script_as_it_is(client: TestClient) -> None:
    response = client.get("/widget.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in response.headers
    assert response.content == widget_script().plain
    assert response.headers["content-type"].startswith("text/javascript")


def test_a_script_that_did_not_change_is_not_sent_again(client: TestClient) -> None:
    tag = client.get("/widget.js").headers["etag"]
    again = client.get("/widget.js", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/widget.js", headers={"If-None-Match": '"other"'}).status_code == 200


def test_the_script_may_be_loaded_by_any_site(client: TestClient) -> None:
    headers = client.get("/widget.js").headers
    assert headers["cross-origin-resource-policy"] == "cross-origin"
    assert "max-age" in headers["cache-control"]


@pytest.mark.parametrize("code", languages())
def test_the_script_brings_the_words_of_the_one_language_that_it_is_asked_for(
    client: TestClient, code: str
) -> None:
    script = client.get("/widget.js", params={"language": code}).text
    assert all(text in script for text in words_in(code).of("widget").values())
    others = [words_in(other).of("widget")["title"] for other in languages() if other != code]
    assert not any(title in script for title in others)


@pytest.mark.parametrize("code", languages())
def test_in_each_language_the_script_weighs_no_more(code: str) -> None:
    assert len(widget_script(code).gzipped) <= MOST


def test_the_words_of_another_language_can_be_had_and_of_an_unknown_one_those_of_english(
    client: TestClient,
) -> None:
    path = "/footnote/widget/words/{}.json"
    arabic, unknown = (client.get(path.format(code)).json() for code in ("ar", "xx"))
    assert (arabic["code"], arabic["direction"]) == ("ar", "rtl")
    assert arabic.items() >= words_in("ar").of("widget").items()
    assert unknown["code"] == "en"


@pytest.fixture
def with_a_seventh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A server whose folder of languages has a file more; nothing else is changed."""
    folder = tmp_path / "languages"
    shutil.copytree(i18n.FOLDER, folder)
    made_up = json.loads((folder / "ar.json").read_text(encoding="utf-8"))
    made_up |= {"language": "Volapük"}
    made_up["widget"] |= {"title": "Säkolöd registari"}
    (folder / "vo.json").write_text(json.dumps(made_up), encoding="utf-8")
    monkeypatch.setattr(i18n, "FOLDER", folder)
    forget_all()
    about = About(3, sources=("The Orbital Record",))
    app = create_app(SampleAsker(), SampleArticles(), EXAMPLES, lambda: about)
    yield TestClient(app, base_url="http://127.0.0.1")
    monkeypatch.undo()
    forget_all()


def forget_all() -> None:
    i18n.all_words.cache_clear()
    widget_script.cache_clear()


def test_a_seventh_language_is_one_file(with_a_seventh: TestClient) -> None:
    client = with_a_seventh
    assert "Volapük" in client.get("/widget").text
    assert "Volap" in client.get("/").text
    assert '<html lang="vo" dir="rtl">' in client.get("/embed?language=vo").text
    assert '<html lang="vo" dir="rtl"' in client.get("/", headers={"Accept-Language": "vo"}).text
    assert client.get("/footnote/widget/words/vo.json").json()["title"] == "Säkolöd registari"
    assert "Säkolöd registari" in client.get("/widget.js?language=vo").text


def test_however_many_languages_there_are_the_script_is_the_same(
    client: TestClient, request: pytest.FixtureRequest
) -> None:
    with_six = client.get("/widget.js").content
    with_seven = request.getfixturevalue("with_a_seventh").get("/widget.js").content
    assert with_seven == with_six


def test_each_word_of_the_widget_is_used() -> None:
    source = "".join((SOURCES / f"{room}.js").read_text(encoding="utf-8") for room in ROOMS)
    # What a line is that asks nothing, and the order of an answer, the server tells by name.
    for key in words_in("en").of("widget").keys() - {*get_args(Reply), *get_args(Order)}:
        assert re.search(rf'["\s]{key}[":,]', source), key


@pytest.mark.parametrize("danger", ["innerHTML", "insertAdjacent", "eval(", "document.write"])
def test_no_text_can_become_html_or_code(danger: str) -> None:
    assert danger not in widget_script().plain.decode()


@pytest.mark.parametrize("store", ["localStorage", "sessionStorage", "cookie", "indexedDB"])
def test_nothing_is_stored(store: str) -> None:
    assert store not in widget_script().plain.decode()


def test_a_frame_holds_the_element_with_the_options_of_its_address(client: TestClient) -> None:
    response = client.get("/embed", params={"title": "Ask us", "language": "fr", "onclick": "x()"})
    assert '<footnote-chat mode="inline" title="Ask us" language="fr">' in response.text
    assert "onclick" not in response.text


def test_a_frame_says_in_which_language_it_is(client: TestClient) -> None:
    for asked, accepted, tag in [
        ("ar", "de", '<html lang="ar" dir="rtl">'),
        ("xx", "de", '<html lang="de" dir="ltr">'),
        ("", "", '<html lang="en" dir="ltr">'),
    ]:
        response = client.get(
            "/embed", params={"language": asked}, headers={"Accept-Language": accepted}
        )
        assert tag in response.text
        assert "Accept-Language" in response.headers["vary"]


@pytest.mark.parametrize("code", languages())
def test_the_builder_says_all_its_words_in_each_language(client: TestClient, code: str) -> None:
    shown = html.unescape(client.get("/widget", params={"lang": code}).text)
    assert all(text in shown for text in words_in(code).of("builder").values())
    assert shown == html.unescape(client.get("/widget", headers={"Accept-Language": code}).text)


def test_an_option_of_a_frame_cannot_leave_its_attribute(client: TestClient) -> None:
    attack = '"><script>alert(1)</script>'
    response = client.get("/embed", params=dict.fromkeys(OPTIONS, attack))
    assert "<script>alert" not in response.text
    assert response.text.count("<script") == 1


def test_a_frame_and_the_builder_run_only_scripts_of_the_server(client: TestClient) -> None:
    for path in ("/embed", "/widget"):
        policy = client.get(path).headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'self'" in policy


def test_the_builder_offers_the_sources_that_there_are(client: TestClient) -> None:
    shown = client.get("/widget").text
    assert '<input name="source" type="text" maxlength="200" list="sources">' in shown
    assert '<option value="The Orbital Record"></option>' in shown
