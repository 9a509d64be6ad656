"""All that is the owner's in one object, which `create_app` takes."""

from dataclasses import dataclass, field
from pathlib import Path

from fastapi import APIRouter
from starlette.types import Scope

from qa.journal import JOURNAL, Journal
from qa.web.owner.admin import Admin, absent_routes
from qa.web.owner.feedback import feedback_routes


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
