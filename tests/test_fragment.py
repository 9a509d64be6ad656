"""Text fragments: a browser that follows the draft finds the quote, and nothing else."""

import re
from urllib.parse import unquote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from index.sentences import paragraph_spans
from qa.present.fragment import text_directives, text_fragment

REPORT = (
    "The pump failed on Monday. It was mended at night. The crew slept.\n\n"
    "The pump failed on Friday. It was mended at night. The crew was glad.\n\n"
    "A long day followed, and no one spoke of it for a week."
)


def fragment(text: str, quoted: str, nth: int = 0) -> str:
    start = -1
    for _ in range(nth + 1):
        start = text.index(quoted, start + 1)
    return text_fragment(text, (start, start + len(quoted)))


def found(text: str, directive: str) -> str | None:
    """What a browser marks: the first place that matches."""
    places = matches(text, directive)
    return places[0][1] if places else None


def matches(text: str, directive: str) -> list[re.Match[str]]:
    """All places that match in the flat text, each part within a paragraph."""
    parts = directive.removeprefix("text=").split(",")
    prefix = unquote(parts.pop(0)[:-1]) if parts[0].endswith("-") else ""
    suffix = unquote(parts.pop()[1:]) if parts[-1].startswith("-") else ""
    sought = [re.escape(_flat(unquote(part))) for part in parts]
    start, end = sought[0], sought[1:]
    before = f"{re.escape(_flat(prefix))}[ \n]*" if prefix else ""
    after = f"[ \n]*{re.escape(_flat(suffix))}" if suffix else ""
    rest = f"(?s:.*?){end[0]}" if end else ""
    page = "\n".join(_flat(text[a:b]) for a, b in paragraph_spans(text, 0, len(text)))
    return list(re.finditer(f"(?={before}({start}{rest}){after})", page))


def _flat(text: str) -> str:
    return " ".join(text.split()).casefold()


def test_a_quote_that_stands_once_needs_no_words_around_it() -> None:
    assert fragment(REPORT, "The crew slept.") == "text=The%20crew%20slept."


def test_a_quote_that_stands_twice_is_told_apart_by_a_word_before_or_after() -> None:
    assert fragment(REPORT, "It was mended at night.") == (
        "text=Monday.-,It%20was%20mended%20at%20night."
    )
    assert fragment(REPORT, "The pump failed") == "text=The%20pump%20failed,-on%20Monday."
    assert fragment(REPORT, "The pump failed", 1) == "text=slept.-,The%20pump%20failed"


def test_a_quote_that_stands_twice_but_for_case_and_spaces_is_told_apart() -> None:
    text = "BREAKING: dam  holds. Later: Dam\tholds."
    assert fragment(text, "Dam\tholds.") == "text=Later%3A-,Dam%20holds."


def test_a_long_quote_is_told_by_its_first_and_last_words() -> None:
    quoted = " ".join(f"word{n}" for n in range(80)) + "."
    first = "%20".join(f"word{n}" for n in range(8))
    last = "%20".join(f"word{n}" for n in range(72, 80))
    assert fragment(f"Before. {quoted} After.", quoted) == f"text={first},{last}."


def test_a_quote_over_paragraphs_is_told_by_its_ends() -> None:
    quoted = "The crew was glad.\n\nA long day followed,"
    assert fragment(REPORT, quoted) == (
        "text=The%20crew%20was%20glad.,A%20long%20day%20followed%2C"
    )


def test_the_end_of_a_long_quote_is_not_found_before_its_end() -> None:
    quoted = "It began.\n\nSo it goes. Much was said.\n\nSo it goes."
    text = f"{quoted} Then it ended.\n\nSo it goes."
    assert found(text, fragment(text, quoted)) == "\n".join(
        ["it began.", "so it goes. much was said.", "so it goes."]
    )


def test_words_without_spaces_between_them_are_cut_at_punctuation_only() -> None:
    text = "水位上升了。大坝完好。工程师检查了大坝。大坝完好。"
    assert unquote(fragment(text, "大坝完好。", 1)) == "text=工程师检查了大坝。-,大坝完好。"


def test_a_quote_over_lines_is_told_by_its_ends_each_within_a_line() -> None:
    line = "several words of running text that an editor broke"
    text = f"{line}\n{line} again\nat a margin."
    head = "several%20words%20of%20running%20text%20that%20an%20editor%20broke"
    assert text_fragment(text, (0, len(text))) == f"text={head},at%20a%20margin."


@pytest.mark.parametrize(
    ("text", "quoted", "directive"),
    [
        ("- Dogs travel free.\n- Cats pay.", "- Dogs travel free.", "text=Dogs%20travel%20free."),
        ("1. Coil the rope.\n2. Go.", "2. Go.", "text=Go."),
        ("Day\u2003Leaves\n\nMonday\u20039:00", "Monday\u20039:00", "text=Monday,9%3A00"),
        ("Day | Leaves\nMonday | 9:00", "Monday | 9:00", "text=Monday,9%3A00"),
        ("Day | Leaves | Back", "Leaves | Back", "text=Leaves,Back"),
        ("- Go.\n- Stay.\n- Go.", "- Go.", "text=Go.,-Stay."),
        ("a|b is one word", "a|b is", "text=a%7Cb%20is"),
        ("- Rest", "-", "text=%2D"),
    ],
)
def test_marks_of_items_and_between_cells_are_not_looked_for(
    text: str, quoted: str, directive: str
) -> None:
    assert fragment(text, quoted) == directive


@pytest.mark.parametrize("count", [3, 40, 400])
def test_what_cannot_be_made_unique_still_finds_the_same_words(count: int) -> None:
    text = "\n\n".join(["The same words again."] * count)
    assert found(text, fragment(text, "The same words again.", 2)) == "the same words again."


@pytest.mark.parametrize(
    ("quoted", "further"),
    [
        ("He said “we go” at dawn.", "He%20said,at%20dawn."),
        ("“We go,” he said.", "We%20go%2C,he%20said."),
        ("They said: “Go.”", "They%20said%3A,Go."),
    ],
)
def test_marks_that_may_be_an_element_s_are_left_out_of_another_one(
    quoted: str, further: str
) -> None:
    text = f"The pump failed at noon.\n\n{'Much was said. ' * 9}\n\n{quoted}"
    start = text.index(quoted)
    span = (start, start + len(quoted))
    assert text_directives(text, span) == f"{text_fragment(text, span)}&text={further}"


def test_the_first_word_of_an_article_whose_letter_may_float_is_left_out() -> None:
    text = "PARIS, Monday\n\nThe pump failed at noon. It leaks."
    directives = "text=The%20pump%20failed%20at%20noon.&text=pump%20failed%20at%20noon."
    assert text_directives(text, (15, 39)) == directives


@pytest.mark.parametrize("quoted", ["It was mended at night.", "“ ”", "The crew 'slept'."])
def test_other_quotes_have_one_directive(quoted: str) -> None:
    text = f"The pump failed. {quoted} So it ended."
    span = (17, 17 + len(quoted))
    assert text_directives(text, span) == text_fragment(text, span)


# Words that often repeat, in paragraphs that often repeat.
_word = st.sampled_from(["a", "b", "A", "no.", "да,", "x-y", "R&D", "سد"])
_line = st.lists(_word, min_size=1, max_size=6).map(" ".join)
_text = st.lists(_line, min_size=1, max_size=8).map("\n\n".join)


@given(_text, st.data())
def test_what_a_browser_finds_is_what_is_quoted(text: str, data: st.DataObject) -> None:
    words = [match.span() for match in re.finditer(r"\S+", text)]
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, min(first + 8, len(words) - 1)))
    span = words[first][0], words[last][1]
    directive = text_fragment(text, span)
    quoted = "\n".join(_flat(line) for line in text[slice(*span)].split("\n\n"))
    told = found(text, directive)
    assert told is not None
    assume("\n" not in quoted)
    assert told == quoted
    places = matches(text, directive)
    # Where a whole paragraph and its neighbours are repeated, nothing can tell them apart.
    if len(places) == 1:
        *lines, begun = text[: span[0]].split("\n\n")
        before = "\n".join([*map(_flat, lines), f"{_flat(begun)} " if begun else ""])
        assert places[0].start(1) == len(before)


@given(_text, st.data())
def test_only_the_fragments_own_signs_stand_unencoded(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    assume(text[start:end].strip())
    assert re.fullmatch(
        r"text=([\w%.~]+-,)?[\w%.~]+(,[\w%.~]+)?(,-[\w%.~]+)?",
        text_fragment(text, (start, end)),
        re.ASCII,
    )
