"""Several questions in one, and things that are compared: each part is asked by itself."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest

from index.analysis import content_words, words
from qa.answer import Answer, AnsweredPart, Citation
from qa.understand.standalone import is_standalone

_MOST = 4
_ASKS = r"(?:whom|whose|who|what|when|where|which|why|how)"
_AUXILIARY = (
    r"(?:did|do|does|was|were|is|are|has|have|had|can|could|will|would|should|may|might|must)"
)
_NO_PRONOUN = r"(?!(?:he|she|it|they|we|you|i)\b)"
# A direct question: "and who met him", "and in which year was it"; not "and what he said".
_CLAUSE = (
    rf"(?:(?:in|on|at|by|for|from|to|with|of)\s+)?(?:{_ASKS}\s+(?:{_NO_PRONOUN}[\w-]+\s+){{0,3}}?"
    rf"{_AUXILIARY}\b|(?:who|which|what)\s+{_NO_PRONOUN}(?!(?:the|an?|his|her|its|their)\b)\w|"
    r"how\s+(?:many|much)\b)"
)
_BEGINS = re.compile(rf"\W*(?:and\s+|but\s+)?(?:{_CLAUSE}|{_AUXILIARY}\b)", re.IGNORECASE)
_BETWEEN = re.compile(
    rf"[?!;]\s+(?:and\s+)?(?={_CLAUSE})|"
    rf"(?<!when)(?<!where)(?<!why)(?<!how)(?<!who)(?<!what),?\s+and\s+(?={_CLAUSE})",
    re.IGNORECASE,
)
# A bare comma opens a clause that asks nothing, "the coach, who was hired" and "when it rains, what
# is shut", unless both sides stand as in a question: "When was it lit, where did it stand".
_INVERTED = rf"(?:when|where|why|how|what)\s+(?:(?:many|much|long|old|far|often)\s+)?{_AUXILIARY}\b"
_DIRECT = re.compile(rf"\W*(?:{_INVERTED}|which\s+\w+\s+{_AUXILIARY}\b|(?:who|what)\s+\w)", re.I)
_COMMA = re.compile(rf",\s+(?={_INVERTED}\s)", re.IGNORECASE)
# "When and where did it land": the rest belongs to both.
_WORD = r"(?:when|where|why|how|who|what)"
_WORDS = re.compile(rf"\W*(?P<one>{_WORD})\s+and\s+(?P<other>{_WORD})\s+(?P<rest>.+)", re.I | re.S)
_AFTER = re.compile(
    rf"(?P<whole>(?P<one>{_WORD})\s+(?P<rest>{_AUXILIARY}\b.+?)),?\s+and\s+(?P<other>{_WORD})\W*",
    re.I | re.S,
)
# What is compared has a capital or a number, or is one word.
_NAME = r"(?-i:[A-Z0-9])[\w.'’-]*(?:\s+(?:(?:of|the)\s+)?(?-i:[A-Z0-9])[\w.'’-]*)*"
_THING = rf"(?:the\s+|an?\s+)?{_NAME}"
_THINGS = (_THING, r"(?:the|an?)\s+\w+\s+\w+", r"(?:the|an?)\s+\w+")
_COMPARATIVE = r"\w{2,}er"
_MORE = rf"(?:more|less|fewer|{_COMPARATIVE})"
# What ends as a comparative does is one for sure before a comma: "the order" is none.
_SURELY_MORE = rf"(?:(?:more|less|fewer)\b.*?|{_COMPARATIVE}(?=[,:]))"
_COMPARED = (
    re.compile(
        r"(?P<before>).*\b(?:differences? between|compare|comparison (?:of|between))\s+"
        r"(?P<one>.+?),?\s+(?:and|with|to)\s+(?P<other>.+?)(?P<after>)\W*",
        re.I | re.S,
    ),
    *(
        re.compile(
            rf"(?P<before>.*\b{more})[,:]?\s+"
            rf"(?P<one>(?:at|in|on|by|of|for|from)?\s*{thing})\s+or\s+"
            rf"(?P<other>(?:at|in|on|by|of|for|from)?\s*{thing})(?P<after>)\W*",
            re.I | re.S,
        )
        for thing, more in zip(_THINGS, (rf"{_MORE}\b.*?", _SURELY_MORE, _SURELY_MORE), strict=True)
    ),
    re.compile(
        rf"(?P<before>{_AUXILIARY})\s+(?P<one>{_NAME})\s+or\s+(?P<other>{_NAME})"
        rf"(?P<after>(?-i:\s+[^A-Z]*)\b(?:first|{_MORE})(?:\s+(?:than|on)\b.*)?)\W*",
        re.I | re.S,
    ),
    *(
        re.compile(
            rf"(?P<before>.*)\bboth\s+(?P<one>{thing})\s+and\s+(?P<other>{thing})\b(?P<after>.*)",
            re.I | re.S,
        )
        for thing in _THINGS
    ),
)
_LONGEST_THING = 6
# "In the north or the south": both are in something. "On Chesil Beach" is a name.
_PLACED = re.compile(r"(?P<in>at|in|on|by|of|for|from)\s+")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a question: the reader's words for it, and how it is asked by itself."""

    said: str
    asked: str


@dataclass(frozen=True, slots=True)
class QuestionParts:
    """The parts of a question. Where they are `compared`, one passage may tell of all."""

    parts: tuple[Part, ...]
    compared: bool = False


def split_question(text: str) -> QuestionParts | None:
    """The parts of a question; None where it is one.

    >>> [part.said for part in split_question("When was it lit, and who kept it?").parts]
    ['When was it lit', 'who kept it']
    """
    if compared := _compare(text):
        return QuestionParts(compared, compared=True)
    parts = tuple(chain.from_iterable(map(_asked_at_once, _clauses(text))))
    return QuestionParts(parts[:_MOST]) if len(parts) > 1 else None


def lacks(part: Part, before: Part) -> bool:
    """Whether a part cannot be understood without the one before it.

    Of two that are asked of one thing, as in "When and where …?", each says all of it.
    """
    said = set(content_words(before.asked))
    is_same = bool(said) and said.issubset(content_words(part.asked))
    return not is_same and not is_standalone(part.asked)


def joined(whole: Answer, parts: Sequence[Part], answers: Sequence[Answer], most: int) -> Answer:
    """The answer to the whole of a question, with up to so many citations.

    Each part that is answered has its best citation in it; what several parts cite stands once.
    """
    chosen = list[Citation]()
    for citation in chain.from_iterable(zip_longest(*(each.citations for each in answers))):
        if citation is not None and len(chosen) < most and not _numbers([citation], chosen):
            chosen.append(citation)
    return replace(
        whole,
        citations=tuple(replace(each, number=at) for at, each in enumerate(chosen, start=1)),
        nearest=() if chosen else next((each.nearest for each in answers if each.nearest), ()),
        confidence=max(each.confidence for each in answers),
        understood_when=next(filter(None, (each.understood_when for each in answers)), None),
        unread_when=next(filter(None, (each.unread_when for each in answers)), None),
        unknown_names=()
        if chosen
        else tuple(dict.fromkeys(chain.from_iterable(each.unknown_names for each in answers))),
        reports_differ=any(each.reports_differ for each in answers),
        parts=tuple(
            AnsweredPart(part.said, _numbers(answer.citations, chosen))
            for part, answer in zip(parts, answers, strict=True)
        ),
    )


def tells_of_all(answer: Answer, parts: Sequence[Part]) -> bool:
    """Whether what is cited names every part, so that none need be asked by itself."""
    told = set(words(" ".join(each.quote for each in answer.citations)))
    return all(told.issuperset(content_words(part.said)) for part in parts)


def _numbers(citations: Sequence[Citation], chosen: Sequence[Citation]) -> tuple[int, ...]:
    """Where the citations stand among those chosen, counted from 1."""
    quoted = {(each.article.id, each.quote_span) for each in citations}
    return tuple(
        at for at, each in enumerate(chosen, 1) if (each.article.id, each.quote_span) in quoted
    )


def _clauses(text: str) -> Iterator[str]:
    """The questions that follow on one another; the whole text where they are not that."""
    at_marks = (part.strip(" \t\n,;.?!") for part in _BETWEEN.split(text))
    cut = [each for part in at_marks for each in _at_commas(part)]
    if all(map(_BEGINS.match, cut)):
        yield from cut
    else:
        yield text


def _at_commas(clause: str) -> list[str]:
    cut = _COMMA.split(clause)
    return cut if all(map(_DIRECT.match, cut)) else [clause]


def _asked_at_once(text: str) -> Iterator[Part]:
    """The parts of "When and where did it land" and of "When did it land, and where"."""
    found = _WORDS.fullmatch(text)
    if found is not None:
        for word in (found["one"], found["other"]):
            said = f"{word} {found['rest']}".rstrip("?!. ")
            yield Part(said, f"{said}?")
    elif found := _AFTER.fullmatch(text):
        yield Part(found["whole"], f"{found['whole']}?")
        yield Part(found["other"], f"{found['other']} {found['rest']}?")
    else:
        said = text.rstrip("?!. ")
        yield Part(said, f"{said}?")


def _compare(text: str) -> tuple[Part, ...]:
    for pattern in _COMPARED:
        if found := pattern.fullmatch(text):
            one, other = found["one"].strip(), found["other"].strip()
            placed = _PLACED.match(one)
            if placed and not _PLACED.match(other):
                other = f"{placed['in']} {other}"
            if all(len(thing.split()) <= _LONGEST_THING for thing in (one, other)):
                before, after = found["before"].split(), found["after"]
                return tuple(
                    Part(thing, " ".join([*before, thing]) + after) for thing in (one, other)
                )
    return ()
