"""Questions grouped by likeness: what many ask in other words stands together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from index.embed import Vectors
from qa.recorded import NotCovered

# The cosine from which two questions are taken to ask for the same, with all-MiniLM-L6-v2.
ALIKE = 0.75


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that ask for about the same, the most asked first, which names the group."""

    questions: tuple[NotCovered, ...]

    @property
    def times(self) -> int:
        """How often they were asked, all together."""
        return sum(question.times for question in self.questions)

    @property
    def last(self) -> str:
        """When one of them was asked last."""
        return max(question.last for question in self.questions)


def group_alike(
    questions: Sequence[NotCovered], encode: Callable[[list[str]], Vectors], alike: float = ALIKE
) -> list[Group]:
    """Groups, the most asked first.

    Each question joins the group whose first question is nearest, if that is near enough, else it
    begins one: so no chain of small steps joins what is far apart.
    """
    if not questions:
        return []
    vectors = encode([question.question for question in questions])
    leaders: list[int] = []
    members: list[list[NotCovered]] = []
    for place, question in enumerate(questions):
        cosines = vectors[leaders] @ vectors[place] if leaders else np.zeros(0, np.float32)
        nearest = int(np.argmax(cosines)) if leaders else -1
        if leaders and cosines[nearest] >= alike:
            members[nearest].append(question)
        else:
            leaders.append(place)
            members.append([question])
    groups = [Group(tuple(each)) for each in members]
    return sorted(groups, key=lambda group: (-group.times, group.questions[0].question))
