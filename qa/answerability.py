"""Whether what was found answers: the features that tell, the model and every exception.

Nothing else in the project decides this. `answer_probability` is compared with one of
`THRESHOLDS`; `FEATURES` of the best passage go into the fitted model, the rules around it stand in
the same function. `by_rank`, `by_reading` and `answering` tell which sentences may be quoted.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from itertools import compress, groupby

import numpy as np

from index.analysis import Analyzer, words
from index.article import Passage
from index.english import FUNCTION_WORDS, MONTHS
from index.settings import Strictness
from index.store import Located, Store
from qa.cite import Chosen
from qa.plan import Attempt
from qa.quote import best_sentence
from qa.rank import features
from qa.rank.filters import names_year
from qa.rank.matching import Flags, Floats, share
from qa.rank.weights import ANSWERING, CONFIDENCE, READ, Linear, ProductModel
from qa.read.reading import ReadSentence
from qa.search import Candidate, Ranking
from qa.timex.extract import AskedTime
from qa.understand.query import Query

# From these probabilities on a question is answered. docs/answering.md tells what each trades.
THRESHOLDS: Mapping[Strictness, float] = {"strict": 0.54, "balanced": 0.3, "open": 0.2}
# From this share of them on it may be, and people are told so.
_UNSURE = 0.5
UNSURE: Mapping[Strictness, float] = {
    strictness: _UNSURE * threshold for strictness, threshold in THRESHOLDS.items()
}
# The probability that mere key words are answered where a passage has them all.
_SEARCHED = 0.75
# So far before a passage a year may stand that it is about.
_NEARBY = 300
# Log-odds by searching and by reading beyond which neither says more.
_FOUND, _READ = (-4.0, 0.5), (-5.0, 1.5)
# Probabilities nearer to 0 and 1 than this are not told apart.
_LEAST = 1e-4
# So many of the best of a ranking may be quoted.
CONSIDERED = 20
# A further passage is cited only where it is not far less likely to answer than the first.
_AS_LIKELY = 0.6
_LIKELY = 0.5
# So unlikely, what was read first comes behind a passage that is so likely by the ranking.
_HARDLY, _SURELY = 0.15, 0.8
# A far time is told by "today" as well, "What is Pompeii today?".
_NOWADAYS = "today"
# A date is written in more ways than one.
_ANALYZER = Analyzer()
_MONTHS = frozenset(_ANALYZER.terms(" ".join(MONTHS)))
# What stands between two names, and what the owner's name ends with.
_MARKS = re.compile(r"[,;:?!()\"“”]|\.(?=\s|$)")
_OWNER = re.compile(r"['’]s?$", re.IGNORECASE)
_ASKS_WHAT_IS_NOT = re.compile(
    r"\b(is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)( \w+){0,3} not\b|"
    r"\b(never|cannot)\b|n['’]t\b",
    re.IGNORECASE,
)
_DENIES = re.compile(
    r"\b(not|no|never|cannot|neither|nor|none|nobody|nothing|without)\b|n['’]t\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _Best:
    """The passage that would be quoted first, with the sentence that would be quoted.

    `rows` are those of the sentence and of what stands in front of the passage; `present` are the
    terms of the question that stand there.
    """

    ranking: Ranking
    candidate: Candidate
    rows: list[int]
    present: Flags
    quote: str

    @property
    def query(self) -> Query:
        return self.ranking.query


def _quote_coverage(best: _Best) -> float:
    """The share of the question's terms, by weight, that stand there to the letter."""
    return float(share(best.query.weights, best.present[np.newaxis])[0])


def _torn_name(best: _Best) -> float:
    """1 where two words of one name, as "Apollo 17", do not stand there side by side."""
    names = _names_of_two_words(best.query)
    return float((names & ~best.ranking.matches.pairs[best.rows].any(axis=0)).any())


def _other_number(best: _Best) -> float:
    """1 where the second of two is a number, and no candidate has them side by side."""
    names = _names_of_two_words(best.query) & _end_in_number(best.query)
    return float((names & ~best.ranking.matches.pairs.any(axis=0)).any())


def _denied(best: _Best) -> float:
    return float(is_denied(best.query.text, best.quote))


# What tells whether the sentence answers, beside the features that rank.
_OF_THE_QUOTE: Mapping[str, Callable[[_Best], float]] = {
    "quote_coverage": _quote_coverage,
    "torn_name": _torn_name,
    "other_number": _other_number,
    "denied": _denied,
}
FEATURES = (*features.FEATURES, *_OF_THE_QUOTE)
_TORN_NAME, _OTHER_NUMBER = FEATURES.index("torn_name"), FEATURES.index("other_number")
_SHARED = FEATURES.index("article_bm25")


def answer_probability(
    attempt: Attempt, ranking: Ranking, store: Store, read: Sequence[ReadSentence]
) -> float:
    """How likely the best passage of an attempt answers, 0 to 1; it would be quoted first.

    `ranking` has what may answer, `read` the sentences of it that a reader read.
    """
    best = next(ranking.best(1), None)
    if best is None or (not attempt.is_bounded and _lies_ahead(attempt, store.days.newest)):
        return 0.0
    if attempt.is_bounded and attempt.takes_all:
        return 1.0
    located = store.locate(best.key)
    if _is_of_another_year(attempt, located):
        return 0.0
    values = read_features(ranking, best, located.passage)
    found = confidence(values)
    # Key words ask for what tells of them: a passage with all of them does.
    if is_search(ranking.query, best):
        return max(found, _SEARCHED)
    if not read:
        return 0.0 if names_nothing_known(ranking.query) else found
    # What was read tells of the matter by whatever name, wrongly spelled ones among them.
    probability = read_confidence(values, found, max(each.log_odds for each in read))
    # A reader takes Apollo 17 for Apollo 13.
    is_another = values[_OTHER_NUMBER] or values[_TORN_NAME]
    return min(probability, found) if is_another else probability


def confidence(values: Floats, model: ProductModel = CONFIDENCE) -> float:
    """How likely the articles cover what is asked, 0 to 1, by `FEATURES`.

    They have to tell of it, and the sentence to answer: what is near is told of all the same.
    """
    return _logistic(model.covered, values) * _logistic(model.answered, values)


def read_confidence(values: Floats, found: float, log_odds: float) -> float:
    """The same where a reader gave these log-odds to the sentence that it finds likeliest.

    `found` is the `confidence` without it.
    """
    return _logistic(READ, read_signals(values, found, log_odds))


def read_signals(values: Floats, found: float, log_odds: float) -> Floats:
    """What tells whether a sentence that was read answers, shape (4,), in the order of READ.

    The search, by `FEATURES` of the best passage and its `confidence`, knows other matters from the
    archive's, and the reader near misses from answers: each says little outside its bounds, and
    both must agree, so their product counts as well. Near misses are asked in the words of the
    article that they miss: the more of them it has, the less a reader's doubt is a matter of
    wording.
    """
    by_search = float(np.clip(_log_odds(found), *_FOUND)) - _FOUND[0]
    by_reading = float(np.clip(log_odds, *_READ)) - _READ[0]
    return np.array([by_search, by_reading, by_search * by_reading, values[_SHARED]])


def passage_probabilities(values: Floats) -> list[float]:
    """How likely each passage has to do with what is asked, 0 to 1, by the features that rank.

    `values` has shape (passages, features).
    """
    log_odds = values @ ANSWERING.weights + ANSWERING.constant
    return [_sigmoid(each) for each in log_odds.tolist()]


def answering(likely: Iterable[Chosen]) -> list[Chosen]:
    """The first, and further ones that answer about as likely."""
    first, *others = likely
    enough = max(_AS_LIKELY * first.score, min(first.score, _LIKELY))
    return [first, *(each for each in others if each.score >= enough)]


def by_rank(ranking: Ranking) -> list[Chosen]:
    """The best, each as likely as its features say."""
    considered = ranking.matches.features[ranking.order[:CONSIDERED]]
    likely = passage_probabilities(considered)
    return [*map(Chosen, ranking.best(CONSIDERED), likely)]


def by_reading(
    sentences: Sequence[ReadSentence], ranking: Ranking, is_answered: bool
) -> list[Chosen]:
    """The sentences that were read, the one to quote first in front; the ranking, if none was.

    Of passages of which no sentence is likely by reading, the ranking tells. They come behind what
    was read first, unless hardly anything speaks for that though the question is answered.
    """
    if not sentences:
        return by_rank(ranking)
    read = [
        Chosen(each.candidate, _sigmoid(each.score), each.place, each.answer) for each in sentences
    ]
    likely = {each.candidate.key for each in read if each.score >= _LIKELY}
    others = (each for each in by_rank(ranking) if each.candidate.key not in likely)
    first, every = read[0], [*read, *others]
    is_outdone = first.score < _HARDLY and any(each.score >= _SURELY for each in every)
    leads = not (is_answered and is_outdone)
    return sorted(every, key=lambda each: (not (leads and each is first), -each.score))


def read_features(ranking: Ranking, candidate: Candidate, passage: Passage) -> Floats:
    """What tells whether a candidate of a ranking answers, shape (features,), by `FEATURES`."""
    matches = candidate.sentences
    front = int(ranking.matches.first[candidate.place])
    rows, present, quote = [front], matches.front == 1, ""
    if len(matches.terms):
        place = best_sentence(ranking.query, matches, passage)
        rows.append(front + 1 + place)
        present = present | (matches.terms[place] == 1)
        quote = passage.words(passage.sentences[place])
    best = _Best(ranking, candidate, rows, present, quote)
    return np.append(candidate.features, [read(best) for read in _OF_THE_QUOTE.values()])


def is_denied(question: str, sentence: str) -> bool:
    """Whether what is asked is what is not so, and the sentence denies nothing.

    >>> is_denied("When didn't the mill burn?", "The mill burned in May.")
    True
    """
    return _ASKS_WHAT_IS_NOT.search(question) is not None and _DENIES.search(sentence) is None


def is_search(query: Query, candidate: Candidate) -> bool:
    """Whether the question is mere key words, which all stand in the candidate or its title."""
    said = words(query.text)
    if not said or "?" in query.text or not FUNCTION_WORDS.isdisjoint(said):
        return False
    matches = candidate.sentences
    found = (matches.terms == 1).any(axis=0) | (matches.front == 1)
    return bool(found.all())


def names_nothing_known(query: Query) -> bool:
    """Whether the question names something, and nothing of it stands anywhere in the archive.

    The fit has no use for this: its sets spell what they name wrong, or short.
    """
    return bool(query.names.any() and query.unknown[query.names].all())


def unknown_names(
    query: Query, missing: AbstractSet[str], text: str, is_unknown: Callable[[str], bool]
) -> tuple[str, ...]:
    """The names in the words of a question of which a word is `missing` from the archive.

    Words side by side are one name, as "Jens Stoltenburg", where they have capitals or are in no
    dictionary, which `is_unknown` tells. A date is no name.
    """
    if not missing:
        return ()
    named = set(compress(query.terms, query.names))
    found = list[str]()
    for phrase in _MARKS.split(text):
        said = [_OWNER.sub("", word) for word in phrase.split()]
        for is_name, run in groupby(said, lambda word: _names(word, named, is_unknown)):
            name = " ".join(run)
            terms = set(_ANALYZER.terms(name))
            if is_name and terms & missing and any(map(_is_lettered, terms)):
                found.append(name)
    return tuple(dict.fromkeys(found))


def _names(word: str, named: AbstractSet[str], is_unknown: Callable[[str], bool]) -> bool:
    return not named.isdisjoint(_ANALYZER.terms(word)) or (word.isalpha() and is_unknown(word))


def _is_lettered(term: str) -> bool:
    return term[0].isalpha() and term not in _MONTHS


def _is_of_another_year(attempt: Attempt, best: Located) -> bool:
    """Whether what fits best tells of another flood than "the flood of 2004"."""
    years = attempt.topic_years
    return bool(years) and not names_year(best, years, _NEARBY)


def _lies_ahead(attempt: Attempt, newest: date | None) -> bool:
    """Whether nothing can tell of the time: not of the "yesterday" that is meant, at least."""
    asked = attempt.asked
    if asked.range is None or not asked.is_relative:
        return False
    return attempt.takes_all or _begins_after(asked, newest)


def _begins_after(asked: AskedTime, newest: date | None) -> bool:
    """Whether all was written before that time began."""
    if asked.range is None or asked.range.start is None or newest is None:
        return False
    return asked.phrase.lower() != _NOWADAYS and newest < asked.range.start.date()


def _names_of_two_words(query: Query) -> Flags:
    """Which pairs of the question are of one name, as far as capitals and digits tell."""
    named = query.names & ~np.array([term in _MONTHS for term in query.terms], dtype=np.bool_)
    return np.asarray(named[query.pairs].all(axis=1))


def _end_in_number(query: Query) -> Flags:
    """Which pairs of the question are a word and a number: Apollo 17 is no Apollo 13."""
    digits = np.array([term.isdigit() for term in query.terms], dtype=np.bool_)
    return np.asarray(digits[query.pairs[:, 1]] & ~digits[query.pairs[:, 0]])


def _logistic(model: Linear, values: Floats) -> float:
    return _sigmoid(float(values @ model.weights) + model.constant)


def _sigmoid(log_odds: float) -> float:
    return 1 / (1 + math.exp(-max(-700.0, min(700.0, log_odds))))


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, _LEAST), 1 - _LEAST)
    return math.log(bounded / (1 - bounded))
