"""The JSON forms that every face speaks: what they hold is a contract with callers."""

from typing import Any
from urllib.parse import quote

from index.article import Article, Passage, Span
from qa.answer import Answer, Citation, Hit, Question
from qa.fragment import text_fragment
from qa.understood import When

Json = dict[str, Any]


def answer_json(answer: Answer) -> Json:
    """The line that `ask --json` prints and `POST /api/ask` returns."""
    return {
        "id": answer.question.id,
        "question": answer.question.text,
        "asked_at": answer.asked_at,
        "status": answer.status,
        "confidence": round(answer.confidence, 4),
        "understood_as": answer.understood_as or answer.question.text,
        "understood_when": _when_json(answer.understood_when),
        "order": answer.order,
        "reports_differ": answer.reports_differ,
        "reply": answer.reply,
        "citations": [citation_json(citation) for citation in answer.citations],
        "nearest": [citation_json(citation) for citation in answer.nearest],
        "suggestions": list(answer.suggestions),
        "page_article": answer.page_article,
        "took_ms": round(answer.took_ms, 1),
    }


def _when_json(when: When | None) -> Json | None:
    if when is None:
        return None
    return {
        "phrase": when.phrase,
        "text": when.text,
        "after": when.after,
        "before": when.before,
        "exact": when.is_exact,
    }


def citation_json(citation: Citation) -> Json:
    """One citation; `quote` is `text[quote_start:quote_end]` of the article with that digest."""
    return {
        "number": citation.number,
        "quote": citation.quote,
        "quote_start": citation.quote_start,
        "quote_end": citation.quote_end,
        "passage": passage_json(citation.passage),
        "article": article_json(citation.article),
        "when": citation.when,
        "heading": citation.heading,
        "score": round(citation.score, 4),
        "link": reader_link(citation),
        "source_link": source_link(citation),
        "also_in": [
            {"article_id": twin.article_id, "passage_id": twin.id} for twin in citation.also_in
        ],
    }


def passage_json(passage: Passage) -> Json:
    """A passage with its span in the article."""
    return {
        "id": passage.id,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
    }


def article_json(article: Article) -> Json:
    """What is known of an article, without its text; what is not known is null."""
    return {
        "id": article.id,
        "title": article.title,
        "source": article.source,
        "author": article.author,
        "published": article.published,
        "updated": article.updated,
        "url": article.url,
        "digest": article.digest,
    }


def whole_article_json(article: Article) -> Json:
    """An article as `GET /api/articles/ID` returns it."""
    entries = [
        {"start": entry.start, "end": entry.end, "time": entry.time, "heading": entry.heading}
        for entry in article.entries
    ]
    return article_json(article) | {"text": article.text, "entries": entries}


def hits_json(question: Question, hits: list[Hit]) -> Json:
    """The line that `search --json` prints."""
    return {
        "id": question.id,
        "question": question.text,
        "hits": [
            {
                "rank": rank,
                "score": round(hit.score, 4),
                "article_id": hit.passage.article_id,
                "passage_id": hit.passage.id,
                "text": hit.passage.text,
            }
            for rank, hit in enumerate(hits, start=1)
        ],
    }


def error_json(code: str, message: str) -> Json:
    """The one shape of every error."""
    return {"error": {"code": code, "message": message}}


def reader_link(citation: Citation) -> str:
    """The reader page with the quote marked."""
    page = article_link(citation.article)
    return f"{page}?quote={citation.quote_start}-{citation.quote_end}"


def article_link(article: Article) -> str:
    """The reader page of the article.

    Slashes of an id are percent-encoded, so that no browser takes `..` in one for a folder.
    """
    return article_path(article.id)


def article_path(article_id: str) -> str:
    """The reader page of the article of an id."""
    return f"/articles/{quote(article_id, safe='')}"


def source_link(citation: Citation) -> str | None:
    """The original at the quoted words, or None without a web address to link to."""
    return original_link(citation.article, (citation.quote_start, citation.quote_end))


def original_link(article: Article, span: Span) -> str | None:
    """The original with a text fragment, or None without a web address to link to."""
    url = web_address(article)
    if url is None:
        return None
    return f"{url.split('#', 1)[0]}#:~:{text_fragment(article.text, span)}"


def web_address(article: Article) -> str | None:
    """The article's url where it is http or https: no other scheme is ever linked."""
    url = (article.url or "").strip()
    return url if url.lower().startswith(("http://", "https://")) else None
