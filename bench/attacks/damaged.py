"""Damages files under a running server, one at a time: it must go on or say 503, and never die.

    python -m bench.damage my-index [--times 60] [--seed 0] [--write]

Works on a copy. A file, whichever, gets a changed byte, is cut to half, or is deleted; then
questions are asked, an article is read, and `verify` must name the file. After that the file is as
it was, and the next question is answered. Exits with 1 where something else happens.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from bench.results import circumstances, figures, write_section
from index.build.owned import OWNED, owner_faults
from index.store import verify

ROOT = Path(__file__).parent.parent
QUESTIONS = ("Who crossed the Channel first?", "What happened in 2010?", "Who signed the treaty?")
# What a server may answer whose index is damaged.
SOUND = (200, 404, 503)


def main(arguments: Sequence[str]) -> int:
    """Damage, ask, restore; print what happened."""
    parser = argparse.ArgumentParser(prog="python -m bench.damage", description=__doc__)
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
        f"## Damaged files\n\n{circumstances()} By `python -m bench.damage DATA --times {times}`: "
        f"each time one file was changed, cut or deleted under the server. Responses: {told}.\n\n"
        f"{figures(rows)}"
    )


def _damage_all(data: Path, choose: random.Random, times: int) -> tuple[Counter[int], list[str]]:
    statuses, faults = Counter[int](), list[str]()
    with _server(data) as (address, process):
        files = [path for path in sorted(data.rglob("*")) if _counts(path)]
        for _ in range(times):
            path, act = choose.choice(files), choose.choice((_change, _cut, _delete))
            what = f"{act.__name__} {path.relative_to(data)}"
            with _restored(path, data):
                act(path, choose)
                answered = _answers(address)
                told = [*verify(data), *owner_faults(data)]
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


def _counts(path: Path) -> bool:
    """The owner's files may be deleted, or change with each question; a lock is empty."""
    return path.is_file() and bool(path.stat().st_size) and OWNED not in path.parts


@contextmanager
def _server(data: Path) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    command = [sys.executable, "app.py", "--data", str(data), "--port", "0"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            line = next(line for line in process.stdout or () if "running at" in line)
            yield line.split()[-1], process
        finally:
            process.terminate()


def _answers(address: str) -> list[int]:
    with httpx.Client(base_url=address, timeout=30) as client:
        try:
            asked = [client.post("/api/ask", json={"question": text}) for text in QUESTIONS]
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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
