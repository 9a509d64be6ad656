"""A question may be asked of one source, by its exact name; another name is a mistake."""

from rapidfuzz.fuzz import WRatio
from rapidfuzz.process import extract

from index.store import Store
from qa.answer import Question
from qa.question import BadQuestionError

_MOST = 3


def check_source(question: Question, store: Store) -> None:
    """Raises BadQuestionError, with the nearest names, where no article is of the source."""
    asked = question.source
    if asked is None:
        return
    sources = store.sources()
    if asked not in sources:
        raise BadQuestionError("unknown_source", _refusal(asked, sources))


def _refusal(asked: str, sources: list[str]) -> str:
    if not sources:
        return f"no article is of the source {asked!r}: no article names one, so ask without"
    near = extract(asked.casefold(), sources, scorer=WRatio, processor=str.casefold, limit=_MOST)
    named = " or ".join(repr(name) for name, *_ in near)
    return f"no article is of the source {asked!r}: ask for {named}, or without a source"
