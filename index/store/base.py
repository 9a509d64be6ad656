"""What reading and building need from a store, whatever keeps the passages."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.analysis import Codes
from index.article import Article, DateOrigin, Passage, Visibility
from index.embed import Model, PassageText, Vectors, passage_text
from index.forms.taught import Form
from index.keys import Keys, PassageRows, PassageTerms
from index.period import Days, Moments, Selection, moments
from index.settings import MilvusAccess
from index.split import subject_of
from index.vectors import Rows, VectorStats

# Identifies a published generation: the next one has another.
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

    `newest` is the latest date of an article without an embargo, `bytes` the size on disk.
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
    """What a store knows of an article: enough to see which it is, and whether it changed."""

    number: int
    id: str
    place: Place
    record: str
    digest: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Listed:
    """An article in a list, without its text."""

    number: int
    id: str
    file: str
    digest: str
    title: str | None
    source: str | None
    author: str | None
    published: str | None
    url: str | None
    visibility: Visibility
    embargo: str | None
    section: str | None = None
    published_from: DateOrigin | None = None
    indexed: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Embargo:
    """An article that nobody may read until a moment, in ISO 8601."""

    number: int
    until: str
    source: str | None


@dataclass(frozen=True, slots=True)
class Located:
    """A passage under its key, with its article."""

    key: int
    article: Article
    passage: Passage

    @property
    def when(self) -> Moments:
        """The time that it is from."""
        return moments(self.article, self.passage.entry)


@dataclass(frozen=True, slots=True)
class Pending:
    """A passage that has no vectors yet."""

    article: Article
    passage: Passage

    @property
    def text(self) -> PassageText:
        """What the encoder reads."""
        return passage_text(subject_of(self.article), self.passage)


class Store(Protocol):
    """One generation of an archive, to read; later builds do not change it. Thread-safe."""

    @property
    def info(self) -> StoreInfo:
        """What it holds and how it was made."""

    @property
    def days(self) -> Days:
        """The days that its passages are from."""

    @property
    def mean_article_terms(self) -> float:
        """Mean number of terms per article, titles and headings of passages included."""

    def nearest(self, query: Vectors, limit: int, selection: Selection) -> Keys:
        """Keys of up to `limit` passages of the selection by cosine, best first."""

    def bm25(self, terms: Iterable[str], limit: int, selection: Selection) -> Keys:
        """Keys of up to `limit` passages of the selection by BM25, best first."""

    def document_frequency(self, terms: Sequence[str]) -> NDArray[np.int64]:
        """How many passages contain each term."""

    def spellings(self) -> Sequence[tuple[str, int]]:
        """Every word in lower case, and how many passages that all may read spell it so."""

    def forms(self) -> Sequence[Form]:
        """Every short or joined form that its passages teach; see `index.forms.taught`."""

    def rows(self, keys: Keys) -> PassageRows:
        """The rows of passages, in the order of `PassageRows.keys`."""

    def around(self, keys: Keys) -> PassageTerms:
        """The passages around those of the keys (see `index.keys.blocks_of`)."""

    def times(self, keys: Keys) -> NDArray[np.float64]:
        """When passages are from, in UTC seconds since 1970, NaN if unknown.

        If only a day or a longer time is known, its first moment.
        """

    def word_vectors(self, codes: Codes) -> Vectors:
        """The unit vectors of words by their codes; zeros for unknown ones."""

    def locate(self, key: int) -> Located:
        """The passage of a key that a search found, with its article.

        Raises DamagedError if the store lacks it, or its article is not as it was indexed.
        """

    def located(self, keys: Sequence[int]) -> Sequence[Located]:
        """The passages of several keys, in their order, asked for together.

        Raises DamagedError as `locate` does.
        """

    def article(self, article_id: str) -> Article | None:
        """The article of this id, or None."""

    def article_numbered(self, number: int) -> Article | None:
        """The article of this number, or None."""

    def articles_at(self, url: str | None) -> tuple[int, ...]:
        """Numbers of the articles with this address, latest first."""

    def listed(self) -> Iterator[Listed]:
        """Every article without its text, last added first."""

    def passage_count(self, number: int) -> int:
        """How many passages the article of this number has."""

    def titles(self) -> Iterator[str]:
        """Titles of articles, newest first."""

    def sources(self) -> list[str]:
        """The names of all sources, in alphabetical order."""

    def embargoes(self) -> Sequence[Embargo]:
        """Articles that had an embargo when they were added, whether or not it is over."""

    def close(self) -> None:
        """Close what is open."""


@dataclass(frozen=True, slots=True)
class Version:
    """A former text of an article, packed: see `index.build.versions`.

    `digits` are the digest of its text, in hex; `place` says where it is kept, for people. `read`
    raises OSError or ValueError where it is damaged.
    """

    place: str
    digits: str
    read: Callable[[], bytes]


class Versions(Protocol):
    """Former texts of the articles of an archive, by article and digest; no generation has them."""

    def put(self, article_id: str, digits: str, content: bytes) -> None:
        """Keep one; put again, it replaces itself."""

    def find(self, article_id: str, digits: str) -> Iterator[Version]:
        """Those of an article whose digest begins with these digits, twelve at least."""

    def forget(self, ids: Collection[str]) -> None:
        """Delete all that there are of these articles. Raises OSError or StoreError."""

    def all(self) -> Iterator[Version]:
        """Every one that is kept."""


class StoreDraft(Protocol):
    """The articles of the next generation. One thread puts them, another embeds them.

    The next build continues with what a killed one has put and embedded.
    """

    @property
    def passages(self) -> int:
        """How many passages it has, with or without vectors."""

    def known(self) -> list[Known]:
        """Its articles, from this build or one that was stopped."""

    def put(self, article: Article, place: Place, record: str, passages: Sequence[Passage]) -> int:
        """Add an article with its passages; returns its number, which stays."""

    def commit(self) -> None:
        """Save what was put, whatever happens to this process."""

    def pending(self) -> Iterator[Pending | None]:
        """Passages without vectors, in order; None where no more were there when it looked."""

    def embed(self, rows: Sequence[Rows]) -> None:
        """Give the next passages their rows of vectors, and commit them with their articles."""


class StoreWriter(Protocol):
    """A build's side of a store: killed at any moment, it leaves the last generation as it was."""

    @property
    def published(self) -> StoreInfo | None:
        """The published generation, or None before the first."""

    @property
    def draft(self) -> StoreDraft:
        """What is new in the next generation."""

    def known(self) -> Iterator[Known]:
        """The published articles that are not removed."""

    def article_numbered(self, number: int) -> Article | None:
        """The published article of this number, or None."""

    def reusable_rows(self, article: Article) -> Mapping[PassageText, Rows]:
        """Rows of vectors by what was read for them: of the article before it, or of its text.

        Empty if neither is published.
        """

    def publish(self, kept: Collection[int], removed: Collection[int]) -> StoreInfo:
        """Publish the draft's articles that are `kept`, and drop those `removed`.

        Both are numbers; `removed` includes articles of the draft that are not kept.
        """

    def leave(self) -> None:
        """Publish nothing; the draft stays for the next build."""


_told = MilvusAccess()


def get_in_by(access: MilvusAccess) -> None:
    """Use this for every Milvus that is opened from now on."""
    global _told
    _told = access


def told_access() -> MilvusAccess:
    """What was told last; nothing was if the Milvus asks for nothing."""
    return _told
