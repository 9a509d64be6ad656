"""What the owner took out of the index: a build that finds it again passes it over."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from index.durable import replace_text
from index.errors import DamagedError

# What is the owner's own in the data folder: no build removes it, and no index can be made of it.
OWNED = "owner"
UPLOADS = "uploads"
_NAME = "withheld.json"


@dataclass(frozen=True, slots=True)
class Withheld:
    """An article that was taken out: where it comes from, and what to call it."""

    origin: str
    id: str
    title: str | None = None


def uploads(data: Path) -> Path:
    """The folder of what was added from the browser."""
    return data / OWNED / UPLOADS


def read_withheld(data: Path) -> tuple[Withheld, ...]:
    """What is withheld. Raises DamagedError where that cannot be told."""
    path = data / OWNED / _NAME
    try:
        return tuple(Withheld(**told) for told in json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, TypeError) as error:
        raise DamagedError(
            f"{path} cannot be read ({error}): mend it, or remove it to take back all articles"
        ) from None


def write_withheld(data: Path, withheld: Iterable[Withheld]) -> None:
    """Put these in the place of what was withheld."""
    path = data / OWNED / _NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [asdict(each) for each in sorted(set(withheld), key=lambda each: each.origin)]
    replace_text(path, json.dumps(lines, ensure_ascii=False, indent=1))


def restore(data: Path, ids: Sequence[str]) -> list[Withheld]:
    """No longer withhold the articles of these ids; the next build reads them. Gives them."""
    held = read_withheld(data)
    back = [each for each in held if each.id in ids]
    if back:
        write_withheld(data, set(held) - set(back))
    return back


def restore_file(data: Path, file: Path) -> None:
    """No longer withhold anything of a file, which was added anew."""
    held = read_withheld(data)
    kept = [each for each in held if not _is_of(each, str(file.absolute()))]
    if len(kept) < len(held):
        write_withheld(data, kept)


def _is_of(withheld: Withheld, file: str) -> bool:
    return withheld.origin == file or withheld.origin.startswith((f"{file}#", f"{file}~"))
