"""The files of readers: the one that comes with Footnote, and the export kept of another."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from index.encoders.files import digest_of
from index.errors import ModelError

# The value of the setting that names no model.
NO_READER = "none"
GRAPH, TOKENIZER, RECORD = "graph.onnx", "tokenizer.json", "reader.json"
# The weights that `training/` makes; docs/reader.md is their card.
PACKAGED = Path(__file__).parent / "footnote-reader.onnx"
PACKAGED_DIGEST = "80192b43034a49f3e56d0a79e708e666b3ea04377d9bb2da97ee7b91504a8e79"
# The folder in the data folder that keeps another model's export.
FOLDER = "reader"
# Names without an owner are those of the best known such models.
OWNER = "deepset"


@dataclass(frozen=True, slots=True)
class ExportedReader:
    """What is kept of a model that was exported: its name and how it runs."""

    name: str
    runs: str
    agreement: float


def read_record(home: Path) -> ExportedReader | None:
    """What an export kept of itself; None where there is none that is whole."""
    try:
        record = ExportedReader(**json.loads((home / RECORD).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return record if all((home / file).is_file() for file in (GRAPH, TOKENIZER)) else None


def write_record(home: Path, record: ExportedReader) -> None:
    """Keep that beside the export."""
    (home / RECORD).write_text(json.dumps(asdict(record), indent=1), encoding="utf-8")


def checked(graph: Path, digest: str) -> Path:
    """The same file, if it is whole. Raises ModelError if it has another SHA-256 digest."""
    try:
        found = digest_of(graph)
    except OSError as error:
        found = str(error.strerror)
    if found != digest:
        raise ModelError(
            f"the reader's weights {str(graph)!r} are not those of this version ({found[:12]}, "
            f"not {digest[:12]}): install Footnote again, or set FOOTNOTE_READER=none"
        )
    return graph
