"""Make the eleven screenshots of `docs/` from the sample archive: `python -m bench.screenshots`.

The real app serves an index in a temporary folder, with a month of questions in its journal;
Debian's Chromium visits it. What shapes the pictures is recorded beside them: a test fails when
they are out of date.
"""

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from bench.pictured import (
    CEREMONY,
    DAY,
    DOCS,
    LAUNCHED,
    LOUDNESS,
    PICTURES,
    ROOT,
    WAVES,
    WORLD_CUP,
    digests,
    record,
)
from index.build.owned import OWNED
from index.encoders import ModelEncoder
from index.settings import Settings
from qa.journal import JOURNAL, Feedback, Journal
from qa.live import LiveIndex
from qa.question import read_question
from qa.read.loading import load_reader
from tests.browsing import Browser, Page, expect, launched

_READY = "Footnote is running at "
_COLOURS = 256
HOST_PAGE = Path(__file__).parent / "newspaper.html"
_PAINTED = """document.fonts.ready.then(() => new Promise((done) =>
  requestAnimationFrame(() => requestAnimationFrame(() => done(true)))))"""
_PATIENCE_MS = 10_000
_DESKTOP, _PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 800}
_MONTH_DAYS = 30
_ASKED = (
    WAVES,
    LAUNCHED,
    "Who was the first woman in space?",
    "Who won the World Cup in 1998?",
    "How many people died in the Tambora eruption?",
    "Which countries abstained in the Security Council?",
    "When did Sputnik 1 launch?",
    "Who was the last person to catch smallpox?",
    "How high is the Eiffel Tower?",
    "What happened at the Kremlin ceremony?",
)
_JUDGED_EVERY, _BAD_EVERY = 4, 20


@dataclass(frozen=True, slots=True)
class Visit:
    """A page of the server at `address`, and the password of its owner."""

    page: Page
    address: str
    password: str

    def ask(self, question: str, *, is_covered: bool = True) -> None:
        """Ask in the chat, and wait until nothing more appears."""
        answers = self.page.locator(".fn-answer")
        before = answers.count()
        box = self.page.locator("#fn-ask textarea")
        box.fill(question)
        if is_covered:
            # Further matches are fetched after the answer, and need room in the picture.
            with self.page.expect_response("**/footnote/further?*") as further:
                box.press("Enter")
            further.value.finished()
        else:
            box.press("Enter")
        expect(answers).to_have_count(before + 1)

    def open(self, path: str = "/") -> None:
        """Open the chat, and wait until it is ready."""
        self.page.goto(f"{self.address}{path}")
        expect(self.page.locator(".fn-filters")).to_be_visible()


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: `act` brings the page to what it shows."""

    name: str
    act: Callable[[Visit], None]
    options: tuple[tuple[str, Any], ...] = (("viewport", _DESKTOP),)


def main(arguments: Sequence[str]) -> int:
    """Replace the pictures and their recorded digests."""
    argparse.ArgumentParser(prog="python -m bench.screenshots", description=__doc__).parse_args(
        arguments
    )
    found = digests()
    with (
        tempfile.TemporaryDirectory() as folder,
        _served(Path(folder)) as (address, password),
        launched() as browser,
    ):
        for shot in SHOTS:
            with visiting(browser, shot, address, password) as page:
                _write(page.screenshot(caret="hide", animations="disabled"), shot.name)
    record(found)
    return 0


@contextmanager
def visiting(browser: Browser, shot: Shot, address: str, password: str) -> Iterator[Page]:
    """Take the picture: with all fonts loaded, and nothing moving or blinking."""
    options: dict[str, Any] = {"locale": "en-GB", "reduced_motion": "reduce", **dict(shot.options)}
    with browser.new_context(**options) as context:
        page = context.new_page()
        page.set_default_timeout(_PATIENCE_MS)
        shot.act(Visit(page, address, password))
        page.mouse.move(0, 0)
        # Two frames later, all that was laid out is painted.
        page.evaluate(_PAINTED)
        yield page


def fill_journal(data: Path) -> None:
    """Ask the index in `data`, some on each day until today, and judge some answers."""
    encoder = ModelEncoder(data, Settings().model)
    reader = load_reader(Settings().reader, data)
    live = LiveIndex(data, encoder, encoder.model, reader=reader)
    today = datetime.now(UTC)
    day = today
    journal = Journal(data / OWNED / JOURNAL, clock=lambda: day)
    try:
        for place, (ago, asked) in enumerate(_month()):
            day = today - timedelta(days=ago)
            answer = live.ask(read_question({"question": asked}))
            journal.asked(answer)
            if answer.citations and not place % _JUDGED_EVERY:
                cited = tuple(each.passage.id for each in answer.citations)
                is_bad = not place % _BAD_EVERY
                verdict = Feedback(asked, "down", ("wrong_quote",), "", cited)
                journal.judged(verdict if is_bad else Feedback(asked, "up", (), "", cited))
        journal.flush()
    finally:
        journal.close()
        live.close()


@contextmanager
def _served(data: Path) -> Iterator[tuple[str, str]]:
    """The address of the app on the sample archive, and its owner's password."""
    password = secrets.token_urlsafe()
    # The settings of the person running this must not show.
    environment = {name: os.environ[name] for name in os.environ if name[:8] != "FOOTNOTE"}
    environment["FOOTNOTE_ADMIN_PASSWORD"] = password
    build = [sys.executable, "-m", "index", "build", "articles", "--data", str(data)]
    subprocess.run(build, cwd=ROOT, env=environment, check=True)
    fill_journal(data)
    serve = [sys.executable, "app.py", "--data", str(data), "--port", "0"]
    log = data / "app.log"
    with (
        log.open("w") as errors,
        subprocess.Popen(
            serve, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as app,
    ):
        try:
            yield _address(app, log), password
        finally:
            app.terminate()


def _address(app: "subprocess.Popen[str]", log: Path) -> str:
    assert app.stdout is not None
    for line in app.stdout:
        if line.startswith(_READY):
            return line.removeprefix(_READY).strip()
    raise RuntimeError(f"app.py ended before it served: fix what it says:\n{log.read_text()}")


def _write(png: bytes, name: str) -> None:
    assert name in PICTURES
    image = Image.open(BytesIO(png)).convert("RGB")
    # Pages are flat: few colours keep text as crisp, in a third of the bytes.
    palette = image.quantize(_COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    palette.save(DOCS / f"{name}.png", optimize=True)
    print(f"docs/{name}.png", flush=True)


def _start(visit: Visit) -> None:
    visit.open()


def _answer(visit: Visit) -> None:
    visit.open()
    visit.ask(WAVES)


def _day(visit: Visit) -> None:
    visit.open()
    visit.ask(DAY)


def _panel(visit: Visit) -> None:
    visit.open()
    visit.ask(LAUNCHED)
    visit.page.locator(".fn-quote .fn-number").click()
    mark = visit.page.frame_locator(".fn-panel iframe").locator("mark#quote").first
    expect(mark).to_be_in_viewport()


def _arabic(visit: Visit) -> None:
    visit.open("/?lang=ar")
    visit.ask(LAUNCHED)


def _not_covered(visit: Visit) -> None:
    visit.open()
    visit.ask(WORLD_CUP, is_covered=False)
    visit.page.locator(".fn-nearest summary").click()
    expect(visit.page.locator(".fn-nearest .fn-card").first).to_be_in_viewport()


def _unsure(visit: Visit) -> None:
    visit.open()
    visit.ask(LOUDNESS, is_covered=False)
    expect(visit.page.locator(".fn-may")).to_be_in_viewport()


def _live_blog(visit: Visit) -> None:
    visit.open()
    visit.ask(CEREMONY)
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
    visit.page.locator(part("input")).fill(WAVES)
    visit.page.locator(part("input")).press("Enter")
    expect(visit.page.locator(part("quote")).first).to_be_visible()


SHOTS = (
    Shot("start", _start),
    Shot("answer", _answer),
    Shot("answer-dark", _day, (("viewport", _DESKTOP), ("color_scheme", "dark"))),
    Shot("reader-panel", _panel),
    Shot("phone", _answer, (("viewport", _PHONE), ("has_touch", True), ("is_mobile", True))),
    Shot("arabic", _arabic),
    Shot("not-covered", _not_covered),
    Shot("unsure", _unsure),
    Shot("live-blog", _live_blog),
    Shot("admin", _admin),
    Shot("widget", _widget),
)


def _month() -> list[tuple[int, str]]:
    """Days ago and question; busier by the week, quiet at the end of each."""
    counts = [(_MONTH_DAYS - ago) // 7 + (1 if ago % 7 < 2 else 4) for ago in range(_MONTH_DAYS)]
    days = [ago for ago, count in enumerate(counts) for _ in range(count)]
    return [(ago, _ASKED[place * 7 % len(_ASKED)]) for place, ago in enumerate(days)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
