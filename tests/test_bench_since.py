"""Two versions of Footnote side by side: the older one's files, and the table."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from bench.peers.process import FOOTNOTE
from bench.peers.protocol import processor_seconds, resident_bytes
from bench.since import CROWDS, Asked, Built, Served, checkout, markdown

NOW = replace(FOOTNOTE, name="now", title="now")
# Uses the processor for three tenths of a second, however fast that is, says so, and waits.
BUSY = """
import os
while sum(os.times()[:2]) < 0.3:
    pass
print(sum(os.times()[:2]), flush=True)
input()
"""


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


def test_what_a_process_used_is_told_and_counts_for_what_started_it() -> None:
    before = processor_seconds(os.getpid())
    with subprocess.Popen(
        [sys.executable, "-c", BUSY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as started:
        assert started.stdout is not None
        used = float(started.stdout.readline())
        told = processor_seconds(started.pid)
        assert abs(told - used) < 0.1
        # Both are counted in hundredths, which binary numbers round.
        assert processor_seconds(os.getpid()) - before > told - 0.005
        assert resident_bytes(os.getpid()) > resident_bytes(started.pid)
        started.communicate("\n")
