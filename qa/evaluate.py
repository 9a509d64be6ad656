"""How well the index finds what is marked as relevant: a folder in BEIR form, scored."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import ir_measures
from ir_measures import RR, Qrel, ScoredDoc, Success, nDCG

from index.errors import FootnoteError
from qa.answer import Hit, Question
from qa.batch import BadLine, open_lines, read_batch

_MEASURES = {
    "nDCG@10": nDCG @ 10,
    "hit@1": Success @ 1,
    "hit@3": Success @ 3,
    "hit@5": Success @ 5,
    "hit@10": Success @ 10,
    "MRR@10": RR @ 10,
}
# Several passages of one article count once, so more are asked for than are scored.
_DEPTH = 50
_QUERIES = ("queries.jsonl", "queries.jsonl.gz")
_JUDGEMENTS = ("qrels.tsv", "qrels/test.tsv")


class EvaluationError(FootnoteError):
    """A folder that cannot be evaluated."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Questions, and which articles are judged relevant to them."""

    questions: list[Question]
    judgements: list[Qrel]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The number of questions scored and each measure's mean over them."""

    questions: int
    measures: dict[str, float]


def evaluate(folder: Path, search: Callable[[Question], list[Hit]]) -> Evaluation:
    """Ask every judged question of the folder and score the articles found.

    Raises EvaluationError where the folder is not in BEIR form or judges no question.
    """
    judged = read_judged(folder)
    run = [scored for question in judged.questions for scored in _scored(question, search)]
    means = ir_measures.calc_aggregate(_MEASURES.values(), judged.judgements, run)
    return Evaluation(
        questions=len(judged.questions),
        measures={name: float(means[measure]) for name, measure in _MEASURES.items()},
    )


def read_judged(folder: Path) -> Judged:
    """The questions of a folder in BEIR form that are judged. Raises EvaluationError."""
    judgements = list(_judgements(_find(folder, _JUDGEMENTS)))
    ids = {judgement.query_id for judgement in judgements}
    questions = [
        question
        for question in read_batch(_find(folder, _QUERIES))
        if not isinstance(question, BadLine) and question.id in ids
    ]
    if not questions:
        raise EvaluationError(
            f"no question of {str(folder)!r} is both in the queries and the judgements: "
            "their ids must be the same"
        )
    asked = {question.id for question in questions}
    return Judged(questions, [one for one in judgements if one.query_id in asked])


def _scored(question: Question, search: Callable[[Question], list[Hit]]) -> Iterator[ScoredDoc]:
    hits = search(Question(text=question.text, id=question.id, k=_DEPTH))
    articles = dict.fromkeys(hit.passage.article_id for hit in hits)
    for rank, article_id in enumerate(articles):
        yield ScoredDoc(question.id or "", article_id, -float(rank))


def _judgements(path: Path) -> Iterator[Qrel]:
    with open_lines(path) as lines:
        for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            if len(row) == 3 and row[2].lstrip("-").isdigit():
                yield Qrel(row[0], row[1], int(row[2]))


def _find(folder: Path, names: tuple[str, ...]) -> Path:
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise EvaluationError(
        f"{str(folder)!r} has no {names[0]}: evaluate takes a folder with queries.jsonl and "
        "qrels.tsv (query id, article id, relevance)"
    )
