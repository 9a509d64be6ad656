"""Fit READ of `qa/rank/weights.py`, and print it with what each threshold then trades.

    python -m bench.fit_reading QUESTIONS [--data DIR] --reader NAME

QUESTIONS is a JSONL file of the form of EVAL_DIR/news/questions.jsonl.gz, on articles of which the
index in `--data` is made. Each question is asked once. From the log-odds of the best sentence that
was read and those of what the search found, logistic regression tells whether that sentence, as it
would be quoted, holds an answer. What is printed of it is of questions on articles that the fit has
not seen; the last line is fitted on all. The weights in force and the strictness decide only which
attempt a question with a time gets that far with.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from tqdm import tqdm

from bench.news import OFF_ARCHIVE, NewsQuestion, read_questions
from bench.results import table
from index.encoders import ModelEncoder
from index.store import Store, open_store
from qa.answer import Question
from qa.answerability import confidence, log_odds_of, read_features
from qa.ask import Asker, Retrieved
from qa.evaluate.correct import calibration_error, reliability, spans_of
from qa.quote import quote_at
from qa.rank.matching import Flags, Floats
from qa.rank.weights import Linear
from qa.read.loading import load_reader
from qa.search import Searcher

_FOLDS = 10
# Half of the square of a weight, in the measure of signals as they are, is held against it so much.
_RIDGE = 0.01
_THRESHOLDS = np.arange(0.05, 1.0, 0.05)


@dataclass(frozen=True, slots=True)
class Signals:
    """Of each question: log-odds, shape (questions, 2), what it is and what came of it.

    `groups` are alike for questions on one article. Where nothing was read, nothing is answered.
    """

    odds: Floats
    is_right: Flags
    is_answerable: Flags
    is_off_archive: Flags
    groups: NDArray[np.int64]
    left_out: int


def main(arguments: Sequence[str]) -> int:
    """Ask everything, print the fit and its thresholds."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.fit_reading",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("questions", type=Path, metavar="QUESTIONS")
    parser.add_argument("--data", type=Path, default=Path("data/bench/news"))
    parser.add_argument("--reader", required=True, metavar="NAME")
    options = parser.parse_args(arguments)
    encoder = ModelEncoder(options.data)
    store = open_store(options.data, encoder.model)
    reader = load_reader(options.reader, options.data)
    asker = Asker(store, Searcher(store, encoder), reader=reader)
    questions = read_questions(options.questions)
    signals = collect(tqdm(questions, unit=" questions", leave=False), asker, store)
    print(report(signals))
    model = fit(signals.odds, signals.is_right)
    print(f"READ = Linear(weights={model.weights}, constant={model.constant})")
    return 0


def collect(questions: Iterable[NewsQuestion], asker: Asker, store: Store) -> Signals:
    """Ask each; those that nothing was read for are left out and counted."""
    asked = [(each, asker.retrieve(Question(each.text))) for each in questions]
    read = [(each, found) for each, found in asked if found.read]
    articles = {each.article or each.text: place for place, (each, _) in enumerate(read)}
    return Signals(
        odds=np.array([_odds(found, store) for _, found in read]).reshape(-1, 2),
        is_right=np.array([_is_right(*each, store) for each in read], np.bool_),
        is_answerable=np.array([each.is_answerable for each, _ in read], np.bool_),
        is_off_archive=np.array([each.kind == OFF_ARCHIVE for each, _ in read], np.bool_),
        groups=np.array([articles[each.article or each.text] for each, _ in read], np.int64),
        left_out=len(asked) - len(read),
    )


def fit(odds: Floats, is_right: Flags) -> Linear:
    """The weights of both log-odds and the constant, rounded as they are kept."""
    found = _regression().fit(odds, is_right)
    weights = tuple(found.coef_[0].round(2).tolist())
    return Linear(weights, round(float(found.intercept_[0]), 2))


def report(signals: Signals) -> str:
    """How well it tells by a fit on other articles, and what each threshold trades then."""
    chances = held_out(signals)
    near = ~signals.is_answerable & ~signals.is_off_archive
    told = signals.is_answerable | near
    bins = reliability(chances.tolist(), signals.is_right.tolist())
    lines = [
        f"{len(chances)} questions, {signals.left_out} more for which nothing was read",
        f"best sentence holds an answer: {signals.is_right[signals.is_answerable].mean():.3f}",
        f"AUROC, whether it does: {roc_auc_score(signals.is_right, chances):.3f}",
        "AUROC, answerable against near misses: "
        f"{roc_auc_score(signals.is_answerable[told], chances[told]):.3f}",
        f"calibration error: {calibration_error(bins):.3f}",
        "",
        table(
            ["from", "answered", "answered right", "near misses declined", "off-archive declined"],
            list(_trades(signals, chances, near)),
        ),
        "",
    ]
    return "\n".join(lines)


def held_out(signals: Signals) -> Floats:
    """The chance of each question by a fit that has seen none on its article."""
    folds = GroupKFold(min(_FOLDS, len(np.unique(signals.groups))))
    found = cross_val_predict(
        _regression(),
        signals.odds,
        signals.is_right,
        groups=signals.groups,
        cv=folds,
        method="predict_proba",
    )
    return np.asarray(found[:, 1], dtype=np.float64)


def _regression() -> LogisticRegression:
    return LogisticRegression(C=1 / _RIDGE, max_iter=2000)


def _odds(found: Retrieved, store: Store) -> tuple[float, float]:
    """Of the best sentence read, and of the best passage by the features of the search."""
    ranking = found.found.kept
    best = next(ranking.best(1))
    values = read_features(ranking, best, store.locate(best.key).passage)
    return found.read[0].log_odds, log_odds_of(confidence(values))


def _is_right(asked: NewsQuestion, found: Retrieved, store: Store) -> bool:
    """Whether the sentence that would be quoted first holds an answer."""
    if not asked.is_answerable:
        return False
    best = found.read[0]
    passage = store.locate(best.candidate.key).passage
    quote = passage.words(quote_at(passage, best.place))
    return any(any(spans_of(answer, quote)) for answer in asked.answers)


def _trades(signals: Signals, chances: Floats, near: Flags) -> Iterator[list[str]]:
    for threshold in _THRESHOLDS.tolist():
        is_answered = chances >= threshold
        answerable, off = signals.is_answerable, signals.is_off_archive
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
