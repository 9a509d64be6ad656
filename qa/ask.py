"""The one path from a question to an answer that every face calls."""

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import compress, islice

from index.analysis import Analyzer, term_codes
from index.article import Article
from index.forms.folding import composed
from index.keys import number_of
from index.period import EVERYTHING
from index.settings import DateOrder, Strictness
from index.store import Store
from index.store.patience import patient
from qa.access import held_back
from qa.answer import DEFAULT_K, Answer, Citation, Hit, Question, Reply, Turn, Understood, When
from qa.answerability import (
    CONSIDERED,
    THRESHOLDS,
    UNSURE,
    answer_probability,
    answering,
    by_rank,
    by_reading,
    unknown_names,
)
from qa.cite import Chosen, QuotedSentence, Quoter, choose, cite
from qa.order import days, in_time, matching, moments_of
from qa.plan import Attempt, attempts
from qa.question import check_source
from qa.rank.filters import Filtered, diversify, keep, keep_all, names_year, openings_first
from qa.rank.weights import TIME, TimeWeights
from qa.read.reading import Reader, ReadSentence, read_ranking
from qa.rules import PinnedAnswers
from qa.search import Ranking, Searcher, page_article
from qa.stages import lap
from qa.timex.extract import AskedTime, TimeReader
from qa.understand.followup import persons_cited, readings
from qa.understand.language import Languages, languages_of
from qa.understand.parts import Part, joined, lacks, split_question, tells_of_all
from qa.understand.smalltalk import small_talk
from qa.understand.spelling import Speller
from qa.understand.topic import LOOKED_AT, lead_of, newest_listed, opening_of, topic_listed

MOST_CITATIONS = 5
# A list of articles is longer than an answer.
_MOST_LISTED = 12
_MOST_NEAREST = 3


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What one attempt found, and how likely that answers the question as it was understood.

    `lead` opens the article that the question names; nothing is read then.
    """

    understood: Understood
    attempt: Attempt
    found: Filtered
    lead: Citation | None
    read: Sequence[ReadSentence]
    confidence: float
    is_answered: bool

    @property
    def asked(self) -> AskedTime:
        """The time of the question, without a range where what answers tells of it in words."""
        is_in_words = self.is_answered and not self.attempt.is_bounded
        return replace(self.attempt.asked, range=None) if is_in_words else self.attempt.asked

    @property
    def when(self) -> When | None:
        """The time that was understood, for people to see."""
        return self.asked.when

    @property
    def ranking(self) -> Ranking:
        """What may answer where it is answered, else all that was found."""
        return self.found.kept if self.is_answered else self.found.whole

    @property
    def likely(self) -> list[Chosen]:
        """What may be quoted, the likeliest first."""
        return by_reading(self.read, self.ranking, self.is_answered)

    @property
    def has_found(self) -> bool:
        """Whether there is any passage to show."""
        return len(self.found.whole.order) > 0

    @property
    def takes_all(self) -> bool:
        """Whether all that is from the time answers."""
        return self.attempt.is_bounded and self.attempt.takes_all


class Asker:
    """Answers questions from one generation of the index."""

    def __init__(
        self,
        store: Store,
        searcher: Searcher,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        strictness: Strictness = "balanced",
        weights: TimeWeights = TIME,
        reader: Reader | None = None,
        date_order: DateOrder = "auto",
        pinned: PinnedAnswers | None = None,
        is_own: Callable[[Article], bool] = lambda _: False,
    ) -> None:
        self._is_own = is_own
        self._reader = reader
        self._pinned = pinned
        self._store = store
        self._times = TimeReader(store, date_order)
        self.searcher = searcher
        self._clock = clock
        self._analyzer = Analyzer()
        self.speller = Speller(store)
        self._fits = persons_cited(store)
        self._threshold = THRESHOLDS[strictness]
        self._unsure_from = UNSURE[strictness]
        self._weights = weights

    @patient()
    def ask(self, question: Question, asked_at: str | None = None) -> Answer:
        """At most five citations, none where the articles do not cover it.

        They stand best first, or in the order of time that `Answer.order` names. `asked_at` is the
        moment that its words count from, where `self.asked_at` was asked for it before.

        Raises BadQuestionError where no article is of the source that is asked for, DamagedError
        where a cited article is not the one that was indexed.
        """
        started = time.perf_counter()
        check_source(question, self._store)
        asked_at = asked_at or self.asked_at(question)
        pinned = self._pinned.find(question) if self._pinned else None
        if pinned is not None:
            page = page_article(question, self._store)
            return Answer(
                question, asked_at, (pinned,), (), _ms(started), confidence=1.0, page_article=page
            )
        if (topic := topic_listed(question.text)) is not None:
            listed = self._list(question, asked_at, topic)
            if listed.citations:
                return replace(listed, took_ms=_ms(started))
        reply = small_talk(question.text) or self._language(question.text)
        if reply is not None:
            return Answer(question, asked_at, (), (), _ms(started), reply=reply)
        return replace(self._answer_all(question, asked_at), took_ms=_ms(started))

    def _answer_all(self, question: Question, asked_at: str) -> Answer:
        """The answer; of several questions in one, to each, unless one article compares them."""
        split = split_question(question.text)
        if split is None:
            return self._answer(question, asked_at)
        if split.compared:
            answer = self._answer(question, asked_at)
            if tells_of_all(answer, split.parts):
                return answer
        return self._answer_parts(question, asked_at, split.parts)

    def _list(self, question: Question, asked_at: str, topic: str) -> Answer:
        """How articles about a topic begin, the best first; without a topic, the newest."""
        most = _MOST_LISTED if question.k >= DEFAULT_K else question.k
        numbers: Iterable[int] = newest_listed(self._store, _MOST_LISTED, question.source)
        if topic:
            found = self._found(replace(question, text=topic, history=()))
            keys = matching(found.ranking) if found.is_answered else []
            numbers = dict.fromkeys(number_of(key) for key in keys)
        openings = (opening_of(number, self._store) for number in islice(numbers, most))
        cited = [each for each in openings if each is not None]
        return Answer(
            question,
            asked_at,
            tuple(replace(each, number=at) for at, each in enumerate(cited, start=1)),
            (),
            0.0,
            confidence=1.0,
            order="best" if topic else "newest_first",
        )

    def _answer_parts(self, question: Question, asked_at: str, parts: Sequence[Part]) -> Answer:
        """Each part is asked after those before it, whose words it may lack."""
        answers, history = list[Answer](), question.history
        for before, part in zip((None, *parts), parts, strict=False):
            if before and not answers[-1].citations and lacks(part, before):
                # Of what is not covered nothing more can be told.
                answers.append(answers[-1])
                continue
            answer = self._answer(replace(question, text=part.asked, history=history), asked_at)
            answers.append(answer)
            cited = tuple(citation.passage.id for citation in answer.citations)
            history = (*history, Turn(part.asked, cited))
        whole = Answer(
            question,
            asked_at,
            (),
            (),
            0.0,
            understood_spelling=self.speller.correct(question)[1],
            page_article=page_article(question, self._store),
            unsure_from=self._unsure_from,
        )
        return joined(whole, parts, answers, min(question.k, MOST_CITATIONS))

    def _answer(self, question: Question, asked_at: str) -> Answer:
        """The answer to one question; how long it took is not known yet."""
        found = self.retrieve(question, asked_at)
        lap("search")
        if found.lead is not None:
            return Answer(
                question,
                asked_at,
                (found.lead,),
                (),
                0.0,
                confidence=1.0,
                understood_spelling=found.understood.spelling,
            )
        quoted = self._quote(found, question.k)
        ordered = in_time(quoted if found.is_answered else (), found.asked, found.understood)
        citations = cite(ordered.quoted if found.is_answered else quoted)
        lap("quote")
        return Answer(
            question=question,
            asked_at=asked_at,
            citations=citations if found.is_answered else (),
            nearest=() if found.is_answered else citations,
            took_ms=0.0,
            confidence=found.confidence,
            understood_as=found.understood.shown,
            understood_when=found.when,
            unread_when=found.asked.unread,
            unknown_names=() if found.is_answered else self._unknown_names(found),
            understood_spelling=found.understood.spelling,
            order=ordered.order,
            reports_differ=ordered.reports_differ,
            page_article=page_article(question, self._store),
            unsure_from=self._unsure_from,
        )

    def _unknown_names(self, found: Retrieved) -> tuple[str, ...]:
        query = found.found.whole.query
        missing = set(compress(query.terms, query.unknown))
        if held_back(self._store):
            # Counts are of all articles: what is under an embargo must not show in what is told.
            missing.update(
                each for each in query.terms if not len(self._store.bm25([each], 1, EVERYTHING))
            )
        return unknown_names(query, missing, found.understood.text, self.speller.is_unread)

    @patient()
    def search(self, question: Question) -> list[Hit]:
        """Up to `question.k` passages, best first, without the decision whether they answer.

        Raises BadQuestionError where no article is of the source that is asked for.
        """
        return [
            Hit(self._store.locate(candidate.key).passage, candidate.score)
            for candidate in self._found(question).found.whole.best(question.k)
        ]

    def asked_at(self, question: Question) -> str:
        """The moment that words such as "yesterday" count from, ISO 8601: its own, else now."""
        return question.asked_at or _zulu(self._clock())

    def asked_times(self, question: Question, asked_at: str) -> tuple[AskedTime, ...]:
        """What a question asked at that moment says about time: all that the moment decides.

        One for each way to read it.
        """
        corrected, _ = self.speller.correct(question)
        read = readings(corrected, self._fits)
        return tuple(self._asked_time(corrected, each, asked_at) for each in read)

    def article(self, article_id: str) -> Article | None:
        """The article of an id, or None."""
        return self._store.article(article_id)

    @patient()
    def days(self, question: Question, cited: Collection[str] = ()) -> tuple[tuple[str, int], ...]:
        """On which days what is asked is told of; see `qa.order`."""
        return days(self._store, self._found(question).ranking, cited)

    def _found(self, question: Question) -> Retrieved:
        """What is found where nothing is quoted: reading would only take time."""
        check_source(question, self._store)
        return self.retrieve(question, reads=False)

    def retrieve(
        self, question: Question, asked_at: str | None = None, *, reads: bool = True
    ) -> Retrieved:
        """What the first attempt that answers found; else the first that found anything.

        The reader decides whether one answers if it `reads`, else the search by itself.
        """
        if (text := composed(question.text)) != question.text:
            question = replace(question, text=text)
        question, spelling = self.speller.correct(question)
        asked_at = asked_at or self.asked_at(question)
        reader = self._reader if reads else None
        tried = (
            self._try(question, understood, attempt, reader)
            for read in readings(question, self._fits)
            for understood in [replace(read, spelling=spelling) if spelling else read]
            for attempt in attempts(
                question,
                understood,
                self._asked_time(question, understood, asked_at),
                self._store.days,
                self._weights,
            )
        )
        # There is always one: that of any time.
        best = next(tried)
        while not best.is_answered and (other := next(tried, None)) is not None:
            if other.is_answered or not best.has_found:
                best = other
        return best

    def _asked_time(self, question: Question, understood: Understood, asked_at: str) -> AskedTime:
        if "when" in question.ignore:
            return AskedTime(rest=understood.text)
        return self._times.read(understood.text, asked_at, question.text)

    def _try(
        self, question: Question, understood: Understood, attempt: Attempt, reader: Reader | None
    ) -> Retrieved:
        """Search, read and decide."""
        ranking = self.searcher.rank(question, attempt.selection, attempt.prior, attempt.wording)
        found = self._filter(attempt, ranking)
        # Articles are opened only where the title may be what is asked.
        asked = term_codes(self._analyzer.terms(question.text))
        lead = lead_of(question.text, found.whole.headed(asked, LOOKED_AT), self._store)
        if lead is not None:
            return Retrieved(understood, attempt, found, lead, (), 1.0, is_answered=True)
        read: Sequence[ReadSentence] = ()
        # A reader knows nothing of the day that is asked for.
        if reader is not None and not attempt.is_bounded:
            lap("search")
            read = read_ranking(reader, found.kept, self._store)
            lap("read")
        confidence = answer_probability(attempt, found.kept, self._store, read)
        is_answered = confidence >= self._threshold
        return Retrieved(understood, attempt, found, None, read, confidence, is_answered)

    def _filter(self, attempt: Attempt, ranking: Ranking) -> Filtered:
        if attempt.is_bounded and attempt.takes_all:
            return keep_all(openings_first(ranking, self._store))
        if attempt.years:
            return keep(ranking, lambda located: names_year(located, attempt.years), self._store)
        return keep_all(ranking)

    def _quote(self, found: Retrieved, most: int) -> list[QuotedSentence]:
        """The sentences to show, the likeliest first. Only these passages are looked up."""
        quoter = Quoter(self._store, found.ranking, opens=found.takes_all, is_own=self._is_own)
        if not found.is_answered:
            return list(islice(quoter.quote(found.likely), _MOST_NEAREST))
        most = min(most, MOST_CITATIONS)
        if found.takes_all:
            # Where nothing but a time is asked for, all that is from it answers alike.
            every = (Chosen(each, 1.0) for each in found.ranking.best(CONSIDERED))
            return moments_of(quoter.quote(every), most)
        if found.asked.is_course:
            likely = answering(by_rank(found.ranking))
            return moments_of(quoter.quote(diversify(likely, self._store)), most)
        return choose(quoter.quote(answering(found.likely)), most)

    @cached_property
    def _languages(self) -> Languages:
        return languages_of(self._store, self.speller.knows)

    def _language(self, text: str) -> Reply | None:
        spelling = self.speller.read(text)
        respelt = spelling.text if spelling else None
        return "language" if self._languages.lack(text, respelt) else None


def _ms(started: float) -> float:
    return (time.perf_counter() - started) * 1000


def _zulu(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
