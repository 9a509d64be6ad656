"""Errors of the owner's page, with codes that every language has words for."""

from collections.abc import Mapping

from markupsafe import Markup

from index.errors import BuildRunsError, CodedError
from qa.web.i18n import filled

_NAME = Markup('<bdi class="name">{}</bdi>')
_ENGLISH = Markup('<bdi lang="en">{}</bdi>')


class OwnerError(CodedError):
    """Something that the owner's page cannot do."""


class NoSuchArticleError(OwnerError):
    """An article that does not exist."""

    def __init__(self, article_id: str) -> None:
        message = f"no article has the id {article_id!r}: see the list of articles"
        super().__init__("no_such_article", message, id=article_id)


def message_of(error: Exception, said: Mapping[str, str]) -> Markup:
    """The error in the language of the page, or in English if it has no words for it."""
    if isinstance(error, BuildRunsError):
        return filled(said["build_runs"])
    if isinstance(error, CodedError):
        parts = {name: _NAME.format(value) for name, value in error.parts.items()}
        return filled(said[f"fault_{error.code}"], **parts)
    return filled(said["fault_other"], message=_ENGLISH.format(error))
