"""A page's tree, made ready for the extraction of its article: as seen, and nothing beside it.

The extractor keeps words but not what marks them, so that a power and a quotation have to be
written out before.
"""

from typing import Any

from index.readers.shown import is_hidden, raised

# An element of lxml, which has no types of its own.
Element = Any

_HIDDEN = (
    "//*[@hidden or @aria-hidden or contains(@style, 'display') or contains(@style, 'visibility')]"
)
# An element that holds more of the page's paragraphs than this is the article, whatever it says:
# scripts show it, or the page was saved behind a dialogue.
_MOST = 0.3

_CLASS = "translate(@class, 'BCGHLRSVY', 'bcghlrsvy')"
_SHARING = (
    *("facebook.com/sharer", "facebook.com/dialog", "twitter.com/intent", "twitter.com/share"),
    *("linkedin.com/share", "api.whatsapp.com/send", "mailto:?"),
)
# What stands beside an article, for the extractor to leave out: who wrote it, links that share it,
# viewers of pictures and films. Longer ones are more than that.
BESIDE = [
    f"//*[contains({_CLASS}, 'byline') or @rel='author' or @itemprop='author']"
    "[string-length(normalize-space()) < 200]",
    "//a[{}]".format(" or ".join(f"contains(@href, '{address}')" for address in _SHARING)),
    "//*[{}][not(.//p[string-length() > 400])]".format(
        " or ".join(
            f"contains({_CLASS}, '{name}')" for name in ("gallery", "slideshow", "carousel")
        )
    ),
]


def as_shown(tree: Element) -> Element:
    """The same tree, changed: without what is hidden, powers and quotations written out."""
    whole = _length(tree)
    for element in tree.xpath(_HIDDEN):
        inside = element.getparent() is not None
        if inside and is_hidden(element.attrib) and _length(element) <= _MOST * whole:
            element.drop_tree()
    for element in list(tree.iter("sup", "q", "code")):
        _write_out(element)
    return tree


def _length(element: Element) -> int:
    return sum(len(words) for words in element.xpath(".//p//text()"))


def _write_out(element: Element) -> None:
    if element.tag == "sup" and element.xpath(".//a[starts-with(@href, '#')]"):
        # It refers to a note.
        element.drop_tree()
        return
    if element.tag == "sup" and not len(element):
        element.text = raised(element.text or "")
    elif element.tag == "q":
        _enclose(element)
    elif element.tag == "code" and element.getparent().tag == "pre":
        return
    # The extractor would make a block of a quotation, and of code inside a sentence.
    element.tag = "span"


def _enclose(quotation: Element) -> None:
    quotation.text = f"“{quotation.text or ''}"
    if len(quotation):
        last = quotation[-1]
        last.tail = f"{last.tail or ''}”"
    else:
        quotation.text += "”"
