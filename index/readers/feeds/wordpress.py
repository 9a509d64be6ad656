"""What the export of WordPress (WXR) adds to a feed: who may read a post, times, authors."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from index.readers.feeds.item import Item, categories_of, item_of

# Menus, pictures and settings are exported as posts as well.
_ARTICLES = frozenset(("post", "page"))
_UNKNOWN_TIME = "0000-00-00 00:00:00"
# What the site puts in the place of these, mostly pictures, is not in the export.
_SHORTCODE = re.compile(r"\[/?(?:caption|gallery|embed|audio|video|playlist)\b[^\]]*\]")
_HAS_BLOCKS = re.compile(r"<p[\s>]|<!-- wp:", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class WordPress:
    """The names of authors, by the logins that posts tell."""

    names: Mapping[str, str]

    @classmethod
    def of(cls, head: Item) -> Self:
        """What the head of an export tells."""
        authors = [item_of(author) for author in head.elements.get("wp:author", ())]
        return cls({a.text("wp:author_login"): a.text("wp:author_display_name") for a in authors})


def is_post(item: Item) -> bool:
    """Whether an export of WordPress calls it a post, of whatever type."""
    return "wp:post_type" in item.elements


def is_article(item: Item) -> bool:
    """Whether it is a post or a page, or no item of WordPress."""
    return not is_post(item) or item.text("wp:post_type") in _ARTICLES


def why_hidden(item: Item) -> str | None:
    """Why nobody may read it, or None."""
    if not is_post(item):
        return None
    status = item.text("wp:status")
    if status != "publish":
        return f"has the status {status!r}, so it is not published"
    return "is protected by a password" if item.text("wp:post_password") else None


def read_post(item: Item, values: Mapping[str, object], site: WordPress) -> dict[str, object]:
    """What a post tells otherwise than the item of a feed, with `values`, does."""
    login = str(values["author"])
    return {
        "html": _paragraphs(_SHORTCODE.sub(" ", str(values["html"]))),
        "publish_date": _moment(item, "wp:post_date_gmt") or values["publish_date"],
        "updated": _moment(item, "wp:post_modified_gmt"),
        "author": site.names.get(login) or login,
        "section": next(iter(categories_of(item, "category")), ""),
        "tags": categories_of(item, "post_tag"),
    }


def _moment(item: Item, name: str) -> str:
    """A time, which WordPress keeps in UTC without saying so."""
    moment = item.text(name)
    return f"{moment}Z" if moment and moment != _UNKNOWN_TIME else ""


def _paragraphs(html: str) -> str:
    """The editor of old leaves paragraphs as blank lines, which the site makes into elements."""
    if _HAS_BLOCKS.search(html):
        return html
    return "".join(
        "<p>" + block.strip().replace("\n", "<br>") for block in _BLANK_LINES.split(html)
    )
