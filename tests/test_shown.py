"""HTML as the words that a reader of it sees."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.readers.shown import raised, shown_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One <b>word</b>\n  more</p>two", "One word more\n\ntwo"),
        ("<ul><li>a<ol start=3><li>b<li>c</ol><li>d</ul>", "a\n\n3. b\n\n4. c\n\nd"),
        ("<pre>  x = 1\n\n  y</pre>", "  x = 1\n\n  y"),
        ("<table><tr><td>a<td><p>b</p><p>c</p><tr><td>d</table>", "a\u2003b c\n\nd"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<q>a</q> 10<sup>-3</sup> 4<sup>th</sup> CO<sub>2</sub>", "“a” 10⁻³ 4th CO2"),
        ("a<sup><a href='#fn1'>1</a></sup>b", "ab"),
        ("a<script>b</script><style>c</style><!-- d -->e", "ae"),
        ("a<div hidden>b<p>c</div>d", "a\n\nd"),
        ("a<span hidden>b<i>c</span>d", "ad"),
        ("a &amp; b &lt;c&gt;", "a & b <c>"),
        ("a</i></ol></td>b", "ab"),
        ("a<!-- never closed", "a"),
        ("", ""),
    ],
)
def test_html_becomes_what_it_shows(html: str, text: str) -> None:
    assert shown_text(html) == text


@pytest.mark.parametrize(("words", "power"), [("6", "⁶"), ("−2", "⁻²"), ("th", "th"), ("", "")])
def test_only_figures_and_signs_are_raised(words: str, power: str) -> None:
    assert raised(words) == power


def test_nesting_of_any_depth_is_read() -> None:
    assert shown_text("<div>" * 3000 + "deep" + "</i>" * 3000) == "deep"


PARTS = st.sampled_from(
    [
        *("<p>", "</p>", "<ol>", "</ol>", "<li>", "<td>", "<tr>", "<table>", "</table>", "<br>"),
        *("<q>", "<sup>", "<a href=#x>", "<div hidden>", "</div>", "<pre>", "<!--", "-->"),
        *("<script>", "&#0;"),
    ]
)


@given(st.lists(PARTS | st.text(max_size=9)).map("".join))
def test_whatever_is_read_has_no_blank_space_at_its_ends_and_no_empty_block(html: str) -> None:
    blocks = shown_text(html).split("\n\n")
    assert blocks == [""] or all(block.strip() for block in blocks if "<pre>" not in html)
