"""Files of citations: each field is escaped, so that no article can write a field of its own."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import Article
from qa.present.references import (
    FORMS,
    Form,
    Reference,
    bibtex,
    csl_json,
    markdown,
    reference,
    reference_of,
    ris,
)
from tests.web_sample import FOLLOWED, MOON, cite

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


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_what_is_not_known_is_left_out(form: Form) -> None:
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
