"""What stands in an article beside its story: notes on itself, lines that lead to other pages.

Neither is ever quoted: a note repeats what was wrong, a line that leads elsewhere is the headline
of another article. `split` leaves both out.

A note says that something was corrected, made clear or retracted. It is found by its label
("Correction: …"), by what it says of an earlier version of the article, or by what it says was done
to it. What a quotation says is none.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from index.article import Span
from index.sentences import paragraph_spans, sentence_spans

# With what such a line begins, in the languages of the pages. Behind those of the second group an
# argument may follow as well: only a headline ends without a full stop.
_LEADS = r"""
    (?:(?:also\s)?(?:read|see|watch)|hear|listen|more)(?:\s(?:also|here|more|next|now|the\sfull\sstory))?
    |related(?:\s(?:articles?|coverage|links?|news|reading|stories|story))?
    |more\s(?:coverage|news|stories|(?:about|from|on)\s[^:|\n]{1,40})
    |(?:continue|keep|must|recommended)\sread(?:ing)?|go\sdeeper|learn\smore|don[’']t\smiss
    |from\sthe\sarchives?|icymi|in\scase\syou\smissed\sit|up\snext|you\smay\salso\slike
    |lesen\ssie\s(?:auch|mehr)|mehr\s(?:dazu|zum\sthema)|siehe\sauch
    |à\slire(?:\saussi)?|(?:lire|voir)\s(?:aussi|la\ssuite)
    |le[ae]\stambién|leer\smás|ver\stambién|te\spuede\sinteresar
    |читайте\s(?:також|ще)|дивіться\sтакож
    |اقرأ\s(?:أيض[اً]+|المزيد)|شاهد\sأيض[اً]+
"""
_HEADS = r"analysis|explainer|fact[\s-]check|graphics?|live\supdates|opinion|photos|video"
_BULLET = r"[^\w\n\"'“”‘’«»()\[\]]{0,4}"
_POINTER = re.compile(
    rf"""
    {_BULLET}(?:(?:{_LEADS})\s?[:|»>→][^\n]{{10,250}}
    |(?:{_HEADS}):[^\n]{{10,250}}(?<![.!…”"’]))
    """,
    re.IGNORECASE | re.VERBOSE,
)


def aside_spans(text: str, paragraphs: Sequence[Span]) -> tuple[Span, ...]:
    """The spans of what is no part of an article's story, in its order.

    `paragraphs` are those of the whole text.

    >>> aside_spans("Read more: How mills burn\\nNobody died.", [(0, 25), (26, 38)])
    ((0, 25),)
    """
    notes = ((note.start, note.end) for note in _notes_in(text, paragraphs))
    pointers = (span for span in paragraphs if _POINTER.fullmatch(text, *span))
    return tuple(sorted({*notes, *pointers}))


# An update adds to the article and takes nothing back.
NoteKind = Literal["correction", "clarification", "retraction", "update"]

# What may stand before a note; a quotation mark may not.
_MARK = r"[(\[*•–—-]{0,2}\s?"
# With what a note begins, in the languages of the pages.
_LABELS: dict[NoteKind, str] = {
    "correction": r"""
        corrections?(?:\s?(?:and|&|/)\s?(?:clarification|amplification)s?)?|corrected
        |corrigendum|errat(?:um|a)|korrektur|berichtigung|richtigstellung|rectificatif|rectification
        |corrección|rectificación|fe\sde\serr(?:ores|atas)|تصحيح|виправлення
    """,
    "clarification": "clarifications?|klarstellung|précision|aclaración|توضيح|уточнення",
    "retraction": "retract(?:ion|ed)|widerruf|rétractation|retractación|спростування",
}
# A day may follow: "Correction, Oct. 3, 2022:", "Correction (5 May):".
_LABEL = re.compile(
    rf"""
    {_MARK}(?:{"|".join(f"(?P<{kind}>{words})" for kind, words in _LABELS.items())})
    (?:[\s,(][^:\n]{{0,30}}\d[^:\n]{{0,12}})?\s?:
    """,
    re.IGNORECASE | re.VERBOSE,
)
# With what other notes begin too.
_OPENING = rf"{_MARK}(?:(?:editor[’']?s[’']?\s)?note|updated?)\b[^:\n]{{0,30}}:\s*"
_OPENS = re.compile(_OPENING, re.IGNORECASE)

# How an article names itself; agencies write "this July 5 story".
_WORK = "(?:article|column|headline|list|newsletter|op-ed|page|piece|post|review|story)"
_ITSELF = rf"his\s(?:\w+\.?\s\d+\s)?{_WORK}"
_NAMES_ITSELF = re.compile(rf"{_ITSELF}\b")
_EARLIER = re.compile(
    rf"""
    \b(?:earlier|emailed|former|initial|original|previous|prior)\sversions?\sof\st{_ITSELF}
    |\bfrüheren?\s(?:Fassung|Version)\sdieses\b
    |\bversion\s(?:antérieure|précédente)\sde\scet\sarticle\b
    |\bversión\s(?:anterior|previa)\sde\sest[ae]\s(?:artículo|información|nota|noticia|texto)\b
    |نسخة\sسابقة\sمن\sهذا\s(?:التقرير|الخبر|المقال)
    |попередній\sверсії\s(?:цієї\s(?:новини|статті)|цього\s(?:матеріалу|тексту))
    """,
    re.IGNORECASE | re.VERBOSE,
)
# Without any of these the slower patterns find nothing.
_VERSIONS = ("ersion", "ersión", "Fassung", "سابقة", "попередній")
# It ran elsewhere: nothing in it was wrong.
_RAN = re.compile(
    rf"\bversions?\sof\st{_ITSELF}\s(?:(?:has|was|were|had|first|originally)\s)*"
    r"(?:aired|appeared|been|posted|printed|published|ran|run)\b",
    re.IGNORECASE,
)
_DONE = re.compile(
    rf"""
    (?:{_OPENING})?{_MARK}t{_ITSELF}(?:\sand\s{_WORK})?\s
    (?:(?:corrects|clarifies)\b
      |(?:has|have|was|were)\s(?:been\s)?(?:\w+ly\s|since\s)?
       (?:(?P<retracted>retracted|withdrawn)|(?P<added>edited|revised|updated)
       |amended|changed|clarified|corrected)\b)
    """,
    re.IGNORECASE | re.VERBOSE,
)
# What was added may take something back all the same.
_TAKES_BACK = re.compile(
    r"""
    \bto\s(?:\w+\s){0,2}(?:accurate|clarif|correct|describe|fix|remove
    |reflect\s(?!(?:additional|further|more|new)\b|the\s(?:latest|news)\b))
    """,
    re.VERBOSE,
)
_CLARIFIES = re.compile(r"\bclarif|\bmore\sclearly\b", re.IGNORECASE)

# In characters: a longer paragraph has more in it than a note, which is then one sentence.
_LONGEST = 1_000
_MOST_BESIDE = 3


@dataclass(frozen=True, slots=True)
class Note:
    """`text` stands in an article from `start` to `end`, and is a note of that kind on it."""

    text: str
    start: int
    end: int
    kind: NoteKind


def editorial_notes(text: str) -> tuple[Note, ...]:
    """The notes in an article's text, in its order; none overlaps another.

    >>> editorial_notes("Nine died.\\n\\nCorrection: It was ten.")
    (Note(text='Correction: It was ten.', start=12, end=35, kind='correction'),)
    """
    return _notes_in(text, paragraph_spans(text, 0, len(text)))


def _notes_in(text: str, paragraphs: Iterable[Span]) -> tuple[Note, ...]:
    """The same, with the paragraphs of the text as they were found already."""
    return tuple(_notes(text, paragraphs)) if _may_have_notes(text) else ()


# A page asks for those of a citation up to three times.
@lru_cache(maxsize=16)
def corrections_near(text: str, span: Span) -> tuple[Note, ...]:
    """The three notes nearest to a span that take something back, beside it, in their order."""
    start, end = span
    found = [
        note
        for note in editorial_notes(text)
        if note.kind != "update" and (note.end <= start or note.start >= end)
    ]
    nearest = sorted(found, key=lambda note: abs(note.start - start))[:_MOST_BESIDE]
    return tuple(sorted(nearest, key=lambda note: note.start))


def _may_have_notes(text: str) -> bool:
    """Whether it is worth reading: most articles have nothing of the kind."""
    if any(word in text for word in _VERSIONS) or _NAMES_ITSELF.search(text):
        return True
    lines = text.split("\n") if ":" in text else ()
    return any(_LABEL.match(line.lstrip()) for line in lines if ":" in line)


def _notes(text: str, paragraphs: Iterable[Span]) -> Iterator[Note]:
    """Those of each paragraph; a paragraph that is a label alone goes on with the next."""
    alone: re.Match[str] | None = None
    for start, end in paragraphs:
        if alone is not None:
            yield _note(text, alone.start(), end, _labelled(alone))
            alone = None
            continue
        alone = _LABEL.fullmatch(text, start, end)
        if alone is None and _may_have_notes(text[start:end]):
            yield from _in_paragraph(text, start, end)


def _in_paragraph(text: str, start: int, end: int) -> Iterator[Note]:
    is_short = end - start <= _LONGEST
    for first, last in sentence_spans(text, start, end):
        kind = _kind(text[first:last])
        if kind and is_short:
            begins = start if _OPENS.match(text, start, end) else first
            yield _note(text, begins, end, kind)
            return
        if kind:
            yield _note(text, first, last, kind)


def _note(text: str, start: int, end: int, kind: NoteKind) -> Note:
    return Note(text[start:end], start, end, kind)


def _kind(sentence: str) -> NoteKind | None:
    """Of which kind the note is that a sentence begins; None where it begins none."""
    label = _LABEL.match(sentence)
    if label:
        return _labelled(label)
    done = _DONE.match(sentence)
    if done is None and not _tells_of_earlier(sentence):
        return None
    if done and done["retracted"]:
        return "retraction"
    if done and done["added"] and not _TAKES_BACK.search(sentence):
        return "update"
    return "clarification" if _CLARIFIES.search(sentence) else "correction"


def _labelled(label: re.Match[str]) -> NoteKind:
    return next(kind for kind in _LABELS if label[kind])


def _tells_of_earlier(sentence: str) -> bool:
    """Whether it tells, in no quotation, what an earlier version of the article said."""
    earlier = _EARLIER.search(sentence)
    if earlier is None or _RAN.search(sentence):
        return False
    before = sentence[: earlier.start()]
    return before.count('"') % 2 == 0 and before.count("“") <= before.count("”")
