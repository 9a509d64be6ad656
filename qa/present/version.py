"""In which version of an article a quote stood, in few signs, and where it stands now.

A link says which version it was made of and what the quoted words were, as the first digits of two
sha256: of the text, and of the quote. So these are found where they stand now, or in the former
text where that was kept.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from rapidfuzz import fuzz, process

from index.article import Article, Span
from index.sentences import sentence_spans

_DIGITS = 12
_VERSION = re.compile(rf"([0-9a-f]{{{_DIGITS}}})-([0-9a-f]{{{_DIGITS}}})", re.ASCII)
# Where a quote can begin: not inside of a word.
_BEGINNING = re.compile(r"(?<!\w)\S|(?<=\w)[^\w\s]")
# About half a second; an article with more words than this is longer than any book.
_MOST_TRIED = 500_000
# Of two wordings of one sentence, in percent; others of an article are mostly below 50.
_LEAST_ALIKE = 60


@dataclass(frozen=True, slots=True)
class Version:
    """The first digits of the sha256 of an article's text, and of a quote in it."""

    article: str
    quote: str

    def __str__(self) -> str:
        """As it stands in a link."""
        return f"{self.article}-{self.quote}"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a quote stands in an article's text now, None if nowhere; and whether that changed."""

    span: Span | None
    is_changed: bool


def version_of(article: Article, span: Span) -> Version:
    """The version of an article in which the words stand at that span."""
    return Version(_digits_of_text(article), _digits(article.text[slice(*span)]))


def read_version(text: str) -> Version | None:
    """A version as a link has it, or None.

    >>> read_version("0123456789ab-cdef01234567")
    Version(article='0123456789ab', quote='cdef01234567')
    """
    match = _VERSION.fullmatch(text)
    return Version(match[1], match[2]) if match else None


def standing(article: Article, span: Span, version: Version | None) -> Standing:
    """Where the quote that was at `span` in that version stands now.

    Without a version, it is what stands at the span. The span may leave the text.
    """
    is_changed = version is not None and version.article != _digits_of_text(article)
    start, end = span
    is_within = 0 <= start < end <= len(article.text)
    if version is None:
        is_quote = is_within and bool(article.text[start:end].strip())
        return Standing(span if is_quote else None, False)
    if is_within and _digits(article.text[start:end]) == version.quote:
        return Standing(span, is_changed)
    places = _places(article.text, end - start, version.quote)
    nearest = min(places, key=lambda place: abs(place[0] - start), default=None)
    return Standing(nearest, is_changed)


def wording_now(former: Article, span: Span, present: Article) -> str | None:
    """The sentence that an article has now in the place of the words of a former version, or None.

    What the former version had as well has taken the place of nothing.
    """
    quote = _spaced(former.text[slice(*span)])
    if quote in _spaced(present.text):
        return None
    before = {_spaced(each) for each in _sentences(former)}
    new = [each for each in _sentences(present) if _spaced(each) not in before]
    found = process.extractOne(
        quote, new, scorer=fuzz.ratio, processor=_spaced, score_cutoff=_LEAST_ALIKE
    )
    return found[0] if found else None


def _sentences(article: Article) -> list[str]:
    text = article.text
    return [text[start:end] for start, end in sentence_spans(text, 0, len(text))]


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _places(text: str, length: int, digits: str) -> Iterator[Span]:
    """Where words of that length have those digits."""
    if not 0 < length <= len(text):
        return
    beginnings = (match.start() for match in _BEGINNING.finditer(text))
    for start in islice(beginnings, _MOST_TRIED):
        end = start + length
        if end > len(text):
            return
        if not _is_inside_a_word(text, end) and _digits(text[start:end]) == digits:
            yield start, end


def _is_inside_a_word(text: str, at: int) -> bool:
    return at < len(text) and text[at - 1].isalnum() and text[at].isalnum()


def _digits_of_text(article: Article) -> str:
    return article.digest.removeprefix("sha256:")[:_DIGITS]


def _digits(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:_DIGITS]


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
