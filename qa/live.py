"""The newest published index: soon after a build ends, it answers."""

import logging
import threading
from dataclasses import dataclass, replace
from pathlib import Path

from index.article import Article
from index.embed import Model
from index.settings import DateOrder, Strictness
from index.store import Stamp, Store, open_store, published_stamp
from qa.answer import Answer, Hit, Question
from qa.ask import Asker
from qa.rank.rerank import Reranker
from qa.read.reader import Reader
from qa.search import Searcher
from qa.understand.query import QueryEncoder

_log = logging.getLogger(__name__)

# How often to check for a new generation, in seconds.
LOOKED_AT_EVERY = 0.1


@dataclass(frozen=True, slots=True)
class _Opened:
    stamp: Stamp | None
    store: Store
    asker: Asker


class LiveIndex:
    """Asks and finds articles in the newest published generation, from many threads.

    Creating it raises what `open_store` raises. A new generation is opened while the old one
    answers, so that no question waits; if it cannot be opened, that is logged and the old one
    stays.
    """

    def __init__(
        self,
        data: Path,
        encoder: QueryEncoder,
        model: Model,
        reranker: Reranker | None = None,
        strictness: Strictness = "balanced",
        reader: Reader | None = None,
        date_order: DateOrder = "auto",
    ) -> None:
        self._data, self._encoder, self._model = data, encoder, model
        self._reranker, self._strictness, self._reader = reranker, strictness, reader
        self._date_order = date_order
        self._reopening = threading.Lock()
        self._closed = threading.Event()
        self._opened = self._open(published_stamp(self._data), None)

    @property
    def store(self) -> Store:
        """The current generation."""
        return self._opened.store

    def ask(self, question: Question) -> Answer:
        """Answer from the newest generation."""
        return self._opened.asker.ask(question)

    def search(self, question: Question) -> list[Hit]:
        """Passages of the newest generation, whether or not they answer, in the question's time."""
        return self._opened.asker.search(question)

    def article(self, article_id: str) -> Article | None:
        """The article in the newest generation, or None."""
        return self._opened.store.article(article_id)

    def days(self, question: Question) -> tuple[tuple[str, int], ...]:
        """The days of the newest generation with matches; see `qa.order`."""
        return self._opened.asker.days(question)

    def watch(self) -> None:
        """From now on, open what builds publish, in a separate thread."""
        threading.Thread(target=self._watch, name="index watcher", daemon=True).start()

    def close(self) -> None:
        """Stop watching."""
        self._closed.set()

    def refresh(self) -> None:
        """Open what has been published since, if anything."""
        with self._reopening:
            # Take the stamp first: a build that ends meanwhile is then seen next time.
            stamp = published_stamp(self._data)
            if stamp == self._opened.stamp:
                return
            try:
                self._opened = self._open(stamp, self._opened.store)
            except Exception as error:  # whatever it is, it must not stop the watcher
                _log.warning("the new index cannot be used, the old one stays: %s", error)
                self._opened = replace(self._opened, stamp=stamp)

    def _watch(self) -> None:
        while not self._closed.wait(LOOKED_AT_EVERY):
            self.refresh()

    def _open(self, stamp: Stamp | None, before: Store | None) -> _Opened:
        store = open_store(self._data, self._model, before)
        searcher = Searcher(store, self._encoder, self._reranker)
        asker = Asker(
            store,
            searcher,
            strictness=self._strictness,
            reader=self._reader,
            date_order=self._date_order,
        )
        return _Opened(stamp, store, asker)
