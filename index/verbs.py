"""Verbs that state facts: of each its past tense, its participle and its plain form."""

import re
from collections.abc import Iterator

_REGULAR = """
accept accuse achieve acquire adopt agree allow announce annex appoint approach approve arrest
arrive assassinate attack attend award ban bomb capture carry cause change close collapse
collect command complete condemn confirm conquer continue create cross crash damage declare defeat
deliver demolish demonstrate describe destroy develop die direct discover dissolve divide earn eject
elect end enter erupt establish evacuate expel explode explore fail finish flood follow found free
gather guide help identify import inject inspect install introduce invade invent investigate invite
join kill land last launch name nominate notice observe occupy open operate order
organise organize orbit paint pass perform photograph pick plant prepare present produce
propose prove publish pull push ratify reach receive recapture recognise recognize record recover
reject release remain remove repair replace report rescue resign restore retire return reveal rule
sail save search sentence settle signal sign solve start steer stop suggest
summon surrender survive telephone test train transfer translate transplant treat use
vaccinate veto visit vote walk warn weigh wreck unveil operate circle measure shatter
""".split()
_IRREGULAR = """
become became become; begin began begun; blow blew blown; break broke broken; bring brought brought;
build built built; buy bought bought; catch caught caught; choose chose chosen; draw drew drawn;
drive drove driven; fall fell fallen; fight fought fought; find found found; fly flew flown;
 grow grew grown; hit hit hit; hold held held; keep kept kept; lead led led;
leave left left; lose lost lost; make made made; meet met met; pay paid paid; put put put;
rise rose risen; sell sold sold; shut shut shut; send sent sent; shoot shot shot; sink sank sunk;
speak spoke spoken;
spend spent spent; stand stood stood; steal stole stolen; strike struck struck; take took taken;
teach taught taught; tear tore torn; throw threw thrown; win won won; write wrote written
""".replace("\n", " ").split(";")
_DOUBLING = {"stop", "ban", "expel", "transfer"}


def _regular() -> Iterator[tuple[str, str, str]]:
    for verb in _REGULAR:
        if verb.endswith("e"):
            past = f"{verb}d"
        elif re.search(r"[^aeiou]y$", verb):
            past = f"{verb[:-1]}ied"
        else:
            past = f"{verb}{verb[-1] if verb in _DOUBLING else ''}ed"
        yield verb, past, past


def _irregular() -> Iterator[tuple[str, str, str]]:
    for line in _IRREGULAR:
        plain, past, participle = line.split()
        yield plain, past, participle


_FORMS = [*_regular(), *_irregular()]
# "found" is more often of "find".
PLAIN_OF_PAST = {past: plain for plain, past, _ in _FORMS}
PAST_OF_PARTICIPLE = {participle: past for _, past, participle in _FORMS} | {"born": ""}
PLAIN_OF_PARTICIPLE = {participle: plain for plain, _, participle in _FORMS}
