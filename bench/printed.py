"""How well PDFs are read: whether each sentence has its page, and how many words come back.

    python -m bench.printed

Prints 20 files from sentences of its own, each with its page known: by reportlab in one and two
columns, with heads, feet, notes and words broken at line ends; and by chromium, where it is found.
"""

import argparse
import random
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

from index.article import Article
from index.forms.folding import composed
from index.readers import Found, read_sources

_WORDS = """
the river flooded several unprotected neighbourhoods although international administrators had
considered extraordinary precautions unnecessary before representatives acknowledged
responsibility efficient officers first filed difficult figures about the affected fields
""".split()
_FONT, _SIZE, _PITCH = "Times-Roman", 10, 12
_WORD = re.compile(r"\w+")
_SENTENCES_A_PAGE = 26


@dataclass(frozen=True, slots=True)
class Printed:
    """A file, and the sentences of each of its pages."""

    path: Path
    pages: Sequence[Sequence[str]]


def main(arguments: Sequence[str]) -> int:
    """Print the files, read them, and show what came back."""
    argparse.ArgumentParser(prog="python -m bench.printed", description=__doc__).parse_args(
        arguments
    )
    with TemporaryDirectory() as folder:
        files = [*_by_reportlab(Path(folder)), *_by_chromium(Path(folder))]
        told = [(printed, _read(printed.path)) for printed in files]
    right, sentences, words, known = 0, 0, 0, 0
    for printed, article in told:
        right += sum(
            article.page_at(_place(article, sentence)) == number
            for number, page in enumerate(printed.pages, start=1)
            for sentence in page
        )
        sentences += sum(map(len, printed.pages))
        meant = Counter(_WORD.findall(" ".join(" ".join(page) for page in printed.pages)))
        found = Counter(_WORD.findall(composed(article.text)))
        words += (meant & found).total()
        known += max(meant.total(), found.total())
    print(f"{len(told)} files, {sentences} sentences: page right in {right / sentences:.4f}")
    print(f"words that came back, of those there are or that were added: {words / known:.4f}")
    return 0


def _by_reportlab(folder: Path) -> Iterator[Printed]:
    for number in range(16):
        path = folder / f"report{number}.pdf"
        yield Printed(path, _draw(path, random.Random(number), columns=1 + number % 2, kind=number))


def _draw(path: Path, chance: random.Random, columns: int, kind: int) -> list[list[str]]:
    canvas = Canvas(str(path), pagesize=A4)
    width = (451 - 20 * (columns - 1)) / columns
    pages = []
    for number in range(1, 4):
        sentences = [_sentence(chance, f"k{kind}p{number}s{n}") for n in range(_SENTENCES_A_PAGE)]
        pages.append(sentences)
        canvas.setFont(_FONT, 8)
        if kind % 4 >= 2:
            canvas.drawString(72, 810, "The Report, March 1963")
            canvas.drawString(290, 30, str(number + kind))
        canvas.setFont(_FONT, _SIZE)
        lines = _set(sentences, width, is_broken=kind % 3 == 0)
        each = -(-len(lines) // columns)
        for place, line in enumerate(lines):
            x = 72 + (place // each) * (width + 20)
            canvas.drawString(x, 740 - _PITCH * (place % each), line)
        canvas.showPage()
    canvas.save()
    return pages


def _sentence(chance: random.Random, mark: str) -> str:
    words = [chance.choice(_WORDS) for _ in range(chance.randint(8, 18))]
    return f"{' '.join(words).capitalize()} {mark}."


def _set(sentences: Sequence[str], width: float, is_broken: bool) -> list[str]:
    """Lines no wider than a column; long words at their ends broken, if they are to be."""
    lines = simpleSplit(" ".join(sentences), _FONT, _SIZE, width)
    if not is_broken:
        return list(lines)
    broken: list[str] = []
    carried = ""
    for line in lines:
        head, _, last = f"{carried}{line}".rpartition(" ")
        carried = ""
        if len(last) > 12 and last.isalpha() and line is not lines[-1]:
            last, carried = f"{last[:6]}-", f"{last[6:]} "
        broken.append(f"{head} {last}".strip())
    return broken


def _by_chromium(folder: Path) -> Iterator[Printed]:
    program = shutil.which("chromium")
    if program is None:
        print("chromium is not found: its files are left out", file=sys.stderr)
        return
    for number in range(4):
        chance = random.Random(100 + number)
        pages = [[_sentence(chance, f"p{p}s{n}") for n in range(12)] for p in range(3)]
        body = "".join(f"<section><p>{' '.join(page)}</p></section>" for page in pages)
        style = f"section{{break-after:page;columns:{1 + number % 2}}}body{{font:11pt serif}}"
        page = folder / f"page{number}.html"
        page.write_text(f"<!doctype html><meta charset=utf-8><style>{style}</style>{body}")
        path = page.with_suffix(".pdf")
        options = ["--headless", "--no-sandbox", "--disable-gpu", f"--print-to-pdf={path}"]
        subprocess.run([program, *options, str(page)], check=True, capture_output=True, timeout=120)
        yield Printed(path, pages)


def _read(path: Path) -> Article:
    [found] = (each for each in read_sources([path]) if isinstance(each, Found))
    return found.article


def _place(article: Article, sentence: str) -> int:
    """Where the last word of a sentence stands, which no other sentence has."""
    return article.text.find(sentence.rsplit(" ", 1)[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
