"""Search in time: a time that is told bounds, leans or is left out of account, on evidence."""

from pathlib import Path

import pytest

from qa.answer import Answer, Question, When
from qa.timex.grammar import order_of
from tests.archives import Opened, Record, build_records, open_index

OLD_AND_BETTER = {
    "_id": "old",
    "title": "The dam of Vostok",
    "text": "The dam of Vostok was built by Olga Petrova in nine years.",
    "published": "2022-01-03",
}
NEW_AND_WORSE = {
    "_id": "new",
    "title": "A walk at Vostok",
    "text": "The dam of Vostok was full of walkers again. Ice cream was sold by Petrova.",
    "published": "2026-01-30",
}
FLOOD: tuple[Record, ...] = (
    {
        "_id": "first",
        "text": "The flood in Narva killed 12 people, the mayor said.",
        "published": "2022-09-28",
    },
    {
        "_id": "second",
        "text": "The flood in Narva killed 31 people, the mayor said on the next day.",
        "published": "2022-09-29",
    },
    {"_id": "cats", "text": "Cats sleep most of the day.", "published": "2022-09-30"},
    {"_id": "war", "text": "In 1944 the town of Narva burned down.", "published": "2022-09-30"},
    {"_id": "undated", "text": "Narva has a castle built by Danes."},
)


@pytest.fixture(scope="module")
def dams(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    data = tmp_path_factory.mktemp("dams") / "data"
    return open_index(build_records(data, [OLD_AND_BETTER, NEW_AND_WORSE]))


@pytest.fixture(scope="module")
def flood(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    return open_index(build_records(tmp_path_factory.mktemp("flood") / "data", FLOOD))


def cited(answer: Answer) -> list[str]:
    return [citation.article.id for citation in answer.citations]


def shown(answer: Answer) -> list[str]:
    """What is cited or, where nothing is sure to answer, the nearest."""
    return [citation.article.id for citation in answer.citations or answer.nearest]


@pytest.mark.parametrize("asked_at", [None, "2026-01-31"])
def test_an_old_better_article_beats_a_recent_worse_one(dams: Opened, asked_at: str | None) -> None:
    answer = dams.asker.ask(Question("Who built the dam of Vostok?", asked_at=asked_at))
    assert cited(answer)[:1] == ["old"]


def test_a_date_bounds_what_is_cited(flood: Opened) -> None:
    answer = flood.asker.ask(
        Question("How many people did the flood in Narva kill on September 28?")
    )
    assert cited(answer) == ["first"]
    assert answer.understood_when == When(
        "on September 28", "28 September 2022", "2022-09-28", "2022-09-28", is_exact=True
    )


def test_what_was_understood_can_be_taken_away(flood: Opened) -> None:
    text = "How many people did the flood in Narva kill on September 28?"
    answer = flood.asker.ask(Question(text, ignore=frozenset({"when"})))
    assert answer.understood_when is None
    assert "second" in shown(answer)


def test_a_date_of_which_the_archive_has_nothing_throws_nothing_out(flood: Opened) -> None:
    answer = flood.asker.ask(Question("Which town burned down in 1944?"))
    assert cited(answer)[:1] == ["war"]
    assert answer.understood_when is None


def test_a_date_whose_articles_do_not_answer_throws_nothing_out(flood: Opened) -> None:
    text = "The flood in Narva killed 12 people, the mayor said on September 30."
    answer = flood.asker.ask(Question(text))
    assert cited(answer)[:1] == ["first"]
    assert answer.understood_when is None


def test_fields_and_words_bound_together(flood: Opened) -> None:
    question = Question(
        "How many people did the flood in Narva kill in September 2022?", after="2022-09-29"
    )
    answer = flood.asker.ask(question)
    assert cited(answer) == ["second"]


def test_reports_that_differ_are_told_newest_first(flood: Opened) -> None:
    answer = flood.asker.ask(Question("How many people did the flood in Narva kill?"))
    assert cited(answer) == ["second", "first"]
    assert [citation.number for citation in answer.citations] == [1, 2]
    assert answer.order == "newest_first"
    assert answer.reports_differ


def test_a_course_of_events_is_told_oldest_first(flood: Opened) -> None:
    answer = flood.asker.ask(Question("What happened when the flood in Narva killed people?"))
    assert cited(answer) == ["first", "second"]
    assert answer.order == "oldest_first"


def test_a_question_of_a_time_alone_is_answered_with_all_of_it(flood: Opened) -> None:
    answer = flood.asker.ask(Question("What happened between 28 and 30 September 2022?"))
    assert set(cited(answer)) == {"first", "second", "cats", "war"}
    assert answer.order == "oldest_first"


def test_what_was_not_yet_known_is_not_found_where_something_else_answers(flood: Opened) -> None:
    text = "How many people did the flood in Narva kill?"
    assert cited(flood.asker.ask(Question(text, asked_at="2022-09-28"))) == ["first"]
    later = flood.asker.ask(Question("Why do cats sleep most of the day?", asked_at="2022-09-28"))
    assert cited(later) == ["cats"]


def test_a_passage_of_unknown_time_stays_for_a_question_of_any_moment(flood: Opened) -> None:
    question = Question("Who built the castle of Narva?", asked_at="2022-09-28")
    assert cited(flood.asker.ask(question))[:1] == ["undated"]


def test_an_archive_without_dates_is_ranked_as_ever(tmp_path: Path) -> None:
    records = [
        {key: value for key, value in record.items() if key != "published"} for record in FLOOD
    ]
    opened = open_index(build_records(tmp_path / "data", records))
    for text in ("How many people did the flood kill in 2022?", "The latest on the flood in Narva"):
        plain = opened.searcher.search(Question(text))
        asked = opened.asker.ask(Question(text, asked_at="2022-10-01"))
        assert shown(asked)[:1] == [plain[0].passage.article_id]


@pytest.mark.parametrize("text", ["What happened yesterday?", "What happened this week?"])
def test_what_happened_in_a_time_that_the_archive_does_not_reach_is_not_covered(
    flood: Opened, text: str
) -> None:
    answer = flood.asker.ask(Question(text, asked_at="2026-01-31"))
    assert (answer.citations, answer.confidence) == ((), 0.0)


def test_the_latest_news_on_a_subject_are_of_the_subject(flood: Opened) -> None:
    answer = flood.asker.ask(Question("What's the latest news on Narva?"))
    assert cited(answer)


def test_the_latest_news_on_what_is_not_covered_are_none(flood: Opened) -> None:
    assert not cited(flood.asker.ask(Question("latest news on Zanzibar")))


VOTES: tuple[Record, ...] = (
    {
        "_id": "vote",
        "title": "The vote on Narva",
        "text": "On the resolution on Narva four countries abstained: Brazil, China, Gabon, India.",
        "published": "2022-10-01",
    },
    {
        "_id": "history",
        "title": "Narva in former years",
        "text": "In 2015 three countries abstained on Narva: Chad, Fiji and Peru.",
        "published": "2022-10-02",
    },
)


@pytest.fixture(scope="module")
def votes(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    return open_index(build_records(tmp_path_factory.mktemp("votes") / "data", VOTES))


def test_a_year_that_a_question_names_is_never_left_out_of_account(votes: Opened) -> None:
    asked = votes.asker.ask(Question("Which countries abstained on Narva in 2015?"))
    assert cited(asked) == ["history"]
    other = votes.asker.ask(Question("Which countries abstained on Narva in 2014?"))
    assert (cited(other), other.order) == ([], "best")
    assert other.understood_when is not None
    assert other.understood_when.text == "2014"


def test_nothing_answers_of_a_matter_of_another_year(votes: Opened) -> None:
    answer = votes.asker.ask(Question("Which countries abstained in the 2009 vote on Narva?"))
    assert (cited(answer), answer.understood_when, answer.confidence) == ([], None, 0.0)
    asked = votes.asker.ask(Question("Which countries abstained in the 2015 vote on Narva: Chad?"))
    assert cited(asked)[0] == "history"
    asked = votes.asker.ask(Question("Which countries abstained in the 2022 resolution on Narva?"))
    assert cited(asked)[0] == "vote"


def test_a_search_shows_what_tells_of_another_year_behind(votes: Opened) -> None:
    hits = votes.asker.search(Question("Which countries abstained on Narva in 2015?"))
    assert [hit.passage.article_id for hit in hits][:2] == ["history", "vote"]


@pytest.mark.parametrize(
    "text", ["What did the mayor of Narva say yesterday?", "Who spoke in Narva in the past week?"]
)
def test_of_a_time_after_the_last_article_nothing_can_tell(flood: Opened, text: str) -> None:
    answer = flood.asker.ask(Question(text, asked_at="2026-01-31"))
    assert (cited(answer), answer.confidence, answer.order) == ([], 0.0, "best")
    assert answer.understood_when is not None


def test_today_may_mean_nowadays(flood: Opened) -> None:
    question = Question("What castle built by Danes has Narva today?", asked_at="2026-01-31")
    assert cited(flood.asker.ask(question)) == ["undated"]


WEEK: tuple[Record, ...] = (
    *(
        {
            "_id": f"{town}-{day}",
            "title": f"{town} on day {day}",
            "text": f"The market of {town} opened on day {day} of the fair.",
            "published": f"2022-09-0{day}",
        }
        for town in ("Narva", "Tartu")
        for day in (1, 2, 3)
    ),
    {
        "_id": "live",
        "title": "The fair as it goes",
        "text": "\n\n".join(
            f"{hour}:00am: Hour {hour} of the fair\n\nThe fair in its hour {hour} is full."
            for hour in range(1, 9)
        ),
        "published": "2022-09-04",
    },
)


def test_what_happened_in_a_time_is_told_from_several_days_and_articles(tmp_path: Path) -> None:
    opened = open_index(build_records(tmp_path / "data", WEEK))
    answer = opened.asker.ask(Question("What happened in September 2022?"))
    assert len(set(cited(answer))) == 5
    assert len({citation.article.published for citation in answer.citations}) == 4


def test_a_course_of_events_is_told_from_several_articles(tmp_path: Path) -> None:
    opened = open_index(build_records(tmp_path / "data", WEEK))
    answer = opened.asker.ask(Question("Give me a timeline of the fair"))
    assert len(set(cited(answer))) == len(cited(answer)) == 5
    whens = [citation.when or "" for citation in answer.citations]
    assert whens == sorted(whens)
    assert answer.order == "oldest_first"


def test_the_order_of_day_and_month_is_that_which_the_archive_has_an_article_for(
    votes: Opened,
) -> None:
    answer = votes.asker.ask(Question("Which countries abstained on Narva on 10/1/2022?"))
    assert cited(answer) == ["vote"]
    when = answer.understood_when
    assert when is not None
    assert when.other is not None
    assert (when.text, when.other.text) == ("1 October 2022", "10 January 2022")


@pytest.mark.parametrize(
    ("dates", "order"),
    [
        (["on 14 April 1912", "the 2nd of May", "12 June"], "day"),
        (["April 14, 1912", "on May 2", "June 12th"], "month"),
        (["14 April 1912", "May 2"], "auto"),
        ([], "auto"),
    ],
)
def test_an_archive_writes_day_or_month_first(dates: list[str], order: str) -> None:
    assert order_of(dates) == order


def test_what_looks_like_a_date_and_is_none_is_told(votes: Opened) -> None:
    answer = votes.asker.ask(Question("Who abstained on Narva on 31/31/2022?"))
    assert (answer.understood_when, answer.unread_when) == (None, "on 31/31/2022")
