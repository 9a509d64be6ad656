"""Questions of many who ask at once: each encoded once, together where they come together."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import pytest

from index.embed import Vectors
from qa.rank.batching import SharedEncoder
from tests.fakes import DIMENSION, HashEncoder

PATIENCE = 20.0


class Gate:
    """An encoder that notes each call, holds up those it is told to, and fails if told to."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.threads: list[threading.Thread] = []
        self.begun = threading.Semaphore(0)
        self.failure: BaseException | None = None
        self._held: dict[str, threading.Event] = {}

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """The vectors, once none of the texts is held up any more."""
        self.calls.append(list(texts))
        self.threads.append(threading.current_thread())
        self.begun.release()
        for text in texts:
            assert text not in self._held or self._held[text].wait(PATIENCE)
        if self.failure is not None:
            raise self.failure
        return HashEncoder().encode_queries(texts)

    def hold(self, text: str) -> None:
        """Hold up the call that encodes this text."""
        self._held[text] = threading.Event()

    def release(self, text: str) -> None:
        """Let the call go on."""
        self._held[text].set()

    def release_all(self) -> None:
        """Let every call go on."""
        for held in self._held.values():
            held.set()


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> threading.Semaphore:
    """Released by each thread that begins to wait for a vector: its question is then in line."""
    begun = threading.Semaphore(0)

    class Watched(Future[Vectors]):
        def result(self, timeout: float | None = None) -> Vectors:
            begun.release()
            return super().result(timeout)

    monkeypatch.setattr("qa.rank.batching.Future", Watched)
    return begun


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(64) as pool:
        yield pool


@pytest.fixture
def gate(pool: ThreadPoolExecutor) -> Iterator[Gate]:
    """Open again before the pool ends, which waits for all that were held up."""
    gate = Gate()
    yield gate
    gate.release_all()


Asked = list[Future[Vectors]]
LineUp = Callable[[SharedEncoder, Sequence[str]], Asked]


@pytest.fixture
def line_up(pool: ThreadPoolExecutor, gate: Gate, waiting: threading.Semaphore) -> LineUp:
    """Asks the first text, which is held up, and then the others, which wait in line behind."""

    def line_up(shared: SharedEncoder, texts: Sequence[str]) -> Asked:
        gate.hold(texts[0])
        asked = [pool.submit(one, shared, texts[0])]
        assert gate.begun.acquire(timeout=PATIENCE)
        for text in texts[1:]:
            asked.append(pool.submit(one, shared, text))
            assert waiting.acquire(timeout=PATIENCE)
        return asked

    return line_up


def one(shared: SharedEncoder, text: str) -> Vectors:
    """The vector of one question."""
    return np.asarray(shared.encode_queries([text])[0])


def right(texts: Sequence[str]) -> list[list[float]]:
    """The vectors of questions."""
    return [HashEncoder().encode_query(text).tolist() for text in texts]


def got(asked: Asked) -> list[list[float]]:
    """The vectors that came back."""
    return [each.result(PATIENCE).tolist() for each in asked]


def test_a_question_asked_alone_is_encoded_at_once_in_the_thread_that_asks(gate: Gate) -> None:
    assert one(SharedEncoder(gate), "dam").tolist() == right(["dam"])[0]
    assert gate.calls == [["dam"]]
    assert gate.threads == [threading.current_thread()]


def test_questions_that_come_while_the_encoder_is_busy_are_encoded_together(
    gate: Gate, line_up: LineUp
) -> None:
    texts = ["first", "dam", "flood", "comet"]
    asked = line_up(SharedEncoder(gate), texts)
    gate.release("first")
    assert got(asked) == right(texts)
    assert gate.calls == [["first"], ["dam", "flood", "comet"]]


def test_the_same_question_is_in_flight_once(gate: Gate, line_up: LineUp) -> None:
    # Some come while their question is encoded, some while it waits for its turn.
    texts = ["first", "first", "first", "dam", "dam", "dam"]
    asked = line_up(SharedEncoder(gate), texts)
    gate.release("first")
    assert got(asked) == right(texts)
    assert gate.calls == [["first"], ["dam"]]


def test_more_than_a_batch_holds_are_encoded_in_several_in_the_order_asked(
    gate: Gate, line_up: LineUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.rank.batching._LARGEST_BATCH", 4)
    texts = [f"question {number}" for number in range(1 + 4 + 4 + 2)]
    asked = line_up(SharedEncoder(gate), texts)
    gate.release(texts[0])
    assert got(asked) == right(texts)
    assert gate.calls == [texts[:1], texts[1:5], texts[5:9], texts[9:]]


def test_who_has_a_vector_does_not_stay_to_encode_for_those_who_came_later(
    gate: Gate, line_up: LineUp
) -> None:
    gate.hold("second")
    first, second = line_up(SharedEncoder(gate), ["first", "second"])
    gate.release("first")
    assert first.result(5).tolist() == right(["first"])[0]
    assert not second.done()


def test_a_remembered_question_is_not_encoded_again(gate: Gate) -> None:
    shared = SharedEncoder(gate)
    found = [one(shared, text).tolist() for text in ("dam", "flood", "dam", "flood")]
    assert found == right(["dam", "flood", "dam", "flood"])
    assert gate.calls == [["dam"], ["flood"]]


def test_a_remembered_question_is_answered_while_the_encoder_is_busy(
    gate: Gate, line_up: LineUp
) -> None:
    shared = SharedEncoder(gate)
    one(shared, "dam")
    assert gate.begun.acquire(timeout=PATIENCE)
    line_up(shared, ["held up"])
    assert one(shared, "dam").tolist() == right(["dam"])[0]
    assert gate.calls == [["dam"], ["held up"]]


def test_only_the_questions_asked_last_are_remembered(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.rank.batching._REMEMBERED", 3)
    shared = SharedEncoder(gate)
    for text in ("one", "two", "three", "one", "four"):
        one(shared, text)
    # "two" was asked longest ago: "one" was asked again since.
    encoded = len(gate.calls)
    for text in ("one", "three", "four"):
        one(shared, text)
    assert len(gate.calls) == encoded
    one(shared, "two")
    assert gate.calls[encoded:] == [["two"]]


def test_a_batch_larger_than_the_memory_is_answered_all_the_same(
    gate: Gate, line_up: LineUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.rank.batching._REMEMBERED", 2)
    texts = ["first", *(f"question {number}" for number in range(6))]
    asked = line_up(SharedEncoder(gate), texts)
    gate.release("first")
    assert got(asked) == right(texts)


def test_an_error_reaches_all_that_wait_and_the_next_question_works(
    gate: Gate, line_up: LineUp
) -> None:
    shared = SharedEncoder(gate)
    asked = line_up(shared, ["first", "dam", "dam", "flood"])
    gate.failure = RuntimeError("out of memory")
    gate.release("first")
    errors = [each.exception(PATIENCE) for each in asked]
    assert [str(error) for error in errors] == ["out of memory"] * 4
    gate.failure = None
    # What failed is not remembered: it is encoded again.
    texts = ["dam", "another", "first"]
    assert [one(shared, text).tolist() for text in texts] == right(texts)


def test_an_interrupt_ends_the_question_and_leaves_nobody_waiting(gate: Gate) -> None:
    shared = SharedEncoder(gate)
    gate.failure = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        one(shared, "dam")
    gate.failure = None
    assert one(shared, "dam").tolist() == right(["dam"])[0]


def test_an_encoder_that_gives_too_few_vectors_is_an_error_and_the_next_question_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    encoder = HashEncoder()
    shared = SharedEncoder(encoder)
    none = np.zeros((0, DIMENSION), np.float32)
    monkeypatch.setattr(encoder, "encode_queries", lambda texts: none)
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        one(shared, "dam")
    monkeypatch.undo()
    found: list[list[float]] = []
    # Not of the pool, which would wait for ever for a question that hangs.
    again = threading.Thread(
        target=lambda: found.append(one(shared, "flood").tolist()), daemon=True
    )
    again.start()
    again.join(5)
    assert found == right(["flood"])


def test_many_threads_get_the_right_vectors_and_no_question_is_encoded_twice(
    gate: Gate, pool: ThreadPoolExecutor
) -> None:
    shared, start = SharedEncoder(gate), threading.Barrier(32)

    def ask(number: int) -> list[tuple[str, list[float]]]:
        start.wait(PATIENCE)
        texts = [f"dam {(number * 7 + turn) % 100}" for turn in range(20)]
        return [(text, one(shared, text).tolist()) for text in texts]

    answers = [pool.submit(ask, number) for number in range(32)]
    found = [pair for each in answers for pair in each.result(PATIENCE)]
    assert len(found) == 32 * 20
    assert [vector for _, vector in found] == right([text for text, _ in found])
    encoded = [text for call in gate.calls for text in call]
    assert sorted(encoded) == sorted({text for text, _ in found})


def test_a_question_and_its_words_are_encoded_in_one_batch(gate: Gate) -> None:
    shared = SharedEncoder(gate)
    found = shared.encode_queries(["who built the dam", "built", "dam"])
    assert found.tolist() == right(["who built the dam", "built", "dam"])
    assert gate.calls == [["who built the dam", "built", "dam"]]


def test_of_several_only_those_not_remembered_are_encoded(gate: Gate) -> None:
    shared = SharedEncoder(gate)
    shared.encode_queries(["dam", "flood"])
    assert shared.encode_queries(["dam", "comet", "dam"]).tolist() == right(["dam", "comet", "dam"])
    assert shared.encode_queries(["flood", "dam"]).tolist() == right(["flood", "dam"])
    assert gate.calls == [["dam", "flood"], ["comet"]]


def test_an_error_reaches_who_asked_for_several_and_leaves_nobody_waiting(gate: Gate) -> None:
    shared = SharedEncoder(gate)
    gate.failure = RuntimeError("out of memory")
    with pytest.raises(RuntimeError, match="out of memory"):
        shared.encode_queries(["dam", "flood"])
    gate.failure = None
    assert shared.encode_queries(["dam", "flood"]).tolist() == right(["dam", "flood"])


def test_where_all_of_several_are_remembered_nobody_encodes_though_the_encoder_is_busy(
    gate: Gate, line_up: LineUp
) -> None:
    shared = SharedEncoder(gate)
    shared.encode_queries(["dam", "flood"])
    assert gate.begun.acquire(timeout=PATIENCE)
    line_up(shared, ["held up"])
    assert shared.encode_queries(["flood", "dam"]).tolist() == right(["flood", "dam"])
    assert gate.calls == [["dam", "flood"], ["held up"]]


def test_more_at_once_than_a_batch_holds_all_come_back_in_their_order(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.rank.batching._LARGEST_BATCH", 4)
    texts = [f"question {number}" for number in range(4 + 4 + 2)]
    assert SharedEncoder(gate).encode_queries(texts).tolist() == right(texts)
    assert gate.calls == [texts[:4], texts[4:8], texts[8:]]


def test_words_that_several_ask_for_at_once_are_encoded_once_and_in_one_batch(
    gate: Gate, pool: ThreadPoolExecutor, waiting: threading.Semaphore
) -> None:
    shared = SharedEncoder(gate)
    gate.hold("first")
    first = pool.submit(shared.encode_queries, ["first", "dam"])
    assert gate.begun.acquire(timeout=PATIENCE)
    asked = [["who built it", "dam", "flood"], ["when", "flood", "comet", "first"]]
    others = []
    for texts in asked:
        others.append(pool.submit(shared.encode_queries, texts))
        # It waits for the first of its texts only once all of them are in line.
        assert waiting.acquire(timeout=PATIENCE)
    gate.release("first")
    assert first.result(PATIENCE).tolist() == right(["first", "dam"])
    assert [each.result(PATIENCE).tolist() for each in others] == [right(each) for each in asked]
    assert gate.calls == [["first", "dam"], ["who built it", "flood", "when", "comet"]]


def test_an_error_reaches_all_who_wait_for_one_of_the_batch_and_nobody_else(
    gate: Gate, pool: ThreadPoolExecutor, waiting: threading.Semaphore
) -> None:
    shared = SharedEncoder(gate)
    shared.encode_queries(["known"])
    assert gate.begun.acquire(timeout=PATIENCE)
    gate.hold("first")
    first = pool.submit(shared.encode_queries, ["first", "dam"])
    assert gate.begun.acquire(timeout=PATIENCE)
    other = pool.submit(shared.encode_queries, ["dam", "known"])
    assert waiting.acquire(timeout=PATIENCE)
    gate.failure = RuntimeError("out of memory")
    gate.release("first")
    assert str(first.exception(PATIENCE)) == str(other.exception(PATIENCE)) == "out of memory"
    assert shared.encode_queries(["known"]).tolist() == right(["known"])
