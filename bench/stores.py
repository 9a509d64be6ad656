"""Whether another store finds, cites and declines as the local one, and what a question costs it.

    python -m bench.stores EVAL_DIR [--sets squad,scifact,realtimeqa,news] [--questions N]
    python -m bench.stores EVAL_DIR --grown PASSAGES [--hashed]

Each set is indexed in `--work` where it is not there yet, and copied to a milvus-lite beside it, or
to the Milvus at `--server`; then both are asked the same questions. The second form asks an archive
grown to that many passages: only its times mean anything. `--hashed` takes hashed words in place of
the model's vectors, so that building takes minutes.
"""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from statistics import median, quantiles
from typing import Any, cast

from tqdm import tqdm

from bench.grown import open_grown_encoder, write_grown
from bench.results import busy, circumstances, table, write_section
from bench.sets import BASES_FILE, SEED, build_index, distinct_questions
from index.build.backup import copy_archive
from index.embed import Encoder
from index.encoders import ModelEncoder
from index.settings import DEFAULT_READER
from index.status import ProgressBar
from index.store import Store, open_store, published_stamp
from qa.answer import Answer, Question
from qa.ask import Asker
from qa.evaluate import Judged, read_judged, score
from qa.rank.batching import SharedEncoder
from qa.read.loading import load_reader
from qa.read.reading import Reader
from qa.search import Searcher
from tests.fakes import HashEncoder

SETS = ("squad", "scifact", "realtimeqa", "news")
_GROWN_FROM = "realtimeqa"
_MEASURES = ("hit@1", "hit@5", "nDCG@10")
_DEPTH = 10
# What is left of a question's time: understanding, ranking, reading, quoting.
_ABOVE = "all else"
# A question costs more before what every question needs is loaded.
_WARMING = 5


@dataclass(frozen=True, slots=True)
class Archive:
    """Articles, what tells which of them answer, and the questions to ask; some judge nothing."""

    name: str
    articles: Path
    judged: Judged | None
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer, the ids of the articles that were found, best first, and where its time went.

    `seconds` are by the method of the store; together with `_ABOVE` they are the whole question.
    `processor` is what it took of all cores, in seconds, with that of a milvus-lite.
    """

    answer: Answer
    found: tuple[str, ...]
    seconds: Mapping[str, float]
    processor: float

    @property
    def ms(self) -> float:
        """The whole question."""
        return 1000 * sum(self.seconds.values())

    @property
    def cited(self) -> tuple[str, int, int] | None:
        """The article and the span of the first citation; None where the answer is no."""
        spans = ((c.article.id, c.quote_start, c.quote_end) for c in self.answer.citations)
        return next(spans, None)


@dataclass(frozen=True, slots=True)
class Compared:
    """The same questions, asked of both stores, in the same order."""

    archive: Archive
    passages: int
    local: tuple[Asked, ...]
    other: tuple[Asked, ...]

    def share(self, is_same: Callable[[Asked, Asked], bool]) -> float:
        """Of how many questions that holds."""
        pairs = zip(self.local, self.other, strict=True)
        return sum(is_same(one, other) for one, other in pairs) / len(self.local)


class WatchedStore:
    """Passes all on to a store, and adds up the seconds that each of its methods takes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if not callable(found):
            return found

        def timed(*arguments: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return found(*arguments, **named)
            finally:
                self.seconds[name] += time.perf_counter() - began

        return timed


def main(arguments: Sequence[str]) -> int:
    """Ask both stores, print the tables."""
    options = _parser().parse_args(arguments)
    options.work.mkdir(parents=True, exist_ok=True)
    reader = load_reader(options.reader, options.work)
    compared = [_compare(archive, options, reader) for archive in _archives(options)]
    report = f"{_heading()}\n\n{markdown(compared)}"
    print(report)
    if options.write:
        write_section("stores", report)
    return 0


def ask_all(
    store: Store, encoder: Encoder, reader: Reader | None, questions: Sequence[Question]
) -> tuple[Asked, ...]:
    """Answer each question, then search for it; only the answer is timed."""
    watched = WatchedStore(store)
    seen = cast(Store, watched)
    asker = Asker(seen, Searcher(seen, SharedEncoder(encoder)), reader=reader)
    for question in questions[:_WARMING]:
        asker.ask(question)
    asked = []
    for question in tqdm(questions, desc="asked", unit=" questions"):
        watched.seconds.clear()
        began, used = time.perf_counter(), time.process_time()
        answer = asker.ask(question)
        processor = time.process_time() - used
        whole, seconds = time.perf_counter() - began, dict(watched.seconds)
        seconds[_ABOVE] = whole - sum(seconds.values())
        hits = asker.search(replace(question, k=_DEPTH))
        found = tuple(dict.fromkeys(hit.passage.article_id for hit in hits))
        asked.append(Asked(answer, found, seconds, processor))
    return tuple(asked)


def markdown(compared: Sequence[Compared]) -> str:
    """Every table: what is found, what is cited, how long it takes, and where that goes."""
    parts = [_sameness_table(compared), _times_table(compared)]
    judged = [each for each in compared if each.archive.judged is not None]
    if judged:
        parts.insert(0, _scores_table(judged))
    return "\n\n".join([*parts, *map(_where_table, compared)])


def _archives(options: argparse.Namespace) -> Iterator[Archive]:
    if options.grown is not None:
        name = f"grown-{options.grown}"
        articles = options.work / f"{name}.jsonl"
        if not articles.exists():
            write_grown(_articles_of(options.folder / _GROWN_FROM), articles, options.grown, SEED)
        asked = tuple(map(Question, distinct_questions(options.folder)))
        yield Archive(name, articles, None, _evenly(asked, options.questions))
        return
    for name in options.sets:
        judged = read_judged(options.folder / name)
        # Those that nothing answers are asked as well, where a set has them.
        every = {each.question.id: each.question for each in judged.expected}
        every |= {question.id: question for question in judged.questions}
        asked = _evenly(tuple(every.values()), options.questions)
        yield Archive(name, _articles_of(options.folder / name), judged, asked)


def _articles_of(folder: Path) -> Path:
    return folder / "corpus.jsonl.gz"


def _evenly(questions: tuple[Question, ...], most: int | None) -> tuple[Question, ...]:
    if most is None:
        return questions
    return questions[:: max(1, len(questions) // most)][:most]


def _compare(archive: Archive, options: argparse.Namespace, reader: Reader | None) -> Compared:
    name = f"{archive.name}-hashed" if options.hashed else archive.name
    data = options.work / name
    other = Path(
        f"milvus://{options.server}/bench_{name.replace('-', '_')}"
        if options.server
        else f"milvus-lite:{options.work / name}-milvus"
    )
    encoder = _encoder(archive, data, options)
    build_index(archive.articles, data, encoder)
    if published_stamp(other) is None:
        with closing(ProgressBar()) as bar:
            copy_archive(data, other, encoder, bar)
    asked = []
    for each in (data, other):
        with closing(open_store(each, encoder.model)) as store:
            asked.append(ask_all(store, encoder, reader, archive.questions))
            passages = store.info.counts.passages
    return Compared(archive, passages, *asked)


def _encoder(archive: Archive, data: Path, options: argparse.Namespace) -> Encoder:
    if options.hashed:
        return HashEncoder()
    encoder = ModelEncoder(data)
    if archive.judged is not None:
        return encoder
    real = _articles_of(options.folder / _GROWN_FROM)
    return open_grown_encoder(encoder, real, options.work / BASES_FILE)


def _scores_table(compared: Sequence[Compared]) -> str:
    rows = []
    for each in compared:
        local, other = _measures(each, each.local), _measures(each, each.other)
        for name in _MEASURES:
            difference = f"{other[name] - local[name]:+.4f}"
            rows.append(
                [each.archive.name, name, f"{local[name]:.4f}", f"{other[name]:.4f}", difference]
            )
    return table(["set", "measure", "local", "other", "difference"], rows, left=2)


def _measures(compared: Compared, asked: Sequence[Asked]) -> Mapping[str, float]:
    judged = compared.archive.judged
    assert judged is not None  # only judged ones have scores
    found = {each.answer.question.id or "": each.found for each in asked}
    scored = [question for question in judged.questions if question.id in found]
    return score(replace(judged, questions=scored), found).measures


def _sameness_table(compared: Sequence[Compared]) -> str:
    rows = [
        [
            each.archive.name,
            f"{each.passages:,}",
            str(len(each.local)),
            f"{each.share(lambda one, other: one.cited == other.cited):.4f}",
            f"{each.share(lambda one, other: (one.cited is None) == (other.cited is None)):.4f}",
        ]
        for each in compared
    ]
    return table(["set", "passages", "questions", "same first citation", "same decision"], rows)


def _times_table(compared: Sequence[Compared]) -> str:
    rows = []
    for each in compared:
        for title, asked in (("local", each.local), ("other", each.other)):
            cuts = quantiles([one.ms for one in asked], n=20, method="inclusive")
            processor = 1000 * median(one.processor for one in asked)
            figures = (cuts[9], cuts[18], processor)
            rows.append([each.archive.name, title, *(f"{figure:.1f}" for figure in figures)])
    head = ["set", "store", "p50 ms", "p95 ms", "processor p50 ms"]
    return table(head, rows, left=2)


def _where_table(compared: Compared) -> str:
    """Mean milliseconds a question by method of the store: unlike medians, they add up."""
    both = [_means(asked) for asked in (compared.local, compared.other)]
    names = sorted(both[1].keys() | both[0].keys(), key=lambda name: -both[1].get(name, 0.0))
    rows = [[name, *(f"{means.get(name, 0.0):.2f}" for means in both)] for name in names]
    head = [f"{compared.archive.name}, mean ms a question in", "local", "other"]
    return table(head, rows)


def _means(asked: Sequence[Asked]) -> Mapping[str, float]:
    total: defaultdict[str, float] = defaultdict(float)
    for name, seconds in chain.from_iterable(each.seconds.items() for each in asked):
        total[name] += seconds
    return {name: 1000 * seconds / len(asked) for name, seconds in total.items()}


def _heading() -> str:
    return (
        f"## Stores\n\n{circumstances()} {busy()}. By `python -m bench.stores`; one question after "
        "another, the local store first. A citation is the same if its article and its span are. "
        'A reader remembers what it has read, so that "all else" costs the second store less.'
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.stores",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, metavar="EVAL_DIR")
    parser.add_argument("--work", type=Path, default=Path("data/bench/stores"))
    parser.add_argument(
        "--sets", type=_read_names, default=SETS, help=f"of {', '.join(SETS)} (default: all)"
    )
    parser.add_argument("--questions", type=int, help="at most so many a set, evenly chosen")
    parser.add_argument("--grown", type=int, metavar="PASSAGES", help="ask a grown archive instead")
    parser.add_argument("--hashed", action="store_true", help="hash words instead of encoding")
    parser.add_argument("--server", metavar="HOST:PORT", help="a Milvus instead of milvus-lite")
    parser.add_argument(
        "--reader",
        default=DEFAULT_READER,
        metavar="NAME",
        help="as FOOTNOTE_READER (default: %(default)s)",
    )
    parser.add_argument("--write", action="store_true", help="write bench/RESULTS.md, too")
    return parser


def _read_names(listed: str) -> tuple[str, ...]:
    names = tuple(listed.split(","))
    for name in names:
        if name not in SETS:
            raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(SETS)}")
    return names


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
