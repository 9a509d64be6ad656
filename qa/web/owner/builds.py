"""A build started from the browser: a process of its own, one at a time, its steps told."""

import json
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from index.withheld import uploads

Status = Literal["idle", "running", "done", "failed"]


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of a build; `total` is None while it is not known."""

    name: str
    done: int
    total: int | None


@dataclass(frozen=True, slots=True)
class BuildState:
    """Where the last build that was started here stands; `message` says why it failed."""

    status: Status = "idle"
    stages: tuple[Stage, ...] = ()
    message: str = ""


@dataclass(frozen=True, slots=True)
class BuildCommand:
    """How `python -m index build` is run: its words up to the sources, and its environment."""

    words: Sequence[str]
    environment: Mapping[str, str]
    data: Path
    folders: Sequence[Path] = ()

    def sources(self) -> list[Path]:
        """The owner's folders, and that of what was added from the browser if any was."""
        added = uploads(self.data)
        has_added = added.is_dir() and any(not p.name.startswith(".") for p in added.iterdir())
        return [*self.folders, *([added] if has_added else [])]

    def line(self, *, prune: bool) -> list[str]:
        """The whole command."""
        flags = ["--prune"] if prune else []
        sources = [str(path) for path in self.sources()]
        return [*self.words, *flags, "--json", "--data", str(self.data), "--", *sources]


class Builds:
    """Starts builds, and knows how far the one that runs is. Called from many threads."""

    def __init__(self, command: BuildCommand) -> None:
        self.command = command
        self._state = BuildState()
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._ended.set()

    @property
    def state(self) -> BuildState:
        """How far it is."""
        return self._state

    def start(self, *, prune: bool = False) -> bool:
        """Start a build; False where one runs already or there is nothing to build from."""
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
                for line in process.stdout or ():
                    last = self._take(line.strip()) or last
            code = process.returncode
        except OSError as error:
            code, last = 1, str(error)
        status: Status = "failed" if code else "done"
        message = last.removeprefix("error: ") if code else ""
        self._state = replace(self._state, status=status, message=message)
        self._ended.set()

    def _take(self, line: str) -> str:
        """Note a step; gives back what is none."""
        try:
            told = json.loads(line)
            stage = Stage(str(told["stage"]), int(told["done"]), told["total"])
        except (ValueError, TypeError, KeyError):
            return "" if line.startswith('{"report"') else line
        stages = {each.name: each for each in self._state.stages} | {stage.name: stage}
        self._state = replace(self._state, stages=tuple(stages.values()))
        return ""
