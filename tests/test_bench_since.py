"""Two versions of Footnote side by side: the older one's files, and the table."""

import os
from dataclasses import replace
from pathlib import Path

from bench.peers.process import FOOTNOTE
from bench.peers.protocol import processor_seconds
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


def test_the_processor_time_of_a_process_is_what_it_used() -> None:
    used = os.times()
    assert abs(processor_seconds(os.getpid()) - (used.user + used.system)) < 0.5
