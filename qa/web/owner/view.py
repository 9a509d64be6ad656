"""A page of the owner's, in the language that the browser wants, under the strictest policy."""

from collections.abc import Mapping

from fastapi import Request
from markupsafe import Markup
from starlette.responses import HTMLResponse

from qa.web.owner.faults import told
from qa.web.owner.plots import HEIGHT, WIDTH
from qa.web.owner.sessions import Session
from qa.web.templating import pages
from qa.web.view import filled
from qa.web.words import Words, best_language, words_in
from qa.wire import article_path

HOME = "/admin"
_THEIRS = Markup('<bdi class="name">{}</bdi>')
CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    # With none, a browser would not say that a form comes from this site.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language, Cookie",
}


def words_of(request: Request) -> Mapping[str, str]:
    """The words of the page in the language of the browser."""
    return _spoken(request).of("admin")


def _spoken(request: Request) -> Words:
    return words_in(best_language(request.headers.get("accept-language")))


def page(request: Request, name: str, session: Session | None, **told: object) -> HTMLResponse:
    """The page of a template in `templates/admin`; notices of the session are told once."""
    spoken = _spoken(request)
    notices = _told(session, spoken.of("admin")) if session else []
    html = pages.get_template(f"admin/{name}.html").render(
        said=spoken.of("admin"),
        spoken=spoken,
        section=name,
        csrf=session.csrf if session else None,
        notices=notices,
        article_path=article_path,
        moment=moment,
        plot_width=WIDTH,
        plot_height=HEIGHT,
        **told,
    )
    return HTMLResponse(html, headers=HEADERS)


def _told(session: Session, said: Mapping[str, str]) -> list[tuple[str, Markup]]:
    """What a page tells once: sentences, and whether each is of a fault."""
    sentences = []
    while session.notices:
        kind, text = session.notices.popleft()
        if isinstance(text, Exception):
            sentences.append(("fault", told(text, said)))
        elif kind == "too_large":
            sentences.append(("fault", filled(said[kind], most=text)))
        else:
            what = _THEIRS.format(text) if text else ""
            sentences.append(("", Markup("{} {}").format(said[kind], what)))
    return sentences


def problem_page(request: Request, name: str, status: int) -> HTMLResponse:
    """A page that offers nothing but words."""
    response = page(request, name, None)
    response.status_code = status
    return response


def megabytes(size: int) -> str:
    """A limit in bytes for people.

    >>> megabytes(50_000_000)
    '50 MB'
    """
    return f"{size / 1e6:.0f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"


def moment(at: str) -> str:
    """An ISO time as a table shows it.

    >>> moment("2026-01-31T09:00:05+00:00")
    '2026-01-31 09:00'
    """
    return at[:16].replace("T", " ")
