"""What a question was taken to mean, so that people can see it and take it back."""

from dataclasses import dataclass
from typing import Literal

# In which order citations stand: the best first, or by the time of what they tell.
Order = Literal["best", "oldest_first", "newest_first"]
# What a line that asks nothing of the articles gets instead of an answer.
Reply = Literal["greeting", "thanks", "about", "nonsense", "language"]
# What of its understanding a question can ask to be left out.
Ignorable = Literal["when", "history"]
# To what a question can be narrowed besides time and source.
Within = Literal["page"]
IGNORABLE: tuple[Ignorable, ...] = ("when", "history")


@dataclass(frozen=True, slots=True)
class When:
    """A time that the words of a question tell.

    `phrase` are those words, `text` is the time for people to read, `after` and `before` its first
    and last moment in ISO 8601, None where it is open. An exact one filters, another weighs.
    """

    phrase: str
    text: str
    after: str | None
    before: str | None
    is_exact: bool
