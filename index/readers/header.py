"""The lines at the start of a plain text that tell about it and are no part of it."""

import re
from dataclasses import dataclass

from index.dates import read_date
from index.readers.decode import has_words
from index.readers.liveblog import opens_entry
from index.readers.metadata import Told, read_metadata
from index.readers.zone_note import find_zone

_KEYS = {
    "title": "title",
    "author": "author",
    "by": "author",
    "source": "source",
    "url": "url",
    "date": "published",
    "published": "published",
    "updated": "updated",
}
_LONGEST_VALUE = 300
_LONGEST_TITLE = 120
_LINE = re.compile(rf"({'|'.join(_KEYS)})[ \t]*:[ \t]*(\S[^\n]*?)[ \t]*(?:\n|\Z)", re.IGNORECASE)
_DATED = re.compile(
    r"date[ \t]+(\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:?\d\d)?)?"
    r"|\d{1,2} [^\W\d_]{3,9}\.? \d{4}|[^\W\d_]{3,9}\.? \d{1,2},? \d{4})"
    r"(?:[ \t]+(?=\S)|[ \t]*\n\s*)",
    re.IGNORECASE,
)
# A title may close with these; a line that closes with another mark goes on or is a sentence.
_NO_TITLE_END = (".", ",", ";", ":")


@dataclass(frozen=True, slots=True)
class Headed:
    """What the header tells, and the text without it."""

    told: Told
    text: str


def split_header(text: str, origin: str) -> Headed:
    """Tell the header from the text, which has `\\n` line ends and no blank space around it.

    >>> split_header("date 2022-09-29 Putin will annex", "a.txt").text
    'Putin will annex'
    """
    dated = _DATED.match(text)
    published = read_date(dated[1]) if dated else None
    if dated and published:
        return Headed(read_metadata({"published": published}, origin), text[dated.end() :])
    values, end = _header_lines(text)
    rest = text[end:].strip()
    if not values or not has_words(rest):
        return Headed(Told(), text)
    return Headed(read_metadata(values, origin), rest)


def split_title(text: str) -> tuple[str | None, str]:
    """The first line, if it stands as a title over the text, and the text that is left.

    >>> split_title("Old bridge reopens\\n\\nThe bridge opened on Friday.")
    ('Old bridge reopens', 'The bridge opened on Friday.')
    """
    line, _, below = text.partition("\n")
    title, rest = line.strip(), below.strip()
    stands_alone = not below.partition("\n")[0].strip()
    if not has_words(title) or not stands_alone or not has_words(rest):
        return None, text
    if len(title) > _LONGEST_TITLE or title.endswith(_NO_TITLE_END):
        return None, text
    if opens_entry(title) or read_date(title) or find_zone(title):
        return None, text
    return title, rest


def _header_lines(text: str) -> tuple[dict[str, object], int]:
    """The values of the header's lines and where the header ends."""
    values: dict[str, object] = {}
    end = 0
    while (line := _LINE.match(text, end)) and len(line[0]) <= _LONGEST_VALUE:
        key, value = _KEYS[line[1].lower()], line[2]
        if key in values or not _is_reasonable(key, value):
            break
        values[key] = value
        end = line.end()
    if len(values) == 1 and not _stands_by_itself(*next(iter(values.items()))):
        return {}, 0
    return values, end


def _is_reasonable(key: str, value: object) -> bool:
    """`Source: the river rises in …` is prose, as is an address with blanks in it."""
    words = str(value)
    if key == "url":
        return " " not in words
    return key == "title" or len(words) <= _LONGEST_TITLE


def _stands_by_itself(key: str, value: object) -> bool:
    """One line alone is a header only if its value cannot be the start of a story."""
    words = str(value)
    if key in ("published", "updated"):
        return read_date(words) is not None
    return key == "title" or not words.endswith(_NO_TITLE_END)
