"""Half a question put into the one before it."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.rewording import reworded

PLANETS = ("Jupiter", "Saturn")


def alike(name: str, others: Sequence[str]) -> Sequence[float]:
    """1 for two planets or two that share a word, 0.5 for all else."""
    words = set(name.lower().split())
    both = [name in PLANETS and other in PLANETS for other in others]
    shared = [not words.isdisjoint(other.lower().split()) for other in others]
    return [1.0 if one or other else 0.5 for one, other in zip(both, shared, strict=True)]


@pytest.mark.parametrize(
    ("text", "before", "whole"),
    [
        ("And Denmark?", "How much did Norway spend?", "How much did Denmark spend?"),
        ("What about Denmark?", "What is Norway's capital?", "What is Denmark's capital?"),
        ("And Tereshkova's?", "What was Gagarin's call sign?", "What was Tereshkova's call sign?"),
        ("And in 1971?", "What did Apollo 13 do in 1970?", "What did Apollo 13 do in 1971?"),
        ("How about in Canada?", "Did Ann squat in Oslo?", "Did Ann squat in Canada?"),
        ("And Saturn?", "When did Voyager 1 reach Jupiter?", "When did Voyager 1 reach Saturn?"),
        (
            "And Voyager 2?",
            "When did Voyager 1 reach Jupiter?",
            "When did Voyager 2 reach Jupiter?",
        ),
        ("and denmark?", "how much did norway spend?", "how much did denmark spend?"),
    ],
)
def test_another_name_takes_the_place_of_the_one_most_like_it(
    text: str, before: str, whole: str
) -> None:
    def knows_countries(name: str, others: Sequence[str]) -> Sequence[float]:
        if name == "denmark":
            return [float(other == "norway") for other in others]
        return alike(name, others)

    assert reworded(text, before, knows_countries) == whole


@pytest.mark.parametrize(
    ("text", "before", "whole"),
    [
        ("why?", "When did the pipelines leak?", "Why did the pipelines leak?"),
        ("By whom?", "When was insulin discovered?", "By whom was insulin discovered?"),
        ("And how long?", "Did Germany wait?", "How long did Germany wait?"),
    ],
)
def test_another_interrogative_takes_the_place_of_the_one_before(
    text: str, before: str, whole: str
) -> None:
    assert reworded(text, before, alike) == whole


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("When?", "Who discovered penicillin?"),
        ("When?", "How much did they get for the patent?"),
        ("Why not?", "Was the vaccine patented?"),
        ("And Denmark?", "Who won?"),
        ("And the wet cold dark days of the long war?", "Did Norway pay?"),
        ("Which company noticed it?", "Did Norway pay?"),
        ("And 1971?", "Did Norway pay?"),
        ("And the other?", "Did Norway pay?"),
    ],
)
def test_what_would_say_something_else_is_not_reworded(text: str, before: str) -> None:
    assert reworded(text, before, alike) is None


@given(st.text(), st.text())
def test_any_two_texts_can_be_laid_together(text: str, before: str) -> None:
    whole = reworded(text, before, alike)
    assert whole is None or whole
