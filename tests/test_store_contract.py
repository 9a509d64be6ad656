"""What every store has to do, whatever keeps the passages: add a second one to `STORES`."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from index.analysis import Analyzer, term_codes, words
from index.article import Article
from index.build import build
from index.build.removal import remove_articles
from index.build.versions import find_version, version_faults
from index.dates import time_range
from index.embed import PassageText, PassageVectors, passage_text
from index.keys import Keys, blocks_of, number_of, numbers_of
from index.period import EVERYTHING, Period, Selection
from index.split import split, subject_of
from index.store import Store, open_store, open_writer, published_stamp, verify
from qa.answer import Question
from qa.ask import Asker
from qa.search import Searcher
from tests.fakes import HashEncoder, no_progress
from tests.milvus import milvus_lite

ENCODER = HashEncoder()
TOPICS = ("ferry", "comet", "bakery", "glacier", "violin", "harvest", "tunnel", "orchard")
PLACES = ("Bergen", "Lisbon", "Quito", "Hanoi", "Perth")
COUNT = len(TOPICS) * len(PLACES)
ASKED_AT = datetime(2026, 1, 31, 12, tzinfo=UTC)

# The names of places to keep a store in, by a folder that is the test's own.
STORES: dict[str, Callable[[Path], Path]] = {
    "local": lambda folder: folder / "data",
    "milvus-lite": lambda folder: milvus_lite(folder / "data"),
}


def story(number: int) -> str:
    """A small article, unlike all others: a front matter and three paragraphs."""
    topic, place = TOPICS[number % len(TOPICS)], PLACES[number // len(TOPICS)]
    return (
        f"---\ntitle: The {topic} of {place}\nsource: {'Gazette' if number % 2 else 'Courier'}\n"
        f"published: {2000 + number // 2}-0{1 + number % 9}-15\n"
        f"url: https://example.org/{place}/{topic}?utm_source=feed\n---\n"
        f"The {topic} of {place} has number {100 + number}. People came to see it.\n\n"
        f"Its keeper was born in {place}. {100 + number} visitors signed the book.\n\n"
        f"Where is the {topic} now? It stands in {place}.\n"
    )


def write_stories(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(COUNT):
        (folder / f"story{number:02}.md").write_text(story(number), encoding="utf-8")
    return folder


@pytest.fixture(scope="module", params=STORES)
def data(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All stories, published; not to be changed."""
    folder = tmp_path_factory.mktemp("contract")
    place = STORES[request.param](folder)
    build([write_stories(folder / "stories")], place, ENCODER, no_progress)
    return place


@pytest.fixture(scope="module")
def store(data: Path) -> Iterator[Store]:
    with closing(open_store(data, ENCODER.model)) as opened:
        yield opened


@pytest.fixture(params=STORES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Where a store can be made."""
    return STORES[request.param](tmp_path)


def asked(question: str) -> tuple[np.ndarray[tuple[int], np.dtype[np.float32]], list[str]]:
    return ENCODER.encode_query(question), Analyzer().terms(question)


def ids(store: Store, keys: Keys) -> list[str]:
    return [store.locate(key).article.id for key in keys.tolist()]


def period(after: str | None = None, before: str | None = None) -> Period:
    return Period(time_range(after) if after else None, time_range(before) if before else None)


def all_keys(store: Store) -> Keys:
    return store.nearest(ENCODER.encode_query("the"), 10_000, EVERYTHING)


def test_it_tells_what_it_holds(store: Store) -> None:
    info = store.info
    assert (info.generation, info.counts.articles) == (1, COUNT)
    assert info.model == ENCODER.model
    assert info.newest == "2019-04-15"
    assert info.bytes > 0
    assert sum(part.passages for part in info.parts) == info.counts.passages
    assert store.mean_article_terms == pytest.approx(_all_terms(store) / COUNT)


def _all_terms(store: Store) -> int:
    return int(store.rows(all_keys(store)).row_terms.sum())


def test_the_passage_nearest_to_its_own_words_comes_first(store: Store) -> None:
    for number in (0, 17, COUNT - 1):
        article = store.article(f"story{number:02}")
        assert article is not None
        title = article.title or ""
        vector, terms = asked(f"{title} {article.text}")
        assert ids(store, store.nearest(vector, 1, EVERYTHING)) == [article.id]
        assert ids(store, store.bm25(terms, 1, EVERYTHING)) == [article.id]


def test_candidates_come_best_first_and_no_more_than_asked_for(store: Store) -> None:
    vector, terms = asked("the ferry of Bergen")
    for ten, all_of_them in (
        (store.nearest(vector, 10, EVERYTHING), store.nearest(vector, 10_000, EVERYTHING)),
        (store.bm25(terms, 10, EVERYTHING), store.bm25(terms, 10_000, EVERYTHING)),
    ):
        assert len(ten) == len(set(ten.tolist())) == 10
        assert ten.tolist() == all_of_them[:10].tolist()
    assert ids(store, store.bm25(terms, 1, EVERYTHING)) == ["story00"]
    assert store.bm25([], 10, EVERYTHING).tolist() == []
    assert store.bm25(terms, 0, EVERYTHING).tolist() == []


@pytest.mark.parametrize(
    "selection",
    [
        Selection(period("2010")),
        Selection(period(None, "2004-06")),
        Selection(period("2003", "2011"), source="Gazette"),
        Selection(source="Courier"),
        Selection(source="Nobody"),
        Selection(period("2003"), within=period(None, "2005")),
        Selection(period("2030")),
    ],
)
def test_filters_hold_for_words_and_vectors_alike(store: Store, selection: Selection) -> None:
    vector, terms = asked("the people of the place")
    expected = {
        each.id
        for each in store.listed()
        if (selection.source or each.source) == each.source and _inside(each.published, selection)
    }
    assert set(ids(store, store.nearest(vector, 10_000, selection))) == expected
    assert set(ids(store, store.bm25(terms, 10_000, selection))) == expected


def _inside(published: str | None, selection: Selection) -> bool:
    assert published is not None
    day = time_range(published)
    return all(
        (part.after is None or day.start >= part.after.start)
        and (part.before is None or day.end <= part.before.end)
        for part in selection.periods
    )


def test_a_selection_of_articles_holds(store: Store) -> None:
    numbers = store.articles_at("https://example.org/Quito/comet")
    vector, terms = asked("the violin of Perth")
    only = Selection(articles=frozenset(numbers))
    for keys in (store.nearest(vector, 99, only), store.bm25(terms, 99, only)):
        assert set(numbers_of(keys).tolist()) == set(numbers)
    but = Selection(without=frozenset(numbers))
    for keys in (store.nearest(vector, 10_000, but), store.bm25(terms, 10_000, but)):
        assert len(set(numbers_of(keys).tolist())) == COUNT - 1
        assert set(numbers_of(keys).tolist()).isdisjoint(numbers)
    assert store.nearest(vector, 99, Selection(articles=frozenset())).tolist() == []


def test_it_knows_who_may_read_an_article_and_from_when(place: Path, tmp_path: Path) -> None:
    folder = tmp_path / "stories"
    folder.mkdir()
    for name, told in {
        "open": "published: 2020-01-02",
        "paid": "published: 2020-01-01\nvisibility: members",
        "later": "published: 2999-01-02\nsource: Gazette\nembargo: 2999-01-02T06:00:00+01:00",
        "hidden": "visibility: hidden",
    }.items():
        text = f"---\n{told}\n---\nThe {name}word stood in the {name}-story."
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    build([folder], place, ENCODER, no_progress)
    with closing(open_store(place, ENCODER.model)) as store:
        listed = {each.id: (each.visibility, each.embargo) for each in store.listed()}
        assert listed == {
            "open": ("public", None),
            "paid": ("members", None),
            "later": ("public", "2999-01-02T06:00:00+01:00"),
        }
        [embargo] = store.embargoes()
        later = store.article_numbered(embargo.number)
        assert later == store.article("later")
        assert (later.embargo, embargo.source) == (embargo.until, "Gazette") if later else False
        # Words that not all may read are known, and not counted; nor is their date.
        counted = {word: count for word, count in store.spellings() if word.endswith("word")}
        assert counted == {"openword": 1, "paidword": 0, "laterword": 0}
        assert store.forms() == [("openstory", "open story")]
        assert store.info.newest == "2020-01-02"


def test_an_article_is_found_by_its_address_id_and_number(store: Store) -> None:
    [number] = store.articles_at("http://example.org/Quito/comet/#top")
    article = store.article_numbered(number)
    assert article is not None
    assert article == store.article(article.id)
    assert article.title == "The comet of Quito"
    assert store.articles_at("https://example.org/nowhere") == ()
    assert store.articles_at(None) == ()
    assert store.article("nowhere") is None
    assert store.article_numbered(10_000) is None


def test_every_passage_is_located_by_its_key(store: Store) -> None:
    keys = all_keys(store)
    assert len(keys) == store.info.counts.passages
    for key in keys.tolist():
        located = store.locate(key)
        assert located.key == key
        assert located.passage in split(located.article)


def test_articles_are_listed_with_their_passages(store: Store) -> None:
    listed = list(store.listed())
    assert len({each.number for each in listed}) == len(listed) == COUNT
    assert [each.number for each in listed] == sorted((e.number for e in listed), reverse=True)
    assert sum(store.passage_count(each.number) for each in listed) == store.info.counts.passages
    for each in listed[:3]:
        article = store.article_numbered(each.number)
        assert article is not None
        told = (article.id, article.digest, article.title, article.source, article.published)
        assert told == (each.id, each.digest, each.title, each.source, each.published)
        assert each.file.endswith(f"{each.id}.md")


def test_titles_come_newest_first_and_sources_by_alphabet(store: Store) -> None:
    dated = {each.title: each.published or "" for each in store.listed()}
    titles = list(store.titles())
    assert set(titles) == set(dated)
    dates = [dated[title] for title in titles]
    assert dates == sorted(dates, reverse=True)
    assert store.sources() == ["Courier", "Gazette"]


def test_rows_are_the_vectors_and_terms_of_the_passages(store: Store) -> None:
    keys = all_keys(store)[[3, 1, 2]]
    rows = store.rows(keys)
    assert sorted(rows.keys.tolist()) == sorted(keys.tolist())
    assert len(rows.vectors) == len(rows.row_terms) == len(rows.row_asks) == rows.counts.sum()
    assert len(rows.terms) == rows.row_terms.sum()
    first = 0
    for key, count in zip(rows.keys.tolist(), rows.counts.tolist(), strict=True):
        passage = store.locate(key).passage
        assert count == 1 + len(passage.sentences)
        questions = [passage.words(span).endswith("?") for span in passage.sentences]
        assert rows.row_asks[first + 1 : first + count].tolist() == questions
        first += count
    nothing = store.rows(keys[:0])
    assert nothing.vectors.shape == (0, ENCODER.model.dimension)


def test_around_passages_is_all_of_their_article(store: Store) -> None:
    keys = all_keys(store)[[0, 5]]
    found = store.around(keys)
    expected = [key for key in sorted(all_keys(store).tolist()) if number_of(key) in _numbers(keys)]
    assert found.keys.tolist() == expected
    assert set(blocks_of(found.keys).tolist()) == set(blocks_of(keys).tolist())
    assert len(found.vectors) == len(found.counts) == len(expected)
    assert len(found.terms) == found.counts.sum()


def _numbers(keys: Keys) -> set[int]:
    return set(numbers_of(keys).tolist())


def test_document_frequency_counts_the_passages_of_a_term(store: Store) -> None:
    terms = [*Analyzer().terms("ferry keeper Bergen"), "nowhere"]
    keys = all_keys(store)
    holding = [
        sum(code in store.rows(keys[[place]]).terms for place in range(len(keys)))
        for code in term_codes(terms)
    ]
    assert store.document_frequency(terms).tolist() == holding
    assert store.document_frequency([]).tolist() == []


def test_forms_are_those_that_its_passages_teach(store: Store) -> None:
    assert store.forms() == []


def test_spellings_are_all_words_with_the_number_of_their_passages(store: Store) -> None:
    texts = [store.locate(key) for key in all_keys(store).tolist()]
    said = [set(words(f"{each.article.title} {each.passage.text}")) for each in texts]
    counts = Counter(word for each in said for word in each)
    assert dict(store.spellings()) == counts


def test_times_are_those_of_the_articles(store: Store) -> None:
    keys = all_keys(store)[:5]
    published = [store.locate(key).article.published or "" for key in keys.tolist()]
    days = [datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() for day in published]
    assert store.times(keys).tolist() == days
    assert store.days.newest == datetime(2019, 4, 15).date()


def test_words_have_unit_vectors_and_those_not_known_none(store: Store) -> None:
    vectors = store.word_vectors(term_codes([*Analyzer().terms("ferry"), "nowhere"]))
    assert np.linalg.norm(vectors, axis=1).tolist() == pytest.approx([1, 0], abs=0.02)


def answers(store: Store) -> list[Sequence[tuple[str, int, int]]]:
    """What is cited for questions, each by article and span."""
    asker = Asker(store, Searcher(store, ENCODER), lambda: ASKED_AT)
    questions = ("Where is the ferry of Bergen?", "Who keeps the violin of Perth?", "Who is it?")
    return [
        [(each.article.id, each.quote_start, each.quote_end) for each in answer.citations]
        for answer in (asker.ask(Question(question)) for question in questions)
    ]


def test_answers_are_those_of_the_local_store(store: Store, tmp_path: Path) -> None:
    build([write_stories(tmp_path / "stories")], tmp_path / "data", ENCODER, no_progress)
    with closing(open_store(tmp_path / "data")) as local:
        found = answers(local)
    assert found[0][0][0] == "story00"
    assert answers(store) == found


def test_nothing_is_wrong_with_what_is_published(data: Path) -> None:
    assert list(verify(data)) == []


def test_what_is_removed_is_found_no_more(place: Path, tmp_path: Path) -> None:
    build([write_stories(tmp_path / "stories")], place, ENCODER, no_progress)
    before = published_stamp(place)
    remove_articles(place, ["story00"])
    assert published_stamp(place) not in (before, None)
    with closing(open_store(place)) as store:
        assert store.info.counts.articles == len(list(store.listed())) == COUNT - 1
        assert store.article("story00") is None
        assert store.articles_at("https://example.org/Bergen/ferry") == ()
        assert "The ferry of Bergen" not in set(store.titles())
        vector, terms = asked("The ferry of Bergen has number 100")
        assert "story00" not in ids(store, store.nearest(vector, 10_000, EVERYTHING))
        assert "story00" not in ids(store, store.bm25(terms, 10_000, EVERYTHING))


def test_what_an_article_said_is_found_by_its_digest_until_the_article_is_removed(
    place: Path, tmp_path: Path
) -> None:
    stories = write_stories(tmp_path / "stories")
    build([stories], place, ENCODER, no_progress)
    said = list[Article]()
    for text in ("The ferry sank.", "The ferry sails again."):
        with closing(open_store(place)) as store:
            said.extend(each for each in [store.article("story00")] if each)
        (stories / "story00.md").write_text(text)
        build([stories], place, ENCODER, no_progress)
    assert len(said) == 2
    for before in said:
        for digest in (before.digest, before.digest[:19]):
            found = find_version(place, "story00", digest)
            assert found == replace(before, is_former=True)
        assert find_version(place, "story01", before.digest) is None
    assert find_version(place, "story00", "0" * 64) is None
    assert list(version_faults(place)) == []
    remove_articles(place, ["story00"])
    assert [find_version(place, "story00", each.digest) for each in said] == [None, None]


class _StoppedError(Exception):
    pass


class _Stopped(HashEncoder):
    """Fails at the first passages, as a build that is killed does."""

    def encode_passages(self, passages: Sequence[PassageText]) -> list[PassageVectors]:
        raise _StoppedError


def test_a_build_that_ends_early_leaves_the_generation_before(place: Path, tmp_path: Path) -> None:
    stories = write_stories(tmp_path / "stories")
    build([stories], place, ENCODER, no_progress)
    before = published_stamp(place)
    (stories / "story00.md").write_text("The ferry sank.")
    with pytest.raises(_StoppedError):
        build([stories], place, _Stopped(), no_progress)
    assert published_stamp(place) == before
    with closing(open_store(place)) as store:
        assert store.info.generation == 1
        article = store.article("story00")
    assert article is not None
    assert "sank" not in article.text
    report = build([stories], place, ENCODER, no_progress)
    assert (report.changed, report.info.generation) == (1, 2)
    assert published_stamp(place) not in (before, None)


def test_a_reader_keeps_its_generation_while_the_next_is_published(
    place: Path, tmp_path: Path
) -> None:
    stories = write_stories(tmp_path / "stories")
    build([stories], place, ENCODER, no_progress)
    with closing(open_store(place)) as old:
        (stories / "story00.md").write_text("The ferry sank.")
        build([stories], place, ENCODER, no_progress)
        with closing(open_store(place, ENCODER.model, old)) as new:
            texts = [store.article("story00") for store in (old, new)]
    assert ["sank" in text.text for text in texts if text] == [False, True]


def test_a_writer_knows_what_is_published_and_has_its_vectors(place: Path, tmp_path: Path) -> None:
    stories = write_stories(tmp_path / "stories")
    assert published_stamp(place) is None
    build([stories], place, ENCODER, no_progress)
    with open_writer(place) as writer:
        known = {each.id: each.number for each in writer.known()}
        assert len(known) == COUNT
        assert writer.published is not None
        article = writer.article_numbered(known["story07"])
        assert isinstance(article, Article)
        texts = {passage_text(subject_of(article), each) for each in split(article)}
        assert set(writer.reusable_rows(article)) == texts
        grown = replace(article, text=f"Another beginning.\n\n{article.text}")
        assert set(writer.reusable_rows(grown)) == texts
        assert writer.reusable_rows(Article("new", "Never seen.")) == {}
