"""What each part of the ranking contributes, on every data set, and how well quotes answer.

    python -m bench.quality EVAL_DIR [--indexes DIR] [--sets squad,scifact,…] [--write]
    python -m bench.quality EVAL_DIR --against-original [--indexes DIR] [--sets squad,scifact]

EVAL_DIR holds the data sets; an index of each is built in DIR where it is not there yet. The
sample archive and its questions come with the code. It prints its tables, and with `--write` puts
them into `bench/RESULTS.md`. The second form prints what running the model on ONNX Runtime costs
against the original: both are scored as `qa evaluate` does, each on an index of its own.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from bench.ablation import (
    ALL,
    DEPTH,
    STAGES,
    WITHOUT,
    Figures,
    KnownVectors,
    Means,
    Scores,
    measure_stages,
)
from bench.results import circumstances, table, write_section
from bench.sets import SETS, DataSet, open_index, read_set
from index.embed import Encoder
from index.encoders import ModelEncoder
from index.encoders.files import ENCODER, read_exported
from index.encoders.transformer import TransformerEncoder
from index.sentences import count_words
from index.settings import DEFAULT_READER
from index.store import Store
from qa.answer import Answer, Citation
from qa.ask import Asker
from qa.evaluate import Evaluation, evaluate, read_judged
from qa.quote import best_sentence, quote_at
from qa.rank.batching import SharedEncoder
from qa.read.loading import load_reader
from qa.search import Searcher
from qa.understand.query import QueryEncoder

_MEASURES = ("hit@1", "hit@5", "nDCG@10")
_LEFT_OUT = ("hit@1", "nDCG@10")
_IN_BEIR_FORM = ("squad", "scifact")
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
- What changes if the weight of one feature is zero; the others stay as fitted."""
_QUOTES_NOTE = """\
- First citation: end to end, so that a wrong passage or no answer counts against it. The right
  passage is one that is judged right and holds an answer, wherever it ranks."""
_SETS_NOTE = """\
- Ranking: all but the encoding of the question, one question at a time."""


@dataclass(frozen=True, slots=True)
class Quotes:
    """Shares, and the totals that they are of.

    `first_right` is of all `questions`: the first citation's quote holds an answer. `right_given`
    is of the `given`, passages that hold an answer and are among the candidates: so does the
    quote found in them. `longest`, in words, and `one_sentence` are of all citations.
    """

    questions: int
    first_right: float
    given: int
    right_given: float
    citations: int
    longest: int
    one_sentence: float


@dataclass(frozen=True, slots=True)
class Result:
    """The results of one data set; quotes only if it has answer texts."""

    figures: Figures
    quotes: Quotes | None


def main(arguments: Sequence[str]) -> int:
    """Measure every set, print the tables."""
    options = _parser().parse_args(arguments)
    options.indexes.mkdir(parents=True, exist_ok=True)
    if options.against_original:
        names = options.sets or _IN_BEIR_FORM
        print(fidelity_table(options.folder, options.indexes, names))
        return 0
    results = []
    for name in options.sets or SETS:
        data = options.indexes / name
        data_set = read_set(name, options.folder, options.indexes)
        results.append(measure(data_set, data, ModelEncoder(data)))
    report = f"{_heading()}\n\n{markdown(results)}"
    print(report)
    if options.write:
        write_section("quality", report)
    return 0


def measure(data_set: DataSet, data: Path, encoder: Encoder) -> Result:
    """Measure one set, with its index in `data`, which is built if it does not exist."""
    with closing(open_index(data_set.archive, data, encoder)) as store:
        known = KnownVectors(encoder, data_set.questions)
        figures = measure_stages(data_set, store, known)
        quotes = measure_quotes(data_set, store, known) if data_set.answers else None
    return Result(figures, quotes)


def measure_quotes(data_set: DataSet, store: Store, encoder: QueryEncoder) -> Quotes:
    """Ask every question end to end, and quote from each right passage, too."""
    searcher = Searcher(store, encoder)
    asker = Asker(store, searcher, reader=load_reader(DEFAULT_READER, Path()))
    watched = tqdm(data_set.questions, desc=f"{data_set.name}, quotes", unit=" questions")
    asked = [asker.ask(question) for question in watched]
    given = list(_given(data_set, store, searcher))
    cited = [citation for answer in asked for citation in answer.citations]
    return Quotes(
        questions=len(asked),
        first_right=_share(_first_is_right(answer, data_set) for answer in asked),
        given=len(given),
        right_given=_share(given),
        citations=len(cited),
        longest=max((count_words(citation.quote) for citation in cited), default=0),
        one_sentence=_share(_is_one_sentence(citation) for citation in cited),
    )


def fidelity_table(folder: Path, indexes: Path, names: Iterable[str]) -> str:
    """Each measure of sets in BEIR form with both encoders, and the difference."""
    rows = []
    for name in names:
        data = indexes / name
        exported = _evaluate(folder / name, data, ModelEncoder(data))
        original = _evaluate(folder / name, indexes / f"{name}-original", TransformerEncoder())
        for measure_, value in original.measures.items():
            other = exported.measures[measure_]
            rows.append([name, measure_, f"{value:.4f}", f"{other:.4f}", f"{other - value:+.4f}"])
        kept = read_exported(data / ENCODER)
        if kept is not None:
            rows.append([name, "mean cosine at the export", "1", str(kept.cosine), ""])
    return table(["set", "measure", "original", "exported", "difference"], rows, left=2)


def markdown(results: Sequence[Result]) -> str:
    """Every table, each with notes on how to read it."""
    figures = [result.figures for result in results]
    scores = [each for one in figures for each in one.scores]
    parts = [stages_table(scores), _STAGES_NOTE, without_table(scores), _WITHOUT_NOTE]
    for result in results:
        if result.quotes is not None:
            parts += [quotes_table(result.figures.name, result.quotes), _QUOTES_NOTE]
    return "\n\n".join([*parts, sets_table(figures), _SETS_NOTE])


def stages_table(scores: Sequence[Scores]) -> str:
    """A row for each set and measure, a column for each stage."""
    rows = [
        [each.title, measure, *(f"{each.stages[stage][measure]:.3f}" for stage in STAGES)]
        for each in scores
        for measure in _MEASURES
    ]
    return table(["set", "measure", *STAGES], rows, left=2)


def without_table(scores: Sequence[Scores]) -> str:
    """A row for each feature left out, a column for each set."""
    whole = [_pair(each.stages[ALL]) for each in scores]
    rows = [[ALL, *whole]] + [
        [f"without {left_out}", *(_changes(each, left_out) for each in scores)]
        for left_out in WITHOUT
    ]
    return table([" · ".join(_LEFT_OUT), *(each.title for each in scores)], rows)


def quotes_table(name: str, quotes: Quotes) -> str:
    """A row for each figure."""
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
    cells = [[title, value, f"{counts[what]:,} {what}"] for title, value, what in rows]
    return table([f"quotes, {name}", "", "of"], cells)


def sets_table(figures: Sequence[Figures]) -> str:
    """A row for each set: its size, and how long ranking takes."""
    rows = [
        [one.name, f"{one.passages:,}", f"{one.questions:,}", f"{one.ms:.1f}"] for one in figures
    ]
    return table(["set", "passages", "questions", "ranking, median, ms"], rows)


def read_names(listed: str) -> list[str]:
    """Names of sets from the command line.

    >>> read_names("squad,sample")
    ['squad', 'sample']
    """
    names = listed.split(",")
    unknown = [name for name in names if name not in SETS]
    if unknown:
        raise argparse.ArgumentTypeError(
            f"no set is named {unknown[0]!r}: choose of {', '.join(SETS)}"
        )
    return names


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.quality",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, metavar="EVAL_DIR")
    parser.add_argument("--indexes", type=Path, default=Path("data/bench"))
    parser.add_argument("--sets", type=read_names, help=f"of {', '.join(SETS)} (default: all)")
    parser.add_argument(
        "--against-original",
        action="store_true",
        help=f"compare the exported model with it (default sets: {', '.join(_IN_BEIR_FORM)})",
    )
    parser.add_argument("--write", action="store_true", help="write bench/RESULTS.md, too")
    return parser


def _heading() -> str:
    return (
        f"## Quality\n\n{circumstances()} By `python -m bench.quality EVAL_DIR`; scored by "
        "qa.evaluate.measures, articles ranked by their best passage."
    )


def _given(data_set: DataSet, store: Store, searcher: Searcher) -> Iterator[bool]:
    """For each passage that answers, whether the quote found in it does."""
    judging = data_set.judgings[0]
    right = {(one.query_id, one.doc_id) for one in judging.judged.judgements}
    for question in data_set.questions:
        answers = data_set.answers[question.id or ""]
        ranking = searcher.rank(question)
        for candidate in ranking.best():
            located = store.locate(candidate.key)
            passage = located.passage
            if (question.id, judging.name_of(located)) in right and _holds(passage.text, answers):
                place = best_sentence(ranking.query, candidate.sentences, passage)
                span = quote_at(passage, place)
                yield _holds(passage.words(span), answers)
                break


def _first_is_right(answer: Answer, data_set: DataSet) -> bool:
    answers = data_set.answers[answer.question.id or ""]
    return any(_holds(citation.quote, answers) for citation in answer.citations[:1])


def _is_one_sentence(citation: Citation) -> bool:
    return (citation.quote_start, citation.quote_end) in citation.passage.sentences


def _holds(words: str, answers: Iterable[str]) -> bool:
    return any(answer in words for answer in answers)


def _share(flags: Iterable[bool]) -> float:
    listed = list(flags)
    return sum(listed) / max(len(listed), 1)


def _evaluate(folder: Path, data: Path, encoder: Encoder) -> Evaluation:
    store = open_index(folder / "corpus.jsonl.gz", data, encoder)
    return evaluate(read_judged(folder), Searcher(store, SharedEncoder(encoder)).search)


def _changes(scores: Scores, left_out: str) -> str:
    whole, rest = scores.stages[ALL], scores.without[left_out]
    changes = (rest[measure] - whole[measure] for measure in _LEFT_OUT)
    # Adding zero turns -0 into 0.
    return " · ".join(f"{round(change, 3) + 0.0:+.3f}" for change in changes)


def _pair(means: Means) -> str:
    return " · ".join(f"{means[measure]:.3f}" for measure in _LEFT_OUT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
