"""Whether a question can be understood by itself, judged by its words alone."""

import re

from index.analysis import content_words, names, words
from index.english import DEMONSTRATIVES, FUNCTION_WORDS, PRONOUNS, SEASONS

# In characters: a longer question is taken to stand alone.
LONGEST = 300
# At most this many polite phrases are stripped.
_MOST_POLITE = 4
# What people say before they come to the point, and how they ask for it.
_POLITE = re.compile(
    r"^(?:(?:yes|yeah|no|ok|okay|sure|great|good|thanks|thank you|i see|interesting|well|now|wow|"
    r"cool|hm+|oh|ah|please)\b[\s,.!?…-]*)+",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"^(?:(?:please |also |now |i think )*"
    r"(?:(?:can|could|would|will) you (?:please |also |just |possibly )*"
    r"|i(?:'d|’d| would) (?:also )?(?:like|love) to |i (?:also )?(?:want|wish|need) to |let me |"
    r"i(?:'m|’m| am) (?:also )?(?:interested|curious)\b|what (?:can|do|could) you |do you |"
    r"(?=tell me|explain|describe|give me))"
    r"(?:please |also |further )*(?:tell|give|show|explain|expand|describe|know|hear|learn|say)?"
    r"(?: me| us)?(?: (?:a (?:little|bit)|some|any(?:thing)?|something|more|further|details?|"
    r"information|all))*(?: (?:about|on|of|in|to))?\b)[\s,:]*",
    re.IGNORECASE,
)
_TRAILING = re.compile(r"[\s,]*\b(?:please|thanks|thank you|then|though|exactly)\b(?=\W*$)", re.I)
_CONTINUES = re.compile(
    r"^(?:and|but|or|so|then|also)\b|\b(?:what|how) (?:about|of)\b", re.IGNORECASE
)
# "And who was the last person to catch smallpox?" is a full question.
_ASKS_IN_FULL = re.compile(
    r"(?:and|but|so|then|also),? (?:who|what|when|where|which|why|how)\b(?! (?:about|of)\b)", re.I
)
_ENOUGH = 3
_POINTERS = PRONOUNS | DEMONSTRATIVES | {"theirs", "one", "ones"}
_OWNERS = frozenset("its their his her he she they".split())
# A later clause may refer back to an earlier one.
_CLAUSE = frozenset(
    "when if because after before while and but or as so that which who whose though since until "
    "than where , ;".split()
)
_EXPLETIVE = re.compile(
    r"\b(?:is|was|be|are|does|did|would|will|has|can|could) it (?:\w+ly |ever |been |be |still |"
    r"not )*(?:true|possible|legal|illegal|safe|likely|necessary|hard|difficult|easy|common|okay|"
    r"ok|normal|important|known|rain\w*|snow\w*|take|cost|matter|mean)\b.*\b(?:to|that|if|for)\b|"
    r"\bit (?:is|was|takes?|took) .*\b(?:to|that)\b|\btime is it\b",
    re.IGNORECASE,
)
_SPANS_OF_TIME = frozenset(
    "time day days week weeks month months year years century morning afternoon evening night "
    "decade hour moment".split()
) | frozenset(SEASONS)
_POINTED_AT = frozenset(
    "in on at of about from after before by with for to into like is was were are do did does why "
    "how than during since until and or but made caused s".split()
)
# Unique things: "the" before them does not refer back.
_UNIQUE = frozenset(
    "world earth moon sun sky sea ocean universe internet web past future present same news "
    "government weather time day united first last only other most least best worst next".split()
)
_COMPLEMENTS = frozenset(
    "of in for on that who which whose from to at by between with about against where when".split()
)
_MORE_OF_THE_SAME = frozenset("else other others another same similar instead too either".split())
# "Who was on board?" defines nothing.
_DEFINES = re.compile(
    r"\b(?:what|who) (?:is|are|was|were)\b(?! (?:at|behind|by|from|in|inside|on|there|to|with)\b)|"
    r"\bdefin|\bmean\b",
    re.IGNORECASE,
)
_VAGUE = frozenset(
    "long often big large old far fast high happen happened happens take took thing things kind "
    "type types sort way ways example examples exactly say said go went come came make made call "
    "called know tell work worked end ended start started begin began good bad well lot details "
    "result results reason people someone anyone anything something nothing everyone interesting "
    "sound sounds mean means become became".split()
)
# `Which bridge collapsed?` asks about one of several mentioned before.
_FEW = 2
_TOKEN = re.compile(r"[^\W_]+|[,;.?!:]")


def strip_politeness(text: str) -> str:
    """The question without the polite phrases around it.

    >>> strip_politeness("Sure! Can you tell me about the cage system, please?")
    'the cage system?'
    """
    topic = text.strip()
    for _ in range(_MOST_POLITE):
        for around in (_POLITE, _REQUEST, _TRAILING):
            topic = around.sub("", topic) or topic
    return topic if re.search(r"\w", topic) else text.strip()


def is_standalone(text: str) -> bool:
    """Whether the question itself says what it is about, and does not refer back.

    >>> is_standalone("How much of it goes to arms?"), is_standalone("Who led the mission?")
    (False, False)
    >>> is_standalone("Who led the first mission to Mars?")
    True
    """
    if len(text) > LONGEST:
        return True
    topic = strip_politeness(text)
    tokens = _TOKEN.findall(topic.lower())
    own_names = {name.lower() for name in names(text)}
    said = [word for word in content_words(topic) if word not in _VAGUE and len(word) > 1]
    if not said or _goes_on(topic, said) or _points_back(topic, tokens, own_names):
        return False
    if own_names:
        return True
    if len(said) == 1 and not (_DEFINES.search(topic) and "the" not in tokens):
        return False
    if _has_bare_definite(tokens) or not _MORE_OF_THE_SAME.isdisjoint(tokens):
        return False
    return tokens[:1] != ["which"] or len(said) > _FEW


def names_topic(text: str) -> bool:
    """Whether it is nothing but a word or two for a thing, as they are typed into a search box.

    >>> names_topic("insulin"), names_topic("Vesuvius?"), names_topic("Why?"), names_topic("his")
    (True, True, False, False)
    """
    tokens = words(text)
    said = [word for word in content_words(text) if word not in _VAGUE]
    return 0 < len(tokens) <= _FEW and len(said) == len(tokens)


def _goes_on(topic: str, said: list[str]) -> bool:
    """Whether it begins like a continuation, and says too little to be a full question.

    >>> _goes_on("And which countries abstained in 2015?", ["countries", "abstained", "2015"])
    True
    """
    found = _CONTINUES.search(topic)
    if found is None:
        return False
    if found.start() or not _ASKS_IN_FULL.match(topic):
        return True
    return sum(not word.isdigit() for word in said) < _ENOUGH


def _points_back(topic: str, tokens: list[str], own_names: set[str]) -> bool:
    expletive = _EXPLETIVE.search(topic) is not None
    return any(
        token in _POINTERS
        and not (token == "it" and expletive)
        and _is_pointer(tokens, place)
        and not _is_resolved(tokens, place, own_names)
        for place, token in enumerate(tokens)
    )


def _is_pointer(tokens: list[str], place: int) -> bool:
    """Whether the word refers to a thing here, and does not join clauses or name a time."""
    token = tokens[place]
    after = tokens[place + 1] if place + 1 < len(tokens) else "?"
    before = tokens[place - 1] if place else ""
    if token in ("one", "ones"):
        return before in ("the", "which", "that", "this", "first", "last", "other") and (
            after in "?.!," or after in FUNCTION_WORDS
        )
    if token in ("this", "these"):
        return after not in _SPANS_OF_TIME
    if token == "those":
        return after not in ("who", "of", "that", "which", "in", "with")
    if token == "that":
        return after in "?.!," or before in _POINTED_AT or not before
    return True


def _is_resolved(tokens: list[str], place: int, own_names: set[str]) -> bool:
    """Whether the word may refer to something earlier in the question itself."""
    before = tokens[:place]
    if tokens[place] in _OWNERS and not own_names.isdisjoint(before):
        return True
    for boundary in reversed(range(1, place)):
        if tokens[boundary] in _CLAUSE:
            return any(
                token.isalnum() and token not in FUNCTION_WORDS and token not in _VAGUE
                for token in tokens[:boundary]
            )
    return False


def _has_bare_definite(tokens: list[str]) -> bool:
    """Whether a thing with `the` can only be known from what was said before."""
    for place, token in enumerate(tokens):
        if token != "the":
            continue
        end = place + 1
        while end < len(tokens) and tokens[end].isalnum() and tokens[end] not in FUNCTION_WORDS:
            end += 1
        called = tokens[place + 1 : end]
        after = tokens[end] if end < len(tokens) else "?"
        if not called or len(called) > 2 or after in _COMPLEMENTS:
            continue
        if called[0] not in _UNIQUE and not called[0].endswith("est"):
            return True
    return False
