"""The one app that all web faces are composed in: routes, and what each request passes first."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, RedirectResponse
from starlette.routing import BaseRoute, Match
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from qa.present.links import at_base, base_path
from qa.web.admin import Owner, Recording
from qa.web.api import Readiness, api_routes, export_routes, health_routes
from qa.web.assets import script_routes
from qa.web.chat.gate import Gate
from qa.web.chat.page import chat_app
from qa.web.chat.request import Conversations
from qa.web.errors import CatchAll, add_error_handlers
from qa.web.follow_up import (
    FollowUp,
    MatchTyped,
    follow_up_routes,
    keep_trying,
    match_nothing,
    typed_routes,
)
from qa.web.guard.base_path import BasePath
from qa.web.guard.membership import Membership
from qa.web.guard.middleware import BodyLimit, HttpOnly, OriginGuard, SecurityHeaders, Throttle
from qa.web.guard.policy import Policy
from qa.web.guard.rates import in_memory
from qa.web.guard.sites import Sites
from qa.web.guard.streams import StreamLimit
from qa.web.i18n import STATIC
from qa.web.mcp import AgentGate, agent_tools
from qa.web.metrics import AnswerLog, ErrorCounter, Metrics, RequestLog, metrics_routes
from qa.web.openapi import EVERYWHERE, docs_routes
from qa.web.protocols import About, Articles, Asks, Searches
from qa.web.push.routes import body_bound, push_routes
from qa.web.push.service import Pushes
from qa.web.queue import AT_ONCE, QuestionQueue, Waiting
from qa.web.reader import reader_routes
from qa.web.widget import widget_routes
from qa.web.workers.counts import SharedStreams
from qa.web.workers.forward import Door, Forward
from qa.web.workers.worker import OWNERS, Worker


def layers(
    policy: Policy,
    sites: Sites,
    metrics: Metrics,
    takes_large: Callable[[Scope], bool],
    worker: Worker | None,
) -> list[Middleware]:
    """The whole guard. A refusal passes all that stands before it, and so has every header.

    What `takes_large` counts its body itself. What a `worker` counts, it counts with the others.
    """
    window = worker.counts.window if worker else in_memory
    streams = SharedStreams(worker.counts, worker.number) if worker else None
    return [
        Middleware(BasePath, policy.base_path, policy.proxies),
        # Behind it: from here on the client is the one that a trusted proxy names.
        Middleware(ProxyHeadersMiddleware, trusted_hosts=list(policy.proxies)),
        Middleware(RequestLog),
        Middleware(ErrorCounter, metrics),
        Middleware(HttpOnly),
        Middleware(SecurityHeaders, sites),
        Middleware(OriginGuard, policy, sites),
        Middleware(GZipMiddleware, minimum_size=500),
        Middleware(CatchAll),
        # A proxy may cut off an answer that comes before it has passed on the body.
        Middleware(BodyLimit, passes=takes_large, most=body_bound(policy)),
        Middleware(Throttle, policy, window),
        Middleware(StreamLimit, streams=streams),
        Middleware(Membership, policy.tokens),
    ]


# No other site is listed, nothing but the queue is limited.
OPEN = Policy()
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
DESCRIPTION = (
    "Answers questions in the words of a body of articles: each quote is the article's text at "
    "the span that comes with it. Errors have one shape everywhere. No key is needed; a program "
    "that has one sends `Authorization: Bearer KEY` and is not bound by the rates."
)


def create_app(
    asks: Asks,
    articles: Articles,
    examples: Iterable[str],
    about: Callable[[], About],
    *,
    follow_up: FollowUp | None = None,
    owner: Owner | None = None,
    policy: Policy = OPEN,
    searches: Searches | None = None,
    match: MatchTyped = match_nothing,
    pushes: Pushes | None = None,
    worker: Worker | None = None,
    is_withdrawn: Callable[[str], bool] = lambda _: False,
) -> FastAPI:
    """API, reader, docs and the chat at `/`.

    `examples` are questions to begin with, read whenever the chat's page is sent. `about` tells
    what is searched now; it is called from many threads. `follow_up` is what is offered under an
    answer. Without `owner` nothing is kept of what is asked, and there is no
    owner's page. `policy` says who may ask how much. Agents come in at `/mcp` where `searches`
    ranks passages for them. `match` finds what is offered while a question is typed. Programs
    add articles where there are `pushes`. `worker` is which of several processes this is, if there
    are several. `is_withdrawn` tells of an id that its article was taken out.
    """
    owner, follow_up = owner or Owner(), follow_up or FollowUp()
    metrics = Metrics(about, worker.folder if worker else None)
    asked = Recording(asks, owner.journal)
    answering = QuestionQueue(
        asked,
        at_once=max(2, AT_ONCE // worker.count) if worker else AT_ONCE,
        waiting=policy.waiting,
        seen=AnswerLog(metrics, policy),
        counted=Waiting(worker.waiting, worker.number) if worker else None,
    )
    conversations = Conversations(owner.journal, articles, are_shared=worker is not None)
    chat = chat_app(
        answering,
        conversations,
        follow_up.suggester.after,
        worker.app_id if worker else None,
    )
    metrics.watch("footnote_chat_sessions", "Conversations of the chat kept", chat.sessions)
    if pushes is not None:
        metrics.watch("footnote_pushed_waiting", "Articles not searchable yet", pushes.waiting)
    gate = Gate(chat, about, examples)
    agents = AgentGate(agent_tools(answering, searches, articles)) if searches else None
    trying = keep_trying(answering, follow_up.suggester)
    further = [agents.lifespan] if agents else []
    running = lifespans(gate.lifespan, trying, metrics.lifespan, *further)
    sites = owner.sites or Sites(policy.origins)
    is_served_here = worker is None or worker.number == OWNERS
    takes_large = partial(owner.takes_large, is_served_here=is_served_here)
    guard = layers(policy, sites, metrics, takes_large, worker)
    if worker:
        kept = bare_app(lifespans(), [Middleware(CatchAll)])
        kept.include_router(owner.routes())
        kept.router.default = WithoutSlash(gate, kept.router.routes)
        guard = [Middleware(Door, kept, worker), *guard, Middleware(Forward, worker)]
    app = bare_app(running, guard)
    for routes in (
        api_routes(answering, articles, follow_up),
        health_routes(about, Readiness(about, asks, answering)),
        reader_routes(articles, is_withdrawn),
        export_routes(articles),
        owner.routes(),
        push_routes(pushes, policy),
        docs_routes(app),
        widget_routes(about),
        follow_up_routes(answering, follow_up),
        typed_routes(answering, match),
        script_routes(),
        icon_routes(),
        metrics_routes(metrics),
    ):
        app.include_router(routes)
    if agents:
        app.router.routes.append(agents.route)
    app.mount("/footnote", StaticFiles(directory=STATIC))
    # Not a mount: that would match every path, and a wrong method of ours would be a 404.
    app.router.default = WithoutSlash(gate, app.router.routes)
    return app


class WithoutSlash:
    """Sends `/docs/` on to `/docs` where there is a route of that name, and serves the rest.

    308 keeps method and body. The address is told without a host, which a proxy may have changed.
    """

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self.app, self.routes = app, routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Redirect, or serve."""
        path = scope["path"].rstrip("/")
        if path == scope["path"] or not self._has_route({**scope, "path": path}):
            await self.app(scope, receive, send)
            return
        query = scope["query_string"].decode("latin-1")
        address = f"{quote(path)}?{query}" if query else quote(path)
        await RedirectResponse(at_base(address), 308)(scope, receive, send)

    def _has_route(self, scope: Scope) -> bool:
        return any(route.matches(scope)[0] is not Match.NONE for route in self.routes)


class DescribedApp(FastAPI):
    """Describes itself as it is reached: `servers` names the path that it is behind."""

    def openapi(self) -> dict[str, Any]:
        """What `/openapi.json` sends."""
        schema = super().openapi()
        return {**schema, "servers": [{"url": base_path()}]} if base_path() else schema


def bare_app(running: Lifespan, guard: list[Middleware]) -> FastAPI:
    """An app without routes, whose errors all have the one shape."""
    app = DescribedApp(
        title="Footnote",
        version="1",
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=running,
        responses=EVERYWHERE,
        middleware=guard,
    )
    add_error_handlers(app)
    return app


def lifespans(*parts: Lifespan) -> Lifespan:
    """What must run while the app is served, as one."""

    @asynccontextmanager
    async def together(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for part in parts:
                await stack.enter_async_context(part(app))
            yield

    return together


def icon_routes() -> APIRouter:
    """`GET /favicon.ico`, before Gradio's own is found."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/favicon.ico")
    async def favicon() -> FileResponse:
        return FileResponse(STATIC / "favicon.svg")

    return routes
