"""An exported question-answering model: its files, and a reader that runs it without torch.

Windows become tokens in batches that all who ask share.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from index.article import Span
from index.errors import ModelError
from qa.rank.batching import SharedBatches
from qa.read.reading import Floats, SentenceReading, Window, read_sentences

_QUIET = 3
GRAPH, TOKENIZER, RECORD = "graph.onnx", "tokenizer.json", "reader.json"
# What a window may hold, question and title included: as it was trained.
LONGEST = 128
_LONGEST_TITLE = 100
_LONGEST_QUESTION = 300
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
# The inputs of a model by name, shape (windows, tokens), to the scores of tokens as the first and
# as the last of the words that answer, of the same shape.
Scores = Callable[[Mapping[str, NDArray[np.int64]]], tuple[Floats, Floats]]


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


class TokenReader:
    """Reads with a tokenizer and what scores its tokens. Safe to share by threads."""

    def __init__(self, tokenizer: Path, inputs: Sequence[str], scores: Scores) -> None:
        """`inputs` are those of `input_ids`, `attention_mask`, `token_type_ids` that it takes."""
        self._tokenizer: Tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        # It takes from the window alone, unless the question is longer than what is left of it.
        self._tokenizer.enable_truncation(LONGEST, strategy="longest_first")
        self._inputs = [name for name in _INPUTS if name in inputs]
        self._scores = scores
        self._cores = os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(self._cores, "reading")
        self._shared = SharedBatches(self._read)

    def read(self, question: str, windows: Sequence[Window]) -> list[list[SentenceReading]]:
        """One list a window, one reading a sentence, in their order.

        Windows of questions in flight share batches.
        """
        return self._shared.get([(question, window) for window in windows])

    def _read(self, asked: Sequence[tuple[str, Window]]) -> list[list[SentenceReading]]:
        fronts = [_front(window) for _, window in asked]
        encodings = self._tokenizer.encode_batch(
            [
                (question[:_LONGEST_QUESTION], front + window.text)
                for (question, window), front in zip(asked, fronts, strict=True)
            ]
        )
        batches = list(shared_out([len(each.ids) for each in encodings], self._cores))

        def run(batch: list[int]) -> list[list[SentenceReading]]:
            starts, ends = self._run([encodings[place] for place in batch])
            return [
                read_sentences(
                    starts[row],
                    ends[row],
                    _offsets(encodings[place], fronts[place], asked[place][1].text),
                    asked[place][1].sentences,
                )
                for row, place in enumerate(batch)
            ]

        if len(batches) == 1:
            made = run(batches[0])
        else:
            made = list(chain.from_iterable(self._pool.map(run, batches)))
        by_place = dict(zip(chain.from_iterable(batches), made, strict=True))
        return [by_place[place] for place in range(len(asked))]

    def _run(self, encodings: Sequence[Encoding]) -> tuple[Floats, Floats]:
        shape = (len(encodings), max(len(each.ids) for each in encodings))
        known = {name: np.zeros(shape, np.int64) for name in _INPUTS}
        for row, each in enumerate(encodings):
            length = len(each.ids)
            known["input_ids"][row, :length] = each.ids
            known["attention_mask"][row, :length] = 1
            known["token_type_ids"][row, :length] = each.type_ids
        return self._scores({name: known[name] for name in self._inputs})


def shared_out(lengths: Sequence[int], cores: int) -> Iterator[list[int]]:
    """Places of texts in a batch a core, of about as many tokens, texts of like length together.

    >>> list(shared_out([9, 3, 8, 4], cores=2))
    [[0, 2], [3, 1]]
    """
    order = sorted(range(len(lengths)), key=lambda place: -lengths[place])
    share = sum(lengths) / max(cores, 1)
    batch: list[int] = []
    held = 0
    for place in order:
        batch.append(place)
        held += lengths[place]
        if held >= share:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def _front(window: Window) -> str:
    title = window.title[:_LONGEST_TITLE].strip()
    return f"{title} . " if title else ""


def _offsets(encoding: Encoding, front: str, text: str) -> list[Span | None]:
    """The tokens' spans in the window's text, None for those of anything else."""
    read = front + text
    return [
        _placed(span, read, len(front)) if of == 1 else None
        for span, of in zip(encoding.offsets, encoding.sequence_ids, strict=True)
    ]


def _placed(span: Span, read: str, front: int) -> Span | None:
    start, end = span
    # To some tokenizers the space before a word is a part of it, but not of its sentence.
    while start < end and read[start].isspace():
        start += 1
    return (start - front, end - front) if front <= start < end else None


class OnnxReader:
    """Reads with a graph and a tokenizer. Safe to share by threads.

    The graph takes `input_ids`, `attention_mask` and, where the model knows them,
    `token_type_ids`, shape (windows, tokens), and gives `start_logits` and `end_logits` of the
    same shape. Raises ModelError where the files hold no such model.
    """

    def __init__(self, graph: Path, tokenizer: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = _QUIET
        options.enable_mem_pattern = False
        try:
            self._session = onnxruntime.InferenceSession(
                str(graph), options, providers=["CPUExecutionProvider"]
            )
            inputs = [each.name for each in self._session.get_inputs()]
            self._tokens = TokenReader(tokenizer, inputs, self._scores)
        except Exception as error:  # neither library names what it raises
            raise ModelError(
                f"the reader in {str(graph)!r} cannot be read ({str(error).splitlines()[0]}): "
                "install Footnote again, or set FOOTNOTE_READER=none to answer without one"
            ) from error

    def read(self, question: str, windows: Sequence[Window]) -> list[list[SentenceReading]]:
        """One list a window, one reading a sentence, in their order.

        Windows of questions in flight share batches.
        """
        return self._tokens.read(question, windows)

    def _scores(self, inputs: Mapping[str, NDArray[np.int64]]) -> tuple[Floats, Floats]:
        starts, ends = self._session.run(["start_logits", "end_logits"], dict(inputs))
        return starts, ends
