"""A generation in the making, and the one step that publishes it.

`building/` is the draft of the build that runs. What a killed build left is kept as
`interrupted/` until the next has taken over the vectors it had made.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from index.catalogue import Catalogue
from index.embed import Model, front_of
from index.errors import IndexRefusedError
from index.lexical import write_lexical
from index.manifest import (
    FileSum,
    Manifest,
    generation_folder,
    rebuild_remedy,
    sum_file,
    sync_folder,
    write_manifest,
)
from index.store import CATALOGUE, LEXICAL, VECTORS
from index.vectors import VectorIndex

_DRAFT = "building"
_INTERRUPTED = "interrupted"
_MODEL = "model"


def open_draft(data: Path, published: Manifest | None, model: Model) -> Catalogue:
    """A copy of the published catalogue to write in, or an empty one.

    Raises IndexRefusedError where the published catalogue is damaged: copying it would publish
    the damage with a good checksum.
    """
    _keep_interrupted(data)
    if published is not None:
        # A build killed while it tidied up leaves the generation before its own.
        _clear_others(data, published.folder(data))
    folder = data / _DRAFT
    folder.mkdir()
    if published is not None:
        _copy_catalogue(data, published, folder)
    draft = Catalogue(folder / CATALOGUE, writable=True)
    # Written last: a draft without it was killed before it was whole.
    (folder / _MODEL).write_text(model.digest, encoding="utf-8")
    return draft


def adopt_vectors(data: Path, draft: Catalogue, published: Manifest | None, model: Model) -> None:
    """Give passages that are not embedded the vectors made for the same words before."""
    if published is not None:
        draft.adopt_vectors(published.folder(data) / CATALOGUE)
    interrupted = data / _INTERRUPTED
    made_by = interrupted / _MODEL
    if made_by.is_file() and made_by.read_text(encoding="utf-8") == model.digest:
        # Should it be damaged, its passages are embedded again.
        with suppress(sqlite3.DatabaseError):
            draft.adopt_vectors(interrupted / CATALOGUE)
    draft.commit()
    shutil.rmtree(interrupted, ignore_errors=True)


def discard(data: Path, draft: Catalogue) -> None:
    """Drop a draft that changes nothing."""
    draft.close()
    shutil.rmtree(data / _DRAFT)


def publish(data: Path, draft: Catalogue, generation: int, model: Model) -> Manifest:
    """Derive words and vectors from the draft and make it the published generation."""
    folder = data / _DRAFT
    (folder / LEXICAL).mkdir()
    write_lexical(folder / LEXICAL, _words(draft))
    VectorIndex.of(*draft.vectors()).write(folder / VECTORS)
    counts, newest = draft.counts(), draft.newest()
    draft.finish()
    home = generation_folder(data, generation)
    files = _sealed(folder, home)
    (folder / _MODEL).unlink()
    shutil.rmtree(home, ignore_errors=True)
    folder.replace(home)
    sync_folder(home)
    sync_folder(data)
    manifest = Manifest(
        generation=generation,
        built_at=datetime.now(UTC).isoformat(timespec="seconds"),
        model=model,
        counts=counts,
        newest=newest,
        files=files,
    )
    write_manifest(data, manifest)
    _clear_others(data, home)
    return manifest


def _sealed(folder: Path, home: Path) -> tuple[FileSum, ...]:
    """The sums of a draft's files, safe on the disk, under the names they get in `home`.

    Read before the draft is moved: a build killed meanwhile has not lost its vectors.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != _MODEL)
    for path in files:
        _sync(path)
    sync_folder(folder / LEXICAL)
    sums = [sum_file(folder, path) for path in files]
    return tuple(replace(found, path=f"{home.name}/{found.path}") for found in sums)


def _words(draft: Catalogue) -> Iterator[tuple[int, str]]:
    for worded in draft.every_passage():
        yield worded.key, front_of(worded.title, worded.passage) + worded.passage.text


def _keep_interrupted(data: Path) -> None:
    """The older leftover holds all vectors until they are adopted, so it goes before a newer."""
    draft, interrupted = data / _DRAFT, data / _INTERRUPTED
    if interrupted.exists():
        shutil.rmtree(draft, ignore_errors=True)
    elif draft.exists():
        draft.replace(interrupted)


def _copy_catalogue(data: Path, published: Manifest, folder: Path) -> None:
    source = published.folder(data) / CATALOGUE
    expected = next(file for file in published.files if data / file.path == source)
    if not source.is_file() or sum_file(data, source) != expected:
        raise IndexRefusedError(f"{source} is missing or damaged: {rebuild_remedy(data)}")
    shutil.copyfile(source, folder / CATALOGUE)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _clear_others(data: Path, home: Path) -> None:
    for path in data.glob("generation-*"):
        if path != home:
            shutil.rmtree(path, ignore_errors=True)
