"""Which windows of the candidates are worth reading, by what search knows of their sentences."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# What a place further down the list of passages takes off the scores of its sentences.
RANK = 0.03
# A token is about so many characters of English.
_CHARACTERS = 4.4
# What stands in front of each window: the question, the title, marks between them.
_FRONT = 22


@dataclass(frozen=True, slots=True)
class Stretch:
    """Sentences `first` to `last` of a passage, that one too."""

    passage: int
    first: int
    last: int


Choose = Callable[[dict[str, Any]], list[Stretch]]


@dataclass(frozen=True, slots=True)
class Preselection:
    """At most so many windows, and so many tokens in all of them; `around` sentences each side."""

    windows: int
    tokens: int
    around: int = 1
    rank: float = RANK

    def __call__(self, asked: dict[str, Any]) -> list[Stretch]:
        """The windows around the best sentences; those that overlap are one."""
        chosen: list[Stretch] = []
        for _, place, sentence in self._ranked(asked):
            if any(each.passage == place and _holds(each, sentence) for each in chosen):
                continue
            count = len(asked["passages"][place]["sentences"])
            first = max(sentence - self.around, 0)
            last = min(sentence + self.around, count - 1)
            grown = self._merged(chosen, Stretch(place, first, last))
            fits = sum(length(asked, each) for each in grown) <= self.tokens
            if len(grown) <= self.windows and (fits or not chosen):
                chosen = grown
        return chosen

    def _ranked(self, asked: dict[str, Any]) -> list[tuple[float, int, int]]:
        ranked = [
            (fit - self.rank * place, place, sentence)
            for place, passage in enumerate(asked["passages"][:5])
            for sentence, fit in enumerate(passage["fits"])
        ]
        return sorted(ranked, key=lambda each: -each[0])

    def _merged(self, chosen: list[Stretch], new: Stretch) -> list[Stretch]:
        """The stretches with the new one, joined to one that it overlaps by at least half."""
        for number, each in enumerate(chosen):
            shared = min(each.last, new.last) - max(each.first, new.first) + 1
            if each.passage == new.passage and shared > self.around:
                joined = Stretch(new.passage, min(each.first, new.first), max(each.last, new.last))
                if joined.last - joined.first <= 2 * self.around + 1:
                    return [*chosen[:number], joined, *chosen[number + 1 :]]
        return [*chosen, new]


def length(asked: dict[str, Any], stretch: Stretch) -> float:
    """About how many tokens a window has."""
    sentences = asked["passages"][stretch.passage]["sentences"]
    characters = sentences[stretch.last][1] - sentences[stretch.first][0]
    return float(characters / _CHARACTERS + _FRONT)


def _holds(stretch: Stretch, sentence: int) -> bool:
    return stretch.first <= sentence <= stretch.last
