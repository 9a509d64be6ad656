"""The fitted numbers, kept apart from the code that uses them.

`python -m bench.fit EVAL_DIR` fits them: the weights that most likely rank right passages above
their rivals, and a logistic regression of passages that answer against others. It takes the rivals
that the current weights rank highest, so a run with these prints slightly different ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Linear:
    """A weight for each feature, in order, and a constant."""

    weights: tuple[float, ...]
    constant: float = 0.0


@dataclass(frozen=True, slots=True)
class ProductModel:
    """Two logistic regressions whose probabilities are multiplied: both must be true.

    `covered`: that the articles cover the question; `answered`: that the sentence then answers it.
    """

    covered: Linear
    answered: Linear


# Higher ranks first; only differences within one question mean anything.
RANKING = Linear(weights=(8.36, 5.38, 2.6, -1.18, 2.29, 4.31, 2.54, 3.94, 3.3))
# The share of its weight that a word carried over from an earlier question keeps. Of INSCIT's
# later turns 0.945 have an answer among the first five, 0.940 with 0.1;
# `python -m bench.fit_followups EVAL_DIR` fits it.
CARRIED = 0.3
# Log-odds that a passage with these features answers; they decide on further citations.
ANSWERING = Linear(
    weights=(8.75, 4.67, 1.48, -1.37, 3.55, 5.08, -4.62, -2.57, -0.56), constant=-10.05
)
# Whether the articles cover a question, by features of its best passage, as
# `python -m bench.fit_confidence EVAL_DIR` prints it: the weight of each in `covered` and in
# `answered`.
ANSWER_WEIGHTS: Mapping[str, tuple[float, float]] = {
    "sentence_cosine": (8.79, 3.37),
    "sentence_coverage": (2.08, 2.36),
    "phrase": (3.09, 0.0),
    "missing_name": (-0.81, -0.95),
    "coverage": (2.19, 0.0),
    "article_cosine": (3.15, 2.15),
    "article_bm25": (1.9, -2.65),
    "article_mean": (0.0, 0.0),
    "whole_article": (0.0, 0.0),
    "quote_coverage": (1.68, 1.2),
    "torn_name": (-0.97, -0.29),
    "other_number": (0.0, -2.21),
    "denied": (0.0, -3.1),
}
CONFIDENCE = ProductModel(
    covered=Linear(tuple(covered for covered, _ in ANSWER_WEIGHTS.values()), constant=-8.76),
    answered=Linear(tuple(answered for _, answered in ANSWER_WEIGHTS.values()), constant=-3.41),
)


@dataclass(frozen=True, slots=True)
class TimeWeights:
    """How much time counts, on the scale of `RANKING`'s scores (see `qa.rank.priors`).

    `recent` for what is new when the question is asked, up to about `days` old and then less,
    falling faster the greater `steepness`; half of it at a focus of `focus`. `position` times the
    logarithm of the passage's place in its article is subtracted. `lean` for what is at the end of
    time that the question leans to.

    `python -m bench.fit_time EVAL_DIR` fits them five times on RealTimeQA, each time without a
    fifth of its weeks; each number here is the median. The fits vary (`recent` from 5 to 7,
    `position` from 0.5 to 1.5), as 149 questions are few, but results hardly change between them.
    `lean` and `focus_width` were set by hand, as hardly any question of the set depends on them.
    """

    recent: float
    days: float
    steepness: float
    focus: float
    focus_width: float
    position: float
    lean: float


TIME = TimeWeights(
    recent=5.0,
    days=10.0,
    steepness=4.0,
    focus=0.4,
    focus_width=0.02,
    position=1.25,
    lean=3.0,
)

# How much it counts for how likely a sentence answers, beside the log-odds by reading, how well its
# words fit what is asked.
PROMISE = 2.0


@dataclass(frozen=True, slots=True)
class QuoteWeights:
    """By what the sentence that is quoted first is chosen (see `qa.read.reading`).

    The log-odds of its answering, of what lies above `sure` only a share of `beyond`: of wrong
    sentences a reader can be as sure. How well its words fit counts `promise` times.
    """

    sure: float
    beyond: float
    promise: float

    def preference(self, log_odds: float, promise: float) -> float:
        """The higher, the rather it is quoted."""
        sure = min(log_odds, self.sure)
        return sure + self.beyond * (log_odds - sure) + self.promise * promise


# In the middle of what of a grid chooses most right sentences: of news 0.62 (as the log-odds with
# PROMISE), of half of SQuAD 0.81 (0.75), of the sample 0.50 (0.43).
QUOTED = QuoteWeights(sure=0.0, beyond=0.2, promise=2.25)
# The weights of `qa.answerability.read_signals`, set with PROMISE: of a grid around what
# `python -m bench.fit_reading` finds, those that refuse least and decline most near misses of news
# while half of SQuAD and the questions that the sample ships keep their floors at 0.3.
READ = Linear(weights=(0.71, 0.63, 0.07, -2.1), constant=-5.66)
