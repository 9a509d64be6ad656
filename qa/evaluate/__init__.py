"""How well the index finds what is marked as relevant.

Questions of which it is known what answers them: a folder in BEIR form, a file of questions with
their answers, or a simple CSV.

An evaluation told: as a table for people, as JSON for programs.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from index.errors import FootnoteError
from qa.answer import Hit, Question
from qa.evaluate.correct import Expected
from qa.evaluate.measures import Judgement, Relevance, hit, ndcg, reciprocal_rank
from qa.present.terminal import plain
from qa.present.wire import Json
from qa.question import BadLine, BadQuestionError, open_lines, read_batch, read_question

_QUERIES = ("queries.jsonl", "queries.jsonl.gz")
_JUDGEMENTS = ("qrels.tsv", "qrels/test.tsv")
_ANSWERED = ("questions.jsonl", "questions.jsonl.gz")
_ANSWERED_FORM = (
    '{"question": "…", "answers": ["…"]} a line, or "answerable": false; "article" is the id of '
    "the one that answers"
)
_CSV_FORM = "question,article id (a line for each article that answers)"


class EvaluationError(FootnoteError):
    """What cannot be evaluated."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Questions, and which articles are judged relevant to them.

    `expected` are those of which it is known with which words articles answer them, or that none
    does; these need not be among `questions`.
    """

    questions: list[Question]
    judgements: list[Judgement]
    expected: tuple[Expected, ...] = ()

    def answering(self) -> dict[str, set[str]]:
        """The ids of what answers, by the id of each question that something answers."""
        found: dict[str, set[str]] = {}
        for judgement in self.judgements:
            if judgement.relevance > 0:
                found.setdefault(judgement.query_id, set()).add(judgement.doc_id)
        return found


def read_judged(path: Path) -> Judged:
    """What a folder or a file judges. Raises EvaluationError.

    A folder is in BEIR form, whose queries may have `answers`, or holds questions.jsonl; a file is
    such a file of questions with `answers`, or a CSV.
    """
    if path.is_file():
        return _read_answered(path) if ".jsonl" in path.suffixes else _read_csv(path)
    answered = _first_of(path, _ANSWERED)
    if answered is not None and _first_of(path, _QUERIES) is None:
        return _read_answered(answered)
    return _read_folder(path)


def _read_folder(folder: Path) -> Judged:
    judgements = list(_judgements(_find(folder, _JUDGEMENTS)))
    ids = {judgement.query_id for judgement in judgements}
    queries = _find(folder, _QUERIES)
    every = [question for question in read_batch(queries) if not isinstance(question, BadLine)]
    questions = [question for question in every if question.id in ids]
    if not questions:
        raise EvaluationError(
            f"no question of {str(folder)!r} is both in the queries and the judgements: "
            "their ids must be the same"
        )
    asked = {question.id for question in questions}
    told = {each.id: each.answers for each in _told(queries) if each.answers is not None}
    expected = tuple(Expected(each, told[each.id]) for each in every if each.id in told)
    return Judged(questions, [one for one in judgements if one.query_id in asked], expected)


def _read_answered(path: Path) -> Judged:
    """The id of a question without one is the number of its line among those that ask."""
    questions, expected, judgements = list[Question](), list[Expected](), list[Judgement]()
    asked = (each for each in read_batch(path))
    for number, (question, told) in enumerate(zip(asked, _told(path), strict=True), start=1):
        if isinstance(question, BadLine):
            raise EvaluationError(f"line {question.number} of {str(path)!r}: {question.error}")
        if told.answers is None:
            raise EvaluationError(
                f"{question.text!r:.80} in {str(path)!r} has no answers: write {_ANSWERED_FORM}"
            )
        known = question if question.id else replace(question, id=str(number))
        expected.append(Expected(known, told.answers))
        if told.answers and told.article:
            questions.append(known)
            judgements.append(Judgement(known.id or "", told.article, 1))
    if not expected:
        raise EvaluationError(f"{str(path)!r} has no questions: write {_ANSWERED_FORM}")
    return Judged(questions, judgements, tuple(expected))


@dataclass(frozen=True, slots=True)
class _Told:
    """What a line tells beside its question; `answers` are None where it tells nothing of them."""

    id: str | None
    answers: tuple[str, ...] | None
    article: str | None


def _told(path: Path) -> Iterator[_Told]:
    """Of each line that is not blank."""
    with open_lines(path) as lines:
        for line in lines:
            if line.strip():
                yield _told_by(line)


def _told_by(line: str) -> _Told:
    record: object = None
    # Invalid JSON is reported where it is read as a question.
    with suppress(ValueError, RecursionError):
        record = json.loads(line)
    if not isinstance(record, dict):
        return _Told(None, None, None)
    own, article = record.get("id", record.get("_id")), record.get("article")
    answers: tuple[str, ...] | None = None
    if record.get("answerable") is False:
        answers = ()
    elif isinstance(record.get("answers"), list):
        answers = tuple(text for text in map(str, record["answers"]) if text.strip()) or None
    return _Told(
        None if own is None else str(own), answers, article if isinstance(article, str) else None
    )


def _read_csv(path: Path) -> Judged:
    """The id of a question is the number of the first line that asks it."""
    ids: dict[str, str] = {}
    questions, judgements = list[Question](), list[Judgement]()
    for number, text, article in _csv_rows(path):
        if text not in ids:
            ids[text] = str(number)
            questions.append(_csv_question(path, number, text))
        judgements.append(Judgement(ids[text], article, 1))
    if not questions:
        raise EvaluationError(f"{str(path)!r} judges no question: write {_CSV_FORM}")
    return Judged(questions, judgements)


def _csv_rows(path: Path) -> Iterator[tuple[int, str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.reader(lines)
        for row in rows:
            told = [cell.strip() for cell in row]
            if not any(told) or (rows.line_num == 1 and told[0].lower() == "question"):
                continue
            if len(told) != 2 or not all(told):
                raise EvaluationError(
                    f"line {rows.line_num} of {str(path)!r} is {','.join(row)!r:.80}: "
                    f"write {_CSV_FORM}"
                )
            yield rows.line_num, told[0], told[1]


def _csv_question(path: Path, number: int, text: str) -> Question:
    try:
        return read_question({"question": text, "id": str(number)})
    except BadQuestionError as error:
        raise EvaluationError(f"line {number} of {str(path)!r}: {error}") from None


def _judgements(path: Path) -> Iterator[Judgement]:
    with open_lines(path) as lines:
        for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            if len(row) == 3 and row[2].lstrip("-").isdigit():
                yield Judgement(row[0], row[1], int(row[2]))


def _find(folder: Path, names: tuple[str, ...]) -> Path:
    found = _first_of(folder, names)
    if found is not None:
        return found
    raise EvaluationError(
        f"{str(folder)!r} has no {names[0]}: evaluate takes a folder with queries.jsonl and "
        f"qrels.tsv (query id, article id, relevance), a CSV file of {_CSV_FORM}, or questions "
        f"with answers in questions.jsonl, {_ANSWERED_FORM}"
    )


def _first_of(folder: Path, names: tuple[str, ...]) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_file()), None)


Measure = Callable[[Sequence[str], Relevance], float]
MEASURES: Mapping[str, Measure] = {
    "nDCG@10": partial(ndcg, depth=10),
    "hit@1": partial(hit, depth=1),
    "hit@3": partial(hit, depth=3),
    "hit@5": partial(hit, depth=5),
    "hit@10": partial(hit, depth=10),
    "MRR@10": partial(reciprocal_rank, depth=10),
}
# Several passages of one article count once, so more are asked for than are scored.
_DEPTH = 50
_RESAMPLES = 1000
_CONFIDENCE = 95
_SEED = 1


@dataclass(frozen=True, slots=True)
class Interval:
    """Where the mean of a measure lies with 95 % confidence, were other such questions asked."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Scored:
    """One question: its measures, and the articles found, best first."""

    question: Question
    measures: dict[str, float]
    found: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Every question's score; means and intervals follow from them."""

    scored: tuple[Scored, ...]

    @property
    def questions(self) -> int:
        """How many were asked."""
        return len(self.scored)

    @property
    def measures(self) -> dict[str, float]:
        """The mean of each measure over the questions."""
        return {name: float(np.mean(self._values(name))) for name in MEASURES}

    @property
    def intervals(self) -> dict[str, Interval]:
        """By the percentile bootstrap (Efron, 1979) over the questions."""
        rows = np.random.default_rng(_SEED).integers(
            self.questions, size=(_RESAMPLES, self.questions)
        )
        return {
            name: _interval(np.array(self._values(name))[rows].mean(axis=1)) for name in MEASURES
        }

    def _values(self, name: str) -> list[float]:
        return [one.measures[name] for one in self.scored]


def evaluate(
    judged: Judged,
    search: Callable[[Question], list[Hit]],
    watch: Callable[[list[Question]], Iterable[Question]] = iter,
) -> Evaluation:
    """Ask every judged question and score the articles found.

    `watch` gives the questions one by one, and may show how far it is.
    """
    found = {question.id or "": _articles(question, search) for question in watch(judged.questions)}
    return score(judged, found)


def score(judged: Judged, found: Mapping[str, tuple[str, ...]]) -> Evaluation:
    """Score what was found for the id of each question: ids, best first, each once."""
    relevance: dict[str, dict[str, int]] = defaultdict(dict)
    for one in judged.judgements:
        relevance[one.query_id][one.doc_id] = one.relevance
    return Evaluation(
        tuple(
            _scored(question, found[question.id or ""], relevance[question.id or ""])
            for question in judged.questions
        )
    )


def _scored(question: Question, found: tuple[str, ...], relevance: Relevance) -> Scored:
    measures = {name: measure(found, relevance) for name, measure in MEASURES.items()}
    return Scored(question, measures, found)


def _articles(question: Question, search: Callable[[Question], list[Hit]]) -> tuple[str, ...]:
    hits = search(replace(question, history=(), k=_DEPTH))
    return tuple(dict.fromkeys(hit.passage.article_id for hit in hits))


def _interval(means: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> Interval:
    tail = (100 - _CONFIDENCE) / 2
    low, high = np.percentile(means, [tail, 100 - tail])
    return Interval(float(low), float(high))


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
