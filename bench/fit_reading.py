"""Fit `promise` of QUOTED and READ in `qa/rank/weights.py`; print what each threshold trades.

    python -m bench.fit_reading QUESTIONS=DATA [QUESTIONS=DATA ...] [--reader NAME]

Each QUESTIONS is a JSONL file of the form of EVAL_DIR/news/questions.jsonl.gz, on articles of which
the index in the folder DATA is made. Each question is asked once. `promise` is the number by which
most first quotes hold an answer. By `read_signals` logistic regression then tells whether the
articles answer. What is printed of it is of questions on articles that the fit has not
seen; the last lines are fitted on all. Sets count alike, whatever their size, but the first counts
as three.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold
from tqdm import tqdm

from bench.news import OFF_ARCHIVE, NewsQuestion, read_questions
from bench.results import table
from index.encoders import ModelEncoder
from index.settings import DEFAULT_READER
from index.store import Store, open_store
from qa.answer import Question
from qa.answerability import confidence, read_features, read_signals
from qa.ask import Asker, Retrieved
from qa.evaluate.correct import calibration_error, reliability, spans_of
from qa.quote import quote_at
from qa.rank.matching import Flags, Floats
from qa.rank.weights import QUOTED, Linear
from qa.read.loading import load_reader
from qa.read.reading import ReadSentence
from qa.search import Searcher

_FOLDS = 10
# So much is held against half of the square of a weight.
_RIDGE = 0.01
# How many sets the first one counts as.
_FIRST_SET = 3.0
_THRESHOLDS = np.arange(0.05, 1.0, 0.05)
_PROMISES = np.arange(0.0, 8.25, 0.25)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read for one question, sentence by sentence, and which of it holds an answer.

    `found` are the features of the best passage that the search found.
    """

    asked: NewsQuestion
    sentences: tuple[ReadSentence, ...]
    is_right: tuple[bool, ...]
    found: Floats

    def first(self, promise: float) -> int:
        """The place of the sentence that is quoted first if `promise` were that of QUOTED."""
        weights = replace(QUOTED, promise=promise)
        scores = [weights.preference(each.log_odds, each.promise) for each in self.sentences]
        return int(np.argmax(scores))

    @property
    def signals(self) -> Floats:
        """Those that tell whether it is answered."""
        likeliest = max(each.log_odds for each in self.sentences)
        return read_signals(self.found, confidence(self.found), likeliest)


@dataclass(frozen=True, slots=True)
class Signals:
    """Of each question: `read_signals`, shape (questions, 4), what it is and what came of it.

    `groups` are alike for questions on one article, `sets` for questions of one file.
    """

    values: Floats
    is_right: Flags
    is_answerable: Flags
    is_off_archive: Flags
    groups: NDArray[np.int64]
    sets: NDArray[np.int64]

    def only(self, places: NDArray[np.int64]) -> "Signals":
        """Those of these questions."""
        return Signals(*(getattr(self, each.name)[places] for each in fields(self)))

    @property
    def weights(self) -> Floats:
        """How much each question counts, 1 in the mean; see the top."""
        counts = np.where(self.sets == 0, _FIRST_SET, 1.0) / np.bincount(self.sets)[self.sets]
        return np.asarray(counts / counts.mean())


def main(arguments: Sequence[str]) -> int:
    """Ask everything, print the fit and its thresholds."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.fit_reading",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("sets", nargs="+", metavar="QUESTIONS=DATA")
    parser.add_argument("--reader", default=DEFAULT_READER, metavar="NAME")
    options = parser.parse_args(arguments)
    named = [tuple(map(Path, each.split("=", 1))) for each in options.sets]
    sets = [_read_set(questions, data, options.reader) for questions, data in named]
    promise = fit_promise(sets)
    signals = signals_of(sets, promise)
    names = [questions.name for questions, _ in named]
    print(report(signals, names))
    model = fit(signals)
    print(f"promise = {promise}")
    print(f"READ = Linear(weights={model.weights}, constant={model.constant})")
    return 0


def _read_set(questions: Path, data: Path, name: str) -> list[Reading]:
    encoder = ModelEncoder(data)
    store = open_store(data, encoder.model)
    asker = Asker(store, Searcher(store, encoder), reader=load_reader(name, data))
    return collect(tqdm(read_questions(questions), unit=" questions", leave=False), asker, store)


def collect(questions: Iterable[NewsQuestion], asker: Asker, store: Store) -> list[Reading]:
    """Ask each; those that nothing was read for are left out: nothing is answered there."""
    found = ((each, asker.retrieve(Question(each.text))) for each in questions)
    return [_reading(each, of, store) for each, of in found if of.read]


def _reading(asked: NewsQuestion, of: Retrieved, store: Store) -> Reading:
    ranking = of.found.kept
    best = next(ranking.best(1))
    found = read_features(ranking, best, store.locate(best.key).passage)
    is_right = tuple(_is_right(asked, each, store) for each in of.read)
    return Reading(asked, tuple(of.read), is_right, found)


def _is_right(asked: NewsQuestion, sentence: ReadSentence, store: Store) -> bool:
    """Whether the sentence, as it would be quoted, holds an answer."""
    passage = store.locate(sentence.candidate.key).passage
    quote = passage.words(quote_at(passage, sentence.place))
    return asked.is_answerable and any(any(spans_of(answer, quote)) for answer in asked.answers)


def fit_promise(sets: Sequence[Sequence[Reading]]) -> float:
    """The number by which most first quotes hold an answer, in the middle of all such."""
    shares = np.array([np.mean([_share_right(each, by) for each in sets]) for by in _PROMISES])
    return float(np.median(_PROMISES[shares >= shares.max() - 1e-9]))


def _share_right(readings: Sequence[Reading], promise: float) -> float:
    some = [each for each in readings if each.asked.is_answerable]
    return float(np.mean([each.is_right[each.first(promise)] for each in some]))


def signals_of(sets: Sequence[Sequence[Reading]], promise: float) -> Signals:
    """The signals of each question, and whether its first quote holds an answer."""
    all_of = [(place, each) for place, readings in enumerate(sets) for each in readings]
    firsts = [each.first(promise) for _, each in all_of]
    names = {each.asked.article or each.asked.text: at for at, (_, each) in enumerate(all_of)}
    read = [each for _, each in all_of]
    return Signals(
        values=np.array([each.signals for each in read]),
        is_right=np.array([each.is_right[at] for each, at in zip(read, firsts, strict=True)]),
        is_answerable=np.array([each.asked.is_answerable for each in read]),
        is_off_archive=np.array([each.asked.kind == OFF_ARCHIVE for each in read]),
        groups=np.array([names[each.asked.article or each.asked.text] for each in read]),
        sets=np.array([place for place, _ in all_of]),
    )


def fit(signals: Signals) -> Linear:
    """The weights of all signals and the constant, rounded as they are kept."""
    regression = LogisticRegression(C=1 / _RIDGE, max_iter=2000)
    regression.fit(signals.values, signals.is_answerable, sample_weight=signals.weights)
    weights = tuple(regression.coef_[0].round(2).tolist())
    return Linear(weights, round(float(regression.intercept_[0]), 2))


def held_out(signals: Signals) -> Floats:
    """The chance of each question by a fit that has seen none on its article."""
    chances = np.zeros(len(signals.values))
    folds = GroupKFold(min(_FOLDS, len(np.unique(signals.groups))))
    for seen, left_out in folds.split(signals.values, groups=signals.groups):
        model = fit(signals.only(seen))
        chances[left_out] = expit(signals.values[left_out] @ model.weights + model.constant)
    return chances


def report(signals: Signals, names: Sequence[str]) -> str:
    """How well each set is told by a fit on other articles, and what each threshold trades."""
    chances = held_out(signals)
    return "\n".join(
        line
        for place, name in enumerate(names)
        for line in _of_set(name, signals, chances, signals.sets == place)
    )


def _of_set(name: str, signals: Signals, chances: Floats, own: Flags) -> Iterator[str]:
    answerable, off = own & signals.is_answerable, own & signals.is_off_archive
    near = own & ~answerable & ~off
    bins = reliability(chances[own].tolist(), signals.is_right[own].tolist())
    yield f"{name}: {int(own.sum())} questions for which something was read"
    yield f"first quote holds an answer: {signals.is_right[answerable].mean():.3f}"
    for others, what in ((near, "near misses"), (off, "off-archive")):
        if others.any():
            told = answerable | others
            area = roc_auc_score(signals.is_answerable[told], chances[told])
            yield f"AUROC, answerable against {what}: {area:.3f}"
    yield f"calibration error: {calibration_error(bins):.3f}"
    yield ""
    head = ["from", "answered", "answered right", "near misses declined", "off-archive declined"]
    yield table(head, list(_trades(signals, chances, answerable, near, off)))
    yield ""


def _trades(
    signals: Signals, chances: Floats, answerable: Flags, near: Flags, off: Flags
) -> Iterator[list[str]]:
    for threshold in _THRESHOLDS.tolist():
        is_answered = chances >= threshold
        shares = (
            is_answered[answerable],
            (is_answered & signals.is_right)[answerable],
            ~is_answered[near],
            ~is_answered[off],
        )
        told = (f"{each.mean():.3f}" if len(each) else "none" for each in shares)
        yield [f"{threshold:.2f}", *told]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
