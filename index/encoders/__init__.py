"""The encoder of an index: the model that was named, run the fastest way that keeps its vectors.

On a processor that is ONNX Runtime with weights in 8 bits, where the model exports and its
vectors are found to be the original's; else with 32 bits; else, and on a graphics card,
sentence-transformers itself.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.embed import Encoder, Model, PassageText, PassageVectors, Vectors
from index.encoders.files import ENCODER, GRAPH, TOKENIZER, Exported, find_model, read_exported
from index.settings import DEFAULT_MODEL

if TYPE_CHECKING:
    from index.encoders.transformer import TransformerEncoder

# Devices that the drivers of graphics cards make.
_CARDS = ("/dev/nvidiactl", "/dev/kfd")


class ModelEncoder:
    """Runs the model `name` for the index in `data`.

    At the first passages of a first build it exports the model beside the index and checks it on
    them. Neither torch nor transformers is imported where an export is there. Raises ModelError
    if the model cannot be loaded.
    """

    def __init__(self, data: Path, name: str = DEFAULT_MODEL) -> None:
        self._home = data / ENCODER
        self._files = find_model(name)
        self._exported = self._known()
        self._on_graph: Encoder | None = None

    @property
    def model(self) -> Model:
        """Which model it runs."""
        return self._exported.model if self._exported else self._original.model

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
        # It takes seconds to import, and only a first build needs it.
        from index.encoders.export import export_checked

        return export_checked(self._home, self._original, passages)

    @cached_property
    def _original(self) -> "TransformerEncoder":
        from index.encoders.transformer import TransformerEncoder

        return TransformerEncoder(self._files.name)

    @property
    def _chosen(self) -> Encoder:
        exported = self._exported
        if exported is None or not exported.is_graph or _has_card():
            return self._original
        if self._on_graph is None:
            from index.encoders.onnx import OnnxEncoder

            self._on_graph = OnnxEncoder(self._home, exported)
        return self._on_graph

    @property
    def _is_whole(self) -> bool:
        return all((self._home / name).is_file() for name in (GRAPH, TOKENIZER))

    def _known(self) -> Exported | None:
        """What an earlier build kept of this very model."""
        kept = read_exported(self._home)
        if kept is None or (kept.is_graph and not self._is_whole):
            return None
        same = kept.model.name == self._files.name
        if self._files.digest is not None:
            same = kept.model.digest == self._files.digest
        return replace(kept, model=replace(kept.model, name=self._files.name)) if same else None


def _has_card() -> bool:
    """Whether torch can use a graphics card; without a driver it is not even imported to ask."""
    if not any(Path(device).exists() for device in _CARDS):
        return False
    import torch

    return bool(torch.cuda.is_available())
