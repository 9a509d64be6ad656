"""The archives that are measured on, each as Footnote reads it and as peers read it."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import numpy as np

from bench.grown import write_grown
from bench.peers.protocol import Passage, write_passages
from index.embed import Encoder, PassageText, front_of, passage_text
from index.readers import Found, read_sources
from index.split import split, subject_of
from index.status import build_with_bar
from index.store import Store, open_store, published_stamp
from qa.evaluate import read_judged

SEED = 1
# The file of the vectors of RealTimeQA's own passages, kept from run to run.
BASES_FILE = "realtimeqa.bases.npz"


@dataclass(frozen=True, slots=True)
class Corpus:
    """One archive: articles as JSONL, their passages for the peers, and vectors where given."""

    archive: Path
    passages: Path
    vectors: Path | None
    count: int


@dataclass(frozen=True, slots=True)
class JudgedQuestion:
    """A question and the ids of the articles that answer it."""

    text: str
    articles: frozenset[str]


def open_index(archive: Path, data: Path, encoder: Encoder) -> Store:
    """The index of an archive in `data`, built where it is not there yet."""
    if published_stamp(data) is None:
        build_with_bar([archive], data, encoder)
    return open_store(data, encoder.model)


def found_in(archive: Path) -> Iterator[Found]:
    """Every article of an archive."""
    return (found for found in read_sources([archive]) if isinstance(found, Found))


def squad_corpus(folder: Path, work: Path) -> Corpus:
    """The passages that Footnote makes of SQuAD's articles."""
    archive, passages = folder / "squad" / "corpus.jsonl.gz", work / "squad.passages.jsonl"
    return Corpus(archive, passages, None, _write_passages(archive, passages))


def first_of(corpus: Corpus, passages: int, work: Path) -> Corpus:
    """Its first articles, with at least so many passages; it has no vectors."""
    name = f"{corpus.passages.name.split('.')[0]}.{passages}"
    archive, told = work / f"{name}.jsonl", work / f"{name}.passages.jsonl"
    write_grown(corpus.archive, archive, passages, SEED)
    return Corpus(archive, told, None, _write_passages(archive, told))


def grown_corpus(real: Path, work: Path, passages: int, encoder: Encoder) -> Corpus:
    """An archive grown to so many passages, with the vectors of its `GrownEncoder`."""
    name = f"grown.{passages}"
    archive, told = work / f"{name}.jsonl", work / f"{name}.passages.jsonl"
    write_grown(real, archive, passages, SEED)
    count = _write_passages(archive, told)
    vectors = work / f"{name}.npy"
    _write_vectors(archive, vectors, count, encoder)
    return Corpus(archive, told, vectors, count)


def judged_questions(folder: Path, most: int) -> list[JudgedQuestion]:
    """Of a folder in BEIR form, evenly from all of it."""
    judged = read_judged(folder)
    gold = judged.answering()
    questions = [
        JudgedQuestion(question.text, frozenset(gold[question.id or ""]))
        for question in judged.questions
        if question.id in gold
    ]
    return questions[:: max(1, len(questions) // most)][:most]


def first_texts(archive: Path, most: int) -> list[PassageText]:
    """The first passages as an encoder reads them."""
    texts = (
        passage_text(subject_of(found.article), passage)
        for found in found_in(archive)
        for passage in split(found.article)
    )
    return list(islice(texts, most))


def distinct_questions(folder: Path) -> list[str]:
    """The questions of RealTimeQA and of SQuAD, mixed, none twice."""
    judged = (read_judged(folder / name).questions for name in ("realtimeqa", "squad"))
    questions = list(dict.fromkeys(question.text for question in chain.from_iterable(judged)))
    random.Random(SEED).shuffle(questions)
    return questions


def _write_vectors(archive: Path, path: Path, count: int, encoder: Encoder) -> None:
    shape = (count, encoder.model.dimension)
    rows = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=shape)
    reached = 0
    for found in found_in(archive):
        texts = [
            passage_text(subject_of(found.article), passage) for passage in split(found.article)
        ]
        for vectors in encoder.encode_passages(texts):
            rows[reached] = vectors.passage
            reached += 1
    rows.flush()


def _write_passages(archive: Path, path: Path) -> int:
    return write_passages(
        path,
        (
            Passage(
                passage.id, front_of(subject_of(found.article), passage).rstrip("\n"), passage.text
            )
            for found in found_in(archive)
            for passage in split(found.article)
        ),
    )
