"""PDF: words in reading order, whole paragraphs, the right pages."""

from io import BytesIO
from pathlib import Path
from time import process_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.analysis import Analyzer, words
from index.article import Article
from index.readers import Finding, Found, Source, Unreadable, findings, read_sources
from index.readers.documents.pdf import Line, PageLines, PdfFileReader, paged_text
from tests.needs import missing_module

try:
    from reportlab.pdfgen.canvas import Canvas
except ModuleNotFoundError as error:
    missing_module(error)

# x and y from the lower left, size, text; A4 is 595 points by 842.
Drawn = tuple[float, float, float, str]


def printed(*pages: list[Drawn], title: str = "", password: str | None = None) -> bytes:
    file = BytesIO()
    canvas = Canvas(file, pagesize=(595, 842), encrypt=password)
    canvas.setTitle(title)
    for page in pages:
        for x, y, size, text in page:
            canvas.setFont("Times-Roman", size)
            canvas.drawString(x, y, text)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def column(x: float, top: float, *lines: str, size: float = 10) -> list[Drawn]:
    return [(x, top - 12 * place, size, line) for place, line in enumerate(lines)]


def read(path: Path, content: bytes) -> list[Finding]:
    path.write_bytes(content)
    return list(read_sources([path]))


def only(found: list[Finding]) -> Article:
    [one] = found
    assert isinstance(one, Found)
    return one.article


def page_of(article: Article, words: str) -> int | None:
    return article.page_at(article.text.index(words))


def test_a_sentence_has_the_page_that_it_begins_on(tmp_path: Path) -> None:
    content = printed(
        column(72, 700, "The lamp was lit in May. Its oil", "came from the whalers, who"),
        column(72, 700, "sold it by the barrel. In 1891", "paraffin took its place."),
    )
    article = only(read(tmp_path / "lamp.pdf", content))
    assert article.text == (
        "The lamp was lit in May. Its oil came from the whalers, who sold it by the barrel. "
        "In 1891 paraffin took its place."
    )
    assert page_of(article, "Its oil") == 1
    assert page_of(article, "In 1891") == 2


def test_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    content = printed(
        column(72, 700, "The lamp was lit", "in May, and its oil")
        + column(320, 700, "came from the whalers.", "They sold it.")
    )
    text = only(read(tmp_path / "lamp.pdf", content)).text
    assert text == "The lamp was lit in May, and its oil came from the whalers. They sold it."


def test_gaps_indents_and_sizes_part_paragraphs(tmp_path: Path) -> None:
    content = printed(
        [
            (72, 760, 20, "The lamp"),
            *column(72, 700, "It was lit in May.", "It burned oil."),
            *column(72, 660, "Two keepers lived there with", "their families."),
            *column(84, 636, "The last one left in 1978. Since", size=10),
            *column(72, 624, "then it is dark."),
            (72, 590, 13, "The harbour"),
            *column(72, 572, "It is new."),
        ]
    )
    article = only(read(tmp_path / "lamp.pdf", content))
    assert article.title == "The lamp"
    assert article.text.split("\n\n") == [
        "It was lit in May. It burned oil.",
        "Two keepers lived there with their families.",
        "The last one left in 1978. Since then it is dark.",
        "The harbour",
        "It is new.",
    ]


def test_what_stands_at_the_head_and_foot_of_each_page_is_no_text(tmp_path: Path) -> None:
    pages = [
        [
            (72, 810, 8, "Coast Weekly, May 1891"),
            *column(72, 700, f"Report {n} is here and", "goes on."),
            (300, 30, 8, f"Page {n + 6} of 12"),
        ]
        for n in range(1, 4)
    ]
    text = only(read(tmp_path / "lamp.pdf", printed(*pages))).text
    assert text.split("\n\n") == [f"Report {n} is here and goes on." for n in range(1, 4)]


def test_a_foot_with_several_figures_is_told_by_the_one_that_counts_pages(tmp_path: Path) -> None:
    pages: list[list[Drawn]] = [
        [(72, 700, 10, f"The lamp of isle {7 * n} was lit."), (72, 30, 8, f"No 7, page {n} of 3")]
        for n in range(1, 4)
    ]
    text = only(read(tmp_path / "lamp.pdf", printed(*pages))).text
    assert text.split("\n\n") == [f"The lamp of isle {7 * n} was lit." for n in range(1, 4)]


def test_words_of_the_text_that_come_again_in_the_margins_stay(tmp_path: Path) -> None:
    refrain = "and it went out again."
    pages = [
        [
            (72, 810, 8, "Coast Weekly"),
            *column(72, 780, f"{name} was lit,", refrain, "Its keeper left.", "12"),
            (72, 120, 10, f"{name} is dark,"),
            *((x, 70, 10, refrain) for x in (72, 320)),
            (72, 58, 10, f"says {name}."),
        ]
        for name in ("Skerry", "Holm")
    ]
    text = only(read(tmp_path / "lamp.pdf", printed(*pages))).text
    assert (text.count(refrain), text.count("12"), "Weekly" in text) == (6, 2, False)


def test_what_a_browser_prints_around_a_single_page_is_no_text(tmp_path: Path) -> None:
    page = [
        *column(72, 700, *[f"The lamp was lit in May {year}." for year in range(1891, 1895)]),
        (24, 815, 8, "12/1/26, 3:11 AM The lamp"),
        (24, 17, 8, "https://coast.example/lamp 1/1"),
    ]
    text = only(read(tmp_path / "lamp.pdf", printed(page))).text
    assert (text[:8], text[-9:]) == ("The lamp", "May 1894.")


def test_a_note_beneath_the_text_stays_beside_a_fraction(tmp_path: Path) -> None:
    page = [
        *column(72, 700, *[f"The lamp was lit in May {year}." for year in range(1891, 1895)]),
        (72, 60, 8, "The report of May has more."),
        (72, 40, 8, "Scale 1/1"),
    ]
    text = only(read(tmp_path / "lamp.pdf", printed(page))).text
    assert "The report of May has more." in text


def test_a_small_head_beneath_a_line_that_changes_is_no_text(tmp_path: Path) -> None:
    pages: list[list[Drawn]] = [
        [
            (72, 820, 8, name),
            (72, 805, 8, "Coast Weekly"),
            (72, 700, 10, f"The lamp of {name} was lit."),
        ]
        for name in ("Skerry", "Holm", "Ness")
    ]
    assert "Weekly" not in only(read(tmp_path / "lamp.pdf", printed(*pages))).text


def test_a_margin_full_of_figures_or_notes_takes_no_longer_than_a_text() -> None:
    row = Line(" ".join(map(str, range(20_000))), 1, 72, 800, 10)
    notes = [Line(f"Note {number}.", 1, 72, 50, 8) for number in range(20_000)]
    foot = Line("https://coast.example/lamp 1/1", 1, 24, 17, 8)
    text = Line("It was lit. " * 20_000, 1, 72, 400, 10)
    began = process_time()
    paged = paged_text([PageLines(1, 842, [row, text, *notes, foot])], None)
    assert process_time() - began < 8
    assert "coast.example" not in paged.text


def test_a_program_that_names_no_author_leaves_none(tmp_path: Path) -> None:
    content = printed(column(72, 700, "The lamp was lit in May."))
    assert b"/Author (anonymous)" in content
    assert only(read(tmp_path / "lamp.pdf", content)).author is None


def test_a_footnote_does_not_cut_the_sentence_above_it(tmp_path: Path) -> None:
    content = printed(
        [
            *column(72, 200, "The lamp was lit in May, and", "its oil came from"),
            *column(72, 120, "1 So the log says.", size=7),
        ],
        column(72, 700, "the whalers, who sold it.", "It is dark now."),
    )
    article = only(read(tmp_path / "lamp.pdf", content))
    assert article.text.split("\n\n") == [
        "The lamp was lit in May, and its oil came from the whalers, who sold it. It is dark now.",
        "1 So the log says.",
    ]
    assert page_of(article, "It is dark") == 2
    assert page_of(article, "So the log") == 1


def test_a_word_broken_at_a_line_is_found_whole_and_keeps_its_mark(tmp_path: Path) -> None:
    content = printed(
        column(72, 700, "The light-", "house of a well-known cape is well-", "known.")
    )
    text = only(read(tmp_path / "lamp.pdf", content)).text
    assert text == "The light\u00adhouse of a well-known cape is well-known."
    assert "lighthous" in Analyzer().terms(text)
    assert "lighthouse" in words(text)


@pytest.mark.parametrize("title", ["", "untitled", "Microsoft Word - lamp.doc", "lamp_v2.indd"])
def test_what_a_program_calls_a_file_is_no_title(tmp_path: Path, title: str) -> None:
    content = printed(column(72, 700, "It was lit in May."), title=title)
    assert only(read(tmp_path / "lamp.pdf", content)).title is None


def test_the_title_told_counts_more_than_the_largest_line(tmp_path: Path) -> None:
    content = printed(
        [(72, 760, 20, "Coast Weekly"), *column(72, 700, "It was lit in May.")], title="The lamp"
    )
    article = only(read(tmp_path / "lamp.pdf", content))
    assert (article.title, article.text) == ("The lamp", "Coast Weekly\n\nIt was lit in May.")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (printed([]), "put it through OCR"),
        (printed([], password="secret"), "is locked with a password"),
        (b"%PDF-1.7\nnothing more", "is broken as PDF"),
    ],
)
def test_a_pdf_without_words_to_read_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    [fault] = read(tmp_path / "lamp.pdf", content)
    assert isinstance(fault, Unreadable)
    assert told in fault.reason


SAMPLE = printed(column(72, 700, "It was lit in May.", "It is dark."), column(72, 700, "Over."))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.integers(0, len(SAMPLE) - 1), st.binary(min_size=1, max_size=30))
def test_no_damage_makes_it_raise(tmp_path: Path, place: int, junk: bytes) -> None:
    path = tmp_path / "any.pdf"
    path.write_bytes(SAMPLE[:place] + junk + SAMPLE[place + len(junk) :])
    for found in findings(PdfFileReader(), Source(path, "any")):
        assert found.origin
