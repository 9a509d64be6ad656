"""A graph reads: spans in the text as it is, the same whoever else asks, shared by the cores."""

import math
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

from index.article import Article
from index.split import split
from qa.read.loading import load_reader
from qa.read.onnx import LONGEST, TokenReader, shared_out
from qa.read.reading import (
    LONGEST_SPAN,
    UNREAD,
    Floats,
    Reader,
    SentenceReading,
    Window,
    read_sentences,
)
from tests.models import question_answerer, spaced_tokenizer

QUESTIONS = ["Who was the last keeper?", "how loud", "When did the tower's lamp go out, and why?"]
WINDOWS = [
    Window("Cape Orrin", "The keeper is Ida. It rains.", ((0, 18), (19, 28))),
    Window("", "Nobody wants empty quays.", ((0, 25),)),
    Window("Dams", "The dam on the river Tessel holds. " * 3, ((0, 34), (35, 69), (70, 104))),
]
# Accents that stand alone, signs beyond 16 bits, no-break and zero-width spaces, other scripts.
UNUSUAL = "é\u0301İßﬁ𝒳😀👩\u200d🚀\u00a0\u200b\u2028中文字العربيةकि .!?,'\"-\n\tAb1"
TEXTS = st.text(st.sampled_from(UNUSUAL) | st.characters(codec="utf-8"), max_size=300)
# `[CLS] q [SEP] One two. Three four.` with one token a word; the window's text begins at `One`.
OFFSETS = [None, None, None, (0, 3), (4, 7), (9, 14), (15, 19)]
SENTENCES = ((0, 8), (9, 20))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return question_answerer(tmp_path_factory.mktemp("readers") / "tiny")


@pytest.fixture(scope="module")
def reader(folder: str) -> Reader:
    return loaded(folder)


def loaded(folder: str) -> Reader:
    """The reader of the folder, new, so that it remembers nothing; exported once."""
    reader = load_reader(folder, Path(folder).parent)
    assert reader is not None
    return reader


def window_of(title: str, text: str) -> Window:
    """A text with the sentences that an index would have of it, the first passage's."""
    passages = split(Article("a", text))
    spans = tuple(span for passage in passages for span in passage.sentences)
    return Window(title, text, spans)


def check_spans(window: Window, read: Sequence[SentenceReading]) -> None:
    assert len(read) == len(window.sentences)
    for (start, end), reading in zip(window.sentences, read, strict=True):
        if reading.words is None:
            assert reading == UNREAD
            continue
        first, last = reading.words
        assert start <= first < last <= end
        assert not window.text[first].isspace()
        assert np.isfinite(reading.log_odds)


@settings(max_examples=150)
@given(TEXTS, TEXTS, TEXTS)
def test_words_lie_in_their_sentence_whatever_the_characters(
    reader: Reader, question: str, title: str, text: str
) -> None:
    window = window_of(title, text)
    [read] = reader.read(question, [window])
    check_spans(window, read)


@settings(max_examples=50)
@given(st.text(UNUSUAL, max_size=80))
def test_offsets_count_code_points(reader: Reader, before: str) -> None:
    text = f"{before}. The lamp."
    start = len(before) + 2
    [[_, read]] = reader.read("Who?", [Window("", text, ((0, start - 1), (start, len(text))))])
    assert read.words is not None
    first, last = read.words
    assert text[first:last] in {"The", "lamp", ".", "The lamp", "lamp.", "The lamp."}


@pytest.mark.parametrize("question", ["?" * 300, "中" * 1000, "", "\u200b", "who " * 200])
def test_any_question_can_be_read_and_leaves_room_for_the_window(
    reader: Reader, question: str
) -> None:
    [read] = reader.read(question, [WINDOWS[0]])
    check_spans(WINDOWS[0], read)
    assert read[0].words is not None


def test_a_sentence_behind_what_a_model_takes_is_not_read(reader: Reader) -> None:
    text = "word " * LONGEST + "end. Unread words."
    window = Window("", text, ((0, len(text) - 14), (len(text) - 13, len(text))))
    [[first, second]] = reader.read("Who?", [window])
    assert first.words is not None
    assert second == UNREAD


def test_readings_are_the_models_own(reader: Reader, folder: str) -> None:
    for question in QUESTIONS:
        for window in WINDOWS:
            [read] = reader.read(question, [window])
            expected = _by_torch(folder, question, window)
            assert [each.log_odds for each in read] == pytest.approx(expected, abs=0.6)


def test_windows_of_several_questions_in_one_batch_are_read_as_alone(folder: str) -> None:
    alone = {question: _each_alone(folder, question) for question in QUESTIONS}
    shared = loaded(folder)
    ready = threading.Barrier(len(QUESTIONS), timeout=30)

    def read(question: str) -> list[list[SentenceReading]]:
        ready.wait()
        return shared.read(question, WINDOWS)

    with ThreadPoolExecutor(len(QUESTIONS)) as threads:
        together = dict(zip(QUESTIONS, threads.map(read, QUESTIONS), strict=True))
    for question in QUESTIONS:
        for one, other in zip(alone[question], together[question], strict=True):
            assert [each.words for each in one] == [each.words for each in other]
            odds = [each.log_odds for each in one]
            assert [each.log_odds for each in other] == pytest.approx(odds, abs=1e-3)


def test_no_window_is_nothing_to_read(reader: Reader) -> None:
    assert reader.read("Who?", []) == []
    assert reader.read("Who?", [Window("", "", ())]) == [[]]


def test_the_space_before_a_word_is_no_part_of_its_sentence(tmp_path: Path) -> None:
    def scores(inputs: Mapping[str, NDArray[np.int64]]) -> tuple[Floats, Floats]:
        flat = np.zeros(inputs["input_ids"].shape, np.float32)
        return flat, flat

    reader = TokenReader(spaced_tokenizer(tmp_path), ["input_ids", "attention_mask"], scores)
    window = Window("Cape", "Ida left. Ida came. ", ((0, 9), (10, 19)))
    [[first, second]] = reader.read("who?", [window])
    check_spans(window, [first, second])
    # As many spans of tokens lie in the one as in the other.
    assert first.log_odds == second.log_odds


def _each_alone(folder: str, question: str) -> list[list[SentenceReading]]:
    return [loaded(folder).read(question, [window])[0] for window in WINDOWS]


def _by_torch(folder: str, question: str, window: Window) -> list[float]:
    """The log-odds of each sentence, summed over its spans one by one."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForQuestionAnswering.from_pretrained(folder).eval()
    front = f"{window.title} . " if window.title else ""
    encoded = tokenizer(question, front + window.text, return_tensors="pt")
    with torch.inference_mode():
        made = model(**encoded)
    starts, ends = made.start_logits[0].numpy(), made.end_logits[0].numpy()
    of = encoded.sequence_ids(0)
    places: list[list[int]] = [[] for _ in window.sentences]
    for at, kind in enumerate(of):
        first = encoded.token_to_chars(at).start - len(front) if kind == 1 else -1
        for place, (start, end) in enumerate(window.sentences):
            if start <= first < end:
                places[place].append(at)
    return [
        float(
            np.log(sum(np.exp(starts[i] + ends[j]) for i in own for j in own if i <= j < i + 30))
            - starts[0]
            - ends[0]
        )
        for own in places
    ]


def logits(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_the_words_are_the_best_span_inside_the_sentence() -> None:
    starts, ends = logits(0, 0, 0, 1, 5, 0, 3), logits(0, 0, 0, 0, 5, 0, 4)
    first, second = read_sentences(starts, ends, OFFSETS, SENTENCES)
    assert (first.words, second.words) == ((4, 7), (15, 19))
    assert first.log_odds > second.log_odds


def test_log_odds_sum_all_spans_of_the_sentence_against_nothing() -> None:
    starts, ends = logits(2, 0, 0, 1, 1, 0, 0), logits(1, 0, 0, 0, 1, 0, 0)
    first, second = read_sentences(starts, ends, OFFSETS, SENTENCES)
    spans = [1 + 0, 1 + 1, 1 + 1]
    assert first.log_odds == pytest.approx(math.log(sum(map(math.exp, spans))) - (2 + 1))
    assert second.log_odds == pytest.approx(math.log(3) - (2 + 1), abs=1e-5)


def test_no_span_reaches_from_one_sentence_into_the_next() -> None:
    starts, ends = logits(0, 0, 0, 0, 9, 0, 0), logits(0, 0, 0, 0, 0, 9, 0)
    first, second = read_sentences(starts, ends, OFFSETS, SENTENCES)
    assert (first.words, second.words) == ((4, 7), (9, 14))


def test_no_span_is_longer_than_the_longest() -> None:
    offsets = [None, *((2 * at, 2 * at + 1) for at in range(50))]
    starts, ends = np.zeros(51, np.float32), np.zeros(51, np.float32)
    starts[1], ends[50] = 9, 9
    [reading] = read_sentences(starts, ends, offsets, ((0, 100),))
    assert reading.words is not None
    assert reading.words[1] - reading.words[0] <= 2 * LONGEST_SPAN


def test_a_sentence_without_a_token_is_not_read() -> None:
    offsets = [None, (0, 3)]
    first, second = read_sentences(logits(0, 1), logits(0, 1), offsets, ((0, 5), (6, 9)))
    assert first.words == (0, 3)
    assert second == UNREAD
    assert read_sentences(logits(0), logits(0), [None], ((0, 5),)) == [UNREAD]


@given(st.lists(st.integers(1, 128), max_size=20), st.integers(1, 8))
def test_each_window_is_read_once_and_no_core_has_much_more(lengths: list[int], cores: int) -> None:
    batches = list(shared_out(lengths, cores))
    assert sorted(place for batch in batches for place in batch) == list(range(len(lengths)))
    assert len(batches) <= cores
    for batch in batches:
        assert sum(lengths[place] for place in batch) <= sum(lengths) / cores + max(lengths)
