"""`bench/RESULTS.md`: each benchmark writes its own section and leaves the others alone."""

import os
import platform
import re
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

RESULTS = Path(__file__).parent / "RESULTS.md"
_TITLE = "# What was measured\n"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with the floor that it must reach: a row of a table.

    `data` is the data set, `figure` what was measured, `measured` the value, for people ("0.765 /
    0.938"), `at_least` the floor in the same form, or empty.
    """

    data: str
    figure: str
    measured: str
    at_least: str = ""


def write_section(name: str, markdown: str, path: Path = RESULTS) -> None:
    """Put `markdown` between `<!-- name -->` and `<!-- /name -->`, at the end if it is new."""
    body = path.read_text(encoding="utf-8") if path.exists() else _TITLE
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    section = f"{begin}\n{markdown.strip()}\n{end}"
    old = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if old.search(body):
        # A function, because backslashes in the text are not references.
        body = old.sub(lambda _: section, body)
    else:
        body = f"{body.rstrip()}\n\n{section}\n"
    path.write_text(body, encoding="utf-8")


def figures(rows: Iterable[tuple[str, str, str]]) -> str:
    """A table: what was measured, the result, and the target."""
    return table(["", "measured", "at most"], rows)


def table(head: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> str:
    """A table in Markdown; the first `left` columns hold words, the others numbers."""
    rule = ["---"] * left + ["---:"] * (len(head) - left)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))


def circumstances() -> str:
    """The date, commit and machine of the measurement, in one line."""
    return f"{date.today().isoformat()}, commit {_commit()}, {machine()}."


def busy() -> str:
    """How busy the machine was: if overloaded, times say little."""
    load = ", ".join(f"{each:.0f}" for each in os.getloadavg())
    return f"load of the machine over 1, 5 and 15 minutes {load}"


def machine() -> str:
    """Processor, cores, memory and Python, for people."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB of memory, "
        f"Python {platform.python_version()}"
    )


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or platform.machine()
    found = re.search(r"model name\s*: (.+)", text)
    return found[1].strip() if found else platform.machine()


def _commit() -> str:
    """The commit checked out, and whether the code differs from it."""
    try:
        commit = _git("rev-parse", "--short", "HEAD")
        # The file that results are written to does not count.
        changed = _git("status", "--porcelain", "--", ":/", f":!{RESULTS.name}")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{commit} with changes" if changed else commit


def _git(*arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=RESULTS.parent, capture_output=True, text=True, check=True
    ).stdout.strip()
