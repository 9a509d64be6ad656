"""Things of one name that a number tells apart."""

import pytest

from index.article import Article, Passage
from index.store import Located
from qa.numbered import numbered_names, tells_of_another


def located(title: str, text: str) -> Located:
    article = Article("a", text, title=title)
    return Located(0, article, Passage("a", 0, len(text), text, ((0, len(text)),)))


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Who flew on Apollo 11?", {"apollo": {"11"}}),
        ("Did Apollo 8, 10 and 11 land?", {"apollo": {"8", "10", "11"}}),
        ("Who flew the Boeing-737 in May 2022?", {"boeing": {"737"}}),
        ("In 2022 who won 3 of 5 games on Friday 9?", {}),
        ("What did Denmark pay: 2,000 or 3.5 per cent?", {}),
    ],
)
def test_names_are_read_with_their_numbers(text: str, numbers: dict[str, set[str]]) -> None:
    assert numbered_names(text) == numbers


@pytest.mark.parametrize(
    ("title", "text", "is_another"),
    [
        ("A ship", "Apollo 13 came home.", True),
        ("A ship", "Apollo 13 came home as Apollo 11 did.", False),
        ("Apollo 13", "It came home.", True),
        ("Apollo 13", "Before it, Apollo 8 and 11 came home.", False),
        ("Apollo 11: home again", "Unlike Apollo 13, it came home as planned.", False),
        ("Ships", "They came home on 13 April.", False),
        ("Quarantine", f"{'They were kept apart. ' * 20}Crews were, up to Apollo 14.", False),
    ],
)
def test_what_names_only_others_of_that_name_tells_of_another(
    title: str, text: str, *, is_another: bool
) -> None:
    asked = numbered_names("Who flew on Apollo 11?")
    assert tells_of_another(located(title, text), asked) is is_another
