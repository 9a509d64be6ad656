"""A server that programs push articles to, without what else it serves."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from index.settings import Settings
from index.store.local import open_local
from qa.web.errors import CatchAll, add_error_handlers
from qa.web.guard.middleware import BodyLimit, Throttle
from qa.web.guard.policy import read_policy
from qa.web.push.routes import body_bound, push_routes
from qa.web.push.service import Pushes
from tests.fakes import HashEncoder

PUSH_KEY, ASK_KEY = "a-key-that-may-push-0123", "a-key-that-may-ask-0123"
SOON = 60.0
POLICY = read_policy(
    replace(Settings(), host="0.0.0.0", rate="6/minute", push_keys=PUSH_KEY, api_keys=ASK_KEY)
)


@dataclass(frozen=True, slots=True)
class Pushing:
    """A client with the key, and what it pushes to."""

    client: TestClient
    pushes: Pushes
    data: Path

    def texts(self) -> dict[str, str]:
        """The texts that are published, by id."""
        store = open_local(self.data)
        found = {each.id: store.article(each.id) for each in store.listed()}
        store.close()
        return {article_id: article.text for article_id, article in found.items() if article}

    def settled(self) -> dict[str, str]:
        """The same, once all that was pushed is searchable."""
        assert self.pushes.wait(SOON)
        return self.texts()


@contextmanager
def pushing(data: Path) -> Iterator[Pushing]:
    """Serve the routes on the index in `data`."""
    encoder = HashEncoder()
    pushes = Pushes(data, lambda: open_local(data), encoder)
    app = FastAPI(
        middleware=[
            Middleware(CatchAll),
            Middleware(BodyLimit, most=body_bound(POLICY)),
            Middleware(Throttle, POLICY),
        ]
    )
    add_error_handlers(app)
    app.include_router(push_routes(pushes, POLICY))
    pushes.start()
    try:
        with TestClient(app, headers={"Authorization": f"Bearer {PUSH_KEY}"}) as client:
            yield Pushing(client, pushes, data)
    finally:
        pushes.close()
