"""An archive of which not all may read all, its words for which that holds, and questions."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from qa.access import Snippets
from qa.live import LiveIndex
from tests.archives import Record
from tests.fakes import HashEncoder

SNIPPET = 44
# Words that are in no other text: one for each field of each article that is not for all.
CANARY = "canary"
OPENING = "The vault of Orrin was opened in spring."
SECRET = (
    f"{OPENING} A {CANARY}one slept behind the third door of the vault.\n\n"
    f"The keeper of the vault was {CANARY}two, and she counted 412 {CANARY}three coins."
)
BLOG = (
    f"{OPENING} All times are Paris time (GMT+2).\n"
    f"4:25am: The {CANARY}four door\nThe keeper of the vault saw a {CANARY}five lamp.\n"
    f"9:45pm: The {CANARY}six stairs\nA {CANARY}seven rope hung in the vault of Orrin."
)
PUBLIC = {
    "_id": "plain",
    "title": "The vault in the news",
    "text": "The vault of Orrin has three doors. Nobody had counted the coins before.",
    "published": "2020-01-02",
    "source": "Gazette",
    "url": "https://example.org/plain",
}
# What may be told of an article for members: title, source, author, dates, address, beginning.
MEMBERS = PUBLIC | {
    "_id": "paid",
    "title": "Behind the doors of the vault",
    "text": SECRET,
    "url": "https://example.org/paid",
    "visibility": "members",
}
LIVE = MEMBERS | {"_id": "live", "title": "Live: the vault", "text": BLOG, "url": ""}
TODAY = datetime.now(UTC)


def told_nowhere(name: str) -> dict[str, object]:
    """An article of which nothing at all may be told."""
    fields = ("_id", "title", "source", "author", "url")
    own = {field: f"{CANARY}{name}{field.strip('_')}" for field in fields}
    return {
        **own,
        "url": f"https://example.org/{own['url']}",
        "published": "2999-12-24",
        "text": f"The vault of Orrin {CANARY}{name}text. The keeper was {CANARY}{name}keeper.",
    }


def later(days: float) -> str:
    return (TODAY + timedelta(days=days)).isoformat(timespec="seconds")


RECORDS: list[Record] = [
    PUBLIC,
    MEMBERS,
    LIVE,
    told_nowhere("hidden") | {"visibility": "hidden"},
    told_nowhere("unclear") | {"visibility": "memebrs"},
    told_nowhere("early") | {"embargo": later(3)},
    told_nowhere("both") | {"embargo": later(3), "visibility": "members"},
    told_nowhere("never") | {"embargo": "soon"},
]

QUESTIONS = (
    "Who was the keeper of the vault?",
    "What slept behind the third door of the vault of Orrin?",
    "How many coins did she count?",
    "Behind the doors of the vault",
    "Live: the vault",
    "What happened on 24 December 2999?",
    "What is the latest on the vault?",
    # A letter exchanged, so that it would be read as the word that only a closed text has.
    *(
        f"Who saw the {word} in the vault?"
        for word in ("canaryonne", "canaryfve", "canaryearlykeper")
    ),
    *(f"Who is {CANARY}{word}?" for word in ("two", "earlykeeper", "hiddenkeeper")),
)


def leaked(sent: str, told: str) -> set[str]:
    """The canaries in a response, but for words that the request itself has."""
    return {each for each in re.findall(rf"{CANARY}\w+", told.lower()) if each not in sent.lower()}


def opened(data: Path) -> LiveIndex:
    """The index as a server opens it."""
    encoder, snippets = HashEncoder(), Snippets(SNIPPET)
    return LiveIndex(data, encoder, encoder.model, strictness="open", snippets=snippets)
