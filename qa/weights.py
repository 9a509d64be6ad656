"""The fitted numbers, kept apart from the code that uses them.

`python -m bench.fit EVAL_DIR` prints them: pairwise logistic regression of the right passage
against its thirty strongest rivals, and logistic regression of covered against not covered.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Linear:
    """A weight for each measure of `Evidence`, in the order of its fields, and a constant."""

    weights: tuple[float, float, float, float, float, float, float]
    constant: float = 0.0


# Higher ranks first; only differences within one question mean something.
RANKING = Linear(weights=(5.57, 5.99, 0.79, 1.77, 1.38, 4.16, 0.0))
# Log-odds that the passage answers the question.
CONFIDENCE = Linear(weights=(5.23, 5.46, 1.18, 4.82, 0.57, 1.43, -1.73), constant=-8.93)
