"""Where the rules of an archive lie: beside its articles, and in the data folder.

As with the other files that are shipped with articles, a build goes by `footnote.yaml` at the root
of a source folder, and copies it: what answers questions reads the copy, so that both go by the
same rules. The owner's own file in the data folder counts instead. What the owner added on the page
comes before either.
"""

from collections.abc import Sequence
from pathlib import Path

from index.build.lists import ArchiveFile, changed_at
from index.build.rules.added import added_file, added_rules
from index.build.rules.model import NO_RULES, Rules
from index.build.rules.reading import read_rules_text
from index.errors import SettingError
from index.readers.base import UnreadableError, decode, read_bytes
from index.readers.walk import RULES_FILE

RULES = ArchiveFile("rules.yaml", shipped=RULES_FILE)
_MOST_BYTES = 1_000_000


def rules_of(data: Path) -> Rules:
    """The rules that questions go by. Raises SettingError if they cannot be read."""
    return added_rules(data).before(rules_in_file(data))


def rules_in_file(data: Path) -> Rules:
    """Those of the file alone. Raises SettingError if they cannot be read."""
    return _first(RULES.places(data))


def rules_file(data: Path) -> Path | None:
    """The file in the data folder that they are in, if there is any."""
    return next((path for path in RULES.places(data) if path.is_file()), None)


def rules_stamp(data: Path) -> tuple[int, ...]:
    """Changes with the rules that questions go by."""
    return (*RULES.stamp(data), changed_at(added_file(data)))


def rules_for(sources: Sequence[Path], data: Path, added: Rules) -> Rules:
    """The rules that a build of these sources goes by, those that the owner added among them.

    Raises SettingError if they cannot be read, or if there are several.
    """
    own, adopted = RULES.places(data)
    shipped = RULES.in_sources(sources)
    if len(shipped) > 1 and not own.is_file():
        one, other, *_ = map(str, shipped)
        raise SettingError(f"there are rules in {one!r} and in {other!r}: keep one of them")
    return added.before(_first((own, *shipped, adopted)))


def _first(places: Sequence[Path]) -> Rules:
    """The rules in the first of these files that is there."""
    for path in places:
        if path.is_file():
            return read_rules_text(_text(path), str(path))
    return NO_RULES


def _text(path: Path) -> str:
    try:
        return decode(read_bytes(path, _MOST_BYTES))
    except UnreadableError as error:
        raise SettingError(f"{path} {error}") from None
