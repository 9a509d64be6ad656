"""What is told by a number: a reader takes one road, flight, item or amount for another.

So what names another road than the question is not read, the item that is asked for is counted out,
and a question is read with its numbers as the articles write them.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import count, takewhile

from index.english import FUNCTION_WORDS, MONTH_PATTERN, ORDINALS, any_of
from qa.timex.grammar import find_times
from qa.understand.numbers import Number, may_be_year, numbers_in

# "The A 46", "Apollo 11", not "May 3", nor "A 30-year-old" at the beginning of a sentence.
_NUMBERED = re.compile(
    rf"\b(?!(?i:{MONTH_PATTERN})\b|(?<!\w )A )(?P<name>[A-Z][A-Za-z]*)[ -]?"
    r"(?P<number>\d{1,3})\b(?![.,:]\d|%)"
)
_CLOCK = re.compile(r"\d{1,2}(?::\d\d)+")
# The last item of a list, however many there are.
LAST = -1
# "What is the second rule?", and the mark of an item.
_NTH = re.compile(
    r"\W*(?:what|which)\s(?:is|was)\sthe\s"
    rf"(?P<word>{any_of((*ORDINALS, 'last'))}|[1-9](?:st|nd|rd|th))\b",
    re.IGNORECASE,
)
# Smaller numbers stand in most texts.
_FEW = 10
# "The second of the rules", "the 3rd item of the log", "the last rule of the gate"; not "the second
# of May", "the first entry of Spain" or "the second point guard".
_OF_LIST = re.compile(
    r"\s(?:(?:(?:item|entry)\sof\s(?=the\s)|(?:one\s)?of\s(?=(?:[\w-]+\s){1,3}?[\w-]+s\b))"
    r"(?P<whole>.+)|(?P<one>point|rule|step)"
    r"(?=\W*$|\s(?:at|by|for|from|in|of|on|that|to|which)\b)(?P<rest>.*))",
    re.IGNORECASE | re.DOTALL,
)
_ITEM = re.compile(r"[\[(•]?\s?(?P<number>\d{1,2})[.)\]]\s")


def name_another(question: str, sentences: Sequence[str]) -> list[bool]:
    """Which sentences name another road or flight than the one that is asked for.

    None do where no sentence names that.

    >>> name_another("What closed the A 46?", ["Snow closed the A 46.", "The M 25 was flooded."])
    [False, True]
    """
    asked, told = set(_numbered(question)), [set(_numbered(each)) for each in sentences]
    if not any(asked & each for each in told):
        return [False] * len(sentences)
    kinds = {kind for kind, _ in asked}
    return [not asked & each and any(kind in kinds for kind, _ in each) for each in told]


def lack_amounts(question: str, texts: Sequence[str]) -> list[bool]:
    """Which texts lack the amounts that the question names, where another text has them all.

    >>> lack_amounts("Who paid 406 crowns?", ["She paid four hundred and six.", "He paid 50."])
    [False, True]
    """
    asked = {number.value for number in _amounts(question)}
    told = [bool(asked) and asked <= {each.value for each in _numbers(text)} for text in texts]
    return [any(told) and not each for each in told]


def item_asked(question: str) -> int | None:
    """Which item of a list is asked for, LAST for the last; None if none is.

    >>> item_asked("What is the second rule?")
    2
    """
    asked = _NTH.match(question)
    if asked is None:
        return None
    word = asked["word"].lower()
    if word == "last":
        return LAST
    return ORDINALS.get(word) or int(word[0])


def list_asked(question: str) -> str | None:
    """What asks for the list of which `question` asks for one item; None if it may ask for else.

    >>> list_asked("What is the second of the rules?"), list_asked("What is the third rule?")
    ('What are the rules?', 'What are the rules?')
    >>> list_asked("What is the second moon?"), list_asked("What is the second point guard paid?")
    (None, None)
    """
    asked = _NTH.match(question)
    of_list = _OF_LIST.match(question, asked.end()) if asked else None
    if of_list is None:
        return None
    one, rest = of_list["one"], of_list["rest"]
    return f"What are the {one}s{rest}" if one else f"What are {of_list['whole']}"


def item_place(number: int, sentences: Sequence[str], place: int) -> int | None:
    """Where that item stands of the list that the sentence at `place` is of, or announces.

    None where it is of no list, or the list has no such item.

    >>> rules = ["Keep to this:", "1. Ring the bell.", "2. Wait.", "Have fun."]
    >>> item_place(2, rules, 0), item_place(LAST, rules, 1), item_place(2, rules, 3)
    (2, 2, None)
    """
    marks = [_item_number(each) for each in sentences]
    own = 0 if marks[place] is None and marks[place + 1 : place + 2] == [1] else marks[place]
    if own is None:
        return None
    if number == LAST:
        number = own + _further(own, marks[place + 1 :])
    # There may be several lists.
    places = range(place, len(marks)) if own < number else range(place, -1, -1)
    return next((at for at in places if marks[at] == number), None)


def _item_number(sentence: str) -> int | None:
    """The number in front of an item of a list."""
    mark = _ITEM.match(sentence)
    return int(mark["number"]) if mark else None


def _further(own: int, marks: Sequence[int | None]) -> int:
    """How many items of the same list follow the one with this number."""
    numbered = [mark for mark in marks if mark is not None]
    expected = zip(numbered, count(own + 1), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], expected))


def as_written(question: str, texts: Sequence[str]) -> str:
    """The question with its numbers, roads and flights written as these texts write them.

    >>> as_written("Who closed the a46 for 1250000 cars?", ["1.25 million cars use the A 46."])
    'Who closed the A 46 for 1.25 million cars?'
    """
    if any(sign.isdigit() for sign in question):
        question = _named_as_in("\n".join(texts), question)
    return _counted_as_in(texts, question)


def _named_as_in(whole: str, question: str) -> str:
    for told in _names_in(whole):
        name, number = told.groups()
        if number not in question:
            continue
        small = name.lower()
        # In small letters "a 46" is a name only where that is plain.
        loose = (
            f"(?i:{name})[ -]?"
            if len(name) > 1
            else f"(?:{name}[ -]?|{small}(?=\\d)|(?<=the ){small} )"
        )
        asked = re.search(rf"(?<!\w){loose}{number}\b", question)
        if asked and not _stands_in(whole, asked[0]):
            question = f"{question[: asked.start()]}{told[0]}{question[asked.end() :]}"
    return question


def _counted_as_in(texts: Sequence[str], question: str) -> str:
    asked = list(_counts(question))
    read = [(text, each) for text in texts for each in _numbers(text)] if asked else []
    told = {each.value: text[slice(*each.span)] for text, each in reversed(read)}
    for number in reversed(asked):
        start, end = number.span
        own = question[start:end]
        if number.value in told and not any(_stands_in(text, own) for text in texts):
            question = question[:start] + told[number.value] + question[end:]
    return question


# The passages of a question are looked through twice.
@lru_cache(maxsize=32)
def _numbers(text: str) -> tuple[Number, ...]:
    return tuple(numbers_in(text))


def _counts(question: str) -> Iterator[Number]:
    """The numbers that are of no name and of no time."""
    fixed = [found.span() for found in (*_names_in(question), *_CLOCK.finditer(question))]
    fixed += [(time.start, time.end) for time in find_times(question)]
    for number in numbers_in(question):
        if not any(first <= number.span[0] < end for first, end in fixed):
            yield number


def _amounts(question: str) -> Iterator[Number]:
    """Those that hardly stand anywhere by chance."""
    return (
        each for each in _counts(question) if each.value >= _FEW and not may_be_year(each.value)
    )


def _stands_in(whole: str, words: str) -> bool:
    return re.search(rf"(?<![\w.,]){re.escape(words)}(?!\w)", whole) is not None


def _numbered(text: str) -> Iterator[tuple[str, str]]:
    """Names with a number: of which kind, and which of it. Letters alone are of one kind."""
    for found in _names_in(text):
        name, number = found.groups()
        yield ("", f"{name}{number}") if len(name) <= 2 else (name, number)


def _names_in(text: str) -> Iterator[re.Match[str]]:
    for found in _NUMBERED.finditer(text):
        if len(found["name"]) == 1 or found["name"].lower() not in FUNCTION_WORDS:
            yield found
