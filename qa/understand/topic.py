"""A title or heading asked as it stands: the answer is how its article or entry begins."""

from collections.abc import Iterable

from index.article import Article, Entry
from index.forms.folding import composed
from index.keys import first_key, number_of, place_of
from index.store import Located, Store
from qa.answer import Citation

# Passages are indexed with their title, so those of the article are found first.
LOOKED_AT = 8


def lead_of(text: str, found: Iterable[int], store: Store) -> Citation | None:
    """The lead of the article or entry that `text` names; None if it names none.

    `found` are the keys of the first LOOKED_AT passages from a search for it, best first.
    """
    asked = plain(text)
    if not asked:
        return None
    for located in store.located(list(found)):
        entry = located.passage.entry
        if entry is not None and asked == plain(entry.heading):
            return _lead(_first_of_entry(located, entry, store), entry.body)
        if asked == plain(located.article.title):
            return opening_of(number_of(located.key), store)
    return None


def opening_of(number: int, store: Store) -> Citation | None:
    """How the article of this number begins."""
    return _lead(store.locate(first_key(number)), 0)


def topics_of(article: Article, near: int) -> list[str]:
    """The topics of an article: the headings of a live blog, else its title.

    The headings nearest to the character `near` come first, without its own.
    """
    entries = [each for each in article.entries if each.heading]
    if not entries:
        return [article.title] if article.title else []
    others = [each for each in entries if not each.start <= near < each.end]
    return [each.heading for each in sorted(others, key=lambda each: abs(each.start - near))]


def plain(text: str | None) -> str:
    """A normalised form: texts that differ only in case, spaces or end marks are the same.

    >>> plain("Who  led it?") == plain("who led it")
    True
    """
    return " ".join(composed(text or "").casefold().split()).rstrip("?!. ")


def _first_of_entry(located: Located, entry: Entry, store: Store) -> Located:
    while place_of(located.key):
        before = store.locate(located.key - 1)
        if before.passage.entry != entry:
            break
        located = before
    return located


def _lead(located: Located, body: int) -> Citation | None:
    """The first sentence from `body` on, which is after the time line of an entry."""
    passage = located.passage
    span = next((span for span in passage.sentences if span[0] >= body), None)
    if span is None:
        return None
    start, end = span
    return Citation(
        number=1,
        passage=passage,
        article=located.article,
        quote=located.article.text[start:end],
        quote_start=start,
        quote_end=end,
        score=1.0,
    )
