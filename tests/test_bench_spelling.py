"""How questions are mistyped for the measurement of what that costs."""

import random

import pytest

from bench.copies import copied
from bench.spelling import ERRORS, mistype
from qa.understand.lexicon import Lexicon, english

KNOWN = Lexicon([("which", 9), ("volcano", 3), ("erupted", 2)])


@pytest.mark.parametrize("kind", ERRORS)
def test_one_word_is_mistyped_and_makes_no_other_word(kind: str) -> None:
    asked = "Which volcano erupted?"
    typed = mistype(asked, kind, KNOWN, random.Random(3))
    assert typed is not None
    [(right, wrong)] = [
        pair for pair in zip(asked.split(), typed.split(), strict=True) if pair[0] != pair[1]
    ]
    assert right != "Which"
    assert wrong.rstrip("?") not in KNOWN
    assert wrong.rstrip("?") not in english()


def test_the_same_chance_makes_the_same_errors() -> None:
    made = [mistype("Which volcano erupted?", "dropped", KNOWN, random.Random(5)) for _ in "ab"]
    assert made[0] == made[1]


def test_without_a_word_that_may_be_mistyped_nothing_is() -> None:
    assert mistype("Who is it?", "doubled", KNOWN, random.Random(1)) is None


def test_a_copy_keeps_the_sentences_that_are_asked_for_edited_or_not() -> None:
    text = "(CNN) The dam holds. It was built in 1912.\n\nNobody lives near the dam."
    line = {"_id": "dam", "title": "The dam", "text": text, "publish_date": "2022-06-04"}
    copy, kept = copied(line, random.Random(2))
    assert (copy["_id"], copy["publish_date"]) == ("copy-dam", "2022-06-04T23:59:00Z")
    assert "(CNN)" not in copy["text"]
    assert 0 < len(kept) <= 3
    assert all(sentence in text for sentence in kept)
