"""All that is the owner's in one object, which `create_app` takes.

The owner's things put together from the settings.

Answers of the web faces, noted in the journal. The command line notes nothing.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from fastapi import APIRouter
from starlette.types import Scope

from index.build.ledger import OWNED
from index.embed import Vectors
from index.settings import Settings
from index.store import Store
from qa.answer import Answer, Question
from qa.journal import JOURNAL, Journal, Mode, Recorded
from qa.web.admin.builds import BuildCommand, Builds
from qa.web.admin.feedback import feedback_routes
from qa.web.admin.routes import Admin, absent_routes
from qa.web.admin.service import Desk
from qa.web.admin.sessions import Sessions
from qa.web.protocols import Asks


def silent() -> Journal:
    """A journal that keeps nothing."""
    return Journal(Path(JOURNAL), "off")


@dataclass(frozen=True, slots=True)
class Owner:
    """The journal that web faces note in, and the owner's page, if there is one."""

    journal: Journal = field(default_factory=silent)
    admin: Admin | None = None

    def routes(self) -> APIRouter:
        """`POST /api/feedback` and `/admin`."""
        routes = APIRouter()
        routes.include_router(feedback_routes(self.journal))
        routes.include_router(self.admin.routes() if self.admin else absent_routes())
        return routes

    def takes_large(self, scope: Scope) -> bool:
        """Whether a request may send more than others: files of the owner."""
        return self.admin is not None and self.admin.takes_large(scope)


def sessions_of(settings: Settings) -> Sessions | None:
    """Sessions by the password that is set, or None without one. Raises SettingError."""
    return Sessions(settings.admin_password) if settings.admin_password else None


def open_owner(
    settings: Settings,
    sessions: Sessions | None,
    build: BuildCommand,
    store: Callable[[], Store],
    encode: Callable[[list[str]], Vectors],
) -> Owner:
    """The journal, and the owner's page where a password is set.

    `store` gives the index as it is published now, `encode` the vectors of questions.
    """
    path = settings.data / OWNED / JOURNAL
    journal = Journal(path, cast(Mode, settings.journal))
    if sessions is None:
        return Owner(journal)
    desk = Desk(settings.data, store, Recorded(path), Builds(build), encode)
    return Owner(journal, Admin(sessions, desk))


def asked_by_readers(settings: Settings) -> list[str]:
    """What readers asked and was answered, the most asked first; nothing where none is kept."""
    if settings.journal != "on":
        return []
    return Recorded(settings.data / OWNED / JOURNAL).answered()


def folders_of(settings: Settings) -> list[Path]:
    """What a build from the owner's page reads besides what was added there."""
    return [Path(each.strip()) for each in settings.sources.split(os.pathsep) if each.strip()]


class Recording:
    """Answers as what it wraps does; noting takes no time that a reader would wait."""

    def __init__(self, asks: Asks, journal: Journal) -> None:
        self._asks, self._journal = asks, journal

    def ask(self, question: Question) -> Answer:
        """The answer, noted."""
        answer = self._asks.ask(question)
        self._journal.asked(answer)
        return answer
