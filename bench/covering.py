"""Questions for which it is known whether an archive covers them, with the features of each.

SQuAD's articles are split into two halves by title, and the questions are asked of both: each half
lacks what the other has. The near misses of SQuAD 2 and the answerable questions of the same
passages are asked of all of SQuAD, ClapNQ's of all its passages. Small talk is asked of SQuAD, and
so are questions in which a number in a name is replaced: nothing covers these.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.sets import Opened, open_archive, read_rows, read_set
from index.analysis import content_words
from qa.answer import Question
from qa.answerability import FEATURES, read_features
from qa.rank.matching import Floats

HALVES, NEAR, CLAPNQ = "SQuAD, half left out", "SQuAD 2", "ClapNQ"
TALK, KEYWORDS, NUMBERS = "small talk", "key words", "another number"
# A capitalised word and the number after it: Super Bowl 50.
_NUMBERED = re.compile(r"(?<=\b[A-Z])(?P<rest>[a-z]+ )(?P<number>\d+)\b")
_FURTHER = 7


@dataclass(frozen=True, slots=True)
class Covering:
    """The features of each question, (questions, features), and whether it is covered.

    Questions with the same number in `groups` are fitted on, or checked, together.
    """

    features: Floats
    covered: NDArray[np.bool_]
    groups: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Probe:
    """A line to ask, whether it is covered, and its group."""

    text: str
    covered: bool
    group: int


def ask(opened: Opened, probes: Iterable[Probe]) -> Covering:
    """Ask them all."""
    asked = list(probes)
    return Covering(
        np.array([_features(opened, each.text) for each in asked]).reshape(-1, len(FEATURES)),
        np.array([each.covered for each in asked], dtype=np.bool_),
        np.array([each.group for each in asked], dtype=np.int64),
    )


def _features(opened: Opened, text: str) -> Floats:
    """The features of the best passage for the question; zeros if there is none."""
    ranking = opened.searcher.rank(Question(text))
    first = next(ranking.best(1), None)
    if first is None:
        return np.zeros(len(FEATURES))
    return read_features(ranking, first, opened.store.locate(first.key).passage)


def read_covering(
    folder: Path, work: Path, talk: Sequence[str], every: int = 1
) -> dict[str, Covering]:
    """Every set by its name; from the large ones every `every`th question."""
    squad = list(read_rows(folder / "squad" / "queries.jsonl.gz"))
    articles = list(read_rows(folder / "squad" / "corpus.jsonl.gz"))
    halves, words = _halves(articles, squad[::every], work)
    near = list(read_rows(folder / "squad2" / "unanswerable.jsonl.gz"))
    whole = open_archive(read_set("squad", folder, work).archive, work / "squad")
    clapnq = open_archive(read_set("clapnq", folder, work).archive, work / "clapnq")
    return {
        HALVES: halves,
        KEYWORDS: words,
        NEAR: ask(whole, _near(near[::every], near, squad)),
        NUMBERS: ask(whole, other_numbers(squad)),
        CLAPNQ: ask(clapnq, _clapnq(folder / "clapnq")),
        TALK: ask(whole, [Probe(line, False, place) for place, line in enumerate(talk)]),
    }


def joined(parts: Sequence[Covering]) -> Covering:
    """Several sets as one."""
    return Covering(
        np.concatenate([part.features for part in parts]),
        np.concatenate([part.covered for part in parts]),
        np.concatenate([part.groups for part in parts]),
    )


def _halves(
    articles: Sequence[Mapping[str, Any]], asked: Sequence[Mapping[str, Any]], work: Path
) -> tuple[Covering, Covering]:
    """Questions, and the same as mere key words, asked of each half."""
    title_of = {row["_id"]: row["title"] for row in articles}
    titles = [title_of[row["source_paragraph"]] for row in asked]
    # Alternate titles with questions, then those without: each half gets as many of both.
    ordered = sorted(set(titles)) + sorted(set(title_of.values()) - set(titles))
    side = {title: place % 2 for place, title in enumerate(ordered)}
    questions, words = [], []
    for half in (0, 1):
        archive = work / f"squad.half{half}.jsonl"
        rows = (json.dumps(row) for row in articles if side[row["title"]] == half)
        archive.write_text("\n".join(rows), encoding="utf-8")
        opened = open_archive(archive, work / f"squad.half{half}")
        probes = [
            Probe(row["text"], side[title] == half, ordered.index(title))
            for row, title in zip(asked, titles, strict=True)
        ]
        questions.append(ask(opened, probes))
        words.append(ask(opened, _as_words(probes[::8])))
    return joined(questions), joined(words)


def _as_words(probes: Iterable[Probe]) -> Iterator[Probe]:
    for probe in probes:
        words = dict.fromkeys(content_words(probe.text))
        if words:
            yield Probe(" ".join(words), probe.covered, probe.group)


def _near(
    near: Sequence[Mapping[str, Any]],
    every_near: Sequence[Mapping[str, Any]],
    squad: Sequence[Mapping[str, Any]],
) -> Iterator[Probe]:
    sources = sorted({row["source_paragraph"] for row in every_near})
    place = {source: number for number, source in enumerate(sources)}
    for row in near:
        yield Probe(row["text"], False, place[row["source_paragraph"]])
    for row in squad:
        if row["source_paragraph"] in place:
            yield Probe(row["text"], True, place[row["source_paragraph"]])


def other_numbers(squad: Iterable[Mapping[str, Any]]) -> Iterator[Probe]:
    """Questions with a numbered name, with another number that the archive does not have."""
    for place, row in enumerate(squad):
        text = _NUMBERED.sub(_put_further, row["text"])
        if text != row["text"]:
            yield Probe(text, False, place)


def _put_further(found: re.Match[str]) -> str:
    return f"{found['rest']}{int(found['number']) + _FURTHER}"


def _clapnq(folder: Path) -> Iterator[Probe]:
    for name, covered in (("answerable", True), ("unanswerable", False)):
        for place, row in enumerate(read_rows(folder / f"{name}.jsonl.gz")):
            yield Probe(row["input"], covered, place)
