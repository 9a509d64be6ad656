"""Which sentences are read: the most promising with those beside them, within a budget."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from index.article import Article, Passage
from index.store import Located
from qa.read.reading import MOST_READ, Excerpt, Promising, excerpts

FRONT = 100
LONGEST = 400


def promising(key: int, lengths: Sequence[int], scores: Sequence[float]) -> Promising:
    """A passage of sentences of these lengths, a space between two, in an article of its own."""
    opening = "Before it. "
    text, spans = opening, []
    for length in lengths:
        spans.append((len(text), len(text) + length))
        text += "x" * length + " "
    name = f"a{key}"
    start, end = len(opening), len(text) - 1
    passage = Passage(name, start, end, text[start:end], tuple(spans))
    return Promising(Located(key, Article(name, text, title="Dams"), passage), scores)


@st.composite
def passages(draw: st.DrawFn) -> list[Promising]:
    """Up to six passages, each with a score a sentence."""
    found = []
    for key in range(draw(st.integers(0, 6))):
        lengths = draw(st.lists(st.integers(1, 600), min_size=1, max_size=12))
        scores = [draw(st.floats(-2, 2)) for _ in lengths]
        found.append(promising(key, lengths, scores))
    return found


def read(chosen: Sequence[Excerpt]) -> list[tuple[int, int]]:
    """The sentences that are read, by passage and place."""
    return [
        (each.located.key, place) for each in chosen for place in range(each.first, each.last + 1)
    ]


@given(passages(), st.integers(0, 4000))
def test_every_excerpt_lies_in_its_passage_as_the_article_has_it(
    given_: list[Promising], most: int
) -> None:
    for each in excerpts(given_, most):
        article, passage = each.located.article, each.located.passage
        window = each.window
        assert 0 <= each.first <= each.last < len(passage.sentences)
        assert passage.start <= each.start
        assert each.start + len(window.text) <= passage.end
        assert article.text[each.start :].startswith(window.text)
        own = passage.sentences[each.first : each.last + 1]
        placed = tuple((each.start + start, each.start + end) for start, end in window.sentences)
        assert placed == own
        assert "Dams" in window.title


@given(passages(), st.integers(0, 4000))
def test_no_sentence_is_read_twice_and_the_best_always(given_: list[Promising], most: int) -> None:
    found = read(excerpts(given_, most))
    assert len(found) == len(set(found))
    if given_:
        best = max(score for each in given_ for score in each.sentences)
        assert any(given_[key].sentences[place] == best for key, place in found)


@given(passages(), st.integers(0, 4000))
def test_the_budget_holds_but_for_the_first_with_its_neighbours(
    given_: list[Promising], most: int
) -> None:
    found = read(excerpts(given_, most))
    spans = {
        (each.located.key, place): end - start
        for each in given_
        for place, (start, end) in enumerate(each.located.passage.sentences)
    }
    cost = sum(spans[one] for one in found) + FRONT * len({key for key, _ in found})
    if cost > most:
        assert len({key for key, _ in found}) == 1
        assert len(found) <= 3


@given(passages())
def test_a_window_is_not_longer_than_a_model_reads_unless_a_sentence_is(
    given_: list[Promising],
) -> None:
    for each in excerpts(given_):
        assert each.first == each.last or len(each.window.text) <= LONGEST


def test_the_best_is_read_with_those_beside_it_and_the_next_best_after_it() -> None:
    first = promising(0, [50] * 5, [0.1, 0.2, 0.9, 0.1, 0.0])
    second = promising(1, [50] * 3, [0.8, 0.0, 0.0])
    assert sorted(read(excerpts([first, second]))) == [
        *((0, place) for place in range(5)),
        *((1, place) for place in range(3)),
    ]
    little = 3 * 50 + FRONT
    assert read(excerpts([first, second], little)) == [(0, 1), (0, 2), (0, 3)]
    assert read(excerpts([first, second], little + 2 * 50 + FRONT)) == [
        (0, 1),
        (0, 2),
        (0, 3),
        (1, 0),
        (1, 1),
    ]


def test_nothing_is_read_of_nothing() -> None:
    assert excerpts([]) == []
    assert MOST_READ > FRONT


def test_sentences_apart_are_windows_apart() -> None:
    one = promising(0, [100] * 9, [0.9, 0, 0, 0, 0, 0, 0, 0, 0.8])
    chosen = excerpts([one], 4 * 100 + FRONT)
    assert [(each.first, each.last) for each in chosen] == [(0, 1), (7, 8)]
