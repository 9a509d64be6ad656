"""A fetched page as a line of JSONL, which the readers know."""

import hashlib
import json
import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from qa.web.owner.fetch import Fetched, FetchError

_HTML = ("text/html", "application/xhtml+xml")
_PLAIN = {"text/plain": ".txt", "text/markdown": ".md"}


@dataclass(frozen=True, slots=True)
class Page:
    """A file to add: its name and what it holds."""

    name: str
    content: bytes


def page_of(fetched: Fetched) -> Page:
    """The article of a page, freed from menus and adverts. Raises FetchError where there is none.

    One address always gives one name, so that adding it again brings it up to date.
    """
    stem = _stem(fetched.url)
    if suffix := _PLAIN.get(fetched.type):
        return Page(stem + suffix, fetched.body)
    if fetched.type not in _HTML:
        raise FetchError(
            "page_type",
            f"{fetched.url!r} is of type {fetched.type or 'none'!r}: HTML, plain text and "
            "Markdown are read by address",
            url=fetched.url,
        )
    record = _record(fetched)
    if record is None:
        message = f"no article is found in {fetched.url!r}: save its text and add the file"
        raise FetchError("no_text", message, url=fetched.url)
    return Page(f"{stem}.jsonl", json.dumps(record, ensure_ascii=False).encode())


def _record(fetched: Fetched) -> dict[str, str] | None:
    # It takes memory and a moment that a server whose owner adds no page should not spend.
    from trafilatura import bare_extraction

    # Only a date that the page tells as its own: one that is guessed would be made up.
    dates = {"extensive_search": False, "original_date": True}
    found = bare_extraction(
        _decoded(fetched),
        url=fetched.url,
        with_metadata=True,
        include_comments=False,
        date_extraction_params=dates,
    )
    if found is None:
        return None
    page = found if isinstance(found, dict) else found.as_dict()
    if not (page.get("text") or "").strip():
        return None
    told = {
        "_id": _stem(fetched.url),
        "title": page["title"],
        "text": _text(page["text"], page["title"]),
        "url": fetched.url,
        "published": page["date"],
        "author": page["author"],
        "source": page["sitename"] or urlsplit(fetched.url).hostname,
    }
    return {name: value for name, value in told.items() if value}


def _decoded(fetched: Fetched) -> str | bytes:
    """As the server says that it is written; else as bytes, which tell it themselves."""
    try:
        return fetched.body.decode(fetched.charset) if fetched.charset else fetched.body
    except (LookupError, UnicodeError):
        return fetched.body


def _text(text: str, title: str | None) -> str:
    """Paragraphs apart, without the title that often stands in front of them."""
    lines = text.splitlines()
    if len(lines) > 1 and lines[0].strip() == title:
        lines = lines[1:]
    return "\n\n".join(line for line in lines if line.strip())


def _stem(url: str) -> str:
    """Readable, and not the same for two addresses."""
    parts = urlsplit(url)
    words = re.sub(r"[\W_]+", "-", unquote(f"{parts.hostname} {parts.path}")).strip("-")
    return f"{words[:60].strip('-')}-{hashlib.sha256(url.encode()).hexdigest()[:8]}"
