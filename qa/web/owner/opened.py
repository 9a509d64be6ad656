"""The owner's things put together from the settings."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import cast

from index.embed import Vectors
from index.settings import Settings
from index.store import Snapshot
from index.withheld import OWNED
from qa.journal import JOURNAL, Journal, Mode
from qa.recorded import Recorded
from qa.web.owner.admin import Admin
from qa.web.owner.builds import BuildCommand, Builds
from qa.web.owner.desk import Desk
from qa.web.owner.owner import Owner
from qa.web.owner.sessions import Sessions


def sessions_of(settings: Settings) -> Sessions | None:
    """Sessions by the password that is set, or None without one. Raises SettingError."""
    return Sessions(settings.admin_password) if settings.admin_password else None


def open_owner(
    settings: Settings,
    sessions: Sessions | None,
    build: BuildCommand,
    snapshot: Callable[[], Snapshot],
    encode: Callable[[list[str]], Vectors],
) -> Owner:
    """The journal, and the owner's page where a password is set.

    `snapshot` gives the index as it is published now, `encode` the vectors of questions.
    """
    path = settings.data / OWNED / JOURNAL
    journal = Journal(path, cast(Mode, settings.journal))
    if sessions is None:
        return Owner(journal)
    desk = Desk(settings.data, snapshot, Recorded(path), Builds(build), encode)
    return Owner(journal, Admin(sessions, desk))


def folders_of(settings: Settings) -> list[Path]:
    """What a build from the owner's page reads besides what was added there."""
    return [Path(each.strip()) for each in settings.sources.split(os.pathsep) if each.strip()]
