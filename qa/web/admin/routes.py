"""`/admin`: the owner's page, rendered on the server.

Not with Gradio: its events have no session that can be ended, its uploads land in a folder that
every visitor can write to, and its page needs inline styles. Here a page is a form, a table and
one small script, under the same policy as the reader's.
"""

from collections.abc import Callable, Sequence

from anyio import sleep, to_thread
from fastapi import APIRouter, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import Message, Scope

from index.errors import FootnoteError
from qa.present.links import at_base
from qa.web.admin.builds import MOST_BYTES, MOST_FILES
from qa.web.admin.service import AdminService
from qa.web.admin.sessions import KEPT_FOR, Session, Sessions, TooManyAttemptsError
from qa.web.admin.views import HOME, Views, megabytes, page, problem_page
from qa.web.errors import error_response
from qa.web.guard.middleware import is_own


class Actions:
    """What the buttons do for a signed-in owner; each returns the page to go to.

    They raise FootnoteError for what cannot be done.
    """

    def __init__(self, service: AdminService) -> None:
        self._service = service

    def build(self, session: Session, form: FormData) -> str:
        """Start a build."""
        self._start(session, prune=form.get("prune") == "yes")
        return f"{HOME}/articles"

    def _start(self, session: Session, *, prune: bool) -> None:
        if not self._service.builds.command.sources():
            session.notify("nothing_to_build")
        elif not self._service.builds.start(prune=prune):
            session.notify("build_runs")

    def upload(self, session: Session, form: FormData) -> str:
        """Save files for the next build."""
        files = [each for each in form.getlist("files") if isinstance(each, UploadFile)]
        added: list[str] = []
        for file in files:
            if not file.filename:
                continue
            try:
                replace = form.get("replace") == "yes"
                name = self._service.add(file.filename, file.file, replace=replace)
                added.append(name)
            except (FootnoteError, OSError) as error:
                session.notify("fault", error)
        if added:
            session.notify("added", _some(added))
        elif not session.notices:
            session.notify("no_file")
        if added and form.get("build") == "yes":
            self._start(session, prune=False)
        return f"{HOME}/articles"

    def url(self, session: Session, form: FormData) -> str:
        """Fetch a page and save it for the next build."""
        session.notify("added", self._service.add_page(str(form.get("url", ""))))
        if form.get("build") == "yes":
            self._start(session, prune=False)
        return f"{HOME}/articles"

    def remove(self, session: Session, form: FormData) -> str:
        """Remove an article."""
        article_id = str(form.get("id", ""))
        self._service.remove(article_id)
        session.notify("removed", article_id)
        return f"{HOME}/articles"

    def restore(self, session: Session, form: FormData) -> str:
        """Let builds read an article again."""
        article_id = str(form.get("id", ""))
        if self._service.restore(article_id):
            session.notify("restored", article_id)
        else:
            message = f"{article_id!r} is restored already, or was never removed"
            session.notify("fault", FootnoteError(message))
        return f"{HOME}/articles"

    def allow(self, session: Session, form: FormData) -> str:
        """Let pages of a site use the server."""
        origin = str(form.get("origin", ""))
        try:
            self._service.allow(origin)
            session.notify("origin_allowed", origin)
        except (FootnoteError, OSError) as error:
            session.notify("fault", error)
        return f"{HOME}/origins"

    def withdraw(self, session: Session, form: FormData) -> str:
        """Refuse pages of a site again."""
        origin = str(form.get("origin", ""))
        try:
            if self._service.sites.withdraw(origin):
                session.notify("origin_withdrawn", origin)
        except (FootnoteError, OSError) as error:
            session.notify("fault", error)
        return f"{HOME}/origins"

    def first_questions(self, session: Session, form: FormData) -> str:
        """Save the list of first questions."""
        try:
            self._service.keep_first_questions(str(form.get("questions", "")))
            session.notify("list_saved")
        except (FootnoteError, OSError) as error:
            session.notify("fault", error)
        return f"{HOME}/questions"

    def synonyms(self, session: Session, form: FormData) -> str:
        """Save the list of words that mean the same."""
        try:
            alone = self._service.keep_synonyms(str(form.get("synonyms", "")))
            session.notify("list_saved")
            if alone:
                session.notify("synonyms_alone", _some(alone))
        except OSError as error:
            session.notify("fault", error)
        return f"{HOME}/questions"


UPLOAD = f"{HOME}/upload"
COOKIE = "footnote_owner"
_FORM_BYTES = 64 * 1024
# A notice names no more.
_MOST_NAMED = 10

View = Callable[[Request, Session], Response]
Action = Callable[[Session, FormData], str]


class TooLargeError(Exception):
    """A body above the limit of its route."""


def absent_routes() -> APIRouter:
    """Without a password there is no owner's page, only one that says how to get it."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/admin")
    def absent(request: Request) -> HTMLResponse:
        return problem_page(request, "absent", 404)

    return routes


class Admin:
    """The routes of the owner's page."""

    def __init__(self, sessions: Sessions, service: AdminService) -> None:
        self._sessions = sessions
        self._views, self._actions = Views(service), Actions(service)

    def routes(self) -> APIRouter:
        """All routes under `/admin`; all but the login form need a session."""
        routes = APIRouter(prefix=HOME, include_in_schema=False)
        routes.add_api_route("", self._home, response_model=None)
        views: dict[str, View] = {
            "articles": self._views.articles,
            "questions": self._views.questions,
            "not-covered": self._views.not_covered,
            "not-covered.csv": self._views.not_covered_csv,
            "feedback": self._views.feedback,
            "citations": self._views.citations,
            "origins": self._views.origins,
            "build.json": self._views.build_json,
        }
        for name, view in views.items():
            routes.add_api_route(f"/{name}", self._seen(view), response_model=None)
        actions: dict[str, Action] = {
            "build": self._actions.build,
            "upload": self._actions.upload,
            "url": self._actions.url,
            "remove": self._actions.remove,
            "restore": self._actions.restore,
            "first-questions": self._actions.first_questions,
            "allow": self._actions.allow,
            "withdraw": self._actions.withdraw,
            "synonyms": self._actions.synonyms,
            "logout": self._logout,
        }
        for name, action in actions.items():
            endpoint = self._done(action, MOST_BYTES if name == "upload" else _FORM_BYTES)
            routes.add_api_route(f"/{name}", endpoint, methods=["POST"], response_model=None)
        routes.add_api_route("/login", self._login, methods=["POST"], response_model=None)
        return routes

    def takes_large(self, scope: Scope, *, is_served_here: bool = True) -> bool:
        """Whether the body may exceed the usual limit: uploads of a signed-in owner.

        Who is signed in, only the process that serves the owner's page knows.
        """
        if (scope.get("method"), scope.get("path")) != ("POST", UPLOAD):
            return False
        return not is_served_here or self._session(Request(scope)) is not None

    def _session(self, request: Request) -> Session | None:
        return self._sessions.of(request.cookies.get(COOKIE))

    def _seen(self, view: View) -> Callable[[Request], Response]:
        """The view for a signed-in owner; others are redirected to the login form."""

        def seen(request: Request) -> Response:
            session = self._session(request)
            return _to_login() if session is None else view(request, session)

        return seen

    def _done(self, action: Action, most: int) -> Callable[[Request], object]:
        """Run the action for a form of the session, then redirect to the page that it returns."""

        async def done(request: Request) -> Response:
            session = self._session(request)
            if session is None or not is_own(request.headers):
                return refused()
            try:
                async with bounded(request, most).form(max_files=MOST_FILES) as form:
                    if not session.may_act(form.get("csrf")):
                        return refused()
                    where = await to_thread.run_sync(self._try, action, session, form, request)
            except TooLargeError:
                session.notify("too_large", megabytes(most))
                where = f"{HOME}/articles"
            response = RedirectResponse(at_base(where), 303)
            if self._sessions.of(session.token) is None:
                response.delete_cookie(COOKIE, path=at_base(HOME))
            return response

        return done

    def _try(self, action: Action, session: Session, form: FormData, request: Request) -> str:
        try:
            return action(session, form)
        except (FootnoteError, OSError) as error:
            session.notify("fault", error)
            return f"{HOME}/articles"

    async def _login(self, request: Request) -> Response:
        if not is_own(request.headers):
            return refused()
        try:
            async with bounded(request, _FORM_BYTES).form() as form:
                password = form.get("password")
            await sleep(self._sessions.delay())
            address = request.client.host if request.client else ""
            entered = self._sessions.enter(str(password or ""), address)
        except TooLargeError:
            return refused()
        except TooManyAttemptsError as error:
            response = page(request, "login", None, fault="too_many", wait=-(-error.wait // 60))
            response.status_code, response.headers["Retry-After"] = 429, str(error.wait)
            return response
        if entered is None:
            response = page(request, "login", None, fault="wrong_password", wait=0)
            response.status_code = 403
            return response
        answer = RedirectResponse(at_base(HOME), 303)
        answer.set_cookie(
            COOKIE,
            entered.token,
            max_age=KEPT_FOR,
            path=at_base(HOME),
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )
        return answer

    def _home(self, request: Request) -> Response:
        session = self._session(request)
        if session is None:
            return page(request, "login", None, fault="", wait=0)
        return self._views.overview(request, session)

    def _logout(self, session: Session, form: FormData) -> str:
        self._sessions.leave(session)
        return HOME


def _some(names: Sequence[str]) -> str:
    """The first ten, and how many more there are.

    >>> _some(["a.txt", "b.txt"])
    'a.txt, b.txt'
    """
    more = f" (+{len(names) - _MOST_NAMED})" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


def _to_login() -> Response:
    return RedirectResponse(at_base(HOME), 303)


def refused() -> Response:
    """403 for a request that does not come from a form of a signed-in owner."""
    return error_response(403, "not_signed_in", "sign in at /admin, and use the forms of that page")


def bounded(request: Request, most: int) -> Request:
    """The request; reading more than `most` bytes of its body raises TooLargeError."""
    size = 0

    async def receive() -> Message:
        nonlocal size
        message = await request.receive()
        size += len(message.get("body", b""))
        if size > most:
            raise TooLargeError
        return message

    return Request(request.scope, receive)
