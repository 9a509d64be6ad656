import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from index.analysis import Analyzer, term_codes
from index.article import Article
from index.embed import front_of
from index.keys import first_key
from index.period import NEVER_EARLY, NEVER_LATE, moments
from index.readers.liveblog import find_entries
from index.split import split
from index.store.columns import NO_SOURCE
from index.store.draft import columns_of

ANALYZER = Analyzer()
_BLOG = "Lead.\n9:00am: One\nIt began. It rained.\n8:00am: Two\nIt was set up.\n7:00am: Three\nNew."
BLOG = Article(
    "blog", _BLOG, title="Live", published="2023-01-02", entries=find_entries(_BLOG, None, None)
)
WORDS = st.text(st.sampled_from("aé .!?\n\N{FERRY}"), max_size=400)


def test_each_passage_is_a_run_of_rows_its_front_first_then_its_sentences() -> None:
    passages = split(BLOG)
    found = columns_of(7, BLOG, passages, ANALYZER)
    assert found.keys.tolist() == [first_key(7) + place for place in range(4)]
    assert found.row_count.tolist() == [1 + 1, 1 + 2, 1 + 1, 1 + 1]
    assert found.first_row.tolist() == [0, 2, 2 + 3, 2 + 3 + 2]
    assert found.row_spans.tolist() == [
        [start - p.start, end - p.start]
        for p in passages
        for start, end in ((p.start, p.end), *p.sentences)
    ]


def test_the_entry_of_a_passage_is_told_by_its_place_in_the_article() -> None:
    found = columns_of(7, BLOG, split(BLOG), ANALYZER)
    assert found.spans.tolist() == [
        [p.start, p.end, entry] for p, entry in zip(split(BLOG), (-1, 0, 1, 2), strict=True)
    ]


def test_the_terms_of_a_row_are_those_of_its_words() -> None:
    found = columns_of(7, BLOG, split(BLOG), ANALYZER)
    rows = np.split(found.terms, np.cumsum(found.row_terms)[:-1])
    texts = ["Live\n", "Lead.", "Live\nOne\n", "It began.", "It rained.", "Live\nTwo\n"]
    texts += ["It was set up.", "Live\nThree\n", "New."]
    for row, text in zip(rows, texts, strict=True):
        assert row.tolist() == term_codes(ANALYZER.terms(text)).tolist()


def test_the_times_of_a_passage_are_its_moments() -> None:
    found = columns_of(7, BLOG, split(BLOG), ANALYZER)
    expected = [moments(BLOG, passage.entry) for passage in split(BLOG)]
    assert found.earliest.tolist() == [each.earliest for each in expected]
    assert found.latest.tolist() == [each.latest for each in expected]
    assert found.utc_offset.tolist() == [each.utc_offset for each in expected]


def test_what_is_not_known_is_told_so() -> None:
    plain = Article("plain", "It began.")
    found = columns_of(7, plain, split(plain), ANALYZER)
    assert (found.earliest.tolist(), found.latest.tolist()) == ([NEVER_EARLY], [NEVER_LATE])
    assert found.source.tolist() == [NO_SOURCE]
    assert len(found.vectors) == 0


@given(WORDS, st.one_of(st.none(), st.just("A title")))
def test_rows_and_terms_add_up_whatever_the_article_says(text: str, title: str | None) -> None:
    article = Article("any", text, title=title)
    passages = split(article)
    found = columns_of(1, article, passages, ANALYZER)
    assert len(found) == len(passages)
    assert found.row_count.sum() == len(found.row_spans) == len(found.row_terms)
    assert found.term_count.sum() == found.row_terms.sum() == len(found.terms)
    words = "".join(front_of(title, p) + p.text for p in passages)
    assert len(found.terms) <= len(words)
    for passage, (start, end, _) in zip(passages, found.spans.tolist(), strict=True):
        assert article.text[start:end] == passage.text


def test_it_is_told_which_sentences_ask() -> None:
    article = Article("a", 'It rained. "Who rang?" Nobody. Why?', title="Who rang the bell?")
    found = columns_of(1, article, split(article), ANALYZER)
    assert found.row_asks.tolist() == [True, False, True, False, True]
