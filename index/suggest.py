"""Questions made from the archive itself, to begin with and to go on with.

A sentence that states a fact in a plain form is turned into the question that it answers: "The
dam was built in 1936." gives "When was the dam built?". They stand beside the index in a file of
their own, which a build writes anew and an index can lack.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.article import Article
from index.durable import sync_files
from index.store import open_snapshot

SUGGESTIONS = "suggestions.json"
# So many articles, spread over all, are read; each gives a few.
MOST_ARTICLES = 2_000
_MOST_OF_ARTICLE = 4
_LONGEST = 90

_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
)
_DATE = rf"(?:on|in) (?:(?:\w+day,? )?\d{{1,2}} {_MONTH}|{_MONTH}|(?:1\d|20)\d\d)\b"
_WORD = r"[\w’'-]*"
_NAME = (
    rf"(?P<name>(?:The |the )?[A-Z]{_WORD}"
    rf"(?: (?:of |the |and |de |van |von )?[A-Z0-9]{_WORD}){{0,4}})"
)
_DONE = (
    "founded|born|launched|discovered|signed|built|opened|closed|destroyed|published|elected|"
    "killed|arrested|released|created|invented|adopted|annexed|recaptured|vaccinated|introduced"
)
# A past tense and the form that stands after "did".
_DID = {
    "landed": "land",
    "died": "die",
    "erupted": "erupt",
    "opened": "open",
    "began": "begin",
    "sank": "sink",
    "won": "win",
    "left": "leave",
    "entered": "enter",
    "launched": "launch",
    "took off": "take off",
    "crossed": "cross",
    "reached": "reach",
    "became": "become",
    "made": "make",
    "gave": "give",
    "announced": "announce",
    "voted": "vote",
    "took": "take",
    "discovered": "discover",
    "published": "publish",
    "invented": "invent",
    "flew": "fly",
    "broke apart": "break apart",
    "returned": "return",
    "signed": "sign",
    "struck": "strike",
    "ended": "end",
    "fell": "fall",
    "arrived": "arrive",
    "resigned": "resign",
    "exploded": "explode",
    "collapsed": "collapse",
    "lifted off": "lift off",
}
# What was done to what, up to the date or to the end of the clause.
_ENDS = "on|in|and|but|with|after|before|her|his|him|it|its|them|their|this|that"
_REST = rf"(?P<rest>(?: (?!(?:{_ENDS})\b)[\w’'-]+){{0,6}})"
_WAS = rf"{_NAME} (?P<be>was|were) (?P<done>{_DONE})"
_DOES = rf"{_NAME} (?P<did>{'|'.join(_DID)}){_REST}"
_LEADING = rf"{_DATE.replace('on|in', 'On|In')}(?: \d{{4}})?,? "
_WHEN_WAS = re.compile(rf"{_WAS}\b[^.]*? {_DATE}")
_WHEN_DID = re.compile(rf"{_DOES}(?: in [A-Z]\w+)? {_DATE}")
_THEN_WAS = re.compile(rf"{_LEADING}{_WAS}\b")
_THEN_DID = re.compile(rf"{_LEADING}{_DOES}(?=[.,;]|$)")
_FIRST = re.compile(
    rf"{_NAME},? (?:was|became|is) the (?P<what>first (?:\w+ ){{1,3}}to (?:\w+ ){{1,4}}\w+)"
)
# Of these it must be told what.
_WHAT = {
    *("announced", "became", "crossed", "discovered", "gave", "invented", "launched", "left"),
    *("made", "published", "reached", "signed", "struck", "took", "won", "began", "entered"),
}
# Words that stand for something else, or for anything.
_NO_NAMES = {
    *("He", "She", "It", "They", "We", "I", "You", "This", "That", "These", "Those", "There"),
    *("Who", "What", "When", "Where", "Some", "Many", "Most", "All", "Both", "One", "Another"),
    *("His", "Her", "Their", "Its", "Our", "My", "But", "And", "In", "On", "At", "After", "Only"),
    *("Before", "As", "If", "No", "Not", "Nothing", "Nobody", "Everyone", "Each", "Two", "Three"),
}


@dataclass(frozen=True, slots=True)
class Suggested:
    """A question, and the id of the article whose words it was made from."""

    question: str
    article_id: str


def questions_of(article: Article) -> list[str]:
    """Up to four questions that sentences of the article answer, in the order of the text.

    >>> questions_of(Article("dam", "The Alder Dam was built in 1936. It leaks."))
    ['When was the Alder Dam built?']
    """
    found: dict[str, None] = {}
    for sentence in re.split(r"(?<=[.!?])\s+|\n", article.text[:20_000]):
        for question in _questions(sentence.strip()):
            if len(question) <= _LONGEST:
                found.setdefault(question)
        if len(found) >= _MOST_OF_ARTICLE:
            break
    return list(found)[:_MOST_OF_ARTICLE]


def suggest(articles: Iterable[Article]) -> list[Suggested]:
    """Questions of all the articles; the first of each come first, so that any few are varied."""
    made = [(article.id, questions_of(article)) for article in articles]
    return [
        Suggested(questions[place], article_id)
        for place in range(_MOST_OF_ARTICLE)
        for article_id, questions in made
        if place < len(questions)
    ]


def suggest_anew(data: Path) -> None:
    """Make the questions of the published index, and put them beside it."""
    snapshot = open_snapshot(data)
    write_suggestions(data, suggest(snapshot.sample(MOST_ARTICLES)))
    snapshot.close()


def write_suggestions(data: Path, suggested: Sequence[Suggested]) -> None:
    """Put them beside the index, in one step."""
    lines = [[each.question, each.article_id] for each in suggested]
    fresh = data / f"{SUGGESTIONS}.new"
    fresh.write_text(json.dumps(lines, ensure_ascii=False), encoding="utf-8")
    sync_files(fresh)
    fresh.replace(data / SUGGESTIONS)


def read_suggestions(data: Path) -> tuple[Suggested, ...]:
    """Those of the last build; none where there is no such file or it cannot be read."""
    try:
        told = json.loads((data / SUGGESTIONS).read_text(encoding="utf-8"))
        return tuple(Suggested(str(question), str(article_id)) for question, article_id in told)
    except (OSError, ValueError, TypeError):
        return ()


def _questions(sentence: str) -> Iterator[str]:
    for pattern, form in (
        (_FIRST, "Who was the {what}?"),
        (_WHEN_WAS, "When {be} {name} {done}?"),
        (_WHEN_DID, "When did {name} {did}{rest}?"),
        (_THEN_WAS, "When {be} {name} {done}?"),
        (_THEN_DID, "When did {name} {did}{rest}?"),
    ):
        match = pattern.match(sentence)
        if match is None or match["name"].split()[0] in _NO_NAMES:
            continue
        parts = match.groupdict()
        if parts.get("did") in _WHAT and not parts["rest"]:
            continue
        parts["name"] = re.sub(r"^The ", "the ", parts["name"])
        if "did" in parts:
            parts["did"] = _DID[parts["did"]]
        yield form.format(**parts)
