"""BM25 over passages, by tantivy. Title and heading are searched as part of each passage."""

import os
import shutil
import weakref
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import tantivy
from tantivy import Document, Filter, Occur, Query, TextAnalyzerBuilder, Tokenizer

from index.vectors import Keys

_ANALYZER = "footnote"
_FIELD = "words"
_WRITER_BYTES = 64_000_000
_LONGEST_TERM = 60


@dataclass(frozen=True, slots=True)
class Match:
    """A passage that shares terms with the question, and its BM25 score."""

    key: int
    score: float


class Analyzer:
    """Text into the terms that BM25 counts: lower case, accents folded, stemmed.

    >>> Analyzer().terms("Fourth LEAKS found")
    ['fourth', 'leak', 'found']
    """

    def __init__(self) -> None:
        self._analyzer = _analyzer()

    def terms(self, text: str) -> list[str]:
        """The terms in the order of the text, repeated as they repeat."""
        return list(self._analyzer.analyze(text))


class LexicalIndex:
    """A tantivy index in a folder, opened to read."""

    def __init__(self, folder: Path) -> None:
        # tantivy writes an empty lock file beside what it opens, at once and from a thread of its
        # own, which a read-only folder forbids: there it is shown links, for as long as it lives.
        if not os.access(folder, os.W_OK):
            folder = _link(folder)
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self._index = tantivy.Index.open(str(folder))
        self._index.register_tokenizer(_ANALYZER, _analyzer())
        self._searcher = self._index.searcher()

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def document_frequency(self, term: str) -> int:
        """In how many passages the term stands."""
        return int(self._searcher.doc_freq(_FIELD, term))

    def search(
        self, terms: Iterable[str], limit: int, among: Keys | Sequence[int] | None = None
    ) -> list[Match]:
        """Up to `limit` passages by BM25, best first; only `among` these keys if given.

        The query is built from terms: a query parser would take OR, NOT, quotes and colons of
        a question for operators.
        """
        schema = self._index.schema
        wanted = [
            (Occur.Should, Query.term_query(schema, _FIELD, term, index_option="freq"))
            for term in dict.fromkeys(terms)
        ]
        if limit == 0 or not wanted or (among is not None and len(among) == 0):
            return []
        query = Query.boolean_query(wanted)
        if among is not None:
            wanted_keys = Query.term_set_query(schema, "key", [int(key) for key in among])
            only = Query.const_score_query(wanted_keys, 0.0)
            query = Query.boolean_query([(Occur.Must, only), (Occur.Must, query)])
        hits = self._searcher.search(query, limit, count=False).hits
        keys = self._searcher.fast_field_values("key", [address for _, address in hits])
        return [Match(int(key or 0), score) for key, (score, _) in zip(keys, hits, strict=True)]


def write_lexical(folder: Path, passages: Iterable[tuple[int, str]]) -> None:
    """Index the words of passages, given with their keys, in an empty folder."""
    index = tantivy.Index(_schema(), path=str(folder))
    index.register_tokenizer(_ANALYZER, _analyzer())
    # One thread, one segment: passages of a like age are scored by the same statistics.
    writer = index.writer(_WRITER_BYTES, 1)
    for key, words in passages:
        document = Document()
        document.add_unsigned("key", key)
        document.add_text(_FIELD, words)
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()


def _link(folder: Path) -> Path:
    links = Path(mkdtemp(prefix="footnote-"))
    for path in folder.iterdir():
        if path.suffix != ".lock":
            (links / path.name).symlink_to(path.resolve())
    return links


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("key", indexed=True, fast=True)
    builder.add_text_field(_FIELD, tokenizer_name=_ANALYZER, index_option="freq")
    return builder.build()


def _analyzer() -> tantivy.TextAnalyzer:
    return (
        TextAnalyzerBuilder(Tokenizer.simple())
        .filter(Filter.remove_long(_LONGEST_TERM))
        .filter(Filter.lowercase())
        .filter(Filter.ascii_fold())
        .filter(Filter.stemmer("English"))
        .build()
    )
