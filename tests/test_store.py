import shutil
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import faiss
import numpy as np
import pytest

from index.article import Article
from index.dates import time_range
from index.errors import DamagedError, IndexMissingError, IndexRefusedError
from index.keys import first_key
from index.period import EVERYTHING, Period, Selection
from index.split import split
from index.store import verify
from index.store.base import Counts
from index.store.columns import column_path
from index.store.local import LocalStore, open_local
from index.store.manifest import (
    MANIFEST,
    count_faults,
    read_manifest,
    sum_file,
    total_bytes,
    write_manifest,
)
from index.store.segment import CATALOGUE, VECTORS
from tests.fakes import DIMENSION, HashEncoder
from tests.segments import ENCODER, publish_more

SEGMENT = "segment-000001"


def published_files(data: Path) -> list[Path]:
    return [data / file.path for file in read_manifest(data).files]


def seal(data: Path) -> None:
    """Sum the files up anew, as one does who wants the damage not to be noticed."""
    manifest = read_manifest(data)
    files = tuple(sum_file(data, path) for path in published_files(data))
    write_manifest(data, replace(manifest, files=files))


def everything_in(folder: Path) -> dict[str, tuple[int, int]]:
    """Sizes and times of change of all that is there."""
    stats = {path: path.stat() for path in sorted(folder.rglob("*"))}
    return {str(path): (stat.st_size, stat.st_mtime_ns) for path, stat in stats.items()}


def all_keys(snapshot: LocalStore) -> list[int]:
    return [key for segment in snapshot.segments for key in segment.columns.keys.tolist()]


def by_vectors(snapshot: LocalStore, question: str, chosen: Selection = EVERYTHING) -> list[int]:
    return list(snapshot.nearest(ENCODER.encode_query(question), 999, chosen).tolist())


def test_an_index_opens_with_all_its_parts(read_only_data: Path, encoder: HashEncoder) -> None:
    snapshot = open_local(read_only_data, encoder.model)
    assert snapshot.manifest.counts == Counts(articles=5, passages=11, sentences=28)
    assert len(snapshot) == len(snapshot.lexical) == len(all_keys(snapshot)) == 11
    dam = snapshot.article("dam")
    assert dam is not None
    assert "ninety million" in dam.text
    assert snapshot.article("unknown") is None
    assert count_faults(snapshot) == []
    snapshot.close()


def test_passages_lie_under_one_key_in_all_parts(read_only_data: Path) -> None:
    snapshot = open_local(read_only_data)
    keys = set(all_keys(snapshot))
    assert keys == set(by_vectors(snapshot, "the harbour"))
    assert keys == set(snapshot.lexical.search(["the", "it", "neither"], 99).tolist())
    assert {snapshot.locate(key).key for key in keys} == keys
    snapshot.close()


def test_a_key_leads_to_its_passage_and_article(read_only_data: Path) -> None:
    snapshot = open_local(read_only_data)
    for key in all_keys(snapshot):
        located = snapshot.locate(key)
        assert located.passage == split(located.article)[key % 2**24]
        assert located.article == snapshot.article(located.article.id)
    snapshot.close()


@pytest.mark.parametrize("key", [first_key(1) + 99, first_key(77), 0])
def test_a_key_that_the_index_lacks_is_damage(read_only_data: Path, key: int) -> None:
    snapshot = open_local(read_only_data)
    with pytest.raises(
        DamagedError, match=rf"lacks passage {key}, .*check it with python -m index"
    ):
        snapshot.locate(key)
    snapshot.close()


def test_title_and_heading_are_searched_as_part_of_a_passage(read_only_data: Path) -> None:
    snapshot = open_local(read_only_data)
    [key] = snapshot.lexical.search(["tug", "quay"], 1).tolist()
    assert snapshot.locate(key).passage.text == "Three tugs left before the strike began."
    assert snapshot.lexical.document_frequency("vessel") == 7
    snapshot.close()


def test_the_nearest_passages_come_first_whatever_segment_holds_them(tmp_path: Path) -> None:
    texts = ["The ferry left.", "An owl called.", "The ferry sank.", "Rain.", "The ferry and owl."]
    manifest = None
    for number, text in enumerate(texts):
        manifest = publish_more(tmp_path, manifest, Article(f"a{number}", text))
    snapshot = open_local(tmp_path)
    query = ENCODER.encode_query("ferry owl")
    rows = snapshot.rows(np.array(all_keys(snapshot)))
    wholes = rows.vectors[np.cumsum(rows.counts) - rows.counts]
    expected = rows.keys[np.argsort(-(wholes @ query), kind="stable")]
    assert snapshot.nearest(query, 99, EVERYTHING).tolist() == expected.tolist()
    assert snapshot.nearest(query, 2, EVERYTHING).tolist() == expected[:2].tolist()
    snapshot.close()


def test_removed_articles_are_found_neither_by_words_nor_by_vectors_nor_by_id(
    tmp_path: Path,
) -> None:
    ship, dam = Article("ship", "The ferry left.", title="A ferry"), Article("dam", "It broke.")
    first = publish_more(tmp_path, None, ship, dam)
    publish_more(tmp_path, first, Article("owl", "An owl called."), removed=[1])
    snapshot = open_local(tmp_path)
    assert snapshot.article("ship") is None
    assert snapshot.lexical.search(["ferri"], 9).tolist() == []
    assert sorted(by_vectors(snapshot, "the ferry")) == [first_key(2), first_key(3)]
    assert list(snapshot.titles()) == []
    assert len(snapshot) == 2
    snapshot.close()


def test_an_id_leads_to_the_version_that_counts(tmp_path: Path) -> None:
    old, new = Article("ship", "The ferry left."), Article("ship", "The ferry sank.")
    first = publish_more(tmp_path, None, old)
    second = publish_more(tmp_path, first, new, removed=[1])
    snapshot = open_local(tmp_path)
    assert snapshot.article("ship") == new
    publish_more(tmp_path, second, old, removed=[2])
    again = open_local(tmp_path)
    assert again.article("ship") == old
    assert snapshot.article("ship") == new
    snapshot.close()
    again.close()


def test_titles_of_all_segments_come_newest_first(tmp_path: Path) -> None:
    dates = ["2021", "2024", "2020", "2023"]
    articles = [Article(f"a{d}", f"Of {d}.", title=d, published=d) for d in dates]
    first = publish_more(tmp_path, None, *articles[:2])
    publish_more(tmp_path, first, *articles[2:])
    snapshot = open_local(tmp_path)
    assert list(snapshot.titles()) == ["2024", "2023", "2021", "2020"]
    snapshot.close()


def test_the_mean_length_of_articles_is_in_terms(tmp_path: Path) -> None:
    first = publish_more(tmp_path, None, Article("a", "One two three.", title="Four"))
    publish_more(tmp_path, first, Article("b", "Five six."))
    snapshot = open_local(tmp_path)
    assert snapshot.mean_article_terms == (4 + 2) / 2
    snapshot.close()


DATES = [None, "1962", "2022-09-28", "2022-09-29T21:13:00+02:00", "2023-01-02"]
SOURCES = [None, "S", "Gazette"]


def dated(numbers: Sequence[int]) -> list[Article]:
    return [
        Article(
            f"a{number}",
            f"The strike of day {number} began. It was said {number * 31} times.",
            published=DATES[number % 5],
            source=SOURCES[number % 3],
        )
        for number in numbers
    ]


@pytest.fixture(scope="module", params=["exact", "clusters"])
def strikes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> LocalStore:
    """Two segments of passages with every date and source, and some of both removed."""
    data = tmp_path_factory.mktemp("strikes")
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "clusters":
            patch.setattr("index.vectors.MOST_EXACT", 50)
            patch.setattr("index.store.draft.MOST_EXACT", 50)
            patch.setattr("index.store.draft._QUESTIONS", 50)
            patch.setattr("index.vectors._NEAREST", 5)
        first = publish_more(data, None, *dated(range(240)))
        publish_more(data, first, *dated(range(240, 300)), removed=range(1, 20))
    snapshot = open_local(data)
    kinds = {segment.info.vectors.kind.split(",")[0] for segment in snapshot.segments}
    assert kinds == {request.param}
    return snapshot


@pytest.mark.parametrize("source", [None, "S", "Gazette", "Nowhere"])
@pytest.mark.parametrize(
    ("after", "before"),
    [
        (None, None),
        ("2022", None),
        (None, "2022"),
        ("2022-09-29", "2022-09-29"),
        ("2022-09-29T19:13Z", "2022-09-29T19:13Z"),
        ("2024", None),
    ],
)
def test_a_selection_gives_the_same_passages_by_words_and_by_vectors(
    strikes: LocalStore, after: str | None, before: str | None, source: str | None
) -> None:
    period = Period(time_range(after) if after else None, time_range(before) if before else None)
    chosen = Selection(period, source)
    by_words = strikes.lexical.search(["strike"], 999, chosen).tolist()
    found = by_vectors(strikes, "the strike", chosen)
    assert set(found) <= set(by_words)
    # Clusters are all read only where few passages are chosen, and then as many as that takes.
    if strikes.segments[0].info.vectors.lists == 0 or len(by_words) < len(strikes) / 4:
        assert sorted(found) == sorted(by_words)
    articles = [strikes.locate(key).article for key in by_words]
    assert {article.source for article in articles} <= ({source} if source else {*SOURCES})
    assert bool(by_words) is (source != "Nowhere" and after != "2024")


def test_each_segment_tells_the_recall_of_its_vectors(strikes: LocalStore) -> None:
    for segment in strikes.segments:
        stats = segment.info.vectors
        assert 0.5 < stats.recall <= 1
        assert (stats.lists > 0) is (stats.kind == "clusters, 8 bits")
        assert stats.kind != "exact, 16 bits" or stats.recall == 1


def test_the_size_on_disk_is_that_of_the_published_files(read_only_data: Path) -> None:
    sizes = [path.stat().st_size for path in published_files(read_only_data)]
    assert total_bytes(read_manifest(read_only_data)) == sum(sizes)


def test_an_index_of_another_model_is_refused_by_name_with_the_remedy(
    read_only_data: Path,
) -> None:
    with pytest.raises(IndexRefusedError) as refused:
        open_local(read_only_data, HashEncoder("other").model)
    assert str(refused.value) == (
        f"the index in {str(read_only_data)!r} was built with model 'hash', not 'other': "
        f"set FOOTNOTE_MODEL=hash, or remove everything in {str(read_only_data)!r} except its "
        "folder 'owner', and build again with python -m index build"
    )


def test_the_same_model_under_another_name_is_accepted(
    read_only_data: Path, encoder: HashEncoder
) -> None:
    renamed = replace(encoder.model, name="models/hash")
    assert open_local(read_only_data, renamed).manifest.model.name == "hash"


def test_a_folder_without_an_index_is_missing_not_refused(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError, match="build one with"):
        open_local(tmp_path)


def test_every_missing_file_is_refused_by_name_with_the_remedy(data: Path) -> None:
    for path in published_files(data):
        kept = path.read_bytes()
        path.unlink()
        with pytest.raises(IndexRefusedError, match=rf"{path} is missing: remove .* and build"):
            open_local(data)
        path.write_bytes(kept)
    open_local(data).close()


def test_every_truncated_file_is_refused_by_name(data: Path) -> None:
    for path in published_files(data):
        kept = path.read_bytes()
        if kept:
            path.write_bytes(kept[:-1])
            with pytest.raises(IndexRefusedError, match=rf"{path} has {len(kept) - 1} bytes"):
                open_local(data)
            path.write_bytes(kept)
    open_local(data).close()


def test_a_large_index_is_opened_without_reading_it_whole_and_verified_on_request(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.store.manifest._CHECKED_WHOLE", 0)
    path = data / SEGMENT / VECTORS
    stored = bytearray(path.read_bytes())
    stored[-100] ^= 1
    path.write_bytes(stored)
    open_local(data).close()
    assert list(verify(data)) == [f"{path} is damaged, its checksum is wrong"]


def drop_an_article(data: Path) -> None:
    with sqlite3.connect(data / SEGMENT / CATALOGUE) as catalogue:
        catalogue.execute("DELETE FROM articles WHERE id = 'dam'")
    catalogue.close()


def cut(name: str, width: int) -> Callable[[Path], None]:
    """Drop the last item of a column."""

    def change(data: Path) -> None:
        path = column_path(data / SEGMENT, name)
        path.write_bytes(path.read_bytes()[:-width])

    return change


def write_vectors(rows: int, dimension: int) -> Callable[[Path], None]:
    def change(data: Path) -> None:
        index = faiss.IndexScalarQuantizer(
            dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        vectors = np.ones((rows, dimension), np.float32)
        index.train(vectors)
        index.add(vectors)
        faiss.write_index(index, str(data / SEGMENT / VECTORS))

    return change


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (drop_an_article, f"has 4 articles in {SEGMENT} instead of 5"),
        (cut("keys", 8), f"has 10 passages in {SEGMENT} instead of 11"),
        (cut("vectors", 64), f"has 38 rows of vectors in {SEGMENT} instead of 39"),
        (cut("terms", 4), f"terms in {SEGMENT} instead of"),
        (write_vectors(10, 64), f"has 10 passage vectors in {SEGMENT} instead of 11"),
        (write_vectors(11, 32), f"has 32 numbers per vector in {SEGMENT} instead of 64"),
    ],
)
def test_other_counts_are_refused_by_name_though_all_checksums_are_right(
    data: Path, change: Callable[[Path], None], fault: str
) -> None:
    change(data)
    seal(data)
    with pytest.raises(IndexRefusedError, match=f"{fault}.*: remove .* and build"):
        open_local(data)
    assert any(fault in line for line in verify(data))


def test_a_lexical_index_of_other_passages_is_refused_though_its_checksum_is_right(
    data: Path, read_only_data: Path
) -> None:
    before = read_manifest(data)
    after = publish_more(data, before, removed=[1])
    counts = Counts(5, 11, 28)
    write_manifest(data, replace(after, counts=counts))
    with pytest.raises(
        IndexRefusedError, match="has 10 passages in the lexical index instead of 11"
    ):
        open_local(data)


@pytest.mark.parametrize(
    "name", [f"{SEGMENT}/{CATALOGUE}", f"{SEGMENT}/{VECTORS}", "lexical-000001/meta.json"]
)
def test_a_file_that_is_something_else_is_refused_though_its_checksum_is_right(
    data: Path, name: str
) -> None:
    (data / name).write_bytes(b"This is something else. " * 50)
    seal(data)
    with pytest.raises(
        IndexRefusedError, match=r"cannot be read \(.+\): remove|that cannot be read"
    ):
        open_local(data)


@pytest.mark.parametrize("name", ["keys", "spans", "vectors", "terms"])
def test_a_column_with_half_an_item_is_refused_though_its_checksum_is_right(
    data: Path, name: str
) -> None:
    cut(name, 1)(data)
    seal(data)
    with pytest.raises(IndexRefusedError, match=r"cannot be read \(.+\): remove"):
        open_local(data)


def test_opening_and_searching_leaves_no_trace_on_the_disk(data: Path) -> None:
    before = everything_in(data)
    snapshot = open_local(data)
    snapshot.lexical.search(["harbour"], 9)
    keys = by_vectors(snapshot, "harbour")
    assert (
        len(snapshot.rows(np.array(keys)).keys) == len({snapshot.locate(key) for key in keys}) == 11
    )
    assert everything_in(data) == before
    snapshot.close()
    assert everything_in(data) == before


def test_a_folder_that_must_not_be_written_is_opened_and_searched(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Root may write anywhere, whatever the folder's mode says.
    monkeypatch.setattr("index.lexical.os.access", lambda path, mode: False)
    for lock in data.rglob("*.lock"):
        lock.unlink()
    for path in (*data.rglob("*"), data):
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = everything_in(data)
    snapshot = open_local(data)
    assert len(snapshot.lexical.search(["harbour"], 9)) > 0
    assert len(by_vectors(snapshot, "harbour")) == 11
    assert snapshot.article("dam") is not None
    assert everything_in(data) == before
    snapshot.close()


def test_a_data_folder_can_be_copied_elsewhere(data: Path, tmp_path: Path) -> None:
    shutil.move(data, tmp_path / "moved here")
    snapshot = open_local(tmp_path / "moved here")
    assert snapshot.manifest.counts.articles == 5
    assert snapshot.article("dam") is not None
    snapshot.close()


def test_a_reader_who_met_a_build_between_two_steps_opens_the_new_generation(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first manifest read is of a generation that was cleared away meanwhile."""
    manifest = read_manifest(data)
    stale = replace(manifest, generation=0, files=(replace(manifest.files[0], path="gone"),))
    answers = iter([stale, manifest])
    monkeypatch.setattr("index.store.local.read_manifest", lambda data: next(answers))
    assert open_local(data).manifest == manifest


def test_only_the_manifest_and_what_it_names_lie_in_the_folder(data: Path) -> None:
    manifest = read_manifest(data)
    names = {MANIFEST, manifest.lexical, *(info.name for info in manifest.segments)}
    assert {path.name for path in data.iterdir()} == names == {MANIFEST, SEGMENT, "lexical-000001"}


def test_segments_that_are_open_already_are_taken_over_from_the_snapshot_before(
    data: Path, encoder: HashEncoder
) -> None:
    old = open_local(data)
    publish_more(data, old.manifest, Article("owl", "An owl called."), removed=[1])
    new = open_local(data, encoder.model, before=old)
    assert new.segments[0] is old.segments[0]
    assert len(new.segments) == 2
    assert new.article("dam") is None
    assert old.article("dam") is not None
    assert first_key(1) not in by_vectors(new, "dam")
    assert first_key(1) in by_vectors(old, "dam")
    new.close()


def test_files_checked_for_the_snapshot_before_are_not_read_again(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = open_local(data)
    publish_more(data, old.manifest, Article("owl", "An owl called."))
    summed: list[str] = []

    def watch(data: Path, path: Path) -> object:
        summed.append(path.relative_to(data).parts[0])
        return sum_file(data, path)

    monkeypatch.setattr("index.store.manifest.sum_file", watch)
    open_local(data, before=old).close()
    assert set(summed) == {"segment-000002", "lexical-000002"}


def test_an_index_built_anew_is_read_anew_though_its_segment_has_the_same_name_and_counts(
    tmp_path: Path,
) -> None:
    publish_more(tmp_path / "data", None, Article("owl", "An owl called at nine."))
    old = open_local(tmp_path / "data")
    shutil.rmtree(tmp_path / "data")
    publish_more(tmp_path / "data", None, Article("owl", "An owl called at five."))
    new = open_local(tmp_path / "data", before=old)
    assert new.article("owl") == Article("owl", "An owl called at five.")
    assert old.article("owl") == Article("owl", "An owl called at nine.")
    new.close()


RAIN = "Rain fell on the valley for days and nobody slept well that week. "
LONG = Article("long", f"The dam on the river Tessel broke at dawn.\n\n{RAIN * 40}")


def test_around_passages_of_several_segments_are_all_of_their_articles_but_not_removed_ones(
    tmp_path: Path,
) -> None:
    first = publish_more(tmp_path, None, LONG, Article("ship", "The ferry left."))
    publish_more(tmp_path, first, LONG, Article("owl", "An owl called."), removed=[2])
    snapshot, passages = open_local(tmp_path), len(split(LONG))
    assert passages > 2
    asked = np.array([first_key(4), first_key(3) + 1, first_key(1) + 1], np.int64)
    around = snapshot.around(asked)
    assert around.keys.tolist() == [
        *(first_key(number) + place for number in (1, 3) for place in range(passages)),
        first_key(4),
    ]
    rows = snapshot.rows(around.keys)
    assert around.terms.tolist() == rows.terms.tolist()
    assert around.vectors.tolist() == rows.vectors[np.cumsum(rows.counts) - rows.counts].tolist()
    nothing = snapshot.around(np.zeros(0, np.int64))
    assert (len(nothing.keys), nothing.vectors.shape) == (0, (0, DIMENSION))
    snapshot.close()


def test_the_opening_of_an_article_without_a_title_is_searched_with_all_its_passages(
    tmp_path: Path,
) -> None:
    publish_more(tmp_path, None, LONG)
    snapshot = open_local(tmp_path)
    assert snapshot.lexical.document_frequency("tessel") == len(split(LONG)) == len(snapshot)
    snapshot.close()


def test_the_mean_length_of_articles_is_in_terms_of_all_their_passages(tmp_path: Path) -> None:
    first = publish_more(tmp_path, None, Article("a", "One two three.", title="Four"))
    publish_more(tmp_path, first, Article("b", "Five six."), Article("c", "Seven."))
    snapshot = open_local(tmp_path)
    assert snapshot.mean_article_terms == (4 + 2 + 1) / 3
    snapshot.close()
