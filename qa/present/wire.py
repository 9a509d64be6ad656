"""The JSON that every face sends: these models are it, and a contract with callers.

A field is one line: its name, its type, and where it comes from unless that is the attribute of
the same name. The command line, the HTTP API, the agents' tools and `/openapi.json` follow.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from dataclasses import replace as replaced
from operator import attrgetter
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from index.article import Article, DateOrigin
from qa.answer import Hit, Order, Question, Reply, Status
from qa.present.links import reader_link, source_link

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class From:
    """How a field is made of its source, where it is not the attribute of the same name."""

    make: Callable[[Any], object]


class _Model(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class _Made(_Model):
    """A model made of one of our own types, field by field; each value is checked."""

    _makers: ClassVar[tuple[tuple[str, Callable[[Any], object]], ...]] = ()

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        cls._makers = tuple(
            (name, _maker(name, field.metadata)) for name, field in cls.model_fields.items()
        )

    @classmethod
    def of(cls, source: object) -> Self:
        """The model of an answer, a citation or an article, as its name says."""
        return cls.model_validate(cls.values_of(source))

    @classmethod
    def values_of(cls, source: object) -> Json:
        """The values of the fields, for a model that holds this one.

        Checking the whole once is several times as fast as checking its parts, then the whole.
        """
        return {name: make(source) for name, make in cls._makers}


def _maker(name: str, metadata: Iterable[object]) -> Callable[[Any], object]:
    own = (each.make for each in metadata if isinstance(each, From))
    return next(own, attrgetter(name))


class PassageModel(_Made):
    """Whole sentences of an article; offsets count Unicode code points of its text."""

    id: str
    start: int
    end: int
    text: str


class ArticleModel(_Made):
    """What is known of an article; what is not known is null."""

    id: str
    title: str | None
    source: str | None
    author: str | None
    published: Annotated[str | None, Field(description="ISO 8601")]
    updated: Annotated[str | None, Field(description="ISO 8601")]
    url: str | None
    label: Annotated[
        str | None, Field(description="what the owner calls its kind, such as `opinion`")
    ]
    digest: Annotated[str, Field(description="sha256 of the text")]
    excerpt: Annotated[
        bool,
        From(attrgetter("is_excerpt")),
        Field(description="whether the text is only the beginning, the rest for members"),
    ]


class TwinModel(_Made):
    """A passage of another article that says the same words."""

    article_id: str
    passage_id: Annotated[str, From(attrgetter("id"))]


class CorrectionModel(_Made):
    """What an article says of itself, to the letter, from `start` to `end` of its text."""

    kind: Literal["correction", "clarification", "retraction"]
    text: str
    start: int
    end: int


class CitationModel(_Made):
    """A quote: the article's text from `quote_start` to `quote_end`, to the letter."""

    number: int
    quote: str
    quote_start: int
    quote_end: int
    answer_start: Annotated[
        int | None, Field(description="where the answering words of the quote begin, if known")
    ]
    answer_end: Annotated[int | None, Field(description="where they end")]
    passage: Annotated[
        PassageModel, From(lambda citation: PassageModel.values_of(citation.passage))
    ]
    article: Annotated[
        ArticleModel, From(lambda citation: ArticleModel.values_of(citation.article))
    ]
    when: Annotated[str | None, Field(description="the entry's own time, else the publication")]
    heading: Annotated[str | None, Field(description="the live blog entry's heading")]
    page: Annotated[
        int | None, Field(description="the page of the PDF that the quote begins on, from 1")
    ]
    score: Annotated[float, From(lambda citation: round(citation.score, 4))]
    link: Annotated[str, From(reader_link), Field(description="the reader page, the quote marked")]
    source_link: Annotated[
        str | None, From(source_link), Field(description="the original, with a text fragment")
    ]
    also_in: Annotated[
        list[TwinModel],
        From(lambda citation: [TwinModel.values_of(twin) for twin in citation.also_in]),
    ]
    corrections: Annotated[
        list[CorrectionModel],
        From(lambda citation: [CorrectionModel.values_of(note) for note in citation.corrections]),
        Field(description="notes in the article that something in it was corrected or retracted"),
    ]


class TimeModel(_Made):
    """A time with its ends."""

    text: Annotated[str, Field(description="for people to read")]
    after: Annotated[str | None, Field(description="its first moment, ISO 8601")]
    before: Annotated[str | None, Field(description="its last moment, ISO 8601")]


class WhenModel(_Made):
    """The time that the question's words tell; an exact one filters, another weighs."""

    phrase: Annotated[str, Field(description="the words of the question that say it")]
    text: Annotated[str, Field(description="for people to read")]
    after: Annotated[str | None, Field(description="its first moment, ISO 8601")]
    before: Annotated[str | None, Field(description="its last moment, ISO 8601")]
    exact: Annotated[bool, From(attrgetter("is_exact"))]
    other: Annotated[
        TimeModel | None,
        From(lambda when: when.other and TimeModel.values_of(when.other)),
        Field(description="where day and month may as well be the other way round: that time"),
    ]


class RespellingModel(_Made):
    """A word of the question that was taken for a typing error."""

    typed: str
    read: Annotated[str, Field(description="the word of the articles that was searched for")]


class SpellingModel(_Made):
    """The question with its typing errors put right."""

    text: str
    words: Annotated[
        list[RespellingModel],
        From(lambda spelling: [RespellingModel.values_of(word) for word in spelling.words]),
    ]


class PartModel(_Made):
    """A part of a question that asks several things."""

    question: Annotated[str, From(attrgetter("text")), Field(description="in the asker's words")]
    status: Status
    citations: Annotated[
        list[int],
        From(lambda part: list(part.numbers)),
        Field(description="the numbers of the citations for it"),
    ]


class AnswerModel(_Made):
    """Citations; or none, and in `nearest` what came closest without answering."""

    id: Annotated[str | None, From(attrgetter("question.id"))]
    question: Annotated[str, From(attrgetter("question.text"))]
    asked_at: str
    status: Status
    confidence: Annotated[
        float,
        From(lambda answer: round(answer.confidence, 4)),
        Field(description="how likely the articles cover it, 0 to 1"),
    ]
    unsure: Annotated[
        bool, From(attrgetter("is_unsure")), Field(description="`nearest` may answer")
    ]
    close: Annotated[
        bool,
        From(attrgetter("is_close")),
        Field(description="`nearest` is close enough to be shown at once, not folded"),
    ]
    understood_as: Annotated[
        str,
        From(lambda answer: answer.meant),
        Field(description="the question as it was searched for, completed from the earlier ones"),
    ]
    understood_when: Annotated[
        WhenModel | None,
        From(lambda answer: answer.understood_when and WhenModel.values_of(answer.understood_when)),
    ]
    unread_when: Annotated[
        str | None, Field(description="words that look like a time, of which none could be read")
    ]
    unknown_names: Annotated[
        list[str],
        From(lambda answer: list(answer.unknown_names)),
        Field(description="where it is not covered: names in it that no article mentions"),
    ]
    understood_spelling: Annotated[
        SpellingModel | None,
        From(
            lambda answer: (
                answer.understood_spelling and SpellingModel.values_of(answer.understood_spelling)
            )
        ),
    ]
    order: Annotated[Order, Field(description="the order of the citations")]
    reports_differ: Annotated[
        bool, Field(description="citations give different numbers for the same thing")
    ]
    reply: Annotated[
        Reply | None, Field(description="the kind of small talk, where it is not a question")
    ]
    parts: Annotated[
        list[PartModel],
        From(lambda answer: [PartModel.values_of(part) for part in answer.parts]),
        Field(description="where several things are asked: each, and whether it is covered"),
    ]
    citations: Annotated[
        list[CitationModel],
        From(lambda answer: [CitationModel.values_of(one) for one in answer.citations]),
    ]
    nearest: Annotated[
        list[CitationModel],
        From(lambda answer: [CitationModel.values_of(one) for one in answer.nearest]),
    ]
    suggestions: Annotated[
        list[str],
        From(lambda answer: list(answer.suggestions)),
        Field(description="related questions"),
    ]
    page_article: Annotated[
        str | None, Field(description="the id of the article at `page_url`, if there is one")
    ]
    took_ms: Annotated[float, From(lambda answer: round(answer.took_ms, 1))]


class EntryModel(_Made):
    """One timestamped post of a live blog: `text[start:end]`."""

    start: int
    end: int
    time: str | None
    heading: str


class WholeArticleModel(ArticleModel):
    """An article with its text, and what told its dates, null where that is not known."""

    published_from: DateOrigin | None
    updated_from: DateOrigin | None
    indexed: Annotated[str | None, Field(description="when it was put into the index, ISO 8601")]
    text: str
    former: Annotated[
        bool,
        From(attrgetter("is_former")),
        Field(description="whether the article has changed since this version"),
    ]
    entries: Annotated[
        list[EntryModel],
        From(lambda article: [EntryModel.values_of(entry) for entry in article.entries]),
    ]


class ArticlePartModel(WholeArticleModel):
    """`text` is the article's from `start` to `end`, of so many characters in all."""

    start: int
    end: int
    characters: int

    @classmethod
    def cut(cls, article: Article, start: int, end: int) -> Self:
        """Those characters of the article, with the entries that they are of."""
        text = article.text[start:end]
        entries = tuple(each for each in article.entries if each.start < end and each.end > start)
        whole = WholeArticleModel.values_of(replaced(article, entries=entries))
        span = {"text": text, "start": start, "end": start + len(text)}
        return cls.model_validate(whole | span | {"characters": len(article.text)})


class HitModel(_Model):
    """A passage that fits; only the scores of one search can be compared."""

    rank: int
    score: float
    article_id: str
    passage_id: str
    text: str

    @classmethod
    def of(cls, rank: int, hit: Hit) -> Self:
        """The hit at that rank, counted from 1."""
        passage = hit.passage
        return cls(
            rank=rank,
            score=round(hit.score, 4),
            article_id=passage.article_id,
            passage_id=passage.id,
            text=passage.text,
        )


class HitsModel(_Model):
    """Passages, best first."""

    id: str | None
    question: str
    hits: list[HitModel]

    @classmethod
    def of(cls, question: Question, hits: Iterable[Hit]) -> Self:
        """What a search found; the line that `search --json` prints."""
        ranked = [HitModel.of(rank, hit) for rank, hit in enumerate(hits, start=1)]
        return cls(id=question.id, question=question.text, hits=ranked)


class FaultModel(_Model):
    """`code` is for programs, `message` for people: it names the fault and the remedy."""

    code: str
    message: str


class ErrorModel(_Model):
    """The shape of every error."""

    error: FaultModel

    @classmethod
    def of(cls, code: str, message: str) -> Self:
        """The error of that code."""
        # Not checked: a message may quote half of a surrogate pair, and an error must not fail.
        return cls.model_construct(error=FaultModel.model_construct(code=code, message=message))


class HealthModel(_Model):
    """The server answers; `articles` is how many it searches."""

    status: Literal["ok"]
    articles: int


class ReadyModel(_Model):
    """Questions can be answered, from so many articles, the newest of this date."""

    status: Literal["ready"]
    articles: int
    newest: Annotated[str | None, Field(description="ISO 8601")]
    warning: Annotated[
        str | None, Field(description="that no newer article came for `FOOTNOTE_STALE_AFTER` hours")
    ]
