"""A build, for a process of its own, that kills itself at a chosen touch of the data folder.

`python -m tests.killed_build SOURCES DATA MOMENT` dies by SIGKILL at that file opened, made,
renamed or removed; past the last it builds to the end and prints how many there were.
"""

import os
import signal
import sys
from pathlib import Path

from index.build import build
from tests.fakes import HashEncoder, no_progress


def main(sources: Path, data: Path, moment: int) -> None:
    """Build, or die on the way."""
    touches = 0

    def count(event: str, details: tuple[object, ...]) -> None:
        nonlocal touches
        if any(str(data) in str(detail) for detail in details):
            touches += 1
            if touches == moment:
                os.kill(os.getpid(), signal.SIGKILL)

    # Python tells its audit hooks of each file before it touches it.
    sys.addaudithook(count)
    build([sources], data, HashEncoder(), no_progress)
    print(touches)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
