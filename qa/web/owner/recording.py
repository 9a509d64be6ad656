"""Answers of the web faces, noted in the journal. The command line notes nothing."""

from qa.answer import Answer, Question
from qa.journal import Journal
from qa.web.seams import Asks


class Recording:
    """Answers as what it wraps does; noting takes no time that a reader would wait."""

    def __init__(self, asks: Asks, journal: Journal) -> None:
        self._asks, self._journal = asks, journal

    def ask(self, question: Question) -> Answer:
        """The answer, noted."""
        answer = self._asks.ask(question)
        self._journal.asked(answer)
        return answer
