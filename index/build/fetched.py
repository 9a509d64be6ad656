"""Articles from addresses that are watched, as they are kept: builds read them without a network.

Each is a file of its own, under its checksum. Beside them stands what could not be fetched, for
the next build to tell.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from index.build.lists import changed_at
from index.build.owned import FETCHED, changing, owned, write_sealed
from index.readers import Unreadable
from index.store.durable import unsealed

_UNFETCHED = "unfetched.json"


def fetched(data: Path) -> Path:
    """The folder of articles from addresses."""
    return owned(data) / FETCHED


def has_fetched(data: Path) -> bool:
    """Whether there is any."""
    return next(fetched(data).glob("*.json"), None) is not None


def unfetched_file(data: Path) -> Path:
    """The file that changes with what could not be fetched."""
    return owned(data) / _UNFETCHED


def keep_article(data: Path, name: str, record: Mapping[str, object]) -> None:
    """Keep an article by the keys of a record, in place of what was kept under the name.

    It is on disk before this returns.
    """
    _keep(data, fetched(data) / f"{name}.json", {**record, "_id": name})


def withdraw_article(data: Path, name: str) -> bool:
    """Hide the article that is kept under the name from all builds; whether there is one.

    It is shown again once it is kept again.
    """
    kept = _body(fetched(data) / f"{name}.json")
    if kept is None:
        return False
    told = {key: value for key, value in kept.items() if key not in ("text", "html")}
    keep_article(data, name, {**told, "visibility": "hidden"})
    return True


def keep_unfetched(data: Path, faults: Mapping[str, str]) -> None:
    """Keep what could not be fetched, and why, by address."""
    _keep(data, unfetched_file(data), {"faults": dict(faults)})


def unfetched(sources: Sequence[Path], data: Path) -> Iterator[Unreadable]:
    """What could not be fetched, if what was fetched is among the sources."""
    if fetched(data).absolute() in (source.absolute() for source in sources):
        yield from (Unreadable(url, why) for url, why in unfetched_addresses(data).items())


def unfetched_addresses(data: Path) -> Mapping[str, str]:
    """What could not be fetched of all that is watched, and why, by address."""
    path = unfetched_file(data)
    return _addresses(path, changed_at(path))


@lru_cache(maxsize=8)
def _addresses(path: Path, changed: int) -> Mapping[str, str]:
    """What a file says, read once until it has `changed`: pages ask for it at each request."""
    return MappingProxyType((_body(path) or {"faults": {}})["faults"])


def _keep(data: Path, path: Path, body: dict[str, object]) -> None:
    """Write a file of the owner's folder, unless it says the same already."""
    if _body(path) != body:
        with changing(data):
            write_sealed(path, body)


def _body(path: Path) -> dict[str, dict[str, str]] | None:
    """What is sealed in a file; None if it is missing or damaged."""
    try:
        return unsealed(path.read_bytes())
    except (OSError, ValueError):
        return None
