"""The published index, opened to read. Distrusts the disk: what is wrong is refused by name."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from index.article import Article
from index.catalogue import Catalogue
from index.embed import Model
from index.errors import IndexRefusedError
from index.lexical import LexicalIndex
from index.manifest import Manifest, read_manifest, rebuild_remedy, refuse_other_model, sum_file
from index.vectors import VectorIndex

CATALOGUE = "catalogue.sqlite"
LEXICAL = "lexical"
VECTORS = "vectors.faiss"

# Below this, opening reads every byte once and compares checksums; a larger index would make
# each start wait for seconds, so there `verify` does it.
_CHECKED_WHOLE = 256_000_000


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One generation of the index; later builds leave it as it is."""

    manifest: Manifest
    catalogue: Catalogue
    lexical: LexicalIndex
    vectors: VectorIndex

    def article(self, article_id: str) -> Article | None:
        """The article, or None where the index has none of this id."""
        return self.catalogue.article(article_id)

    def close(self) -> None:
        """Let go of the catalogue's file."""
        self.catalogue.close()


def open_snapshot(data: Path, model: Model | None = None) -> Snapshot:
    """Open what is published in `data`, made by `model` where one is given.

    Raises IndexMissingError without an index, IndexRefusedError where it was built by another
    model or version, or a file is missing or damaged, or counts disagree.
    """
    manifest = read_manifest(data)
    try:
        return _open(data, manifest, model)
    except (IndexRefusedError, FileNotFoundError):
        # A build may have published and cleared away the generation between two of our steps.
        latest = read_manifest(data)
        if latest.generation == manifest.generation:
            raise
        return _open(data, latest, model)


def _open(data: Path, manifest: Manifest, model: Model | None) -> Snapshot:
    if model is not None:
        refuse_other_model(data, manifest, model)
    check_files(data, manifest)
    snapshot = open_published(data, manifest)
    for fault in count_faults(snapshot):
        raise IndexRefusedError(f"the index in {str(data)!r} {fault}: {rebuild_remedy(data)}")
    return snapshot


def open_published(data: Path, manifest: Manifest) -> Snapshot:
    """Open the files of a generation, which must have been checked.

    Raises IndexRefusedError where one cannot be read all the same.
    """
    folder = manifest.folder(data)
    try:
        return Snapshot(
            manifest=manifest,
            catalogue=Catalogue(folder / CATALOGUE),
            lexical=LexicalIndex(folder / LEXICAL),
            vectors=VectorIndex.read(folder / VECTORS),
        )
    except (sqlite3.DatabaseError, RuntimeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise IndexRefusedError(
            f"the index in {str(folder)!r} cannot be read ({reason}): {rebuild_remedy(data)}"
        ) from error


def total_bytes(manifest: Manifest) -> int:
    """Size of the index on disk."""
    return sum(file.bytes for file in manifest.files)


def check_files(data: Path, manifest: Manifest) -> None:
    """Raises IndexRefusedError for the first file that is missing or damaged."""
    for fault in file_faults(data, manifest, whole=total_bytes(manifest) <= _CHECKED_WHOLE):
        raise IndexRefusedError(f"{fault}: {rebuild_remedy(data)}")


def file_faults(data: Path, manifest: Manifest, *, whole: bool) -> list[str]:
    """What is wrong with the files, each fault naming its file."""
    faults = []
    for expected in manifest.files:
        path = data / expected.path
        if not path.is_file():
            faults.append(f"{path} is missing")
        elif path.stat().st_size != expected.bytes:
            faults.append(f"{path} has {path.stat().st_size} bytes instead of {expected.bytes}")
        elif whole and sum_file(data, path) != expected:
            faults.append(f"{path} is damaged, its checksum is wrong")
    return faults


def count_faults(snapshot: Snapshot) -> list[str]:
    """Where counts disagree with the manifest."""
    expected = snapshot.manifest.counts
    try:
        counts = snapshot.catalogue.counts()
    except sqlite3.DatabaseError as error:
        return [f"has a catalogue that cannot be read ({error})"]
    found = {
        "articles in the catalogue": (counts.articles, expected.articles),
        "passages in the catalogue": (counts.passages, expected.passages),
        "sentences in the catalogue": (counts.sentences, expected.sentences),
        "passages in the lexical index": (len(snapshot.lexical), expected.passages),
        "passage vectors": (len(snapshot.vectors), expected.passages),
        "numbers a vector": (snapshot.vectors.dimension, snapshot.manifest.model.dimension),
    }
    return [
        f"has {count} {what} instead of {right}"
        for what, (count, right) in found.items()
        if count != right
    ]
