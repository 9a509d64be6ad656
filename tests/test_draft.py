import json
import shutil
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis import Analyzer, term_codes
from index.article import Article
from index.embed import front_of, passage_text
from index.keys import first_key
from index.period import NEVER_EARLY, NEVER_LATE, moments
from index.readers.liveblog import find_entries
from index.split import split, subject_of
from index.store.base import Counts, Known
from index.store.columns import NO_SOURCE
from index.store.draft import Draft, columns_of, open_draft
from index.store.segment import CATALOGUE, Segment, SegmentInfo, open_segments
from index.store.vocabulary import EarlierWords
from index.vectors import from_signed_bytes, to_rows
from tests.disk import full_disk
from tests.fakes import DIMENSION
from tests.segments import (
    ENCODER,
    embed,
    new_draft,
    place_of,
    put,
    waiting_now,
    write_segment,
)

STORY = Article("story", "The ferry left at noon. Nobody wept.", title="A ferry", source="S")
DAM = Article("dam", "The dam broke.\n\nIt rained.", source="Gazette")
LONG = Article("long", "\n\n".join(f"Day {day} was like any other day." for day in range(200)))


def texts(draft: Draft) -> list[str]:
    """Of the passages without vectors."""
    return [each.passage.text for each in waiting_now(draft)]


def sealed(draft: Draft) -> SegmentInfo:
    return draft.seal(ENCODER.encode_queries, EarlierWords())


def assert_all_vectors_are_right(folder: Path, info: SegmentInfo) -> None:
    with open_segments(folder.parent, [info], DIMENSION) as [segment]:
        for numbered in segment.catalogue.articles():
            article = numbered.article
            rows = from_signed_bytes(segment.columns_of(numbered.number).vectors)
            passages = [passage_text(subject_of(article), each) for each in split(article)]
            made = ENCODER.encode_passages(passages)
            expected = np.vstack([row for each in made for row in (each.passage, each.sentences)])
            assert rows.shape == expected.shape
            assert ((rows * expected).sum(axis=1) > 0.999).all()


def test_a_sealed_draft_is_a_segment(tmp_path: Path) -> None:
    info = write_segment(tmp_path / "one", STORY, DAM)
    assert info.name == "one"
    assert info.counts == Counts(articles=2, passages=2, sentences=2 + 2)
    assert (info.vectors.kind, info.vectors.lists, info.vectors.recall) == ("exact, 16 bits", 0, 1)
    with open_segments(tmp_path, [info], DIMENSION) as [segment]:
        assert [each.article for each in segment.catalogue.articles()] == [STORY, DAM]
        assert len(segment.columns.terms) == info.terms
    assert_all_vectors_are_right(tmp_path / "one", info)


def test_articles_are_numbered_from_the_first_number_on(tmp_path: Path) -> None:
    draft = new_draft(tmp_path / "one", first_number=41)
    assert put(draft, STORY, DAM) == [41, 42]
    assert draft.next_number == 43
    assert draft.known() == [
        Known(41, "story", place_of(STORY), "record of story", STORY.digest, None),
        Known(42, "dam", place_of(DAM), "record of dam", DAM.digest, None),
    ]
    draft.close()


def test_passages_wait_in_the_order_they_were_put_in(tmp_path: Path) -> None:
    draft = new_draft(tmp_path / "one")
    put(draft, DAM, LONG)
    waiting = waiting_now(draft)
    assert [each.passage for each in waiting] == [*split(DAM), *split(LONG)]
    assert len(waiting) == draft.passages > 2
    assert waiting[0].text == passage_text(None, split(DAM)[0])
    draft.close()


def test_passages_put_while_others_are_embedded_wait_too(tmp_path: Path) -> None:
    draft = new_draft(tmp_path / "one")
    waiting = draft.pending()
    assert next(waiting) is None
    put(draft, STORY)
    first = next(waiting)
    assert first is not None
    assert first.passage == split(STORY)[0]
    assert next(waiting) is None
    put(draft, DAM)
    second = next(waiting)
    assert second is not None
    assert second.article == DAM
    draft.close()


def test_many_passages_put_before_the_first_is_asked_for_all_wait(tmp_path: Path) -> None:
    """More than the buffers of the columns' files hold, none of it flushed."""
    draft = new_draft(tmp_path / "one")
    articles = [Article(f"a{number}", "It rained. " * 3) for number in range(3000)]
    put(draft, *articles)
    waiting = draft.pending()
    first = next(waiting)
    assert first is not None
    assert first.article == articles[0]
    draft.close()


def test_a_committed_draft_goes_on_where_it_was_left(tmp_path: Path) -> None:
    draft = new_draft(tmp_path / "one", first_number=7)
    put(draft, STORY)
    embed(draft, waiting_now(draft))
    put(draft, DAM)
    draft.commit()
    draft.close()
    again = new_draft(tmp_path / "one", first_number=7)
    assert [each.id for each in again.known()] == ["story", "dam"]
    assert (again.next_number, again.passages) == (9, 2)
    assert texts(again) == [DAM.text]
    assert put(again, LONG) == [9]
    embed(again, waiting_now(again))
    again.commit()
    info = sealed(again)
    assert info.counts.articles == 3
    assert_all_vectors_are_right(tmp_path / "one", info)


def test_an_article_embedded_in_part_is_gone_on_with_in_its_midst(tmp_path: Path) -> None:
    draft = new_draft(tmp_path / "one")
    put(draft, DAM, LONG)
    draft.commit()
    waiting = waiting_now(draft)
    embed(draft, waiting[:4])
    draft.close()
    again = new_draft(tmp_path / "one")
    left = waiting_now(again)
    assert [each.passage for each in left] == [each.passage for each in waiting[4:]]
    embed(again, left)
    assert_all_vectors_are_right(tmp_path / "one", sealed(again))


@pytest.mark.parametrize("rows", [0, 1, 5, 40])
def test_a_passage_that_has_a_part_of_its_rows_is_embedded_again(tmp_path: Path, rows: int) -> None:
    """As after a kill or a full disk, wherever the file of vectors ends."""
    draft = new_draft(tmp_path / "one")
    put(draft, DAM, LONG, STORY)
    draft.commit()
    embed(draft, waiting_now(draft))
    draft.close()
    with (tmp_path / "one" / "vectors.bin").open("r+b") as vectors:
        vectors.truncate(rows * DIMENSION + 3)
    again = new_draft(tmp_path / "one")
    embed(again, waiting_now(again))
    again.commit()
    assert_all_vectors_are_right(tmp_path / "one", sealed(again))


def test_what_was_embedded_is_kept_though_no_commit_came_after(tmp_path: Path) -> None:
    """A killed build loses no vectors: their articles are kept with them."""
    draft = new_draft(tmp_path / "one")
    put(draft, STORY, DAM)
    embed(draft, waiting_now(draft)[:1])
    draft.close()
    again = new_draft(tmp_path / "one")
    assert "story" in [each.id for each in again.known()]
    assert STORY.text not in texts(again)
    again.close()


def test_what_was_not_committed_is_as_if_it_had_not_been_put(tmp_path: Path) -> None:
    draft = new_draft(tmp_path / "one")
    put(draft, STORY)
    draft.commit()
    put(draft, DAM)
    draft.close()
    again = new_draft(tmp_path / "one")
    assert [each.id for each in again.known()] == ["story"]
    assert put(again, LONG) == [2]
    embed(again, waiting_now(again))
    again.commit()
    info = sealed(again)
    with open_segments(tmp_path, [info], DIMENSION) as [segment]:
        assert [each.article for each in segment.catalogue.articles()] == [STORY, LONG]
        assert segment.passages_of(2, LONG) == split(LONG)


@pytest.mark.parametrize(
    ("model", "first_number"), [("other", 1), (ENCODER.model.digest, 2)], ids=["model", "number"]
)
def test_a_draft_of_another_model_or_another_generation_is_begun_anew(
    tmp_path: Path, model: str, first_number: int
) -> None:
    draft = new_draft(tmp_path / "one")
    put(draft, STORY)
    draft.commit()
    draft.close()
    other = open_draft(tmp_path / "one", model, DIMENSION, first_number)
    assert other.known() == []
    assert other.next_number == first_number
    other.close()


@pytest.mark.parametrize("mark", [None, "", "{", "[]", "7", '{"format": 2}', '"draft"'])
def test_a_draft_that_no_whole_mark_stands_beside_is_begun_anew(
    tmp_path: Path, mark: str | None
) -> None:
    draft = new_draft(tmp_path / "one")
    put(draft, STORY)
    draft.commit()
    draft.close()
    if mark is None:
        (tmp_path / "one" / "draft.json").unlink()
    else:
        (tmp_path / "one" / "draft.json").write_text(mark)
    again = new_draft(tmp_path / "one")
    assert again.known() == []
    again.close()


@pytest.mark.parametrize("what", ["format", "split"])
def test_a_draft_of_another_format_or_split_otherwise_is_begun_anew(
    tmp_path: Path, what: str
) -> None:
    draft = new_draft(tmp_path / "one")
    put(draft, STORY)
    draft.commit()
    draft.close()
    mark = tmp_path / "one" / "draft.json"
    mark.write_text(json.dumps(json.loads(mark.read_text()) | {what: 1}))
    again = new_draft(tmp_path / "one")
    assert again.known() == []
    again.close()


def test_a_draft_that_a_full_disk_keeps_from_being_opened_is_gone_on_with_once_there_is_room(
    tmp_path: Path,
) -> None:
    draft = new_draft(tmp_path / "one")
    put(draft, STORY)
    draft.commit()
    draft.close()
    with full_disk(), pytest.raises(sqlite3.OperationalError, match="disk"):
        new_draft(tmp_path / "one")
    again = new_draft(tmp_path / "one")
    assert [each.id for each in again.known()] == ["story"]
    again.close()


def test_a_draft_whose_catalogue_is_something_else_is_begun_anew(tmp_path: Path) -> None:
    draft = new_draft(tmp_path / "one")
    put(draft, STORY)
    draft.commit()
    draft.close()
    (tmp_path / "one" / CATALOGUE).write_bytes(b"No catalogue is this. " * 999)
    again = new_draft(tmp_path / "one")
    assert again.known() == []
    again.close()


@pytest.mark.parametrize("kept", [0, 1])
def test_leaving_a_draft_keeps_it_only_where_there_is_something_in_it(
    tmp_path: Path, kept: int
) -> None:
    draft = new_draft(tmp_path / "one")
    put(draft, *[STORY][:kept])
    draft.commit()
    draft.leave()
    assert (tmp_path / "one").exists() is bool(kept)


def test_a_discarded_draft_is_gone(tmp_path: Path) -> None:
    draft = new_draft(tmp_path / "one")
    put(draft, STORY)
    draft.discard()
    assert list(tmp_path.iterdir()) == []


def test_an_article_copied_from_a_segment_keeps_its_number_place_and_vectors(
    tmp_path: Path,
) -> None:
    info = write_segment(tmp_path / "old", STORY, LONG, DAM, first_number=5)
    (tmp_path / "new").mkdir()
    draft = Draft(tmp_path / "new", DIMENSION, 99)
    with open_segments(tmp_path, [info], DIMENSION) as [old]:
        for known in list(old.catalogue.known())[1:]:
            article = old.catalogue.article(known.number)
            assert article is not None
            draft.copy(article, known, old.columns_of(known.number))
    draft.commit()
    copied = sealed(draft)
    assert copied.counts == info.counts - Counts(1, 1, 2)
    with open_segments(tmp_path, [info, copied], DIMENSION) as [old, new]:
        assert [each.number for each in new.catalogue.known()] == [6, 7]
        assert list(new.catalogue.known()) == list(old.catalogue.known())[1:]
        for number, article in ((6, LONG), (7, DAM)):
            assert new.passages_of(number, article) == split(article)
            for one, other in zip(rows_of(old, number), rows_of(new, number), strict=True):
                np.testing.assert_array_equal(one, other)
        assert new.catalogue.source_number("Gazette") in new.columns.source.tolist()
        assert new.catalogue.source_number("S") is None


def rows_of(segment: Segment, number: int) -> list[object]:
    passages = len(segment.columns_of(number))
    keys = first_key(number) + np.arange(passages, dtype=np.int64)
    rows = segment.rows(keys)
    return [rows.keys, rows.counts, rows.vectors, rows.row_terms, rows.row_asks, rows.terms]


def test_everything_of_a_segment_is_on_the_disk_when_it_is_sealed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    monkeypatch.setattr(
        "index.store.durable.os.fsync",
        lambda file: synced.append(str(Path(f"/proc/self/fd/{file}").readlink())),
    )
    write_segment(tmp_path / "one", STORY)
    assert {str(path) for path in (tmp_path / "one").rglob("*")} < set(synced)
    assert str(tmp_path / "one") in synced


def test_the_rows_of_a_passage_are_its_vector_and_those_of_its_sentences() -> None:
    [made] = ENCODER.encode_passages([passage_text(STORY.title, split(STORY)[0])])
    rows = from_signed_bytes(to_rows(made))
    assert rows.shape == (1 + 2, DIMENSION)
    assert float(rows[0] @ made.passage) > 0.999
    assert ((rows[1:] * made.sentences).sum(axis=1) > 0.999).all()


def test_a_leftover_damaged_inside_costs_its_vectors_and_not_the_build(tmp_path: Path) -> None:
    draft = new_draft(tmp_path / "one")
    put(draft, *[Article(f"a{number}", f"It rained {number} times.") for number in range(200)])
    draft.commit()
    draft.close()
    catalogue = tmp_path / "one" / CATALOGUE
    stored = bytearray(catalogue.read_bytes())
    stored[4096:] = b"\xff" * (len(stored) - 4096)
    catalogue.write_bytes(stored)
    for log in (tmp_path / "one").glob(f"{CATALOGUE}-*"):
        log.unlink()
    again = new_draft(tmp_path / "one")
    assert again.known() == []
    put(again, STORY)
    embed(again, waiting_now(again))
    again.commit()
    assert sealed(again).counts.articles == 1


def test_a_folder_that_is_gone_is_made_anew(tmp_path: Path) -> None:
    new_draft(tmp_path / "one").close()
    shutil.rmtree(tmp_path / "one")
    draft = new_draft(tmp_path / "one")
    assert draft.passages == 0
    draft.close()


def test_passages_of_a_long_article_without_a_title_wait_with_its_opening_in_front(
    tmp_path: Path,
) -> None:
    opening = "The dam on the Tessel broke before dawn on Monday."
    text = f"TESSEL VALLEY, 3 May\n\n{opening}\n\n{LONG.text}"
    draft = new_draft(tmp_path / "one")
    put(draft, Article("bare", text), Article("titled", text, title="A dam breaks"))
    fronts = [each.text.front for each in waiting_now(draft)]
    passages = len(fronts) // 2
    assert passages > 1
    assert fronts == [f"{opening}\n"] * passages + ["A dam breaks\n"] * passages
    draft.close()


ANALYZER = Analyzer()
_BLOG = "Lead.\n9:00am: One\nIt began. It rained.\n8:00am: Two\nIt was set up.\n7:00am: Three\nNew."
BLOG = Article(
    "blog", _BLOG, title="Live", published="2023-01-02", entries=find_entries(_BLOG, None, None)
)
WORDS = st.text(st.sampled_from("aé .!?\n\N{FERRY}"), max_size=400)


def test_each_passage_is_a_run_of_rows_its_front_first_then_its_sentences() -> None:
    passages = split(BLOG)
    found = columns_of(7, BLOG, passages, ANALYZER)
    assert found.keys.tolist() == [first_key(7) + place for place in range(4)]
    assert found.row_count.tolist() == [1 + 1, 1 + 2, 1 + 1, 1 + 1]
    assert found.first_row.tolist() == [0, 2, 2 + 3, 2 + 3 + 2]
    assert found.row_spans.tolist() == [
        [start - p.start, end - p.start]
        for p in passages
        for start, end in ((p.start, p.end), *p.sentences)
    ]


def test_the_entry_of_a_passage_is_told_by_its_place_in_the_article() -> None:
    found = columns_of(7, BLOG, split(BLOG), ANALYZER)
    assert found.spans.tolist() == [
        [p.start, p.end, entry] for p, entry in zip(split(BLOG), (-1, 0, 1, 2), strict=True)
    ]


def test_the_terms_of_a_row_are_those_of_its_words() -> None:
    found = columns_of(7, BLOG, split(BLOG), ANALYZER)
    rows = np.split(found.terms, np.cumsum(found.row_terms)[:-1])
    texts = ["Live\n", "Lead.", "Live\nOne\n", "It began.", "It rained.", "Live\nTwo\n"]
    texts += ["It was set up.", "Live\nThree\n", "New."]
    for row, text in zip(rows, texts, strict=True):
        assert row.tolist() == term_codes(ANALYZER.terms(text)).tolist()


def test_the_times_of_a_passage_are_its_moments() -> None:
    found = columns_of(7, BLOG, split(BLOG), ANALYZER)
    expected = [moments(BLOG, passage.entry) for passage in split(BLOG)]
    assert found.earliest.tolist() == [each.earliest for each in expected]
    assert found.latest.tolist() == [each.latest for each in expected]
    assert found.utc_offset.tolist() == [each.utc_offset for each in expected]


def test_what_is_not_known_is_told_so() -> None:
    plain = Article("plain", "It began.")
    found = columns_of(7, plain, split(plain), ANALYZER)
    assert (found.earliest.tolist(), found.latest.tolist()) == ([NEVER_EARLY], [NEVER_LATE])
    assert found.source.tolist() == [NO_SOURCE]
    assert len(found.vectors) == 0


@given(WORDS, st.one_of(st.none(), st.just("A title")))
def test_rows_and_terms_add_up_whatever_the_article_says(text: str, title: str | None) -> None:
    article = Article("any", text, title=title)
    passages = split(article)
    found = columns_of(1, article, passages, ANALYZER)
    assert len(found) == len(passages)
    assert found.row_count.sum() == len(found.row_spans) == len(found.row_terms)
    assert found.term_count.sum() == found.row_terms.sum() == len(found.terms)
    words = "".join(front_of(title, p) + p.text for p in passages)
    assert len(found.terms) <= len(words)
    for passage, (start, end, _) in zip(passages, found.spans.tolist(), strict=True):
        assert article.text[start:end] == passage.text


def test_it_is_told_which_sentences_ask() -> None:
    article = Article("a", 'It rained. "Who rang?" Nobody. Why?', title="Who rang the bell?")
    found = columns_of(1, article, split(article), ANALYZER)
    assert found.row_asks.tolist() == [True, False, True, False, True]
