"""Composes from the settings what belongs to the owner: the journal and the page `/admin`.

Answers of the web faces are recorded in the journal; the command line records nothing.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from fastapi import APIRouter
from starlette.types import Scope

from index.build.owned import owned
from index.embed import Vectors
from index.settings import Settings
from index.store import Store
from qa.answer import Answer, Question
from qa.journal import JOURNAL, Journal, Mode, Recorded
from qa.web.admin.builds import BuildCommand, Builds
from qa.web.admin.feedback import feedback_routes
from qa.web.admin.routes import Admin, absent_routes
from qa.web.admin.service import AdminService
from qa.web.admin.sessions import Sessions
from qa.web.guard.policy import Origins
from qa.web.guard.sites import Refusals, Sites
from qa.web.protocols import Asks


def silent() -> Journal:
    """A journal that keeps nothing."""
    return Journal(Path(JOURNAL), "off")


@dataclass(frozen=True, slots=True)
class Owner:
    """The journal that web faces write to, and the owner's page, if there is one.

    `sites` are those that may use the server, where the owner can allow some.
    """

    journal: Journal = field(default_factory=silent)
    admin: Admin | None = None
    sites: Sites | None = None

    def routes(self) -> APIRouter:
        """`POST /api/feedback` and `/admin`."""
        routes = APIRouter()
        routes.include_router(feedback_routes(self.journal))
        routes.include_router(self.admin.routes() if self.admin else absent_routes())
        return routes

    def takes_large(self, scope: Scope, *, is_served_here: bool = True) -> bool:
        """Whether a request may have a large body: the owner's uploads."""
        return self.admin is not None and self.admin.takes_large(
            scope, is_served_here=is_served_here
        )


def sessions_of(settings: Settings) -> Sessions | None:
    """Sessions for the password in the settings, or None without one. Raises SettingError."""
    return Sessions(settings.admin_password) if settings.admin_password else None


def open_owner(
    settings: Settings,
    sessions: Sessions | None,
    build: BuildCommand,
    store: Callable[[], Store],
    encode: Callable[[list[str]], Vectors],
    origins: Origins,
    refusals: Refusals | None,
) -> Owner:
    """The journal, and the owner's page if a password is set.

    `store` gives the newest published index, `encode` the vectors of questions, `origins` are the
    sites of the settings, `refusals` what several processes share of those that were refused.
    """
    path = owned(settings.data) / JOURNAL
    journal = Journal(path, cast(Mode, settings.journal))
    if sessions is None:
        return Owner(journal)
    journal.upgrade()
    sites = Sites(origins, settings.data, refusals=refusals)
    service = AdminService(settings.data, store, Recorded(path), Builds(build), encode, sites=sites)
    return Owner(journal, Admin(sessions, service), sites)


def asked_by_readers(settings: Settings) -> list[str]:
    """Answered questions of readers, most asked first; empty unless all questions are kept."""
    if settings.journal != "on":
        return []
    return Recorded(owned(settings.data) / JOURNAL).answered()


def folders_of(settings: Settings) -> list[Path]:
    """The folders that a build from the owner's page reads, besides the uploads."""
    return [Path(each.strip()) for each in settings.sources.split(os.pathsep) if each.strip()]


class Recording:
    """Passes questions on and records the answers, without making readers wait."""

    def __init__(self, asks: Asks, journal: Journal) -> None:
        self._asks, self._journal = asks, journal

    def ask(self, question: Question) -> Answer:
        """Answer, and record it in the journal."""
        answer = self._asks.ask(question)
        self._journal.asked(answer)
        return answer
