"""The newest published index, synonyms and rules: soon after these change, they answer."""

import logging
import threading
import time
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from cachetools import LRUCache
from threadpoolctl import threadpool_limits

from index.article import Article
from index.build.lists import SYNONYMS, read_synonyms
from index.build.rules.kept import rules_of, rules_stamp
from index.build.rules.model import Rules
from index.build.versions import find_version, is_version
from index.embed import Model
from index.errors import SettingError, StoreError
from index.settings import DateOrder, Strictness
from index.store import Stamp, Store, looked_at_every, open_store, published_stamp
from index.store.patience import patient
from qa.access import Snippets, as_closed_as, held_back, without_embargoed
from qa.answer import Answer, Hit, Question
from qa.ask import Asker
from qa.rank.rerank import Reranker
from qa.read.reading import Reader
from qa.rules import NeverCitedFor, PinnedAnswers
from qa.search import Searcher
from qa.typeahead import Matched, Typeahead
from qa.understand.query import QueryEncoder

_log = logging.getLogger(__name__)

# In characters, of which nearly all take a byte: a thousand answers from articles of a page.
MOST_KEPT = 16_000_000
# What an answer counts besides its articles.
_AT_LEAST = 4_000


class KeptAnswers:
    """Answers of one generation, and the last of them again where the same is asked. Thread-safe.

    An answer is kept for the question with all that bounds it, its history, filters and page, and
    for the time that its words mean: what is asked about "yesterday" is searched again tomorrow.
    It is whole, whoever asked: what of it a reader may read is decided each time it is given.
    """

    def __init__(self, asker: Asker, most: int = MOST_KEPT) -> None:
        """`most` bounds the characters of all the articles that answers hold in memory."""
        self._asker, self._most = asker, most
        self._lock = threading.Lock()
        self._kept: LRUCache[Hashable, Answer] = LRUCache(most, getsizeof=_characters)

    @patient()
    def ask(self, question: Question) -> Answer:
        """Answer, or repeat the answer. Raises what `Asker.ask` raises."""
        started = time.perf_counter()
        asked_at = self._asker.asked_at(question)
        key = (replace(question, id=None), self._asker.asked_times(question, asked_at))
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None:
            took = (time.perf_counter() - started) * 1000
            return replace(kept, question=question, asked_at=asked_at, took_ms=took)
        answer = self._asker.ask(question, asked_at)
        if _characters(answer) <= self._most:
            with self._lock:
                self._kept[key] = answer
        return answer


def _characters(answer: Answer) -> int:
    """What an answer holds in memory, mostly the articles that it shows."""
    shown = {each.article.id: each.article for each in (*answer.citations, *answer.nearest)}
    return _AT_LEAST + sum(len(article.text) for article in shown.values())


# Changes with what is published, with the synonyms and with the rules.
_Stamp = tuple[Stamp | None, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class _Opened:
    stamp: _Stamp
    held: frozenset[int]
    whole: Store
    store: Store
    asker: Asker
    answers: KeptAnswers
    typeahead: Typeahead


def open_asker(
    data: Path,
    rules: Rules,
    store: Store,
    encoder: QueryEncoder,
    reranker: Reranker | None,
    strictness: Strictness,
    reader: Reader | None,
    date_order: DateOrder,
) -> Asker:
    """What answers from a store of this data, by its synonyms and the rules of the house."""
    searcher = Searcher(
        store,
        encoder,
        reranker,
        synonyms=(*read_synonyms(data), *rules.synonyms),
        never_cited=NeverCitedFor(rules.never_cited, store) if rules.never_cited else None,
    )
    pinned = PinnedAnswers(rules.pinned, store, encoder) if rules.pinned else None
    return Asker(
        store,
        searcher,
        strictness=strictness,
        reader=reader,
        date_order=date_order,
        pinned=pinned,
        is_own=rules.is_own,
    )


class LiveIndex:
    """Asks and finds articles in the newest published generation, from many threads.

    Whatever it gives, the reader who is served may read: see `qa.access`.

    Creating it raises what `open_store` raises. A new generation is opened while the old one
    answers, so that no question waits; if it cannot be opened, that is logged and the old one
    stays. An embargo that ends counts as a new generation: nothing stays that was found without
    its article. `encoder_of` loads what encodes questions for a generation of another model, and
    raises what refuses it; without it all such are refused.
    """

    def __init__(
        self,
        data: Path,
        encoder: QueryEncoder,
        model: Model,
        reranker: Reranker | None = None,
        strictness: Strictness = "balanced",
        reader: Reader | None = None,
        date_order: DateOrder = "auto",
        snippets: Snippets | None = None,
        encoder_of: Callable[[Model], QueryEncoder] | None = None,
    ) -> None:
        # Products of a question's small matrices: a second thread would only wait for them, busily.
        threadpool_limits(1, user_api="blas")
        self._data, self._model, self._encoder_of = data, model, encoder_of
        self._encoders = {model.digest: encoder}
        self._reranker, self._strictness, self._reader = reranker, strictness, reader
        self._date_order = date_order
        self._snippets = snippets or Snippets()
        self._reopening = threading.Lock()
        self._closed = threading.Event()
        self._is_away = False
        self._rules = rules_of(data)
        self._opened = self._open(self._stamp(), None)

    @property
    def store(self) -> Store:
        """The current generation, without what is under an embargo."""
        return self._opened.store

    @property
    def whole(self) -> Store:
        """The current generation with all that it holds, for its owner."""
        return self._opened.whole

    def ask(self, question: Question) -> Answer:
        """Answer from the newest generation; what was just asked is answered without a search."""
        return self._snippets.answer(self._opened.answers.ask(question))

    @patient()
    def search(self, question: Question) -> list[Hit]:
        """Passages of the newest generation, whether or not they answer, in the question's time."""
        opened = self._opened
        return self._snippets.hits(opened.asker.search(question), opened.store.article)

    @patient()
    def match(self, text: str) -> Matched:
        """What the newest generation has for a question that is still being typed."""
        return self._snippets.matched(self._opened.typeahead.match(text))

    def article(self, article_id: str) -> Article | None:
        """The article in the newest generation, or as much as may be read of it, or None."""
        return self._snippets.article(self._opened.store.article(article_id))

    def version(self, article_id: str, digest: str) -> Article | None:
        """The article in the version of this digest, or as much of it as may be read, or None.

        Of an article that may not be read now, no version may. Raises DamagedError.
        """
        present = self._opened.store.article(article_id)
        if present is None or is_version(present, digest):
            return self._snippets.article(present)
        former = find_version(self._data, article_id, digest)
        return self._snippets.article(former and as_closed_as(former, present))

    def days(self, question: Question, cited: Collection[str] = ()) -> tuple[tuple[str, int], ...]:
        """The days of the newest generation with matches; see `qa.order`."""
        return self._opened.asker.days(question, cited)

    def watch(self) -> None:
        """From now on, open what builds publish and read new rules, in a separate thread."""
        threading.Thread(target=self._watch, name="index watcher", daemon=True).start()

    def close(self) -> None:
        """Stop watching."""
        self._closed.set()

    def refresh(self) -> None:
        """Open what has been published since, or read new synonyms and rules, if there are any.

        A store that is away is looked at again; that is logged when it goes and when it is back.
        """
        with self._reopening:
            try:
                # Take the stamp first: a build that ends meanwhile is then seen next time.
                stamp = self._stamp()
                held = held_back(self._opened.store)
                if (stamp, held) != (self._opened.stamp, self._opened.held):
                    self._reopen(stamp, held)
            except StoreError as error:
                self._note(is_away=True, what=str(error))
            else:
                self._note(is_away=False, what="the store answers again")

    def _reopen(self, stamp: _Stamp, held: frozenset[int]) -> None:
        self._read_rules()
        try:
            self._opened = self._open(stamp, self._opened.whole)
        except StoreError:
            raise
        except Exception as error:  # whatever it is, it must not stop the watcher
            _log.warning("the new index cannot be used, the old one stays: %s", error)
            self._opened = replace(self._opened, stamp=stamp, held=held)

    def _encoder_for(self, model: Model) -> QueryEncoder:
        """Kept once it is loaded: an archive may be switched back."""
        if model.digest not in self._encoders:
            assert self._encoder_of is not None  # else the store would have been refused
            self._encoders[model.digest] = self._encoder_of(model)
        return self._encoders[model.digest]

    def _note(self, *, is_away: bool, what: str) -> None:
        if is_away != self._is_away:
            self._is_away = is_away
            _log.warning(what)

    def _watch(self) -> None:
        while not self._closed.wait(looked_at_every(self._data)):
            self.refresh()

    def _stamp(self) -> _Stamp:
        changed = (SYNONYMS.stamp(self._data), rules_stamp(self._data))
        return published_stamp(self._data), tuple(chain.from_iterable(changed))

    def _open(self, stamp: _Stamp, before: Store | None) -> _Opened:
        whole = open_store(self._data, None if self._encoder_of else self._model, before)
        store = without_embargoed(whole)
        # Before anything is read: what could be read meanwhile is seen next time.
        held = held_back(store)
        asker = open_asker(
            self._data,
            self._rules,
            store,
            self._encoder_for(whole.info.model),
            self._reranker,
            self._strictness,
            self._reader,
            self._date_order,
        )
        typeahead = Typeahead(store, asker.speller, asker.searcher.allowed)
        return _Opened(stamp, held, whole, store, asker, KeptAnswers(asker), typeahead)

    def _read_rules(self) -> None:
        """The rules of the house; those before stay, where they cannot be read any more.

        A slip in them must not keep articles in place that were removed.
        """
        try:
            self._rules = rules_of(self._data)
        except SettingError as error:
            _log.warning("the rules cannot be used, those before stay: %s", error)
