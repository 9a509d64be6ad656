"""Sentences that state a fact in a plain form, turned into the question that they answer.

Who or what is asked about must be named, and no word may point at something said elsewhere: the
question is read without the article.
"""

import re
from collections.abc import Iterator

from index.asides import of_asides, of_counts, of_roles
from index.clauses import Clause
from index.naming import NAME, Names
from index.phrasing import DATE, VAGUE, Made, is_plain

LONGEST = 90

_OPENING = re.compile(
    rf"(?:(?P<lead>{DATE.replace('(?:on|in)', '(?:On|In)', 1)}),? )?"
    r"(?:(?:At|In|On|From|For|By) (?!the (?:same|other))[^,;:.]{2,30}, )?"
    r"(?:(?:His|Her|Its|Their|The|A|An) [a-z][a-z -]{2,40}, (?=[A-Z]))?"
    rf"(?P<name>(?:[Tt]he (?:[a-z]+ ){{1,3}}(?:of|at|in|on) )?{NAME})"
    r"(?P<role>, (?:an?|the|who|whose|which|aged) [^,;:.]{3,80},)?,? (?P<body>.+)"
)
_HUMAN = (
    r"(?:person|human(?: being)?|woman|man|astronaut|cosmonaut|patient|president|queen|child|\w+er)"
)
_FIRST = re.compile(
    rf"[^,;:]{{3,}},? (?:was|became) the (?P<what>(?:first|only|last|second) (?P<human>{_HUMAN})?"
    r"[^,;:.()]*)"
)


def made_of(sentence: str, names: Names) -> Iterator[Made]:
    """The questions that a sentence answers, each in plain English and understood by itself.

    >>> [made.text for made in made_of("The Alder Dam was built in 1936.", Names(""))]
    ['When was the Alder Dam built?']
    """
    for made in _all_of(sentence, names):
        if len(made.text) <= LONGEST and len(made.text.split()) > 2 and '"' not in made.text:
            yield made


def _all_of(sentence: str, names: Names) -> Iterator[Made]:
    yield from of_roles(sentence, names)
    yield from of_counts(sentence, names)
    if ", " in sentence:
        yield from of_asides(sentence, names)
    if " the first " in sentence:
        yield from _of_the_first(sentence)
    clause = _clause(sentence, names)
    if clause:
        yield from clause.questions(names)


def _of_the_first(sentence: str) -> Iterator[Made]:
    """Who was the first to do something."""
    first = _FIRST.match(sentence)
    if first is None or not first["human"] or " to " not in first["what"]:
        return
    if is_plain(first["what"][5:].removesuffix(" alone")) and not VAGUE.match(sentence):
        what = re.sub(rf" {DATE}.*", "", first["what"]).strip()
        yield Made(f"Who was the {what}?", "who")


def _clause(sentence: str, names: Names) -> Clause | None:
    """What the sentence tells of the name that it begins with."""
    opening = _OPENING.match(sentence)
    if opening is None or not names.is_name(opening["name"]):
        return None
    name = names.in_full(re.sub(r"^The ", "the ", opening["name"]))
    if not name:
        return None
    return Clause(name, opening["body"], opening["lead"] is not None, opening["role"] is not None)
