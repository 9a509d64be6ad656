"""What pages cost a reader, in Debian's Chromium, which has seen nothing yet.

    python -m bench.pages visit http://127.0.0.1:7860 --question "Who signed the treaties?"
    python -m bench.pages chat [--data DIR] [--turns 100] [--write]
    python -m bench.pages widget [--write]

`visit` opens the chat, the reader at the first citation of the answer, and its panel, on a server
that runs. `chat` starts the app as ever, on the sample archive or on the index in DIR, asks 100
questions in one conversation, and notes whom the page calls; what the reader takes of an answer is
told by the server. `widget` measures it on a page of
another site, served by this process. `--write` puts what was found into `bench/RESULTS.md`.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import median

from bench.results import busy, circumstances, figures, table, write_section
from tests.browsing import Browser, Page, launched
from tests.calls import SERVING
from tests.host_site import Site, served_site

ROOT = Path(__file__).parent.parent
# Late requests count too. The chat keeps a stream open, so there is no end to wait for.
_SETTLING_MS = 1500
_ANSWERS_AT = "Footnote is running at "
_LAUNCHER = "footnote-chat .launcher"
# A slow phone's line: 1.6 Mbit/s each way, 150 ms there and back.
_SLOW = {"offline": False, "latency": 150, "downloadThroughput": 2e5, "uploadThroughput": 2e5}
# Until the answer to this very question is painted.
_ASK_CHAT = """async (question) => {
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
_ASK_WIDGET = """async () => {
  const chat = document.querySelector("footnote-chat");
  const input = chat.shadowRoot.querySelector("textarea");
  input.value = "When on the Moon?";
  const started = performance.now();
  const enter = new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true });
  input.dispatchEvent(enter);
  await new Promise((seen) => chat.addEventListener("footnote:answer", seen, { once: true }));
  await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)));
  return performance.now() - started;
}"""


@dataclass(frozen=True, slots=True)
class Opening:
    """One opening of a page: requests, bytes on the wire, milliseconds until it can be used."""

    requests: int
    transferred: int
    ready: float


def main(arguments: Sequence[str]) -> int:
    """Print what is measured."""
    options = _parser().parse_args(arguments)
    with launched() as browser:
        report: str = options.measure(browser, options)
    print(report)
    if options.write:
        write_section(options.section, report)
    return 0


def measure_visit(browser: Browser, options: argparse.Namespace) -> str:
    """A table of the pages of a running server: medians, and the longest time."""
    address = options.address.rstrip("/")
    reader = first_link(address, options.question)
    pages = (
        # The time to show anything at all on this machine, now.
        ("a line of JSON", f"{address}/healthz", "body"),
        ("chat", f"{address}/", "textarea"),
        ("reader", reader, "mark"),
        ("panel", f"{reader}&view=panel", "mark"),
    )
    rows = []
    for name, page, awaited in pages:
        # The first opening starts what a browser needs to open any.
        open_page(browser, page, awaited)
        openings = [open_page(browser, page, awaited) for _ in range(options.openings)]
        rows.append(visit_row(name, openings))
    return table(["page", "requests", "transferred", "ready", "longest"], rows)


def measure_chat(browser: Browser, options: argparse.Namespace) -> str:
    """What the chat page costs, and whom it calls."""
    with tempfile.TemporaryDirectory() as folder:
        calls = Path(folder) / "calls"
        with serving(options.data or Path(folder) / "data", calls) as address:
            return chat_report(browser, address, calls, options.openings, options.turns)


def measure_widget(browser: Browser, options: argparse.Namespace) -> str:
    """The widget's size and how soon it is ready: medians of the rounds and the worst."""
    with served_site() as site:
        requests, sent = widget_weight(browser, site)
        rows = [
            ("requests before the first click", str(requests), "1"),
            ("`widget.js` as served, gzip, bytes", f"{sent:,}", "12,000"),
        ]
        for name, most, measure in (
            ("ready on loopback, s", "0.3", lambda: widget_ready(browser, site)),
            ("ready at 1.6 Mbit/s, 150 ms, s", "0.7", lambda: widget_ready(browser, site, _SLOW)),
            ("Enter to visible answer, ms", "60", lambda: widget_answer(browser, site)),
        ):
            found = median_and_worst(measure, options.rounds)
            rows.append((f"{name}: median, worst", found, most))
    return (
        f"## Widget\n\n{circumstances()} By `python -m bench.pages widget` in Debian's Chromium, "
        f"on a page of another site, {options.rounds} rounds; {busy()}.\n\n{figures(rows)}"
    )


def open_page(browser: Browser, address: str, awaited: str) -> Opening:
    """Open the page with nothing in the cache; it is ready when `awaited` can be seen."""
    sizes: list[float] = []
    begun: list[str] = []
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        devtools = context.new_cdp_session(page)
        devtools.send("Network.enable")
        devtools.on(
            "Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"])
        )
        page.on("request", lambda made: begun.append(made.url))
        page.goto(address, wait_until="commit")
        page.wait_for_selector(awaited)
        ready = page.evaluate("performance.now()")
        page.wait_for_timeout(_SETTLING_MS)
    asked = [url for url in begun if not url.startswith("data:")]
    return Opening(len(asked), int(sum(sizes)), ready)


def visit_row(name: str, openings: Sequence[Opening]) -> list[str]:
    """A row of the table: the median of each, and the longest time."""
    ready = [each.ready for each in openings]
    return [
        name,
        f"{median(each.requests for each in openings):.0f}",
        f"{median(each.transferred for each in openings) / 1000:.1f} kB",
        f"{median(ready):.0f} ms",
        f"{max(ready):.0f} ms",
    ]


def first_link(address: str, question: str) -> str:
    """The reader page of the first citation, or of the nearest passage if there is none."""
    body = json.dumps({"question": question}).encode()
    asked = urllib.request.Request(f"{address}/api/ask", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=30) as response:
        answer = json.load(response)
    shown = answer["citations"] or answer["nearest"]
    if not shown:
        raise SystemExit(f"nothing was found for {question!r}: ask about what the articles cover")
    return f"{address}{shown[0]['link']}"


@contextmanager
def serving(data: Path, calls: Path) -> Iterator[str]:
    """Run the app on the index in `data`; `calls` gets its outside calls. Yields its address."""
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


def chat_report(browser: Browser, address: str, calls: Path, openings: int, turns: int) -> str:
    """The results on a running server, as Markdown."""
    first, *opened = [open_page(browser, address, ".fn-filters") for _ in range(openings + 1)]
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
        taken, beside = [], []
        for question in islice(cycle(offered), turns):
            before = reading(address)
            taken.append(ask_chat(page, question.strip()))
            beside.append(taken[-1] - (reading(address) - before))
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
        ("Enter to answer, beside the reader's time, ms", f"{median(beside[:5]):.0f}", "60"),
        (f"calls of other hosts in {turns} answers", f"{len(outside) + len(called)}", "0"),
    ]
    return (
        f"## Chat page\n\n{circumstances()} By `python -m bench.pages chat` in Debian's Chromium, "
        f"{openings} openings with nothing cached; {busy()}.\n\n{figures(rows)}"
    )


def ask_chat(page: Page, question: str) -> float:
    """Milliseconds from Enter until the answer is painted."""
    taken: float = page.evaluate(_ASK_CHAT, question)
    return taken


def reading(address: str) -> float:
    """Milliseconds that the server has read for answers so far."""
    with urllib.request.urlopen(f"{address}/metrics", timeout=30) as response:
        told = response.read().decode()
    [seconds] = re.findall(r'^footnote_stage_seconds_sum{stage="read"} (\S+)$', told, re.MULTILINE)
    return float(seconds) * 1000


def median_and_worst(measure: Callable[[], float], rounds: int) -> str:
    """Median and worst of the rounds; the first, which warms up, is left out."""
    measure()
    found = [measure() for _ in range(rounds)]
    return f"{median(found):.2f}, {max(found):.2f}"


def widget_weight(browser: Browser, site: Site) -> tuple[int, int]:
    """How many requests the widget makes before the first click, and bytes of their bodies."""
    with browser.new_context() as context:
        page = context.new_page()
        sizes: list[int] = []
        page.on(
            "requestfinished",
            lambda request: (
                sizes.append(request.sizes()["responseBodySize"])
                if request.url.startswith(site.server)
                else None
            ),
        )
        page.goto(site.page("plain"), wait_until="networkidle")
        return len(sizes), sum(sizes)


def widget_ready(
    browser: Browser, site: Site, network: Mapping[str, object] | None = None
) -> float:
    """Seconds from asking for the page until the button can be clicked, with nothing cached."""
    with browser.new_context() as context:
        page = context.new_page()
        if network is not None:
            session = context.new_cdp_session(page)
            session.send("Network.enable")
            session.send("Network.emulateNetworkConditions", dict(network))
        started = time.perf_counter()
        page.goto(site.page("plain"), wait_until="commit")
        page.locator(_LAUNCHER).wait_for()
        return time.perf_counter() - started


def widget_answer(browser: Browser, site: Site) -> float:
    """Milliseconds from Enter until the answer is painted."""
    with browser.new_context() as context:
        page: Page = context.new_page()
        page.goto(site.page("plain"))
        page.locator(_LAUNCHER).click()
        page.evaluate(_ASK_WIDGET)
        taken: float = page.evaluate(_ASK_WIDGET)
        return taken


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.pages",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parts = parser.add_subparsers(required=True)
    visit = parts.add_parser("visit", help="the pages of a running server")
    visit.add_argument("address", help="such as http://127.0.0.1:7860")
    visit.add_argument("--question", required=True, help="one that the articles answer")
    visit.add_argument("--openings", type=int, default=9)
    visit.set_defaults(measure=measure_visit, write=False)
    chat = parts.add_parser("chat", help="the chat page, and whom it calls")
    chat.add_argument("--data", type=Path, help="folder of an index (default: a new one)")
    chat.add_argument("--openings", type=int, default=5)
    chat.add_argument("--turns", type=int, default=100)
    chat.set_defaults(measure=measure_chat, section="chat_page")
    widget = parts.add_parser("widget", help="the widget on a page of another site")
    widget.add_argument("--rounds", type=int, default=9)
    widget.set_defaults(measure=measure_widget, section="widget")
    for part in (chat, widget):
        part.add_argument("--write", action="store_true", help="write bench/RESULTS.md, too")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
