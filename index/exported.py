"""What an index keeps of its model: how it is run, and what was found when that was checked."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from index.embed import Model

# The folder in the data folder, and its files; the first two only where the export is trusted.
ENCODER = "encoder"
GRAPH, TOKENIZER, RECORD = "graph.onnx", "tokenizer.json", "encoder.json"


@dataclass(frozen=True, slots=True)
class Exported:
    """How a model is run for an index.

    `runs` says on what, for people. `cosine` is the mean cosine of its vectors to those of the
    original on passages, sentences and questions of the first build; None where the original
    itself runs. The rest is what the graph needs: prompts, the longest input in tokens (0 where
    there is no limit), the id of padding, the names of its inputs.
    """

    model: Model
    runs: str
    cosine: float | None = None
    query_prompt: str = ""
    passage_prompt: str = ""
    longest: int = 0
    pad_id: int = 0
    inputs: tuple[str, ...] = ()

    @property
    def is_graph(self) -> bool:
        """Whether ONNX Runtime runs it."""
        return self.cosine is not None


def write_exported(home: Path, exported: Exported) -> None:
    """Into the folder of the encoder."""
    body = json.dumps(asdict(exported), indent=1, ensure_ascii=False)
    (home / RECORD).write_text(body + "\n", encoding="utf-8")


def read_exported(home: Path) -> Exported | None:
    """What `write_exported` wrote, or None where there is nothing of the kind."""
    try:
        body = json.loads((home / RECORD).read_text(encoding="utf-8"))
        return Exported(
            **{**body, "model": Model(**body["model"]), "inputs": tuple(body["inputs"])}
        )
    except (OSError, ValueError, TypeError, KeyError):
        return None
