"""What a published index consists of: its files with their checksums, counts and model."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index.catalogue import Counts
from index.embed import Model
from index.errors import IndexMissingError, IndexRefusedError

# Raised when what is written changes its meaning: an older index is then refused, not misread.
FORMAT = 1
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class FileSum:
    """A file of the index: its path in the data folder, size and sha256."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The one file that says which generation is published, replaced in one step."""

    generation: int
    built_at: str
    model: Model
    counts: Counts
    newest: str | None
    files: tuple[FileSum, ...]

    def folder(self, data: Path) -> Path:
        """Where the files of this generation lie."""
        return generation_folder(data, self.generation)


def generation_folder(data: Path, generation: int) -> Path:
    """Every build publishes a folder of its own and never changes it again."""
    return data / f"generation-{generation:06d}"


def sum_file(data: Path, path: Path) -> FileSum:
    """Read a file whole and sum it up."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return FileSum(path.relative_to(data).as_posix(), path.stat().st_size, sha256)


def write_manifest(data: Path, manifest: Manifest) -> None:
    """Publish: whoever reads sees the manifest before or this one, never a half."""
    body = {"format": FORMAT, **asdict(manifest)}
    body["sha256"] = _digest(body)
    draft = data / f"{MANIFEST}.new"
    with draft.open("w", encoding="utf-8") as file:
        file.write(json.dumps(body, indent=1, sort_keys=True) + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(data / MANIFEST)
    sync_folder(data)


def read_manifest(data: Path) -> Manifest:
    """The published manifest. Raises IndexMissingError or IndexRefusedError."""
    path = data / MANIFEST
    try:
        stored = path.read_bytes()
    except FileNotFoundError:
        raise IndexMissingError(
            f"there is no index in {str(data)!r}: "
            f"build one with python -m index build FOLDER --data {data}"
        ) from None
    body = _checked(path, stored)
    if body.get("format") != FORMAT:
        raise IndexRefusedError(
            f"{path} has index format {body.get('format')!r}, this version reads {FORMAT}: "
            + rebuild_remedy(data)
        )
    return Manifest(
        generation=body["generation"],
        built_at=body["built_at"],
        model=Model(**body["model"]),
        counts=Counts(**body["counts"]),
        newest=body["newest"],
        files=tuple(FileSum(**file) for file in body["files"]),
    )


def refuse_other_model(data: Path, manifest: Manifest, model: Model) -> None:
    """Raises IndexRefusedError where another model made the index: their vectors do not mix."""
    if model.digest != manifest.model.digest:
        raise IndexRefusedError(
            f"the index in {str(data)!r} was built with model {manifest.model.name!r}, not "
            f"{model.name!r}: set FOOTNOTE_MODEL={manifest.model.name}, or " + rebuild_remedy(data)
        )


def rebuild_remedy(data: Path) -> str:
    """What to do where an index cannot be used."""
    return f"remove {str(data)!r} and build again with python -m index build"


def sync_folder(folder: Path) -> None:
    """Names in the folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _checked(path: Path, stored: bytes) -> dict[str, Any]:
    """The body as JSON, once its own checksum and its exact form are right."""
    try:
        body: dict[str, Any] = json.loads(stored)
        claimed = body.pop("sha256")
        whole = json.dumps({**body, "sha256": claimed}, indent=1, sort_keys=True) + "\n"
    except (ValueError, AttributeError, KeyError, TypeError):
        raise IndexRefusedError(f"{path} is damaged: {rebuild_remedy(path.parent)}") from None
    if claimed != _digest(body) or whole.encode() != stored:
        raise IndexRefusedError(
            f"{path} is damaged, its checksum is wrong: {rebuild_remedy(path.parent)}"
        )
    return body


def _digest(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
