"""Which sentences are read; what was read decides whether to answer, and by which words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import Article, Passage
from index.build import build
from index.store import Located
from qa.answer import Answer, Citation, Question
from qa.answerability import FEATURES, read_confidence
from qa.ask import Asker
from qa.rank.weights import QUOTED
from qa.read.loading import load_reader
from qa.read.reading import MOST_READ, Excerpt, Promising, excerpts, read_ranking
from qa.search import Ranking, Searcher
from tests.archives import NOON, Opened, Record, build_records, open_index
from tests.fakes import HashEncoder, WordReader, no_progress
from tests.models import question_answerer

ARCHIVE = Path(__file__).parent.parent / "articles"
TOWER = "Ida Marsh"
SONGS = "Jonas Field"
RECORDS: list[Record] = [
    {
        "_id": "tower",
        "title": "The lighthouse of Cape Orrin",
        "text": f"The last keeper left in 1978. She was {TOWER}, born in Vessel Bay. Rain fell.",
    },
    {
        "_id": "songs",
        "title": "Songs of the coast",
        "text": f"The lighthouse keeper is sung of everywhere. Some take {SONGS} for the last one.",
    },
    {
        "_id": "gulls",
        "title": "Gulls",
        "text": "A gull lived at the lighthouse. The keeper fed it.",
    },
    {
        "_id": "early",
        "title": "Notes",
        "text": "The road is new. Officials said that after 15 days the dam of Tessel had 5 leaks.",
        "published": "2020-01-01",
    },
    {
        "_id": "late",
        "title": "The dam of Tessel and its leaks",
        "text": "After 15 days the dam of Tessel had 5 leaks. How many leaks will be mended?",
        "published": "2021-01-01",
    },
]
KEEPER = "Who was the last keeper of the lighthouse?"
QUESTIONS = (
    "Who was the first person in space?",
    "When did Apollo 11 land on the Moon?",
    "How strong was the earthquake in Valdivia?",
    "What is the capital of Peru?",
    "Who vetoed the resolution in September 2022?",
    "smallpox OR polio",
    "What did Röntgen see?",
)
FRONT = 100
LONGEST = 400


@dataclass(frozen=True, slots=True)
class Read:
    """An answer, and the reader that had a part in it."""

    answer: Answer
    reader: WordReader

    @property
    def first(self) -> Citation:
        return self.answer.citations[0]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    return open_index(build_records(tmp_path_factory.mktemp("read") / "data", RECORDS))


def ask(archive: Opened, text: str, odds: Mapping[str, float]) -> Read:
    """Ask with a reader that finds these words."""
    reader = WordReader(odds)
    store = archive.snapshot
    asker = Asker(store, Searcher(store, HashEncoder()), lambda: NOON, reader=reader)
    return Read(asker.ask(Question(text)), reader)


@pytest.mark.parametrize(("words", "article"), [(TOWER, "tower"), (SONGS, "songs")])
def test_the_sentence_whose_words_are_likeliest_is_quoted_first_whichever_passage_it_is_in(
    archive: Opened, words: str, article: str
) -> None:
    first = ask(archive, KEEPER, {words: 5.0}).first
    assert (first.article.id, first.answer) == (article, words)
    assert words in first.quote


def test_further_citations_are_those_that_answer_too(archive: Opened) -> None:
    read = ask(archive, KEEPER, {TOWER: 6.0, SONGS: 3.0, "A gull": -1.0})
    assert [each.answer for each in read.answer.citations] == [TOWER, SONGS]
    scores = [each.score for each in read.answer.citations]
    assert scores == sorted(scores, reverse=True)


def test_a_pronoun_is_quoted_with_what_it_stands_for(archive: Opened) -> None:
    first = ask(archive, KEEPER, {TOWER: 5.0}).first
    assert first.quote == f"The last keeper left in 1978. She was {TOWER}, born in Vessel Bay."
    assert first.article.text[first.answer_start : first.answer_end] == TOWER


def test_what_nothing_read_answers_is_not_covered_and_the_nearest_is_the_likeliest(
    archive: Opened,
) -> None:
    answer = ask(archive, KEEPER, {SONGS: -3.0}).answer
    assert answer.status == "not_covered"
    assert answer.nearest[0].article.id == "songs"
    assert answer.nearest[0].answer == SONGS


COUNTED: list[Record] = [
    {"_id": "titled", "title": "The wreck of 406 men", "text": "The Dawn sank. All men drowned."},
    {"_id": "sheep", "title": "A wreck", "text": "The Orrin carried 406 sheep. All drowned."},
    {
        "_id": "rules",
        "title": "The gate",
        "text": "The rules of the gate are these. 1. Ring the bell. 2. Wait for Ida.",
    },
]


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    return open_index(build_records(tmp_path_factory.mktemp("counted") / "data", COUNTED))


def test_an_amount_may_stand_in_the_title(counted: Opened) -> None:
    ((_, windows),) = ask(counted, "Who of 406 men drowned?", {"All": 1.0}).reader.asked
    assert {each.title for each in windows} == {"The wreck of 406 men", "A wreck"}


@pytest.mark.parametrize(
    ("asked", "read"),
    [
        ("What is the second of the rules of the gate?", "What are the rules of the gate?"),
        ("What is the 2nd item of the rules of the gate?", "What are the rules of the gate?"),
        ("What is the last rule of the gate?", "What are the rules of the gate?"),
        # The list has no third; of what else it is the second, no list tells.
        ("What is the third rule of the gate?", "What is the third rule of the gate?"),
        ("What is the second gate?", "What is the second gate?"),
        ("What is the second of May?", "What is the second of May?"),
        ("What was the first entry of Ida?", "What was the first entry of Ida?"),
    ],
)
def test_an_item_is_asked_for_by_its_list_where_that_has_it(
    counted: Opened, asked: str, read: str
) -> None:
    found = ask(counted, asked, {"these": 5.0})
    assert [question for question, _ in found.reader.asked] == [read]
    if asked != read:
        assert found.first.quote == "2. Wait for Ida."


def test_what_is_hardly_likely_comes_behind_what_the_search_is_sure_of(archive: Opened) -> None:
    firsts = [ask(archive, KEEPER, {"A gull": odds}).first for odds in (-0.5, -2.0)]
    assert [each.article.id for each in firsts] == ["gulls", "tower"]


def test_a_copy_that_stands_for_what_was_read_has_the_words_at_its_own_place(
    archive: Opened,
) -> None:
    first = ask(archive, "How many leaks had the dam of Tessel?", {"5": 5.0}).first
    assert first.article.id == "early"
    assert [passage.article_id for passage in first.also_in] == ["late"]
    assert first.answer_start == first.article.text.index("5 leaks")
    assert first.answer == "5"


def test_an_unknown_name_decides_nothing_where_what_was_read_answers(archive: Opened) -> None:
    asked = "Who was the Zuzanna keeper?"
    assert archive.asker.ask(Question(asked)).confidence == 0
    answer = ask(archive, asked, {TOWER: 5.0}).answer
    assert (answer.status, answer.citations[0].answer) == ("answered", TOWER)
    assert answer.confidence > 0.5


@pytest.mark.parametrize("text", ["Hello!", "The lighthouse of Cape Orrin", "songs of the coast?"])
def test_small_talk_and_topics_are_not_read(archive: Opened, text: str) -> None:
    assert ask(archive, text, {TOWER: 5.0}).reader.asked == []


def test_a_question_without_a_time_costs_one_search_and_one_reading(
    archive: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    ranked: list[str] = []
    rank = Searcher.rank

    def watched(searcher: Searcher, question: Question, *given: object) -> Ranking:
        ranked.append(question.text)
        return rank(searcher, question, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Searcher, "rank", watched)
    for odds in (5.0, -6.0):
        ranked.clear()
        reader = ask(archive, KEEPER, {TOWER: odds}).reader
        assert ranked == [KEEPER]
        assert [question for question, _ in reader.asked] == [KEEPER]


def test_what_was_read_comes_likeliest_first_and_from_the_articles(archive: Opened) -> None:
    reader = WordReader({TOWER: -3.0, SONGS: 5.0, "A gull": -4.0})
    ranking = archive.searcher.rank(Question(KEEPER))
    found = read_ranking(reader, ranking, archive.snapshot)
    assert [each.log_odds for each in found[:3]] == [5.0, -3.0, -4.0]
    for each in found:
        passage = archive.snapshot.locate(each.candidate.key).passage
        start, end = passage.sentences[each.place]
        assert each.answer is None or start <= each.answer[0] < each.answer[1] <= end
    said = [archive.snapshot.locate(each.candidate.key) for each in found[:2]]
    words = [
        located.article.text[slice(*each.answer)]
        for located, each in zip(said, found, strict=False)
        if each.answer
    ]
    assert words == [SONGS, TOWER]


def test_surer_reading_outweighs_fitting_words_only_where_the_reader_was_unsure() -> None:
    def first(*read: tuple[float, float]) -> int:
        scores = [QUOTED.preference(*each) for each in read]
        return scores.index(max(scores))

    assert first((-4.0, 1.0), (-1.0, 0.5)) == 1
    assert first((1.0, 1.0), (4.0, 0.5)) == 0


def test_a_sentence_promises_what_the_one_does_that_it_goes_on_from(archive: Opened) -> None:
    found = read_ranking(WordReader({}), archive.searcher.rank(Question(KEEPER)), archive.snapshot)
    tower = {
        each.place: each.promise
        for each in found
        if archive.snapshot.locate(each.candidate.key).article.id == "tower"
    }
    assert tower[0] == tower[1] > tower[2]


@pytest.fixture(scope="module")
def numbered(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    roads = (
        "The M 25 was closed by a burst pipe. The A 46 was closed by snow. "
        "Apollo 11 passed over it. Apollo 12 was seen nowhere. A 30-year-old man was hurt on it. "
        "It was opened on June 3. Ice shut it on June 9."
    )
    rules = (
        "What a member must bring:\n1. A lantern.\n2. A rope.\n3. A letter.\n"
        "What a member must leave:\n1. A dog.\n2. A cat."
    )
    data = tmp_path_factory.mktemp("numbered") / "data"
    records = [{"_id": "roads", "text": roads}, {"_id": "rules", "text": rules}]
    return open_index(build_records(data, records))


@pytest.mark.parametrize(
    ("question", "likeliest", "first"),
    [
        ("What closed the A 46?", "burst pipe", "The A 46 was closed by snow."),
        ("What closed the A46?", "burst pipe", "The A 46 was closed by snow."),
        ("Where was Apollo 12 seen?", "over it", "Apollo 12 was seen nowhere."),
        ("What is the second thing that a member must bring?", "lantern", "2. A rope."),
        ("Which is the 3rd thing that a member must bring?", "lantern", "3. A letter."),
        ("What is the second thing that a member must leave?", "dog", "2. A cat."),
        ("What is the last thing that a member must bring?", "lantern", "3. A letter."),
        ("What is the first thing a member must bring?", "must bring", "1. A lantern."),
        ("What is the last thing a member must leave?", "must leave", "2. A cat."),
        ("What is the first thing that a member must bring?", "letter", "1. A lantern."),
        # These name no other road and no other item.
        ("Who was hurt on the A 46?", "30-year-old", "A 30-year-old man was hurt on it."),
        ("What shut what was opened on June 3?", "Ice", "Ice shut it on June 9."),
        # Read as it is: nothing names the one that is asked for.
        ("What closed the B 9?", "burst pipe", "The M 25 was closed by a burst pipe."),
        ("What is the ninth thing that a member must bring?", "lantern", "1. A lantern."),
        ("What was closed on May 3?", "burst pipe", "The M 25 was closed by a burst pipe."),
    ],
)
def test_another_road_or_item_is_not_the_answer_where_the_one_asked_for_is_named(
    numbered: Opened, question: str, likeliest: str, first: str
) -> None:
    ranking = numbered.searcher.rank(Question(question))
    found = read_ranking(WordReader({likeliest: 5.0}), ranking, numbered.snapshot)[0]
    passage = numbered.snapshot.locate(found.candidate.key).passage
    assert passage.words(passage.sentences[found.place]) == first


@pytest.mark.parametrize(
    ("question", "read"),
    [
        ("What closed the a46?", "What closed the A 46?"),
        ("Was 12 apollo seen, or Apollo12?", "Was 12 apollo seen, or Apollo 12?"),
        ("Was a thirty-year-old hurt?", "Was a 30-year-old hurt?"),
        ("Who closed 11 roads on May 30?", "Who closed 11 roads on May 30?"),
    ],
)
def test_a_question_is_read_with_its_numbers_as_the_articles_write_them(
    numbered: Opened, question: str, read: str
) -> None:
    reader = WordReader({})
    read_ranking(reader, numbered.searcher.rank(Question(question)), numbered.snapshot)
    assert reader.asked[0][0] == read


def test_of_an_item_that_was_read_as_well_the_words_that_answer_are_kept(numbered: Opened) -> None:
    question = Question("What is the second thing that a member must bring?")
    reader = WordReader({"lantern": 5.0, "rope": 1.0})
    found = read_ranking(reader, numbered.searcher.rank(question), numbered.snapshot)[0]
    article = numbered.snapshot.locate(found.candidate.key).article
    assert found.log_odds == 5.0
    assert found.answer is not None
    assert article.text[slice(*found.answer)] == "rope"


def test_more_certain_reading_is_more_confident() -> None:
    found = np.full(len(FEATURES), 0.5)
    chances = [read_confidence(found, 0.5, odds) for odds in (-4.0, -1.0, 0.0, 1.0)]
    assert chances == sorted(chances)
    assert len(set(chances)) == len(chances)


def test_without_a_reader_nothing_is_marked(archive: Opened) -> None:
    answer = archive.asker.ask(Question(KEEPER))
    shown = answer.citations or answer.nearest
    assert shown
    assert {(each.answer_start, each.answer_end, each.answer) for each in shown} == {(None,) * 3}


def test_words_that_answer_lie_inside_the_quote_in_the_article_as_it_is(tmp_path: Path) -> None:
    build([ARCHIVE], tmp_path / "data", HashEncoder(), no_progress)
    opened = open_index(tmp_path / "data")
    store = opened.snapshot
    reader = load_reader(question_answerer(tmp_path / "tiny"), tmp_path)
    asker = Asker(store, opened.searcher, lambda: NOON, "open", reader=reader)
    marked = 0
    for text in QUESTIONS:
        answer = asker.ask(Question(text))
        for each in answer.citations or answer.nearest:
            if each.answer_start is None or each.answer_end is None:
                continue
            marked += 1
            assert each.quote_start <= each.answer_start < each.answer_end <= each.quote_end
            article = store.article(each.article.id)
            assert isinstance(article, Article)
            assert article.text[each.answer_start : each.answer_end] == each.answer
            assert each.answer in each.quote
    assert marked >= len(QUESTIONS)


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
