"""The owner does two things at once, one in the shell and one on `/admin`, while four readers ask.

What says that it was done has its effect. What was refused says so in one sentence; of two that
would do the same to one article, one at least is done.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html import unescape
from itertools import product
from random import Random
from re import DOTALL, findall

from bench.attacks.acts import run_command, write, write_and_build, write_and_remove
from bench.attacks.archive import Archive, Served, counted, read_options, report, served
from index.build.owned import uploads
from index.build.withheld import read_withheld
from index.store import verify
from tests.killed import run_killed
from tests.owner_sample import add, send

# In seconds, for a build that hangs: a machine may be slow.
PATIENCE = 600.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether it was said to be done, and the last that was said."""

    is_done: bool
    said: str


@dataclass(frozen=True, slots=True)
class Deed:
    """Something done to an article by its id: what goes before, and whether it has its effect."""

    before: Callable[[Archive, str], None]
    holds: Callable[[Archive, str], bool]


def _is_removed(archive: Archive, name: str) -> bool:
    return name not in archive.texts() and _is_withheld(archive, name)


def _is_withheld(archive: Archive, name: str) -> bool:
    return name in {each.id for each in read_withheld(archive.data)}


DEEDS = {
    "remove": Deed(write_and_build, _is_removed),
    "restore": Deed(write_and_remove, lambda archive, name: not _is_withheld(archive, name)),
    "build": Deed(write, lambda archive, name: name in archive.texts()),
    "backup": Deed(write, lambda archive, _: list(verify(archive.backup)) == []),
    "upload": Deed(write, lambda archive, name: (uploads(archive.data) / _file(name)).exists()),
}
IN_THE_SHELL = ("remove", "restore", "build", "backup")
ON_THE_PAGE = ("remove", "restore", "build", "upload")
PAIRS = tuple(product(IN_THE_SHELL, ON_THE_PAGE))


def _file(name: str) -> str:
    return f"added-{name}.txt"


def in_the_shell(archive: Archive, deed: str, name: str) -> Outcome:
    """Run the command in a process of its own."""
    data = ["--data", str(archive.data)]
    words = {
        "remove": ["remove", name, *data],
        "restore": ["restore", name, *data],
        "build": ["build", str(archive.sources), *data],
        "backup": ["backup", str(archive.backup), "--replace", *data],
    }
    [(code, said)], _ = run_killed(run_command, words[deed])
    return Outcome(code == 0, said)


def on_the_page(here: Served, deed: str, name: str) -> Outcome:
    """Press the button, and read the notices of the page that follows."""
    if deed == "build":
        return _built_on_the_page(here)
    if deed == "upload":
        page = add(here.owner, _file(name), f"The {name} sails at one.".encode())
    else:
        page = send(here.owner, deed, id=name)
    return _noticed(page)


def _noticed(page: str) -> Outcome:
    notices = findall(r'<p class="notice (\w*)">(.*?)</p>', page, DOTALL)
    [(kind, said)] = notices or [("fault", "")]
    return Outcome(kind != "fault", unescape(said))


def _built_on_the_page(here: Served) -> Outcome:
    page = send(here.owner, "build")
    if 'class="notice' in page:
        return Outcome(False, _noticed(page).said)
    assert here.builds.wait(PATIENCE)
    state = here.builds.state
    return Outcome(state.status == "done", state.message)


def main(arguments: Sequence[str]) -> int:
    """Do two things at once, and print whether each had its effect."""
    options = read_options("pairs", __doc__, 100, arguments)
    with served(options.folder) as here:
        done, faults = pair(here, options.times, options.choose)
        faults += here.readers.faults
    told = (
        f"both were done in {done[2]} pairs, one in {done[1]}, none in {done[0]}. Four readers "
        f"meanwhile: {counted(here.readers.statuses)}."
    )
    return report("pairs", "Two acts of the owner at once", told, faults, options)


def pair(here: Served, times: int, choose: Random) -> tuple[Counter[int], list[str]]:
    """Do so many pairs; how often both, one or none was done, and what was wrong."""
    done, faults, took = Counter[int](), list[str](), 0.0
    for number in range(times):
        shell, page = PAIRS[number % len(PAIRS)]
        is_one = shell == page and choose.random() < 0.5
        names = [f"ferry{number}", f"ferry{number}" if is_one else f"tug{number}"]
        for name, deed in dict(zip(names, (shell, page), strict=True)).items():
            DEEDS[deed].before(here.archive, name)
        began = time.monotonic()
        # The button is pressed somewhere amid the command, as long as the last one took.
        outcomes = _do_both(here, (shell, page), names, choose.uniform(0, took))
        took = time.monotonic() - began
        done[sum(each.is_done for each in outcomes)] += 1
        told = [*_wrong(here.archive, (shell, page), names, outcomes, is_one=is_one)]
        told += here.archive.faults()
        faults += [f"{shell} in the shell, {page} on the page: {each}" for each in told]
    return done, faults


def _do_both(
    here: Served, deeds: Sequence[str], names: Sequence[str], delay: float
) -> list[Outcome]:
    shell, page = deeds
    with ThreadPoolExecutor(1) as thread:
        typed = thread.submit(in_the_shell, here.archive, shell, names[0])
        time.sleep(delay)
        pressed = on_the_page(here, page, names[1])
        return [typed.result(), pressed]


def _wrong(
    archive: Archive,
    deeds: Sequence[str],
    names: Sequence[str],
    outcomes: Sequence[Outcome],
    *,
    is_one: bool,
) -> list[str]:
    faults = []
    for deed, name, outcome in zip(deeds, names, outcomes, strict=True):
        if outcome.is_done and not DEEDS[deed].holds(archive, name):
            faults.append(f"{deed} of {name} said {outcome.said!r}, and had no effect")
        if not outcome.is_done and not outcome.said:
            faults.append(f"{deed} of {name} was refused without a word")
    if is_one and not any(each.is_done for each in outcomes):
        faults.append(f"neither was done: {[each.said for each in outcomes]}")
    return faults
