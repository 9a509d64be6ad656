"""Topics instead of questions: a title or heading as it stands, or articles on something.

A title is answered by how its article or entry begins; "What articles are there on space?" asks for
articles, not for what they say.
"""

import re
from collections.abc import Iterable
from heapq import nlargest
from itertools import islice

from index.article import Article, Entry
from index.forms.folding import composed
from index.keys import first_key, number_of, place_of
from index.store import Located, Store
from qa.answer import Citation

_MOST_LOOKED_THROUGH = 10_000
# Passages are indexed with their title, so those of the article are found first.
LOOKED_AT = 8
_ARTICLES = r"(?:articles?|texts?|stories|posts?|documents?|pieces)"
_ARCHIVE = r"(?:this|the|your)\s+(?:archive|collection|library|site|website|blog)"
_ALL = rf"(?:these|the|your|all(?:\s+the)?)\s+{_ARTICLES}"
_ON = (
    r"(?:about|on|concerning|regarding|(?:that\s+)?(?:cover|mention|discuss)(?:ing)?|related\s+to)"
)
_SOME = rf"(?:(?:any|some|more|the|your)\s+)*(?:{_ARTICLES}|anything|something)"
_OF_A_TOPIC = re.compile(
    rf"\W*(?:(?:what|which)\s+{_ARTICLES}\s+(?:do\s+you\s+have|have\s+you(?:\s+got)?|are\s+there|"
    rf"can\s+i\s+(?:read|find)|are|deal|tell|talk)(?:\s+here)?\s+(?:{_ON}|with|of)|"
    rf"(?:please\s+)?(?:list|show|find|give)(?:\s+me)?\s+(?:all\s+|the\s+|your\s+|some\s+)*"
    rf"{_ARTICLES}\s+{_ON}|"
    rf"(?:do\s+you\s+have|have\s+you(?:\s+got)?|are\s+there)\s+{_SOME}(?:\s+here)?\s+{_ON}|"
    r"is\s+there\s+(?:anything|something)(?:\s+here)?\s+about|"
    rf"what\s+(?:do\s+you\s+have|have\s+you\s+(?:got|written|published)|can\s+i\s+read)\s+{_ON}|"
    rf"(?:articles|any\s+{_ARTICLES})\s+{_ON})\s+(?P<topic>(?!here\W*$).+?)\W*",
    re.IGNORECASE | re.DOTALL,
)
_OF_ALL = re.compile(
    rf"\W*(?:what(?:['’]?s|\s+is|\s+are)\s+(?:{_ARCHIVE}|{_ALL})\s+about|"
    rf"what(?:['’]?s|\s+is)\s+in\s+{_ARCHIVE}|"
    rf"(?:what|which)\s+(?:topics|subjects|{_ARTICLES})\s+(?:do\s+you\s+(?:have|cover)|"
    rf"(?:do|does)\s+(?:{_ARCHIVE}|{_ALL})\s+(?:have|cover)|are\s+(?:there|covered))|"
    rf"what\s+(?:do|does)\s+(?:you|{_ARCHIVE}|{_ALL})\s+(?:cover|write\s+about|deal\s+with)|"
    r"what(?:\s+all)?\s+(?:can|could)\s+i\s+(?:read|find|learn)(?:\s+about)?|"
    rf"(?:list|show)(?:\s+me)?\s+(?:{_ALL}|all\s+{_ARTICLES}))(?:\s+here)?\W*",
    re.IGNORECASE,
)


def lead_of(text: str, found: Iterable[int], store: Store) -> Citation | None:
    """The lead of the article or entry that `text` names; None if it names none.

    `found` are the keys of the first LOOKED_AT passages from a search for it, best first.
    """
    asked = plain(text)
    if not asked:
        return None
    for located in store.located(list(found)):
        entry = located.passage.entry
        if entry is not None and asked == plain(entry.heading):
            return _lead(_first_of_entry(located, entry, store), entry.body)
        if asked == plain(located.article.title):
            return opening_of(number_of(located.key), store)
    return None


def newest_listed(store: Store, most: int, source: str | None = None) -> list[int]:
    """Numbers of at most so many articles that were published last, of a source if one is named."""
    known = islice(store.listed(), _MOST_LOOKED_THROUGH)
    listed = [each for each in known if source is None or each.source == source]
    newest = nlargest(most, listed, key=lambda each: each.published or "")
    return [each.number for each in newest]


def opening_of(number: int, store: Store) -> Citation | None:
    """How the article of this number begins."""
    return _lead(store.locate(first_key(number)), 0)


def topics_of(article: Article, near: int) -> list[str]:
    """The topics of an article: the headings of a live blog, else its title.

    The headings nearest to the character `near` come first, without its own.
    """
    entries = [each for each in article.entries if each.heading]
    if not entries:
        return [article.title] if article.title else []
    others = [each for each in entries if not each.start <= near < each.end]
    return [each.heading for each in sorted(others, key=lambda each: abs(each.start - near))]


def plain(text: str | None) -> str:
    """A normalised form: texts that differ only in case, spaces or end marks are the same.

    >>> plain("Who  led it?") == plain("who led it")
    True
    """
    return " ".join(composed(text or "").casefold().split()).rstrip("?!. ")


def _first_of_entry(located: Located, entry: Entry, store: Store) -> Located:
    while place_of(located.key):
        before = store.locate(located.key - 1)
        if before.passage.entry != entry:
            break
        located = before
    return located


def _lead(located: Located, body: int) -> Citation | None:
    """The first sentence from `body` on, which is after the time line of an entry."""
    passage = located.passage
    span = next((span for span in passage.sentences if span[0] >= body), None)
    if span is None:
        return None
    start, end = span
    return Citation(
        number=1,
        passage=passage,
        article=located.article,
        quote=located.article.text[start:end],
        quote_start=start,
        quote_end=end,
        score=1.0,
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
