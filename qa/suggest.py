"""What can be asked next: the owner's questions, readers' questions, and titles shown as topics.

Nothing is made up, and nothing is offered that the archive was not seen to answer: each text is
tried once a generation, by whoever keeps calling `try_out`, and the outcome is kept for all.
"""

import logging
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from index.article import Article
from qa.answer import Answer, Question
from qa.question import BadQuestionError, read_question
from qa.understand.standalone import is_standalone
from qa.understand.topic import plain, topics_of

_MOST = 3
# So many articles of an answer are looked at, the best first.
_MOST_ARTICLES = 5
_MOST_TOPICS = 6
_MOST_TITLES = 20
_MOST_WANTED = 1000
# In seconds: the journal grows slowly, and reading it takes a while.
_READ_AGAIN = 60.0
_LONGEST = 200
# An address of someone, or a run of digits as telephones and accounts have it.
_PERSONAL = re.compile(r"\S@\S|\d(?:[\s().+/-]*\d){6}")

_log = logging.getLogger(__name__)

Ask = Callable[[Question], Answer]
# The id of an article, and a character in it.
Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Sources:
    """Where suggestions come from; each is called whenever it is read.

    `owner` gives the owner's list, `readers` what readers asked and was answered, the most asked
    first, `titles` those of the newest articles. `generation` changes with each build.
    """

    generation: Callable[[], int] = lambda: 0
    article: Callable[[str], Article | None] = lambda _: None
    owner: Callable[[], Sequence[str]] = tuple
    readers: Callable[[], Iterable[str]] = tuple
    titles: Callable[[], Iterable[str]] = tuple


@dataclass(frozen=True, slots=True)
class _Outcome:
    """The articles that a text was answered from, and whether it is the name of the first."""

    articles: tuple[str, ...] = ()
    is_topic: bool = False


class Suggester:
    """Offers what was tried before: that costs an answer nothing. Called from many threads."""

    def __init__(self, ask: Ask, sources: Sources) -> None:
        self._ask, self._sources = ask, sources
        self._lock = threading.Lock()
        self._generation = sources.generation()
        self._outcomes = dict[str, _Outcome]()
        self._trying = set[str]()
        self._wanted = deque[str](maxlen=_MOST_WANTED)
        self._readers, self._titles = tuple[str, ...](), tuple[str, ...]()
        self._read_at = float("-inf")

    def first(self) -> tuple[str, ...]:
        """Up to three to begin with: the owner's, then readers', then titles."""
        with self._lock:
            self._follow_builds()
            answered = filter(self._is_answered, (*self._sources.owner(), *self._readers))
            topics = filter(self._is_topic, self._titles)
            return tuple(islice(_but((*answered, *topics), ()), _MOST))

    def has_first(self) -> bool:
        """Whether as many as are shown to begin with are known."""
        return len(self.first()) == _MOST

    def after(self, answer: Answer) -> tuple[str, ...]:
        """Up to three to go on with, of the articles that the answer shows.

        What stands to be tried for it is tried next, and offered from then on.
        """
        if answer.reply is not None:
            return self.first()
        shown = (*answer.citations, *answer.nearest)
        places = [(each.article.id, each.quote_start) for each in shown]
        asked = (answer.question.text, *(turn.question for turn in answer.question.history))
        with self._lock:
            self._follow_builds()
            self._wanted.extend(self._untried(self._topics(places, asked)))
            return self._near(places, asked)

    def near(self, places: Sequence[Place], but: Iterable[str] = ()) -> tuple[str, ...]:
        """Up to three that are answered from where these places are, without some."""
        with self._lock:
            self._follow_builds()
            return self._near(places, but)

    def untried_near(self, places: Sequence[Place], but: Iterable[str] = ()) -> str | None:
        """The next to try so that `near` finds more; None where it finds enough, or all it can."""
        with self._lock:
            self._follow_builds()
            if len(self._near(places, but)) == _MOST:
                return None
            return next(self._untried(self._topics(places, but)), None)

    def untried(self) -> str | None:
        """The next to try when there is time; None where all was tried."""
        self._read()
        with self._lock:
            while self._wanted:
                if (text := next(self._untried([self._wanted.popleft()]), None)) is not None:
                    return text
            questions = (*self._sources.owner(), *self._readers)
            if (text := next(self._untried(questions), None)) is not None:
                return text
        # Titles only fill up.
        if self.has_first():
            return None
        with self._lock:
            return next(self._untried(self._titles), None)

    def try_out(self, text: str) -> None:
        """Ask it, and keep what came of it; at once where that is known or being found out."""
        with self._lock:
            if text in self._outcomes or text in self._trying:
                return
            self._trying.add(text)
            generation = self._generation
        outcome = self._outcome(text)
        with self._lock:
            self._trying.discard(text)
            # Of the archive as it was before a build nothing is kept.
            if generation == self._generation:
                self._outcomes[text] = outcome

    def _near(self, places: Sequence[Place], but: Iterable[str]) -> tuple[str, ...]:
        wanted = _first_places(places).keys()
        questions = (
            text
            for text in (*self._readers, *self._sources.owner())
            if any(one in wanted for one in self._known(text).articles[:1])
        )
        topics = filter(self._is_topic, self._topics(places, ()))
        return tuple(islice(_but((*questions, *topics), but), _MOST))

    def _topics(self, places: Sequence[Place], but: Iterable[str]) -> Iterator[str]:
        found = ((self._sources.article(one), near) for one, near in _first_places(places).items())
        lists = [topics_of(one, near)[:_MOST_TOPICS] for one, near in found if one is not None]
        return _but(_by_turns(lists), but)

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
            self._wanted.clear()
            self._read_at = float("-inf")

    def _read(self) -> None:
        """Read again what changes slowly, without holding up who asks meanwhile."""
        with self._lock:
            self._follow_builds()
            if time.monotonic() - self._read_at < _READ_AGAIN:
                return
            self._read_at = time.monotonic()
        try:
            readers = tuple(filter(_may_be_shown, self._sources.readers()))
            titles = tuple(islice(self._sources.titles(), _MOST_TITLES))
        except Exception:  # whatever it is: suggestions must not end for it
            _log.exception("sources of suggestions cannot be read")
            return
        with self._lock:
            self._readers, self._titles = readers, titles

    def _outcome(self, text: str) -> _Outcome:
        try:
            citations = self._ask(read_question({"question": text})).citations
        except BadQuestionError:
            return _Outcome()
        except Exception:  # whatever it is: it must not end the trying
            _log.exception("a suggestion cannot be tried: %s", text)
            return _Outcome()
        articles = tuple(dict.fromkeys(each.article.id for each in citations))
        names = (citations[0].article.title, citations[0].heading) if citations else ()
        return _Outcome(articles, plain(text) in map(plain, names))


@dataclass(frozen=True, slots=True)
class FirstQuestions:
    """What the suggester offers to begin with, whenever it is read."""

    suggester: Suggester

    def __iter__(self) -> Iterator[str]:
        return iter(self.suggester.first())


def _may_be_shown(text: str) -> bool:
    """Whether a reader's question can be offered to others: it names nobody's address or number.

    One that goes on from an earlier question asks nothing by itself.

    >>> _may_be_shown("Who launched Sputnik 1 in 1957?"), _may_be_shown("Is 0171 555 0199 open?")
    (True, False)
    """
    return len(text) <= _LONGEST and not _PERSONAL.search(text) and is_standalone(text)


def _first_places(places: Iterable[Place]) -> dict[str, int]:
    """Of the first few articles the first place each.

    >>> _first_places([("a", 3), ("b", 1), ("a", 0)])
    {'a': 3, 'b': 1}
    """
    found: dict[str, int] = {}
    for article_id, near in places:
        found.setdefault(article_id, near)
    return dict(islice(found.items(), _MOST_ARTICLES))


def _but(texts: Iterable[str], but: Iterable[str]) -> Iterator[str]:
    """Each text once, without some."""
    seen = set(map(plain, but))
    for text in texts:
        if plain(text) not in seen:
            seen.add(plain(text))
            yield text


def _by_turns(lists: Sequence[Sequence[str]]) -> Iterator[str]:
    """The first of each list, then the second of each.

    >>> list(_by_turns([["When?", "Who?"], ["Where?"]]))
    ['When?', 'Where?', 'Who?']
    """
    for place in range(max(map(len, lists), default=0)):
        yield from (texts[place] for texts in lists if place < len(texts))
