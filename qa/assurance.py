"""What tells whether the first passage answers, beyond what ranks it: signals of the quote."""

import numpy as np

from index.article import Passage
from index.lexical import Analyzer, words
from qa.contrary import is_denied, is_opposite
from qa.evidence import MEASURES
from qa.matching import Flags, Floats, share
from qa.query import Query
from qa.quote import best_sentence
from qa.search import Candidate, Ranking
from qa.terms import FUNCTION_WORDS

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
