"""Files that come with an archive: shipped with its articles, or the owner's own.

A source folder can hold such a file. A build copies it beside the index. The owner's own file is
kept with the owner's other files, where no build changes it; an empty one counts too. Such files
are the questions that an archive opens with, and words that mean the same.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.build.owned import changing, owned, summed
from index.readers.walk import QUESTIONS_FILE, SYNONYMS_FILE
from index.settings import home_of
from index.store.durable import replace_text


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """A file by its `name` in the data folder, and by that in a source folder."""

    name: str
    shipped: str

    def places(self, data: Path) -> tuple[Path, Path]:
        """Where the owner's file and the shipped one are kept."""
        return owned(data) / self.name, home_of(data) / self.name

    def stamp(self, data: Path) -> tuple[int, ...]:
        """Changes with the files in the data folder."""
        return tuple(changed_at(path) for path in self.places(data))

    def in_sources(self, sources: Sequence[Path]) -> list[Path]:
        """Those in the source folders."""
        files = (source / self.shipped for source in sources if source.is_dir())
        return [file for file in files if file.is_file()]

    def adopt(self, sources: Sequence[Path], data: Path) -> None:
        """Copy the files in the source folders; if there are none, the last copy stays."""
        found = [
            path.read_text(encoding="utf-8", errors="replace") for path in self.in_sources(sources)
        ]
        if found:
            adopted = home_of(data) / self.name
            with changing(data), summed(data, adopted):
                replace_text(adopted, self._joined(found))

    def _joined(self, texts: Sequence[str]) -> str:
        return "\n".join(texts)


@dataclass(frozen=True, slots=True)
class ArchiveList(ArchiveFile):
    """A file with an entry a line."""

    def read(self, data: Path) -> tuple[str, ...]:
        """The owner's list, else the one shipped with the articles, else nothing."""
        for path in self.places(data):
            try:
                return tuple(lines_in(path.read_text(encoding="utf-8", errors="replace")))
            except FileNotFoundError:
                continue
        return ()

    def write(self, data: Path, lines: Iterable[str]) -> None:
        """Make these the owner's list, in one step."""
        self.change(data, lambda _: lines)

    def change(
        self, data: Path, change: Callable[[tuple[str, ...]], Iterable[str]]
    ) -> tuple[str, ...]:
        """Make the owner's list out of what it is, while nobody else does; returns what it was.

        What `change` raises leaves the list as it was.
        """
        with changing(data) as folder:
            held = self.read(data)
            text = _in_lines(change(held))
            with summed(data, folder / self.name):
                replace_text(folder / self.name, text)
        return held

    def _joined(self, texts: Sequence[str]) -> str:
        return _in_lines(lines_in("\n".join(texts)))


def lines_in(text: str) -> Iterator[str]:
    """The lines of a text that say something, each once.

    >>> list(lines_in("Who led it?\\n\\n  When was  it built? \\nWho led it?"))
    ['Who led it?', 'When was it built?']
    """
    lines = (" ".join(line.split()) for line in text.splitlines())
    return iter(dict.fromkeys(line for line in lines if line))


def merged(held: Sequence[str], seen: Collection[str], lines: Iterable[str]) -> list[str]:
    """What a list becomes that others may have changed while somebody edited it.

    `held` is the list now, `seen` the marks of the lines that were edited, `lines` what became of
    them. Lines of others stay, and so does what they took away.

    >>> seen = [mark_of(line) for line in ("one", "two", "three")]
    >>> merged(["one", "three", "four"], seen, ["one", "two", "five"])
    ['one', 'four', 'five']
    """
    wanted = list(dict.fromkeys(lines))
    if set(seen) == set(map(mark_of, held)):
        return wanted
    kept = [line for line in held if line in wanted or mark_of(line) not in seen]
    return list(dict.fromkeys((*kept, *(line for line in wanted if mark_of(line) not in seen))))


def mark_of(line: str) -> str:
    """What a form knows a line by."""
    return hashlib.sha256(line.encode()).hexdigest()[:8]


def _in_lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def changed_at(path: Path) -> int:
    """When a file was changed, in nanoseconds; 0 if it is not there."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


FIRST_QUESTIONS = ArchiveList("questions.txt", shipped=QUESTIONS_FILE)
MOST_QUESTIONS = 50
LONGEST = 200


SYNONYMS = ArchiveList("synonyms.txt", shipped=SYNONYMS_FILE)
_EQUALS = "="


def read_synonyms(data: Path) -> tuple[tuple[str, ...], ...]:
    """The groups of the owner's list, else of the one shipped with the articles.

    A line without two forms says nothing.
    """
    groups = map(forms_in, SYNONYMS.read(data))
    return tuple(group for group in groups if len(group) > 1)


def forms_in(line: str) -> tuple[str, ...]:
    """The forms that a line of the list equates.

    >>> forms_in("FCDO = Foreign Office")
    ('FCDO', 'Foreign Office')
    """
    return tuple(form for each in line.split(_EQUALS) if (form := each.strip()))
