"""What the owner's page shows and does, without the web: figures of pages, actions of buttons."""

import logging
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import numpy as np

from index.build.edits import Edit
from index.build.lists import (
    FIRST_QUESTIONS,
    LONGEST,
    MOST_QUESTIONS,
    SYNONYMS,
    forms_in,
    lines_in,
    mark_of,
    merged,
)
from index.build.owned import uploads
from index.build.removal import remove_articles
from index.build.withheld import Withheld, read_withheld, restore
from index.embed import Vectors
from index.fetch.http import Fetched, fetch
from index.fetch.page import page_of
from index.fetch.visits import ask_again, failed
from index.status import LastBuild, Listing, list_articles, read_report
from index.store import Store
from qa.journal import Group, Kind, Recorded, group_alike
from qa.web.admin.builds import Builds, add_file, added_files
from qa.web.admin.charts import Plot, Series, Tone, plot, plot_all
from qa.web.admin.editing import ArticleEdits
from qa.web.admin.errors import OwnerError
from qa.web.admin.rulebook import Quote, Rulebook, find_quote
from qa.web.guard.sites import Sites

PAGE = 50
PERIODS = (30, 90, 360)
# How many unanswered questions are grouped: the most asked of the period.
MOST_GROUPED = 1_000

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_SAID = {"cited": "citations"}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Holding:
    """What the index holds now."""

    articles: int
    passages: int
    megabytes: float
    built_at: str
    model: str
    newest: str | None


@dataclass(frozen=True, slots=True)
class Unfetched:
    """An address that could not be fetched, why, and how often; `again` is ISO 8601."""

    url: str
    reason: str
    tries: int
    again: str


class AdminService:
    """Reads the index and the journal, and makes the owner's changes."""

    def __init__(
        self,
        data: Path,
        store: Callable[[], Store],
        recorded: Recorded,
        builds: Builds,
        encode: Callable[[list[str]], Vectors],
        fetching: Callable[[str], Fetched] = fetch,
        today: Callable[[], date] = lambda: datetime.now(UTC).date(),
        sites: Sites | None = None,
    ) -> None:
        self.data, self.recorded, self.builds = data, recorded, builds
        self._store, self._encode, self._fetch = store, encode, fetching
        self._today = today
        self.sites = sites or Sites()
        self.edits = ArticleEdits(data, store)
        self.rulebook = Rulebook(data, store, recorded)
        self._vectors: dict[str, Vectors] = {}

    def holding(self) -> Holding:
        """Counts and size of the index."""
        info = self._store().info
        return Holding(
            articles=info.counts.articles,
            passages=info.counts.passages,
            megabytes=info.bytes / 1e6,
            built_at=info.built_at,
            model=info.model.name,
            newest=info.newest,
        )

    def articles(self, wanted: str, page: int, *, undated: bool = False) -> Listing:
        """A page of the articles that match the words; of those without a date if that is said."""
        return list_articles(self._store(), wanted, page * PAGE, PAGE, undated=undated)

    def is_added(self, file: str | None) -> bool:
        """Whether the file of an article was added in the browser."""
        return uploads(self.data).absolute() in Path(file or "").parents

    def waiting(self, unpublished: Sequence[Edit]) -> list[Path]:
        """Uploads that no build has read yet; those of `unpublished` edits were read."""
        files = added_files(self.data)
        if not files:
            return []
        wanted = str(uploads(self.data).absolute())
        listed = self._store().listed()
        known = {each.file for each in listed if each.file.startswith(wanted)}
        known |= {each.of.file or "" for each in unpublished}
        return [path for path in files if str(path.absolute()) not in known]

    def withheld(self) -> Sequence[Withheld]:
        """Removed articles, which are kept out of builds."""
        return read_withheld(self.data)

    def unfetched(self) -> list[Unfetched]:
        """Watched addresses that could not be fetched; what is tried again first comes first."""
        return [
            Unfetched(url, each.reason, each.tries, _moment(each.again))
            for url, each in failed(self.data)
        ]

    def fetch_again(self) -> None:
        """Have whoever watches these addresses try them again at once."""
        ask_again(self.data)
        _log.info("the owner asked to fetch again what was not")

    def last_build(self) -> LastBuild | None:
        """What the last build did."""
        return read_report(self.data)

    def since(self, days: int) -> str:
        """The first day of a period that ends today."""
        return (self._today() - timedelta(days - 1)).isoformat()

    def plot(self, kinds: Sequence[Kind], said: Mapping[str, str], days: int) -> Plot:
        """Stacked bars of kinds that the journal counts, with names in the page's language."""
        since = self.since(days)
        series = [
            Series(said[_SAID.get(kind, kind)], self.recorded.days(kind, since), _tone(kind))
            for kind in kinds
        ]
        return plot(series, self._today(), days)

    def published(self, said: Mapping[str, str]) -> Plot:
        """How many articles were published on each day, as far as known."""
        counts = Counter(
            listed.published[:10]
            for listed in self._store().listed()
            if listed.published and _DAY.match(listed.published)
        )
        return plot_all(Series(said["articles"], counts))

    def groups(self, days: int) -> list[Group]:
        """Unanswered questions of a period, grouped by similarity."""
        questions = self.recorded.not_covered(self.since(days), MOST_GROUPED)
        return group_alike(questions, self._known_vectors)

    def remove(self, article_id: str) -> None:
        """Remove an article, be it a hidden one. Raises FootnoteError."""
        self.edits.find(article_id)
        remove_articles(self.data, [article_id])

    def title(self, article_id: str) -> str:
        """The label of an article; its id if it no longer exists."""
        article = self._store().article(article_id)
        return article.headline if article is not None else article_id

    def quote(self, place: str | None) -> Quote | None:
        """A quote that was given, as its article has it now, or None."""
        return find_quote(self._store(), place)

    def restore(self, article_id: str) -> bool:
        """Let the next build read an article that was removed."""
        return bool(restore(self.data, [article_id]))

    def first_questions(self) -> tuple[str, ...]:
        """The list of first questions."""
        return FIRST_QUESTIONS.read(self.data)

    def keep_first_questions(self, text: str, seen: str | None = None) -> None:
        """Save the lines of a text as that list. Raises OwnerError.

        `seen` has the marks of the lines that the text was made of; without it, the text replaces
        whatever is there.
        """
        FIRST_QUESTIONS.change(self.data, lambda held: _bounded(_edited(held, seen, text)))

    def allow(self, origin: str) -> None:
        """Let pages of a site that was refused use the server. Raises FootnoteError."""
        if not self.sites.allow(origin):
            message = f"{origin[:80]!r} was not refused: add it to FOOTNOTE_ORIGINS"
            raise OwnerError("origin", message, origin=origin[:80])
        _log.info("the owner allowed pages of %s", origin)

    def synonyms(self) -> tuple[str, ...]:
        """The lines of the list of words that mean the same."""
        return SYNONYMS.read(self.data)

    def keep_synonyms(self, text: str, seen: str | None = None) -> list[str]:
        """Save the lines of a text as that list, as `keep_first_questions` does.

        Returns those that equate nothing.
        """
        SYNONYMS.change(self.data, lambda held: _edited(held, seen, text))
        return [line for line in lines_in(text) if len(forms_in(line)) < 2]

    def add(self, name: str, content: BinaryIO, *, replace: bool) -> str:
        """Save a file for the next build, and return its name. Raises FootnoteError."""
        return add_file(self.data, name, content, replace=replace).name

    def add_page(self, url: str) -> str:
        """Fetch a page and save it for the next build. Raises FootnoteError."""
        page = page_of(self._fetch(url))
        _log.info("the owner added %s", url)
        return add_file(self.data, page.name, BytesIO(page.content), replace=True).name

    def _known_vectors(self, questions: list[str]) -> Vectors:
        """Vectors of questions; earlier ones are reused."""
        new = [question for question in questions if question not in self._vectors]
        if new:
            self._vectors |= zip(new, self._encode(new), strict=True)
        found = np.array([self._vectors[question] for question in questions], np.float32)
        self._vectors = dict(islice(((q, self._vectors[q]) for q in questions), MOST_GROUPED))
        return found


def _edited(held: Sequence[str], seen: str | None, text: str) -> list[str]:
    marks = map(mark_of, held) if seen is None else seen.split()
    return merged(held, frozenset(marks), lines_in(text))


def _bounded(questions: list[str]) -> list[str]:
    """The same. Raises OwnerError for too many, and for one that is too long."""
    if len(questions) > MOST_QUESTIONS:
        message = f"{len(questions)} questions are too many: keep at most {MOST_QUESTIONS}"
        raise OwnerError("questions_many", message, most=MOST_QUESTIONS)
    for question in questions:
        if len(question) > LONGEST:
            message = f"{question[:80]!r} is too long: use at most {LONGEST} characters"
            raise OwnerError("question_long", message, name=question[:80], most=LONGEST)
    return questions


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _tone(kind: Kind) -> Tone:
    return "bad" if kind in ("not_covered", "down") else "good"
