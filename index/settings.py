"""Every setting, in one frozen type, and what a name of the data means.

Only `app.py` and the `__main__.py` files fill it in.
"""

import re
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args

from index.errors import SettingError

# How confident an answer must be before it is given.
Strictness = Literal["strict", "balanced", "open"]
STRICTNESS: tuple[Strictness, ...] = get_args(Strictness)
# Which of day and month stands first in "12/10/2022": as the archive writes its dates, or as set.
DateOrder = Literal["auto", "day", "month"]
DATE_ORDERS: tuple[DateOrder, ...] = get_args(DateOrder)

DEFAULT_MODEL = "all-MiniLM-L6-v2"
DEFAULT_READER = "footnote-reader"
_SWITCH = {"yes": True, "1": True, "true": True, "no": False, "0": False, "false": False}
PASSWORD = "FOOTNOTE_ADMIN_PASSWORD"
TOKEN, CERTIFICATES = "FOOTNOTE_MILVUS_TOKEN", "FOOTNOTE_MILVUS_CA"


def _described(variable: str, meaning: str, choices: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"variable": variable, "meaning": meaning, "choices": choices}


@dataclass(frozen=True, slots=True)
class MilvusAccess:
    """`token` is `USER:PASSWORD` or an API key, empty for a Milvus that asks for none.

    `authority` is a file of certificates, one of which must vouch for a Milvus that is spoken to
    through TLS; without it, those that gRPC brings do.
    """

    token: str = field(default="", repr=False)
    authority: Path | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What a site owner can set, by environment variable or on the command line."""

    data: Path = field(
        default=Path("data"),
        metadata=_described("FOOTNOTE_DATA", "the folder of the index, or where in a Milvus it is"),
    )
    milvus_token: str = field(
        default="",
        repr=False,
        metadata=_described(
            TOKEN, "`USER:PASSWORD`, or an API key, for a Milvus that asks for one"
        ),
    )
    milvus_ca: str = field(
        default="",
        metadata=_described(
            CERTIFICATES,
            "certificates in PEM form that vouch for a Milvus, if its authority is your own",
        ),
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
    date_order: DateOrder = field(
        default="auto",
        metadata=_described(
            "FOOTNOTE_DATE_ORDER",
            "what comes first in 12/10/2022: `day`, `month`, or `auto` for what the articles do",
            choices=DATE_ORDERS,
        ),
    )
    host: str = field(
        default="127.0.0.1",
        metadata=_described("FOOTNOTE_HOST", "the address that `app.py` serves on"),
    )
    port: int = field(
        default=7860, metadata=_described("FOOTNOTE_PORT", "the port that `app.py` serves on")
    )
    workers: str = field(
        default="auto",
        metadata=_described(
            "FOOTNOTE_WORKERS",
            "processes that answer: a number, or `auto` for one a core, where memory allows",
        ),
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
    map: str = field(
        default="",
        metadata=_described(
            "FOOTNOTE_MAP",
            "which keys of JSON and columns of tables to read as ours: `title=headline,text=body`",
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
            "addresses of proxies in front, whose `X-Forwarded-For`, `-Proto` and `-Prefix` are "
            "trusted",
        ),
    )
    base_path: str = field(
        default="",
        metadata=_described(
            "FOOTNOTE_BASE_PATH",
            "the path that a proxy serves Footnote under, such as `/kb`",
        ),
    )
    api_keys: str = field(
        default="",
        metadata=_described(
            "FOOTNOTE_API_KEYS",
            "API keys that are exempt from the rates, at least 16 characters each",
        ),
    )
    push_keys: str = field(
        default="",
        repr=False,
        metadata=_described(
            "FOOTNOTE_PUSH_KEYS",
            "keys with which a program adds and removes articles, at least 16 characters each",
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
    stale_after: int = field(
        default=0,
        metadata=_described(
            "FOOTNOTE_STALE_AFTER",
            "hours without a newer article after which `/readyz` warns; 0 for never",
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

    @property
    def milvus_access(self) -> MilvusAccess:
        """How to get into a Milvus."""
        authority = Path(self.milvus_ca) if self.milvus_ca else None
        return MilvusAccess(self.milvus_token, authority)

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


MILVUS, MILVUS_TLS, MILVUS_LITE = "milvus", "milvus+tls", "milvus-lite"
# A path folds two slashes into one.
_SERVER = re.compile(
    r"(?P<scheme>[^:]+):/+(?P<host>[^/@]+:(?P<port>\d{1,5}))/(?P<name>[A-Za-z_][A-Za-z0-9_]{0,199})"
)
# What the collections of an archive are called after its name.
_COLLECTION = re.compile(r"\w+_(passages|articles|versions|generation_\d+)")
_PORTS = range(1, 1 << 16)
_URIS = {MILVUS: "http", MILVUS_TLS: "https"}
_FORMS = "milvus://HOST:PORT/COLLECTION, milvus+tls:// for one with TLS, or milvus-lite:FOLDER"
DATA_HELP = f"folder of the index, {_FORMS}"
WORKERS_HELP = "processes that answer, or `auto` for one a core (default: %(default)s)"
# What every collection of an archive is called in a milvus-lite, which holds one archive.
_NAME = "footnote"


@dataclass(frozen=True, slots=True)
class MilvusPlace:
    """An archive in a Milvus: `uri` is what pymilvus connects to, `name` begins its collections."""

    uri: str
    name: str
    home: Path
    shown: str

    @property
    def is_server(self) -> bool:
        """Whether it runs elsewhere, not in this process."""
        return "://" in self.uri


def scheme_of(data: Path) -> str | None:
    """What stands before the first colon of the name; None for a folder."""
    scheme, colon, _ = str(data).partition(":")
    return scheme if colon and scheme in (*_URIS, MILVUS_LITE) else None


def home_of(data: Path) -> Path:
    """The folder of what is kept on this machine: the owner's files, the encoder, a draft.

    >>> str(home_of(Path("milvus://db:19530/news")))
    'data/news'
    """
    return data if scheme_of(data) is None else milvus_place(data).home


def milvus_place(data: Path) -> MilvusPlace:
    """The place that such a name means. Raises SettingError if it means none.

    >>> milvus_place(Path("milvus://db:19530/news")).uri
    'http://db:19530'
    """
    shown = str(data)
    scheme, _, rest = shown.partition(":")
    if scheme == MILVUS_LITE and rest:
        home = Path(rest)
        return MilvusPlace(str(home / "milvus.db"), _NAME, home, shown)
    if "@" in rest and scheme in _URIS:
        # Not quoted: what stands before the sign is a secret.
        raise SettingError(
            f"the data is a {scheme} address with a password in it: name it without, and set "
            f"{TOKEN}=USER:PASSWORD"
        )
    found = _SERVER.fullmatch(shown)
    if found is None or scheme not in _URIS or int(found["port"]) not in _PORTS:
        raise SettingError(f"the data is {shown!r}: name a {DATA_HELP}")
    host, name = found["host"], found["name"]
    if _COLLECTION.fullmatch(name):
        raise SettingError(
            f"the data is {shown!r}: {name!r} may be a collection of another archive, so name it "
            "otherwise"
        )
    shown = f"{scheme}://{host}/{name}"
    return MilvusPlace(f"{_URIS[scheme]}://{host}", name, Path("data") / name, shown)
