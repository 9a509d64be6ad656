"""DOCX, ODT and EPUB, made here by hand: each holds what its kind of file can hide."""

import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.article import Article
from index.readers import Finding, Found, Source, Unreadable, findings, read_sources
from index.readers.walk import READERS

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
DC = "http://purl.org/dc/elements/1.1/"


def packed(parts: dict[str, str]) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as into:
        for name, content in parts.items():
            into.writestr(name, content)
    return file.getvalue()


def docx(body: str, **parts: str) -> bytes:
    styles = """
    <w:style w:styleId="Title"><w:name w:val="Title"/></w:style>
    <w:style w:styleId="Secret"><w:rPr><w:vanish/></w:rPr></w:style>
    <w:style w:styleId="Inner"><w:basedOn w:val="Secret"/></w:style>"""
    return packed(
        {
            "word/document.xml": f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>',
            "word/styles.xml": f'<w:styles xmlns:w="{W}">{styles}</w:styles>',
            **parts,
        }
    )


def run(words: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{words}</w:t></w:r>'


def paragraph(*runs: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{''.join(runs)}</w:p>"


def read(path: Path, content: bytes) -> list[Finding]:
    path.write_bytes(content)
    return list(read_sources([path]))


def only(found: list[Finding]) -> Article:
    [one] = found
    assert isinstance(one, Found)
    return one.article


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (
            paragraph(run("It "), f'<w:ins w:id="1">{run("was ")}</w:ins>', run("lit.")),
            "It was lit.",
        ),
        (
            paragraph(
                run("It was "),
                '<w:del w:id="1"><w:r><w:delText>not </w:delText></w:r></w:del>',
                run("lit."),
            ),
            "It was lit.",
        ),
        (
            paragraph(f'<w:moveFrom w:id="1">{run("Moved.")}</w:moveFrom>')
            + paragraph(run("Lit."))
            + paragraph(f'<w:moveTo w:id="2">{run("Moved.")}</w:moveTo>'),
            "Lit.\n\nMoved.",
        ),
        (f"<w:sdt><w:sdtContent>{paragraph(run('Lit.'))}</w:sdtContent></w:sdt>", "Lit."),
        (
            paragraph(run("A "), f"<w:sdt><w:sdtContent>{run('lamp.')}</w:sdtContent></w:sdt>"),
            "A lamp.",
        ),
        (paragraph(run("Lit."), run(" Hidden.", "<w:vanish/>")), "Lit."),
        (paragraph(run("Lit."), run(" Shown.", '<w:vanish w:val="0"/>')), "Lit. Shown."),
        (paragraph(run("Lit."), run(" Hidden.", '<w:rStyle w:val="Inner"/>')), "Lit."),
        (
            paragraph(run("Hidden."), properties='<w:pStyle w:val="Secret"/>')
            + paragraph(run("Lit.")),
            "Lit.",
        ),
        (
            paragraph(run("It burns 10"), run("6", '<w:vertAlign w:val="superscript"/>')),
            "It burns 10⁶",
        ),
        (
            paragraph(run("One"), "<w:r><w:br/><w:t>two</w:t><w:tab/><w:t>3</w:t></w:r>"),
            "One\ntwo 3",
        ),
        (
            paragraph(run("It "), properties='<w:rPr><w:del w:id="1"/></w:rPr>')
            + paragraph(run("was lit.")),
            "It was lit.",
        ),
        (
            f"<w:tbl><w:tr><w:tc>{paragraph(run('Day'))}</w:tc><w:tc>{paragraph(run('9:00'))}</w:tc>"
            f"</w:tr><w:tr><w:trPr><w:del w:id='1'/></w:trPr><w:tc>{paragraph(run('Gone'))}</w:tc>"
            "</w:tr></w:tbl>",
            "Day\u20039:00",
        ),
        (
            paragraph(
                run("It "),
                f"<w:r><w:txbxContent>{paragraph(run('A box.'))}</w:txbxContent></w:r>",
                run("was lit."),
            ),
            "It was lit.\n\nA box.",
        ),
        (paragraph(run("Fish &amp; chips &lt;3")), "Fish & chips <3"),
        (paragraph(f'<w:fldSimple w:instr="PAGE">{run("Lit.")}</w:fldSimple>'), "Lit."),
    ],
)
def test_a_docx_reads_as_it_does_with_all_changes_accepted(
    tmp_path: Path, body: str, shown: str
) -> None:
    assert only(read(tmp_path / "lamp.docx", docx(body))).text == shown


def test_a_docx_has_its_title_its_author_and_its_notes_at_the_end(tmp_path: Path) -> None:
    body = (
        paragraph(run("The lamp"), properties='<w:pStyle w:val="Title"/>')
        + paragraph(
            run("It was lit"), '<w:r><w:footnoteReference w:id="2"/></w:r>', run(" in May.")
        )
        + paragraph(run("It burns oil."))
    )
    notes = (
        f'<w:footnotes xmlns:w="{W}"><w:footnote w:id="0" w:type="separator"/>'
        f'<w:footnote w:id="2">{paragraph(run("So the log says."))}</w:footnote></w:footnotes>'
    )
    core = f'<p xmlns:dc="{DC}"><dc:title/><dc:creator>Ida Marsh</dc:creator></p>'
    parts = {"word/footnotes.xml": notes, "docProps/core.xml": core}
    article = only(read(tmp_path / "lamp.docx", docx(body, **parts)))
    assert (article.title, article.author, article.published) == ("The lamp", "Ida Marsh", None)
    assert article.text == "It was lit in May.\n\nIt burns oil.\n\nSo the log says."


ODT = """<office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
<office:automatic-styles>
<style:style style:name="H"><style:text-properties text:display="none"/></style:style>
<style:style style:name="S"><style:text-properties style:text-position="super 58%"/></style:style>
<style:style style:name="P1" style:parent-style-name="Title"/>
</office:automatic-styles>
<office:body><office:text>
<text:tracked-changes><text:changed-region><text:deletion><text:p>not </text:p></text:deletion>
</text:changed-region></text:tracked-changes>
<text:p text:style-name="P1">The lamp</text:p>
<text:p>It <text:change text:change-id="1"/><text:change-start text:change-id="2"/>was <text:s/>
<text:change-end text:change-id="2"/><text:span text:style-name="H">never </text:span>lit<text:note>
<text:note-citation>1</text:note-citation><text:note-body><text:p>So the log says.</text:p>
</text:note-body></text:note> at 10<text:span text:style-name="S">6</text:span>.</text:p>
<text:p text:style-name="H">A hidden paragraph.</text:p>
<table:table><table:table-row><table:table-cell><text:p>Day</text:p></table:table-cell>
<table:table-cell><text:p>9:00</text:p></table:table-cell></table:table-row></table:table>
<text:p>One<text:line-break/>two</text:p>
</office:text></office:body></office:document-content>"""
META = f"""<office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:dc="{DC}"><office:meta><dc:creator>Ida Marsh</dc:creator></office:meta>
</office:document-meta>"""


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("", "It was lit."),
        ("The lamp", "It was lit."),
        # Many a document is called by the one that it was made from: no words are lost.
        ("Template", "The lamp\n\nBy Ida Holm\n\n5 March 2024\n\nIt was lit."),
    ],
)
def test_a_docx_that_opens_with_byline_and_date_has_them(
    tmp_path: Path, title: str, text: str
) -> None:
    lines = ("The lamp", "By Ida Holm", "5 March 2024", "It was lit.")
    body = "".join(paragraph(run(line)) for line in lines)
    core = f'<c xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title></c>'
    article = only(read(tmp_path / "lamp.docx", docx(body, **{"docProps/core.xml": core})))
    assert (article.author, article.published) == ("Ida Holm", "2024-03-05")
    assert (article.title, article.text) == (title or "The lamp", text)


def test_an_odt_reads_as_it_does_with_all_changes_accepted(tmp_path: Path) -> None:
    mimetype = "application/vnd.oasis.opendocument.text"
    parts = {"mimetype": mimetype, "content.xml": ODT, "meta.xml": META}
    article = only(read(tmp_path / "lamp.odt", packed(parts)))
    assert (article.title, article.author) == ("The lamp", "Ida Marsh")
    assert article.text == ("It was lit at 10⁶.\n\nDay\u20039:00\n\nOne\ntwo\n\nSo the log says.")


CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
)
PACKAGE = f"""<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="{DC}"
 xmlns:opf="http://www.idpf.org/2007/opf"><metadata>
<dc:title>Lights of the coast</dc:title><dc:creator>Ida Marsh</dc:creator>
<dc:date opf:event="modification">2024-01-01</dc:date>
<dc:date opf:event="publication">1974-11-03</dc:date></metadata>
<manifest><item id="nav" href="nav.xhtml" properties="nav"/><item id="ncx" href="toc.ncx"/>
<item id="a" href="text/one.xhtml"/><item id="b" href="text/two%20b.xhtml"/>
<item id="c" href="text/cover.xhtml"/><item id="d" href="text/four.xhtml"/></manifest>
<spine toc="ncx"><itemref idref="c"/><itemref idref="nav"/><itemref idref="a"/>
<itemref idref="b"/><itemref idref="d"/></spine></package>"""
NCX = """<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint>
<navLabel><text>Cape Orrin</text></navLabel><content src="text/one.xhtml#top"/>
</navPoint></navMap></ncx>"""
CHAPTER = """<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml">
<head><title>{title}</title></head><body>{body}</body></html>"""


def book() -> dict[str, str]:
    return {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OEBPS/book.opf": PACKAGE,
        "OEBPS/toc.ncx": NCX,
        "OEBPS/nav.xhtml": CHAPTER.format(title="Contents", body="<a href='text/one.xhtml'/>"),
        "OEBPS/text/cover.xhtml": CHAPTER.format(title="Cover", body="<img src='a.png'/>"),
        "OEBPS/text/one.xhtml": CHAPTER.format(
            title="Lights of the coast", body="<h1>Cape Orrin</h1><p>It was lit&nbsp;in May.</p>"
        ),
        "OEBPS/text/two b.xhtml": CHAPTER.format(title="Vessel Bay", body="<p>It is new.</p>"),
        "OEBPS/text/four.xhtml": CHAPTER.format(
            title="Lights of the coast", body="<h2>The end</h2><p>All are dark.</p>"
        ),
    }


def test_each_chapter_of_a_book_is_an_article_with_its_own_title(tmp_path: Path) -> None:
    found = read(tmp_path / "lights.epub", packed(book()))
    articles = [each.article for each in found if isinstance(each, Found)]
    assert [(each.title, each.text) for each in articles] == [
        ("Cape Orrin", "It was lit\xa0in May."),
        ("Vessel Bay", "It is new."),
        ("The end", "All are dark."),
    ]
    assert {(each.source, each.author) for each in articles} == {
        ("Lights of the coast", "Ida Marsh")
    }
    assert {each.published for each in articles} == {"1974-11-03"}
    assert {each.file for each in found if isinstance(each, Found)} == {
        str(tmp_path / "lights.epub")
    }


def test_a_document_is_known_by_its_content(tmp_path: Path) -> None:
    content = docx(paragraph(run("It was lit.")))
    for name in ("lamp", "lamp.txt", "lamp.zip", "lamp.bin"):
        assert only(read(tmp_path / name, content)).text == "It was lit."


def bomb() -> bytes:
    return docx("", **{"word/styles.xml": "x" * 20_000_001})


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (lambda: docx("")[:-9], "is damaged as ZIP"),
        (lambda: packed({"word/document.xml": "<a"}), "is broken as XML"),
        (lambda: docx("<w:p>" * 3_000), "is broken as XML"),
        (lambda: docx("<w:p>" * 240 + "</w:p>" * 240), "nests its parts too deep"),
        (bomb, "is longer than 20 MB"),
        (lambda: docx(""), "holds no words"),
    ],
)
def test_what_is_broken_or_expands_is_told(tmp_path: Path, content: object, told: str) -> None:
    assert callable(content)
    [fault] = read(tmp_path / "lamp.docx", content())
    assert isinstance(fault, Unreadable)
    assert told in fault.reason


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=30,
)
@given(
    suffix=st.sampled_from([".docx", ".odt", ".epub"]),
    at=st.floats(0, 1, exclude_max=True),
    junk=st.binary(min_size=1, max_size=40),
)
def test_no_damage_to_a_document_makes_it_raise(
    tmp_path: Path, suffix: str, at: float, junk: bytes
) -> None:
    content = packed(book() | {"word/document.xml": f'<w:p xmlns:w="{W}"/>', "content.xml": ODT})
    place = int(at * len(content))
    path = tmp_path / f"any{suffix}"
    path.write_bytes(content[:place] + junk + content[place + len(junk) :])
    for found in findings(READERS[suffix], Source(path, "any")):
        assert found.origin
