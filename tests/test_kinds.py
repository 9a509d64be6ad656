import pytest

from qa.understand.query import Kind, kind_asked, offers


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many people died?", Kind.NUMBER),
        ("how far away was it heard", Kind.NUMBER),
        ("What share of the vote was in favour?", Kind.NUMBER),
        ("When did Voyager 2 leave?", Kind.TIME),
        ("In what year did it begin?", Kind.TIME),
        ("Which month was the coldest?", Kind.TIME),
        ("Who vetoed the resolution?", Kind.NAME),
        ("Where was the melon bought?", Kind.NAME),
        ("Which Italian city was buried?", Kind.NAME),
        ("Why did the sky turn red?", None),
        ("Nord Stream leaks", None),
    ],
)
def test_the_kind_of_thing_asked_for_is_told_from_the_question(
    question: str, kind: Kind | None
) -> None:
    assert kind_asked(question) is kind


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("It killed 36,417 people.", Kind.NUMBER),
        ("About a dozen ships sank.", Kind.NUMBER),
        ("Turnout was ninety per cent.", Kind.NUMBER),
        ("It began on 26 August.", Kind.TIME),
        ("He landed at 4:17pm.", Kind.TIME),
        ("It was over by the 1920s.", Kind.TIME),
        ("The engine was lit by Neil Armstrong.", Kind.NAME),
        ("They met in Ankara.", Kind.NAME),
    ],
)
def test_a_sentence_offers_the_kind_of_thing_it_holds(sentence: str, kind: Kind) -> None:
    assert offers(sentence, kind, "anything else")


@pytest.mark.parametrize("kind", list(Kind))
def test_a_sentence_without_such_a_thing_offers_none(kind: Kind) -> None:
    assert not offers("The lamp burned whale oil until it was put out.", kind, "What burned?")


@pytest.mark.parametrize(
    ("sentence", "kind", "question"),
    [
        ("In 1883 it was heard far away.", Kind.NUMBER, "How far was it heard in 1883?"),
        ("The treaty of September was signed.", Kind.TIME, "On what day of September was it?"),
        ("The man behind Apollo left.", Kind.NAME, "Who was behind Apollo?"),
    ],
)
def test_what_the_question_says_itself_is_no_offer(
    sentence: str, kind: Kind, question: str
) -> None:
    assert not offers(sentence, kind, question)


def test_a_number_inside_another_of_the_question_is_an_offer() -> None:
    assert offers("There 15 sailors died.", Kind.NUMBER, "How many died in 1915?")


def test_the_capital_that_begins_a_sentence_is_no_name() -> None:
    assert not offers("Shepherds saw it.", Kind.NAME, "Who saw it?")
