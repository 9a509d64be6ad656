"""A site that is not the server's: its pages carry the widget, served from another origin."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route

from index.article import Passage
from qa.answer import Answer, Citation, Question, When
from qa.journal import JOURNAL, Feedback, Journal
from qa.web.admin import Owner
from qa.web.app import create_app
from qa.web.guard.policy import Policy, Tokens, read_origins
from qa.web.protocols import About
from tests.serving import serving
from tests.web_sample import EXAMPLES, MOON, SampleArticles, SampleAsker, follow_up

PAGES = Path(__file__).parent / "host_pages"
NAMES = ("newspaper", "revert", "utility", "strict", "rtl")
READER_KEY = "k" * 32
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
        if "course of events" in question.text:
            answer = replace(answer, order="oldest_first")
        if "deputy" in question.text:
            answer = replace(answer, confidence=0.1, unsure_from=0.15)
        if "Narva" in question.text:
            others = ("Tartu",) if "Tartu" in question.text else ()
            answer = replace(answer, unknown_names=("Narva", *others))
        if "paragraph" in question.text:
            answer = replace(answer, citations=tuple(map(_in_whole, answer.citations)))
        if "thanks" in question.text:
            answer = replace(answer, citations=(), nearest=(), reply="thanks")
        on_article = "/pages/" in (question.page_url or "")
        return replace(answer, page_article=MOON.id if on_article else None)


def _in_whole(citation: Citation) -> Citation:
    article = citation.article
    whole = Passage(article.id, 0, len(article.text), article.text, citation.passage.sentences)
    return replace(citation, passage=whole)


class Heard(Journal):
    """Keeps in memory what readers thought, and nothing else."""

    def __init__(self) -> None:
        super().__init__(Path(JOURNAL), "off")
        self.feedback: list[Feedback] = []

    def judged(self, feedback: Feedback) -> bool:
        """Keep it."""
        self.feedback.append(feedback)
        return True


@dataclass(frozen=True, slots=True)
class Site:
    """The server's address, and that of another site: one process, two origins."""

    server: str
    host: str
    asker: PageAsker
    feedback: list[Feedback]

    def page(self, name: str) -> str:
        """The address of a page of the other site."""
        return f"{self.host}/pages/{name}"


@contextmanager
def served_site() -> Iterator[Site]:
    """Serve until left. The server lists its own machine and sandboxed frames, and nobody else."""
    asker, heard = PageAsker(), Heard()
    with serving(_app(asker, heard)) as server:
        yield Site(server, server.replace("127.0.0.1", "localhost"), asker, heard.feedback)


def _app(asker: PageAsker, heard: Heard) -> Starlette:
    footnote = create_app(
        asker,
        SampleArticles(),
        EXAMPLES,
        lambda: About(3, "2022-09-29"),
        # It asks an asker of its own, so that what readers ask stands alone in this one's list.
        follow_up=follow_up(()),
        owner=Owner(heard),
        policy=Policy(origins=read_origins("null", on_loopback=True), tokens=Tokens((READER_KEY,))),
    )

    async def page(request: Request) -> Response:
        name, server = request.path_params["name"], f"http://127.0.0.1:{request.url.port}"
        html = (PAGES / f"{name}.html").read_text(encoding="utf-8")
        csp = STRICT.format(server=server) if name == "strict" else None
        headers = {"Content-Security-Policy": csp} if csp else {}
        return HTMLResponse(html.replace("SERVER", server), headers=headers)

    async def blank(request: Request) -> Response:
        return HTMLResponse("<!doctype html><html lang=en><title>Blank</title><body></body></html>")

    return Starlette(
        routes=[Route("/pages/{name}", page), Route("/blank", blank), Mount("/", footnote)],
        lifespan=footnote.router.lifespan_context,
    )
