"""Kill builds over an existing index at random moments, and look at what is left each time.

    python -m bench.kills ARTICLES [--times 20] [--seed 1]

The build that is killed reads one article more, or one less, than the index holds. After each
kill `verify` must find no fault, and the index must hold the articles of before or of after.
"""

import argparse
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from index.store import open_store, verify

EXTRA = "title: A lighthouse at the end of the mole\n\nIts lamp was lit with whale oil in 1823.\n"


def main(arguments: Sequence[str]) -> int:
    """Print what was left after each kill; exit 1 if it was ever neither old nor new."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("articles", type=Path)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    moments = random.Random(options.seed)
    with TemporaryDirectory() as folder:
        sources, data = Path(folder, "sources"), Path(folder, "data")
        shutil.copytree(options.articles, sources)
        _build(sources, data).wait()
        lasting = _duration(sources, data)
        whole = sum(
            _outcome(sources, data, moments.uniform(0, lasting)) for _ in range(options.times)
        )
    print(f"{whole} of {options.times} left the index whole")
    return 0 if whole == options.times else 1


def _outcome(sources: Path, data: Path, delay: float) -> bool:
    before = _articles(data)
    _change(sources)
    build = _build(sources, data)
    try:
        build.wait(timeout=delay)
    except subprocess.TimeoutExpired:
        build.kill()
        build.wait()
    after = _articles(data)
    faults = list(verify(data))
    left = "old" if after == before else "new"
    print(f"killed after {delay:5.2f} s: {left} index of {after} articles, {len(faults)} faults")
    return not faults and after in (before, before + 1, before - 1)


def _change(sources: Path) -> None:
    extra = sources / "extra.txt"
    if extra.exists():
        extra.unlink()
    else:
        extra.write_text(EXTRA, encoding="utf-8")


def _duration(sources: Path, data: Path) -> float:
    _change(sources)
    started = time.perf_counter()
    _build(sources, data).wait()
    return time.perf_counter() - started


def _build(sources: Path, data: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "index", "build", str(sources), "--data", str(data), "--prune"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _articles(data: Path) -> int:
    snapshot = open_store(data)
    snapshot.close()
    return snapshot.info.counts.articles


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
