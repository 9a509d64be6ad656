"""Where the export of a reader is kept, and what is kept of it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

# The value of the setting that names no model.
NO_READER = "none"
GRAPH, TOKENIZER, RECORD = "graph.onnx", "tokenizer.json", "reader.json"
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
