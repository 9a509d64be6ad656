"""Small models of random weights, for the tests of what runs models."""

import string
from pathlib import Path
from typing import Any

import torch
from sentence_transformers import CrossEncoder, SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Transformer
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    BertModel,
    BertTokenizer,
    PreTrainedModel,
)

HIDDEN = 32
LONGEST = 128


def tiny_bert(folder: Path, longest: int = LONGEST) -> Transformer:
    """A BERT of 32 dimensions whose tokens are characters; it reads so many of them."""
    _save_bert(folder, BertModel, max_position_embeddings=longest)
    transformer: Transformer = Transformer(str(folder), max_seq_length=longest)
    return transformer


def tiny_cross_encoder(folder: Path, scores: int = 1) -> str:
    """A BERT of the same size that reads pairs and gives so many scores, by its folder."""
    bare = folder.with_name(f"{folder.name}-bare")
    # Weights as small as a new model's would score all pairs nearly alike.
    _save_bert(bare, BertForSequenceClassification, num_labels=scores, initializer_range=0.5)
    CrossEncoder(str(bare), local_files_only=True).save(str(folder))
    return str(folder)


def save_model(folder: Path, *modules: torch.nn.Module, **prompts: str) -> str:
    """A model of these modules, by the name that it is loaded by."""
    SentenceTransformer(modules=list(modules), prompts=prompts).save(str(folder))
    return str(folder)


def _save_bert(folder: Path, kind: type[PreTrainedModel], **settings: Any) -> None:
    letters = string.ascii_lowercase + string.digits + ".,:"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{c}" for c in letters)]
    tokenizer = BertTokenizer(vocab={word: number for number, word in enumerate(words)})
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=HIDDEN,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        **{"max_position_embeddings": LONGEST, **settings},
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        kind(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
