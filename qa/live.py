"""The newest published index: soon after a build ends, it answers."""

import logging
import threading
from dataclasses import dataclass, replace
from pathlib import Path

from index.article import Article
from index.embed import Model
from index.settings import Strictness
from index.store import Stamp, Store, open_store, published_stamp
from qa.access.embargo import without_embargoed
from qa.access.members import Snippets
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
    whole: Store
    store: Store
    asker: Asker


class LiveIndex:
    """Asks and finds articles in the newest published generation, from many threads.

    Whatever it gives, the reader who is served may read: see `qa.access`.

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
        snippets: Snippets | None = None,
    ) -> None:
        self._data, self._encoder, self._model = data, encoder, model
        self._reranker, self._strictness, self._reader = reranker, strictness, reader
        self._snippets = snippets or Snippets()
        self._reopening = threading.Lock()
        self._closed = threading.Event()
        self._opened = self._open(published_stamp(self._data), None)

    @property
    def store(self) -> Store:
        """The current generation, without what is under an embargo."""
        return self._opened.store

    @property
    def whole(self) -> Store:
        """The current generation with all that it holds, for its owner."""
        return self._opened.whole

    def ask(self, question: Question) -> Answer:
        """Answer from the newest generation."""
        return self._snippets.answer(self._opened.asker.ask(question))

    def search(self, question: Question) -> list[Hit]:
        """Passages of the newest generation, whether or not they answer, in the question's time."""
        opened = self._opened
        return self._snippets.hits(opened.asker.search(question), opened.store.article)

    def article(self, article_id: str) -> Article | None:
        """The article in the newest generation, or as much as may be read of it, or None."""
        return self._snippets.article(self._opened.store.article(article_id))

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
                self._opened = self._open(stamp, self._opened.whole)
            except Exception as error:  # whatever it is, it must not stop the watcher
                _log.warning("the new index cannot be used, the old one stays: %s", error)
                self._opened = replace(self._opened, stamp=stamp)

    def _watch(self) -> None:
        while not self._closed.wait(LOOKED_AT_EVERY):
            self.refresh()

    def _open(self, stamp: Stamp | None, before: Store | None) -> _Opened:
        whole = open_store(self._data, self._model, before)
        store = without_embargoed(whole)
        searcher = Searcher(store, self._encoder, self._reranker)
        return _Opened(
            stamp,
            whole,
            store,
            Asker(store, searcher, strictness=self._strictness, reader=self._reader),
        )
