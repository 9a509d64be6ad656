"""What the owner's page shows and changes of a single article."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from index.article import VISIBILITIES, Article, DateOrigin, Visibility
from index.build.edits import (
    Edit,
    Facts,
    edit_article,
    kept_edits,
    read_edits,
    take_back,
    with_facts,
)
from index.build.rules.kept import rules_of
from index.errors import SettingError
from index.readers.metadata import read_metadata
from index.store import Store
from qa.web.admin.errors import NoSuchArticleError, OwnerError

_TEXTS = ("title", "published", "source")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Editable:
    """An article as the next build has it, and in `told` what its file says.

    `published_from` is what told the date that the index has, if that is known of the date here;
    `ruled`, who may read it by the rules of the house, where these close more.
    """

    id: str
    facts: Facts
    told: Facts
    published_from: DateOrigin | None = None
    ruled: Visibility | None = None

    @property
    def changed(self) -> Mapping[str, str | None]:
        """What the owner changed, by the names of `Facts`."""
        return self.facts.apart_from(self.told)

    @property
    def shown(self) -> Mapping[str, str | None]:
        """What a form is opened with, by the same names."""
        return asdict(self.facts)


@dataclass(frozen=True, slots=True)
class Edited:
    """The ids of edited articles, and the edits of those that are not in the index.

    These are hidden, or their file is gone.
    """

    ids: frozenset[str]
    unpublished: tuple[Edit, ...]


class ArticleEdits:
    """The edits of articles; `store` gives the newest published index."""

    def __init__(self, data: Path, store: Callable[[], Store]) -> None:
        self._data, self._store = data, store

    def edited(self) -> Edited:
        """What is edited now."""
        store, edits = self._store(), read_edits(self._data)
        return Edited(
            frozenset(each.of.id for each in edits),
            tuple(each for each in edits if store.article(each.of.id) is None),
        )

    def find(self, article_id: str) -> Editable:
        """An article to edit. Raises NoSuchArticleError."""
        article = self._store().article(article_id)
        found = self._find(article_id, article)
        return replace(found, ruled=self._ruled(article, found.facts)) if article else found

    def _ruled(self, article: Article, facts: Facts) -> Visibility | None:
        """Who may read an article of these facts by the rules, where that is not what they say."""
        try:
            rules = rules_of(self._data)
        except SettingError:
            # The page of the rules says why they cannot be read.
            return None
        ruled = rules.applied(with_facts(article, facts)).visibility
        return None if ruled == facts.visibility else ruled

    def _find(self, article_id: str, article: Article | None) -> Editable:
        origin = article.published_from if article else None
        for edit in kept_edits(self._data):
            if edit.of.id == article_id:
                # Of an edit that was undone: what told the date of the file, the next build reads.
                told_by = None if origin == "owner" else origin
                return Editable(article_id, edit.facts, edit.told, told_by)
        if article is None:
            raise NoSuchArticleError(article_id)
        facts = Facts.of(article)
        return Editable(article_id, facts, facts, origin)

    def save(self, article_id: str, values: Mapping[str, str]) -> Facts:
        """Keep what the form changes of an article, and return what is then said of it.

        A field that is as the form was opened, by `was-` and its name, stays as it is by now.
        Raises FootnoteError.
        """
        read = read_metadata({each: values.get(each, "") for each in _TEXTS}, "")
        if read.remarks:
            date = values.get("published", "")[:80]
            message = (
                f"{date!r} is no date of an article: write it as 2024-03-05, not in the future"
            )
            raise OwnerError("date", message, date=date)
        told = read.metadata
        named = (each for each in VISIBILITIES if each == values.get("visibility"))
        facts = Facts(told.title, told.published, told.source, next(named, "hidden"))
        untouched = [
            each.name
            for each in fields(Facts)
            if values.get(f"was-{each.name}") == values.get(each.name, "")
        ]
        facts = edit_article(self._data, article_id, facts, untouched)
        _log.info("the owner edited article %s", article_id)
        return facts

    def take_back(self, article_id: str) -> bool:
        """Have the article as its file does, from the next build on; False if it was not edited."""
        return take_back(self._data, article_id)
