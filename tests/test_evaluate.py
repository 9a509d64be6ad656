"""Measures of ranking, worked out by hand on three articles and three questions."""

import gzip
from collections.abc import Callable, Iterator
from math import log2
from pathlib import Path

import pytest

from index.article import Passage
from qa.answer import Hit, Question
from qa.evaluate import EvaluationError, evaluate, evaluation_json, read_judged, show_evaluation
from qa.evaluate.measures import hit, ndcg, recall, reciprocal_rank

QUERIES = [
    '{"_id": "1", "text": "the dam?"}',
    '{"_id": "2", "text": "the flood?"}',
    '{"_id": "3", "text": "the comet?"}',
]
QRELS = "query-id\tcorpus-id\tscore\n1\tdam\t1\n2\tflood\t1\n3\tcomet\t1\n"
# The dam first, the flood second, the comet not at all.
RANKINGS = {"1": ["dam", "flood"], "2": ["comet", "flood", "dam"], "3": []}
ANSWERED = [
    '{"_id": "1", "text": "the dam?", "article": "dam", "answers": ["the river"], "kind": "plain"}',
    "",
    '{"question": "the flood?", "answerable": true, "answers": ["in May"], "article": null}',
    '{"text": "the comet?", "article": "comet", "answers": [], "answerable": false}',
]
FOUND = ("a", "b", "c")


def ranking(by_id: dict[str, list[str]]) -> Callable[[Question], list[Hit]]:
    """A search that answers each question's id with these articles, in this order."""

    def search(question: Question) -> list[Hit]:
        names = by_id[question.id or ""]
        return [Hit(Passage(name, n, n + 1, "x", ()), 9.0 - n) for n, name in enumerate(names)]

    return search


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "queries.jsonl").write_text("\n".join(QUERIES), encoding="utf-8")
    (tmp_path / "qrels.tsv").write_text(QRELS, encoding="utf-8")
    return tmp_path


def measures(folder: Path, rankings: dict[str, list[str]]) -> dict[str, float]:
    return evaluate(read_judged(folder), ranking(rankings)).measures


def test_every_measure_is_its_mean_over_the_questions(folder: Path) -> None:
    evaluation = evaluate(read_judged(folder), ranking(RANKINGS))
    assert evaluation.questions == 3
    assert evaluation.measures == pytest.approx(
        {
            "nDCG@10": (1 + 1 / log2(3) + 0) / 3,
            "hit@1": (1 + 0 + 0) / 3,
            "hit@3": (1 + 1 + 0) / 3,
            "hit@5": (1 + 1 + 0) / 3,
            "hit@10": (1 + 1 + 0) / 3,
            "MRR@10": (1 + 1 / 2 + 0) / 3,
        }
    )


def test_a_perfect_ranking_scores_one_and_an_empty_one_nothing(folder: Path) -> None:
    perfect = measures(folder, {"1": ["dam"], "2": ["flood"], "3": ["comet"]})
    assert set(perfect.values()) == {1.0}
    assert set(measures(folder, {"1": [], "2": [], "3": []}).values()) == {0.0}


def test_several_passages_of_an_article_count_once(folder: Path) -> None:
    found = measures(folder, RANKINGS | {"2": ["comet", "comet", "flood", "comet"]})
    assert found["MRR@10"] == pytest.approx((1 + 1 / 2 + 0) / 3)


def test_the_order_is_the_searchs_own_whatever_the_ids(folder: Path) -> None:
    names = [f"x{number}" for number in range(8)]
    ranks = {"1": [*names, "dam"], "2": [*reversed(names), "flood"], "3": ["comet"]}
    assert measures(folder, ranks)["MRR@10"] == pytest.approx((1 / 9 + 1 / 9 + 1) / 3)


def test_what_is_found_below_the_tenth_place_counts_nothing(folder: Path) -> None:
    names = [f"x{number}" for number in range(10)]
    found = measures(folder, {"1": [*names, "dam"], "2": [*names[:9], "flood"], "3": []})
    assert found["hit@10"] == pytest.approx(1 / 3)
    assert found["MRR@10"] == pytest.approx(1 / 10 / 3)


def test_grades_of_relevance_count_in_ndcg(folder: Path) -> None:
    (folder / "qrels.tsv").write_text("1\tdam\t2\n1\tflood\t1\n", encoding="utf-8")
    swapped = measures(folder, RANKINGS | {"1": ["flood", "dam"]})["nDCG@10"]
    assert swapped == pytest.approx((1 + 2 / log2(3)) / (2 + 1 / log2(3)))
    assert measures(folder, RANKINGS)["nDCG@10"] == pytest.approx(1)


def test_only_judged_questions_are_asked(folder: Path) -> None:
    (folder / "qrels.tsv").write_text("1\tdam\t1\n", encoding="utf-8")
    asked: list[str | None] = []

    def search(question: Question) -> list[Hit]:
        asked.append(question.id)
        return ranking(RANKINGS)(question)

    assert evaluate(read_judged(folder), search).questions == 1
    assert asked == ["1"]


def test_beirs_layout_and_gzip_are_read(folder: Path) -> None:
    plain = evaluate(read_judged(folder), ranking(RANKINGS))
    packed = gzip.compress((folder / "queries.jsonl").read_bytes())
    (folder / "queries.jsonl").unlink()
    (folder / "queries.jsonl.gz").write_bytes(packed)
    (folder / "qrels").mkdir()
    (folder / "qrels.tsv").replace(folder / "qrels" / "test.tsv")
    assert evaluate(read_judged(folder), ranking(RANKINGS)) == plain


@pytest.mark.parametrize("name", ["queries.jsonl", "qrels.tsv"])
def test_a_missing_file_is_named_with_what_the_folder_must_hold(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(EvaluationError, match=rf"has no {name}: evaluate takes a folder with"):
        evaluate(read_judged(folder), ranking(RANKINGS))


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="nowhere"):
        evaluate(read_judged(tmp_path / "nowhere"), ranking(RANKINGS))


@pytest.mark.parametrize("judged", ["a\tdam\t1\n", "", "query-id\tcorpus-id\tscore\n", "1 dam 1\n"])
def test_questions_and_judgements_without_a_common_id_are_an_error(
    folder: Path, judged: str
) -> None:
    (folder / "qrels.tsv").write_text(judged, encoding="utf-8")
    with pytest.raises(EvaluationError, match="ids must be the same"):
        evaluate(read_judged(folder), ranking(RANKINGS))


def test_a_csv_of_questions_and_article_ids_is_judged_like_a_folder(
    folder: Path, tmp_path: Path
) -> None:
    told = tmp_path / "judged.csv"
    rows = ["question,article id", "the dam?,dam", "the flood?,flood", "", "the comet?,comet"]
    told.write_text("\n".join(rows), encoding="utf-8-sig")
    by_line = {"2": RANKINGS["1"], "3": RANKINGS["2"], "5": RANKINGS["3"]}
    assert evaluate(read_judged(told), ranking(by_line)).measures == measures(folder, RANKINGS)


def test_a_question_that_stands_twice_in_a_csv_has_two_right_articles(tmp_path: Path) -> None:
    told = tmp_path / "judged.csv"
    told.write_text('"Dam, or flood?",dam\n"Dam, or flood?",flood\n', encoding="utf-8")
    judged = read_judged(told)
    assert [question.text for question in judged.questions] == ["Dam, or flood?"]
    assert evaluate(judged, ranking({"1": ["flood", "dam"]})).measures["nDCG@10"] == 1


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("the dam?\n", r"line 1 of .*judged.csv' is 'the dam\?': write question,article id"),
        ("q,dam\nthe dam?,\n", r"line 2 .* is 'the dam\?,': write"),
        ("q,dam,1\n", "line 1 .* is 'q,dam,1': write"),
        ("???,dam\n", "line 1 .*has no words"),
        ("question,article id\n", "judges no question: write question,article id"),
        ("", "judges no question"),
    ],
)
def test_a_csv_that_cannot_be_read_is_told_by_line_with_the_form_to_write(
    tmp_path: Path, rows: str, told: str
) -> None:
    (tmp_path / "judged.csv").write_text(rows, encoding="utf-8")
    with pytest.raises(EvaluationError, match=told):
        read_judged(tmp_path / "judged.csv")


def test_the_interval_holds_the_mean_and_is_the_same_each_time(folder: Path) -> None:
    evaluation = evaluate(read_judged(folder), ranking(RANKINGS))
    for name, interval in evaluation.intervals.items():
        assert interval.low <= evaluation.measures[name] <= interval.high
    assert evaluation.intervals == evaluate(read_judged(folder), ranking(RANKINGS)).intervals


def test_where_all_questions_score_alike_the_interval_is_that_score(folder: Path) -> None:
    perfect = {"1": ["dam"], "2": ["flood"], "3": ["comet"]}
    found = evaluate(read_judged(folder), ranking(perfect)).intervals
    assert {(interval.low, interval.high) for interval in found.values()} == {(1.0, 1.0)}


def test_every_question_is_watched_once(folder: Path) -> None:
    watched: list[Question] = []

    def watch(questions: list[Question]) -> Iterator[Question]:
        for question in questions:
            watched.append(question)
            yield question

    judged = read_judged(folder)
    evaluate(judged, ranking(RANKINGS), watch)
    assert watched == judged.questions


def test_the_report_has_a_line_a_question_where_asked_for(folder: Path) -> None:
    evaluation = evaluate(read_judged(folder), ranking(RANKINGS))
    lines = show_evaluation(evaluation, per_question=True).splitlines()
    head = "id nDCG@10 hit@1 hit@3 hit@5 hit@10 MRR@10".split()
    assert lines[0].split("\t") == [*head, "found first", "question"]
    second = f"{1 / log2(3):.3f}"
    assert lines[2].split("\t") == [
        "2",
        second,
        "0.000",
        *["1.000"] * 3,
        "0.500",
        "comet",
        "the flood?",
    ]
    assert lines[3].split("\t")[-2:] == ["-", "the comet?"]
    assert lines[5].startswith("3 questions")
    assert show_evaluation(evaluation, per_question=False).splitlines() == lines[5:]


def test_the_report_as_json_has_means_intervals_and_what_was_found(folder: Path) -> None:
    evaluation = evaluate(read_judged(folder), ranking(RANKINGS))
    told = evaluation_json(evaluation, per_question=True)
    assert told["questions"] == 3
    assert told["measures"]["hit@1"]["mean"] == pytest.approx(1 / 3)
    assert 0 <= told["measures"]["hit@1"]["low"] <= 1 / 3 <= told["measures"]["hit@1"]["high"]
    assert [each["found"] for each in told["per_question"]] == list(RANKINGS.values())
    assert "per_question" not in evaluation_json(evaluation, per_question=False)


@pytest.mark.parametrize("name", ["questions.jsonl", "questions.jsonl.gz"])
@pytest.mark.parametrize("by_folder", [True, False])
def test_questions_with_answers_are_read_from_a_file_or_the_folder_of_it(
    tmp_path: Path, name: str, *, by_folder: bool
) -> None:
    body = "\n".join(ANSWERED).encode()
    (tmp_path / name).write_bytes(gzip.compress(body) if name.endswith(".gz") else body)
    judged = read_judged(tmp_path if by_folder else tmp_path / name)
    told = [(each.question.id, each.answers, each.is_answerable) for each in judged.expected]
    assert told == [("1", ("the river",), True), ("2", ("in May",), True), ("3", (), False)]
    assert judged.answering() == {"1": {"dam"}}
    assert [question.id for question in judged.questions] == ["1"]


def test_queries_may_have_answers_beside_judgements(folder: Path) -> None:
    assert read_judged(folder).expected == ()
    lines = [
        QUERIES[0][:-1] + ', "answers": ["the river"]}',
        QUERIES[1],
        '{"_id": "9", "text": "the ferry?", "answerable": false}',
    ]
    (folder / "queries.jsonl").write_text("\n".join(lines), encoding="utf-8")
    judged = read_judged(folder)
    assert [(each.question.id, each.answers) for each in judged.expected] == [
        ("1", ("the river",)),
        ("9", ()),
    ]
    assert [question.id for question in judged.questions] == ["1", "2"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"text": "the dam?"}', r"'the dam\?' in .* has no answers: write"),
        ('{"text": "the dam?", "answers": [" "]}', "has no answers"),
        ('{"text": "the dam?", "answers": "the river"}', "has no answers"),
        ("the dam?", "line 1 of .*is invalid JSON"),
        ('{"text": "???", "answers": ["x"]}', "line 1 of .*has no words"),
        ("", "has no questions: write"),
    ],
)
def test_questions_without_answers_are_told_with_the_form_to_write(
    tmp_path: Path, line: str, told: str
) -> None:
    (tmp_path / "questions.jsonl").write_text(line, encoding="utf-8")
    with pytest.raises(EvaluationError, match=told):
        read_judged(tmp_path)


def test_a_gain_is_discounted_by_its_rank_and_set_against_the_best_order() -> None:
    gained = 1 / log2(2) + 3 / log2(4)
    best = 3 / log2(2) + 2 / log2(3) + 1 / log2(4)
    assert ndcg(FOUND, {"a": 1, "c": 3, "d": 2}, depth=3) == pytest.approx(gained / best)


def test_what_lies_below_the_depth_counts_for_nothing() -> None:
    assert ndcg(FOUND, {"a": 1, "b": 1}, depth=1) == 1
    assert hit(FOUND, {"b": 1}, depth=1) == 0
    assert reciprocal_rank(FOUND, {"c": 1}, depth=2) == 0
    assert recall(FOUND, {"a": 1, "c": 1}, depth=2) == 1 / 2


def test_the_first_that_is_relevant_decides_hit_and_reciprocal_rank() -> None:
    assert hit(FOUND, {"b": 2, "c": 1}, depth=3) == 1
    assert reciprocal_rank(FOUND, {"b": 2, "c": 1}, depth=3) == 1 / 2


@pytest.mark.parametrize("measure", [ndcg, hit, reciprocal_rank, recall])
@pytest.mark.parametrize("relevance", [{}, {"a": 0}, {"a": -1}])
def test_where_nothing_is_relevant_nothing_is_gained(
    measure: type, relevance: dict[str, int]
) -> None:
    assert measure(FOUND, relevance, depth=10) == 0


def test_what_is_marked_as_wrong_takes_nothing_away() -> None:
    assert ndcg(FOUND, {"a": -1, "b": 1}, depth=3) == pytest.approx(1 / log2(3))
    assert recall(FOUND, {"a": -1, "b": 1}, depth=3) == 1
