"""A store that is slow: a question waits for so long in all, however many calls it makes."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest

from index.build import build
from index.errors import StoreError
from index.period import EVERYTHING
from index.settings import MilvusPlace, milvus_place
from index.store import open_store
from index.store.patience import Patience, patience_for, patient
from qa.answer import Question
from qa.ask import Asker
from qa.live import LiveIndex
from qa.search import Searcher
from tests.fakes import HashEncoder, no_progress
from tests.needs import missing_module

try:
    from milvus_lite.adapter.grpc.servicer import MilvusServicer
    from milvus_lite.db import MilvusLite
    from pymilvus import MilvusClient
    from pymilvus.grpc_gen import milvus_pb2_grpc

    from index.store.milvus.client import Client, client_of
except ModuleNotFoundError as error:
    missing_module(error)

ENCODER = HashEncoder()
ASKED = Question("Who was the captain of the ship?")
# In seconds: a call takes less than the patience, two calls take more.
A_CALL, WAITS = 0.6, 1.0


@dataclass
class Delay(grpc.ServerInterceptor):  # type: ignore[misc]
    """Lets each call wait; `calls` are the methods that were called meanwhile."""

    seconds: float = 0.0
    calls: list[str] = field(default_factory=list)

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Any],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        if self.seconds:
            self.calls.append(handler_call_details.method.rpartition("/")[2])
            time.sleep(self.seconds)
        return continuation(handler_call_details)


@pytest.fixture
def delay() -> Delay:
    return Delay()


@pytest.fixture
def data(tmp_path: Path, delay: Delay, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An archive in a Milvus whose calls can be delayed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ships").mkdir()
    (tmp_path / "ships" / "ship.txt").write_text("The captain of the ship was Ida Marsh.", "utf-8")
    server = grpc.server(ThreadPoolExecutor(4), interceptors=[delay])
    with closing(MilvusLite(str(tmp_path / "lite"))) as lite:
        milvus_pb2_grpc.add_MilvusServiceServicer_to_server(MilvusServicer(lite), server)
        place = Path(f"milvus://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}/slow")
        server.start()
        build([tmp_path / "ships"], place, ENCODER, no_progress)
        yield place
        server.stop(None).wait()


def unload(place: MilvusPlace, collection: str) -> None:
    """What a restart does."""
    with closing(MilvusClient(place.uri)) as milvus:
        milvus.release_collection(collection)


def test_a_question_to_a_slow_store_fails_when_it_has_waited_long_enough_in_all(
    data: Path, delay: Delay
) -> None:
    with closing(open_store(data, ENCODER.model)) as store:
        asker = Asker(store, Searcher(store, ENCODER))
        delay.seconds = A_CALL
        with (
            pytest.raises(StoreError, match=r"slow' fails \(it does not answer in time\): check"),
            patient(WAITS),
        ):
            asker.ask(ASKED)
        assert len(delay.calls) == 2
        delay.seconds = 0.0
        assert asker.ask(ASKED).citations


def test_a_slow_store_answers_a_question_that_waits(data: Path, delay: Delay) -> None:
    with closing(open_store(data, ENCODER.model)) as store:
        delay.seconds = A_CALL / 3
        assert Asker(store, Searcher(store, ENCODER)).ask(ASKED).citations
        assert len(delay.calls) > 2


def test_only_waiting_takes_of_the_patience_and_what_is_no_question_has_its_own() -> None:
    patience = Patience(WAITS)
    time.sleep(0.01)
    assert patience.left == WAITS
    with patience.waiting():
        time.sleep(0.01)
    assert patience.left < WAITS
    assert patience_for(5.0).left == 5.0
    with patient(3.0):
        held = patience_for(5.0)
        with patient(9.0):
            assert patience_for(5.0) is held
        assert held.left == 3.0
    assert patience_for(5.0).left == 5.0


def test_a_question_waits_no_longer_for_what_a_restarted_store_has_not_loaded(
    data: Path, delay: Delay
) -> None:
    place = milvus_place(data)
    with closing(open_store(data, ENCODER.model)) as store:
        unload(place, f"{place.name}_passages")
        delay.seconds = A_CALL
        with pytest.raises(StoreError, match="does not answer in time"), patient(WAITS):
            store.bm25(["ship"], 1, EVERYTHING)
        assert delay.calls == ["Search", "LoadCollection"]
        delay.seconds = 0.0
        assert len(store.bm25(["ship"], 1, EVERYTHING))


def test_a_question_waits_no_longer_for_another_that_loads(data: Path) -> None:
    place = milvus_place(data)
    client = client_of(place)
    with closing(open_store(data, ENCODER.model)) as store:
        unload(place, f"{place.name}_passages")
        with (
            client._loading,
            pytest.raises(StoreError, match="does not answer in time"),
            patient(A_CALL),
        ):
            store.bm25(["ship"], 1, EVERYTHING)
        assert len(store.bm25(["ship"], 1, EVERYTHING))


def test_after_an_outage_a_question_waits_no_longer_for_all_to_be_loaded(
    data: Path, delay: Delay
) -> None:
    client = client_of(milvus_place(data))
    with closing(open_store(data, ENCODER.model)) as store:
        assert list(store.listed())
        client._outage.begin("it was away")
        delay.seconds = A_CALL
        with pytest.raises(StoreError, match="does not answer in time"), patient(WAITS):
            store.bm25(["ship"], 1, EVERYTHING)
        assert set(delay.calls) <= {"LoadCollection", "GetLoadingProgress"}
        assert len(delay.calls) == 2
        delay.seconds = 0.0
        assert len(store.bm25(["ship"], 1, EVERYTHING))


def test_a_search_has_one_patience_with_what_is_shown_of_its_articles(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live, seen, in_time = LiveIndex(data, ENCODER, ENCODER.model), list[Patience](), Client._in_time

    def noted(client: Client, patience: Patience, *call: Any) -> Any:
        seen.append(patience)
        return in_time(client, patience, *call)

    monkeypatch.setattr(Client, "_in_time", noted)
    assert live.search(ASKED)
    assert len(seen) > 2
    assert all(each is seen[0] for each in seen)
