"""Vectors that were made before for the same words."""

from collections.abc import Mapping, Sequence

import numpy as np

from index.article import Article, Passage, Span
from index.segment import Segment
from index.vectors import Rows


class MadeBefore:
    """Looks in segments for articles whose passages have the same vectors."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._segments = segments
        self._article: Article | None = None
        self._rows: Mapping[Span, Rows] = {}

    def rows(self, article: Article, passage: Passage) -> Rows | None:
        """The rows of a passage of the article, or None where none is like it.

        Passages are asked for article by article.
        """
        if article is not self._article:
            self._article, self._rows = article, self._find(article)
        rows = self._rows.get((passage.start, passage.end))
        return rows if rows is not None and len(rows) == 1 + len(passage.sentences) else None

    def _find(self, article: Article) -> Mapping[Span, Rows]:
        """Title and headings stand in front of a passage, so they must be the same too."""
        for segment in self._segments:
            for number in segment.catalogue.with_digest(article.digest):
                held = segment.catalogue.article(number)
                if held and held.title == article.title and held.entries == article.entries:
                    return _by_span(segment, number)
        return {}


def _by_span(segment: Segment, number: int) -> Mapping[Span, Rows]:
    columns = segment.columns_of(number)
    ends = np.cumsum(columns.row_count)
    parts = np.split(columns.vectors, ends[:-1])
    spans = columns.spans[:, :2].tolist()
    return {(start, end): rows for (start, end), rows in zip(spans, parts, strict=True)}
