"""What tells whether the first passage answers, beyond what ranks it: signals of the quote."""

import re

import numpy as np

from index.article import Passage
from index.lexical import words
from qa.evidence import MEASURES
from qa.matching import Flags, Floats, share
from qa.query import Query
from qa.quote import best_sentence
from qa.search import Candidate
from qa.terms import FUNCTION_WORDS

# Beside the measures of evidence:
# - `quote_coverage`: the share of the question's terms, by weight, that stand to the letter in the
#   sentence that would be quoted or in front of its passage;
# - `denied`: 1 where the question asks what is not so and that sentence denies nothing.
SIGNALS = (*MEASURES, "quote_coverage", "denied")
_DENIES = re.compile(
    r"\b(is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)( \w+){0,3} not\b|"
    r"\b(never|cannot)\b|n['’]t\b",
    re.IGNORECASE,
)


def signals(query: Query, candidate: Candidate, passage: Passage) -> Floats:
    """What speaks for the answer in a candidate, shape (signals,)."""
    matches = candidate.sentences
    quoted, quote = matches.front == 1, ""
    if len(matches.terms):
        place = best_sentence(query, matches, passage)
        quoted = quoted | (matches.terms[place] == 1)
        quote = passage.words(passage.sentences[place])
    return np.append(candidate.evidence, (_share(query, quoted), _denied(query.text, quote)))


def is_search(query: Query, candidate: Candidate) -> bool:
    """Whether the question is mere key words, which all stand in the candidate or its title."""
    said = words(query.text)
    if "?" in query.text or not FUNCTION_WORDS.isdisjoint(said):
        return False
    matches = candidate.sentences
    found = (matches.terms == 1).any(axis=0) | (matches.front == 1)
    return bool(found.all())


def _share(query: Query, present: Flags) -> float:
    return float(share(query.weights, present[np.newaxis])[0])


def _denied(question: str, quote: str) -> float:
    return float(_DENIES.search(question) is not None and _DENIES.search(quote) is None)
