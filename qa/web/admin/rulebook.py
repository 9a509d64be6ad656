"""The rules of the house on the owner's page: those of the file, and those that are added here."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import groupby
from pathlib import Path
from typing import Any

from index.analysis import Analyzer, content_words, names, words
from index.build.lists import SYNONYMS, forms_in, lines_in
from index.build.rules.kept import (
    RULES,
    add_rules,
    added_rules,
    drop_rule,
    mark_of,
    rules_file,
    rules_in_file,
)
from index.build.rules.model import NO_RULES, Pinned, Rules, Which
from index.build.rules.reading import checked_rules, find_pinned, is_beside
from index.errors import SettingError
from index.store import Store
from qa.journal import Recorded
from qa.present.links import page_of, read_cited
from qa.present.version import standing
from qa.web.admin.errors import NoSuchArticleError, OwnerError

# The keys by which a rule names articles.
KEYS = tuple(each.name for each in fields(Which))
# What a rule of each kind that can be added says, besides which articles it is about.
FORMS: Mapping[str, tuple[str, ...]] = {
    "pinned": ("question", "article", "sentence"),
    "never_cited": ("topic",),
    "labels": ("label",),
    "visibility": ("visibility",),
    "own": (),
}
# What counts without a build.
AT_ONCE = ("pinned", "never_cited", "synonyms", "own")
# Of these each line is one.
_LISTED = ("question", "topic")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as keys with their values; one that was added here has a `mark`.

    `is_lost` says of a pinned answer that its article does not say it, or beside its story alone.
    """

    parts: tuple[tuple[str, tuple[str, ...]], ...]
    mark: str = ""
    is_lost: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """All rules by kind, those that were added first; the file of the others, or its fault."""

    kinds: Mapping[str, tuple[Rule, ...]]
    file: str | None
    fault: str


class Rulebook:
    """Shows and changes rules; `store` gives the newest published index."""

    def __init__(self, data: Path, store: Callable[[], Store], recorded: Recorded) -> None:
        self._data, self._store, self._recorded = data, store, recorded

    def sheet(self) -> Sheet:
        """The rules as they are now."""
        added, fault = _read(added_rules, self._data)
        filed, fault_of_file = _read(rules_in_file, self._data)
        store = self._store()
        kinds = {
            each.name: (
                *_rules(each.name, added, store, is_added=True),
                *_rules(each.name, filed, store, is_added=False),
            )
            for each in fields(Rules)
        }
        return Sheet(kinds, self._file(), fault or fault_of_file)

    def _file(self) -> str | None:
        """As its owner knows it: a copy is known by the name of what it was copied from."""
        path = rules_file(self._data)
        own, _ = RULES.places(self._data)
        if path == own:
            return f"{own.parent.name}/{own.name}"
        return RULES.shipped if path else None

    def add(self, kind: str, form: Mapping[str, str]) -> None:
        """Add the rule that a form describes. Raises FootnoteError for what is no rule."""
        if kind == "synonyms":
            self._equate(form)
            return
        rules = {kind: _written(kind, form)}
        for each in checked_rules(rules, "the rule").pinned:
            self._refuse_unsaid(each)
        add_rules(self._data, rules)
        _log.info("the owner added a rule of %r", kind)

    def drop(self, kind: str, mark: str) -> bool:
        """Take a rule away that was added here; False if it is gone already."""
        return drop_rule(self._data, kind, mark)

    def draft(self, number: int) -> Mapping[str, str]:
        """What the forms open with for a question of the journal, by its row."""
        asked = self._recorded.numbered(number)
        if asked is None:
            return {}
        store = self._store()
        quote = find_quote(store, asked.quote)
        article = quote.article_id if quote else asked.nearest_article or ""
        topic = _topic(asked.question)
        return {
            "question": asked.question,
            "article": article,
            "sentence": quote.text if quote else asked.nearest_text or "",
            "topic": "\n".join(topic),
            "names": article,
            "one": " ".join(_unknown(asked.question, store)) or next(iter(topic), ""),
        }

    def _equate(self, form: Mapping[str, str]) -> None:
        line = " = ".join(" ".join(form.get(each, "").split()) for each in ("one", "other"))
        if len(forms_in(line)) < 2:
            raise OwnerError("two_forms", f"{line[:80]!r} has no two forms: give both")
        SYNONYMS.change(self._data, lambda held: dict.fromkeys((*held, line)))

    def _refuse_unsaid(self, pinned: Pinned) -> None:
        store, article_id = self._store(), pinned.article
        article = store.article(article_id)
        if article is None:
            raise NoSuchArticleError(article_id)
        if not _is_lost(pinned, store):
            return
        if is_beside(pinned, article):
            message = f"article {article_id!r} says this beside its story: pin a sentence of that"
            raise OwnerError("said_beside", message, id=article_id)
        message = f"article {article_id!r} does not say this sentence: copy it from there"
        raise OwnerError("not_said", message, id=article_id)


def _read(read: Callable[[Path], Rules], data: Path) -> tuple[Rules, str]:
    """The rules, or none and why."""
    try:
        return read(data), ""
    except SettingError as error:
        return NO_RULES, str(error)


def _rules(kind: str, rules: Rules, store: Store, *, is_added: bool) -> Iterator[Rule]:
    """The rules of one kind."""
    of_kind = getattr(rules, kind)
    for rule in of_kind.items() if kind == "sources" else of_kind:
        plain = rule if isinstance(rule, tuple) else asdict(rule)
        mark = mark_of(plain) if is_added else ""
        yield Rule(tuple(_parts(kind, plain)), mark, _is_lost(rule, store))


def _parts(kind: str, plain: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What a rule says, in the order in which a form would ask for it."""
    if kind == "sources":
        yield from zip(("source", "shown_as"), ((each,) for each in plain), strict=True)
    elif kind == "synonyms":
        yield "forms", plain
    else:
        for name in dict.fromkeys((*FORMS.get(kind, ()), *KEYS)):
            if value := plain.get(name):
                yield name, (value,) if isinstance(value, str) else value


def _is_lost(rule: object, store: Store) -> bool:
    return isinstance(rule, Pinned) and isinstance(next(find_pinned([rule], store)), str)


def _written(kind: str, form: Mapping[str, str]) -> object:
    """What a form describes, as the file would have it."""
    if kind == "sources":
        return {form.get("source", ""): form.get("shown_as", "")}
    said = {name: _value(name, form.get(name, "")) for name in FORMS.get(kind, ())}
    about = {form["key"]: list(lines_in(form.get("names", "")))} if "key" in form else {}
    return [said | about]


def _value(name: str, text: str) -> str | list[str]:
    if name in _LISTED:
        return list(lines_in(text))
    # An id may begin with a space.
    return text if name == "article" else " ".join(text.split())


def _topic(question: str) -> list[str]:
    """What a question is about, as far as its words tell: names, else what carries meaning.

    >>> _topic("When was the lighthouse of Cape Orrin lit?")
    ['cape orrin']
    """
    telling = {word.lower() for word in names(question)} or set(content_words(question))
    runs = groupby(words(question), key=telling.__contains__)
    return list(dict.fromkeys(" ".join(run) for tells, run in runs if tells))


def _unknown(question: str, store: Store) -> Sequence[str]:
    """The words of a question that no article has."""
    analyzer = Analyzer()
    return [
        word
        for word in content_words(question)
        if not store.document_frequency(analyzer.terms(word)).any()
    ]


@dataclass(frozen=True, slots=True)
class Quote:
    """The words, the id of their article, and the reader's page that shows them."""

    text: str
    article_id: str
    link: str


def find_quote(store: Store, place: str | None) -> Quote | None:
    """The quote at a place that the journal kept, or None where its article has it no more."""
    kept = read_cited(place or "")
    article = store.article(kept.article_id) if kept else None
    if kept is None or article is None:
        return None
    span = standing(article, kept.span, kept.version).span
    if span is None:
        return None
    return Quote(article.text[slice(*span)], article.id, page_of(kept.moved(span)))
