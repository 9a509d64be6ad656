"""The owner's pages, in the browser's language and under a strict policy; and tables as CSV."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from unicodedata import normalize
from urllib.parse import urlencode

from fastapi import Request
from markupsafe import Markup
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from index.article import VISIBILITIES
from index.build.lists import mark_of
from index.readers.walk import READERS
from qa.journal import Kind, NotCovered
from qa.present.links import article_path, at_base
from qa.web.admin.builds import MOST_BYTES
from qa.web.admin.charts import HEIGHT, WIDTH
from qa.web.admin.errors import NoSuchArticleError, message_of
from qa.web.admin.rulebook import KEYS
from qa.web.admin.service import PAGE, PERIODS, AdminService
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
    # With no-referrer, a browser would not say that a form comes from this site.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language, Cookie",
}
# By these a form tells which lines of a list it was opened with.
pages.filters["mark_of"] = mark_of


def words_of(request: Request) -> Mapping[str, str]:
    """The words of the page in the language of the browser."""
    return _spoken(request).of("admin")


def _spoken(request: Request) -> Words:
    return words_in(best_language(request.headers.get("accept-language")))


def page(request: Request, name: str, session: Session | None, **values: object) -> HTMLResponse:
    """The page of a template in `templates/admin`; notices of the session are shown once."""
    spoken = _spoken(request)
    notices = _notices(session, spoken.of("admin")) if session else []
    html = pages.get_template(f"admin/{name}.html").render(
        said=spoken.of("admin"),
        spoken=spoken,
        section=name,
        csrf=session.csrf if session else None,
        notices=notices,
        article_path=article_path,
        article_page=article_page,
        moment=moment,
        plot_width=WIDTH,
        plot_height=HEIGHT,
        **values,
    )
    return HTMLResponse(html, headers=HEADERS)


def _notices(session: Session, said: Mapping[str, str]) -> list[tuple[str, Markup]]:
    """What a page shows once: a kind, `fault` or none, and a sentence each."""
    sentences = []
    while session.notices:
        kind, text = session.notices.popleft()
        if isinstance(text, Exception):
            sentences.append(("fault", message_of(text, said)))
        elif kind == "too_large":
            sentences.append(("fault", filled(said[kind], most=text)))
        else:
            what = _THEIRS.format(text) if text else ""
            sentences.append(("", Markup("{} {}").format(said[kind], what)))
    return sentences


def article_page(article_id: str) -> str:
    """Where an article is edited."""
    return f"{HOME}/article?{urlencode({'id': article_id})}"


def problem_page(request: Request, name: str, status: int) -> HTMLResponse:
    """A page that only shows a message."""
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


# What a spreadsheet takes for the start of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_of(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """The table in UTF-8, with the byte order mark that spreadsheets expect."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([tame(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def tame(cell: object) -> object:
    """Text that no spreadsheet executes, as OWASP advises against CSV injection.

    >>> tame("=1+1")
    "'=1+1"
    """
    # Spreadsheets take wide signs, as in "＝1+1", for the usual ones.
    if isinstance(cell, str) and normalize("NFKC", cell).lstrip(" \ufeff").startswith(_FORMULA):
        return f"'{cell}"
    return "" if cell is None else cell


_CSV = (
    *("group", "question", "times", "last"),
    *("nearest_id", "nearest_title", "nearest_passage", "reason"),
)


class Views:
    """The pages for a signed-in owner."""

    def __init__(self, service: AdminService) -> None:
        self._service = service

    def overview(self, request: Request, session: Session) -> Response:
        """What the index holds, and charts over time."""
        service, days, said = self._service, period(request), words_of(request)
        plots = {
            "questions": service.plot(("answered", "not_covered"), said, days),
            "feedback": service.plot(("up", "down"), said, days),
            "citations": service.plot(("cited",), said, days),
            "articles": service.published(said),
        }
        return page(
            request,
            "overview",
            session,
            holding=service.holding(),
            last=service.last_build(),
            unfetched=service.unfetched(),
            plots=plots,
            days=days,
            periods=PERIODS,
            build=service.builds.state,
        )

    def articles(self, request: Request, session: Session) -> Response:
        """The list of articles, forms to add and remove them, and builds."""
        service, number = self._service, page_number(request)
        wanted = request.query_params.get("q", "")[:200]
        undated = request.query_params.get("undated", "")[:3]
        edited = service.edits.edited()
        return page(
            request,
            "articles",
            session,
            listing=service.articles(wanted, number, undated=bool(undated)),
            is_added=service.is_added,
            edited=edited.ids,
            unpublished=edited.unpublished,
            wanted=wanted,
            undated=undated,
            number=number,
            here=f"{at_base(HOME)}/articles?{urlencode({'q': wanted, 'undated': undated})}&",
            waiting=service.waiting(edited.unpublished),
            unfetched=service.unfetched(),
            withheld=service.withheld(),
            last=service.last_build(),
            build=service.builds.state,
            folders=service.builds.command.folders,
            formats=", ".join(sorted({suffix.split(".")[1] for suffix in READERS})),
            # A chooser of files knows only what stands after the last point.
            endings=sorted({f".{suffix.rpartition('.')[2]}" for suffix in READERS}),
            most=megabytes(MOST_BYTES),
        )

    def article(self, request: Request, session: Session) -> Response:
        """An article to edit."""
        try:
            article = self._service.edits.find(request.query_params.get("id", ""))
        except NoSuchArticleError as error:
            session.notify("fault", error)
            return RedirectResponse(at_base(f"{HOME}/articles"), 303)
        return page(request, "article", session, article=article, visibilities=VISIBILITIES)

    def questions(self, request: Request, session: Session) -> Response:
        """What was asked, latest first, and the owner's lists for questions."""
        return self._listed(
            request,
            session,
            "questions",
            self._service.recorded.asked,
            ("answered", "not_covered"),
            title=self._service.title,
            quote=self._service.quote,
            first_questions=self._service.first_questions(),
            synonyms=self._service.synonyms(),
        )

    def rules(self, request: Request, session: Session) -> Response:
        """The rules of the house, and forms to add some, filled in for a question."""
        book, asked = self._service.rulebook, request.query_params.get("asked", "")
        number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else 0
        return page(
            request,
            "rules",
            session,
            sheet=book.sheet(),
            keys=KEYS,
            visibilities=VISIBILITIES,
            form=request.query_params.get("form", ""),
            draft=book.draft(number),
        )

    def not_covered(self, request: Request, session: Session) -> Response:
        """What the articles do not cover, grouped by similarity."""
        days = period(request)
        return page(
            request,
            "not_covered",
            session,
            groups=self._service.groups(days),
            plot=self._service.plot(("not_covered",), words_of(request), days),
            **_periods(days),
        )

    def not_covered_csv(self, request: Request, session: Session) -> Response:
        """The same as a CSV file to download."""
        rows = [
            (number, one.question, one.times, one.last, *_nearest(one), one.gap)
            for number, group in enumerate(self._service.groups(period(request)), start=1)
            for one in group.questions
        ]
        attached = {"Content-Disposition": 'attachment; filename="not-covered.csv"'}
        return Response(csv_of(_CSV, rows), headers=attached, media_type="text/csv")

    def feedback(self, request: Request, session: Session) -> Response:
        """What readers thought, latest first."""
        find = self._service.recorded.judged
        return self._listed(request, session, "feedback", find, ("up", "down"))

    def citations(self, request: Request, session: Session) -> Response:
        """Which articles answers cited."""
        find = partial(self._service.recorded.suppliers, self._service.since(period(request)))
        return self._listed(request, session, "citations", find, ("cited",))

    def _listed(
        self,
        request: Request,
        session: Session,
        name: str,
        find: Callable[[int, int], Sequence[object]],
        plotted: tuple[Kind, ...],
        **values: object,
    ) -> Response:
        """A page of a list, with a chart over time; `find` takes the first row and a count."""
        number, days = page_number(request), period(request)
        # One extra row shows whether there is a next page.
        found = find(number * PAGE, PAGE + 1)
        return page(
            request,
            name,
            session,
            rows=found[:PAGE],
            has_more=len(found) > PAGE,
            number=number,
            plot=self._service.plot(plotted, words_of(request), days),
            **_periods(days),
            **values,
        )

    def origins(self, request: Request, session: Session) -> Response:
        """Which sites were refused, and which the owner allowed here."""
        sites = self._service.sites
        return page(request, "origins", session, refused=sites.refused(), allowed=sites.allowed())

    def build_json(self, request: Request, session: Session) -> Response:
        """How far the build is, for the page's script."""
        state = self._service.builds.state
        stages = [
            {"name": each.name, "done": each.done, "total": each.total} for each in state.stages
        ]
        progress = {"status": state.status, "stages": stages, "message": state.message}
        return JSONResponse(progress, headers={"Cache-Control": "no-store"})


def _nearest(one: NotCovered) -> tuple[str | None, ...]:
    return one.nearest_article, one.nearest_title, one.nearest_text


def _periods(days: int) -> dict[str, object]:
    return {"days": days, "periods": PERIODS}


def page_number(request: Request) -> int:
    """The requested page, counted from 0; 0 if it is not a number."""
    asked = request.query_params.get("page", "")
    return min(int(asked), 100_000) if asked.isdecimal() and len(asked) < 7 else 0


def period(request: Request) -> int:
    """The requested number of days, one of PERIODS."""
    asked = request.query_params.get("days", "")
    return next((days for days in PERIODS if str(days) == asked), PERIODS[0])
