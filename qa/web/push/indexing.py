"""Keeps pushed articles on disk and makes them searchable, in a thread of the server.

What is kept on disk is the queue: a server that is killed goes on from the files.
"""

import hashlib
import json
import logging
import re
import threading
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path

from index.build import build
from index.build.owned import changing, forget_sum, is_upload, uploads
from index.build.pipeline import no_progress
from index.build.removal import displace, remove_gone
from index.build.withheld import restore_file
from index.embed import Encoder
from index.errors import BuildError, BuildRunsError, SourceMissingError
from index.readers import READERS, Found, Remark, Source, Unreadable, findings
from index.readers.base import UnreadableError
from index.store.durable import sync_folder
from qa.web.admin.builds import add_file, clear_drafts

# Seconds: how soon to look again whether another build has ended, and after a fault.
_SOON, _LATER = 0.3, 10.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Work:
    """Files to read, files that were deleted, and whether any other may be gone."""

    new: frozenset[Path] = frozenset()
    gone: frozenset[Path] = frozenset()
    is_first: bool = False

    def __bool__(self) -> bool:
        return bool(self.new or self.gone) or self.is_first

    def __or__(self, other: "_Work") -> "_Work":
        is_first = self.is_first or other.is_first
        return _Work(self.new | other.new, self.gone | other.gone, is_first)


_NOTHING = _Work()


class Indexing:
    """Builds what is pushed and takes out what is withdrawn, one round after the other."""

    def __init__(self, data: Path, encoder: Encoder, *, counts_kept: bool) -> None:
        """`counts_kept`: what it begins with waits here, not in another process that has begun."""
        self._data, self._encoder, self._counts_kept = data, encoder, counts_kept
        # Told of whatever comes and whatever is done.
        self._told = threading.Condition()
        self._next, self._in_hand = _NOTHING, _NOTHING
        self._kept = frozenset[Path]()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pushes", daemon=True)

    def start(self) -> None:
        """Begin with what a server before this one did not come to."""
        self._kept = frozenset(kept_files(self._data))
        self._put(_Work(is_first=True))
        self._thread.start()

    def close(self) -> None:
        """Stop after the round in hand, if that ends soon; what is left stays on disk."""
        self._closed.set()
        with self._told:
            self._told.notify_all()
        if self._thread.is_alive():
            self._thread.join(_SOON)

    def added(self, path: Path) -> None:
        """An article was kept in this file."""
        self._put(_Work(frozenset([path])))

    def withdrawn(self, path: Path) -> None:
        """The file of an article was deleted."""
        self._put(_Work(gone=frozenset([path])))

    def waiting(self) -> int:
        """How many articles are kept and not yet searchable."""
        with self._told:
            return len(self._files(self._next | self._in_hand, with_kept=self._counts_kept))

    def wait(self, timeout: float) -> bool:
        """Wait until all is done; False if that takes longer than `timeout` seconds."""
        with self._told:
            return self._told.wait_for(lambda: not (self._next or self._in_hand), timeout)

    def _put(self, work: _Work) -> None:
        with self._told:
            self._next |= work
            self._told.notify_all()

    def _run(self) -> None:
        while self._take():
            pause = self._try(self._in_hand)
            with self._told:
                if pause is not None:
                    self._next |= self._in_hand
                self._in_hand = _NOTHING
                self._told.notify_all()
            if pause is not None:
                self._closed.wait(pause)

    def _take(self) -> bool:
        """Wait for work and take it in hand; False once this is closed."""
        with self._told:
            self._told.wait_for(lambda: self._next or self._closed.is_set())
            self._in_hand, self._next = self._next, _NOTHING
        return not self._closed.is_set()

    def _try(self, work: _Work) -> float | None:
        """Do it; gives the seconds after which to try again, if that has to be."""
        try:
            clear_drafts(self._data)
            # Removal comes first: it needs no rules and no model, which may fail, and what was
            # withdrawn and then pushed again must not be taken for a change of the same article.
            if work.gone or work.is_first:
                remove_gone(self._data, partial(self._is_gone, work.gone))
            files = self._files(work, with_kept=True) | work.gone
            self._publish([path for path in sorted(files) if path.exists()])
        except (BuildRunsError, SourceMissingError):
            # Another build, or an article that was withdrawn a moment ago.
            return _SOON
        except Exception as error:  # whatever it is, later articles must not wait for ever
            _log.warning("pushed articles are not searchable yet: %s", error)
            return _LATER
        return None

    def _files(self, work: _Work, *, with_kept: bool) -> frozenset[Path]:
        """What is to be read; at first that is all that was kept at the start."""
        return work.new | self._kept if work.is_first and with_kept else work.new

    def _publish(self, paths: list[Path]) -> None:
        if not paths:
            return
        displace(self._data, ids_in(paths), is_pushed)
        try:
            report = build(paths, self._data, self._encoder, no_progress)
        except BuildRunsError:
            raise
        except BuildError as error:
            # Of these files nothing could be read, nor will it be.
            _log.warning("%s", error)
            return
        for fault in report.faults:
            _log.warning("a pushed article cannot be read: %s: %s", fault.origin, fault.reason)

    def _is_gone(self, gone: Collection[Path], file: str) -> bool:
        kept = uploads(self._data) / Path(file).name
        return is_pushed(file) and (kept in gone or not kept.exists())


_BEGINS, _ENDS = "pushed-", ".jsonl"
_LONGEST_STEM = 40


@dataclass(frozen=True, slots=True)
class Pushed:
    """An article that can be read: its id, the sha256 of its text, its line.

    `remarks` tell what was odd about it.
    """

    article_id: str
    digest: str
    line: bytes
    remarks: tuple[str, ...]


def read_pushed(values: Mapping[str, object]) -> Pushed:
    """The article of these values, by the names that records have for them and its `id`.

    Raises UnreadableError, which says what is missing.
    """
    record = {("_id" if name == "id" else name): value for name, value in values.items()}
    line = json.dumps(record, ensure_ascii=False).encode() + b"\n"
    found = list(findings(READERS[_ENDS], Source(Path(_ENDS), "", data=line)))
    for each in found:
        if isinstance(each, Unreadable):
            raise UnreadableError(each.reason)
    [article] = [each.article for each in found if isinstance(each, Found)]
    remarks = tuple(each.message for each in found if isinstance(each, Remark))
    return Pushed(article.id, article.digest, line, remarks)


def path_of(data: Path, article_id: str) -> Path:
    """Where a pushed article of this id is kept, if there is one."""
    stem = re.sub("[^0-9A-Za-z]+", "-", article_id)[:_LONGEST_STEM].strip("-")
    digest = hashlib.sha256(article_id.encode()).hexdigest()[:24]
    return uploads(data) / f"{_BEGINS}{stem}-{digest}{_ENDS}"


def is_pushed(file: str) -> bool:
    """Whether it is the file of a pushed article, wherever the data folder lies."""
    return is_upload(file) and Path(file).name.startswith(_BEGINS)


def kept_files(data: Path) -> list[Path]:
    """The files of all pushed articles."""
    return sorted(uploads(data).glob(f"{_BEGINS}*{_ENDS}"))


def ids_in(files: Iterable[Path]) -> set[str]:
    """The ids of the articles in these files, but for files that cannot be read."""
    found = set[str]()
    for file in files:
        with suppress(OSError, ValueError, KeyError):
            found.add(json.loads(file.read_bytes())["_id"])
    return found


def keep(data: Path, pushed: Pushed) -> bool:
    """Keep it, on disk before this returns; False if it was kept already, to the letter.

    Raises OSError if it cannot be written, and then what was kept before stays.
    """
    path = path_of(data, pushed.article_id)
    if not _holds(path, pushed.line):
        add_file(data, path.name, BytesIO(pushed.line), replace=True)
        return True
    # Who wrote it may have been killed before the name was on disk, or a removal was taken back.
    sync_folder(path.parent)
    restore_file(data, path)
    return False


def withdraw(data: Path, article_id: str) -> bool:
    """Delete its file, for good before this returns; False if there is none."""
    path = path_of(data, article_id)
    if not path.exists():
        return False
    with changing(data):
        path.unlink(missing_ok=True)
        sync_folder(path.parent)
        forget_sum(data, path)
    return True


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() == content
    except FileNotFoundError:
        return False
