"""A question from outside into a `Question`, or one clear error. Every face reads through here.

Files of questions: one JSON object a line, gzipped or not.
"""

import gzip
import json
import unicodedata
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import TextIOBase
from pathlib import Path
from types import MappingProxyType
from typing import cast

from rapidfuzz.fuzz import WRatio
from rapidfuzz.process import extract

from index.analysis import content_words, words
from index.article import parse_passage_id
from index.dates import DateError, time_range
from index.errors import FootnoteError
from index.store import Store
from qa.answer import DEFAULT_K, IGNORABLE, Ignorable, Question, Turn, Within
from qa.understand.smalltalk import small_talk

LONGEST_QUESTION = 2_000
LARGEST_K = 1_000
LONGEST_URL = 2_000
_LONGEST_HISTORY = 20
_LONGEST_FIELD = 200
# Of one earlier answer; further ones are skipped.
_MOST_CITED = 20
_LONGEST_ID = 2_000
# No clock on earth is further from UTC.
_FURTHEST_OFFSET = timedelta(hours=14)
# Of sources named like the one that is asked for.
_NEAREST = 3


class BadQuestionError(FootnoteError):
    """A question that cannot be asked. `code` names the fault for programs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def read_question(record: Mapping[str, object]) -> Question:
    """A record of the batch file or the API: `question`, and optionally the other fields.

    A field that is null counts as absent, and so does a blank date or source; unknown fields are
    skipped. BEIR's names `_id` and `text` are read as `id` and `question`. Raises
    BadQuestionError.
    """
    history = _history(record)
    question = Question(
        text=_text(_first(record, "question", "text"), has_history=bool(history)),
        id=_id(_first(record, "id", "_id")),
        history=history,
        asked_at=_date(record, "asked_at"),
        after=_date(record, "after"),
        before=_date(record, "before"),
        source=_string(record, "source"),
        k=_k(record.get("k")),
        ignore=_ignore(record.get("ignore")),
        page_url=_string(record, "page_url", LONGEST_URL),
        within=_within(record),
    )
    _check_period(question)
    return question


def _first(record: Mapping[str, object], *names: str) -> object:
    return next((record[name] for name in names if record.get(name) is not None), None)


def _text(value: object, *, has_history: bool) -> str:
    if value is not None and not isinstance(value, str):
        raise BadQuestionError("bad_question", f"the question is {value!r:.40}, not a text")
    sent = value or ""
    text = sent.strip()
    if not text:
        raise BadQuestionError("empty_question", "the question is empty: ask something")
    # As it is sent, since that is what `/openapi.json` bounds.
    length = len(text) if len(text) > LONGEST_QUESTION else len(sent)
    if length > LONGEST_QUESTION:
        raise BadQuestionError(
            "question_too_long",
            f"the question has {length:,} characters: ask in at most {LONGEST_QUESTION:,}",
        )
    _check_characters("question", text)
    if not words(text):
        raise BadQuestionError(
            "no_words", f"the question {text[:40]!r} has no words: ask in words or numbers"
        )
    # After other questions a bare "why?" means something; alone it does not. "Who are you?" has a
    # reply, if no answer.
    if not has_history and not content_words(text) and small_talk(text) is None:
        raise BadQuestionError(
            "only_stop_words",
            f"the question {text[:40]!r} is too general: add a topic",
        )
    return text


def _check_characters(name: str, text: str) -> None:
    """Control characters and lone surrogates are in no question a person types."""
    for character in text:
        if unicodedata.category(character) in ("Cc", "Cs") and character not in "\t\n\r":
            raise BadQuestionError(
                "bad_character",
                f"the {name} contains the character U+{ord(character):04X}: remove it",
            )


def _history(record: Mapping[str, object]) -> tuple[Turn, ...]:
    value = record.get("history")
    if value is None:
        return ()
    if not isinstance(value, list):
        raise _bad_history(f"history is {value!r:.40}, not a list")
    return tuple(_turn(item) for item in value[-_LONGEST_HISTORY:])


def _turn(item: object) -> Turn:
    """An item of the history: a text, or an object of the question and what was cited."""
    if isinstance(item, str):
        return Turn(_earlier(item))
    if not isinstance(item, dict):
        raise _bad_history(f"history holds {item!r:.40}")
    question, cited = item.get("question"), item.get("cited")
    if not isinstance(question, str):
        raise _bad_history(f"history holds the question {question!r:.40}, not a text")
    ids = [] if cited is None else cited
    if not isinstance(ids, list):
        raise _bad_history(f"history holds the citations {cited!r:.40}, not a list")
    return Turn(_earlier(question), tuple(_passage_id(each) for each in ids[:_MOST_CITED]))


def _earlier(text: str) -> str:
    _check_characters("history", text)
    return text[:LONGEST_QUESTION]


def _passage_id(value: object) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST_ID or parse_passage_id(value) is None:
        raise _bad_history(f"history cites {value!r:.40}, not a passage id")
    _check_characters("history", value)
    return value


def _bad_history(fault: str) -> BadQuestionError:
    return BadQuestionError(
        "bad_history",
        f'{fault}: send ["earlier question", {{"question": "…", "cited": ["article:0-99"]}}, …]',
    )


def _id(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        _check_characters("id", value)
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise BadQuestionError("bad_id", f"the id is {value!r:.40}: send a text or a number")


def _string(record: Mapping[str, object], name: str, longest: int = _LONGEST_FIELD) -> str | None:
    value = record.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise BadQuestionError(f"bad_{name}", f"{name} is {value!r:.40}, not a text")
    if len(value) > longest:
        raise BadQuestionError(
            f"bad_{name}",
            f"{name} has {len(value):,} characters: send at most {longest:,}",
        )
    _check_characters(name, value)
    return value.strip() or None


def _date(record: Mapping[str, object], name: str) -> str | None:
    value = _string(record, name)
    if value is None:
        return None
    try:
        time_range(value)
    except DateError as error:
        raise BadQuestionError("bad_date", f"{name}: {error}") from None
    return value


def _k(value: object) -> int:
    if value is None:
        return DEFAULT_K
    if isinstance(value, float) and value.is_integer():
        # JSON does not tell 3.0 from 3.
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= LARGEST_K:
        raise BadQuestionError(
            "bad_k", f"k is {value!r:.40}: send a whole number from 1 to {LARGEST_K:,}"
        )
    return value


def _ignore(value: object) -> frozenset[Ignorable]:
    names = value if isinstance(value, list) else [value] if value is not None else []
    ignored = frozenset(name for name in IGNORABLE if name in names)
    if len(ignored) < len(names):
        raise BadQuestionError(
            "bad_ignore", f"ignore is {value!r:.40}: send a list of any of " + ", ".join(IGNORABLE)
        )
    return ignored


def _within(record: Mapping[str, object]) -> Within | None:
    value = _string(record, "within")
    if value is None:
        return None
    if value != "page":
        raise BadQuestionError("bad_within", f"within is {value!r:.40}: send 'page' or nothing")
    if _string(record, "page_url", LONGEST_URL) is None:
        raise BadQuestionError("bad_within", "within is 'page' without one: send page_url too")
    return "page"


def _check_period(question: Question) -> None:
    if question.after is None or question.before is None:
        return
    if _is_empty(time_range(question.after).start, time_range(question.before).end):
        raise BadQuestionError(
            "bad_period",
            f"after {question.after!r} is later than before {question.before!r}: swap them",
        )


def _is_empty(start: datetime, end: datetime) -> bool:
    """Whether nothing can lie between. A bound without an offset is by the clock of each place."""
    if (start.tzinfo is None) == (end.tzinfo is None):
        return start >= end
    return _clock_of_utc(start) - _clock_of_utc(end) >= _FURTHEST_OFFSET


def _clock_of_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that asks nothing that can be answered, and why."""

    id: str | None
    number: int
    error: BadQuestionError


def read_batch(
    path: Path, defaults: Mapping[str, object] = MappingProxyType({})
) -> Iterator[Question | BadLine]:
    """Each line's question in the order of the file; blank lines are skipped.

    A field that a line leaves out is taken from `defaults`. Raises OSError where the file cannot
    be opened or is damaged as gzip.
    """
    with open_lines(path) as lines:
        for number, line in enumerate(_sound(path, lines), start=1):
            if line.strip():
                yield _read_line(number, line, defaults)


def open_lines(path: Path) -> TextIOBase:
    """A text file of lines, gzipped where its name ends in `.gz`; a byte order mark is dropped."""
    if path.suffix.lower() == ".gz":
        return cast(TextIOBase, gzip.open(path, "rt", encoding="utf-8-sig", errors="replace"))
    return path.open(encoding="utf-8-sig", errors="replace")


def _sound(path: Path, lines: TextIOBase) -> Iterator[str]:
    try:
        yield from lines
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise OSError(f"{path} is damaged as gzip ({error}): compress it again") from error


def _read_line(number: int, line: str, defaults: Mapping[str, object]) -> Question | BadLine:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        message = f'{line.strip()[:40]!r} is invalid JSON: write {{"question": "…"}}'
        error = BadQuestionError("invalid_json", message)
        return BadLine(None, number, error)
    if not isinstance(record, dict):
        message = f'{line.strip()[:40]!r} is not an object: write {{"question": "…"}}'
        error = BadQuestionError("bad_line", message)
        return BadLine(None, number, error)
    told = {name: value for name, value in record.items() if value is not None}
    try:
        return read_question({**defaults, **told})
    except BadQuestionError as bad:
        given = told.get("id", told.get("_id"))
        return BadLine(None if given is None else str(given), number, bad)


def check_source(question: Question, store: Store) -> None:
    """Raises BadQuestionError, with the nearest names, where no article is of the source."""
    asked = question.source
    if asked is None:
        return
    sources = store.sources()
    if asked not in sources:
        raise BadQuestionError("unknown_source", _refusal(asked, sources))


def _refusal(asked: str, sources: list[str]) -> str:
    if not sources:
        return f"no article is of the source {asked!r}: no article names one, so ask without"
    near = extract(asked.casefold(), sources, scorer=WRatio, processor=str.casefold, limit=_NEAREST)
    named = " or ".join(repr(name) for name, *_ in near)
    return f"no article is of the source {asked!r}: ask for {named}, or without a source"
