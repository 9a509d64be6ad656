"""Lists that come with an archive, an entry a line: shipped with its articles, or the owner's own.

A source folder can hold such a file. A build copies it beside the index. The owner's own list is
kept with the owner's other files, where no build changes it; an empty list counts too.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.build.owned import changing, owned, summed
from index.settings import home_of
from index.store.durable import replace_text


@dataclass(frozen=True, slots=True)
class ArchiveList:
    """A list by the `name` of its file in the data folder, and the one in a source folder."""

    name: str
    shipped: str

    def read(self, data: Path) -> tuple[str, ...]:
        """The owner's list, else the one shipped with the articles, else nothing."""
        for path in self.places(data):
            try:
                return tuple(lines_in(path.read_text(encoding="utf-8", errors="replace")))
            except FileNotFoundError:
                continue
        return ()

    def places(self, data: Path) -> tuple[Path, Path]:
        """Where the owner's list and the shipped one are kept."""
        return owned(data) / self.name, home_of(data) / self.name

    def write(self, data: Path, lines: Iterable[str]) -> None:
        """Make these the owner's list, in one step."""
        with changing(data) as folder, summed(data, folder / self.name):
            _write(folder / self.name, lines)

    def adopt(self, sources: Sequence[Path], data: Path) -> None:
        """Copy the lists in the source folders; if there are none, the last copy stays."""
        lists = [source / self.shipped for source in sources if source.is_dir()]
        found = [
            path.read_text(encoding="utf-8", errors="replace") for path in lists if path.is_file()
        ]
        if found:
            adopted = home_of(data) / self.name
            with changing(data), summed(data, adopted):
                _write(adopted, lines_in("\n".join(found)))


def lines_in(text: str) -> Iterator[str]:
    """The lines of a text that say something, each once.

    >>> list(lines_in("Who led it?\\n\\n  When was  it built? \\nWho led it?"))
    ['Who led it?', 'When was it built?']
    """
    lines = (" ".join(line.split()) for line in text.splitlines())
    return iter(dict.fromkeys(line for line in lines if line))


def _write(path: Path, lines: Iterable[str]) -> None:
    replace_text(path, "".join(f"{line}\n" for line in lines))
