"""What a follow-up question means: words that it lacks are carried over from earlier questions.

The last turn that was answered counts; a pronoun for a person goes back to the last turn that
tells of such a person, by the pronouns in what was cited for it. Half a question takes the other
half from the last whole one.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from index.analysis import content_words, words
from index.article import parse_passage_id
from index.english import FUNCTION_WORDS, MONTHS, ORDINALS, WEEKDAYS, any_of
from index.store import Store
from qa.answer import Question, Turn, Understood
from qa.timex.extract import says_when, without_times
from qa.understand.query import kind_asked
from qa.understand.smalltalk import small_talk
from qa.understand.standalone import LONGEST, is_standalone, names_topic, strip_politeness

# How far back a chain of follow-ups is traced.
_FURTHEST = 4
# At most this many words are carried over.
_MOST_WORDS = 24
# A follow-up such as `How much did it weigh?` has one word of its own, which says less than the
# subject that it takes over.
_FEWEST_WORDS = 2
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
# The letter of a name such as "A 46" is no article.
_TOPIC_WORD = re.compile(rf"(?:\b[A-Z] (?=\d))?{_WORD.pattern}")
_HOW = re.compile(
    r"^\W*(?:and |but )?how (?:"
    r"(?:much|many(?: times)?|long|often|far|old|big|large|high|fast|deep|heavy|tall)\b|"
    r"\w+ (?=(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would)\b))",
    re.IGNORECASE,
)
# Nothing is carried over from a remark or an answer in the history.
_ASKS = re.compile(
    r"\?|^\W*(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|do|does|did|has|have|"
    r"had|can|could|will|would|should|tell|explain|describe|show|give|please|and|i)\b",
    re.IGNORECASE,
)
_LONGEST_KEYWORDS = 8
# Half a question names another thing, of which the same is asked: "And the Tessel?"
_HALF = re.compile(
    r"\W*(?:(?:and|but|or|so|then)\b[\s,]*)?(?:\b(?:what|how) about\b)?\s*(?P<thing>.+?)[\s?.!]*",
    re.IGNORECASE,
)
_BEGINS_HALF = re.compile(r"\W*(?:(?:and|but|or)\b|(?:so |then )?(?:what|how) about\b)", re.I)
_MOST_IN_HALF = 6
_IN_HALF = frozenset("the a an of for in at on to".split())
_MASCULINE, _FEMININE = frozenset("he him his".split()), frozenset("she her hers".split())
# A pronoun that a name can take the place of, and whether it owns what follows.
_PERSONAL = re.compile(
    r"\b(?:(?P<owner>his|her(?= (?!(?:and|or|in|at|to|on|when)\b)[a-z]))|he|she|him|her)\b",
    re.IGNORECASE,
)
_OWNER = re.compile(r"['’]s?$")
# "The A 46", "Bank of England"; what is no name inside a question.
_NAME = re.compile(r"\b[A-Z][\w'’-]*(?: (?:of )?(?:[A-Z][\w'’-]*|\d+))*")
_DATES = frozenset((*MONTHS, *WEEKDAYS))
# A question word and no more: "By whom?", "In which volume?". A verb behind it asks by itself.
_ASKS_ONLY = re.compile(
    r"\W*(?:(?:and|but|so)\b[\s,]*)?(?P<asks>(?P<alone>when|where|why|how)|"
    r"(?P<front>(?:in|on|at|by|for|from|to|with|of|under|until|since) )?"
    r"(?:whom?|(?:which|what|how)(?: [a-z-]+){1,2}))\W*",
    re.IGNORECASE,
)
# "How many died?" and "How much melted?": what is counted would be several, or no verb.
_COUNTS_DEEDS = re.compile(
    r"\bhow (?:many (?:[a-z-]+ )??(?!people\b|\w*men\b|children\b|\w+s\b)[a-z-]+|much \w+ed)\W*$",
    re.IGNORECASE,
)
# What a question says without its question word, where that is all: not of "which bridge".
_ASKED_WITH = re.compile(
    r"\W*(?:(?:in|on|at|by|for|from|to|with|of) (?:whom|(?:which|what|how)(?: [\w-]+){0,3}?) |"
    r"(?:who|when|where|why|what|which|how(?: (?:far|long|many|much|often|old))?) )?"
    r"(?P<rest>(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)\b.+?)"
    r"[\s?!.]*",
    re.IGNORECASE | re.DOTALL,
)

# An item of a list that was asked for before: "And the third?", "What is the 2nd rule?"
_ITEM = re.compile(
    r"\W*(?:(?:and|but|then)\b[\s,]*)?(?:(?:what|how) about |(?:what|which) (?:is|was) )?"
    rf"(?P<item>the (?:{any_of((*ORDINALS, 'last'))}|[1-9](?:st|nd|rd|th))"
    r"(?: (?:item|entry|one|point|rule|step))?)\W*",
    re.IGNORECASE,
)

# Whether what was cited for a turn tells of a person of this gender, by these pronouns against
# those.
Fits = Callable[[Turn, frozenset[str], frozenset[str]], bool]


@dataclass(frozen=True, slots=True)
class _Asked:
    """An earlier question as it was understood.

    `thing` is what half a question names, else empty.
    """

    turn: Turn
    meant: Understood
    thing: str

    @property
    def topic(self) -> str:
        return self.thing or topic_words(self.meant.text)

    @property
    def name(self) -> str:
        """The topic, where that is a name that can stand for a pronoun, else empty."""
        said = [word for word in self.topic.split() if word.lower() not in FUNCTION_WORDS]
        return self.topic if said and all(word[0].isupper() for word in said) else ""


def anyone(turn: Turn, one: frozenset[str], other: frozenset[str]) -> bool:
    """Every turn fits: nothing is known of what was cited."""
    return True


def understand(question: Question, fits: Fits = anyone) -> Understood:
    """The question by itself, or with what it lacks from earlier questions."""
    return readings(question, fits)[0]


def readings(question: Question, fits: Fits = anyone) -> list[Understood]:
    """What the question may mean, the likeliest first.

    Half a question may also ask for whatever is told of the thing that it names, and a single word
    may be another topic.
    """
    if "history" in question.ignore:
        return [Understood(question.text)]
    earlier = list[_Asked]()
    for turn in _turns(question.history):
        earlier.append(_read(turn, earlier, fits))
    meant = _follow(earlier, question.text, fits)
    if meant.shown is None:
        return [meant]
    alone = half(question.text) or (question.text if names_topic(question.text) else "")
    return [meant, *([Understood(alone)] if alone else [])]


def topic_words(text: str) -> str:
    """What a question is about, without its question words.

    >>> topic_words("How much is in Norway's oil fund?")
    "Norway's oil fund"
    >>> topic_words("How long is the A 46?")
    'A 46'
    """
    topic = _HOW.sub("", strip_politeness(text))
    found = [word for word in _TOPIC_WORD.finditer(topic) if content_words(word[0])]
    return topic[found[0].start() : found[-1].end()] if found else ""


def half(text: str) -> str:
    """The thing that half a question names; empty where the text is no half question.

    >>> half("How about Nord Stream?"), half("And which countries abstained?"), half("And in 2015?")
    ('Nord Stream', '', '')
    """
    found = _HALF.fullmatch(text)
    if found is None or not _BEGINS_HALF.match(text) or says_when(text):
        return ""
    said = words(_OWNER.sub("", found["thing"]))
    telling = [word for word in said if word not in _IN_HALF]
    is_thing = any(not word.isdigit() for word in telling) and len(said) <= _MOST_IN_HALF
    return found["thing"] if is_thing and FUNCTION_WORDS.isdisjoint(telling) else ""


def _turns(history: Sequence[Turn]) -> list[Turn]:
    """The turns that a question may follow on: those that were answered, if any is known to be."""
    asked = [
        Turn(turn.question[:LONGEST], turn.cited)
        for turn in history
        if _is_question(turn.question[:LONGEST]) and small_talk(turn.question[:LONGEST]) is None
    ]
    return ([turn for turn in asked if turn.cited] or asked)[-_FURTHEST:]


def _read(turn: Turn, earlier: Sequence[_Asked], fits: Fits) -> _Asked:
    meant = _follow(earlier, turn.question, fits)
    return _Asked(turn, meant, half(turn.question) if meant.shown is not None else "")


def _follow(earlier: Sequence[_Asked], text: str, fits: Fits) -> Understood:
    """A question of a conversation; it may lack what those before it say."""
    if not earlier or is_standalone(text):
        return Understood(text)
    if item := _ITEM.fullmatch(text):
        return _item_of(_last_list(earlier), item["item"], text)
    if half(text):
        return _complete(_last_whole(earlier), text)
    before = _person_before(earlier, text, fits)
    if before is None:
        return _carry(earlier[-1], text)
    if before.name:
        return Understood(text, (before.name,), whole=_named(text, before.name))
    return _carry(before, text)


def _complete(before: _Asked, text: str) -> Understood:
    """Half a question with the other half from the whole one before it."""
    asked, thing = before.turn.question, half(text)
    if not _PERSONAL.search(asked):
        # What the question before lacked itself stands in no sentence of both.
        whole = None if before.meant.carried else _instead(asked, thing)
        return replace(_carry(before, text), whole=whole)
    frame = asked.strip().rstrip("?!. ")
    return Understood(text, (frame,), whole=_named(asked, thing))


def _instead(asked: str, thing: str) -> str | None:
    """The question with the thing in place of what it names; None where that is not one thing.

    >>> _instead("What closed the A 46?", "the B 9"), _instead("Is Peru near Chile?", "Bolivia")
    ('What closed the B 9?', None)
    """
    inside = _NAME.finditer(asked, max(asked.find(" "), 0))
    named = [found for found in inside if _is_name(found[0].lower())]
    said = thing.split()
    while said and said[0].lower() in _IN_HALF:
        said = said[1:]
    if len(named) != 1 or not said or not said[0][0].isupper():
        return None
    start, end = named[0].span()
    owner = _OWNER.search(named[0][0])
    return f"{asked[:start]}{' '.join(said)}{owner[0] if owner else ''}{asked[end:]}"


def _is_name(words: str) -> bool:
    return words not in FUNCTION_WORDS and words.split()[0] not in _DATES


def _carry(before: _Asked, text: str) -> Understood:
    topic = before.topic
    if says_when(text):
        # The same thing is asked about another time.
        topic = without_times(topic)
    # The half of another question, about a person, says nothing of this thing; a list of its item.
    is_apart = before.thing and before.meant.whole and not _ITEM.fullmatch(before.meant.text)
    carried = () if is_apart else before.meant.carried
    says_little = len(content_words(topic)) < _FEWEST_WORDS
    if carried and not before.thing and says_little and not _ASKS_ONLY.fullmatch(text):
        topic = ""
    return Understood(text, tuple(_new(text, (topic, *carried))), whole=_more_of(before, text))


def _more_of(before: _Asked, text: str) -> str | None:
    """The question before, with the question word that is all of this one; else None.

    "In which volume?" after "Where does the oath stand?" is "In which volume does the oath stand?"
    """
    asks = _ASKS_ONLY.fullmatch(text)
    if asks is None or not (asks["alone"] or asks["front"] or kind_asked(asks["asks"])):
        return None
    found = _ASKED_WITH.fullmatch(before.meant.whole or before.meant.text)
    if found is None or _COUNTS_DEEDS.search(text):
        return None
    # What the question before took over, this one does too.
    taken = () if before.meant.whole else before.meant.carried
    return " ".join((f"{asks['asks']} {found['rest']}?", *taken))


def _item_of(before: _Asked, item: str, text: str) -> Understood:
    """An item of the list that the question before asked for."""
    carried = _carry(before, text)
    asked = before.meant.whole
    listed = topic_words(asked) if asked else " ".join((before.topic, *before.meant.carried))
    return replace(carried, whole=f"What is {item} of the {listed}?")


def _last_list(earlier: Sequence[_Asked]) -> _Asked:
    asked = (each for each in reversed(earlier) if not _ITEM.fullmatch(each.turn.question))
    return next(asked, earlier[-1])


def _last_whole(earlier: Sequence[_Asked]) -> _Asked:
    return next((each for each in reversed(earlier) if not each.thing), earlier[-1])


def _person_before(earlier: Sequence[_Asked], text: str, fits: Fits) -> _Asked | None:
    """The last turn that tells of the person whom a pronoun means; None without such a pronoun.

    A turn that only points back says nothing of who that is.
    """
    said = set(words(text))
    if said.isdisjoint(_MASCULINE | _FEMININE):
        return None
    genders = (_MASCULINE, _FEMININE)
    meant, other = genders if not said.isdisjoint(_MASCULINE) else reversed(genders)
    named = [each for each in earlier if each.thing or not _PERSONAL.search(each.turn.question)]
    fitting = (each for each in reversed(named) if fits(each.turn, meant, other))
    return next(fitting, earlier[-1])


def _named(text: str, name: str) -> str:
    """The text with the name in place of its first pronoun.

    >>> _named("What was his call sign?", "Gagarin"), _named("How old was she?", "Ride")
    ("What was Gagarin's call sign?", 'How old was Ride?')
    """
    bare = _OWNER.sub("", name)
    return _PERSONAL.sub(lambda found: f"{bare}'s" if found["owner"] else bare, text, count=1)


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


def persons_cited(store: Store) -> Fits:
    """Tells it from the texts of a store; of a turn without citations anyone may be meant."""

    def fits(turn: Turn, meant: frozenset[str], other: frozenset[str]) -> bool:
        said = [word for text in _cited(turn, store) for word in words(text)]
        if not said:
            return True
        count = sum(word in meant for word in said)
        return count > 0 and count >= sum(word in other for word in said)

    return fits


def _cited(turn: Turn, store: Store) -> Iterator[str]:
    """What was cited, but for what is for members: whoever asks names the spans."""
    for passage_id in turn.cited:
        parsed = parse_passage_id(passage_id)
        article = store.article(parsed[0]) if parsed else None
        if parsed is not None and article is not None and article.visibility == "public":
            yield article.text[parsed[1] : parsed[2]]
