"""Damages files under a running server, one at a time: it must go on or say 503, and never die.

    python -m bench.attacks damaged DATA [--times 60] [--seed 0] [--write]

Works on a copy, in which the owner has removed an article, added a file and kept a list. First
each file gets a changed byte; then so many times one of the index, whichever, gets one, is cut to
half, or is deleted. Meanwhile questions are asked, an article is read, and `verify` must name the
file. After that it is as it was, and the next question is answered. Exits with 1 where something
else happens.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from io import BytesIO
from itertools import count
from pathlib import Path

import httpx

from bench.results import circumstances, figures, write_section
from index.build.lists import FIRST_QUESTIONS
from index.build.owned import owner_faults
from index.build.removal import remove_articles
from index.errors import IndexMissingError
from index.store import MANIFEST, verify
from index.store.local import open_local
from index.store.manifest import read_manifest
from qa.journal import JOURNAL
from qa.web.admin.builds import add_file

ROOT = Path(__file__).parents[2]
QUESTIONS = ("Who crossed the Channel first?", "What happened in 2010?", "Who signed the treaty?")
NUMBERS = count(1)
# What a server may answer whose index is damaged.
SOUND = (200, 404, 503)
Damage = Callable[[Path, random.Random], None]


def main(arguments: Sequence[str]) -> int:
    """Damage, ask, restore; print what happened."""
    parser = argparse.ArgumentParser(prog="python -m bench.attacks damaged", description=__doc__)
    parser.add_argument("data", type=Path, help="folder of an index, which is copied")
    parser.add_argument("--times", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", action="store_true", help="put it into bench/RESULTS.md")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(shutil.copytree(options.data, Path(folder) / "data"))
        statuses, faults = _damage_all(data, random.Random(options.seed), options.times)
    report = _report(statuses, faults, options.times)
    print(report)
    for fault in faults[:10]:
        print(fault, file=sys.stderr)
    if options.write:
        write_section("damage", report)
    return 1 if faults else 0


def _report(statuses: Counter[int], faults: Sequence[str], times: int) -> str:
    told = ", ".join(f"{count} × {status}" for status, count in sorted(statuses.items()))
    rows = [("server died, other status, not named, or not well again", str(len(faults)), "0")]
    return (
        f"## Damaged files\n\n{circumstances()} By `python -m bench.attacks damaged DATA "
        f"--times {times}`: a byte of each file was changed under the server; then so many times "
        f"one of the index was changed, cut or deleted. "
        f"Responses: {told}.\n\n"
        f"{figures(rows)}"
    )


def _damage_all(data: Path, choose: random.Random, times: int) -> tuple[Counter[int], list[str]]:
    statuses, faults = Counter[int](), list[str]()
    _own(data)
    with _server(data) as (address, process):
        for path, act in _damages(data, choose, times):
            what = f"{act.__name__} {path.relative_to(data)}"
            with _restored(path, data):
                act(path, choose)
                answered = _answers(address)
                told = _told(data)
            statuses.update(answered)
            if process.poll() is not None:
                return statuses, [*faults, f"{what}: the server died"]
            if not set(answered) <= set(SOUND):
                faults.append(f"{what}: {answered}")
            if not any(str(path) in fault for fault in told):
                faults.append(f"{what}: verify does not name it")
            if 200 not in _answers(address):
                faults.append(f"{what}: not well again")
    return statuses, faults


def _told(data: Path) -> list[str]:
    """What `verify` says."""
    try:
        return [*verify(data), *owner_faults(data)]
    except IndexMissingError as error:
        return [f"{data / MANIFEST}: {error}"]


def _own(data: Path) -> None:
    with closing(open_local(data)) as store:
        first = next(iter(store.listed())).id
    remove_articles(data, [first])
    add_file(data, "heron.txt", BytesIO(b"The heron nests in April."))
    FIRST_QUESTIONS.write(data, ["When does the heron nest?"])


def _damages(data: Path, choose: random.Random, times: int) -> Iterator[tuple[Path, Damage]]:
    files = [path for path in sorted(data.rglob("*")) if _counts(path)]
    yield from ((path, _change) for path in files)
    # What the owner keeps may be deleted, and so may the lists that a build adopts.
    published = [data / MANIFEST, *(data / file.path for file in read_manifest(data).files)]
    for _ in range(times):
        yield choose.choice(published), choose.choice((_change, _cut, _delete))


def _counts(path: Path) -> bool:
    """The journal changes with each question; a lock is empty."""
    return path.is_file() and bool(path.stat().st_size) and not path.name.startswith(JOURNAL)


@contextmanager
def _server(data: Path) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    command = [sys.executable, "app.py", "--data", str(data), "--port", "0"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        # What it reads of the index is the same without.
        env=os.environ | {"FOOTNOTE_READER": "none"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            line = next(line for line in process.stdout or () if "running at" in line)
            yield line.split()[-1], process
        finally:
            process.terminate()


def _answers(address: str) -> list[int]:
    with httpx.Client(base_url=address, timeout=30) as client:
        try:
            # Each different, so that none is kept.
            texts = [f"{text} {next(NUMBERS)}" for text in QUESTIONS]
            asked = [client.post("/api/ask", json={"question": text}) for text in texts]
            found = next((each for each in asked if each.status_code == 200), None)
            shown = [*found.json()["citations"], *found.json()["nearest"]] if found else []
            read = [client.get(each["link"]) for each in shown[:1]]
        except httpx.HTTPError:
            return [0]
    return [each.status_code for each in (*asked, *read)]


@contextmanager
def _restored(path: Path, data: Path) -> Iterator[None]:
    """The file is as it was in the end, and the same one, which the server may have mapped."""
    # Beside the data, where `verify` does not find it.
    stored, kept = path.read_bytes(), data.with_name("kept")
    os.link(path, kept)
    try:
        yield
    finally:
        with kept.open("r+b") as file:
            file.write(stored)
        kept.replace(path)
        kept.unlink(missing_ok=True)


def _change(path: Path, choose: random.Random) -> None:
    place = choose.randrange(path.stat().st_size)
    with path.open("r+b") as file:
        file.seek(place)
        [byte] = file.read(1)
        file.seek(place)
        file.write(bytes([byte ^ (1 << choose.randrange(8))]))


def _cut(path: Path, _: random.Random) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _delete(path: Path, _: random.Random) -> None:
    path.unlink()
