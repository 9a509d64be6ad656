"""How often the quote of an answer holds the words that answer."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tqdm import tqdm

from bench.datasets import DataSet
from index.split import count_words
from index.store import Store
from qa.answer import Answer, Citation
from qa.ask import Asker
from qa.quote import find_quote
from qa.search import Searcher
from qa.understand.query import QueryEncoder


@dataclass(frozen=True, slots=True)
class Quotes:
    """Shares, and what they are of.

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


def measure_quotes(data_set: DataSet, snapshot: Store, encoder: QueryEncoder) -> Quotes:
    """Ask everything, end to end, and quote from each right passage, too."""
    searcher = Searcher(snapshot, encoder)
    asker = Asker(snapshot, searcher)
    watched = tqdm(data_set.questions, desc=f"{data_set.name}, quotes", unit=" questions")
    asked = [asker.ask(question) for question in watched]
    given = list(_given(data_set, snapshot, searcher))
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


def _given(data_set: DataSet, snapshot: Store, searcher: Searcher) -> Iterator[bool]:
    """For each passage that answers, whether the quote found in it does."""
    judging = data_set.judgings[0]
    right = {(one.query_id, one.doc_id) for one in judging.judged.judgements}
    for question in data_set.questions:
        told = data_set.answers[question.id or ""]
        ranking = searcher.rank(question)
        for candidate in ranking.best():
            located = snapshot.locate(candidate.key)
            passage = located.passage
            if (question.id, judging.name_of(located)) in right and _holds(passage.text, told):
                span = find_quote(ranking.query, candidate.sentences, passage)
                yield _holds(passage.words(span), told)
                break


def _first_is_right(answer: Answer, data_set: DataSet) -> bool:
    told = data_set.answers[answer.question.id or ""]
    return any(_holds(citation.quote, told) for citation in answer.citations[:1])


def _is_one_sentence(citation: Citation) -> bool:
    return (citation.quote_start, citation.quote_end) in citation.passage.sentences


def _holds(words: str, answers: Iterable[str]) -> bool:
    return any(answer in words for answer in answers)


def _share(flags: Iterable[bool]) -> float:
    told = list(flags)
    return sum(told) / max(len(told), 1)
