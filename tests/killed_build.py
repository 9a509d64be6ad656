"""A build, for a process of its own, that kills itself at a chosen touch of the data folder."""

import os
import signal
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

import index.build.pipeline
from index.build import build
from index.embed import PassageText, PassageVectors
from tests.fakes import HashEncoder, no_progress
from tests.killed import die_at


class KilledEncoder(HashEncoder):
    """Encodes some batches; at the next its process dies."""

    def __init__(self, batches: int, count: Connection) -> None:
        super().__init__()
        self._left = batches
        self._count = count
        self._encoded = 0

    def encode_passages(self, passages: Sequence[PassageText]) -> list[PassageVectors]:
        """The vectors, or nothing ever again."""
        self._left -= 1
        if self._left == 0:
            self._count.send(self._encoded)
            os.kill(os.getpid(), signal.SIGKILL)
        self._encoded += len(passages)
        return super().encode_passages(passages)


def build_until(sources: Path, data: Path, moment: int | str, count: Connection) -> None:
    """Build, and die by SIGKILL at that file opened, made, renamed or removed.

    `moment` is the touch's number, or a part of its path to die at the first touch of that; past
    the last the build goes to its end and `count` is sent how many there were. `batch:N` dies when
    the encoder is given batch N, of up to two passages, and sends how many it had encoded.
    """
    touches = die_at(data, moment)
    encoder = HashEncoder()
    if isinstance(moment, str) and moment.startswith("batch:"):
        index.build.pipeline._CHUNK = 2
        encoder = KilledEncoder(int(moment.removeprefix("batch:")), count)
    build([sources], data, encoder, no_progress)
    count.send(touches())
