"""What one typing error costs: a question is asked as it is and mistyped, and the answers compared.

    python -m bench.spelling EVAL_DIR [--data DIR] [--reader NAME] [--write]

EVAL_DIR/news is that of `bench.news`. Of its questions that are spelt right and answered, 120 get
one error each: two letters exchanged, one dropped, one doubled, one of a neighbouring key, or a
word written as it sounds. The same seed makes the same errors. An error that makes another word is
drawn again, since nobody can tell it from that word.
"""

import random
import re
import sys
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tqdm import tqdm

from bench.news import NewsQuestion, open_news, parser_of
from bench.results import circumstances, table, write_section
from bench.sets import SEED
from index.english import FUNCTION_WORDS
from qa.answer import Answer, Question
from qa.live import LiveIndex
from qa.read.loading import NO_READER
from qa.understand.lexicon import Lexicon, english
from qa.understand.spelling import KEY_ROWS, Speller

ASKED = 120
# Questions of this kind are mistyped as they are.
_MISTYPED = "typo"
_SHORTEST = 4
_TRIES = 100
_WORD = re.compile(r"[^\W\d_]+")
# As it sounds: what is written, and what may be written instead.
_SOUNDS = (
    *(("ph", "f"), ("ck", "k"), ("ie", "ei"), ("ei", "ie"), ("ea", "ee"), ("ee", "ea")),
    *(("ou", "u"), ("ai", "a"), ("er", "ur"), ("or", "er"), ("an", "en"), ("in", "en")),
    *(("c", "k"), ("c", "s"), ("s", "z"), ("k", "c"), ("y", "i"), ("g", "j")),
)


@dataclass(frozen=True, slots=True)
class Mistyped:
    """A question with one typing error, and the kind of it."""

    asked: NewsQuestion
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A mistyped question with three answers: spelt right, put right, and taken as typed."""

    mistyped: Mistyped
    right: Answer
    corrected: Answer
    as_typed: Answer


def exchanged(word: str, chance: random.Random) -> str:
    """Two neighbours in each other's place; the first letter stays."""
    at = chance.randrange(1, len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def dropped(word: str, chance: random.Random) -> str:
    """A letter left out; the first stays."""
    at = chance.randrange(1, len(word))
    return word[:at] + word[at + 1 :]


def doubled(word: str, chance: random.Random) -> str:
    """A letter typed twice."""
    at = chance.randrange(len(word))
    return word[: at + 1] + word[at].lower() + word[at + 1 :]


def beside(word: str, chance: random.Random) -> str:
    """A letter whose key lies beside the right one."""
    at = chance.randrange(len(word))
    keys = _neighbours(word[at].lower())
    return word[:at] + chance.choice(keys) + word[at + 1 :] if keys else word


def sounding(word: str, chance: random.Random) -> str:
    """Written as it sounds; the word itself where none of the sounds is in it."""
    written = [pair for pair in _SOUNDS if pair[0] in word.lower()]
    if not written:
        return word
    old, new = chance.choice(written)
    at = word.lower().index(old)
    return word[:at] + new + word[at + len(old) :]


ERRORS: Mapping[str, Callable[[str, random.Random], str]] = {
    "exchanged": exchanged,
    "dropped": dropped,
    "doubled": doubled,
    "neighbouring key": beside,
    "as it sounds": sounding,
}


def mistype(text: str, kind: str, known: Container[str], chance: random.Random) -> str | None:
    """The text with an error of the kind in one of its words, or None where none makes no word."""
    words = [found for found in _WORD.finditer(text) if _may_be_mistyped(found[0])]
    for _ in range(_TRIES if words else 0):
        found = chance.choice(words)
        typed = ERRORS[kind](found[0], chance)
        if typed not in known and typed not in english():
            return text[: found.start()] + typed + text[found.end() :]
    return None


def mistyped(asked: Sequence[NewsQuestion], known: Container[str]) -> Iterator[Mistyped]:
    """Each question with one error, the kinds in turn; left out where no error can be made."""
    chance = random.Random(SEED)
    kinds = list(ERRORS)
    for number, each in enumerate(asked):
        for kind in kinds[number % len(kinds) :] + kinds:
            text = mistype(each.text, kind, known, chance)
            if text is not None:
                yield Mistyped(each, kind, text)
                break


def _may_be_mistyped(word: str) -> bool:
    return len(word) >= _SHORTEST and word.lower() not in FUNCTION_WORDS


def _neighbours(key: str) -> list[str]:
    row = next((row for row in KEY_ROWS if key in row), "")
    at = row.find(key)
    return [row[place] for place in (at - 1, at + 1) if row and 0 <= place < len(row)]


def main(arguments: Sequence[str]) -> int:
    """Ask everything, print the table."""
    options = parser_of("spelling", __doc__, NO_READER).parse_args(arguments)
    with open_news(options) as (questions, live):
        compared = compare(questions, live)
        right = [each.text for each in questions if each.kind != _MISTYPED]
        changed = changes(right, Speller(live.store))
        report = f"{_heading()}\n\n{markdown(compared, changed, len(right))}"
    print(report)
    for each in compared:
        if not _is_as_right(each):
            print(f"not as without: {each.mistyped.text} ({each.mistyped.kind})")
    if options.write:
        write_section("spelling", report)
    return 0


def compare(questions: Sequence[NewsQuestion], live: LiveIndex) -> list[Compared]:
    """Up to ASKED questions that are answered where they are spelt right, each with an error."""
    candidates = [each for each in questions if each.is_answerable and each.kind != _MISTYPED]
    random.Random(SEED).shuffle(candidates)
    answers = {each.text: live.ask(Question(each.text)) for each in candidates}
    answered = [each for each in candidates if answers[each.text].citations]
    found = []
    for each in tqdm(list(mistyped(answered[:ASKED], Lexicon(live.store.spellings())))):
        question = Question(each.text)
        as_typed = live.ask(replace(question, ignore=frozenset({"spelling"})))
        found.append(Compared(each, answers[each.asked.text], live.ask(question), as_typed))
    return found


def changes(texts: Sequence[str], speller: Speller) -> list[str]:
    """Which words of these questions, not marked as mistyped, the speller changes, and into what.

    One line for each question: some are mistyped all the same.
    """
    read = filter(None, map(speller.read, texts))
    return [", ".join(f"{word.typed} > {word.read}" for word in each.words) for each in read]


def markdown(compared: Sequence[Compared], changed: Sequence[str], right: int) -> str:
    """A row for each kind of error, one for all, and which of the other questions are changed."""
    rows = [
        *(_row(kind, [each for each in compared if each.mistyped.kind == kind]) for kind in ERRORS),
        _row("all", compared),
    ]
    head = ["error", "questions", "first quote as without", "refused", "as typed", "refused"]
    share = f"Of {right} questions that are not marked as mistyped {len(changed)} are changed."
    return "\n".join([f"{table(head, rows)}\n\n{share}\n", *(f"- {each}" for each in changed)])


def _row(kind: str, some: Sequence[Compared]) -> Sequence[str]:
    return (
        kind,
        str(len(some)),
        _share(some, _is_as_right),
        _share(some, lambda each: not each.corrected.citations),
        _share(some, lambda each: _first(each.as_typed) == _first(each.right)),
        _share(some, lambda each: not each.as_typed.citations),
    )


def _is_as_right(each: Compared) -> bool:
    return _first(each.corrected) == _first(each.right)


def _first(answer: Answer) -> tuple[str, int] | None:
    """Where the first quote stands."""
    first = next(iter(answer.citations), None)
    return (first.article.id, first.quote_start) if first else None


def _share(some: Sequence[Compared], is_so: Callable[[Compared], bool]) -> str:
    return f"{sum(map(is_so, some)) / max(len(some), 1):.3f}"


def _heading() -> str:
    return (
        f"## Typing errors\n\n{circumstances()} By `python -m bench.spelling EVAL_DIR`: questions "
        "on the news that are answered, each with one error; in the last two columns it is left as "
        "it was typed."
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
