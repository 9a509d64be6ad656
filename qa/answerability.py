"""What tells whether the first passage answers, beyond what ranks it: signals of the quote.

How likely the articles cover a question, and how likely they must for an answer.

How sure it is that what was found answers.
"""

import math
from collections.abc import Mapping

import numpy as np

from index.analysis import FUNCTION_WORDS, Analyzer, words
from index.article import Passage
from index.settings import Strictness
from index.store import Store
from qa.contrary import is_denied, is_opposite
from qa.quote import best_sentence
from qa.rank.features import MEASURES
from qa.rank.matching import Flags, Floats, share
from qa.rank.weights import ANSWERING, CONFIDENCE, Linear, Twofold
from qa.search import Candidate, Ranking
from qa.understand.query import Query

# Beside the measures of evidence, of the sentence that would be quoted and what stands in front:
# - `quote_coverage`: the share of the question's terms, by weight, that stand there to the letter;
# - `torn_name`: 1 where two words of one name, as "Apollo 17", do not stand there side by side;
# - `other_number`: 1 where the second is a number, and no candidate has them side by side;
# - `denied`: 1 where the question asks what is not so and the sentence denies nothing;
# - `opposite`: 1 where the sentence has the opposite of a word of the question.
SIGNALS = (
    *MEASURES,
    "quote_coverage",
    "torn_name",
    "other_number",
    "denied",
    "opposite",
)
# A date is put in more ways than one.
_MONTHS = frozenset(
    Analyzer().terms(
        "January February March April May June July August September October November December"
    )
)


def signals(ranking: Ranking, candidate: Candidate, passage: Passage) -> Floats:
    """What speaks for the answer in a candidate of a ranking, shape (signals,)."""
    query, matches = ranking.query, candidate.sentences
    front = int(ranking.matches.first[candidate.place])
    rows, present, quote = [front], matches.front == 1, ""
    if len(matches.terms):
        place = best_sentence(query, matches, passage)
        rows.append(front + 1 + place)
        present = present | (matches.terms[place] == 1)
        quote = passage.words(passage.sentences[place])
    pairs, names = ranking.matches.pairs, _names_of_two_words(query)
    numbered = names & _end_in_number(query)
    return np.append(
        candidate.evidence,
        (
            _share(query, present),
            float((names & ~pairs[rows].any(axis=0)).any()),
            float((numbered & ~pairs.any(axis=0)).any()),
            float(is_denied(query.text, quote)),
            float(is_opposite(query.text, quote)),
        ),
    )


def is_search(query: Query, candidate: Candidate) -> bool:
    """Whether the question is mere key words, which all stand in the candidate or its title."""
    said = words(query.text)
    if "?" in query.text or not FUNCTION_WORDS.isdisjoint(said):
        return False
    matches = candidate.sentences
    found = (matches.terms == 1).any(axis=0) | (matches.front == 1)
    return bool(found.all())


def names_nothing_known(query: Query) -> bool:
    """Whether the question names something, and nothing of it stands anywhere in the archive."""
    return bool(query.names.any() and query.unknown[query.names].all())


def _names_of_two_words(query: Query) -> Flags:
    """Which pairs of the question are of one name, as far as capitals and digits tell."""
    named = query.names & ~np.array([term in _MONTHS for term in query.terms], dtype=np.bool_)
    return np.asarray(named[query.pairs].all(axis=1))


def _end_in_number(query: Query) -> Flags:
    """Which pairs of the question are a word and a number: Apollo 17 is no Apollo 13."""
    digits = np.array([term.isdigit() for term in query.terms], dtype=np.bool_)
    return np.asarray(digits[query.pairs[:, 1]] & ~digits[query.pairs[:, 0]])


def _share(query: Query, present: Flags) -> float:
    return float(share(query.weights, present[np.newaxis])[0])


# From these confidences on a question is answered. README.md tells what each trades.
THRESHOLDS: Mapping[Strictness, float] = {"strict": 0.54, "balanced": 0.3, "open": 0.13}


def confidence(signals: Floats, model: Twofold = CONFIDENCE) -> float:
    """How likely the articles cover what is asked, 0 to 1, by `qa.answerability.SIGNALS`.

    They have to tell of it, and the sentence to answer: what is near is told of all the same.
    """
    return _logistic(model.told, signals) * _logistic(model.said, signals)


def chance(evidence: Floats) -> float:
    """How likely a passage has to do with what is asked, 0 to 1, by `qa.rank.features.MEASURES`."""
    return _logistic(ANSWERING, evidence)


def _logistic(model: Linear, values: Floats) -> float:
    log_odds = float(values @ model.weights) + model.constant
    return 1 / (1 + math.exp(-max(-700.0, min(700.0, log_odds))))


# Of an answer to mere key words that has them all.
_SEARCHED = 0.75


def sureness(ranking: Ranking, snapshot: Store) -> float:
    """How likely the first passage answers, 0 to 1: it would be quoted first."""
    first = next(ranking.best(1), None)
    # The fit has no use for the second: its sets spell what they name wrong, or short.
    if first is None or names_nothing_known(ranking.query):
        return 0.0
    sure = confidence(signals(ranking, first, snapshot.locate(first.key).passage))
    # Key words ask for what tells of them: a passage with all of them does.
    return max(sure, _SEARCHED) if is_search(ranking.query, first) else sure
