"""Typing errors in a question, put right by the words of the archive.

Only a word that neither the archive nor English knows is read as another, and only as one that the
archive has, in this form or another. Names are often one letter apart, so what has another letter
must stand in a passage with other words of the question, or be no name. Which errors are likely,
of hand or of ear, is after Damerau (1964).
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import lru_cache

import numpy as np

from index.analysis import Analyzer, content_words, term_codes
from index.english import FUNCTION_WORDS
from index.keys import Keys, offsets
from index.period import EVERYTHING
from index.store import Store
from qa.answer import Question, Respelling, Spelling
from qa.rank.matching import Flags, Floats, Texts, count_terms, find_terms
from qa.understand.lexicon import Lexicon, english, fold

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_OWNER = re.compile(r"['’]s$", re.IGNORECASE)
# Many words are one edit away from a short one: the shortest are put right only where it is plain.
_SHORT, _SHORTEST = 4, 3
# From so many letters on, a word may have two edits.
_LONG = 8
_MOST_EDITS = 2
# Words that differ only in so many letters at the end are forms of one word.
_ENDING = 3
# A line with more unknown words is in another language, or in none.
_MOST_UNKNOWN = 5
_MOST_CANDIDATES = 20
# What a slip weighs against the words beside: as much as a word that a passage in 55 has.
_OF_SLIP = 4.0
# From so many letters on, an English word with one letter exchanged is hardly a name.
_NO_NAME = 5
# Among so many passages a word is looked for beside the others.
_PASSAGES = 100
_KEPT = 1024
# What `n't`, `'s` and the like leave where the apostrophe is not typed.
_CLITICS = ("nt", "s", "re", "ve", "ll", "d", "m")
# The letters of a keyboard as they lie beside one another.
KEY_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
# Letters that are taken for one another by ear.
_VOWELS = "aeiouy"
_SOUNDS = (_VOWELS, "ckq", "csz", "gj", "fv", "bp", "dt", "mn")


class Slip(IntEnum):
    """How one word may have become the other, the likelier the higher."""

    NONE = 0
    # Another letter for one: that is how names differ, too.
    CHANGED = 1
    # Nothing but the hand makes these.
    FUMBLED = 2


@dataclass(frozen=True, slots=True)
class _Rated:
    """A word that may be meant, and how often the archive has it.

    `support` is the weight of the other words that stand beside it.
    """

    word: str
    count: int
    slip: Slip
    support: float = 0.0

    @property
    def is_sure(self) -> bool:
        return self.support > 0 or self.slip is Slip.FUMBLED

    @property
    def score(self) -> float:
        """As log-odds: what stands beside, what the hand does, what is written most."""
        return self.support + _OF_SLIP * self.slip + math.log1p(self.count)


class Speller:
    """Reads questions in the spelling of one store. Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._analyzer = Analyzer()
        # What questions are made of can be mistyped too, and no archive need have it; nor need it
        # write as one word what it joins by a hyphen.
        known = (*FUNCTION_WORDS, *(joined for joined, _ in store.forms()))
        spellings = store.spellings()
        counts = dict.fromkeys(known, 0) | {word: count for word, count in spellings if count}
        self._lexicon = Lexicon(counts.items())
        # Words that not all may read are known, and never told.
        self._closed_words = Lexicon(each for each in spellings if not each[1])
        self._passages = max(store.info.counts.passages, 1)
        # What is asked is read once, though it is searched several times and is history later.
        self.read = lru_cache(_KEPT)(self._read)

    def knows(self, word: str) -> bool:
        """Whether the archive spells a word so, but for capitals and accents."""
        return word in self._lexicon

    def correct(self, question: Question) -> tuple[Question, Spelling | None]:
        """The question as it is meant, its history too; and what was put right in its own words."""
        if "spelling" in question.ignore:
            return question, None
        spelling = self.read(question.text)
        if spelling is None and not question.history:
            return question, None
        history = tuple(
            replace(turn, question=self._text(turn.question)) for turn in question.history
        )
        return replace(question, text=self._text(question.text), history=history), spelling

    def beginning(self, prefix: str, most: int) -> list[str]:
        """Words of the archive that begin so, the commonest first."""
        return self._lexicon.beginning(prefix, most)

    def _text(self, text: str) -> str:
        spelling = self.read(text)
        return spelling.text if spelling else text

    def _read(self, text: str) -> Spelling | None:
        """The text with its typing errors put right; None where there are none."""
        unknown = [word for word in _words(text) if self.is_unknown(word)]
        if not 0 < len(unknown) <= _MOST_UNKNOWN:
            return None
        meant = {word: self._meant(word, text, unknown) for word in dict.fromkeys(unknown)}
        words = tuple(Respelling(typed, read) for typed, read in meant.items() if read)
        return Spelling(_respelt(text, words), words) if words else None

    def is_unknown(self, word: str) -> bool:
        """Whether neither the archive nor English has it: it may be mistyped, or name something.

        Initials and names such as `SpaceX` are left out, which nobody types by mistake.
        """
        return self.is_unread(word) and not any(each in self._closed_words for each in _forms(word))

    def is_unread(self, word: str) -> bool:
        """The same of what all may read: what others hold must not show in what is told."""
        if len(word) < _SHORTEST or word in self._lexicon:
            return False
        if word[1:] != word[1:].lower() or _is_contracted(word):
            return False
        forms = _forms(word)
        # English is read from its file only once a word is in no article: most questions, and most
        # runs of the command line, never need it.
        return not any(each in self._lexicon for each in forms) and not any(
            each in english() for each in forms
        )

    def _meant(self, word: str, text: str, unknown: Sequence[str]) -> str | None:
        """The word that is meant, in capitals as typed; None if none may be."""
        rated = [
            _Rated(each, self._lexicon.count(each), slip(fold(word), fold(each)))
            for each in self._candidates(fold(word))
        ]
        others = [each for each in content_words(text) if each not in map(str.lower, unknown)]
        # What stands beside the only word tells nothing more, where that may be meant anyway.
        if len(rated) > 1 or not all(_may_be(word, each, others) for each in rated):
            rated = self._supported(rated, others)
        may_be = [each for each in rated if _may_be(word, each, others)]
        if not may_be:
            return None
        # Of equals the first, which is the commonest.
        best = max(may_be, key=lambda each: each.score)
        return best.word.capitalize() if word[0].isupper() else best.word

    def _candidates(self, word: str) -> list[str]:
        """Words that may be meant, in lower case, the commonest first; only slips, if there are."""
        near = self._lexicon.near(word, 1)
        likely = [each for each in near if slip(word, fold(each))] or self._forms(word)
        if len(word) < _SHORT:
            likely = [each for each in likely if slip(word, fold(each)) is Slip.FUMBLED]
        elif not likely and len(word) > _SHORT:
            likely = self._unlikely(word, near)
        return likely[:_MOST_CANDIDATES]

    def _unlikely(self, word: str, near: Sequence[str]) -> list[str]:
        """Words that no slip explains: those one edit away, else two, but for another ending."""
        if not near and len(word) >= _LONG:
            further = self._lexicon.near(word, _MOST_EDITS)
            near = [each for each in further if fold(each)[0] == word[0]]
        stem = len(word) - _ENDING
        return [each for each in near if first_difference(word, fold(each)) < stem]

    def _forms(self, word: str) -> list[str]:
        """English words that a slip makes this one of, and that the archive has in another form."""
        return [
            each
            for each in english().near(word, 1)
            if slip(word, each)
            and each not in self._lexicon
            and self._store.document_frequency(self._analyzer.terms(each)).any()
        ]

    def _supported(self, rated: Sequence[_Rated], others: Sequence[str]) -> list[_Rated]:
        """The same words with their support from the other words."""
        terms = self._analyzer.terms(" ".join(others))
        support = self._support([each.word for each in rated], terms)
        return [replace(each, support=beside) for each, beside in zip(rated, support, strict=True)]

    def _support(self, candidates: Sequence[str], others: Sequence[str]) -> list[float]:
        """How much of the other words stands beside each candidate, in the best passage for it.

        A word weighs the more, the rarer it is in the archive.
        """
        sought = [self._analyzer.terms(each)[0] for each in candidates]
        beside = list(dict.fromkeys(others))
        weights = self._rarities(beside)
        if not candidates or not weights.any():
            return [0.0] * len(candidates)
        terms = list(dict.fromkeys([*sought, *beside]))
        present = self._present(terms, self._store.bm25(terms, _PASSAGES, EVERYTHING))
        weighed = present[:, [terms.index(each) for each in beside]] @ weights
        held = present[:, [terms.index(each) for each in sought]]
        best: list[float] = (held * weighed[:, np.newaxis]).max(axis=0, initial=0.0).tolist()
        return best

    def _rarities(self, terms: Sequence[str]) -> Floats:
        """The weight of each term; 0 where the archive lacks it."""
        holding = self._store.document_frequency(terms)
        return np.log1p(self._passages / np.maximum(holding, 1)) * (holding > 0)

    def _present(self, terms: Sequence[str], keys: Keys) -> Flags:
        """Which terms each passage has, shape (passages, terms)."""
        if not len(keys):
            return np.zeros((0, len(terms)), np.bool_)
        rows = self._store.rows(keys)
        counts = np.add.reduceat(rows.row_terms, offsets(rows.counts), dtype=np.int32)
        found = find_terms(term_codes(terms), Texts(rows.terms, counts))
        return count_terms(len(terms), found, len(rows.keys)) > 0


def _may_be(typed: str, meant: _Rated, others: Sequence[str]) -> bool:
    """Whether a word may be meant, in a question with these other words."""
    if len(typed) < _SHORT:
        return meant.support > 0 or meant.word in FUNCTION_WORDS
    return meant.is_sure or not others or _is_no_name(typed, meant)


def _is_no_name(typed: str, meant: _Rated) -> bool:
    """Whether a word in small letters is an English one but for one letter, a long one."""
    is_exchanged = meant.slip is Slip.CHANGED and len(typed) == len(meant.word) >= _NO_NAME
    return is_exchanged and typed.islower() and meant.word in english()


def _words(text: str) -> Iterator[str]:
    """The words of a text, without `'s`; what has another apostrophe is left out."""
    for found in _WORD.finditer(text):
        word = _OWNER.sub("", found[0])
        if word.isalpha():
            yield word


def _is_contracted(word: str) -> bool:
    """Whether it is two function words without their apostrophe: `arent`, `whats`, `theyre`."""
    stems = (word.lower().removesuffix(each) for each in _CLITICS)
    return any(stem in FUNCTION_WORDS for stem in stems)


def _respelt(text: str, words: Sequence[Respelling]) -> str:
    """The text with these words put right wherever they stand.

    >>> _respelt("Apolo 11's crew", [Respelling("Apolo", "Apollo")])
    "Apollo 11's crew"
    """
    read = {word.typed: word.read for word in words}
    return _WORD.sub(lambda found: _owned(found[0], read), text)


def _owned(word: str, read: Mapping[str, str]) -> str:
    stem = _OWNER.sub("", word)
    return read.get(stem, stem) + word[len(stem) :]


def _forms(word: str) -> tuple[str, ...]:
    """The word, and as one and as several. Plurals of names are in no list."""
    # An s too many is no plural.
    one = word if word.endswith("ss") else word.removesuffix("s")
    return word, one, f"{word}s"


def slip(typed: str, meant: str) -> Slip:
    """What made a word of another, both in lower case.

    Fumbled: neighbours are exchanged, a letter is dropped or typed twice. Changed: the next key is
    hit, or what sounds alike is written, or a vowel too many inside. The first letter is never
    dropped.

    >>> [slip("streem", word).name for word in ("street", "stream", "steem")]
    ['NONE', 'CHANGED', 'NONE']
    """
    if typed == meant:
        return Slip.NONE
    at = first_difference(typed, meant)
    if len(typed) < len(meant):
        return Slip.FUMBLED if at and typed[at:] == meant[at + 1 :] else Slip.NONE
    if len(typed) > len(meant):
        return _added(typed, at) if typed[at + 1 :] == meant[at:] else Slip.NONE
    if typed[at + 1 :] == meant[at + 1 :]:
        return _changed(typed[at], meant[at])
    is_exchanged = typed[at : at + 2] == meant[at : at + 2][::-1]
    return Slip.FUMBLED if is_exchanged and typed[at + 2 :] == meant[at + 2 :] else Slip.NONE


def _added(typed: str, at: int) -> Slip:
    """The letter at that place is one too many."""
    if at and typed[at] == typed[at - 1]:
        return Slip.FUMBLED
    is_inside = 0 < at < len(typed) - 1
    return Slip.CHANGED if is_inside and typed[at] in _VOWELS else Slip.NONE


def _changed(typed: str, meant: str) -> Slip:
    """One letter stands for another."""
    is_beside = any(typed + meant in row or meant + typed in row for row in KEY_ROWS)
    sounds_alike = any(typed in sounds and meant in sounds for sounds in _SOUNDS)
    return Slip.CHANGED if is_beside or sounds_alike else Slip.NONE


def first_difference(one: str, other: str) -> int:
    """The place; the end of the shorter if all of it is how the longer begins."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
