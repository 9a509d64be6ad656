"""What a follow-up question means: words that it lacks are carried over from earlier questions."""

import re
from collections.abc import Iterator, Sequence

from index.analysis import content_words
from qa.answer import Question, Understood
from qa.timex.scope import says_when, without_times
from qa.understand.standalone import LONGEST, is_standalone, strip_politeness

# How far back a chain of follow-ups is traced.
_FURTHEST = 4
# At most this many words are carried over.
_MOST_WORDS = 24
# A follow-up such as `How much did it weigh?` has one word of its own, which says less than the
# subject that it takes over.
_FEWEST_WORDS = 2
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_HOW = re.compile(
    r"^\W*(?:and |but )?how (?:much|many|long|often|far|old|big|large|high|fast|deep|heavy|tall)\b",
    re.IGNORECASE,
)
# Nothing is carried over from a remark or an answer in the history.
_ASKS = re.compile(
    r"\?|^\W*(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|do|does|did|has|have|"
    r"had|can|could|will|would|should|tell|explain|describe|show|give|please|and|i)\b",
    re.IGNORECASE,
)
_LONGEST_KEYWORDS = 8


def understand(question: Question) -> Understood:
    """The question by itself, or with what it lacks from earlier questions."""
    if "history" in question.ignore:
        return Understood(question.text)
    earlier = [turn.question[:LONGEST] for turn in question.history]
    asked = [text for text in earlier if _is_question(text)]
    return _follow(asked[-_FURTHEST:], question.text)


def topic_words(text: str) -> str:
    """What a question is about, without its question words.

    >>> topic_words("How much is in Norway's oil fund?")
    "Norway's oil fund"
    """
    topic = _HOW.sub("", strip_politeness(text))
    found = [word for word in _WORD.finditer(topic) if content_words(word[0])]
    return topic[found[0].start() : found[-1].end()] if found else ""


def _follow(asked: Sequence[str], text: str) -> Understood:
    """The last question of a conversation; each may lack what those before it say."""
    if not asked or is_standalone(text):
        return Understood(text)
    before = _follow(asked[:-1], asked[-1])
    topic = topic_words(before.text)
    if says_when(text):
        # The same thing is asked about another time.
        topic = without_times(topic)
    if before.carried and len(content_words(topic)) < _FEWEST_WORDS:
        topic = ""
    return Understood(text, tuple(_new(text, (topic, *before.carried))))


def _new(text: str, phrases: Sequence[str]) -> Iterator[str]:
    """The phrases that add something to the question and to the phrases before them."""
    known, length = set(content_words(text)), 0
    for phrase in phrases:
        said = content_words(phrase)
        length += len(phrase.split())
        if length <= _MOST_WORDS and not known.issuperset(said):
            yield phrase
        known.update(said)


def _is_question(text: str) -> bool:
    if _ASKS.search(text):
        return True
    return len(text.split()) <= _LONGEST_KEYWORDS and not text.rstrip().endswith(".")
