"""The data sets for measurements, and the archives made from them."""

import argparse
import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np

from bench.grown import found_in, write_grown
from bench.peers.protocol import Passage as PeerPassage
from bench.peers.protocol import write_passages
from index.article import Passage
from index.build import build
from index.embed import Encoder, PassageText, front_of, passage_text
from index.encoders import ModelEncoder
from index.split import split, subject_of
from index.status import ProgressBar
from index.store import Located, published_stamp
from index.store.local import LocalStore, open_local
from qa.answer import Question
from qa.ask import Asker
from qa.evaluate import Judged, read_judged
from qa.evaluate.measures import Judgement
from qa.question import open_lines
from qa.rank.batching import SharedEncoder
from qa.search import Searcher

SEED = 1
# The file of the vectors of RealTimeQA's own passages, kept from run to run.
BASES_FILE = "realtimeqa.bases.npz"
Answers = Mapping[str, tuple[str, ...]]
_ROOT = Path(__file__).parent.parent
_CLAPNQ_FILES = ("answerable", "unanswerable")


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


@dataclass(frozen=True, slots=True)
class Judging:
    """What answers the questions, by the ids that `name_of` gives to passages."""

    title: str
    judged: Judged
    name_of: Callable[[Located], str]


@dataclass(frozen=True, slots=True)
class DataSet:
    """Questions, each with an id, for one archive, and judgements of what answers them.

    `answers` are words that answer, by the id of the question; empty if the set has none.
    """

    name: str
    archive: Path
    questions: tuple[Question, ...]
    judgings: tuple[Judging, ...]
    answers: Answers = field(default_factory=dict)


def read_set(name: str, folder: Path, work: Path) -> DataSet:
    """One of SETS, from the folder of them all; files made from it are written to `work`."""
    return _READERS[name](name, folder / name, work)


def article_of(located: Located) -> str:
    """The id of the article, by which most sets are judged."""
    return located.article.id


def passage_of(located: Located) -> str:
    """The id of the passage."""
    return located.passage.id


def judged_twice(name: str, archive: Path, rows: Sequence[Mapping[str, Any]]) -> DataSet:
    """Judged by article, and by the passage that contains the text given as `passage`."""
    passages = {found.article.id: split(found.article) for found in found_in(archive)}
    questions = [Question(row["question"], id=row["id"]) for row in rows]
    by_article = [Judgement(row["id"], row["article"], 1) for row in rows]
    by_passage = [
        Judgement(row["id"], passage.id, 1)
        for row in rows
        for passage in passages[row["article"]]
        if row["passage"] in passage.text
    ]
    judgings = (
        Judging(f"{name}, articles", Judged(questions, by_article), article_of),
        Judging(f"{name}, passages", Judged(questions, by_passage), passage_of),
    )
    return DataSet(name, archive, tuple(questions), judgings)


def build_index(archive: Path, data: Path, encoder: Encoder) -> None:
    """Build the index of an archive in `data` if it does not exist yet."""
    if published_stamp(data) is None:
        build_with_bar(archive, data, encoder)


def build_with_bar(archive: Path, data: Path, encoder: Encoder) -> None:
    """Build the index of an archive in `data`, with a progress bar on standard error."""
    with closing(ProgressBar()) as bar:
        build([archive], data, encoder, bar)


def open_index(archive: Path, data: Path, encoder: Encoder) -> LocalStore:
    """The index of an archive in `data`, built if it does not exist yet."""
    build_index(archive, data, encoder)
    return open_local(data, encoder.model)


@dataclass(frozen=True, slots=True)
class Opened:
    """An index to ask, until it is closed."""

    store: LocalStore
    searcher: Searcher

    @property
    def asker(self) -> Asker:
        """An asker of this index, which reads nothing."""
        return Asker(self.store, self.searcher)

    def close(self) -> None:
        """Close the store."""
        self.store.close()


def open_archive(archive: Path, data: Path) -> Opened:
    """The index of an archive by the model of `data`, built if it does not exist yet."""
    encoder = ModelEncoder(data)
    store = open_index(archive, data, encoder)
    return Opened(store, Searcher(store, SharedEncoder(encoder)))


def read_folders(arguments: Sequence[str], description: str | None) -> argparse.Namespace:
    """The `folder` of the sets, and that of their `indexes`, from the command line of a fit."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("folder", type=Path, metavar="EVAL_DIR")
    parser.add_argument("--indexes", type=Path, default=Path("data/bench"))
    return parser.parse_args(arguments)


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a JSONL file, gzipped or not."""
    with open_lines(path) as lines:
        for line in lines:
            yield json.loads(line)


def squad_corpus(folder: Path, work: Path) -> Corpus:
    """The passages that Footnote makes from SQuAD's articles."""
    archive, passages = folder / "squad" / "corpus.jsonl.gz", work / "squad.passages.jsonl"
    return Corpus(archive, passages, None, _write_passages(archive, passages))


def first_of(corpus: Corpus, passages: int, work: Path) -> Corpus:
    """Its first articles, with at least this many passages; without vectors."""
    name = f"{corpus.passages.name.split('.')[0]}.{passages}"
    archive, passages_file = work / f"{name}.jsonl", work / f"{name}.passages.jsonl"
    write_grown(corpus.archive, archive, passages, SEED)
    return Corpus(archive, passages_file, None, _write_passages(archive, passages_file))


def grown_corpus(real: Path, work: Path, passages: int, encoder: Encoder) -> Corpus:
    """An archive grown to this many passages, with the vectors of its `GrownEncoder`."""
    name = f"grown.{passages}"
    archive, passages_file = work / f"{name}.jsonl", work / f"{name}.passages.jsonl"
    write_grown(real, archive, passages, SEED)
    count = _write_passages(archive, passages_file)
    vectors = work / f"{name}.npy"
    _write_vectors(archive, vectors, count, encoder)
    return Corpus(archive, passages_file, vectors, count)


def judged_questions(folder: Path, most: int) -> list[JudgedQuestion]:
    """The questions of a folder in BEIR form, sampled evenly."""
    judged = read_judged(folder)
    gold = judged.answering()
    questions = [
        JudgedQuestion(question.text, frozenset(gold[question.id or ""]))
        for question in judged.questions
        if question.id in gold
    ]
    return questions[:: max(1, len(questions) // most)][:most]


def first_texts(archive: Path, most: int) -> list[PassageText]:
    """The first passages, as an encoder reads them."""
    texts = (
        passage_text(subject_of(found.article), passage)
        for found in found_in(archive)
        for passage in split(found.article)
    )
    return list(islice(texts, most))


def distinct_questions(folder: Path) -> list[str]:
    """The questions of RealTimeQA and SQuAD, mixed, none twice."""
    judged = (read_judged(folder / name).questions for name in ("realtimeqa", "squad"))
    questions = list(dict.fromkeys(question.text for question in chain.from_iterable(judged)))
    random.Random(SEED).shuffle(questions)
    return questions


def _read_beir(name: str, folder: Path, work: Path) -> DataSet:
    return _by_article(name, folder / "corpus.jsonl.gz", read_judged(folder))


def _read_squad(name: str, folder: Path, work: Path) -> DataSet:
    answers = {row["_id"]: tuple(row["answers"]) for row in read_rows(folder / "queries.jsonl.gz")}
    return replace(_read_beir(name, folder, work), answers=answers)


def _read_first_turns(name: str, folder: Path, work: Path) -> DataSet:
    """The questions that open a dialogue: the others mean little without their history."""
    judged = read_judged(folder)
    questions = [question for question in judged.questions if not question.history]
    ids = {question.id for question in questions}
    judgements = [one for one in judged.judgements if one.query_id in ids]
    return _by_article(name, folder / "corpus.jsonl.gz", Judged(questions, judgements))


def _read_clapnq(name: str, folder: Path, work: Path) -> DataSet:
    """The answerable questions over the passages of all, each passage an article."""
    articles: dict[str, Mapping[str, str]] = {}
    judged = Judged([], [])
    for kind in _CLAPNQ_FILES:
        for row in read_rows(folder / f"{kind}.jsonl.gz"):
            own = {_id_of(passage): passage for passage in row["passages"]}
            articles |= own
            if kind == "answerable":
                judged.questions.append(Question(row["input"], id=row["id"]))
                judged.judgements.extend(Judgement(row["id"], article, 1) for article in own)
    texts = ((key, passage["title"], passage["text"]) for key, passage in articles.items())
    return _by_article(name, _write_archive(work / f"{name}.jsonl", texts), judged)


def _read_sample(name: str, folder: Path, work: Path) -> DataSet:
    """The sample archive, judged by article and by passage."""
    archive = _ROOT / "articles"
    rows = [row for row in read_rows(_ROOT / "tests/quality/questions.jsonl") if row["article"]]
    return judged_twice(name, archive, rows)


def _read_pages(name: str, folder: Path, work: Path) -> DataSet:
    """SQuAD's paragraphs, joined into the pages that they are from, judged by passage.

    A passage answers that has words of the paragraph with an answer in them: which passage of
    the right article it is, no other set asks of long articles.
    """
    source = folder.parent / "squad"
    pages: dict[str, str] = {}
    places: dict[str, tuple[str, int, int]] = {}
    for row in read_rows(source / "corpus.jsonl.gz"):
        page = pages.get(row["title"], "")
        start = len(page) + 2 if page else 0
        pages[row["title"]] = "\n\n".join(filter(None, (page, row["text"])))
        places[row["_id"]] = (row["title"], start, start + len(row["text"]))
    texts = ((title, title, text) for title, text in pages.items())
    archive = _write_archive(work / f"{name}.jsonl", texts)
    passages = {found.article.id: split(found.article) for found in found_in(archive)}
    judged = Judged([], [])
    for row in read_rows(source / "queries.jsonl.gz"):
        title, start, end = places[row["source_paragraph"]]
        right = [
            passage.id
            for passage in passages[title]
            if any(answer in _shared(passage, start, end) for answer in row["answers"])
        ]
        if right:
            judged.questions.append(Question(row["text"], id=row["_id"]))
            judged.judgements.extend(Judgement(row["_id"], passage, 1) for passage in right)
    judging = Judging(f"{name}, passages", judged, passage_of)
    return DataSet(name, archive, tuple(judged.questions), (judging,))


def _shared(passage: Passage, start: int, end: int) -> str:
    """The part of the passage between two places of its article."""
    first, last = max(start, passage.start), min(end, passage.end)
    return passage.words((first, last)) if first < last else ""


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
            PeerPassage(
                passage.id, front_of(subject_of(found.article), passage).rstrip("\n"), passage.text
            )
            for found in found_in(archive)
            for passage in split(found.article)
        ),
    )


def _by_article(name: str, archive: Path, judged: Judged) -> DataSet:
    judging = Judging(name, judged, article_of)
    return DataSet(name, archive, tuple(judged.questions), (judging,))


def _write_archive(archive: Path, articles: Iterable[tuple[str, str, str]]) -> Path:
    """Write articles with id, title and text, one a line."""
    lines = (
        json.dumps({"_id": key, "title": title, "text": text}) for key, title, text in articles
    )
    archive.write_text("\n".join(lines), encoding="utf-8")
    return archive


def _id_of(passage: Mapping[str, str]) -> str:
    """The same for the same words, so that a passage of two questions is one article."""
    return sha256(f"{passage['title']}\n{passage['text']}".encode()).hexdigest()[:16]


_READERS: Mapping[str, Callable[[str, Path, Path], DataSet]] = {
    "squad": _read_squad,
    "pages": _read_pages,
    "scifact": _read_beir,
    "realtimeqa": _read_beir,
    "inscit": _read_first_turns,
    "clapnq": _read_clapnq,
    "sample": _read_sample,
}
SETS = tuple(_READERS)
