"""What the widget weighs and how soon it is there: `python -m bench.widget [ROUNDS]`.

It is measured in Debian's Chromium on a page of another site, served by this process.
"""

import statistics
import sys
import time
from collections.abc import Callable, Mapping

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


def main(rounds: int) -> None:
    """Print each figure: the median of the rounds and the worst."""
    with launched() as browser, served_site() as site:
        requests, sent = weight(browser, site)
        print(f"before the first click: {requests} request, {sent:,} bytes of body, gzip")
        for name, measure in (
            ("ready on loopback, s", lambda: ready(browser, site)),
            ("ready at 1.6 Mbit/s, 150 ms, s", lambda: ready(browser, site, _SLOW)),
            ("Enter to visible answer, ms", lambda: answer(browser, site)),
        ):
            told(name, measure, rounds)


def told(name: str, measure: Callable[[], float], rounds: int) -> None:
    """Print one figure."""
    measure()
    found = [measure() for _ in range(rounds)]
    print(f"{name}: median {statistics.median(found):.3f}, worst {max(found):.3f}")


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
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
