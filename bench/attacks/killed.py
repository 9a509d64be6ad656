"""Kills what changes an archive, at any touch of its files, while four readers ask.

After each kill nothing is damaged, and all articles but the one in hand are as before; then the
same is done to its end. Nothing that was removed may be shown again.
"""

import signal
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import cycle
from random import Random

from bench.attacks.acts import ACTS, run_until
from bench.attacks.archive import Archive, Served, counted, read_options, report, served
from tests.killed import NEVER, run_killed


def main(arguments: Sequence[str]) -> int:
    """Kill, and print what was lost."""
    options = read_options("kills", __doc__, 300, arguments)
    with served(options.folder) as here:
        kills, faults = kill(here, ACTS, options.times, options.choose)
        faults += here.readers.faults
    told = ", ".join(f"{count} × {act}" for act, count in kills.items())
    told = f"killed were {told}. Four readers meanwhile: {counted(here.readers.statuses)}."
    return report("kills", "Killed at any moment", told, faults, options)


def kill(
    here: Served, acts: Collection[str], times: int, choose: Random
) -> tuple[Counter[str], list[str]]:
    """Kill so often, one act after the other; gives how often each was, and what was wrong."""
    touches = {act: _touches(here, act) for act in acts}
    kills, faults = Counter[str](), list[str]()
    # One that has ended before its moment is not killed.
    for number, act in zip(range(2 * times), cycle(acts)):
        if kills.total() == times:
            break
        moment = choose.randrange(1, touches[act])
        is_killed, told = _kill(here, act, f"boat{number}", moment)
        kills[act] += is_killed
        faults += [f"{act}, killed at touch {moment}: {fault}" for fault in told]
    return kills, faults


def _touches(here: Served, act: str) -> int:
    """How often it touches the folder when nobody kills it."""
    name = f"measured{list(ACTS).index(act)}"
    ACTS[act].before(here.archive, name)
    [count], _ = run_killed(run_until, act, here.archive.home, name, NEVER)
    return int(count)


def _kill(here: Served, act: str, name: str, moment: int) -> tuple[bool, list[str]]:
    """Whether it was killed, not at its end already; and what was wrong then, or after all."""
    archive, adds = here.archive, ACTS[act].adds
    ACTS[act].before(archive, name)
    before = _others(archive, name)
    _, code = run_killed(run_until, act, archive.home, name, moment)
    faults = archive.faults()
    if code not in (0, -signal.SIGKILL):
        faults.append(f"it failed with {code}")
    if _others(archive, name) != before:
        faults.append("other articles are not as before")
    ACTS[act].run(archive, name)
    faults += archive.faults()
    if _others(archive, name) != before:
        faults.append("done again, other articles are not as before")
    if adds is not None and (name in archive.texts()) != adds:
        faults.append("done again, it has no effect")
    if adds is False:
        here.readers.wait_until_gone(name)
    return code == -signal.SIGKILL, faults


def _others(archive: Archive, name: str) -> dict[str, str]:
    return {each: text for each, text in archive.texts().items() if each != name}
