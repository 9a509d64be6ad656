"""What a generation knows of all its passages together; changes to it make the next one's."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.analysis import Analyzer, Codes, spelling_analyzer, term_codes
from index.forms.folding import folded
from index.forms.taught import Form, taught_forms
from index.period import Days
from index.store.base import Counts
from index.store.catalogue import Numbered
from index.store.columns import OF_ROWS, OF_TERMS, day_pairs
from index.store.table import Table

# A form has words and spaces only.
_STANDS_FOR = "="
_Name = TypeVar("_Name")
_Day = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts of passages, except `sources` and `dates`, which count articles.

    `holding` says how many passages have each of `codes`, which are in order, and `words` how many
    terms they have in all, as BM25 counts them; `terms` leaves out those outside of sentences,
    titles and headings. `spellings` says how many that all may read spell a word so, `closed` how
    many others; `forms` how many that all may read teach a form, which stands before what it is
    for; `days` how many are from a day, by the ordinals of its first and last. `dates` are those of
    publication or update, without an embargo. `bytes` is what is sent to Milvus of all.
    """

    counts: Counts
    terms: int
    words: int
    bytes: int
    codes: Codes
    holding: NDArray[np.int64]
    spellings: Mapping[str, int]
    closed: Mapping[str, int]
    forms: Mapping[str, int]
    days: Mapping[_Day, int]
    sources: Mapping[str, int]
    dates: Mapping[str, int]

    @property
    def mean_length(self) -> float:
        """Mean number of terms per passage, as BM25 counts them."""
        return self.words / max(self.counts.passages, 1)

    @property
    def newest(self) -> str | None:
        """The latest date of an article without an embargo."""
        return max(self.dates, default=None)

    def holding_of(self, codes: Codes) -> NDArray[np.int64]:
        """How many passages have each of these."""
        if not len(self.codes):
            return np.zeros(len(codes), np.int64)
        places = np.minimum(np.searchsorted(self.codes, codes), len(self.codes) - 1)
        return np.where(self.codes[places] == codes, self.holding[places], 0)

    def all_spellings(self) -> list[tuple[str, int]]:
        """Every word, and how many passages that all may read spell it so."""
        return list((dict.fromkeys(self.closed, 0) | dict(self.spellings)).items())

    def all_forms(self) -> list[Form]:
        """Every form that a passage which all may read teaches, with what it stands for."""
        split = (form.partition(_STANDS_FOR) for form in self.forms)
        return [(short, words) for short, _, words in split]

    def all_days(self) -> Days:
        """The days that passages are from."""
        found = np.array(sorted(self.days), np.int64).reshape(-1, 2)
        return Days(found[:, 0], found[:, 1])

    def changed(self, added: "Statistics", removed: "Statistics") -> "Statistics":
        """Those of the same passages with some added and some removed."""
        codes, holding = _summed(
            np.concatenate([self.codes, added.codes, removed.codes]),
            np.concatenate([self.holding, added.holding, -removed.holding]),
        )
        return Statistics(
            counts=self.counts + added.counts - removed.counts,
            terms=self.terms + added.terms - removed.terms,
            words=self.words + added.words - removed.words,
            bytes=self.bytes + added.bytes - removed.bytes,
            codes=codes,
            holding=holding,
            spellings=_changed(self.spellings, added.spellings, removed.spellings),
            closed=_changed(self.closed, added.closed, removed.closed),
            forms=_changed(self.forms, added.forms, removed.forms),
            days=_changed(self.days, added.days, removed.days),
            sources=_changed(self.sources, added.sources, removed.sources),
            dates=_changed(self.dates, added.dates, removed.dates),
        )


NOTHING = Statistics(
    Counts(0, 0, 0), 0, 0, 0, np.zeros(0, np.uint32), np.zeros(0, np.int64), {}, {}, {}, {}, {}, {}
)


def count(table: Table, articles: Iterable[Numbered]) -> Statistics:
    """The statistics of articles, whose passages are those of the table."""
    columns, told = table.columns, list(articles)
    passages = len(columns)
    pairs, counts = day_pairs(columns)
    dated = (each.article for each in told if each.article.embargo is None)
    dates = [max(article.published or "", article.updated or "") for article in dated]
    said = _words(table, told)
    codes, holding = _holding(said.codes)
    return Statistics(
        # Every passage has one row more than sentences.
        counts=Counts(len(told), passages, int(columns.row_count.sum()) - passages),
        terms=int(columns.term_count.sum()),
        words=sum(map(len, said.codes)),
        bytes=_sent(table) + sum(len(each.article.text) for each in told),
        codes=codes,
        holding=holding,
        spellings=said.spellings,
        closed=said.closed,
        forms=said.forms,
        days=dict(zip(map(tuple, pairs.tolist()), counts.tolist(), strict=True)),
        sources=Counter(each.article.source for each in told if each.article.source is not None),
        dates=Counter(date for date in dates if date),
    )


def _sent(table: Table) -> int:
    """Vectors once as floats, and all that is read of passages as base64."""
    columns = table.columns
    arrays = [getattr(columns, name) for name in (*OF_ROWS, *OF_TERMS)]
    floats = len(columns) * columns.vectors.shape[1] * 4
    return int(floats + sum(array.nbytes for array in arrays) * 4 // 3)


def _holding(passages: Iterable[Codes]) -> tuple[Codes, NDArray[np.int64]]:
    """Each code once, in order, and how many passages have it."""
    once = [np.zeros(0, np.uint32), *map(np.unique, passages)]
    codes, holding = np.unique(np.concatenate(once), return_counts=True)
    return codes, holding.astype(np.int64)


@dataclass(frozen=True, slots=True)
class _Words:
    """How many passages spell each word, and teach each form; the terms of each, by their codes."""

    codes: list[Codes]
    spellings: Counter[str]
    closed: Counter[str]
    forms: Counter[str]


def _words(table: Table, articles: Iterable[Numbered]) -> _Words:
    analyzer, spelling = Analyzer(), spelling_analyzer()
    said = _Words([], Counter(), Counter(), Counter())
    passages = chain.from_iterable(table.words_of(each.number, each.article) for each in articles)
    for passage in passages:
        said.codes.append(term_codes(analyzer.terms(passage.words)))
        spelt = set(spelling.analyze(folded(passage.words)))
        if passage.is_open:
            said.spellings.update(spelt)
            said.forms.update(map(_STANDS_FOR.join, taught_forms(passage.words)))
        else:
            said.closed.update(spelt)
    return said


def _summed(codes: Codes, counts: NDArray[np.int64]) -> tuple[Codes, NDArray[np.int64]]:
    once, places = np.unique(codes, return_inverse=True)
    total = np.zeros(len(once), np.int64)
    np.add.at(total, places, counts)
    return once[total > 0], total[total > 0]


def _changed(
    held: Mapping[_Name, int], added: Mapping[_Name, int], removed: Mapping[_Name, int]
) -> Mapping[_Name, int]:
    total = Counter(held)
    total.update(added)
    total.subtract(removed)
    return +total


def to_arrays(statistics: Statistics) -> dict[str, Any]:
    """All of it, as arrays by name."""
    small = {
        "counts": asdict(statistics.counts),
        "terms": statistics.terms,
        "words": statistics.words,
        "bytes": statistics.bytes,
        "spellings": dict(statistics.spellings),
        "closed": dict(statistics.closed),
        "forms": dict(statistics.forms),
        "sources": dict(statistics.sources),
        "dates": dict(statistics.dates),
    }
    days = [(*day, passages) for day, passages in statistics.days.items()]
    return {
        "codes": statistics.codes,
        "holding": statistics.holding,
        "days": np.array(days, np.int64).reshape(-1, 3),
        "small": np.frombuffer(json.dumps(small, ensure_ascii=False).encode(), np.uint8),
    }


def from_arrays(arrays: Mapping[str, NDArray[Any]]) -> Statistics:
    """What `to_arrays` made arrays of."""
    small = json.loads(arrays["small"].tobytes())
    days = arrays["days"].tolist()
    return Statistics(
        **{**small, "counts": Counts(**small["counts"])},
        codes=arrays["codes"],
        holding=arrays["holding"],
        days={(first, last): passages for first, last, passages in days},
    )
