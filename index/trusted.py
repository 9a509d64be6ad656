"""A model exported beside the index, kept only where its vectors are found to be the original's."""

import logging
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx

from index.durable import sync_files
from index.embed import Encoder, PassageText
from index.export import export_graph, input_names
from index.exported import GRAPH, TOKENIZER, Exported, write_exported
from index.quantize import quantize
from index.runtime import OnnxEncoder
from index.transformer import TransformerEncoder

_log = logging.getLogger(__name__)

# An export is trusted from this mean cosine to the original on.
TRUSTED = 0.99
# Enough passages to tell, few enough to take a second.
_CHECKED = 32
_QUESTION_CHARACTERS = 200


def export_checked(
    home: Path, original: TransformerEncoder, passages: Sequence[PassageText]
) -> Exported:
    """Make the folder `home` with the fastest export that gives the original's vectors.

    It is checked on the first of `passages`. Where no export is trusted, that is kept, so that
    none is tried again.
    """
    draft = home.with_name(f"{home.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    exported = _first_trusted(draft, original, passages[:_CHECKED])
    if exported is None:
        exported = Exported(original.model, "sentence-transformers")
        for name in (GRAPH, TOKENIZER):
            (draft / name).unlink(missing_ok=True)
    write_exported(draft, exported)
    sync_files(draft)
    shutil.rmtree(home, ignore_errors=True)
    draft.replace(home)
    return exported


def mean_cosine(one: Encoder, other: Encoder, sample: Sequence[PassageText]) -> float:
    """The least of three mean cosines of two encoders' vectors: passages, sentences, questions."""
    pairs = list(zip(one.encode_passages(sample), other.encode_passages(sample), strict=True))
    texts = [passage.text[:_QUESTION_CHARACTERS] for passage in sample]
    kinds = (
        (np.array([a.passage for a, _ in pairs]), np.array([b.passage for _, b in pairs])),
        (np.vstack([a.sentences for a, _ in pairs]), np.vstack([b.sentences for _, b in pairs])),
        (one.encode_queries(texts), other.encode_queries(texts)),
    )
    return min(float((a * b).sum(axis=1).mean()) for a, b in kinds if len(a))


def _first_trusted(
    draft: Path, original: TransformerEncoder, sample: Sequence[PassageText]
) -> Exported | None:
    tokenizer = original.transformer.tokenizer
    try:
        graph = export_graph(original)
        tokenizer.backend_tokenizer.save(str(draft / TOKENIZER))
        untried = Exported(
            model=original.model,
            runs="",
            query_prompt=original.query_prompt,
            passage_prompt=original.passage_prompt,
            longest=original.longest,
            pad_id=tokenizer.pad_token_id or 0,
            inputs=input_names(original),
        )
        for bits, form in _forms(graph):
            onnx.save(form, draft / GRAPH)
            cosine = mean_cosine(original, OnnxEncoder(draft, untried), sample)
            if cosine >= TRUSTED:
                return replace(untried, runs=f"ONNX Runtime, {bits} bits", cosine=round(cosine, 4))
        reason = f"its export has a mean cosine of {cosine:.3f} to it, below {TRUSTED}"
    except Exception as error:  # whatever a foreign model's code raises: the original still runs
        reason = (str(error).strip() or repr(error)).splitlines()[0]
    _log.warning("%s is run by sentence-transformers: %s", original.model.name, reason)
    return None


def _forms(graph: onnx.ModelProto) -> Iterator[tuple[int, onnx.ModelProto]]:
    """With numbers of so many bits, the fastest first."""
    yield 8, quantize(graph)
    yield 32, graph
