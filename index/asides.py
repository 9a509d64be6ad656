"""Questions that what is said of a name in passing answers: between commas, or of a number."""

import re
from collections.abc import Iterator

from index.naming import CAPITAL, NAME, Names
from index.phrasing import ALONE, NUMBER, Made, is_clause, is_plain, parted, until_end
from index.verbs import PAST_OF_PARTICIPLE, PLAIN_OF_PAST

_KIN = re.compile(r"(?:daughter|(?:grand)?(?:mother|father)|(?:step)?(?:brother|sister)|member)$")
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
    rf"\b(?P<number>{NUMBER}) (?P<noun>[a-z]+) (?:whom|that|which) (?P<name>{NAME}) (?P<did>\w+)\b"
)


def of_roles(sentence: str, names: Names) -> Iterator[Made]:
    """Who held an office."""
    if sentence.count(", ") < 2 or "he " not in sentence:
        return
    for pattern in (_HOLDER, _HELD_BY):
        for found in pattern.finditer(sentence):
            role = found["role"]
            is_named = re.search(CAPITAL, role) is not None
            is_held = names.is_person(found["who"]) or pattern is _HELD_BY
            if is_held and is_named and is_clause(role) and _is_office(role):
                yield Made(f"Who was the {role}?", "who is")


def of_asides(sentence: str, names: Names) -> Iterator[Made]:
    """What is said of a name between two commas."""
    for found in _WHO_DID.finditer(sentence):
        if names.is_name(found["who"]) and not found["who"].startswith("the "):
            yield from _who_did(found)
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


def of_counts(sentence: str, names: Names) -> Iterator[Made]:
    """How many of something a name found, made or lost."""
    for found in _OF_WHICH.finditer(sentence):
        if found["did"] in PLAIN_OF_PAST and names.is_name(found["name"]):
            name = names.in_full(found["name"])
            if name:
                plain = PLAIN_OF_PAST[found["did"]]
                yield Made(f"How many {found['noun']} did {name} {plain}?", "how")


def _who_did(found: re.Match[str]) -> Iterator[Made]:
    what = parted(until_end(found["rest"]))[0]
    if not is_plain(what) or not re.search(CAPITAL, what):
        return
    did, be = found["did"], found["be"]
    if be and did in PAST_OF_PARTICIPLE:
        yield Made(f"Who was {did}{what}?", "who")
    elif not be and found["had"] and PAST_OF_PARTICIPLE.get(did):
        yield Made(f"Who {PAST_OF_PARTICIPLE[did]}{what}?", "who")
    elif not be and did in PLAIN_OF_PAST and PLAIN_OF_PAST[did] not in ALONE:
        yield Made(f"Who {did}{what}?", "who")


def _is_office(role: str) -> bool:
    """Whether it is held by one at a time, by its last word before "of" or its end."""
    head = re.split(r" (?:of|in|at|for) ", role)[0].split()[-1]
    if _KIN.search(head):
        return False
    return bool(re.search(r"(?:or|er|an|ent|al|tary|ist|ssor|chief|head|king|queen|chair)$", head))
