"""Questions to begin with and to go on with, each asked of the archive before it is offered.

Questions to go on with, which the archive answers: each was asked of it before it is offered.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice, zip_longest
from pathlib import Path

from index.suggest import Suggested, read_suggestions
from qa.answer import Answer, Question
from qa.question import BadQuestionError, read_question

_COUNT = 3
# So many are asked at most, so that a server of a great archive is soon there.
_TRIED = 40
_GOLDEN = (5**0.5 - 1) / 2

Ask = Callable[[Question], Answer]


def example_questions(
    ask: Ask, suggested: Iterable[Suggested], titles: Iterable[str], limit: int = _COUNT
) -> list[str]:
    """Up to `limit` questions that the archive answers; titles serve where no question was made.

    A question is offered only where the article it was made from is cited first, and of each
    article one. They are of articles far apart in the archive, and begin with different words as
    far as that goes: the first of them tell of one folder.
    """
    found: dict[str, Suggested] = {}
    spare: dict[str, Suggested] = {}
    for each in islice(_spread(suggested), _TRIED):
        if each.article_id in found or not answers(ask, each.question, each.article_id):
            continue
        kinds = {other.kind for other in found.values()}
        (spare if each.kind in kinds else found).setdefault(each.article_id, each)
        if len(found) == limit:
            break
    left = (each for key, each in spare.items() if key not in found)
    questions = [each.question for each in (*found.values(), *left)][:limit]
    titled = (title for title in titles if answers(ask, title))
    return [*questions, *islice(titled, limit - len(questions))]


def _spread(suggested: Iterable[Suggested]) -> Iterator[Suggested]:
    """The questions of articles by turns, articles that follow each other far apart.

    >>> [each.question for each in _spread([Suggested(sign, sign) for sign in "abcde"])]
    ['a', 'c', 'e', 'b', 'd']
    """
    of_article: dict[str, list[Suggested]] = {}
    for each in suggested:
        of_article.setdefault(each.article_id, []).append(each)
    # A golden part of a turn for each: near ones lie far apart on the circle.
    places = sorted(range(len(of_article)), key=lambda place: place * _GOLDEN % 1)
    lists = list(of_article.values())
    rounds = zip_longest(*(lists[place] for place in places))
    return filter(None, chain.from_iterable(rounds))


class QuestionsOf:
    """The questions that were made from an article, read anew after each build."""

    def __init__(self, data: Path, generation: Callable[[], int]) -> None:
        self._data, self._generation = data, generation
        self._read = (0, dict[str, list[str]]())

    def __call__(self, article_id: str) -> Sequence[str]:
        """The questions, perhaps none."""
        generation = self._generation()
        if self._read[0] != generation:
            self._read = (generation, self._by_article())
        return self._read[1].get(article_id, ())

    def _by_article(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for each in read_suggestions(self._data):
            found.setdefault(each.article_id, []).append(each.question)
        return found


def answers(ask: Ask, text: str, article_id: str | None = None) -> bool:
    """Whether the archive answers, and by this article first where one is named."""
    try:
        question = read_question({"question": text})
    except BadQuestionError:
        return False
    citations = ask(question).citations
    return bool(citations) and article_id in (None, citations[0].article.id)


_MOST = 3
# So many articles of an answer are looked at, the best first.
_MOST_ARTICLES = 5
# Whoever waits for an answer goes before: between two questions that are tried it rests so many
# times as long as the last one took.
_REST = 9.0
_MOST_WANTED = 1000
# In seconds: how long it sleeps while there is nothing to try.
_IDLE = 1.0

_log = logging.getLogger(__name__)


class Suggester:
    """Offers what was tried before, so that it costs an answer nothing.

    Tried are the questions that were made of the archive, in a thread of its own, those of articles
    that were just shown first. After a build all are tried anew. Called from many threads.
    """

    def __init__(
        self,
        ask: Ask,
        questions_of: Callable[[str], Sequence[str]],
        generation: Callable[[], int],
        every: Callable[[], Iterable[str]] = tuple,
        examples: Sequence[str] = (),
    ) -> None:
        """`every` gives all questions that were made; `examples` serve where nothing was found."""
        self._ask, self._questions_of, self._generation = ask, questions_of, generation
        self._every, self._examples = every, tuple(examples[:_MOST])
        self._lock, self._closed = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="suggestions", daemon=True)
        self._tried = (-1, dict[str, bool]())
        self._wanted = deque[str](maxlen=_MOST_WANTED)
        self._rest: Iterator[str] = iter(())

    def __call__(self, answer: Answer) -> tuple[str, ...]:
        """Up to three questions of the articles that the answer shows."""
        if answer.reply is not None:
            return self._examples
        shown = (*answer.citations, *answer.nearest)
        articles = list(dict.fromkeys(each.article.id for each in shown))[:_MOST_ARTICLES]
        asked = (answer.question.text, *(turn.question for turn in answer.question.history))
        texts = by_turns([self._questions_of(article) for article in articles], but=asked)
        with self._lock:
            tried = self._of_this_generation()
            found = list[str]()
            for text in texts:
                if text not in tried:
                    self._wanted.append(text)
                elif tried[text] and len(found) < _MOST:
                    found.append(text)
        return tuple(found)

    def try_one(self) -> bool:
        """Ask the next that was not tried yet, and say whether there was one."""
        with self._lock:
            tried = self._of_this_generation()
            text = self._next(tried)
        if text is None:
            return False
        is_answered = _answers(self._ask, text)
        with self._lock:
            # One of the archive as it was before a build is not kept.
            tried[text] = is_answered
        return True

    def start(self) -> None:
        """From now on, try questions in a thread of its own."""
        self._thread.start()

    def close(self) -> None:
        """Stop trying, and wait for the question that is being tried."""
        self._closed.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        rest = 0.0
        while not self._closed.wait(rest):
            started = time.perf_counter()
            is_tried = self.try_one()
            rest = _REST * (time.perf_counter() - started) if is_tried else _IDLE

    def _of_this_generation(self) -> dict[str, bool]:
        generation = self._generation()
        if self._tried[0] != generation:
            self._tried = (generation, {})
            self._wanted.clear()
            self._rest = iter(self._every())
        return self._tried[1]

    def _next(self, tried: dict[str, bool]) -> str | None:
        while self._wanted:
            if (text := self._wanted.popleft()) not in tried:
                return text
        return next((text for text in self._rest if text not in tried), None)


def by_turns(lists: Sequence[Sequence[str]], but: Iterable[str]) -> Iterator[str]:
    """The first of each list, then the second of each, each once and without some.

    >>> list(by_turns([["When?", "Who?"], ["Where?", "who"]], but=["Where"]))
    ['When?', 'Who?']
    """
    seen = {_same(text) for text in but}
    for place in range(max(map(len, lists), default=0)):
        for texts in lists:
            if place < len(texts) and _same(texts[place]) not in seen:
                seen.add(_same(texts[place]))
                yield texts[place]


def _answers(ask: Ask, text: str) -> bool:
    try:
        return answers(ask, text)
    except Exception:  # whatever it is: it must not end the trying
        _log.exception("a question to go on with cannot be tried: %s", text)
        return False


def _same(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip("?")
