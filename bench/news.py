"""Whether the first quote answers, and whether a near miss is declined: the product as a whole.

    python -m bench.news EVAL_DIR [--data DIR] [--reader NAME] [--dated] [--write]

EVAL_DIR/news holds real articles and questions on them, written by hand: some that an article
answers, near misses on the same matter that none answers, and some on other matters. The index is
built in `--data` where it is not there yet. `--write` puts the tables into `bench/RESULTS.md`.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sklearn.metrics import roc_auc_score
from tqdm import tqdm

from bench.results import circumstances, table, write_section
from bench.sets import build_index
from index.encoders import ModelEncoder
from index.settings import DEFAULT_READER
from qa.answer import Answer, Hit, Question
from qa.evaluate.correct import AnswerScores, Checked, Expected, spans_of
from qa.live import LiveIndex
from qa.question import open_lines
from qa.read.loading import load_reader

T = TypeVar("T")

OFF_ARCHIVE = "off_archive"
DEPTH = 5


@dataclass(frozen=True, slots=True)
class NewsQuestion:
    """A question, and the words of an article that answer it; no article where none does.

    `sentence` is the one in the article in which the answer stands. `date` is an ISO date.
    """

    text: str
    kind: str
    is_answerable: bool
    article: str | None
    answers: tuple[str, ...]
    sentence: str
    date: str | None

    def is_in(self, hit: Hit) -> bool:
        """The passage holds the sentence that answers."""
        is_right_article = hit.passage.article_id == self.article
        return is_right_article and any(spans_of(self.sentence, hit.passage.text))

    @property
    def expected(self) -> Expected:
        """What an answer is checked against."""
        return Expected(Question(self.text), self.answers if self.is_answerable else ())


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one question."""

    asked: NewsQuestion
    hits: tuple[Hit, ...]
    answer: Answer

    @property
    def checked(self) -> Checked:
        """The answer beside what was expected."""
        return Checked(self.asked.expected, self.answer)

    @property
    def finds_article(self) -> bool:
        """The first passage is from the right article."""
        return any(hit.passage.article_id == self.asked.article for hit in self.hits[:1])

    def finds_passage(self, depth: int) -> bool:
        """A passage that holds the answer is among the first `depth`."""
        return any(map(self.asked.is_in, self.hits[:depth]))


def main(arguments: Sequence[str]) -> int:
    """Ask everything, print the tables."""
    parser = parser_of("news", __doc__, DEFAULT_READER)
    parser.add_argument(
        "--dated", action="store_true", help="ask each question on the day that it was asked"
    )
    options = parser.parse_args(arguments)
    with open_news(options) as (questions, live):
        outcomes = ask_all(questions, live, is_dated=options.dated)
    report = f"{_heading(options.dated)}\n\n{markdown(outcomes)}"
    print(report)
    if options.write:
        write_section("news", report)
    return 0


def parser_of(name: str, description: str | None, reader: str) -> argparse.ArgumentParser:
    """What a measurement on the news takes; `reader` is the one by default."""
    parser = argparse.ArgumentParser(
        prog=f"python -m bench.{name}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, metavar="EVAL_DIR")
    parser.add_argument("--data", type=Path, default=Path("data/bench/news"))
    parser.add_argument(
        "--reader", default=reader, metavar="NAME", help="as FOOTNOTE_READER (default: %(default)s)"
    )
    parser.add_argument("--write", action="store_true", help="write bench/RESULTS.md, too")
    return parser


@contextmanager
def open_news(options: argparse.Namespace) -> Iterator[tuple[list[NewsQuestion], LiveIndex]]:
    """The questions and the index of the articles, built if need be, by those options."""
    folder = options.folder / "news"
    encoder = ModelEncoder(options.data)
    build_index(folder / "corpus.jsonl.gz", options.data, encoder)
    reader = load_reader(options.reader, options.data)
    with closing(LiveIndex(options.data, encoder, encoder.model, reader=reader)) as live:
        yield read_questions(folder / "questions.jsonl.gz"), live


def read_questions(path: Path) -> list[NewsQuestion]:
    """The questions of a file, a line each."""
    with open_lines(path) as lines:
        rows = [json.loads(line) for line in lines]
    return [
        NewsQuestion(
            text=row["text"],
            kind=row["kind"],
            is_answerable=row["answerable"],
            article=row["article"],
            answers=tuple(row["answers"]),
            sentence=row["sentence"],
            date=(row["question_date"] or "").replace("/", "-") or None,
        )
        for row in rows
    ]


def ask_all(
    questions: Iterable[NewsQuestion], live: LiveIndex, *, is_dated: bool = False
) -> list[Outcome]:
    """Search for and answer each; asked on its own day if dated, else now."""
    outcomes = []
    for each in tqdm(questions, desc="news", unit=" questions"):
        question = Question(each.text, asked_at=each.date if is_dated else None)
        hits = tuple(live.search(question)[:DEPTH])
        outcomes.append(Outcome(each, hits, live.ask(question)))
    return outcomes


def markdown(outcomes: Sequence[Outcome]) -> str:
    """Both tables: of all questions, and of each kind of them."""
    return f"{_whole_table(outcomes)}\n\n{_kinds_table(outcomes)}"


def _whole_table(outcomes: Sequence[Outcome]) -> str:
    answerable = [each for each in outcomes if each.asked.is_answerable]
    others = [each for each in outcomes if not each.asked.is_answerable]
    near = [each for each in others if each.asked.kind != OFF_ARCHIVE]
    off = [each for each in others if each.asked.kind == OFF_ARCHIVE]
    scores = AnswerScores(tuple(each.checked for each in outcomes))
    rows = [
        ("right article first", _share(answerable, lambda each: each.finds_article)),
        ("right passage among the first 3", _share(answerable, lambda each: each.finds_passage(3))),
        ("right passage among the first 5", _share(answerable, lambda each: each.finds_passage(5))),
        ("first quote holds an answer", _share(answerable, _quotes)),
        ("marked words overlap an answer", _marking(scores, answerable)),
        *(
            (f"{name} of marked words, SQuAD's measure", _number(scores.measures[name]))
            for name in ("exact", "F1")
        ),
        ("wrongly refused", _share(answerable, _declines)),
        ("near misses declined", _share(near, _declines)),
        ("off-archive declined", _share(off, _declines)),
        ("AUROC of `confidence`, answerable against near misses", _area(answerable, near)),
        ("calibration error of `confidence`", _number(scores.measures["calibration error"])),
    ]
    return table(["", "measured"], rows)


def _kinds_table(outcomes: Sequence[Outcome]) -> str:
    """Kinds that are answerable first, each half by how many questions there are of it."""
    kinds = Counter((each.asked.is_answerable, each.asked.kind) for each in outcomes)
    rows = []
    for (is_answerable, kind), number in sorted(
        kinds.items(), key=lambda each: (not each[0][0], -each[1], each[0][1])
    ):
        some = [
            each
            for each in outcomes
            if (each.asked.is_answerable, each.asked.kind) == (is_answerable, kind)
        ]
        quoted = _share(some, _quotes) if is_answerable else ""
        rows.append(
            (
                kind.replace("_", " "),
                "yes" if is_answerable else "no",
                str(number),
                quoted,
                _share(some, _declines),
            )
        )
    head = ["kind", "answerable", "questions", "first quote holds an answer", "declined"]
    return table(head, rows, left=2)


def _share(all_of: Sequence[T], is_so: Callable[[T], bool]) -> str:
    if not all_of:
        return "none"
    count = sum(map(is_so, all_of))
    return f"{count / len(all_of):.3f} ({count} of {len(all_of)})"


def _quotes(outcome: Outcome) -> bool:
    return outcome.checked.quotes_answer


def _declines(outcome: Outcome) -> bool:
    return outcome.checked.is_refused


def _marking(scores: AnswerScores, answerable: Sequence[Outcome]) -> str:
    """Of all that are answerable; without a reader there is nothing to share."""
    if not scores.are_marked:
        return "none"
    return _share(answerable, lambda each: each.checked.marks_answer)


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.3f}"


def _area(answerable: Sequence[Outcome], near: Sequence[Outcome]) -> str:
    if not answerable or not near:
        return "none"
    sure = [each.answer.confidence for each in (*answerable, *near)]
    return f"{roc_auc_score([1] * len(answerable) + [0] * len(near), sure):.3f}"


def _heading(is_dated: bool) -> str:
    day = "each on its own day" if is_dated else "without a date"
    return (
        f"## News\n\n{circumstances()} By `python -m bench.news EVAL_DIR"
        f"{' --dated' if is_dated else ''}`: questions written by hand, asked {day}. Passages are "
        "those that a search finds, quotes those of the answer; a refusal holds no answer."
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
