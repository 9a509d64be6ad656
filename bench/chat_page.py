"""What the chat page costs a reader, and whom it calls: `python -m bench.chat_page`.

The app is started as ever, on the sample archive or on the index in `--data`, and asked 100
questions in one conversation in Debian's Chromium.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import median

from bench.results import circumstances, figures, write_section
from tests.browsing import Browser, Page, launched
from tests.calls import SERVING

ROOT = Path(__file__).parent.parent
_ANSWERS_AT = "Footnote answers at "
# Until the answer to this very question is painted.
_ASK = """async (question) => {
  const box = document.querySelector("#fn-ask textarea");
  Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(box, question);
  box.dispatchEvent(new Event("input", { bubbles: true }));
  await new Promise((taken) => setTimeout(taken, 100));
  const isThere = () => {
    const asked = [...document.querySelectorAll("#fn-conversation .fn-question")].at(-1);
    const rows = document.querySelectorAll("#fn-conversation .bot-row");
    const row = [...rows].at(-1);
    return asked?.textContent.trim() === question && row?.querySelector(".fn-answer, .fn-problem")
      && asked.compareDocumentPosition(row) & Node.DOCUMENT_POSITION_FOLLOWING;
  };
  const shown = new Promise((seen) => {
    new MutationObserver((_, observer) => {
      if (!isThere()) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => seen(performance.now())));
    }).observe(document.body, { childList: true, subtree: true, characterData: true });
  });
  const began = performance.now();
  const key = { key: "Enter", bubbles: true, cancelable: true };
  for (const kind of ["keydown", "keypress"]) box.dispatchEvent(new KeyboardEvent(kind, key));
  return (await shown) - began;
}"""


@dataclass(frozen=True, slots=True)
class Opening:
    """One opening of the page: bytes, requests, and milliseconds until it can be used."""

    transferred: int
    requests: int
    ready: float


@contextmanager
def serving(data: Path, calls: Path) -> Iterator[str]:
    """The app on the index in `data`; `calls` gets what it calls outside. Gives its address."""
    environment = os.environ | {"FOOTNOTE_DATA": str(data), "FOOTNOTE_PORT": "0"}
    command = [sys.executable, "-c", SERVING, str(calls)]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as app:
        try:
            lines = app.stdout or ()
            yield next(
                line.strip().removeprefix(_ANSWERS_AT)
                for line in lines
                if line.startswith(_ANSWERS_AT)
            )
        finally:
            app.send_signal(signal.SIGINT)
            app.wait(timeout=30)


def opening(browser: Browser, address: str) -> Opening:
    """Open the page with nothing in the cache."""
    sizes: list[float] = []
    begun: list[str] = []
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        devtools = context.new_cdp_session(page)
        devtools.send("Network.enable")
        devtools.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
        page.on("request", lambda made: begun.append(made.url))
        page.goto(address, wait_until="commit")
        page.wait_for_selector(".fn-filters")
        ready = page.evaluate("performance.now()")
        # What comes late is counted too.
        page.wait_for_timeout(1500)
    asked = [url for url in begun if not url.startswith("data:")]
    return Opening(int(sum(sizes)), len(asked), ready)


def ask(page: Page, question: str) -> float:
    """Milliseconds from Enter until the answer is painted."""
    taken: float = page.evaluate(_ASK, question)
    return taken


def main(arguments: Sequence[str]) -> int:
    """Print each figure."""
    parser = argparse.ArgumentParser(prog="python -m bench.chat_page", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of an index (default: a new one)")
    parser.add_argument("--openings", type=int, default=5)
    parser.add_argument("--turns", type=int, default=100)
    parser.add_argument("--write", action="store_true", help="put it into bench/RESULTS.md")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, launched() as browser:
        calls = Path(folder) / "calls"
        with serving(options.data or Path(folder) / "data", calls) as address:
            report = measured(browser, address, calls, options.openings, options.turns)
    print(report)
    if options.write:
        write_section("chat_page", report)
    return 0


def measured(browser: Browser, address: str, calls: Path, openings: int, turns: int) -> str:
    """What was found on a running server, as Markdown."""
    first, *opened = [opening(browser, address) for _ in range(openings + 1)]
    outside: list[str] = []
    with browser.new_context(base_url=address) as context:
        context.on(
            "request",
            lambda made: (
                None if made.url.startswith((f"{address}/", "data:")) else outside.append(made.url)
            ),
        )
        page = context.new_page()
        page.goto("/")
        page.wait_for_selector(".fn-filters")
        page.wait_for_timeout(500)
        # Questions that the page offers, in turn: the archive answers them.
        offered = page.locator(".fn-example").all_inner_texts()
        taken = [ask(page, question.strip()) for question in islice(cycle(offered), turns)]
    early, late = median(taken[:5]), median(taken[-5:])
    called = calls.read_text(encoding="utf-8").split("\n")[:-1]
    ready = median(each.ready for each in opened) / 1000
    rows = [
        ("transferred, bytes", f"{max(each.transferred for each in opened):,}", "260,000"),
        ("requests", str(max(each.requests for each in opened)), "46"),
        ("ready, s", f"{ready:.2f}", "1.5"),
        ("ready for the first visitor of all, s", f"{first.ready / 1000:.2f}", ""),
        ("Enter to answer, median of the first five, ms", f"{early:.0f}", "150"),
        (f"times that after {turns} turns", f"{late / early:.2f}", "2"),
        (f"calls of other hosts in {turns} answers", f"{len(outside) + len(called)}", "0"),
    ]
    return (
        f"## Chat page\n\n{circumstances()} By `python -m bench.chat_page` in Debian's Chromium, "
        f"{openings} openings with nothing cached.\n\n{figures(rows)}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
