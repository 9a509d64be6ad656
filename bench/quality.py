"""What each part of the ranking brings, on every data set, and how well quotes answer.

    python -m bench.quality EVAL_DIR [--indexes DIR] [--sets squad,scifact,…] [--write]

EVAL_DIR holds the data sets; an index of each is built in DIR where it is not there yet. The
sample archive and its questions come with the code. It prints its tables, and with `--write` puts
them into `bench/RESULTS.md`.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bench.ablation import Figures, KnownVectors, Means, Scores, measure_stages
from bench.corpora import open_index
from bench.datasets import SETS, DataSet, read_set
from bench.quoting import Quotes, measure_quotes
from bench.results import circumstances, write_section
from bench.stages import ALL, DEPTH, STAGES, WITHOUT
from index.embed import Encoder
from index.encoders import ModelEncoder

_MEASURES = ("hit@1", "hit@5", "nDCG@10")
_LEFT_OUT = ("hit@1", "nDCG@10")


@dataclass(frozen=True, slots=True)
class Result:
    """All of one data set; quotes only where it has words that answer."""

    figures: Figures
    quotes: Quotes | None


def main(arguments: Sequence[str]) -> int:
    """Measure every set, print the tables."""
    options = _parser().parse_args(arguments)
    options.indexes.mkdir(parents=True, exist_ok=True)
    results = []
    for name in options.sets:
        data = options.indexes / name
        data_set = read_set(name, options.folder, options.indexes)
        results.append(measure(data_set, data, ModelEncoder(data)))
    report = f"{_heading()}\n\n{markdown(results)}"
    print(report)
    if options.write:
        write_section("quality", report)
    return 0


def measure(data_set: DataSet, data: Path, encoder: Encoder) -> Result:
    """Everything about one set, by its index in `data`, which is built where it is not there."""
    with closing(open_index(data_set.archive, data, encoder)) as snapshot:
        known = KnownVectors(encoder, data_set.questions)
        figures = measure_stages(data_set, snapshot, known)
        quotes = measure_quotes(data_set, snapshot, known) if data_set.answers else None
    return Result(figures, quotes)


def markdown(results: Sequence[Result]) -> str:
    """Every table, each with what has to be known to read it."""
    figures = [result.figures for result in results]
    scores = [each for one in figures for each in one.scores]
    parts = [stages_table(scores), _STAGES_NOTE, without_table(scores), _WITHOUT_NOTE]
    for result in results:
        if result.quotes is not None:
            parts += [quotes_table(result.figures.name, result.quotes), _QUOTES_NOTE]
    return "\n\n".join([*parts, sets_table(figures), _SETS_NOTE])


def stages_table(scores: Sequence[Scores]) -> str:
    """A line a set and measure, a column a stage."""
    rows = [
        [each.title, measure, *(f"{each.stages[stage][measure]:.3f}" for stage in STAGES)]
        for each in scores
        for measure in _MEASURES
    ]
    return _table(["set", "measure", *STAGES], rows, left=2)


def without_table(scores: Sequence[Scores]) -> str:
    """A line a measure that is left out, a column a set."""
    whole = [_pair(each.stages[ALL]) for each in scores]
    rows = [[ALL, *whole]] + [
        [f"without {left_out}", *(_changes(each, left_out) for each in scores)]
        for left_out in WITHOUT
    ]
    return _table([" · ".join(_LEFT_OUT), *(each.title for each in scores)], rows)


def quotes_table(name: str, quotes: Quotes) -> str:
    """A line a figure."""
    rows = [
        ["first citation's quote holds an answer", f"{quotes.first_right:.3f}", "questions"],
        ["quote of the right passage holds it", f"{quotes.right_given:.3f}", "passages"],
        ["longest quote, words", f"{quotes.longest}", "citations"],
        ["quotes of one sentence", f"{quotes.one_sentence:.3f}", "citations"],
    ]
    counts = {
        "questions": quotes.questions,
        "passages": quotes.given,
        "citations": quotes.citations,
    }
    told = [[title, value, f"{counts[what]:,} {what}"] for title, value, what in rows]
    return _table([f"quotes, {name}", "", "of"], told)


def sets_table(figures: Sequence[Figures]) -> str:
    """A line a set: its size, and how long ranking takes."""
    rows = [
        [one.name, f"{one.passages:,}", f"{one.questions:,}", f"{one.ms:.1f}"] for one in figures
    ]
    return _table(["set", "passages", "questions", "ranking, median, ms"], rows)


def read_names(told: str) -> list[str]:
    """Names of sets as they are told on the command line.

    >>> read_names("squad,sample")
    ['squad', 'sample']
    """
    names = told.split(",")
    unknown = [name for name in names if name not in SETS]
    if unknown:
        raise argparse.ArgumentTypeError(
            f"no set is named {unknown[0]!r}: choose of {', '.join(SETS)}"
        )
    return names


def _changes(scores: Scores, left_out: str) -> str:
    whole, rest = scores.stages[ALL], scores.without[left_out]
    changes = (rest[measure] - whole[measure] for measure in _LEFT_OUT)
    # Zero is added for what rounds to -0.
    return " · ".join(f"{round(change, 3) + 0.0:+.3f}" for change in changes)


def _pair(means: Means) -> str:
    return " · ".join(f"{means[measure]:.3f}" for measure in _LEFT_OUT)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> str:
    """In Markdown; the first `left` columns hold words, the others numbers."""
    rule = ["---"] * left + ["---:"] * (len(head) - left)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))


def _heading() -> str:
    return (
        f"## Quality\n\n{circumstances()} By `python -m bench.quality EVAL_DIR`; scored by "
        "ir-measures, articles ranked by their best passage."
    )


_STAGES_NOTE = f"""\
- Passage vectors and BM25 alone give their {DEPTH} best passages, fused by reciprocal rank
  (k = 60). The floor is the sum of the z-scores of passage cosine, best sentence cosine and BM25
  over the candidates of a question; all evidence is the ranking that answers are taken from.
- inscit: only the questions that open a dialogue. clapnq: the answerable questions, over the
  passages of the unanswerable, too. sample: the archive that comes with the code, by the article
  and by the passage that answers.
- `bench.fit` fits the weights to all of these but the sample. pages: SQuAD's paragraphs put
  together to the pages that they are from."""

_WITHOUT_NOTE = """\
- What changes where the weight of one measure is zero; the others stay as fitted together."""

_QUOTES_NOTE = """\
- First citation: end to end, so that a wrong passage or no answer counts against it. The right
  passage is one that is judged right and holds an answer, wherever it ranks."""

_SETS_NOTE = """\
- Ranking: all but the encoding of the question, one question at a time."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.quality",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, metavar="EVAL_DIR")
    parser.add_argument("--indexes", type=Path, default=Path("data/bench"))
    every = ",".join(SETS)
    parser.add_argument("--sets", type=read_names, default=every, help="(default: %(default)s)")
    parser.add_argument("--write", action="store_true", help="write bench/RESULTS.md, too")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
