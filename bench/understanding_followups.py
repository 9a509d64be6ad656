"""How well questions are understood from those before them; a part of `bench.understanding`."""

import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from statistics import median

from bench.conversations import (
    Asked,
    article_of_hit,
    inscit_conversations,
    page_conversations,
    passage_of_hit,
    score,
)
from bench.corpora import open_index
from bench.datasets import read_set
from bench.figure import Figure
from index.encoders import ModelEncoder
from qa.answer import Question
from qa.ask import Asker
from qa.rank.batching import SharedEncoder
from qa.search import Searcher
from qa.understand.followup import understand

MOST_PAIRS = 500
_WHAT = "among the first 5: any / share of what answers"


def measure(eval_dir: Path, indexes: Path) -> list[Figure]:
    """INSCIT's conversations and pairs of questions on SQuAD's pages."""
    return [*_inscit(eval_dir, indexes), *_pages(eval_dir, indexes)]


def _inscit(eval_dir: Path, indexes: Path) -> list[Figure]:
    data_set, data = read_set("inscit", eval_dir, indexes), indexes / "inscit"
    encoder = ModelEncoder(data)
    with closing(open_index(data_set.archive, data, encoder)) as snapshot:
        searcher = Searcher(snapshot, SharedEncoder(encoder))
        asker = Asker(snapshot, searcher)

        def cite(question: Question) -> tuple[str, ...]:
            return tuple(citation.passage.id for citation in asker.ask(question).citations)

        asked = inscit_conversations(eval_dir, cite)
        later = [one for one in asked if not one.is_first]
        lacking = [one for one in later if not one.is_alone]
        others = [one for one in asked if one.is_first or one.is_alone]
        return [
            _compared("INSCIT, turns after the first", later, searcher, "+0.050 over alone"),
            _told(later, searcher),
            _compared("of these, what does not stand alone", lacking, searcher),
            _compared("first turns and what stands alone", others, searcher, "-0.010 of alone"),
            _timed(later, searcher),
        ]


def _pages(eval_dir: Path, indexes: Path) -> list[Figure]:
    data_set, data = read_set("pages", eval_dir, indexes), indexes / "pages"
    encoder = ModelEncoder(data)
    with closing(open_index(data_set.archive, data, encoder)) as snapshot:
        searcher = Searcher(snapshot, SharedEncoder(encoder))
        asked = page_conversations(data_set, MOST_PAIRS)
        alone = score(asked, Asked.without_history, searcher.search, passage_of_hit)
        found = score(asked, lambda one: one.question, searcher.search, passage_of_hit)
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


def _told(asked: Sequence[Asked], searcher: Searcher) -> Figure:
    found = score(asked, Asked.as_told, searcher.search, article_of_hit)
    return Figure("the same, the history as texts, answers of people among them", _WHAT, str(found))


def _timed(asked: Sequence[Asked], searcher: Searcher) -> Figure:
    """What understanding costs, without the search for what was understood."""
    took = []
    for one in asked:
        started = time.perf_counter()
        understand(one.question)
        took.append((time.perf_counter() - started) * 1000)
    return Figure("the same", "understanding, median, ms", f"{median(took):.2f}", "3 at most")
