"""Questions that say a thing in another form than the article: the same sentence is found."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from qa.answer import Question
from qa.ask import Asker
from qa.search import Searcher
from qa.understand.forms import Forms
from tests.archives import NOON, Opened, build_records, open_index
from tests.fakes import HashEncoder

RECORDS = (
    (
        "The U.N. praised the deal. It was signed at noon. The UN sent an observer to the coast. "
        "The E.U. stayed away from the talks, and the United Kingdom paid."
    ),
    (
        "Officials spoke on Monday. The US will send 18 more advanced rocket systems. "
        "Poland paid $12bn for tanks. Let us wait. Emirati pilots of the UAE flew home."
    ),
    "The World Health Organization (WHO) warned of mumps. Nobody else did.",
    "The WHO counted 36,417 cases of fever in Peru. Thirty villages were closed.",
    (
        "Zoe\u0308 Krame\u0301r tuned a \ufb01ddle in \u0130zmir. "
        "The Wi\u00adFi in the har\u200bbour failed."
    ),
    (
        "Passengers have Wi-Fi on the ferry. The A 46 was closed by snow. The F-16 landed. "
        "The museum lost 1.25 million visitors and four hundred coins. Ida ran 5 km at dawn."
    ),
    (
        "They asked for more informa-\ntion on the reactor, whose co-\nolant had leaked. "
        "Its owner is Foreign Office staff. It was 20 °C that day, and 14% stayed."
    ),
    "The bakery in Mill Lane closed. Its website shut in 2019, and the M4 with it. 750,000 wept.",
    "Its oath is in vol. 2 of the log. Its est. costs are in ch. 4. The gov. read para. 7 there.",
    "The maximum is forty figures.",
    "Doctors of the Island Service (IS) rowed out. The Marine Aid Plan (MAP) feeds them.",
)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    records = [{"_id": f"a{number}", "text": text} for number, text in enumerate(RECORDS)]
    data = build_records(tmp_path_factory.mktemp("forms") / "data", records)
    opened = open_index(data)
    with closing(opened.snapshot):
        yield opened


@pytest.mark.parametrize(
    ("question", "begins"),
    [
        # Short forms, with points and without, of countries and bodies.
        ("What did the UN praise?", "The U.N. praised"),
        ("what did the un praise?", "The U.N. praised"),
        ("Where is the observer of the U.N.?", "The UN sent"),
        ("What did the United Nations praise?", "The U.N. praised"),
        ("What will the US send?", "The US will send"),
        ("What will the U.S. send?", "The US will send"),
        ("What will the USA send?", "The US will send"),
        ("What will the U.S.A. send?", "The US will send"),
        ("What will the United States of America send?", "The US will send"),
        ("Did the European Union stay away?", "The E.U. stayed"),
        ("Who of the UK paid?", "The E.U. stayed"),
        ("Where did pilots of the United Arab Emirates fly?", "Emirati pilots"),
        # Taught by the archive.
        ("How many cases of fever had the World Health Organization?", "The WHO counted"),
        ("What did the W.H.O. warn of?", "The World Health Organization"),
        ("Did the WHO warn of mumps?", "The World Health Organization"),
        # Signs that look alike, and none that are seen.
        ("What did Zoë Kramér tune?", "Zoe\u0308"),
        ("What did Zoe\u0308 Krame\u0301r tune?", "Zoe\u0308"),
        ("What did zoe kramer tune?", "Zoe\u0308"),
        ("Who tuned a fiddle in Izmir?", "Zoe\u0308"),
        ("Who tuned a \ufb01ddle in \u0130zmir?", "Zoe\u0308"),
        ("What failed in the har\u00adbour?", "The Wi\u00adFi"),
        ("What failed in the harbour?", "The Wi\u00adFi"),
        # Joined and split.
        ("Who has WiFi on the ferry?", "Passengers have Wi-Fi"),
        ("Who has wifi on the ferry?", "Passengers have Wi-Fi"),
        ("Who has wi fi on the ferry?", "Passengers have Wi-Fi"),
        ("What failed, the Wi-Fi in the harbour?", "The Wi\u00adFi"),
        ("What closed the A46?", "The A 46"),
        ("What closed the A-46?", "The A 46"),
        ("Where did an F16 land?", "The F-16"),
        ("Where did an F 16 land?", "The F-16"),
        ("What became of the M 4?", "Its website"),
        ("When did the web site shut?", "Its website"),
        ("Who asked for information?", "They asked for more informa-\ntion"),
        ("Whose coolant leaked?", "They asked for more informa-\ntion"),
        # Written out.
        ("Which volume is it?", "Its oath is in vol. 2"),
        ("Which chapter is it?", "Its est. costs"),
        ("Which paragraph is it?", "The gov. read para. 7"),
        # Numbers and units.
        ("Who lost 1250000 visitors?", "The museum"),
        ("Who lost 1,250,000 visitors?", "The museum"),
        ("Who lost 1.25m visitors?", "The museum"),
        ("Who lost one and a quarter million visitors?", "The museum"),
        ("Were there 400 coins?", "The museum"),
        ("Were there thirty-six thousand four hundred and seventeen cases?", "The WHO counted"),
        ("Were there 36417 cases?", "The WHO counted"),
        ("Did three quarters of a million weep?", "750,000"),
        ("Were 30 villages closed?", "Thirty villages"),
        ("Which tanks cost 12 billion dollars?", "Poland paid"),
        ("Which tanks cost twelve billion dollars?", "Poland paid"),
        ("What cost $12,000,000,000?", "Poland paid"),
        ("Who ran 5 kilometres?", "Ida ran"),
        ("Who ran five kilometers?", "Ida ran"),
        ("Who ran 5km?", "Ida ran"),
        ("When was it 20 degrees Celsius?", "It was 20 °C"),
        ("Who stayed, 14 per cent?", "It was 20 °C"),
    ],
)
def test_the_sentence_is_found_however_the_question_writes_it(
    opened: Opened, question: str, begins: str
) -> None:
    answer = opened.asker.ask(Question(question))
    first = (*answer.citations, *answer.nearest)[0]
    assert begins in first.quote
    assert first.article.text[first.quote_start : first.quote_end] == first.quote


@pytest.mark.parametrize(
    "question",
    [
        "What did the US do?",
        "How many more advanced rocket systems will the United States send?",
        "What will the U.S.A. send?",
        "Who has wi fi on the ferry?",
        "What closed the A46?",
        "Who lost one and a quarter million visitors?",
    ],
)
def test_another_form_is_answered_as_the_article_s_own_would_be(
    opened: Opened, question: str
) -> None:
    assert opened.asker.ask(Question(question)).citations


@pytest.mark.parametrize(
    "question",
    [
        *("What did the WHO's rival say in 1950?", "Who was NOT there?", "Is a car in the sea?"),
        *("Who is Max?", "Where do figs grow?"),
    ],
)
def test_most_questions_have_one_form(opened: Opened, question: str) -> None:
    forms = Forms(opened.snapshot)
    assert all("world" in each.terms for each in forms.variants(question))


@pytest.mark.parametrize(
    ("question", "is_meant"),
    [
        ("Where did the IS row?", True),
        ("What does the MAP feed?", True),
        ("Do both MAPs feed them?", True),
        ("Where is the boat?", False),
        ("Who drew the map, or is mapping the sea?", False),
        ("WHERE IS THE MAP?", False),
    ],
)
def test_a_short_form_that_is_another_word_too_is_meant_in_capitals(
    opened: Opened, question: str, is_meant: bool
) -> None:
    said = {term for each in Forms(opened.snapshot).variants(question) for term in each.terms}
    assert ({"island", "marin"} & said != set()) == is_meant


def test_what_a_short_form_stands_for_is_not_sought_as_another_word(opened: Opened) -> None:
    assert not Forms(opened.snapshot).variants("Who is of the Island Service?")


def test_of_another_form_its_rarest_term_is_sought_and_of_a_function_word_none(
    opened: Opened,
) -> None:
    assert opened.query("Who of the UK paid?").sought_terms == ["uk", "paid", "kingdom"]
    query = opened.query("Who of the UK paid?")
    of_function_word = replace(query.phrases[0], places=(query.terms.index("of"),))
    assert replace(query, phrases=(of_function_word,)).sought_terms == ["uk", "paid"]


def test_a_form_that_the_archive_has_not_is_not_looked_for(opened: Opened) -> None:
    assert not Forms(opened.snapshot).variants("Who knows Papua New Guinea, or 17 of its towns?")


def test_two_words_that_are_too_long_as_one_are_asked_for_as_two(opened: Opened) -> None:
    long = "island" * 6
    question = f"Who rows the {long} {long}?"
    assert not Forms(opened.snapshot).variants(question)
    assert opened.query(question).terms[-1].startswith("islandisland")


def test_a_form_is_counted_in_the_archive_once(opened: Opened) -> None:
    [phrase, *_] = opened.query("Who of the UK paid?").phrases
    assert list(phrase.counts) == opened.snapshot.document_frequency(phrase.terms).tolist()


def test_the_owner_s_synonyms_count_as_the_same(opened: Opened) -> None:
    synonyms = [("FCDO", "Foreign Office"), ("patisserie", "bakery", "pastry shop")]
    searcher = Searcher(opened.snapshot, HashEncoder(), synonyms=synonyms)
    asker = Asker(opened.snapshot, searcher, lambda: NOON)
    for question, begins in (
        ("Who is staff of the FCDO?", "Its owner"),
        ("Which patisserie closed?", "The bakery"),
        ("Which pastry shop closed?", "The bakery"),
    ):
        answer, plain = (each.ask(Question(question)) for each in (asker, opened.asker))
        assert begins in (*answer.citations, *answer.nearest)[0].quote
        assert plain.confidence < answer.confidence


def test_a_joined_word_is_no_typing_error(opened: Opened) -> None:
    answer = opened.asker.ask(Question("Who has wifi on the ferry?"))
    assert answer.understood_spelling is None


def test_what_is_asked_comes_back_as_it_was_typed(opened: Opened) -> None:
    question = Question("Who tuned a \ufb01ddle in \u0130zmir\u200b?")
    assert opened.asker.ask(question).question == question
    assert opened.asker.ask(replace(question, text="\u200b\u00ad")).status == "not_covered"
