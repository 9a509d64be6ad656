"""Suggests what to ask: the owner's questions, readers' questions, and titles as topics.

Nothing is made up, and nothing is offered unless the archive has answered it: each text is tried
once per generation, by the caller of `try_out`, and the outcome is kept for all.
"""

import logging
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from index.article import Article
from qa.answer import IGNORABLE, Answer, Citation, Hit, Question
from qa.question import BadQuestionError, read_question
from qa.understand.standalone import is_standalone
from qa.understand.topic import plain, topics_of

_MOST = 3
# How many articles of an answer are looked at, best first.
_MOST_ARTICLES = 5
_MOST_TOPICS = 6
_MOST_TITLES = 20
# Other articles are on the matter of one where a passage of theirs has this share of the score
# that its own best has in a search for so many characters of how it begins. A title alone is no
# such query: "Four signatures under the chandeliers" finds the mirrors of a telescope.
_AKIN, _OPENING = 0.44, 300
_LOOKED_AT, _MOST_AKIN = 12, 2
_MOST_WANTED = 1000
# In seconds: the journal grows slowly, and reading it takes a while.
_READ_AGAIN = 60.0
_LONGEST = 200
# An e-mail address, or a run of digits such as a telephone or account number.
_PERSONAL = re.compile(r"\S@\S|\d(?:[\s().+/-]*\d){6}")

_log = logging.getLogger(__name__)

Ask = Callable[[Question], Answer]
# The id of an article, and an offset in it.
Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Sources:
    """Where suggestions come from; each is called whenever it is needed.

    `owner` gives the owner's list, `readers` answered questions of readers, most asked first,
    `titles` those of the newest articles; `search` ranks passages. `generation` changes with each
    build.
    """

    generation: Callable[[], int] = lambda: 0
    article: Callable[[str], Article | None] = lambda _: None
    owner: Callable[[], Sequence[str]] = tuple
    readers: Callable[[], Iterable[str]] = tuple
    titles: Callable[[], Iterable[str]] = tuple
    search: Callable[[Question], Sequence[Hit]] = lambda _: ()


@dataclass(frozen=True, slots=True)
class _Outcome:
    """The articles that answered a text, and whether it is the first one's title or heading.

    `akin` are then other articles on its matter, each with its first topic.
    """

    articles: tuple[str, ...] = ()
    is_topic: bool = False
    akin: Mapping[str, str] = field(default_factory=dict)


class Suggester:
    """Offers texts that were tried before, which costs an answer nothing. Thread-safe."""

    def __init__(self, ask: Ask, sources: Sources) -> None:
        self._ask, self._sources = ask, sources
        self._lock = threading.Lock()
        self._generation = sources.generation()
        self._outcomes = dict[str, _Outcome]()
        # What each article answers best of what was tried.
        self._first_in = dict[str, set[str]]()
        # Of each article, others on the matter of its title or headings, with a topic of theirs.
        self._akin = dict[str, dict[str, str]]()
        self._trying = set[str]()
        self._wanted = deque[str](maxlen=_MOST_WANTED)
        self._readers, self._titles = tuple[str, ...](), tuple[str, ...]()
        self._read_at = float("-inf")

    def first(self) -> tuple[str, ...]:
        """Up to three first questions: the owner's, then readers', then titles."""
        with self._lock:
            self._follow_builds()
            answered = filter(self._is_answered, (*self._sources.owner(), *self._readers))
            topics = filter(self._is_topic, self._titles)
            return tuple(islice(_without((*answered, *topics), ()), _MOST))

    def has_first(self) -> bool:
        """Whether enough first questions are known."""
        return len(self.first()) == _MOST

    def after(self, answer: Answer) -> tuple[str, ...]:
        """Up to three to ask next, from the articles that the answer shows and others like them.

        Those that are still to be tried for it are tried next, and offered from then on.
        """
        if answer.reply is not None:
            return self.first()
        shown = (*answer.citations, *answer.nearest)
        places = _first_places((each.article.id, each.quote_start) for each in shown)
        articles = {each.article.id: each.article for each in shown}
        earlier = (turn.question for turn in answer.question.history)
        asked = (answer.question.text, answer.respelt, answer.meant, *earlier)
        topics = _topics((articles[one], near) for one, near in places.items())
        with self._lock:
            self._follow_builds()
            self._wanted.extend(self._untried_topics(places, topics, asked))
            return self._near(places, topics, asked)

    def near(self, places: Sequence[Place], but: Iterable[str] = ()) -> tuple[str, ...]:
        """Up to three that the articles at these places answer, or others like them.

        Those of `but` are left out.
        """
        with self._lock:
            self._follow_builds()
            found = _first_places(places)
            return self._near(found, self._topics_at(found), but)

    def untried_near(self, places: Sequence[Place], but: Iterable[str] = ()) -> str | None:
        """The next to try so that `near` finds more; None if it has enough, or all were tried."""
        with self._lock:
            self._follow_builds()
            found = _first_places(places)
            # Titles of these articles, which the reader sees already, only fill the gaps.
            if len(self._near(found, (), but)) == _MOST:
                return None
            return next(self._untried_topics(found, self._topics_at(found), but), None)

    def untried(self) -> str | None:
        """The next to try when there is time; None if all were tried."""
        self._read()
        with self._lock:
            while self._wanted:
                if (text := next(self._untried([self._wanted.popleft()]), None)) is not None:
                    return text
            questions = (*self._sources.owner(), *self._readers)
            if (text := next(self._untried(questions), None)) is not None:
                return text
        # Titles only fill the gaps.
        if self.has_first():
            return None
        with self._lock:
            return next(self._untried(self._titles), None)

    def try_out(self, text: str) -> None:
        """Ask it, and keep the outcome; does nothing if it was tried or is being tried."""
        with self._lock:
            if text in self._outcomes or text in self._trying:
                return
            self._trying.add(text)
            generation = self._generation
        outcome = self._outcome(text)
        with self._lock:
            self._trying.discard(text)
            # Outcomes of an older generation are dropped.
            if generation == self._generation:
                self._outcomes[text] = outcome
                for article in outcome.articles[:1]:
                    self._first_in.setdefault(article, set()).add(text)
                    self._akin.setdefault(article, {}).update(outcome.akin)

    def _near(
        self, articles: Collection[str], topics: Iterable[str], but: Iterable[str]
    ) -> tuple[str, ...]:
        akin = self._akin_to(articles)
        questions = (*self._questions_on(articles), *self._questions_on(akin))
        named = filter(self._is_topic, (*akin.values(), *topics))
        return tuple(islice(_without((*questions, *named), but), _MOST))

    def _akin_to(self, articles: Collection[str]) -> dict[str, str]:
        """Other articles on the matter of these, each with a topic."""
        known = [self._akin.get(each, {}) for each in articles]
        return {one: each[one] for each in known for one in each if one not in articles}

    def _untried_topics(
        self, articles: Collection[str], topics: Sequence[str], but: Iterable[str]
    ) -> Iterator[str]:
        """Those of the articles, which tell what is like them, and those of what is, by turns."""
        akin = list(self._akin_to(articles).values())
        return self._untried(_without(_alternating([akin, topics]), but))

    def _questions_on(self, articles: Iterable[str]) -> list[str]:
        """Readers' questions, then the owner's, that these articles answer best."""
        answered = set().union(*(self._first_in.get(each, ()) for each in articles))
        # Most articles answer none: the owner's list is a file, which no answer shall wait for.
        known = (*self._readers, *self._sources.owner()) if answered else ()
        return [text for text in known if text in answered]

    def _topics_at(self, places: Mapping[str, int]) -> list[str]:
        found = ((self._sources.article(one), near) for one, near in places.items())
        return _topics((one, near) for one, near in found if one is not None)

    def _untried(self, texts: Iterable[str]) -> Iterator[str]:
        return (each for each in texts if each not in self._outcomes and each not in self._trying)

    def _known(self, text: str) -> _Outcome:
        return self._outcomes.get(text, _Outcome())

    def _is_answered(self, text: str) -> bool:
        return bool(self._known(text).articles)

    def _is_topic(self, text: str) -> bool:
        return self._known(text).is_topic

    def _follow_builds(self) -> None:
        generation = self._sources.generation()
        if generation != self._generation:
            self._generation = generation
            self._outcomes.clear()
            self._first_in.clear()
            self._akin.clear()
            self._wanted.clear()
            self._read_at = float("-inf")

    def _read(self) -> None:
        """Read again what changes slowly, without blocking other threads."""
        with self._lock:
            self._follow_builds()
            if time.monotonic() - self._read_at < _READ_AGAIN:
                return
            self._read_at = time.monotonic()
        try:
            readers = tuple(filter(_may_be_shown, self._sources.readers()))
            titles = tuple(islice(self._sources.titles(), _MOST_TITLES))
        except Exception:  # whatever it is, suggestions must go on
            _log.exception("cannot read the sources of suggestions")
            return
        with self._lock:
            self._readers, self._titles = readers, titles

    def _outcome(self, text: str) -> _Outcome:
        try:
            question = read_question({"question": text})
            citations = self._ask(question).citations
            articles = tuple(dict.fromkeys(each.article.id for each in citations))
            names = (citations[0].article.title, citations[0].heading) if citations else ()
            if plain(text) not in map(plain, names):
                return _Outcome(articles)
            return _Outcome(articles, is_topic=True, akin=self._akin_to_opening(citations[0]))
        except BadQuestionError:
            return _Outcome()
        except Exception:  # whatever it is, the next one must be tried
            _log.exception("cannot try a suggestion: %s", text)
            return _Outcome()

    def _akin_to_opening(self, opening: Citation) -> dict[str, str]:
        """Other articles with a passage much like how one begins, and a topic of each."""
        text = opening.passage.text[:_OPENING]
        hits = self._sources.search(Question(text, k=_LOOKED_AT, ignore=frozenset(IGNORABLE)))
        own = [hit.score for hit in hits if hit.passage.article_id == opening.article.id]
        like = [hit.passage for hit in hits if own and hit.score >= _AKIN * max(own)]
        found = dict[str, str]()
        for passage in like:
            article = self._sources.article(passage.article_id)
            if article is None or article.id in {opening.article.id, *found}:
                continue
            if topic := passage.entry.heading if passage.entry else article.title:
                found[article.id] = topic
        return dict(islice(found.items(), _MOST_AKIN))


@dataclass(frozen=True, slots=True)
class FirstQuestions:
    """The suggester's first questions, as of each reading."""

    suggester: Suggester

    def __iter__(self) -> Iterator[str]:
        return iter(self.suggester.first())


def _may_be_shown(text: str) -> bool:
    """Whether a reader's question can be offered to others: it has no address or number of anyone.

    A follow-up to an earlier question asks nothing by itself.

    >>> _may_be_shown("Who launched Sputnik 1 in 1957?"), _may_be_shown("Is 0171 555 0199 open?")
    (True, False)
    """
    return len(text) <= _LONGEST and not _PERSONAL.search(text) and is_standalone(text)


def _first_places(places: Iterable[Place]) -> dict[str, int]:
    """The first place in each of the first few articles.

    >>> _first_places([("a", 3), ("b", 1), ("a", 0)])
    {'a': 3, 'b': 1}
    """
    found: dict[str, int] = {}
    for article_id, near in places:
        found.setdefault(article_id, near)
    return dict(islice(found.items(), _MOST_ARTICLES))


def _topics(articles: Iterable[tuple[Article, int]]) -> list[str]:
    """The topics of articles near a character of each, by turns, each once."""
    lists = [topics_of(article, near)[:_MOST_TOPICS] for article, near in articles]
    return list(_without(_alternating(lists), ()))


def _without(texts: Iterable[str], but: Iterable[str]) -> Iterator[str]:
    """Each text once, except those of `but`."""
    seen = set(map(plain, but))
    for text in texts:
        if plain(text) not in seen:
            seen.add(plain(text))
            yield text


def _alternating(lists: Sequence[Sequence[str]]) -> Iterator[str]:
    """The first of each list, then the second of each.

    >>> list(_alternating([["When?", "Who?"], ["Where?"]]))
    ['When?', 'Where?', 'Who?']
    """
    for place in range(max(map(len, lists), default=0)):
        yield from (texts[place] for texts in lists if place < len(texts))
