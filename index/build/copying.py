"""Copies an archive from one store to another, of whatever kind, and compares the two."""

import shutil
from contextlib import closing
from pathlib import Path
from threading import Event

import numpy as np

from index.build.pipeline import Progress, VectorReuse, embed_behind
from index.embed import Encoder
from index.encoders.files import ENCODER
from index.errors import BuildError, DamagedError
from index.keys import Keys, first_key
from index.settings import home_of
from index.split import split
from index.store import (
    Known,
    Store,
    StoreDraft,
    StoreInfo,
    StoreWriter,
    open_store,
    open_writer,
    refuse_other_model,
)

_ROWS = ("counts", "vectors", "row_terms", "row_asks", "terms")


def adopt_encoder(source: Path, target: Path) -> None:
    """Copy the exported model that runs beside the source, so that it is not exported again."""
    held, place = home_of(source) / ENCODER, home_of(target) / ENCODER
    if not held.is_dir() or place.exists():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = place.with_name(f"{ENCODER}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(held, fresh)
    fresh.rename(place)


def copy_archive(source: Path, target: Path, encoder: Encoder, progress: Progress) -> StoreInfo:
    """Publish in `target`, where nothing may be published, what is published in `source`.

    Articles keep their ids, and passages their vectors, unless an earlier version split them
    otherwise; a copy that was killed is gone on with. At the end all is read and compared. Raises
    BuildError if the target is not empty, IndexRefusedError if another model made the source,
    DamagedError if the two are not the same.
    """
    with open_writer(source) as held, open_writer(target, encoder) as writer:
        if writer.published is not None:
            raise BuildError(f"there is an index in {str(target)!r}: name a place that has none")
        assert held.published is not None  # else there is no writer without an encoder
        refuse_other_model(source, held.published.model, encoder.model)
        kept = _fill(writer.draft, held, encoder, progress)
        info = writer.publish(kept, {each.number for each in writer.draft.known()} - kept)
    with closing(open_store(source)) as one, closing(open_store(target)) as other:
        _compare(one, other, progress)
    return info


def _fill(draft: StoreDraft, held: StoreWriter, encoder: Encoder, progress: Progress) -> set[int]:
    """Put what is held into the draft, but for what a killed copy put; returns the numbers."""
    there = {(each.id, each.place, each.record): each.number for each in draft.known()}
    kept = set[int]()
    for known in held.known():
        number = there.get((known.id, known.place, known.record))
        kept.add(_put(draft, held, known) if number is None else number)
        progress("reading", len(kept), None)
    draft.commit()
    all_is_read = Event()
    all_is_read.set()
    embed_behind(all_is_read, draft, VectorReuse(held.reusable_rows), encoder, progress)
    return kept


def _put(draft: StoreDraft, held: StoreWriter, known: Known) -> int:
    article = held.article_numbered(known.number)
    assert article is not None  # it is known
    return draft.put(article, known.place, known.record, split(article))


def _compare(one: Store, other: Store, progress: Progress) -> None:
    """Raises DamagedError at the first article that is not the same in both."""
    numbers = {each.id: each.number for each in other.listed()}
    count = one.info.counts.articles
    if len(numbers) != count:
        raise DamagedError(f"the copy has {len(numbers)} articles instead of {count}: {_REMEDY}")
    for done, each in enumerate(one.listed(), start=1):
        copied = numbers.get(each.id)
        if copied is None or not _is_same(one, each.number, other, copied):
            raise DamagedError(f"article {each.id!r} is not the same in the copy: {_REMEDY}")
        progress("comparing", done, count)


_REMEDY = "check the source with python -m index verify, then copy it to another place"


def _is_same(one: Store, number: int, other: Store, copied: int) -> bool:
    """Whether an article is the same, and its passages are, as this version splits them."""
    article = one.article_numbered(number)
    if article is None or article != other.article_numbered(copied):
        return False
    keys, copies = _keys(one, number), _keys(other, copied)
    passages = split(article)
    if [each.passage for each in other.located(copies.tolist())] != passages:
        return False
    if [each.passage for each in one.located(keys.tolist())] != passages:
        # An earlier version split it otherwise: then it was embedded again.
        return True
    rows, others = one.rows(keys), other.rows(copies)
    return all(np.array_equal(getattr(rows, name), getattr(others, name)) for name in _ROWS)


def _keys(store: Store, number: int) -> Keys:
    return first_key(number) + np.arange(store.passage_count(number), dtype=np.int64)
