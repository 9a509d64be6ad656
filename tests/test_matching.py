"""Terms found in stored texts at once, as a plain loop finds them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from index.lexical import term_codes
from qa.matching import count_terms, find_terms, share

words = st.sampled_from("the dam flood comet orrin 1931 was held".split())


@given(st.lists(words, min_size=1, unique=True), st.lists(st.lists(words)))
def test_terms_are_counted_in_each_text(sought: list[str], texts: list[list[str]]) -> None:
    terms = term_codes(word for text in texts for word in text)
    counts = np.array([len(text) for text in texts], np.int32)
    found = find_terms(term_codes(sought), terms, counts)
    counted = count_terms(len(sought), found, len(texts))
    assert counted.tolist() == [[text.count(word) for word in sought] for text in texts]


def test_where_nothing_has_weight_no_share_is_present() -> None:
    assert share(np.zeros(2), np.ones((3, 2), np.bool_)).tolist() == [0, 0, 0]
    assert share(np.array([3.0, 1.0]), np.array([[0.5, 1.0]])).tolist() == [2.5 / 4]
