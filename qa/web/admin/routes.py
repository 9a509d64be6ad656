"""`/admin`: the owner's page, rendered on the server.

Not with Gradio: its events have no session that can be ended, its uploads land in a folder that
every visitor can write to, and its page needs inline styles. Here a page is a form, a table and
one small script, under the same policy as the reader's.
"""

from collections.abc import Callable

from anyio import sleep, to_thread
from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import Message, Scope

from index.errors import FootnoteError
from qa.present.links import at_base
from qa.web.admin.actions import Action, Actions
from qa.web.admin.builds import MOST_BYTES, MOST_FILES
from qa.web.admin.service import AdminService
from qa.web.admin.sessions import KEPT_FOR, Session, Sessions, TooManyAttemptsError
from qa.web.admin.views import HOME, Views, megabytes, page, problem_page
from qa.web.errors import error_response
from qa.web.guard.middleware import is_own

UPLOAD = f"{HOME}/upload"
COOKIE = "footnote_owner"
_FORM_BYTES = 64 * 1024

View = Callable[[Request, Session], Response]


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
            "article": self._views.article,
            "questions": self._views.questions,
            "rules": self._views.rules,
            "not-covered": self._views.not_covered,
            "not-covered.csv": self._views.not_covered_csv,
            "feedback": self._views.feedback,
            "citations": self._views.citations,
            "origins": self._views.origins,
            "build.json": self._views.build_json,
        }
        for name, view in views.items():
            routes.add_api_route(f"/{name}", self._seen(view), response_model=None)
        # By the page that their buttons stand on, which is shown again if they fail.
        actions: dict[str, dict[str, Action]] = {
            "articles": {
                "build": self._actions.build,
                "fetch-again": self._actions.fetch_again,
                "upload": self._actions.upload,
                "url": self._actions.url,
                "remove": self._actions.remove,
                "restore": self._actions.restore,
                "edit": self._actions.edit,
                "take-back": self._actions.take_back,
                "logout": self._logout,
            },
            "questions": {
                "first-questions": self._actions.first_questions,
                "synonyms": self._actions.synonyms,
            },
            "rules": {"add-rule": self._actions.add_rule, "drop-rule": self._actions.drop_rule},
            "origins": {"allow": self._actions.allow, "withdraw": self._actions.withdraw},
        }
        placed = [(where, *each) for where, there in actions.items() for each in there.items()]
        for where, name, action in placed:
            most = MOST_BYTES if name == "upload" else _FORM_BYTES
            endpoint = self._done(action, f"{HOME}/{where}", most)
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

    def _done(self, action: Action, home: str, most: int) -> Callable[[Request], object]:
        """Run the action for a form of the session, then redirect to the page that it returns.

        If it fails, that is the page `home`.
        """

        async def done(request: Request) -> Response:
            session = self._session(request)
            if session is None or not is_own(request.headers):
                return refused()
            try:
                async with bounded(request, most).form(max_files=MOST_FILES) as form:
                    if not session.may_act(form.get("csrf")):
                        return refused()
                    where = await to_thread.run_sync(_try, action, session, form, home)
            except TooLargeError:
                session.notify("too_large", megabytes(most))
                where = home
            response = RedirectResponse(at_base(where), 303)
            if self._sessions.of(session.token) is None:
                response.delete_cookie(COOKIE, path=at_base(HOME))
            return response

        return done

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


def _try(action: Action, session: Session, form: FormData, home: str) -> str:
    try:
        return action(session, form)
    except (FootnoteError, OSError) as error:
        session.notify("fault", error)
        return home


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
