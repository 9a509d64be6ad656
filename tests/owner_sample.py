"""An owner's page on a small index, with builds by the encoder that hashes words."""

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from index.build.owned import OWNED
from index.fetch.guard import FetchError
from index.fetch.http import Fetched
from qa.journal import JOURNAL, Feedback, Journal, Recorded
from qa.live import LiveIndex
from qa.web.admin import Owner, Recording
from qa.web.admin.builds import BuildCommand, Builds
from qa.web.admin.routes import Admin
from qa.web.admin.service import AdminService
from qa.web.admin.sessions import Sessions
from qa.web.api import api_routes
from qa.web.errors import add_error_handlers
from qa.web.follow_up import FollowUp
from qa.web.guard.middleware import BodyLimit, SecurityHeaders
from qa.web.guard.sites import Sites
from qa.web.queue import QuestionQueue
from tests.fakes import HashEncoder

Client = httpx.Client | TestClient
PASSWORD = "correct horse battery"
ROOT = Path(__file__).parent.parent
TODAY = date(2026, 1, 31)
NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
# `python -m index`, but for the encoder.
BUILD = """
import sys
import index.encoders
from tests.fakes import HashEncoder
index.encoders.ModelEncoder = lambda data, name: HashEncoder()
from index.__main__ import main
sys.exit(main(sys.argv[1:]))
"""
PAGE = (
    b"<html lang=en><head><title>The ferry</title>"
    b'<meta property="article:published_time" content="2024-03-05">'
    b"</head><body><nav>Home</nav><article><h1>The ferry</h1>"
    b"<p>The ferry to Skarholm sails twice a day from the old pier, at nine and at five.</p>"
    b"<p>In winter it waits for the mail, which comes by train from the capital.</p>"
    b"</article></body></html>"
)


Compose = Callable[[LiveIndex, Owner], FastAPI]


@dataclass(frozen=True, slots=True)
class Site:
    """The app, and what its owner's page works on."""

    app: FastAPI
    data: Path
    journal: Journal
    live: LiveIndex
    builds: Builds
    sessions: Sessions


def fetched(url: str) -> Fetched:
    """One page of the web there is, and no other."""
    if url != "https://ferry.example/times":
        raise FetchError("host", f"there is no host {url!r}: check the address", host=url)
    return Fetched(url, "text/html", PAGE)


@contextmanager
def site(data: Path, sources: Path, compose: Compose | None = None) -> Iterator[Site]:
    """The owner's page on the index in `data`, which builds make from `sources`.

    Without what else is served, unless `compose` adds it.
    """
    encoder = HashEncoder()
    live = LiveIndex(data, encoder, encoder.model)
    live.watch()
    path = data / OWNED / JOURNAL
    journal = Journal(path, clock=lambda: NOON)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    words = (sys.executable, "-c", BUILD, "build")
    builds = Builds(BuildCommand(words, environment, data, [sources]))
    sites = Sites(data=data, clock=lambda: NOON)
    service = AdminService(
        data,
        lambda: live.store,
        Recorded(path),
        builds,
        encoder.encode_queries,
        fetched,
        lambda: TODAY,
        sites,
    )
    sessions = Sessions(PASSWORD)
    owner = Owner(journal, Admin(sessions, service), sites)
    app = (compose or without_chat)(live, owner)
    try:
        yield Site(app, data, journal, live, builds, sessions)
    finally:
        live.close()
        journal.close()


def without_chat(live: LiveIndex, owner: Owner) -> FastAPI:
    """The routes that the owner's page needs, behind what guards them."""
    app = FastAPI(
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(BodyLimit, passes=owner.takes_large),
        ]
    )
    add_error_handlers(app)
    app.include_router(api_routes(QuestionQueue(Recording(live, owner.journal)), live, FollowUp()))
    app.include_router(owner.routes())
    return app


def judged(site: Site) -> None:
    """One reader is content and one is not."""
    site.journal.judged(Feedback("When was the light lit?", "up"))
    site.journal.judged(Feedback("Who left in 1978?", "down", ("outdated",), "<b>no</b> longer"))
    assert site.journal.flush()


def sign_in(client: Client, password: str, headers: dict[str, str] | None = None) -> Any:
    """Send the form with the password."""
    return client.post("/admin/login", data={"password": password}, headers=headers or {})


def token(client: Client) -> str:
    """What the forms of a page send along."""
    found = re.search(r'name="csrf" value="([^"]+)"', client.get("/admin/articles").text)
    assert found is not None
    return found[1]


def send(client: Client, act: str, **fields: str) -> str:
    """Press a button, and give the page that follows."""
    answer = client.post(f"/admin/{act}", data={"csrf": token(client), **fields})
    assert answer.status_code == 303
    return client.get(answer.headers["location"]).text


def add(client: Client, name: str, content: bytes, **fields: str) -> str:
    """Add a file, and give the page that follows."""
    files = {"files": (name, content)}
    data = {"csrf": token(client), **fields}
    answer = client.post("/admin/upload", data=data, files=files)
    assert answer.status_code == 303
    return client.get(answer.headers["location"]).text
