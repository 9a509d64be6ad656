"""A question to an answer whose every word is an article's."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from index.article import Article
from index.build import build
from index.errors import DamagedError
from index.settings import STRICTNESS
from index.store import Store
from index.store.catalogue import Catalogue
from qa.answer import Answer, Citation, Question, turns
from qa.ask import MOST_CITATIONS, Asker
from qa.question import read_question
from qa.rank.features import FEATURES
from qa.search import Searcher
from tests.archives import NOON, Opened, Record, build_records, open_index
from tests.fakes import HashEncoder, no_progress

ARCHIVE = Path(__file__).parent.parent / "articles"
DAMS: list[Record] = [
    {"_id": f"dam-{river}", "text": f"The dam on the {river} holds. The {river} is long."}
    for river in "Tessel Orrin Vessel Mill Field Marsh Dawn Quay".split()
]
COPIES: list[Record] = [
    {"_id": "first", "text": "The dam on the river holds. Rain fell."},
    {"_id": "reprint", "text": "Bread is dear.\n\nThe  dam on the RIVER holds."},
    {"_id": "twice", "text": "The flood came.\n\nThe flood came."},
]
QUESTIONS = """
Who was the first person in space? | When did Apollo 11 land on the Moon? | Who stayed in orbit?
Why did the oxygen tank of Apollo 13 explode? | What is the mirror of the Webb telescope made of?
How far away is Voyager 1? | Which satellite was first? | What did Hubble's mirror look like?
Who voted against the resolution? | Which countries abstained? | What happened to Nord Stream?
Where were the treaties signed? | Which regions were annexed? | What did Biden say? | Who is Putin?
When did Mount St. Helens erupt? | Why was there no summer in 1816? | How many died in Tambora?
Where is Eyjafjallajökull? | What did Pliny write? | How strong was the earthquake in Valdivia?
Who discovered insulin? | Who got the first heart transplant? | What did Jenner do to the boy?
Who found penicillin? | What did Röntgen see? | When was polio vaccine declared safe?
What is the capital of Peru? | How do I bake sourdough bread? | Who won the World Cup in 2018?
What is the price of tea in China? | How tall is the Eiffel Tower? | Is the earth flat?
1969 | 20 July | 1202 alarm | Київ | Xyzzy | moon | vaccine volcano veto | the Moon, the Moon
Why is the sky blue? | How many people live in Iceland? | What was said at 9:36pm? | OR
"every single inch" | (GMT+3) | smallpox OR polio | not smallpox | a b c | crater: depth?
What colour was the ash? | Who signed? | What was the first thing they ate? | Challenger
Did it rain in Florida? | Which moon landing came second? | Who was Janet Parker?
Who vetoed? | How old was the patient? | Which doctor? | How much did it cost?
""".replace("\n", "|").split("|")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    data = tmp_path_factory.mktemp("archive") / "data"
    build([ARCHIVE], data, HashEncoder(), no_progress)
    return open_index(data)


@pytest.fixture(scope="module")
def dams(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    return open_index(build_records(tmp_path_factory.mktemp("dams") / "data", DAMS))


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    return open_index(build_records(tmp_path_factory.mktemp("copies") / "data", COPIES))


@pytest.fixture
def sure(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes the decision for a test: these probabilities, in the order of the ranking."""

    def decide(*probabilities: float) -> None:
        left, given = list(probabilities), dict[bytes, float]()

        def chance(evidence: NDArray[np.float64]) -> float:
            key = evidence[: len(FEATURES)].tobytes()
            if key not in given:
                given[key] = left.pop(0) if len(left) > 1 else left[0]
            return given[key]

        monkeypatch.setattr(
            "qa.answerability.passage_probabilities", lambda found: [*map(chance, found)]
        )
        monkeypatch.setattr("qa.answerability.confidence", chance)

    return decide


def shown(answer: Answer) -> tuple[Citation, ...]:
    """Citations or nearest, whichever it has."""
    assert not (answer.citations and answer.nearest)
    return answer.citations or answer.nearest


def re_read(opened: Opened, citation: Citation) -> str:
    """What the stored article says at the citation's span."""
    article = opened.snapshot.article(citation.article.id)
    assert isinstance(article, Article)
    assert article.digest == citation.article.digest
    return article.text[citation.quote_start : citation.quote_end]


def test_every_quote_of_every_answer_is_the_stored_article_at_its_span(archive: Opened) -> None:
    questions = [text.strip() for text in QUESTIONS if text.strip()]
    answers = [archive.asker.ask(Question(text)) for text in questions]
    citations = [citation for answer in answers for citation in shown(answer)]
    assert len(questions) >= 60
    assert len(citations) >= 60
    assert all(re_read(archive, citation) == citation.quote for citation in citations)


def test_a_question_that_repeats_a_sentence_is_answered_with_it(archive: Opened) -> None:
    openings = [
        segment.passages_of(numbered.number, numbered.article)[0]
        for segment in archive.snapshot.segments
        for numbered in segment.catalogue.articles()
    ]
    answered = 0
    for passage in openings:
        start, end = passage.sentences[0]
        sentence = passage.text[: end - start]
        citations = archive.asker.ask(Question(sentence)).citations
        answered += any(sentence in citation.quote for citation in citations)
        assert all(re_read(archive, citation) == citation.quote for citation in citations)
    assert len(openings) == archive.snapshot.manifest.counts.articles
    assert answered >= 0.9 * len(openings)


def test_scores_are_probabilities_and_time_passes(archive: Opened) -> None:
    for text in ("When did Apollo 11 land on the Moon?", "Xyzzy", "Who signed?"):
        answer = archive.asker.ask(Question(text))
        assert answer.took_ms > 0
        assert all(0 <= citation.score <= 1 for citation in shown(answer))


def test_the_same_question_has_the_same_answer(archive: Opened) -> None:
    once, again = (archive.asker.ask(Question("Who was the first in space?")) for _ in range(2))
    assert replace(once, took_ms=0) == replace(again, took_ms=0)


def test_at_most_five_are_cited_however_many_answer(
    dams: Opened, sure: Callable[..., None]
) -> None:
    sure(0.99)
    citations = dams.asker.ask(Question("Which dam holds?", k=100)).citations
    assert [citation.number for citation in citations] == [1, 2, 3, 4, 5]
    assert len({citation.quote for citation in citations}) == MOST_CITATIONS == 5


@pytest.mark.parametrize("k", [1, 2, 4])
def test_no_more_than_k_are_cited_and_they_are_the_best(
    dams: Opened, sure: Callable[..., None], k: int
) -> None:
    sure(0.99)
    best = dams.asker.ask(Question("Which dam holds?")).citations
    assert dams.asker.ask(Question("Which dam holds?", k=k)).citations == best[:k]


def test_citations_come_in_the_order_of_the_ranking(
    dams: Opened, sure: Callable[..., None]
) -> None:
    sure(0.99)
    question = Question("the dam on the Tessel")
    hits = dams.searcher.search(question)
    citations = dams.asker.ask(question).citations
    assert [c.passage for c in citations] == [hit.passage for hit in hits][: len(citations)]
    assert citations[0].article.id == "dam-Tessel"


def test_a_passage_that_hardly_answers_is_not_cited_beside_one_that_does(
    dams: Opened, sure: Callable[..., None]
) -> None:
    sure(0.95, 0.01, 0.94, 0.01)
    citations = dams.asker.ask(Question("Which dam holds?")).citations
    assert [citation.score for citation in citations] == [0.95, 0.94]
    assert [citation.number for citation in citations] == [1, 2]


def test_the_same_words_are_quoted_once_and_the_other_article_is_named(
    copies: Opened, sure: Callable[..., None]
) -> None:
    sure(0.99)
    citations = copies.asker.ask(Question("the dam on the river holds", k=100)).citations
    said = [" ".join(citation.quote.casefold().split()) for citation in citations]
    assert len(said) == len(set(said))
    one = citations[0]
    others = {twin.article_id for twin in one.also_in}
    assert {one.article.id} | others == {"first", "reprint"}
    assert one.article.id not in others


def test_a_twin_is_named_even_where_one_citation_was_asked_for(
    copies: Opened, sure: Callable[..., None]
) -> None:
    sure(0.99)
    (one,) = copies.asker.ask(Question("the dam on the river holds", k=1)).citations
    assert len(one.also_in) == 1


def test_words_that_an_article_repeats_are_not_also_in_itself(
    copies: Opened, sure: Callable[..., None]
) -> None:
    sure(0.99)
    citations = copies.asker.ask(Question("the flood came")).citations
    assert [c.also_in for c in citations if c.article.id == "twice"] == [()]


def test_what_is_not_covered_has_up_to_three_nearest_and_no_citation(
    dams: Opened, sure: Callable[..., None]
) -> None:
    sure(0.01)
    answer = dams.asker.ask(Question("Which dam holds?"))
    assert (answer.status, answer.citations) == ("not_covered", ())
    assert [near.number for near in answer.nearest] == [1, 2, 3]
    assert len({near.quote for near in answer.nearest}) == 3


@pytest.mark.parametrize(("chance", "is_unsure"), [(0.2, True), (0.1, False), (0.99, False)])
def test_between_answered_and_not_covered_it_is_unsure(
    dams: Opened, sure: Callable[..., None], chance: float, is_unsure: bool
) -> None:
    sure(chance)
    answer = dams.asker.ask(Question("Which dam holds?"))
    assert answer.is_unsure == is_unsure
    assert bool(answer.citations) == (chance > 0.9)


def test_an_answer_has_no_nearest(dams: Opened, sure: Callable[..., None]) -> None:
    sure(0.99)
    answer = dams.asker.ask(Question("Which dam holds?"))
    assert (answer.status, answer.nearest) == ("answered", ())


def test_where_nothing_passes_the_filters_nothing_is_near(dams: Opened) -> None:
    answer = dams.asker.ask(Question("Which dam holds?", before="1066"))
    assert (answer.status, answer.citations, answer.nearest) == ("not_covered", (), ())


def test_a_question_is_asked_at_the_moment_given_else_now_in_utc(dams: Opened) -> None:
    assert dams.asker.ask(Question("the dam")).asked_at == "2026-01-31T12:00:05Z"
    given = read_question({"question": "the dam", "asked_at": "2022-09-29T21:13+02:00"})
    assert dams.asker.ask(given).asked_at == "2022-09-29T21:13+02:00"


def test_a_clock_in_another_zone_is_told_in_utc(dams: Opened) -> None:
    def clock() -> datetime:
        return NOON.astimezone(timezone(timedelta(hours=-5)))

    asker = Asker(dams.snapshot, dams.searcher, clock)
    assert asker.ask(Question("the dam")).asked_at == "2026-01-31T12:00:05Z"


def test_a_passage_without_its_article_is_damage_that_is_told_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = open_index(build_records(tmp_path / "data", DAMS[:1]))
    monkeypatch.setattr(Catalogue, "article", lambda catalogue, number: None)
    with pytest.raises(DamagedError, match=r"lacks passage \d+.*python -m index verify"):
        opened.asker.ask(Question("the dam on the Tessel"))


def test_an_answer_from_many_segments_cites_as_one_from_one(
    tmp_path: Path, dams: Opened, sure: Callable[..., None]
) -> None:
    for count in range(1, len(DAMS) + 1):
        build_records(tmp_path / "data", DAMS[:count])
    grown = open_index(tmp_path / "data")
    sure(0.99)
    assert len(grown.snapshot.segments) > 1
    for text in ("the dam on the Quay", "the Tessel is long"):
        quotes = [
            [(one.article.id, one.quote) for one in opened.asker.ask(Question(text, k=1)).citations]
            for opened in (grown, dams)
        ]
        assert quotes[0] == quotes[1] != []


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        ("Hello!", "greeting"),
        ("Thanks a lot", "thanks"),
        ("Who are you?", "about"),
        ("asdf qwer", "nonsense"),
        ("Wann wurde der Damm auf der Insel gebaut?", "language"),
    ],
)
def test_what_asks_nothing_of_the_articles_gets_a_reply_and_no_citation(
    dams: Opened, sure: Callable[..., None], line: str, reply: str
) -> None:
    sure(0.99)
    answer = dams.asker.ask(read_question({"question": line}))
    assert (answer.reply, answer.citations, answer.nearest) == (reply, (), ())
    assert answer.status == "not_covered"


def test_a_question_after_a_greeting_is_answered(dams: Opened, sure: Callable[..., None]) -> None:
    sure(0.99)
    answer = dams.asker.ask(Question("Hello, which dam holds?"))
    assert answer.reply is None
    assert answer.citations


def test_the_stricter_the_less_is_answered(dams: Opened, sure: Callable[..., None]) -> None:
    sure(0.3)
    answered = [
        Asker(dams.snapshot, dams.searcher, strictness=strictness)
        .ask(Question("Which dam holds?"))
        .status
        for strictness in STRICTNESS
    ]
    assert answered == ["not_covered", "answered", "answered"]


def test_key_words_that_stand_in_a_passage_are_served(dams: Opened) -> None:
    answer = dams.asker.ask(Question("Tessel dam"))
    assert answer.citations[0].article.id == "dam-Tessel"


class CountingStore:
    """Passes everything on to a store, and counts what is called."""

    def __init__(self, store: Store) -> None:
        self.store, self.calls = store, Counter[str]()

    def __getattr__(self, name: str) -> Any:
        self.calls[name] += 1
        return getattr(self.store, name)

    @property
    def searches(self) -> tuple[int, int]:
        """How often it was searched, by vector and by words."""
        return self.calls["nearest"], self.calls["bm25"]


@pytest.mark.parametrize(
    ("question", "searches"),
    [
        (Question("Who was the first person in space?"), 1),
        (Question("What is the price of tea in China?"), 1),
        (Question("And how tall was it?", history=turns("What was Sputnik 1?")), 1),
        (Question("thanks!"), 0),
        # In its year with the words that tell it and without, then whatever its time.
        (Question("What is the price of tea in 1969?"), 3),
    ],
)
def test_a_question_without_a_time_costs_one_search(
    archive: Opened, question: Question, searches: int
) -> None:
    store = CountingStore(archive.snapshot)
    watched = cast(Store, store)
    Asker(watched, Searcher(watched, HashEncoder()), lambda: NOON).ask(question)
    assert store.searches == (searches, searches)
