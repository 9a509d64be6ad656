"""How well the time in a question is understood, and whether it finds the right articles."""

import json
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from bench.results import Figure
from bench.sets import open_archive, read_set
from index.period import Period, Selection, moments
from index.store import Store
from qa.answer import Answer, Citation, Question
from qa.ask import Asker
from qa.evaluate import Judged, evaluate
from qa.question import open_lines
from qa.timex.extract import read_asked_time

_HERE = Path(__file__).parent
SAMPLE, OF_THE_SAMPLE = _HERE.parent / "articles", _HERE.parent / "tests/quality/dated.jsonl"
OF_TWO_ARTICLES = _HERE / "dated_articles.jsonl"
# Written later and phrased differently, to find what the others missed.
OTHERWISE = (_HERE / "dated_otherwise_sample.jsonl", _HERE / "dated_otherwise_articles.jsonl")
# When questions are asked, unless they say.
ASKED_AT = "2026-01-31T12:00:00Z"
# The live blog does not mention its year.
_LIVE_BLOG, _ITS_DAY = "003_ba3ba30f98bc394c.txt", "2022-09-30"


@dataclass(frozen=True, slots=True)
class Dated:
    """A question and the time that it must be read as, None if no time bounds it."""

    question: Question
    after: str | None
    before: str | None
    gold: str
    is_declined: bool

    def is_right(self, answer: Answer) -> bool:
        """The right range, everything shown is inside it, and the answer is among it.

        The citations are shown, or the nearest passages if there are none.
        """
        when = answer.understood_when
        bounds = (when.after, when.before) if when is not None and when.is_exact else (None, None)
        if bounds != (self.after, self.before):
            return False
        shown = answer.citations or answer.nearest
        if self.is_declined:
            return not answer.citations
        if not all(self.holds(citation) for citation in shown) or not shown:
            return False
        return self.gold in "\n".join(each.passage.text for each in shown)

    def holds(self, citation: Citation) -> bool:
        """Whether the passage is from that time."""
        period = replace(self.question, after=self.after, before=self.before).selection.period
        return period == Period() or _lies_in(citation, Selection(period))


def measure_dates(eval_dir: Path, indexes: Path) -> list[Figure]:
    """The rows of `bench.understanding` about dates."""
    figures = [*_realtimeqa(eval_dir, indexes)]
    dated = list(_dated(SAMPLE, indexes / "sample", OF_THE_SAMPLE))
    otherwise = list(_dated(SAMPLE, indexes / "sample", OTHERWISE[0]))
    articles = eval_dir.parent / "articles"
    if articles.is_dir():
        own = _with_its_day(articles, indexes / "two-articles.sources")
        dated += _dated(own, indexes / "two-articles", OF_TWO_ARTICLES)
        otherwise += _dated(own, indexes / "two-articles", OTHERWISE[1])
    return [*figures, _counted(dated, "", "57"), _counted(otherwise, " phrased otherwise", "")]


def _counted(dated: Sequence[tuple[Dated, bool]], how: str, at_least: str) -> Figure:
    right = sum(is_right for _, is_right in dated)
    title = f"{len(dated)} dated questions{how} on the sample and two real articles"
    return Figure(title, "right time, only passages inside it", str(right), at_least)


def read_dated(path: Path) -> list[Dated]:
    """The questions of a file."""
    with open_lines(path) as lines:
        return [_read(json.loads(line)) for line in lines]


def ask_dated(asker: Asker, path: Path) -> Iterator[tuple[Dated, Answer]]:
    """Each question with its answer."""
    for dated in read_dated(path):
        yield dated, asker.ask(dated.question)


def question_dates(eval_dir: Path) -> dict[str, str]:
    """The day on which each question of RealTimeQA was asked, by its id."""
    with open_lines(eval_dir / "realtimeqa" / "queries.jsonl.gz") as lines:
        rows = [json.loads(line) for line in lines]
    return {row["_id"]: row["question_date"].replace("/", "-") for row in rows}


def _realtimeqa(eval_dir: Path, indexes: Path) -> Iterator[Figure]:
    data_set = read_set("realtimeqa", eval_dir, indexes)
    days = question_dates(eval_dir)
    asked = [replace(each, asked_at=days[each.id or ""]) for each in data_set.questions]
    judged = Judged(asked, data_set.judgings[0].judged.judgements)
    data = indexes / "realtimeqa"
    with closing(open_archive(data_set.archive, data)) as opened:
        for title, searcher in (("no time", opened.searcher), ("time", opened.asker)):
            found = evaluate(judged, searcher.search).measures
            measured = f"{found['hit@1']:.3f} / {found['hit@5']:.3f}"
            named = f"gold article hit@1 / hit@5, with {title} understood"
            yield Figure("realtimeqa, asked on its day", named, measured, _floor(title))
        spent = median(_spent(opened.store, asked))
        yield Figure("realtimeqa", "reading the time, median, ms", f"{spent:.2f}", "3 at most")


def _floor(title: str) -> str:
    return "0.75 / 0.93" if title == "time" else ""


def _spent(store: Store, questions: Sequence[Question]) -> Iterator[float]:
    for question in questions:
        started = time.perf_counter()
        read_asked_time(question.text, question.asked_at or ASKED_AT, store.days)
        yield (time.perf_counter() - started) * 1000


def _dated(archive: Path, data: Path, questions: Path) -> Iterator[tuple[Dated, bool]]:
    with closing(open_archive(archive, data)) as opened:
        for dated, answer in ask_dated(opened.asker, questions):
            if not (is_right := dated.is_right(answer)):
                print(f"not right: {dated.question.text} {answer.understood_when}")
            yield dated, is_right


def _with_its_day(articles: Path, copy: Path) -> Path:
    """A copy of the two articles, with the day of the live blog beside it."""
    shutil.copytree(articles, copy, dirs_exist_ok=True)
    sidecar = copy / f"{_LIVE_BLOG}.meta.json"
    sidecar.write_text(json.dumps({"published": _ITS_DAY}), encoding="utf-8")
    return copy


def _read(row: dict[str, Any]) -> Dated:
    return Dated(
        question=Question(row["question"], asked_at=row.get("asked_at", ASKED_AT)),
        after=row["after"],
        before=row["before"],
        gold=row.get("gold", ""),
        is_declined=row.get("declined", False),
    )


def _lies_in(citation: Citation, selection: Selection) -> bool:
    when = moments(citation.article, citation.passage.entry)
    first, last = selection.period.earliest, selection.period.latest
    return (
        when.is_known
        and (first is None or when.earliest >= first.seconds)
        and (last is None or when.latest <= last.seconds)
    )
