from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import Article
from index.readers import Found, Remark, Source, Unreadable, findings, read_sources
from index.readers.base import Finding
from index.readers.markdown import MarkdownReader, plain_text


def read(folder: Path, text: str) -> list[Finding]:
    path = folder / "story.md"
    path.write_text(text)
    return list(findings(MarkdownReader(), Source(path, "story")))


def article(folder: Path, text: str) -> Article:
    found = read(folder, text)[-1]
    assert isinstance(found, Found)
    return found.article


def reason(folder: Path, text: str) -> str:
    found = read(folder, text)[-1]
    assert isinstance(found, Unreadable)
    return found.reason


def test_front_matter_is_metadata_and_the_body_is_the_text(tmp_path: Path) -> None:
    head = (
        "---\ntitle: No\nid: 007\nauthors: [Ann Writer, Bo Writer]\ndate: 2022-09-29\ntags: [a]\n"
    )
    found = article(tmp_path, head + "source: The Bay\n---\n\n# Heading\n\nIt held.\n")
    assert found == Article(
        id="007",
        text="Heading\n\nIt held.",
        title="No",
        source="The Bay",
        author="Ann Writer, Bo Writer",
        published="2022-09-29",
        published_from="header",
        tags=("a",),
    )


@pytest.mark.parametrize(
    "head",
    [
        '+++\ntitle = "The dam"\ndate = 2022-09-29\ndraft = false\nweight = 1.50\n+++\n',
        '{\n  "title": "The dam",\n  "date": "2022-09-29",\n  "tags": ["a"]\n}\n\n',
    ],
)
def test_front_matter_of_toml_and_json_is_metadata_too(tmp_path: Path, head: str) -> None:
    found = article(tmp_path, f"{head}It held.\n")
    assert (found.title, found.published, found.text) == ("The dam", "2022-09-29", "It held.")


@pytest.mark.parametrize(
    "head",
    [
        "---\ndraft: true\n---\n",
        "+++\ndraft = true\n+++\n",
        '{"title": "T", "draft": true}\n',
        "---\npublished: false\n---\n",
        "---\npublished: no\n---\n",
        "---\nDraft: Yes\n---\n",
    ],
)
def test_what_a_site_would_not_publish_is_hidden(tmp_path: Path, head: str) -> None:
    remark, found = read(tmp_path, f"{head}It held.\n")
    assert isinstance(remark, Remark)
    assert "is a draft" in remark.message
    assert isinstance(found, Found)
    assert found.article.visibility == "hidden"


def test_a_moment_in_toml_is_read_with_its_zone(tmp_path: Path) -> None:
    found = article(tmp_path, "+++\ndate = 2022-09-29 21:13:00+02:00\n+++\nIt held.\n")
    assert found.published == "2022-09-29T21:13:00+02:00"


@pytest.mark.parametrize("body", ["{not: json} It held.", '{"a": 1} It held.', "{% x %}It held."])
def test_a_brace_that_opens_no_metadata_opens_the_text(tmp_path: Path, body: str) -> None:
    assert article(tmp_path, body).text.endswith("It held.")


@pytest.mark.parametrize(
    ("head", "line"), [('title = "open', 2), ("a = 1\nb = [1, 2\n", 4), ("a = 1\nb = c", 3)]
)
def test_broken_toml_is_unreadable_and_names_the_line(tmp_path: Path, head: str, line: int) -> None:
    assert f"line {line}:" in reason(tmp_path, f"+++\n{head}\n+++\nText.")


def test_a_month_alone_in_front_matter_is_kept_as_the_date(tmp_path: Path) -> None:
    assert article(tmp_path, "---\ndate: 2022-09\n---\nIt held.\n").published == "2022-09"


def test_the_first_heading_is_the_title_where_none_is_told_and_leaves_the_text(
    tmp_path: Path,
) -> None:
    found = article(tmp_path, "Intro.\n\n# The *dam*\n\nIt held.\n\n# Again\n")
    assert (found.title, found.text) == ("The dam", "Intro.\n\nIt held.\n\nAgain")


def test_a_heading_with_nothing_under_it_is_the_text(tmp_path: Path) -> None:
    found = article(tmp_path, "# The dam held")
    assert (found.title, found.text) == (None, "The dam held")


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("One\ntwo.\n\nThree.", "One two.\n\nThree."),
        ("One  \ntwo", "One\ntwo"),
        ("- a\n- b\n  - c\n\n1. d\n2. e", "a\n\nb\n\nc\n\n1. d\n\n2. e"),
        ("3. c\n4. d", "3. c\n\n4. d"),
        ("> Quoted\n> words\n>\n> More", "Quoted words\n\nMore"),
        ("```python\nx  = 1\n\ny\n```", "x  = 1\n\ny"),
        ("    indented\n      code", "indented\n  code"),
        ("| a | b |\n|---|---|\n| 1 | *2* |", "a\u2003b\n\n1\u20032"),
        ("[link](https://a.example) **bold** _em_ ~~no~~ `x*y`", "link bold em no x*y"),
        ("![A *dam*](dam.png 'x')", "A dam"),
        ("<https://a.example>", "https://a.example"),
        ("<div class='x'>raw</div>\n\nA <b>word</b> &amp; more", "raw\n\nA word & more"),
        ("5 \\* 3 &lt; 20", "5 * 3 < 20"),
        ("Title\n=====\n\n---\n\nText", "Title\n\nText"),
    ],
)
def test_each_block_and_mark_becomes_the_words_it_shows(markdown: str, text: str) -> None:
    assert plain_text(markdown, take_title=False).text == text


@pytest.mark.parametrize(
    "unseen",
    [
        "<!-- TODO before print: is the conductor under investigation? -->",
        "<!--\n\nNot\n\nyet\n-->",
        "<style>p { color: red }</style>",
        "<script>\nlet a = 1;\n\nb();\n</script>",
        "<template>later</template>",
        "<div hidden>\n\nkept back\n\n</div>",
        '<p aria-hidden="true">decoration</p>',
        '<p style="color: red; display: none">kept back</p>',
        '{{< figure src="dam.png" title="A > B" >}}',
        "{{% notice tip %}}{{% /notice %}}",
        "{{< comment >}}not yet{{< /comment >}}",
        "{{/* not yet */}}",
        "{% include video.html id=5 %}",
        "{% comment %} not\nyet {% endcomment %}",
        "import Tabs from '@theme/Tabs';\nimport './dam.css'",
        "export const year = 1998",
        "{/* not yet */}",
        '<Figure src="dam.png" />',
    ],
)
def test_what_no_reader_of_the_page_sees_is_not_in_the_text(unseen: str) -> None:
    markdown = f"The dam held.\n\n{unseen}\n\nIt is old."
    assert plain_text(markdown, take_title=False).text == "The dam held.\n\nIt is old."


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("It holds 10<sup>6</sup> m<sup>3</sup>, the 4<sup>th</sup> most.", None),
        ("So <q>no water</q> came.", "So “no water” came."),
        ("One<br/>two<br>three", "One\ntwo\nthree"),
        (
            "<table><tr><td>Rope</td><td>5</td></tr><tr><td>Lamp<td>2</table>",
            "Rope\u20035\n\nLamp\u20032",
        ),
        ("It held.[^a] All saw.\n\n[^a]: By the *log*.", "It held. All saw.\n\n1. By the log."),
        ("<Note type='x'>\n\nMind the *step*.\n\n</Note>", "Mind the step."),
        ("{{% note %}}Mind the step.{{% /note %}}", "Mind the step."),
        ("`{{< figure >}}` shows a picture.", "{{< figure >}} shows a picture."),
        ("```\n{% include x %}\nimport a from 'b'\n```", "{% include x %}\nimport a from 'b'"),
        ("It held. <!-- never closed", "It held. <!-- never closed"),
        ("It held.\n\n<!-- never closed\n\nat all", "It held."),
    ],
)
def test_what_a_page_shows_is_what_is_read(markdown: str, text: str | None) -> None:
    assert plain_text(markdown, take_title=False).text == (text or "It holds 10⁶ m³, the 4th most.")


@pytest.mark.parametrize(
    ("head", "line"), [("title: 'open", 3), ("title: a\nauthor: b: c", 3), ("a: [1, 2", 3)]
)
def test_broken_front_matter_is_unreadable_and_names_the_line(
    tmp_path: Path, head: str, line: int
) -> None:
    assert f"line {line}" in reason(tmp_path, f"---\n{head}\n---\nText.")


def test_rules_around_prose_are_no_front_matter(tmp_path: Path) -> None:
    assert article(tmp_path, "---\nJust a line\n---\n\nMore.").text == "Just a line\n\nMore."
    assert article(tmp_path, "---\nnever: closed\n\nMore.").text == "never: closed\n\nMore."


def test_front_matter_without_text_under_it_is_unreadable(tmp_path: Path) -> None:
    assert "no words" in reason(tmp_path, "---\ntitle: x\n---\n\n***\n")


def test_an_impossible_date_and_a_value_of_no_readable_kind_are_remarked_on(
    tmp_path: Path,
) -> None:
    found = read(tmp_path, "---\ndate: 2022-02-30\ntitle: {a: b}\n---\nText of it.")
    messages = " ".join(one.message for one in found if isinstance(one, Remark))
    assert "'2022-02-30'" in messages
    assert "title: a dict" in messages
    assert isinstance(found[-1], Found)
    assert found[-1].article.published is None


def test_nesting_without_end_is_unreadable_and_does_not_raise(tmp_path: Path) -> None:
    assert "front matter is broken" in reason(tmp_path, "---\na: " + "[" * 5000 + "\n---\nText.")
    assert "more than 100 deep" in reason(tmp_path, ">" * 3000 + " deep")


def test_words_under_many_levels_of_lists_are_kept() -> None:
    lists = "\n".join("  " * level + f"- word{level}" for level in range(40))
    shown = plain_text(lists, take_title=False).text
    assert all(f"word{level}" in shown for level in range(40))


def test_a_live_blog_in_markdown_has_entries(tmp_path: Path) -> None:
    body = "\n\n".join(f"## 1{n}:00: Heading {n}\n\nWords of it." for n in (2, 1, 0))
    found = article(tmp_path, "---\ndate: 2022-09-29\n---\n" + body)
    assert [entry.time for entry in found.entries] == [
        *("2022-09-29T12:00:00", "2022-09-29T11:00:00", "2022-09-29T10:00:00")
    ]


WORDS = st.text(alphabet=st.characters(categories=["L"]), min_size=1, max_size=9)


@given(st.lists(st.lists(WORDS, min_size=1, max_size=5).map(" ".join), min_size=1, max_size=6))
def test_paragraphs_of_words_come_through_unchanged(paragraphs: list[str]) -> None:
    text = "\n\n".join(paragraphs)
    assert plain_text(text, take_title=True).text == text


@given(st.text(alphabet="ab #*_-`>|<![](){}\n1.&;\t:~\\", max_size=80))
def test_no_letter_of_markdown_is_lost(markdown: str) -> None:
    shown = plain_text(markdown, take_title=False).text
    assert isinstance(shown, str)
    if not set(markdown) & set("[]<>`~&"):
        assert shown.count("a") == markdown.count("a")


def test_a_heading_that_repeats_the_title_of_the_front_matter_is_no_part_of_the_text(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ferry.md"
    path.write_text("---\ntitle: Ferry timetable\n---\n# Ferry  Timetable\n\nIt sails at nine.\n")
    [found] = [each for each in read_sources([path]) if isinstance(each, Found)]
    assert (found.article.title, found.article.text) == ("Ferry timetable", "It sails at nine.")
