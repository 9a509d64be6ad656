"""A small body of articles and the index of it, made by the encoder that hashes words."""

import json
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from index.build import build
from index.encoders import ModelEncoder
from tests.fakes import HashEncoder, no_progress
from tests.quality.sample import Sample, build_sample, open_sample

if TYPE_CHECKING:
    from tests.browsing import Browser, Page
    from tests.host_site import Site

LIGHTHOUSE = """title: The lighthouse of Cape Orrin
author: Ida Marsh
source: Coast Weekly
url: https://example.org/lighthouse
date: 2021-05-04

The lighthouse of Cape Orrin was lit for the first time on 3 November 1874. It stands \
forty metres above the sea. Its lamp burned whale oil until 1891.

Engineers replaced the oil with paraffin in that year. The new lamp could be seen from \
thirty kilometres away. Two keepers lived in the tower with their families.

The last keeper, Jonas Field, left in 1978. Since then a computer in the harbour office \
switches the light on at dusk.
"""
DAM = """---
title: The dam on the river Tessel
source: Inland Gazette
published: 2020-02-11
---
The dam on the river Tessel holds **ninety million** cubic metres of water. It took six \
years to build.

## The flood of 1962

A flood in March 1962 filled the reservoir in four days. The spillway held, and no house \
was lost.
"""
HARBOUR = """The harbour of Vessel Bay was closed by a strike. All times are Paris time (GMT+2).
4:25am: Pilots return to work
The pilots' union ended its strike at dawn. The first ship left at five.
9:45pm: Mayor speaks to the crews
The mayor said that a deal was near. "Nobody wants empty quays," she said.
7:50am: Ferry turned away
The ferry from the islands was turned away. Its captain waited for an hour.
2:30am: Tugs leave the quay
Three tugs left before the strike began.
10:42pm, September 28: Vote on a strike
The union counted 412 votes for a strike and 31 against it.
4:04pm: Talks break off
Neither side would say why the talks had failed.
"""
SHORTS = (
    {
        "_id": "comet",
        "title": "A comet in the evening sky",
        "text": "The comet can be seen with the naked eye until Friday. It returns in 76 years.",
        "published": "2023-01-20",
        "source": "Sky Notes",
    },
    {
        "_id": "bakery",
        "title": "The bakery in Mill Lane",
        "text": "The bakery in Mill Lane closed after 112 years. Its oven goes to the museum.",
    },
)
# Tests that ask for one of these drive a browser, or build over and over.
LONG = {"browser", "page", "power_cuts"}
# No claim that hypothesis tries is about time: a loaded machine is slow and not at fault.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")


def pytest_addoption(parser: pytest.Parser) -> None:
    """A few cuts will do each time; many are tried by hand."""
    parser.addoption("--power-cuts", type=int, default=8, help="cuts of the power a stage")
    parser.addoption("--kills", type=int, default=2, help="kills of a server or a backup")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where pytest-xdist shares the tests out, a file stays whole, and all that need the model.

    Each worker would else make again what the tests of a file share. The files that take longest
    come first, so that no worker is still at one of them when there is nothing left for others.
    """
    needed: dict[Path, set[str]] = {}
    for item in items:
        if isinstance(item, pytest.Function):
            needed.setdefault(item.path, set()).update(item.fixturenames)
    with_model = {path for path, names in needed.items() if "exported_data" in names}
    long = {path for path, names in needed.items() if names & LONG}
    for item in items:
        group = "the default model" if item.path in with_model else item.path.name
        item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: (item.path not in with_model, item.path not in long))


@pytest.fixture(scope="session", autouse=True)
def nothing_waits_for_the_disk() -> Iterator[None]:
    """What tests write need not outlast them; those that cut the power follow each sync."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "fsync", lambda descriptor: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def servers_have_one_worker() -> Iterator[None]:
    """Unless a test names a number: those that run side by side would compete for the cores."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("FOOTNOTE_WORKERS", "1")
        yield


@pytest.fixture
def power_cuts(request: pytest.FixtureRequest) -> int:
    """How many cuts of the power are tried a stage."""
    return int(request.config.getoption("--power-cuts"))


@pytest.fixture
def kills(request: pytest.FixtureRequest) -> int:
    """How many kills are tried."""
    return int(request.config.getoption("--kills"))


@pytest.fixture
def asked_for(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The hosts that anything looked up; none is reached."""
    found: list[object] = []

    def look_up(host: object, *_: object, **__: object) -> None:
        found.append(host)
        raise OSError("there is no network")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return found


@pytest.fixture
def encoder() -> HashEncoder:
    """The encoder that `data` was built with."""
    return HashEncoder()


@pytest.fixture(scope="session")
def sources_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where `sources` lie for every test, since an index knows its articles by their paths."""
    return tmp_path_factory.mktemp("small") / "home"


@pytest.fixture
def sources(sources_home: Path) -> Path:
    """Five articles in three formats, one of them a live blog; a test may change them."""
    return write_anew(sources_home)


@pytest.fixture(scope="session")
def built_data(sources_home: Path) -> Path:
    """The index of `sources`, built once, for others to copy: what serves it writes into it."""
    data = sources_home.with_name("built")
    build([write_anew(sources_home)], data, HashEncoder(), no_progress)
    return data


@pytest.fixture(scope="session")
def read_only_data(built_data: Path) -> Path:
    """A copy of it for all tests that only ask."""
    return Path(shutil.copytree(built_data, built_data.with_name("data")))


@pytest.fixture
def data(tmp_path: Path, built_data: Path, sources: Path) -> Path:
    """A copy of it; a test may change it."""
    return Path(shutil.copytree(built_data, tmp_path / "data"))


@pytest.fixture(scope="session")
def exported_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of the same articles by the default model, which was exported for it."""
    home = tmp_path_factory.mktemp("exported")
    sources = write_sources(home / "sources")
    build([sources], home / "data", ModelEncoder(home / "data"), no_progress)
    return home / "data"


@pytest.fixture(scope="session")
def sample_index(tmp_path_factory: pytest.TempPathFactory, exported_data: Path) -> Path:
    """The index of the sample archive by the default model; a test only reads it."""
    return build_sample(tmp_path_factory.mktemp("sample") / "data", exported_data)


@pytest.fixture(scope="session")
def sample(sample_index: Path) -> Iterator[Sample]:
    """The same, opened to ask."""
    with open_sample(sample_index) as opened:
        yield opened


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """A browser for the tests of a module, from whose loop other modules are free again."""
    # Here, so that without Playwright only tests that want a browser are skipped.
    from tests.browsing import launched

    with launched() as browser:
        yield browser


@pytest.fixture
def page(browser: "Browser", address: str) -> "Iterator[Page]":
    """A page of the server at `address`, which a module gives; no script of an article may run."""
    from tests.browsing import watched

    with watched(browser, address) as page:
        yield page


@pytest.fixture
def owner(page: "Page") -> "Page":
    """The page, signed in as the owner."""
    from tests.browsing import sign_in
    from tests.owner_sample import PASSWORD

    sign_in(page, PASSWORD)
    return page


@pytest.fixture(scope="module")
def site() -> "Iterator[Site]":
    """A site whose pages carry the widget, and the server that it comes from."""
    from tests.host_site import served_site

    with served_site() as site:
        yield site


def write_anew(home: Path) -> Path:
    """Write the five articles into a folder in `home`, where nothing else is left."""
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    return write_sources(home / "sources")


def write_sources(folder: Path) -> Path:
    """Write the five articles."""
    folder.mkdir()
    (folder / "lighthouse.txt").write_text(LIGHTHOUSE, encoding="utf-8")
    (folder / "dam.md").write_text(DAM, encoding="utf-8")
    (folder / "harbour.txt").write_text(HARBOUR, encoding="utf-8")
    beside = {"title": "Live: the strike at Vessel Bay", "published": "2022-09-29"}
    (folder / "harbour.txt.meta.json").write_text(json.dumps(beside), encoding="utf-8")
    lines = [json.dumps(article) for article in SHORTS]
    (folder / "shorts.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder
