"""Text fragments: the part of a link that has a browser find the quoted words on the original page.

https://wicg.github.io/scroll-to-text-fragment/: `text=[prefix-,]start[,end][,-suffix]`. A browser
takes the first place that matches, whatever the case and the white space; each of the four has to
stand within one block. What the page's text has in one line here may end within one there, or the
other way round, so each is kept within a line and a cell, and without the mark of a list's item.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from urllib.parse import quote

from index.article import Span
from index.readers.shown import CELL_GAP

# Words of scripts that put no spaces between them are cut at their punctuation alone: a browser
# wants each part to end where a word ends.
_WORD = re.compile(r"[^\s、。，；：！？]+[、。，；：！？]*|[、。，；：！？]+")
_LINE = re.compile(r"\S(?:[^\n]*\S)?")
_BETWEEN_CELLS = re.compile(rf"{CELL_GAP}|\s\|\s")
_MARK = r"(?:[-*•]|\d{1,3}[.)])\s+"
_ITEM = re.compile(_MARK)
_LATER_ITEM = re.compile(rf"(?<=\n)[^\S\n]*{_MARK}")
# As `<q>` is shown.
_QUOTATION_MARK = re.compile("[“”]")
# Up to the second of four words at least.
_SECOND_WORD = re.compile(r"\S+[^\S\n]+(?=\S+\s+\S+\s+\S)")
# What stands before the paragraph that opens an article, at most.
_FEW_WORDS, _HEADING = 12, 120
# A longer quote is told by its first and last words.
_LONGEST = 300
_ENDS = (8, 16, 32)
# How far around the quote words are looked for that stand at no other place.
_CONTEXT = 30
_REACH = 500
# Places that are told apart; the words of a text that says the same more often are not unique.
_MOST_PLACES = 200


def text_directives(text: str, span: Span) -> str:
    """The directive for `text[start:end]`, and another one for a page that shows it otherwise.

    The marks of `<q>` and a first letter that floats are in no text that a browser searches. It
    goes to the first directive that it finds.

    >>> text_directives("They left. He said “we go” at dawn.", (11, 35))
    'text=He%20said%20%E2%80%9Cwe%20go%E2%80%9D%20at%20dawn.&text=He%20said,at%20dawn.'
    """
    directive = text_fragment(text, span)
    unmarked, begun = _without_marks(text, span)
    if unmarked == text and begun == span:
        return directive
    return f"{directive}&{text_fragment(unmarked, begun)}"


def _without_marks(text: str, span: Span) -> tuple[str, Span]:
    """The text with gaps for quotation marks if the span has any; what is left to look for."""
    start, end = span
    if _opens(text, start) and (second := _SECOND_WORD.match(text, start, end)):
        start = second.end()
    unmarked = _QUOTATION_MARK.sub(CELL_GAP, text) if _QUOTATION_MARK.search(text, *span) else text
    # Marks alone are nothing to look for.
    return (unmarked, (start, end)) if unmarked[start:end].strip() else (text, span)


def _opens(text: str, start: int) -> bool:
    """Whether the article begins there, but for a heading or a dateline."""
    before = text[:start]
    return before.rstrip() == "" or (
        before.endswith("\n") and len(before) <= _HEADING and len(before.split()) <= _FEW_WORDS
    )


def text_fragment(text: str, span: Span) -> str:
    """The directive for `text[start:end]`, with as few words around it as make it unique.

    >>> text_fragment("It leaks. Why? It leaks.", (15, 24))
    'text=Why%3F-,It%20leaks.'
    """
    start, end = _stripped(text, span)
    blocks = list(_blocks_around(text, start, end))
    quoted = [(max(a, start), min(b, end)) for a, b in blocks if a < end and start < b]
    if not quoted:
        quoted = [(start, end)]
    start, end = quoted[0][0], quoted[-1][1]
    before = _words_before(text, blocks, start)
    after = _words_after(text, blocks, end)
    words = _words(text[start:end])
    if len(quoted) == 1 and (end - start <= _LONGEST or len(words) < 4):
        left, right = _around(text, (start, end), len(before), len(after))
        return _directive(before[len(before) - left :], words, (), after[:right])
    first, last = _words(text[slice(*quoted[0])]), _words(text[slice(*quoted[-1])])
    if len(quoted) == 1:
        first, last = words[: len(words) // 2], words[len(words) // 2 :]
    place = _place(text, (start, end))
    head, left = _head(_flattened(text), place[0], first, len(before))
    within = (place[0] + len(_flat(" ".join(head))), place[1])
    tail, right = _tail(_flattened(text), within, last, len(after))
    return _directive(before[len(before) - left :], head, tail, after[:right])


def _around(text: str, span: Span, most_before: int, most_after: int) -> Span:
    """How many words before and after the span make it unique."""
    flat = _flattened(text)
    places = flat.places(text[slice(*span)])
    if len(places) < 2:
        return 0, 0
    place = _place(text, span)
    others = [each for each in places if each != place]
    return _fewest(flat, place, others, most_before, most_after)


def _place(text: str, span: Span) -> Span:
    """The span in the flat text."""
    start = len(_page(f"\n{text[: span[0]]}"))
    start += bool(start and text[span[0] - 1].isspace())
    return start, start + len(_page(text[slice(*span)]))


class _Flat:
    """A text as a browser compares it: without case, with one space for all white space."""

    def __init__(self, text: str) -> None:
        self.text = _page(f"\n{text}")

    def places(self, words: str, start: int = 0, end: int | None = None) -> list[Span]:
        """Where the words stand, the first ones."""
        sought, found = _flat(words), list[Span]()
        at = self.text.find(sought, start, end)
        while at >= 0 and len(found) < _MOST_PLACES:
            found.append((at, at + len(sought)))
            at = self.text.find(sought, at + 1, end)
        return found

    def alike(self, one: Span, other: Span) -> Span:
        """How many words before and after two places are the same."""
        return (
            _alike(self._before(one[0])[::-1], self._before(other[0])[::-1]),
            _alike(self._after(one[1]), self._after(other[1])),
        )

    def _before(self, at: int) -> list[str]:
        reach = max(at - _REACH, 0)
        # What stands at the edge is no whole word.
        return _words(self.text[reach:at])[1 if reach else 0 :]

    def _after(self, at: int) -> list[str]:
        words = _words(self.text[at : at + _REACH])
        return words[:-1] if at + _REACH < len(self.text) else words


def _fewest(
    flat: _Flat, place: Span, others: Sequence[Span], most_before: int, most_after: int
) -> Span:
    """The fewest words before and after that no other place has; else as many as there are."""
    if not others:
        return 0, 0
    shared = [flat.alike(place, other) for other in others]
    ways = [
        (left, max((right + 1 for same, right in shared if same >= left), default=0))
        for left in range(most_before + 1)
    ]
    enough = [way for way in ways if way[1] <= most_after]
    return min(enough, key=sum, default=(most_before, most_after))


def _head(flat: _Flat, at: int, words: Sequence[str], most_before: int) -> tuple[list[str], int]:
    """The first words, and how many before them it takes to find no others."""
    for count in _ENDS:
        head = list(words[:count])
        joined = " ".join(head)
        place = (at, at + len(_flat(joined)))
        others = [each for each in flat.places(joined) if each[0] != at]
        left, _ = _fewest(flat, place, others, most_before, 0)
        if not others or count >= len(words) or left < most_before:
            return head, left
    return head, left


def _tail(
    flat: _Flat, within: Span, words: Sequence[str], most_after: int
) -> tuple[list[str], int]:
    """The last words, and how many after them, so that they are not found before the end."""
    for count in _ENDS:
        tail = list(words[-count:])
        joined = " ".join(tail)
        place = (within[1] - len(_flat(joined)), within[1])
        others = [each for each in flat.places(joined, *within) if each != place]
        _, right = _fewest(flat, place, others, 0, most_after)
        if not others or count >= len(words):
            return tail, right
    return tail, right


# Citations of one answer are often of one article, and a live blog is long.
@lru_cache(maxsize=16)
def _flattened(text: str) -> _Flat:
    return _Flat(text)


def _directive(
    prefix: Sequence[str], start: Sequence[str], end: Sequence[str], suffix: Sequence[str]
) -> str:
    parts = [f"{_encoded(prefix)}-"] if prefix else []
    parts.extend(_encoded(words) for words in (start, end) if words)
    parts.extend([f"-{_encoded(suffix)}"] if suffix else [])
    return f"text={','.join(parts)}"


def _encoded(words: Sequence[str]) -> str:
    # `-` has a meaning of its own in a fragment, and is the only such sign that quote() leaves.
    return quote(" ".join(words), safe="").replace("-", "%2D")


def _blocks_around(text: str, start: int, end: int) -> Iterator[Span]:
    """The lines and cells that the span touches, with those of the paragraphs around it."""
    first, last = start, end
    for _ in range(2):
        first = max(text.rfind("\n\n", 0, max(first, 0)), 0)
        last = text.find("\n\n", min(last + 2, len(text)))
        last = len(text) if last < 0 else last
    for line in _LINE.finditer(text, first, last):
        yield from _cells(text, line.span())


def _cells(text: str, line: Span) -> Iterator[Span]:
    """The line, or what stands in each cell of it, without the mark of an item."""
    start, last = line
    item = _ITEM.match(text, start, last)
    start = item.end() if item else start
    ends = [(found.start(), found.end()) for found in _BETWEEN_CELLS.finditer(text, start, last)]
    for end, behind in [*ends, (last, last)]:
        if text[start:end].strip():
            yield _stripped(text, (start, end))
        start = behind


def _words_before(text: str, blocks: Sequence[Span], start: int) -> list[str]:
    pieces = [(a, min(b, start)) for a, b in blocks if a < start]
    return _words(text[slice(*pieces[-1])])[-_CONTEXT:] if pieces else []


def _words_after(text: str, blocks: Sequence[Span], end: int) -> list[str]:
    pieces = [(max(a, end), b) for a, b in blocks if end < b]
    words = _words(text[slice(*pieces[0])]) if pieces else []
    return words[:_CONTEXT]


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    count = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        count += 1
    return count


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


def _flat(text: str) -> str:
    return " ".join(text.split()).casefold()


def _page(text: str) -> str:
    """The text as the page has it, flat: without the marks of items and between cells."""
    return _flat(_BETWEEN_CELLS.sub(" ", _LATER_ITEM.sub("", text)))


def _stripped(text: str, span: Span) -> Span:
    start, end = span
    quoted = text[start:end]
    return start + len(quoted) - len(quoted.lstrip()), end - len(quoted) + len(quoted.rstrip())
