"""Answers of every kind, whose JSON `tests/golden_wire.jsonl` keeps to the letter."""

from collections.abc import Iterator

from index.article import Passage
from qa.answer import Answer, Citation, Question, When
from tests.web_sample import (
    BLOG,
    BOLD,
    CEREMONY,
    CONTINUE,
    FEE,
    HOSTILE,
    LANDING,
    MOON,
    answering,
    cite,
    unsure,
)

_ASKED_AT = "2026-01-31T09:00:00Z"


def answers() -> Iterator[Answer]:
    """Answered and not, dated and not, understood and not, plain and hostile."""
    yield Answer(Question("When on the Moon?"), _ASKED_AT, (_told_twice(),), (), 7.94, 0.97315)
    yield Answer(
        Question("And the ceremony?", id="q7", page_url="https://example.org/apollo-11"),
        _ASKED_AT,
        (
            cite(BLOG, CEREMONY, 1, BLOG.entries[1]),
            cite(BLOG, CONTINUE, 2, BLOG.entries[0]),
            cite(MOON, LANDING, 3),
        ),
        (),
        12.0,
        confidence=1.0,
        understood_as="Where is the ceremony in September 2022?",
        understood_when=When("in September", "September 2022", "2022-09-01", "2022-09-30", True),
        order="oldest_first",
        reports_differ=True,
        suggestions=("What is the fee?",),
        page_article="space/apollo-11",
    )
    yield Answer(
        Question("the price of tea?", after="2022", source="The Orbital Record"),
        _ASKED_AT,
        (),
        (cite(HOSTILE, FEE), cite(HOSTILE, BOLD, 2)),
        2.0,
        understood_when=When("since 2022", "since 2022", "2022-01-01", None, is_exact=False),
        unknown_names=("Assam Tea",),
    )
    nearest = (answering(cite(HOSTILE, FEE), "euros `now`"), cite(HOSTILE, BOLD, 2))
    yield unsure(Question("how much is the fee?", id="q8"), *nearest)
    yield Answer(Question("thanks \N{PILE OF POO}"), _ASKED_AT, (), (), 0.04, reply="thanks")


def _told_twice() -> Citation:
    first = cite(MOON, LANDING)
    twin = Passage("copy/of it", 10, 15, "words", ())
    return Citation(
        first.number,
        first.passage,
        first.article,
        first.quote,
        first.quote_start,
        first.quote_end,
        7.210449,
        (twin,),
    )
