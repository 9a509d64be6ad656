"""The sentences that answers are pinned to, found in the articles as they are now."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from index.article import Article, Passage, Span
from index.build.rules.model import Pinned
from index.split import split
from index.store import Store

# A sentence may be copied from a page or typed.
_MARKS = (("['’‘]", "['’‘]"), ('["“”„]', '["“”„]'))


@dataclass(frozen=True, slots=True)
class PinnedSentence:
    """A pinned sentence where its article has it: whole sentences at `span`, inside the passage."""

    pinned: Pinned
    article: Article
    passage: Passage
    span: Span


def find_pinned(pinned: Iterable[Pinned], store: Store) -> Iterator[PinnedSentence | str]:
    """Each pinned sentence as the store's articles have it, or why it cannot be quoted."""
    for each in pinned:
        article = store.article(each.article)
        found = _find(each, article) if article else None
        yield found or _reason(each, article)


def _find(pinned: Pinned, article: Article) -> PinnedSentence | None:
    said = _wording(pinned.sentence).search(article.text)
    if said is None:
        return None
    for passage in split(article):
        if passage.start <= said.start() and said.end() <= passage.end:
            spans = [each for each in passage.sentences if _overlap(each, said.span())]
            if spans:
                return PinnedSentence(pinned, article, passage, (spans[0][0], spans[-1][1]))
    return None


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _wording(sentence: str) -> re.Pattern[str]:
    """The sentence, however it is broken into lines and whichever quotation marks it has."""
    wanted = r"\s+".join(map(re.escape, sentence.split()))
    for marks, any_of_them in _MARKS:
        wanted = re.sub(marks, any_of_them, wanted)
    return re.compile(wanted)


def _reason(pinned: Pinned, article: Article | None) -> str:
    if article is None:
        return (
            f"{pinned.question[0]!r} is pinned to {pinned.article!r}, which is no article that can "
            "be read: take the id of one from /admin"
        )
    return (
        f"{pinned.question[0]!r} is pinned to {pinned.sentence!r}, which article "
        f"{pinned.article!r} does not say: copy a sentence as it stands there now"
    )
