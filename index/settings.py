"""Every setting, in one frozen type. Only `app.py` and the `__main__.py` files fill it in."""

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args

from index.errors import SettingError

# How confident an answer must be before it is given.
Strictness = Literal["strict", "balanced", "open"]
STRICTNESS: tuple[Strictness, ...] = get_args(Strictness)

DEFAULT_MODEL = "all-MiniLM-L6-v2"
DEFAULT_READER = "footnote-reader"
_SWITCH = {"yes": True, "1": True, "true": True, "no": False, "0": False, "false": False}
PASSWORD = "FOOTNOTE_ADMIN_PASSWORD"


def _described(variable: str, meaning: str, choices: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"variable": variable, "meaning": meaning, "choices": choices}


@dataclass(frozen=True, slots=True)
class Settings:
    """What a site owner can set, by environment variable or on the command line."""

    data: Path = field(
        default=Path("data"), metadata=_described("FOOTNOTE_DATA", "the folder of the index")
    )
    model: str = field(
        default=DEFAULT_MODEL,
        metadata=_described(
            "FOOTNOTE_MODEL", "a sentence-transformers model, by hub name or folder"
        ),
    )
    reranker: str = field(
        default="",
        metadata=_described(
            "FOOTNOTE_RERANKER",
            "a sentence-transformers CrossEncoder, by hub name or folder, to rerank the best",
        ),
    )
    reader: str = field(
        default=DEFAULT_READER,
        metadata=_described(
            "FOOTNOTE_READER",
            "what reads the passages found and marks the words that answer: Footnote's own, or a "
            "model for extractive question answering, by hub name or folder; `none`",
        ),
    )
    strictness: Strictness = field(
        default="balanced",
        metadata=_described(
            "FOOTNOTE_STRICTNESS",
            "when to answer: `strict` prefers to decline, `open` to answer",
            choices=STRICTNESS,
        ),
    )
    host: str = field(
        default="127.0.0.1",
        metadata=_described("FOOTNOTE_HOST", "the address that `app.py` serves on"),
    )
    port: int = field(
        default=7860, metadata=_described("FOOTNOTE_PORT", "the port that `app.py` serves on")
    )
    journal: str = field(
        default="on",
        metadata=_described(
            "FOOTNOTE_JOURNAL",
            "what is kept of what readers ask: `on`, `not_covered` or `off`",
            ("on", "not_covered", "off"),
        ),
    )
    admin_password: str = field(
        default="",
        repr=False,
        metadata=_described(
            PASSWORD,
            "password of the owner's page `/admin`, 12 characters or more; without one it is off",
        ),
    )
    sources: str = field(
        default="",
        metadata=_described(
            "FOOTNOTE_SOURCES",
            "folders and files that a build from `/admin` reads, with `:` between them",
        ),
    )

    origins: str = field(
        default="",
        metadata=_described(
            "FOOTNOTE_ORIGINS",
            "sites that may ask and embed: `example.org`, `*.example.org`, `https://a.org:8443`",
        ),
    )
    rate: str = field(
        default="auto",
        metadata=_described(
            "FOOTNOTE_RATE",
            "questions an address may ask: `60/minute`; `none`; `auto` is none on loopback, "
            "else 60/minute",
        ),
    )
    origin_rate: str = field(
        default="auto",
        metadata=_described(
            "FOOTNOTE_ORIGIN_RATE", "questions a listed site may send; `auto` is ten times that"
        ),
    )
    proxies: str = field(
        default="",
        metadata=_described(
            "FOOTNOTE_PROXIES",
            "addresses of proxies in front, whose `X-Forwarded-For` and `-Proto` are trusted",
        ),
    )
    api_keys: str = field(
        default="",
        metadata=_described(
            "FOOTNOTE_API_KEYS",
            "API keys that are exempt from the rates, at least 16 characters each",
        ),
    )
    reader_keys: str = field(
        default="",
        repr=False,
        metadata=_described(
            "FOOTNOTE_READER_KEYS",
            "keys that sign the tokens of members, 32 characters up: see docs/access.md",
        ),
    )
    snippet: int = field(
        default=200,
        metadata=_described(
            "FOOTNOTE_SNIPPET", "how many characters of an article for members others may read"
        ),
    )
    queue: int = field(
        default=128,
        metadata=_described("FOOTNOTE_QUEUE", "questions that may wait; further ones must retry"),
    )
    log_questions: bool = field(
        default=False,
        metadata=_described("FOOTNOTE_LOG_QUESTIONS", "`yes` to log what is asked, word by word"),
    )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read the settings; an empty variable counts as unset. Raises SettingError."""
        found: dict[str, Any] = {
            setting.name: _read(setting, environment[variable])
            for setting in fields(cls)
            if environment.get(variable := str(setting.metadata["variable"]), "").strip()
        }
        return cls(**found)


def describe_settings() -> list[tuple[str, str, str]]:
    """Variable, default and meaning of every setting: the rows of the README's table."""
    return [
        (str(setting.metadata["variable"]), _shown(setting), str(setting.metadata["meaning"]))
        for setting in fields(Settings)
    ]


def _shown(setting: "Field[Any]") -> str:
    return "no" if setting.default is False else str(setting.default)


def _read(setting: "Field[Any]", value: str) -> object:
    value = value.strip()
    if isinstance(setting.default, bool):
        return _switch(str(setting.metadata["variable"]), value)
    if isinstance(setting.default, Path):
        return Path(value)
    variable, choices = str(setting.metadata["variable"]), setting.metadata["choices"]
    if isinstance(setting.default, int):
        return _number(variable, value)
    if choices and (value := value.lower()) not in choices:
        named = ", ".join(choices)
        raise SettingError(f"{variable} is {value!r}: set it to one of {named}")
    return value


def _number(variable: str, value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise SettingError(
            f"{variable} is {value!r}, not a whole number: set it to one, such as 7860"
        ) from None


def _switch(variable: str, value: str) -> bool:
    switch = _SWITCH.get(value.lower())
    if switch is None:
        raise SettingError(f"{variable} is {value!r}: set it to yes or no")
    return switch
