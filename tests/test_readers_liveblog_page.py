"""Live blogs that a page shows without declaring them as JSON-LD."""

from collections.abc import Sequence

import pytest

from index.article import Entry
from index.readers.html import WebPage, read_page

SAID = [
    ("Talks go on through the night", "The union and the port met again at the town hall of Vik."),
    ("Pilots vote to return to work", "A large majority was for it, the union told its members."),
    ("The first ferry leaves the quay", "It carries ninety people and eleven cars to Skarholm."),
    ("Tugs tow two ships into port", "Both had waited outside since Monday, short of fresh water."),
    ("Fishermen offer to help out", "They would bring mail and medicine to the outer islands."),
]
CLOCKS = ("21:40", "18:05", "12:30", "09:20", "07:15")
LEAD = "<p>The harbour of Vessel Bay was closed by a strike. We follow what happens there.</p>"
FALLING = tuple(f"2022-09-29T{clock}:00+02:00" for clock in CLOCKS)


def post(heading: str, body: str, shown: str, kind: str = "entry") -> str:
    return (
        f'<div class="{kind}"><div class="info">{shown}<b>Jon Berg</b></div><h3>{heading}</h3>'
        f"<p>{body}</p></div>"
    )


def posts(times: list[str], kind: str = "entry") -> str:
    return "".join(
        post(heading, body, shown, kind) for (heading, body), shown in zip(SAID, times, strict=True)
    )


def dated(moments: tuple[str, ...] = FALLING) -> list[str]:
    return [f'<time datetime="{moment}">{moment[11:16]}</time>' for moment in moments]


def clocks(told: tuple[str, ...] = CLOCKS) -> list[str]:
    return [f"<time><span>3 hours ago</span>{clock}</time>" for clock in told]


def page(main: str, published: str = "2022-09-29T06:00:00+02:00", below: str = "") -> WebPage:
    read = read_page(
        '<html><head><title>Strike at the quay: live</title><meta name="author" content="Ida Holm">'
        f'<meta property="article:published_time" content="{published}"></head><body>'
        f"<article><h1>Strike at the quay: live</h1>{LEAD}{main}</article>{below}</body></html>"
    )
    assert read is not None
    return read


def told(read: WebPage) -> list[tuple[str | None, str, str]]:
    entries: tuple[Entry, ...] = read.entries or ()
    return [(each.time, each.heading, read.text[each.body : each.end]) for each in entries]


def expected(times: Sequence[str | None]) -> list[tuple[str | None, str, str]]:
    return [(time, *said) for time, said in zip(times, SAID, strict=True)]


@pytest.mark.parametrize("moments", [FALLING, FALLING[::-1]])
def test_blocks_with_a_time_each_are_the_posts_of_a_live_blog(moments: tuple[str, ...]) -> None:
    read = page(posts(dated(moments)))
    assert told(read) == expected(moments)
    assert read.text.startswith("The harbour of Vessel Bay was closed by a strike.")
    assert (read.metadata["title"], read.metadata["author"]) == (
        "Strike at the quay: live",
        "Ida Holm",
    )


def test_clocks_of_posts_are_of_the_day_on_which_the_page_was_published() -> None:
    assert told(page(posts(clocks()))) == expected(
        tuple(f"2022-09-29T{clock}:00" for clock in CLOCKS)
    )


LATE = posts(clocks(("00:20", "23:10", "22:05", "21:15", "20:50")))


def test_clocks_beyond_midnight_are_of_no_day_where_none_is_told() -> None:
    assert told(page(LATE)) == expected((None,) * 5)


def test_a_line_between_posts_tells_their_day() -> None:
    second = LATE.index('<div class="entry">', 1)
    friday, thursday = "<h2>Friday 30 September 2022</h2>", "<h2>Thursday 29 September 2022</h2>"
    read = page(friday + LATE[:second] + thursday + LATE[second:], published="2022-09-29")
    days = ("2022-09-30T00:20", *(f"2022-09-29T{clock}" for clock in ("23:10", "22:05")))
    assert [time for time, *_ in told(read)][:3] == [f"{day}:00" for day in days]


def test_clocks_before_the_page_was_published_are_of_another_day_that_none_tells() -> None:
    early = posts(clocks(("05:10", "03:20", "02:05", "01:15", "00:35")))
    read = page(early, published="2022-09-28T23:30:00Z")
    assert told(read) == expected((None,) * 5)


def test_a_bare_clock_among_such_with_am_and_pm_is_no_time() -> None:
    read = page(posts(clocks(("9:40pm", "6:05pm", "12:30pm", "9:20", "7:15am"))))
    assert [time for time, *_ in told(read)] == [
        "2022-09-29T21:40:00",
        "2022-09-29T18:05:00",
        "2022-09-29T12:30:00",
        None,
        "2022-09-29T07:15:00",
    ]


def test_a_post_pinned_to_the_top_keeps_its_own_time() -> None:
    moments = (FALLING[-1], *FALLING[:-1])
    assert told(page(posts(dated(moments)))) == expected(moments)


LONG = "".join(f"<p>The {n} port of the coast was closed for a day.</p>" for n in range(30))


@pytest.mark.parametrize(
    ("main", "below"),
    [
        pytest.param(LONG, f'<div id="comments">{posts(dated())}</div>', id="comments"),
        pytest.param(LONG, f"<section>{posts(dated())}</section>", id="below"),
        pytest.param(LONG + posts(dated()), "", id="few"),
        pytest.param(
            "".join(
                f'<div class="t">{time}<h3><a href="/{n}">{heading}</a></h3><p>{body}</p></div>'
                for n, ((heading, body), time) in enumerate(zip(SAID, dated(), strict=True))
            ),
            "",
            id="teasers",
        ),
        pytest.param(posts(dated(FALLING[:1] * 5)), "", id="one time"),
        pytest.param(
            posts(dated(tuple(FALLING[place] for place in (1, 3, 0, 4, 2)))), "", id="no order"
        ),
        pytest.param(posts(["<time>today</time>", *dated()[1:]]), "", id="one untimed"),
        pytest.param(posts(dated()).replace("h3>", "b>"), "", id="no headings"),
    ],
)
def test_what_may_be_no_live_blog_is_read_as_before(main: str, below: str) -> None:
    assert page(main, below=below).entries is None


SCHEMA = "https://schema.org/"
MARKED = (
    f'<div itemscope itemtype="{SCHEMA}LiveBlogPosting"><h2 itemprop="headline">Strike: live</h2>'
    + "".join(
        f'<div itemprop="liveBlogUpdate" itemscope itemtype="{SCHEMA}BlogPosting">'
        f'<meta itemprop="datePublished" content="{moment}">'
        f'<span itemprop="author" itemscope><i itemprop="name">Jon Berg</i></span>'
        f'<b itemprop="headline">{heading}</b><div itemprop="articleBody"><p>{body}</p></div></div>'
        for (heading, body), moment in zip(SAID, FALLING, strict=True)
    )
    + "</div>"
)


def test_a_live_blog_in_microdata_has_the_posts_that_it_names() -> None:
    read = page(MARKED)
    assert told(read) == expected(FALLING)
    assert read.metadata["title"] == "Strike: live"


def test_the_date_of_a_post_is_not_that_of_its_live_blog() -> None:
    read = read_page(f"<html><body><main>{LEAD}{MARKED}</main></body></html>")
    assert read is not None
    assert len(read.entries or ()) == len(SAID)
    assert "published" not in read.metadata


def test_a_live_blog_with_a_post_that_is_not_free_is_for_members() -> None:
    denied = '<meta itemprop="isAccessibleForFree" content="false"><meta itemprop="datePublished"'
    read = page(MARKED.replace('<meta itemprop="datePublished"', denied, 1))
    assert read.metadata["visibility"] == "members"


def test_elements_with_names_that_are_none_lose_no_page() -> None:
    read = page(f"<x:y'z><n:m>{posts(dated())}</n:m></x:y'z>")
    assert [heading for _, heading, _ in told(read)] == [heading for heading, _ in SAID]
