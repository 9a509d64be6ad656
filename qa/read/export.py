"""Any AutoModelForQuestionAnswering as a graph for ONNX Runtime, checked against the original."""

import logging
import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

from index.encoders.graph import Traced, traced
from index.encoders.transformer import first_line, quieten
from index.errors import ModelError
from qa.read.onnx import GRAPH, TOKENIZER, ExportedReader, OnnxReader, TokenReader, write_record
from qa.read.reading import Floats, Reader, Window

_log = logging.getLogger(__name__)

# The graph gives the log-odds of the model itself, but for the order of its sums.
EXACT = 1e-3
# 8 bits are trusted where log-odds stay this near to those of the graph in 32, as a mean.
TRUSTED = 0.5
_OUTPUTS = ("start_logits", "end_logits")
# What the check reads: its own words about the reading of words, so that nothing is downloaded.
_TEXT = (
    "The harbour bridge was closed on Tuesday after a barge struck its northern pier. Engineers "
    "said that repairs would take six weeks and cost about 2.4 million crowns. The mayor, Ida "
    "Holm, asked people to use the ferry, which carries 180 passengers and runs until midnight."
)
_QUESTIONS = (
    "Why was the bridge closed?",
    "How long will the repairs take?",
    "Who is the mayor?",
    "How many passengers does the ferry carry?",
    "When was the bridge built?",
    "who owns the barge",
)


def export_reader(home: Path, name: str, where: str) -> None:
    """Make the folder `home` with the model's export in 8 bits, or in 32 where those differ.

    `where` is a hub name or a folder. Raises ModelError where the model cannot be loaded, gives
    no start and end of an answer, or cannot be exported.
    """
    draft = home.with_name(f"{home.name}.new")
    _make_anew(draft, name)
    try:
        _export(draft, name, where)
        shutil.rmtree(home, ignore_errors=True)
        draft.replace(home)
    except ModelError:
        raise
    except Exception as error:  # whatever a foreign model's code raises
        raise _refused(name, first_line(error)) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _make_anew(draft: Path, name: str) -> None:
    shutil.rmtree(draft, ignore_errors=True)
    try:
        draft.mkdir(parents=True)
    except OSError as error:
        raise ModelError(
            f"reader {name!r} cannot be kept in {str(draft.parent)!r} ({error.strerror}): its "
            "export is written there at its first use; let it be written to once, or set "
            "FOOTNOTE_READER to `none`"
        ) from error


def _export(draft: Path, name: str, where: str) -> None:
    quieten()
    tokenizer = AutoTokenizer.from_pretrained(where)
    model = _loaded(name, where)
    tokenizer.backend_tokenizer.save(str(draft / TOKENIZER))
    inputs = tuple(tokenizer.model_input_names)
    original = _odds(TokenReader(draft / TOKENIZER, inputs, partial(_scores, model)))
    write_record(draft, _first_trusted(draft, name, _graph(model, inputs), original))


def _loaded(name: str, where: str) -> Any:
    model, told = AutoModelForQuestionAnswering.from_pretrained(where, output_loading_info=True)
    # The library gives a model without such a head one of random weights.
    missing = [key for key in told["missing_keys"] if "qa_outputs" in key]
    if missing:
        raise _refused(name, f"it was not trained to answer: it has no {missing[0]}")
    return model.eval().float()


def _scores(model: Any, inputs: Mapping[str, NDArray[np.int64]]) -> tuple[Floats, Floats]:
    """What the model itself gives, as `TokenReader` takes it."""
    with torch.inference_mode():
        made = model(**{name: torch.from_numpy(each) for name, each in inputs.items()})
    return made.start_logits.numpy(), made.end_logits.numpy()


def _graph(model: Any, names: tuple[str, ...]) -> Traced:
    """Inputs `names`, outputs start_logits and end_logits, all of shape (windows, tokens)."""
    if hasattr(model, "set_attn_implementation"):
        # Traced into fewer nodes than torch's fused attention.
        model.set_attn_implementation("eager")
    ids = torch.ones((2, 9), dtype=torch.long)
    given = {name: ids * 0 if name == "token_type_ids" else ids for name in names}
    axes = {name: {0: "windows", 1: "tokens"} for name in (*names, *_OUTPUTS)}
    return traced(_Logits(model, names), given, _OUTPUTS, axes)


class _Logits(torch.nn.Module):
    """The two outputs that are read, as a tuple."""

    def __init__(self, model: Any, names: tuple[str, ...]) -> None:
        super().__init__()
        self.model, self.names = model, names

    def forward(self, *tensors: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        made = self.model(**dict(zip(self.names, tensors, strict=True)))
        return made.start_logits, made.end_logits


def _first_trusted(
    draft: Path, name: str, graph: Traced, original: NDArray[np.float64]
) -> ExportedReader:
    """8 bits where they are near to 32, whose graph is left in the draft otherwise."""
    exact = _odds(_saved(draft, graph.whole()))
    apart = float(np.abs(exact - original).max())
    # A number that is none is not near either.
    if not apart <= EXACT:
        raise _refused(name, f"its graph gives other numbers than itself, {apart:.2g} apart")
    agreement = float(np.abs(_odds(_saved(draft, graph.in_8_bits())) - exact).mean())
    if agreement <= TRUSTED:
        return ExportedReader(name, "ONNX Runtime, 8 bits", round(agreement, 4))
    _log.warning("%s in 8 bits is %.2f from itself: 32 bits are kept", name, agreement)
    _saved(draft, graph.whole())
    return ExportedReader(name, "ONNX Runtime, 32 bits", round(apart, 4))


def _saved(draft: Path, graph: onnx.ModelProto) -> OnnxReader:
    onnx.save(graph, draft / GRAPH)
    return OnnxReader(draft / GRAPH, draft / TOKENIZER)


def _odds(reader: Reader) -> NDArray[np.float64]:
    """The log-odds of each sentence of the check for each of its questions."""
    ends = [at + 1 for at, sign in enumerate(_TEXT) if sign == "." and _TEXT[at + 1 :][:1] in " "]
    spans = tuple(zip([0, *(end + 1 for end in ends[:-1])], ends, strict=True))
    windows = [Window("Barge closes bridge", _TEXT, spans)]
    read = [[each.log_odds for each in reader.read(asked, windows)[0]] for asked in _QUESTIONS]
    # Where a sentence is cut off, no reader has anything to say of it.
    return np.array(np.nan_to_num(read, neginf=0.0, nan=np.nan), np.float64)


def _refused(name: str, reason: str) -> ModelError:
    return ModelError(
        f"reader {name!r} cannot be used: {reason} (FOOTNOTE_READER takes the name or the folder "
        "of a model for extractive question answering, or `none`)"
    )
