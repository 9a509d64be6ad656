import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from index.article import Article
from index.build import BuildReport
from index.build.edits import Facts, edit_article
from index.build.fetched import fetched, keep_article, keep_unfetched
from index.build.lists import FIRST_QUESTIONS, SYNONYMS
from index.build.owned import FETCHED, OWNED, UPLOADS, VISITED, owned, owner_faults
from index.build.rules.kept import add_rules
from index.build.versions import VERSIONS, keep_versions, version_faults
from index.build.withheld import Withheld, withhold
from index.encoders.files import ENCODER, Exported, write_exported
from index.errors import IndexMissingError, IndexRefusedError
from index.fetch.visits import keep_visited
from index.keys import first_key
from index.readers.walk import QUESTIONS_FILE
from index.status import keep_report
from index.store import verify
from index.store.columns import open_columns
from index.store.local import open_local
from index.store.manifest import MANIFEST, Manifest, read_manifest, sum_file, write_manifest
from index.store.segment import CATALOGUE
from qa.journal import JOURNAL, Feedback, Journal
from qa.web.admin.builds import add_file
from qa.web.guard.sites import Sites
from tests.fakes import DIMENSION
from tests.segments import ENCODER as HASHES
from tests.segments import publish_more

COLUMNS = (
    *("keys", "spans", "earliest", "latest", "utc_offset", "source", "first_row", "row_count"),
    *("first_term", "term_count", "row_spans", "row_terms", "row_asks", "terms", "vectors"),
)
# Of each kind of file that an index consists of, one.
KINDS = [
    *(MANIFEST, "catalogue.sqlite", "vectors.faiss", "draft.json", "removed-*.bin", "encoder.json"),
    *("meta.json", ".managed.json", "*.del"),
    *("*.term", "*.store", "*.idx", "*.pos", "*.fast", "*.fieldnorm"),
    *(f"{name}.bin" for name in (*COLUMNS, "words", "word_vectors")),
]
SEGMENT = "segment-000001"


@pytest.fixture(scope="module")
def copied(read_only_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index with every kind of file, to damage; each test puts right what it damaged."""
    data = Path(
        shutil.copytree(
            read_only_data,
            tmp_path_factory.mktemp("copied") / "data",
            ignore=shutil.ignore_patterns("owner"),
        )
    )
    (data / ENCODER).mkdir()
    write_exported(data / ENCODER, Exported(HASHES.model, "hash"))
    publish_more(data, read_manifest(data), removed=[2])
    return data


def seal(data: Path, manifest: Manifest) -> None:
    """Sum up anew, so that no checksum tells of a change."""
    files = tuple(sum_file(data, data / file.path) for file in manifest.files)
    write_manifest(data, replace(manifest, files=files))


def number_of(data: Path, article_id: str) -> int:
    with sqlite3.connect(data / SEGMENT / CATALOGUE) as db:
        [[number]] = db.execute("SELECT number FROM articles WHERE id = ?", (article_id,))
    db.close()
    return int(number)


def forge(data: Path, article_id: str, passage: int, **items: Sequence[int] | int) -> None:
    """Change items of a column that stand at a passage, or at its first row for `row_spans`."""
    columns = open_columns(data / SEGMENT, DIMENSION)
    position = int(np.searchsorted(columns.keys, first_key(number_of(data, article_id)) + passage))
    for name, value in items.items():
        values = np.array(getattr(columns, name))
        place = int(columns.first_row[position]) + 1 if name == "row_spans" else position
        values[place] = value
        (data / SEGMENT / f"{name}.bin").write_bytes(values.tobytes())
    seal(data, read_manifest(data))


def edit_catalogue(data: Path, sql: str) -> None:
    with sqlite3.connect(data / SEGMENT / CATALOGUE) as catalogue:
        catalogue.execute(sql)
    catalogue.close()
    seal(data, read_manifest(data))


def test_a_good_index_has_no_faults(read_only_data: Path, copied: Path) -> None:
    assert list(verify(read_only_data)) == []
    assert list(verify(copied)) == []


def test_the_manifest_names_every_file_of_the_index(copied: Path) -> None:
    found = [path for path in copied.rglob("*") if path.is_file() and path.suffix != ".lock"]
    named = {copied / file.path for file in read_manifest(copied).files}
    assert named | {copied / MANIFEST} == set(found)


def test_the_kinds_of_files_tested_are_all_there_are(copied: Path) -> None:
    files = [path for path in copied.rglob("*") if path.is_file() and path.stat().st_size]
    assert {path for path in files if not any(path.match(kind) for kind in KINDS)} == set()
    assert {kind for kind in KINDS if not any(path.match(kind) for path in files)} == set()


@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("kind", KINDS)
def test_a_changed_byte_of_any_file_is_told_with_its_name_and_not_opened(
    copied: Path, kind: str, part: float
) -> None:
    [path] = copied.rglob(kind)
    stored = path.read_bytes()
    damaged = bytearray(stored)
    damaged[round(part * (len(stored) - 1))] ^= 0x55
    path.write_bytes(damaged)
    try:
        [fault] = verify(copied)
        assert f"{path} is damaged" in fault
        with pytest.raises(IndexRefusedError, match=rf"{path} is damaged.*: remove .* and build"):
            open_local(copied)
    finally:
        path.write_bytes(stored)


def test_a_changed_byte_of_any_file_beside_the_index_is_told(copied: Path, tmp_path: Path) -> None:
    """Of the journal, which each question changes, only its form is checked."""
    data = Path(shutil.copytree(copied, tmp_path / "data"))
    used_by_its_owner(data)
    of_index = {data / MANIFEST, *(data / file.path for file in read_manifest(data).files)}
    files = {path for path in data.rglob("*") if path.is_file() and path.stat().st_size} - of_index
    kept = {path.relative_to(owned(data)).parts[0] for path in files if OWNED in path.parts}
    assert kept >= {UPLOADS, FETCHED, VISITED, VERSIONS, "edits.json", "rules-added.json"}
    assert len(files) == 19
    assert all_told(data) == []
    for path in files:
        stored = path.read_bytes()
        # In the journal, the mark of the format.
        place = 3 if path.suffix == ".sqlite" else len(stored) // 3
        path.write_bytes(stored[:place] + bytes([stored[place] ^ 1]) + stored[place + 1 :])
        told = [fault for fault in beside_told(data) if str(path) in fault]
        path.write_bytes(stored)
        assert told, path


def all_told(data: Path) -> list[str]:
    """As `index verify` does."""
    return [*verify(data), *beside_told(data)]


def beside_told(data: Path) -> list[str]:
    """Of all that is not the index itself."""
    return [*owner_faults(data), *version_faults(data)]


def used_by_its_owner(data: Path) -> None:
    """All that an owner's acts leave in the data folder: lists, a report, uploads, a journal."""
    withhold(data, [Withheld("gone.txt", "gone")])
    source = data.with_name("more")
    source.mkdir()
    (source / "story.txt").write_text("The dam held.")
    (source / QUESTIONS_FILE).write_text("Did the dam hold?")
    FIRST_QUESTIONS.adopt([source], data)
    FIRST_QUESTIONS.write(data, ["Who built the dam?"])
    add_file(data, "added.txt", BytesIO(b"The ferry sank."))
    with closing(open_local(data)) as store:
        [first, *_] = [store.article(each.id) for each in store.listed()]
        keep_report(data, BuildReport(0, 0, 0, 0, 0, 0, (), (), store.info))
    assert first is not None
    keep_versions(data, [first])
    edit_article(data, first.id, Facts("Another title", None, None, "members"))
    add_rules(data, {"sources": {"Gazette": "The Gazette"}})
    SYNONYMS.write(data, ["quay = pier"])
    sites = Sites(data=data)
    sites.note("https://news.example.org")
    assert sites.allow("https://news.example.org")
    fetched(data).mkdir()
    keep_article(data, "page", {"text": "The heron nests.", "url": "https://news.example.org/1"})
    keep_unfetched(data, {"https://news.example.org/2": "is gone"})
    keep_visited(data, "https://news.example.org/feed", {})
    journal = Journal(data / OWNED / JOURNAL)
    journal.judged(Feedback("Who built the dam?", "up"))
    journal.close()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != MANIFEST])
def test_every_missing_and_every_shortened_file_is_told_with_its_name(
    copied: Path, kind: str
) -> None:
    [path] = copied.rglob(kind)
    stored = path.read_bytes()
    try:
        path.write_bytes(stored[:-1])
        assert list(verify(copied)) == [
            f"{path} has {len(stored) - 1} bytes instead of {len(stored)}"
        ]
        path.unlink()
        assert list(verify(copied)) == [f"{path} is missing"]
    finally:
        path.write_bytes(stored)


def test_all_faults_are_told_not_the_first_alone(data: Path) -> None:
    for name in ("catalogue.sqlite", "vectors.faiss"):
        (data / SEGMENT / name).unlink()
    assert len(list(verify(data))) == 2


@pytest.mark.parametrize("folder", [SEGMENT, "lexical-000001", ENCODER])
def test_a_file_that_no_build_put_there_is_told(data: Path, folder: str) -> None:
    path = data / folder / "notes.txt"
    path.parent.mkdir(exist_ok=True)
    path.write_text("Mine.")
    assert list(verify(data)) == [f"{path} is not part of the index"]


def test_where_there_is_no_index_there_is_nothing_to_verify(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError):
        list(verify(tmp_path))


def test_every_segment_is_read(data: Path) -> None:
    publish_more(data, read_manifest(data), Article("owl", "An owl called."))
    path = data / "segment-000002" / "spans.bin"
    path.write_bytes(np.array([0, 4, -1], np.int32).tobytes())
    seal(data, read_manifest(data))
    assert any("owl:0-4" in fault for fault in verify(data))


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        (
            "UPDATE texts SET text = (SELECT text FROM texts JOIN articles USING (number) WHERE id "
            "= 'comet') WHERE number = (SELECT number FROM articles WHERE id = 'dam')",
            "a text of article 'dam' that does not match its digest",
        ),
        (
            "UPDATE articles SET number = 999 WHERE id = 'bakery'",
            "1 passages of segment-000001 belong to articles that it does not have",
        ),
        (
            "UPDATE articles SET id = 'other', digest = 'sha256:ab' WHERE id = 'dam'",
            "a text of article 'other' that does not match its digest sha256:ab",
        ),
    ],
)
def test_an_article_that_is_wrong_is_told_though_all_checksums_are_right(
    data: Path, sql: str, fault: str
) -> None:
    edit_catalogue(data, sql)
    assert any(fault in line for line in verify(data))


def test_an_article_without_passages_is_told_though_all_checksums_are_right(data: Path) -> None:
    """Those that it had lie under the number of another article."""
    forge(data, "bakery", 0, keys=first_key(number_of(data, "comet")) + 1)
    faults = list(verify(data))
    assert "article 'bakery' has no passages" in faults


@pytest.mark.parametrize(
    ("article_id", "passage", "items", "fault"),
    [
        ("dam", 0, {"spans": (0, 217, -1)}, "leaves passage dam:0-"),
        ("dam", 0, {"spans": (0, 9999, -1)}, "passage dam:0-9999 holds 218 characters"),
        ("harbour", 1, {"spans": (80, 186, 0)}, "overlaps the one before it"),
        ("comet", 0, {"row_spans": (20, 20)}, "sentence 20-20 leaves passage comet:0-78"),
        ("comet", 0, {"spans": (0, 78, 5)}, "names entry 5"),
        ("harbour", 1, {"spans": (114, 186, 99)}, "names entry 99"),
        ("comet", 0, {"row_count": 2}, f"the rows of {SEGMENT} are out of order"),
        ("comet", 0, {"first_row": 10**6}, f"the rows of {SEGMENT} are out of order"),
        ("comet", 0, {"term_count": 1}, f"the terms of {SEGMENT} are out of order"),
        ("comet", 0, {"first_term": 0}, f"the terms of {SEGMENT} are out of order"),
        ("comet", 0, {"keys": 5}, f"the keys of {SEGMENT} are out of order"),
    ],
)
def test_a_span_or_key_that_is_wrong_is_told_though_all_checksums_are_right(
    data: Path, article_id: str, passage: int, items: dict[str, Sequence[int] | int], fault: str
) -> None:
    forge(data, article_id, passage, **items)
    faults = list(verify(data))
    assert any(fault in line for line in faults), faults


@pytest.mark.parametrize("name", ["terms", "row_terms", "earliest", "term_count"])
def test_what_was_never_derived_from_the_text_is_told_though_all_checksums_are_right(
    data: Path, name: str
) -> None:
    """As zeros are that stand where a power cut took what was written."""
    path = data / SEGMENT / f"{name}.bin"
    path.write_bytes(bytes(path.stat().st_size))
    seal(data, read_manifest(data))
    assert any("comet" in fault or "out of order" in fault for fault in verify(data))


@pytest.mark.parametrize(
    ("span", "sentences", "where"),
    [((0, 40), [(0, 38), (39, 40)], "after 40"), ((4, 40), [(0, 34), (35, 36)], "before 4")],
)
def test_words_in_no_passage_are_told_though_all_checksums_are_right(
    data: Path, span: tuple[int, int], sentences: Sequence[tuple[int, int]], where: str
) -> None:
    forge(data, "bakery", 0, spans=(*span, -1), row_spans=sentences[0])
    columns = open_columns(data / SEGMENT, DIMENSION)
    rows = np.array(columns.row_spans)
    rows[-1] = sentences[1]
    (data / SEGMENT / "row_spans.bin").write_bytes(rows.tobytes())
    seal(data, read_manifest(data))
    assert f"words of article 'bakery' {where} are in no passage" in list(verify(data))


def test_what_an_article_says_of_itself_or_of_others_is_missed_by_no_check(data: Path) -> None:
    """It is in no passage, as it is never quoted: before, between and behind those."""
    text = (
        "Correction: The mill burned in 1931, not in 1913.\n\nThe mill burned down.\n\n"
        "Read more: How mills burn\n\nNobody was hurt, said the miller.\n\n"
        "An earlier version of this article named another miller."
    )
    publish_more(data, read_manifest(data), Article("mill", text))
    assert list(verify(data)) == []
