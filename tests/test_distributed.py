"""What a pool reads, splits and encodes is what one process does, in the order of the sources."""

import json
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from multiprocessing.pool import ThreadPool
from pathlib import Path
from threading import Thread, current_thread
from types import SimpleNamespace

import numpy as np
import pytest

from index.article import Article
from index.build import BuildReport, build, parts, pipeline
from index.build.parts import PartsReader
from index.embed import Encoder, PassageText, PassageVectors
from index.encoders.distributed import DistributedEncoder, Pool, RaisingPool, begin, ray_pool
from index.encoders.files import ENCODER
from index.errors import BuildError, SettingError, SourceMissingError
from index.readers import Source
from index.store import Listed, open_store, open_writer
from tests.fakes import CountingEncoder, HashEncoder, no_progress

TEXTS = [f"Ship {number} left. It was {number} years old." for number in range(70)]
PASSAGES = [PassageText("Ships\n", text, ((0, text.index(".") + 1),)) for text in TEXTS]


def pool_of(encoder: Encoder) -> Pool:
    """Two threads that stand for the processes of Ray, which take seconds to start."""
    pool: Pool = ThreadPool(2, begin, (lambda: encoder, str(Path.cwd())))
    return pool


def test_what_a_pool_encodes_is_what_one_process_does_in_its_order() -> None:
    here, there = CountingEncoder(HashEncoder()), CountingEncoder(HashEncoder())
    with closing(DistributedEncoder(here, partial(pool_of, there))) as encoder:
        found = [*encoder.encode_passages(PASSAGES[:1]), *encoder.encode_passages(PASSAGES[1:])]
    for made, alone in zip(found, HashEncoder().encode_passages(PASSAGES), strict=True):
        assert np.array_equal(made.passage, alone.passage)
        assert np.array_equal(made.sentences, alone.sentences)
    # The first may export the model that the others run.
    assert here.embedded == PASSAGES[:1]
    assert sorted(each.text for each in there.embedded) == sorted(TEXTS[1:])


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of a file or two, and the pool from the second on; no file of 10 kB is small."""
    monkeypatch.setattr(parts, "_FIRST", 1)
    monkeypatch.setattr(parts, "_PART_BYTES", 100)
    monkeypatch.setattr(parts, "_MOST_BYTES", 10_000)


def write_ships(folder: Path) -> Path:
    """Files of articles and of many, one that cannot be read, and two of the same words."""
    folder.mkdir()
    for number, text in enumerate(TEXTS[:24]):
        (folder / f"ship{number:02}.txt").write_text(text, "utf-8")
    (folder / "copy.txt").write_text(TEXTS[0], "utf-8")
    (folder / "broken.txt").write_bytes(b"\xff\xfe\xff")
    lines = [json.dumps({"_id": f"log{n}", "text": f"Log {n}: {TEXTS[n]}"}) for n in range(70)]
    (folder / "voyages.jsonl").write_text("\n".join(lines + 90 * [lines[0]]), "utf-8")
    return folder


def build_in_parts(sources: Path, data: Path, here: Encoder, there: Encoder) -> BuildReport:
    """Build as `--ray 2` does."""
    with closing(DistributedEncoder(here, partial(pool_of, there))) as encoder:
        reads = PartsReader(encoder)
        return build([sources], data, encoder, no_progress, reads=reads)


def files_of(data: Path) -> dict[str, bytes]:
    """The columns and the words of an index, by their names."""
    return {path.name: path.read_bytes() for path in data.glob("segment-*/*.bin")}


def listed(data: Path) -> list[Listed]:
    """All but when each was put there: two builds can stand on both sides of a second."""
    with closing(open_store(data)) as store:
        return [replace(each, indexed=None) for each in store.listed()]


def test_an_index_that_a_pool_read_and_encoded_is_that_of_one_process(
    small: None, tmp_path: Path
) -> None:
    sources = write_ships(tmp_path / "ships")
    alone = build([sources], tmp_path / "alone", HashEncoder(), no_progress)
    here, there = CountingEncoder(HashEncoder()), CountingEncoder(HashEncoder())
    shared = build_in_parts(sources, tmp_path / "shared", here, there)
    assert replace(shared, info=alone.info) == alone
    assert shared.info.counts == alone.info.counts
    assert files_of(tmp_path / "shared") == files_of(tmp_path / "alone")
    assert listed(tmp_path / "shared") == listed(tmp_path / "alone")
    # The two of the same words are one text for the encoder, which one of them may ask for again.
    assert len(there.embedded) > 80 > len(here.embedded)
    again = build_in_parts(sources, tmp_path / "shared", here, there)
    assert (again.added, again.changed, again.embedded) == (0, 0, 0)


def texts_with_vectors(data: Path) -> set[str]:
    """What a stopped build has kept, of articles that are one passage."""
    with open_writer(data, HashEncoder()) as writer:
        draft = writer.draft
        waiting = {each.article.id for each in iter(draft.pending().__next__, None) if each}
        done = {each.id for each in draft.known()} - waiting
    ids = {f"ship{number:02}": text for number, text in enumerate(TEXTS)}
    return {ids[each] for each in done & ids.keys()}


class _KilledError(Exception):
    pass


class _Killed(CountingEncoder):
    """Its process is gone after so many batches."""

    def __init__(self, batches: int) -> None:
        super().__init__(HashEncoder())
        self._left = batches

    def encode_passages(self, passages: Sequence[PassageText]) -> list[PassageVectors]:
        self._left -= 1
        if self._left < 0:
            raise _KilledError
        return super().encode_passages(passages)


def test_a_build_whose_pool_was_killed_goes_on_and_encodes_nothing_twice(
    small: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "_CHUNK", 2)
    sources, data = write_ships(tmp_path / "ships"), tmp_path / "data"
    # Who asks for its words may be asked again for those of the other.
    (sources / "copy.txt").unlink()
    killed = _Killed(6)
    with pytest.raises(_KilledError):
        build_in_parts(sources, data, CountingEncoder(HashEncoder()), killed)
    kept = texts_with_vectors(data)
    here, there = CountingEncoder(HashEncoder()), CountingEncoder(HashEncoder())
    report = build_in_parts(sources, data, here, there)
    assert report.added == 24 + 70
    assert kept
    assert kept.isdisjoint(each.text for each in (*here.embedded, *there.embedded))
    build([sources], tmp_path / "alone", HashEncoder(), no_progress)
    assert files_of(data) == files_of(tmp_path / "alone")


def test_texts_that_are_held_are_known_by_eight_bytes_of_their_digests() -> None:
    digests = [Article(text, text).digest for text in TEXTS]
    held = parts.HeldTexts.of(digests[:40])
    assert [each in held for each in digests] == 40 * [True] + 30 * [False]
    assert digests[0] not in parts.HeldTexts.of([])
    assert held.marks.nbytes == 40 * 8


def test_what_a_task_brings_along_is_put_once_where_all_processes_read_it() -> None:
    put: list[object] = []

    def share(task: Callable[[int], str]) -> Callable[[int], str]:
        put.append(task)
        return lambda part: f"{task(part)} by reference"

    pool = RaisingPool(ThreadPool(2), _FailedError, _LostError, share=share)
    assert list(pool.imap(str, range(3))) == [f"{part} by reference" for part in range(3)]
    assert put == [str]
    pool.terminate()


def test_sources_that_another_machine_has_not_are_told(tmp_path: Path) -> None:
    part = parts.Part((Source(tmp_path / "nowhere" / "a.txt", "a.txt"),))
    with pytest.raises(SourceMissingError, match=r"nowhere' is not on every machine .* same place"):
        parts.embed_part(frozenset(), part)


def test_what_the_first_passages_are_all_of_starts_no_pool() -> None:
    def start() -> Pool:
        pytest.fail("it was started")

    with closing(DistributedEncoder(HashEncoder(), start)) as encoder:
        assert encoder.encode_passages([]) == []
        assert len(encoder.encode_passages(PASSAGES[:3])) == 3


def test_a_pool_is_started_by_a_thread_that_lives_as_long() -> None:
    begun: list[Thread] = []

    def start() -> Pool:
        begun.append(current_thread())
        return pool_of(HashEncoder())

    with closing(DistributedEncoder(HashEncoder(), start)) as encoder:
        reader = Thread(target=encoder.map, args=(str, [1]))
        reader.start()
        reader.join()
        assert [each.is_alive() for each in begun] == [True]
    assert [each.is_alive() for each in begun] == [False]


class _FailedError(Exception):
    """As Ray's pool hands over what a task raised."""

    def __init__(self) -> None:
        self.underlying = SourceMissingError("'news' is not here")


class _LostError(Exception):
    pass


@pytest.mark.parametrize(
    ("given", "raised", "told"),
    [
        (_FailedError(), SourceMissingError, "'news' is not here"),
        (_LostError("the actor died\nof hunger"), BuildError, r"lost \(the actor died of hunger\)"),
    ],
)
def test_what_a_process_failed_with_is_raised_and_no_result(
    given: Exception, raised: type[Exception], told: str
) -> None:
    pool = RaisingPool(ThreadPool(1), _FailedError, _LostError)
    done = pool.imap(lambda each: each, ["one", given])
    assert next(done) == "one"
    with pytest.raises(raised, match=told):
        next(done)
    pool.terminate()


def test_a_ray_that_does_not_start_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def pool(processes: int, **named: object) -> Pool:
        raise Exception("The current node\ntimed out")

    names = ("ray", "ray.exceptions", "ray.util.multiprocessing", "ray.util.multiprocessing.pool")
    for name in names:
        told = {"RayError": _LostError, "PoolTaskError": _FailedError, "Pool": pool}
        monkeypatch.setitem(sys.modules, name, SimpleNamespace(**told))
    (tmp_path / ENCODER).mkdir()
    with pytest.raises(
        BuildError, match=r"2 processes \(The current node timed out\).* slow, start"
    ):
        ray_pool(2, tmp_path, "any")


def test_without_ray_the_remedy_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray.exceptions", None)
    with pytest.raises(SettingError, match=r"pip install -r requirements-ray.txt"):
        ray_pool(2, tmp_path, "any")
