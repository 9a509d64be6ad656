"""What a page weighs and how soon it is ready, in a browser that has seen nothing yet.

    python -m bench.pages http://127.0.0.1:7860 --question "Who signed the treaties?"

opens the chat, the reader at the first citation of the answer, and its panel, several times each.
"""

import argparse
import json
import shutil
import sys
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from playwright.sync_api import Browser, sync_playwright

OPENINGS = 9
_HEADLESS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
# What comes late is counted too. The chat holds a stream open, so that no end can be waited for.
_SETTLING_MS = 1500


@dataclass(frozen=True, slots=True)
class Opening:
    """One opening of a page: requests, bytes on the wire, milliseconds until it can be used."""

    requests: int
    transferred: int
    ready: float


def open_page(browser: Browser, address: str, awaited: str) -> Opening:
    """Open the page with nothing in the cache; it is ready when `awaited` can be seen."""
    sizes: list[float] = []
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        devtools = context.new_cdp_session(page)
        devtools.send("Network.enable")
        devtools.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
        page.goto(address, wait_until="commit")
        page.wait_for_selector(awaited)
        ready = page.evaluate("performance.now()")
        page.wait_for_timeout(_SETTLING_MS)
        return Opening(len(sizes), int(sum(sizes)), ready)


def report(name: str, openings: Sequence[Opening]) -> str:
    """A line of a table in Markdown: the median of each, and the longest time."""
    ready = [each.ready for each in openings]
    return (
        f"| {name} | {median(each.requests for each in openings):.0f} "
        f"| {median(each.transferred for each in openings) / 1000:.1f} kB "
        f"| {median(ready):.0f} ms | {max(ready):.0f} ms |"
    )


def first_link(address: str, question: str) -> str:
    """The reader page of the first citation, of the nearest passage where there is none."""
    body = json.dumps({"question": question}).encode()
    asked = urllib.request.Request(f"{address}/api/ask", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=30) as response:
        answer = json.load(response)
    shown = answer["citations"] or answer["nearest"]
    if not shown:
        raise SystemExit(f"nothing is found for {question!r}: ask about what the articles tell")
    return f"{address}{shown[0]['link']}"


def main(arguments: Sequence[str]) -> int:
    """Print a table of the pages."""
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description=__doc__)
    parser.add_argument("address", help="of a running server, such as http://127.0.0.1:7860")
    parser.add_argument("--question", required=True, help="one that the articles answer")
    parser.add_argument("--openings", type=int, default=OPENINGS)
    options = parser.parse_args(arguments)
    address = options.address.rstrip("/")
    reader = first_link(address, options.question)
    pages = (
        # What it takes to show anything at all on this machine, now.
        ("a line of JSON", f"{address}/healthz", "body"),
        ("chat", f"{address}/", "textarea"),
        ("reader", reader, "mark"),
        ("panel", f"{reader}&view=panel", "mark"),
    )
    print("| page | requests | transferred | ready | longest |")
    print("| --- | ---: | ---: | ---: | ---: |")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=_HEADLESS
        )
        for name, page, awaited in pages:
            # The first opening starts what a browser needs to open any.
            open_page(browser, page, awaited)
            openings = [open_page(browser, page, awaited) for _ in range(options.openings)]
            print(report(name, openings))
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
