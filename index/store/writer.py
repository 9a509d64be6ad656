"""The writer of a local store: a draft beside the published generation, then a new one."""

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path

import numpy as np

from index.article import Article
from index.embed import Encoder, Model, PassageText
from index.errors import DISK_REMEDY, BuildRunsError, IndexMissingError
from index.lexical import LexicalIndex
from index.store.base import Known, StoreInfo
from index.store.draft import Draft, open_draft
from index.store.durable import locked
from index.store.local import info_of
from index.store.manifest import (
    Manifest,
    check_files,
    read_manifest,
    read_removed,
    refuse_other_model,
    segment_name,
)
from index.store.publish import Revision, clear, merge_segments, publish
from index.store.segment import Segment, SegmentInfo, open_segments
from index.store.vocabulary import EarlierWords
from index.vectors import Rows


@contextmanager
def write_local(data: Path, encoder: Encoder | None = None) -> Iterator["LocalWriter"]:
    """The only writer to `data` while it is open. Without an encoder it can remove, not add.

    Raises BuildRunsError if another is writing, IndexRefusedError if the published index was made
    by another model or is damaged, IndexMissingError if there is neither an index nor an encoder,
    OSError if the disk is full.
    """
    if encoder is not None:
        data.mkdir(parents=True, exist_ok=True)
    with only_writer(data):
        manifest = _published(data, encoder)
        infos = manifest.segments if manifest else ()
        dimension = manifest.model.dimension if manifest else 0
        with open_segments(data, infos, dimension) as segments:
            writer = LocalWriter(data, manifest, segments, encoder)
            try:
                with catalogue_faults(data):
                    yield writer
            finally:
                writer.close()


@contextmanager
def only_writer(data: Path) -> Iterator[None]:
    """Hold the lock of the data folder. Raises BuildRunsError if another build holds it."""
    with ExitStack() as held:
        try:
            held.enter_context(locked(data, wait=False))
        except BlockingIOError:
            raise BuildRunsError(
                f"another build is writing to {str(data)!r}: wait until it ends, or name another "
                "folder with --data"
            ) from None
        yield


@contextmanager
def catalogue_faults(folder: Path) -> Iterator[None]:
    """Raise OSError, with what to do, where SQLite cannot use the catalogue in the folder."""
    try:
        yield
    except sqlite3.Error as error:
        fault = f"the catalogue in {str(folder)!r} cannot be used ({error})"
        raise OSError(f"{fault}: {DISK_REMEDY}") from None


class DraftWriter:
    """What writers share: the draft of this build, and the model that it is for."""

    def __init__(self, encoder: Encoder | None) -> None:
        self._encoder = encoder
        self._drafted: Draft | None = None

    @property
    def published(self) -> StoreInfo | None:
        """The published generation, or None before the first."""
        raise NotImplementedError

    def leave(self) -> None:
        """Publish nothing; the draft stays for the next build."""
        if self._drafted is not None:
            self._drafted.leave()
            self._drafted = None

    def close(self) -> None:
        """Close an unpublished draft as it was last committed."""
        if self._drafted is not None:
            self._drafted.close()
            self._drafted = None

    @property
    def _model(self) -> Model:
        if self._encoder is not None:
            return self._encoder.model
        published = self.published
        assert published is not None  # without an encoder something is published
        return published.model


class LocalWriter(DraftWriter):
    """Writes the next generation of a store in a folder."""

    def __init__(
        self,
        data: Path,
        manifest: Manifest | None,
        segments: Sequence[Segment],
        encoder: Encoder | None,
    ) -> None:
        super().__init__(encoder)
        self._data, self._manifest, self._segments = data, manifest, segments

    @property
    def published(self) -> StoreInfo | None:
        """The published generation, or None before the first."""
        return info_of(self._manifest) if self._manifest else None

    @cached_property
    def draft(self) -> Draft:
        """The segment of this build, or that of a stopped build to continue."""
        assert self._encoder is not None  # a writer without one can only remove
        name, model = segment_name(self._next_segment), self._encoder.model
        clear(self._data, self._manifest, keep=name)
        folder = self._data / name
        self._drafted = open_draft(folder, model.digest, model.dimension, self._next_number)
        return self._drafted

    def known(self) -> Iterator[Known]:
        """The published articles that are not removed."""
        gone = set(read_removed(self._data, self._manifest).tolist()) if self._manifest else set()
        for segment in self._segments:
            yield from (known for known in segment.catalogue.known() if known.number not in gone)

    def article_numbered(self, number: int) -> Article | None:
        """The published article of this number, or None."""
        found = (segment.catalogue.article(number) for segment in self._segments)
        return next((article for article in found if article is not None), None)

    def reusable_rows(self, article: Article) -> Mapping[PassageText, Rows]:
        """Rows of vectors by what was read for them: of the article before it, or of its text.

        Of a live blog that has grown, all but the new entries are among them.
        """
        # What the last build added is likest to it.
        for segment in reversed(self._segments):
            catalogue, found = segment.catalogue, dict[PassageText, Rows]()
            before = catalogue.numbers_of(article.id)[-1:]
            for number in (*catalogue.with_digest(article.digest), *before):
                held = catalogue.article(number)
                found.update(segment.rows_by_text(number, held) if held else {})
            if found:
                return found
        return {}

    def publish(self, kept: Collection[int], removed: Collection[int]) -> StoreInfo:
        """Publish the draft's articles that are `kept`, and drop those `removed`."""
        next_number, next_segment = self._next_number, self._next_segment
        if self._drafted is not None:
            next_number = self._drafted.next_number
        added = self._seal() if kept else None
        self._discard()
        revision = Revision(
            segments=(*self._infos, *([added] if added else [])),
            added=added,
            removed=np.array(sorted(removed), dtype=np.int64),
            next_number=next_number,
            next_segment=next_segment + (1 if added else 0),
        )
        manifest = publish(self._data, self._manifest, revision, self._model)
        if self._encoder is not None:
            # Already searchable; merging keeps search fast.
            manifest = merge_segments(self._data, manifest, self._encoder.encode_queries)
        self._manifest = manifest
        return info_of(manifest)

    def _seal(self) -> SegmentInfo:
        encoder, draft = self._encoder, self._drafted
        assert encoder is not None  # articles of a draft are kept, so there is one
        assert draft is not None
        self._drafted = None
        return draft.seal(encoder.encode_queries, self._words())

    def _discard(self) -> None:
        if self._drafted is not None:
            self._drafted.discard()
            self._drafted = None

    def _words(self) -> EarlierWords:
        """What the published index knows about words."""
        if self._manifest is None:
            return EarlierWords()
        lexical = LexicalIndex(self._data / self._manifest.lexical, apart=True)
        vocabularies = [segment.vocabulary for segment in self._segments]
        return EarlierWords(vocabularies, lambda term: lexical.document_frequency(term) > 0)

    @property
    def _infos(self) -> tuple[SegmentInfo, ...]:
        return self._manifest.segments if self._manifest else ()

    @property
    def _next_number(self) -> int:
        return self._manifest.next_number if self._manifest else 1

    @property
    def _next_segment(self) -> int:
        return self._manifest.next_segment if self._manifest else 1


def _published(data: Path, encoder: Encoder | None) -> Manifest | None:
    try:
        manifest = read_manifest(data)
    except IndexMissingError:
        if encoder is None:
            raise
        return None
    if encoder is not None:
        refuse_other_model(data, manifest.model, encoder.model)
    check_files(data, manifest)
    return manifest
