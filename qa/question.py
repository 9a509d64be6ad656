"""A question from outside into a `Question`, or one clear error. Every face reads through here."""

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from index.dates import DateError, time_range
from index.errors import FootnoteError
from index.lexical import words
from qa.answer import DEFAULT_K, Question
from qa.small_talk import small_talk
from qa.terms import content_words
from qa.understood import IGNORABLE, Ignorable

LONGEST_QUESTION = 2_000
LARGEST_K = 1_000
_LONGEST_HISTORY = 20
_LONGEST_FIELD = 200
# No clock on earth is further from UTC.
_FURTHEST_OFFSET = timedelta(hours=14)


class BadQuestionError(FootnoteError):
    """A question that cannot be asked. `code` names the fault for programs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def read_question(record: Mapping[str, object]) -> Question:
    """A record of the batch file or the API: `question`, and optionally the other fields.

    A field that is null counts as absent, and so does a blank date or source; unknown fields are
    passed over. BEIR's names `_id` and `text` are read as `id` and `question`. Raises
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
    )
    _check_period(question)
    return question


def _first(record: Mapping[str, object], *names: str) -> object:
    return next((record[name] for name in names if record.get(name) is not None), None)


def _text(value: object, *, has_history: bool) -> str:
    if value is not None and not isinstance(value, str):
        raise BadQuestionError("bad_question", f"the question is {value!r:.40}, not a text")
    text = (value or "").strip()
    if not text:
        raise BadQuestionError("empty_question", "the question is empty: ask something")
    if len(text) > LONGEST_QUESTION:
        raise BadQuestionError(
            "question_too_long",
            f"the question has {len(text):,} characters: ask in at most {LONGEST_QUESTION:,}",
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
            f"the question {text[:40]!r} has only words such as 'what' and 'is': "
            "name what you want to know about",
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


def _history(record: Mapping[str, object]) -> tuple[str, ...]:
    value = record.get("history")
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(turn, str) for turn in value):
        raise BadQuestionError(
            "bad_history",
            f'history is {value!r:.40}, no list of texts: send ["earlier question", …]',
        )
    for turn in value:
        _check_characters("history", turn)
    return tuple(turn[:LONGEST_QUESTION] for turn in value[-_LONGEST_HISTORY:])


def _id(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        _check_characters("id", value)
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise BadQuestionError("bad_id", f"the id is {value!r:.40}: send a text or a number")


def _string(record: Mapping[str, object], name: str) -> str | None:
    value = record.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise BadQuestionError(f"bad_{name}", f"{name} is {value!r:.40}, not a text")
    if len(value) > _LONGEST_FIELD:
        raise BadQuestionError(
            f"bad_{name}",
            f"{name} has {len(value):,} characters: send at most {_LONGEST_FIELD}",
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
            "bad_ignore", f"ignore is {value!r:.40}: send a list of " + " and ".join(IGNORABLE)
        )
    return ignored


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
