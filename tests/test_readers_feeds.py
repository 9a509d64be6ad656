"""Feeds, and the exports of WordPress and Ghost."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.article import Article
from index.build import build
from index.readers import Finding, Found, Remark, Source, Unreadable, findings, read_sources
from index.readers.feeds.feed import FeedReader
from index.store.local import open_local
from tests.fakes import HashEncoder, no_progress

FERRY = "<p>The ferry to Skarholm sails at <b>nine</b>.</p><p>It takes forty minutes.</p>"
FERRY_TEXT = "The ferry to Skarholm sails at nine.\n\nIt takes forty minutes."
RSS = f"""<?xml version="1.0"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"
 xmlns:atom="http://www.w3.org/2005/Atom">
<channel><title>Island News</title><atom:link href="https://island.example/feed" rel="self"/>
<item><title>The ferry</title><media:title>A photo</media:title>
<link>https://island.example/ferry</link><guid isPermaLink="false">post-7</guid>
<description>The ferry sails.</description><content:encoded><![CDATA[{FERRY}]]></content:encoded>
<dc:creator>Ida Holm</dc:creator><dc:creator>Jon Berg</dc:creator>
<category>Sea</category><category> Ships </category><category/>
<pubDate>Thu, 29 Sep 2022 21:13:00 CEST</pubDate></item>
<item><title>The mate</title><link>https://island.example/mate</link>
<description>The mate sells tickets on board.</description>
<author>jon@island.example (Jon Berg)</author>
<pubDate>Wed, 30 Feb 2022 09:00:00 GMT</pubDate></item>
<item><title>The quay</title><guid>https://island.example/quay</guid>
<description>The quay is new.</description><dc:date>1963-04-01T08:00:00+01:00</dc:date></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Island News</title>
<author><name>The editors</name></author>
<entry><title type="html">The &lt;i&gt;ferry&lt;/i&gt;</title><id>tag:1</id>
<link rel="enclosure" href="https://island.example/a.mp3"/><link href="https://island.example/ferry"/>
<published>2022-09-29T21:13:00+02:00</published><updated>2022-10-01T08:00:00Z</updated>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>It sails at 10<sup>6</sup>.</p>
</div></content></entry>
<entry><title>The mate</title><id>tag:2</id><updated>2022-10-02T08:00:00Z</updated>
<author><name>Ida Holm</name></author><author><name>Jon Berg</name></author>
<category term="fares"/><content>Fares &lt; 9 crowns.</content></entry></feed>"""


def read(folder: Path, name: str, content: str | bytes) -> list[Finding]:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read_sources([path]))


def articles(found: list[Finding]) -> list[Article]:
    return [each.article for each in found if isinstance(each, Found)]


def shown(found: list[Finding]) -> list[Article]:
    """Those that somebody may read."""
    return [each for each in articles(found) if each.visibility != "hidden"]


def told(found: list[Finding]) -> list[str]:
    return [each.message for each in found if isinstance(each, Remark)]


def test_an_item_of_rss_is_read_whole_with_its_zone_and_all_its_authors(tmp_path: Path) -> None:
    ferry, mate, quay = articles(read(tmp_path, "news.rss", RSS))
    assert ferry.text == FERRY_TEXT
    assert (ferry.title, ferry.author) == ("The ferry", "Ida Holm, Jon Berg")
    assert ferry.source == "Island News"
    assert (ferry.published, ferry.url) == (
        "2022-09-29T21:13:00+02:00",
        "https://island.example/ferry",
    )
    assert (mate.author, mate.text) == ("Jon Berg", "The mate sells tickets on board.")
    assert (quay.published, quay.url) == (
        "1963-04-01T08:00:00+01:00",
        "https://island.example/quay",
    )


def test_a_prefix_that_a_feed_does_not_declare_is_taken_for_what_it_usually_is(
    tmp_path: Path,
) -> None:
    bare = re.sub(r" xmlns:\w+=\"[^\"]+\"", "", RSS)
    [ferry, *_] = articles(read(tmp_path, "news.rss", bare))
    assert (ferry.title, ferry.text, ferry.author) == (
        "The ferry",
        FERRY_TEXT,
        "Ida Holm, Jon Berg",
    )


def test_categories_of_a_feed_are_tags(tmp_path: Path) -> None:
    assert articles(read(tmp_path, "news.rss", RSS))[0].tags == ("Sea", "Ships")
    assert articles(read(tmp_path, "news.atom", ATOM))[1].tags == ("fares",)


def test_a_date_that_does_not_exist_is_told_and_not_made_another(tmp_path: Path) -> None:
    found = read(tmp_path, "news.xml", RSS)
    assert articles(found)[1].published is None
    assert "30 Feb 2022" in told(found)[0]


@pytest.mark.parametrize(
    ("date", "told_so"),
    [
        ("Mon, 01 Jan 0001 00:00:00 GMT", "is not a date"),
        ("1753-01-01", "before 1800"),
        ("Thu, 01 Jan 1970 00:00:00 +0000", "for no date"),
        ("Wed, 31 Dec 1969 19:00:00 EST", "for no date"),
        ("1970-01-01T00:00:00", "for no date"),
    ],
)
def test_what_programs_write_for_an_unknown_day_is_no_date(
    tmp_path: Path, date: str, told_so: str
) -> None:
    found = read(tmp_path, "news.rss", RSS.replace("Thu, 29 Sep 2022 21:13:00 CEST", date))
    assert articles(found)[0].published is None
    assert told_so in told(found)[0]


def test_a_date_in_the_future_is_doubted(tmp_path: Path) -> None:
    found = read(tmp_path, "news.rss", RSS.replace("29 Sep 2022", "29 Sep 2922"))
    assert articles(found)[0].published is None
    assert "in the future" in told(found)[0]


def test_atom_is_read_with_its_markup_and_times(tmp_path: Path) -> None:
    ferry, mate = articles(read(tmp_path, "news.atom", ATOM))
    assert (ferry.text, ferry.title) == ("It sails at 10⁶.", "The ferry")
    assert ferry.url == "https://island.example/ferry"
    assert (ferry.published, ferry.updated) == (
        "2022-09-29T21:13:00+02:00",
        "2022-10-01T08:00:00+00:00",
    )
    assert (ferry.author, mate.author) == ("The editors", "Ida Holm, Jon Berg")
    assert (mate.text, mate.published) == ("Fares < 9 crowns.", None)


def test_an_item_keeps_its_id_while_its_feed_moves_on(tmp_path: Path) -> None:
    before = articles(read(tmp_path, "news.rss", RSS))
    first, last = RSS.index("<item>"), RSS.index("<item><title>The mate")
    after = articles(read(tmp_path, "news.rss", RSS[:first] + RSS[last:]))
    assert [each.id for each in after] == [each.id for each in before[1:]]


@pytest.mark.parametrize("name", ["news.xml", "news.html", "news", "news.json"])
def test_a_feed_is_known_by_its_content(tmp_path: Path, name: str) -> None:
    assert len(articles(read(tmp_path, name, RSS))) == 3


def test_of_a_feed_that_breaks_off_the_items_before_are_read(tmp_path: Path) -> None:
    *found, last = read(tmp_path, "news.rss", RSS[: RSS.index("<description>The quay")])
    assert [each.title for each in articles(found)] == ["The ferry", "The mate"]
    assert isinstance(last, Unreadable)
    assert "2 items before that were read" in last.reason


@pytest.mark.parametrize(
    "hostile",
    [
        '<!DOCTYPE rss [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;&a;">]><rss><channel><item>'
        "<title>T</title><description>One &b; two.</description></item></channel></rss>",
        '<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/hostname">]><rss><channel><item>'
        "<title>T</title><description>One &a; two.</description></item></channel></rss>",
    ],
)
def test_no_entity_is_expanded(tmp_path: Path, hostile: str) -> None:
    for article in articles(read(tmp_path, "news.rss", hostile)):
        assert article.text in ("One &a; two.", "One &b; two.")


def test_elements_nested_without_end_are_refused(tmp_path: Path) -> None:
    [fault] = read(tmp_path, "deep.rss", "<rss>" + "<a>" * 5_000)
    assert isinstance(fault, Unreadable)
    assert "broken as XML" in fault.reason


WXR_ITEM = """<item><title>{title}</title><link>https://blog.example/{title}</link>
<category domain="category" nicename="sea">Sea</category>
<category domain="category" nicename="coast">Coast</category>
<category domain="post_tag" nicename="ferry">Ferry</category>
<dc:creator>ida</dc:creator><content:encoded><![CDATA[{body}]]></content:encoded>
<wp:post_date_gmt>2022-09-29 19:13:00</wp:post_date_gmt>
<wp:post_modified_gmt>2022-10-01 08:00:00</wp:post_modified_gmt>
<wp:status>{status}</wp:status><wp:post_type>{kind}</wp:post_type>
<wp:post_password>{password}</wp:post_password></item>"""
WXR = """<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/"><channel>
<title>The blog</title><wp:author><wp:author_login>ida</wp:author_login>
<wp:author_display_name>Ida Holm</wp:author_display_name></wp:author>{items}</channel></rss>"""


def exported(title: str, body: str = "Words.", **facts: str) -> str:
    values = {"status": "publish", "kind": "post", "password": ""} | facts
    return WXR_ITEM.format(title=title, body=body, **values)


def test_an_export_of_wordpress_hides_what_is_not_published_to_all(tmp_path: Path) -> None:
    old = 'First <em>line</em>\nsecond line.\n\n[caption id="a"]A new paragraph.[/caption]'
    items = [
        exported("old", old),
        exported("draft", status="draft"),
        exported("within", "", status="private"),
        exported("secret", password="x"),
        exported("picture", kind="attachment"),
        exported("page", "<!-- wp:paragraph --><p>A page.</p>", kind="page"),
    ]
    found = read(tmp_path, "blog.xml", WXR.format(items="".join(items)))
    first, page = shown(found)
    assert first.text == "First line\nsecond line.\n\nA new paragraph."
    assert (first.author, first.source) == ("Ida Holm", "The blog")
    assert (first.published, first.updated) == (
        "2022-09-29T19:13:00+00:00",
        "2022-10-01T08:00:00+00:00",
    )
    assert (first.section, first.tags) == ("Sea, Coast", ("Ferry",))
    assert page.text == "A page."
    assert [each.title for each in articles(found) if each.visibility == "hidden"] == [
        *("draft", "within", "secret")
    ]
    reasons = zip(("'draft'", "'private'", "password"), told(found), strict=True)
    assert [reason in line for reason, line in reasons] == [True] * 3


def test_a_post_half_of_blocks_and_half_of_blank_lines_keeps_each_paragraph(tmp_path: Path) -> None:
    body = "<!-- wp:paragraph --><p>It sails.</p>\n\nIt is old.\n\nIt is <em>red</em>."
    [post] = articles(read(tmp_path, "blog.xml", WXR.format(items=exported("ferry", body))))
    assert post.text == "It sails.\n\nIt is old.\n\nIt is red."


def test_posts_of_the_rest_interface_have_the_names_that_were_asked_for(tmp_path: Path) -> None:
    terms = [[{"taxonomy": "category", "name": "Sea"}], [{"taxonomy": "post_tag", "name": "Ferry"}]]
    post = {
        "content": {"rendered": FERRY},
        "_embedded": {"author": [{"name": "Ida Holm"}], "wp:term": terms},
    }
    [ferry] = articles(read(tmp_path, "posts.json", json.dumps([post])))
    assert (ferry.author, ferry.section, ferry.tags) == ("Ida Holm", "Sea", ("Ferry",))


def test_a_post_that_became_a_draft_leaves_the_index(tmp_path: Path) -> None:
    export, data = tmp_path / "blog.xml", tmp_path / "data"
    for status, left in (("publish", {"ferry", "mate"}), ("draft", {"mate"})):
        items = exported("ferry", status=status), exported("mate")
        export.write_text(WXR.format(items="".join(items)))
        build([export], data, HashEncoder(), no_progress)
        store = open_local(data)
        assert {each.title for each in store.listed()} == left
        store.close()


GHOST = {
    "db": [
        {
            "data": {
                "posts": [
                    {
                        "id": "1",
                        "title": "The ferry",
                        "slug": "ferry",
                        "html": FERRY,
                        "status": "published",
                        "visibility": "public",
                        "published_at": "2022-09-29T19:13:00.000Z",
                        "canonical_url": "https://island.example/ferry",
                    },
                    {
                        "id": "2",
                        "html": "<p>Paid.</p>",
                        "status": "published",
                        "visibility": "paid",
                    },
                    {"id": "3", "html": "<p>Soon.</p>", "status": "draft"},
                ],
                "settings": [{"key": "title", "value": "Island News"}],
                "users": [{"id": "u", "name": "Ida Holm"}, {"id": "v", "name": "Jon Berg"}],
                "tags": [{"id": "t", "name": "Sea"}],
                "posts_tags": [{"post_id": "1", "tag_id": "t"}],
                "posts_authors": [
                    {"post_id": "1", "author_id": "v", "sort_order": 1},
                    {"post_id": "1", "author_id": "u", "sort_order": 0},
                ],
            }
        }
    ]
}


def test_an_export_of_ghost_tells_what_is_for_members_and_what_for_nobody(tmp_path: Path) -> None:
    found = read(tmp_path, "ghost.json", json.dumps(GHOST))
    ferry, paid, draft = articles(found)
    assert [each.visibility for each in (ferry, paid, draft)] == ["public", "members", "hidden"]
    assert (ferry.text, ferry.title, ferry.author) == (
        FERRY_TEXT,
        "The ferry",
        "Ida Holm, Jon Berg",
    )
    assert (ferry.published, ferry.tags) == ("2022-09-29T19:13:00+00:00", ("Sea",))
    assert (ferry.source, ferry.url) == ("Island News", "https://island.example/ferry")
    assert ["'draft'" in line for line in told(found)] == [True]


def test_an_export_of_ghost_with_lists_as_ids_is_read(tmp_path: Path) -> None:
    data = {"posts": [{"id": [], "html": FERRY, "status": "published"}], "users": [{"id": []}]}
    found = read(tmp_path, "ghost.json", json.dumps({"data": data}))
    assert [each.text for each in articles(found)] == [FERRY_TEXT]


def test_a_json_feed_is_read(tmp_path: Path) -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Island News",
        "items": [
            {"id": "1", "content_html": FERRY, "authors": [{"name": "Ida"}, {"name": "Jon"}]}
            | {"tags": ["Sea"]},
            {"id": "2", "content_text": "Fares < 9.", "date_published": "2022-02-30T00:00:00Z"},
        ],
    }
    found = read(tmp_path, "feed.json", json.dumps(feed))
    ferry, fares = articles(found)
    assert (ferry.text, ferry.author, ferry.source) == (FERRY_TEXT, "Ida, Jon", "Island News")
    assert ferry.tags == ("Sea",)
    assert (fares.text, fares.published) == ("Fares < 9.", None)


def test_posts_as_the_rest_api_of_wordpress_gives_them_are_read(tmp_path: Path) -> None:
    post = {
        "id": 7,
        "date_gmt": "2022-09-29T19:13:00",
        "link": "https://blog.example/ferry",
        "status": "publish",
        "title": {"rendered": "The ferry &#8217;s"},
        "content": {"rendered": FERRY, "protected": False},
    }
    locked = post | {"content": {"rendered": "", "protected": True}}
    found = read(tmp_path, "posts.json", json.dumps([post, locked]))
    [ferry] = shown(found)
    assert [each.visibility for each in articles(found)] == ["public", "hidden"]
    assert (ferry.text, ferry.published) == (FERRY_TEXT, "2022-09-29T19:13:00+00:00")
    assert ferry.title == "The ferry ’s"
    assert "password" in told(found)[0]


PIECES = st.sampled_from(
    [
        "<rss>",
        "<channel>",
        "<item>",
        "</item>",
        "<title>",
        "&a;",
        "]]>",
        "<![CDATA[",
        "\0",
        "<link/>",
    ]
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=30,
)
@given(
    st.binary(max_size=200)
    | st.lists(PIECES | st.text(max_size=20)).map(
        lambda pieces: "".join(pieces).encode(errors="surrogatepass")
    )
)
def test_no_feed_makes_it_raise(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.rss"
    path.write_bytes(content)
    for found in findings(FeedReader(), Source(path, "any")):
        assert isinstance(found, Found | Unreadable | Remark)
