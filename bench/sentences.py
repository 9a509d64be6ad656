"""Splitters of sentences compared: F1 on a table of cases, and MB/s on running text.

    python -m bench.sentences tests/sentences.jsonl --text articles.jsonl.gz

Each line of the table has `sentences`, which are joined with spaces and split again. Measured are
Footnote's own, sentencex as it is, and those of pysbd, blingfire and syntok that are installed:
Footnote does not need them.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from time import process_time

from sentencex import get_sentence_boundaries

from bench.sets import read_rows
from index.sentences import sentence_spans

Splitter = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Score:
    """How many cuts are right, made and wanted, and how many cases are split right throughout."""

    right: int
    made: int
    wanted: int
    exact: int

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall of the cuts inside the texts."""
        return 2 * self.right / (self.made + self.wanted)


def score(split: Splitter, cases: Sequence[Sequence[str]]) -> Score:
    """A splitter's cuts against those of the cases; white space around them does not count.

    >>> score(str.split, [["One", "two"], ["It sank."]])
    Score(right=1, made=2, wanted=1, exact=1)
    """
    right = made = wanted = exact = 0
    for sentences in cases:
        own, true = _cuts(split(" ".join(sentences))), _cuts(sentences)
        right += len(own & true)
        made += len(own)
        wanted += len(true)
        exact += own == true
    return Score(right, made, wanted, exact)


def speed(split: Splitter, texts: Sequence[str]) -> float:
    """MB of UTF-8 a second of processor time."""
    started = process_time()
    for text in texts:
        split(text)
    return sum(len(text.encode()) for text in texts) / 1e6 / (process_time() - started)


def _cuts(sentences: Sequence[str]) -> set[int]:
    """Cuts as counts of the characters before them that are not blank."""
    cuts, reached = set[int](), 0
    for sentence in sentences:
        cuts.add(reached)
        reached += len("".join(sentence.split()))
    return cuts - {0}


def _footnote(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text, 0, len(text))]


def _sentencex(text: str) -> list[str]:
    return [boundary["text"] for boundary in get_sentence_boundaries("en", text)]


def _pysbd() -> Splitter:
    segmenter = import_module("pysbd").Segmenter(language="en", clean=False)
    return lambda text: list(segmenter.segment(text))


def _blingfire() -> Splitter:
    cut = import_module("blingfire").text_to_sentences
    return lambda text: str(cut(text)).split("\n")


def _syntok() -> Splitter:
    analyze = import_module("syntok.segmenter").analyze
    return lambda text: [
        "".join(token.value for token in sentence)
        for paragraph in analyze(text)
        for sentence in paragraph
    ]


_OTHERS: Mapping[str, Callable[[], Splitter]] = {
    "pysbd": _pysbd,
    "blingfire": _blingfire,
    "syntok": _syntok,
}


def _splitters() -> Iterator[tuple[str, Splitter]]:
    yield "Footnote", _footnote
    yield "sentencex", _sentencex
    for name, make in _OTHERS.items():
        try:
            yield name, make()
        except ModuleNotFoundError:
            print(f"{name}: not installed; pip install {name}")


def main(arguments: Sequence[str]) -> int:
    """Split the table by each, print a line for each."""
    parser = argparse.ArgumentParser(description="Compare splitters of sentences.")
    parser.add_argument("table", type=Path, help="JSONL with the sentences of each case")
    parser.add_argument("--text", type=Path, help="JSONL of articles, to measure the speed on")
    options = parser.parse_args(arguments)
    rows = options.table.read_text(encoding="utf-8").splitlines()
    cases = [json.loads(row)["sentences"] for row in rows]
    texts = [row["text"] for row in read_rows(options.text)] if options.text else []
    for name, split in _splitters():
        result = score(split, cases)
        told = f"{name:10} F1 {result.f1:.3f}  exact {result.exact}/{len(cases)}"
        print(f"{told}  {speed(split, texts):.2f} MB/s" if texts else told, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
