"""How soon what matches is offered while a question is typed, in Debian's Chromium.

    python -m bench.typed EVAL_DIR/news/corpus.jsonl.gz [--passages 50000] [--work DIR] [--write]

The archive is grown from the corpus, and kept in DIR for the next run; its vectors, which the list
does not use, are hashed. This process serves the chat, and titles are typed into it letter by
letter. `--write` puts what was found into `bench/RESULTS.md`.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from statistics import median

import numpy as np

from bench.grown import write_grown
from bench.results import busy, circumstances, figures, write_section
from bench.sets import SEED, build_with_bar
from index.embed import PassageText, PassageVectors, unit
from index.readers import Found, read_sources
from qa.live import LiveIndex
from qa.typeahead import SHORTEST, Matched
from qa.web.app import create_app
from qa.web.protocols import About
from tests.browsing import Browser, CDPSession, expect, launched
from tests.fakes import DIMENSION, HashEncoder
from tests.serving import serving

# So many titles are typed, each up to so many letters.
_TITLES, _LETTERS = 20, 14
# Milliseconds from a letter until its list is painted, and of those until its reply is there.
_TYPE = """(text) => new Promise((seen) => {
  const box = document.querySelector("#fn-ask textarea");
  performance.clearResourceTimings();
  let began;
  new MutationObserver((_, observer) => {
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => {
      const shown = performance.now();
      const replies = performance.getEntriesByType("resource")
        .filter(({ name }) => name.includes("/typed?"));
      seen([shown - began, replies.at(-1).responseEnd - began]);
    }));
  }).observe(document.querySelector(".fn-typed"), { childList: true });
  Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(box, text);
  began = performance.now();
  box.dispatchEvent(new Event("input", { bubbles: true }));
})"""


@dataclass(frozen=True, slots=True)
class Typed:
    """Milliseconds of one letter, until its reply and until it is painted.

    `matched` is processor time of the match, `drawn` that of the page's own thread.
    """

    matched: float
    drawn: float
    replied: float
    painted: float


class Hashed(HashEncoder):
    """Hashes passages as wholes, which is faster by far than word by word."""

    def encode_passages(self, passages: Sequence[PassageText]) -> list[PassageVectors]:
        """Vectors that tell nothing: no list looks at them."""
        return [_vectors(passage) for passage in passages]


def _vectors(passage: PassageText) -> PassageVectors:
    rng = np.random.default_rng(list(sha256(passage.whole.encode()).digest()))
    shape = (len(passage.sentences) + 1, DIMENSION)
    vectors = unit(rng.standard_normal(shape, dtype=np.float32))
    return PassageVectors(vectors[0], vectors[1:])


def main(arguments: Sequence[str]) -> int:
    """Print what is measured."""
    options = _parser().parse_args(arguments)
    kept = nullcontext(options.work) if options.work else tempfile.TemporaryDirectory()
    with kept as folder:
        report = measure(options.corpus, Path(folder), options.passages)
    print(report)
    if options.write:
        write_section("typed", report)
    return 0


def measure(corpus: Path, work: Path, passages: int) -> str:
    """The results on an archive of at least that many passages, as Markdown."""
    data, encoder = work / f"typed-{passages}", Hashed()
    if not data.exists():
        archive = work / f"typed-{passages}.jsonl"
        write_grown(corpus, archive, passages, SEED)
        build_with_bar(archive, data, encoder)
    texts = beginnings(corpus)
    with closing(LiveIndex(data, encoder, encoder.model)) as live:
        app = create_app(live, live, (), lambda: About(0), match=live.match)
        with launched() as browser, serving(app) as address:
            taken = type_all(browser, address, texts, live.match)
    rows = [
        ("the match, processor, ms", f"{median(each.matched for each in taken):.1f}", ""),
        ("the page, processor, ms", f"{median(each.drawn for each in taken):.1f}", ""),
        ("letter to reply, ms", f"{median(each.replied for each in taken):.1f}", ""),
        ("letter to painted list, ms", f"{median(each.painted for each in taken):.1f}", "30"),
    ]
    return (
        f"## While a question is typed\n\n{circumstances()} By `python -m bench.typed` in Debian's "
        f"Chromium, on {passages:,} passages grown from `{corpus.name}`, medians of {len(taken)} "
        f"letters of {_TITLES} titles; {busy()}.\n\n{figures(rows)}"
    )


def beginnings(corpus: Path) -> list[str]:
    """What stands in the box after each letter of the first titles, from the third on."""
    found = (each.article.title for each in read_sources([corpus]) if isinstance(each, Found))
    titles = islice(filter(None, found), _TITLES)
    return [
        title[:letters].rstrip()
        for title in titles
        for letters in range(SHORTEST, _LETTERS + 1)
        # A space changes nothing.
        if not title[:letters].endswith(" ")
    ]


def type_all(
    browser: Browser, address: str, texts: Sequence[str], match: Callable[[str], Matched]
) -> list[Typed]:
    """Type each text; the first, which warms up, is left out."""
    taken = []
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        devtools = context.new_cdp_session(page)
        devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.goto(address)
        expect(page.locator(".fn-filters")).to_be_visible()
        for text in texts:
            before = busy_for(devtools)
            painted, replied = page.evaluate(_TYPE, text)
            drawn = busy_for(devtools) - before
            started = time.thread_time()
            match(text)
            matched = (time.thread_time() - started) * 1000
            taken.append(Typed(matched, drawn, replied, painted))
    return taken[1:]


def busy_for(devtools: CDPSession) -> float:
    """Milliseconds of processor time that the page's own thread has had."""
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    [seconds] = (each["value"] for each in metrics if each["name"] == "TaskDuration")
    return float(seconds) * 1000


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.typed",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("corpus", type=Path, help="articles as JSONL in BEIR's form")
    parser.add_argument("--passages", type=int, default=50_000, help="at least so many")
    parser.add_argument("--work", type=Path, help="folder that keeps the archive")
    parser.add_argument("--write", action="store_true", help="write bench/RESULTS.md, too")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
