"""What a program was told as stored is there, whenever the server is killed."""

import random
from pathlib import Path
from shutil import copytree

from index.build.owned import owner_faults
from index.store import verify
from tests.killed import NEVER, run_killed
from tests.killed_push import ACTS, push_until
from tests.push_sample import pushing


def run_pushes(data: Path, moment: int) -> list[int]:
    """What the server sent before it was killed, or came to its end."""
    return run_killed(push_until, data, moment)[0]


def texts_after(acts: int, before: dict[str, str]) -> dict[str, str]:
    """The texts by id after so many."""
    found = dict(before)
    for article_id, text in ACTS[:acts]:
        found.pop(article_id, None)
        found |= {article_id: text} if text else {}
    return found


def test_a_server_killed_at_any_moment_loses_nothing_that_it_told_as_stored(
    tmp_path: Path, built_data: Path, kills: int
) -> None:
    measured = Path(copytree(built_data, tmp_path / "measured"))
    with pushing(measured) as here:
        before = here.settled()
    *told, touches = run_pushes(measured, NEVER)
    assert told == [1, 2, 3, 4, 5, 6]
    for moment in random.sample(range(1, -touches), kills):
        data = Path(copytree(built_data, tmp_path / str(moment)))
        answered = max(run_pushes(data, moment), default=0)
        assert [*verify(data), *owner_faults(data)] == [], moment
        with pushing(data) as here:
            # The act that the server died at may have had its effect.
            expected = [texts_after(answered, before), texts_after(answered + 1, before)]
            assert here.settled() in expected, moment
        assert [*verify(data), *owner_faults(data)] == [], moment
