from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from index.article import Article
from index.build.pipeline import VectorReuse
from index.embed import passage_text
from index.readers.liveblog import find_entries
from index.split import split, subject_of
from index.store.segment import Segment, open_segments
from index.store.writer import LocalWriter
from index.vectors import to_rows
from tests.fakes import DIMENSION
from tests.segments import ENCODER, write_segment

SHIP = Article(
    "ship", "The ferry left. Nobody wept.", title="A ferry", author="Ida", published="2022-09-29"
)
_BLOG = "Lead.\n9:00am: One\nIt began.\n8:00am: Two\nIt was set up.\n7:00am: Three\nIt was new."
BLOG = Article("blog", _BLOG, published="2023-01-02", entries=find_entries(_BLOG, None, None))
LONG = Article("long", "\n\n".join(f"Day {day} was like any other day." for day in range(200)))


@pytest.fixture(scope="module")
def segments(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Segment]]:
    data = tmp_path_factory.mktemp("segments")
    infos = [
        write_segment(data / "one", SHIP),
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
        rows = before.rows(article, passage)
        if rows is not None:
            [made] = ENCODER.encode_passages([passage_text(subject_of(article), passage)])
            assert (rows == to_rows(made)).all()
            count += 1
    return count


@pytest.mark.parametrize("article", [SHIP, BLOG, LONG], ids=lambda each: each.id)
def test_vectors_are_taken_over_for_the_same_words(
    segments: list[Segment], article: Article
) -> None:
    assert reused(segments, article) == len(split(article)) > 0


@pytest.mark.parametrize(
    "changed",
    [
        replace(SHIP, id="moved"),
        replace(SHIP, author="Someone else", published="1999-01-01", source="S", url="u"),
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
        replace(SHIP, title="Another title"),
        replace(SHIP, title=None),
        replace(SHIP, text=SHIP.text + " More."),
        replace(BLOG, entries=()),
        replace(BLOG, entries=(replace(BLOG.entries[0], heading="Other"), *BLOG.entries[1:])),
    ],
    ids=["another title", "no title", "another text", "no entries", "another heading"],
)
def test_vectors_are_not_taken_over_where_other_words_are_embedded(
    segments: list[Segment], changed: Article
) -> None:
    assert reused(segments, changed) == 0


def test_of_articles_with_one_text_the_one_of_the_same_title_is_taken(
    tmp_path: Path,
) -> None:
    info = write_segment(tmp_path / "one", replace(SHIP, id="other", title="Other"), SHIP)
    with open_segments(tmp_path, [info], DIMENSION) as segments:
        assert reused(segments, SHIP) == 1


def test_without_segments_nothing_was_made_before() -> None:
    assert reused([], SHIP) == 0
