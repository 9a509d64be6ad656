"""A segment being written: articles first, vectors after them, each saved as soon as it exists.

One thread puts articles, another adds their vectors. A killed build leaves a folder that no
manifest names; the next build continues in it.
"""

import json
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from index.analysis import Analyzer, term_codes
from index.article import Article, Passage
from index.embed import Vectors, front_of
from index.errors import DamagedError
from index.keys import first_key, number_of, offsets
from index.period import moments
from index.sentences import is_question
from index.split import SPLIT_VERSION, subject_of
from index.store.base import Counts, Known, Pending, Place
from index.store.catalogue import Catalogue, Numbered
from index.store.columns import BUT_VECTORS, NO_SOURCE, Columns, ColumnWriter, Sizes, open_columns
from index.store.durable import replace_text, sync_files
from index.store.manifest import FORMAT
from index.store.segment import CATALOGUE, VECTORS, SegmentInfo
from index.store.table import Table
from index.store.vocabulary import EarlierWords, write_vocabulary
from index.vectors import MOST_EXACT, Rows, write_vectors


def columns_of(
    number: int, article: Article, passages: Sequence[Passage], analyzer: Analyzer
) -> Columns:
    """The columns of one article, its rows and terms counted from 0; without source and vectors."""
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
        # `split` makes no passage longer than 16 bits can count.
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


_MARK = "draft.json"
# Articles read from the draft at a time, to be embedded.
_READ_AT_ONCE = 64
# How many sentences stand in for questions when recall is measured.
_QUESTIONS = 200
_SEED = 7
# What SQLite fails with where the disk is at fault, or another process.
_OF_THE_DISK = {
    *(sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN),
    *(sqlite3.SQLITE_PERM, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """What a draft is for: only a build of the same kind may continue it."""

    format: int
    model: str
    first_number: int
    # So that all articles of a segment are split alike.
    split: int


class Draft:
    """A segment that is being written."""

    def __init__(self, folder: Path, dimension: int, first_number: int) -> None:
        self.folder = folder
        self._dimension = dimension
        self._catalogue = Catalogue(folder / CATALOGUE, writable=True)
        self._sizes = self._catalogue.sizes()
        self._columns = ColumnWriter(folder, dimension, self._sizes)
        last = self._catalogue.last_number()
        self._next_number = first_number if last is None else last + 1
        self._analyzer = Analyzer()
        # Both threads use SQLite; sizes change with what is committed.
        self._lock = threading.Lock()

    @property
    def passages(self) -> int:
        """How many passages it has, with or without vectors."""
        return self._sizes.passages

    @property
    def next_number(self) -> int:
        """The number of the next article."""
        return self._next_number

    def known(self) -> list[Known]:
        """Its articles, from this build or one that was stopped."""
        with self._lock:
            return list(self._catalogue.known())

    def put(self, article: Article, place: Place, record: str, passages: Sequence[Passage]) -> int:
        """Add an article with its passages; returns its number, which stays."""
        with self._lock:
            number = self._next_number
            self._next_number += 1
            self._catalogue.put(number, article, place, record)
            self._append(article, columns_of(number, article, passages, self._analyzer))
        return number

    def commit(self) -> None:
        """Save what was put, whatever happens to this process or the power."""
        with self._lock:
            self._commit()

    def pending(self) -> Iterator[Pending | None]:
        """Passages without vectors, in order; None where no more were there when it looked."""
        with self._lock:
            reached, skipped = self._embedded()
        while True:
            with self._lock:
                articles = list(self._catalogue.articles(reached, _READ_AT_ONCE))
                waiting = self._passages_of(articles)
            for article, passages in waiting:
                yield from (Pending(article, each) for each in passages[skipped:])
                skipped = 0
            reached = articles[-1].number if articles else reached
            # Embedding gives reading time to get ahead again.
            if len(articles) < _READ_AT_ONCE:
                yield None

    def embed(self, rows: Sequence[Rows]) -> None:
        """Give the next passages their rows of vectors, and commit them with their articles."""
        with self._lock:
            self._columns.append(vectors=np.concatenate(rows))
            self._commit()

    def copy(self, article: Article, known: Known, columns: Columns) -> None:
        """Copy an article of another segment under its number, with the columns of its passages."""
        self._catalogue.put(known.number, article, known.place, known.record)
        self._append(article, columns)
        self._columns.append(vectors=columns.vectors)

    def seal(self, encode: Callable[[list[str]], Vectors], before: EarlierWords) -> SegmentInfo:
        """Index the vectors, close the files, sync them to disk.

        `encode` makes the vectors of questions and words. Recall is measured with sentences from
        all over the segment in place of questions. Words known `before` keep their vectors.
        """
        columns = open_columns(self.folder, self._dimension)
        questions = encode(list(self._sentences(columns)))
        stats = write_vectors(self.folder / VECTORS, columns.vectors, columns.first_row, questions)
        articles, passages = len(self._catalogue), len(columns)
        self.settle(encode, before)
        return SegmentInfo(
            name=self.folder.name,
            counts=Counts(articles, passages, len(columns.vectors) - passages),
            terms=len(columns.terms),
            vectors=stats,
        )

    def settle(self, encode: Callable[[list[str]], Vectors], before: EarlierWords) -> None:
        """Write the vectors of its words, close the files, sync them to disk: all but an index."""
        terms = open_columns(self.folder, self._dimension).terms
        write_vocabulary(self.folder, terms, self._texts(), before, encode)
        self._columns.close()
        self._catalogue.finish()
        sync_files(self.folder)

    def close(self) -> None:
        """Close it as it was last committed."""
        self._columns.close()
        self._catalogue.close()

    def leave(self) -> None:
        """Close it, and drop it if it is empty."""
        if self.passages:
            self.close()
        else:
            self.discard()

    def discard(self) -> None:
        """Delete it."""
        self.close()
        shutil.rmtree(self.folder)

    def _commit(self) -> None:
        """The catalogue says what is in the columns, so these are on disk before it."""
        self._columns.sync()
        self._catalogue.commit(replace(self._sizes, vectors=self._columns.embedded))

    def _append(self, article: Article, columns: Columns) -> None:
        """Append an article's passages, with rows and terms counted from the segment's start."""
        sizes, source = self._sizes, NO_SOURCE
        if article.source is not None:
            source = self._catalogue.number_source(article.source)
        placed = replace(
            columns,
            source=np.full(len(columns), source, np.int32),
            first_row=sizes.rows + offsets(columns.row_count),
            first_term=sizes.terms + offsets(columns.term_count),
        )
        self._columns.append(**{name: getattr(placed, name) for name in BUT_VECTORS})
        self._sizes = Sizes(
            sizes.passages + len(columns),
            sizes.rows + len(columns.row_spans),
            sizes.terms + len(columns.terms),
        )

    def _written(self) -> Table:
        """Its passages as they are now, to read."""
        self._columns.flush()
        return Table(open_columns(self.folder, self._dimension))

    def _passages_of(self, articles: Sequence[Numbered]) -> list[tuple[Article, list[Passage]]]:
        """Articles with their passages; the columns are opened only where there are any."""
        if not articles:
            return []
        table = self._written()
        return [(each.article, table.passages_of(each.number, each.article)) for each in articles]

    def _embedded(self) -> tuple[int, int]:
        """The last article with all its vectors, and how many passages of the next have theirs."""
        rows = self._columns.embedded
        columns = self._written().columns
        # A passage with only part of its rows, as after a kill, is embedded again.
        whole = int(np.searchsorted(columns.first_row + columns.row_count, rows, side="right"))
        if whole == len(columns):
            reached = number_of(int(columns.keys[-1])) if whole else -1
            return reached, 0
        self._columns.keep_vectors(int(columns.first_row[whole]))
        # There can be fewer than the catalogue says: those that follow are not yet made.
        self._commit()
        key = int(columns.keys[whole])
        number = number_of(key)
        return number - 1, key - first_key(number)

    def _texts(self) -> Iterator[str]:
        for numbered in self._catalogue.articles():
            yield numbered.article.text
            yield numbered.article.title or ""

    def _sentences(self, columns: Columns) -> Iterator[str]:
        """A middle sentence of random passages; none if the vectors are searched exactly."""
        if len(columns) <= MOST_EXACT:
            return
        chosen = np.random.default_rng(_SEED).choice(len(columns), _QUESTIONS, replace=False)
        for place in np.sort(chosen).tolist():
            article = self._catalogue.article(number_of(int(columns.keys[place])))
            first, rows = int(columns.first_row[place]), int(columns.row_count[place])
            if article is not None and rows > 1:
                passage = article.text[int(columns.spans[place, 0]) :]
                yield passage[slice(*columns.row_spans[first + rows // 2].tolist())]


def open_draft(folder: Path, model: str, dimension: int, first_number: int) -> Draft:
    """Continue what a stopped build left in `folder` if it fits and is whole, else start afresh.

    Raises sqlite3.Error where a disk that is full or cannot be written keeps it from being opened.
    """
    mark = Mark(FORMAT, model, first_number, SPLIT_VERSION)
    if _read_mark(folder) == mark:
        try:
            return Draft(folder, dimension, first_number)
        except sqlite3.DatabaseError as error:
            if _is_of_the_disk(error):
                raise
        except (DamagedError, ValueError):
            pass
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    draft = Draft(folder, dimension, first_number)
    # Written last: a draft without it was killed before it was complete.
    replace_text(folder / _MARK, json.dumps(asdict(mark)))
    return draft


def _is_of_the_disk(error: sqlite3.DatabaseError) -> bool:
    """Whether nothing is wrong with the draft itself."""
    # The lower byte is the kind of an error, the others say more of it.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _OF_THE_DISK


def _read_mark(folder: Path) -> Mark | None:
    try:
        stored: Mapping[str, object] = json.loads((folder / _MARK).read_text(encoding="utf-8"))
        return Mark(**stored)  # type: ignore[arg-type]
    except (OSError, ValueError, TypeError):
        return None
