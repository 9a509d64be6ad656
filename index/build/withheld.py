"""Articles that the owner removed: builds know them again, wherever they are read from."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from index.build.owned import changing, is_upload, owned, write_sealed
from index.errors import DamagedError
from index.store import Known, Place, StoreWriter, page_key
from index.store.durable import sync_folder, unsealed

_NAME = "withheld.json"
_REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Withheld:
    """An article that was removed: where it comes from, what to call it, what else identifies it.

    `url` and `digest` are None where another article that stays has the same.
    """

    origin: str
    id: str
    title: str | None = None
    file: str | None = None
    url: str | None = None
    digest: str | None = None


class Identity(Protocol):
    """What identifies an article that was just read or published."""

    @property
    def id(self) -> str:
        """Its id, natural or stable."""

    @property
    def url(self) -> str | None:
        """Its address."""

    @property
    def digest(self) -> str:
        """The digest of its text."""


class Removals:
    """Finds what was removed by its origin, its address or its text, and a moved file by its id.

    A file is moved if its name and id are the same, and it is no longer where it was, or is there
    by another path. The owner's uploads are known by their file alone: what was removed elsewhere
    and is then added by hand is wanted.
    """

    def __init__(self, withheld: Iterable[Withheld] = ()) -> None:
        self._by_origin: dict[str, Withheld] = {}
        self._by_url: dict[str, Withheld] = {}
        self._by_digest: dict[str, Withheld] = {}
        self._by_name: defaultdict[str, list[Withheld]] = defaultdict(list)
        for each in withheld:
            self._by_origin[each.origin] = each
            self._by_name[Path(_file_of(each)).name].append(each)
            if (url := page_key(each.url)) is not None:
                self._by_url[url] = each
            if each.digest is not None:
                self._by_digest[each.digest] = each

    def find(self, article: Identity, place: Place) -> Withheld | None:
        """The removal of this article, or None."""
        if not self._by_origin:
            return None
        found = self._by_origin.get(place.origin)
        if found is None and not is_upload(place.file):
            url = page_key(article.url)
            found = self._by_url.get(url) if url else None
            found = found or self._by_digest.get(article.digest)
        return found or self._moved(article, place)

    def _moved(self, article: Identity, place: Place) -> Withheld | None:
        for each in self._by_name.get(Path(place.file).name, ()):
            if is_kept_id(each.id, article.id) and _may_be_one(each, article, place):
                return each
        return None


def identified(
    those: Sequence[Known], live: Sequence[Known], writer: StoreWriter
) -> list[Withheld]:
    """What published articles are known by: address and text, too, unless another has the same."""
    numbers = {known.number for known in those}
    others = [known for known in live if known.number not in numbers]
    urls, digests = {known.url for known in others}, {known.digest for known in others}
    return [
        Withheld(
            origin=known.place.origin,
            id=known.id,
            title=_title(known, writer),
            file=known.place.file,
            url=None if known.url in urls else known.url,
            digest=None if known.digest in digests else known.digest,
        )
        for known in those
    ]


def _title(known: Known, writer: StoreWriter) -> str | None:
    article = writer.article_numbered(known.number)
    return article.title if article else None


def is_kept_id(held: str, natural: str) -> bool:
    """Whether the held id is the natural one, with a suffix, or relative to another root folder."""
    if held == natural or held.startswith(f"{natural}~"):
        return True
    return held.endswith(f"/{natural}") or natural.endswith(f"/{held}")


def is_same_file(one: str, other: str) -> bool:
    """Whether two paths lead to the same file."""
    try:
        return Path(one).samefile(other)
    except OSError:
        return False


def _may_be_one(withheld: Withheld, article: Identity, place: Place) -> bool:
    """Whether the file that the article was in may be the one at this place."""
    file, url, other = _file_of(withheld), page_key(withheld.url), page_key(article.url)
    if is_upload(file) != is_upload(place.file) or (url and other and url != other):
        return False
    # Where this machine sees no file, it was moved, or is seen by another name from a container.
    return not Path(file).exists() or is_same_file(file, place.file)


def _file_of(withheld: Withheld) -> str:
    """Lists of earlier versions name the origin only, with a line's id behind `#`."""
    return withheld.file or withheld.origin.split("#")[0]


def read_withheld(data: Path) -> tuple[Withheld, ...]:
    """What is withheld. Raises DamagedError if the list cannot be read."""
    path = owned(data) / _NAME
    try:
        stored = path.read_bytes()
        # Versions before checksums wrote the bare list.
        listed = json.loads(stored) if stored.startswith(b"[") else unsealed(stored)["withheld"]
        return tuple(Withheld(**each) for each in listed)
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DamagedError(
            f"{path} cannot be read ({error}): repair it, or remove it to restore all articles"
        ) from None


def remember_removed(data: Path, ids: Iterable[str]) -> None:
    """Remember the ids of articles that are removed with their files, for old links to tell."""
    with changing(data) as folder:
        marks = folder / _REMOVED
        marks.mkdir(exist_ok=True)
        for article_id in ids:
            _mark(data, article_id).touch()
        for made in (marks, folder):
            sync_folder(made)


def _mark(data: Path, article_id: str) -> Path:
    # An id may be no name of a file.
    return owned(data) / _REMOVED / hashlib.sha256(article_id.encode()).hexdigest()[:32]


def was_removed(data: Path, article_id: str) -> bool:
    """Whether an article that had that id was removed; False where the list cannot be read."""
    if _mark(data, article_id).exists():
        return True
    with suppress(DamagedError):
        return any(each.id == article_id for each in read_withheld(data))
    return False


def withhold(data: Path, removed: Iterable[Withheld]) -> None:
    """Keep these articles out of builds, with those that are kept out already."""
    _change(data, lambda held: held | set(removed))


def release(data: Path, origins: Collection[str]) -> None:
    """Stop withholding what comes from there."""
    _change(data, lambda held: {each for each in held if each.origin not in origins})


def restore(data: Path, ids: Sequence[str]) -> list[Withheld]:
    """Stop withholding the articles of these ids, and return them; the next build reads them."""
    held = _change(data, lambda held: {each for each in held if each.id not in ids})
    return [each for each in held if each.id in ids]


def restore_file(data: Path, file: Path) -> None:
    """Stop withholding anything of a file, which was added again."""
    path = str(file.absolute())
    _change(data, lambda held: {each for each in held if not _is_of(each, path)})


def _change(data: Path, change: Callable[[set[Withheld]], set[Withheld]]) -> tuple[Withheld, ...]:
    """Change the list if need be, while nobody else does; returns what it was before."""
    if not owned(data).is_dir() and not change(set()):
        # Nothing to change, and no folder to make of a name mistyped.
        return ()
    with changing(data) as folder:
        held = read_withheld(data)
        kept = change(set(held))
        if kept != set(held):
            ordered = sorted(kept, key=lambda each: each.origin)
            write_sealed(folder / _NAME, {"withheld": [asdict(each) for each in ordered]})
    return held


def _is_of(withheld: Withheld, file: str) -> bool:
    """Uploads count by name: the data folder may have moved since."""
    held = _file_of(withheld)
    if is_upload(held) and is_upload(file):
        return Path(held).name == Path(file).name
    return file in (held, withheld.origin) or withheld.origin.startswith((f"{file}#", f"{file}~"))
