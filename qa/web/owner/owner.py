"""All that is the owner's in one object, which `create_app` takes."""

from dataclasses import dataclass, field
from pathlib import Path

from fastapi import APIRouter

from qa.journal import JOURNAL, Journal
from qa.web.owner.feedback import feedback_routes


def silent() -> Journal:
    """A journal that keeps nothing."""
    return Journal(Path(JOURNAL), "off")


@dataclass(frozen=True, slots=True)
class Owner:
    """The journal that web faces note in, and the routes of the owner's page."""

    journal: Journal = field(default_factory=silent)
    admin: APIRouter = field(default_factory=APIRouter)

    def routes(self) -> APIRouter:
        """`POST /api/feedback` and `/admin`."""
        routes = APIRouter()
        routes.include_router(feedback_routes(self.journal))
        routes.include_router(self.admin)
        return routes
