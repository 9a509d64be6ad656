"""A quote as a reference, and the files that reference managers read."""

import json
import re
from dataclasses import replace
from datetime import date
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from index.article import Article
from qa.present.references import (
    FORMS,
    ExportForm,
    Reference,
    bibtex,
    citation_line,
    csl_json,
    line,
    markdown,
    reference,
    reference_of,
    ris,
)
from tests.web_sample import (
    BLOG,
    CEREMONY,
    FEE,
    FOLLOWED,
    HOSTILE,
    LANDING,
    MOON,
    TOUCHED_DOWN_AT,
    answering,
    cite,
)

BARE = Reference("k", "It leaks.", "The dam", None, None, None, None)


def test_a_citation_is_a_line_to_be_pasted() -> None:
    assert citation_line(cite(MOON, LANDING)) == (
        f"“{LANDING}” — The first landing on the Moon, Mara Lindqvist, The Orbital Record, "
        "20 July 2019. https://example.org/apollo-11?a=1&b=2#:~:text="
        "The%20Eagle%20touched%20down%20in%20the%20Sea%20of%20Tranquility%20at%2020%3A17%20UTC"
        "%20on%2020%20July%201969."
    )


def test_a_live_blogs_citation_tells_the_time_of_its_entry() -> None:
    line = citation_line(cite(BLOG, CEREMONY, entry=BLOG.entries[1]))
    assert line == (
        f"“{CEREMONY}” — Live: the decrees, Newsroom 24, 29 September 2022, 21:13 (UTC+02:00)."
    )


def test_without_a_web_address_the_page_is_linked_that_was_told() -> None:
    assert citation_line(cite(HOSTILE, FEE)).endswith(".")
    page = "http://localhost/articles/x"
    assert citation_line(cite(HOSTILE, FEE), page).endswith(f". {page}")


def test_the_entry_of_a_span_is_found() -> None:
    start = BLOG.text.index(CEREMONY)
    assert reference(BLOG, (start, start + 11)).issued == "2022-09-29T21:13:00+02:00"
    assert reference(BLOG, (0, 7)).issued == "2022-09-29"


def test_line_breaks_and_control_characters_become_spaces() -> None:
    article = Article("a", "One\nTwo\tThree\u2028four\x00.", title="A\r\nER  - ", author="\x1b[1m")
    found = reference(article, (0, len(article.text)))
    assert (found.quote, found.title, found.author) == ("One Two Three four .", "A ER -", "[1m")


@pytest.mark.parametrize(
    ("issued", "parts"),
    [
        ("2022", (2022,)),
        ("2022-09", (2022, 9)),
        ("2022-09-29", (2022, 9, 29)),
        ("2022-09-29T21:13:00+02:00", (2022, 9, 29)),
        ("2022-13-45", ()),
        ("<i>never</i>", ()),
        ("20220929", ()),
        (None, ()),
    ],
)
def test_as_much_of_a_date_as_is_known(issued: str | None, parts: tuple[int, ...]) -> None:
    assert replace(BARE, issued=issued).date_parts == parts


def test_quotes_of_two_places_have_two_keys() -> None:
    keys = {reference_of(cite(MOON, quote)).key for quote in (LANDING, "Aldrin followed him.")}
    assert len(keys) == 2


@pytest.mark.parametrize("words", ['"It leaks."', "“It leaks.”", "«It leaks.»"])
def test_words_that_stand_in_quotation_marks_get_no_second_pair(words: str) -> None:
    article = Article("dam", f"He said: {words} So it was.", title="The dam")
    start = article.text.index(words)
    written = line(reference(article, (start, start + len(words))))
    assert written.startswith(f"{words} — The dam.")


def test_marks_inside_of_a_quote_are_not_taken_for_its_own() -> None:
    text = '"It leaks," he said, "and more."'
    assert line(reference(Article("dam", text), (0, len(text)))).startswith(f"“{text}” — ")


TODAY = date(2026, 1, 31)
URL = "https://example.org/apollo-11?a=1&b=2#:~:text=Aldrin%20followed%20him."
FOLLOW = reference_of(cite(MOON, FOLLOWED))
KEY = f"footnote-{FOLLOW.key}"


def one(**fields: str | None) -> list[Reference]:
    known: dict[str, str | None] = {
        **{"key": "k", "quote": "q", "title": "t", "author": None},
        **{"source": None, "issued": None, "url": None},
        **fields,
    }
    return [Reference(**known)]  # type: ignore[arg-type]


def test_a_citation_in_bibtex() -> None:
    assert bibtex([FOLLOW], TODAY) == (
        f"@misc{{{KEY},\n"
        "  title = {{The first landing on the Moon}},\n"
        "  author = {{Mara Lindqvist}},\n"
        "  howpublished = {The Orbital Record},\n"
        "  year = {2019},\n"
        "  month = jul,\n"
        "  day = {20},\n"
        f"  url = {{{URL}}},\n"
        "  urldate = {2026-01-31},\n"
        "  note = {“Aldrin followed him.”},\n"
        "}\n"
    )


def test_a_citation_in_ris() -> None:
    assert ris([FOLLOW], TODAY).split("\r\n") == [
        "TY  - ELEC",
        "TI  - The first landing on the Moon",
        "AU  - Mara Lindqvist",
        "T2  - The Orbital Record",
        "PY  - 2019",
        "DA  - 2019/07/20/",
        "AB  - “Aldrin followed him.”",
        f"UR  - {URL}",
        "Y2  - 2026/01/31/",
        f"ID  - {KEY}",
        "ER  - ",
        "",
    ]


def test_a_citation_in_csl_json() -> None:
    assert json.loads(csl_json([FOLLOW], TODAY)) == [
        {
            "id": KEY,
            "type": "webpage",
            "title": "The first landing on the Moon",
            "author": [{"literal": "Mara Lindqvist"}],
            "container-title": "The Orbital Record",
            "issued": {"date-parts": [[2019, 7, 20]]},
            "URL": URL,
            "accessed": {"date-parts": [[2026, 1, 31]]},
            "note": "“Aldrin followed him.”",
        }
    ]


def test_a_citation_in_markdown() -> None:
    assert markdown([FOLLOW], TODAY) == (
        "> Aldrin followed him\\.\n>\n"
        f"> — [The first landing on the Moon](<{URL}>), Mara Lindqvist, The Orbital Record, "
        "20 July 2019. Accessed 31 January 2026.\n"
    )


def test_in_markdown_the_words_that_answer_are_bold_and_in_no_other_form() -> None:
    known = reference_of(answering(cite(MOON, LANDING), TOUCHED_DOWN_AT))
    assert " at **20\\:17 UTC on 20 July 1969**\\." in markdown([known], TODAY)
    plain = reference_of(cite(MOON, LANDING))
    for form in (bibtex, ris, csl_json):
        assert form([known], TODAY) == form([plain], TODAY)
    assert line(known) == line(plain)


@pytest.mark.parametrize(
    ("text", "answer", "bold"),
    [
        ("It cost US$5.", "$5", "US$5"),
        ("It was (at first) so.", "(at first)", "(at first)"),
        ("In the 1990s.", "1990", "1990"),
        ("Two\n  dams  broke.", "dams", "dams"),
        ("Two dams\n  broke.", "dams\n  broke.", "dams broke."),
        ("*Five* of them.", "*Five*", "*Five*"),
        ("<b>5</b> & _6_", "5</b> & _6", "5</b> & _6"),
        ("5", "5", "5"),
    ],
)
def test_what_is_bold_in_markdown_is_read_as_bold(text: str, answer: str, bold: str) -> None:
    article = Article("dam", text)
    start = text.index(answer)
    known = reference(article, (0, len(text)), answer=(start, start + len(answer)))
    html = MarkdownIt().render(markdown([known], TODAY))
    assert re.findall("<strong>(.*?)</strong>", html) == [escape(bold, quote=False)]
    assert f"<p>{escape(known.quote, quote=False)}</p>" in re.sub("</?strong>", "", html)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_what_is_not_known_is_left_out(form: ExportForm) -> None:
    written = form.write(one(), TODAY)
    assert not [name for name in ("None", "null", "author", "AU  -", "url =") if name in written]


def test_signs_of_tex_are_escaped() -> None:
    written = bibtex(one(title=r"50% & $5_#1 {a} \b ~ ^"), TODAY)
    assert (
        r"{{50\% \& \$5\_\#1 \textbraceleft{}a\textbraceright{} "
        r"\textbackslash{}b \textasciitilde{} \textasciicircum{}}}" in written
    )


def test_braces_of_a_url_do_not_end_its_field() -> None:
    assert "url = {https://a.org/%7Dx%5C},\n" in bibtex(one(url="https://a.org/}x\\"), TODAY)


@given(st.text("{}\\%ab &"), st.text("{}\\%ab &"))
def test_a_bibtex_entry_ends_where_it_ends(title: str, quote: str) -> None:
    written = bibtex(one(title=title, quote=quote, url=f"https://a.org/{title}"), TODAY)
    depth, closed = 0, 0
    for sign in written:
        depth += {"{": 1, "}": -1}.get(sign, 0)
        closed += depth == 0 and sign == "}"
    assert (depth, closed) == (0, 1)


@given(st.text("\r\nER -TY\u2028\x85", min_size=1).filter(lambda text: bool(text.strip())))
def test_a_ris_entry_has_one_line_a_field(broken: str) -> None:
    article = Article("a", broken, title=broken)
    lines = ris([reference(article, (0, len(broken)))], TODAY).split("\r\n")
    assert [line[:6] for line in lines if line] == [
        *("TY  - ", "TI  - ", "AB  - ", "Y2  - ", "ID  - ", "ER  - ")
    ]
    assert all(len(line.splitlines()) <= 1 for line in lines)


def test_markup_is_text_in_markdown() -> None:
    written = markdown(one(title="](javascript:alert(1)) <b>", quote="# *a* <script>"), TODAY)
    assert r"\]\(javascript\:alert\(1\)\) \<b\>" in written
    assert r"> \# \*a\* \<script\>" in written


def test_only_angle_brackets_could_end_a_url_in_markdown() -> None:
    assert "(<https://a.org/(x)%3E>)" in markdown(one(url="https://a.org/(x)>"), TODAY)


def test_the_page_of_a_pdf_is_told_in_every_form() -> None:
    [dated] = [replace(BARE, page=7)]
    assert line(dated) == "“It leaks.” — The dam, p. 7."
    told = {
        "bibtex": "pages = {7}",
        "ris": "SP  - 7",
        "csl-json": '"page": "7"',
        "markdown": "p\\. 7",
    }
    for name, words in told.items():
        assert words in FORMS[name].write([dated], date(2026, 1, 31))
        assert words not in FORMS[name].write([BARE], date(2026, 1, 31))
