"""Models of other families: their prompts, how much they read, and where their tokens begin.

Each is checked through the original and through the graph that is exported of it.
"""

from pathlib import Path

import numpy as np
import pytest
from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Pooling

from index.embed import PassageText, Vectors, count_read, token_members, unit
from index.encoders import ModelEncoder
from index.exported import ENCODER, read_exported
from index.transformer import TransformerEncoder
from tests.models import HIDDEN, save_model, tiny_bert

FRONT = "owls\n"
FIRST, SECOND = "an owl hoots.", "the moon is out."
PASSAGE = PassageText(FRONT, f"{FIRST} {SECOND}", ((0, 13), (14, 30)))

STYLES = {
    "e5": {"query": "query: ", "passage": "passage: "},
    "gemma": {"query": "task: search result, query: ", "document": "title: none, text: "},
    "bge": {"query": "represent this sentence: "},
    "jina": {"retrieval.query": "find: ", "retrieval.passage": "text: "},
}


def expected(name: str, text: str) -> Vectors:
    """What the library itself makes of a text with its prompt."""
    model = TransformerEncoder(name).transformer
    [made] = unit(np.asarray(model.encode([text], prompt="")))
    return np.asarray(made, dtype=np.float32)


@pytest.mark.parametrize("style", STYLES)
def test_the_prompts_of_a_model_stand_in_front_of_questions_and_passages(
    tmp_path: Path, style: str
) -> None:
    prompts = STYLES[style]
    modules = [Pooling(HIDDEN), Dense(HIDDEN, 20), Normalize()]
    name = save_model(tmp_path / "m", tiny_bert(tmp_path / "bert"), *modules, **prompts)
    query = next(text for key, text in prompts.items() if "query" in key)
    passage = next((text for key, text in prompts.items() if "query" not in key), "")
    for encoder in (TransformerEncoder(name), ModelEncoder(tmp_path / "data", name)):
        [made] = encoder.encode_passages([PASSAGE])
        whole = expected(name, passage + FRONT + PASSAGE.text)
        np.testing.assert_allclose(made.passage, whole, atol=0.1)
        assert float(made.passage @ whole) > 0.99
        assert (
            float(encoder.encode_queries(["who hoots"])[0] @ expected(name, f"{query}who hoots"))
            > 0.99
        )
        assert encoder.model.dimension == 20


@pytest.mark.parametrize("longest", [64, 300, 2048])
def test_a_model_reads_as_much_as_it_can_and_is_not_cut_at_256_tokens(
    tmp_path: Path, longest: int
) -> None:
    name = save_model(tmp_path / "m", tiny_bert(tmp_path / "bert", longest), Pooling(HIDDEN))
    # A token is a character: two texts that differ only behind the 440th.
    texts = [f"{'an owl hoots. ' * 40}{word}." for word in ("moon", "xxxx")]
    passages = [PassageText("", text, ((0, 13), (14, 27))) for text in texts]
    original, graph = TransformerEncoder(name), ModelEncoder(tmp_path / "data", name)
    assert original.longest == longest
    for encoder in (original, graph):
        one, other = (made.passage for made in encoder.encode_passages(passages))
        assert bool(np.allclose(one, other, atol=1e-6)) is (longest < 440)
    exported = read_exported(tmp_path / "data" / ENCODER)
    assert exported is not None
    assert exported.longest == longest


def test_every_sentence_has_a_vector_of_its_own_however_little_a_model_reads(
    tmp_path: Path,
) -> None:
    name = save_model(tmp_path / "m", tiny_bert(tmp_path / "bert", 32), Pooling(HIDDEN))
    sentences = [f"an owl hoots {word}." for word in ("now", "then", "here", "there", "well")]
    text = " ".join(sentences)
    starts = [text.index(sentence) for sentence in sentences]
    spans = tuple((at, at + len(each)) for at, each in zip(starts, sentences, strict=True))
    for encoder in (TransformerEncoder(name), ModelEncoder(tmp_path / "data", name)):
        [made] = encoder.encode_passages([PassageText("", text, spans)])
        assert made.sentences.shape == (5, HIDDEN)
        assert len({row.tobytes() for row in made.sentences}) == 5
        assert not any(np.array_equal(row, made.passage) for row in made.sentences[1:])


def test_a_token_that_begins_with_the_space_before_it_is_of_the_sentence_it_ends_in() -> None:
    spans = np.array([[0, 2], [2, 6], [6, 13], [13, 17], [17, 30], [30, 30]])
    members = token_members(PASSAGE, spans)
    assert members.tolist() == [
        [True, True, True, False, False, False],
        [False, False, False, True, True, False],
    ]


def test_sentences_are_read_where_they_end_before_the_limit() -> None:
    spans = np.array([[0, 13], [13, 20]])
    assert count_read(PASSAGE, spans, 2) == 1
    assert count_read(PASSAGE, spans, 3) == 2
    assert count_read(PASSAGE, spans, 0) == 2


def test_what_is_left_of_a_passage_keeps_its_sentences() -> None:
    left = PASSAGE.without(1)
    assert (left.front, left.text, left.sentences) == (FRONT, SECOND, ((0, 16),))
    assert PASSAGE.without(0).front == ""
