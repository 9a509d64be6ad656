"""Plain text, one article a file; it may begin with a header, which is not part of the text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.dates import read_date, read_date_or_part
from index.readers.base import (
    Finding,
    Source,
    has_words,
    text_of,
)
from index.readers.masthead import (
    LONGEST_TITLE,
    NO_TITLE_END,
    hidden_by_slip,
    is_title,
    read_masthead,
)
from index.readers.metadata import (
    KEYS,
    Metadata,
    ReadMetadata,
    found_article,
    merge,
    read_metadata,
    read_sidecar,
)

# Key in lower case -> its field of Metadata.
_FIELDS = {key: field for field, keys in KEYS.items() for key in keys}
_DATES = ("published", "updated", "embargo")
_LONGEST_LINE = 300
# How far one can see, which a report of the weather may begin with.
_SIGHT = frozenset(("clear", "excellent", "fair", "good", "hazy", "moderate", "poor", "unlimited"))
_LINE = re.compile(r"(?P<key>[^\W\d][\w-]{0,30})[ \t]*:(?:[ \t]+(?P<value>.*)|(?P<tight>.*))")
_DATED = (
    r"[ \t]*date[ \t]+(\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:?\d\d)?)?"
    r"|\d{1,2} [^\W\d_]{3,9}\.? \d{4}|[^\W\d_]{3,9}\.? \d{1,2},? \d{4})"
)
_DATED_LINE = re.compile(_DATED, re.IGNORECASE)
_DATED_STORY = re.compile(_DATED + r"[ \t]+(?=\S)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Headed:
    """The metadata of the header, and the text without it."""

    header: ReadMetadata
    text: str


def split_header(text: str, origin: str) -> Headed:
    """Split the header from `text`, which has `\\n` line ends and no blank space around it.

    >>> split_header("date 2022-09-29 Putin will annex", "a.txt").text
    'Putin will annex'
    """
    values, end = _header_lines(text)
    dated = _DATED_STORY.match(text, end)
    published = read_date(dated[1]) if dated else None
    if dated and published and "date" not in values:
        values["date"], end = published, dated.end()
    rest = text[end:].strip()
    if values and has_words(rest):
        return Headed(read_metadata(values, origin, told_by="header"), rest)
    head = read_masthead(text)
    if head is None:
        return Headed(ReadMetadata(), text)
    return Headed(read_metadata(head.told, origin, told_by="opening"), text[head.end :])


def split_title(text: str) -> tuple[str | None, str]:
    """The first line, if it is a title above the text, and the rest of the text.

    >>> split_title("Old bridge reopens\\n\\nThe bridge opened on Friday.")
    ('Old bridge reopens', 'The bridge opened on Friday.')
    """
    line, _, below = text.partition("\n")
    title, rest = line.strip(), below.strip()
    stands_alone = not below.partition("\n")[0].strip()
    if not stands_alone or not has_words(rest) or not is_title(title):
        return None, text
    return title, rest


def _header_lines(text: str) -> tuple[dict[str, object], int]:
    """The values of the header's lines, and where it ends: after its last known key."""
    values: dict[str, object] = {}
    end = 0
    for line, line_end in _lines(text):
        pair = _key_and_value(line)
        if pair is None:
            break
        key, value = pair
        if key in values or not _is_reasonable(key, value):
            break
        if key not in _FIELDS and not values:
            break
        if key in _FIELDS:
            values |= {key: value} if value else {}
            end = line_end
    if not values or (len(values) == 1 and not _stands_by_itself(*next(iter(values.items())))):
        return {}, 0
    return values, end


def _lines(text: str) -> Iterator[tuple[str, int]]:
    """Each line of the first block without blank space around it, and where the next begins."""
    start = 0
    while start < len(text):
        newline = text.find("\n", start, start + _LONGEST_LINE)
        end = newline + 1 if newline >= 0 else len(text)
        line = text[start : min(end, start + _LONGEST_LINE + 1)]
        if len(line) > _LONGEST_LINE or not line.strip():
            return
        yield line.strip(), end
        start = end


def _key_and_value(line: str) -> tuple[str, str] | None:
    """From `Date: x` or `date 2022-09-29`; the value may be in quotes, or empty."""
    dated = _DATED_LINE.fullmatch(line)
    if dated:
        return ("date", dated[1]) if read_date(dated[1]) else None
    parts = _LINE.fullmatch(line)
    if parts is None:
        return None
    key = parts["key"].lower()
    if parts["tight"] and key not in _FIELDS:
        return None
    return key, _unquoted((parts["value"] or parts["tight"] or "").strip())


def _unquoted(value: str) -> str:
    """`"Foo"` -> `Foo`; in `"Foo" and "Bar"` the quotes belong to the words."""
    quote = value[:1]
    if quote in ("'", '"') and len(value) > 1 and value.endswith(quote):
        inner = value[1:-1]
        return value if quote in inner else inner.strip()
    return value


def _is_reasonable(key: str, value: str) -> bool:
    """`Source: the river rises in …` is prose, and so are an address with spaces in it and a
    sentence after an unknown key."""
    field = _FIELDS.get(key)
    if field in ("url", "id", "visibility"):
        return " " not in value
    if field is None and value.endswith(NO_TITLE_END):
        return False
    return field == "title" or len(value) <= LONGEST_TITLE


def _stands_by_itself(key: str, value: object) -> bool:
    """One line alone is a header only if its value cannot be the start of a story."""
    words = str(value)
    if _FIELDS[key] in _DATES:
        return read_date_or_part(words) is not None
    if _FIELDS[key] == "visibility" and words.lower() in _SIGHT:
        return False
    return _FIELDS[key] == "title" or not words.endswith(NO_TITLE_END)


class TextReader:
    """Reads `.txt`: a header if there is one, a title if there is one, and the text."""

    def read(self, source: Source) -> Iterator[Finding]:
        """The one article of the file. Raises UnreadableError and OSError."""
        headed = split_header(text_of(source.content()), source.origin)
        sidecar = read_sidecar(source)
        slip = hidden_by_slip(headed.text, source.origin, sidecar.metadata)
        yield from (*headed.header.remarks, *slip.remarks, *sidecar.remarks)
        metadata = merge(merge(headed.header.metadata, slip.metadata), sidecar.metadata)
        yield found_article(source, *_titled(headed.text, metadata))


def _titled(text: str, metadata: Metadata) -> tuple[str, Metadata]:
    """The first line becomes the title only if the metadata has none: no words are lost."""
    if metadata.title:
        return text, metadata
    title, rest = split_title(text)
    return rest, merge(metadata, Metadata(title=title))


READS = dict.fromkeys((".txt", ".text"), TextReader())
