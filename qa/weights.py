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


# Higher ranks first; only differences within one question mean something.
RANKING = Linear(weights=(6.94, 5.57, 2.8, -1.13, 2.21, 6.87, 2.46))
# Log-odds that a passage with this evidence answers, by which further ones are cited.
ANSWERING = Linear(weights=(8.21, 4.58, 1.69, -1.34, 3.59, 5.59, -4.53), constant=-10.69)
# Log-odds that the articles cover a question, by `qa.assurance.SIGNALS` of its best passage. They
# were fitted on another draw of the same sets, with more kinds of key words: a run of
# `python -m bench.fit_confidence` prints others near them.
CONFIDENCE = Linear(weights=(5.81, 2.23, 0.02, -1.44, 1.23, 1.6, -2.83, 1.97, -3.5), constant=-6.42)
