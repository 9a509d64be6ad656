"""What is asked and what is answered. Every quote is checked when its citation is made.

What a question was taken to mean, so that people can see it and take it back.
"""

import math
from dataclasses import dataclass
from typing import Literal

from index.article import Article, Passage, Span
from index.dates import time_range
from index.forms.asides import Note, corrections_near
from index.period import Period, Selection

# In which order citations stand: the best first, or by the time of what they tell.
Order = Literal["best", "oldest_first", "newest_first"]
# What a line that asks nothing of the articles gets instead of an answer.
Reply = Literal["greeting", "thanks", "about", "nonsense", "language"]
# What of its understanding a question can ask to be left out.
Ignorable = Literal["when", "history", "spelling"]
# To what a question can be narrowed besides time and source.
Within = Literal["page"]
IGNORABLE: tuple[Ignorable, ...] = ("when", "history", "spelling")
# The share of the least confidence of an unsure answer from which what came closest is near it.
_CLOSE = 0.5


@dataclass(frozen=True, slots=True)
class When:
    """A time that the words of a question tell.

    `phrase` are those words, `text` is the time for people to read, `after` and `before` its first
    and last moment in ISO 8601, None where it is open. An exact one filters, another weighs. Of a
    date such as 12/10/2022 `other` is the time with day and month the other way round.
    """

    phrase: str
    text: str
    after: str | None
    before: str | None
    is_exact: bool
    other: "When | None" = None


@dataclass(frozen=True, slots=True)
class Respelling:
    """A word of the question as it was typed, and as it was read."""

    typed: str
    read: str


@dataclass(frozen=True, slots=True)
class Spelling:
    """A question with its typing errors put right: the whole `text`, and the `words` that were."""

    text: str
    words: tuple[Respelling, ...]


Status = Literal["answered", "not_covered"]
# Why nothing is cited: a name that no article has, passages that are near but may not answer,
# a filter that the reader set, or nothing that comes near.
Gap = Literal["unknown_name", "unsure", "filtered", "nothing_near"]

DEFAULT_K = 5


class MisquotedError(ValueError):
    """A quote that is not the text of its article at its span: such a citation cannot exist."""


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of the conversation, and the ids of the passages cited for it."""

    question: str
    cited: tuple[str, ...] = ()


def turns(*questions: str) -> tuple[Turn, ...]:
    """Earlier questions, oldest first, of which is not known what was cited."""
    return tuple(Turn(question) for question in questions)


@dataclass(frozen=True, slots=True)
class Question:
    """`text` as asked; `asked_at`, `after` and `before` are ISO 8601; filters are exact.

    `history` is what was asked before, oldest first. `ignore` names what is not to be understood
    from its words or from the history. `page_url` is the page it is asked on; within "page" only
    that page's article is searched.
    """

    text: str
    id: str | None = None
    history: tuple[Turn, ...] = ()
    asked_at: str | None = None
    after: str | None = None
    before: str | None = None
    source: str | None = None
    k: int = DEFAULT_K
    ignore: frozenset[Ignorable] = frozenset()
    page_url: str | None = None
    within: Within | None = None

    @property
    def is_filtered(self) -> bool:
        """Whether the reader narrowed it to a time, a source or a page."""
        return any((self.after, self.before, self.source, self.within))

    @property
    def selection(self) -> Selection:
        """The passages that its filters let through."""
        period = Period(
            after=time_range(self.after) if self.after else None,
            before=time_range(self.before) if self.before else None,
        )
        return Selection(period, self.source)


@dataclass(frozen=True, slots=True)
class Understood:
    """A question as it is searched for.

    `text` are the reader's own words, or some of them, their `spelling` put right where it was;
    `carried` are words of earlier questions that it lacks, the nearest first. `whole` is one
    sentence of both where they make one. It is never shown, since nobody wrote it.
    """

    text: str
    carried: tuple[str, ...] = ()
    spelling: Spelling | None = None
    whole: str | None = None

    @property
    def worded(self) -> str:
        """All that is searched for, by words and by meaning."""
        return self.whole or " ".join((self.text, *self.carried))

    @property
    def shown(self) -> str | None:
        """What is searched for as people read it; None where that is the question itself.

        >>> Understood("How much goes to arms?", ("Norway's oil fund",)).shown
        "How much goes to arms? (Norway's oil fund)"
        """
        if not self.carried:
            return None
        return f"{self.text} ({', '.join(reversed(self.carried))})"


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage and how well it fits, higher is better.

    The score is a weighted sum of evidence, or the reranker's where there is one: only the scores
    of one question can be compared.
    """

    passage: Passage
    score: float


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage of an article and the words in it that answer, quoted to the letter.

    `also_in` are passages of other articles that say the same words. `answer_start` and
    `answer_end` are those of the quote's words that answer, in the article; None where that is not
    known. Raises MisquotedError if `quote` is not `article.text[quote_start:quote_end]` or leaves
    its passage, if the passage is not the article's text at its span, or the answer is not inside
    the quote.
    """

    number: int
    passage: Passage
    article: Article
    quote: str
    quote_start: int
    quote_end: int
    score: float
    also_in: tuple[Passage, ...] = ()
    answer_start: int | None = None
    answer_end: int | None = None

    def __post_init__(self) -> None:
        text, passage = self.article.text, self.passage
        if passage.article_id != self.article.id:
            raise MisquotedError(f"passage {passage.id} is not of article {self.article.id!r}")
        if text[passage.start : passage.end] != passage.text:
            raise MisquotedError(f"passage {passage.id} is not the article's text at its span")
        if not passage.start <= self.quote_start < self.quote_end <= passage.end:
            raise MisquotedError(
                f"quote {self.quote_start}-{self.quote_end} leaves passage {passage.id}"
            )
        if text[self.quote_start : self.quote_end] != self.quote:
            raise MisquotedError(
                f"article {self.article.id!r} does not say {self.quote[:80]!r} "
                f"at {self.quote_start}-{self.quote_end}"
            )
        start, end = self.answer_start, self.answer_end
        if start is None and end is None:
            return
        if start is None or end is None or not self.quote_start <= start < end <= self.quote_end:
            raise MisquotedError(
                f"answer {start}-{end} leaves quote {self.quote_start}-{self.quote_end}"
            )

    @property
    def quote_span(self) -> Span:
        """Where the quote stands in the article."""
        return self.quote_start, self.quote_end

    @property
    def answer_span(self) -> Span | None:
        """Where the words that answer stand in the article, or None where that is not known."""
        if self.answer_start is None or self.answer_end is None:
            return None
        return self.answer_start, self.answer_end

    @property
    def answer(self) -> str | None:
        """The words that answer, or None where it is not known which."""
        span = self.answer_span
        return self.article.text[slice(*span)] if span else None

    @property
    def when(self) -> str | None:
        """The entry's own time in a live blog, else the publication date, else None."""
        entry = self.passage.entry
        return (entry.time if entry else None) or self.article.published

    @property
    def heading(self) -> str | None:
        """The heading of the live blog's entry, or None."""
        return self.passage.entry.heading if self.passage.entry else None

    @property
    def page(self) -> int | None:
        """The page that the quote begins on, counted in sheets from 1; None without pages."""
        return self.article.page_at(self.quote_start)

    @property
    def corrections(self) -> tuple[Note, ...]:
        """Where its article says that something in it was corrected, made clear or retracted."""
        return corrections_near(self.article.text, self.quote_span)


@dataclass(frozen=True, slots=True)
class AnsweredPart:
    """A part of a question in the reader's words, and the numbers of the citations for it."""

    text: str
    numbers: tuple[int, ...]

    @property
    def status(self) -> Status:
        """Whether the articles cover this part."""
        return "answered" if self.numbers else "not_covered"


@dataclass(frozen=True, slots=True)
class Answer:
    """Citations; or none, and in `nearest` what came closest without answering.

    `confidence` is how likely the articles cover what is asked, 0 to 1. `understood_as` is what was
    searched for where that is not the question itself, `understood_when` the time that its words
    tell, `understood_spelling` the typing errors that were put right. `reports_differ` says that
    citations give different numbers for the same thing. `reply` names what a line is that asks
    nothing of the articles; `suggestions` are questions to go on with. `page_article` is the id of
    the article that the question was asked on. From the confidence `unsure_from` on, what came
    closest may answer all the same. `unread_when` are words of it that look like a time and are
    none. `parts` are those of a question that asks several things. `unknown_names` are names in it
    that no article has, where nothing is cited.
    """

    question: Question
    asked_at: str
    citations: tuple[Citation, ...]
    nearest: tuple[Citation, ...]
    took_ms: float
    confidence: float = 0.0
    understood_as: str | None = None
    understood_when: When | None = None
    understood_spelling: Spelling | None = None
    order: Order = "best"
    reports_differ: bool = False
    reply: Reply | None = None
    suggestions: tuple[str, ...] = ()
    page_article: str | None = None
    unsure_from: float = math.inf
    unread_when: str | None = None
    parts: tuple[AnsweredPart, ...] = ()
    unknown_names: tuple[str, ...] = ()

    @property
    def status(self) -> Status:
        """Derived, so that it cannot contradict the citations."""
        return "answered" if self.citations else "not_covered"

    @property
    def respelt(self) -> str:
        """The question with its typing errors put right."""
        return self.understood_spelling.text if self.understood_spelling else self.question.text

    @property
    def meant(self) -> str:
        """The question as it was searched for."""
        return self.understood_as or self.respelt

    @property
    def is_unsure(self) -> bool:
        """Whether it is not answered, and what came closest may answer all the same."""
        return not self.citations and bool(self.nearest) and self.confidence >= self.unsure_from

    @property
    def is_close(self) -> bool:
        """Whether it is not answered, and what came closest is worth reading at once."""
        least = self.unsure_from * _CLOSE
        return not self.citations and bool(self.nearest) and self.confidence >= least

    @property
    def gap(self) -> Gap | None:
        """The likeliest reason why nothing is cited; None where something is, or nothing asked."""
        if self.citations or self.reply is not None:
            return None
        if self.unknown_names:
            return "unknown_name"
        if self.is_unsure:
            return "unsure"
        return "filtered" if self.question.is_filtered else "nothing_near"
