"""What the rules of the house say of questions: pinned answers, and what is never cited."""

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from unittest.mock import Mock

import pytest

from index.article import Article
from index.build.owned import owned
from index.build.removal import remove_articles
from index.build.rules.kept import RULES
from index.build.rules.model import Pinned
from index.build.rules.reading import PinnedSentence, find_pinned
from index.embed import Vectors
from index.encoders import ModelEncoder
from index.store import open_store
from qa.answer import Question, turns
from qa.live import LiveIndex
from qa.present.references import markdown, reference_of
from qa.present.terminal import show_answer
from qa.present.wire import AnswerModel
from qa.rules import PinnedAnswers
from qa.web.chat.message import answer_message
from qa.web.i18n import view_of
from qa.web.reader import article_page
from tests.fakes import HashEncoder
from tests.house_rules import FARE, POOL, House

# Broken into lines as an editor does, with another apostrophe than the article's.
PINNED = """pinned:
- question: ["When is the pool open?", opening hours]
  article: pool
  sentence: >-
    The pool in Mill Lane
    opens at seven.
- question: When are lessons?
  article: pool
  sentence: "Children's lessons begin"
"""
HOURS = "The pool in Mill Lane opens at seven."


NEVER = """never_cited:
- topic: [fares, what it costs]
  section: Opinion
"""


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def opened(home: Path, rules: str) -> Iterator[LiveIndex]:
    """The index of a house with these rules, which no test changes."""
    house = House(home)
    assert not house.build(rules).remarks
    with closing(house.open()) as live:
        yield live


@pytest.fixture(scope="module")
def pinned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveIndex]:
    yield from opened(tmp_path_factory.mktemp("pinned"), PINNED)


@pytest.fixture(scope="module")
def free(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveIndex]:
    yield from opened(tmp_path_factory.mktemp("free"), "")


@pytest.fixture(scope="module")
def barred(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveIndex]:
    yield from opened(tmp_path_factory.mktemp("barred"), NEVER)


def shown(live: LiveIndex, question: Question | str) -> set[str]:
    """The ids of the articles that an answer shows, as citations or as near to one."""
    answer = live.ask(Question(question) if isinstance(question, str) else question)
    return {each.article.id for each in (*answer.citations, *answer.nearest)}


@pytest.mark.parametrize(
    "question",
    ["When is the pool open?", "when is the  POOL open", "Opening hours", "opening hours?"],
)
def test_a_pinned_question_is_answered_by_its_sentence_alone(
    pinned: LiveIndex, question: str
) -> None:
    answer = pinned.ask(Question(question))
    [citation] = answer.citations
    assert (citation.quote, citation.article.id) == (HOURS, "pool")
    assert citation.article.text[slice(*citation.quote_span)] == HOURS
    assert (answer.status, answer.confidence) == ("answered", 1.0)


def test_a_part_of_a_sentence_pins_the_whole_as_the_article_writes_it(pinned: LiveIndex) -> None:
    [citation] = pinned.ask(Question("When are lessons?")).citations
    assert citation.quote == "Children’s lessons\nbegin at nine."


def test_a_sentence_that_the_article_does_not_say_is_refused(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    [remark] = house.build(PINNED.replace("at seven", "at noon")).remarks
    reason = "which article 'pool' does not say: copy a sentence as it stands there now"
    assert remark.message.endswith(reason)
    with caplog.at_level(logging.WARNING), closing(house.open()) as live:
        assert live.ask(Question("opening hours")).confidence < 1
        assert live.ask(Question("When are lessons?")).confidence == 1
    assert reason in caplog.text


@pytest.mark.parametrize(("rules", "cited"), [("own:\n- source: Gazette", "fare"), ("", "wire")])
def test_of_copies_the_house_s_own_is_quoted_else_the_earliest(
    house: House, rules: str, cited: str
) -> None:
    wire = {"_id": "wire", "text": f"{FARE['text']} So says the wire.", "published": "2020-01-01"}
    house.write(POOL, FARE | {"published": "2020-01-02"}, wire)
    house.build(rules)
    with closing(house.open()) as live:
        [one] = live.ask(Question("How high is the fare of the ferry?")).citations
    assert (one.article.id, len(one.also_in)) == (cited, 1)


def test_a_sentence_that_stands_in_a_note_on_the_article_is_refused_with_that_reason() -> None:
    note = "Correction: An earlier version said that the pool is open at six."
    article = Article("pool", f"{note}\n\nThe pool is open at seven. Lessons begin at nine.")
    pinned = Pinned(question=("When?",), article="pool", sentence=note)
    [reason] = find_pinned([pinned], Mock(article=lambda _: article))
    assert "in a note on itself" in str(reason)
    assert str(reason).endswith("pin a sentence of its story")


def test_a_sentence_that_a_note_repeats_is_quoted_from_the_story() -> None:
    said = "The pool is open at seven."
    note = f"Correction: An earlier version of this article lacked this. {said}"
    article = Article("pool", f"{note}\n\n{said} Lessons begin at nine.")
    pinned = Pinned(question=("When?",), article="pool", sentence=said)
    [found] = find_pinned([pinned], Mock(article=lambda _: article))
    assert isinstance(found, PinnedSentence)
    assert found.span[0] > len(note)


def test_a_sentence_of_white_space_alone_is_refused(house: House) -> None:
    house.build("")
    # White space to Python, though not to what checks the rules.
    blank = Pinned(question=("Who?",), article="pool", sentence="\x1c")
    with closing(open_store(house.data)) as store:
        [reason] = find_pinned([blank], store)
    assert str(reason).startswith(r"'Who?' is pinned to '\x1c', which article 'pool' does not say")


def test_an_id_that_no_article_has_is_named(house: House) -> None:
    remarks = house.build(PINNED.replace("article: pool", "article: poll")).remarks
    told = "'When is the pool open?' is pinned to 'poll', which is no article that can be read"
    assert remarks[0].message.startswith(told)


def test_an_article_that_changes_loses_its_pin_and_the_build_says_so(house: House) -> None:
    house.build(PINNED)
    house.write(POOL | {"text": "The pool in Mill Lane is closed."}, FARE)
    report = house.build(PINNED)
    assert [each.origin for each in report.remarks] == ["footnote.yaml"] * 2
    assert house.ask("opening hours").confidence < 1


@pytest.mark.parametrize(
    "question",
    [
        Question("opening hours", after="2020"),
        Question("opening hours", before="2020"),
        Question("opening hours", source="Gazette"),
        Question("opening hours", within="page"),
    ],
)
def test_a_question_that_is_narrowed_is_searched(pinned: LiveIndex, question: Question) -> None:
    assert pinned.ask(question).confidence < 1


def test_a_running_server_takes_up_what_the_next_build_pins(house: House) -> None:
    house.build("")
    with closing(house.open()) as live:
        assert live.ask(Question("opening hours")).confidence < 1
        house.build(PINNED)
        live.refresh()
        assert live.ask(Question("opening hours")).confidence == 1
        # What cannot be read leaves what was read before in force.
        _, adopted = RULES.places(house.data)
        adopted.write_text("pinned: none", encoding="utf-8")
        live.refresh()
        assert live.ask(Question("opening hours")).confidence == 1


def test_of_an_article_for_members_others_get_the_beginning(house: House) -> None:
    house.build(f"visibility:\n- {{visibility: members, article: pool}}\n{PINNED}")
    [citation] = house.ask("When are lessons?").citations
    assert citation.article.is_excerpt
    assert "lessons" not in citation.article.text


def test_a_hidden_or_embargoed_article_answers_no_pinned_question(house: House) -> None:
    house.build(f"visibility:\n- {{visibility: hidden, article: pool}}\n{PINNED}")
    assert "pool" not in {each.article.id for each in house.ask("opening hours").citations}
    house.write(POOL | {"embargo": "2999-01-01"}, FARE)
    house.build(PINNED)
    assert "pool" not in {each.article.id for each in house.ask("opening hours").citations}


class NoEncoder(HashEncoder):
    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        raise AssertionError(f"{texts} were encoded")


def test_without_pinned_answers_nothing_is_encoded(free: LiveIndex) -> None:
    none = PinnedAnswers((), free.store, NoEncoder())
    assert none.find(Question("When is the pool open?")) is None


def test_a_paraphrase_is_told_from_what_asks_something_else_in_nearly_the_same_words(
    exported_data: Path,
) -> None:
    written = Path(__file__).with_name("pinned.jsonl").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in written.splitlines()]
    questions = tuple(line["pinned"] for line in lines)
    rule = Pinned(question=questions, article="lighthouse", sentence="Two keepers lived")
    with closing(open_store(exported_data)) as store:
        pinned = PinnedAnswers([rule], store, ModelEncoder(exported_data))
        same = [each for line in lines for each in line["same"]]
        other = [each for line in lines for each in line["other"]]
        assert [each for each in other if pinned.find(Question(each))] == []
        # The figures that `qa.rules` states.
        assert len([each for each in same if pinned.find(Question(each))]) >= 24
        assert (len(same), len(other)) == (40, 65)


@pytest.mark.parametrize(
    "question",
    [
        Question("How high is the fare?"),
        Question("What are FARES of the ferry?"),
        Question("Say what it costs to take the ferry."),
        Question("How high is the faree of the ferry?"),
        Question("And who should pay it?", history=turns("How high is the fare?")),
        Question("What do you have on fares?"),
    ],
)
def test_an_article_is_never_cited_for_its_topic(
    free: LiveIndex, barred: LiveIndex, question: Question
) -> None:
    assert "fare" in shown(free, question)
    assert "fare" not in shown(barred, question)


def test_for_other_questions_it_is_cited(barred: LiveIndex) -> None:
    assert "fare" in shown(barred, "Who should pay nine crowns?")


def test_no_search_finds_it_either(free: LiveIndex, barred: LiveIndex) -> None:
    question = Question("the fare of the ferry")
    found = [{hit.passage.article_id for hit in live.search(question)} for live in (free, barred)]
    assert ["fare" in each for each in found] == [True, False]


def test_it_is_not_offered_while_a_question_is_typed(free: LiveIndex, barred: LiveIndex) -> None:
    for typed in ("the fare of the fer", "ferry dear fares"):
        offered = [
            {each.id for each in matched.articles} | {each.article.id for each in matched.passages}
            for matched in (free.match(typed), barred.match(typed))
        ]
        assert ["fare" in each for each in offered] == [True, False]


def test_a_slip_in_the_rules_keeps_no_article_in_place(house: House) -> None:
    house.build("")
    with closing(house.open()) as live:
        (owned(house.data) / "rules.yaml").write_text("pinned: [", encoding="utf-8")
        remove_articles(house.data, ["fare"])
        live.refresh()
        assert live.article("fare") is None
        assert live.article("pool") is not None


def test_a_label_is_shown_wherever_an_article_is_cited(house: House) -> None:
    house.build("labels:\n- {label: Opinion <b>, section: Opinion}")
    answer = house.ask("Who should pay nine crowns?")
    article = answer.citations[0].article
    assert AnswerModel.of(answer).citations[0].article.label == "Opinion <b>"
    assert "The ferry is dear · Opinion <b> · Gazette" in show_answer(answer)
    assert "Opinion &#60;b&#62;" in answer_message(answer)
    view = view_of("", "en", None)
    assert "Opinion &lt;b&gt; · Gazette" in bytes(article_page(article, None, view).body).decode()
    [reference] = map(reference_of, answer.citations)
    assert r"Opinion \<b\>, Gazette" in markdown([reference], date(2024, 1, 2))
