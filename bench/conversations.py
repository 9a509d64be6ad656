"""Conversations with a judgement for each question: INSCIT's, and pairs of SQuAD's questions."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

from bench.sets import DataSet, read_rows
from qa.answer import Hit, Question, Turn
from qa.evaluate.measures import hit, recall
from qa.understand.standalone import is_standalone

DEPTH = 5
# Several passages of one article count once, so more are asked for than are scored.
_ASKED = 20
# How many earlier questions on a page are searched for one about another passage.
_LOOKED_BACK = 40

Search = Callable[[Question], list[Hit]]
Cite = Callable[[Question], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its history and the names of what answers it.

    Questions of one `conversation` are fitted or measured together. `as_given` is the history as
    the data set has it, with answers among the questions.
    """

    question: Question
    gold: frozenset[str]
    conversation: str
    as_given: tuple[Turn, ...] = ()

    @property
    def is_first(self) -> bool:
        """Nothing was asked before."""
        return not self.question.history

    @property
    def is_alone(self) -> bool:
        """It can be understood by itself."""
        return is_standalone(self.question.text)

    def without_history(self) -> Question:
        """The question alone."""
        return replace(self.question, history=())

    def joined(self) -> Question:
        """The question after the one before it, in one text."""
        before = [turn.question for turn in self.question.history[-1:]]
        return replace(self.question, text=" ".join((*before, self.question.text)), history=())

    def with_given_history(self) -> Question:
        """The question with the history of the data set."""
        return replace(self.question, history=self.as_given)


@dataclass(frozen=True, slots=True)
class Found:
    """The mean hit rate and recall over questions, among the first five."""

    hit: float
    recall: float
    questions: int

    def __str__(self) -> str:
        return f"{self.hit:.3f} / {self.recall:.3f}"


def inscit_conversations(folder: Path, cite: Cite) -> list[Asked]:
    """Every turn of INSCIT that has an answer; `cite` says what is cited for each.

    Earlier questions come with the passages that we cite for them, as on the chat page.
    """
    cited: dict[tuple[str, int], tuple[str, ...]] = {}
    found = []
    for row in read_rows(folder / "inscit" / "queries.jsonl.gz"):
        conversation = row["_id"].rpartition("_")[0]
        # Questions and answers alternate.
        earlier = row["history"][::2]
        history = tuple(
            Turn(text, cited.get((conversation, place), ())) for place, text in enumerate(earlier)
        )
        question = Question(row["text"], id=row["_id"], history=history)
        cited[conversation, len(earlier)] = cite(question)
        if row["gold"]:
            given = tuple(Turn(text) for text in row["history"])
            found.append(Asked(question, frozenset(row["gold"]), conversation, given))
    return found


def page_conversations(data_set: DataSet, most: int, *, again: bool = False) -> list[Asked]:
    """Questions on SQuAD's pages that do not stand alone, each after one about an earlier passage.

    With `again`, the passage that answered the earlier one answers this one too. The answer to the
    earlier question is given as cited. Taken evenly from the whole set.
    """
    gold = data_set.judgings[0].judged.answering()
    asked = [question for question in data_set.questions if question.id in gold]
    asked.sort(key=lambda question: _place(gold[question.id or ""]))
    found = []
    for place, question in enumerate(asked):
        right = gold[question.id or ""]
        if is_standalone(question.text):
            continue
        for earlier in reversed(asked[max(0, place - _LOOKED_BACK) : place]):
            cited = gold[earlier.id or ""]
            if _place(cited)[0] == _place(right)[0] and bool(cited & right) == again:
                history = (Turn(earlier.text, tuple(sorted(cited))),)
                follows = replace(question, history=history)
                found.append(Asked(follows, frozenset(right), _place(right)[0]))
                break
    return found[:: max(1, len(found) // most)]


def score(
    asked: Sequence[Asked],
    form: Callable[[Asked], Question],
    search: Search,
    name_of: Callable[[Hit], str],
) -> Found:
    """How well the questions are answered in one form."""
    if not asked:
        return Found(0.0, 0.0, 0)
    measures = []
    for one in asked:
        hits = search(replace(form(one), k=_ASKED))
        names = tuple(dict.fromkeys(map(name_of, hits)))
        gold = dict.fromkeys(one.gold, 1)
        measures.append((hit(names, gold, DEPTH), recall(names, gold, DEPTH)))
    hits_at_depth, recalls = zip(*measures, strict=True)
    return Found(fmean(hits_at_depth), fmean(recalls), len(asked))


def article_of_hit(hit: Hit) -> str:
    """INSCIT is judged by article."""
    return hit.passage.article_id


def passage_of_hit(hit: Hit) -> str:
    """The pages are judged by passage."""
    return hit.passage.id


def _place(passages: Iterable[str]) -> tuple[str, int]:
    """The article of passages and where the first of them starts."""
    parts = [passage.rpartition(":") for passage in passages]
    return min((article, int(span.partition("-")[0])) for article, _, span in parts)
