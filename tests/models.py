"""Small models of random weights, for the tests of what runs models."""

import string
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Transformer
from transformers import BertConfig, BertModel, BertTokenizer

HIDDEN = 32
LONGEST = 128


def tiny_bert(folder: Path) -> Transformer:
    """A BERT of 32 dimensions whose tokens are characters; it reads 128 of them."""
    letters = string.ascii_lowercase + string.digits + ".,:"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{c}" for c in letters)]
    tokenizer = BertTokenizer(vocab={word: number for number, word in enumerate(words)})
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=HIDDEN,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=LONGEST,
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        BertModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    transformer: Transformer = Transformer(str(folder), max_seq_length=LONGEST)
    return transformer


def save_model(folder: Path, *modules: torch.nn.Module, **prompts: str) -> str:
    """A model of these modules, by the name that it is loaded by."""
    SentenceTransformer(modules=list(modules), prompts=prompts).save(str(folder))
    return str(folder)
