"""Articles out of web pages: Footnote's reader against trafilatura as it comes.

    python -m bench.extraction EVAL_DIR/html

The folder has `ground-truth.json`, with the `articleBody` of each page by name, and the pages as
`pages/NAME.html.gz`. Precision, recall and F1 are those of Zyte's article-extraction-benchmark, of
shingles of four words. Of Footnote's sentences a sample is looked for in their page.
"""

import argparse
import gzip
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from time import process_time

import trafilatura

from index.readers.html import read_page
from index.sentences import sentence_spans

Extractor = Callable[[bytes], str]

_WORD = re.compile(r"\w+")
_SHINGLE = 4
_SAMPLED = 500


@dataclass(frozen=True, slots=True)
class Match:
    """Shares of what is in two texts: in both, in the found one alone, in the true one alone."""

    both: float
    made: float
    missed: float

    @property
    def precision(self) -> float:
        """How much of what was found is true."""
        return _share(self.both, self.made, self.missed)

    @property
    def recall(self) -> float:
        """How much of what is true was found."""
        return _share(self.both, self.missed, self.made)


def match(true: str, found: str) -> Match:
    """The shingles of one page, of which each page has as much weight as another.

    >>> match("the ferry sails at nine", "the ferry sails at noon").precision
    0.5
    """
    wanted, given = _shingles(true), _shingles(found)
    both = (wanted & given).total()
    made, missed = given.total() - both, wanted.total() - both
    whole = both + made + missed or 1
    return Match(both / whole, made / whole, missed / whole)


def f1(matches: Sequence[Match]) -> tuple[float, float, float]:
    """Mean precision and recall of pages, and their harmonic mean."""
    precision = fmean(each.precision for each in matches)
    recall = fmean(each.recall for each in matches)
    return precision, recall, 2 * precision * recall / ((precision + recall) or 1)


def not_said(page: bytes, text: str) -> Iterator[str]:
    """The sentences of a text whose letters stand nowhere in the page in this order."""
    tree = trafilatura.load_html(page)
    said = "" if tree is None else _letters("".join(tree.itertext()))
    for start, end in sentence_spans(text, 0, len(text)):
        if _letters(text[start:end]) not in said:
            yield text[start:end]


def _share(both: float, own: float, other: float) -> float:
    if own == other == 0:
        return 1.0
    return both / (both + own) if both else 0.0


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    last = max(1, len(words) - _SHINGLE + 1)
    return Counter(tuple(words[at : at + _SHINGLE]) for at in range(last))


def _letters(text: str) -> str:
    """Letters and figures alone: markup may stand between any two."""
    return "".join(_WORD.findall(text))


def _footnote(page: bytes) -> str:
    read = read_page(page)
    return read.text if read else ""


def _trafilatura(page: bytes) -> str:
    return trafilatura.extract(page) or ""


_EXTRACTORS: Mapping[str, Extractor] = {"Footnote": _footnote, "trafilatura": _trafilatura}


def _sampled(pages: Sequence[bytes], texts: Sequence[str]) -> tuple[int, list[str]]:
    """How many sentences were sampled, and those of them that their page does not say."""
    spans = [
        (number, text[start:end])
        for number, text in enumerate(texts)
        for start, end in sentence_spans(text, 0, len(text))
    ]
    sample = random.Random(0).sample(spans, min(_SAMPLED, len(spans)))
    made = [sentence for number, sentence in sample if any(not_said(pages[number], sentence))]
    return len(sample), made


def main(arguments: Sequence[str]) -> int:
    """Extract by each, print a line for each and the sentences that were made up."""
    parser = argparse.ArgumentParser(description="Compare extractors of articles.")
    parser.add_argument("folder", type=Path, help="with ground-truth.json and pages/")
    folder = parser.parse_args(arguments).folder
    true = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    pages = [gzip.decompress((folder / f"pages/{name}.html.gz").read_bytes()) for name in true]
    for name, extract in _EXTRACTORS.items():
        began = process_time()
        texts = [extract(page) for page in pages]
        each = (process_time() - began) * 1000 / len(pages)
        bodies = (body["articleBody"] for body in true.values())
        found = [match(body, text) for body, text in zip(bodies, texts, strict=True)]
        precision, recall, both = f1(found)
        print(
            f"{name:12} F1 {both:.3f}  precision {precision:.3f}  recall {recall:.3f}  "
            f"{each:.0f} ms a page"
        )
        if extract is _footnote:
            count, made = _sampled(pages, texts)
            print(f"{'':12} {len(made)} of {count} sentences that the page does not say")
            print("".join(f"{'':14}{sentence!r}\n" for sentence in made), end="", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
