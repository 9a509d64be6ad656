"""The encoder that runs an exported model on ONNX Runtime, without torch."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import TypeVar

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from index.embed import (
    Model,
    PassageText,
    PassageVectors,
    Vectors,
    count_read,
    read_to_the_end,
    token_members,
    unit,
)
from index.encoders.files import GRAPH, TOKENIZER, Exported
from index.errors import ModelError

# Tokens per batch, padding included: what fits in a core's cache.
_BATCH_TOKENS = 512
_QUIET = 3

Made = TypeVar("Made")


class OnnxEncoder:
    """Encodes with the graph and the tokenizer that an export left in a folder.

    A text's vector does not depend on what else is in its batch. Each batch runs on one core,
    several in parallel: faster than splitting one among cores, on a busy machine much faster.
    Raises ModelError if the folder holds no such model.
    """

    def __init__(self, home: Path, exported: Exported) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = _QUIET
        # Texts differ in length: memory planned for one length is no use for another.
        options.enable_mem_pattern = False
        self._exported = exported
        try:
            self._session = onnxruntime.InferenceSession(
                str(home / GRAPH), options, providers=["CPUExecutionProvider"]
            )
            self._tokenizer: Tokenizer = Tokenizer.from_file(str(home / TOKENIZER))
        except Exception as error:  # neither library documents what it raises
            reason = str(error).splitlines()[0]
            raise ModelError(
                f"the exported model in {str(home)!r} cannot be read ({reason}): remove the "
                "folder of the index and build it again with python -m index build"
            ) from error
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        if exported.longest:
            self._tokenizer.enable_truncation(exported.longest)

    @property
    def model(self) -> Model:
        """The model that was exported."""
        return self._exported.model

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """The vectors of questions, with the model's query prompt in front."""
        prompt = self._exported.query_prompt
        encodings = self._tokenizer.encode_batch([prompt + text for text in texts])
        rows = np.zeros((len(texts), self.model.dimension), np.float32)
        batches = list(longest_first([len(encoding.ids) for encoding in encodings]))

        def encode(batch: list[int]) -> None:
            chosen = [encodings[place] for place in batch]
            members = np.zeros((len(batch), 1, _longest(chosen)), np.float32)
            rows[batch] = self._run(chosen, members, ["passages"])[0]

        _on_all_cores(encode, batches)
        return unit(rows)

    def encode_passages(self, passages: Sequence[PassageText]) -> list[PassageVectors]:
        """One forward pass a batch; the vector of a sentence is the mean of its tokens."""
        return read_to_the_end(passages, self._read_once)

    def _read_once(self, passages: Sequence[PassageText]) -> list[tuple[PassageVectors, int]]:
        prompt = self._exported.passage_prompt
        texts = [prompt + passage.whole for passage in passages]
        encodings = self._tokenizer.encode_batch(texts)
        spans = [
            np.array(encoding.offsets, np.int64).reshape(-1, 2) - len(prompt) - len(passage.front)
            for encoding, passage in zip(encodings, passages, strict=True)
        ]
        batches = list(longest_first([len(encoding.ids) for encoding in encodings]))

        def encode(batch: list[int]) -> list[PassageVectors]:
            members = _members([token_members(passages[place], spans[place]) for place in batch])
            return self._encode_batch(
                [passages[place] for place in batch], [encodings[place] for place in batch], members
            )

        made = chain.from_iterable(_on_all_cores(encode, batches))
        by_place = dict(zip(chain.from_iterable(batches), made, strict=True))
        return [
            (by_place[place], count_read(passage, spans[place], self._exported.longest))
            for place, passage in enumerate(passages)
        ]

    def _encode_batch(
        self, passages: Sequence[PassageText], encodings: Sequence[Encoding], members: Vectors
    ) -> list[PassageVectors]:
        wholes, sentences = self._run(encodings, members, ["passages", "sentences"])
        made = []
        for row, passage in enumerate(passages):
            count = len(passage.sentences)
            # A sentence of which nothing was read gets the passage's vector.
            unread = members[row, :count].sum(axis=-1, keepdims=True) == 0
            rows = np.where(unread, wholes[row], sentences[row, :count])
            made.append(PassageVectors(unit(wholes[row]), unit(rows)))
        return made

    def _run(
        self, encodings: Sequence[Encoding], members: Vectors, outputs: list[str]
    ) -> list[Vectors]:
        shape = (len(encodings), _longest(encodings))
        ids = np.full(shape, self._exported.pad_id, np.int64)
        mask, types = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        for row, encoding in enumerate(encodings):
            length = len(encoding.ids)
            ids[row, :length], mask[row, :length] = encoding.ids, 1
            types[row, :length] = encoding.type_ids
        known = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
        read = {name: known[name] for name in self._exported.inputs}
        results: list[Vectors] = self._session.run(outputs, {**read, "sentence_tokens": members})
        return results


def longest_first(lengths: Sequence[int], most: int = _BATCH_TOKENS) -> Iterator[list[int]]:
    """Batches of texts' places, of at most `most` tokens with padding, or of one text.

    >>> list(longest_first([3, 9, 8], most=20))
    [[1, 2], [0]]
    """
    order = sorted(range(len(lengths)), key=lambda place: -lengths[place])
    while order:
        size = max(1, most // max(lengths[order[0]], 1))
        yield order[:size]
        order = order[size:]


def _on_all_cores(encode: Callable[[list[int]], Made], batches: list[list[int]]) -> list[Made]:
    """The result of each batch, in order; a single one, a question say, without threads."""
    if len(batches) == 1:
        return [encode(batches[0])]
    with ThreadPoolExecutor(os.cpu_count() or 1) as cores:
        return list(cores.map(encode, batches))


def _longest(encodings: Sequence[Encoding]) -> int:
    return max(len(encoding.ids) for encoding in encodings)


def _members(inside: Sequence[NDArray[np.bool_]]) -> Vectors:
    """1 where a token lies in a sentence, shape (passages, sentences, tokens)."""
    sentences = max(1, *(len(rows) for rows in inside))
    members = np.zeros((len(inside), sentences, max(rows.shape[1] for rows in inside)), np.float32)
    for row, rows in enumerate(inside):
        members[row, : rows.shape[0], : rows.shape[1]] = rows
    return members
