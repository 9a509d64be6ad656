"""A quote in three parts: what stands before the words that answer, these words, and the rest."""

from dataclasses import dataclass

from index.article import Span


@dataclass(frozen=True, slots=True)
class Parts:
    """Together the three are the text; where no words of it answer, all of it is `before`."""

    before: str
    answer: str = ""
    after: str = ""


def parts_of(text: str, answer: Span | None) -> Parts:
    """The text around a span of it.

    >>> parts_of("It leaks.", (3, 8))
    Parts(before='It ', answer='leaks', after='.')
    """
    if answer is None:
        return Parts(text)
    start, end = answer
    return Parts(text[:start], text[start:end], text[end:])


def span_within(span: Span | None, outer: Span) -> Span | None:
    """As much of a span as lies in another, counted from where that begins; None if nothing.

    >>> span_within((12, 20), (10, 15))
    (2, 5)
    """
    if span is None:
        return None
    start, end = max(span[0], outer[0]), min(span[1], outer[1])
    return (start - outer[0], end - outer[0]) if start < end else None
