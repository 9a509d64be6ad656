"""The reader that runs an exported question-answering model on ONNX Runtime, without torch."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from index.errors import ModelError
from qa.read.reader import Floats, SentenceReading, Window
from qa.read.tokens import TokenReader

_QUIET = 3


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
