"""The sentences of a text: in each of its paragraphs by sentencex, mended for news and lists.

sentencex knows most of what ends no sentence. Here a cut goes that an abbreviation, a name with an
exclamation mark or the number of an item made, and one is made that it leaves out.
"""

import re
from collections.abc import Iterable, Iterator

from sentencex import get_sentence_boundaries

from index.article import Span
from index.english import ABBREVIATIONS, MONTH_PATTERN, TITLES, UNITS, WEEKDAYS, any_of
from index.forms.folding import breaks_word

# A "sentence" longer than this is a list or a table without full stops: no use as a quote.
LONGEST_SENTENCE = 120
# In scripts without spaces, this many characters count as a word: more than most words have, so
# that long words do not count twice.
CHARACTERS_A_WORD = 12
_BLOCK = re.compile(r"\S(?:.*\S)?(?:\n[^\S\n]*\S.*)*")
_LINE = re.compile(r"\S(?:.*\S)?")
_WORD = re.compile(r"\S+\s*")
_QUESTION = re.compile(r"""[?？؟][!！?？؟…]*(?:\.{3})?[»”“’‘"'」』)\]]*(?:\s*\[\d+\])*\s*$""")
_TERMINAL = re.compile(r"""[.!?…:;。！？][»”’"')\]]*$""")

# What is read before and behind a cut; no abbreviation is longer, but an address is.
_REACH, _LONGEST_ADDRESS = 24, 300

_OPENING = re.compile(r"""\s["“‘„«(]$""")
_UNITS = any_of(sorted(UNITS))
# What may stand before an abbreviation in one word: "(approx.", "5p.m."
_IN_FRONT = "(\"“‘'–—0123456789"
_MEASURED = re.compile(r"\d\s?[a-z]+\.\s*$")
# "Yahoo! is", "Believe It or Not! on", "Stop! he cried."
_CALLED = re.compile(r"""\b[A-Z][\w’']*[!?]["”’']?\s*$""")
# `iPhone` begins a sentence as it is.
_BRAND = re.compile(r"[a-z]+[A-Z]")
_CURRENCIES = ("$", "£", "€")
# A day, a month or a time zone behind "5 p.m."
_NAMES_A_TIME = rf"(?:(?i:{any_of(WEEKDAYS)}|{MONTH_PATTERN})|[A-Z]{{1,4}}T|UTC)\b"
_TIME = re.compile(_NAMES_A_TIME)
_CLOSING = "”’»)]"
# "It weighs 20 t. The crew is nine.", "He saw the dog… The end."
_ENDED = re.compile(
    rf"""[\d…](?:(?<=\d)\s?{_UNITS}\.\s+(?!{_NAMES_A_TIME})|(?<=…)\s+)(?=["“‘'(]?[A-Z])"""
)
# What closes a quotation in single marks stands behind another mark, which no apostrophe does.
_SINGLE = re.compile(r"""‘(?<![^\s("\[“]‘)[^‘\n]{0,600}?[.,!?…]’(?!\w)""")
# A whole sentence in brackets, not "(who had been ill.)", which stands inside one.
_BRACKETED = re.compile(r"""\([^()\n]{0,600}[.!?…]["”’]?\)\s+(?=["“‘(]?[A-Z\d])""")
# "(a)", "b)", "(24)": two of them before capitals are a list to sentencex, wherever they stand. It
# then cuts before each, and nowhere behind the last.
_RUN_IN = re.compile(r"\b(?:(?<=[\s(])|\A)\w{1,4}(?=\)\s)")
# What begins with a sign is searched for many times as fast as what begins with a letter.
_MAY_RUN_IN = re.compile(r"\)(?<=\w\))\s[A-Z]")
# "1. ", "[1] ", "• 9. ": the mark of the first item; in a sentence, behind a colon.
_MARK = r"(?P<front>[•⁃]\s?|[\[(])?(?P<sign>{})(?P<close>\.\)|[.)\]])\s+"
_FIRST_MARK = re.compile(_MARK.format(r"\d{1,3}|a"))
_MARK_IN_SENTENCE = re.compile(r":\s+" + _MARK.format("1|a"))
# "1.", "ii.", "B)": the mark of an item says nothing by itself.
_LONE_MARK = re.compile(r"\s*(?:[•⁃]\s?|[\[(])?(?:\d{1,3}|[ivx]{1,5}|[A-Za-z])(?:\.\)|[.)\]])\s*")


def sentence_spans(text: str, start: int, end: int) -> list[Span]:
    """Spans of the sentences of `text[start:end]`, without surrounding blank space."""
    return sentences_of(text, paragraph_spans(text, start, end))


def sentences_of(text: str, paragraphs: Iterable[Span]) -> list[Span]:
    """Spans of the sentences of these paragraphs of the text (see `paragraph_spans`)."""
    return [
        piece
        for paragraph in paragraphs
        for sentence in _sentences(text, paragraph)
        for piece in _bounded(text, sentence)
    ]


def is_question(sentence: str) -> bool:
    """Whether a sentence is a question, and so hardly an answer.

    >>> is_question('"Who rang the bell?"')
    True
    """
    return bool(_QUESTION.search(sentence))


def count_words(text: str) -> int:
    """Words by blank space, or by length in scripts without it.

    >>> count_words("nine lives")
    2
    """
    return max(len(text.split()), len(text) // CHARACTERS_A_WORD)


def paragraph_spans(text: str, start: int, end: int) -> Iterator[Span]:
    """Spans of the paragraphs of `text[start:end]`: its lines, unless an editor wrapped them."""
    for block in _BLOCK.finditer(text, start, end):
        lines = [line.span() for line in _LINE.finditer(text, *block.span())]
        if _is_hard_wrapped(text, lines):
            yield lines[0][0], lines[-1][1]
        else:
            yield from lines


def _is_hard_wrapped(text: str, lines: list[Span]) -> bool:
    """Lines of similar length that mostly end inside a sentence are one wrapped paragraph.

    So are lines of which one ends inside a word.
    """
    if len(lines) < 2:
        return False
    if breaks_word(text, lines[0][0], lines[-1][1]):
        return True
    wrapped = lines[:-1]
    widths = [end - start for start, end in wrapped]
    if not 45 <= max(widths) <= 120 or min(widths) < 0.6 * max(widths):
        return False
    unfinished = sum(not _TERMINAL.search(text, start, end) for start, end in wrapped)
    return unfinished > len(wrapped) / 2


def _sentences(text: str, paragraph: Span) -> Iterator[Span]:
    first, last = paragraph
    start = first
    for end in sentence_ends(text[first:last]):
        yield from _stripped(text, start, first + end)
        start = first + end


def _stripped(text: str, start: int, end: int) -> Iterator[Span]:
    words = text[start:end]
    left = len(words) - len(words.lstrip())
    right = len(words.rstrip())
    if left < right:
        yield start + left, start + right


def _bounded(text: str, sentence: Span) -> Iterator[Span]:
    """The sentence itself, or pieces at word boundaries if it is far too long."""
    start, end = sentence
    if count_words(text[start:end]) <= LONGEST_SENTENCE:
        yield sentence
        return
    for piece_start, piece_end in _pieces(text, start, end):
        yield from _stripped(text, piece_start, piece_end)


def _pieces(text: str, start: int, end: int) -> Iterator[Span]:
    widest = LONGEST_SENTENCE * CHARACTERS_A_WORD
    piece_start, words = start, 0
    for word in _WORD.finditer(text, start, end):
        words += 1
        if words > LONGEST_SENTENCE or word.end() - piece_start > widest:
            yield piece_start, word.start()
            piece_start, words = word.start(), 1
        while word.end() - piece_start > widest:
            yield piece_start, piece_start + widest
            piece_start += widest
    yield piece_start, end


def sentence_ends(paragraph: str) -> list[int]:
    """Where each sentence of a paragraph ends, in code points; the last one with the paragraph.

    >>> sentence_ends("It cost approx. 3 crowns. It sank.")
    [26, 34]
    """
    cuts = {cut for cut in _found(paragraph) if not _goes_on(paragraph, cut)}
    cuts.update(ended.end() for ended in _ENDED.finditer(paragraph))
    cuts.update([found.end() for found in _BRACKETED.finditer(paragraph) if _begins(found, cuts)])
    for quoted in _SINGLE.finditer(paragraph):
        cuts.difference_update(range(quoted.start() + 1, quoted.end()))
    marks = list(_marks(paragraph))
    for start, end in marks:
        cuts.difference_update(range(start + 1, end + 1))
    # The first begins the paragraph, or stands in the sentence that announces the list.
    cuts.update(start for start, _ in marks[1:])
    return [*_with_marks(paragraph, sorted(cuts - {0, len(paragraph)})), len(paragraph)]


def _with_marks(paragraph: str, cuts: Iterable[int]) -> Iterator[int]:
    """The cuts, but for those behind a mark that stands alone."""
    start = 0
    for cut in cuts:
        if not _LONE_MARK.fullmatch(paragraph, start, cut):
            yield cut
            start = cut


def _found(paragraph: str) -> Iterator[int]:
    """The cuts of sentencex, with the quotation marks on the right side of them."""
    plain = paragraph
    if _MAY_RUN_IN.search(paragraph):
        plain = _RUN_IN.sub(lambda mark: "-" * len(mark[0]), paragraph)
    for boundary in get_sentence_boundaries("en", plain)[:-1]:
        cut = int(boundary["end_index"])
        if paragraph[cut - 1].isspace():
            yield cut
        elif _OPENING.search(paragraph, max(cut - 2, 0), cut):
            # An opening quote that is never closed is left at the end of the sentence before.
            yield cut - 1
        else:
            rest = paragraph[cut : cut + _REACH]
            yield cut + len(rest) - len(rest.lstrip(_CLOSING))


def _begins(found: re.Match[str], cuts: set[int]) -> bool:
    """Whether what was found begins a sentence."""
    return found.start() == 0 or found.start() in cuts


def _goes_on(paragraph: str, cut: int) -> bool:
    """Whether what seems to end a sentence stands inside it."""
    before = paragraph[max(cut - _REACH, 0) : cut]
    behind = paragraph[cut : cut + _REACH].lstrip()
    first = behind[:1]
    if first and first in ",;:":
        return True
    if (
        before.endswith("?")
        and first
        and not paragraph[cut].isspace()
        and "/" in paragraph[max(cut - _LONGEST_ADDRESS, 0) : cut].split()[-1]
    ):
        # Inside an address.
        return True
    if first.islower():
        called = _is_shortened(before) or _CALLED.search(before)
        return bool(called) and not _BRAND.match(behind)
    if first.isdigit() or behind.startswith(_CURRENCIES) or _TIME.match(behind):
        return _is_shortened(before)
    return _last_word(before) in TITLES


def _is_shortened(before: str) -> bool:
    """Whether it ends with an abbreviation, or with a unit behind its number."""
    word = _last_word(before)
    if word in UNITS and _MEASURED.search(before):
        return True
    return word in ABBREVIATIONS or word in TITLES or word.lower() in ABBREVIATIONS


def _last_word(before: str) -> str:
    """The word that ends with a full stop, without it; empty if there is none."""
    last = before.split()[-1:]
    return last[0][:-1].lstrip(_IN_FRONT) if last and last[0].endswith(".") else ""


def _marks(paragraph: str) -> Iterator[Span]:
    """The marks of notes, or of the items of a list, that stand in one paragraph."""
    first = _FIRST_MARK.match(paragraph) or _MARK_IN_SENTENCE.search(paragraph)
    if first is None:
        return
    yield first.span()
    front, sign, close = (first["front"] or "").rstrip(), first["sign"], first["close"]
    # Behind a number in brackets that ends no sentence a sentence goes on: it is a reference.
    ended = r"(?<=[.!?\])”’\"'])" if front == "[" else ""
    reached = first.end()
    while sign := _next(sign):
        mark = rf"{ended}\s({re.escape(front)}\s?{sign}{re.escape(close)}\s+)"
        found = re.compile(mark).search(paragraph, reached)
        if found is None:
            return
        yield found.span(1)
        reached = found.end()


def _next(sign: str) -> str:
    """The sign of the next item; empty behind z.

    >>> _next("9"), _next("b")
    ('10', 'c')
    """
    if sign.isdigit():
        return str(int(sign) + 1)
    return chr(ord(sign) + 1) if sign < "z" else ""
