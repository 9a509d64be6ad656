"""Where an archive lies: in a folder, or in a Milvus with a folder beside it."""

import re
from dataclasses import dataclass
from pathlib import Path

from index.errors import SettingError

MILVUS, MILVUS_LITE = "milvus", "milvus-lite"
# A path folds two slashes into one.
_SERVER = re.compile(rf"{MILVUS}:/+(?P<host>[^/]+:\d+)/(?P<name>[A-Za-z_]\w*)")
_FORMS = "milvus://HOST:PORT/COLLECTION or milvus-lite:FOLDER"
# What every collection of an archive is called in a milvus-lite, which holds one archive.
_NAME = "footnote"


@dataclass(frozen=True, slots=True)
class MilvusPlace:
    """An archive in a Milvus: `uri` is what pymilvus connects to, `name` begins its collections."""

    uri: str
    name: str
    home: Path
    shown: str


def scheme_of(data: Path) -> str | None:
    """What stands before the first colon of the name; None for a folder."""
    scheme, colon, _ = str(data).partition(":")
    return scheme if colon and scheme in (MILVUS, MILVUS_LITE) else None


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
    found = _SERVER.fullmatch(shown)
    if found is None:
        raise SettingError(f"the data is {shown!r}: name a folder, {_FORMS}")
    host, name = found["host"], found["name"]
    shown = f"{MILVUS}://{host}/{name}"
    return MilvusPlace(f"http://{host}", name, Path("data") / name, shown)
