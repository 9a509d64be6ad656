"""A whole data folder, copied as it is at one moment: a backup, or one that is put back.

All is copied beside what is there, read again, and only then put in its place, the manifest last.
Killed before that, nothing has changed; killed amidst it, the same command ends it.
"""

import shutil
from collections.abc import Collection, Iterator
from contextlib import ExitStack, closing, contextmanager, nullcontext
from pathlib import Path
from threading import Event
from typing import BinaryIO

import numpy as np

from index.build.lists import FIRST_QUESTIONS, SYNONYMS
from index.build.owned import changing, owned, owner_faults
from index.build.pipeline import Progress, VectorReuse, embed_behind
from index.build.rules.kept import RULES
from index.build.versions import copy_versions
from index.embed import Encoder
from index.encoders.files import ENCODER
from index.errors import BuildError, DamagedError, SettingError
from index.keys import Keys, first_key
from index.settings import home_of, scheme_of
from index.split import split
from index.store import (
    MANIFEST,
    Known,
    Store,
    StoreDraft,
    StoreInfo,
    StoreWriter,
    clear_left_over,
    copy_table,
    is_of_builds,
    open_store,
    open_writer,
    published_files,
    refuse_other_model,
    verify,
)
from index.store.durable import share, sync_files, sync_folder
from index.store.writer import only_writer

REPLACE = "--replace"
# What is still being copied, and what only has to be put in its place.
_COMING, _COME = ".coming", ".come"
_TABLE, _LOGS = ".sqlite", ("-wal", "-shm", "-journal")


def transfer(source: Path, target: Path, *, replace: bool = False) -> StoreInfo:
    """Make `target` what the data folder `source` is now: its index and the owner's files.

    Questions and builds of the source go on meanwhile; what is added or removed by its owner
    waits while the owner's files are copied. With `replace` an archive in the target gives way.
    Raises BuildError if there is one and it must not, or if another process writes to the target;
    DamagedError if what was copied is not whole; IndexMissingError or IndexRefusedError if there
    is nothing to copy; OSError if the disk is full. Then the target is as it was.
    """
    _refuse_places(source, target)
    target.mkdir(parents=True, exist_ok=True)
    with only_writer(target):
        _go_on(target)
        _refuse_taken(target, replace=replace)
        with _coming(target) as coming:
            _copy(source, coming)
            for each in (FIRST_QUESTIONS, SYNONYMS, RULES):
                # An empty one says nothing, and takes the place of one that the target has.
                if (target / each.name).exists():
                    (coming / each.name).touch()
            _refuse_faults(source, coming)
            sync_files(coming)
            coming.rename(target / _COME)
        sync_folder(target)
        _settle(target)
    return open_store(target).info


def _refuse_places(source: Path, target: Path) -> None:
    for place in (source, target):
        if scheme_of(place) is not None:
            raise SettingError(
                f"{str(place)!r} is an archive in Milvus: copy it with python -m index copy, and "
                "the folder 'owner' that is kept for it on this machine with it"
            )
    one, other = source.resolve(), target.resolve()
    if one.is_relative_to(other) or other.is_relative_to(one):
        raise BuildError(f"{str(target)!r} and {str(source)!r} are in one: name another folder")


def _refuse_taken(target: Path, *, replace: bool) -> None:
    others = sorted(path.name for path in target.iterdir() if not path.name.startswith("."))
    if not others:
        return
    if not (target / MANIFEST).exists() and not owned(target).exists():
        raise BuildError(
            f"{str(target)!r} holds other files, {others[0]!r} among them: name an empty folder"
        )
    if not replace:
        raise BuildError(
            f"there is an archive in {str(target)!r}: name another folder, or put this one in its "
            f"place with {REPLACE}"
        )


@contextmanager
def _coming(target: Path) -> Iterator[Path]:
    """A folder in the target to copy into; what is left in it in the end is deleted."""
    coming = target / _COMING
    shutil.rmtree(coming, ignore_errors=True)
    coming.mkdir()
    try:
        yield coming
    finally:
        shutil.rmtree(coming, ignore_errors=True)


def _copy(source: Path, coming: Path) -> None:
    with ExitStack() as held:
        # An article is added to the owner's files before it is published, and withheld before it
        # is removed: what stands still together is of one moment.
        with changing(source) if owned(source).is_dir() else nullcontext():
            published = held.enter_context(published_files(source))
            inside = {name.split("/")[0] for name in published}
            for path in _others(source, inside):
                _copy_other(path, coming / path.name)
        for name, file in published.items():
            _write(file, coming / name)
        for name in inside:
            share(coming / name, coming.parent)


def _others(source: Path, published: Collection[str]) -> Iterator[Path]:
    """What lies beside the published files and is no draft: lists, a model, the owner's folder."""
    for path in sorted(source.iterdir()):
        is_hidden = path.name.startswith(".")
        if not (is_hidden or path.name in published or is_of_builds(path.name)):
            yield path


def _copy_other(path: Path, copy: Path) -> None:
    """A file of the owner's or a model's, or a folder of such; none that is being written."""
    if path.is_dir():
        copy.mkdir(exist_ok=True)
        shutil.copymode(path, copy)
        for each in sorted(path.iterdir()):
            if not each.name.startswith(".") and not each.name.endswith((".new", *_LOGS)):
                _copy_other(each, copy / each.name)
    elif path.is_file():
        copy.touch()
        shutil.copymode(path, copy)
        if path.suffix == _TABLE:
            copy_table(path, copy)
            return
        with path.open("rb") as file:
            _write(file, copy)


def _write(file: BinaryIO, copy: Path) -> None:
    copy.parent.mkdir(parents=True, exist_ok=True)
    try:
        with copy.open("wb") as written:
            shutil.copyfileobj(file, written, 1 << 20)
    except OSError as error:
        # A full disk does not say which file it was.
        error.filename = error.filename or str(copy)
        raise


def _refuse_faults(source: Path, coming: Path) -> None:
    """What was wrong with the owner's files before is copied as it is."""
    known = set(owner_faults(source))
    faults = [
        *verify(coming),
        *(each for each in owner_faults(coming) if _of(source, coming, each) not in known),
    ]
    if faults:
        raise DamagedError(
            f"what was copied of {str(source)!r} is not whole ({faults[0]}), and is deleted: check "
            f"it with python -m index verify --data {source}"
        )


def _of(source: Path, coming: Path, fault: str) -> str:
    """The fault of a copied file as it is told of the file itself."""
    return fault.replace(str(coming), str(source))


def _go_on(target: Path) -> None:
    """End what was killed when all had come, unless there is an index, of before or built since."""
    if (target / MANIFEST).exists():
        shutil.rmtree(target / _COME, ignore_errors=True)
    elif (target / _COME).is_dir():
        _settle(target)


def _settle(target: Path) -> None:
    """Put what has come in its place. The manifest is the first to go, and the last to come."""
    come = target / _COME
    (target / MANIFEST).unlink(missing_ok=True)
    sync_folder(target)
    for path in sorted(come.iterdir(), key=lambda path: path.name == MANIFEST):
        place = target / path.name
        if place.is_symlink():
            place.unlink()
        elif place.is_dir():
            shutil.rmtree(place)
        path.rename(place)
        sync_folder(target)
    come.rmdir()
    clear_left_over(target)


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
    otherwise; former texts go along. A copy that was killed is gone on with. At the end all is read
    and compared. Raises BuildError if the target is not empty, IndexRefusedError if another model
    made the source, DamagedError if the two are not the same.
    """
    with open_writer(source) as held, open_writer(target, encoder) as writer:
        if writer.published is not None:
            raise BuildError(f"there is an index in {str(target)!r}: name a place that has none")
        assert held.published is not None  # else there is no writer without an encoder
        refuse_other_model(source, held.published.model, encoder.model)
        kept = _fill(writer.draft, held, encoder, progress)
        copy_versions(source, target)
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
