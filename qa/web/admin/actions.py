"""What the buttons of the owner's page do."""

from collections.abc import Callable, Sequence

from starlette.datastructures import FormData, UploadFile

from index.errors import FootnoteError
from qa.web.admin.rulebook import AT_ONCE
from qa.web.admin.service import AdminService
from qa.web.admin.sessions import Session
from qa.web.admin.views import HOME, article_page

Action = Callable[[Session, FormData], str]
# A notice names no more.
_MOST_NAMED = 10


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

    def fetch_again(self, session: Session, form: FormData) -> str:
        """Have what could not be fetched tried again."""
        self._service.fetch_again()
        session.notify("fetch_asked")
        return f"{HOME}/articles"

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

    def edit(self, session: Session, form: FormData) -> str:
        """Keep what the owner says of an article."""
        article_id = self._service.edits.find(str(form.get("id", ""))).id
        try:
            facts = self._service.edits.save(article_id, _texts(form))
            session.notify("edit_hidden" if facts.visibility == "hidden" else "edit_saved")
        except (FootnoteError, OSError) as error:
            session.notify("fault", error)
        return article_page(article_id)

    def take_back(self, session: Session, form: FormData) -> str:
        """Have an article as its file does."""
        article_id = str(form.get("id", ""))
        if self._service.edits.take_back(article_id):
            session.notify("edit_taken_back", article_id)
        return f"{HOME}/articles"

    def add_rule(self, session: Session, form: FormData) -> str:
        """Add a rule of the house."""
        kind = str(form.get("kind", ""))
        self._service.rulebook.add(kind, _texts(form))
        session.notify("rule_now" if kind in AT_ONCE else "rule_later")
        return f"{HOME}/rules"

    def drop_rule(self, session: Session, form: FormData) -> str:
        """Take a rule away that was added here."""
        kind = str(form.get("kind", ""))
        if self._service.rulebook.drop(kind, str(form.get("mark", ""))):
            session.notify("rule_now" if kind in AT_ONCE else "rule_later")
        return f"{HOME}/rules"

    def allow(self, session: Session, form: FormData) -> str:
        """Let pages of a site use the server."""
        origin = str(form.get("origin", ""))
        self._service.allow(origin)
        session.notify("origin_allowed", origin)
        return f"{HOME}/origins"

    def withdraw(self, session: Session, form: FormData) -> str:
        """Refuse pages of a site again."""
        origin = str(form.get("origin", ""))
        if self._service.sites.withdraw(origin):
            session.notify("origin_withdrawn", origin)
        return f"{HOME}/origins"

    def first_questions(self, session: Session, form: FormData) -> str:
        """Save the list of first questions."""
        self._service.keep_first_questions(str(form.get("questions", "")), _seen(form))
        session.notify("list_saved")
        return f"{HOME}/questions"

    def synonyms(self, session: Session, form: FormData) -> str:
        """Save the list of words that mean the same."""
        alone = self._service.keep_synonyms(str(form.get("synonyms", "")), _seen(form))
        session.notify("list_saved")
        if alone:
            session.notify("synonyms_alone", _some(alone))
        return f"{HOME}/questions"


def _texts(form: FormData) -> dict[str, str]:
    """The fields of a form that hold text."""
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _seen(form: FormData) -> str | None:
    """The marks of the lines that a list was opened with."""
    seen = form.get("seen")
    return seen if isinstance(seen, str) else None


def _some(names: Sequence[str]) -> str:
    """The first ten, and how many more there are.

    >>> _some(["a.txt", "b.txt"])
    'a.txt, b.txt'
    """
    more = f" (+{len(names) - _MOST_NAMED})" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more
