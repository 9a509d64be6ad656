"""Windows of sentences as the model reads them: `[CLS] question [SEP] title . window [SEP]`.

Some have a question with one name or number exchanged, which they then only nearly answer.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from index.encoders.files import packaged_folder
from training.prepare import content_words
from training.rows import Row, Span

LONGEST, LONGEST_QUESTION, LONGEST_TITLE = 128, 40, 24
# Spans of more tokens than this are not looked at.
LONGEST_SPAN = 30
_CLS, _SEP, _STOP = 101, 102, 1012
# How many sentences a window has in training: two or three mostly, as when it is used.
_SIZES, _SHARES = (1, 2, 3, 4, 5), (0.2, 0.33, 0.33, 0.09, 0.05)
# Of the windows of a question that its context answers, so many are other ones of that context
# and so many of other contexts.
_BESIDE, _ELSEWHERE = 0.22, 0.2
# Shorter windows to train on are more of them.
_LONGEST_DRAWN = 96
_UNTITLED, _UNMARKED, _BY_WORDS = 0.08, 0.3, 0.7
# Of the windows that answer, so many get a question with a name or number exchanged, which they
# then do not answer; not where ranges of years are asked, which another year may fall into.
_EXCHANGED, _RANGES = 0.2, "timeqa"
_NAMES = re.compile(r"(?<![.!?:;“\"\n] )(?<!^)\b[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*")
_NUMBERS = re.compile(r"(?<![\w.,])\d+(?:,\d{3})*(?:\.\d+)?(?![\w,]|\.\d)")


@dataclass(frozen=True, slots=True)
class Window:
    """Token ids; where the text begins (before it: question and title); answers as token spans.

    `inside` says that any span inside an answer is right: its own ends are not known.
    """

    ids: NDArray[np.int64]
    question_length: int
    text: int
    answers: tuple[Span, ...]
    inside: bool


@dataclass(frozen=True, slots=True)
class Text:
    """The tokens of a context, where they stand in it, and which are of which sentence."""

    ids: NDArray[np.int64]
    offsets: NDArray[np.int64]
    sentences: tuple[Span, ...]
    words: tuple[frozenset[str], ...]


def load_tokenizer() -> Tokenizer:
    """That of the packaged encoder, without cutting or padding."""
    tokenizer = Tokenizer.from_file(str(packaged_folder() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


class Reader:
    """Turns questions and stretches of contexts into windows."""

    def __init__(self) -> None:
        self.tokenizer = load_tokenizer()
        self.text_of = lru_cache(maxsize=60_000)(self._text_of)

    def _text_of(self, context: str, sentences: tuple[Span, ...]) -> Text:
        encoding = self._encode(context)
        offsets = np.array(encoding.offsets, np.int64).reshape(-1, 2)
        starts = np.searchsorted(offsets[:, 0], [start for start, _ in sentences])
        ends = np.searchsorted(offsets[:, 0], [end for _, end in sentences])
        said = (frozenset(content_words(context[start:end])) for start, end in sentences)
        spans = tuple(zip(starts.tolist(), ends.tolist(), strict=True))
        return Text(np.array(encoding.ids, np.int64), offsets, spans, tuple(said))

    def _encode(self, text: str) -> Encoding:
        return self.tokenizer.encode(text, add_special_tokens=False)

    def front(self, question: str, title: str) -> tuple[list[int], int]:
        """The ids before the window's own, and how many of them are the question's part."""
        asked = [_CLS, *self._encode(question).ids[:LONGEST_QUESTION], _SEP]
        named = self._encode(title).ids[:LONGEST_TITLE]
        return [*asked, *named, *([_STOP] if named else [])], len(asked)

    def window(
        self,
        front: tuple[list[int], int],
        text: Text,
        first: int,
        last: int,
        answers: Sequence[Span] = (),
        inside: bool = False,
    ) -> Window:
        """The window of sentences `first` to `last`, that one too; cut where it is too long."""
        before, question_length = front
        start, end = text.sentences[first][0], text.sentences[last][1]
        end = min(end, start + LONGEST - len(before) - 1)
        shift = len(before) - start
        return Window(
            np.array([*before, *text.ids[start:end], _SEP], np.int64),
            question_length,
            len(before),
            tuple(
                (a + shift, b + shift)
                for a, b in answers
                if start <= a and b < end and (inside or b - a < LONGEST_SPAN)
            ),
            inside,
        )


def token_spans(text: Text, answers: Sequence[Span]) -> list[Span]:
    """First and last token of each answer given in code points."""
    ends = np.searchsorted(text.offsets[:, 0], [end for _, end in answers]) - 1
    starts = np.searchsorted(text.offsets[:, 1], [start for start, _ in answers], side="right")
    return [(int(a), int(b)) for a, b in zip(starts, ends, strict=True) if a <= b]


@dataclass(slots=True)
class Drawer:
    """Draws windows of rows at random, to train on."""

    rows: Sequence[Row]
    reader: Reader
    chance: random.Random

    def draw(self, row: Row) -> Window | None:
        """One window of the row, or of another with the row's question; None where none fits."""
        among = self.chance.random()
        if row.others and among < _ELSEWHERE:
            other = self.rows[self.chance.choice(row.others)]
            text = self.reader.text_of(other.context, other.sentences)
            return self._near(self._front(row.question, other.title), row, text, ())
        front = self._front(row.question, row.title)
        text = self.reader.text_of(row.context, row.sentences)
        if not text.sentences:
            return None
        answers = token_spans(text, row.answers)
        if not answers or among < _ELSEWHERE + _BESIDE:
            return self._near(front, row, text, answers)
        exchanged = self._exchanged(row)
        if exchanged is None:
            return self._with_answer(front, row, text, answers)
        front = self._front(exchanged, row.title)
        window = self._with_answer(front, row, text, answers)
        return window and replace(window, answers=())

    def _exchanged(self, row: Row) -> str | None:
        if row.family == _RANGES or self.chance.random() > _EXCHANGED:
            return None
        return exchange(row.question, row.context, self.chance)

    def _front(self, question: str, title: str) -> tuple[list[int], int]:
        if self.chance.random() < _UNMARKED:
            question = question.removesuffix("?")
        return self.reader.front(question, "" if self.chance.random() < _UNTITLED else title)

    def _with_answer(
        self, front: tuple[list[int], int], row: Row, text: Text, answers: list[Span]
    ) -> Window | None:
        start, end = self.chance.choice(answers)
        holding = [place for place, (a, b) in enumerate(text.sentences) if a <= end and start < b]
        if not holding:
            return None
        first, last = holding[0], holding[-1]
        first, last = self._widen(front, text, first, last)
        inside = row.whole or all(b - a >= LONGEST_SPAN for a, b in answers)
        window = self.reader.window(front, text, first, last, answers, inside)
        return window if window.answers else None

    def _near(
        self, front: tuple[list[int], int], row: Row, text: Text, answers: Sequence[Span]
    ) -> Window | None:
        """A window that holds no part of an answer, mostly one that shares words."""
        free = [
            not any(a <= end and start < b for start, end in answers) for a, b in text.sentences
        ]
        places = [place for place, is_free in enumerate(free) if is_free]
        if not places:
            return None
        asked = set(content_words(row.question))
        if self.chance.random() < _BY_WORDS:
            places.sort(key=lambda place: -len(asked & text.words[place]))
            place = places[min(int(self.chance.expovariate(1.0)), len(places) - 1)]
        else:
            place = self.chance.choice(places)
        first, last = self._widen(front, text, place, place, free)
        held = self.reader.window(front, text, first, last)
        return held if not self._tells(row, text, first, last) else None

    def _tells(self, row: Row, text: Text, first: int, last: int) -> bool:
        """Whether the words of an answer stand in this stretch too: it might answer as well."""
        if not row.answers:
            return False
        said = text.ids[text.sentences[first][0] : text.sentences[last][1]].tolist()
        told = " " + " ".join(map(str, said)) + " "
        for start, end in row.answers:
            answer = self.reader.tokenizer.encode(row.context[start:end], add_special_tokens=False)
            if " " + " ".join(map(str, answer.ids)) + " " in told:
                return True
        return False

    def _widen(
        self,
        front: tuple[list[int], int],
        text: Text,
        first: int,
        last: int,
        free: Sequence[bool] | None = None,
    ) -> Span:
        """Grow a stretch of sentences to a random size, to random sides, while it fits."""
        size = self.chance.choices(_SIZES, _SHARES)[0]
        room = _LONGEST_DRAWN - len(front[0]) - 1
        while last - first + 1 < size:
            grown = [
                (a, b)
                for a, b in ((first - 1, last), (first, last + 1))
                if a >= 0
                and b < len(text.sentences)
                and text.sentences[b][1] - text.sentences[a][0] <= room
                and (free is None or (free[a] and free[b]))
            ]
            if not grown:
                break
            first, last = self.chance.choice(grown)
        return first, last


def exchange(question: str, context: str, chance: random.Random) -> str | None:
    """The question with one of the context's names or numbers in it exchanged for another.

    The other one is of the context, too, and of the same form: a name of about as many words, a
    number of as many digits. None where the question holds none, or the context no other.

    >>> exchange("who beat Leeds?", "On Sunday, Hull beat Leeds in York.", random.Random(0))
    'who beat Hull?'
    >>> exchange("who beat them?", "On Sunday, Hull beat Leeds in York.", random.Random(0))
    """
    names, numbers = _told(context)
    choices = [
        (start, end, others)
        for found, pattern in ((names, _any_of(names)), (numbers, _NUMBERS))
        for start, end in _places(pattern, question)
        if (others := _others(question[start:end], question, found))
    ]
    if not choices:
        return None
    start, end, others = chance.choice(choices)
    other = chance.choice(others)
    if question.islower():
        other = other.lower()
    return question[:start] + other + question[end:]


@lru_cache(maxsize=20_000)
def _told(context: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names and the numbers of a text, each once.

    What opens a sentence is no name, nor what the text has in lower case as well.
    """
    common = {word for word in context.split() if word.islower()}
    found = (each.removesuffix("’s").removesuffix("'s") for each in _NAMES.findall(context))
    names = (each for each in found if not any(part.lower() in common for part in each.split()))
    return tuple(dict.fromkeys(names)), tuple(dict.fromkeys(_NUMBERS.findall(context)))


@lru_cache(maxsize=20_000)
def _any_of(names: tuple[str, ...]) -> re.Pattern[str] | None:
    parts = {part for name in names for part in (name, name.split()[-1]) if len(part) > 3}
    if not parts:
        return None
    longest_first = sorted(parts, key=lambda part: (-len(part), part))
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b", re.IGNORECASE)


def _places(pattern: re.Pattern[str] | None, question: str) -> list[tuple[int, int]]:
    return [] if pattern is None else [found.span() for found in pattern.finditer(question)]


def _others(said: str, question: str, found: tuple[str, ...]) -> list[str]:
    """Those of the same form that share no word with the question."""
    asked = set(question.lower().split())
    digits = sum(map(str.isdigit, said))
    return [
        other
        for other in found
        if asked.isdisjoint(other.lower().split())
        and other.lower() not in question.lower()
        and sum(map(str.isdigit, other)) == digits
        and abs(other.count(" ") - said.count(" ")) <= 1
    ]
