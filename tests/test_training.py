"""The recipe of the reader: its open data, its windows and its loss."""

import math
import random
from dataclasses import replace
from pathlib import Path

import torch

from training.model import loss_of, make_batch
from training.rows import Row, load_rows, read_lines, save_rows
from training.windows import Drawer, Reader, Window, exchange

QUESTIONS = Path(__file__).parent.parent / "training" / "questions.jsonl.gz"
CONTEXT = "The mill burned in May. It was rebuilt by Ida Holm in 1904. Rain fell."
ROW = Row(
    question="who put the mill up again",
    title="The mill",
    context=CONTEXT,
    sentences=((0, 23), (24, 59), (60, 70)),
    answers=((42, 50),),
    whole=False,
    family="written",
    kind="written:paraphrase",
)


def test_every_answer_of_the_open_questions_stands_where_it_is_said_to() -> None:
    rows = list(read_lines(QUESTIONS))
    assert len(rows) == 11_760
    assert sum(not row["answers"] for row in rows) == 5_880
    assert len({row["id"] for row in rows}) == len(rows)
    for row in rows:
        for answer in row["answers"]:
            start = answer["start"]
            assert row["context"][start : start + len(answer["text"])] == answer["text"]


def test_rows_are_read_as_they_were_saved(tmp_path: Path) -> None:
    rows = [ROW, replace(ROW, answers=(), others=(0,), held=True)]
    save_rows(tmp_path / "rows.jsonl.gz", rows)
    assert load_rows(tmp_path / "rows.jsonl.gz") == rows


def test_an_answer_marked_in_a_window_is_the_answer() -> None:
    reader = Reader()
    drawer = Drawer([ROW], reader, random.Random(5))
    answered = [window for _ in range(40) if (window := drawer.draw(ROW)) and window.answers]
    assert answered
    for window in answered:
        [(start, end)] = window.answers
        assert reader.tokenizer.decode(window.ids[start : end + 1].tolist()) == "ida holm"


def window(*answers: tuple[int, int]) -> Window:
    # [CLS] q [SEP] a b [SEP]: two tokens of text, so three spans.
    ids = torch.tensor([101, 2054, 102, 1037, 1038, 102]).numpy()
    return Window(ids, question_length=3, text=3, answers=answers, inside=False)


def test_the_loss_is_of_all_spans_of_the_text_and_of_none() -> None:
    start, end = torch.zeros(1, 6), torch.zeros(1, 6)
    start[0, 3], end[0, 4] = 1.0, 2.0
    spans = [1 + 0, 1 + 2, 0 + 2]
    total = sum(map(math.exp, spans)) + math.exp(0)
    answered = loss_of(start, end, make_batch([window((3, 4))]))
    assert math.isclose(answered.item(), -math.log(math.exp(1 + 2) / total), rel_tol=1e-5)
    nothing = loss_of(start, end, make_batch([window()]))
    assert math.isclose(nothing.item(), -math.log(1 / total), rel_tol=1e-5)


def test_an_answer_longer_than_a_span_may_be_is_not_marked() -> None:
    reader = Reader()
    long = " ".join(["gull"] * 40)
    text = reader.text_of(f"It said {long} today.", ((0, 5 * 40 + 14),))
    front = reader.front("what did it say", "")
    spans = [(2, 41), (2, 3)]
    assert reader.window(front, text, 0, 0, spans).answers == ((8, 9),)
    assert len(reader.window(front, text, 0, 0, spans, inside=True).answers) == 2


def test_a_question_with_another_number_of_its_text_is_not_answered_by_its_answer() -> None:
    asked = replace(
        ROW, question="Who rebuilt it in 1904?", context=CONTEXT + " It closed in 1951."
    )
    drawer = Drawer([asked], Reader(), random.Random(5))
    drawn = [window for _ in range(60) if (window := drawer.draw(asked))]
    decode = drawer.reader.tokenizer.decode
    changed = [window for window in drawn if "in 1951?" in decode(window.ids.tolist())]
    assert changed
    assert any("ida holm in 1904" in decode(window.ids.tolist()) for window in changed)
    assert not any(window.answers for window in changed)


def test_a_question_is_never_exchanged_for_itself_or_for_a_common_word() -> None:
    chance = random.Random(1)
    assert exchange("who came in 1904", "It rained in 1904. Then it rained.", chance) is None
    assert (
        exchange("who saw Ida Holm", "There Ida Holm met the king, and The king left.", chance)
        is None
    )


def test_a_window_of_another_context_stands_under_the_title_of_that_one() -> None:
    other = replace(ROW, title="The bridge", context="The king put up the bridge.", answers=())
    other = replace(other, sentences=((0, 27),))
    drawer = Drawer([replace(ROW, others=(1,)), other], Reader(), random.Random(3))
    drawn = [window for _ in range(60) if (window := drawer.draw(drawer.rows[0]))]
    told = [drawer.reader.tokenizer.decode(window.ids.tolist()) for window in drawn]
    elsewhere = [text for text in told if "put up the bridge" in text]
    assert any(text.count("the bridge") == 2 for text in elsewhere)
    # Once, in the question.
    assert {text.count("the mill") for text in elsewhere} == {1}
