"""From ranked passages to citations: each thing quoted once, from its source, and from several."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from index.analysis import Analyzer, term_codes
from index.article import Article, Passage, Span
from index.english import DEMONSTRATIVES, PRONOUNS
from index.period import Moments
from index.store import Located, Store
from qa.answer import Citation
from qa.quote import best_sentence, quote_at
from qa.rank.matching import Texts
from qa.search import Candidate, Ranking
from qa.understand.query import Kind, holds

# Words that an editor adds or leaves out without another meaning.
_LIGHT = frozenset(
    "a an the that which is are was were be been has have had of in on at its".split()
)
# What may not be left out with an attribution: it turns the meaning.
_TURNING = frozenset(
    """
    allegedly almost barely but cannot could denied hardly if may might nearly neither never no none
    nor not should unless until will without would
    """.split()
)
_SPEECH = frozenset(
    "according added announced confirmed explained reported said says told warned wrote".split()
)
# "That" more often opens a clause.
_POINTING = PRONOUNS | DEMONSTRATIVES - {"that"}
_LONGEST_ATTRIBUTION = 8
# Of what points back to the sentence before it in fewer words it cannot be told what it is about.
_FEWEST_POINTING = 8
# With fewer words beside an attribution neither.
_FEWEST_SAID = 5
# As in "GENEVA (Wire) — " or "(Wire) ".
_DATELINE = re.compile(r"^(?:[A-Z]{3}[^–—]{0,60}?\s[-–—]+|\([^)]{2,20}\)(?:\s[-–—]+)?)\s+")
_GROUPED = re.compile(r"(?<=\d),(?=\d{3}\b)")
# What a number counts belongs to it.
_WORD = re.compile(r"[$£€¥%]|\d+(?:[.:]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*")


def tell_the_same(one: str, other: str) -> bool:
    """Whether all words that mean something stand in both, in the same order.

    Only an attribution may stand in one alone, at either end. What is exchanged, a number, a name
    or a "not", makes another report.

    >>> tell_the_same("Nine people died in York on Monday.", "Two people died in York on Monday.")
    False
    """
    shorter, longer = sorted((_words(one), _words(other)), key=len)
    if not shorter or (shorter[0] in _POINTING and len(shorter) < _FEWEST_POINTING):
        return False
    if shorter == longer:
        return True
    more = len(longer) - len(shorter)
    return len(shorter) >= _FEWEST_SAID and (
        (longer[more:] == shorter and _is_attribution(longer[:more]))
        or (longer[:-more] == shorter and _is_attribution(longer[-more:]))
    )


def _words(sentence: str) -> list[str]:
    plain = _GROUPED.sub("", _DATELINE.sub("", sentence.strip())).replace("’", "'")
    words = (word.casefold() for word in _WORD.findall(plain))
    return [word for word in words if word not in _LIGHT]


def _is_attribution(words: list[str]) -> bool:
    return (
        len(words) <= _LONGEST_ATTRIBUTION
        and not _SPEECH.isdisjoint(words)
        and _TURNING.isdisjoint(words)
        and not any(holds(word, Kind.NUMBER) for word in words)
    )


# Of the terms of the shorter of two sentences, so many stand in both; who said so is told in one.
# Words that may be left out do not count.
_ALIKE = 0.8
# Of their pairs of neighbours, so many stand in both. Of 3,397 sentences with a dateline, an
# attribution or fewer articles than before, the least kept 0.61; of 3,203 that told something else
# in most of the same terms, 30 had half.
_SIDE_BY_SIDE = 0.5
_LIGHT_CODES = term_codes(Analyzer().terms(" ".join(sorted(_LIGHT))))
_IS_LIGHT = frozenset(_LIGHT_CODES.tolist())


class AlikeRows:
    """Finds the rows that may repeat another one, by their terms and the order of these.

    Each that is found has to be looked up and read, so there should be few.
    """

    def __init__(self, rows: Texts) -> None:
        self._rows = rows
        self._counts = rows.counts - rows.count(rows.near(_LIGHT_CODES))

    def to(self, row: int) -> list[int]:
        """The rows that may repeat this one; itself among them, unless it says nothing."""
        own = self._terms(row)
        if not own:
            return []
        sought = set(own)
        shared = self._rows.count(self._rows.near(np.array(own, np.uint32)))
        near = (shared > 0) & (shared >= _ALIKE * np.minimum(len(sought), self._counts))
        pairs = set(pairwise(own))
        return [
            other
            for other in np.flatnonzero(near).tolist()
            if _are_alike(sought, pairs, self._terms(other))
        ]

    def _terms(self, row: int) -> list[int]:
        """The codes of a row's terms without the light ones."""
        first = int(self._rows.starts[row])
        codes = self._rows.terms[first : first + int(self._rows.counts[row])].tolist()
        return [code for code in codes if code not in _IS_LIGHT]


def _are_alike(terms: Set[int], pairs: Set[tuple[int, int]], other: Sequence[int]) -> bool:
    """Whether enough of the `other` terms and of its pairs are among these.

    A single term has no pairs, and stands in many sentences: it repeats only itself.
    """
    if sum(term in terms for term in other) < _ALIKE * min(len(terms), len(other)):
        return False
    theirs = set(pairwise(other))
    if not pairs or not theirs:
        return terms == set(other)
    return len(pairs & theirs) >= _SIDE_BY_SIDE * min(len(pairs), len(theirs))


@dataclass(frozen=True, slots=True)
class Chosen:
    """A candidate that may be quoted, with its score.

    `place` is the sentence that answers and `answer` the words of it that do, in the article, where
    a reader found them; else the sentence that fits best is quoted.
    """

    candidate: Candidate
    score: float
    place: int | None = None
    answer: Span | None = None


@dataclass(frozen=True, slots=True)
class QuotedSentence:
    """A sentence that answers, in the article that stands for it, and where else it is told.

    `covers` says which terms of the question the quote has; `answer` are the words of it that
    answer, in the article.
    """

    located: Located
    span: Span
    score: float
    covers: NDArray[np.bool_]
    also_in: tuple[Passage, ...]
    answer: Span | None = None

    @property
    def words(self) -> str:
        """The quote, however it is spaced and capitalised."""
        return " ".join(self.located.passage.words(self.span).split()).casefold()


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence of a located passage, by its place in it and its row among all candidates."""

    located: Located
    place: int
    row: int

    @property
    def words(self) -> str:
        return self.located.passage.words(self.located.passage.sentences[self.place])


class Quoter:
    """Quotes the candidates of one ranking, in their order."""

    def __init__(
        self,
        store: Store,
        ranking: Ranking,
        *,
        opens: bool,
        is_own: Callable[[Article], bool],
    ) -> None:
        """`opens` quotes the sentence that each passage opens with, whatever is asked.

        Of copies one of an article that `is_own` stands for the others.
        """
        self._store = store
        self._is_own = is_own
        self._opens = opens
        self._ranking = ranking
        self._quoted: set[int] = set()

    @cached_property
    def _alike(self) -> AlikeRows:
        return AlikeRows(self._ranking.matches.texts)

    def quote(self, chosen: Iterable[Chosen]) -> Iterator[QuotedSentence]:
        """The sentence of each that none before it says."""
        said = set[str]()
        for each in chosen:
            quoted = self._quote(each)
            if quoted is not None and quoted.words not in said:
                said.add(quoted.words)
                yield quoted

    def _quote(self, chosen: Chosen) -> QuotedSentence | None:
        candidate = chosen.candidate
        located = self._store.locate(candidate.key)
        matches = self._ranking.matches
        place = self._place(chosen, located.passage)
        row = int(matches.first[candidate.place]) + 1 + place
        if row in self._quoted:
            return None
        own = _Sentence(located, place, row)
        # The house's own, then the earliest published that answers as well; those of unknown date
        # behind, in the order of the ranking.
        copies = sorted([own, *self._copies(own)], key=self._precedence)
        covers = self._covers(own)
        first = next(each for each in copies if self._covers(each)[covers].all())
        others = [each for each in copies if each is not first]
        passage = first.located.passage
        return QuotedSentence(
            located=first.located,
            span=quote_at(passage, first.place),
            score=chosen.score,
            covers=covers,
            also_in=tuple(_once(passage, (each.located.passage for each in others))),
            answer=_answer_in(first, own, chosen.answer),
        )

    def _precedence(self, sentence: _Sentence) -> tuple[bool, bool, int]:
        return (not self._is_own(sentence.located.article), *_order(sentence.located.when))

    def _place(self, chosen: Chosen, passage: Passage) -> int:
        if self._opens:
            return 0
        if chosen.place is not None:
            return chosen.place
        return best_sentence(self._ranking.query, chosen.candidate.sentences, passage)

    def _covers(self, sentence: _Sentence) -> NDArray[np.bool_]:
        """Which terms of the question it has."""
        ranking = self._ranking
        has = ranking.matches.terms[sentence.row] == 1
        return np.asarray(has & (ranking.query.weights > 0), dtype=np.bool_)

    def _copies(self, own: _Sentence) -> Iterator[_Sentence]:
        """In other articles, among all candidates."""
        matches = self._ranking.matches
        self._quoted.add(own.row)
        for other in self._alike.to(own.row):
            place = int(np.searchsorted(matches.first, other, side="right")) - 1
            if other in (own.row, matches.first[place]):
                continue
            located = self._store.locate(int(matches.rows.keys[place]))
            copy = _Sentence(located, other - int(matches.first[place]) - 1, other)
            if tell_the_same(own.words, copy.words):
                self._quoted.add(other)
                if located.article.id != own.located.article.id:
                    yield copy


def choose(quoted: Iterable[QuotedSentence], most: int) -> list[QuotedSentence]:
    """Up to so many, in their order: those of other articles before one of them twice.

    A further passage of an article that is cited, or that a citation names, is left out unless its
    quote has a word of the question that no quote chosen before it has.
    """
    firsts: list[tuple[int, QuotedSentence]] = []
    further: list[tuple[int, QuotedSentence]] = []
    known = set[str]()
    for place, each in enumerate(quoted):
        if len(firsts) == most:
            break
        passages = (each.located.passage, *each.also_in)
        own, *twins = (passage.article_id for passage in passages)
        (further if own in known else firsts).append((place, each))
        known |= {own, *twins}
    chosen = [*firsts, *islice(_adding(further, firsts), most - len(firsts))]
    return [each for _, each in sorted(chosen, key=itemgetter(0))]


def _adding(
    further: Iterable[tuple[int, QuotedSentence]], chosen: Sequence[tuple[int, QuotedSentence]]
) -> Iterator[tuple[int, QuotedSentence]]:
    covered = np.any([each.covers for _, each in chosen], axis=0)
    for place, each in further:
        if (each.covers & ~covered).any():
            covered |= each.covers
            yield place, each


def cite(chosen: Sequence[QuotedSentence]) -> tuple[Citation, ...]:
    """Citations, numbered from 1; each checks its quote."""
    return tuple(
        Citation(
            number=number,
            passage=one.located.passage,
            article=one.located.article,
            quote=one.located.article.text[one.span[0] : one.span[1]],
            quote_start=one.span[0],
            quote_end=one.span[1],
            score=one.score,
            also_in=one.also_in,
            answer_start=one.answer[0] if one.answer else None,
            answer_end=one.answer[1] if one.answer else None,
        )
        for number, one in enumerate(chosen, start=1)
    )


def _answer_in(standing: _Sentence, read: _Sentence, answer: Span | None) -> Span | None:
    """The words that answer, in the copy that stands for the sentence that was read."""
    if answer is None or standing is read:
        return answer
    start, end = answer
    text = read.located.article.text
    said = text[start:end]
    # The same words may stand in it before, a number within another one.
    before = text[read.located.passage.sentences[read.place][0] : start].count(said)
    places = [found.start() for found in re.finditer(f"(?={re.escape(said)})", standing.words)]
    at = next(islice(places, before, None), None)
    if at is None:
        return None
    begins = standing.located.passage.sentences[standing.place][0] + at
    return begins, begins + end - start


def _order(when: Moments) -> tuple[bool, int]:
    # Of a year alone it is not known that any other day of it is later.
    return not when.is_known, when.latest - when.utc_offset if when.is_known else 0


def _once(standing: Passage, others: Iterable[Passage]) -> Iterator[Passage]:
    """Of each other article the first."""
    seen = {standing.article_id}
    for passage in others:
        if passage.article_id not in seen:
            seen.add(passage.article_id)
            yield passage
