"""Models of other makes than the default one have the vectors that their library gives them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Router
from sentence_transformers.sentence_transformer.modules import (
    Dense,
    Normalize,
    Pooling,
    Transformer,
    WordEmbeddings,
)
from sentence_transformers.sentence_transformer.modules.tokenizer import WhitespaceTokenizer

from index.embed import PassageText, Vectors
from index.encoders import ModelEncoder
from index.encoders.files import ENCODER, read_exported
from index.encoders.transformer import TransformerEncoder
from tests.models import (
    HIDDEN,
    LONGEST,
    save_model,
    tiny_bert,
    tiny_distilbert,
    tiny_mpnet,
    tiny_qwen,
    tiny_roberta,
    tiny_t5,
    tiny_xlm_roberta,
)

FRONT = "Lighthouse\n"
FIRST, SECOND = "The lamp burned whale oil.", "Two keepers lived in the tower."
LONG = " ".join([FIRST, SECOND] * 12)
PASSAGES = [
    PassageText(FRONT, f"{FIRST} {SECOND}", ((0, 26), (27, 58))),
    PassageText("", "Yes. No. Two.", ((0, 4), (5, 8), (9, 13))),
    PassageText(FRONT, LONG, ((0, 26), (27, 58), (len(LONG) - 31, len(LONG)))),
]
QUESTIONS = ["who lit the lamp", "why", "who? " * 60]
E5 = {"query": "query: ", "passage": "passage: "}
GEMMA = {"query": "task: search result | query: ", "document": "title: none | text: "}
KEPT = ("ONNX Runtime, 8 bits", "ONNX Runtime, 32 bits")


@dataclass(frozen=True, slots=True)
class Make:
    """What a model is made of, and the prompts that its library is to put in front."""

    transformer: Callable[[Path], torch.nn.Module]
    behind: Callable[[], list[torch.nn.Module]] = lambda: [Pooling(HIDDEN)]
    prompts: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    passage: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    longest: int = LONGEST


class Loaded:
    """A model of this make in a folder, loaded by its library and by us."""

    def __init__(self, folder: Path, make: Make) -> None:
        self.make, self.data, self.name = make, folder / "data", str(folder / "model")
        with torch.random.fork_rng():
            torch.manual_seed(0)
            modules = [make.transformer(folder / "transformer"), *make.behind()]
        whole = SentenceTransformer(
            modules=modules, prompts=dict(make.prompts), **dict(make.settings)
        )
        whole.save(self.name)
        self.library = SentenceTransformer(self.name)
        if make.longest:
            # Where a model tells no limit, the library fails past its last position.
            self.library.max_seq_length = make.longest
        self.original = TransformerEncoder(self.name)

    @cached_property
    def chosen(self) -> ModelEncoder:
        """As an index runs it."""
        encoder = ModelEncoder(self.data, self.name)
        encoder.encode_passages(PASSAGES)
        return encoder

    @property
    def runs(self) -> str:
        exported = read_exported(self.data / ENCODER)
        assert exported is not None
        return exported.runs

    def query(self, text: str) -> Vectors:
        return unit(self.library.encode_query([text], prompt=self.make.query)[0])

    def document(self, text: str) -> Vectors:
        return unit(self.library.encode_document([text], prompt=self.make.passage)[0])

    def sentence(self, passage: PassageText, number: int) -> Vectors:
        """The mean of the tokens that end in it, through the layers behind the pooling."""
        before = self.make.passage + passage.front
        start, end = (len(before) + place for place in passage.sentences[number])
        text = before + passage.text
        spans = self.library.tokenizer(text, return_offsets_mapping=True, truncation=True)
        inside = [start < last <= end and last > first for first, last in spans["offset_mapping"]]
        tokens = self.library.encode([text], prompt="", output_value="token_embeddings")[0]
        features = {"sentence_embedding": tokens[torch.tensor(inside)].mean(dim=0, keepdim=True)}
        with torch.inference_mode():
            for module in list(self.library)[2:]:
                features = module(features)
        [vector] = features["sentence_embedding"].float().numpy()
        return unit(vector[: self.library.truncate_dim])


def joined(front: str, *sentences: str) -> PassageText:
    starts = np.cumsum([0, *(len(sentence) + 1 for sentence in sentences)]).tolist()
    spans = zip(starts, (start - 1 for start in starts[1:]), strict=False)
    return PassageText(front, " ".join(sentences), tuple(spans))


def unit(vector: Any) -> Vectors:
    row = np.asarray(vector, dtype=np.float32)
    return np.asarray(row / np.linalg.norm(row), dtype=np.float32)


def linear(inner: int, outer: int) -> Dense:
    return Dense(inner, outer, bias=False, activation_function=torch.nn.Identity())


def widened() -> list[torch.nn.Module]:
    return [Pooling(HIDDEN), linear(HIDDEN, 96), linear(96, HIDDEN), Normalize()]


MAKES: dict[str, Make] = {
    "BGE": Make(tiny_bert, lambda: [Pooling(HIDDEN, "cls"), Normalize()]),
    "E5": Make(
        tiny_bert, lambda: [Pooling(HIDDEN), Normalize()], E5, query="query: ", passage="passage: "
    ),
    "EmbeddingGemma": Make(tiny_bert, widened, GEMMA, GEMMA["query"], GEMMA["document"]),
    "100 dimensions": Make(partial(tiny_bert, hidden=100), lambda: [Pooling(100)]),
    "16 bits": Make(partial(tiny_bert, numbers=torch.float16)),
    "bfloat16": Make(partial(tiny_bert, numbers=torch.bfloat16), widened),
    "dot": Make(tiny_bert, settings={"similarity_fn_name": "dot"}),
    "Matryoshka": Make(tiny_bert, widened, settings={"truncate_dim": 20}),
    "short": Make(partial(tiny_bert, longest=32), longest=32),
    "long": Make(partial(tiny_bert, longest=2048), longest=2048),
    "no limit told": Make(partial(tiny_bert, longest=None, positions=64), longest=64),
    "a limit past its positions": Make(partial(tiny_bert, longest=512, positions=64), longest=64),
    "padding on the left": Make(partial(tiny_bert, padding_side="left")),
    "DistilBERT": Make(tiny_distilbert),
    "MPNet": Make(tiny_mpnet),
    "RoBERTa, no limit told": Make(tiny_roberta),
    "XLM-RoBERTa": Make(tiny_xlm_roberta, prompts=E5, query="query: ", passage="passage: "),
    "T5, no limit": Make(tiny_t5, lambda: [Pooling(HIDDEN), Dense(HIDDEN, 16)], longest=0),
    "last token": Make(
        tiny_qwen,
        lambda: [Pooling(HIDDEN, "lasttoken"), Normalize()],
        {"query": "Instruct: find\nQuery:"},
        query="Instruct: find\nQuery:",
    ),
}


@pytest.fixture(scope="module", params=MAKES)
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    return Loaded(tmp_path_factory.mktemp("made"), MAKES[request.param])


def test_questions_and_passages_have_the_librarys_vectors(loaded: Loaded) -> None:
    for text, found in zip(QUESTIONS, loaded.original.encode_queries(QUESTIONS), strict=True):
        assert float(found @ loaded.query(text)) > 0.9999
    for passage, made in zip(PASSAGES, loaded.original.encode_passages(PASSAGES), strict=True):
        assert float(made.passage @ loaded.document(passage.front + passage.text)) > 0.9999
        assert made.passage.dtype == made.sentences.dtype == np.float32
        assert made.passage.shape == (loaded.original.model.dimension,)


def test_a_sentences_vector_is_the_mean_of_its_tokens(loaded: Loaded) -> None:
    # What a short model does not read at once is tested below.
    read = PASSAGES[1:2] if loaded.make.longest == 32 else PASSAGES[:2]
    for passage, made in zip(read, loaded.original.encode_passages(read), strict=True):
        for number, found in enumerate(made.sentences):
            assert float(found @ loaded.sentence(passage, number)) > 0.9999


def test_the_export_has_the_vectors_of_the_original(loaded: Loaded) -> None:
    chosen, original = loaded.chosen, loaded.original
    assert loaded.runs in KEPT
    assert original.longest == loaded.make.longest
    kept = read_exported(loaded.data / ENCODER)
    assert kept is not None
    assert kept.longest == loaded.make.longest
    pairs = zip(chosen.encode_queries(QUESTIONS), original.encode_queries(QUESTIONS), strict=True)
    assert min(float(found @ expected) for found, expected in pairs) > 0.99
    for found, expected in zip(
        chosen.encode_passages(PASSAGES), original.encode_passages(PASSAGES), strict=True
    ):
        assert float(found.passage @ expected.passage) > 0.99
        assert ((found.sentences * expected.sentences).sum(axis=1) > 0.99).all()


@pytest.mark.parametrize("longest", [32, 512, 2048])
def test_a_passage_is_read_up_to_the_models_own_longest_input(tmp_path: Path, longest: int) -> None:
    model = save_model(tmp_path / "m", tiny_bert(tmp_path / "bert", longest), Pooling(HIDDEN))
    # A letter is a token, and two stand around the text.
    full = ["a"] * (longest - 2)
    texts = [" ".join(letters) for letters in (full, [*full, "b", "b"], [*full[:-1], "b"])]
    passages = [PassageText("", text, ()) for text in texts]
    for encoder in (TransformerEncoder(model), ModelEncoder(tmp_path / "data", model)):
        whole, longer, other = (made.passage for made in encoder.encode_passages(passages))
        np.testing.assert_allclose(longer, whole, atol=1e-5)
        assert np.abs(other - whole).max() > 1e-5
    assert read_exported(tmp_path / "data" / ENCODER) is not None


def test_sentences_past_the_longest_input_are_read_in_passages_of_their_own(
    tmp_path: Path,
) -> None:
    model = save_model(tmp_path / "m", tiny_bert(tmp_path / "bert", 64), Pooling(HIDDEN))
    # The first sentence ends with the 33rd of 64 tokens, the second would with the 69th.
    rest = joined(FRONT, "Two keepers lived there, high in the tower.", "Nobody wept.", "Late.")
    passage = joined(FRONT, FIRST, *(rest.text[start:end] for start, end in rest.sentences))
    for encoder in (TransformerEncoder(model), ModelEncoder(tmp_path / "data", model)):
        [found], [first], [left] = (
            encoder.encode_passages([each])
            for each in (passage, replace(passage, sentences=passage.sentences[:1]), rest)
        )
        np.testing.assert_allclose(found.passage, first.passage, atol=1e-5)
        np.testing.assert_allclose(found.sentences[:1], first.sentences, atol=1e-5)
        np.testing.assert_allclose(found.sentences[1:], left.sentences, atol=1e-5)
        assert len({row.tobytes() for row in (found.passage, *found.sentences)}) == 5


def test_a_front_that_fills_the_longest_input_does_not_hide_the_sentences(tmp_path: Path) -> None:
    model = save_model(tmp_path / "m", tiny_bert(tmp_path / "bert", 64), Pooling(HIDDEN))
    titled = PassageText("a very long title " * 9, PASSAGES[0].text, PASSAGES[0].sentences)
    bare = PassageText("", PASSAGES[0].text, PASSAGES[0].sentences)
    for encoder in (TransformerEncoder(model), ModelEncoder(tmp_path / "data", model)):
        [found], [expected] = encoder.encode_passages([titled]), encoder.encode_passages([bare])
        np.testing.assert_allclose(found.sentences, expected.sentences, atol=1e-5)
        assert np.abs(found.passage - expected.passage).max() > 1e-3


@pytest.mark.parametrize(
    ("query", "passage"),
    [
        ("query", "document"),
        ("query", "passage"),
        ("query", "corpus"),
        ("retrieval.query", "retrieval.passage"),
        ("Retrieval-query", "Retrieval-passage"),
        ("s2p_query", "document"),
        ("web_search_query", "document"),
    ],
)
def test_the_prompts_of_retrieval_are_found_by_the_names_that_models_give_them(
    tmp_path: Path, query: str, passage: str
) -> None:
    prompts = {"sts_query": "same: ", query: "find: ", passage: "text: "}
    make = Make(tiny_bert, prompts=prompts, query="find: ", passage="text: ")
    loaded = Loaded(tmp_path, make)
    for encoder in (loaded.original, loaded.chosen):
        [question] = encoder.encode_queries(QUESTIONS[:1])
        assert float(question @ loaded.query(QUESTIONS[0])) > 0.999
        [made] = encoder.encode_passages(PASSAGES[:1])
        assert float(made.passage @ loaded.document(FRONT + PASSAGES[0].text)) > 0.999


def capped(folder: Path) -> Transformer:
    transformer = tiny_bert(folder)
    transformer.document_length = 40
    return transformer


def routed(folder: Path) -> Router:
    """Questions go one way, documents another."""
    question, document = tiny_bert(folder / "question"), tiny_bert(folder / "document")
    return Router.for_query_document(
        [question, Pooling(HIDDEN)], [document, Pooling(HIDDEN), linear(HIDDEN, HIDDEN)]
    )


def by_words(folder: Path) -> WordEmbeddings:
    words = [*FRONT.lower().split(), *f"{FIRST} {SECOND} yes no who why".lower().split()]
    vectors = np.random.default_rng(0).normal(size=(len(words), HIDDEN))
    return WordEmbeddings(WhitespaceTokenizer(words, stop_words=()), vectors.astype(np.float32))


CHAT = "{% for said in messages %}{{ said['role'] }}: {{ said['content'] }}{% endfor %}"
APART: dict[str, Make] = {
    "pools in two ways": Make(tiny_bert, lambda: [Pooling(HIDDEN, ("mean", "max"))]),
    "a layer on its tokens": Make(
        tiny_bert, lambda: [Dense(HIDDEN, 16, module_input_name="token_embeddings"), Pooling(16)]
    ),
    "reads the end of a long text": Make(partial(tiny_bert, truncation_side="left")),
    "a limit for documents": Make(capped, longest=0),
    "questions and documents apart": Make(routed, lambda: [], longest=0),
    "layers for questions and documents": Make(
        tiny_bert,
        lambda: [
            Pooling(HIDDEN),
            Router.for_query_document([linear(HIDDEN, HIDDEN)], [linear(HIDDEN, HIDDEN)]),
        ],
    ),
    "puts a chat around a text": Make(partial(tiny_qwen, template=CHAT), prompts=E5),
    "words": Make(by_words, longest=0),
}


@pytest.mark.parametrize("name", APART)
def test_a_model_of_a_make_that_cannot_be_exported_encodes_sentences_one_by_one(
    tmp_path: Path, name: str
) -> None:
    prompts = APART[name].prompts
    loaded = Loaded(tmp_path, APART[name])
    query, document = prompts.get("query", ""), prompts.get("passage", "")
    library = loaded.library
    for encoder in (loaded.original, loaded.chosen):
        [question] = encoder.encode_queries(QUESTIONS[:1])
        [expected] = library.encode_query(QUESTIONS[:1], prompt=query)
        np.testing.assert_allclose(question, unit(expected), atol=1e-5)
        bare = PassageText("", SECOND, ())
        made, without = encoder.encode_passages([PASSAGES[0], bare])
        [whole, *alone] = library.encode_document(
            [FRONT + PASSAGES[0].text, FIRST, SECOND], prompt=document
        )
        np.testing.assert_allclose(made.passage, unit(whole), atol=1e-5)
        np.testing.assert_allclose(made.sentences, [unit(row) for row in alone], atol=1e-5)
        assert without.sentences.shape == (0, encoder.model.dimension)
    assert loaded.runs == "sentence-transformers"
