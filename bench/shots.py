"""The ten screenshots of `docs/`: where each is taken, and what happens before."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.browsing import Browser, Page, expect

HOST_PAGE = Path(__file__).parent / "newspaper.html"
LOUD = "How loud was Krakatoa?"
LANDED = "When did the Eagle land?"
_PAINTED = """document.fonts.ready.then(() => new Promise((done) =>
  requestAnimationFrame(() => requestAnimationFrame(() => done(true)))))"""
_PATIENCE_MS = 10_000
_DESKTOP, _PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 800}


@dataclass(frozen=True, slots=True)
class Visit:
    """A page of the server at `address`, and the password of its owner."""

    page: Page
    address: str
    password: str

    def ask(self, question: str, *, is_covered: bool = True) -> None:
        """Ask in the chat, and wait until nothing more comes of it."""
        answers = self.page.locator(".fn-answer")
        before = answers.count()
        box = self.page.locator("#fn-ask textarea")
        box.fill(question)
        if is_covered:
            # What the archive has more is fetched after the answer, and takes room in the picture.
            with self.page.expect_response("**/footnote/further?*") as further:
                box.press("Enter")
            further.value.finished()
        else:
            box.press("Enter")
        expect(answers).to_have_count(before + 1)

    def open(self, path: str = "/") -> None:
        """Open the chat, once it can be asked."""
        self.page.goto(f"{self.address}{path}")
        expect(self.page.locator(".fn-filters")).to_be_visible()


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: `act` brings the page to what it shows."""

    name: str
    act: Callable[[Visit], None]
    options: tuple[tuple[str, Any], ...] = (("viewport", _DESKTOP),)


def _start(visit: Visit) -> None:
    visit.open()


def _answer(visit: Visit) -> None:
    visit.open()
    visit.ask(LOUD)


def _september(visit: Visit) -> None:
    visit.open()
    visit.ask("What happened in September 2022?")


def _panel(visit: Visit) -> None:
    visit.open()
    visit.ask(LANDED)
    visit.page.locator(".fn-quote .fn-number").click()
    mark = visit.page.frame_locator(".fn-panel iframe").locator("mark#quote").first
    expect(mark).to_be_in_viewport()


def _arabic(visit: Visit) -> None:
    visit.open("/?lang=ar")
    visit.ask(LANDED)


def _not_covered(visit: Visit) -> None:
    visit.open()
    visit.ask("Who won the football World Cup in July 1998?", is_covered=False)
    visit.page.locator(".fn-nearest summary").click()
    expect(visit.page.locator(".fn-nearest .fn-card").first).to_be_in_viewport()


def _live_blog(visit: Visit) -> None:
    visit.open()
    visit.ask("What happened at the Kremlin ceremony on 30 September 2022?")
    visit.page.goto(visit.page.locator(".fn-quote .fn-number").evaluate("link => link.href"))
    expect(visit.page.locator("mark#quote").first).to_be_in_viewport()


def _admin(visit: Visit) -> None:
    visit.page.goto(f"{visit.address}/admin")
    visit.page.locator("#password").fill(visit.password)
    visit.page.locator("#password").press("Enter")
    expect(visit.page.locator(".plots svg").first).to_be_visible()


def _widget(visit: Visit) -> None:
    visit.page.route("**/courier", lambda route: route.fulfill(path=HOST_PAGE))
    visit.page.goto(f"{visit.address}/courier")
    part = "footnote-chat [part~={}]".format
    visit.page.locator(part("launcher")).click()
    visit.page.locator(part("input")).fill(LOUD)
    visit.page.locator(part("input")).press("Enter")
    expect(visit.page.locator(part("quote")).first).to_be_visible()


SHOTS = (
    Shot("start", _start),
    Shot("answer", _answer),
    Shot("answer-dark", _september, (("viewport", _DESKTOP), ("color_scheme", "dark"))),
    Shot("reader-panel", _panel),
    Shot("phone", _answer, (("viewport", _PHONE), ("has_touch", True), ("is_mobile", True))),
    Shot("arabic", _arabic),
    Shot("not-covered", _not_covered),
    Shot("live-blog", _live_blog),
    Shot("admin", _admin),
    Shot("widget", _widget),
)


@contextmanager
def visiting(browser: Browser, shot: Shot, address: str, password: str) -> Iterator[Page]:
    """The page as the picture shows it: all fonts there, nothing that moves or blinks."""
    options: dict[str, Any] = {"locale": "en-GB", "reduced_motion": "reduce", **dict(shot.options)}
    with browser.new_context(**options) as context:
        page = context.new_page()
        page.set_default_timeout(_PATIENCE_MS)
        shot.act(Visit(page, address, password))
        page.mouse.move(0, 0)
        # Two frames later, all that was laid out is painted.
        page.evaluate(_PAINTED)
        yield page
