"""The seam: what reading and building ask of a store, whatever keeps the passages."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.analysis import Codes
from index.article import Article, Passage, Span
from index.embed import Model, PassageText, Vectors, passage_text
from index.keys import Keys, no_keys
from index.period import Days, Selection
from index.split import subject_of
from index.vectors import Positions, Rows, VectorStats

# Of what is published: the next generation has another.
Stamp = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Counts:
    """How much an index holds."""

    articles: int
    passages: int
    sentences: int

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.articles + other.articles,
            self.passages + other.passages,
            self.sentences + other.sentences,
        )

    def __sub__(self, other: "Counts") -> "Counts":
        return Counts(
            self.articles - other.articles,
            self.passages - other.passages,
            self.sentences - other.sentences,
        )


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a store whose vectors are searched on their own."""

    passages: int
    vectors: VectorStats


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """What a generation holds and how it was made. `runs` says what runs the model, for people.

    `newest` is the latest date of an article, `bytes` the size on disk.
    """

    generation: int
    built_at: str
    model: Model
    runs: str
    counts: Counts
    newest: str | None
    bytes: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an article comes from: `origin` is its file, or the file, `#` and the line's id."""

    origin: str
    file: str


@dataclass(frozen=True, slots=True)
class Known:
    """What a store has of an article: enough to tell whether it changed."""

    number: int
    id: str
    place: Place
    record: str


@dataclass(frozen=True, slots=True)
class Listed:
    """An article as a list shows it, without its text."""

    number: int
    id: str
    file: str
    digest: str
    title: str | None
    source: str | None
    published: str | None


@dataclass(frozen=True, slots=True)
class Located:
    """A passage under its key, with its article."""

    key: int
    article: Article
    passage: Passage


@dataclass(frozen=True, slots=True)
class Waiting:
    """A passage that has no vectors yet."""

    article: Article
    passage: Passage

    @property
    def text(self) -> PassageText:
        """What the encoder reads."""
        return passage_text(subject_of(self.article), self.passage)


@dataclass(frozen=True, slots=True)
class PassageRows:
    """The rows of passages, one after the other (see `index.store.columns`).

    `counts` are the rows of each passage, shape (passages,); `vectors` as they are stored, (rows,
    dimension); `row_terms` the terms of each row, `row_asks` whether it is a question; `terms`
    their codes.
    """

    keys: Keys
    counts: NDArray[np.int32]
    vectors: Rows
    row_terms: NDArray[np.int32]
    row_asks: NDArray[np.bool_]
    terms: NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class PassageTerms:
    """Passages as wholes, in the order of their keys.

    `vectors` as they are stored, (passages, dimension); `counts` the terms of each passage, what
    stands in front included; `terms` their codes.
    """

    keys: Keys
    vectors: Rows
    counts: NDArray[np.int32]
    terms: NDArray[np.uint32]


class Store(Protocol):
    """One generation of an archive, to read; later builds leave it as it is. Safe to share by
    threads.
    """

    @property
    def info(self) -> StoreInfo:
        """What it holds and how it was made."""

    @property
    def days(self) -> Days:
        """The days that its passages are from."""

    @property
    def mean_article_terms(self) -> float:
        """Terms an article, what stands in front of its passages included."""

    def nearest(self, query: Vectors, limit: int, selection: Selection) -> Keys:
        """Keys of up to `limit` passages of the selection by cosine, best first."""

    def bm25(self, terms: Iterable[str], limit: int, selection: Selection) -> Keys:
        """Keys of up to `limit` passages of the selection by BM25, best first."""

    def document_frequency(self, terms: Sequence[str]) -> NDArray[np.int64]:
        """In how many passages each term stands."""

    def rows(self, keys: Keys) -> PassageRows:
        """The rows of passages, in an order that `PassageRows.keys` tells."""

    def around(self, keys: Keys) -> PassageTerms:
        """The passages around those of the keys (see `index.keys.blocks_of`)."""

    def times(self, keys: Keys) -> NDArray[np.float64]:
        """When passages are from, in seconds of UTC since 1970, NaN where that is not known.

        Of what is known only as a day or a longer time, its first moment.
        """

    def word_vectors(self, codes: Codes) -> Vectors:
        """The unit vectors of words by their codes; zeros for those that are not known."""

    def locate(self, key: int) -> Located:
        """The passage of a key that a search found, with its article.

        Raises DamagedError where the store does not hold it, or its article as it was indexed.
        """

    def key_of(self, passage_id: str) -> int | None:
        """The key of the passage that holds the first character of this one, or None.

        Of an article that has been changed since, what stands at the same place now.
        """

    def article(self, article_id: str) -> Article | None:
        """The article, or None where there is none of this id."""

    def article_numbered(self, number: int) -> Article | None:
        """The article of this number, or None."""

    def articles_at(self, url: str | None) -> tuple[int, ...]:
        """Numbers of the articles whose address is that of a page, the latest first."""

    def listed(self) -> Iterator[Listed]:
        """Every article without its text, the last put first."""

    def passage_count(self, number: int) -> int:
        """How many passages the article of this number has."""

    def titles(self) -> Iterator[str]:
        """Titles of articles, the newest first."""

    def sources(self) -> list[str]:
        """The names of all sources, by alphabet."""

    def close(self) -> None:
        """Let go of what is open."""


class Drafting(Protocol):
    """The articles of a generation in the making. One thread puts them, another embeds behind.

    What a killed build has put and embedded, the next one finds there and goes on with.
    """

    @property
    def passages(self) -> int:
        """How many there are, with vectors or without."""

    def known(self) -> list[Known]:
        """Articles that are in it, from this build or one that was stopped."""

    def put(self, article: Article, place: Place, record: str, passages: Sequence[Passage]) -> int:
        """Add an article with its passages; gives the number that it has from now on."""

    def commit(self) -> None:
        """Keep what was put, whatever happens to this process."""

    def waiting(self) -> Iterator[Waiting | None]:
        """Passages without vectors, in their order; None where there are none for now."""

    def embed(self, rows: Sequence[Rows]) -> None:
        """Give the next passages their rows of vectors, and keep them with their articles."""


class StoreWriter(Protocol):
    """A build's side of a store: killed at any moment it leaves the generation before."""

    @property
    def published(self) -> StoreInfo | None:
        """The generation that is published, or None before the first."""

    @property
    def draft(self) -> Drafting:
        """What is new in the next generation."""

    def known(self) -> Iterator[Known]:
        """The published articles that count."""

    def article_numbered(self, number: int) -> Article | None:
        """The published article of this number, or None."""

    def rows_made(self, article: Article) -> Mapping[Span, Rows]:
        """Rows of vectors by the span of their passage, of a published article of the same words.

        What stands in front of passages has to be the same as well. None where there is no such
        article.
        """

    def publish(self, kept: Collection[int], removed: Collection[int]) -> StoreInfo:
        """Publish the articles of the draft that are `kept`, and no longer those `removed`.

        Both are numbers; `removed` has those of the draft that are not kept as well.
        """

    def leave(self) -> None:
        """Publish nothing; what the draft holds stays for the next build."""


def offsets(counts: NDArray[np.int32]) -> Positions:
    """Where each of several runs begins that are `counts` long and lie one behind the other.

    >>> offsets(np.array([2, 1, 3])).tolist()
    [0, 2, 3]
    """
    return np.cumsum(counts, dtype=np.int64) - counts


def runs(starts: NDArray[np.int64], counts: NDArray[np.int32]) -> Positions:
    """The places of runs that begin at `starts` and are `counts` long, one after the other.

    >>> runs(np.array([4, 9]), np.array([2, 1])).tolist()
    [4, 5, 9]
    """
    ends = np.cumsum(counts, dtype=np.int64)
    total = int(ends[-1]) if len(ends) else 0
    return np.repeat(starts - (ends - counts), counts) + np.arange(total, dtype=np.int64)


def joined(parts: Iterable[PassageRows], dimension: int) -> PassageRows:
    """The rows of several segments as one."""
    found = list(parts) or [_no_rows(dimension)]
    if len(found) == 1:
        return found[0]
    return PassageRows(
        keys=np.concatenate([part.keys for part in found]),
        counts=np.concatenate([part.counts for part in found]),
        vectors=np.concatenate([part.vectors for part in found]),
        row_terms=np.concatenate([part.row_terms for part in found]),
        row_asks=np.concatenate([part.row_asks for part in found]),
        terms=np.concatenate([part.terms for part in found]),
    )


def joined_terms(parts: Iterable[PassageTerms], dimension: int) -> PassageTerms:
    """The passages of several segments as one, in the order of their keys."""
    found = list(parts) or [_no_terms(dimension)]
    if len(found) == 1:
        return found[0]
    keys = np.concatenate([part.keys for part in found])
    # Segments may lie in each other's range of keys.
    order = np.argsort(keys, kind="stable")
    counts = np.concatenate([part.counts for part in found])
    terms = np.concatenate([part.terms for part in found])
    return PassageTerms(
        keys=keys[order],
        vectors=np.concatenate([part.vectors for part in found])[order],
        counts=counts[order],
        terms=terms[runs(offsets(counts)[order], counts[order])],
    )


def _no_rows(dimension: int) -> PassageRows:
    return PassageRows(
        no_keys(),
        np.zeros(0, np.int32),
        np.zeros((0, dimension), np.int8),
        np.zeros(0, np.int32),
        np.zeros(0, np.bool_),
        np.zeros(0, np.uint32),
    )


def _no_terms(dimension: int) -> PassageTerms:
    return PassageTerms(
        no_keys(),
        np.zeros((0, dimension), np.int8),
        np.zeros(0, np.int32),
        np.zeros(0, np.uint32),
    )
