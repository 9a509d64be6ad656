"""A quote that was given, as its article has it now."""

from dataclasses import dataclass

from index.store import Store
from qa.present.links import page_of, read_cited
from qa.present.version import standing


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
