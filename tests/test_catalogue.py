import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import Article, Page
from index.errors import DamagedError
from index.keys import Numbers
from index.readers.liveblog import find_entries
from index.store.base import Known
from index.store.catalogue import Catalogue, Numbered, page_key, pages_by_url
from index.store.columns import Sizes
from tests.segments import place_of

SHIP = Article(
    id="ship",
    text="The ferry \N{FERRY} left Łódź at noon. Nobody wept.\n\nIt came back.",
    title="A ferry",
    source="Süddeutsche Zeitung",
    author="Ida Marsh",
    published="2022-09-29",
    updated="2022-10-01",
    url="https://example.org/ferry",
    pages=(Page(0, 1), Page(4, 2)),
    visibility="members",
    published_from="json_ld",
    updated_from="feed",
    indexed="2022-10-02T08:00:00+00:00",
)
_BLOG = "Lead.\n9:00am: One\nIt began.\n8:00am: Two\nIt was set up.\n7:00am: Three\nIt was new."
BLOG = Article("blog", _BLOG, published="2023-01-02", entries=find_entries(_BLOG, None, None))
NONE: Numbers = np.zeros(0, np.int64)
FIELD = st.none() | st.text(st.characters(codec="utf-8"), max_size=20)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "catalogue.sqlite"


@pytest.fixture
def catalogue(path: Path) -> Iterator[Catalogue]:
    opened = Catalogue(path, writable=True)
    put(opened, 1, SHIP)
    put(opened, 2, BLOG)
    opened.commit(Sizes(5, 12, 30))
    yield opened
    opened.close()


def put(catalogue: Catalogue, number: int, article: Article) -> None:
    catalogue.put(number, article, place_of(article), f"record of {article.id}")


def numbers(*found: int) -> Numbers:
    return np.array(found, dtype=np.int64)


def named(found: Sequence[Numbered]) -> list[tuple[int, str]]:
    return [(each.number, each.article.id) for each in found]


def test_an_article_comes_back_as_it_was_put(catalogue: Catalogue) -> None:
    assert catalogue.article(1) == SHIP
    assert catalogue.article(2) == BLOG
    assert catalogue.article(3) is None


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    """What is put there stays."""
    opened = Catalogue(tmp_path_factory.mktemp("crowded") / "any.sqlite", writable=True)
    yield opened
    opened.close()


@given(st.text(st.characters(codec="utf-8")), FIELD, FIELD, FIELD)
def test_any_article_comes_back_as_it_was_put(
    crowded: Catalogue, text: str, title: str | None, source: str | None, url: str | None
) -> None:
    number = len(crowded)
    article = Article(f"any{number}", text, title=title, source=source, url=url)
    put(crowded, number, article)
    assert crowded.article(number) == article


def test_articles_come_in_the_order_of_their_numbers(catalogue: Catalogue) -> None:
    put(catalogue, 9, replace(SHIP, id="a late one"))
    assert named(list(catalogue.articles())) == [(1, "ship"), (2, "blog"), (9, "a late one")]


@pytest.mark.parametrize(
    ("after", "limit", "found"), [(-1, -1, [1, 2]), (1, -1, [2]), (-1, 1, [1]), (2, 9, [])]
)
def test_articles_come_behind_a_number_and_up_to_a_limit(
    catalogue: Catalogue, after: int, limit: int, found: list[int]
) -> None:
    assert [each.number for each in catalogue.articles(after, limit)] == found


def test_an_id_has_the_numbers_of_the_article_and_its_older_versions(catalogue: Catalogue) -> None:
    put(catalogue, 3, replace(SHIP, text="All is changed."))
    assert catalogue.numbers_of("ship") == [1, 3]
    assert catalogue.numbers_of("unknown") == []


def test_articles_are_found_by_the_digest_of_their_text(catalogue: Catalogue) -> None:
    put(catalogue, 3, replace(SHIP, id="a copy", title="Another"))
    assert catalogue.with_digest(SHIP.digest) == [1, 3]
    assert catalogue.with_digest("sha256:ab") == []


def test_articles_are_counted(catalogue: Catalogue, tmp_path: Path) -> None:
    assert (len(catalogue), catalogue.last_number()) == (2, 2)
    empty = Catalogue(tmp_path / "empty.sqlite", writable=True)
    assert (len(empty), empty.last_number()) == (0, None)
    assert empty.newest(NONE) is None
    assert [*empty.titles(), *empty.known(), *empty.articles()] == []
    empty.close()


def test_the_newest_date_is_of_publication_or_update(catalogue: Catalogue) -> None:
    assert catalogue.newest(NONE) == "2023-01-02"
    put(catalogue, 3, replace(SHIP, updated="2024-05-06"))
    assert catalogue.newest(NONE) == "2024-05-06"


def test_removed_articles_are_not_the_newest(catalogue: Catalogue) -> None:
    assert catalogue.newest(numbers(2)) == "2022-10-01"
    assert catalogue.newest(numbers(1, 2)) is None


def test_titles_come_newest_first_without_the_articles_that_have_none(
    catalogue: Catalogue,
) -> None:
    put(catalogue, 3, Article("late", "Late words.", title="Late", published="2024-01-01"))
    put(catalogue, 4, Article("timeless", "Old words.", title="Timeless"))
    assert list(catalogue.titles()) == [
        ("2024-01-01", 3, "Late"),
        ("2022-09-29", 1, "A ferry"),
        ("", 4, "Timeless"),
    ]


def test_what_is_known_of_an_article_is_its_number_place_record_and_what_tells_it(
    catalogue: Catalogue,
) -> None:
    assert list(catalogue.known()) == [
        Known(number, each.id, place_of(each), f"record of {each.id}", each.digest, each.url)
        for number, each in ((1, SHIP), (2, BLOG))
    ]


def test_a_source_keeps_the_number_it_was_given(catalogue: Catalogue) -> None:
    first = catalogue.number_source("Süddeutsche Zeitung")
    assert catalogue.number_source("Gazette") != first
    assert catalogue.number_source("Süddeutsche Zeitung") == first
    assert catalogue.source_number("Süddeutsche Zeitung") == first
    assert catalogue.source_number("süddeutsche zeitung") is None


def test_the_sizes_last_committed_are_kept(catalogue: Catalogue, tmp_path: Path) -> None:
    catalogue.commit(Sizes(7, 15, 40))
    assert catalogue.sizes() == Sizes(passages=7, rows=15, terms=40)
    fresh = Catalogue(tmp_path / "fresh.sqlite", writable=True)
    assert fresh.sizes() == Sizes(0, 0, 0)
    fresh.close()


def test_what_was_not_committed_is_not_there_after_a_crash(
    catalogue: Catalogue, path: Path
) -> None:
    put(catalogue, 3, replace(SHIP, id="not committed"))
    catalogue.close()
    again = Catalogue(path, writable=True)
    assert (len(again), again.last_number(), again.sizes()) == (2, 2, Sizes(5, 12, 30))
    again.close()


def test_two_articles_cannot_have_one_number(catalogue: Catalogue) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        put(catalogue, 1, BLOG)


def test_a_text_that_does_not_match_its_digest_is_refused(catalogue: Catalogue, path: Path) -> None:
    with sqlite3.connect(path) as writer:
        writer.execute("UPDATE texts SET text = (SELECT text FROM texts WHERE number = 2)")
    writer.close()
    with pytest.raises(DamagedError, match="a text of article 'ship' that does not match"):
        catalogue.article(1)
    with pytest.raises(DamagedError, match="'ship' that does not match its digest"):
        list(catalogue.articles())


@pytest.mark.parametrize("forged", [b"Forged.", b"", "Forged.", 7])
def test_a_text_that_cannot_be_unpacked_is_refused(
    catalogue: Catalogue, path: Path, forged: bytes | str | int
) -> None:
    with sqlite3.connect(path) as writer:
        writer.execute("UPDATE texts SET text = ? WHERE number = 1", (forged,))
    writer.close()
    with pytest.raises(DamagedError, match="a text of article 'ship' that cannot be read"):
        catalogue.article(1)


def test_a_finished_catalogue_is_one_file_and_stays_so_when_read(
    catalogue: Catalogue, path: Path
) -> None:
    catalogue.finish()
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    reader = Catalogue(path)
    assert len(reader) == 2
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    reader.close()


def test_a_catalogue_opened_to_read_cannot_be_written(catalogue: Catalogue, path: Path) -> None:
    catalogue.finish()
    reader = Catalogue(path)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        put(reader, 3, SHIP)
    reader.close()


def test_a_catalogue_of_before_is_read_and_written_without_what_told_its_dates(
    catalogue: Catalogue, path: Path
) -> None:
    catalogue.finish()
    with closing(sqlite3.connect(path)) as db:
        for name in ("published_from", "updated_from", "indexed"):
            db.execute(f"ALTER TABLE articles DROP COLUMN {name}")
    reader = Catalogue(path)
    bare = replace(SHIP, published_from=None, updated_from=None, indexed=None)
    assert reader.article(1) == bare
    assert [each.indexed for each in reader.listed()] == [None, None]
    reader.close()
    writer = Catalogue(path, writable=True)
    put(writer, 3, SHIP)
    assert (writer.article(1), writer.article(3)) == (bare, SHIP)
    writer.close()


PAGE = "https://example.org/2022/strike"


@pytest.mark.parametrize(
    "address",
    [
        f"{PAGE}#:~:text=dawn",
        f"{PAGE}/",
        f"{PAGE}?utm_source=letter&utm_medium=mail",
        f"{PAGE}?fbclid=x&gclid=y#top",
        "http://EXAMPLE.org:80/2022/strike",
        "  HTTPS://example.org:443/2022/strike ",
    ],
)
def test_fragment_tracking_scheme_and_last_slash_do_not_make_another_page(address: str) -> None:
    assert page_key(address) == page_key(PAGE) == "example.org/2022/strike"


@pytest.mark.parametrize(
    "address",
    [
        f"{PAGE}?page=2",
        "https://example.org/2022/Strike",
        "https://example.org:8443/2022/strike",
        "https://news.example.org/2022/strike",
        "https://example.org/2022",
    ],
)
def test_other_hosts_ports_paths_and_queries_are_other_pages(address: str) -> None:
    assert page_key(address) != page_key(PAGE)


def test_the_order_of_a_query_does_not_matter() -> None:
    assert page_key(f"{PAGE}?b=2&a=1") == page_key(f"{PAGE}?a=1&utm_id=7&b=2")


@pytest.mark.parametrize(
    "address", [None, "", "about:srcdoc", "file:///a", "javascript:alert(1)", "http://[", "http://"]
)
def test_what_is_no_web_address_is_no_page(address: str | None) -> None:
    assert page_key(address) is None


def test_articles_are_found_by_the_key_of_their_address() -> None:
    found = pages_by_url([(1, PAGE), (2, "about:blank"), (3, f"{PAGE}/#end")])
    assert found == {"example.org/2022/strike": (1, 3)}


@given(st.text())
def test_any_text_has_a_key_or_none(address: str) -> None:
    key = page_key(f"https://{address}")
    assert key is None or "#" not in key.split("?")[0]


def test_a_file_that_is_no_database_is_told_as_damaged(path: Path) -> None:
    path.write_bytes(b"not a database" * 100)
    for read in (lambda: Catalogue(path).article(1), lambda: Catalogue(path).numbers_of("ship")):
        with pytest.raises(DamagedError, match="cannot be read"):
            read()
