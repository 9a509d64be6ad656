"""A pushed article as it is kept: a file of its own among the owner's uploads.

The file is named after the article's id, so that pushing the id again replaces it, and holds the
article as the line of JSONL that every build can read.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from index.build.owned import changing, forget_sum, is_upload, uploads
from index.build.withheld import restore_file
from index.readers import READERS, Found, Remark, Source, Unreadable, findings
from index.readers.base import UnreadableError
from index.store.durable import sync_folder
from qa.web.admin.builds import add_file

_BEGINS, _ENDS = "pushed-", ".jsonl"
_LONGEST_STEM = 40


@dataclass(frozen=True, slots=True)
class Pushed:
    """An article that can be read: its id, the sha256 of its text, its line.

    `remarks` tell what was odd about it.
    """

    article_id: str
    digest: str
    line: bytes
    remarks: tuple[str, ...]


def read_pushed(values: Mapping[str, object]) -> Pushed:
    """The article of these values, by the names that records have for them and its `id`.

    Raises UnreadableError, which says what is missing.
    """
    record = {("_id" if name == "id" else name): value for name, value in values.items()}
    line = json.dumps(record, ensure_ascii=False).encode() + b"\n"
    found = list(findings(READERS[_ENDS], Source(Path(_ENDS), "", data=line)))
    for each in found:
        if isinstance(each, Unreadable):
            raise UnreadableError(each.reason)
    [article] = [each.article for each in found if isinstance(each, Found)]
    remarks = tuple(each.message for each in found if isinstance(each, Remark))
    return Pushed(article.id, article.digest, line, remarks)


def path_of(data: Path, article_id: str) -> Path:
    """Where a pushed article of this id is kept, if there is one."""
    stem = re.sub("[^0-9A-Za-z]+", "-", article_id)[:_LONGEST_STEM].strip("-")
    digest = hashlib.sha256(article_id.encode()).hexdigest()[:24]
    return uploads(data) / f"{_BEGINS}{stem}-{digest}{_ENDS}"


def is_pushed(file: str) -> bool:
    """Whether it is the file of a pushed article, wherever the data folder lies."""
    return is_upload(file) and Path(file).name.startswith(_BEGINS)


def kept_files(data: Path) -> list[Path]:
    """The files of all pushed articles."""
    return sorted(uploads(data).glob(f"{_BEGINS}*{_ENDS}"))


def ids_in(files: Iterable[Path]) -> set[str]:
    """The ids of the articles in these files, but for files that cannot be read."""
    found = set[str]()
    for file in files:
        with suppress(OSError, ValueError, KeyError):
            found.add(json.loads(file.read_bytes())["_id"])
    return found


def keep(data: Path, pushed: Pushed) -> bool:
    """Keep it, on disk before this returns; False if it was kept already, to the letter.

    Raises OSError if it cannot be written, and then what was kept before stays.
    """
    path = path_of(data, pushed.article_id)
    if not _holds(path, pushed.line):
        add_file(data, path.name, BytesIO(pushed.line), replace=True)
        return True
    # Who wrote it may have been killed before the name was on disk, or a removal was taken back.
    sync_folder(path.parent)
    restore_file(data, path)
    return False


def withdraw(data: Path, article_id: str) -> bool:
    """Delete its file, for good before this returns; False if there is none."""
    path = path_of(data, article_id)
    if not path.exists():
        return False
    with changing(data):
        path.unlink(missing_ok=True)
        sync_folder(path.parent)
        forget_sum(data, path)
    return True


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() == content
    except FileNotFoundError:
        return False
