"""A Milvus that runs as a server: killed under load, and switched from one index to another."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue

import numpy as np
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from index.article import Article
from index.build import BuildReport, build
from index.build.versions import find_version, forget_versions, keep_versions
from index.embed import Model, PassageText, PassageVectors, Vectors
from index.errors import BuildError, IndexMissingError, SettingError, StoreError
from index.settings import home_of, milvus_place
from index.store import open_store, switch, verify
from qa.answer import Answer, Question
from qa.ask import Asker
from qa.live import LiveIndex
from qa.search import Searcher
from qa.web.api import TRIED_EVERY, Readiness, health_routes
from qa.web.protocols import About
from qa.web.queue import QuestionQueue
from tests.fakes import HashEncoder, no_progress
from tests.milvus import LiteServer, lite_server
from tests.needs import missing_module

try:
    from index.store.milvus import client, generation, store, writer
except ModuleNotFoundError as error:
    missing_module(error)

ENCODER = HashEncoder()
CLIENTS, BUILDERS = 2, 2
SWITCHED_UNDER = 16
COUNT = 6
# In seconds.
SOON, AT_MOST = 10.0, 10.0
PATIENCE = 60.0
ASKED = Question("Who was the captain of ship 3?")


class WideEncoder(HashEncoder):
    """Another model, with vectors twice as long."""

    @property
    def model(self) -> Model:
        return Model("wide", f"{super().model.digest}:wide", 2 * super().model.dimension)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return _wide(super().encode_queries(texts))

    def encode_passages(self, passages: Sequence[PassageText]) -> list[PassageVectors]:
        narrow = super().encode_passages(passages)
        return [PassageVectors(_wide(each.passage), _wide(each.sentences)) for each in narrow]


def _wide(vectors: Vectors) -> Vectors:
    return np.array(np.concatenate([vectors, vectors], axis=-1) / np.sqrt(2), np.float32)


WIDE = WideEncoder()


def ships(folder: Path) -> Path:
    """Articles in a folder, each with its ship."""
    folder.mkdir(exist_ok=True)
    for number in range(COUNT):
        text = f"Ship {number} left Bergen. The captain of ship {number} was Ida Marsh."
        (folder / f"ship{number}.txt").write_text(text, "utf-8")
    return folder


class Clients:
    """Ask the same, at one moment after another; `log` has when, and what came of it."""

    def __init__(self, ask: Callable[[Question], Answer], count: int) -> None:
        self.log: list[tuple[float, float, str]] = []
        self._ask, self._count = ask, count
        self._stopped, self._moments = threading.Event(), itertools.count()
        self._answers: SimpleQueue[None] = SimpleQueue()

    @contextmanager
    def asking(self) -> Iterator[None]:
        """While the block runs."""
        threads = [threading.Thread(target=self._go_on) for _ in range(self._count)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stopped.set()
            for thread in threads:
                thread.join()

    def wait_for_answers(self, count: int = 1) -> None:
        """Until so many questions have been answered from now on."""
        with suppress(Empty):
            while True:
                self._answers.get_nowait()
        for _ in range(count):
            self._answers.get(timeout=PATIENCE)

    def _go_on(self) -> None:
        while not self._stopped.is_set():
            began = time.monotonic()
            try:
                told = self._told()
                self._answers.put(None)
            except StoreError as error:
                told = str(error)
                # A client that was told to try again does not do so at once.
                self._stopped.wait(0.05)
            self.log.append((began, time.monotonic(), told))

    def _told(self) -> str:
        # Of another moment, so that it is no answer which was kept.
        asked_at = datetime.fromtimestamp(next(self._moments), UTC).isoformat()
        citations = self._ask(replace(ASKED, asked_at=asked_at)).citations
        return citations[0].article.id if citations else "nothing"


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
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The working directory: what belongs to this machine alone lies below it."""
    path = tmp_path_factory.mktemp("server")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(path)
        yield path


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[LiteServer]:
    with lite_server(folder / "lite") as running:
        yield running


@pytest.fixture(scope="module")
def sources(folder: Path) -> Path:
    return ships(folder / "ships")


@pytest.fixture(scope="module")
def wide(server: LiteServer, sources: Path) -> Path:
    """The articles in an archive of another model; more may be added."""
    data = server.data("wide")
    build([sources], data, WIDE, no_progress)
    return data


@pytest.fixture(scope="module")
def restart(server: LiteServer, sources: Path, folder: Path) -> Restart:
    """The store is killed while it is asked and written to, and started again."""
    with pytest.MonkeyPatch.context() as patched, ThreadPoolExecutor(BUILDERS) as pool:
        asked, built = server.data("asked"), server.data("built")
        build([sources], asked, ENCODER, no_progress)
        builders = Builders(sources, built, folder / "homes", patched)
        opened = open_store(asked, ENCODER.model)
        clients = Clients(Asker(opened, Searcher(opened, ENCODER)).ask, CLIENTS)
        with clients.asking():
            clients.wait_for_answers()
            building = builders.start(pool)
            assert builders.is_sending.wait(PATIENCE)
            killed = time.monotonic()
            server.kill()
            server.start()
            back = time.monotonic()
            clients.wait_for_answers()
            first = time.monotonic()
        reports = tuple(each.result(PATIENCE) for each in building)
        return Restart(asked, built, killed, back, first, tuple(clients.log), reports)


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
    collections, generation = store.collections_of(restart.built).newest()
    shown = " and ".join(generation.shown)
    assert collections.client.count(collections.articles, shown) == COUNT
    assert collections.client.count(collections.passages, shown) == COUNT


def test_a_server_is_ready_again_without_a_restart_when_the_store_has_come_back(
    server: LiteServer, sources: Path
) -> None:
    data, app = server.data("ready"), FastAPI()
    build([sources], data, ENCODER, no_progress)
    with closing(LiveIndex(data, ENCODER, ENCODER.model)) as live:
        # Each look at the clock is late enough for a question to be tried.
        clock = itertools.count(0.0, TRIED_EVERY).__next__
        ready = Readiness(lambda: About(COUNT), live, QuestionQueue(live), clock)
        app.include_router(health_routes(lambda: About(COUNT), ready))
        with TestClient(app) as probe:
            assert probe.get("/readyz").status_code == 200
            server.kill()
            try:
                began = time.monotonic()
                away = probe.get("/readyz")
                assert (away.status_code, away.json()["error"]["code"]) == (503, "not_ready")
                assert time.monotonic() - began < AT_MOST
            finally:
                server.start()
            given_up = time.monotonic() + PATIENCE
            while (found := probe.get("/readyz").status_code) != 200:
                assert (found, time.monotonic() < given_up) == (503, True)
                time.sleep(0.1)


def test_what_was_quoted_is_found_on_a_server_that_built_nothing_and_after_a_switch(
    server: LiteServer, wide: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, source = server.data("quoted"), tmp_path / "ship.txt"
    said = Article("ship", "The ship sails at seven.")
    for text in (said.text, "The ship sails at nine."):
        source.write_text(text, "utf-8")
        build([source], data, ENCODER, no_progress)
    # What is kept on another machine lies elsewhere.
    monkeypatch.chdir(tmp_path)
    switch(data, wide)
    found = find_version(data, "ship", said.digest)
    assert found is not None
    assert (found.text, found.is_former) == (said.text, True)
    assert not home_of(data).exists()
    forget_versions(data, ["ship"])
    assert find_version(data, "ship", said.digest) is None


def test_a_former_text_is_found_and_forgotten_by_each_name_that_an_archive_has(
    server: LiteServer, sources: Path, wide: Path
) -> None:
    data, said = server.data("named"), Article("ship", "The ship sails at eight.")
    build([sources], data, ENCODER, no_progress)
    switch(data, wide)
    for name, other in ((data, wide), (wide, data)):
        keep_versions(name, [said])
        assert find_version(other, "ship", said.digest) is not None
        forget_versions(other, ["ship"])
        assert find_version(name, "ship", said.digest) is None


def test_another_model_is_switched_to_and_back_and_no_question_fails(
    server: LiteServer, sources: Path, wide: Path
) -> None:
    data = server.data("narrow")
    build([sources], data, ENCODER, no_progress)
    with closing(
        LiveIndex(data, ENCODER, ENCODER.model, strictness="open", encoder_of=lambda _: WIDE)
    ) as live:
        clients, models = Clients(live.ask, SWITCHED_UNDER), []
        with clients.asking():
            before = Path(switch(data, wide))
            for back in (None, before):
                if back is not None:
                    assert Path(switch(data, back)) == before
                live.refresh()
                models.append(live.store.info.model)
                clients.wait_for_answers(SWITCHED_UNDER)
    assert models == [WIDE.model, ENCODER.model]
    assert {told for _, _, told in clients.log} == {"ship3"}


def test_what_is_built_after_a_switch_is_seen_under_both_names(
    server: LiteServer, sources: Path, wide: Path, tmp_path: Path
) -> None:
    data = server.data("switched")
    build([sources], data, ENCODER, no_progress)
    switch(data, wide)
    (tmp_path / "new.txt").write_text("A new ship was launched in Lisbon.", "utf-8")
    build([tmp_path], data, WIDE, no_progress)
    for each in (data, wide):
        with closing(open_store(each, WIDE.model)) as opened:
            assert (opened.info.generation, opened.info.counts.articles) == (2, COUNT + 1)
    assert list(verify(data)) == []


def test_a_publishing_that_ends_between_two_names_loses_nothing_and_the_next_ends_it(
    server: LiteServer, sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, other = server.data("half"), server.data("half_2")
    for each in (data, other):
        build([sources], each, ENCODER, no_progress)
    switch(data, other)
    (tmp_path / "new.txt").write_text("A new ship was launched in Lisbon.", "utf-8")
    point, pointed = client.Client.point, list[str]()

    def failing(self: client.Client, alias: str, collection: str, *, is_new: bool) -> None:
        if pointed:
            raise StoreError("Milvus is away")
        point(self, alias, collection, is_new=is_new)
        pointed.append(alias)

    with monkeypatch.context() as patched:
        patched.setattr(client.Client, "point", failing)
        with pytest.raises(StoreError, match="Milvus is away"):
            build([tmp_path], data, ENCODER, no_progress)
    assert pointed == ["half"]
    with closing(open_store(data)) as opened:
        assert (opened.info.generation, opened.info.counts.articles) == (2, COUNT + 1)
    with pytest.raises(BuildError, match=r"has published generation 2 .*run the build again"):
        build([tmp_path], other, ENCODER, no_progress)
    with closing(open_store(other)) as opened:
        assert (opened.info.generation, opened.info.counts.articles) == (2, COUNT + 1)
    assert list(verify(other)) == []


def test_a_build_that_ends_after_its_archive_was_switched_does_not_switch_it_back(
    server: LiteServer, sources: Path, wide: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = server.data("busy")
    build([sources], data, ENCODER, no_progress)
    (tmp_path / "new.txt").write_text("A new ship was launched in Lisbon.", "utf-8")
    write = generation.Collections.write

    def switching(self: generation.Collections, written: generation.Generation) -> None:
        write(self, written)
        switch(data, wide)

    monkeypatch.setattr(generation.Collections, "write", switching)
    build([tmp_path], data, ENCODER, no_progress)
    with closing(open_store(data)) as opened:
        assert opened.info.model == WIDE.model
    with closing(open_store(server.data("busy_before"))) as opened:
        assert (opened.info.generation, opened.info.counts.articles) == (2, COUNT + 1)


def test_no_archive_loses_its_name_to_what_another_was_before(
    server: LiteServer, sources: Path, wide: Path
) -> None:
    data, own = server.data("kept"), server.data("kept_before")
    for each in (data, own):
        build([sources], each, ENCODER, no_progress)
    with pytest.raises(BuildError, match=r"'kept_before'.* is an archive of its own: copy that"):
        switch(data, wide)
    for each in (data, own):
        assert list(verify(each)) == []


@pytest.mark.parametrize(
    ("other", "refused", "told"),
    [
        ("milvus://127.0.0.1:1/second", SettingError, "not in the same Milvus"),
        ("folder", SettingError, "name two archives of one Milvus"),
        ("nowhere", IndexMissingError, "there is no index in 'milvus://.*/nowhere'"),
        ("wide", BuildError, "are the same index already"),
    ],
)
def test_what_cannot_be_switched_to_is_refused(
    server: LiteServer, wide: Path, other: str, refused: type[Exception], told: str
) -> None:
    place = Path(other) if other == "folder" or ":" in other else server.data(other)
    with pytest.raises(refused, match=told):
        switch(wide, place)


def test_while_one_call_tries_a_store_that_is_away_the_others_fail_at_once() -> None:
    tried, back = threading.Event(), threading.Event()

    def prepare() -> None:
        tried.set()
        assert back.wait(PATIENCE)

    def call() -> str:
        try:
            with away.passed():
                return "made"
        except StoreError as error:
            return str(error)

    away = client.Outage(prepare)
    assert call() == "made"
    away.begin("Milvus is away")
    with ThreadPoolExecutor(1) as pool:
        trying = pool.submit(call)
        assert tried.wait(PATIENCE)
        assert [call(), call()] == ["Milvus is away"] * 2
        back.set()
        assert trying.result(PATIENCE) == "made"
    assert call() == "made"


def test_a_store_that_is_still_away_fails_the_call_that_tried_it() -> None:
    def prepare() -> None:
        raise StoreError("Milvus is away still")

    away = client.Outage(prepare)
    away.begin("Milvus is away")
    for _ in range(2):
        with pytest.raises(StoreError, match="away still"), away.passed():
            pytest.fail("the call was made")


def test_a_call_that_fails_after_the_store_is_back_keeps_nobody_from_it() -> None:
    prepared: list[None] = []
    away = client.Outage(lambda: prepared.append(None))

    def find_it_back() -> None:
        away.begin("Milvus is away")
        with away.passed():
            pass

    with ThreadPoolExecutor(1) as pool, away.passed():
        pool.submit(find_it_back).result(PATIENCE)
        away.begin("what was asked before it was back has failed")
    with away.passed():
        assert len(prepared) == 1
