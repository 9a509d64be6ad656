"""The columns of passages, read by key: wherever they were kept, this is how they are looked up."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from index.article import Article, Passage, Span
from index.embed import PassageText, passage_text
from index.errors import DamagedError
from index.keys import (
    Keys,
    Numbers,
    PassageRows,
    PassageTerms,
    blocks_of,
    first_key,
    first_keys,
    numbers_of,
    offsets,
    ranges,
)
from index.lexical import PassageWords
from index.period import NEVER_EARLY, moments
from index.split import subject_of
from index.store.columns import OF_PASSAGES, OF_ROWS, OF_TERMS, Columns
from index.vectors import Positions, Rows

_REMEDY = "check the index with python -m index verify"


class Table:
    """Passages in the order of their keys, each a row of `columns`."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns

    def find(self, keys: Keys) -> tuple[Positions, NDArray[np.bool_]]:
        """The position of each key, and whether it is held at all."""
        if not len(self.columns):
            return np.zeros(len(keys), np.int64), np.zeros(len(keys), np.bool_)
        positions = np.searchsorted(self.columns.keys, keys)
        positions = np.minimum(positions, len(self.columns) - 1)
        return positions, self.columns.keys[positions] == keys

    def position_of(self, key: int) -> int | None:
        """The position of one key; None if it is not held."""
        keys = self.columns.keys
        position = int(keys.searchsorted(key))
        return position if position < len(keys) and keys[position] == key else None

    def range_of(self, number: int) -> tuple[int, int]:
        """The positions of an article's passages: the first, and the one after the last."""
        bounds = [first_key(number), first_key(number + 1)]
        first, last = np.searchsorted(self.columns.keys, bounds).tolist()
        return first, last

    def rows(self, keys: Keys) -> PassageRows:
        """The rows of passages, which must be held. Raises DamagedError if columns disagree."""
        columns, positions = self.columns, self.find(keys)[0]
        with _damage_told():
            rows = _within(columns.first_row, columns.row_count, positions, len(columns.vectors))
            terms = _within(columns.first_term, columns.term_count, positions, len(columns.terms))
            row_terms = columns.row_terms[rows]
            _refuse_other_sum(row_terms, len(terms))
            return PassageRows(
                keys=keys,
                counts=columns.row_count[positions],
                vectors=columns.vectors[rows],
                row_terms=row_terms,
                row_asks=columns.row_asks[rows],
                terms=columns.terms[terms],
            )

    def times(self, keys: Keys) -> NDArray[np.float64]:
        """When passages are from (see `index.store.base.Store.times`)."""
        positions = self.find(keys)[0]
        earliest = self.columns.earliest[positions]
        known = earliest - self.columns.utc_offset[positions].astype(np.float64)
        return np.where(earliest == NEVER_EARLY, np.nan, known)

    def around(self, keys: Keys) -> PassageTerms:
        """The passages around the keys (see `index.keys.blocks_of`).

        Raises DamagedError if columns disagree.
        """
        columns = self.columns
        blocks = np.unique(blocks_of(keys))
        firsts = np.searchsorted(columns.keys, first_keys(blocks))
        ends = np.searchsorted(columns.keys, first_keys(blocks + 1))
        with _damage_told():
            found = ranges(firsts, (ends - firsts).astype(np.int32))
            counts = columns.term_count[found]
            # The terms of a block are contiguous: copied as a whole, not one by one.
            starts = columns.first_term[firsts].tolist()
            stops = (columns.first_term[ends - 1] + columns.term_count[ends - 1]).tolist()
            _refuse_other_sum(counts, sum(stops) - sum(starts))
            terms = np.concatenate(
                [columns.terms[start:stop] for start, stop in zip(starts, stops, strict=True)]
            )
            _refuse_other_sum(counts, len(terms))
            return PassageTerms(
                keys=columns.keys[found],
                vectors=columns.vectors[columns.first_row[found]],
                counts=counts,
                terms=terms,
            )

    def passage(self, key: int, article: Article) -> Passage:
        """The passage of this key, and of its article.

        Raises DamagedError if it is not held or its spans leave the text.
        """
        position = self.position_of(key)
        if position is None:
            raise DamagedError(f"columns of passages lack passage {key}: {_REMEDY}")
        with _damage_told():
            return self.passage_at(position, article)

    def columns_of(self, number: int) -> Columns:
        """The columns of an article's passages, with rows and terms counted from 0."""
        columns, (first, last) = self.columns, self.range_of(number)
        passages, rows, terms = slice(first, last), slice(0, 0), slice(0, 0)
        if first < last:
            row, term = int(columns.first_row[first]), int(columns.first_term[first])
            rows = slice(row, row + int(columns.row_count[passages].sum()))
            terms = slice(term, term + int(columns.term_count[passages].sum()))
        cut = {
            name: getattr(columns, name)[part]
            for part, names in ((passages, OF_PASSAGES), (rows, OF_ROWS), (terms, OF_TERMS))
            for name in names
        }
        found = Columns(**cut)
        return replace(
            found,
            first_row=found.first_row - rows.start,
            first_term=found.first_term - terms.start,
        )

    def only(self, numbers: Numbers) -> "Table":
        """The passages of these articles alone, with rows and terms counted from 0."""
        columns = self.columns
        chosen = np.flatnonzero(np.isin(numbers_of(columns.keys), numbers))
        if len(chosen) == len(columns):
            return self
        rows = ranges(columns.first_row[chosen], columns.row_count[chosen])
        terms = ranges(columns.first_term[chosen], columns.term_count[chosen])
        cut = {
            name: getattr(columns, name)[part]
            for part, names in ((chosen, OF_PASSAGES), (rows, OF_ROWS), (terms, OF_TERMS))
            for name in names
        }
        cut |= {"first_row": offsets(cut["row_count"]), "first_term": offsets(cut["term_count"])}
        return Table(Columns(**cut))

    def rows_by_text(self, number: int, article: Article) -> Mapping[PassageText, Rows]:
        """The rows of vectors of an article's passages, by what the encoder read of each."""
        columns, subject = self.columns_of(number), subject_of(article)
        ends = np.cumsum(columns.row_count)
        parts = np.split(columns.vectors, ends[:-1])
        passages = self.passages_of(number, article)
        texts = [passage_text(subject, each) for each in passages]
        return dict(zip(texts, parts, strict=True))

    def words_of(self, number: int, article: Article) -> Iterator[PassageWords]:
        """The passages of an article as BM25 searches them."""
        subject = subject_of(article)
        for position in range(*self.range_of(number)):
            passage = self.passage_at(position, article)
            yield PassageWords(
                key=int(self.columns.keys[position]),
                words=passage_text(subject, passage).whole,
                source=article.source,
                moments=moments(article, passage.entry),
                is_open=article.is_open,
            )

    def passages_of(self, number: int, article: Article) -> list[Passage]:
        """All passages of an article, in text order; none if it is not held."""
        return [self.passage_at(position, article) for position in range(*self.range_of(number))]

    def passage_at(self, position: int, article: Article) -> Passage:
        """The passage at this position, which is one of the article."""
        columns = self.columns
        start, end, entry = columns.spans[position].tolist()
        if entry >= len(article.entries):
            raise DamagedError(
                f"passage {start}-{end} of article {article.id!r} names entry {entry}, "
                f"but there are {len(article.entries)}"
            )
        first, count = int(columns.first_row[position]), int(columns.row_count[position])
        sentences: list[Span] = [
            (start + a, start + b) for a, b in columns.row_spans[first + 1 : first + count].tolist()
        ]
        return Passage(
            article_id=article.id,
            start=start,
            end=end,
            text=article.text[start:end],
            sentences=tuple(sentences),
            entry=None if entry < 0 else article.entries[entry],
        )


@contextmanager
def _damage_told() -> Iterator[None]:
    """What numpy raises where columns disagree, and what spans do that leave a text, in words."""
    try:
        yield
    except (IndexError, ValueError) as error:
        raise DamagedError(f"columns of passages disagree ({error}): {_REMEDY}") from error


def _within(
    firsts: NDArray[np.int64], counts: NDArray[np.int32], positions: Positions, total: int
) -> Positions:
    """The places in the ranges at these positions. Raises ValueError if they cannot be right.

    Ranges follow one another. That is looked at before places are listed, since a damaged count
    would list as many as memory holds.
    """
    first, count, following = firsts[positions], counts[positions], positions + 1
    ends = firsts.take(following, mode="clip")
    ends[following == len(firsts)] = total
    if np.count_nonzero(first + count != ends):
        raise ValueError("a range does not end where the next begins")
    return ranges(first, count)


def _refuse_other_sum(counts: NDArray[np.int32], total: int) -> None:
    """Raises ValueError unless the counts add up to the total."""
    if int(counts.sum()) != total:
        raise ValueError(f"counts of terms do not add up to {total}")
