"""Fit the weights of `qa/weights.py`, and print them with how well they do on other data.

    python -m bench.fit EVAL_DIR --indexes DIR

EVAL_DIR holds data sets in BEIR form (`squad/`, `scifact/`) and `squad2/unanswerable.jsonl.gz`.
An index of each is built in DIR where it is not there yet.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from bench.corpora import open_index
from index.encoders import ModelEncoder
from index.store import Snapshot
from qa.answer import Question
from qa.batch import read_batch
from qa.judged import read_judged
from qa.queries import SharedEncoder
from qa.search import Searcher

Array = NDArray[np.float64]

RIVALS = 40
RIDGE = 1e-4
MOST_QUESTIONS = 1500
# Lines that no archive answers, beside the questions whose article is left out.
SMALL_TALK = (
    "hello there",
    "thanks!",
    "thank you very much",
    "good morning",
    "how are you today?",
    "who are you?",
    "what can you do?",
    "tell me a joke",
    "ok",
    "great, that helps",
    "bye",
    "are you a robot?",
    "I love you",
    "asdf qwer zxcv",
    "blah blah blah",
    "lol",
    "what is the meaning of life?",
    "can you help me?",
    "please sing a song",
    "test",
)


@dataclass(frozen=True, slots=True)
class Weighed:
    """A candidate: its article and the evidence for it (see `qa.evidence.MEASURES`)."""

    article: str
    title: str | None
    evidence: Array


@dataclass(frozen=True, slots=True)
class Asking:
    """An index, and what asks it."""

    snapshot: Snapshot
    searcher: Searcher

    def candidates(self, question: Question) -> tuple[Weighed, ...]:
        """All of them, best first."""
        found = []
        for candidate in self.searcher.rank(question).best():
            article = self.snapshot.locate(candidate.key).article
            found.append(Weighed(article.id, article.title, candidate.evidence))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the candidates for it, and the articles that answer it."""

    candidates: tuple[Weighed, ...]
    gold: frozenset[str]


@dataclass(frozen=True, slots=True)
class Contests:
    """The right passage and its rivals for each question.

    `rows`: (questions, candidates, measures), the right one first. `missing`: (questions,
    candidates), hugely negative where a question has fewer candidates.
    """

    rows: Array
    missing: Array


def main(arguments: Sequence[str]) -> int:
    """Print both fits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, metavar="EVAL_DIR")
    parser.add_argument("--indexes", type=Path, default=Path("data/bench"))
    options = parser.parse_args(arguments)
    opened = {
        name: _open(options.folder / name, options.indexes / name) for name in ("squad", "scifact")
    }
    asked = {name: list(_ask(options.folder / name, asking)) for name, asking in opened.items()}
    print_ranking({name: _contests(questions) for name, questions in asked.items()})
    near = list(_near_misses(options.folder / "squad2", opened["squad"]))
    print_confidence(asked["squad"], opened["squad"], near)
    return 0


def print_ranking(contests: dict[str, Contests]) -> None:
    """How often each set's right passage wins by weights fitted on the others; the final fit."""
    for name, contest in contests.items():
        others = [other for key, other in contests.items() if key != name]
        won = _won(contest, _fit_contests(others))
        print(f"ranking: {name}, fitted without it: {won:.4f} of right passages first")
    print("RANKING", _fit_contests(list(contests.values())).round(2).tolist())


def print_confidence(asked: list[Asked], asking: Asking, near: list[Weighed]) -> None:
    """Area under the curve on questions kept apart, and the final fit."""
    covered = [one.candidates[0].evidence for one in asked if one.candidates]
    left_out = [best.evidence for one in asked if (best := _best_without(one)) is not None]
    talk = [
        found[0].evidence for text in SMALL_TALK if (found := asking.candidates(Question(text)))
    ]
    # Small talk is weighed as much as a tenth of all else: it is asked of every archive.
    rows = np.array(covered + left_out + talk)
    answers = np.array([1] * len(covered) + [0] * (len(left_out) + len(talk)))
    weight = np.ones(len(rows))
    weight[len(covered) + len(left_out) :] = 0.1 * len(rows) / max(len(talk), 1)
    halves = np.arange(len(rows)) % 2
    model = LogisticRegression(C=10, max_iter=1000)
    model.fit(rows[halves == 0], answers[halves == 0], weight[halves == 0])
    chance = model.predict_proba(rows[halves == 1])[:, 1]
    right = answers[halves == 1]
    print(f"confidence: article left out, AUROC {roc_auc_score(right, chance):.4f}")
    print(f"confidence: answered where covered {(chance[right == 1] >= 0.5).mean():.4f}")
    print(f"confidence: declined where not {(chance[right == 0] < 0.5).mean():.4f}")
    misses = model.predict_proba(np.array([one.evidence for one in near]))[:, 1]
    mixed = np.concatenate([chance[right == 1], misses])
    labels = np.concatenate([np.ones(int(right.sum())), np.zeros(len(misses))])
    print(f"confidence: near misses of SQuAD 2, AUROC {roc_auc_score(labels, mixed):.4f}")
    model.fit(rows, answers, weight)
    print("CONFIDENCE", model.coef_[0].round(2).tolist(), float(model.intercept_[0].round(2)))


def _open(folder: Path, data: Path) -> Asking:
    encoder = ModelEncoder(data)
    snapshot = open_index(folder / "corpus.jsonl.gz", data, encoder)
    return Asking(snapshot, Searcher(snapshot, SharedEncoder(encoder)))


def _ask(folder: Path, asking: Asking) -> Iterator[Asked]:
    judged = read_judged(folder)
    gold = defaultdict(set)
    for judgement in judged.judgements:
        if judgement.relevance > 0:
            gold[judgement.query_id].add(judgement.doc_id)
    questions = [question for question in judged.questions if question.id in gold]
    step = max(1, len(questions) // MOST_QUESTIONS)
    for question in questions[::step]:
        articles = frozenset(gold[question.id or ""])
        yield Asked(asking.candidates(question), articles)


def _near_misses(folder: Path, asking: Asking) -> Iterator[Weighed]:
    questions = [q for q in read_batch(folder / "unanswerable.jsonl.gz") if isinstance(q, Question)]
    for question in questions[:: max(1, len(questions) // 800)]:
        yield from asking.candidates(question)[:1]


def _contests(asked: list[Asked]) -> Contests:
    """Each question's best right passage, in the first row, and its strongest rivals."""
    contests = []
    for one in asked:
        right = [c for c in one.candidates if c.article in one.gold][:1]
        rivals = [c for c in one.candidates if c.article not in one.gold][:RIVALS]
        if right and rivals:
            contests.append(np.array([c.evidence for c in (*right, *rivals)]))
    shape = (len(contests), RIVALS + 1, len(contests[0][0]))
    rows, missing = np.zeros(shape), np.full(shape[:2], -1e9)
    for place, contest in enumerate(contests):
        rows[place, : len(contest)] = contest
        missing[place, : len(contest)] = 0
    return Contests(rows, missing)


def _fit_contests(sets: list[Contests]) -> Array:
    """Weights under which the right passages most likely come first; every set counts the same.

    The likelihood is the softmax of the scores over each contest, as in ListNet's top-one
    probability (Cao et al., 2007), with a small ridge.
    """

    def loss(weights: Array) -> tuple[float, Array]:
        total, slope = RIDGE * float(weights @ weights), 2 * RIDGE * weights
        for contests in sets:
            chances = _chances(contests, weights)
            expected = (chances[..., np.newaxis] * contests.rows).sum(axis=1)
            total -= float(np.log(chances[:, 0] + 1e-12).mean())
            slope = slope + (expected - contests.rows[:, 0]).mean(axis=0)
        return total, slope

    start = np.ones(sets[0].rows.shape[2])
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B").x)


def _chances(contests: Contests, weights: Array) -> Array:
    scores = contests.rows @ weights + contests.missing
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def _won(contests: Contests, weights: Array) -> float:
    return float((_chances(contests, weights).argmax(axis=1) == 0).mean())


def _best_without(one: Asked) -> Weighed | None:
    """The best candidate once every article on the same subject is left out."""
    subjects = {c.title for c in one.candidates if c.article in one.gold}
    others = (c for c in one.candidates if c.title not in subjects)
    return next(others, None) if subjects else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
