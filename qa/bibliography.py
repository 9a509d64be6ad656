"""Citations as files that reference managers and editors read: BibTeX, RIS, CSL-JSON, Markdown.

The libraries that write these do not escape what a field holds (a line break in a title begins a
new field, or a new entry), and what is needed of each format is a page.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from qa.reference import Reference
from qa.when import in_words


@dataclass(frozen=True, slots=True)
class Form:
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


_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
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
        "url": f"{{{_tex_url(reference.url)}}}" if reference.url else None,
        "urldate": f"{{{accessed.isoformat()}}}",
        "note": f"{{{_tex(reference.quoted)}}}",
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
        ("AB", reference.quoted),
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
        "URL": reference.url,
        "accessed": {"date-parts": [list(today)]},
        "note": reference.quoted,
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
    facts = [_md(fact) for fact in (reference.author, reference.source, issued) if fact]
    origin = ", ".join([title, *facts])
    read = f"Accessed {in_words(accessed.isoformat())}."
    return f"> {_md(reference.quote)}\n>\n> — {origin}. {read}\n"


def _md(text: str) -> str:
    return _MARKDOWN.sub(lambda found: f"\\{found[0]}", text)


FORMS = {
    form.name: form
    for form in (
        Form("bibtex", "BibTeX", "application/x-bibtex", "bib", bibtex),
        Form("ris", "RIS", "application/x-research-info-systems", "ris", ris),
        Form("csl-json", "CSL-JSON", "application/vnd.citationstyles.csl+json", "json", csl_json),
        Form("markdown", "Markdown", "text/markdown", "md", markdown),
    )
}
