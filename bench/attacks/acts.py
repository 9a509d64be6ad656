"""What changes an archive, as a process of its own does it: to its end, or until it is killed."""

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event

from starlette.testclient import TestClient

import index.encoders
from bench.attacks.archive import Archive
from index.__main__ import main as index_command
from index.build.backup import transfer
from index.build.removal import remove_articles
from index.build.watching import watch
from index.build.withheld import restore
from index.store import verify
from tests.fakes import HashEncoder
from tests.killed import die_at
from tests.owner_sample import PASSWORD, Client, add, send, sign_in, site
from tests.push_sample import pushing

Run = Callable[[Archive, str], None]


def write(archive: Archive, name: str) -> None:
    """An article more, which no build has read."""
    archive.write(name)


def write_and_build(archive: Archive, name: str) -> None:
    """An article more, which is in the index."""
    archive.write(name)
    archive.build()


def _delete(archive: Archive, name: str) -> None:
    write_and_build(archive, name)
    (archive.sources / f"{name}.txt").unlink()


def write_and_remove(archive: Archive, name: str) -> None:
    """An article that was removed."""
    write_and_build(archive, name)
    remove_articles(archive.data, [name])


def _nothing(_: Archive, name: str) -> None:
    pass


def _build(archive: Archive, _: str) -> None:
    archive.build()


def _prune(archive: Archive, _: str) -> None:
    archive.build(prune=True)


def _watch(archive: Archive, _: str) -> None:
    stop = Event()

    def rebuild() -> None:
        archive.build()
        stop.set()

    def fail(error: Exception) -> None:
        raise error

    watch([archive.sources], archive.data, rebuild, fail, every=1, stop=stop)


def _remove(archive: Archive, name: str) -> None:
    if name in archive.texts():
        remove_articles(archive.data, [name])


def _restore(archive: Archive, name: str) -> None:
    restore(archive.data, [name])
    archive.build()


def _push(archive: Archive, name: str) -> None:
    with pushing(archive.data) as here:
        text = f"The {name} of Skarholm sails at ten."
        pushed = here.client.post("/api/articles", json={"id": name, "text": text})
        assert pushed.status_code == 202, pushed.text
        here.settled()


def _back_up(archive: Archive, _: str) -> None:
    transfer(archive.data, archive.backup, replace=True)
    assert list(verify(archive.backup)) == []


def _remove_on_page(archive: Archive, name: str) -> None:
    with _owner(archive) as owner:
        send(owner, "remove", id=name)


def _upload_on_page(archive: Archive, name: str) -> None:
    with _owner(archive) as owner:
        add(owner, f"{name}.txt", f"The {name} sails at one.".encode(), replace="yes")
    archive.build()


@contextmanager
def _owner(archive: Archive) -> Iterator[Client]:
    with site(archive.data, archive.sources) as here, TestClient(here.app) as owner:
        owner.follow_redirects = False
        sign_in(owner, PASSWORD)
        yield owner


@dataclass(frozen=True, slots=True)
class Act:
    """Something that is killed, and what goes before; it can be done again.

    Afterwards the article is there, or it is not. None: there is none.
    """

    run: Run
    before: Run = _nothing
    adds: bool | None = True


ACTS = {
    "build": Act(_build, write),
    "prune": Act(_prune, _delete, adds=False),
    "removal": Act(_remove, write_and_build, adds=False),
    "restore": Act(_restore, write_and_remove),
    "watch": Act(_watch, write),
    "push": Act(_push),
    "backup": Act(_back_up, adds=None),
    "removal on the page": Act(_remove_on_page, write_and_build, adds=False),
    "upload on the page": Act(_upload_on_page),
}


def run_until(act: str, home: Path, name: str, moment: int, ended: Connection) -> None:
    """In a process of its own: do it, and die at that touch; else send how many there were."""
    touches = die_at(home, moment)
    ACTS[act].run(Archive(home), name)
    ended.send(touches())


def run_command(words: Sequence[str], ended: Connection) -> None:
    """`python -m index` with the encoder that hashes words; sends its exit code and last line."""
    index.encoders.ModelEncoder = lambda *_: HashEncoder()  # type: ignore[assignment,misc]
    said = io.StringIO()
    with redirect_stderr(said), redirect_stdout(said):
        code = index_command(words)
    ended.send((code, (said.getvalue().splitlines() or [""])[-1]))
