"""What the buttons of the owner's page do; each gives the page to go on to."""

from starlette.datastructures import FormData, UploadFile

from index.errors import FootnoteError
from qa.web.owner.desk import Desk
from qa.web.owner.sessions import Session
from qa.web.owner.view import HOME


class Acts:
    """What whoever is signed in may do. Raises FootnoteError for what cannot be done."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def build(self, session: Session, form: FormData) -> str:
        """Start a build."""
        self._start(session, prune=form.get("prune") == "yes")
        return f"{HOME}/articles"

    def _start(self, session: Session, *, prune: bool) -> None:
        if not self._desk.builds.command.sources():
            session.tell("nothing_to_build")
        elif not self._desk.builds.start(prune=prune):
            session.tell("build_runs")

    def upload(self, session: Session, form: FormData) -> str:
        """Keep files for the next build."""
        files = [each for each in form.getlist("files") if isinstance(each, UploadFile)]
        added: list[str] = []
        for file in files:
            if not file.filename:
                continue
            try:
                replace = form.get("replace") == "yes"
                name = self._desk.add(file.filename, file.file, replace=replace)
                added.append(name)
            except FootnoteError as error:
                session.tell("fault", error)
        if added:
            more = f" (+{len(added) - 10})" if len(added) > 10 else ""
            session.tell("added", ", ".join(added[:10]) + more)
        elif not session.notices:
            session.tell("no_file")
        if added and form.get("build") == "yes":
            self._start(session, prune=False)
        return f"{HOME}/articles"

    def url(self, session: Session, form: FormData) -> str:
        """Fetch a page and keep it for the next build."""
        session.tell("added", self._desk.add_page(str(form.get("url", ""))))
        if form.get("build") == "yes":
            self._start(session, prune=False)
        return f"{HOME}/articles"

    def remove(self, session: Session, form: FormData) -> str:
        """Take an article out."""
        article_id = str(form.get("id", ""))
        self._desk.remove(article_id)
        session.tell("removed", article_id)
        return f"{HOME}/articles"

    def restore(self, session: Session, form: FormData) -> str:
        """Let builds read an article again."""
        article_id = str(form.get("id", ""))
        if self._desk.restore(article_id):
            session.tell("restored", article_id)
        return f"{HOME}/articles"
