"""The index as it is published now: a build that ends is answered from within a moment."""

import logging
import threading
from dataclasses import dataclass, replace
from pathlib import Path

from index.article import Article
from index.embed import Model
from index.settings import Strictness
from index.store import Stamp, Store, open_store, published_stamp
from qa.answer import Answer, Hit, Question
from qa.ask import Asker
from qa.rank.rerank import Reranker
from qa.search import Searcher
from qa.understand.query import QueryEncoder

_log = logging.getLogger(__name__)

# How often the manifest is looked at, in seconds.
LOOKED_AT_EVERY = 0.1


@dataclass(frozen=True, slots=True)
class _Opened:
    stamp: Stamp | None
    store: Store
    asker: Asker


class LiveIndex:
    """Asks and finds articles in the newest published generation, from many threads.

    Raises what `open_store` raises when it is made. A later generation is opened beside the
    one that answers, so that no question waits for it; one that cannot be opened is logged and
    the one before serves on.
    """

    def __init__(
        self,
        data: Path,
        encoder: QueryEncoder,
        model: Model,
        reranker: Reranker | None = None,
        strictness: Strictness = "balanced",
    ) -> None:
        self._data, self._encoder, self._model = data, encoder, model
        self._reranker, self._strictness = reranker, strictness
        self._reopening = threading.Lock()
        self._closed = threading.Event()
        self._opened = self._open(published_stamp(self._data), None)

    @property
    def store(self) -> Store:
        """The generation that answers now."""
        return self._opened.store

    def ask(self, question: Question) -> Answer:
        """Answer from the newest generation."""
        return self._opened.asker.ask(question)

    def search(self, question: Question) -> list[Hit]:
        """Passages of the newest generation, answering or not, as the time in it asks."""
        return self._opened.asker.search(question)

    def article(self, article_id: str) -> Article | None:
        """The article in the newest generation, or None."""
        return self._opened.store.article(article_id)

    def days(self, question: Question) -> tuple[tuple[str, int], ...]:
        """On which days the newest generation tells of what is asked; see `qa.order`."""
        return self._opened.asker.days(question)

    def watch(self) -> None:
        """From now on, open what builds publish, in a thread of its own."""
        threading.Thread(target=self._watch, name="index watcher", daemon=True).start()

    def close(self) -> None:
        """Stop watching."""
        self._closed.set()

    def refresh(self) -> None:
        """Open what has been published since, if anything."""
        with self._reopening:
            # The stamp is taken first: a build that ends meanwhile is then seen the next time.
            stamp = published_stamp(self._data)
            if stamp == self._opened.stamp:
                return
            try:
                self._opened = self._open(stamp, self._opened.store)
            except Exception as error:  # whatever it is: it must not end the watching
                _log.warning("the new index cannot be used, the one before serves on: %s", error)
                self._opened = replace(self._opened, stamp=stamp)

    def _watch(self) -> None:
        while not self._closed.wait(LOOKED_AT_EVERY):
            self.refresh()

    def _open(self, stamp: Stamp | None, before: Store | None) -> _Opened:
        store = open_store(self._data, self._model, before)
        searcher = Searcher(store, self._encoder, self._reranker)
        return _Opened(stamp, store, Asker(store, searcher, strictness=self._strictness))
