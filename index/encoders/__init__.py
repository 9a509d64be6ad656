"""The encoder of an index: the named model, run the fastest way that keeps its vectors.

On a CPU that is ONNX Runtime with 8-bit weights, if the model can be exported and its vectors
match the original's; else with 32-bit weights; else, and on a GPU, sentence-transformers itself.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.embed import Encoder, Model, PassageText, PassageVectors, Vectors
from index.encoders.files import ENCODER, GRAPH, TOKENIZER, Exported, find_model, read_exported
from index.errors import ModelError
from index.settings import DEFAULT_MODEL, home_of, scheme_of

if TYPE_CHECKING:
    from index.encoders.transformer import TransformerEncoder

# Devices made by GPU drivers.
_GPUS = ("/dev/nvidiactl", "/dev/kfd")


class ModelEncoder:
    """Runs the model `name` for the index in `data`.

    With the first passages of the first build it exports the model beside the index and checks
    the export on them. Once there is an export, neither torch nor transformers is imported.
    Raises ModelError if the model cannot be loaded.
    """

    def __init__(self, data: Path, name: str = DEFAULT_MODEL) -> None:
        self._home = home_of(data) / ENCODER
        self._files = find_model(name)
        self._exported = self._known()
        self._on_graph: Encoder | None = None

    @property
    def model(self) -> Model:
        """Which model it runs."""
        return self._exported.model if self._exported else self._original.model

    def load_graph(self) -> None:
        """Load the export now, if there is one, instead of with the first text.

        No threads are begun, and torch is not asked for a GPU, which no process forked after that
        could use: this one can be forked, and what it loaded is then there once.
        """
        if self._exported is not None and self._exported.is_graph:
            self._load_graph(self._exported)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """The vectors of questions."""
        if not texts:
            return np.zeros((0, self.model.dimension), np.float32)
        return self._chosen.encode_queries(texts)

    def encode_passages(self, passages: Sequence[PassageText]) -> list[PassageVectors]:
        """The vectors of passages."""
        if not passages:
            return []
        if self._exported is None:
            self._exported = self._export(passages)
        return self._chosen.encode_passages(passages)

    def _export(self, passages: Sequence[PassageText]) -> Exported:
        # Takes seconds to import, and only a first build needs it.
        from index.encoders.export import export_checked

        return export_checked(self._home, self._original, passages)

    @cached_property
    def _original(self) -> "TransformerEncoder":
        from index.encoders.transformer import TransformerEncoder

        return TransformerEncoder(self._files.name)

    @property
    def _chosen(self) -> Encoder:
        exported = self._exported
        if exported is None or not exported.is_graph or _has_gpu():
            return self._original
        return self._load_graph(exported)

    def _load_graph(self, exported: Exported) -> Encoder:
        if self._on_graph is None:
            from index.encoders.onnx import OnnxEncoder

            self._on_graph = OnnxEncoder(self._home, exported)
        return self._on_graph

    @property
    def _is_whole(self) -> bool:
        return all((self._home / name).is_file() for name in (GRAPH, TOKENIZER))

    def _known(self) -> Exported | None:
        """The export that an earlier build made of this model, if any."""
        kept = read_exported(self._home)
        if kept is None or (kept.is_graph and not self._is_whole):
            return None
        same = kept.model.name == self._files.name
        if self._files.digest is not None:
            same = kept.model.digest == self._files.digest
        return replace(kept, model=replace(kept.model, name=self._files.name)) if same else None


def encoder_of(data: Path, model: Model) -> ModelEncoder:
    """The encoder of the model that made an index in `data`.

    An archive may have been switched to another one, beside whose folder the export lies. Raises
    ModelError if there is none and the model cannot be loaded. Downloads nothing: the name is
    only what the index says.
    """
    home = home_of(data)
    beside = sorted(home.parent.glob(f"*/{ENCODER}")) if scheme_of(data) else []
    is_here = find_model(model.name).folder is not None
    for folder in (home / ENCODER, *beside):
        kept = read_exported(folder)
        if kept is None or kept.model.digest != model.digest:
            continue
        if kept.is_graph or is_here:
            return ModelEncoder(folder.parent, model.name)
    if not is_here:
        raise ModelError(
            f"model {model.name!r}, which made the index, is not on this machine: copy its "
            f"export, the folder '{ENCODER}' that its build made, into a folder beside "
            f"{str(home)!r}, or set FOOTNOTE_MODEL to it, which downloads it; then start again"
        )
    return ModelEncoder(data, model.name)


def runs_on_torch(data: Path) -> bool:
    """Whether the model of an index may run on torch, as far as its files tell."""
    kept = read_exported(home_of(data) / ENCODER)
    # The first build in a folder exports the model; an archive in Milvus was built elsewhere.
    has_graph = kept.is_graph if kept else scheme_of(data) is None
    return not has_graph or _has_driver()


def _has_driver() -> bool:
    return any(Path(device).exists() for device in _GPUS)


def _has_gpu() -> bool:
    """Whether torch can use a GPU; without a driver torch is not even imported."""
    if not _has_driver():
        return False
    import torch

    return bool(torch.cuda.is_available())
