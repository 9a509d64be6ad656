import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.article import Article
from index.catalogue import Catalogue, Counts, Known, Place
from index.dates import time_range
from index.embed import passage_text
from index.errors import DamagedError
from index.period import Period
from index.readers.liveblog import find_entries
from index.split import split
from tests.fakes import HashEncoder

SHIP = Article(
    id="ship",
    text="The ferry \N{FERRY} left Łódź at noon. Nobody wept.\n\nIt came back.",
    title="A ferry",
    source="Süddeutsche Zeitung",
    author="Ida Marsh",
    published="2022-09-29",
    updated="2022-10-01",
    url="https://example.org/ferry",
)
_BLOG = "Lead.\n9:00am: One\nIt began.\n8:00am: Two\nIt was set up.\n7:00am: Three\nIt was new."
BLOG = Article("blog", _BLOG, published="2023-01-02", entries=find_entries(_BLOG, None, None))
OPEN = Period()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "catalogue.sqlite"


@pytest.fixture
def catalogue(path: Path) -> Iterator[Catalogue]:
    opened = Catalogue(path, writable=True)
    for article in (SHIP, BLOG):
        put(opened, article)
    opened.commit()
    yield opened
    opened.close()


def put(catalogue: Catalogue, article: Article) -> None:
    place = Place(f"/news/{article.id}.txt", f"/news/{article.id}.txt")
    catalogue.put(article, place, f"record of {article.id}", split(article))


def embed(catalogue: Catalogue) -> None:
    encoder = HashEncoder()
    for worded in catalogue.next_not_embedded(100):
        [vectors] = encoder.encode_passages([passage_text(worded.title, worded.passage)])
        catalogue.set_vectors(worded.key, vectors)
    catalogue.commit()


def embedded(catalogue: Catalogue) -> int:
    return catalogue.counts().passages - catalogue.not_embedded()


def ids_in(catalogue: Catalogue, period: Period, source: str | None = None) -> set[str]:
    keys = set(catalogue.keys_in(period, source).tolist())
    return {w.passage.article_id for w in catalogue.every_passage() if w.key in keys}


def test_an_article_comes_back_as_it_was_put(catalogue: Catalogue) -> None:
    assert catalogue.article("ship") == SHIP
    assert catalogue.article("blog") == BLOG
    assert catalogue.article("unknown") is None
    assert list(catalogue.articles()) == [BLOG, SHIP]


def test_passages_come_back_as_they_were_split(catalogue: Catalogue) -> None:
    passages = [worded.passage for worded in catalogue.every_passage()]
    assert passages == [*split(BLOG), *split(SHIP)]


def test_counts_are_those_of_what_is_there(catalogue: Catalogue) -> None:
    assert catalogue.counts() == Counts(articles=2, passages=5, sentences=7)
    catalogue.remove("blog")
    assert catalogue.counts() == Counts(articles=1, passages=1, sentences=3)


def test_an_empty_catalogue_counts_nought(tmp_path: Path) -> None:
    empty = Catalogue(tmp_path / "empty.sqlite", writable=True)
    assert empty.counts() == Counts(0, 0, 0)
    assert empty.newest() is None
    empty.close()


def test_the_newest_date_is_of_publication_or_update(catalogue: Catalogue) -> None:
    assert catalogue.newest() == "2023-01-02"
    put(catalogue, replace(SHIP, updated="2024-05-06"))
    assert catalogue.newest() == "2024-05-06"


def test_titles_come_newest_first_without_the_articles_that_have_none(
    catalogue: Catalogue,
) -> None:
    put(catalogue, Article("late", "Late words.", title="Late", published="2024-01-01"))
    put(catalogue, Article("timeless", "Old words.", title="Timeless"))
    assert list(catalogue.titles()) == ["Late", "A ferry", "Timeless"]


def test_what_is_known_of_an_article_is_its_place_and_record(catalogue: Catalogue) -> None:
    assert catalogue.known()[1] == Known(
        "ship", Place("/news/ship.txt", "/news/ship.txt"), "record of ship"
    )


def test_putting_an_article_again_replaces_its_passages_only(catalogue: Catalogue) -> None:
    before = {w.key for w in catalogue.every_passage() if w.passage.article_id == "blog"}
    put(catalogue, replace(SHIP, text="All is changed."))
    texts = {w.key: w.passage.text for w in catalogue.every_passage()}
    assert before < set(texts)
    assert [texts[key] for key in texts if key not in before] == ["All is changed."]


def test_vectors_are_kept_under_the_key_of_their_passage(catalogue: Catalogue) -> None:
    assert catalogue.not_embedded() == 5
    embed(catalogue)
    assert catalogue.not_embedded() == 0
    keys, vectors = catalogue.vectors()
    [made] = HashEncoder().encode_passages([passage_text("A ferry", split(SHIP)[0])])
    ship_key = next(w.key for w in catalogue.every_passage() if w.passage.article_id == "ship")
    np.testing.assert_allclose(vectors[keys.tolist().index(ship_key)], made.passage, atol=1e-3)
    stored = catalogue.passages([ship_key])[ship_key]
    np.testing.assert_allclose(stored.sentence_vectors, made.sentences, atol=1e-2)


def test_passages_come_by_key_and_unknown_keys_are_left_out(catalogue: Catalogue) -> None:
    embed(catalogue)
    keys = [worded.key for worded in catalogue.every_passage()]
    assert set(catalogue.passages([*keys, 12_345])) == set(keys)
    assert catalogue.passages([]) == {}


def test_ten_thousand_keys_can_be_asked_for_at_once(catalogue: Catalogue) -> None:
    embed(catalogue)
    assert len(catalogue.passages(range(10_000))) == 5


def test_vectors_are_taken_over_for_the_same_words_only(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    embed(catalogue)
    catalogue.finish()
    draft = Catalogue(tmp_path / "draft.sqlite", writable=True)
    put(draft, replace(SHIP, author="Someone else", published="1999-01-01", url=None))
    put(draft, replace(BLOG, text=f"{_BLOG} More."))
    draft.adopt_vectors(tmp_path / "catalogue.sqlite")
    assert embedded(draft) == len(split(SHIP))
    assert {w.passage.article_id for w in draft.next_not_embedded(9)} == {"blog"}
    draft.close()


def test_vectors_are_taken_over_under_another_id(catalogue: Catalogue, tmp_path: Path) -> None:
    embed(catalogue)
    catalogue.finish()
    draft = Catalogue(tmp_path / "draft.sqlite", writable=True)
    put(draft, replace(SHIP, id="moved"))
    draft.adopt_vectors(tmp_path / "catalogue.sqlite")
    assert embedded(draft) == len(split(SHIP))
    draft.close()


@pytest.mark.parametrize(
    "changed",
    [replace(SHIP, title="Another title"), replace(SHIP, title=None)],
    ids=["another title", "no title"],
)
def test_vectors_are_not_taken_over_where_other_words_stand_in_front(
    catalogue: Catalogue, tmp_path: Path, changed: Article
) -> None:
    embed(catalogue)
    catalogue.finish()
    draft = Catalogue(tmp_path / "draft.sqlite", writable=True)
    put(draft, changed)
    draft.adopt_vectors(tmp_path / "catalogue.sqlite")
    assert embedded(draft) == 0
    draft.close()


@pytest.mark.parametrize(
    ("after", "found"),
    [("2022", {"ship", "blog"}), ("2023", {"blog"}), ("2024", set())],
)
def test_a_period_finds_the_passages_from_it(
    catalogue: Catalogue, after: str, found: set[str]
) -> None:
    assert ids_in(catalogue, Period(after=time_range(after))) == found


def test_a_source_is_found_by_its_exact_name(catalogue: Catalogue) -> None:
    assert ids_in(catalogue, OPEN, "Süddeutsche Zeitung") == {"ship"}
    assert ids_in(catalogue, OPEN, "süddeutsche zeitung") == set()
    assert ids_in(catalogue, OPEN, "Gazette") == set()
    assert ids_in(catalogue, OPEN) == {"ship", "blog"}


def test_a_text_that_does_not_match_its_digest_is_refused(catalogue: Catalogue, path: Path) -> None:
    with sqlite3.connect(path) as writer:
        writer.execute("UPDATE articles SET text = 'Forged.' WHERE id = 'ship'")
    writer.close()
    with pytest.raises(DamagedError, match="a text of article 'ship' that does not match"):
        catalogue.article("ship")


def test_a_finished_catalogue_is_one_file_and_stays_so_when_read(
    catalogue: Catalogue, path: Path
) -> None:
    catalogue.finish()
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    reader = Catalogue(path)
    assert reader.counts().articles == 2
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    reader.close()


def test_a_catalogue_opened_to_read_cannot_be_written(catalogue: Catalogue, path: Path) -> None:
    catalogue.finish()
    reader = Catalogue(path)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        put(reader, SHIP)
    reader.close()
