"""What is for members: found and cited, and shown to others only as it begins.

Whatever is asked, it is the beginning: of what answers, many questions would gather the whole.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

from index.article import VISIBILITIES, Article, Passage
from qa.answer import Answer, AnsweredPart, Citation, Hit
from qa.typeahead import Matched

DEFAULT_SNIPPET = 200

_is_member: ContextVar[bool] = ContextVar("is a member", default=False)


@contextmanager
def as_member() -> Iterator[None]:
    """In the block, and in threads it starts work in, everything is read by a member."""
    token = _is_member.set(True)
    try:
        yield
    finally:
        _is_member.reset(token)


@dataclass(frozen=True, slots=True)
class Snippets:
    """What the reader who is served may read. Others than members read `length` characters."""

    length: int = DEFAULT_SNIPPET

    def article(self, article: Article | None) -> Article | None:
        """The article, or how it begins."""
        if article is None or _may_read(article):
            return article
        return article.excerpt(self.length)

    def answer(self, answer: Answer) -> Answer:
        """The answer; an article that may not be read is cited once, with how it begins."""
        cited = (*answer.citations, *answer.nearest)
        if all(_may_read(each.article) for each in cited):
            return answer
        citations, places = self._citations(answer.citations)
        nearest, _ = self._citations(answer.nearest)
        parts = tuple(_renumbered(part, places) for part in answer.parts)
        return replace(answer, citations=citations, nearest=nearest, parts=parts)

    def hits(self, hits: Iterable[Hit], find: Callable[[str], Article | None]) -> list[Hit]:
        """The passages; of an article that may not be read only how it begins, once.

        `find` gives the article of an id.
        """
        shown: dict[str, Hit] = {}
        for hit in hits:
            article = find(hit.passage.article_id)
            if article is None:
                continue
            passage = hit.passage if _may_read(article) else beginning(article.excerpt(self.length))
            shown.setdefault(passage.id, replace(hit, passage=passage))
        return list(shown.values())

    def matched(self, matched: Matched) -> Matched:
        """What is offered while a question is typed: no passage of what may not be read.

        Else each word that is typed would tell whether the article has it.
        """
        if all(_may_read(each.article) for each in matched.passages):
            return matched
        passages = tuple(each for each in matched.passages if _may_read(each.article))
        return replace(matched, passages=passages)

    def _citations(
        self, citations: Sequence[Citation]
    ) -> tuple[tuple[Citation, ...], Mapping[int, int]]:
        """The citations, each once, and their numbers by the numbers that they had."""
        shown: dict[tuple[str, int, int], Citation] = {}
        places: dict[int, int] = {}
        for each in citations:
            cited = each if _may_read(each.article) else self._excerpt(each)
            place = (cited.article.id, *cited.quote_span)
            held = shown.setdefault(place, replace(cited, number=len(shown) + 1))
            places[each.number] = held.number
        return tuple(shown.values()), places

    def _excerpt(self, citation: Citation) -> Citation:
        article = citation.article.excerpt(self.length)
        passage = beginning(article)
        return Citation(
            number=citation.number,
            passage=passage,
            article=article,
            quote=passage.text,
            quote_start=passage.start,
            quote_end=passage.end,
            score=citation.score,
        )


def _renumbered(part: AnsweredPart, places: Mapping[int, int]) -> AnsweredPart:
    return replace(part, numbers=tuple(dict.fromkeys(places[each] for each in part.numbers)))


def _may_read(article: Article) -> bool:
    return article.visibility == "public" or _is_member.get()


def as_closed_as(former: Article, present: Article) -> Article:
    """A former version, for those alone who may read the present one, and might then read it."""
    visibility = max(former.visibility, present.visibility, key=VISIBILITIES.index)
    return replace(former, visibility=visibility)


def beginning(article: Article) -> Passage:
    """All of an excerpt as one passage."""
    end = len(article.text)
    return Passage(article.id, 0, end, article.text, ((0, end),))
