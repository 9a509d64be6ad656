"""The passages of an article as columns, all but their vectors."""

from collections.abc import Sequence

import numpy as np

from index.article import Article, Passage
from index.columns import NO_SOURCE, Columns
from index.embed import front_of
from index.gathered import offsets
from index.keys import first_key
from index.lexical import Analyzer, term_codes
from index.period import moments
from index.split import is_question
from index.subject import subject_of


def columns_of(
    number: int, article: Article, passages: Sequence[Passage], analyzer: Analyzer
) -> Columns:
    """Places of rows and terms count from the article's first; no source, and no vectors, yet."""
    subject = subject_of(article)
    texts = [
        (front_of(subject, passage), *(passage.words(span) for span in passage.sentences))
        for passage in passages
    ]
    codes = [[term_codes(analyzer.terms(text)) for text in each] for each in texts]
    times = [moments(article, passage.entry) for passage in passages]
    row_count = np.array([len(each) for each in texts], np.int32)
    term_count = np.array([sum(map(len, each)) for each in codes], np.int32)
    spans = [(p.start, p.end, _entry_number(article, p)) for p in passages]
    rows = [(span, p.start) for p in passages for span in ((p.start, p.end), *p.sentences)]
    return Columns(
        keys=first_key(number) + np.arange(len(passages), dtype=np.int64),
        spans=np.array(spans, np.int32).reshape(-1, 3),
        earliest=np.array([time.earliest for time in times], np.int64),
        latest=np.array([time.latest for time in times], np.int64),
        utc_offset=np.array([time.utc_offset for time in times], np.int32),
        source=np.full(len(passages), NO_SOURCE, np.int32),
        first_row=offsets(row_count),
        row_count=row_count,
        first_term=offsets(term_count),
        term_count=term_count,
        # `split` sees to it that no passage is longer than 16 bits can count.
        row_spans=np.array([(a - start, b - start) for (a, b), start in rows], np.uint16).reshape(
            -1, 2
        ),
        row_terms=np.array([len(row) for each in codes for row in each], np.int32),
        row_asks=np.array([is_question(text) for each in texts for text in each], np.bool_),
        terms=np.concatenate([row for each in codes for row in each] or [np.zeros(0, np.uint32)]),
        vectors=np.zeros((0, 0), np.int8),
    )


def _entry_number(article: Article, passage: Passage) -> int:
    return article.entries.index(passage.entry) if passage.entry else -1
