"""The owner's page beside all else that is served: the chat takes seconds to import."""

from fastapi import FastAPI

from qa.live import LiveIndex
from qa.web.admin import Owner
from qa.web.app import create_app
from qa.web.protocols import About


def whole(live: LiveIndex, owner: Owner) -> FastAPI:
    """As `app.py` composes it."""

    def about() -> About:
        return About(live.store.info.counts.articles)

    return create_app(live, live, ("Who?",), about, owner=owner)
