"""Three articles, one of them hostile, and an asker that answers about them by one word."""

import re
from dataclasses import replace

from index.article import Article, Entry, Passage, Span
from index.build.versions import is_version
from qa.answer import Answer, Citation, Question
from qa.journal import Journal
from qa.suggest import Sources, Suggester
from qa.web.admin import silent
from qa.web.chat.request import Conversations
from qa.web.follow_up import DayCounts, FollowUp

MOON = Article(
    id="space/apollo-11",
    text=(
        "Apollo 11 was the first mission to land people on the Moon. It lifted off from "
        "Florida on 16 July 1969, on top of a Saturn V rocket.\n\n"
        "The lunar module separated on 20 July. Armstrong took over by hand. "
        "The Eagle touched down in the Sea of Tranquility at 20:17 UTC on 20 July 1969. "
        "Houston heard it at once.\n\n"
        "Six hours later Armstrong stepped onto the surface. Aldrin followed him."
        + "\n\nThe crew came home on 24 July."
        * 40
    ),
    title="The first landing on the Moon",
    source="The Orbital Record",
    author="Mara Lindqvist",
    published="2019-07-20",
    updated="2020-01-02",
    url="https://example.org/apollo-11?a=1&b=2",
)
LANDING = "The Eagle touched down in the Sea of Tranquility at 20:17 UTC on 20 July 1969."
FOLLOWED = "Aldrin followed him."
TOUCHED_DOWN_AT = "20:17 UTC on 20 July 1969"
LIFTED = "It lifted off from Florida on 16 July 1969, on top of a Saturn V rocket."

_BLOG = (
    "Decrees were signed on Thursday. All times are Paris time (GMT+2).\n"
    "4:25am: Campaign to go on\n"
    "The Kremlin said the campaign would continue.\nIt gave no date.\n"
    "9:13pm: Signing set for Friday\n"
    "The ceremony will be held in the Kremlin at 3pm. Four regions are to be annexed."
)
_FIRST, _SECOND = _BLOG.index("4:25am"), _BLOG.index("9:13pm")
BLOG = Article(
    id="live/blog",
    text=_BLOG,
    title="Live: the decrees",
    source="Newsroom 24",
    published="2022-09-29",
    entries=(
        Entry(_FIRST, _SECOND, None, "Campaign to go on", "4:25am", _BLOG.index("The Kremlin")),
        Entry(
            _SECOND,
            len(_BLOG),
            "2022-09-29T21:13:00+02:00",
            "Signing set for Friday",
            "9:13pm",
            _BLOG.index("The ceremony"),
        ),
    ),
)
CEREMONY = "The ceremony will be held in the Kremlin at 3pm."
CONTINUE = "The Kremlin said the campaign would continue."

HOSTILE = Article(
    id="bad/<img src=x onerror=alert(4)>?#../..",
    text=(
        "<script>alert(1)</script> opened & **bold** went on, # no heading, $x^2$, $$y$$.\n\n"
        "<img src=x onerror=alert(2)> The fee was [ten](javascript:alert(3)) euros `now`. "
        "It said </p></div></blockquote><iframe src=//evil.example> &lt;i&gt; {{ 7*7 }} too.\n\n"
        "1. one\n* two\n\n---\n\n    code"
    ),
    title="<script>alert(5)</script> **T** <b>bold</b>",
    source="<b>src</b>",
    author='"><script>alert(6)</script>',
    published="<i>never</i>",
    url="javascript:alert(7)",
)
FEE = "<img src=x onerror=alert(2)> The fee was [ten](javascript:alert(3)) euros `now`."
BOLD = "**bold** went on, # no heading, $x^2$, $$y$$."

# It says of itself what was corrected in it.
OPENED = "The bridge was opened in 1931."
NOTE = "Correction: An earlier version of this article named {another} <b>year</b>."
MENDED = Article(
    id="bridge",
    text=f"{OPENED}\n\nNine boats pass it.\n\n{NOTE}\n\nThis article was updated on 5 May.",
    title="The bridge",
)

ARTICLES = {article.id: article for article in (MOON, BLOG, HOSTILE)}
EXAMPLES = ("When did Apollo 11 land on the Moon?", "Where is the ceremony?", "What is the fee?")

_SENTENCE = re.compile(r"[^\n.]+\.?")


def cite(article: Article, quote: str, number: int = 1, entry: Entry | None = None) -> Citation:
    """A citation of the quote in its paragraph, or in its entry."""
    start = article.text.index(quote)
    span = _paragraph(article.text, start) if entry is None else (entry.start, entry.end)
    text = article.text[slice(*span)]
    sentences = tuple(match.span() for match in _SENTENCE.finditer(article.text, *span))
    passage = Passage(article.id, *span, text, sentences, entry)
    return Citation(number, passage, article, quote, start, start + len(quote), 1 / number)


def answering(citation: Citation, words: str) -> Citation:
    """The citation with these words of its quote as those that answer."""
    start = citation.quote_start + citation.quote.index(words)
    return replace(citation, answer_start=start, answer_end=start + len(words))


def _paragraph(text: str, offset: int) -> Span:
    before, after = text.rfind("\n\n", 0, offset), text.find("\n\n", offset)
    return (0 if before < 0 else before + 2), (len(text) if after < 0 else after)


class SampleAsker:
    """Knows the Moon, the ceremony and the fee. "crash" is a fault of ours.

    Of "touch down" it knows with which words, and is unsure of "lift off".
    """

    def ask(self, question: Question) -> Answer:
        """The answer to the first word that it knows."""
        asked = question.text.lower()
        if "crash" in asked:
            raise RuntimeError("a secret of the server")
        if "touch down" in asked:
            return answer(question, answering(cite(MOON, LANDING), TOUCHED_DOWN_AT))
        if "lift off" in asked:
            return unsure(question, answering(cite(MOON, LIFTED), "16 July 1969"))
        if "moon" in asked:
            return answer(question, cite(MOON, LANDING), cite(MOON, FOLLOWED, 2))
        if "ceremony" in asked:
            last, first = BLOG.entries[1], BLOG.entries[0]
            return answer(question, cite(BLOG, CEREMONY, 1, last), cite(BLOG, CONTINUE, 2, first))
        if "fee" in asked:
            return answer(question, cite(HOSTILE, FEE), cite(HOSTILE, BOLD, 2))
        if "bridge" in asked:
            return answer(question, cite(MENDED, OPENED))
        nearest = (cite(MOON, LIFTED), cite(HOSTILE, FEE, 2))
        return Answer(question, "2026-01-31T09:00:00Z", (), nearest, 2.0)


class SampleArticles:
    """Finds the three."""

    def article(self, article_id: str) -> Article | None:
        """The article with that id, or None."""
        return ARTICLES.get(article_id)

    def version(self, article_id: str, digest: str) -> Article | None:
        """The same, if that is its digest: no other version was kept."""
        found = self.article(article_id)
        return found if found and is_version(found, digest) else None


def answer(question: Question, *citations: Citation) -> Answer:
    """An answer with these citations."""
    return Answer(question, "2026-01-31T09:00:00Z", citations, (), 7.9)


def unsure(question: Question, *nearest: Citation) -> Answer:
    """No answer, and what came closest may be one all the same."""
    return Answer(question, "2026-01-31T09:00:00Z", (), nearest, 7.9, 0.2, unsure_from=0.15)


def conversations(journal: Journal | None = None) -> Conversations:
    """Those that a journal keeps; without one none are."""
    return Conversations(journal or silent(), SampleArticles())


def follow_up(days: DayCounts) -> FollowUp:
    """These days for any question, and what of the examples the cited articles answer."""
    sources = Sources(article=SampleArticles().article, owner=lambda: EXAMPLES)
    return FollowUp(lambda _, cited: days, Suggester(SampleAsker().ask, sources))
