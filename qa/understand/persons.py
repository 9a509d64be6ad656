"""Whether the passages cited for a turn tell of a man or of a woman, by their pronouns."""

from collections.abc import Iterator

from index.analysis import words
from index.article import parse_passage_id
from index.store import Store
from qa.answer import Turn
from qa.understand.followup import Fits


def persons_cited(store: Store) -> Fits:
    """Tells it from the texts of a store; of a turn without citations anyone may be meant."""

    def fits(turn: Turn, meant: frozenset[str], other: frozenset[str]) -> bool:
        said = [word for text in _cited(turn, store) for word in words(text)]
        if not said:
            return True
        count = sum(word in meant for word in said)
        return count > 0 and count >= sum(word in other for word in said)

    return fits


def _cited(turn: Turn, store: Store) -> Iterator[str]:
    """What was cited, but for what is for members: whoever asks names the spans."""
    for passage_id in turn.cited:
        parsed = parse_passage_id(passage_id)
        article = store.article(parsed[0]) if parsed else None
        if parsed is not None and article is not None and article.visibility == "public":
            yield article.text[parsed[1] : parsed[2]]
