"""The journal: what readers asked and what they thought of the answers.

A question is kept with its time, whether it was covered, and what was cited or came nearest. Who
asked is not known here: no person, no address, no session.
"""

from qa.journal.reading import Group, Kind, NotCovered, Recorded, group_alike
from qa.journal.writing import JOURNAL, Feedback, Journal, Mode

__all__ = [
    "JOURNAL",
    "Feedback",
    "Group",
    "Journal",
    "Kind",
    "Mode",
    "NotCovered",
    "Recorded",
    "group_alike",
]
