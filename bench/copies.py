"""Whether copies of articles are told as one: of RealTimeQA's some are copied and lightly edited.

    python -m bench.copies EVAL_DIR [--write]

Of a tenth of the articles a copy is added, of another source and some hours later, with another
headline and dateline, every eighth sentence left out, and every eighth of the others said with an
attribution or fewer articles. A sentence of each copied article, and of as many others, is asked
for. A copy counts as grouped if the citation of the one names the other; it is not if each is cited
by itself, or one alone. An article that is no copy counts as grouped if a citation of its sentence
names one that has no sentence of the quote to the letter, but for eight words at either end, which
may say who said so. Words are hashed in place of the model: how copies are found does not depend on
it.
"""

import argparse
import json
import random
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tqdm import tqdm

from bench.results import circumstances, figures, write_section
from bench.sets import SEED, build_with_bar
from index.article import Passage
from index.sentences import sentence_spans
from index.store.local import LocalStore, open_local
from qa.answer import Citation, Question
from qa.ask import Asker
from qa.question import open_lines
from qa.rank.batching import SharedEncoder
from qa.search import Searcher
from tests.fakes import HashEncoder

COPIED = 0.1
# Grouped, of copies at least, of others at most.
LEAST, MOST = 0.98, 0.002
_SOURCE = "Copying Wire"
_DATELINE = re.compile(r"^\((?:CNN|CNN Business|Reuters|AP)\)\s*")
_ARTICLES = re.compile(r"\b(?:the|a|an|that) ", re.IGNORECASE)
_LEFT_OUT = _EDITED = 0.125
_FEWEST_WORDS = 10
# Words, at one end of a sentence.
_ATTRIBUTION = 8
# Words that a sentence has at least beside it.
_FEWEST_SAID = 5
Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A sentence to ask for, the article that it is of, and the copy of that, if there is one."""

    sentence: str
    article: str
    copy: str | None


def edited(sentence: str, chance: random.Random) -> str:
    """The sentence as an editor of a wire would have it."""
    if chance.random() < 0.5:
        return _ARTICLES.sub("", sentence)
    return f"{sentence.rstrip('.')}, officials said." if sentence.endswith(".") else sentence


def copied(line: Line, chance: random.Random) -> tuple[Line, list[str]]:
    """A copy of an article, and the sentences of the original that it has, edited or not."""
    kept, paragraphs = [], []
    for paragraph in _DATELINE.sub("", str(line["text"])).split("\n\n"):
        said = []
        for start, end in sentence_spans(paragraph, 0, len(paragraph)):
            if chance.random() >= _LEFT_OUT:
                sentence = paragraph[start:end]
                kept.append(sentence)
                is_edited = chance.random() < _EDITED
                said.append(edited(sentence, chance) if is_edited else sentence)
        paragraphs.append(" ".join(said))
    text = f"LONDON ({_SOURCE}) — " + "\n\n".join(filter(None, paragraphs))
    day = str(line.get("publish_date") or "2022-07-01")[:10]
    told = {"title": f"{line['title']} | {_SOURCE}", "text": text, "domain": _SOURCE}
    return {"_id": f"copy-{line['_id']}", "publish_date": f"{day}T23:59:00Z", **told}, kept


def write_archive(lines: Sequence[Line], path: Path, chance: random.Random) -> list[Asked]:
    """The articles with copies of a tenth of them, and what is asked for."""
    drawn = chance.sample(lines, 2 * round(COPIED * len(lines)))
    half = len(drawn) // 2
    asked, copies = [], []
    for line in drawn[:half]:
        copy, kept = copied(line, chance)
        if sentence := _one_of(kept, chance):
            copies.append(copy)
            asked.append(Asked(sentence, line["_id"], copy["_id"]))
    for line in drawn[half:]:
        text = str(line["text"])
        if sentence := _one_of([text[a:b] for a, b in sentence_spans(text, 0, len(text))], chance):
            asked.append(Asked(sentence, line["_id"], None))
    written = "".join(f"{json.dumps(line)}\n" for line in (*lines, *copies))
    path.write_text(written, encoding="utf-8")
    return asked


def _one_of(sentences: Sequence[str], chance: random.Random) -> str | None:
    long = [each for each in sentences if len(each.split()) >= _FEWEST_WORDS]
    return chance.choice(long) if long else None


@dataclass(slots=True)
class Counted:
    """Answers to what was asked: told as one, told apart, or without the article at all."""

    grouped: int = 0
    apart: int = 0
    missing: int = 0

    @property
    def share(self) -> float:
        """Of those that have the article, how many are grouped."""
        return self.grouped / max(1, self.grouped + self.apart)


def count(asked: Asked, told: Sequence[Citation], store: LocalStore, into: Counted) -> list[str]:
    """Count an answer; returns the ids of articles that were grouped wrongly."""
    own = {asked.article, asked.copy}
    groups = [(each, set(_ids(each))) for each in told if own & set(_ids(each))]
    if not groups:
        into.missing += 1
        return []
    if asked.copy is not None:
        is_one = any(own <= ids for _, ids in groups)
        into.grouped, into.apart = into.grouped + is_one, into.apart + (not is_one)
        return []
    wrong = [
        other
        for citation, ids in groups
        for other in ids - own
        if not _says(store, other, citation.quote)
    ]
    into.grouped, into.apart = into.grouped + bool(wrong), into.apart + (not wrong)
    return wrong


def _ids(citation: Citation) -> Iterator[str]:
    passages: tuple[Passage, ...] = (citation.passage, *citation.also_in)
    return (each.article_id for each in passages)


def _says(store: LocalStore, article_id: str, quote: str) -> bool:
    article = store.article(article_id)
    text = f" {' '.join(_words(article.text))} " if article else ""
    spans = sentence_spans(quote, 0, len(quote))
    return any(_stands(_words(_DATELINE.sub("", quote[a:b])), text) for a, b in spans)


def _stands(words: Sequence[str], text: str) -> bool:
    cuts = range(min(_ATTRIBUTION, max(0, len(words) - _FEWEST_SAID)) + 1)
    kept = (part for cut in cuts for part in (words[cut:], words[: len(words) - cut]))
    return any(f" {' '.join(part)} " in text for part in kept)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def main(arguments: Sequence[str]) -> int:
    """Copy, build, ask and print the shares; 1 if one misses its bound."""
    parser = argparse.ArgumentParser(prog="python -m bench.copies", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="EVAL_DIR")
    parser.add_argument("--write", action="store_true", help="write the section of RESULTS.md")
    options = parser.parse_args(arguments)
    with open_lines(options.folder / "realtimeqa" / "corpus.jsonl.gz") as file:
        lines = [json.loads(line) for line in file]
    with TemporaryDirectory() as folder:
        archive, data = Path(folder, "archive.jsonl"), Path(folder, "data")
        asked = write_archive(lines, archive, random.Random(SEED))
        build_with_bar(archive, data, HashEncoder())
        with closing(open_local(data)) as store:
            copies, others = measure(store, asked)
    report = markdown(copies, others)
    print(report)
    if options.write:
        write_section("copies", report)
    return int(copies.share < LEAST or others.share > MOST)


def measure(store: LocalStore, asked: Sequence[Asked]) -> tuple[Counted, Counted]:
    """What becomes of the copies, and of the others; what is grouped wrongly is printed."""
    copies, others = Counted(), Counted()
    asker = Asker(store, Searcher(store, SharedEncoder(HashEncoder())))
    for each in tqdm(asked):
        answer = asker.ask(Question(each.sentence))
        told = answer.citations or answer.nearest
        wrong = count(each, told, store, copies if each.copy else others)
        if wrong:
            tqdm.write(f"{each.article}: {each.sentence} {wrong}")
    return copies, others


def markdown(copies: Counted, others: Counted) -> str:
    """The section of RESULTS.md."""
    return "\n".join(
        [
            "## Copies told as one",
            "",
            f"{circumstances()} By `python -m bench.copies EVAL_DIR`: a tenth of RealTimeQA's "
            f"articles copied and lightly edited, words hashed in place of the model. Of "
            f"{copies.grouped + copies.apart} sentences of copied articles and "
            f"{others.grouped + others.apart} of others an answer cites the article "
            f"({copies.missing} and {others.missing} it does not).",
            "",
            figures(
                [
                    ("copies told apart", f"{1 - copies.share:.3f}", f"{1 - LEAST:.3f}"),
                    ("others told as one", f"{others.share:.3f}", f"{MOST}"),
                ]
            ),
        ]
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
