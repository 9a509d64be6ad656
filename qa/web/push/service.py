"""What the routes for programs do with articles, without the web."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from index.build.removal import remove_articles
from index.embed import Encoder
from index.errors import BuildError, BuildRunsError
from index.store import Store
from qa.web.push.indexing import Indexing, is_pushed, keep, path_of, read_pushed, withdraw

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stored:
    """An article that is on disk; not `is_new` if it was there before, to the letter."""

    article_id: str
    digest: str
    is_new: bool
    remarks: tuple[str, ...]


class Pushes:
    """Keeps articles that programs push, and removes articles for them. Thread-safe."""

    def __init__(
        self,
        data: Path,
        store: Callable[[], Store],
        encoder: Encoder,
        *,
        counts_kept: bool = True,
    ) -> None:
        """`store` gives the newest published index, with all that it holds.

        Of several processes that begin with what is kept, one counts it: that with `counts_kept`.
        """
        self._data, self._store = data, store
        self._indexing = Indexing(data, encoder, counts_kept=counts_kept)

    def start(self) -> None:
        """From now on, make searchable what is kept."""
        self._indexing.start()

    def close(self) -> None:
        """Stop that."""
        self._indexing.close()

    def waiting(self) -> int:
        """How many articles are kept and not yet searchable."""
        return self._indexing.waiting()

    def wait(self, timeout: float) -> bool:
        """Wait until all is searchable; False if that takes longer than `timeout` seconds."""
        return self._indexing.wait(timeout)

    def add(self, values: Mapping[str, object]) -> Stored:
        """Keep an article, on disk before this returns, and make it searchable soon after.

        Raises UnreadableError if it has no text, OSError if it cannot be written.
        """
        pushed = read_pushed(values)
        is_new = keep(self._data, pushed)
        self._indexing.added(path_of(self._data, pushed.article_id))
        _log.info("a program pushed article %r", pushed.article_id)
        return Stored(pushed.article_id, pushed.digest, is_new, pushed.remarks)

    def remove(self, article_id: str) -> bool:
        """Remove an article, for good before this returns; False if there is none of this id.

        One that was pushed is found no more soon after; one from elsewhere is withheld from builds.
        Raises BuildRunsError for the latter if a build is running.
        """
        was_pushed = withdraw(self._data, article_id)
        if was_pushed:
            self._indexing.withdrawn(path_of(self._data, article_id))
        if not (self._remove_published(article_id) or was_pushed):
            return False
        _log.info("a program removed article %r", article_id)
        return True

    def _remove_published(self, article_id: str) -> bool:
        """Remove one that is not from a pushed file, as it may still be where one was pushed."""
        if self._store().article(article_id) is None:
            return False
        if self._is_from_elsewhere(article_id):
            try:
                remove_articles(self._data, [article_id])
            except BuildRunsError:
                raise
            except BuildError:
                # Somebody else removed it a moment ago.
                return False
        return True

    def _is_from_elsewhere(self, article_id: str) -> bool:
        """Else its file is deleted already, and the index about to follow."""
        files = (each.file for each in self._store().listed() if each.id == article_id)
        return not any(map(is_pushed, files))
