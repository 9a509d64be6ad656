"""What workers are made of: how many, what they count together, and who starts and ends them."""

import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import gettempdir
from types import SimpleNamespace

import pytest
from limits import parse

from index.embed import Model
from index.encoders.files import ENCODER, Exported, write_exported
from index.errors import SettingError
from index.settings import Settings
from qa.web.guard.rates import MovingWindow
from qa.web.guard.sites import RefusalsHere
from qa.web.guard.streams import StreamsHere
from qa.web.queue import Waiting
from qa.web.workers import supervisor, worker
from qa.web.workers.counts import SharedCounts, SharedRefusals, SharedStreams
from qa.web.workers.supervisor import EVERY, read_workers
from qa.web.workers.worker import Worker, common_folder
from tests.disk import full_disk

ROOT = Path(__file__).parent.parent
GB = 1_000_000_000


def workers(value: str, data: str = "data") -> int:
    return read_workers(replace(Settings(), workers=value, data=Path(data)))


@pytest.mark.parametrize(
    ("cores", "free", "expected"),
    [(1, 9 * GB, 1), (4, 9 * GB, 4), (4, 600_000_000, 2), (4, 0, 1), (192, 900 * GB, 64)],
)
def test_auto_is_a_worker_a_core_where_memory_allows(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cores: int, free: int, expected: int
) -> None:
    monkeypatch.setattr("index.encoders._GPUS", ())
    monkeypatch.setattr(supervisor, "cores", lambda: cores)
    monkeypatch.setattr(supervisor, "free_memory", lambda: free)
    assert workers("auto", str(tmp_path / "none")) == expected


def test_auto_is_one_where_each_worker_would_load_a_model_for_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("index.encoders._GPUS", ())
    monkeypatch.setattr(supervisor, "cores", lambda: 4)
    monkeypatch.setattr(supervisor, "free_memory", lambda: 9 * GB)
    (tmp_path / ENCODER).mkdir()

    def counted(cosine: float | None, value: str = "auto", reranker: str = "") -> int:
        write_exported(tmp_path / ENCODER, Exported(Model("mine", "sha256:0", 8), "any", cosine))
        return read_workers(Settings(data=tmp_path, workers=value, reranker=reranker))

    assert (counted(0.99), counted(None), counted(None, "2")) == (4, 1, 2)
    assert (counted(0.99, reranker="any"), counted(0.99, "2", "any")) == (1, 2)
    # The model of an archive that was built elsewhere.
    assert workers("auto", "milvus://db:19530/none_here") == 1
    monkeypatch.setattr("index.encoders._GPUS", (str(tmp_path),))
    assert (counted(0.99), counted(0.99, "2")) == (1, 2)


def test_a_container_has_the_cores_and_the_memory_that_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "_CGROUP", tmp_path)
    monkeypatch.setattr(supervisor, "_OWN_GROUPS", tmp_path / "none")
    unbound = supervisor.cores(), supervisor.free_memory()
    assert min(unbound) > 0
    given = {"cpu.max": "100000 100000", "memory.max": "900000", "memory.current": "200000"}
    for name, text in given.items():
        (tmp_path / name).write_text(f"{text}\n")
    assert (supervisor.cores(), supervisor.free_memory()) == (1, 700_000)
    for name in ("cpu.max", "memory.max"):
        (tmp_path / name).write_text("max 100000\n" if name == "cpu.max" else "max\n")
    assert supervisor.cores() == unbound[0]
    assert supervisor.free_memory() > 700_000


@pytest.mark.parametrize(
    ("told", "given"),
    [
        (
            "0::/system.slice/footnote.service",
            {
                "system.slice/footnote.service/cpu.max": "100000 100000",
                "system.slice/memory.max": "900000",
                "system.slice/memory.current": "200000",
                "system.slice/footnote.service/memory.max": "max",
            },
        ),
        (
            "5:cpu,cpuacct:/system.slice\n4:memory:/elsewhere",
            {
                "cpu/system.slice/cpu.cfs_quota_us": "100000",
                "cpu/system.slice/cpu.cfs_period_us": "100000",
                "memory/memory.limit_in_bytes": "900000",
                "memory/memory.usage_in_bytes": "200000",
            },
        ),
    ],
)
def test_so_has_a_unit_of_systemd_and_a_container_of_the_first_version_of_cgroups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str, given: Mapping[str, str]
) -> None:
    own = tmp_path / "cgroup"
    own.write_text(f"{told}\n")
    monkeypatch.setattr(supervisor, "_CGROUP", tmp_path)
    monkeypatch.setattr(supervisor, "_OWN_GROUPS", own)
    for name, text in given.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"{text}\n")
    assert (supervisor.cores(), supervisor.free_memory()) == (1, 700_000)


@pytest.mark.parametrize("value", ["0", "65", "-1", "2.5", "many", "²"])
def test_a_number_of_workers_that_cannot_be_is_refused_with_the_remedy(value: str) -> None:
    with pytest.raises(SettingError) as told:
        workers(value)
    assert str(told.value) == (
        f"FOOTNOTE_WORKERS is {value!r}: set it to a number from 1 to 64, or to auto for one "
        "worker a core"
    )


def test_what_one_process_alone_can_open_has_one_worker() -> None:
    assert workers("auto", "milvus-lite:news") == 1
    with pytest.raises(SettingError, match=r"one process at a time can open 'milvus-lite:news'"):
        workers("2", "milvus-lite:news")


def test_elsewhere_than_on_linux_there_is_one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert workers("auto") == 1
    with pytest.raises(SettingError, match="several workers need Linux, and this is darwin"):
        workers("2")


def test_workers_count_in_a_window_together_as_one_process_does_alone(tmp_path: Path) -> None:
    now = [100.0]
    rate = parse("3/minute")
    alone = MovingWindow(rate, lambda: now[0])
    together = SharedCounts(tmp_path, lambda: now[0]).window("asks", rate)
    for second in (0, 1, 2, 3, 59, 60, 61, 62, 63, 200):
        now[0] = 100.0 + second
        for who in ("192.0.2.1", "192.0.2.2") if second % 2 else ("192.0.2.1",):
            assert together.hit(who) == alone.hit(who)


def test_kinds_are_counted_apart(tmp_path: Path) -> None:
    counts = SharedCounts(tmp_path)
    rate = parse("1/minute")
    windows = [counts.window(kind, rate) for kind in ("asks", "reads")]
    assert [window.hit("192.0.2.1") for window in windows] == [None, None]
    assert [window.hit("192.0.2.1") is None for window in windows] == [False, False]


def test_what_workers_share_lies_in_memory_where_there_is_a_place_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "MEMORY", tmp_path)
    with common_folder() as folder:
        assert Path(folder).parent == tmp_path
        assert stat.S_IMODE(Path(folder).stat().st_mode) == 0o700
    monkeypatch.setattr(worker, "MEMORY", tmp_path / "none")
    with common_folder() as folder:
        assert Path(folder).parent == Path(gettempdir())


def test_where_memory_is_full_the_disk_is_taken_and_where_that_is_too_it_is_told_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    free = {worker.MEMORY: worker.ROOM - 1, Path(gettempdir()): worker.ROOM}
    monkeypatch.setattr(shutil, "disk_usage", lambda place: SimpleNamespace(free=free[place]))
    with common_folder() as folder:
        assert Path(folder).parent == Path(gettempdir())
    free[Path(gettempdir())] -= 1
    with pytest.raises(OSError, match="No space left on device") as full:
        common_folder()
    assert full.value.filename == gettempdir()


def test_no_address_is_written(tmp_path: Path) -> None:
    counts = SharedCounts(tmp_path)
    counts.hit("asks", "192.0.2.77", 5, 60)
    SharedStreams(counts, 0).change("192.0.2.77", 1)
    assert not any(b"192.0.2.77" in path.read_bytes() for path in tmp_path.iterdir())


def test_another_process_goes_on_counting_where_this_one_is(tmp_path: Path) -> None:
    counts = SharedCounts(tmp_path)
    assert counts.hit("asks", "192.0.2.1", 1, 60) is None
    child = os.fork()
    if child == 0:
        # A connection that is taken along would be closed under the other.
        os._exit(0 if counts.hit("asks", "192.0.2.1", 1, 60) else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_streams_of_all_workers_count_until_they_end_or_their_worker_does(tmp_path: Path) -> None:
    first = Worker.first(2, tmp_path)
    second = first.of(1)
    alone, here, there = (
        StreamsHere(),
        SharedStreams(first.counts, 0),
        SharedStreams(second.counts, 1),
    )
    for streams in (alone, here):
        for network in ("a", "a", "b"):
            streams.change(network, 1)
        streams.change("a", -1)
        assert (streams.of("a"), streams.of("b"), streams.of("c"), streams.all()) == (1, 1, 0, 2)
    there.change("a", 1)
    assert (here.of("a"), here.all()) == (2, 3)
    second.begin()
    assert (here.of("a"), here.all()) == (1, 2)


def test_sites_refused_by_any_worker_are_told_by_all_as_one_process_does_alone(
    tmp_path: Path,
) -> None:
    counts = SharedCounts(tmp_path)
    alone, here, there = RefusalsHere(), SharedRefusals(counts), SharedRefusals(counts)
    origins = [f"https://{number % 60}.example" for number in range(100)]
    for number, origin in enumerate(origins):
        alone.add(origin, str(number))
        (here if number % 2 else there).add(origin, str(number))
    assert here.all() == there.all() == alone.all()
    assert len(alone.all()) == 50


def test_on_a_full_disk_each_worker_counts_for_itself_until_there_is_space(tmp_path: Path) -> None:
    now = [100.0]
    counts = SharedCounts(tmp_path, lambda: now[0])
    window = counts.window("asks", parse("2/hour"))
    streams, there = SharedStreams(counts, 0), SharedStreams(counts, 1)
    refusals = SharedRefusals(counts)
    assert window.hit("a") is None
    streams.change("a", 1)
    with full_disk():
        assert [window.hit("a") is None for _ in range(3)] == [True, True, False]
        streams.change("a", -1)
        streams.change("b", 1)
        assert (streams.of("a"), streams.of("b"), streams.all()) == (0, 1, 1)
        refusals.add("https://news.example", "now")
        assert [each.origin for each in refusals.all()] == ["https://news.example"]
        counts.forget(1)
    now[0] += 11
    assert [window.hit("a") is None for _ in range(2)] == [True, False]
    streams.change("b", 1)
    # What ended meanwhile is open for nobody.
    assert (there.of("a"), there.of("b"), there.all()) == (0, 2, 2)
    assert refusals.all() == ()


def test_the_bound_of_the_queue_is_one_for_all_workers(tmp_path: Path) -> None:
    first = Worker.first(2, tmp_path)
    here, there = (Waiting(first.waiting, number) for number in (0, 1))
    with here.one_more(), here.one_more(), there.one_more():
        assert (here.total(), there.total()) == (3, 3)
        first.begin()
        assert there.total() == 1


# A supervisor whose workers do next to nothing: they write to standard output.
TRIAL = """
import os, signal, sys
from qa.web.workers.supervisor import READY, Supervisor, answers

def tell(*words):
    # In one piece: what several processes write must not mingle.
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())

def work(number, link):
    tell("began", number, os.getpid())
    if sys.argv[1] == str(number):
        sys.exit(3)
    link.send(READY)
    while answers(link):  # until the supervisor is gone
        pass
    tell("left", number)

def ended(number, process):
    tell("ended", number, process)

code = Supervisor(2, work, ended, float(sys.argv[2])).run(lambda: tell("ready"))
tell("code", code)
"""


def trial(fails: int | None = None, every: float = EVERY) -> subprocess.Popen[str]:
    command: Sequence[str] = [sys.executable, "-c", TRIAL, str(fails), str(every)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("fails", [0, 1])
def test_where_a_worker_cannot_start_all_end_with_an_error(fails: int) -> None:
    with trial(fails) as started:
        told, _ = started.communicate(timeout=30)
    assert "ready" not in told
    assert told.endswith("code 1\n")


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_end_ends_all_workers(sent: signal.Signals) -> None:
    with trial() as started:
        lines = iter(started.stdout or ())
        began = [line.split() for line in lines_until(lines, "ready\n")]
        started.send_signal(sent)
        *ends, code = lines
        assert (len(ends), code) == (2, "code 0\n")
    assert [word[:2] for word in began] == [["began", "0"], ["began", "1"]]
    assert not any(Path(f"/proc/{word[2]}").exists() for word in began)


def test_a_worker_that_hangs_is_replaced_and_one_that_answers_is_not() -> None:
    with trial(every=0.1) as started:
        lines = iter(started.stdout or ())
        began = {line.split()[1]: line.split()[2] for line in lines_until(lines, "ready\n")}
        os.kill(int(began["1"]), signal.SIGSTOP)
        assert next(lines) == f"ended 1 {began['1']}\n"
        assert next(lines).startswith("began 1 ")
        assert Path(f"/proc/{began['0']}").exists()
        started.send_signal(signal.SIGTERM)
        assert list(lines)[-1] == "code 0\n"


def test_workers_whose_supervisor_is_killed_end_too() -> None:
    with trial() as started:
        lines = iter(started.stdout or ())
        lines_until(lines, "ready\n")
        started.kill()
        # The file ends when the last of them has.
        assert sorted(lines) == ["left 0\n", "left 1\n"]


def lines_until(lines: "object", last: str) -> list[str]:
    found: list[str] = []
    for line in lines:  # type: ignore[attr-defined]
        if line == last:
            break
        found.append(line)
    return found
