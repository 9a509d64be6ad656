"""The words of the interface, one file a language in `languages/`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

Room = Literal["chat", "reader", "admin", "widget", "builder"]

_FILES = Path(__file__).parent / "languages"
LANGUAGES = ("en", "fr", "de", "es", "uk", "ar")


@dataclass(frozen=True, slots=True)
class Words:
    """What the interface says in one language: by room and name, and which way it is written."""

    code: str
    language: str
    direction: Literal["ltr", "rtl"]
    rooms: Mapping[str, Mapping[str, str]]

    def of(self, room: Room) -> Mapping[str, str]:
        """The words of one room by their names, the same in every language."""
        return self.rooms[room]


@cache
def words_in(code: str) -> Words:
    """The words in one of `LANGUAGES`. Raises KeyError for another."""
    if code not in LANGUAGES:
        raise KeyError(code)
    said = json.loads((_FILES / f"{code}.json").read_text(encoding="utf-8"))
    language, direction = said.pop("language"), said.pop("direction")
    return Words(code, language, direction, said)


def best_language(accepted: str | None) -> str:
    """The first of `LANGUAGES` that an Accept-Language header wants most, else English.

    >>> best_language("pt, uk;q=0.9, de;q=0.5")
    'uk'
    """
    wanted = [_wanted(part) for part in (accepted or "").split(",")]
    for weight, code in sorted(wanted, key=lambda each: -each[0]):
        if weight > 0 and code in LANGUAGES:
            return code
    return LANGUAGES[0]


def _wanted(part: str) -> tuple[float, str]:
    tag, _, parameter = part.partition(";")
    try:
        weight = float(parameter.strip().removeprefix("q=") or 1)
    except ValueError:
        weight = 0.0
    return weight, tag.strip().lower().split("-")[0]
