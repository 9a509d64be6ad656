"""The pages of the owner, each from what the desk tells."""

from collections.abc import Callable, Sequence
from functools import partial
from urllib.parse import urlencode

from fastapi import Request
from starlette.responses import JSONResponse, Response

from qa.recorded import Kind, NotCovered
from qa.web.owner.desk import PAGE, PERIODS, Desk
from qa.web.owner.sessions import Session
from qa.web.owner.sheet import csv_of
from qa.web.owner.uploads import MOST_BYTES
from qa.web.owner.view import HOME, megabytes, page, words_of

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
        """What was asked, the latest first."""
        find = self._desk.recorded.asked
        plotted: tuple[Kind, ...] = ("answered", "not_covered")
        return self._listed(request, session, "questions", find, plotted, title=self._desk.title)

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
