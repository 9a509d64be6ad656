"""A follow-up question from its history to what is found, cited and shown for it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis import Analyzer
from qa.answer import Question, Turn, Understood, turns
from qa.present.terminal import show_answer
from qa.understand.followup import half, readings, topic_words, understand
from qa.understand.query import read_query
from tests.archives import Opened, Record, build_records, open_index
from tests.fakes import HashEncoder
from tests.web_sample import LANDING, MOON, answer, cite

FILLER = " ".join(f"Of the {place} wall little is told here, and it is old." for place in range(12))
RECORDS: list[Record] = [
    {
        "_id": f"dam-{river}",
        "title": f"The {river}",
        "text": f"The dam on the {river} was built by {builder}. {FILLER} "
        f"The engineer of the {river} bought a boat. {FILLER}",
    }
    for river, builder in (("Orrin", "Ada"), ("Tessel", "Bo"), ("Mill", "Cy"), ("Dawn", "Di"))
]
BUILT = "Who built the dam on the Orrin?"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    return open_index(build_records(tmp_path_factory.mktemp("follow") / "data", RECORDS))


def first(opened: Opened, question: Question) -> str:
    """The article of the best hit."""
    return opened.searcher.search(question)[0].passage.article_id


def test_another_name_counts_more_than_the_one_before(opened: Opened) -> None:
    question = Question("And the Tessel?", history=turns(BUILT))
    assert first(opened, question) == "dam-Tessel"
    assert (
        opened.asker.ask(question).understood_as == "And the Tessel? (built the dam on the Orrin)"
    )


@pytest.mark.parametrize("river", ["Orrin", "Tessel", "Mill", "Dawn"])
def test_what_a_question_lacks_is_found_by_what_was_asked_before(
    opened: Opened, river: str
) -> None:
    history = turns(f"Who built the dam on the {river}?")
    question = Question("What did its engineer buy?", history=history)
    assert first(opened, question) == f"dam-{river}"
    shown = opened.asker.ask(question).understood_as
    assert shown == f"What did its engineer buy? (built the dam on the {river})"


def test_a_question_that_stands_alone_is_answered_as_without_history(opened: Opened) -> None:
    question = Question("Who built the dam on the Tessel?", history=turns(BUILT))
    without = replace(question, history=())
    assert opened.searcher.search(question) == opened.searcher.search(without)
    assert opened.asker.ask(question).understood_as is None


def test_history_that_is_ignored_changes_nothing(opened: Opened) -> None:
    question = Question(
        "What did its engineer buy?", history=turns(BUILT), ignore=frozenset({"history"})
    )
    without = replace(question, history=(), ignore=frozenset())
    assert opened.searcher.search(question) == opened.searcher.search(without)
    assert opened.asker.ask(question).understood_as is None


def test_words_carried_over_weigh_a_part_of_what_they_would_weigh(opened: Opened) -> None:
    understood = Understood("What did it cost?", ("dam",))
    known = (HashEncoder(), Analyzer(), opened.snapshot)
    query = read_query(understood, *known, 0.25)
    whole = read_query(Understood("What did it cost? dam"), *known)
    assert query.terms == whole.terms
    dam = query.terms.index("dam")
    assert query.weights[dam] == pytest.approx(0.25 * whole.weights[dam])
    assert query.weights[: dam - 1].tolist() == whole.weights[: dam - 1].tolist()


def test_a_terminal_shows_what_was_understood() -> None:
    asked = Question("And the Moon?", history=turns("Who saw Mars?"))
    told = replace(answer(asked, cite(MOON, LANDING)), understood_as="Who saw the\x1b Moon?")
    assert show_answer(told).startswith("Interpreted as: Who saw the Moon?\n\n[1] ")
    assert show_answer(replace(told, citations=())).startswith("Interpreted as: Who saw")
    assert "Interpreted" not in show_answer(replace(told, understood_as=None))


def understood(*questions: str) -> Understood:
    """The last, after the others."""
    *before, text = questions
    return understand(Question(text, history=turns(*before)))


FUND = "How much is in Norway's oil fund?"
ARMS = "How much of it goes to arms?"


def test_a_pronoun_gets_what_the_question_before_was_about() -> None:
    assert understood(FUND, ARMS).shown == "How much of it goes to arms? (Norway's oil fund)"


def test_the_second_follow_up_knows_the_subject_of_the_first() -> None:
    shown = understood(FUND, ARMS, "Who decides that?").shown
    assert shown == "Who decides that? (Norway's oil fund, goes to arms)"
    shown = understood("What was Sputnik 1?", "How much did it weigh?", "When did it burn?").shown
    assert shown == "When did it burn? (Sputnik 1)"


def test_half_a_question_gets_the_topic_of_the_one_before() -> None:
    assert (
        understood("How much did Norway pay?", "And Denmark?").shown == "And Denmark? (Norway pay)"
    )
    shown = understood("Who was Gagarin?", "How old was he when he died?", "And Tereshkova?").shown
    assert shown == "And Tereshkova? (How old was he when he died)"


@pytest.mark.parametrize("text", ["Who built the dam of Orrin?", "What is COSTAR?"])
def test_a_question_that_stands_alone_is_not_dragged_back(text: str) -> None:
    found = understood(FUND, ARMS, text)
    assert found == Understood(text)
    assert found.shown is None


def test_what_changed_the_subject_ends_the_chain() -> None:
    assert understood(FUND, "What is COSTAR?", "Where is it now?").carried == ("COSTAR",)


def test_a_time_of_its_own_takes_the_place_of_the_time_before() -> None:
    asked = "Which countries abstained on the treaty in 2022?"
    found = understood(asked, "And which countries abstained in 2015?")
    assert found.carried == ("countries abstained on the treaty",)


def test_history_that_is_to_be_ignored_is() -> None:
    history = (Turn(FUND, ("fund:0-9",)),)
    question = Question(ARMS, history=history, ignore=frozenset({"history"}))
    assert understand(question) == Understood(ARMS)


def test_answers_and_remarks_in_the_history_are_passed_over() -> None:
    answer = "The fund holds about ten trillion kroner, most of it in shares."
    assert understood(FUND, answer, ARMS).carried == ("Norway's oil fund",)


def test_the_topic_of_a_question_is_what_it_does_not_ask_with() -> None:
    assert topic_words("How old was the pilot of Vostok 6 then?") == "pilot of Vostok 6"
    assert topic_words("How long is the A 46?") == "A 46"
    assert topic_words("Where is a 46 kept?") == "46 kept"
    assert topic_words("Why?") == ""
    assert topic_words("How many times did Ride fly?") == "Ride fly"
    assert topic_words("How loud was Krakatoa?") == "Krakatoa"


@pytest.mark.parametrize("text", ["insulin", "Vesuvius?"])
def test_a_word_alone_may_name_another_topic(text: str) -> None:
    first, second = readings(Question(text, history=turns("How loud was Krakatoa?")))
    assert first.shown == f"{text} (Krakatoa)"
    assert second == Understood(text)


@pytest.mark.parametrize("text", ["Why?", "When was that?", "And his wife?", "the second crew"])
def test_what_only_goes_on_names_no_other_topic(text: str) -> None:
    assert len(readings(Question(text, history=turns("How loud was Krakatoa?")))) == 1


def test_half_a_question_may_ask_for_whatever_is_told_of_its_thing() -> None:
    history = turns("Who was Gagarin?", "When did he die?")
    first, second = readings(Question("How about Nord Stream?", history=history))
    assert first.whole == "When did Nord Stream die?"
    assert first.shown == "How about Nord Stream? (When did he die)"
    assert second == Understood("Nord Stream")


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("And Gagarin?", "Gagarin"),
        ("what about the Tessel", "the Tessel"),
        ("But how about Mount St. Helens?", "Mount St. Helens"),
        ("And in 2015?", ""),
        ("And yesterday?", ""),
        ("And why?", ""),
        ("And her husband?", ""),
        ("What about it?", ""),
        ("Nord Stream?", ""),
    ],
)
def test_half_a_question_names_a_thing_and_asks_nothing(text: str, thing: str) -> None:
    assert half(text) == thing


def test_the_other_half_comes_from_the_last_whole_question() -> None:
    asked = ("How did China vote in the Council?", "And Norway?", "And India?")
    assert understood(*asked).carried == ("China vote in the Council",)
    assert understood("Who was Ada?", "How old was she?", "And Bo?").whole == "How old was Bo?"
    why = understood("Who was Ada?", "How old was she?", "And Bo?", "Why?")
    assert why.carried == ("Bo",)


@pytest.mark.parametrize(
    ("asked", "text", "whole"),
    [
        # Another thing in the place of the one that was named.
        ("What closed the A 46?", "And the B 9?", "What closed the B 9?"),
        ("When did Apollo 11 land?", "What about Apollo 12?", "When did Apollo 12 land?"),
        ("Where is Norway's fund?", "And Denmark?", "Where is Denmark's fund?"),
        ("Who runs the Bank of Narva?", "And the Mint?", "Who runs the Mint?"),
        ("Is Peru near Chile?", "And Bolivia?", None),
        ("Who was the first man in space?", "And Gagarin?", None),
        ("What did Norway pay in May?", "And Denmark?", "What did Denmark pay in May?"),
        # A question word alone in the place of the one before.
        ("Where does the oath stand?", "In which volume?", "In which volume does the oath stand?"),
        ("Was the mill sold?", "By whom?", "By whom Was the mill sold?"),
        ("Who was hurt on the quay?", "When?", "When was hurt on the quay?"),
        ("How long is the A 46?", "Where?", "Where is the A 46?"),
        ("When did Katla erupt?", "How many houses?", "How many houses did Katla erupt?"),
        # A verb behind the question word asks by itself.
        ("When did Katla erupt?", "How many died?", None),
        ("When did Katla erupt?", "And how many fell ill?", None),
        ("When did Katla erupt?", "How many more drowned?", None),
        ("When did Katla erupt?", "How much melted?", None),
        ("Which bridge was closed in May?", "Why?", None),
        ("Who said that it was sold?", "When?", None),
        ("Why the bridge was closed?", "When?", None),
        ("What closed the road?", "Why?", None),
        ("Where does the oath stand?", "What happened?", None),
        # An item of the list that was asked for.
        (
            "What are the rules of the gate?",
            "And the third?",
            "What is the third of the rules of the gate?",
        ),
        ("What are the rules?", "what about the last rule", "What is the last rule of the rules?"),
    ],
)
def test_a_question_and_the_one_before_make_one_sentence_where_they_can(
    asked: str, text: str, whole: str | None
) -> None:
    found = understood(asked, text)
    assert found.whole == whole
    assert (found.shown or "").startswith(text)


def test_items_of_a_list_and_question_words_are_taken_one_after_the_other() -> None:
    rules = "What are the rules of the gate?"
    third = understood(rules, "What is the second item?", "And the third?")
    assert third.whole == "What is the third of the rules of the gate?"
    other = understood("What are the rules of the A 46?", "And the B 9?", "And the third?")
    assert other.whole == "What is the third of the rules of the B 9?"
    wrote = understood(rules, "And the third?", "Who wrote it?")
    assert wrote.carried == ("the third", "rules of the gate")
    page = understood("Where does the oath stand?", "In which volume?", "On which page?")
    assert page.whole == "On which page does the oath stand?"


@pytest.mark.parametrize(
    ("asked", "text", "shown", "whole"),
    [
        (("Who was Ada Holm?", "When did she fly?"), "Why?", "Why? (Ada Holm, fly)", "Why did"),
        (("What is the mill?", "Was it sold?"), "By whom?", "By whom? (mill, sold)", "By whom Was"),
        (("What is the mill?", "Where was it built?"), "When?", "When? (mill, built)", "When was"),
    ],
)
def test_a_question_word_goes_on_from_the_turn_before_with_what_that_took_over(
    asked: tuple[str, ...], text: str, shown: str, whole: str
) -> None:
    found = understood(*asked, text)
    assert found.shown == shown
    assert str(found.whole).startswith(whole)


CITED = ("a:0-9",)


def test_the_last_turn_that_was_answered_counts() -> None:
    history = (Turn("Who was Ada?", CITED), Turn("Where is Mars?"), Turn("asdfgh qwertz"))
    assert understand(Question("Why?", history=history)).carried == ("Ada",)
    unknown = turns("Who was Ada?", "Where is Mars?", "asdfgh qwertz")
    assert understand(Question("Why?", history=unknown)).carried == ("Mars",)


def test_a_pronoun_goes_back_to_the_last_person_who_fits() -> None:
    history = tuple(Turn(text, CITED) for text in ("Who was Ada?", "And Bo?", "And the dam?"))
    women = {"Who was Ada?"}

    def fits(turn: Turn, meant: frozenset[str], other: frozenset[str]) -> bool:
        is_person = turn.question != "And the dam?"
        return is_person and ("she" in meant) == (turn.question in women)

    she, he = (
        understand(Question(text, history=history), fits)
        for text in ("When did she die?", "What was his trade?")
    )
    assert (she.whole, she.shown) == ("When did Ada die?", "When did she die? (Ada)")
    assert (he.whole, he.shown) == ("What was Bo's trade?", "What was his trade? (Bo)")


@given(st.lists(st.text(), min_size=1, max_size=6))
def test_any_conversation_is_understood_and_keeps_the_words_of_the_question(
    texts: list[str],
) -> None:
    found = understood(*texts)
    assert found.text == texts[-1]
    assert sum(len(phrase.split()) for phrase in found.carried) <= 24 * 2
