"""Questions for articles, not for what they say: "What articles are there on space?" is one."""

import re

_ARTICLES = r"(?:articles?|texts?|stories|posts?|documents?|pieces)"
_ARCHIVE = r"(?:this|the|your)\s+(?:archive|collection|library|site|website|blog)"
_ALL = rf"(?:these|the|your|all(?:\s+the)?)\s+{_ARTICLES}"
_ON = r"(?:about|on|concerning|regarding)"
_OF_A_TOPIC = re.compile(
    rf"\W*(?:(?:what|which)\s+{_ARTICLES}\s+(?:do\s+you\s+have|have\s+you(?:\s+got)?|are\s+there|"
    rf"can\s+i\s+(?:read|find)|are|deal|tell|talk)(?:\s+here)?\s+(?:{_ON}|with|of)|"
    rf"(?:please\s+)?(?:list|show|find|give)(?:\s+me)?\s+(?:all\s+|the\s+|your\s+|some\s+)*"
    rf"{_ARTICLES}\s+{_ON}|"
    rf"(?:do\s+you\s+have|have\s+you(?:\s+got)?|are\s+there)\s+(?:any\s+)?{_ARTICLES}\s+{_ON}|"
    rf"(?:any\s+)?articles\s+{_ON})\s+(?P<topic>.+?)\W*",
    re.IGNORECASE | re.DOTALL,
)
_OF_ALL = re.compile(
    rf"\W*(?:what(?:['’]?s|\s+is|\s+are)\s+(?:{_ARCHIVE}|{_ALL})\s+about|"
    rf"what(?:['’]?s|\s+is)\s+in\s+{_ARCHIVE}|"
    rf"(?:what|which)\s+(?:topics|subjects|{_ARTICLES})\s+(?:do\s+you\s+(?:have|cover)|"
    rf"(?:do|does)\s+(?:{_ARCHIVE}|{_ALL})\s+(?:have|cover)|are\s+(?:there|covered))|"
    rf"what\s+(?:do|does)\s+(?:{_ARCHIVE}|{_ALL})\s+cover|"
    rf"(?:list|show)(?:\s+me)?\s+(?:{_ALL}|all\s+{_ARTICLES}))(?:\s+here)?\W*",
    re.IGNORECASE,
)


def topic_listed(text: str) -> str | None:
    """The topic of the articles that are asked for; empty for all, None where none are.

    >>> topic_listed("What articles do you have about space?")
    'space'
    >>> topic_listed("What is this archive about?"), topic_listed("What is space?")
    ('', None)
    """
    if _OF_ALL.fullmatch(text):
        return ""
    found = _OF_A_TOPIC.fullmatch(text)
    return found["topic"] if found else None
