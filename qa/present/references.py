"""Citations for those who quote: a line to paste, and files that reference managers read.

The libraries that write these do not escape what a field holds (a line break in a title begins a
new field, or a new entry), and what is needed of each format is a page.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from index.article import Article, Entry, Span
from index.english import MONTHS
from index.forms.asides import corrections_near
from qa.answer import Citation
from qa.present.dates import in_words
from qa.present.links import original_link
from qa.present.version import parts_of

_IN_MARKS = re.compile(r'"[^"]+"|“[^“”]+”|«[^«»]+»|„[^„“]+“')
_DATE = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?![\d-])")


@dataclass(frozen=True, slots=True)
class Reference:
    """A quote and where it is from. Each text is on one line; what is not known is None.

    `issued` is ISO 8601: the time of the live blog's entry, else the publication. `url` is the
    original at the quoted words; `key` is unique among those of other quotes. `answer` are the
    words of the quote that answer; `page` is that of the PDF; `label` is what the owner calls
    articles of its kind; `notes` are what the article says of itself: what was corrected in it.
    """

    key: str
    quote: str
    title: str
    author: str | None
    source: str | None
    issued: str | None
    url: str | None
    answer: Span | None = None
    page: int | None = None
    label: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def quoted(self) -> str:
        """The quote in quotation marks, none around one that stands in its own.

        >>> Reference("k", '"It leaks."', "t", None, None, None, None).quoted
        '"It leaks."'
        """
        return self.quote if _IN_MARKS.fullmatch(self.quote) else f"“{self.quote}”"

    @property
    def date_parts(self) -> tuple[int, ...]:
        """Year, month and day, as many as are known; empty where the date is none.

        >>> Reference("k", "q", "t", None, None, "2022-09-29T21:13", None).date_parts
        (2022, 9, 29)
        """
        match = _DATE.match(self.issued or "")
        parts = tuple(int(part) for part in match.groups() if part) if match else ()
        try:
            date(*(*parts, 1, 1)[:3])
        except (ValueError, TypeError):
            return ()
        return parts


def reference_of(citation: Citation, page: str | None = None) -> Reference:
    """The citation as a reference. `page` is linked where the original has no web address."""
    article, entry = citation.article, citation.passage.entry
    return reference(article, citation.quote_span, page, entry, citation.answer_span)


def reference(
    article: Article,
    span: Span,
    page: str | None = None,
    entry: Entry | None = None,
    answer: Span | None = None,
) -> Reference:
    """The words at a span of an article as a reference; `answer` are those of them that answer."""
    entry = entry or _entry_at(article, span)
    return Reference(
        key=f"{article.digest.removeprefix('sha256:')[:8]}-{span[0]}",
        quote=_one_line(article.text[slice(*span)]) or "",
        title=_one_line(article.headline) or "",
        author=_one_line(article.author),
        source=_one_line(article.source),
        issued=(entry.time if entry else None) or article.published,
        # The original has no words of a former version.
        url=page if article.is_former else original_link(article, span) or page,
        answer=_answer_in_line(article.text, span, answer),
        page=article.page_at(span[0]),
        label=_one_line(article.label),
        notes=tuple(_one_line(each.text) or "" for each in corrections_near(article.text, span)),
    )


def citation_line(citation: Citation, page: str | None = None) -> str:
    """A quote with its citation as plain text, to be pasted.

    `“It leaks.” — The dam, Inland Gazette, 11 February 2020. https://example.org/dam#:~:text=…`
    """
    return line(reference_of(citation, page))


def line(reference: Reference, dated: Callable[[str], str] = in_words) -> str:
    """The same of a reference; `dated` puts its date in words."""
    issued = dated(reference.issued) if reference.issued else None
    facts = [reference.title, *_told(reference, issued)]
    origin = ", ".join(fact for fact in facts if fact)
    end = "" if origin.endswith((".", "…", "?", "!")) else "."
    return f"{reference.quoted} — {origin}{end}" + (f" {reference.url}" if reference.url else "")


def _told(reference: Reference, issued: str | None) -> tuple[str | None, ...]:
    """What stands behind the title, in its order."""
    page = f"p. {reference.page}" if reference.page else None
    return (reference.label, reference.author, reference.source, issued, page)


def _entry_at(article: Article, span: Span) -> Entry | None:
    holding = (each for each in article.entries if each.start <= span[0] < each.end)
    return next(holding, None)


def _one_line(text: str | None) -> str | None:
    """Without line breaks and control characters, which end a field in some formats."""
    visible = "".join(sign if sign.isprintable() else " " for sign in text or "")
    return " ".join(visible.split()) or None


def _answer_in_line(text: str, quote: Span, answer: Span | None) -> Span | None:
    """Where the words that answer stand in the quote once that is on one line."""
    if answer is None:
        return None
    end = len(_one_line(text[quote[0] : answer[1]]) or "")
    start = end - len(_one_line(text[slice(*answer)]) or "")
    return (start, end) if start < end else None


@dataclass(frozen=True, slots=True)
class ExportForm:
    """A format: its name in a link, what people call it, and how its file is made."""

    name: str
    label: str
    media_type: str
    suffix: str
    write: Callable[[Sequence[Reference], date], str]


def bibtex(references: Sequence[Reference], accessed: date) -> str:
    """`@misc` entries in UTF-8, which BibTeX and biblatex both read.

    http://mirrors.ctan.org/biblio/bibtex/base/btxdoc.pdf; `url` and `urldate` are biblatex's.
    """
    return "\n".join(_bibtex_entry(each, accessed) for each in references)


_MONTHS = [name[:3] for name in MONTHS]
_TEX = {
    "\\": r"\textbackslash{}",
    # BibTeX counts a brace even after a backslash.
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "$&#%_"},
}


def _bibtex_entry(reference: Reference, accessed: date) -> str:
    year, month, day = (*reference.date_parts, None, None, None)[:3]
    # Two braces: a title keeps its capitals, and `and` in a byline is no list of names.
    fields = {
        "title": f"{{{{{_tex(reference.title)}}}}}",
        "author": f"{{{{{_tex(reference.author)}}}}}" if reference.author else None,
        "howpublished": f"{{{_tex(reference.source)}}}" if reference.source else None,
        "year": f"{{{year:04}}}" if year else None,
        "month": _MONTHS[month - 1] if month else None,
        "day": f"{{{day}}}" if day else None,
        "pages": f"{{{reference.page}}}" if reference.page else None,
        "url": f"{{{_tex_url(reference.url)}}}" if reference.url else None,
        "urldate": f"{{{accessed.isoformat()}}}",
        "note": f"{{{_tex(reference.quoted)}}}",
        "annote": f"{{{_tex(' '.join(reference.notes))}}}" if reference.notes else None,
    }
    lines = [f"  {name} = {value}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{footnote-{reference.key},", *lines, "}", ""])


def _tex(text: str) -> str:
    return "".join(_TEX.get(sign, sign) for sign in text)


def _tex_url(url: str) -> str:
    """A url is set as it is, so what would end its field has to be percent-encoded."""
    return re.sub(r"[\\{}\s^`]", lambda found: f"%{ord(found[0]):02X}", url)


def ris(references: Sequence[Reference], accessed: date) -> str:
    """RIS: a tag of two signs, two spaces, a dash, a space, a value; lines end in CR LF.

    https://en.wikipedia.org/wiki/RIS_(file_format)
    """
    return "".join(_ris_entry(each, accessed) for each in references)


def _ris_entry(reference: Reference, accessed: date) -> str:
    parts = reference.date_parts
    fields = [
        ("TY", "ELEC"),
        ("TI", reference.title),
        ("AU", reference.author),
        ("T2", reference.source),
        ("PY", f"{parts[0]:04}" if parts else None),
        ("DA", _ris_date(parts) if parts else None),
        ("SP", str(reference.page) if reference.page else None),
        ("AB", reference.quoted),
        *(("N1", note) for note in reference.notes),
        ("UR", reference.url),
        ("Y2", _ris_date((accessed.year, accessed.month, accessed.day))),
        ("ID", f"footnote-{reference.key}"),
        ("ER", ""),
    ]
    return "".join(f"{tag}  - {value}\r\n" for tag, value in fields if value is not None)


def _ris_date(parts: Sequence[int]) -> str:
    """`YYYY/MM/DD/`, what is not known left empty."""
    year, month, day = (*(f"{part:02}" for part in parts), "", "", "")[:3]
    return f"{year:0>4}/{month}/{day}/"


def csl_json(references: Sequence[Reference], accessed: date) -> str:
    """CSL-JSON: https://docs.citationstyles.org/en/stable/specification.html#appendix-iv-variables."""
    items = [_csl_item(each, accessed) for each in references]
    return json.dumps(items, ensure_ascii=False, indent=2) + "\n"


def _csl_item(reference: Reference, accessed: date) -> dict[str, Any]:
    parts = reference.date_parts
    today = (accessed.year, accessed.month, accessed.day)
    item = {
        "id": f"footnote-{reference.key}",
        "type": "webpage" if reference.url else "article",
        "title": reference.title,
        "author": [{"literal": reference.author}] if reference.author else None,
        "container-title": reference.source,
        "issued": {"date-parts": [list(parts)]} if parts else None,
        "page": str(reference.page) if reference.page else None,
        "URL": reference.url,
        "accessed": {"date-parts": [list(today)]},
        "note": reference.quoted,
        "annote": " ".join(reference.notes) or None,
    }
    return {name: value for name, value in item.items() if value is not None}


def markdown(references: Sequence[Reference], accessed: date) -> str:
    """Block quotes, each with its citation under it: https://spec.commonmark.org/."""
    return "\n".join(_markdown_entry(each, accessed) for each in references)


_MARKDOWN = re.compile(r"[!-/:-@\[-`{-~]")


def _markdown_entry(reference: Reference, accessed: date) -> str:
    title = _md(reference.title)
    if reference.url:
        # In angle brackets, where only these end a url.
        url = re.sub(r"[<>\\\s]", lambda found: f"%{ord(found[0]):02X}", reference.url)
        title = f"[{title}](<{url}>)"
    issued = in_words(reference.issued) if reference.issued else None
    facts = [_md(fact) for fact in _told(reference, issued) if fact]
    origin = ", ".join([title, *facts])
    read = f"Accessed {in_words(accessed.isoformat())}."
    notes = "".join(f">\n> Note in the article: {_md(note)}\n" for note in reference.notes)
    return f"> {_md_quote(reference)}\n>\n> — {origin}. {read}\n{notes}"


def _md_quote(reference: Reference) -> str:
    """The quote, the words that answer in bold."""
    quote = reference.quote
    if reference.answer is None:
        return _md(quote)
    start, end = reference.answer
    # Asterisks beside a punctuation mark are none of Markdown's unless a space is on their other
    # side: then all of the word is bold.
    if not _is_letter(quote[start]):
        start = quote.rfind(" ", 0, start) + 1
    if not _is_letter(quote[end - 1]):
        end = f"{quote} ".index(" ", end)
    parts = parts_of(quote, (start, end))
    return f"{_md(parts.before)}**{_md(parts.answer)}**{_md(parts.after)}"


def _is_letter(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LMN"


def _md(text: str) -> str:
    return _MARKDOWN.sub(lambda found: f"\\{found[0]}", text)


FORMS = {
    form.name: form
    for form in (
        ExportForm("bibtex", "BibTeX", "application/x-bibtex", "bib", bibtex),
        ExportForm("ris", "RIS", "application/x-research-info-systems", "ris", ris),
        ExportForm(
            "csl-json", "CSL-JSON", "application/vnd.citationstyles.csl+json", "json", csl_json
        ),
        ExportForm("markdown", "Markdown", "text/markdown", "md", markdown),
    )
}
