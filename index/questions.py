"""Sentences that state a fact in a plain form, turned into the question that they answer.

Who or what is asked about must be named, and no word may point at something said elsewhere: the
question is read without the article.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.naming import CAPITAL, NAME, Names
from index.verbs import PAST_OF_PARTICIPLE, PLAIN_OF_PARTICIPLE, PLAIN_OF_PAST

LONGEST = 90
_MOST_WORDS = 9

_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
)
_DAY = rf"\d{{1,2}} {_MONTH}|{_MONTH} \d{{1,2}}\b"
_DATE = (
    r"(?:on|in) (?:the \w+ of )?(?:(?:early|late) )?"
    r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? )?"
    rf"(?:(?:{_DAY}|{_MONTH})(?:,? \d{{4}})?|(?:1\d|20)\d\d)\b"
)
_NUMBER = (
    r"(?:(?:about|some|more than|nearly|almost|over|at least|around) )?(?:\d[\d,.]*(?: million)?|"
    r"two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+(?:teen|ty)(?:-\w+)?)"
)
_HOW = r"(?:high|tall|long|wide|deep|across|thick|heavy)"
_TIMES = r"(?:seconds|minutes|hours|days|weeks|months|years)"
_OPENING = re.compile(
    rf"(?:(?P<lead>{_DATE.replace('(?:on|in)', '(?:On|In)', 1)}),? )?"
    r"(?:(?:At|In|On|From|For|By) (?!the (?:same|other))[^,;:.]{2,30}, )?"
    r"(?:(?:His|Her|Its|Their|The|A|An) [a-z][a-z -]{2,40}, (?=[A-Z]))?"
    rf"(?P<name>(?:[Tt]he (?:[a-z]+ ){{1,3}}(?:of|at|in|on) )?{NAME})"
    r"(?P<role>, (?:an?|the|who|whose|which|aged) [^,;:.]{3,80},)?,? (?P<body>.+)"
)
_AGED = re.compile(r"was (?:only |just )?(?:[1-9]\d|[1-9]) ?(?:years old)?(?=[.,;]| and | when |$)")
_ADVERBS = r"(?:(?:then|later|soon|first|also|once|finally|\w+ly) )?"
_ENDS = re.compile(
    r"[,;:.!?()\"“”–—*\[\]|]|\b(?:and|but|or|because|so|while|when|where|who|whom|whose|which|that|"
    r"after|before|until|as|if|than|though|although|since|during|following)\b"
)
_WAS_DONE = re.compile(
    rf"(?P<be>was|were|had been|has been|have been) {_ADVERBS}(?P<done>\w+)(?P<rest>\b.*)"
)
_DID = re.compile(rf"(?P<had>(?:had|has|have) )?{_ADVERBS}(?P<did>\w+)(?P<rest>\b.*)")
_VAGUE = re.compile(
    r"\b(?:he|she|it|they|we|i|you|him|her|his|hers|its|their|theirs|them|our|us|my|your|this|"
    r"these|those|such|same|another|others?|here|there|then|one|ones|both|each|not|no|himself|"
    r"herself|itself|themselves|today|yesterday|tomorrow|now|ago|later|earlier|again|first|"
    r"following|next|too|alone)\b",
    re.IGNORECASE,
)
# So it is asked where: what else stands behind "in" is as often part of what is done.
_PLACED = frozenset(
    "born built buried killed launched held found signed arrested discovered founded shot captured "
    "opened tested treated published".split()
)
_TOOK_PLACE = frozenset("land die crash fall meet arrive collapse explode strike".split())
# Without an object these say little.
_ALONE = frozenset(
    "land die crash fall erupt begin end resign retire arrive collapse explode sink surrender "
    "start open return break rise continue fail".split()
)
# Whoever does these is asked for by "who".
_BY_SOMEONE = frozenset(
    "discover invent found build notice operate write photograph publish paint develop identify "
    "describe suggest propose recognise recognize veto annex approve adopt sign shut lead design "
    "appoint elect condemn announce".split()
)
_KIN = re.compile(r"(?:daughter|(?:grand)?(?:mother|father)|(?:step)?(?:brother|sister)|member)$")
_HUMAN = (
    r"(?:person|human(?: being)?|woman|man|astronaut|cosmonaut|patient|president|queen|child|\w+er)"
)
_FIRST = re.compile(
    rf"[^,;:]{{3,}},? (?:was|became) the (?P<what>(?:first|only|last|second) (?P<human>{_HUMAN})?"
    r"[^,;:.()]*)"
)
_SAID = re.compile(
    r"(?:has |had )?(?:said|argued|announced|warned|explained|declared|insisted|claimed|denied)"
    rf"(?: on \w+)? that (?P<about>{NAME}) "
    r"(?:would|had|has|have|is|was|were|are|will|could|should|must|did)\b"
)
_HOLDER = re.compile(rf"(?P<who>{CAPITAL}(?: {CAPITAL})+), the (?P<role>[^,;:.()\"“”]{{5,60}}),")
_HELD_BY = re.compile(
    rf"\b[Tt]he (?P<role>[a-z][^,;:.()\"“”]{{4,60}}), (?P<who>{CAPITAL}(?: {CAPITAL})+),"
)
_FULL = rf"{CAPITAL}(?: (?:[A-Z]\.|de|van|von|{CAPITAL}))+"
_WHO_DID = re.compile(
    rf"(?P<who>{_FULL}), (?:an? [^,]{{3,60}}, )?who (?P<had>had |has )?(?P<be>(?:was|been) )?"
    r"(?P<did>\w+)(?P<rest> .*)"
)
_PLACE = re.compile(
    rf"(?P<name>{CAPITAL}(?: {CAPITAL})?), an? (?:[a-z]+ )?(?:town|city|village|port|island|river|"
    r"province|suburb|pass|bay|valley|region) (?:in|on|near|off|to|at|of) "
)
_THING = re.compile(
    rf"(?<!\bin )(?<!\bat )(?<!near )(?<!from )(?<!\bto )(?<!and )(?<![A-Z-])"
    rf"(?P<name>(?:the )?{CAPITAL}"
    rf"(?: (?:{CAPITAL}|\d+))*), which (?:had|has|is|was|can|could|[a-z]+s|[a-z]+ed) "
)
_SOMEONE = re.compile(rf"(?P<name>{_FULL}), (?:\d\d, )?(?:an?|the) [a-z][^,;]{{3,60}}[,;.]")
_OF_WHICH = re.compile(
    rf"\b(?P<number>{_NUMBER}) (?P<noun>[a-z]+) (?:whom|that|which) (?P<name>{NAME}) (?P<did>\w+)\b"
)
_MEASURED = re.compile(rf"(?P<be>is|was)(?: a [a-z]+)? {_NUMBER} (?:\w+) (?P<how>{_HOW})\b")


@dataclass(frozen=True, slots=True)
class Made:
    """A question, and the word that it asks with: of few kinds, so that a choice can be varied."""

    text: str
    kind: str


def made_of(sentence: str, names: Names) -> Iterator[Made]:
    """The questions that a sentence answers, each in plain English and understood by itself.

    >>> [made.text for made in made_of("The Alder Dam was built in 1936.", Names(""))]
    ['When was the Alder Dam built?']
    """
    for made in _all_of(sentence, names):
        if len(made.text) <= LONGEST and len(made.text.split()) > 2 and '"' not in made.text:
            yield made


def _all_of(sentence: str, names: Names) -> Iterator[Made]:
    yield from _roles(sentence, names)
    yield from _counts(sentence, names)
    if ", " in sentence:
        yield from _asides(sentence, names)
    first = _FIRST.match(sentence) if " the first " in sentence else None
    if (
        first
        and first["human"]
        and " to " in first["what"]
        and _is_plain(first["what"][5:].removesuffix(" alone"))
    ):
        what = re.sub(rf" {_DATE}.*", "", first["what"]).strip()
        if not _VAGUE.search(sentence.split()[0]):
            yield Made(f"Who was the {what}?", "who")
    opening = _OPENING.match(sentence)
    if opening is None or not names.is_name(opening["name"]):
        return
    name = names.in_full(re.sub(r"^The ", "the ", opening["name"]))
    if not name:
        return
    clause = _Clause(name, opening["body"], opening["lead"] is not None, sentence)
    yield from clause.questions(names, bool(opening["role"]))


@dataclass(frozen=True, slots=True)
class _Clause:
    """What is told of a name: `body` begins with the verb."""

    name: str
    body: str
    is_dated: bool
    sentence: str

    def questions(self, names: Names, has_role: bool) -> Iterator[Made]:
        said = _SAID.match(self.body)
        if said and names.is_name(said["about"]):
            about = re.sub(r"^The ", "the ", said["about"])
            yield Made(f"What did {self.name} say about {about}?", "what")
        measured = _MEASURED.match(self.body) if self.body[:3] in ("is ", "was") else None
        if measured:
            how = "wide" if measured["how"] == "across" else measured["how"]
            yield Made(f"How {how} {measured['be']} {self.name}?", "how")
        if has_role or names.is_person(self.name):
            if _AGED.match(self.body):
                yield Made(f"How old was {self.name}?", "how")
            if re.match(r"was an? [a-z]", self.body) and names.is_person(self.name):
                yield Made(f"Who was {self.name}?", "who is")
        passive = _WAS_DONE.match(self.body)
        if passive and passive["done"] in PAST_OF_PARTICIPLE:
            yield from self._passive(passive, names)
            return
        active = _DID.match(self.body)
        if active:
            forms = PLAIN_OF_PARTICIPLE if active["had"] else PLAIN_OF_PAST
            if active["did"] in forms:
                plain = forms[active["did"]]
                past = PAST_OF_PARTICIPLE[active["did"]] if active["had"] else active["did"]
                is_person = has_role or names.is_person(self.name)
                yield from self._active(plain, past, active["rest"], is_person)

    def _passive(self, found: re.Match[str], names: Names) -> Iterator[Made]:
        name, done, rest = self.name, found["done"], found["rest"]
        be = found["be"] if found["be"] in ("was", "were") else "was"
        if " and " in name:
            be = "were"
        what, date = _parted(re.split(r" by ", _until_end(rest))[0])
        date = date or _parted(_until_end(rest))[1]
        because = re.match(r"(?P<what>[^,;:.]*?),? because ", rest)
        if because and _is_clause(because["what"]):
            yield Made(f"Why {be} {name} {done}{because['what']}?", "why")
        by = re.match(rf"(?P<particle> (?:down|up|out|off))? by (?P<who>{NAME})", rest)
        past = PAST_OF_PARTICIPLE[done]
        if by and past and (PLAIN_OF_PARTICIPLE[done] in _BY_SOMEONE or names.is_person(by["who"])):
            yield Made(f"Who {past}{by['particle'] or ''} {name}?", "who")
        if done in _PLACED and re.match(
            rf" (?:in|at|from|near|off) (?:the )?(?!{_MONTH}){CAPITAL}", rest
        ):
            yield Made(f"Where {be} {name} {done}?", "where")
        if (date or self.is_dated) and _is_plain(what):
            yield Made(f"When {be} {name} {done}{what}?", "when")

    def _active(self, plain: str, past: str, rest: str, is_person: bool) -> Iterator[Made]:
        name = self.name
        what, date = _parted(_until_end(rest))
        because = re.match(r"(?P<what>[^,;:.]*?),? because ", rest)
        if because and _is_clause(because["what"]) and (because["what"] or plain in _ALONE):
            yield Made(f"Why did {name} {plain}{because['what']}?", "why")
        counted = re.match(rf" {_NUMBER} (?P<noun>[a-z]+s|people|men|women|children)$", what)
        if plain == "weigh" and re.match(rf" {_NUMBER}", what):
            yield Made(f"How much did {name} weigh?", "how")
        elif counted and not re.fullmatch(_TIMES, counted["noun"]):
            yield Made(f"How many {counted['noun']} did {name} {plain}?", "how")
        times = re.match(rf"(?P<what>.*?) {_NUMBER} times$", what)
        if times and _is_plain(times["what"]):
            yield Made(f"How many times did {name} {plain}{times['what']}?", "how")
        lasting = re.match(rf"(?P<what>.*?) for {_NUMBER} {_TIMES}\b", what)
        if lasting and _is_plain(lasting["what"]):
            yield Made(f"How long did {name} {plain}{lasting['what']}?", "how")
        if counted or times or lasting or not _is_plain(what):
            return
        words = what.split()
        has_object = bool(words) and words[0] not in ("in", "on", "at", "from", "for", "of", "into")
        is_someone = is_person or plain in _BY_SOMEONE
        is_told = is_someone and plain not in _ALONE and re.search(CAPITAL, what)
        if is_told or (plain == "launch" and re.match(rf" {NAME}$", what)):
            yield Made(f"Who {past}{what}?", "who")
        if plain in _TOOK_PLACE and re.match(rf" (?:in|at|near|off) (?:the )?{CAPITAL}", rest):
            yield Made(f"Where did {name} {plain}?", "where")
        elif (date or self.is_dated) and (has_object or plain in _ALONE):
            yield Made(f"When did {name} {plain}{what}?", "when")


def _roles(sentence: str, names: Names) -> Iterator[Made]:
    if sentence.count(", ") < 2 or "he " not in sentence:
        return
    for pattern in (_HOLDER, _HELD_BY):
        for found in pattern.finditer(sentence):
            role = found["role"]
            is_named = re.search(CAPITAL, role) is not None
            is_held = names.is_person(found["who"]) or pattern is _HELD_BY
            if is_held and is_named and _is_clause(role) and _is_office(role):
                yield Made(f"Who was the {role}?", "who is")


def _is_office(role: str) -> bool:
    """Whether it is held by one at a time, by its last word before "of" or its end."""
    head = re.split(r" (?:of|in|at|for) ", role)[0].split()[-1]
    if _KIN.search(head):
        return False
    return bool(re.search(r"(?:or|er|an|ent|al|tary|ist|ssor|chief|head|king|queen|chair)$", head))


def _asides(sentence: str, names: Names) -> Iterator[Made]:
    """What is said of a name between two commas."""
    for found in _WHO_DID.finditer(sentence):
        if not names.is_name(found["who"]) or found["who"].startswith("the "):
            continue
        what = _parted(_until_end(found["rest"]))[0]
        if not _is_plain(what) or not re.search(CAPITAL, what):
            continue
        did, be = found["did"], found["be"]
        if be and did in PAST_OF_PARTICIPLE:
            yield Made(f"Who was {did}{what}?", "who")
        elif not be and found["had"] and PAST_OF_PARTICIPLE.get(did):
            yield Made(f"Who {PAST_OF_PARTICIPLE[did]}{what}?", "who")
        elif not be and did in PLAIN_OF_PAST and PLAIN_OF_PAST[did] not in _ALONE:
            yield Made(f"Who {did}{what}?", "who")
    for found in _PLACE.finditer(sentence):
        if names.is_name(found["name"]):
            yield Made(f"Where is {found['name']}?", "where is")
    for found in _THING.finditer(sentence):
        # Else it is as often a word that only stands before what is told of.
        is_thing = found["name"].startswith("the ") or found["name"][-1].isdigit()
        if is_thing and names.is_name(found["name"]):
            yield Made(f"What is {found['name']}?", "what is")
    if names.is_past:
        for found in _SOMEONE.finditer(sentence):
            if names.is_name(found["name"]) and names.is_person(found["name"]):
                yield Made(f"Who was {found['name']}?", "who is")


def _counts(sentence: str, names: Names) -> Iterator[Made]:
    for found in _OF_WHICH.finditer(sentence):
        if found["did"] in PLAIN_OF_PAST and names.is_name(found["name"]):
            name = names.in_full(found["name"])
            if name:
                plain = PLAIN_OF_PAST[found["did"]]
                yield Made(f"How many {found['noun']} did {name} {plain}?", "how")


def _until_end(body: str) -> str:
    """Up to where the clause ends or another begins."""
    # What stands behind the date and a number is no end.
    end = _ENDS.search(re.sub(r"(?<=\d)[.,](?=\d)|(?<=\bSt)\.", "_", body))
    return body[: end.start()].rstrip() if end else body


def _parted(rest: str) -> tuple[str, bool]:
    """What stands before a date, and whether there is one."""
    found = re.search(rf" (?:{_DATE}|on \w+day\b)", rest)
    return (rest[: found.start()], True) if found else (rest, False)


def _is_clause(what: str) -> bool:
    return _is_plain(what) and not _ENDS.search(what)


def _is_plain(what: str) -> bool:
    """Whether it is short and understood by itself."""
    if len(what.split()) > _MOST_WORDS or _VAGUE.search(what) or re.search(r"[^\w\s.’'-]", what):
        return False
    if re.search(r" (?:in|on|at|of|from|for|the|an?|into|over|about|up|its)$", what):
        return False
    # "the engine" is someone's: a name behind it tells whose.
    return all(
        re.search(CAPITAL, what[found.end() :]) for found in re.finditer(r"\bthe (?=[a-z])", what)
    )
