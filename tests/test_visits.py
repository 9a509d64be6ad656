"""Addresses that are watched: fetched as their hosts wish, kept on disk, and read by any build."""

import gzip
import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from itertools import chain, repeat
from pathlib import Path
from queue import SimpleQueue
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.__main__ import main
from index.build import build
from index.build.fetched import fetched, keep_unfetched, unfetched, unfetched_addresses
from index.build.owned import owner_faults
from index.build.withheld import was_removed
from index.errors import BuildError
from index.fetch.guard import FetchError
from index.fetch.http import Fetched
from index.fetch.listing import read_listing
from index.fetch.visits import (
    Visitor,
    ask_again,
    failed,
    is_asked_again,
    take_asked_again,
    visiting,
)
from index.fetch.web import Web
from index.readers import Finding, Found, read_sources
from index.readers.base import UnreadableError
from index.status import read_report
from qa.web.admin.builds import BuildCommand
from tests.fakes import HashEncoder, no_progress
from tests.news_host import Host, feed, item, sitemap
from tests.test_fetch import serving
from tests.test_readers_feeds import WXR, exported

DAY = 86_400.0


@pytest.fixture
def host() -> Iterator[Host]:
    found = Host()
    with serving(found.handle) as address:
        found.address = address
        yield found


@dataclass(slots=True)
class Watched:
    """Visits, at a time of its own."""

    data: Path
    now: float = 0.0
    web: Web = field(default_factory=lambda: Web(["127.0.0.1"], apart=0.0))

    def visit(self, *addresses: str) -> dict[str, str]:
        """Visit them once; gives what could not be fetched."""
        Visitor(self.data, self.web, 900.0, lambda: self.now).visit_all(addresses)
        return {each.origin: each.reason for each in unfetched([fetched(self.data)], self.data)}

    def articles(self) -> dict[str | None, str]:
        """The texts that a build would read, by address."""
        found = read_sources([fetched(self.data)])
        return {each.article.url: each.article.text for each in found if isinstance(each, Found)}


@pytest.fixture
def watched(data: Path) -> Watched:
    fetched(data).mkdir(parents=True)
    return Watched(data)


def test_of_a_feed_whole_articles_are_taken_and_the_pages_of_others_fetched(
    host: Host, watched: Watched
) -> None:
    ferry, mate = host.page("/ferry", "The ferry is new."), f"{host.address}/mate"
    items = item(ferry, "The ferry"), item(mate, "The mate", "The mate sells tickets.")
    address = host.put("/feed", feed(*items))
    assert watched.visit(address) == {}
    assert host.taken() == ["/feed", "/ferry"]
    texts = watched.articles()
    assert texts[mate] == "The mate sells tickets."
    assert texts[ferry].startswith("The ferry is new. It sails twice")
    found = [each for each in read_sources([fetched(watched.data)]) if isinstance(each, Found)]
    assert {each.article.published for each in found} == {"2024-03-05T09:30:00+00:00"}
    assert {each.article.source for each in found} == {"Island News"}
    assert list(owner_faults(watched.data)) == []
    assert all(agent.startswith("Footnote ") for agent in host.agents)


def test_a_page_dated_by_its_fetching_has_the_date_of_its_list_or_none(
    host: Host, watched: Watched
) -> None:
    now = datetime.now(UTC)
    for path in ("/ferry", "/mate"):
        host.page(path, "It is new.")
        marked = f'<head><meta name="date" content="{now.isoformat()}">'.encode()
        host.bodies[path] = host.bodies[path].replace(b"<head>", marked)
    address = host.put("/feed", feed(item(f"{host.address}/ferry", "The ferry")))
    watched.visit(address, f"{host.address}/mate")
    assert dates_in(watched) == {
        "ferry": ("2024-03-05T09:30:00+00:00", "feed"),
        "mate": (None, None),
    }


def test_the_same_moment_for_several_items_of_a_feed_dates_none_of_them(
    host: Host, watched: Watched
) -> None:
    items = [item(f"{host.address}/{name}", name, "It sails.") for name in ("a", "b")]
    old = item(f"{host.address}/c", "c", "It sails.")
    made = "".join(items).replace(
        "Tue, 05 Mar 2024 09:30:00 GMT", format_datetime(datetime.now(UTC))
    )
    watched.visit(host.put("/feed", feed(made, old)))
    assert dates_in(watched) == {
        "a": (None, None),
        "b": (None, None),
        "c": ("2024-03-05T09:30:00+00:00", "feed"),
    }


def test_an_article_that_is_read_as_it_comes_out_has_its_date(host: Host, watched: Watched) -> None:
    now = datetime.now(UTC)
    page = host.page("/ferry", "It is new.")
    marked = f'<head><meta name="date" content="{now.isoformat()}">'.encode()
    host.bodies["/ferry"] = host.bodies["/ferry"].replace(b"<head>", marked)
    whole = item(f"{host.address}/mate", "The mate", "The mate sells tickets.")
    came_out = [format_datetime(now - timedelta(seconds=ago)) for ago in (0, 20)]
    items = [
        each.replace(
            "Tue, 05 Mar 2024 09:30:00 GMT</pubDate>", f"{at}</pubDate><updated>{at}</updated>"
        )
        for each, at in zip((item(page, "The ferry"), whole), came_out, strict=True)
    ]
    watched.visit(host.put("/feed", feed(*items)))
    assert {name: origin for name, (date, origin) in dates_in(watched).items() if date} == {
        "ferry": "feed",
        "mate": "feed",
    }


def dates_in(watched: Watched) -> dict[str, tuple[str | None, str | None]]:
    """The dates of what a build would read, and what told them, by the end of the address."""
    found = [each for each in read_sources([fetched(watched.data)]) if isinstance(each, Found)]
    return {
        str(each.article.url).rsplit("/", 1)[-1]: (
            each.article.published,
            each.article.published_from,
        )
        for each in found
    }


def test_what_has_not_changed_is_not_sent_again_and_what_has_is(
    host: Host, watched: Watched
) -> None:
    ferry, mate = (host.page(path, "It is new.") for path in ("/ferry", "/mate"))
    address = host.put("/feed", feed(item(ferry, "The ferry"), item(mate, "The mate")))
    watched.visit(address)
    host.taken()
    watched.visit(address)
    assert host.taken() == ["/feed 304"]
    host.page("/mate", "It is old.")
    host.put("/feed", feed(item(mate, "The mate, again")))
    watched.visit(address)
    assert host.taken() == ["/feed", "/mate"]
    assert [watched.articles()[each][:10] for each in (ferry, mate)] == ["It is new.", "It is old."]


def test_a_page_is_an_article_and_a_json_feed_a_feed(host: Host, watched: Watched) -> None:
    page = host.page("/page", "The pier is open.")
    entry = {"id": "7", "url": f"{host.address}/7", "content_html": "<p>The <b>mate</b>.</p>"}
    linked = {"url": host.page("/8", "The ferry is new."), "summary": "On the ferry."}
    told = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "News",
        "items": [entry, linked],
    }
    assert watched.visit(page, host.put("/feed.json", json.dumps(told))) == {}
    texts = watched.articles()
    assert texts[page].startswith("The pier is open.")
    assert texts[f"{host.address}/7"] == "The mate."
    assert texts[f"{host.address}/8"].startswith("The ferry is new. It sails twice")


def test_sitemaps_of_an_index_are_read_the_newest_pages_first_and_not_again_while_the_same(
    host: Host, watched: Watched
) -> None:
    old, new = host.page("/old", "The old one."), host.page("/new", "The new one.")
    listed = sitemap(old, changed="2020-01-01") + sitemap(new, changed="2024-01-01")
    listed = listed.replace("</urlset>", "", 1).replace(sitemap().removesuffix("</urlset>"), "", 2)
    packed = host.put("/pages.xml.gz", gzip.compress(b"<urlset>") + gzip.compress(listed.encode()))
    index = host.put("/sitemap.xml", sitemap(packed, kind="sitemap"))
    assert watched.visit(index) == {}
    assert host.taken() == ["/sitemap.xml", "/pages.xml.gz", "/new", "/old"]
    host.put("/sitemap.xml", sitemap(packed, kind="sitemap") + "\n")
    watched.visit(index)
    assert host.taken() == ["/sitemap.xml"]
    assert set(watched.articles()) == {old, new}


def test_a_sitemap_for_news_tells_title_date_and_source(host: Host, watched: Watched) -> None:
    page = host.page("/ferry", "The ferry is new.")
    news = (
        "<news:news><news:publication><news:name>Island News</news:name></news:publication>"
        "<news:publication_date>2024-03-05T09:30:00Z</news:publication_date></news:news></url>"
    )
    listed = sitemap(page).replace("</url>", news)
    listed = listed.replace("<urlset", '<urlset xmlns:news="urn:news"')
    assert watched.visit(host.put("/news.xml", listed)) == {}
    [found] = [each for each in read_sources([fetched(watched.data)]) if isinstance(each, Found)]
    assert found.article.published == "2024-03-05T09:30:00+00:00"
    assert found.article.source == "Island News"


def test_sitemaps_that_list_each_other_have_an_end(host: Host, watched: Watched) -> None:
    one, other = (f"{host.address}/{name}.xml" for name in ("one", "other"))
    host.put("/one.xml", sitemap(other, one, kind="sitemap"))
    host.put("/other.xml", sitemap(one, kind="sitemap"))
    assert "lists sitemaps" in watched.visit(one)[other]
    assert sorted(host.taken()) == ["/one.xml", "/one.xml", "/other.xml"]


def test_an_article_that_is_being_written_is_not_read(
    host: Host, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    amidst = list[Finding]()

    def look(path: Path) -> None:
        amidst.extend(read_sources([fetched(watched.data)]))

    monkeypatch.setattr("index.store.durable.sync_files", look)
    assert watched.visit(host.page("/page", "The pier is open.")) == {}
    assert len(watched.articles()) == 1
    # The second look is at what is remembered of the visit, once the article is there.
    assert len({each.origin for each in amidst}) == 1


def test_a_page_without_an_article_is_told_until_it_has_one(host: Host, watched: Watched) -> None:
    address = host.put("/page", "<html><body></body></html>")
    for watched.now in (0.0, DAY):
        assert watched.visit(address)[address].startswith("no article was found")
    host.page("/page", "The pier is open.")
    watched.now = 3 * DAY
    assert watched.visit(address) == {}
    assert list(watched.articles()) == [address]


def test_a_sitemap_that_an_index_no_longer_names_is_forgotten(host: Host, watched: Watched) -> None:
    lost = f"{host.address}/lost.xml"
    index = host.put("/sitemap.xml", sitemap(lost, kind="sitemap"))
    assert list(watched.visit(index)) == [lost]
    host.put("/sitemap.xml", sitemap(host.put("/found.xml", sitemap()), kind="sitemap"))
    assert watched.visit(index) == {}


@pytest.mark.parametrize("at", ["/private/ferry", "/moved"])
def test_what_robots_may_not_read_is_not_asked_for_by_a_redirect_either(
    host: Host, watched: Watched, at: str
) -> None:
    host.put("/robots.txt", "\ufeffUser-agent: *\nDisallow: /private/*y$\nAllow: /\n")
    host.page("/private/ferry", "The ferry is new.")
    host.redirects["/moved"] = "/private/ferry"
    told = watched.visit(f"{host.address}{at}")
    assert "may not be read by programs" in told[f"{host.address}{at}"]
    assert "/private/ferry" not in host.taken()


def test_while_robots_cannot_be_read_nothing_is_asked_for(host: Host, watched: Watched) -> None:
    host.broken.add("/robots.txt")
    page = host.page("/ferry", "The ferry is new.")
    assert "robots.txt" in watched.visit(page)[page]
    assert host.taken() == []


def test_a_host_that_wants_long_pauses_is_asked_once_a_visit(host: Host, watched: Watched) -> None:
    host.put("/robots.txt", "User-agent: Footnote\nCrawl-delay: 600\n")
    address = host.put("/feed", feed(item(host.page("/ferry", "It is new."), "The ferry")))
    assert watched.visit(address) == {}
    assert watched.visit(address) == {}
    assert host.taken() == ["/feed"]


def test_no_one_waits_for_a_host_that_wants_pauses_without_end(
    host: Host, watched: Watched
) -> None:
    host.put("/robots.txt", "User-agent: *\nCrawl-delay: 1e300\n")
    pages = [host.page(path, "A page.") for path in ("/one", "/other")]
    watched.web.get(pages[0])
    with pytest.raises(FetchError, match=r"wants 1e\+300 seconds between two requests"):
        watched.web.get(pages[1])
    assert host.taken() == ["/one"]


def test_those_who_ask_a_host_at_once_get_turns_apart(host: Host, watched: Watched) -> None:
    watched.web = Web(["127.0.0.1"], apart=0.1)
    began = time.monotonic()
    watched.visit(*(host.page(f"/{number}", "A page.") for number in range(4)))
    assert len(host.taken()) == 4
    assert time.monotonic() - began >= 3 * 0.1


def test_what_fails_is_told_and_left_alone_for_twice_as_long_each_time(
    host: Host, watched: Watched
) -> None:
    address = host.put("/feed", feed(item(f"{host.address}/ferry", "The ferry")))
    told = {f"{host.address}/ferry": "answered with status 404: check the address"}
    tried = list[float]()
    for hour in range(16):
        watched.now = hour * 900.0
        assert watched.visit(address) == told
        tried += [hour] if "/ferry" in host.taken() else []
    assert tried == [0, 1, 3, 7, 15]
    watched.now = 2 * DAY
    host.page("/ferry", "The ferry is new.")
    assert watched.visit(address) == {}
    assert len(watched.articles()) == 1


def test_a_page_that_says_it_is_gone_withdraws_its_article_until_it_is_back(
    host: Host, watched: Watched
) -> None:
    paths = [f"/{number}" for number in range(5)]
    pages = [host.page(path, f"The ferry is new, {path}.") for path in paths]
    address = host.put("/sitemap.xml", sitemap(*pages))
    build_fetched = partial(build, [fetched(watched.data)], watched.data, HashEncoder())
    watched.visit(address)
    assert build_fetched(no_progress).added == 5
    host.gone |= set(paths)
    host.put("/sitemap.xml", sitemap(*pages, changed="2024-03-06"))
    why = "answered with status 410, gone for good: its article is withdrawn"
    assert watched.visit(address) == dict.fromkeys(pages, why)
    assert build_fetched(no_progress).hidden == 5
    stems = [path.stem for path in fetched(watched.data).glob("*.json")]
    assert [was_removed(watched.data, stem) for stem in stems] == [True] * 5
    assert not any("ferry" in path.read_text() for path in fetched(watched.data).glob("*.json"))
    host.gone.clear()
    watched.now = DAY
    assert watched.visit(address) == {}
    assert build_fetched(no_progress).added == 5


@pytest.mark.parametrize("is_listed", [False, True])
def test_a_page_that_was_gone_and_is_back_as_it_was_is_read_again(
    host: Host, watched: Watched, is_listed: bool
) -> None:
    page = host.page("/ferry", "The ferry is new.")
    address = host.put("/sitemap.xml", sitemap(page)) if is_listed else page
    watched.visit(address)
    before = watched.articles()
    host.gone.add("/ferry")
    host.put("/sitemap.xml", sitemap(page, changed="2024-03-06"))
    watched.now = DAY
    watched.visit(address)
    assert watched.articles() == {page: ""}
    host.gone.clear()
    host.put("/sitemap.xml", sitemap(page))
    watched.now = 3 * DAY
    assert watched.visit(address) == {}
    assert watched.articles() == before


def test_a_page_that_is_mislaid_or_never_was_read_withdraws_nothing(
    host: Host, watched: Watched
) -> None:
    page, other = host.page("/ferry", "The ferry is new."), f"{host.address}/other"
    watched.visit(page, other)
    del host.bodies["/ferry"]
    host.gone.add("/other")
    watched.now = DAY
    told = watched.visit(page, other)
    assert {why[:24] for why in told.values()} == {
        "answered with status 404",
        "answered with status 410",
    }
    assert list(watched.articles()) == [page]


def test_what_failed_is_listed_and_tried_again_at_once_where_the_owner_asks(
    host: Host, watched: Watched
) -> None:
    ferry = f"{host.address}/ferry"
    address = host.put("/feed", feed(item(ferry, "The ferry")))
    for watched.now in (0.0, 900.0):
        watched.visit(address)
    [(url, failure)] = failed(watched.data)
    assert (url, failure.tries, failure.again) == (ferry, 2, 2700.0)
    host.page("/ferry", "The ferry is new.")
    ask_again(watched.data)
    assert watched.visit(address) == {}
    assert failed(watched.data) == []
    assert not is_asked_again(watched.data)


def test_what_a_visit_does_not_get_to_is_due_from_when_the_owner_asked(
    host: Host, watched: Watched
) -> None:
    address = f"{host.address}/gone"
    watched.visit(address)
    ask_again(watched.data)
    watched.web.stopped.set()
    watched.now = 100.0
    watched.visit(address)
    assert [failure.again for _, failure in failed(watched.data)] == [100.0]


def test_what_is_asked_while_the_last_wish_is_looked_for_is_not_lost(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlink = Path.unlink

    def asked_before(path: Path, missing_ok: bool = False) -> None:
        if not path.exists():
            monkeypatch.undo()
            ask_again(watched.data)
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", asked_before)
    assert take_asked_again(watched.data) or is_asked_again(watched.data)


def test_who_watches_sees_that_the_owner_asks(
    host: Host, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.fetch.visits._LOOKS_EVERY", 0.01)
    with visiting([host.page("/page", "It is new.")], watched.data, watched.web, DAY, print):
        host.heard.clear()
        ask_again(watched.data)
        assert host.heard.wait(30)


def test_a_wish_that_cannot_be_taken_off_the_disk_is_tried_with_pauses(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Path) -> bool:
        raise OSError(30, "Read-only file system")

    stopped = Mock(wait=Mock(side_effect=[False, False, True]), is_set=Mock(return_value=False))
    monkeypatch.setattr("index.fetch.visits.take_asked_again", fail)
    monkeypatch.setattr(watched.web, "stopped", stopped)
    ask_again(watched.data)
    told = list[Exception]()
    Visitor(watched.data, watched.web, DAY).run([], told.append)
    assert len(told) == 2


def test_an_address_that_is_no_longer_watched_is_not_listed(host: Host, watched: Watched) -> None:
    watched.visit(f"{host.address}/gone")
    watched.visit(host.page("/page", "It is new."))
    assert failed(watched.data) == []


def test_a_host_that_fails_is_left_for_this_visit(host: Host, watched: Watched) -> None:
    pages = [f"{host.address}/{number}" for number in range(9)]
    watched.visit(host.put("/sitemap.xml", sitemap(*pages)))
    assert host.taken() == ["/sitemap.xml", "/0", "/1", "/2"]


def test_a_host_that_fails_is_not_asked_for_its_other_sitemaps(
    host: Host, watched: Watched
) -> None:
    maps = (
        host.put(f"/{name}.xml", sitemap(*(f"{host.address}/{name}{n}" for n in range(5))))
        for name in ("one", "other")
    )
    watched.visit(host.put("/sitemap.xml", sitemap(*maps, kind="sitemap")))
    asked = host.taken()
    assert [path for path in asked if path.endswith(".xml")] == asked[:2]
    assert len(asked) == 5


def test_of_an_export_of_wordpress_what_is_not_published_is_hidden(
    host: Host, watched: Watched
) -> None:
    items = (
        exported("ferry", "The ferry sails."),
        exported("mate", "The mate left.", status="draft"),
        exported("empty", "", status="private"),
        exported("menu", "Home", kind="nav_menu_item"),
    )
    address = host.put("/export.xml", WXR.format(items="".join(items)))
    assert watched.visit(address) == {}
    assert host.taken() == ["/export.xml"]
    found = [each for each in read_sources([fetched(watched.data)]) if isinstance(each, Found)]
    seen = {each.article.title: each.article.visibility for each in found}
    assert seen == {"ferry": "public", "mate": "hidden", "empty": "hidden"}


@pytest.mark.parametrize("key", ["id", "_id", "other"])
def test_articles_without_an_address_are_kept_each(host: Host, watched: Watched, key: str) -> None:
    told = [
        {key: number, "text": f"The {name} sails."} for number, name in ((7, "ship"), (8, "mate"))
    ]
    rows = [
        f"<item><description>The {name} sails.</description></item>" for name in ("tug", "raft")
    ]
    watched.visit(host.put("/list.json", json.dumps(told)), host.put("/feed", feed(*rows)))
    assert sorted(text[4:8] for text in watched.articles().values()) == [
        "mate",
        "raft",
        "ship",
        "tug ",
    ]


def test_an_article_with_a_list_of_authors_is_read_and_not_its_authors(
    host: Host, watched: Watched
) -> None:
    by = [{"name": "Ida Holm", "text": "Ida writes."}]
    # With half of a pair, as JSON may have it.
    entry = {"url": f"{host.address}/7\ud800", "html": "<p>The mate.</p>", "writers": by}
    assert watched.visit(host.put("/list.json", json.dumps([entry]))) == {}
    assert list(watched.articles().values()) == ["The mate."]


def test_an_address_that_is_none_is_told_and_the_others_are_read(
    host: Host, watched: Watched
) -> None:
    none, ferry = "http://[x/", host.page("/ferry", "The ferry is new.")
    whole = item(none, "The mate", "The mate sells tickets.")
    told = watched.visit(
        host.put("/sitemap.xml", sitemap(none, ferry)), host.put("/feed", feed(whole))
    )
    assert list(told) == [none]
    assert "is not a web address" in told[none]
    assert {text[:8] for text in watched.articles().values()} == {"The ferr", "The mate"}


def test_what_is_too_much_for_a_visit_is_fetched_in_the_next(
    host: Host, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.fetch.visits._MOST_REQUESTS", 4)
    pages = [host.page(f"/{number}", "A page.") for number in range(5)]
    address = host.put("/sitemap.xml", sitemap(*pages))
    watched.visit(address)
    assert host.taken() == ["/sitemap.xml", "/0", "/1", "/2"]
    watched.visit(address)
    assert host.taken() == ["/sitemap.xml", "/3", "/4"]


def test_no_address_within_is_fetched_unless_its_host_was_named(
    host: Host, watched: Watched
) -> None:
    within = "http://10.0.0.1/secret"
    address = host.put("/feed", feed(item(within, "The secret")))
    assert "not on the public web" in watched.visit(address)[within]
    watched.web = Web(apart=0.0)
    assert "only 80 and 443" in watched.visit(f"{host.address}/page")[f"{host.address}/page"]


def test_two_who_watch_into_one_folder_do_not_ask_twice(host: Host, watched: Watched) -> None:
    again = visiting([], watched.data, watched.web, DAY, print)
    with (
        visiting([], watched.data, Web(), DAY, print),
        pytest.raises(BuildError, match="another watch"),
        again,
    ):
        pass


def test_an_interrupted_visit_asks_for_nothing_more(
    host: Host, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("index.fetch.visits.read_visited", interrupt)
    with pytest.raises(KeyboardInterrupt):
        watched.visit(f"{host.address}/feed")
    monkeypatch.undo()
    watched.visit(f"{host.address}/feed")
    assert host.taken() == []


def test_while_it_is_watched_an_address_is_visited_again(host: Host, watched: Watched) -> None:
    address = host.page("/page", "It is new.")
    with visiting([address], watched.data, watched.web, 0.01, print):
        host.heard.clear()
        assert host.heard.wait(30)


def test_a_visit_that_breaks_off_is_told_and_the_next_one_comes(
    host: Host, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = SimpleQueue[Exception]()
    visits = chain([None, RecursionError("too deep")], repeat(None))

    def visit_all(self: Visitor, addresses: list[str]) -> None:
        if error := next(visits):
            raise error
        host.heard.set()

    monkeypatch.setattr(Visitor, "visit_all", visit_all)
    with visiting([], watched.data, watched.web, 0.01, told.put):
        assert str(told.get(timeout=30)) == "too deep"
        host.heard.clear()
        assert host.heard.wait(30)


@given(st.binary(max_size=200) | st.text(max_size=80).map(lambda text: f"<urlset>{text}".encode()))
def test_no_listing_makes_it_raise_anything_else(body: bytes) -> None:
    with suppress(UnreadableError):
        read_listing(Fetched("https://a.example/", "", body))


def once(
    sources: list[Path], data: Path, rebuild: Callable[[], None], *_: object, every: float
) -> None:
    """Build as `watch` begins to."""
    rebuild()


def test_a_build_without_a_network_has_all_that_was_fetched_and_tells_what_was_not(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    monkeypatch.setattr("index.encoders.ModelEncoder", lambda data, name: HashEncoder())
    monkeypatch.setattr("index.build.watching.watch", once)
    page, gone = host.page("/page", "The pier is open."), f"{host.address}/gone"
    assert main(["watch", page, gone, "--own-hosts", "--data", str(data)]) == 0
    assert f"skipped: {gone}: answered with status 404" in capsys.readouterr().out
    last = read_report(data)
    assert last is not None
    assert [each.origin for each in last.faults] == [gone]
    assert BuildCommand((), {}, data).sources() == [fetched(data)]
    assert main(["build", str(fetched(data)), "--data", str(data)]) == 0
    assert "1 unchanged" in capsys.readouterr().out
    assert main(["verify", "--data", str(data)]) == 0
    keep_unfetched(data, {})
    assert main(["build", str(fetched(data)), "--data", str(data)]) == 0
    assert "skipped 0" in capsys.readouterr().out


def test_what_could_not_be_fetched_is_read_again_once_it_has_changed(data: Path) -> None:
    for faults in ({}, {"https://a.example": "is gone"}, {}):
        keep_unfetched(data, faults)
        assert unfetched_addresses(data) == faults
    assert unfetched_addresses(data) is unfetched_addresses(data)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (["build", "https://a.example/feed"], "is an address: name it to `watch`"),
        (["watch", "https://"], "names no host"),
        (["watch", "http://[::1"], "names no host"),
    ],
)
def test_an_address_that_cannot_be_watched_is_quoted(
    line: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(line)
    assert f"{line[1]!r} {told}" in capsys.readouterr().err
