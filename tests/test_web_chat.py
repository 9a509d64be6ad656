"""The chat's messages and what the chat page is allowed to do."""

import asyncio
import html
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from starlette.testclient import TestClient

from qa.answer import Answer, Question, Reply, Respelling, Spelling, When
from qa.answer import turns as earlier
from qa.present.links import export_link, reader_page
from qa.present.references import FORMS
from qa.question import read_question
from qa.web.app import create_app
from qa.web.chat.message import (
    ENGLISH,
    SURE,
    answer_message,
    chips,
    neighbours,
    problem_message,
    question_message,
    times,
)
from qa.web.chat.page import (
    MOST_EXAMPLES,
    Chat,
    Turn,
    bubbles,
    conversation_view,
    history,
    searched,
)
from qa.web.chat.request import MAX_TURNS, ChatRequest, read_request
from qa.web.i18n import languages, shown, words_in
from qa.web.protocols import About
from qa.web.queue import QuestionQueue
from tests.web_sample import (
    BLOG,
    BOLD,
    CEREMONY,
    CONTINUE,
    EXAMPLES,
    FEE,
    FOLLOWED,
    HOSTILE,
    LANDING,
    MOON,
    TOUCHED_DOWN_AT,
    SampleArticles,
    SampleAsker,
    answer,
    answering,
    cite,
    conversations,
    unsure,
)

QUESTION = Question("a question")


def words_of(message: str) -> str:
    """What is read when Markdown and HTML have had their turn."""
    rendered = MarkdownIt("commonmark", {"html": True}).render(message)
    return html.unescape(re.sub(r"<[^>]*>", "", rendered)).strip()


def chat(asker: SampleAsker | None = None) -> Chat:
    return Chat(QuestionQueue(asker or SampleAsker()), conversations())


def reply(text: str) -> str:
    return asyncio.run(chat().reply(text, ())).reply


@given(st.text())
def test_text_is_shown_as_it_was_written(text: str) -> None:
    for character in text:
        escaped = str(shown(character))
        assert escaped.isalnum() or escaped == " " or escaped > "\x7f" or escaped[:2] == "&#"
    assert "<" not in shown(text)
    assert "\n" not in shown(text)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=a()>",
        "[x](javascript:alert(1))",
        "**bold** `code`",
        "# x",
        "$latex$ $$y$$",
        "1. one\n2. two",
        "a\n\n    code",
        "&lt;i&gt; &amp;",
    ],
)
def test_markup_in_a_question_is_shown_as_text(text: str) -> None:
    assert words_of(question_message(text)) == text
    assert words_of(problem_message(text)) == f"{text[:1].upper()}{text[1:]}."


def test_markup_in_an_article_is_shown_as_text() -> None:
    message = answer_message(answer(QUESTION, cite(HOSTILE, FEE), cite(HOSTILE, BOLD, 2)))
    words = words_of(message)
    assert words.count(FEE) == 1
    for told in (BOLD, HOSTILE.title, HOSTILE.source, HOSTILE.published):
        assert told is not None
        assert told in words
    tags = set(re.findall(r"<(\w+)", message))
    inside = "div blockquote p a mark span ol li button details summary"
    assert tags <= set(inside.split())


def test_a_message_is_one_line_so_that_markdown_leaves_it_alone() -> None:
    assert "\n" not in answer_message(answer(QUESTION, cite(HOSTILE, BOLD), cite(MOON, LANDING, 2)))


def test_the_best_quote_comes_first_with_its_number_title_source_and_date() -> None:
    words = words_of(reply("the Moon?"))
    passage = f"… Armstrong took over by hand. {LANDING}1 Houston heard it at once."
    told = "The first landing on the MoonThe Orbital Record · 20 July 2019"
    assert re.match(rf"{re.escape(passage)}[ …]*{re.escape(told)}", words)


def test_numbers_and_titles_open_the_reader_at_the_quote() -> None:
    citation = cite(MOON, LANDING)
    hrefs = re.findall(r'href="([^"]*)"', answer_message(answer(QUESTION, citation)))
    links = {html.unescape(href) for href in hrefs if "articles" in href}
    reader = {link for link in links if link.startswith("/articles/")}
    assert reader == {reader_page(citation, lang="en")}
    assert f"quote={citation.quote_start}-{citation.quote_end}" in reader.pop()


def test_each_format_of_the_citations_is_linked() -> None:
    citation = cite(MOON, LANDING)
    message = html.unescape(answer_message(answer(QUESTION, citation)))
    assert all(export_link(form, [citation]) in message for form in FORMS)


def test_what_was_understood_can_be_taken_back() -> None:
    when = When("last May", "May 2019", "2019-05-01", "2019-05-31", is_exact=True)
    question = Question("that one?", after="2019-01-01", before="2020-01-01", source="Record")
    told = replace(
        answer(question, cite(MOON, LANDING)), understood_as="the Moon?", understood_when=when
    )
    assert [(chip.kind, chip.text) for chip in chips(told, ENGLISH)] == [
        ("when", "Time: May 2019"),
        ("history", "Question: the Moon?"),
        ("after", "From 1 January 2019"),
        ("before", "Until 1 January 2020"),
        ("source", "Source: Record"),
    ]


def test_a_typing_error_that_was_put_right_can_be_taken_back_in_every_language() -> None:
    words = (Respelling("Apolo", "Apollo"), Respelling("crw", "crew"))
    told = replace(
        answer(Question("Apolo crw?"), cite(MOON, LANDING)),
        understood_spelling=Spelling("Apollo crew?", words),
    )
    [chip] = chips(told, ENGLISH)
    assert (chip.kind, chip.text) == ("spelling", "Spelling: Apollo, crew")
    assert "fn-without-spelling" in answer_message(told)
    for language in map(words_in, languages()):
        [found] = chips(told, language)
        assert found.text.endswith("Apollo, crew")
        [left_out] = chips(answer(Question("Apolo crw?", ignore=frozenset({"spelling"}))), language)
        assert left_out.act == "with"


def test_a_time_is_told_by_its_dates_in_other_languages() -> None:
    when = When("last May", "May 2019", "2019-05-01", "2019-05-31", is_exact=True)
    told = replace(answer(QUESTION, cite(MOON, LANDING)), understood_when=when)
    assert chips(told, words_in("de"))[0].text == "Zeit: Mai 2019"


def test_the_other_time_that_a_date_may_mean_is_a_chip_and_what_is_not_read_is_said() -> None:
    other = When("on 12/10/2022", "10 December 2022", "2022-12-10", "2022-12-10", is_exact=True)
    when = replace(other, text="12 October 2022", after="2022-10-12", before="2022-10-12")
    told = replace(
        answer(QUESTION, cite(MOON, LANDING)),
        understood_when=replace(when, other=other),
        unread_when="30 <b> February",
    )
    for language in map(words_in, languages()):
        first, second = chips(told, language)
        assert (first.act, second.act) == ("without", "instead")
        assert "10" in second.text or "١٠" in second.text
    html = answer_message(told)
    assert 'class="fn-chip fn-instead-when"' in html
    assert "Not understood: 30 <b> February" in words_of(html)


def test_order_and_differing_reports_are_said_in_words() -> None:
    told = answer(QUESTION, cite(MOON, LANDING), cite(MOON, FOLLOWED, 2))
    words = words_of(answer_message(replace(told, order="oldest_first", reports_differ=True)))
    assert "Oldest first" in words
    assert "Reports differ" in words
    assert "differ" not in words_of(answer_message(told))


@pytest.mark.parametrize("code", ["greeting", "thanks", "about", "nonsense", "language"])
def test_a_line_that_asks_nothing_gets_fitting_words(code: Reply) -> None:
    told = Answer(QUESTION, "2026-01-31T09:00:00Z", (), (), 1.0, reply=code)
    words = words_of(answer_message(told))
    assert words.startswith(ENGLISH.of("chat")[f"reply_{code}"])
    assert "do not cover" not in words


def test_also_in_counts_other_articles_once() -> None:
    citation = cite(MOON, LANDING)
    twins = (cite(BLOG, CEREMONY).passage, cite(BLOG, CONTINUE).passage)
    words = words_of(answer_message(answer(QUESTION, replace(citation, also_in=twins))))
    assert "also in 1 other article" in words


def test_only_a_quote_that_is_likely_to_answer_is_set_in_large_type() -> None:
    told = answer(QUESTION, cite(MOON, LANDING))
    assert "fn-sure" not in html.unescape(answer_message(replace(told, confidence=SURE - 0.01)))
    assert "fn-sure" in html.unescape(answer_message(replace(told, confidence=SURE)))


def test_what_came_close_is_open_and_what_did_not_is_folded() -> None:
    told = SampleAsker().ask(Question("tea"))
    for confidence, is_open in ((0.1, True), (0.01, False)):
        message = answer_message(replace(told, confidence=confidence, unsure_from=0.15))
        assert ('class="fn-nearest" open' in message) is is_open


def test_quotes_stand_between_their_neighbours() -> None:
    excerpt = neighbours(cite(MOON, LANDING))
    assert excerpt.before.strip() == "Armstrong took over by hand."
    assert excerpt.cut_before
    assert not excerpt.cut_after


def test_the_time_line_of_an_entry_is_told_once() -> None:
    message = words_of(answer_message(answer(QUESTION, cite(BLOG, CEREMONY, 1, BLOG.entries[1]))))
    assert message.count("Signing set for Friday") == 1
    assert "9:13pm" not in message


def test_an_entry_tells_its_own_time_with_its_offset() -> None:
    told = times(cite(BLOG, CEREMONY, 1, BLOG.entries[1]), ENGLISH)
    assert told == ("29 September 2022, 21:13 (UTC+02:00)",)


def test_a_clock_time_without_a_day_is_told_as_the_article_writes_it() -> None:
    told = times(cite(BLOG, CONTINUE, 1, BLOG.entries[0]), ENGLISH)
    assert told == ("4:25am", "article of 29 September 2022")


def test_what_is_not_covered_says_so_and_folds_the_nearest_passages() -> None:
    message = reply("the price of tea?")
    assert "The articles do not cover this" in message
    assert "<details" in message
    assert "<mark>" not in message
    assert "Not an answer: the closest passages" in words_of(message)


def test_the_words_that_answer_are_strong_in_the_quote_which_stands_in_its_passage() -> None:
    message = reply("When did it touch down?")
    strong = [html.unescape(words) for words in re.findall("<strong>(.*?)</strong>", message)]
    assert strong == [TOUCHED_DOWN_AT]
    assert words_of(message).count(LANDING) == 1


def test_words_that_answer_are_text_whatever_they_hold() -> None:
    near = "[ten](javascript:alert(3)) euros `now`"
    cited = (answering(cite(HOSTILE, BOLD), BOLD), answering(cite(HOSTILE, FEE, 2), near))
    message = answer_message(answer(QUESTION, *cited))
    assert {"script", "img", "iframe", "b", "code"}.isdisjoint(re.findall(r"<(\w+)", message))
    strong = [html.unescape(words) for words in re.findall("<strong>(.*?)</strong>", message)]
    assert strong == [BOLD, near]
    assert FEE in words_of(message)


@pytest.mark.parametrize("code", languages())
def test_where_it_is_unsure_the_closest_passages_are_open_below(code: str) -> None:
    near = answering(cite(MOON, LANDING), TOUCHED_DOWN_AT)
    message = answer_message(unsure(QUESTION, near), words_in(code))
    assert words_in(code).of("chat")["unsure"] in words_of(message)
    assert LANDING in words_of(message)
    assert (message.count("<mark>"), message.count("<strong>")) == (1, 1)
    assert not {"fn-nearest", "fn-number", "fn-quote"} & set(re.findall(r"fn-\w+", message))


def test_no_word_of_what_does_not_answer_is_strong() -> None:
    near = answering(cite(MOON, LANDING), TOUCHED_DOWN_AT)
    assert "<strong>" not in answer_message(replace(unsure(QUESTION, near), confidence=0.1))


@pytest.mark.parametrize(
    ("code", "told"),
    [("en", "“Narva” or “Tartu”"), ("de", "„Narva“ oder „Tartu“"), ("uk", "«Narva» або «Tartu»")],
)
def test_names_that_no_article_mentions_are_told_as_one_or_the_other(code: str, told: str) -> None:
    nothing = Answer(QUESTION, "2026-01-31T09:00:00Z", (), (), 1.0)
    message = answer_message(replace(nothing, unknown_names=("Narva", "Tartu")), words_in(code))
    assert told in words_of(message)


def test_a_question_of_many_blanks_is_told_to_be_empty() -> None:
    shown_turns = asyncio.run(chat().turn(" " * 300, "", ()))[2]
    assert isinstance(shown_turns, tuple)
    assert "The question is empty" in words_of(shown_turns[0].reply)


@pytest.mark.parametrize("text", ["hello", "the price of tea?"])
def test_what_cites_nothing_is_followed_by_what_else_to_ask(text: str) -> None:
    asked = Chat(QuestionQueue(SampleAsker()), conversations(), lambda _: EXAMPLES)
    told = words_of(asyncio.run(asked.reply(text, ())).reply)
    assert all(each in told for each in EXAMPLES)
    answered = asyncio.run(asked.reply("When on the Moon?", ())).reply
    assert "fn-next" not in answered


def test_what_is_not_covered_at_all_shows_no_empty_fold() -> None:
    message = answer_message(Answer(QUESTION, "2026-01-31T09:00:00Z", (), (), 1.0))
    assert "<details" not in message


@pytest.mark.parametrize(("text", "words"), [("", "is empty"), ("moon " * 500, "characters")])
def test_a_bad_question_is_answered_with_its_fault(text: str, words: str) -> None:
    assert words in words_of(reply(text))


def test_a_fault_of_the_server_is_told_in_words(caplog: pytest.LogCaptureFixture) -> None:
    message = reply("crash")
    assert "Something went wrong on the server" in words_of(message)
    assert "secret" not in message
    assert "a secret of the server" in caplog.text


def test_earlier_questions_go_along_as_history() -> None:
    class Listener(SampleAsker):
        heard: tuple[object, ...] = ()

        def ask(self, question: Question) -> Answer:
            self.heard = question.history
            return super().ask(question)

    listener = Listener()
    turns = (Turn("the Moon?", "", True), Turn("the ceremony?", "", True))
    asyncio.run(chat(listener).reply("the fee?", turns))
    assert listener.heard == earlier("the Moon?", "the ceremony?")


@pytest.mark.parametrize("text", ["moon \x0b?", "", "crash"])
def test_a_question_that_failed_does_not_fail_the_next(text: str) -> None:
    asking = chat()
    failed = asyncio.run(asking.reply(text, ()))
    following = asyncio.run(asking.reply("the Moon?", (failed,)))
    assert (failed.is_answered, following.is_answered) == (False, True)
    assert LANDING in words_of(following.reply)


def test_a_question_does_not_follow_on_what_only_got_a_reply() -> None:
    class Greeter(SampleAsker):
        def ask(self, question: Question) -> Answer:
            return replace(super().ask(question), citations=(), nearest=(), reply="nonsense")

    replied = asyncio.run(chat(Greeter()).reply("asdf qwer", ()))
    assert history("the Moon?", (replied,)) == []


def test_a_long_conversation_loses_its_oldest_turns() -> None:
    turns = tuple(Turn(f"question {number}", "", True) for number in range(MAX_TURNS))
    shown_turns = asyncio.run(chat().turn("the Moon?", "{}", turns))[2]
    assert isinstance(shown_turns, tuple)
    assert len(shown_turns) == MAX_TURNS
    assert shown_turns[0].question == "question 1"


def test_half_a_surrogate_pair_in_a_question_can_be_sent_back() -> None:
    shown_turns = asyncio.run(chat().turn("\ud800 moon", "", ()))[2]
    assert isinstance(shown_turns, tuple)
    assert json.dumps(bubbles(shown_turns), ensure_ascii=False).encode()


def test_messages_are_as_gradio_would_make_them() -> None:
    made = bubbles((Turn("the Moon?", "<p>It landed.</p>", True),))
    given: Any = [{**each, "content": each["content"][0]["text"]} for each in made]
    assert conversation_view().postprocess(given).model_dump() == made


def test_the_masthead_says_what_is_searched() -> None:
    assert words_of(searched(About(1234, "2022-10-05"), ENGLISH)) == (
        "1,234 articles, latest 5 October 2022"
    )
    assert words_of(searched(About(1), ENGLISH)) == "1 article"


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    app = create_app(SampleAsker(), SampleArticles(), EXAMPLES, lambda: About(3))
    with TestClient(app) as client:
        yield client


def test_only_scripts_with_the_nonce_of_this_response_run(client: TestClient) -> None:
    first, second = client.get("/"), client.get("/")
    policy = first.headers["content-security-policy"]
    script = next(part for part in policy.split("; ") if part.startswith("script-src"))
    nonces = set(re.findall(r'<script nonce="([^"]+)"', first.text))
    assert script == f"script-src 'self' 'nonce-{nonces.pop()}'"
    assert not nonces
    assert first.text.count("<script") == first.text.count("<script nonce=")
    assert policy != second.headers["content-security-policy"]


def test_the_page_takes_no_state_from_its_address(client: TestClient) -> None:
    for query in ("?page=x", "?deep_link=../../x", "?__theme=dark"):
        assert client.get(f"/{query}").status_code == 200


def test_the_page_knows_the_examples(client: TestClient) -> None:
    page = client.get("/").text
    assert all(example in page for example in EXAMPLES)
    assert page.count('"fn-example"') == len(EXAMPLES)


def test_without_examples_their_buttons_are_hidden() -> None:
    app = create_app(SampleAsker(), SampleArticles(), (), lambda: About(3))
    with TestClient(app) as client:
        page = client.get("/").text
    assert page.count('"fn-no-example"') == MOST_EXAMPLES
    assert '"fn-example"' not in page


@pytest.mark.parametrize("path", ["/", "/config"])
@pytest.mark.parametrize("code", languages())
def test_the_page_speaks_the_language_that_is_asked_for(
    client: TestClient, path: str, code: str
) -> None:
    page = client.get(f"{path}?lang={code}")
    assert words_in(code).of("chat")["placeholder"] in page.text
    assert "fn0" not in page.text
    if path == "/":
        assert f'<html lang="{code}" dir="{words_in(code).direction}"' in page.text


def test_the_page_speaks_the_language_that_the_browser_wants(client: TestClient) -> None:
    page = client.get("/", headers={"Accept-Language": "de-AT, en;q=0.5"})
    assert words_in("de").of("chat")["placeholder"] in page.text


@pytest.mark.parametrize("code", languages())
def test_words_need_no_escape_where_the_page_is_filled(code: str) -> None:
    assert not any(set(text) & set("\"<>&\\'") for text in words_in(code).of("chat").values())


@pytest.mark.parametrize(
    "sent", [None, "", "[", "[]", '{"language": 1, "ignore": 2}', '{"after": []}']
)
def test_what_a_program_sends_beside_a_question_cannot_fail_it(sent: object) -> None:
    assert read_request(sent) == ChatRequest()


def test_filters_and_what_to_ignore_go_along() -> None:
    asked = read_request('{"source": "A", "after": "2020", "ignore": ["when"], "language": "uk"}')
    question = read_question(asked.record("the Moon?", []))
    assert (question.source, question.after, question.ignore) == ("A", "2020", frozenset({"when"}))
    assert asked.words.code == "uk"


def test_a_question_asked_again_does_not_follow_on_itself() -> None:
    turns = (Turn("the fee?", "", True), Turn("the Moon?", "", True))
    assert history("the Moon?", turns) == [{"question": "the fee?", "cited": []}]


def test_nothing_is_asked_before_the_question_has_arrived() -> None:
    turns = (Turn("the fee?", "", True),)
    assert asyncio.run(chat().again("", turns))[2] == turns
