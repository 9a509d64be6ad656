"""Links to originals in a real browser: it goes to the quoted words, in every script."""

import re

import pytest

from index.article import Article
from index.sentences import paragraph_spans
from qa.present.links import original_link
from tests.browsing import Browser, Route, expect

ORIGINAL = "https://original.test/story"
# The quote stands in the third of four groups of paragraphs, far apart, that are much alike.
STORIES = {
    "english": ("It was mended, slowly - at night.", "The pump failed on {}. {} The crew slept."),
    "ukrainian": ("Дамбу полагодили вночі.", "У {} насос зупинився. {} Бригада спала."),
    "arabic": ("أُصلحت المضخة ليلًا.", "توقفت المضخة يوم {}. {} ونام الطاقم."),
    "chinese": ("水泵当晚修好了。", "水泵在{}停了。{}工人们睡了。"),
    "hindi": ("पंप रात में ठीक किया गया।", "{} को पंप बंद हो गया। {} दल सो गया।"),
    "thai": ("ปั๊มซ่อมเสร็จตอนกลางคืน", "ปั๊มหยุดเมื่อ {} {} ทีมงานหลับไป"),
    "signs": ("R&D said: “100% – ‘fixed’, #1!”", "On {} it failed. {} And so on."),
    "long": (" ".join(f"word{n}" for n in range(90)) + ".", "On {} it failed. {} And so on."),
    "paragraphs": ("So it ended.\n\nNo one spoke.", "On {} it failed. {} And so on."),
}
DAYS = ("1962", "1963", "1964", "1965")
FAR = "<div style='height:3000px'></div>"


@pytest.mark.parametrize("name", STORIES)
def test_the_browser_goes_to_the_quote_and_not_to_its_double(browser: Browser, name: str) -> None:
    quote, frame = STORIES[name]
    parts = [frame.format(day, quote) for day in DAYS]
    text = "\n\n".join(parts)
    start = text.index(quote, len("\n\n".join(parts[:2])))
    link = original_link(Article("a", text, url=ORIGINAL), (start, start + len(quote)))
    assert link is not None
    page_html = FAR.join(
        f"<section id=g{number}>" + _paragraphs(part) + "</section>"
        for number, part in enumerate(parts)
    )

    def serve(route: Route) -> None:
        route.fulfill(
            body=f"<!doctype html><meta charset=utf-8>{FAR}{page_html}{FAR}",
            content_type="text/html",
        )

    with browser.new_context(viewport={"width": 900, "height": 600}) as context:
        page = context.new_page()
        page.route(re.compile("original.test"), serve)
        page.goto(link)
        expect(page.locator("#g2")).to_be_in_viewport()
        expect(page.locator("#g1")).not_to_be_in_viewport()


def _paragraphs(text: str) -> str:
    spans = paragraph_spans(text, 0, len(text))
    return "".join(f"<p>{text[a:b].replace('&', '&amp;')}</p>" for a, b in spans)


# The words of a quote as Footnote has them, and the page that they are from.
SHAPES = {
    "item": ("- Dogs travel free.", "<ul><li>Cats pay.<li id=g2>Dogs travel free.</ul>"),
    "numbered": ("2. Coil the rope.", "<ol><li>Row.<li id=g2>Coil the rope.</ol>"),
    "row": (
        "Monday\N{EM SPACE}9:00\N{EM SPACE}10:15",
        "<table><tr><td>Day<td>Off<td>On<tr id=g2><td>Monday<td>9:00<td>10:15</table>",
    ),
    "row with bars": (
        "Monday | 9:00 | 10:15",
        "<table><tr><td>Day<td>Off<td>On<tr id=g2><td>Monday<td>9:00<td>10:15</table>",
    ),
    "line break": (
        "The pump failed at\nnoon, they said.",
        "<p id=g2>The pump failed at<br>noon, they said.</p>",
    ),
    "wrapped": (
        "The pump failed at\nnoon, they said.",
        "<p id=g2>The pump failed at noon, they said.</p>",
    ),
    "plain text": (
        "The pump failed at\nnoon, they said.",
        "<pre id=g2>The pump failed at\nnoon, they said.</pre>",
    ),
    "quote element": ("He said “we go” today.", "<p id=g2>He said <q>we go</q> today.</p>"),
    "quote element first": ("“We go”, he said.", "<p id=g2><q>We go</q>, he said.</p>"),
    "quote element last": ("He said: “We go.”", "<p id=g2>He said: <q>We go.</q></p>"),
    "quote marks": ("He said “we go” today.", "<p id=g2>He said “we go” today.</p>"),
    "only a quote element": ("“We go.”", "<p id=g2><q>We go.</q></p>"),
    "drop cap": (
        "The pump failed at noon.",
        "<style>#g2::first-letter{float:left;font-size:3em}</style>"
        "<p id=g2>The pump failed at noon.</p>",
    ),
    "drop cap of a short word": (
        "A pump failed at noon.",
        "<style>#g2::first-letter{float:left}</style><p id=g2>A pump failed at noon.</p>",
    ),
    "power": ("It burns 10⁶ litres.", "<p id=g2>It burns 10<sup>6</sup> litres.</p>"),
}


@pytest.mark.parametrize("name", SHAPES)
def test_the_browser_finds_what_the_page_marks_otherwise(browser: Browser, name: str) -> None:
    quote, html = SHAPES[name]
    link = original_link(Article("a", f"Before.\n\n{quote}", url=ORIGINAL), (9, 9 + len(quote)))
    assert link is not None

    def serve(route: Route) -> None:
        body = f"<!doctype html><meta charset=utf-8><p>Before.</p>{FAR}{html}{FAR}"
        route.fulfill(body=body, content_type="text/html")

    with browser.new_context(viewport={"width": 900, "height": 600}) as context:
        page = context.new_page()
        page.route(re.compile("original.test"), serve)
        page.goto(link)
        expect(page.locator("#g2")).to_be_in_viewport()
