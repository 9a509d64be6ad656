"""Questions that a clause answers: a name, its verb and what follows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.naming import CAPITAL, NAME, Names
from index.phrasing import (
    ALONE,
    BY_SOMEONE,
    MONTH,
    NUMBER,
    Made,
    is_clause,
    is_plain,
    parted,
    until_end,
)
from index.verbs import PAST_OF_PARTICIPLE, PLAIN_OF_PARTICIPLE, PLAIN_OF_PAST

_HOW = r"(?:high|tall|long|wide|deep|across|thick|heavy)"
_TIMES = r"(?:seconds|minutes|hours|days|weeks|months|years)"
_AGED = re.compile(r"was (?:only |just )?(?:[1-9]\d|[1-9]) ?(?:years old)?(?=[.,;]| and | when |$)")
_ADVERBS = r"(?:(?:then|later|soon|first|also|once|finally|\w+ly) )?"
_WAS_DONE = re.compile(
    rf"(?P<be>was|were|had been|has been|have been) {_ADVERBS}(?P<done>\w+)(?P<rest>\b.*)"
)
_DID = re.compile(rf"(?P<had>(?:had|has|have) )?{_ADVERBS}(?P<did>\w+)(?P<rest>\b.*)")
# So it is asked where: what else stands behind "in" is as often part of what is done.
_PLACED = frozenset(
    "born built buried killed launched held found signed arrested discovered founded shot captured "
    "opened tested treated published".split()
)
_TOOK_PLACE = frozenset("land die crash fall meet arrive collapse explode strike".split())
_SAID = re.compile(
    r"(?:has |had )?(?:said|argued|announced|warned|explained|declared|insisted|claimed|denied)"
    rf"(?: on \w+)? that (?P<about>{NAME}) "
    r"(?:would|had|has|have|is|was|were|are|will|could|should|must|did)\b"
)
_MEASURED = re.compile(rf"(?P<be>is|was)(?: a [a-z]+)? {NUMBER} (?:\w+) (?P<how>{_HOW})\b")
_BECAUSE = re.compile(r"(?P<what>[^,;:.]*?),? because ")
_BY = re.compile(rf"(?P<particle> (?:down|up|out|off))? by (?P<who>{NAME})")
_IN_A_PLACE = re.compile(rf" (?:in|at|from|near|off) (?:the )?(?!{MONTH}){CAPITAL}")
_AT_A_PLACE = re.compile(rf" (?:in|at|near|off) (?:the )?{CAPITAL}")
# What was counted, how many times it was done, how long it lasted.
_NUMBERS = (
    re.compile(rf" {NUMBER} (?P<noun>[a-z]+s|people|men|women|children)$"),
    re.compile(rf"(?P<what>.*?) {NUMBER} times$"),
    re.compile(rf"(?P<what>.*?) for {NUMBER} {_TIMES}\b"),
)


@dataclass(frozen=True, slots=True)
class Clause:
    """What is told of a name: `body` begins with the verb, `is_dated` where a date stands before.

    `has_role` is whether the name has who or what it is beside it, as people have.
    """

    name: str
    body: str
    is_dated: bool
    has_role: bool

    def questions(self, names: Names) -> Iterator[Made]:
        """What it answers."""
        yield from self._said(names)
        yield from self._measured()
        yield from self._person(names)
        passive = _WAS_DONE.match(self.body)
        if passive and passive["done"] in PAST_OF_PARTICIPLE:
            yield from self._passive(passive, names)
            return
        active = _DID.match(self.body)
        forms = PLAIN_OF_PARTICIPLE if active and active["had"] else PLAIN_OF_PAST
        if active and active["did"] in forms:
            yield from self._active(active, forms[active["did"]], names)

    def _said(self, names: Names) -> Iterator[Made]:
        said = _SAID.match(self.body)
        if said and names.is_name(said["about"]):
            about = re.sub(r"^The ", "the ", said["about"])
            yield Made(f"What did {self.name} say about {about}?", "what")

    def _measured(self) -> Iterator[Made]:
        measured = _MEASURED.match(self.body)
        if measured:
            how = "wide" if measured["how"] == "across" else measured["how"]
            yield Made(f"How {how} {measured['be']} {self.name}?", "how")

    def _person(self, names: Names) -> Iterator[Made]:
        is_known = names.is_person(self.name)
        if (self.has_role or is_known) and _AGED.match(self.body):
            yield Made(f"How old was {self.name}?", "how")
        if is_known and re.match(r"was an? [a-z]", self.body):
            yield Made(f"Who was {self.name}?", "who is")

    def _passive(self, found: re.Match[str], names: Names) -> Iterator[Made]:
        name, done, rest = self.name, found["done"], found["rest"]
        be = _agreeing(found["be"], name)
        because = _BECAUSE.match(rest)
        if because and is_clause(because["what"]):
            yield Made(f"Why {be} {name} {done}{because['what']}?", "why")
        by = _BY.match(rest)
        past = PAST_OF_PARTICIPLE[done]
        if by and past and (PLAIN_OF_PARTICIPLE[done] in BY_SOMEONE or names.is_person(by["who"])):
            yield Made(f"Who {past}{by['particle'] or ''} {name}?", "who")
        if done in _PLACED and _IN_A_PLACE.match(rest):
            yield Made(f"Where {be} {name} {done}?", "where")
        what, has_date = parted(until_end(rest).split(" by ")[0])
        has_date = has_date or parted(until_end(rest))[1]
        if (has_date or self.is_dated) and is_plain(what):
            yield Made(f"When {be} {name} {done}{what}?", "when")

    def _active(self, found: re.Match[str], plain: str, names: Names) -> Iterator[Made]:
        rest = found["rest"]
        because = _BECAUSE.match(rest)
        if because and is_clause(because["what"]) and (because["what"] or plain in ALONE):
            yield Made(f"Why did {self.name} {plain}{because['what']}?", "why")
        what, has_date = parted(until_end(rest))
        yield from self._numbers(plain, what)
        if _tells_a_number(what) or not is_plain(what):
            return
        past = PAST_OF_PARTICIPLE[found["did"]] if found["had"] else found["did"]
        is_someone = self.has_role or names.is_person(self.name) or plain in BY_SOMEONE
        is_told = is_someone and plain not in ALONE and re.search(CAPITAL, what)
        if is_told or (plain == "launch" and re.match(rf" {NAME}$", what)):
            yield Made(f"Who {past}{what}?", "who")
        if plain in _TOOK_PLACE and _AT_A_PLACE.match(rest):
            yield Made(f"Where did {self.name} {plain}?", "where")
        elif (has_date or self.is_dated) and (_has_object(what) or plain in ALONE):
            yield Made(f"When did {self.name} {plain}{what}?", "when")

    def _numbers(self, plain: str, what: str) -> Iterator[Made]:
        """How many, how much, how often and how long."""
        counted, times, lasting = (pattern.match(what) for pattern in _NUMBERS)
        if plain == "weigh" and re.match(rf" {NUMBER}", what):
            yield Made(f"How much did {self.name} weigh?", "how")
        elif counted and not re.fullmatch(_TIMES, counted["noun"]):
            yield Made(f"How many {counted['noun']} did {self.name} {plain}?", "how")
        if times and is_plain(times["what"]):
            yield Made(f"How many times did {self.name} {plain}{times['what']}?", "how")
        if lasting and is_plain(lasting["what"]):
            yield Made(f"How long did {self.name} {plain}{lasting['what']}?", "how")


def _agreeing(be: str, name: str) -> str:
    """The past of "be" that goes with the name."""
    if " and " in name:
        return "were"
    return be if be in ("was", "were") else "was"


def _has_object(what: str) -> bool:
    words = what.split()
    return bool(words) and words[0] not in ("in", "on", "at", "from", "for", "of", "into")


def _tells_a_number(what: str) -> bool:
    return any(pattern.match(what) for pattern in _NUMBERS)
