"""Questions of which it is known what answers them: a folder in BEIR form, or a simple CSV."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ir_measures import Qrel

from index.errors import FootnoteError
from qa.answer import Question
from qa.batch import BadLine, open_lines, read_batch
from qa.question import BadQuestionError, read_question

_QUERIES = ("queries.jsonl", "queries.jsonl.gz")
_JUDGEMENTS = ("qrels.tsv", "qrels/test.tsv")
_CSV_FORM = "question,article id (a line for each article that answers)"


class EvaluationError(FootnoteError):
    """What cannot be evaluated."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Questions, and which articles are judged relevant to them."""

    questions: list[Question]
    judgements: list[Qrel]

    def answering(self) -> dict[str, set[str]]:
        """The ids of what answers, by the id of each question that something answers."""
        found: dict[str, set[str]] = {}
        for judgement in self.judgements:
            if judgement.relevance > 0:
                found.setdefault(judgement.query_id, set()).add(judgement.doc_id)
        return found


def read_judged(path: Path) -> Judged:
    """The judged questions of a folder in BEIR form or of a CSV file. Raises EvaluationError."""
    return _read_csv(path) if path.is_file() else _read_folder(path)


def _read_folder(folder: Path) -> Judged:
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


def _read_csv(path: Path) -> Judged:
    """The id of a question is the number of the first line that asks it."""
    ids: dict[str, str] = {}
    questions, judgements = list[Question](), list[Qrel]()
    for number, text, article in _csv_rows(path):
        if text not in ids:
            ids[text] = str(number)
            questions.append(_csv_question(path, number, text))
        judgements.append(Qrel(ids[text], article, 1))
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
        f"qrels.tsv (query id, article id, relevance), or a CSV file of {_CSV_FORM}"
    )
