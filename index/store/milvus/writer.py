"""The writer of an archive in Milvus: a draft on this machine, then a generation of it there.

What is read and embedded lies in the draft until it is published, so that a build that is killed,
or finds that another one was faster, has nothing to embed again.
"""

import logging
import secrets
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import numpy as np

from index.analysis import term_codes
from index.article import Article
from index.embed import Encoder, PassageText
from index.encoders.files import ENCODER, read_exported
from index.errors import IndexMissingError, StoreError
from index.settings import home_of
from index.store.base import Known, StoreInfo
from index.store.catalogue import Catalogue
from index.store.columns import open_columns
from index.store.draft import Draft, open_draft
from index.store.durable import replace_text
from index.store.manifest import refuse_other_model
from index.store.milvus.generation import Collections, Generation
from index.store.milvus.reading import ArticleReader, PassageReader, as_known
from index.store.milvus.schema import code_of, listed
from index.store.milvus.sending import Sender
from index.store.milvus.statistics import NOTHING, Statistics, count
from index.store.milvus.store import collections_of
from index.store.segment import CATALOGUE
from index.store.table import Table
from index.store.vocabulary import EarlierWords, Vocabulary, joined, open_vocabulary
from index.store.writer import DraftWriter, catalogue_faults, only_writer
from index.vectors import Rows

_DRAFT, _TOKEN = "draft", "writer"
# Numbers in a draft are greater than any that is published: they do not depend on what other
# machines publish meanwhile.
_FIRST_DRAFTED = 1 << 36
_DELETED_AT_ONCE = 1_000
_log = logging.getLogger(__name__)


@contextmanager
def write_milvus(data: Path, encoder: Encoder | None) -> Iterator["MilvusWriter"]:
    """A writer to the archive, alone on this machine. Without an encoder it can remove, not add.

    Builds of several machines go on at the same time until they publish: then one is first, and the
    others raise BuildError, to be run again. Raises BuildRunsError if another build of this machine
    runs, IndexRefusedError if the index was made by another model, IndexMissingError if there is
    neither an index nor an encoder, StoreError if Milvus does not answer, or has lost what is to be
    removed.
    """
    home = home_of(data)
    home.mkdir(parents=True, exist_ok=True)
    with only_writer(home):
        writer = MilvusWriter(*_published(data, encoder), encoder, home)
        try:
            with catalogue_faults(home):
                yield writer
        finally:
            writer.close()


class MilvusWriter(DraftWriter):
    """Writes the next generation of an archive in Milvus."""

    def __init__(
        self,
        collections: Collections,
        base: Generation | None,
        encoder: Encoder | None,
        home: Path,
    ) -> None:
        super().__init__(encoder)
        self._collections, self._base, self._home = collections, base, home
        # What is lost in Milvus is built anew, as the next generation.
        self._held = base if base and collections.hold(base) else None
        if base and not self._held:
            self._tell_lost()
        self._articles = ArticleReader(collections)

    @property
    def published(self) -> StoreInfo | None:
        """The published generation, or None before the first."""
        return self._base.info if self._base else None

    @cached_property
    def draft(self) -> Draft:
        """The articles of this build, or those of a stopped build to continue."""
        assert self._encoder is not None  # a writer without one can only remove
        model = self._encoder.model
        folder = self._home / _DRAFT
        self._drafted = open_draft(folder, model.digest, model.dimension, _FIRST_DRAFTED)
        return self._drafted

    def known(self) -> Iterator[Known]:
        """The published articles that are not removed."""
        base = self._held
        if base is None:
            return
        for number, facts in self._articles.facts(base.next_number):
            if base.shows(number):
                yield as_known(number, facts)

    def article_numbered(self, number: int) -> Article | None:
        """The published article of this number, or None."""
        if self._held is None or not self._held.shows(number):
            return None
        return self._articles.articles([number]).get(number)

    def reusable_rows(self, article: Article) -> Mapping[PassageText, Rows]:
        """Rows of vectors by what was read for them: of the article before it, or of its text."""
        base = self._held
        if base is None:
            return {}
        numbers = self._articles.with_code(id=code_of(article.id), digest=code_of(article.digest))
        held = self._articles.articles(sorted(filter(base.shows, numbers)))
        if not held:
            return {}
        table = PassageReader(self._collections, base.model.dimension).of_articles(list(held))
        found = dict[PassageText, Rows]()
        for number, each in held.items():
            found.update(table.rows_by_text(number, each))
        return found

    def _tell_lost(self) -> None:
        """Raises StoreError for a writer that cannot build anew."""
        lost = f"articles or passages of {self._collections.place.shown!r} are lost in Milvus"
        if self._encoder is None:
            raise StoreError(f"{lost}: build the index from all its sources")
        _log.warning("%s: this build makes the index anew, so build all its sources", lost)

    def publish(self, kept: Collection[int], removed: Collection[int]) -> StoreInfo:
        """Publish the draft's articles that are `kept`, and drop those `removed`.

        Raises BuildError if another machine has published meanwhile, BuildRunsError if one does.
        """
        number = self._base.number + 1 if self._base else 1
        self._collections.claim(number, _token(self._home))
        try:
            generation = self._written(number, kept, [each for each in removed if _is_held(each)])
            self._collections.write(generation)
            self._collections.publish(number)
        except BaseException:
            with suppress(StoreError):
                self._collections.abandon(number)
            raise
        shutil.rmtree(self._home / _DRAFT, ignore_errors=True)
        self._base = self._held = generation
        return generation.info

    def _written(self, number: int, kept: Collection[int], gone: Sequence[int]) -> Generation:
        """The next generation, when all its articles are in Milvus."""
        base, exported = self._base, read_exported(self._home / ENCODER)
        model = self._model
        self._collections.prepare(model.dimension, is_new=self._held is None)
        next_number = base.next_number if base else 1
        self._sweep(next_number)
        added = self._add(kept, next_number) if kept else _Added()
        return Generation(
            number=number,
            built_at=datetime.now(UTC).isoformat(timespec="seconds"),
            model=model,
            runs=exported.runs if exported else model.name,
            kind=self._collections.kind,
            next_number=next_number + added.statistics.counts.articles,
            removed=frozenset(gone),
            statistics=self._statistics.changed(added.statistics, self._count(gone)),
            vocabulary=joined([*self._vocabularies, *added.vocabularies], model.dimension),
        )

    def _sweep(self, next_number: int) -> None:
        """Delete what the published generation does not show: removed, or of a killed build."""
        gone = sorted(self._held.removed) if self._held else []
        for collection in (self._collections.passages, self._collections.articles):
            self._collections.client.delete(collection, f"number >= {next_number}")
            for first in range(0, len(gone), _DELETED_AT_ONCE):
                among = listed("number", gone[first : first + _DELETED_AT_ONCE])
                self._collections.client.delete(collection, among)

    def _add(self, kept: Collection[int], next_number: int) -> "_Added":
        """Send the articles that are kept, numbered from `next_number`, and tell of them."""
        encoder, draft = self._encoder, self._drafted
        assert encoder is not None  # articles of a draft are kept, so there is one
        assert draft is not None
        self._drafted = None
        draft.settle(encoder.encode_queries, self._earlier_words)
        dimension = encoder.model.dimension
        table = Table(open_columns(draft.folder, dimension)).only(np.array(sorted(kept)))
        with closing(Catalogue(draft.folder / CATALOGUE)) as catalogue:
            both = zip(catalogue.articles(), catalogue.known(), strict=True)
            Sender(self._collections, table, next_number).send(
                (numbered, known) for numbered, known in both if known.number in kept
            )
            statistics = count(
                table, (each for each in catalogue.articles() if each.number in kept)
            )
        return _Added(statistics, (open_vocabulary(draft.folder, dimension),))

    def _count(self, numbers: Sequence[int]) -> Statistics:
        """The statistics of published articles."""
        total = NOTHING
        if self._held is None:
            return total
        passages = PassageReader(self._collections, self._held.model.dimension)
        for batch in self._articles.batches(numbers):
            table = passages.of_articles([each.number for each in batch])
            total = total.changed(count(table, batch), NOTHING)
        return total

    @property
    def _statistics(self) -> Statistics:
        return self._held.statistics if self._held else NOTHING

    @property
    def _vocabularies(self) -> tuple[Vocabulary, ...]:
        return (self._held.vocabulary,) if self._held else ()

    @property
    def _earlier_words(self) -> EarlierWords:
        """What the published index knows about words."""
        if self._held is None:
            return EarlierWords()
        statistics = self._held.statistics
        return EarlierWords(
            self._vocabularies, lambda term: bool(statistics.holding_of(term_codes([term]))[0])
        )


@dataclass(frozen=True, slots=True)
class _Added:
    """What a build adds."""

    statistics: Statistics = NOTHING
    vocabularies: tuple[Vocabulary, ...] = ()


def _published(data: Path, encoder: Encoder | None) -> tuple[Collections, Generation | None]:
    collections = collections_of(data)
    try:
        collections, generation = collections.newest()
    except IndexMissingError:
        if encoder is None:
            raise
        return collections, None
    if encoder is not None:
        refuse_other_model(data, generation.model, encoder.model)
    return collections, generation


def _is_held(number: int) -> bool:
    return number < _FIRST_DRAFTED


def _token(home: Path) -> str:
    """What tells the builds of this machine from others, in eight hex digits."""
    path = home / _TOKEN
    if not path.exists():
        replace_text(path, secrets.token_hex(4))
    return path.read_text(encoding="utf-8")
