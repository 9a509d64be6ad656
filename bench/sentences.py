"""Splitters of sentences compared: F1 on tables of cases, and MB/s on running text.

    python -m bench.sentences tests/sentences.jsonl en_ewt-ud-test.conllu --text articles.jsonl.gz

The sentences of a case are joined with spaces and split again: those of a line of JSONL, or of a
paragraph of CoNLL-U, the form of the treebanks of Universal Dependencies. Measured are Footnote's
own, sentencex as it is, and those of pysbd, blingfire and syntok that are installed: Footnote does
not need them. `--write` puts the table into `bench/RESULTS.md`.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from time import process_time

from sentencex import get_sentence_boundaries

from bench.results import circumstances, table, write_section
from bench.sets import read_rows
from index.sentences import sentence_spans

Splitter = Callable[[str], Sequence[str]]
Cases = Sequence[Sequence[str]]

# With what a new case begins in CoNLL-U, and what the text of a sentence stands behind.
_NEW_CASE = ("# newdoc", "# newpar")
_TEXT = "# text = "


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


def score(split: Splitter, cases: Cases) -> Score:
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


def read_cases(path: Path) -> Cases:
    """The sentences of each case of a table: JSONL, or CoNLL-U where the file is named so."""
    with path.open(encoding="utf-8") as lines:
        if path.suffix == ".conllu":
            return list(_paragraphs(lines))
        return [json.loads(line)["sentences"] for line in lines]


def _paragraphs(lines: Iterable[str]) -> Iterator[list[str]]:
    sentences = list[str]()
    for line in lines:
        if line.startswith(_NEW_CASE) and sentences:
            yield sentences
            sentences = []
        elif line.startswith(_TEXT):
            sentences.append(line.removeprefix(_TEXT).strip())
    if sentences:
        yield sentences


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

    def split(text: str) -> list[str]:
        # Its tokens write "not" for "n't", so their places count.
        starts = [
            sentence[0].offset for paragraph in analyze(text) for sentence in paragraph if sentence
        ]
        return [text[start:end] for start, end in pairwise([*starts, len(text)])]

    return split


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


def _row(name: str, split: Splitter, tables: Iterable[Cases], texts: Sequence[str]) -> list[str]:
    scores = [(score(split, cases), len(cases)) for cases in tables]
    told = [f"{each.f1:.3f} ({each.exact} of {count})" for each, count in scores]
    return [name, *told, f"{speed(split, texts):.2f}" if texts else ""]


def _section(tables: Mapping[str, Cases], rows: Sequence[Sequence[str]]) -> str:
    """The section of RESULTS.md."""
    counts = "; ".join(
        f"`{name}`: {len(cases)} cases, {sum(map(len, cases))} sentences"
        for name, cases in tables.items()
    )
    return (
        f"## Sentences\n\n{circumstances()} By `python -m bench.sentences`: F1 of the cuts inside "
        f"the cases of each table, and how many cases are split right throughout ({counts}). In "
        "EWT, web pages and mail, most cuts that Footnote lacks end lines without a mark "
        "(greetings, names, times, links, headings that a colon ends) or stand inside a quotation, "
        "which it keeps whole; some stand before a small letter.\n\n"
        f"{table(_head(tables), rows)}"
    )


def _head(tables: Iterable[str]) -> list[str]:
    return ["", *tables, "MB/s"]


def main(arguments: Sequence[str]) -> int:
    """Split the tables by each, print a line for each."""
    parser = argparse.ArgumentParser(description="Compare splitters of sentences.")
    parser.add_argument("tables", type=Path, nargs="+", help="JSONL or CoNLL-U (.conllu) of cases")
    parser.add_argument("--text", type=Path, help="JSONL of articles, to measure the speed on")
    parser.add_argument("--write", action="store_true", help="write bench/RESULTS.md, too")
    options = parser.parse_args(arguments)
    tables = {path.name: read_cases(path) for path in options.tables}
    texts = [row["text"] for row in read_rows(options.text)] if options.text else []
    rows = list[list[str]]()
    print("  ".join(_head(tables)))
    for name, split in _splitters():
        rows.append(_row(name, split, tables.values(), texts))
        print("  ".join(rows[-1]), flush=True)
    if options.write:
        write_section("sentences", _section(tables, rows))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
