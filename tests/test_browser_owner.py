"""What the owner sees and does, in a real browser, served by a real server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.build import build
from index.build.owned import uploads
from qa.answer import Question
from tests.axe import violations
from tests.browsing import Browser, Page, expect, sign_in
from tests.conftest import write_sources
from tests.fakes import HashEncoder, no_progress
from tests.owner_sample import PASSWORD, Site, judged, site
from tests.owner_whole import whole
from tests.serving import serving

PATHS = (
    *("", "/articles", "/questions", "/not-covered", "/rules", "/feedback", "/citations"),
    "/origins",
)
# A build is a process of its own, which takes its time on a busy machine.
SOON_MS = 60_000
HERON = b"The heron nests in April."
# Sends files to the form as a hand does that drops them there.
DROP = """
(name) => {
    const carried = new DataTransfer();
    carried.items.add(new File(["The egret of Lake Mirren came in May."], name));
    document.getElementById("drop").dispatchEvent(
        new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true }));
}
"""


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("owner")
    sources = write_sources(home / "sources")
    build([sources], home / "data", HashEncoder(), no_progress)
    with site(home / "data", sources, whole) as here:
        yield here


@pytest.fixture(scope="module")
def address(here: Site) -> Iterator[str]:
    with serving(here.app) as address:
        yield address


@pytest.fixture(scope="module")
def asked(here: Site, browser: Browser, address: str) -> None:
    """Some have asked, and said what they thought."""
    with browser.new_context(base_url=address) as context:
        for question in (
            "When was the lighthouse lit for the first time?",
            "zeppelin quark gluon plasma?",
            "quark gluon plasma zeppelin",
        ):
            context.request.post("/api/ask", data={"question": question})
    judged(here)


def test_a_wrong_password_is_told_and_the_right_one_opens_the_page(
    browser: Browser, address: str
) -> None:
    # Not watched: a browser notes the refusal in its console.
    with browser.new_context(base_url=address) as context:
        page = context.new_page()
        page.goto("/admin")
        expect(page.get_by_label("Password")).to_be_focused()
        page.keyboard.type("not the password")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_have_text("Wrong password.")
        sign_in(page, PASSWORD)
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_label("Password")).to_be_visible()


def test_files_are_added_and_the_build_is_seen_to_its_end(owner: Page, here: Site) -> None:
    owner.goto("/admin/articles")
    owner.get_by_label("Drop files here or choose them").set_input_files(
        {"name": "heron.txt", "mimeType": "text/plain", "buffer": HERON}
    )
    owner.get_by_role("button", name="Add files").click()
    expect(owner.get_by_role("status").first).to_contain_text("heron.txt")
    expect(owner.locator("#progress .status")).to_have_text("Build finished", timeout=SOON_MS)
    expect(owner.locator("[data-stage=writing] .count")).to_have_text("1 / 1")
    expect(owner.locator(".report")).to_contain_text("New")
    here.live.refresh()
    owner.goto("/admin/articles?q=heron")
    expect(owner.get_by_role("link", name="heron", exact=True)).to_be_visible()


def test_files_are_added_by_drag_and_drop(owner: Page, here: Site) -> None:
    owner.goto("/admin/articles")
    owner.evaluate(DROP, "egret.txt")
    expect(owner.get_by_role("status").first).to_contain_text("egret.txt")
    expect(owner.locator("#progress .status")).to_have_text("Build finished", timeout=SOON_MS)
    assert (uploads(here.data) / "egret.txt").exists()


def test_a_page_of_the_web_is_added(owner: Page, here: Site) -> None:
    owner.goto("/admin/articles")
    owner.get_by_label("Or by web address").fill("https://ferry.example/times")
    owner.get_by_role("button", name="Add page").click()
    expect(owner.locator("#progress .status")).to_have_text("Build finished", timeout=SOON_MS)
    here.live.refresh()
    owner.goto("/admin/articles?q=ferry.example")
    expect(owner.get_by_role("link", name="The ferry", exact=True)).to_be_visible()


def test_without_javascript_a_build_is_seen_by_loading_again(
    browser: Browser, address: str
) -> None:
    with browser.new_context(base_url=address, java_script_enabled=False) as context:
        page = context.new_page()
        sign_in(page, PASSWORD)
        page.goto("/admin/articles")
        page.get_by_role("button", name="Start build").click()
        expect(page.locator("#progress .status")).to_have_text("Build finished", timeout=SOON_MS)


def test_an_article_is_removed_by_keyboard_and_restored(owner: Page, here: Site) -> None:
    owner.goto("/admin/articles?q=bakery")
    owner.get_by_text("Remove: The bakery in Mill Lane").focus()
    owner.keyboard.press("Enter")
    owner.keyboard.press("Tab")
    expect(owner.get_by_role("button", name="Remove now")).to_be_focused()
    owner.keyboard.press("Enter")
    expect(owner.locator(".notices")).to_contain_text("Removed: bakery")
    assert here.live.store.article("comet") is not None
    owner.get_by_role("button", name="Restore: The bakery in Mill Lane").click()
    expect(owner.locator(".notices")).to_contain_text("Restored")


def test_an_article_is_edited_and_the_edits_undone(owner: Page) -> None:
    owner.goto("/admin/articles?q=harbour")
    owner.get_by_role("link", name="Edit: Live: the strike at Vessel Bay").click()
    owner.get_by_label("Title").fill("The strike")
    owner.get_by_label("Who may read it").select_option(label="Members")
    owner.get_by_role("button", name="Save").press("Enter")
    expect(owner.locator(".notices")).to_contain_text("with the next build")
    expect(owner.get_by_label("Title")).to_have_value("The strike")
    told = "In the file: Live: the strike at Vessel Bay"
    expect(owner.get_by_label("Title")).to_have_accessible_description(told)
    expect(owner.get_by_label("Who may read it")).to_have_accessible_description(
        "In the file: Everyone"
    )
    assert violations(owner) == []
    owner.get_by_role("button", name="Undo edits: The strike").click()
    expect(owner.locator(".notices")).to_contain_text("Edits undone.")


@pytest.mark.usefixtures("asked")
def test_an_answer_is_pinned_from_the_list_of_questions_and_given(owner: Page, here: Site) -> None:
    question = "When was the lighthouse lit for the first time?"
    owner.goto("/admin/questions")
    owner.get_by_role("link", name=f"Pin an answer: {question}").click()
    form = owner.locator("section", has=owner.get_by_role("heading", name="Pinned answers"))
    expect(form.get_by_label("Question")).to_have_value(question)
    expect(form.get_by_label("Article id")).to_have_value("lighthouse")
    form.get_by_label("Sentence").fill("Its lamp burned whale oil until 1891.")
    form.get_by_role("button", name="Save").click()
    expect(owner.locator(".notices")).to_contain_text("within seconds")
    here.live.refresh()
    # Not over the web: the journal would count one more question.
    answer = here.live.ask(Question(question))
    assert [each.quote for each in answer.citations] == ["Its lamp burned whale oil until 1891."]
    owner.get_by_role("button", name=f"Remove: {question}").press("Enter")
    expect(owner.get_by_role("button", name=f"Remove: {question}")).to_have_count(0)


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(
    ("link", "field", "filled"),
    [
        ("Add a synonym", "Word in questions", "quark gluon plasma zeppelin"),
        ("Never cite for this topic", "Words for the topic", "quark gluon plasma zeppelin"),
    ],
)
def test_a_form_opens_filled_in_for_a_question_that_is_not_covered(
    owner: Page, link: str, field: str, filled: str
) -> None:
    owner.goto("/admin/not-covered")
    owner.get_by_role("link", name=f"{link}: quark").click()
    expect(owner.get_by_label(field)).to_have_value(filled)
    expect(owner.get_by_label(field)).to_be_in_viewport()


@pytest.mark.usefixtures("asked")
def test_the_report_groups_what_is_not_covered_and_is_downloaded(owner: Page) -> None:
    owner.goto("/admin/not-covered")
    expect(owner.locator(".groups > li")).to_have_count(1)
    expect(owner.locator(".times")).to_contain_text("2×")
    expect(owner.get_by_text("quark gluon plasma zeppelin")).to_be_visible()
    with owner.expect_download() as download:
        owner.get_by_role("link", name="Download as CSV").click()
    assert download.value.suggested_filename == "not-covered.csv"
    told = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert told.splitlines()[0].startswith("group,question,times")
    assert len(told.splitlines()) >= 3


@pytest.mark.usefixtures("asked")
def test_a_site_that_was_refused_is_allowed_by_one_button(owner: Page, address: str) -> None:
    def look() -> int:
        asked = {"Origin": "https://news.example.org"}
        return owner.context.request.get("/api/articles/none", headers=asked).status

    assert look() == 403
    owner.goto("/admin/origins")
    owner.get_by_role("button", name="Allow: https://news.example.org").press("Enter")
    expect(owner.locator(".notices")).to_have_text("Allowed: https://news.example.org")
    assert look() == 404
    assert violations(owner) == []
    owner.get_by_role("button", name="Withdraw: https://news.example.org").click()
    expect(owner.locator(".notices")).to_contain_text("No longer allowed")
    assert look() == 403


@pytest.mark.usefixtures("asked")
def test_a_plot_says_in_words_and_as_a_table_what_it_draws(owner: Page) -> None:
    figure = owner.locator("figure", has=owner.get_by_text("Questions", exact=True))
    expect(figure.get_by_role("img", name="Questions")).to_be_visible()
    figure.get_by_text("As a table").click()
    row = figure.get_by_role("row", name="2026-01-31")
    expect(row.get_by_role("cell").nth(1)).to_have_text("1")
    expect(row.get_by_role("cell").nth(2)).to_have_text("2")


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_breaks_a_rule_of_wcag(owner: Page, scheme: str) -> None:
    owner.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for path in PATHS:
        owner.goto(f"/admin{path}")
        owner.evaluate("document.querySelectorAll('details').forEach((one) => one.open = true)")
        assert violations(owner) == []


def test_the_form_for_the_password_breaks_no_rule_of_wcag(page: Page) -> None:
    page.goto("/admin")
    assert violations(page) == []


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("language", ["de", "uk", "ar"])
def test_a_narrow_phone_needs_no_sideways_scrolling_in_any_language(
    browser: Browser, address: str, language: str
) -> None:
    size = {"width": 320, "height": 640}
    with browser.new_context(base_url=address, locale=language, viewport=size) as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.goto("/admin")
        page.locator("#password").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.locator(".tabs")).to_be_visible()
        for path in PATHS:
            page.goto(f"/admin{path}")
            assert page.evaluate("document.documentElement.scrollWidth") == 320
            assert violations(page) == []


def test_the_page_is_light(owner: Page) -> None:
    sizes: list[int] = []
    devtools = owner.context.new_cdp_session(owner)
    devtools.send("Network.enable")
    devtools.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
    owner.goto("/admin/articles")
    expect(owner.get_by_role("heading", level=1)).to_be_visible()
    assert len(sizes) <= 5
    assert sum(sizes) < 30_000
