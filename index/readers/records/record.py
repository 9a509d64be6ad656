"""One article from a record: an object of JSON, a row of a table, an item of a feed."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from index.article import DateOrigin
from index.errors import SettingError
from index.readers.base import (
    MOST_BYTES,
    TOO_LONG,
    Finding,
    Remark,
    Source,
    Unreadable,
    UnreadableError,
    encodable,
    has_words,
    plain_lines,
)
from index.readers.metadata import KEYS, found_article, read_metadata
from index.readers.shown import shown_text

EXAMPLE = '{"_id": "…", "title": "…", "text": "…"}'
# Named in an error; a table can have hundreds.
_MOST_KEYS = 12


def read_record(
    source: Source,
    origin: str,
    values: Mapping[str, object],
    identity: str | None = None,
    first_year: int | None = None,
    told_by: DateOrigin = "record",
) -> Iterator[Finding]:
    """The article of a record, whose text is in `text`, or in `html` as a page shows it.

    `origin` says where it is, for people. An article without an id is known by its `identity`,
    which is its address if none is given. `told_by` is what its dates come from.
    """
    names = names_in(values, source.keys)
    values = renamed(_with_bodies(values), names)
    try:
        text = _text(values)
    except UnreadableError as error:
        yield Unreadable(origin, str(error), source.part)
        return
    if "\0" in text:
        yield Remark(origin, f"has {text.count(chr(0))} NUL characters in its text: left out")
    read = read_metadata(values, origin, first_year, told_by, names)
    yield from read.remarks
    text = encodable(plain_lines(text.replace("\0", "")))
    told = read.metadata
    name = told.id or source.derived_name(identity or told.url or (told.title or "") + text)
    part = f"{source.part}#{name}" if source.part else name
    yield found_article(replace(source, name=name, part=part), text, read.metadata)


def hidden(values: Mapping[str, object]) -> dict[str, object]:
    """A record that nobody may read: a build that finds its article takes it out."""
    return {**values, "visibility": "hidden"}


def is_hidden(values: Mapping[str, object]) -> bool:
    """Whether nobody may read it."""
    return values.get("visibility") == "hidden"


def kind(value: object) -> str:
    """What JSON calls the type of a value."""
    kinds = {list: "list", str: "string", dict: "object", bool: "truth value", type(None): "null"}
    return kinds.get(type(value), "number")


def _with_bodies(values: Mapping[str, object]) -> Mapping[str, object]:
    """The values, with a `Text` or `HTML` as text or html, as all our keys may be in any case."""
    lowered = {str(key).lower(): value for key, value in values.items()}
    return {**{key: lowered[key] for key in ("text", "html") if key in lowered}, **values}


def _text(values: Mapping[str, object]) -> str:
    text, html = values.get("text"), values.get("html")
    if not isinstance(text, str | None):
        raise UnreadableError(f"has a {kind(text)} as text: write it as a string")
    if text and len(text) > MOST_BYTES:
        raise UnreadableError(f"is {TOO_LONG}: cut its article in parts")
    if text and has_words(text):
        return text
    shown = shown_text(html) if isinstance(html, str) else ""
    # Nobody reads a hidden one, and it has to be found to be taken out.
    if not has_words(shown) and not is_hidden(values):
        raise UnreadableError(_lacks_text(values))
    return shown


def _lacks_text(values: Mapping[str, object]) -> str:
    others = [repr(key) for key in values if key not in ("text", "html")]
    if not others or "text" in values:
        return f"has no text: write {EXAMPLE}"
    named = ", ".join(others[:_MOST_KEYS]) + (" …" if len(others) > _MOST_KEYS else "")
    return f"has no text; its keys are {named}: name the one that holds it, --map text=KEY"


_OURS = (*KEYS, "text", "html")


def read_keys(told: str) -> Mapping[str, str]:
    """Our names -> theirs. Raises SettingError, which quotes what cannot be read.

    >>> dict(read_keys("title=headline, text=body.raw"))
    {'title': 'headline', 'text': 'body.raw'}
    """
    pairs = [pair.partition("=") for pair in told.split(",") if pair.strip()]
    for ours, equals, theirs in pairs:
        if ours.strip() not in _OURS or not equals or not theirs.strip():
            pair = f"{ours}{equals}{theirs}".strip()
            raise SettingError(
                f"{pair!r} maps no key: write OURS=THEIRS, OURS being one of {', '.join(_OURS)}"
            )
    return MappingProxyType({ours.strip(): theirs.strip() for ours, _, theirs in pairs})


def names_in(values: Mapping[str, object], keys: Mapping[str, str]) -> Mapping[str, str]:
    """Our keys -> theirs, of those that the values have.

    A folder may hold other files beside an export, which have none.
    """
    # The first of our names for a thing counts more than the others.
    found = {KEYS.get(ours, (ours,))[0]: theirs for ours, theirs in keys.items()}
    return {ours: theirs for ours, theirs in found.items() if _at(values, theirs) is not None}


def renamed(values: Mapping[str, object], names: Mapping[str, str]) -> Mapping[str, object]:
    """The values, with those of other keys under ours; `a.b` is the key `b` of an object `a`,
    or of each object in a list.

    >>> renamed({"headline": "A", "body": {"raw": "B"}}, {"text": "body.raw"})["text"]
    'B'
    """
    return {**values, **{ours: _at(values, theirs) for ours, theirs in names.items()}}


def _at(values: Mapping[str, object], key: str) -> object:
    if key in values:
        return values[key]
    first, _, rest = key.partition(".")
    inner = values.get(first)
    if not rest:
        return None
    if isinstance(inner, list):
        told = (_at(each, rest) for each in inner if isinstance(each, Mapping))
        return [each for each in told if each is not None] or None
    return _at(inner, rest) if isinstance(inner, Mapping) else None
