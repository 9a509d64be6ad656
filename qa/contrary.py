"""Whether a sentence says another thing than a question asks: where one denies, or the opposite."""

import re
from collections.abc import Mapping

from index.analysis import words

_ASKS_WHAT_IS_NOT = re.compile(
    r"\b(is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)( \w+){0,3} not\b|"
    r"\b(never|cannot)\b|n['’]t\b",
    re.IGNORECASE,
)
_DENIES = re.compile(
    r"\b(not|no|never|cannot|neither|nor|none|nobody|nothing|without)\b|n['’]t\b", re.IGNORECASE
)
_PAIRS = """
    first-last least-most less-more fewer-more fewest-most smallest-largest smaller-larger
    small-large small-big minor-major minority-majority minimum-maximum lowest-highest lower-higher
    low-high lower-upper shortest-longest shorter-longer short-long short-tall worst-best
    worse-better bad-good weak-strong weaker-stronger weakest-strongest weakness-strength slow-fast
    slower-faster slowly-quickly slow-rapid old-new older-newer oldest-newest older-younger
    oldest-youngest old-young early-late earlier-later earliest-latest before-after previous-next
    begin-end began-ended beginning-end start-end started-ended start-stop start-finish open-close
    opened-closed east-west eastern-western north-south northern-southern northeast-southwest
    northwest-southeast left-right inside-outside internal-external inner-outer interior-exterior
    top-bottom above-below front-back near-far nearest-farthest increase-decrease
    increased-decreased increases-decreases increasing-decreasing rise-fall rose-fell
    rising-falling gain-lose gained-lost win-lose won-lost winner-loser victory-defeat won-defeated
    allow-forbid allowed-forbidden allowed-prohibited permitted-banned allowed-banned
    allowed-refused accept-reject accepted-rejected accept-refuse accepted-refused agree-disagree
    agreed-refused support-oppose supported-opposed supports-opposes import-export imports-exports
    imported-exported buy-sell bought-sold build-destroy built-destroyed create-destroy
    created-destroyed arrive-leave arrived-left include-exclude included-excluded includes-excludes
    join-leave joined-left love-hate friend-enemy ally-enemy born-died birth-death alive-dead
    male-female man-woman men-women boys-girls husband-wife king-queen son-daughter rich-poor
    wealthy-poor richest-poorest public-private urban-rural domestic-foreign native-foreign
    modern-ancient modern-medieval past-present present-future former-current first-current
    positive-negative true-false correct-wrong light-dark hot-cold warm-cool warmer-cooler
    heating-cooling wet-dry heavy-light thick-thin wide-narrow deep-shallow hard-soft hard-easy
    difficult-easy simple-complex common-rare commonly-rarely often-rarely often-seldom
    usually-rarely always-never frequently-rarely same-different similar-different united-divided
    separate-joint connected-separated success-failure succeeded-failed help-hinder cause-prevent
    caused-prevented causes-prevents encourage-discourage encouraged-discouraged
    praised-criticized liberal-conservative guilty-innocent appear-disappear appeared-disappeared
    attack-defend attacked-defended offensive-defensive advance-retreat push-pull absorb-emit
    expand-contract grow-shrink grew-shrank morning-evening summer-winter sunrise-sunset
    employer-employee teacher-student ancestor-descendant primary-secondary upstream-downstream
    odd-even finite-infinite input-output horizontal-vertical add-remove added-removed
    lend-borrow legal-illegal with-without
"""
# In front of a word, or of the rest of it, these turn it round: possible, impossible.
_TURNING = ("un", "in", "im", "il", "ir", "dis", "non", "mis", "de", "anti")
_SHORTEST = 4


def is_denied(question: str, sentence: str) -> bool:
    """Whether what is asked is what is not so, and the sentence denies nothing.

    >>> is_denied("When didn't the mill burn?", "The mill burned in May.")
    True
    """
    return _ASKS_WHAT_IS_NOT.search(question) is not None and _DENIES.search(sentence) is None


def is_opposite(question: str, sentence: str) -> bool:
    """Whether the sentence has the opposite of a word of the question, and not that word.

    >>> is_opposite("Which is the last city on the Rhine?", "Basel is its first city.")
    True
    """
    asked, said = set(words(question)), set(words(sentence))
    return any(_opposites(word, said - asked) for word in asked - said)


def _opposites(word: str, said: set[str]) -> bool:
    if not _OPPOSITES.get(word, frozenset()).isdisjoint(said):
        return True
    if len(word) >= _SHORTEST and any(turning + word in said for turning in _TURNING):
        return True
    rests = (word.removeprefix(turning) for turning in _TURNING if word.startswith(turning))
    return any(len(rest) >= _SHORTEST and rest in said for rest in rests)


def _both_ways() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for pair in _PAIRS.split():
        one, other = pair.split("-")
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return {word: frozenset(others) for word, others in found.items()}


_OPPOSITES = _both_ways()
