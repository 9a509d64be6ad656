"""A build, for a process of its own, that kills itself at a chosen touch of the data folder.

`python -m tests.killed_build SOURCES DATA MOMENT` dies by SIGKILL at that file opened, made,
renamed or removed; past the last it builds to the end and prints how many there were. MOMENT is
the touch's number, or a part of its path to die at the first touch of that; `batch:N` dies
when the encoder is given batch N, of up to two passages, and prints how many it had encoded.
"""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import index.build.pipeline
from index.build import build
from index.embed import PassageText, PassageVectors
from tests.fakes import HashEncoder, no_progress


class KilledEncoder(HashEncoder):
    """Encodes some batches; at the next its process dies."""

    def __init__(self, batches: int) -> None:
        super().__init__()
        self._left = batches
        self._encoded = 0

    def encode_passages(self, passages: Sequence[PassageText]) -> list[PassageVectors]:
        """The vectors, or nothing ever again."""
        self._left -= 1
        if self._left == 0:
            print(self._encoded, flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
        self._encoded += len(passages)
        return super().encode_passages(passages)


def main(sources: Path, data: Path, moment: str) -> None:
    """Build, or die on the way."""
    touches = 0

    def count(event: str, details: tuple[object, ...]) -> None:
        nonlocal touches
        paths = [str(detail) for detail in details if str(data) in str(detail)]
        if paths:
            touches += 1
            if moment == str(touches) or (not moment.isdigit() and moment in " ".join(paths)):
                os.kill(os.getpid(), signal.SIGKILL)

    # Python tells its audit hooks of each file before it touches it.
    sys.addaudithook(count)
    encoder = HashEncoder()
    if moment.startswith("batch:"):
        index.build.pipeline._CHUNK = 2
        encoder = KilledEncoder(int(moment.removeprefix("batch:")))
    build([sources], data, encoder, no_progress)
    print(touches)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
