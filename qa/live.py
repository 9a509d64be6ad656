"""The newest published index and synonyms: soon after these change, they answer."""

import logging
import threading
from dataclasses import dataclass, replace
from pathlib import Path

from index.article import Article
from index.build.synonyms import read_synonyms, synonyms_stamp
from index.embed import Model
from index.errors import StoreError
from index.settings import Strictness
from index.store import Stamp, Store, looked_at_every, open_store, published_stamp
from qa.answer import Answer, Hit, Question
from qa.ask import Asker
from qa.rank.rerank import Reranker
from qa.read.reader import Reader
from qa.search import Searcher
from qa.understand.query import QueryEncoder

_log = logging.getLogger(__name__)


# Changes with what is published and with the synonyms.
_Stamp = tuple[Stamp | None, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class _Opened:
    stamp: _Stamp
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
    ) -> None:
        self._data, self._encoder, self._model = data, encoder, model
        self._reranker, self._strictness, self._reader = reranker, strictness, reader
        self._reopening = threading.Lock()
        self._closed = threading.Event()
        self._is_away = False
        self._opened = self._open(self._stamp(), None)

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
        """From now on, open what builds publish and read new synonyms, in a separate thread."""
        threading.Thread(target=self._watch, name="index watcher", daemon=True).start()

    def close(self) -> None:
        """Stop watching."""
        self._closed.set()

    def refresh(self) -> None:
        """Open what has been published since, or read new synonyms, if there are any.

        A store that is away is looked at again; that is logged when it goes and when it is back.
        """
        with self._reopening:
            try:
                # Take the stamp first: a build that ends meanwhile is then seen next time.
                stamp = self._stamp()
                if stamp != self._opened.stamp:
                    self._reopen(stamp)
            except StoreError as error:
                self._note(is_away=True, what=str(error))
            else:
                self._note(is_away=False, what="the store answers again")

    def _reopen(self, stamp: _Stamp) -> None:
        try:
            self._opened = self._open(stamp, self._opened.store)
        except StoreError:
            raise
        except Exception as error:  # whatever it is, it must not stop the watcher
            _log.warning("the new index cannot be used, the old one stays: %s", error)
            self._opened = replace(self._opened, stamp=stamp)

    def _note(self, *, is_away: bool, what: str) -> None:
        if is_away != self._is_away:
            self._is_away = is_away
            _log.warning(what)

    def _watch(self) -> None:
        while not self._closed.wait(looked_at_every(self._data)):
            self.refresh()

    def _stamp(self) -> _Stamp:
        return published_stamp(self._data), synonyms_stamp(self._data)

    def _open(self, stamp: _Stamp, before: Store | None) -> _Opened:
        store = open_store(self._data, self._model, before)
        synonyms = read_synonyms(self._data)
        searcher = Searcher(store, self._encoder, self._reranker, synonyms=synonyms)
        return _Opened(
            stamp, store, Asker(store, searcher, strictness=self._strictness, reader=self._reader)
        )
