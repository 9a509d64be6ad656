import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import Entry
from index.readers.liveblog import find_entries

# In the shape of a real one: newest first, one entry dated, the year told nowhere.
HARBOUR = """The harbour of Vessel Bay was closed on Thursday. All times are Paris time (GMT+2).
This page is no longer being updated.
4:25am: Pilots return to work
The pilots' union ended its strike at dawn.
9:45pm: Mayor speaks to the crews
The mayor said that a deal was near.
"Nobody wants empty quays," she said.
7:50am: Second ferry turned away
The ferry had come from the islands.
7:50am: First ferry turned away
Its captain waited for an hour.
2:30am: Tugs leave the quay
Three tugs left before the strike began.
10:42pm, September 28: Vote on a strike
The union counted 412 votes for it.
4:04pm: Talks break off
Neither side would say why."""


def entries(text: str, published: str | None = None, updated: str | None = None) -> list[Entry]:
    return list(find_entries(text, published, updated))


def times(text: str, published: str | None = None, updated: str | None = None) -> list[str | None]:
    return [entry.time for entry in find_entries(text, published, updated)]


def blog(*stamps: str, lead: str = "Lead.") -> str:
    return "\n".join([lead, *(f"{stamp}: Heading\nSome words of it." for stamp in stamps)])


def test_one_dated_entry_dates_all_the_others_backwards_through_the_nights() -> None:
    assert times(HARBOUR, "2022-09-29") == [
        "2022-09-30T04:25:00+02:00",
        "2022-09-29T21:45:00+02:00",
        "2022-09-29T07:50:00+02:00",
        "2022-09-29T07:50:00+02:00",
        "2022-09-29T02:30:00+02:00",
        "2022-09-28T22:42:00+02:00",
        "2022-09-28T16:04:00+02:00",
    ]


def test_without_a_year_anywhere_no_entry_has_a_time_and_all_have_their_clock() -> None:
    found = entries(HARBOUR)
    assert [entry.time for entry in found] == [None] * 7
    assert [entry.clock for entry in found][:2] == ["4:25am", "9:45pm"]


def test_an_entry_holds_its_time_line_its_heading_and_its_words() -> None:
    entry = entries(HARBOUR, "2022-09-29")[1]
    assert HARBOUR[entry.start : entry.end].startswith("9:45pm: Mayor")
    assert HARBOUR[entry.start : entry.end].endswith('quays," she said.')
    assert entry.heading == "Mayor speaks to the crews"
    assert HARBOUR[entry.body : entry.end].startswith("The mayor said")


def test_a_year_on_one_entry_serves_them_all() -> None:
    text = blog("9:00am", "8:00am", "11:00pm, 28 September 2022", "8:00pm")
    assert times(text) == [
        *("2022-09-29T09:00:00", "2022-09-29T08:00:00"),
        *("2022-09-28T23:00:00", "2022-09-28T20:00:00"),
    ]


def test_a_list_that_could_run_either_way_is_read_newest_first_from_its_dated_entry() -> None:
    text = blog("9:00am", "11:00pm, 28 September 2022", "8:00pm")
    assert times(text) == [*("2022-09-29T09:00:00", "2022-09-28T23:00:00", "2022-09-28T20:00:00")]


@pytest.mark.parametrize(
    ("line", "clock", "heading"),
    [
        ("9:45pm: Heading", "9:45pm", "Heading"),
        ("21:45 \N{EN DASH} Heading", "21:45", "Heading"),
        ("21:45 - 12 people rescued", "21:45", "12 people rescued"),
        ("9.45pm BST: Heading", "9.45pm BST", "Heading"),
        ("10:42pm, September 28: Heading", "10:42pm", "Heading"),
        ("28 September, 22:42: Heading", "22:42", "Heading"),
        ("Sept. 28, 10:42 p.m. ET: Heading", "10:42 p.m. ET", "Heading"),
        ("9:30 p.m. Saturday: Heading", "9:30 p.m.", "Heading"),
        ("9:15 a.m. | Heading", "9:15 a.m.", "Heading"),
        ("[21:45] Heading", "21:45", "Heading"),
        ("2022-09-28 21:45: Heading", "21:45", "Heading"),
        ("21h45, 28 septembre : Heading", "21h45", "Heading"),
        ("  9pm: Heading", "9pm", "Heading"),
    ],
)
def test_a_time_line_is_known_however_it_is_written(line: str, clock: str, heading: str) -> None:
    found = entries("\n".join(["Lead.", *[line, "Words of the entry."] * 3]))
    assert [(entry.clock, entry.heading) for entry in found] == [(clock, heading)] * 3


@pytest.mark.parametrize(
    "line",
    [
        *("At 9:45pm the president spoke.", "9:45pm the president said so.", "9.45 million people"),
        *("9:45 \N{EN DASH} 10:30: Talks", "25:10: Heading", "13:45am: Heading", "[21:45 Heading"),
        *("3:16 For a verse is no clock", "Update 9:45pm: Heading", "6-1, 6-3", "3 people: dead"),
    ],
)
def test_prose_scores_verses_and_spans_of_time_open_no_entry(line: str) -> None:
    assert entries("\n".join(["Lead.", *[line, "Words."] * 4])) == []


def test_two_time_lines_are_no_live_blog() -> None:
    assert entries(blog("9:00am", "10:00am"), "2022-09-29") == []


def test_a_clock_without_punctuation_opens_an_entry_among_others_that_have_it() -> None:
    text = blog("8:30 p.m.", "8:00 p.m.", "7:00 p.m.") + "\n6:45 p.m. Fans fill the hall early."
    found = entries(text, "2022-06-12")
    assert [entry.clock for entry in found][-1] == "6:45 p.m."
    assert text[found[-1].body : found[-1].end] == "Fans fill the hall early."


def test_a_time_alone_takes_the_short_line_under_it_as_heading() -> None:
    text = (
        "Lead.\n\n9:00\n\nGates open\n\nMany came.\n\n10:00\nThe band played on.\n11:00\nLights out"
    )
    found = entries(text, "2022-09-29")
    assert [entry.heading for entry in found] == ["Gates open", "", "Lights out"]
    bodies = [text[entry.body : entry.end] for entry in found]
    assert bodies == ["Many came.", "The band played on.", "Lights out"]


def test_a_heading_with_nothing_under_it_is_its_own_body() -> None:
    text = "9:00am: Gates open\n10:00am: Band plays\n11:00am: Lights out"
    found = entries(text, "2022-09-29")
    assert [text[entry.body : entry.end] for entry in found] == [
        *("Gates open", "Band plays", "Lights out")
    ]


def test_a_sentence_behind_the_time_is_body_and_no_heading() -> None:
    text = "\n".join(f"{hour}:00am: The gates opened at last." for hour in (7, 8, 9))
    assert [entry.heading for entry in entries(text)] == ["", "", ""]
    assert text[entries(text)[0].body :].startswith("The gates opened")


LINES = st.one_of(
    st.builds(
        "{}{}{}: {}".format,
        st.integers(0, 24),
        st.sampled_from([":00", ".30", "", ":59"]),
        st.sampled_from(["", "am", " p.m.", " BST", "pm, September 28", ", 31 Dec 2021"]),
        st.sampled_from(["", "Heading", "A sentence stands here.", "\u2028", "3 dead"]),
    ),
    st.sampled_from(
        ["", "  ", "Words of it.", "Short line", "September 27", "All times BST", "\t"]
    ),
    st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=30),
)
TEXTS = st.lists(LINES, max_size=30).map("\n".join)
PUBLISHED = st.sampled_from([None, "2022-09-29", "2022-09-29T23:00:00Z", "soon"])


@given(TEXTS, PUBLISHED, PUBLISHED)
def test_entries_lie_in_order_and_rejoin_with_what_lies_between_to_the_text(
    text: str, published: str | None, updated: str | None
) -> None:
    reached, parts = 0, []
    for entry in find_entries(text, published, updated):
        assert reached <= entry.start < entry.end <= len(text)
        assert entry.start <= entry.body <= entry.end
        parts += [text[reached : entry.start], text[entry.start : entry.end]]
        assert parts[-1] == parts[-1].strip()
        assert entry.heading in parts[-1]
        reached = entry.end
    assert "".join(parts) + text[reached:] == text
