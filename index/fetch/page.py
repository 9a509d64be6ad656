"""The article of a fetched page, as a file that the readers can read."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

from index.dates import is_at
from index.fetch.guard import FetchError
from index.fetch.http import Fetched
from index.readers.html import read_page
from index.readers.metadata import DATES, FETCHED_AT

_HTML = ("text/html", "application/xhtml+xml")
_PLAIN = {"text/plain": ".txt", "text/markdown": ".md"}


@dataclass(frozen=True, slots=True)
class Page:
    """A file to add: its name and content."""

    name: str
    content: bytes


def page_of(fetched: Fetched) -> Page:
    """The article of a page, without menus and adverts. Raises FetchError if there is none.

    The same address always gives the same name, so that adding it again updates the article.
    """
    stem = stem_of(fetched.url)
    if suffix := _PLAIN.get(fetched.type):
        return Page(stem + suffix, fetched.body)
    record = {"_id": stem, **record_of(fetched)}
    return Page(f"{stem}.jsonl", json.dumps(record, ensure_ascii=False).encode())


def record_of(fetched: Fetched) -> dict[str, str]:
    """The article of a page in HTML, by the keys of a record. Raises FetchError without one."""
    if fetched.type not in _HTML:
        raise FetchError(
            "page_type",
            f"{fetched.url!r} is of type {fetched.type or 'none'!r}: HTML, plain text and "
            "Markdown are read by address",
            url=fetched.url,
        )
    page = read_page(_decoded(fetched), fetched.url)
    if page is None:
        message = f"no article was found in {fetched.url!r}: save its text and add the file"
        raise FetchError("no_text", message, url=fetched.url)
    return {"text": page.text, **_with_moment(page.metadata)}


def _with_moment(told: Mapping[str, str]) -> dict[str, str]:
    """What a page tells, with the moment of fetching where it gives that as a date of its own.

    Only there: a page that is fetched again and still the same need not be written again.
    """
    now = datetime.now(UTC).isoformat(timespec="seconds")
    is_doubted = any(is_at(told.get(name, ""), now) for name in DATES)
    return {**told, FETCHED_AT: now} if is_doubted else dict(told)


def stem_of(url: str) -> str:
    """A readable name, different for each address."""
    try:
        parts = urlsplit(url)
        named = f"{parts.hostname} {parts.path}"
    except ValueError:
        named = url
    words = re.sub(r"[\W_]+", "-", unquote(named)).strip("-")
    digest = hashlib.sha256(url.encode(errors="surrogatepass")).hexdigest()
    return f"{words[:60].strip('-')}-{digest[:8]}"


def _decoded(fetched: Fetched) -> str | bytes:
    """Decoded as the server says; else the bytes, whose encoding the reader detects."""
    try:
        return fetched.body.decode(fetched.charset) if fetched.charset else fetched.body
    except (LookupError, UnicodeError):
        return fetched.body
