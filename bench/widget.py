"""What the widget weighs and how soon it is there: `python -m bench.widget [--write]`.

It is measured in Debian's Chromium on a page of another site, served by this process.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence

from bench.results import circumstances, figures, write_section
from tests.browsing import Browser, Page, launched
from tests.host_site import Site, served_site

_CHAT = "footnote-chat .launcher"
# A slow phone's line: 1.6 Mbit/s each way, 150 ms there and back.
_SLOW = {"offline": False, "latency": 150, "downloadThroughput": 2e5, "uploadThroughput": 2e5}
_ASK = """async () => {
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


def main(arguments: Sequence[str]) -> int:
    """Print each figure: the median of the rounds and the worst."""
    parser = argparse.ArgumentParser(prog="python -m bench.widget", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--write", action="store_true", help="put it into bench/RESULTS.md")
    options = parser.parse_args(arguments)
    with launched() as browser, served_site() as site:
        requests, sent = weight(browser, site)
        rows = [
            ("requests before the first click", str(requests), "1"),
            ("`widget.js` as served, gzip, bytes", f"{sent:,}", "12,000"),
        ]
        for name, most, measure in (
            ("ready on loopback, s", "0.3", lambda: ready(browser, site)),
            ("ready at 1.6 Mbit/s, 150 ms, s", "0.7", lambda: ready(browser, site, _SLOW)),
            ("Enter to visible answer, ms", "60", lambda: answer(browser, site)),
        ):
            rows.append((f"{name}: median, worst", told(measure, options.rounds), most))
    report = (
        f"## Widget\n\n{circumstances()} By `python -m bench.widget` in Debian's Chromium, on a "
        f"page of another site, {options.rounds} rounds.\n\n{figures(rows)}"
    )
    print(report)
    if options.write:
        write_section("widget", report)
    return 0


def told(measure: Callable[[], float], rounds: int) -> str:
    """Median and worst of the rounds; the first, which warms up, is left out."""
    measure()
    found = [measure() for _ in range(rounds)]
    return f"{statistics.median(found):.2f}, {max(found):.2f}"


def weight(browser: Browser, site: Site) -> tuple[int, int]:
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


def ready(browser: Browser, site: Site, network: Mapping[str, object] | None = None) -> float:
    """Seconds from asking for the page until the button can be clicked, with nothing cached."""
    with browser.new_context() as context:
        page = context.new_page()
        if network is not None:
            session = context.new_cdp_session(page)
            session.send("Network.enable")
            session.send("Network.emulateNetworkConditions", dict(network))
        started = time.perf_counter()
        page.goto(site.page("plain"), wait_until="commit")
        page.locator(_CHAT).wait_for()
        return time.perf_counter() - started


def answer(browser: Browser, site: Site) -> float:
    """Milliseconds from Enter until the answer is painted."""
    with browser.new_context() as context:
        page: Page = context.new_page()
        page.goto(site.page("plain"))
        page.locator(_CHAT).click()
        page.evaluate(_ASK)
        taken: float = page.evaluate(_ASK)
        return taken


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
