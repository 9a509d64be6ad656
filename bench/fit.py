"""Fit the weights of `qa/rank/weights.py`, and print them with their scores on held-out data.

    python -m bench.fit EVAL_DIR --indexes DIR

EVAL_DIR is the folder of the data sets (see `bench.sets`), with `squad2/unanswerable.jsonl.gz`.
An index of each is built in DIR if it does not exist yet. The sample archive is not used: the
tests ask questions of it.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from bench.sets import DataSet, Opened, open_archive, read_folders, read_set
from qa.answer import Question
from qa.question import read_batch

Array = NDArray[np.float64]

RIVALS = 40
RIDGE = 1e-4
MOST_QUESTIONS = 1500
ANSWERS = 0.5
# How much a near miss counts, relative to a question whose article is left out: readers rarely ask
# such questions, and no feature tells them apart yet.
NEAR_MISS = 0.15
# Lines that no archive answers, besides the questions whose article is left out.
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
# Sets of one origin are left out together. Two of them say more than one, but not twice as much.
ORIGINS = (("squad", "pages"), ("scifact",), ("realtimeqa",), ("inscit",), ("clapnq",))


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate: the name of its article or passage, whichever is judged, and its features.

    See `qa.rank.features.FEATURES`.
    """

    name: str
    title: str | None
    features: Array


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the candidates for it, best first, and the names of those that answer it."""

    candidates: tuple[Scored, ...]
    gold: frozenset[str]


@dataclass(frozen=True, slots=True)
class Asking:
    """A data set and its index."""

    data_set: DataSet
    opened: Opened

    def candidates(self, question: Question) -> tuple[Scored, ...]:
        """All candidates, best first; for each judged name, the best one."""
        found: dict[str, Scored] = {}
        for candidate in self.opened.searcher.rank(question).best():
            located = self.opened.store.locate(candidate.key)
            name = self.data_set.judgings[0].name_of(located)
            found.setdefault(name, Scored(name, located.article.title, candidate.features))
        return tuple(found.values())

    def questions(self) -> Iterator[Asked]:
        """The questions that have an answer, evenly sampled if there are many."""
        gold = self.data_set.judgings[0].judged.answering()
        questions = [each for each in self.data_set.questions if each.id in gold]
        for question in questions[:: max(1, len(questions) // MOST_QUESTIONS)]:
            yield Asked(self.candidates(question), frozenset(gold[question.id or ""]))


@dataclass(frozen=True, slots=True)
class Contests:
    """The right passage and its rivals for each question.

    `rows`: (questions, candidates, features), the right one first. `missing`: (questions,
    candidates), hugely negative where a question has fewer candidates. `weight` is how much the
    set counts.
    """

    rows: Array
    missing: Array
    weight: float


def main(arguments: Sequence[str]) -> int:
    """Print both fits."""
    options = read_folders(arguments, __doc__)
    opened = {
        name: _open(name, options.folder, options.indexes) for names in ORIGINS for name in names
    }
    asked = {name: list(asking.questions()) for name, asking in opened.items()}
    print_ranking(asked)
    near = list(_near_misses(options.folder / "squad2", opened["squad"]))
    print_confidence(asked["squad"], opened["squad"], near)
    return 0


def print_ranking(asked: dict[str, list[Asked]]) -> None:
    """Print how often the right passage wins with weights fitted on other sets, and the fit."""
    contests = {
        name: _contests(asked[name], len(origin) ** -0.5) for origin in ORIGINS for name in origin
    }
    for origin in ORIGINS:
        weights = _fit_contests([each for name, each in contests.items() if name not in origin])
        for name in origin:
            won = _won(contests[name], weights)
            print(f"ranking: {name}, fitted without it: {won:.4f} of right passages first")
    weights = _fit_contests(list(contests.values()))
    for name, each in contests.items():
        print(f"ranking: {name}, fitted with it: {_won(each, weights):.4f}")
    print("RANKING", weights.round(2).tolist())


def print_confidence(asked: list[Asked], asking: Asking, near: list[Scored]) -> None:
    """Print how well covered questions are recognised on the held-out half, and the final fit."""
    covered = [one.candidates[0].features for one in asked if one.candidates]
    left_out = [best.features for one in asked if (best := _best_without(one)) is not None]
    misses = [one.features for one in near]
    talk = [
        found[0].features for text in SMALL_TALK if (found := asking.candidates(Question(text)))
    ]
    kinds = np.repeat(np.arange(4), [len(covered), len(left_out), len(misses), len(talk)])
    rows = np.array(covered + left_out + misses + talk)
    # Small talk counts as much as a tenth of all the rest: it is asked of every archive.
    weights = np.array([1.0, 1.0, NEAR_MISS, 0.1 * len(rows) / max(len(talk), 1)])[kinds]
    halves = np.arange(len(rows)) % 2
    model = LogisticRegression(C=10, max_iter=1000)
    model.fit(rows[halves == 0], kinds[halves == 0] == 0, weights[halves == 0])
    chance, kind = model.predict_proba(rows[halves == 1])[:, 1], kinds[halves == 1]
    print(f"confidence: answered where covered {(chance[kind == 0] >= ANSWERS).mean():.4f}")
    for place, what in ((1, "article left out"), (2, "near misses of SQuAD 2")):
        both = (kind == 0) | (kind == place)
        area = roc_auc_score(kind[both] == 0, chance[both])
        declined = (chance[kind == place] < ANSWERS).mean()
        print(f"confidence: {what}, AUROC {area:.4f}, declined {declined:.4f}")
    model.fit(rows, kinds == 0, weights)
    print("ANSWERING", model.coef_[0].round(2).tolist(), float(model.intercept_[0].round(2)))


def _open(name: str, folder: Path, indexes: Path) -> Asking:
    indexes.mkdir(parents=True, exist_ok=True)
    data_set, data = read_set(name, folder, indexes), indexes / name
    return Asking(data_set, open_archive(data_set.archive, data))


def _near_misses(folder: Path, asking: Asking) -> Iterator[Scored]:
    questions = [q for q in read_batch(folder / "unanswerable.jsonl.gz") if isinstance(q, Question)]
    for question in questions[:: max(1, len(questions) // 800)]:
        yield from asking.candidates(question)[:1]


def _contests(asked: list[Asked], weight: float) -> Contests:
    """Each question's best right candidate, in the first row, and its strongest rivals."""
    contests = []
    for one in asked:
        right = [c for c in one.candidates if c.name in one.gold][:1]
        rivals = [c for c in one.candidates if c.name not in one.gold][:RIVALS]
        if right and rivals:
            contests.append(np.array([c.features for c in (*right, *rivals)]))
    shape = (len(contests), RIVALS + 1, len(contests[0][0]))
    rows, missing = np.zeros(shape), np.full(shape[:2], -1e9)
    for place, contest in enumerate(contests):
        rows[place, : len(contest)] = contest
        missing[place, : len(contest)] = 0
    return Contests(rows, missing, weight)


def _fit_contests(sets: list[Contests]) -> Array:
    """The weights that most likely rank the right passages first.

    The likelihood is the softmax of the scores over each contest, as in ListNet's top-one
    probability (Cao et al., 2007), with a small ridge.
    """

    def loss(weights: Array) -> tuple[float, Array]:
        total, slope = RIDGE * float(weights @ weights), 2 * RIDGE * weights
        for contests in sets:
            chances = _chances(contests, weights)
            expected = (chances[..., np.newaxis] * contests.rows).sum(axis=1)
            total -= contests.weight * float(np.log(chances[:, 0] + 1e-12).mean())
            slope = slope + contests.weight * (expected - contests.rows[:, 0]).mean(axis=0)
        return total, slope

    start = np.ones(sets[0].rows.shape[2])
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B").x)


def _chances(contests: Contests, weights: Array) -> Array:
    scores = contests.rows @ weights + contests.missing
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def _won(contests: Contests, weights: Array) -> float:
    return float((_chances(contests, weights).argmax(axis=1) == 0).mean())


def _best_without(one: Asked) -> Scored | None:
    """The best candidate without any article on the same subject."""
    subjects = {c.title for c in one.candidates if c.name in one.gold}
    others = (c for c in one.candidates if c.title not in subjects)
    return next(others, None) if subjects else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
