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


# Higher ranks first; only differences within one question mean something.
RANKING = Linear(weights=(6.94, 5.57, 2.8, -1.13, 2.21, 6.87, 2.46))
# Log-odds that the articles cover a question whose best passage has this evidence.
CONFIDENCE = Linear(weights=(8.21, 4.58, 1.69, -1.34, 3.59, 5.59, -4.53), constant=-10.69)


@dataclass(frozen=True, slots=True)
class TimeWeights:
    """How much time counts, in the measure of `RANKING`'s scores (see `qa.recency`).

    `recent` for what is new when the question is asked, up to about `days` old and then less, the
    more steeply the greater `steepness`; half of it at a focus of `focus`. From it is taken `lead`
    times the logarithm of the passage's place in its article. `lean` for what is at the end of
    time that the question leans to. `elsewhere` is by how much a passage of another time has to be
    better to show that a date does not bound what is asked.

    `python -m bench.understanding EVAL_DIR --parts dates` tells what they find; they were chosen in
    the middle of where hit@1 and hit@5 of RealTimeQA hardly change.
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
    recent=4.0,
    days=9.0,
    steepness=4.0,
    focus=0.45,
    focus_width=0.02,
    lead=0.5,
    lean=3.0,
    elsewhere=6.0,
)
