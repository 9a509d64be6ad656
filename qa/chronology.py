"""Citations in order of time, where a course of events is asked for or reports differ."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from index.period import Moments, moments
from qa.asked_time import AskedTime, Lean
from qa.cite import Told
from qa.figures import differ
from qa.understood import Order


@dataclass(frozen=True, slots=True)
class Ordered:
    """What is told, in an order, and whether reports of different times differ in a number."""

    told: tuple[Told, ...]
    order: Order
    reports_differ: bool


def in_time(chosen: Sequence[Told], asked: AskedTime, question: str) -> Ordered:
    """Oldest first for a course of events; newest first for the latest, or where reports differ.

    Of what has no time nothing is known: it stays behind, in its order. Nothing has no order.
    """
    if not chosen:
        return Ordered((), "best", reports_differ=False)
    if _reports_differ(chosen, question):
        return Ordered(_sorted(chosen, newest=True), "newest_first", reports_differ=True)
    if asked.is_course:
        return Ordered(_sorted(chosen, newest=False), "oldest_first", reports_differ=False)
    if asked.lean is Lean.NEWER and len(chosen) > 1:
        return Ordered(_sorted(chosen, newest=True), "newest_first", reports_differ=False)
    return Ordered(tuple(chosen), "best", reports_differ=False)


def moments_of(told: Iterable[Told], most: int) -> list[Told]:
    """Up to so many, in their order, each of another entry of a live blog or passage."""
    found: dict[tuple[str, int], Told] = {}
    for each in told:
        passage = each.located.passage
        start = passage.entry.start if passage.entry else passage.start
        found.setdefault((passage.article_id, start), each)
        if len(found) == most:
            break
    return list(found.values())


def _reports_differ(chosen: Sequence[Told], question: str) -> bool:
    return any(
        _are_apart(_when(one), _when(other)) and differ(question, (_quote(one), _quote(other)))
        for place, one in enumerate(chosen)
        for other in chosen[place + 1 :]
    )


def _quote(told: Told) -> str:
    """What is quoted, with what the passage stands under."""
    return told.located.passage.words(told.span)


def _when(told: Told) -> Moments:
    return moments(told.located.article, told.located.passage.entry)


def _are_apart(one: Moments, other: Moments) -> bool:
    """Whether one is surely earlier than the other."""
    if not (one.is_known and other.is_known):
        return False
    first, then = sorted((one, other), key=_first)
    return first.latest - first.utc_offset <= _first(then)


def _first(when: Moments) -> int:
    return when.earliest - when.utc_offset


def _sorted(chosen: Sequence[Told], *, newest: bool) -> tuple[Told, ...]:
    """By time; what was told at the same time, in its order in the article."""
    known = [each for each in chosen if _when(each).is_known]
    unknown = [each for each in chosen if not _when(each).is_known]
    in_order = sorted(known, key=lambda each: (_first(_when(each)), each.span[0]))
    return (*(reversed(in_order) if newest else in_order), *unknown)
