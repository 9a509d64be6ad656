"""The index as it is published now: a build that ends is answered from at the next question."""

import logging
import threading
from dataclasses import dataclass, replace
from pathlib import Path

from index.article import Article
from index.embed import Encoder
from index.errors import FootnoteError
from index.manifest import MANIFEST
from index.store import Snapshot, open_snapshot
from qa.answer import Answer, Question
from qa.ask import Asker
from qa.search import Searcher

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Opened:
    stamp: tuple[int, int]
    snapshot: Snapshot
    asker: Asker


class LiveIndex:
    """Asks and finds articles in the newest published generation, from many threads.

    Raises what `open_snapshot` raises when it is made. A later generation that cannot be opened
    is logged and the one before serves on.
    """

    def __init__(self, data: Path, encoder: Encoder) -> None:
        self._data = data
        self._encoder = encoder
        self._lock = threading.Lock()
        self._opened = self._open(self._stamp())

    @property
    def snapshot(self) -> Snapshot:
        """The generation that answers now."""
        return self._newest().snapshot

    def ask(self, question: Question) -> Answer:
        """Answer from the newest generation."""
        return self._newest().asker.ask(question)

    def article(self, article_id: str) -> Article | None:
        """The article in the newest generation, or None."""
        return self._newest().snapshot.article(article_id)

    def _newest(self) -> _Opened:
        if self._stamp() == self._opened.stamp:
            return self._opened
        with self._lock:
            if self._stamp() != self._opened.stamp:
                self._reopen()
        return self._opened

    def _reopen(self) -> None:
        # The stamp is taken first: a build that ends meanwhile is then seen at the next question.
        stamp = self._stamp()
        try:
            self._opened = self._open(stamp)
        except (FootnoteError, OSError) as error:
            _log.warning("the new index cannot be used, the one before serves on: %s", error)
            self._opened = replace(self._opened, stamp=stamp)

    def _open(self, stamp: tuple[int, int]) -> _Opened:
        snapshot = open_snapshot(self._data, self._encoder.model)
        return _Opened(stamp, snapshot, Asker(snapshot, Searcher(snapshot, self._encoder)))

    def _stamp(self) -> tuple[int, int]:
        try:
            found = (self._data / MANIFEST).stat()
        except FileNotFoundError:
            return (0, 0)
        return (found.st_ino, found.st_mtime_ns)
