import hashlib

import pytest

from index.article import Article, Entry, Page, Passage, SpanError, parse_passage_id

TEXT = "One ship left. Two came in."


def test_an_articles_digest_is_the_sha256_of_its_text() -> None:
    digest = hashlib.sha256("Über den Wolken".encode()).hexdigest()
    assert Article("a", "Über den Wolken").digest == f"sha256:{digest}"


def test_metadata_leaves_the_digest_as_it_is() -> None:
    assert Article("a", TEXT).digest == Article("b", TEXT, title="Ships", source="Gazette").digest


def test_an_article_with_a_title_is_labelled_by_it() -> None:
    assert Article("a", TEXT, title="Ships").headline == "Ships"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("One two three", "One two three"),
        ("1 2 3 4 5 6 7 8 9", "1 2 3 4 5 6 7 8 9"),
        ("1 2 3 4 5\n6 7 8 9 10", "1 2 3 4 5 6 7 8 9 …"),
    ],
)
def test_an_article_without_a_title_is_labelled_by_its_first_nine_words(
    text: str, label: str
) -> None:
    assert Article("a", text).headline == label


def test_a_passage_has_the_id_of_its_article_and_span() -> None:
    assert Passage("space/moon", 4, 8, "ship", ((4, 8),)).id == "space/moon:4-8"


@pytest.mark.parametrize(
    ("start", "end", "text"), [(0, 5, "ship"), (0, 3, "ship"), (4, 4, ""), (8, 4, "ship")]
)
def test_a_passage_whose_text_is_not_as_long_as_its_span_is_refused(
    start: int, end: int, text: str
) -> None:
    with pytest.raises(SpanError, match=f"a:{start}-{end} holds {len(text)} characters"):
        Passage("a", start, end, text, ())


@pytest.mark.parametrize("sentence", [(3, 6), (4, 9), (5, 5), (7, 6)])
def test_a_sentence_outside_its_passage_is_refused(sentence: tuple[int, int]) -> None:
    with pytest.raises(SpanError, match=f"sentence {sentence[0]}-{sentence[1]} leaves"):
        Passage("a", 4, 8, "ship", (sentence,))


@pytest.mark.parametrize(("start", "end"), [(-1, 4), (4, 4), (5, 4)])
def test_an_entry_that_holds_no_text_is_refused(start: int, end: int) -> None:
    with pytest.raises(SpanError, match=f"cannot span {start}-{end}"):
        Entry(start, end, None, "")


@pytest.mark.parametrize("body", [3, 9])
def test_an_entry_whose_words_begin_outside_it_is_refused(body: int) -> None:
    with pytest.raises(SpanError, match=f"body {body} lies outside its entry 4-8"):
        Entry(4, 8, None, "", "", body)


def test_an_entry_without_a_time_line_has_its_words_from_its_start() -> None:
    assert Entry(4, 8, None, "").body == 4


@pytest.mark.parametrize(
    "entries",
    [
        (Entry(0, 10, None, ""), Entry(9, 20, None, "")),
        (Entry(10, 20, None, ""), Entry(0, 10, None, "")),
        (Entry(0, len(TEXT) + 1, None, ""),),
    ],
    ids=["overlapping", "out of order", "past the end"],
)
def test_entries_that_do_not_lie_in_order_in_the_text_are_refused(
    entries: tuple[Entry, ...],
) -> None:
    with pytest.raises(SpanError, match="of article 'blog' overlaps another or leaves its text"):
        Article("blog", TEXT, entries=entries)


def test_ids_of_passages_have_a_form() -> None:
    assert parse_passage_id("a:b:3-14") == ("a:b", 3, 14)
    assert parse_passage_id("a:b") is None
    assert parse_passage_id(":3-14") is None


def test_a_character_stands_on_the_page_that_began_last_before_it() -> None:
    article = Article("a", "One. Two. Note.", pages=(Page(0, 1), Page(5, 2), Page(10, 1)))
    assert [article.page_at(place) for place in (0, 4, 5, 9, 10)] == [1, 1, 2, 2, 1]
    assert Article("b", "One.").page_at(0) is None


@pytest.mark.parametrize("starts", [(5, 0), (0, 99), (-1, 0)])
def test_pages_that_do_not_lie_in_order_in_the_text_are_refused(starts: tuple[int, int]) -> None:
    with pytest.raises(SpanError, match="pages of article 'a'"):
        Article("a", "One. Two.", pages=tuple(Page(start, 1) for start in starts))
