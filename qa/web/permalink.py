"""The address of an answer, which asks its question again."""

from urllib.parse import quote, urlencode

from qa.answer import Question


def permalink(question: Question) -> str:
    """The chat's address with the question and its filters.

    >>> permalink(Question("Who won?", after="2022-09-28"))
    '/?q=Who%20won%3F&after=2022-09-28'
    """
    asked = [("q", question.text)]
    filters = (("after", question.after), ("before", question.before), ("source", question.source))
    asked += [(name, value) for name, value in filters if value]
    asked += [("ignore", name) for name in sorted(question.ignore)]
    return f"/?{urlencode(asked, quote_via=quote)}"
