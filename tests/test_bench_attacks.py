"""The attacks of `bench/attacks/`, in short: none finds anything, and what there is they find."""

import gzip
import random
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from bench.attacks.__main__ import MODES, main
from bench.attacks.archive import Readers, Served, served
from bench.attacks.killed import kill
from bench.attacks.paired import pair
from index.readers import READERS, Found, Source, findings
from tests.conftest import write_sources
from tests.needs import missing_module

try:
    from bench.attacks import broken
    from bench.attacks.broken import changed, read_broken
    from bench.attacks.formats import change_inside, good_files
except ModuleNotFoundError as error:
    missing_module(error)

Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def articles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sources(tmp_path_factory.mktemp("attacked") / "articles")


@pytest.fixture(scope="module")
def here(articles: Path) -> Iterator[Served]:
    with served(articles) as here:
        yield here


def test_a_mode_tells_how_it_is_used(capsys: Captured) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["kills", "--help"])
    assert ended.value.code == 0
    assert "usage: python -m bench.attacks kills" in capsys.readouterr().out


def test_each_mode_is_a_module() -> None:
    assert all(find_spec(f"bench.attacks.{module}") for module in MODES.values())


def test_a_mode_that_there_is_not_is_told_those_there_are(capsys: Captured) -> None:
    assert main(["floods"]) == 2
    assert "{kills,pairs,sources,requests,damaged,held}" in capsys.readouterr().out


# Those of which no other test kills many.
KILLED = ("prune", "restore", "removal on the page")


def test_whatever_is_killed_nothing_is_lost_and_nothing_removed_is_shown(here: Served) -> None:
    kills, faults = kill(here, KILLED, len(KILLED), random.Random(0))
    assert faults + here.readers.faults == []
    assert kills.total() == len(KILLED)


def test_of_two_acts_of_the_owner_at_once_each_has_its_effect_or_says_that_it_has_none(
    here: Served,
) -> None:
    done, faults = pair(here, 3, random.Random(0))
    assert faults + here.readers.faults == []
    assert done.total() == 3
    assert here.readers.statuses[200]


def test_a_reader_that_is_shown_what_was_removed_says_so(here: Served) -> None:
    reader = Readers(here.readers.address)
    reader.check(here.owner, "How much water does the dam on the Tessel hold?", ["dam"])
    assert reader.faults == ["dam: removed, and shown"]


def test_broken_files_are_read_without_an_error(articles: Path) -> None:
    assert read_broken(articles, 60, seed=0)[1] == []


def test_each_reader_has_a_good_file_that_can_be_packed_again_and_is_then_broken() -> None:
    good = good_files()
    assert {type(READERS[suffix]) for suffix in good} == set(map(type, READERS.values()))
    for suffix, content in good.items():
        data = change_inside(content, lambda part: part, 0)
        found = findings(READERS[suffix], Source(Path(f"good{suffix}"), "good", data=data))
        assert any(isinstance(each, Found) for each in found), suffix


def test_a_packed_file_that_breaks_off_is_changed_as_it_is() -> None:
    whole = gzip.compress(b"It sails at nine.")
    assert gzip.decompress(change_inside(whole, lambda part: part[:8], 0)) == b"It sails"
    assert change_inside(whole[:-9], lambda part: part[:8], 0) == whole[:8]


def test_a_file_that_no_reader_can_bear_is_told_with_its_format(
    articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing:
        def read(self, source: Source) -> None:
            raise KeyError(source.name)

    monkeypatch.setattr(broken, "READERS", {".odd": Failing()})
    monkeypatch.setattr(broken, "good_files", lambda: {".odd": b"odd"})
    _, faults = read_broken(articles, 3, seed=0)
    assert len(faults) == 3
    assert faults[0].startswith(".odd: KeyError('broken') for b'")


def test_a_change_may_begin_anywhere_in_a_file() -> None:
    assert changed(b"abc", [(3, 9, b"d"), (4 + 5, 1, b"")]) == b"abcd"
