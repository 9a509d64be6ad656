import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import Article
from index.readers import (
    Found,
    Remark,
    Source,
    Unreadable,
    findings,
    read_sources,
)
from index.readers.text import TextReader, split_header, split_title

WORDS = st.text(alphabet=st.characters(categories=["L", "N"]), min_size=1, max_size=12)
PHRASES = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)


def article(path: Path) -> Article:
    found = list(findings(TextReader(), Source(path, path.stem)))
    assert isinstance(found[-1], Found)
    return found[-1].article


def story(folder: Path, text: str | bytes) -> Path:
    path = folder / "story.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def reason(path: Path) -> str:
    (found,) = findings(TextReader(), Source(path, path.stem))
    assert isinstance(found, Unreadable)
    assert found.origin == path.as_posix()
    return found.reason


def test_a_date_that_goes_straight_into_the_text_is_the_publication_date(tmp_path: Path) -> None:
    read = article(
        story(tmp_path, " date 2022-09-29 The dam \u2014 at last \u2014 held.\n\nMore of it.")
    )
    assert read.published == "2022-09-29"
    assert read.text == "The dam \u2014 at last \u2014 held.\n\nMore of it."
    assert (read.id, read.title, read.entries) == ("story", None, ())


def test_header_lines_become_metadata_and_leave_the_text(tmp_path: Path) -> None:
    head = "TITLE: The dam held\nBy: Ann Writer\nSource: The Bay\nURL: https://bay.example/dam\n"
    read = article(story(tmp_path, head + "Date: 29 Sept. 2022\nupdated: 2022-09-30\n\nIt held."))
    assert read == Article(
        id="story",
        text="It held.",
        title="The dam held",
        source="The Bay",
        author="Ann Writer",
        published="2022-09-29",
        updated="2022-09-30",
        published_from="header",
        updated_from="header",
        url="https://bay.example/dam",
    )


@pytest.mark.parametrize(
    "head",
    [
        " date 2022-09-29\ntitle: Foo\nsource: S\n",
        "title: Foo\ndate 2022-09-29\nsource: S\n",
        "title: Foo\n  source: S\n\tdate: 2022-09-29\n",
        "title: Foo\nauthor:\ndate: 2022-09-29\nsource: S\n",
        "author:\ntitle: Foo\ndate: 2022-09-29\nsource: S\n",
        "title: Foo\nlanguage: en\ndate: 2022-09-29\nsection: news\nsource: S\n",
        "title: 'Foo'\npublish_date: \"2022-09-29\"\ndomain: S\n",
    ],
)
def test_the_forms_of_a_header_can_be_mixed(tmp_path: Path, head: str) -> None:
    read = article(story(tmp_path, f"{head}\nBody goes here."))
    assert (read.title, read.published, read.source) == ("Foo", "2022-09-29", "S")
    assert (read.text, read.author) == ("Body goes here.", None)


def test_a_date_that_goes_into_the_text_may_stand_under_header_lines(tmp_path: Path) -> None:
    read = article(story(tmp_path, "title: Foo\n date 2022-09-29 The dam held."))
    assert (read.title, read.published, read.text) == ("Foo", "2022-09-29", "The dam held.")


@pytest.mark.parametrize("body", ["language: en\nWords.", "Note: words.\nBy: one", "\nBy: Ann"])
def test_no_line_is_taken_that_no_known_key_follows_in_the_same_block(body: str) -> None:
    headed = split_header(f"title: Foo\n{body}", "a.txt")
    assert headed.text == body.strip()


def test_quotes_that_belong_to_the_words_stay() -> None:
    headed = split_header('title: "Foo" and "Bar"\n\nBody', "a.txt")
    assert headed.header.metadata.title == '"Foo" and "Bar"'


@pytest.mark.parametrize("part", ["2022", "2022-09"])
def test_a_year_or_a_month_alone_is_kept_as_the_date(tmp_path: Path, part: str) -> None:
    read = article(story(tmp_path, f"date: {part}\n\nBody goes here."))
    assert (read.published, read.text) == (part, "Body goes here.")


def test_a_date_in_the_header_that_is_none_is_quoted_in_a_remark(tmp_path: Path) -> None:
    path = story(tmp_path, "title: The dam\ndate: last Friday\n\nIt held.")
    remark, found = findings(TextReader(), Source(path, "story"))
    assert isinstance(remark, Remark)
    assert "'last Friday'" in remark.message
    assert "2022-09-29" in remark.message
    assert isinstance(found, Found)
    assert found.article.published is None


@pytest.mark.parametrize(
    "text",
    [
        "Title: a history of the word, by itself",
        "Date: a sweet fruit\n\nIt grows on palms.",
        "By: that is how it began.\nAnd it went on.",
        "url: not an address\nMore.",
        "Note: this is prose.\nMore.",
        "date 2022-02-30 is no day.",
        "Source: " + "a very long line of prose " * 20 + "\nMore.",
        "title: \n\nNothing was told.",
        "language: en\ntitle: Foo\n\nMore.",
    ],
)
def test_prose_that_looks_like_a_header_stays_in_the_text(text: str) -> None:
    headed = split_header(text, "a.txt")
    assert headed.text == text
    assert headed.header.remarks == ()


@given(title=PHRASES, author=PHRASES, body=PHRASES)
def test_what_a_header_tells_is_read_back(title: str, author: str, body: str) -> None:
    headed = split_header(f"author: {author}\ntitle: {title}\n\n{body}\n\nEnd", "a.txt")
    assert (headed.header.metadata.title, headed.header.metadata.author) == (title, author)
    assert headed.text == f"{body}\n\nEnd"


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_splitting_off_header_and_title_only_ever_takes_from_the_front(text: str) -> None:
    text = text.strip()
    headed = split_header(text, "a.txt")
    assert text.endswith(headed.text)
    title, rest = split_title(headed.text)
    assert headed.text.endswith(rest)
    assert (title or "") in headed.text[: len(headed.text) - len(rest)]


def test_a_short_line_over_a_blank_one_is_the_title(tmp_path: Path) -> None:
    read = article(story(tmp_path, "Old bridge reopens\n\nThe bridge opened.\n\nMore."))
    assert (read.title, read.text) == ("Old bridge reopens", "The bridge opened.\n\nMore.")


@pytest.mark.parametrize(
    "text",
    [
        "A sentence stands here.\n\nMore.",
        "Those who came,\n\nMore.",
        "No blank line\nunder it",
        "Alone",
        "x" * 121 + "\n\nMore.",
        "9:45pm: An entry\n\nMore.",
        "All times BST\n\nMore.",
        "September 29, 2022\n\nMore.",
        "---\n\nMore.",
    ],
)
def test_a_first_line_that_is_no_title_stays_in_the_text(text: str) -> None:
    assert split_title(text) == (None, text)


def test_a_title_that_is_told_leaves_the_first_line_in_the_text(tmp_path: Path) -> None:
    read = article(story(tmp_path, "title: Told\n\nFirst line\n\nMore."))
    assert (read.title, read.text) == ("Told", "First line\n\nMore.")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\xef\xbb\xbfCaf\xc3\xa9", "Café"),
        ("Café\r\nover".encode("utf-16"), "Café\nover"),
        ("\ufeffCafé".encode("utf-16-be"), "Café"),
        (b"one\r\ntwo\rthree\n\n", "one\ntwo\nthree"),
    ],
)
def test_marks_of_encoding_and_line_ends_of_other_systems_are_read(
    tmp_path: Path, data: bytes, text: str
) -> None:
    assert article(story(tmp_path, data)).text == text


def test_every_other_code_point_is_kept(tmp_path: Path) -> None:
    text = "e\u0301 \u2028 \x85 \u200b a\x0cb \U0001f30d \ufb01"
    assert article(story(tmp_path, text)).text == text


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"Caf\xe9", "not UTF-8 at byte 3 (0xe9): save it as plain text in UTF-8"),
        (b"\xef\xbb\xbfCaf\xe9", "not UTF-8 at byte 6"),
        (b"\x89PNG\r\n\x00\x00", "binary"),
        (b"text\0text", "binary"),
        (b"\xff\xfea", "UTF-16"),
        (b"", "no words"),
        (b" \n...\n", "no words"),
    ],
)
def test_what_is_no_text_is_unreadable_with_the_reason(
    tmp_path: Path, data: bytes, told: str
) -> None:
    assert told in reason(story(tmp_path, data))


@given(st.binary(max_size=60))
def test_no_bytes_make_the_reader_raise(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = story(tmp_path_factory.mktemp("bytes"), data)
    last = list(findings(TextReader(), Source(path, "story")))[-1]
    assert isinstance(last, Found | Unreadable)


def test_a_folder_is_read_in_order_to_any_depth_without_what_is_hidden(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.md", "a/deep/v1.2 notes.text", ".git/x.txt", ".hidden.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"Words of {path.stem}.")
    found = list(read_sources([tmp_path]))
    ids = [one.article.id for one in found if isinstance(one, Found)]
    assert ids == ["a/deep/v1.2 notes", "a/z", "b"]
    assert found == list(read_sources([tmp_path]))


def test_a_file_given_directly_is_named_by_its_stem(tmp_path: Path) -> None:
    (found,) = read_sources([story(tmp_path, "Words.")])
    assert isinstance(found, Found)
    assert (found.article.id, found.origin) == ("story", (tmp_path / "story.txt").as_posix())


def test_a_file_without_a_reader_is_named_with_the_formats_that_are_read(tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(b"\x89PNG")
    (found,) = read_sources([tmp_path])
    assert isinstance(found, Unreadable)
    assert ".txt" in found.reason
    assert ".jsonl.gz" in found.reason


def test_a_path_that_does_not_exist_stops_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(match=r"gone\.txt"):
        read_sources([story(tmp_path, "Words."), tmp_path / "gone.txt"])


def test_links_to_folders_and_to_nothing_are_passed_over_by_name(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.txt")
    found = list(read_sources([tmp_path]))
    assert [type(one) for one in found] == [Unreadable] * 3
    reasons = [one.reason for one in found if isinstance(one, Unreadable)]
    assert reasons[0] == "cannot be opened: No such file or directory"
    assert "name that folder" in reasons[1]
    assert "not a regular file" in reasons[2]


def test_a_folder_that_cannot_be_opened_is_passed_over_and_the_rest_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b.txt").write_text("Words.")
    plain = Path.iterdir

    def guarded(folder: Path) -> Iterator[Path]:
        if folder.name == "a":
            raise PermissionError(13, "Permission denied")
        return plain(folder)

    monkeypatch.setattr(Path, "iterdir", guarded)
    found = list(read_sources([tmp_path]))
    assert found[0] == Unreadable(
        (tmp_path / "a").as_posix(), "cannot be opened: Permission denied"
    )
    assert isinstance(found[1], Found)


@pytest.mark.parametrize(
    "head",
    [
        "Old bridge reopens\nBy Ida Holm and Jon van Berg\n5 March 2024\n\n",
        "Old bridge reopens\n\n5 March 2024\n\nBY Ida Holm and Jon van Berg\n\n",
        "Old bridge reopens\nPublished: 2024-03-05\nby Ida Holm and Jon van Berg\n",
    ],
)
def test_headline_byline_and_date_on_lines_of_their_own_are_no_text(
    tmp_path: Path, head: str
) -> None:
    body = "By the time it opened, a crowd had come.\n\nIt closes at nine."
    (found,) = findings(TextReader(), Source(story(tmp_path, head + body), "story"))
    assert isinstance(found, Found)
    article = found.article
    assert (article.title, article.author) == ("Old bridge reopens", "Ida Holm and Jon van Berg")
    assert (article.published, article.text) == ("2024-03-05", body)


@pytest.mark.parametrize(
    "text",
    [
        "It opened at nine.\nBy Ida Holm\n5 March 2024\n\nA crowd had come.",
        "Old bridge\nBy the time it opened\n\na crowd had come.",
        "Old bridge\nBy Ida Holm\n5 March 2024",
    ],
)
def test_lines_that_may_be_text_are_text(tmp_path: Path, text: str) -> None:
    (found,) = findings(TextReader(), Source(story(tmp_path, text), "story"))
    assert isinstance(found, Found)
    assert found.article.text.endswith(text[text.index("\n") + 1 :].strip())
