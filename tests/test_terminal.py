"""What a terminal shows: everything that matters, nothing that it would obey."""

import re
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import Article, Entry, Passage
from qa.answer import Answer, Citation, Hit, Question, Respelling, Spelling, When
from qa.present.terminal import NOT_COVERED, plain, show_answer, show_hits
from tests.web_sample import (
    ARTICLES,
    BLOG,
    CEREMONY,
    CONTINUE,
    FOLLOWED,
    LANDING,
    MOON,
    TOUCHED_DOWN_AT,
    answer,
    answering,
    cite,
    unsure,
)

BOLD = ("\x1b[1m", "\x1b[22m")
ASKED = Question("the moon?")
# Colour, a window title that some terminals type back, a bidirectional override, clear screen.
ATTACKS = ["\x1b[31mred", "\x1b]0;owned\x07", "pay \u202e001", "a\x9b2Jb", "a\rb", "a\x08b", "\x00"]


def squeeze(text: str) -> str:
    """The text in one line, so that wrapping does not matter."""
    return " ".join(text.split())


def obeyed(text: str) -> set[str]:
    """The characters, line ends aside, that a terminal would act on."""
    return {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs")} - {"\n"}


def bold_in(shown: str) -> str:
    """What of it is bold, in one line."""
    begin, end = map(re.escape, BOLD)
    return squeeze(" ".join(re.findall(f"{begin}(.*?){end}", shown)))


def hostile(attack: str) -> Citation:
    """A citation in which everything that is shown carries the attack."""
    text = f"The dam {attack} was built."
    entry = Entry(0, len(text), None, f"Heading {attack}", clock=f"9pm{attack}")
    article = Article(
        id=f"a{attack}",
        text=text,
        title=f"Title {attack}",
        source=f"Source {attack}",
        url=f"https://example.org/{attack}",
        entries=(entry,),
    )
    passage = Passage(article.id, 0, len(text), text, ((0, len(text)),), entry)
    twin = replace(passage, article_id=f"twin{attack}")
    return Citation(1, passage, article, text, 0, len(text), 0.9, (twin,))


def test_an_answer_shows_quote_article_source_time_and_place() -> None:
    shown = squeeze(show_answer(answer(ASKED, cite(MOON, LANDING))))
    assert shown.startswith(f"[1] “{LANDING}”")
    assert "The first landing on the Moon · The Orbital Record · 20 July 2019" in shown
    start = MOON.text.index(LANDING)
    assert f"space/apollo-11, characters {start} to {start + len(LANDING)}" in shown
    assert str(MOON.url) in shown


def test_citations_are_numbered_in_their_order() -> None:
    shown = show_answer(answer(ASKED, cite(MOON, LANDING), cite(MOON, FOLLOWED, 2)))
    first, second = shown.split("\n\n")
    assert (first[:3], second[:3]) == ("[1]", "[2]")


def test_an_entry_of_a_live_blog_shows_its_own_time_and_heading() -> None:
    shown = squeeze(show_answer(answer(ASKED, cite(BLOG, CEREMONY, entry=BLOG.entries[1]))))
    assert "29 September 2022, 21:13 (UTC+02:00) · Signing set for Friday" in shown


def test_a_clock_time_without_a_day_is_shown_as_the_article_writes_it() -> None:
    blog = replace(BLOG, published=None)
    shown = squeeze(show_answer(answer(ASKED, cite(blog, CONTINUE, entry=blog.entries[0]))))
    assert "Newsroom 24 · 4:25am · Campaign to go on" in shown


def test_an_article_without_metadata_is_shown_by_its_opening_words() -> None:
    shown = squeeze(show_answer(answer(ASKED, cite(Article("a", "The dam broke."), "The dam"))))
    assert shown == "[1] “The dam” The dam broke. a, characters 0 to 7"


def test_what_is_not_covered_is_said_first_and_the_nearest_are_no_answer() -> None:
    shown = show_answer(Answer(ASKED, "2026", (), (cite(MOON, LANDING),), 1.0))
    said, warning, nearest = shown.split("\n\n")
    assert said == NOT_COVERED == "The articles do not cover this."
    assert warning.startswith("Not an answer")
    assert LANDING in squeeze(nearest)


def test_where_it_is_unsure_the_closest_passages_follow_as_such() -> None:
    told = unsure(ASKED, answering(cite(MOON, LANDING), TOUCHED_DOWN_AT))
    said, nearest = show_answer(told).split("\n\n")
    assert said == "The articles may not answer this. The closest passages:"
    assert LANDING in squeeze(nearest)
    assert BOLD[0] in show_answer(told, styled=True)


def test_the_words_that_answer_are_bold_where_styles_are_shown() -> None:
    told = answer(ASKED, answering(cite(MOON, LANDING), TOUCHED_DOWN_AT))
    shown = show_answer(told, styled=True)
    assert bold_in(shown) == TOUCHED_DOWN_AT
    assert re.sub("\x1b\\[[0-9]+m", "", shown) == show_answer(told)
    assert not obeyed(show_answer(told))


def test_nothing_is_bold_in_what_is_no_answer_or_where_the_words_are_not_known() -> None:
    near = Answer(ASKED, "2026", (), (answering(cite(MOON, LANDING), TOUCHED_DOWN_AT),), 1.0)
    for told in (near, answer(ASKED, cite(MOON, LANDING))):
        assert show_answer(told, styled=True) == show_answer(told)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.data())
def test_bold_begins_and_ends_with_the_answer_whatever_a_quote_holds(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    article, passage = Article("a", text), Passage("a", 0, len(text), text, ((0, len(text)),))
    citation = Citation(
        1, passage, article, text, 0, len(text), 0.9, answer_start=start, answer_end=end
    )
    shown = show_answer(answer(ASKED, citation), styled=True)
    assert bold_in(shown).replace(" ", "") == plain(text[start:end]).replace(" ", "")
    assert re.sub("\x1b\\[[0-9]+m", "", shown) == show_answer(answer(ASKED, citation))


def test_what_is_not_covered_by_anything_near_is_said_alone() -> None:
    assert show_answer(Answer(ASKED, "2026", (), (), 1.0)) == NOT_COVERED


def test_names_that_no_article_mentions_are_told_as_one_or_the_other() -> None:
    nothing = Answer(ASKED, "2026", (), (), 1.0, unknown_names=("Narva", "Tartu", "Pskov"))
    assert "“Narva”, “Tartu” or “Pskov”" in squeeze(show_answer(nothing))


def test_other_articles_with_the_same_words_are_named() -> None:
    one = cite(MOON, LANDING)
    twins = tuple(replace(one.passage, article_id=name) for name in ("copy", "reprint"))
    shown = squeeze(show_answer(answer(ASKED, replace(one, also_in=twins))))
    assert shown.endswith("also in copy, reprint")


def test_hits_are_ranked_from_one_with_their_passage_and_score() -> None:
    hits = [Hit(cite(MOON, LANDING).passage, 1.234), Hit(cite(BLOG, CEREMONY).passage, -2.0)]
    first, second = show_hits(hits, ARTICLES.get).split("\n\n")
    assert first.startswith(
        "1. The first landing on the Moon · The Orbital Record · 20 July 2019\n"
    )
    assert first.endswith(f"\n    {hits[0].passage.id} (1.23)")
    assert second.startswith("2. Live: the decrees · Newsroom 24 · 29 September 2022\n")
    assert second.endswith(f"\n    {hits[1].passage.id} (-2.00)")
    assert squeeze(hits[0].passage.text) in squeeze(first)


def test_a_hit_in_a_live_blog_shows_the_time_and_the_heading_of_its_entry() -> None:
    shown = show_hits([Hit(cite(BLOG, CEREMONY, 1, BLOG.entries[1]).passage, 1.0)], ARTICLES.get)
    assert "29 September 2022, 21:13 (UTC+02:00) · Signing set for Friday" in squeeze(shown)


def test_a_hit_of_an_article_that_is_gone_shows_its_id() -> None:
    passage = cite(MOON, LANDING).passage
    assert show_hits([Hit(passage, 1.0)], lambda _: None).startswith(f"1. {MOON.id}\n")


def test_no_hits_are_said_in_words() -> None:
    assert show_hits([], ARTICLES.get) == "No passage comes close."


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_control_character_of_an_article_reaches_the_terminal(attack: str) -> None:
    citation = hostile(attack)
    shown = [
        show_answer(answer(ASKED, citation)),
        show_answer(Answer(ASKED, "2026", (), (citation,), 1.0)),
        show_hits([Hit(citation.passage, 0.5)], lambda _: citation.article),
    ]
    assert [obeyed(text) for text in shown] == [set()] * 3
    assert all("The dam" in text for text in shown)


@given(st.text(st.characters()))
def test_plain_text_is_one_line_that_no_terminal_obeys(text: str) -> None:
    shown = plain(text)
    assert not obeyed(shown)
    assert len(shown.splitlines()) <= 1


def test_lines_are_no_wider_than_a_terminal() -> None:
    shown = show_answer(answer(ASKED, cite(MOON, MOON.text.split("\n\n")[0])))
    assert max(len(line) for line in shown.splitlines()) <= 96


def test_what_was_understood_of_time_and_the_order_stand_first() -> None:
    when = When("last month", "July 2019", "2019-07-01", "2019-07-31", is_exact=True)
    told = replace(
        answer(ASKED, cite(MOON, LANDING)),
        understood_when=when,
        order="newest_first",
        reports_differ=True,
    )
    first = show_answer(told).splitlines()[0]
    assert first == "When: July 2019 (“last month”); newest first; reports differ"


def test_a_typing_error_is_shown_beside_the_word_that_was_read() -> None:
    words = (Respelling("Apolo", "Apollo"), Respelling("crw\x1b", "crew"))
    told = replace(answer(ASKED), understood_spelling=Spelling("Apollo crew", words))
    assert show_answer(told).splitlines()[0] == "Spelling: Apollo (“Apolo”), crew (“crw”)"


def test_a_phrase_of_the_question_is_shown_without_what_a_terminal_obeys() -> None:
    when = When("last\x1b[31m month", "July 2019", None, None, is_exact=True)
    assert not obeyed(show_answer(replace(answer(ASKED), understood_when=when)))
