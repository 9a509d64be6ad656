"""The JSON forms that every face speaks: what they hold is a contract with callers.

The JSON of the API as types, for `/openapi.json` and `/docs`; `qa.present.wire` makes the JSON.
"""

from typing import Annotated, Any, Literal
from urllib.parse import quote

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from index.article import Article, Passage, Span
from qa.answer import Answer, Citation, Hit, Order, Question, Reply, When
from qa.present.fragment import text_fragment
from qa.question import LARGEST_K, LONGEST_QUESTION

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


def _whole(value: Any) -> Any:
    """JSON can spell half of a surrogate pair, which cannot be sent back."""
    if isinstance(value, str) and any("\ud800" <= sign <= "\udfff" for sign in value):
        raise ValueError("half of a surrogate pair stands in it; send whole characters")
    return value


QuestionText = WithJsonSchema({"type": "string", "minLength": 1, "maxLength": LONGEST_QUESTION})
OptionalText = WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "null"}]})
Id = WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]})
Number = WithJsonSchema(
    {"anyOf": [{"type": "integer", "minimum": 1, "maximum": LARGEST_K}, {"type": "null"}]}
)
Texts = WithJsonSchema(
    {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}]}
)


History = WithJsonSchema(
    {
        "anyOf": [
            {
                "type": "array",
                "items": {
                    "anyOf": [
                        {"type": "string"},
                        {
                            "type": "object",
                            "properties": {
                                "question": {"type": "string"},
                                "cited": {
                                    "anyOf": [
                                        {"type": "array", "items": {"type": "string"}},
                                        {"type": "null"},
                                    ]
                                },
                            },
                            "required": ["question"],
                        },
                    ]
                },
            },
            {"type": "null"},
        ]
    }
)


class AskRequest(BaseModel):
    """A question. Only `question` is needed; null is the same as leaving a field out."""

    model_config = ConfigDict(json_schema_extra={"required": ["question"]})

    # The types are told, not enforced: `read_question` judges, with one message for every face.
    question: Annotated[
        Any, QuestionText, Field(examples=["When did Apollo 11 land on the Moon?"])
    ] = None
    history: Annotated[
        Any,
        History,
        Field(
            description="earlier questions of the conversation, oldest first: each as a text, or "
            "with the `passage.id` of what was cited for it"
        ),
    ] = None
    k: Annotated[Any, Number, Field(description="the most citations to return, 5 if absent")] = None
    after: Annotated[
        Any, OptionalText, Field(description="only what is of this date or later, ISO 8601")
    ] = None
    before: Annotated[
        Any, OptionalText, Field(description="only what is of this date or earlier, ISO 8601")
    ] = None
    source: Annotated[Any, OptionalText, Field(description="only articles of this source")] = None
    page_url: Annotated[
        str | None, Field(description="the page on which the question is asked")
    ] = None
    within: Annotated[
        Any, OptionalText, Field(description="`page` to search only the article at `page_url`")
    ] = None
    ignore: Annotated[
        Any,
        Texts,
        Field(
            description="what not to understand: `when` for the time that the question's words "
            "tell, `history` for the earlier questions"
        ),
    ] = None
    asked_at: Annotated[
        Any, OptionalText, Field(description="the time of asking, ISO 8601; now if absent")
    ] = None
    id: Annotated[
        Any, AfterValidator(_whole), Id, Field(description="given back in the answer, as a text")
    ] = None


class _Model(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class PassageModel(_Model):
    """Whole sentences of an article; offsets count Unicode code points of its text."""

    id: str
    start: int
    end: int
    text: str


class ArticleModel(_Model):
    """What is known of an article; what is not known is null."""

    id: str
    title: str | None
    source: str | None
    author: str | None
    published: Annotated[str | None, Field(description="ISO 8601")]
    updated: Annotated[str | None, Field(description="ISO 8601")]
    url: str | None
    digest: Annotated[str, Field(description="sha256 of the text")]


class TwinModel(_Model):
    """A passage of another article that says the same words."""

    article_id: str
    passage_id: str


class CitationModel(_Model):
    """A quote: the article's text from `quote_start` to `quote_end`, to the letter."""

    number: int
    quote: str
    quote_start: int
    quote_end: int
    passage: PassageModel
    article: ArticleModel
    when: Annotated[str | None, Field(description="the entry's own time, else the publication")]
    heading: Annotated[str | None, Field(description="the live blog entry's heading")]
    score: float
    link: Annotated[str, Field(description="the reader page, the quote marked")]
    source_link: Annotated[str | None, Field(description="the original, with a text fragment")]
    also_in: list[TwinModel]


class WhenModel(_Model):
    """The time that the question's words tell; an exact one filters, another weighs."""

    phrase: Annotated[str, Field(description="the question's words")]
    text: Annotated[str, Field(description="for people to read")]
    after: Annotated[str | None, Field(description="its first moment, ISO 8601")]
    before: Annotated[str | None, Field(description="its last moment, ISO 8601")]
    exact: bool


class AnswerModel(_Model):
    """Citations; or none, and in `nearest` what came closest without answering."""

    id: str | None
    question: str
    asked_at: str
    status: Literal["answered", "not_covered"]
    confidence: Annotated[float, Field(description="that the articles cover it, 0 to 1")]
    understood_as: Annotated[
        str, Field(description="the question with what it left to the earlier ones")
    ]
    understood_when: WhenModel | None
    order: Annotated[Order, Field(description="in which order the citations stand")]
    reports_differ: Annotated[
        bool, Field(description="citations give different numbers for the same thing")
    ]
    reply: Annotated[
        Reply | None, Field(description="what the line is, where it asks nothing of the articles")
    ]
    citations: list[CitationModel]
    nearest: list[CitationModel]
    suggestions: Annotated[list[str], Field(description="questions to go on with")]
    page_article: Annotated[
        str | None, Field(description="the id of the article at `page_url`, if there is one")
    ]
    took_ms: float


class EntryModel(_Model):
    """One timestamped post of a live blog: `text[start:end]`."""

    start: int
    end: int
    time: str | None
    heading: str


class WholeArticleModel(ArticleModel):
    """An article with its text."""

    text: str
    entries: list[EntryModel]


class FaultModel(_Model):
    """`code` is for programs, `message` for people: it names the fault and the remedy."""

    code: str
    message: str


class ErrorModel(_Model):
    """The shape of every error."""

    error: FaultModel


class HealthModel(_Model):
    """The server answers; `articles` is how many it searches."""

    status: Literal["ok"]
    articles: int


class ReadyModel(_Model):
    """Questions can be answered, from so many articles, the newest of this date."""

    status: Literal["ready"]
    articles: int
    newest: Annotated[str | None, Field(description="ISO 8601")]


class HitModel(_Model):
    """A passage that fits; only the scores of one search can be compared."""

    rank: int
    score: float
    article_id: str
    passage_id: str
    text: str


class HitsModel(_Model):
    """Passages, best first."""

    id: str | None
    question: str
    hits: list[HitModel]


class ArticlePartModel(WholeArticleModel):
    """`text` is the article's from `start` to `end`, of so many characters in all."""

    start: int
    end: int
    characters: int
