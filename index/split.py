"""Split an article into passages: whole sentences, one entry at most, about 150 words. Pure.

`subject_of` gives the words that say what the article is about; they go in front of each passage.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate, pairwise

from index.article import Article, Entry, Passage, Span
from index.forms.folding import breaks_word
from index.sentences import sentence_ends

# MiniLM reads 256 tokens, about 190 English words: 150 leaves room for title and heading.
TARGET_WORDS = 150
LONGEST_PASSAGE = 190
# A "sentence" longer than this is a list or a table without full stops: no use as a quote.
LONGEST_SENTENCE = 120
# In scripts without spaces, this many characters count as a word: more than most words have, so
# that long words do not count twice.
CHARACTERS_A_WORD = 12
# A gap this wide, in characters, starts a new passage. Without it a passage might be longer than 16
# bits can count: 190 words and as many gaps stay below.
_WIDEST_GAP = 256
# How far a passage may be from its share, as a fraction of it, to end with a paragraph.
_INSIDE = 0.2

_BLOCK = re.compile(r"\S(?:.*\S)?(?:\n[^\S\n]*\S.*)*")
_LINE = re.compile(r"\S(?:.*\S)?")
_WORD = re.compile(r"\S+\s*")
_QUESTION = re.compile(r"""[?？؟][!！?？؟…]*(?:\.{3})?[»”“’‘"'」』)\]]*(?:\s*\[\d+\])*\s*$""")
_TERMINAL = re.compile(r"""[.!?…:;。！？][»”’"')\]]*$""")


def split(article: Article) -> list[Passage]:
    """Passages in text order; joined with what lies between, they give the text back.

    A live blog's time lines lie between: they are the headings of passages.
    """
    return [
        _passage(article, sentences, entry)
        for start, end, entry in _sections(article)
        for neighbours in _near(sentence_spans(article.text, start, end))
        for sentences in _pack(article.text, neighbours)
    ]


def sentence_spans(text: str, start: int, end: int) -> list[Span]:
    """Spans of the sentences of `text[start:end]`, without surrounding blank space."""
    return [
        piece
        for paragraph in paragraph_spans(text, start, end)
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


def _sections(article: Article) -> Iterator[tuple[int, int, Entry | None]]:
    reached = 0
    for entry in article.entries:
        yield reached, entry.start, None
        yield entry.body, entry.end, entry
        reached = entry.end
    yield reached, len(article.text), None


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


def _near(sentences: list[Span]) -> Iterator[list[Span]]:
    """Runs of sentences without a wide gap between them."""
    first = 0
    for place, (before, after) in enumerate(pairwise(sentences), start=1):
        if after[0] - before[1] > _WIDEST_GAP:
            yield sentences[first:place]
            first = place
    yield sentences[first:]


def _pack(text: str, sentences: list[Span]) -> Iterator[list[Span]]:
    """Neighbouring sentences in runs of similar length, so that no short tail is left."""
    words = [count_words(text[start:end]) for start, end in sentences]
    first, left = 0, sum(words)
    while left > LONGEST_PASSAGE and first < len(sentences) - 1:
        # Each has a word at least, so that no passage reaches further.
        last = min(first + LONGEST_PASSAGE + 1, len(sentences) - 1)
        cut = first + _cut(text, sentences[first : last + 1], words[first:last], _share(left))
        yield sentences[first:cut]
        left -= sum(words[first:cut])
        first = cut
    if sentences:
        yield sentences[first:]


def _cut(text: str, sentences: list[Span], words: list[int], goal: float) -> int:
    """How many sentences the next passage takes: near its goal, ideally a paragraph's end.

    `words` counts those of all sentences but the last, which another passage is left.
    """
    cuts: list[tuple[float, int]] = []
    for cut, reached in enumerate(accumulate(words), start=1):
        if cut > 1 and reached > LONGEST_PASSAGE:
            break
        inside = "\n" not in text[sentences[cut - 1][1] : sentences[cut][0]]
        cuts.append((abs(reached - goal) + inside * _INSIDE * goal, cut))
    return min(cuts)[1]


def _share(words: int) -> float:
    """How long the next passage should be, so that the `words` left are cut evenly."""
    return words if words <= LONGEST_PASSAGE else words / -(-words // TARGET_WORDS)


def _passage(article: Article, sentences: list[Span], entry: Entry | None) -> Passage:
    start, end = sentences[0][0], sentences[-1][1]
    return Passage(
        article_id=article.id,
        start=start,
        end=end,
        text=article.text[start:end],
        sentences=tuple(sentences),
        entry=entry,
    )


# The opening sentence is looked for in this many characters; a long one is cut to `_LONGEST` words.
_OPENING_SENTENCE = 3000
_LONGEST = 30
# A dateline or a label is not a sentence.
_SHORTEST = 6
_STATEMENT = re.compile(r"""[.!…][»”’"')\]]*$""")


def subject_of(article: Article) -> str | None:
    """The title, or else the opening sentence: passages further down cannot be found without it.

    None if the article is a single passage or a live blog, which opens with its latest entry.
    """
    if article.title or article.entries:
        return article.title
    return _opening_sentence(article.text)


# Called once per passage.
@lru_cache(maxsize=16)
def _opening_sentence(text: str) -> str | None:
    if count_words(text) <= LONGEST_PASSAGE:
        return None
    for start, end in sentence_spans(text, 0, min(len(text), _OPENING_SENTENCE)):
        words = text[start:end].split()
        if len(words) >= _SHORTEST and _STATEMENT.search(text, start, end):
            return " ".join(words[:_LONGEST])
    return None
