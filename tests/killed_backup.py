"""A backup, for a process of its own, that is killed at a chosen touch of where it goes."""

from multiprocessing.connection import Connection
from pathlib import Path

from index.build.backup import transfer
from tests.killed import die_at


def back_up_until(data: Path, target: Path, moment: int, ended: Connection) -> None:
    """Put a backup in place of the one there, and die at that touch of the target.

    Past the last touch it sends how many there were.
    """
    touches = die_at(target, moment)
    transfer(data, target, replace=True)
    ended.send(touches())
