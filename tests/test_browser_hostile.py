"""An archive of hostile files, built and served for real: no page runs what they hold."""

import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from index.build import build
from qa.journal import Feedback
from qa.present.links import export_link, reader_page
from qa.present.references import FORMS
from qa.question import read_question
from tests.axe import violations
from tests.browsing import Page, expect
from tests.fakes import HashEncoder, no_progress
from tests.owner_sample import Site, site
from tests.owner_whole import whole
from tests.serving import serving

RUN = "<img src=x onerror=alert(1)>"
SCRIPT = "<script>alert(2)</script>"
QUESTION = f"What is the fee of the ferry {RUN}?"
UNKNOWN = "zeppelin quark gluon plasma <i onclick=alert(6)>?"
FEE = f"The fee of the ferry is ten euros {SCRIPT} {RUN} [now](javascript:alert(3))."


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("hostile")
    sources = home / f"sources {RUN}"
    sources.mkdir()
    head = (
        f'title: {SCRIPT} {RUN}\nauthor: "><svg onload=alert(4)>\nsource: <b>{RUN}</b>\n'
        "url: javascript:alert(5)\ndate: 2022-09-29\n\n"
    )
    (sources / f"{RUN}'\".txt").write_text(f"{head}{FEE}\n\nThe quay was empty.", "utf-8")
    record = {"_id": f"../{RUN}#?", "title": RUN, "text": "The heron nests in April.", "url": RUN}
    (sources / "lines.jsonl").write_text(json.dumps(record), "utf-8")
    build([sources], home / "data", HashEncoder(), no_progress)
    with site(home / "data", sources, whole) as here:
        yield here


@pytest.fixture(scope="module")
def address(here: Site) -> Iterator[str]:
    with serving(here.app) as address:
        yield address


@pytest.fixture
def asked(page: Page) -> Page:
    """The chat with an answer of the hostile article."""
    page.goto(f"/?q={quote(QUESTION)}")
    expect(page.locator(".fn-quote")).to_contain_text("The fee of the ferry is ten euros")
    return page


def test_the_chat_shows_their_words_as_text(asked: Page) -> None:
    expect(asked.locator(".fn-quote")).to_contain_text(FEE)
    expect(asked.locator(".fn-question")).to_have_text(QUESTION)
    expect(asked.locator(".fn-origin .fn-title")).to_have_text(f"{SCRIPT} {RUN}")
    made = asked.locator(".fn-answer, .fn-question").locator("img, script, iframe, svg, form, b")
    expect(made).to_have_count(0)
    links = asked.locator("#fn-conversation a").evaluate_all("all => all.map(a => a.protocol)")
    assert set(links) == {"http:"}


def test_the_preview_and_the_panel_show_them_as_text(asked: Page) -> None:
    number = asked.locator(".fn-quote .fn-number")
    number.hover()
    expect(asked.get_by_role("tooltip")).to_contain_text(RUN)
    expect(asked.get_by_role("tooltip").locator("img, script, a")).to_have_count(0)
    number.click()
    expect(asked.locator(".fn-panel-title")).to_have_text(f"{SCRIPT} {RUN}")
    reader = asked.frame_locator(".fn-panel iframe")
    expect(reader.locator("mark#quote")).to_contain_text(RUN)
    expect(reader.locator("article").locator("img, svg, b, script")).to_have_count(0)
    expect(reader.locator(".original")).to_have_count(0)


def test_the_reader_alone_shows_them_as_text(page: Page, here: Site) -> None:
    answer = here.live.ask(read_question({"question": QUESTION}))
    page.goto(reader_page(answer.citations[0], answer.citations))
    expect(page.locator("h1")).to_have_text(f"{SCRIPT} {RUN}")
    expect(page.locator("article").locator("img, svg, b, script, iframe")).to_have_count(0)
    assert page.locator("[href^='javascript:' i]").count() == 0


@pytest.mark.parametrize("form", FORMS)
def test_an_export_is_a_file_that_no_browser_opens_as_a_page(
    page: Page, here: Site, form: str
) -> None:
    answer = here.live.ask(read_question({"question": QUESTION}))
    response = page.context.request.get(export_link(form, answer.citations))
    assert response.status == 200
    assert response.headers["content-disposition"].startswith("attachment;")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "html" not in response.headers["content-type"]
    if form == "markdown":
        assert "](javascript:" not in response.text()
    assert "url = {javascript" not in response.text().lower()


def test_the_owners_pages_show_them_as_text(owner: Page, here: Site) -> None:
    for question in (QUESTION, UNKNOWN):
        owner.context.request.post("/api/ask", data={"question": question})
    here.journal.judged(Feedback(QUESTION, "down", ("other",), f"{SCRIPT}{RUN}"))
    assert here.journal.flush()
    seen = {
        "articles": RUN,
        "questions": RUN,
        "not-covered": UNKNOWN,
        "feedback": SCRIPT,
        "citations": SCRIPT,
    }
    for path, text in seen.items():
        owner.goto(f"/admin/{path}")
        expect(owner.locator("main")).to_contain_text(text)
        expect(owner.locator("main").locator("img, script, iframe, i")).to_have_count(0)
        assert owner.locator("[href^='javascript:' i], [onerror], [onload]").count() == 0
        assert violations(owner) == []


def test_a_hostile_file_is_added_and_removed_by_its_name(owner: Page, here: Site) -> None:
    owner.goto("/admin/articles")
    owner.get_by_label("Drop files here or choose them").set_input_files(
        {"name": f"{RUN}.exe", "mimeType": "text/plain", "buffer": b"x"}
    )
    owner.get_by_role("button", name="Add files").click()
    expect(owner.locator(".notice.fault")).to_contain_text(f"{RUN}.exe")
    expect(owner.locator("main img")).to_have_count(0)
    row = owner.locator(".cards > li", has_text="lines.jsonl")
    row.locator("summary").click()
    row.get_by_role("button", name="Remove now").click()
    expect(owner.locator(".notices")).to_contain_text(f"Removed: ../{RUN}#?")
    here.live.refresh()
    assert here.live.article(f"../{RUN}#?") is None
