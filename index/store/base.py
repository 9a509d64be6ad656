"""The seam: what reading and building ask of a store, whatever keeps the passages."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.analysis import Codes
from index.article import Article, Passage, Span
from index.embed import Model, PassageText, Vectors, passage_text
from index.keys import Keys
from index.period import Days, Selection
from index.split import subject_of
from index.store.ragged import PassageRows, PassageTerms
from index.vectors import Rows, VectorStats

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
