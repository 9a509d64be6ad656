from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from index.article import Article
from index.build.ledger import record_digest
from index.build.pipeline import Reader, Reading
from index.readers import Finding, Found, Remark, Unreadable
from index.store.base import Known
from index.store.draft import Draft
from tests.fakes import no_progress
from tests.segments import new_draft, place_of

SHIP = Article("ship", "The ferry left.")
DAM = Article("dam", "The dam broke.")
OWL = Article("owl", "An owl called.")


@pytest.fixture
def draft(tmp_path: Path) -> Iterator[Draft]:
    opened = new_draft(tmp_path / "draft", first_number=10)
    yield opened
    opened.close()


def found(*articles: Article) -> list[Finding]:
    return [Found(place_of(article).origin, article) for article in articles]


def known(*articles: Article) -> list[Known]:
    """As published under the numbers from 1 on."""
    return [
        Known(number, article.id, place_of(article), record_digest(article))
        for number, article in enumerate(articles, start=1)
    ]


def read(
    draft: Draft, published: Sequence[Known], findings: Sequence[Finding], *, prune: bool = False
) -> Reading:
    reader = Reader(published, draft, no_progress)
    reader.run(findings, prune=prune)
    assert reader.failure is None
    assert reader.done.is_set()
    return reader.reading


def test_new_articles_are_put_in_the_draft(draft: Draft) -> None:
    reading = read(draft, [], found(SHIP, DAM))
    assert (reading.read, reading.kept, reading.removed) == (2, {10, 11}, set())
    assert [each.id for each in draft.known()] == ["ship", "dam"]
    assert draft.passages == 2


def test_unchanged_articles_are_not(draft: Draft) -> None:
    reading = read(draft, known(SHIP, DAM), found(SHIP, DAM))
    assert reading.nothing_new
    assert (reading.read, draft.known()) == (2, [])


def test_a_changed_article_takes_the_place_of_its_number_before(draft: Draft) -> None:
    changed = Article("dam", "The dam held.")
    reading = read(draft, known(SHIP, DAM), found(SHIP, changed))
    assert (reading.kept, reading.removed) == ({10}, {2})


@pytest.mark.parametrize(("prune", "removed"), [(True, {2}), (False, set())])
def test_what_is_gone_is_removed_only_where_asked_for(
    draft: Draft, prune: bool, removed: set[int]
) -> None:
    reading = read(draft, known(SHIP, DAM), found(SHIP), prune=prune)
    assert reading.removed == removed
    assert reading.pruned == len(removed)
    assert reading.nothing_new is not prune


def test_what_an_earlier_build_put_is_not_put_again(draft: Draft) -> None:
    read(draft, [], found(SHIP, DAM))
    reading = read(draft, [], found(SHIP, DAM, OWL))
    assert (reading.kept, reading.removed) == ({10, 11, 12}, set())
    assert [each.id for each in draft.known()] == ["ship", "dam", "owl"]


def test_what_an_earlier_build_put_for_nothing_is_removed(draft: Draft) -> None:
    """The article has changed since, or its source is gone."""
    read(draft, [], found(SHIP, DAM, OWL))
    changed = Article("dam", "The dam held.")
    reading = read(draft, [], found(SHIP, changed))
    assert (reading.kept, reading.removed) == ({10, 13}, {11, 12})


def test_faults_and_remarks_are_kept_in_their_order(draft: Draft) -> None:
    faults = [Unreadable(f"/news/{name}.txt", "holds no words") for name in "ab"]
    remark = Remark("/news/ship.txt", "has an odd date")
    reading = read(draft, [], [faults[0], *found(SHIP), remark, faults[1]])
    assert (reading.faults, reading.remarks, reading.read) == (faults, [remark], 1)


def test_what_is_raised_is_kept_for_the_thread_that_waits(draft: Draft) -> None:
    def failing() -> Iterator[Finding]:
        yield from found(SHIP)
        raise OSError("the disk is gone")

    reader = Reader([], draft, no_progress)
    reader.run(failing(), prune=True)
    assert reader.done.is_set()
    assert str(reader.failure) == "the disk is gone"


def test_a_stopped_reader_takes_no_more(draft: Draft) -> None:
    taken: list[str] = []

    def watched() -> Iterator[Finding]:
        for item in found(SHIP, DAM, OWL):
            taken.append(item.origin if isinstance(item, Found) else "")
            yield item

    def stop(stage: str, done: int, total: int | None) -> None:
        reader.stop()

    reader = Reader([], draft, stop)
    reader.run(watched(), prune=False)
    assert reader.done.is_set()
    assert len(taken) == 2
    assert [each.id for each in draft.known()] == ["ship"]


def test_progress_tells_the_articles_read(draft: Draft) -> None:
    told: list[tuple[str, int, int | None]] = []
    Reader([], draft, lambda *step: told.append(step)).run(found(SHIP, DAM), prune=False)
    assert told == [("reading", 1, None), ("reading", 2, None)]
