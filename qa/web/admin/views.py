"""The pages of the owner, each from what the desk tells.

A page of the owner's, in the language that the browser wants, under the strictest policy.

Tables as CSV, safe to open in a spreadsheet.
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from urllib.parse import urlencode

from fastapi import Request
from markupsafe import Markup
from starlette.responses import HTMLResponse, JSONResponse, Response

from qa.journal import Kind, NotCovered
from qa.present.links import article_path
from qa.web.admin.builds import MOST_BYTES
from qa.web.admin.charts import HEIGHT, WIDTH
from qa.web.admin.errors import told
from qa.web.admin.service import PAGE, PERIODS, Desk
from qa.web.admin.sessions import Session
from qa.web.i18n import Words, best_language, filled, pages, words_in

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


# What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_of(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """The table in UTF-8, with the mark by which spreadsheets know it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([tame(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def tame(cell: object) -> object:
    """Text that no spreadsheet runs: OWASP's advice against CSV injection.

    >>> tame("=1+1")
    "'=1+1"
    """
    if isinstance(cell, str) and cell.lstrip(" \u00a0\ufeff").startswith(_FORMULA):
        return f"'{cell}"
    return "" if cell is None else cell


_CSV = ("group", "question", "times", "last", "nearest_id", "nearest_title", "nearest_passage")


class Views:
    """What is shown to whoever is signed in."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def overview(self, request: Request, session: Session) -> Response:
        """What the index holds, and how all of it went over time."""
        desk, days, said = self._desk, period(request), words_of(request)
        plots = {
            "questions": desk.plot(("answered", "not_covered"), said, days),
            "feedback": desk.plot(("up", "down"), said, days),
            "citations": desk.plot(("cited",), said, days),
            "articles": desk.published(said),
        }
        return page(
            request,
            "overview",
            session,
            holding=desk.holding(),
            plots=plots,
            days=days,
            periods=PERIODS,
            build=desk.builds.state,
        )

    def articles(self, request: Request, session: Session) -> Response:
        """The list of articles, what to add and remove, and builds."""
        desk, number = self._desk, page_number(request)
        wanted = request.query_params.get("q", "")[:200]
        return page(
            request,
            "articles",
            session,
            listing=desk.articles(wanted, number),
            is_added=desk.is_added,
            wanted=wanted,
            number=number,
            here=f"{HOME}/articles?{urlencode({'q': wanted})}&",
            waiting=desk.waiting(),
            withheld=desk.withheld(),
            last=desk.last_build(),
            build=desk.builds.state,
            folders=desk.builds.command.folders,
            most=megabytes(MOST_BYTES),
        )

    def questions(self, request: Request, session: Session) -> Response:
        """What was asked, the latest first, and what readers can begin with."""
        return self._listed(
            request,
            session,
            "questions",
            self._desk.recorded.asked,
            ("answered", "not_covered"),
            title=self._desk.title,
            first_questions=self._desk.first_questions(),
        )

    def not_covered(self, request: Request, session: Session) -> Response:
        """What the articles do not cover, by likeness."""
        days = period(request)
        return page(
            request,
            "not_covered",
            session,
            groups=self._desk.groups(days),
            plot=self._desk.plot(("not_covered",), words_of(request), days),
            **_periods(days),
        )

    def not_covered_csv(self, request: Request, session: Session) -> Response:
        """The same as a table to download."""
        rows = [
            (number, one.question, one.times, one.last, *_nearest(one))
            for number, group in enumerate(self._desk.groups(period(request)), start=1)
            for one in group.questions
        ]
        attached = {"Content-Disposition": 'attachment; filename="not-covered.csv"'}
        return Response(csv_of(_CSV, rows), headers=attached, media_type="text/csv")

    def feedback(self, request: Request, session: Session) -> Response:
        """What readers thought, the latest first."""
        find = self._desk.recorded.judged
        return self._listed(request, session, "feedback", find, ("up", "down"))

    def citations(self, request: Request, session: Session) -> Response:
        """Which articles supplied answers."""
        find = partial(self._desk.recorded.suppliers, self._desk.since(period(request)))
        return self._listed(request, session, "citations", find, ("cited",))

    def _listed(
        self,
        request: Request,
        session: Session,
        name: str,
        find: Callable[[int, int], Sequence[object]],
        plotted: tuple[Kind, ...],
        **told: object,
    ) -> Response:
        """A page of a list, which `find` gives from a row on, with a plot over time."""
        number, days = page_number(request), period(request)
        # One more tells whether there is a next page.
        found = find(number * PAGE, PAGE + 1)
        return page(
            request,
            name,
            session,
            rows=found[:PAGE],
            has_more=len(found) > PAGE,
            number=number,
            plot=self._desk.plot(plotted, words_of(request), days),
            **_periods(days),
            **told,
        )

    def build_json(self, request: Request, session: Session) -> Response:
        """How far the build is, for the page's script."""
        state = self._desk.builds.state
        stages = [
            {"name": each.name, "done": each.done, "total": each.total} for each in state.stages
        ]
        told = {"status": state.status, "stages": stages, "message": state.message}
        return JSONResponse(told, headers={"Cache-Control": "no-store"})


def _nearest(one: NotCovered) -> tuple[str | None, ...]:
    return one.nearest_article, one.nearest_title, one.nearest_text


def _periods(days: int) -> dict[str, object]:
    return {"days": days, "periods": PERIODS}


def page_number(request: Request) -> int:
    """The page asked for, the first is 0; what is no number is the first."""
    asked = request.query_params.get("page", "")
    return min(int(asked), 100_000) if asked.isdecimal() and len(asked) < 7 else 0


def period(request: Request) -> int:
    """The days asked for, one of PERIODS."""
    asked = request.query_params.get("days", "")
    return next((days for days in PERIODS if str(days) == asked), PERIODS[0])
