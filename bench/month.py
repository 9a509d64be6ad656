"""A month of questions in the journal, so that the owner's page has something to tell."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from index.build.ledger import OWNED
from index.encoders import ModelEncoder
from index.settings import Settings
from qa.journal import JOURNAL, Feedback, Journal
from qa.live import LiveIndex
from qa.question import read_question

DAYS = 30
_ASKED = (
    "How loud was Krakatoa?",
    "When did the Eagle land?",
    "Who was the first woman in space?",
    "Who won the World Cup in 1998?",
    "How many people died in the Tambora eruption?",
    "Which countries abstained in the Security Council?",
    "When did Sputnik 1 launch?",
    "Who was the last person to catch smallpox?",
    "How high is the Eiffel Tower?",
    "What happened at the Kremlin ceremony?",
)
_JUDGED_EVERY, _BAD_EVERY = 4, 20


def fill_journal(data: Path) -> None:
    """Ask the index in `data`, some on each day until today, and judge some answers."""
    encoder = ModelEncoder(data, Settings().model)
    live = LiveIndex(data, encoder, encoder.model)
    today = datetime.now(UTC)
    day = today
    journal = Journal(data / OWNED / JOURNAL, clock=lambda: day)
    try:
        for place, (ago, asked) in enumerate(_month()):
            day = today - timedelta(days=ago)
            answer = live.ask(read_question({"question": asked}))
            journal.asked(answer)
            if answer.citations and not place % _JUDGED_EVERY:
                cited = tuple(each.passage.id for each in answer.citations)
                is_bad = not place % _BAD_EVERY
                verdict = Feedback(asked, "down", ("wrong_quote",), "", cited)
                journal.judged(verdict if is_bad else Feedback(asked, "up", (), "", cited))
        journal.flush()
    finally:
        journal.close()
        live.close()


def _month() -> list[tuple[int, str]]:
    """Days ago and question; busier by the week, quiet at the end of each."""
    counts = [(DAYS - ago) // 7 + (1 if ago % 7 < 2 else 4) for ago in range(DAYS)]
    days = [ago for ago, count in enumerate(counts) for _ in range(count)]
    return [(ago, _ASKED[place * 7 % len(_ASKED)]) for place, ago in enumerate(days)]
