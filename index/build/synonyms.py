"""Words that mean the same in an archive, a group a line: `FCDO = Foreign Office`."""

from pathlib import Path

from index.build.lists import ArchiveList
from index.readers.walk import SYNONYMS_FILE

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


def synonyms_stamp(data: Path) -> tuple[int, ...]:
    """Changes with the lists in the data folder."""
    return tuple(_changed(path) for path in SYNONYMS.places(data))


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
