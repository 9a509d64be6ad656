"""A Milvus that is killed and started again, while it is asked and written to."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from index.build import BuildReport, build
from index.errors import BuildError, StoreError
from index.settings import milvus_place
from index.store import Store, open_store, verify
from qa.answer import Question
from qa.ask import Asker
from qa.search import Searcher
from tests.fakes import HashEncoder, no_progress
from tests.milvus import lite_server
from tests.needs import missing_module

try:
    from index.store.milvus import client, outage, store, writer
except ModuleNotFoundError as error:
    missing_module(error)

ENCODER = HashEncoder()
CLIENTS, BUILDERS = 4, 2
COUNT = 6
# In seconds.
SOON, AT_MOST = 10.0, 10.0
PATIENCE = 60.0
ASKED = Question("Who was the captain of ship 3?")


def ships(folder: Path) -> Path:
    """Articles in a folder, each with its ship."""
    folder.mkdir(exist_ok=True)
    for number in range(COUNT):
        text = f"Ship {number} left Bergen. The captain of ship {number} was Ida Marsh."
        (folder / f"ship{number}.txt").write_text(text, "utf-8")
    return folder


class Clients:
    """Ask one question after another; `log` has when each was asked, and what came of it."""

    def __init__(self, store: Store) -> None:
        self.log: list[tuple[float, float, str]] = []
        self._asker = Asker(store, Searcher(store, ENCODER))
        self._stopped, self.answered = threading.Event(), threading.Event()

    @contextmanager
    def asking(self) -> Iterator[None]:
        """While the block runs."""
        threads = [threading.Thread(target=self._ask) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stopped.set()
            for thread in threads:
                thread.join()

    def _ask(self) -> None:
        while not self._stopped.is_set():
            began = time.monotonic()
            try:
                cited = self._asker.ask(ASKED).citations
                told = cited[0].article.id if cited else "nothing"
                self.answered.set()
            except StoreError as error:
                told = str(error)
                # A client that was told to try again does not do so at once.
                self._stopped.wait(0.05)
            self.log.append((began, time.monotonic(), told))


@dataclass(frozen=True, slots=True)
class Restart:
    """What clients of one archive saw, and what builders of another did, while the store restarted.

    `killed` is when it was killed, `back` when its port was open again, `first` when the next
    question had been answered; `log` is that of the clients.
    """

    asked: Path
    built: Path
    killed: float
    back: float
    first: float
    log: tuple[tuple[float, float, str], ...]
    reports: tuple[BuildReport, ...]


class Builders:
    """Build the same sources from several machines at once, each again until it ends well."""

    def __init__(self, sources: Path, data: Path, homes: Path, patched: pytest.MonkeyPatch) -> None:
        self.is_sending = threading.Event()
        self._sources, self._data = sources, data
        upsert = client.Client.upsert

        def sending(sender: client.Client, collection: str, rows: list[client.Row]) -> None:
            upsert(sender, collection, rows)
            if collection == f"{milvus_place(data).name}_passages":
                self.is_sending.set()

        patched.setattr(client.Client, "upsert", sending)
        # A thread stands for a machine, so that each has a home of its own.
        patched.setattr(writer, "home_of", lambda _: homes / threading.current_thread().name)

    def start(self, pool: ThreadPoolExecutor) -> list["Future[BuildReport]"]:
        """Begin in threads of the pool."""
        return [pool.submit(self._build) for _ in range(BUILDERS)]

    def _build(self) -> BuildReport:
        given_up = time.monotonic() + PATIENCE
        while True:
            try:
                return build([self._sources], self._data, ENCODER, no_progress)
            except (BuildError, StoreError):
                # The message says to run it again.
                assert time.monotonic() < given_up
                time.sleep(0.1)


@pytest.fixture(scope="module")
def restart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Restart]:
    """The store is killed while it is asked and written to, and started again."""
    folder = tmp_path_factory.mktemp("restart")
    sources = ships(folder / "ships")
    with (
        pytest.MonkeyPatch.context() as patched,
        lite_server(folder / "lite") as server,
        ThreadPoolExecutor(BUILDERS) as pool,
    ):
        patched.chdir(folder)
        asked, built = server.data("asked"), server.data("built")
        build([sources], asked, ENCODER, no_progress)
        builders = Builders(sources, built, folder / "homes", patched)
        clients = Clients(open_store(asked, ENCODER.model))
        with clients.asking():
            assert clients.answered.wait(SOON)
            building = builders.start(pool)
            assert builders.is_sending.wait(PATIENCE)
            killed = time.monotonic()
            server.kill()
            server.start()
            back = time.monotonic()
            clients.answered.clear()
            assert clients.answered.wait(PATIENCE)
            first = time.monotonic()
        reports = tuple(each.result(PATIENCE) for each in building)
        yield Restart(asked, built, killed, back, first, tuple(clients.log), reports)


def test_clients_are_answered_again_soon_after_the_store_is_started_again(restart: Restart) -> None:
    assert restart.first - restart.back < SOON


def test_while_the_store_is_away_each_question_fails_soon_and_says_why(restart: Restart) -> None:
    failed = [each for each in restart.log if each[2] != "ship3"]
    assert failed
    begins = f"Milvus at {milvus_place(restart.asked).shown!r} fails ("
    for _, _, told in failed:
        assert told.startswith(begins)
        assert told.endswith("): check that it runs and try again")
    assert max(ended - began for began, ended, _ in failed) < AT_MOST


def test_only_questions_that_meet_the_outage_fail(restart: Restart) -> None:
    failed = [each for each in restart.log if each[2] != "ship3"]
    assert min(ended for _, ended, _ in failed) >= restart.killed
    assert max(began for began, _, _ in failed) <= restart.first


def test_two_builders_that_the_store_left_alone_publish_every_article_once(
    restart: Restart,
) -> None:
    assert sorted(report.added for report in restart.reports) == [0, COUNT]
    assert list(verify(restart.built)) == []
    with closing(open_store(restart.built)) as opened:
        assert sorted(each.id for each in opened.listed()) == [f"ship{n}" for n in range(COUNT)]
        assert opened.info.counts.articles == COUNT
    collections = store.collections_of(restart.built)
    shown = " and ".join(collections.read().shown)
    assert collections.client.count(collections.articles, shown) == COUNT
    assert collections.client.count(collections.passages, shown) == COUNT


def test_while_one_call_tries_a_store_that_is_away_the_others_fail_at_once() -> None:
    tried, back = threading.Event(), threading.Event()

    def prepare() -> None:
        tried.set()
        assert back.wait(SOON)

    def call() -> str:
        try:
            with away.passed():
                return "made"
        except StoreError as error:
            return str(error)

    away = outage.Outage(prepare)
    assert call() == "made"
    away.begin("Milvus is away")
    with ThreadPoolExecutor(1) as pool:
        trying = pool.submit(call)
        assert tried.wait(SOON)
        assert [call(), call()] == ["Milvus is away"] * 2
        back.set()
        assert trying.result(SOON) == "made"
    assert call() == "made"


def test_a_store_that_is_still_away_fails_the_call_that_tried_it() -> None:
    def prepare() -> None:
        raise StoreError("Milvus is away still")

    away = outage.Outage(prepare)
    away.begin("Milvus is away")
    for _ in range(2):
        with pytest.raises(StoreError, match="away still"), away.passed():
            pytest.fail("the call was made")
