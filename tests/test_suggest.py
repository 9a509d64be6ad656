"""What is offered to ask next: only what somebody wrote, and only what the archive answers."""

from dataclasses import replace

import pytest

from index.article import Article
from qa.answer import Answer, Hit, Question, turns
from qa.suggest import FirstQuestions, Sources, Suggester
from tests.web_sample import ARTICLES, BLOG, CEREMONY, CONTINUE, LANDING, MOON, answer, cite

MOONS = ("When on the Moon?", "Who else on the Moon?", "What is not told?")
HEADING = BLOG.entries[1].heading
SHOWN = (cite(MOON, LANDING), cite(BLOG, CEREMONY, 2, BLOG.entries[1]))


class Archive:
    """Answers what has to do with the Moon or the ceremony, and the names of its articles."""

    def __init__(self) -> None:
        self.generation = 1
        self.asked: list[str] = []
        self.owner: list[str] = []
        self.readers: list[str] = []
        self.titles: list[str] = []
        self.like: list[tuple[str, float]] = []

    def ask(self, question: Question) -> Answer:
        """The answer to a word that is known."""
        self.asked.append(question.text)
        text = question.text
        if "tea" in text:
            raise RuntimeError
        if "Moon" in text:
            return answer(question, cite(MOON, LANDING))
        if "ceremony" in text or text == HEADING:
            return answer(question, cite(BLOG, CEREMONY, 1, BLOG.entries[1]))
        if "campaign" in text.casefold():
            return answer(question, cite(BLOG, CONTINUE, 1, BLOG.entries[0]))
        return answer(question)

    def article(self, article_id: str) -> Article | None:
        """Of the sample."""
        return ARTICLES.get(article_id)

    def search(self, question: Question) -> list[Hit]:
        """Passages about the Moon, then of articles that are as much like it as is said."""
        found = {MOON.id: cite(MOON, LANDING), BLOG.id: SHOWN[1]}
        return [Hit(found[each].passage, score) for each, score in self.like]

    def suggester(self) -> Suggester:
        """Reads this archive anew at each call."""
        return Suggester(
            self.ask,
            Sources(
                lambda: self.generation,
                self.article,
                lambda: self.owner,
                lambda: self.readers,
                lambda: self.titles,
                self.search,
            ),
        )


@pytest.fixture
def archive() -> Archive:
    return Archive()


def shown(text: str = "What landed?", *history: str) -> Answer:
    return answer(Question(text, history=turns(*history)), *SHOWN)


def try_all(suggester: Suggester) -> None:
    while (text := suggester.untried()) is not None:
        suggester.try_out(text)


def test_nothing_is_offered_before_it_was_tried(archive: Archive) -> None:
    archive.owner = [*MOONS]
    suggester = archive.suggester()
    assert suggester.first() == suggester.after(shown()) == ()
    assert archive.asked == []


def test_where_there_is_no_list_no_journal_and_no_title_nothing_is_offered(
    archive: Archive,
) -> None:
    suggester = archive.suggester()
    try_all(suggester)
    assert suggester.first() == ()
    assert list(FirstQuestions(suggester)) == []


def test_the_owners_list_goes_first_then_readers_then_titles(archive: Archive) -> None:
    archive.owner = ["What is not told?", "When on the Moon?"]
    archive.readers = ["Where is the ceremony in Moscow?"]
    archive.titles = ["Unknown", MOON.title or ""]
    suggester = archive.suggester()
    try_all(suggester)
    assert suggester.first() == (
        "When on the Moon?",
        "Where is the ceremony in Moscow?",
        MOON.title,
    )


def test_titles_are_tried_only_to_fill_up(archive: Archive) -> None:
    archive.owner = [*MOONS, "Where is the ceremony?"]
    archive.titles = [MOON.title or ""]
    try_all(archive.suggester())
    assert MOON.title not in archive.asked


def test_a_title_is_offered_only_where_it_opens_its_own_article(archive: Archive) -> None:
    archive.titles = ["The Moon in other words", MOON.title or ""]
    suggester = archive.suggester()
    try_all(suggester)
    assert suggester.first() == (MOON.title,)


def test_a_list_that_the_owner_changes_is_offered_as_it_is_now(archive: Archive) -> None:
    archive.owner = ["When on the Moon?", "Where is the ceremony?"]
    suggester = archive.suggester()
    try_all(suggester)
    archive.owner = ["Where is the ceremony?", "Who else on the Moon?"]
    assert suggester.first() == ("Where is the ceremony?",)
    try_all(suggester)
    assert suggester.first() == ("Where is the ceremony?", "Who else on the Moon?")


@pytest.mark.parametrize(
    "text",
    [
        "Has mara@example.org been on the Moon?",
        "Who on the Moon has the number 0171 555 0199?",
        "Was account 12345678 on the Moon?",
        "When did he walk there on the Moon?",
        "When on the Moon? " * 20,
    ],
)
def test_of_readers_nothing_personal_half_or_long_is_offered(archive: Archive, text: str) -> None:
    archive.readers = [text, "When did Apollo 11 land on the Moon?"]
    suggester = archive.suggester()
    try_all(suggester)
    assert suggester.first() == ("When did Apollo 11 land on the Moon?",)
    assert text not in archive.asked


def test_after_an_answer_questions_of_its_articles_then_their_topics_follow(
    archive: Archive,
) -> None:
    archive.owner = ["Who else on the Moon?", "What is not told?"]
    archive.readers = ["Where is the ceremony in Moscow?"]
    suggester = archive.suggester()
    suggester.after(shown())
    try_all(suggester)
    assert suggester.after(shown()) == (
        "Where is the ceremony in Moscow?",
        "Who else on the Moon?",
        MOON.title,
    )


def test_other_headings_of_a_live_blog_are_its_topics(archive: Archive) -> None:
    suggester = archive.suggester()
    of_blog = answer(Question("Where?"), SHOWN[1])
    suggester.after(of_blog)
    try_all(suggester)
    assert suggester.after(of_blog) == (BLOG.entries[0].heading,)


def test_what_other_articles_answer_is_not_offered(archive: Archive) -> None:
    archive.owner = ["Where is the ceremony?"]
    suggester = archive.suggester()
    try_all(suggester)
    assert "Where is the ceremony?" not in suggester.near([(MOON.id, 0)])


def seen(suggester: Suggester, answer: Answer) -> tuple[str, ...]:
    """What is offered at the third time: what was tried has told of more to try."""
    for _ in range(2):
        suggester.after(answer)
        try_all(suggester)
    return suggester.after(answer)


ON_THE_MOON = answer(Question("Who landed?"), SHOWN[0])


def test_what_articles_on_the_same_matter_answer_goes_before_the_title_of_the_cited_one(
    archive: Archive,
) -> None:
    archive.owner = ["Where is the ceremony?", "Who else on the Moon?"]
    archive.like = [(MOON.id, 10.0), (BLOG.id, 6.0)]
    offered = seen(archive.suggester(), ON_THE_MOON)
    assert offered == ("Who else on the Moon?", "Where is the ceremony?", HEADING)


def test_without_questions_topics_of_articles_on_the_same_matter_go_first(
    archive: Archive,
) -> None:
    archive.like = [(MOON.id, 10.0), (BLOG.id, 6.0)]
    assert seen(archive.suggester(), ON_THE_MOON) == (HEADING, MOON.title)


@pytest.mark.parametrize("like", [[], [(MOON.id, 10.0), (BLOG.id, 3.0)], [(BLOG.id, 6.0)]])
def test_an_article_that_is_little_like_the_cited_one_offers_nothing(
    archive: Archive, like: list[tuple[str, float]]
) -> None:
    archive.like = like
    assert seen(archive.suggester(), ON_THE_MOON) == (MOON.title,)


def test_the_question_as_it_was_completed_is_not_offered(archive: Archive) -> None:
    archive.owner = ["When on the Moon?", "Who else on the Moon?"]
    completed = replace(shown("When?"), understood_as="When on the Moon?")
    offered = seen(archive.suggester(), completed)
    assert "When on the Moon?" not in offered
    assert "Who else on the Moon?" in offered


def test_what_was_asked_already_is_not_offered(archive: Archive) -> None:
    archive.owner = ["When on the Moon?", "Where is the ceremony?", "Who else on the Moon?"]
    suggester = archive.suggester()
    try_all(suggester)
    offered = suggester.after(shown("when on the moon", "Where is the ceremony?"))
    assert offered == ("Who else on the Moon?",)


def test_of_what_is_not_covered_the_nearest_articles_are_offered(archive: Archive) -> None:
    archive.owner = [*MOONS]
    suggester = archive.suggester()
    try_all(suggester)
    near = Answer(Question("tea?"), "2026", (), SHOWN, 1.0)
    assert suggester.after(near) == ("When on the Moon?", "Who else on the Moon?")


def test_what_asks_nothing_of_the_articles_is_answered_with_the_first(archive: Archive) -> None:
    archive.owner = ["When on the Moon?"]
    suggester = archive.suggester()
    try_all(suggester)
    greeting = Answer(Question("hello"), "2026", (), (), 1.0, reply="greeting")
    assert suggester.after(greeting) == ("When on the Moon?",)


def test_nothing_is_tried_twice_until_a_build(archive: Archive) -> None:
    archive.owner = [*MOONS]
    suggester = archive.suggester()
    for _ in range(2):
        try_all(suggester)
        while (text := suggester.untried_near([(MOON.id, 0)])) is not None:
            suggester.try_out(text)
        suggester.try_out(MOONS[0])
    assert sorted(archive.asked) == sorted([*MOONS, MOON.title or ""])
    archive.generation = 2
    assert suggester.first() == ()
    try_all(suggester)
    assert suggester.first() == MOONS[:2]
    assert archive.asked.count(MOONS[0]) == 2


def test_what_a_build_overtakes_is_not_kept(archive: Archive) -> None:
    def overtaken(question: Question) -> Answer:
        archive.generation += 1
        suggester.first()
        return archive.ask(question)

    sources = Sources(lambda: archive.generation, owner=lambda: MOONS)
    suggester = Suggester(overtaken, sources)
    suggester.try_out(MOONS[0])
    assert archive.asked == [MOONS[0]]
    assert suggester.first() == ()


def test_a_fault_in_what_is_tried_is_logged_and_ends_nothing(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    archive.owner = ["What about tea?", "When on the Moon?"]
    suggester = archive.suggester()
    try_all(suggester)
    assert "What about tea?" in caplog.text
    assert suggester.first() == ("When on the Moon?",)


def test_a_fault_in_the_journal_is_logged_and_ends_nothing(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> list[str]:
        raise OSError("no journal")

    archive.owner = ["When on the Moon?"]
    sources = Sources(owner=lambda: archive.owner, readers=broken)
    suggester = Suggester(archive.ask, sources)
    try_all(suggester)
    assert "no journal" in caplog.text
    assert suggester.first() == ("When on the Moon?",)


@pytest.mark.parametrize("text", ["🙂", "x" * 3_000, "NUL \x00"])
def test_what_cannot_be_asked_is_passed_over(archive: Archive, text: str) -> None:
    archive.owner = [text, "When on the Moon?"]
    suggester = archive.suggester()
    try_all(suggester)
    assert suggester.first() == ("When on the Moon?",)
