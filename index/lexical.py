"""BM25 over passages, by tantivy. Title and heading are searched as part of each passage.

Words are indexed a second time as they are spelt, to know which words there are, and with each
passage the short and joined forms that it teaches.
"""

import os
import shutil
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import tantivy
from tantivy import Document, FieldType, Occur, Query

from index.analysis import spelling_analyzer, text_analyzer
from index.errors import DISK_REMEDY
from index.forms.folding import folded
from index.forms.taught import Form, taught_forms
from index.keys import Keys, no_keys, number_of
from index.period import EVERYTHING, Bound, Moments, Selection

_ANALYZER, _SPELLING = "footnote", "spelling"
_SPELT, _FORMS, _CLOSED = "spelt", "forms", "closed"
# Between a form and what it stands for; no word has it.
_STANDS_FOR = "="
_WORDS, _KEY, _ARTICLE, _SOURCE = "words", "key", "article", "source"
# In local time, and in UTC.
_EARLIEST, _LATEST = ("earliest", "earliest_utc"), ("latest", "latest_utc")
_WRITER_BYTES = 64_000_000
_MOST_NUMBERS = 10_000


@dataclass(frozen=True, slots=True)
class PassageWords:
    """A passage as BM25 searches it: with title and heading in front.

    `is_open` tells that all may read it.
    """

    key: int
    words: str
    source: str | None
    moments: Moments
    is_open: bool = True


class LexicalIndex:
    """A tantivy index in a folder, opened to read; `apart` if the folder may be deleted."""

    def __init__(self, folder: Path, *, apart: bool = False) -> None:
        # tantivy writes an empty lock file beside what it opens, at once and from a thread of its
        # own. A read-only folder forbids that, and a folder being deleted must not get one: there
        # tantivy opens a temporary folder of links instead.
        if apart or not os.access(folder, os.W_OK):
            folder = _link(folder)
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self._index = _open(folder)
        self._searcher = self._index.searcher()

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def document_frequency(self, term: str) -> int:
        """How many passages contain the term."""
        return int(self._searcher.doc_freq(_WORDS, term))

    def spellings(self) -> list[tuple[str, int]]:
        """Every word in lower case, and how many passages that all may read spell it so."""
        # The query leaves out what is deleted, which the files hold until they are merged.
        found = self._searcher.terms_with_prefix(_SPELT, "", filter_query=Query.all_query())
        closed = Query.term_query(self._index.schema, _CLOSED, 1)
        if not self._searcher.search(closed, 1, count=False).hits:
            return list(found)
        told = self._searcher.terms_with_prefix(_SPELT, "", filter_query=_but(closed))
        return list((dict.fromkeys((word for word, _ in found), 0) | dict(told)).items())

    def forms(self) -> list[Form]:
        """Every form that a passage teaches, with what it stands for."""
        found = self._searcher.terms_with_prefix(_FORMS, "", filter_query=Query.all_query())
        split = (form.partition(_STANDS_FOR) for form, _ in found)
        return [(short, words) for short, _, words in split]

    def search(self, terms: Iterable[str], limit: int, selection: Selection = EVERYTHING) -> Keys:
        """Keys of up to `limit` passages of the selection by BM25, best first.

        The query is built from terms: a query parser would treat OR, NOT, quotes and colons in
        a question as operators.
        """
        schema = self._index.schema
        wanted = [
            (Occur.Should, Query.term_query(schema, _WORDS, term, index_option="freq"))
            for term in dict.fromkeys(terms)
        ]
        if limit == 0 or not wanted:
            return no_keys()
        query = Query.boolean_query(wanted)
        if not selection.is_everything:
            only = [Query.const_score_query(each, 0.0) for each in _conditions(schema, selection)]
            query = Query.boolean_query([(Occur.Must, each) for each in (query, *only)])
        hits = self._searcher.search(query, limit, count=False).hits
        keys = self._searcher.fast_field_values(_KEY, [address for _, address in hits])
        return np.array(keys, dtype=np.int64)


def extend_lexical(
    folder: Path, removed: Sequence[int], added: Iterable[PassageWords], *, is_new: bool
) -> None:
    """Remove the passages of some articles from the index in `folder` and add others.

    Raises OSError if it cannot be written.
    """
    with _telling(folder):
        index = tantivy.Index(_schema(), path=str(folder)) if is_new else _open(folder)
        _register(index)
        writer = index.writer(_WRITER_BYTES, 1)
    for first in range(0, len(removed), _MOST_NUMBERS):
        numbers = [int(number) for number in removed[first : first + _MOST_NUMBERS]]
        writer.delete_documents_by_query(Query.term_set_query(index.schema, _ARTICLE, numbers))
    for passage in added:
        document = _document(passage)
        with _telling(folder):
            writer.add_document(document)
    with _telling(folder):
        writer.commit()
        writer.wait_merging_threads()


@contextmanager
def _telling(folder: Path) -> Iterator[None]:
    """tantivy has one error for all that fails, a full disk too."""
    try:
        yield
    except ValueError as error:
        reason = str(error).splitlines()[0]
        raise OSError(f"{str(folder)!r} cannot be written ({reason}): {DISK_REMEDY}") from None


def copy_lexical(folder: Path, copy: Path) -> None:
    """Copy the index to another folder; changes to the copy leave this one as it is.

    tantivy never rewrites a file, it makes new ones and drops old ones: so hard links will do,
    if the file system has them.
    """
    copy.mkdir()
    for path in folder.iterdir():
        if path.suffix == ".lock":
            continue
        try:
            os.link(path, copy / path.name)
        except OSError:
            shutil.copyfile(path, copy / path.name)


def _document(passage: PassageWords) -> Document:
    document = Document()
    document.add_unsigned(_KEY, passage.key)
    document.add_unsigned(_ARTICLE, number_of(passage.key))
    words = folded(passage.words)
    document.add_text(_WORDS, words)
    document.add_text(_SPELT, words)
    # What is not for all to read teaches nothing, as it is told how a question was read.
    if passage.is_open:
        for form in taught_forms(passage.words):
            document.add_text(_FORMS, _STANDS_FOR.join(form))
    else:
        document.add_unsigned(_CLOSED, 1)
    if passage.source is not None:
        document.add_text(_SOURCE, passage.source)
    when = passage.moments
    if when.is_known:
        for names, seconds in ((_EARLIEST, when.earliest), (_LATEST, when.latest)):
            for name, shift in zip(names, (0, when.utc_offset), strict=True):
                document.add_integer(name, seconds - shift)
    return document


def _conditions(schema: tantivy.Schema, selection: Selection) -> list[Query]:
    """A query for each condition."""
    conditions = []
    if selection.source is not None:
        conditions.append(Query.term_query(schema, _SOURCE, selection.source))
    if selection.articles is not None:
        conditions.append(Query.term_set_query(schema, _ARTICLE, sorted(selection.articles)))
    if selection.without:
        conditions.append(_but(Query.term_set_query(schema, _ARTICLE, sorted(selection.without))))
    for period in selection.periods:
        if (first := period.earliest) is not None:
            conditions.append(_range(schema, _EARLIEST, first, lower_bound=first.seconds))
        if (last := period.latest) is not None:
            conditions.append(_range(schema, _LATEST, last, upper_bound=last.seconds))
    if (by := selection.known_by) is not None:
        later = _range(schema, _EARLIEST, by, lower_bound=by.seconds + 1)
        conditions.append(_but(later))
    return conditions


def _but(query: Query) -> Query:
    """All that is not deleted and that the query does not find."""
    return Query.boolean_query([(Occur.Must, Query.all_query()), (Occur.MustNot, query)])


def _range(
    schema: tantivy.Schema,
    names: tuple[str, str],
    bound: Bound,
    lower_bound: int | None = None,
    upper_bound: int | None = None,
) -> Query:
    """In local time, or in UTC."""
    name = names[1] if bound.is_utc else names[0]
    return Query.range_query(
        schema, name, FieldType.Integer, lower_bound=lower_bound, upper_bound=upper_bound
    )


def _open(folder: Path) -> tantivy.Index:
    index = tantivy.Index.open(str(folder))
    _register(index)
    return index


def _register(index: tantivy.Index) -> None:
    index.register_tokenizer(_ANALYZER, text_analyzer())
    index.register_tokenizer(_SPELLING, spelling_analyzer())


def _link(folder: Path) -> Path:
    links = Path(mkdtemp(prefix="footnote-"))
    for path in folder.iterdir():
        if path.suffix != ".lock":
            (links / path.name).symlink_to(path.resolve())
    return links


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field(_KEY, fast=True)
    builder.add_unsigned_field(_ARTICLE, indexed=True)
    builder.add_unsigned_field(_CLOSED, indexed=True)
    builder.add_text_field(_WORDS, tokenizer_name=_ANALYZER, index_option="freq")
    builder.add_text_field(_SPELT, tokenizer_name=_SPELLING, index_option="basic")
    for name in (_FORMS, _SOURCE):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in (*_EARLIEST, *_LATEST):
        builder.add_integer_field(name, fast=True)
    return builder.build()
