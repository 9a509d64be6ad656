"""One figure that was measured, with the floor it has to reach."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A line of the table: what it is of, what it tells, and how much that is.

    `measured` is as people read it ("0.765 / 0.938"); `at_least` is what was asked for, in the same
    form, or empty where nothing was.
    """

    data: str
    figure: str
    measured: str
    at_least: str = ""
