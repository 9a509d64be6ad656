"""`index watch`: what changes in a folder is in the index soon, and nothing else is touched."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
import watchfiles

from index.__main__ import main
from index.build import build
from index.build.watching import seen, watch
from index.errors import BuildError, BuildRunsError
from index.status import read_report
from index.store.local import open_local
from tests.fakes import HashEncoder, no_progress

SOON = 60.0
LONG = 3_600.0


@contextmanager
def watching(
    sources: list[Path], data: Path, rebuild: Callable[[], None], every: float = LONG
) -> Iterator[SimpleQueue[Exception | None]]:
    """Gives None for each build, or what kept it from running."""
    told: SimpleQueue[Exception | None] = SimpleQueue()

    def rebuilt() -> None:
        rebuild()
        told.put(None)

    stop = threading.Event()
    thread = threading.Thread(
        target=watch, args=(sources, data, rebuilt, told.put), kwargs={"every": every, "stop": stop}
    )
    thread.start()
    try:
        yield told
    finally:
        stop.set()
        thread.join(SOON)


def ids(data: Path) -> set[str]:
    store = open_local(data)
    found = {each.id for each in store.listed()}
    store.close()
    return found


def test_a_new_file_is_in_the_index_soon_and_an_emptied_folder_takes_nothing_out_of_it(
    data: Path, sources: Path
) -> None:
    def rebuild() -> None:
        build([sources], data, HashEncoder(), no_progress, prune=True)

    with watching([sources], data, rebuild) as told:
        assert told.get(timeout=SOON) is None
        (sources / "new.txt").write_text("This article is new.")
        assert told.get(timeout=SOON) is None
        assert "new" in (before := ids(data))
        for path in sources.iterdir():
            path.unlink()
        error = told.get(timeout=SOON)
    assert isinstance(error, BuildError)
    assert ids(data) == before


def test_what_changes_before_the_system_watches_is_seen_too(
    data: Path, sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched, between = watchfiles.watch, sources / "between.txt"

    def late(*folders: Path, **options: Any) -> Iterator[Any]:
        if not between.exists():
            between.write_text("This article came between a look and the watching.")
        return watched(*folders, **options)

    monkeypatch.setattr(watchfiles, "watch", late)
    with watching([sources], data, lambda: None) as told:
        assert told.get(timeout=SOON) is None
        assert told.get(timeout=SOON) is None


@pytest.mark.parametrize("fault", [OSError("too many"), RuntimeError("not here")])
def test_where_the_system_does_not_watch_files_are_looked_at_now_and_then(
    data: Path, sources: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr(watchfiles, "watch", refuse)
    with watching([sources], data, lambda: None, every=0.05) as told:
        assert told.get(timeout=SOON) is None
        (sources / "new.txt").write_text("This article is new.")
        assert told.get(timeout=SOON) is None


def test_a_single_file_is_looked_at_too(data: Path, sources: Path) -> None:
    with watching([sources / "dam.md"], data, lambda: None, every=0.05) as told:
        assert told.get(timeout=SOON) is None
        (sources / "dam.md").write_text("The dam on the river Tessel broke on Monday.")
        assert told.get(timeout=SOON) is None


def test_what_changes_while_a_build_runs_is_built_after_it(data: Path, sources: Path) -> None:
    late = sources / "late.txt"

    def rebuild() -> None:
        if not late.exists():
            late.write_text("This came late.")

    with watching([sources], data, rebuild) as told:
        assert [told.get(timeout=SOON) for _ in range(2)] == [None, None]


def test_a_build_that_another_one_keeps_from_running_is_tried_again(
    data: Path, sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.build.watching._AGAIN", 0.01)
    tried = iter([BuildRunsError("another build is writing")])

    def rebuild() -> None:
        for error in tried:
            raise error

    with watching([sources], data, rebuild) as told:
        assert told.get(timeout=SOON) is None


def test_what_a_build_writes_and_what_is_hidden_is_no_change(tmp_path: Path) -> None:
    (tmp_path / "data" / "owner").mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    before = seen([tmp_path], tmp_path / "data")
    (tmp_path / "data" / "manifest.json").write_text("{}")
    (tmp_path / ".git" / "index").write_text("x")
    (tmp_path / ".draft.txt.swp").write_text("x")
    assert seen([tmp_path], tmp_path / "data") == before == {}
    (tmp_path / "story.txt").write_text("The ferry sails.")
    assert list(seen([tmp_path], tmp_path / "data")) == [tmp_path / "story.txt"]


def test_the_shell_tells_of_each_build_and_the_status_when_it_read(
    tmp_path: Path,
    sources: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def twice(
        sources: list[Path], data: Path, rebuild: Callable[[], None], *_: object, every: float
    ) -> None:
        rebuild()
        (sources[0] / "new.txt").write_text("This article is new.")
        rebuild()

    monkeypatch.setattr("index.encoders.ModelEncoder", lambda data, name: HashEncoder())
    monkeypatch.setattr("index.build.watching.watch", twice)
    (sources / "empty.txt").touch()
    data = tmp_path / "data"
    assert main(["watch", str(sources), "--every", "5", "--data", str(data)]) == 0
    skipped, first, _, second, _ = capsys.readouterr().out.splitlines()
    assert skipped.startswith(f"skipped: {sources / 'empty.txt'}")
    assert first.startswith("read 5 articles (5 new")
    assert second.startswith("read 6 articles (1 new")
    assert main(["status", "--data", str(data)]) == 0
    last = read_report(data)
    assert last is not None
    assert f"read_at    {last.read_at}" in capsys.readouterr().out


@pytest.mark.parametrize("every", ["0", "-1", "soon"])
def test_a_time_that_is_none_is_quoted(every: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["watch", "articles", f"--every={every}"])
    assert f"{every!r} is no number of seconds: give 1 or more" in capsys.readouterr().err
