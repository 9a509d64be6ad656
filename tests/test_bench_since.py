"""Two versions of Footnote side by side: the older one's files, and the table."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bench.peers.process import FOOTNOTE
from bench.peers.protocol import processor_seconds, resident_bytes
from bench.since import CROWDS, Asked, Built, Served, checkout, markdown

NOW = replace(FOOTNOTE, name="now", title="now")


def served(times: float, built: Built | None) -> Served:
    """Takes so many milliseconds for everything."""
    asked = Asked(ms=[times] * 3, rates=[1000 / times], processor=[times / 1000])
    return Served(built, dict.fromkeys(CROWDS, asked), [times], 0)


def test_a_commit_is_checked_out_beside_the_code(tmp_path: Path) -> None:
    home = checkout("HEAD", tmp_path)
    assert home.is_relative_to(tmp_path)
    assert (home / "app.py").is_file()
    assert not (home / ".git").exists()


def test_each_figure_stands_beside_the_first_ones() -> None:
    before = served(20.0, Built(rate=10.0, processor=0.1, first=900_000_000))
    report = markdown({FOOTNOTE: before, NOW: served(5.0, None)})
    assert "| 32 clients: answers a second | 50.0 | 200.0 | 4.00 |" in report
    assert "| one client: p50, ms | 20.0 | 5.0 | 0.25 |" in report
    assert "| first build of one article, MB | 900 | – | – |" in report


# Uses the processor for as long on any machine, tells how long, and waits.
BUSY = """
from time import process_time
while process_time() < 0.3:
    pass
print(process_time(), flush=True)
input()
"""


def test_what_a_process_used_is_told_and_counts_with_the_one_that_started_it() -> None:
    command = [sys.executable, "-c", BUSY]
    before = processor_seconds(os.getpid())
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as started:
        assert started.stdout is not None
        told = float(started.stdout.readline())
        used = processor_seconds(started.pid)
        assert used == pytest.approx(told, abs=0.1)
        # Sums of floats differ by less than a tick of the clock.
        assert processor_seconds(os.getpid()) - before > used - 0.01
        assert resident_bytes(os.getpid()) > resident_bytes(started.pid)
        started.communicate(b"\n")
