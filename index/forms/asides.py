"""What stands in an article beside its story: notes on itself, lines that lead to other pages.

Neither is ever quoted: a note repeats what was wrong, a line that leads elsewhere is the headline
of another article. `split` leaves both out.
"""

import re
from collections.abc import Sequence

from index.article import Span
from index.forms.corrections import notes_in

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
_MARK = r"[^\w\n\"'“”‘’«»()\[\]]{0,4}"
_POINTER = re.compile(
    rf"""
    {_MARK}(?:(?:{_LEADS})\s?[:|»>→][^\n]{{10,250}}
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
    notes = ((note.start, note.end) for note in notes_in(text, paragraphs))
    pointers = (span for span in paragraphs if _POINTER.fullmatch(text, *span))
    return tuple(sorted({*notes, *pointers}))
