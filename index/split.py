"""Split an article into passages: whole sentences, one entry at most, about 150 words. Pure.

`subject_of` gives the words that say what the article is about; they go in front of each passage.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise

from index.article import Article, Entry, Passage, Span
from index.forms.asides import aside_spans
from index.sentences import count_words, paragraph_spans, sentence_spans, sentences_of

# The sentences of an entry, or of what stands between two.
Section = tuple[list[Span], Entry | None]

# Raise it where `split` comes to cut otherwise: what another version split is not gone on with.
SPLIT_VERSION = 2
# MiniLM reads 256 tokens, about 190 English words: 150 leaves room for title and heading.
TARGET_WORDS = 150
LONGEST_PASSAGE = 190
# A gap this wide, in characters, starts a new passage. Without it a passage might be longer than 16
# bits can count: 190 words and as many gaps stay below.
_WIDEST_GAP = 256
# How far a passage may be from its share, as a fraction of it, to end with a paragraph.
_INSIDE = 0.2


def split(article: Article) -> list[Passage]:
    """Passages in text order; joined with what lies between, they give the text back.

    A live blog's time lines lie between: they are the headings of passages. So does what is no part
    of the story (see `aside_spans`), unless the article is nothing else.
    """
    sections, asides = _read(article)
    return _passages(article, sections, asides) or _passages(article, sections, ())


def left_out(article: Article) -> tuple[Span, ...]:
    """The sentences that `split` leaves out, as they are no part of the story, in text order.

    None where the article is nothing else.
    """
    sections, asides = _read(article)
    sentences = [sentence for found, _ in sections for sentence in found]
    beside = tuple(sentence for sentence in sentences if _begins_in(asides, sentence))
    return beside if len(beside) < len(sentences) else ()


def _read(article: Article) -> tuple[list[Section], tuple[Span, ...]]:
    """The article's sections, and its asides."""
    paragraphs = list(paragraph_spans(article.text, 0, len(article.text)))
    return list(_sections(article, paragraphs)), aside_spans(article.text, paragraphs)


def _passages(
    article: Article, sections: Sequence[Section], asides: Sequence[Span]
) -> list[Passage]:
    return [
        _passage(article, sentences, entry)
        for section, entry in sections
        for neighbours in _near(_outside(asides, section))
        for sentences in _pack(article.text, neighbours)
    ]


def _outside(asides: Sequence[Span], sentences: list[Span]) -> list[Span]:
    return [sentence for sentence in sentences if not _begins_in(asides, sentence)]


def _begins_in(asides: Sequence[Span], sentence: Span) -> bool:
    return any(start <= sentence[0] < end for start, end in asides)


def _sections(article: Article, paragraphs: Sequence[Span]) -> Iterator[Section]:
    text, reached = article.text, 0
    if not article.entries:
        yield sentences_of(text, paragraphs), None
        return
    for entry in article.entries:
        yield sentence_spans(text, reached, entry.start), None
        yield sentence_spans(text, entry.body, entry.end), entry
        reached = entry.end
    yield sentence_spans(text, reached, len(text)), None


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
