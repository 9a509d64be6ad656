"""How well questions are understood: their dates, their history, and when to say no.

    python -m bench.understanding EVAL_DIR [--indexes DIR] [--parts dates,…] [--write]

EVAL_DIR holds the data sets; an index of each is built in DIR where it is not there yet. Dates
are measured by `bench.dated`. The weights of confidence in force were fitted on some of these
questions: what `bench.fit_confidence` prints is of questions that a fit has not seen. `--write`
puts the table into `bench/RESULTS.md`.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median

import numpy as np
from sklearn.metrics import roc_auc_score

from bench.conversations import (
    Asked,
    article_of_hit,
    inscit_conversations,
    page_conversations,
    passage_of_hit,
    score,
)
from bench.covering import (
    CLAPNQ,
    HALVES,
    NEAR,
    TALK,
    Covering,
    read_covering,
)
from bench.dated import measure_dates
from bench.results import Figure, circumstances, table, write_section
from bench.sets import Opened, open_archive, read_set
from index.settings import STRICTNESS
from qa.answer import Question
from qa.answerability import THRESHOLDS, confidence
from qa.evaluate import read_judged
from qa.rank.matching import Flags, Floats
from qa.search import Searcher
from qa.understand.followup import understand

_HEAD = ("data", "figure", "measured", "at least")
MOST_PAIRS = 500
_WHAT = "among the first 5: any / share of what answers"
_BINS = 10
_TIMED = 200
# The more than a hundred lines that the quality tests ask of the sample archive.
_TALK = Path(__file__).parent.parent / "tests" / "quality" / "small_talk.txt"


def main(arguments: Sequence[str]) -> int:
    """Measure the parts one after another, print the table."""
    options = _parser().parse_args(arguments)
    options.indexes.mkdir(parents=True, exist_ok=True)
    figures: list[Figure] = []
    for name in options.parts:
        figures += PARTS[name](options.folder, options.indexes)
    report = f"{_heading()}\n\n{markdown(figures)}"
    print(report)
    if options.write:
        write_section("understanding", report)
    return 0


def markdown(figures: Iterable[Figure]) -> str:
    """A row for each figure."""
    rows = [(each.data, each.figure, each.measured, each.at_least) for each in figures]
    return table(_HEAD, rows, left=2)


def calibration_error(chances: Floats, covered: Floats | Flags) -> float:
    """By ten bins of equal width: how far the mean chance lies from the share (Guo et al., 2017).

    >>> round(calibration_error(np.array([0.25, 0.25, 0.95]), np.array([0.0, 1.0, 1.0])), 3)
    0.183
    """
    bins = np.minimum((chances * _BINS).astype(np.int64), _BINS - 1)
    return sum(
        float(here.mean()) * abs(float(chances[here].mean()) - float(covered[here].mean()))
        for place in range(_BINS)
        if (here := bins == place).any()
    )


def measure_followups(eval_dir: Path, indexes: Path) -> list[Figure]:
    """INSCIT's conversations and pairs of questions on SQuAD's pages."""
    return [*_inscit(eval_dir, indexes), *_pages(eval_dir, indexes)]


def measure_confidence(eval_dir: Path, indexes: Path) -> list[Figure]:
    """How well covered questions are told from others, and what each threshold answers."""
    talk = _TALK.read_text(encoding="utf-8").splitlines()
    sets = read_covering(eval_dir, indexes, talk)
    sure = {
        name: np.array([confidence(row) for row in each.features]) for name, each in sets.items()
    }
    whole = open_archive(read_set("squad", eval_dir, indexes).archive, indexes / "squad")
    answers = [whole.asker.ask(Question(line)) for line in talk]
    # What is recognised as small talk has no confidence: it is never searched for.
    sure[TALK] = np.array([answer.confidence for answer in answers])
    halves = sets[HALVES].covered
    figures = [_area(sets, sure, HALVES, "0.985")]
    for strictness in STRICTNESS:
        threshold = THRESHOLDS[strictness]
        answered = (sure[HALVES][halves] >= threshold).mean()
        declined = (sure[HALVES][~halves] < threshold).mean()
        figures.append(
            Figure(
                HALVES,
                f"`{strictness}`: answered of those covered, declined of those not",
                f"{answered:.3f}; {declined:.3f}",
                "0.95; 0.94" if strictness == "balanced" else "",
            )
        )
    without = sum(not answer.citations for answer in answers)
    chances = np.concatenate([sure[name] for name in (HALVES, NEAR, CLAPNQ, TALK)])
    covered = np.concatenate([sets[name].covered for name in (HALVES, NEAR, CLAPNQ, TALK)])
    return [
        *figures,
        _area(sets, sure, NEAR, "0.72"),
        _area(sets, sure, CLAPNQ, "0.75"),
        Figure(TALK, f"without citations, of {len(talk)} lines", str(without), "98 of 100"),
        Figure(
            "all",
            "expected calibration error",
            f"{calibration_error(chances, covered):.3f}",
            "at most 0.06",
        ),
        Figure(
            HALVES,
            "deciding and quoting, median ms besides search",
            f"{_besides_search(whole, eval_dir):.2f}",
            "within 3",
        ),
    ]


def read_parts(listed: str) -> list[str]:
    """Names of parts from the command line.

    >>> read_parts("dates,confidence")
    ['dates', 'confidence']
    """
    names = listed.split(",")
    for name in names:
        if name not in PARTS:
            raise argparse.ArgumentTypeError(
                f"no part is named {name!r}: choose of {', '.join(PARTS)}"
            )
    return names


def _heading() -> str:
    return f"## Understanding\n\n{circumstances()} By `python -m bench.understanding EVAL_DIR`."


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.understanding",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, metavar="EVAL_DIR")
    parser.add_argument("--indexes", type=Path, default=Path("data/bench"))
    every = ",".join(PARTS)
    parser.add_argument("--parts", type=read_parts, default=every, help="(default: %(default)s)")
    parser.add_argument("--write", action="store_true", help="write bench/RESULTS.md, too")
    return parser


def _inscit(eval_dir: Path, indexes: Path) -> list[Figure]:
    data_set, data = read_set("inscit", eval_dir, indexes), indexes / "inscit"
    with closing(open_archive(data_set.archive, data)) as opened:
        searcher, asker = opened.searcher, opened.asker

        def cite(question: Question) -> tuple[str, ...]:
            return tuple(citation.passage.id for citation in asker.ask(question).citations)

        asked = inscit_conversations(eval_dir, cite)
        later = [one for one in asked if not one.is_first]
        lacking = [one for one in later if not one.is_alone]
        others = [one for one in asked if one.is_first or one.is_alone]
        return [
            _compared("INSCIT, turns after the first", later, searcher, "+0.050 over alone"),
            _with_given_history(later, searcher),
            _compared("of these, what does not stand alone", lacking, searcher),
            _compared("first turns and what stands alone", others, searcher, "-0.010 of alone"),
            _time_understanding(later, searcher),
        ]


def _pages(eval_dir: Path, indexes: Path) -> list[Figure]:
    data_set, data = read_set("pages", eval_dir, indexes), indexes / "pages"
    with closing(open_archive(data_set.archive, data)) as opened:
        search = opened.searcher.search
        asked = page_conversations(data_set, MOST_PAIRS)
        alone = score(asked, Asked.without_history, search, passage_of_hit)
        found = score(asked, lambda one: one.question, search, passage_of_hit)
        title = f"SQuAD's pages, what does not stand alone, n = {len(asked)}"
        return [Figure(title, f"alone · with history, {_WHAT}", f"{alone} · {found}")]


def _compared(title: str, asked: Sequence[Asked], searcher: Searcher, at_least: str = "") -> Figure:
    forms = (Asked.without_history, lambda one: one.question, Asked.joined)
    found = [score(asked, form, searcher.search, article_of_hit) for form in forms]
    return Figure(
        f"{title}, n = {len(asked)}",
        f"alone · with history · last two joined, {_WHAT}",
        " · ".join(map(str, found)),
        at_least,
    )


def _with_given_history(asked: Sequence[Asked], searcher: Searcher) -> Figure:
    found = score(asked, Asked.with_given_history, searcher.search, article_of_hit)
    return Figure("the same, the history as texts, answers of people among them", _WHAT, str(found))


def _time_understanding(asked: Sequence[Asked], searcher: Searcher) -> Figure:
    """The time of understanding alone, without search."""
    took = []
    for one in asked:
        started = time.perf_counter()
        understand(one.question)
        took.append((time.perf_counter() - started) * 1000)
    return Figure("the same", "understanding, median, ms", f"{median(took):.2f}", "3 at most")


def _area(
    sets: Mapping[str, Covering], sure: Mapping[str, Floats], name: str, at_least: str
) -> Figure:
    area = roc_auc_score(sets[name].covered, sure[name])
    return Figure(name, "AUROC of `confidence`", f"{area:.4f}", at_least)


def _besides_search(opened: Opened, eval_dir: Path) -> float:
    """The time of an answer beyond its search; the question is already encoded."""
    judged = read_judged(eval_dir / "squad").questions
    asker, took = opened.asker, []
    for question in judged[:: len(judged) // _TIMED]:
        opened.searcher.rank(question)
        started = time.perf_counter()
        opened.searcher.rank(question)
        searched = time.perf_counter()
        asker.ask(question)
        took.append((time.perf_counter() - searched - (searched - started)) * 1000)
    return float(np.median(took))


PARTS: Mapping[str, Callable[[Path, Path], list[Figure]]] = {
    "dates": measure_dates,
    "followups": measure_followups,
    "confidence": measure_confidence,
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
