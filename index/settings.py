"""Every setting, in one frozen type. Only `app.py` and the `__main__.py` files fill it."""

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args

from index.errors import SettingError

# How sure an answer has to be before it is given.
Strictness = Literal["strict", "balanced", "open"]
STRICTNESS: tuple[Strictness, ...] = get_args(Strictness)

DEFAULT_MODEL = "all-MiniLM-L6-v2"


def _told(variable: str, meaning: str) -> dict[str, str]:
    return {"variable": variable, "meaning": meaning}


@dataclass(frozen=True, slots=True)
class Settings:
    """What a site owner can set, by environment variable or on the command line."""

    data: Path = field(
        default=Path("data"), metadata=_told("FOOTNOTE_DATA", "the folder of the index")
    )
    model: str = field(
        default=DEFAULT_MODEL,
        metadata=_told("FOOTNOTE_MODEL", "a sentence-transformers model, by hub name or folder"),
    )
    reranker: str = field(
        default="",
        metadata=_told(
            "FOOTNOTE_RERANKER",
            "a sentence-transformers CrossEncoder, by hub name or folder, to rank the best anew",
        ),
    )
    strictness: Strictness = field(
        default="balanced",
        metadata=_told(
            "FOOTNOTE_STRICTNESS",
            "when to answer: `strict` rather declines, `open` rather answers",
        ),
    )
    host: str = field(
        default="127.0.0.1", metadata=_told("FOOTNOTE_HOST", "the address that `app.py` serves on")
    )
    port: int = field(
        default=7860, metadata=_told("FOOTNOTE_PORT", "the port that `app.py` serves on")
    )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read what is set; an empty variable is as good as none. Raises SettingError."""
        found: dict[str, Any] = {
            setting.name: _read(setting, environment[variable])
            for setting in fields(cls)
            if environment.get(variable := str(setting.metadata["variable"]), "").strip()
        }
        return cls(**found)


def describe_settings() -> list[tuple[str, str, str]]:
    """Variable, default and meaning of every setting: the rows of the README's table."""
    return [
        (str(setting.metadata["variable"]), str(setting.default), str(setting.metadata["meaning"]))
        for setting in fields(Settings)
    ]


def _read(setting: "Field[Any]", value: str) -> object:
    value = value.strip()
    if isinstance(setting.default, Path):
        return Path(value)
    if isinstance(setting.default, int):
        return _number(str(setting.metadata["variable"]), value)
    if setting.default in STRICTNESS:
        return _strictness(str(setting.metadata["variable"]), value)
    return value


def _number(variable: str, value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise SettingError(
            f"{variable} is {value!r}, which is no whole number: set it to one, such as 7860"
        ) from None


def _strictness(variable: str, value: str) -> Strictness:
    for name in STRICTNESS:
        if value.lower() == name:
            return name
    raise SettingError(f"{variable} is {value!r}: set it to strict, balanced or open")
