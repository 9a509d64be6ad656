"""An evaluation told: as a table for people, as JSON for programs."""

from collections.abc import Iterator
from dataclasses import asdict

from qa.evaluate import MEASURES, Evaluation, Scored
from qa.terminal import plain
from qa.wire import Json


def show_evaluation(evaluation: Evaluation, *, per_question: bool) -> str:
    """Each mean with its 95 % interval; with `per_question`, first a line for each question."""
    return "\n".join(_lines(evaluation, per_question=per_question))


def evaluation_json(evaluation: Evaluation, *, per_question: bool) -> Json:
    """The same, with every article that was found."""
    intervals = evaluation.intervals
    measures = {
        name: {"mean": value, **asdict(intervals[name])}
        for name, value in evaluation.measures.items()
    }
    body: Json = {"questions": evaluation.questions, "measures": measures}
    if per_question:
        body["per_question"] = [_scored_json(scored) for scored in evaluation.scored]
    return body


def _lines(evaluation: Evaluation, *, per_question: bool) -> Iterator[str]:
    if per_question:
        yield "\t".join(["id", *MEASURES, "found first", "question"])
        yield from (_line(scored) for scored in evaluation.scored)
        yield ""
    yield f"{evaluation.questions} questions"
    intervals = evaluation.intervals
    for name, value in evaluation.measures.items():
        low, high = intervals[name].low, intervals[name].high
        yield f"{name:<8} {value:.4f}   {low:.4f} to {high:.4f}"
    yield "after each mean, where it would lie 95 times of 100 with other such questions"


def _line(scored: Scored) -> str:
    values = [f"{scored.measures[name]:.3f}" for name in MEASURES]
    first = scored.found[0] if scored.found else "-"
    told = [scored.question.id or "", *values, first, scored.question.text]
    return "\t".join(plain(each) for each in told)


def _scored_json(scored: Scored) -> Json:
    return {
        "id": scored.question.id,
        "question": scored.question.text,
        "measures": scored.measures,
        "found": list(scored.found),
    }
