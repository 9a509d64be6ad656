"""The model that is trained: MiniLM with a start and an end head, normalised over spans."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import BertForQuestionAnswering

from index.encoders.files import packaged_folder
from training.windows import LONGEST_SPAN, Window

_NEVER = -1e9


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows side by side, shape (windows, tokens); `text` is true for tokens of the text.

    `gold` is true for spans (windows, first token, last token) that answer.
    """

    ids: Tensor
    mask: Tensor
    types: Tensor
    text: Tensor
    gold: Tensor

    def __len__(self) -> int:
        return len(self.ids)


def new_model() -> Any:
    """The packaged encoder with new heads; its table of words stays as it is."""
    model = BertForQuestionAnswering.from_pretrained(
        packaged_folder(), hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0
    )
    model.bert.embeddings.word_embeddings.weight.requires_grad_(False)
    return model


def make_batch(windows: Sequence[Window]) -> Batch:
    """Windows padded to the longest of them."""
    shape = len(windows), max(len(window.ids) for window in windows)
    ids, mask, types, text = (np.zeros(shape, np.int64) for _ in range(4))
    gold = np.zeros((*shape, shape[1]), np.bool_)
    for row, window in enumerate(windows):
        length = len(window.ids)
        ids[row, :length] = window.ids
        mask[row, :length] = 1
        types[row, window.question_length : length] = 1
        text[row, window.text : length - 1] = 1
        for start, end in window.answers:
            if window.inside:
                gold[row, start : end + 1, start : end + 1] = True
            else:
                gold[row, start, end] = True
    tensors = map(torch.from_numpy, (ids, mask, types, text.astype(np.bool_), gold))
    return Batch(*tensors)


def span_scores(start: Tensor, end: Tensor, text: Tensor) -> Tensor:
    """Score of each span, shape (windows, tokens, tokens); those that cannot be are `_NEVER`."""
    length = start.shape[1]
    band = torch.ones(length, length, dtype=torch.bool).triu().tril(LONGEST_SPAN - 1)
    can_be = band & text[:, :, None] & text[:, None, :]
    return (start[:, :, None] + end[:, None, :]).masked_fill(~can_be, _NEVER)


def loss_of(start: Tensor, end: Tensor, batch: Batch) -> Tensor:
    """Mean over windows of -log p(any span that answers), or of no answer where none does.

    p(i, j) is proportional to exp(start_i + end_j) over all spans of the text and (0, 0), which
    stands for no answer: the objective of Clark & Gardner (2018), section 3.2, over spans.
    """
    spans = span_scores(start, end, batch.text)
    none = start[:, 0] + end[:, 0]
    right = torch.logsumexp(spans.masked_fill(~batch.gold, _NEVER).flatten(1), 1)
    right = torch.where(batch.gold.flatten(1).any(1), right, none)
    everything = torch.logsumexp(torch.cat([spans.flatten(1), none[:, None]], 1), 1)
    return (everything - right).mean()
