import shutil
from pathlib import Path

import pytest

from index.article import Article
from index.catalogue import Place
from index.draft import adopt_vectors, discard, open_draft, publish
from index.embed import passage_text
from index.errors import IndexRefusedError
from index.manifest import MANIFEST, read_manifest
from index.split import split
from index.store import CATALOGUE, open_snapshot
from index.verify import verify
from tests.fakes import HashEncoder

STORY = Article("story", "The ferry left at noon. Nobody wept.", title="A ferry")
DRAFT, INTERRUPTED = "building", "interrupted"


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def leave_a_killed_build(data: Path, encoder: HashEncoder, *, embedded: bool = True) -> None:
    """As after a kill: a draft that holds the story, embedded or not."""
    draft = open_draft(data, None, encoder.model)
    draft.put(STORY, Place("/story.txt", "/story.txt"), "record", split(STORY))
    for worded in draft.next_not_embedded(9) if embedded else []:
        text = passage_text(worded.title, worded.passage)
        draft.set_vectors(worded.key, encoder.encode_passages([text])[0])
    draft.commit()
    draft.close()


def not_embedded_after_adoption(data: Path, encoder: HashEncoder) -> int:
    """Of the story, entered in a new draft."""
    draft = open_draft(data, None, encoder.model)
    draft.put(STORY, Place("/story.txt", "/story.txt"), "record", split(STORY))
    adopt_vectors(data, draft, None, encoder.model)
    left = draft.not_embedded()
    draft.close()
    return left


def test_a_draft_starts_as_a_copy_of_what_is_published(data: Path, encoder: HashEncoder) -> None:
    draft = open_draft(data, read_manifest(data), encoder.model)
    assert draft.counts() == read_manifest(data).counts
    draft.remove("dam")
    draft.commit()
    assert open_snapshot(data).article("dam") is not None
    discard(data, draft)
    assert names_in(data) == {MANIFEST, "generation-000001"}


def test_a_damaged_catalogue_is_not_copied_into_a_draft(data: Path, encoder: HashEncoder) -> None:
    manifest = read_manifest(data)
    path = manifest.folder(data) / CATALOGUE
    stored = bytearray(path.read_bytes())
    stored[-1] ^= 1
    path.write_bytes(stored)
    with pytest.raises(IndexRefusedError, match=f"{path} is missing or damaged: remove"):
        open_draft(data, manifest, encoder.model)


def test_a_published_draft_is_an_index(tmp_path: Path, encoder: HashEncoder) -> None:
    leave_a_killed_build(tmp_path, encoder)
    draft = open_draft(tmp_path, None, encoder.model)
    draft.put(STORY, Place("/story.txt", "/story.txt"), "record", split(STORY))
    adopt_vectors(tmp_path, draft, None, encoder.model)
    manifest = publish(tmp_path, draft, 7, encoder.model)
    assert manifest.generation == 7
    assert open_snapshot(tmp_path).article("story") == STORY
    assert list(verify(tmp_path)) == []
    assert names_in(tmp_path) == {MANIFEST, "generation-000007"}


def test_vectors_of_a_killed_build_are_taken_up(tmp_path: Path, encoder: HashEncoder) -> None:
    leave_a_killed_build(tmp_path, encoder)
    assert not_embedded_after_adoption(tmp_path, encoder) == 0
    assert not (tmp_path / INTERRUPTED).exists()


def test_vectors_of_a_killed_build_by_another_model_are_not(
    tmp_path: Path, encoder: HashEncoder
) -> None:
    leave_a_killed_build(tmp_path, encoder)
    assert not_embedded_after_adoption(tmp_path, HashEncoder("other")) == 1
    assert not (tmp_path / INTERRUPTED).exists()


def test_vectors_outlast_a_second_build_killed_before_it_took_them_up(
    tmp_path: Path, encoder: HashEncoder
) -> None:
    leave_a_killed_build(tmp_path, encoder)
    leave_a_killed_build(tmp_path, encoder, embedded=False)
    assert not_embedded_after_adoption(tmp_path, encoder) == 0


@pytest.mark.parametrize("left", [[], ["model"], ["catalogue"], ["catalogue", "model"]])
def test_a_build_killed_while_its_draft_was_set_up_does_not_stop_the_next(
    tmp_path: Path, encoder: HashEncoder, left: list[str]
) -> None:
    (tmp_path / DRAFT).mkdir()
    if "model" in left:
        (tmp_path / DRAFT / "model").write_text(encoder.model.digest, encoding="utf-8")
    if "catalogue" in left:
        (tmp_path / DRAFT / CATALOGUE).touch()
    assert not_embedded_after_adoption(tmp_path, encoder) == 1


def test_a_vectors_file_that_a_kill_damaged_is_passed_over(
    tmp_path: Path, encoder: HashEncoder
) -> None:
    leave_a_killed_build(tmp_path, encoder)
    (tmp_path / DRAFT / CATALOGUE).write_bytes(b"No catalogue is this. " * 999)
    assert not_embedded_after_adoption(tmp_path, encoder) == 1


def test_a_generation_that_a_killed_build_did_not_clear_is_cleared_by_the_next(
    data: Path, encoder: HashEncoder
) -> None:
    shutil.copytree(data / "generation-000001", data / "generation-000000")
    discard(data, open_draft(data, read_manifest(data), encoder.model))
    assert names_in(data) == {MANIFEST, "generation-000001"}


def test_a_leftover_damaged_inside_costs_its_vectors_and_not_the_build(
    data: Path, encoder: HashEncoder
) -> None:
    leave_a_killed_build(data, encoder)
    catalogue = data / DRAFT / CATALOGUE
    stored = bytearray(catalogue.read_bytes())
    stored[4096:] = b"\xff" * (len(stored) - 4096)
    catalogue.write_bytes(stored)
    assert not_embedded_after_adoption(data, encoder) == len(split(STORY))
    assert not (data / INTERRUPTED).exists()
