"""One generation of an archive in Milvus, to read: searched there, ranked here."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.analysis import Codes, term_codes
from index.article import Article
from index.embed import Model, Vectors
from index.errors import DamagedError, SettingError
from index.forms.taught import Form
from index.keys import Keys, PassageRows, PassageTerms, concat_terms, no_keys, number_of
from index.period import Days, Selection
from index.settings import milvus_place
from index.store.base import Embargo, Listed, Located, Stamp, Store, StoreInfo
from index.store.catalogue import page_key
from index.store.manifest import refuse_other_model
from index.store.milvus.bm25 import bm25, question_side
from index.store.milvus.client import WRITING, Found, client_of
from index.store.milvus.generation import Collections, Generation
from index.store.milvus.reading import ArticleReader, PassageReader, as_listed
from index.store.milvus.schema import code_of, conditions
from index.store.vocabulary import word_vectors

# Words propose so many times as many passages as are asked for, of which the true mean length
# chooses: see `index.store.milvus.bm25`.
_LOOKED_INTO = 2


class MilvusStore:
    """One generation; later builds do not change it. Thread-safe.

    The articles that a generation drops are deleted by the build after it: a reader may stay one
    generation behind.
    """

    def __init__(self, collections: Collections, generation: Generation) -> None:
        self._collections, self._generation = collections, generation
        self._passages = PassageReader(collections, generation.model.dimension)
        self._articles = ArticleReader(collections)

    @property
    def info(self) -> StoreInfo:
        """What it holds and how it was made."""
        return self._generation.info

    @property
    def mean_article_terms(self) -> float:
        """Mean number of terms per article, titles and headings of passages included."""
        statistics = self._generation.statistics
        return statistics.terms / max(statistics.counts.articles, 1)

    @cached_property
    def days(self) -> Days:
        """The days that its passages are from."""
        return self._generation.statistics.all_days()

    def nearest(self, query: Vectors, limit: int, selection: Selection) -> Keys:
        """Keys of up to `limit` passages of the selection by cosine, best first."""
        found = self._search("vector", query, limit, selection)
        return np.array([each.key for each in found], np.int64)

    def bm25(self, terms: Iterable[str], limit: int, selection: Selection) -> Keys:
        """Keys of up to `limit` passages of the selection by BM25, best first."""
        statistics = self._generation.statistics
        codes = term_codes(dict.fromkeys(terms))
        asked = question_side(codes, statistics.holding_of(codes), statistics.counts.passages)
        if not asked:
            return no_keys()
        scores = [
            (-bm25(asked, each.fields["words"], statistics.mean_length), each.key)
            for each in self._search("words", asked, _LOOKED_INTO * limit, selection)
        ]
        return np.array([key for _, key in sorted(scores)[:limit]], np.int64)

    def document_frequency(self, terms: Sequence[str]) -> NDArray[np.int64]:
        """How many passages contain each term."""
        return self._generation.statistics.holding_of(term_codes(terms))

    def spellings(self) -> Sequence[tuple[str, int]]:
        """Every word in lower case, and how many passages that all may read spell it so."""
        return self._generation.statistics.all_spellings()

    def forms(self) -> Sequence[Form]:
        """Every form that a passage which all may read teaches; see `index.forms.taught`."""
        return self._generation.statistics.all_forms()

    def rows(self, keys: Keys) -> PassageRows:
        """The rows of passages, in the order of `PassageRows.keys`."""
        return self._passages.table(keys).rows(keys)

    def around(self, keys: Keys) -> PassageTerms:
        """The passages around those of the keys."""
        if not len(keys):
            return concat_terms((), self._generation.model.dimension)
        return self._passages.table(keys).around(keys)

    def times(self, keys: Keys) -> NDArray[np.float64]:
        """When passages are from, in UTC seconds since 1970, NaN if unknown.

        If only a day or a longer time is known, its first moment.
        """
        return self._passages.table(keys).times(keys)

    def word_vectors(self, codes: Codes) -> Vectors:
        """The unit vectors of words by their codes; zeros for unknown ones."""
        dimension = self._generation.model.dimension
        return word_vectors([self._generation.vocabulary], codes, dimension)

    def locate(self, key: int) -> Located:
        """The passage of a key that a search found, with its article.

        Raises DamagedError if the store lacks it, or its article is not as it was indexed.
        """
        [found] = self.located([key])
        return found

    def located(self, keys: Sequence[int]) -> list[Located]:
        """The passages of several keys, in their order: asked for together."""
        table = self._passages.table(np.array(keys, np.int64))
        articles = self._articles.articles([number_of(key) for key in keys])
        if any(number_of(key) not in articles for key in keys):
            raise DamagedError(
                f"the index in {self._collections.place.shown!r} lacks an article that its "
                "passages name: check it with python -m index verify"
            )
        of_key = ((key, articles[number_of(key)]) for key in keys)
        return [Located(key, article, table.passage(key, article)) for key, article in of_key]

    def article(self, article_id: str) -> Article | None:
        """The article of this id, or None."""
        for number in self._with_code("id", article_id):
            article = self.article_numbered(number)
            if article is not None and article.id == article_id:
                return article
        return None

    def article_numbered(self, number: int) -> Article | None:
        """The article of this number, or None."""
        if not self._generation.shows(number):
            return None
        return self._articles.articles([number]).get(number)

    def articles_at(self, url: str | None) -> tuple[int, ...]:
        """Numbers of the articles with this address, latest first."""
        page = page_key(url)
        return () if page is None else tuple(self._with_code("page", page))

    def listed(self) -> Iterator[Listed]:
        """Every article without its text, last added first."""
        return (as_listed(number, facts) for number, facts in reversed(self._facts))

    def passage_count(self, number: int) -> int:
        """How many passages the article of this number has."""
        if not self._generation.shows(number):
            return 0
        return self._passages.count(number)

    def titles(self) -> Iterator[str]:
        """Titles of articles, newest first."""
        titled = [(facts, number) for number, facts in self._facts if facts["title"] is not None]
        titled.sort(key=lambda each: (each[0]["published"] or "", each[1]), reverse=True)
        return (facts["title"] for facts, _ in titled)

    def sources(self) -> list[str]:
        """The names of all sources, in alphabetical order."""
        return sorted(self._generation.statistics.sources)

    def embargoes(self) -> list[Embargo]:
        """Articles that had an embargo when they were added, whether or not it is over."""
        return [each for each in self._articles.embargoes() if self._generation.shows(each.number)]

    def warm(self) -> None:
        """Have Milvus load what it searches: else the first question would wait for that."""
        client, passages = self._collections.client, self._collections.passages
        nowhere = np.zeros(self._generation.model.dimension, np.float32)
        for field, vector in (("vector", nowhere), ("words", {0: 1.0})):
            client.search(passages, field, vector, 1, "", WRITING)

    def close(self) -> None:
        """Nothing is open: the connection is that of the process."""

    @cached_property
    def _facts(self) -> list[tuple[int, dict[str, Any]]]:
        generation = self._generation
        found = self._articles.facts(generation.next_number)
        return [(number, facts) for number, facts in found if generation.shows(number)]

    def _with_code(self, field: str, name: str) -> list[int]:
        found = self._articles.with_code(**{field: code_of(name)})
        return sorted(filter(self._generation.shows, found), reverse=True)

    def _search(self, field: str, vector: Any, limit: int, selection: Selection) -> Sequence[Found]:
        if selection.articles is not None and not selection.articles:
            return ()
        among = " and ".join([*self._generation.shown, *conditions(selection)])
        collections, fields = self._collections, ("words",) if field == "words" else ()
        return collections.client.search(
            collections.passages, field, vector, limit, among, fields=fields
        )


def open_milvus(data: Path, model: Model | None = None, before: Store | None = None) -> MilvusStore:
    """Open what is published in `data`; it must be made by `model` if one is given.

    Raises IndexMissingError if there is no index, IndexRefusedError if it was built by another
    model or version, StoreError if Milvus does not answer.
    """
    collections, generation = collections_of(data).newest()
    if model is not None:
        refuse_other_model(data, generation.model, model)
    store = MilvusStore(collections, generation)
    store.warm()
    return store


def published_milvus(data: Path) -> Stamp | None:
    """A stamp that changes with each publishing; None if nothing is published."""
    return collections_of(data).published()


def switch_milvus(data: Path, other: Path) -> str:
    """Let an archive be another one from now on; returns the name of what it was.

    Raises SettingError if they are not in the same Milvus, IndexMissingError if either has no
    index, BuildError if both are one already.
    """
    collections, others = collections_of(data), collections_of(other)
    if collections.place.uri != others.place.uri:
        raise SettingError(
            f"{str(data)!r} and {str(other)!r} are not in the same Milvus: copy one there with "
            "python -m index copy"
        )
    return milvus_place(data.with_name(collections.switch(others))).shown


def collections_of(data: Path) -> Collections:
    """The collections of an archive."""
    place = milvus_place(data)
    return Collections(place, client_of(place))
