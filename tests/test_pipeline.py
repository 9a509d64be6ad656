"""Reading in a thread of its own, and which vectors are taken over from the build before."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from index.article import Article
from index.build.ledger import record_digest
from index.build.pipeline import Reader, Reading, VectorReuse, embed_behind
from index.embed import PassageText, PassageVectors, passage_text
from index.readers import Finding, Found, Remark, Unreadable
from index.readers.liveblog import find_entries
from index.split import split, subject_of
from index.store.base import Known, Pending
from index.store.draft import Draft
from index.store.segment import Segment, open_segments
from index.store.writer import LocalWriter
from index.vectors import to_rows
from tests.fakes import DIMENSION, CountingEncoder, no_progress
from tests.segments import ENCODER, new_draft, place_of, put, write_segment

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
        Known(number, article.id, place_of(article), record_digest(article), article.digest, None)
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


def test_held_are_the_published_articles_and_those_that_a_stopped_build_left(draft: Draft) -> None:
    put(draft, OWL)
    reader = Reader(known(SHIP, DAM), draft, no_progress)
    assert [each.id for each in reader.held] == ["ship", "dam", "owl"]


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
    assert len(reading.gone) == len(removed)
    assert reading.nothing_new is not prune


def test_of_what_is_hidden_gone_or_has_another_id_former_versions_are_forgotten(
    draft: Draft,
) -> None:
    hidden = replace(DAM, text="The dam held.", visibility="hidden")
    renamed = Found(place_of(OWL).origin, replace(OWL, id="bird"))
    reading = read(draft, known(SHIP, DAM, OWL), [*found(hidden), renamed], prune=True)
    assert (reading.gone, reading.forgotten) == ({"ship"}, {"ship", "dam", "owl"})
    assert (reading.removed, reading.former) == ({1, 2, 3}, {})


def test_of_what_changes_under_its_id_nothing_is_forgotten(draft: Draft) -> None:
    reading = read(draft, known(SHIP, DAM), found(SHIP, Article("dam", "The dam held.")))
    assert (set(reading.former), reading.forgotten) == ({2}, set())


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


FERRY = Article(
    "ship", "The ferry left. Nobody wept.", title="A ferry", author="Ida", published="2022-09-29"
)
_BLOG = "Lead.\n9:00am: One\nIt began.\n8:00am: Two\nIt was set up.\n7:00am: Three\nIt was new."
BLOG = Article("blog", _BLOG, published="2023-01-02", entries=find_entries(_BLOG, None, None))
LONG = Article("long", "\n\n".join(f"Day {day} was like any other day." for day in range(200)))


@pytest.fixture(scope="module")
def segments(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Segment]]:
    data = tmp_path_factory.mktemp("segments")
    infos = [
        write_segment(data / "one", FERRY),
        write_segment(data / "two", BLOG, LONG, first_number=2),
    ]
    with open_segments(data, infos, DIMENSION) as segments:
        yield segments


def writer_of(segments: list[Segment]) -> LocalWriter:
    """A writer to these, which are published."""
    return LocalWriter(Path(), None, segments, None)


def reused(segments: list[Segment], article: Article) -> int:
    """Of how many passages the vectors are taken over; all of them are as they would be made."""
    before, count = VectorReuse(writer_of(segments).reusable_rows), 0
    for passage in split(article):
        rows = before.rows(Pending(article, passage))
        if rows is not None:
            [made] = ENCODER.encode_passages([passage_text(subject_of(article), passage)])
            assert (rows == to_rows(made)).all()
            count += 1
    return count


@pytest.mark.parametrize("article", [FERRY, BLOG, LONG], ids=lambda each: each.id)
def test_vectors_are_taken_over_for_the_same_words(
    segments: list[Segment], article: Article
) -> None:
    assert reused(segments, article) == len(split(article)) > 0


@pytest.mark.parametrize(
    "changed",
    [
        replace(FERRY, id="moved"),
        replace(FERRY, author="Someone else", published="1999-01-01", source="S", url="u"),
    ],
    ids=["another id", "other metadata"],
)
def test_vectors_are_taken_over_where_only_what_is_not_embedded_changed(
    segments: list[Segment], changed: Article
) -> None:
    assert reused(segments, changed) == 1


@pytest.mark.parametrize(
    "changed",
    [
        replace(FERRY, title="Another title"),
        replace(FERRY, title=None),
        replace(FERRY, text=FERRY.text + " More."),
        replace(BLOG, entries=()),
    ],
    ids=["another title", "no title", "another text", "no entries"],
)
def test_vectors_are_not_taken_over_where_other_words_are_embedded(
    segments: list[Segment], changed: Article
) -> None:
    assert reused(segments, changed) == 0


def test_of_a_changed_article_only_what_reads_otherwise_is_embedded(
    segments: list[Segment],
) -> None:
    first, *others = BLOG.entries
    headed = replace(BLOG, entries=(replace(first, heading="Other"), *others))
    assert reused(segments, headed) == len(split(BLOG)) - 1
    grown = _BLOG.replace("9:00am:", "10:00am: More\nIt grew.\n9:00am:")
    newer = replace(BLOG, text=grown, entries=find_entries(grown, None, None))
    assert reused(segments, newer) == len(split(newer)) - 1 == len(split(BLOG))


def test_of_articles_with_one_text_the_one_of_the_same_title_is_taken(
    tmp_path: Path,
) -> None:
    info = write_segment(tmp_path / "one", replace(FERRY, id="other", title="Other"), FERRY)
    with open_segments(tmp_path, [info], DIMENSION) as segments:
        assert reused(segments, FERRY) == 1


def test_without_segments_nothing_was_made_before() -> None:
    assert reused([], FERRY) == 0


class _EncoderThatIsOvertaken(CountingEncoder):
    """While it encodes its first chunk, the last article is put and the reading ends."""

    def __init__(self, draft: Draft, read: threading.Event) -> None:
        super().__init__(ENCODER)
        self._draft, self._read = draft, read

    def encode_passages(self, passages: Sequence[PassageText]) -> list[PassageVectors]:
        if not self._read.is_set():
            put(self._draft, DAM)
            self._read.set()
        return super().encode_passages(passages)


def test_what_is_put_while_the_last_whole_chunk_is_embedded_is_embedded_too(
    draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.build.pipeline._CHUNK", 1)
    put(draft, SHIP)
    read = threading.Event()
    encoder = _EncoderThatIsOvertaken(draft, read)
    reuse = VectorReuse(lambda article: {})
    assert embed_behind(read, draft, reuse, encoder, no_progress) == draft.passages == 2
    assert [each.text for each in encoder.embedded] == [SHIP.text, DAM.text]
