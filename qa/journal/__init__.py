"""The journal: what readers asked and what they thought of the answers.

A question is kept with its time, whether it was covered, and what was cited or came nearest; a
conversation by the ids that its links hold. Who asked is not known here: no person, no address, no
session.
"""

from qa.journal.reading import Group, KeptTurn, Kind, NotCovered, Recorded, Reopened, group_alike
from qa.journal.writing import JOURNAL, Feedback, Journal, Mode, Turned

__all__ = [
    "JOURNAL",
    "Feedback",
    "Group",
    "Journal",
    "KeptTurn",
    "Kind",
    "Mode",
    "NotCovered",
    "Recorded",
    "Reopened",
    "Turned",
    "group_alike",
]
