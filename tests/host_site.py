"""A site that is not the server's: its pages carry the widget, served from another origin."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route

from qa.answer import Answer, Question
from qa.understood import When
from qa.web.api import create_app
from qa.web.guarding import Policy
from qa.web.origins import read_origins
from qa.web.seams import About
from tests.web_sample import EXAMPLES, MOON, SampleArticles, SampleAsker

PAGES = Path(__file__).parent / "host_pages"
NAMES = ("newspaper", "revert", "utility", "strict", "rtl")
STRICT = "default-src 'none'; script-src {server}; connect-src {server}"


class PageAsker(SampleAsker):
    """Knows, besides the sample, which article the page is, and a question with all trimmings."""

    def __init__(self) -> None:
        self.asked: list[Question] = []

    def ask(self, question: Question) -> Answer:
        """The sample's answer, on the article's page with its id."""
        self.asked.append(question)
        answer = super().ask(question)
        if "1969" in question.text and "when" not in question.ignore:
            when = When("in 1969", "1969", "1969-01-01", "1969-12-31", True)
            answer = replace(answer, understood_when=when, reports_differ=True)
        if "follow" in question.text:
            answer = replace(answer, suggestions=EXAMPLES)
        if "thanks" in question.text:
            answer = replace(answer, citations=(), nearest=(), reply="thanks")
        on_article = "/pages/" in (question.page_url or "")
        return replace(answer, page_article=MOON.id if on_article else None)


@dataclass(frozen=True, slots=True)
class Site:
    """The server's address, and that of another site: one process, two origins."""

    server: str
    host: str
    asker: PageAsker
    feedback: list[object]

    def page(self, name: str) -> str:
        """The address of a page of the other site."""
        return f"{self.host}/pages/{name}"


@contextmanager
def served_site() -> Iterator[Site]:
    """Serve until left. The pages may ask the server, whose owner has listed their site."""
    asker, feedback = PageAsker(), list[object]()
    with uvicorn.Config("", port=0).bind_socket() as listening:
        port = listening.getsockname()[1]
        site = Site(f"http://127.0.0.1:{port}", f"http://localhost:{port}", asker, feedback)
        config = uvicorn.Config(_app(site), log_level="warning", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        yield site
        server.should_exit = True
        thread.join()


def _app(site: Site) -> Starlette:
    about = About(3, "2022-09-29")
    # As where a server on loopback has pages on loopback, and frames that are sandboxed, listed.
    policy = Policy(origins=read_origins("null", on_loopback=True))
    footnote = create_app(site.asker, SampleArticles(), EXAMPLES, lambda: about, policy=policy)

    async def page(request: Request) -> Response:
        name = request.path_params["name"]
        html = (PAGES / f"{name}.html").read_text(encoding="utf-8")
        csp = STRICT.format(server=site.server) if name == "strict" else None
        headers = {"Content-Security-Policy": csp} if csp else {}
        return HTMLResponse(html.replace("SERVER", site.server), headers=headers)

    async def blank(request: Request) -> Response:
        return HTMLResponse("<!doctype html><html lang=en><title>Blank</title><body></body></html>")

    async def feedback(request: Request) -> Response:
        site.feedback.append(await request.json())
        return JSONResponse({"status": "taken"}, 202)

    # Guarded as the route that it stands for.
    footnote.router.routes.insert(0, Route("/api/feedback", feedback, methods=["POST"]))
    return Starlette(
        routes=[
            Route("/pages/{name}", page),
            Route("/blank", blank),
            Mount("/", footnote),
        ],
        lifespan=footnote.router.lifespan_context,
    )
