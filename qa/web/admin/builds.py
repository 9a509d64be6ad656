"""Builds started in the browser, one at a time, each a separate process; and the uploads they read.

Uploads are kept in their own folder, under safe names.
"""

import filecmp
import json
import re
import shutil
import subprocess
import tempfile
import threading
import time
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import BinaryIO, Literal

from index.build.fetched import fetched, has_fetched
from index.build.owned import changing, summed, uploads
from index.build.withheld import restore_file
from index.readers.metadata import is_sidecar
from index.readers.walk import READERS, suffix_of
from index.store.durable import sync_folder, sync_open
from qa.web.admin.errors import OwnerError

Status = Literal["idle", "running", "done", "failed"]


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of a build; `total` is None while unknown."""

    name: str
    done: int
    total: int | None


@dataclass(frozen=True, slots=True)
class BuildState:
    """The state of the last build started here.

    Of one that failed `fault` is the code of the reason, as `index.errors.code_of` gives it, or
    "killed", or "other"; `message` is what it said itself, in English.
    """

    status: Status = "idle"
    stages: tuple[Stage, ...] = ()
    message: str = ""
    fault: str = ""

    def taking(self, line: str) -> "BuildState | None":
        """The state after a line that the build printed; None if that is not for programs."""
        match _message(line):
            case {"stage": str(name), "done": int(done), "total": int() | None as total}:
                stages = {each.name: each for each in self.stages} | {
                    name: Stage(name, done, total)
                }
                return replace(self, stages=tuple(stages.values()))
            case {"error": {"code": str(fault), "message": str(message)}}:
                return replace(self, fault=fault, message=message)
            case {"report": _}:
                return self
        return None

    def ended(self, code: int, last: str) -> "BuildState":
        """The state after the exit; `last` is the last line that was not for programs."""
        if not code:
            return replace(self, status="done")
        # A signal ended it.
        fault = self.fault or ("killed" if code < 0 else "other")
        message = self.message or last.removeprefix("error: ")
        return replace(self, status="failed", fault=fault, message=message)


def _message(line: str) -> object:
    try:
        return json.loads(line)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class BuildCommand:
    """How to run `python -m index build`: its first words, and its environment."""

    words: Sequence[str]
    environment: Mapping[str, str]
    data: Path
    folders: Sequence[Path] = ()

    def sources(self) -> list[Path]:
        """The owner's folders, and those of uploads and of fetched articles if there are any."""
        added = uploads(self.data)
        has_added = added.is_dir() and any(not p.name.startswith(".") for p in added.iterdir())
        kept = [added] if has_added else []
        kept += [fetched(self.data)] if has_fetched(self.data) else []
        return [*self.folders, *kept]

    def line(self, *, prune: bool) -> list[str]:
        """The full command line."""
        flags = ["--prune"] if prune else []
        sources = [str(path) for path in self.sources()]
        return [*self.words, *flags, "--json", "--data", str(self.data), "--", *sources]


class Builds:
    """Starts builds, and knows how far the running one is. Thread-safe."""

    def __init__(self, command: BuildCommand) -> None:
        self.command = command
        self._state = BuildState()
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._ended.set()

    @property
    def state(self) -> BuildState:
        """The state of the last build."""
        return self._state

    def start(self, *, prune: bool = False) -> bool:
        """Start a build; False if one is running or there is nothing to build from."""
        with self._lock:
            if self._state.status == "running" or not self.command.sources():
                return False
            self._state = BuildState("running")
            self._ended.clear()
        thread = threading.Thread(target=self._run, args=(prune,), name="build", daemon=True)
        thread.start()
        return True

    def wait(self, timeout: float) -> bool:
        """Wait for the end; False if that takes longer than `timeout` seconds."""
        return self._ended.wait(timeout)

    def _run(self, prune: bool) -> None:
        last = ""
        try:
            with subprocess.Popen(
                self.command.line(prune=prune),
                env=dict(self.command.environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            ) as process:
                for line in map(str.strip, process.stdout or ()):
                    after = self._state.taking(line)
                    last = last if after or not line else line
                    self._state = after or self._state
            code = process.returncode
        except OSError as error:
            code, last = 1, str(error)
        self._state = self._state.ended(code, last)
        self._ended.set()


MOST_BYTES = 50_000_000
MOST_FILES = 100
_LONGEST_NAME = 120
_DRAFT = ".draft-"
# Seconds: nobody takes so long between two parts of a file.
_ABANDONED = 3_600.0
# Characters with a meaning to some file system or shell, and invisible ones.
_UNSAFE = re.compile(r'[<>:"|?*\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]')


class UploadError(OwnerError):
    """A file that cannot be added."""


def safe_name(name: str) -> str:
    """The last part of a name, without unsafe characters. Raises UploadError.

    >>> safe_name("../../etc/my story.txt")
    'my story.txt'
    """
    name = unicodedata.normalize("NFC", name.encode(errors="replace").decode())
    last = _UNSAFE.sub("", re.split(r"[/\\]", name)[-1])
    last = re.sub(r"\s+", " ", last).strip(" .")
    # What is said of another file is no article.
    suffix = None if is_sidecar(Path(last)) else suffix_of(Path(last))
    stem = last[: -len(suffix)].strip(" .") if suffix else ""
    if not suffix or not stem:
        formats = ", ".join(READERS)
        message = f"{name[:80]!r} has an unsupported format: use one of {formats}"
        raise UploadError("file_format", message, name=name[:80], formats=formats)
    while len(stem.encode()) > _LONGEST_NAME:
        stem = stem[:-1]
    return stem.strip(" .") + suffix


def add_file(data: Path, name: str, content: BinaryIO, *, replace: bool = False) -> Path:
    """Save a file for the next build, and return its path once it is on disk. Raises UploadError.

    A file of the same name but other content is kept, and the new one gets a number in its name,
    unless `replace` is set.
    """
    folder = uploads(data)
    folder.mkdir(parents=True, exist_ok=True)
    safe = safe_name(name)
    with _written(folder, content) as written:
        if written.stat().st_size == 0:
            message = f"{safe!r} is empty: add a file with words in it"
            raise UploadError("file_empty", message, name=safe)
        # Of two that are added at once, one finds the name taken.
        with changing(data):
            target = folder / safe if replace else _free(folder, safe, written)
            with summed(data, target):
                written.replace(target)
                sync_folder(folder)
    restore_file(data, target)
    return target


@contextmanager
def _written(folder: Path, content: BinaryIO) -> Iterator[Path]:
    """A file with the content, on disk; it is gone in the end unless it was moved.

    Builds skip files whose name begins with a dot.
    """
    with tempfile.NamedTemporaryFile(dir=folder, prefix=_DRAFT, delete=False) as draft:
        written = Path(draft.name)
        try:
            shutil.copyfileobj(content, draft)
            sync_open(draft.file)
            written.chmod(0o644)
            yield written
        finally:
            written.unlink(missing_ok=True)


def clear_drafts(data: Path) -> None:
    """Delete what was being added when a process was killed, once none can still be at it."""
    for left in uploads(data).glob(f"{_DRAFT}*"):
        # It may have got its name, or be cleared by another, meanwhile.
        with suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > _ABANDONED:
                left.unlink()


def added_files(data: Path) -> list[Path]:
    """The files added in the browser."""
    folder = uploads(data)
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _free(folder: Path, name: str, written: Path) -> Path:
    same = (path for path in _names(folder, name) if _is_free(path, written))
    return next(same)


def _is_free(path: Path, written: Path) -> bool:
    return not path.exists() or filecmp.cmp(path, written, shallow=False)


def _names(folder: Path, name: str) -> Iterator[Path]:
    yield folder / name
    suffix = suffix_of(Path(name)) or ""
    for number in count(2):
        yield folder / f"{name[: -len(suffix)]}-{number}{suffix}"
