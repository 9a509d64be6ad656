"""Reads files that are broken anywhere: none may end a build, or take it five seconds.

Half are files of the archive, read as any format; half are of each format, and broken inside.
"""

import resource
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from bench.attacks.archive import read_options, report
from bench.attacks.formats import change_inside, good_files
from index.readers import READERS, Source, findings

# In seconds of the processor, for the thread that reads alone: others may serve meanwhile.
LONGEST = 5.0
# Of a file, so that so many can be tried.
_MOST_BYTES = 6_000

# Where something is done to a file, for how many bytes, and what comes in their place.
Change = tuple[int, int, bytes]
_CHANGES = st.lists(
    st.tuples(st.integers(0, _MOST_BYTES), st.integers(0, 40), st.binary(max_size=40)), max_size=8
)


def changed(content: bytes, changes: Sequence[Change]) -> bytes:
    """The file after these.

    >>> changed(b"the heron", [(4, 2, b"ba")])
    b'the baron'
    """
    for place, length, new in changes:
        at = place % (len(content) + 1)
        content = content[:at] + new + content[at + length :]
    return content


def main(arguments: Sequence[str]) -> int:
    """Read broken files, and print how long the slowest took."""
    options = read_options("sources", __doc__, 10_000, arguments)
    slowest, faults = read_broken(options.folder, options.times, options.choose.getrandbits(32))
    told = (
        f"files, each with up to eight places changed: half of them of the archive and read as any "
        f"of {len(READERS)} formats, half of each format and changed inside what is packed. The "
        f"slowest took {slowest:.2f} s, and all of them {_peak():.0f} MB of memory."
    )
    return report("sources", "Broken files", told, faults, options)


def _peak() -> float:
    """Megabytes that the process had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def read_broken(folder: Path, times: int, seed: int) -> tuple[float, list[str]]:
    """The seconds of the slowest of so many, and what was wrong."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    contents = [path.read_bytes()[:_MOST_BYTES] for path in files]
    good = sorted(good_files().items())
    slowest, faults = [0.0], list[str]()

    @seeded(seed)
    @settings(
        max_examples=times,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        st.tuples(st.sampled_from(sorted(READERS)), st.sampled_from(contents))
        | st.sampled_from(good),
        _CHANGES,
        st.integers(0, 20),
    )
    def read(file: tuple[str, bytes], changes: list[Change], part: int) -> None:
        suffix, content = file
        data = change_inside(content, partial(changed, changes=changes), part)
        began = time.thread_time()
        try:
            list(findings(READERS[suffix], Source(Path(f"broken{suffix}"), "broken", data=data)))
        except Exception as error:  # whatever it is, a build would end with it
            faults.append(f"{suffix}: {error!r} for {data[:200]!r}")
        taken = time.thread_time() - began
        slowest[0] = max(slowest[0], taken)
        if taken > LONGEST:
            faults.append(f"{suffix}: {taken:.1f} s for {data[:200]!r}")

    read()
    return slowest[0], faults
