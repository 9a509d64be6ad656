"""The fitted numbers, kept apart from the code that uses them.

`python -m bench.fit EVAL_DIR` fits them: the weights under which right passages most likely come
first among their rivals, and logistic regression of passages that answer against others. It takes
the rivals that the weights in force rank highest, so a run with these prints slightly other ones.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Linear:
    """A weight for each measure or signal, in their order, and a constant."""

    weights: tuple[float, ...]
    constant: float = 0.0


@dataclass(frozen=True, slots=True)
class Twofold:
    """Log-odds of two things that must both be, of whose chances the product counts.

    `told`: that the articles tell of what is asked; `said`: that the sentence then answers it.
    """

    told: Linear
    said: Linear


@dataclass(frozen=True, slots=True)
class FollowUp:
    """How much what was said before counts where a question leaves something to it.

    `carried` is the part of its weight that a word of an earlier question has; `nearness` what it
    adds to the score of a passage to lie next to what was cited, of which what was cited itself has
    the part `again`.
    """

    carried: float
    nearness: float
    again: float


# Higher ranks first; only differences within one question mean something.
RANKING = Linear(weights=(8.36, 5.38, 2.6, -1.18, 2.29, 4.31, 2.54, 3.94, 3.3))
# By `python -m bench.fit_followups EVAL_DIR`; the follow-ups of tests/quality have no part in it.
FOLLOW_UP = FollowUp(carried=0.1, nearness=1.5, again=0.75)
# Log-odds that a passage with this evidence answers, by which further ones are cited.
ANSWERING = Linear(
    weights=(8.75, 4.67, 1.48, -1.37, 3.55, 5.08, -4.62, -2.57, -0.56), constant=-10.05
)
# That the articles cover a question, by `qa.answerability.SIGNALS` of its best passage, as
# `python -m bench.fit_confidence EVAL_DIR` prints it.
CONFIDENCE = Twofold(
    told=Linear(
        weights=(
            8.79,
            2.08,
            3.09,
            -0.81,
            2.19,
            3.15,
            1.9,
            0.0,
            0.0,
            1.68,
            -0.97,
            0.0,
            0.0,
            0.0,
        ),
        constant=-8.76,
    ),
    said=Linear(
        weights=(
            3.37,
            2.36,
            0.0,
            -0.95,
            0.0,
            2.15,
            -2.65,
            0.0,
            0.0,
            1.2,
            -0.29,
            -2.21,
            -3.1,
            -1.69,
        ),
        constant=-3.41,
    ),
)


@dataclass(frozen=True, slots=True)
class TimeWeights:
    """How much time counts, in the measure of `RANKING`'s scores (see `qa.rank.priors`).

    `recent` for what is new when the question is asked, up to about `days` old and then less, the
    more steeply the greater `steepness`; half of it at a focus of `focus`. From it is taken `lead`
    times the logarithm of the passage's place in its article. `lean` for what is at the end of
    time that the question leans to. `elsewhere` is by how much a passage of another time has to be
    better to show that a date does not bound what is asked.

    `python -m bench.fit_time EVAL_DIR` fits them on RealTimeQA without a fifth of its weeks, five
    times; in force is the median of each number. The fits scatter (`recent` from 5 to 7, `lead`
    from 0.5 to 1.5), as 149 questions tell little: between them hardly anything changes. `lean` and
    `focus_width` were set by hand, as hardly a question of the set depends on them.
    """

    recent: float
    days: float
    steepness: float
    focus: float
    focus_width: float
    lead: float
    lean: float
    elsewhere: float


TIME = TimeWeights(
    recent=5.0,
    days=10.0,
    steepness=4.0,
    focus=0.4,
    focus_width=0.02,
    lead=1.25,
    lean=3.0,
    elsewhere=6.0,
)
