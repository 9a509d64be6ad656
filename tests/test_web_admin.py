"""The owner's page from the outside: who gets in, and what its buttons do."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from index.build.fetched import keep_unfetched
from index.build.lists import FIRST_QUESTIONS, SYNONYMS
from index.build.owned import uploads
from index.build.withheld import was_removed
from index.errors import SettingError
from index.fetch.visits import Document, is_asked_again, keep_visited
from index.readers.walk import READERS
from qa.web.admin.builds import MOST_BYTES
from qa.web.admin.routes import COOKIE
from qa.web.admin.sessions import Sessions
from qa.web.app import create_app
from qa.web.guard.middleware import MAX_BODY
from qa.web.protocols import About
from tests.owner_sample import NOON, PASSWORD, Site, add, judged, send, sign_in, site, token
from tests.web_sample import EXAMPLES, SampleArticles, SampleAsker

SOON = 60.0
VIEWS = (
    "articles",
    "article",
    "questions",
    "rules",
    "not-covered",
    "not-covered.csv",
    "feedback",
    "citations",
    "build.json",
)
ACTS = (
    *("build", "upload", "url", "remove", "restore", "edit", "take-back", "first-questions"),
    *("synonyms", "add-rule", "drop-rule", "allow", "withdraw", "fetch-again", "logout"),
)


@pytest.fixture
def here(data: Path, sources: Path) -> Iterator[Site]:
    with site(data, sources) as here:
        yield here


@pytest.fixture
def stranger(here: Site) -> Iterator[TestClient]:
    with TestClient(here.app, raise_server_exceptions=False, follow_redirects=False) as client:
        yield client


@pytest.fixture
def owner(stranger: TestClient) -> TestClient:
    """Signed in."""
    assert sign_in(stranger, PASSWORD).status_code == 303
    return stranger


def test_without_a_password_set_there_is_no_page_and_it_says_how_there_would_be() -> None:
    app = create_app(SampleAsker(), SampleArticles(), EXAMPLES, lambda: About(3))
    with TestClient(app) as client:
        page = client.get("/admin")
        assert page.status_code == 404
        assert "FOOTNOTE_ADMIN_PASSWORD" in page.text
        assert "<form" not in page.text
        assert client.post("/admin/login", data={"password": ""}).status_code == 404
        assert client.post("/admin/upload", content=b"x" * (MAX_BODY + 1)).status_code == 413


@pytest.mark.parametrize("password", ["short", "elevenchars"])
def test_a_short_password_is_refused_at_the_start_and_not_shown(password: str) -> None:
    with pytest.raises(SettingError, match=r"FOOTNOTE_ADMIN_PASSWORD has \d+ characters") as told:
        Sessions(password)
    assert password not in str(told.value)


@pytest.mark.parametrize("cookie", [None, "", "x", "é"])
def test_without_a_session_nothing_is_seen_or_done(
    stranger: TestClient, here: Site, cookie: str | None
) -> None:
    headers = {} if cookie is None else {b"Cookie": f"{COOKIE}={cookie}".encode()}
    for view in VIEWS:
        answer = stranger.get(f"/admin/{view}", headers=headers)
        assert (answer.status_code, answer.headers["location"]) == (303, "/admin")
        assert answer.content == b""
    for act in ACTS:
        answer = stranger.post(f"/admin/{act}", data={"id": "dam", "csrf": ""}, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_signed_in")
    assert here.live.article("dam") is not None
    assert not uploads(here.data).exists()


def test_the_form_asks_for_the_password_and_shows_nothing_else(stranger: TestClient) -> None:
    page = stranger.get("/admin")
    assert page.status_code == 200
    assert 'type="password"' in page.text
    assert "lighthouse" not in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "form-action 'self'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD + " ", PASSWORD.upper(), "é" * 20])
def test_a_wrong_password_gives_no_session(stranger: TestClient, password: str) -> None:
    answer = sign_in(stranger, password)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert "Wrong password." in answer.text


def test_the_cookie_is_for_this_site_this_page_and_no_script(stranger: TestClient) -> None:
    cookie = sign_in(stranger, PASSWORD).headers["set-cookie"]
    for part in ("HttpOnly", "SameSite=strict", "Path=/admin", "Max-Age="):
        assert part in cookie
    assert "Secure" not in cookie
    assert PASSWORD not in cookie


def test_over_https_the_cookie_never_goes_without(here: Site) -> None:
    with TestClient(here.app, base_url="https://news.example", follow_redirects=False) as client:
        assert "Secure" in sign_in(client, PASSWORD).headers["set-cookie"]


def test_after_five_wrong_passwords_even_the_right_one_has_to_wait(stranger: TestClient) -> None:
    assert [sign_in(stranger, "wrong").status_code for _ in range(5)] == [403] * 5
    answer = sign_in(stranger, PASSWORD)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 301
    assert "set-cookie" not in answer.headers


def test_a_sign_out_ends_the_session_for_good(owner: TestClient) -> None:
    cookie = owner.cookies[COOKIE]
    csrf = token(owner)
    answer = owner.post("/admin/logout", data={"csrf": csrf})
    assert answer.headers["location"] == "/admin"
    again = owner.get("/admin/articles", headers={"Cookie": f"{COOKIE}={cookie}"})
    assert again.status_code == 303


@pytest.mark.parametrize("csrf", [None, "", "wrong", "é"])
def test_without_the_token_of_its_form_nothing_is_done(
    owner: TestClient, here: Site, csrf: str | None
) -> None:
    fields = {"id": "dam"} if csrf is None else {"id": "dam", "csrf": csrf}
    for act in ACTS:
        assert owner.post(f"/admin/{act}", data=fields).status_code == 403
    files = {"files": ("a.txt", b"words")}
    assert owner.post("/admin/upload", data=fields, files=files).status_code == 403
    assert here.live.article("dam") is not None
    assert not uploads(here.data).exists()
    assert owner.get("/admin/articles").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_a_form_of_another_site_is_refused_even_with_the_token(
    owner: TestClient, here: Site, headers: dict[str, str]
) -> None:
    fields = {"csrf": token(owner), "id": "dam"}
    assert owner.post("/admin/remove", data=fields, headers=headers).status_code == 403
    assert sign_in(owner, PASSWORD, headers).status_code == 403
    assert here.live.article("dam") is not None


def test_articles_are_listed_with_their_state_and_found_by_words(owner: TestClient) -> None:
    page = owner.get("/admin/articles").text
    for shown in ("The lighthouse of Cape Orrin", "Coast Weekly", "2021-05-04", "sha256:"):
        assert shown in page
    found = owner.get("/admin/articles?q=TESSEL").text
    assert "The dam on the river" in found
    assert "The lighthouse" not in found
    assert "No matching article." in owner.get("/admin/articles?q=<script>").text
    undated = owner.get("/admin/articles?undated=yes").text
    assert undated.count('<p class="name-of">') == 1
    assert "The dam on the river" not in undated


def test_every_format_that_a_build_reads_can_be_chosen_and_is_named(owner: TestClient) -> None:
    page = owner.get("/admin/articles").text
    [endings] = re.findall(r'accept="(.+?)"', page)
    [shown] = re.findall(r"note\">(.+?); up to 50 MB at once", page)
    for suffix in READERS:
        assert suffix.endswith(tuple(endings.split(",")))
        assert f" {suffix.split('.')[1]}," in f" {shown},"


@pytest.mark.parametrize("page", ["-1", "x", "9" * 50, "²", "99999"])
def test_a_page_that_is_none_is_no_fault(owner: TestClient, page: str) -> None:
    for view in ("articles", "questions", "feedback", "citations"):
        assert owner.get(f"/admin/{view}", params={"page": page, "days": page}).status_code == 200


def test_a_file_is_added_built_and_answered_from(owner: TestClient, here: Site) -> None:
    page = add(owner, "heron.txt", b"The heron of Lake Mirren nests in April.", build="yes")
    assert "heron.txt" in page
    assert here.builds.wait(SOON)
    here.live.refresh()
    answer = owner.post("/api/ask", json={"question": "When does the heron of Lake Mirren nest?"})
    assert answer.json()["citations"][0]["article"]["id"] == "heron"
    state = owner.get("/admin/build.json").json()
    assert (state["status"], state["stages"][-1]["name"]) == ("done", "writing")


def test_a_file_that_is_not_yet_built_is_told(owner: TestClient) -> None:
    assert "Added, not yet built" in add(owner, "heron.txt", b"The heron nests in April.")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../../etc/cron.txt", "cron.txt"),
        ("..\\..\\boot.txt", "boot.txt"),
        ("/etc/passwd.txt", "passwd.txt"),
        ("....//x.txt", "x.txt"),
        (".hidden.txt", "hidden.txt"),
        ("a\u202etxt.md", "atxt.md"),
        ("é" * 300 + ".txt", "é" * 60 + ".txt"),
    ],
)
def test_no_name_leads_out_of_the_folder(
    owner: TestClient, here: Site, name: str, kept: str
) -> None:
    add(owner, name, b"The heron nests in April.")
    folder = uploads(here.data)
    assert [path.name for path in folder.iterdir()] == [kept]
    assert (folder / kept).read_bytes() == b"The heron nests in April."


@pytest.mark.parametrize("name", ["a.exe", "a.htmlx", "..", ".txt", "a.txt/", "a.meta.json", "txt"])
def test_a_file_of_another_format_is_refused_in_words(
    owner: TestClient, here: Site, name: str
) -> None:
    page = add(owner, name, b"words")
    assert "unsupported format" in page
    assert not uploads(here.data).exists() or not list(uploads(here.data).iterdir())


def test_a_file_of_a_name_that_is_taken_replaces_none_unless_asked(
    owner: TestClient, here: Site
) -> None:
    folder = uploads(here.data)
    add(owner, "a.txt", b"The first.")
    add(owner, "a.txt", b"The first.")
    assert len(list(folder.iterdir())) == 1
    add(owner, "a.txt", b"The second.")
    assert {path.read_bytes() for path in folder.iterdir()} == {b"The first.", b"The second."}
    add(owner, "a.txt", b"The third.", replace="yes")
    assert (folder / "a.txt").read_bytes() == b"The third."


def test_a_large_file_is_taken_from_the_owner_alone(owner: TestClient, here: Site) -> None:
    large = b"The heron nests in April. " * 10_000
    assert len(large) > MAX_BODY
    add(owner, "large.txt", large)
    assert (uploads(here.data) / "large.txt").stat().st_size == len(large)
    files = {"files": ("a.txt", large)}
    owner.cookies.clear()
    assert owner.post("/admin/upload", files=files).status_code == 413


def test_files_above_the_limit_are_refused_in_words(owner: TestClient, here: Site) -> None:
    page = add(owner, "huge.txt", b"x" * (MOST_BYTES + 1))
    assert "larger than 50 MB" in page
    assert not uploads(here.data).exists()


def test_a_page_of_the_web_is_added_by_its_address(owner: TestClient, here: Site) -> None:
    page = send(owner, "url", url="https://ferry.example/times", build="yes")
    assert "ferry-example-times" in page
    assert here.builds.wait(SOON)
    here.live.refresh()
    found = owner.get("/admin/articles?q=ferry.example").text
    assert "The ferry" in owner.get("/admin/articles?q=ferry-example").text
    assert "2024-03-05" in found


def test_a_page_that_cannot_be_fetched_is_told(owner: TestClient, here: Site) -> None:
    told = send(owner, "url", url="http://nowhere.example/<b>")
    assert 'There is no host <bdi class="name">http://nowhere.example/&lt;b&gt;</bdi>.' in told
    assert not uploads(here.data).exists()


def test_an_article_is_removed_and_stays_out_until_restored(owner: TestClient, here: Site) -> None:
    page = send(owner, "remove", id="dam")
    assert "Removed:" in page
    here.live.refresh()
    assert here.live.article("dam") is None
    send(owner, "build")
    assert here.builds.wait(SOON)
    here.live.refresh()
    assert here.live.article("dam") is None
    assert "Restored" in send(owner, "restore", id="dam")
    send(owner, "build")
    assert here.builds.wait(SOON)
    here.live.refresh()
    assert here.live.article("dam") is not None


def test_an_article_that_was_removed_is_known_as_such_until_restored(
    owner: TestClient, here: Site
) -> None:
    send(owner, "remove", id="dam")
    assert was_removed(here.data, "dam")
    assert not was_removed(here.data, "lighthouse")
    send(owner, "restore", id="dam")
    assert not was_removed(here.data, "dam")


def test_an_id_that_is_none_is_told(owner: TestClient) -> None:
    told = send(owner, "remove", id="<x>")
    assert 'No article has the id <bdi class="name">&lt;x&gt;</bdi>.' in told


def test_what_a_build_could_not_read_is_named(owner: TestClient, here: Site, sources: Path) -> None:
    (sources / "plan.xlsx").write_bytes(b"PK")
    send(owner, "build")
    assert here.builds.wait(SOON)
    page = owner.get("/admin/articles").text
    assert "plan.xlsx" in page
    assert "has an unsupported format" in page


def test_what_was_not_fetched_is_listed_and_tried_again_where_the_owner_wishes(
    owner: TestClient, here: Site
) -> None:
    document, url = Document(), "https://ferry.example/<b>"
    document.failed(url, "answered with status 503", NOON.timestamp(), 900.0)
    keep_visited(here.data, "https://ferry.example/feed", {"https://ferry.example/feed": document})
    keep_unfetched(here.data, {url: "answered with status 503"})
    page = owner.get("/admin/articles").text
    assert "https://ferry.example/&lt;b&gt;" in page
    assert "answered with status 503" in page
    assert "2026-01-31 12:15 UTC" in page
    assert ">1</a>" in owner.get("/admin").text
    assert not is_asked_again(here.data)
    assert "tried again within seconds" in send(owner, "fetch-again")
    assert is_asked_again(here.data)


def test_a_build_that_fails_says_why(owner: TestClient, here: Site, sources: Path) -> None:
    sources.rename(sources.with_name("gone"))
    send(owner, "build")
    assert here.builds.wait(SOON)
    assert owner.get("/admin/build.json").json()["status"] == "failed"
    assert "does not exist: check the path" in owner.get("/admin/articles").text
    german = owner.get("/admin/articles", headers={"Accept-Language": "de"}).text
    assert "Ein Ordner mit Artikeln existiert nicht." in german


def test_questions_citations_and_feedback_are_shown_as_text(owner: TestClient, here: Site) -> None:
    owner.post("/api/ask", json={"question": "When was the lighthouse <b>first</b> lit?"})
    owner.post("/api/ask", json={"question": "quark gluon plasma zeppelin?"})
    judged(here)
    questions = owner.get("/admin/questions").text
    assert "When was the lighthouse &lt;b&gt;first&lt;/b&gt; lit?" in questions
    assert "2026-01-31 12:00" in questions
    assert "The lighthouse of Cape Orrin" in owner.get("/admin/citations").text
    feedback = owner.get("/admin/feedback").text
    assert "&lt;b&gt;no&lt;/b&gt; longer" in feedback
    assert "Outdated" in feedback
    overview = owner.get("/admin").text
    assert overview.count("<svg") == 4
    assert overview.count("<desc") == 4


def test_the_list_of_first_questions_is_shown_and_kept(owner: TestClient, here: Site) -> None:
    FIRST_QUESTIONS.write(here.data, ["Who left in <1978>?"])
    assert "Who left in &lt;1978&gt;?" in owner.get("/admin/questions").text
    page = send(owner, "first-questions", questions="Who left?\r\n\r\n When was it  lit? \r\n")
    assert "List saved." in page
    assert "Who left?\nWhen was it lit?</textarea>" in page
    assert FIRST_QUESTIONS.read(here.data) == ("Who left?", "When was it lit?")


@pytest.mark.parametrize("questions", ["\n".join(map(str, range(51))), f"<b>{'x' * 200}"])
def test_a_list_that_is_too_long_is_refused_in_words(
    owner: TestClient, here: Site, questions: str
) -> None:
    FIRST_QUESTIONS.write(here.data, ["Who left in 1978?"])
    page = send(owner, "first-questions", questions=questions)
    assert re.search(r"more than .*50.* questions|&lt;b&gt;x+.* is longer than .*200", page)
    assert FIRST_QUESTIONS.read(here.data) == ("Who left in 1978?",)


def test_words_that_the_owner_equates_count_without_a_build(owner: TestClient, here: Site) -> None:
    def confidence() -> float:
        here.live.refresh()
        asked = {"question": "Who left the pharos of Cape Orrin in 1978?"}
        found: float = owner.post("/api/ask", json=asked).json()["confidence"]
        return found

    SYNONYMS.write(here.data, ["<b>quay</b> = pier"])
    assert "&lt;b&gt;quay&lt;/b&gt; = pier</textarea>" in owner.get("/admin/questions").text
    before = confidence()
    page = send(owner, "synonyms", synonyms="pharos =  lighthouse\r\n\r\nquay = pier\r\n")
    assert "List saved." in page
    assert "pharos = lighthouse\nquay = pier</textarea>" in page
    assert confidence() > before


def test_of_two_who_edit_a_list_at_once_neither_undoes_what_the_other_did(
    owner: TestClient, here: Site
) -> None:
    SYNONYMS.write(here.data, ["quay = pier", "dam = weir"])
    [*_, seen] = re.findall(r'name="seen" value="([^"]*)"', owner.get("/admin/questions").text)
    send(owner, "add-rule", kind="synonyms", one="pharos", other="lighthouse")
    page = send(owner, "synonyms", synonyms="dam = weir\nboat = ship", seen=seen)
    left = ("dam = weir", "pharos = lighthouse", "boat = ship")
    assert SYNONYMS.read(here.data) == left
    assert "\n".join(left) + "</textarea>" in page


def test_a_line_that_equates_nothing_is_kept_and_named(owner: TestClient, here: Site) -> None:
    page = send(owner, "synonyms", synonyms="alone\n<i>one</i> =\npharos = lighthouse")
    assert re.search(r"ignored: .*alone, &lt;i&gt;one&lt;/i&gt; =<", page)
    assert SYNONYMS.read(here.data) == ("alone", "<i>one</i> =", "pharos = lighthouse")


def test_what_is_not_covered_stands_grouped_and_goes_into_a_spreadsheet_unrun(
    owner: TestClient, here: Site
) -> None:
    asked = (
        "zeppelin quark gluon plasma?",
        "quark gluon plasma zeppelin",
        "=cmd|' /C calc'!A0 xylophone",
        "zeppelin quark gluon plasma?",
    )
    for question in asked:
        owner.post("/api/ask", json={"question": question})
    assert here.journal.flush()
    page = owner.get("/admin/not-covered").text
    assert "3×" in page
    assert '<span class="tag">Nothing near</span>' in page
    sheet = owner.get("/admin/not-covered.csv")
    assert sheet.headers["content-type"].startswith("text/csv")
    assert "attachment" in sheet.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(sheet.content.decode("utf-8-sig"))))
    assert [(row["group"], row["times"]) for row in rows] == [("1", "2"), ("1", "1"), ("2", "1")]
    assert [row["reason"] for row in rows] == ["nothing_near", "nothing_near", "unknown_name"]
    assert rows[2]["question"] == "'=cmd|' /C calc'!A0 xylophone"
    assert {row["last"] for row in rows} == {NOON.isoformat(timespec="seconds")}


def test_a_question_of_a_source_that_is_not_there_is_not_noted(
    owner: TestClient, here: Site
) -> None:
    asked = {"question": "When was the lighthouse lit?", "source": "Nope"}
    assert owner.post("/api/ask", json=asked).status_code == 422
    assert here.journal.flush()
    assert "When was the lighthouse lit?" not in owner.get("/admin/not-covered").text


@pytest.mark.parametrize("language", ["en", "fr", "de", "es", "uk", "ar"])
def test_every_page_is_there_in_every_language(
    owner: TestClient, here: Site, language: str
) -> None:
    judged(here)
    pages = [f"/{each}" for each in VIEWS if "." not in each and each != "article"]
    for view in ("", *pages, "/article?id=dam"):
        page = owner.get(f"/admin{view}", headers={"Accept-Language": language})
        assert page.status_code == 200
        way = "rtl" if language == "ar" else "ltr"
        assert f'<html lang="{language}" dir="{way}">' in page.text
        assert not re.search(r"<(script|style)>| on\w+=| style=", page.text)


def test_a_session_ends_by_itself() -> None:
    now = [0.0]
    sessions = Sessions(PASSWORD, lambda: now[0])
    session = sessions.enter(PASSWORD, "a")
    assert session is not None
    assert sessions.of(session.token) is session
    now[0] = timedelta(hours=12).total_seconds()
    assert sessions.of(session.token) is None
