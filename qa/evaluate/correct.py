"""Whether answers are right: quotes and marked words against known answers, and refusals.

Words are compared as SQuAD's own script does (Rajpurkar et al., 2016): in lower case, without
punctuation and articles, with the best of the answers that count as right.
"""

import re
import string
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from index.article import Span
from qa.answer import Answer, Citation, Question
from qa.present.terminal import plain
from qa.present.wire import Json

_QUOTE_MARKS = {**dict.fromkeys("'‘’`´", "['‘’`´]"), **dict.fromkeys('"“”„', '["“”„]')}
_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_BINS = 10


@dataclass(frozen=True, slots=True)
class Expected:
    """A question with the words that answer it, as articles have them; none where none does."""

    question: Question
    answers: tuple[str, ...]

    @property
    def is_answerable(self) -> bool:
        """Whether the articles answer it."""
        return bool(self.answers)


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of one question.

    `shown` is what stands first, as an answer or, where it is refused, as the nearest passage.
    """

    expected: Expected
    answer: Answer

    @property
    def is_refused(self) -> bool:
        """Nothing is cited."""
        return not self.answer.citations

    @property
    def shown(self) -> Citation | None:
        """The first quote that is shown, as one that answers or not."""
        return next(iter(self.answer.citations or self.answer.nearest), None)

    @property
    def quotes_answer(self) -> bool:
        """The first quote is given as an answer and holds one."""
        return not self.is_refused and self.shows_answer

    @property
    def shows_answer(self) -> bool:
        """The first quote holds an answer, whether or not it is given as one."""
        return self.shown is not None and holds_answer(self.expected.answers, self.shown)

    @property
    def marks_answer(self) -> bool:
        """The words that are marked in the first citation overlap an answer."""
        marked = None if self.is_refused else marked_span(self.answer.citations[0])
        if marked is None:
            return False
        spans = answer_spans(self.expected.answers, self.answer.citations[0])
        return any(start < marked[1] and marked[0] < end for start, end in spans)

    @property
    def words(self) -> str:
        """What is given as the answer: the marked words, else the quote; nothing if refused."""
        if self.is_refused:
            return ""
        first = self.answer.citations[0]
        return first.answer or first.quote


@dataclass(frozen=True, slots=True)
class Bin:
    """Questions whose `confidence` is alike: its mean, and the share that was shown an answer."""

    questions: int
    confidence: float
    right: float


@dataclass(frozen=True, slots=True)
class AnswerScores:
    """Every question with what came of it; shares follow."""

    checked: tuple[Checked, ...]

    @property
    def answerable(self) -> list[Checked]:
        """Those that the articles answer."""
        return [each for each in self.checked if each.expected.is_answerable]

    @property
    def others(self) -> list[Checked]:
        """Those that no article answers."""
        return [each for each in self.checked if not each.expected.is_answerable]

    @property
    def are_marked(self) -> bool:
        """Whether a reader marked words in any answer."""
        cited = (citation for each in self.checked for citation in each.answer.citations)
        return any(map(marked_span, cited))

    @property
    def measures(self) -> dict[str, float | None]:
        """Shares from 0 to 1; None where there is no such question, or no reader to mark words."""
        answerable, others = self.answerable, self.others
        return {
            "first quote holds an answer": _mean(each.quotes_answer for each in answerable),
            "marked words overlap an answer": (
                _mean(each.marks_answer for each in answerable) if self.are_marked else None
            ),
            "exact": _mean(exact(each.words, each.expected.answers) for each in answerable),
            "F1": _mean(f1(each.words, each.expected.answers) for each in answerable),
            "wrongly refused": _mean(each.is_refused for each in answerable),
            "rightly refused": _mean(each.is_refused for each in others),
            "calibration error": calibration_error(self.bins) if self.checked else None,
        }

    @property
    def bins(self) -> list[Bin]:
        """By tenths of `confidence`, where there is any in one."""
        sure = [each.answer.confidence for each in self.checked]
        return reliability(sure, [each.shows_answer for each in self.checked])


def check_answers(
    expected: list[Expected],
    ask: Callable[[Question], Answer],
    watch: Callable[[list[Expected]], Iterable[Expected]] = iter,
) -> AnswerScores:
    """Ask every question. `watch` gives them one by one, and may show how far it is."""
    return AnswerScores(tuple(Checked(each, ask(each.question)) for each in watch(expected)))


def holds_answer(answers: Sequence[str], citation: Citation) -> bool:
    """Whether the quote holds one of them."""
    return bool(answer_spans(answers, citation))


def answer_spans(answers: Sequence[str], citation: Citation) -> list[Span]:
    """Where answers stand in the quote, counted in the article's text."""
    start = citation.quote_start
    return [
        (start + first, start + last)
        for answer in answers
        for first, last in spans_of(answer, citation.quote)
    ]


def marked_span(citation: Citation) -> Span | None:
    """The words that answer inside the quote, where a reader found them."""
    start, end = citation.answer_start, citation.answer_end
    return None if start is None or end is None else (start, end)


def spans_of(words: str, text: str) -> Iterator[Span]:
    """Where the words stand in the text, whatever white space and quotation marks either has.

    >>> list(spans_of("the 'old'  pier", "At the ‘old’ pier."))
    [(3, 17)]
    """
    return (found.span() for found in _pattern(words).finditer(text))


@lru_cache(maxsize=1024)
def _pattern(words: str) -> re.Pattern[str]:
    parts = ("".join(_QUOTE_MARKS.get(c, re.escape(c)) for c in word) for word in words.split())
    return re.compile(r"\s+".join(parts))


def exact(words: str, answers: Sequence[str]) -> float:
    """1 where the words are one of the answers.

    >>> exact("The Sea of Tranquility.", ["sea of tranquility"])
    1.0
    """
    return float(any(normalised(words) == normalised(answer) for answer in answers))


def f1(words: str, answers: Sequence[str]) -> float:
    """How far the words are one of the answers: the harmonic mean of precision and recall.

    >>> round(f1("in the Sea of Tranquility", ["Sea of Tranquility"]), 3)
    0.857
    """
    return max((_overlap(normalised(words), normalised(answer)) for answer in answers), default=0.0)


def normalised(words: str) -> list[str]:
    """Words in lower case, without punctuation and articles.

    >>> normalised("The cat's  hat")
    ['cats', 'hat']
    """
    return _ARTICLES.sub(" ", words.lower().translate(_PUNCTUATION)).split()


def _overlap(given: list[str], right: list[str]) -> float:
    if not given or not right:
        return float(given == right)
    shared = (Counter(given) & Counter(right)).total()
    return 2 * shared / (len(given) + len(right))


def reliability(confidence: Sequence[float], right: Sequence[bool]) -> list[Bin]:
    """Ten bins of equal width, those without a question left out."""
    sure, is_right = np.array(confidence, np.float64), np.array(right, np.bool_)
    of = np.minimum((sure * _BINS).astype(np.int64), _BINS - 1)
    return [
        Bin(int((of == at).sum()), float(sure[of == at].mean()), float(is_right[of == at].mean()))
        for at in np.unique(of).tolist()
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """How far confidence is from the share that is right, as a mean (ECE; Guo et al., 2017)."""
    total = sum(each.questions for each in bins)
    return sum(each.questions * abs(each.confidence - each.right) for each in bins) / max(total, 1)


def show_answers(scores: AnswerScores, *, per_question: bool) -> str:
    """Each measure, then how far `confidence` can be relied on; questions first where asked for."""
    return "\n".join(_lines(scores, per_question=per_question))


def _lines(scores: AnswerScores, *, per_question: bool) -> Iterator[str]:
    if per_question:
        yield "\t".join(["id", "right", "exact", "F1", "confidence", "answer", "question"])
        yield from (_line(each) for each in scores.checked)
        yield ""
    yield (
        f"{len(scores.answerable)} questions that articles answer, "
        f"{len(scores.others)} that none answers"
    )
    for name, value in scores.measures.items():
        yield f"{name:<32} {'none' if value is None else f'{value:.4f}'}"
    yield "confidence   first quote holds an answer   questions"
    for each in scores.bins:
        yield f"{each.confidence:<12.4f} {each.right:<29.4f} {each.questions}"


def _line(checked: Checked) -> str:
    question, answers = checked.expected.question, checked.expected.answers
    is_right = checked.quotes_answer if answers else checked.is_refused
    told = [
        question.id or "",
        "yes" if is_right else "no",
        f"{exact(checked.words, answers):.0f}" if answers else "-",
        f"{f1(checked.words, answers):.3f}" if answers else "-",
        f"{checked.answer.confidence:.3f}",
        checked.words or "-",
        question.text,
    ]
    return "\t".join(plain(each) for each in told)


def answers_json(scores: AnswerScores, *, per_question: bool) -> Json:
    """The same for programs, with names of one word."""
    body: Json = {
        "answerable": len(scores.answerable),
        "unanswerable": len(scores.others),
        "measures": {
            name.lower().replace(" ", "_"): value for name, value in scores.measures.items()
        },
        "reliability": [
            {"questions": each.questions, "confidence": each.confidence, "right": each.right}
            for each in scores.bins
        ],
    }
    if per_question:
        body["per_question"] = [_checked_json(each) for each in scores.checked]
    return body


def _checked_json(checked: Checked) -> Json:
    answers = checked.expected.answers
    return {
        "id": checked.expected.question.id,
        "question": checked.expected.question.text,
        "answers": list(answers),
        "answer": checked.words,
        "confidence": checked.answer.confidence,
        "refused": checked.is_refused,
        "quotes_answer": checked.quotes_answer,
        "marks_answer": checked.marks_answer,
        "exact": exact(checked.words, answers),
        "f1": f1(checked.words, answers),
    }


def _mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return float(np.mean(found)) if found else None
