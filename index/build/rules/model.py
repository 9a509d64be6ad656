"""What the rules of a house say, checked as they are read, and what they make of an article."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field, fields, replace
from fnmatch import translate
from functools import cache
from typing import Annotated, Protocol

from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.dataclasses import dataclass

from index.article import VISIBILITIES, Article, Visibility

_STRICT = ConfigDict(extra="forbid")
# Says nothing of which page an address leads to.
_IGNORED_IN_URL = re.compile(r"^https?://(?:www\.)?|/$")


# In a name, of those that have commas between them.
_MOST_COMMAS = 2
# A byline names its authors in words, in those of the languages of our pages too.
_BETWEEN_NAMES = re.compile(r"[,;&]|^\s*(?i:by)\s|\s(?:(?i:and)|und|et|y|e|і|й|та)\s|\sو\s?")


class Described(Protocol):
    """What tells whether a rule is about an article."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def source(self) -> str | None:
        """The name of its source, as readers see it."""

    @property
    def author(self) -> str | None:
        """Its authors, with commas between them."""

    @property
    def url(self) -> str | None:
        """Its address."""

    @property
    def section(self) -> str | None:
        """Its sections, with commas between them."""

    @property
    def tags(self) -> tuple[str, ...]:
        """Its tags."""


# The keys by which a rule names articles, and what an article has for each.
_VALUES: Mapping[str, Callable[[Described], Iterable[str | None]]] = {
    "article": lambda article: (article.id,),
    "section": lambda article: _each_of(article.section),
    "tag": lambda article: article.tags,
    "author": lambda article: (
        *_each_of(article.author),
        *_BETWEEN_NAMES.split(article.author or ""),
    ),
    "source": lambda article: (article.source,),
    "url": lambda article: (article.url,),
}


def _listed(value: object) -> object:
    """One name may stand without the brackets of a list."""
    return [value] if isinstance(value, str) else value


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
# The name of a file, and so an id, may begin with a space.
Id = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_listed)]
SomeTexts = Annotated[tuple[Text, ...], BeforeValidator(_listed), Field(min_length=1)]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
Group = Annotated[tuple[Text, ...], Field(min_length=2)]


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Which:
    """Articles that have one of the names under each key that has any.

    `*` in a name stands for any signs, and capitals do not matter. Raises ValueError without names.
    """

    article: Texts = ()
    section: Texts = ()
    tag: Texts = ()
    author: Texts = ()
    source: Texts = ()
    url: Texts = ()

    def __post_init__(self) -> None:
        if not any(getattr(self, key) for key in _VALUES):
            raise ValueError(f"names no articles: give one of {', '.join(_VALUES)}")

    def fits(self, article: Described) -> bool:
        """Whether the article is one of them."""
        return all(
            _fits(names, _VALUES[key](article)) for key in _VALUES if (names := getattr(self, key))
        )


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Labelled(Which):
    """What articles are called beside their citations."""

    label: Label


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Shown(Which):
    """Who may read articles."""

    visibility: Visibility


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class NeverCited(Which):
    """Articles that are not cited where a question is about a topic, told by words of it."""

    topic: SomeTexts


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Pinned:
    """A question, or several wordings of it, and the sentence of an article that answers it."""

    question: SomeTexts
    article: Id
    sentence: Text


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Rules:
    """All rules of a house. `sources` are names of sources, and what each is shown as.

    Of copies one that is the house's `own` stands for the others.
    """

    include: tuple[Which, ...] = ()
    exclude: tuple[Which, ...] = ()
    labels: tuple[Labelled, ...] = ()
    visibility: tuple[Shown, ...] = ()
    sources: Mapping[Text, Text] = field(default_factory=dict)
    synonyms: tuple[Group, ...] = ()
    pinned: tuple[Pinned, ...] = ()
    never_cited: tuple[NeverCited, ...] = ()
    own: tuple[Which, ...] = ()

    def applied(self, article: Article) -> Article:
        """The article as the house has it, with the first label that fits; hidden if left out.

        No rule opens an article that is closed already: of all that says who may read it, the
        strictest counts.
        """
        if shown := self.sources.get(article.source or ""):
            article = replace(article, source=shown)
        label = next((each.label for each in self.labels if each.fits(article)), article.label)
        told = [each.visibility for each in self.visibility if each.fits(article)]
        if not self._takes(article):
            told.append("hidden")
        visibility = max((article.visibility, *told), key=VISIBILITIES.index)
        if (label, visibility) == (article.label, article.visibility):
            return article
        return replace(article, label=label, visibility=visibility)

    def is_own(self, article: Described) -> bool:
        """Whether it is the house's own."""
        return any(each.fits(article) for each in self.own)

    def before(self, others: "Rules") -> "Rules":
        """These and others: where the first that fits counts, one of these does."""
        lists = {
            each.name: (*getattr(self, each.name), *getattr(others, each.name))
            for each in fields(self)
            if each.name != "sources"
        }
        return Rules(**lists, sources={**others.sources, **self.sources})

    def _takes(self, article: Article) -> bool:
        if any(each.fits(article) for each in self.exclude):
            return False
        return not self.include or any(each.fits(article) for each in self.include)


NO_RULES = Rules()


def _each_of(told: str | None) -> Iterator[str | None]:
    """All that is told, and each of the names in it, which may have commas themselves."""
    yield told
    parts = (told or "").split(",")
    for length in range(1, _MOST_COMMAS + 2):
        for first in range(len(parts) - length + 1):
            yield ",".join(parts[first : first + length])


def _fits(names: Iterable[str], values: Iterable[str | None]) -> bool:
    told = [_bare(value) for value in values if value]
    return any(_pattern(name).fullmatch(value) for name in names for value in told)


@cache
def _pattern(name: str) -> re.Pattern[str]:
    # Of what a shell reads in a name only the asterisk counts: addresses have question marks.
    return re.compile(translate(re.sub(r"[?\[]", r"[\g<0>]", _bare(name))))


def _bare(value: str) -> str:
    return _IGNORED_IN_URL.sub("", value.strip().casefold())
