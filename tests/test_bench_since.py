"""Two versions of Footnote side by side: the older one's files, and the table."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from bench.peers.process import FOOTNOTE
from bench.peers.protocol import processor_seconds, resident_bytes
from bench.since import CROWDS, Asked, Built, Served, checkout, markdown

# Starts a process that works for a moment, and tells what both used by their own account.
TELLS = "import os; print(sum(os.times()[:2]), flush=True); input()"
CHILD = f"sum(range(20_000_000)); {TELLS}"
PARENT = f"""
import os, subprocess, sys
pipe = subprocess.PIPE
child = subprocess.Popen([sys.executable, "-c", {CHILD!r}], stdin=pipe, stdout=pipe, text=True)
used = child.stdout.readline()
print(child.pid, sum(os.times()[:2]), used, flush=True)
input()
child.communicate("\\n")
"""
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


def test_what_a_process_used_and_what_it_started_count() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child, own, childs = parent.stdout.readline().split()
        assert abs(processor_seconds(int(child)) - float(childs)) < 0.2
        assert abs(processor_seconds(parent.pid) - float(own) - float(childs)) < 0.2
        assert float(childs) > 0.05
        assert resident_bytes(parent.pid) > resident_bytes(int(child))
        parent.communicate("\n")
