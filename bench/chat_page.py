"""What the chat page costs a reader, and whom it calls: `python -m bench.chat_page`.

The app is started as ever, on the sample archive or on the index in `--data`, and asked 100
questions in one conversation in Debian's Chromium. Figures beside the ask of 260 kB, 46 requests,
1.5 s; 150 ms from Enter to the answer, after 100 turns no more than twice as long.
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
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, launched() as browser:
        calls = Path(folder) / "calls"
        with serving(options.data or Path(folder) / "data", calls) as address:
            report(browser, address, calls, options.openings, options.turns)
    return 0


def report(browser: Browser, address: str, calls: Path, openings: int, turns: int) -> None:
    """Measure a running server and print what was found."""
    first, *opened = [opening(browser, address) for _ in range(openings + 1)]
    print(f"transferred {max(each.transferred for each in opened):,} bytes")
    print(f"requests {max(each.requests for each in opened)}")
    ready = median(each.ready for each in opened)
    print(f"ready {ready:.0f} ms; the first visitor {first.ready:.0f} ms")
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
    print(f"Enter to answer: the first {taken[0]:.0f} ms, the first five {early:.0f} ms")
    print(f"after {turns} turns {late:.0f} ms, {late / early:.2f} times the first five")
    called = calls.read_text(encoding="utf-8").split("\n")[:-1]
    print(
        f"outside hosts in {turns} answers: page {len(outside)}, server {len(called)} {called[:5]}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
