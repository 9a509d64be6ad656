"""An archive to attack: a copy of some articles, its index, and the server that readers ask."""

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import httpx

from bench.results import circumstances, figures, write_section
from index.build import build
from index.build.owned import owner_faults, uploads
from index.store import verify
from index.store.local import open_local
from qa.web.admin.builds import Builds
from tests.fakes import HashEncoder, no_progress
from tests.owner_sample import PASSWORD, Compose, sign_in, site, without_chat
from tests.serving import serving

CLIENTS = 4
# In seconds: how soon a server must no longer have what was removed.
SOON = 20.0


@dataclass(frozen=True, slots=True)
class Archive:
    """All of it below one folder."""

    home: Path

    @property
    def sources(self) -> Path:
        """The articles."""
        return self.home / "sources"

    @property
    def data(self) -> Path:
        """Their index, and what the owner keeps."""
        return self.home / "data"

    @property
    def backup(self) -> Path:
        """The copy of that."""
        return self.home / "backup"

    def write(self, name: str) -> None:
        """One article more among the sources."""
        text = f"The {name} of Skarholm sails at noon."
        (self.sources / f"{name}.txt").write_text(text, encoding="utf-8")

    def build(self, *, prune: bool = False) -> None:
        """Bring the index up to date."""
        added = [uploads(self.data)] if uploads(self.data).exists() else []
        build([self.sources, *added], self.data, HashEncoder(), no_progress, prune=prune)

    def texts(self) -> dict[str, str]:
        """The published texts by id."""
        store = open_local(self.data)
        found = {each.id: store.article(each.id) for each in store.listed()}
        store.close()
        return {article_id: article.text for article_id, article in found.items() if article}

    def faults(self) -> list[str]:
        """What is damaged."""
        return [*verify(self.data), *owner_faults(self.data)]


@dataclass
class Readers:
    """Clients that ask all the time; none may be told of an article that is `gone`."""

    address: str
    gone: set[str] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    _stop: Event = field(default_factory=Event)

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Ask until the block ends."""
        threads = [Thread(target=self._ask_on, args=(number,)) for number in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def wait_until_gone(self, article_id: str) -> None:
        """An article was removed: the server has heard of it soon, and forgets it for good."""
        until = time.monotonic() + SOON
        with httpx.Client(base_url=self.address, timeout=SOON) as client:
            while client.get(f"/api/articles/{article_id}").status_code == 200:
                if time.monotonic() > until:
                    self.faults.append(f"{article_id}: removed, and still served")
                    return
                self._stop.wait(0.05)
        self.gone.add(article_id)

    def _ask_on(self, number: int) -> None:
        choose = random.Random(number)
        with httpx.Client(base_url=self.address, timeout=60) as client:
            while not self._stop.wait(0.5):
                gone = sorted(self.gone)
                about = choose.choice(gone) if gone else "ferry"
                try:
                    self.check(client, f"When does the {about} of Skarholm sail?", gone)
                except httpx.HTTPError as error:
                    self.faults.append(f"no answer: {error!r}")

    def check(self, client: httpx.Client, question: str, gone: Sequence[str]) -> None:
        """Ask once; what is `gone` since before must not be shown."""
        answer = client.post("/api/ask", json={"question": question})
        self.statuses[answer.status_code] += 1
        if answer.status_code not in (200, 503):
            self.faults.append(f"answered with {answer.status_code}")
        if answer.status_code == 200:
            told = answer.json()
            shown = {each["article"]["id"] for each in (*told["citations"], *told["nearest"])}
            self.faults += [f"{each}: removed, and shown" for each in shown.intersection(gone)]


@dataclass(frozen=True, slots=True)
class Served:
    """An archive and its readers; `owner` is signed in on its `/admin`, which starts `builds`."""

    archive: Archive
    readers: Readers
    owner: httpx.Client
    builds: Builds


@contextmanager
def served(articles: Path, compose: Compose = without_chat) -> Iterator[Served]:
    """A copy of these articles, indexed and served, with readers that ask all the time."""
    with tempfile.TemporaryDirectory() as folder:
        archive = Archive(Path(folder))
        shutil.copytree(articles, archive.sources)
        archive.build()
        with site(archive.data, archive.sources, compose) as here, serving(here.app) as address:
            readers = Readers(address)
            with httpx.Client(base_url=address, timeout=60) as owner, readers.asking():
                sign_in(owner, PASSWORD)
                yield Served(archive, readers, owner, here.builds)


@dataclass(frozen=True, slots=True)
class Options:
    """What a mode was asked to do."""

    folder: Path
    times: int
    choose: random.Random
    writes: bool


def read_options(mode: str, about: str | None, times: int, arguments: Sequence[str]) -> Options:
    """The command line of a mode that takes a folder of articles."""
    parser = argparse.ArgumentParser(prog=f"python -m bench.attacks {mode}", description=about)
    parser.add_argument("folder", type=Path, help="of articles, which are copied")
    parser.add_argument("--times", type=int, default=times)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", action="store_true", help="put it into bench/RESULTS.md")
    given = parser.parse_args(arguments)
    return Options(given.folder, given.times, random.Random(given.seed), given.write)


def report(mode: str, title: str, told: str, faults: Sequence[str], options: Options) -> int:
    """Print what happened, with the first faults, and return the exit code."""
    section = (
        f"## {title}\n\n{circumstances()} By `python -m bench.attacks {mode} FOLDER --times "
        f"{options.times}`: {told}\n\n{figures([('faults', str(len(faults)), '0')])}"
    )
    print(section)
    for fault in faults[:10]:
        print(fault, file=sys.stderr)
    if options.writes:
        write_section(f"attacks {mode}", section)
    return 1 if faults else 0


def counted(statuses: Counter[int]) -> str:
    """How often each status was seen, for people."""
    return ", ".join(f"{count} × {status}" for status, count in sorted(statuses.items()))
