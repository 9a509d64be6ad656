"""An archive copied from one store to another, of either kind, is the same archive."""

from contextlib import closing
from pathlib import Path

import pytest

from index.article import Article
from index.build import build
from index.build.backup import adopt_encoder, copy_archive
from index.build.removal import remove_articles
from index.build.versions import find_version, keep_versions
from index.encoders.files import ENCODER
from index.errors import BuildError, IndexRefusedError
from index.store import open_store, verify
from qa.answer import Question
from qa.ask import Asker
from qa.search import Searcher
from tests.fakes import CountingEncoder, HashEncoder, no_progress
from tests.milvus import milvus_lite

ENCODER_OF_WORDS = HashEncoder()


def cited(data: Path) -> list[tuple[str, str]]:
    """What is quoted for a few questions, and from which article."""
    asked = ("How much water does the dam hold?", "Who was the last keeper?", "What ended at dawn?")
    with closing(open_store(data)) as store:
        asker = Asker(store, Searcher(store, ENCODER_OF_WORDS))
        answers = [asker.ask(Question(text)) for text in asked]
    return [
        (each.article.id, each.quote)
        for answer in answers
        for each in (*answer.citations, *answer.nearest)
    ]


def test_there_and_back_again_nothing_has_changed_and_nothing_was_embedded(
    data: Path, tmp_path: Path
) -> None:
    remove_articles(data, ["bakery"])
    former = Article("ferry", "The ferry sailed at seven.", is_former=True)
    keep_versions(data, [former])
    away, back = milvus_lite(tmp_path / "away"), tmp_path / "back"
    counting = CountingEncoder(ENCODER_OF_WORDS)
    there = copy_archive(data, away, counting, no_progress)
    again = copy_archive(away, back, counting, no_progress)
    assert counting.embedded == []
    with closing(open_store(data)) as store:
        assert there.counts == again.counts == store.info.counts
    assert cited(data) == cited(away) == cited(back)
    assert list(verify(away)) == list(verify(back)) == []
    for place in (away, back):
        assert find_version(place, "ferry", former.digest) == former


def test_what_is_copied_goes_on_being_the_articles_of_its_sources(
    data: Path, sources: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    copy_archive(data, copy, ENCODER_OF_WORDS, no_progress)
    report = build([sources], copy, ENCODER_OF_WORDS, no_progress)
    assert (report.added, report.changed, report.embedded) == (0, 0, 0)


def test_a_place_that_has_an_index_is_not_copied_into(data: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy_archive(data, copy, ENCODER_OF_WORDS, no_progress)
    with pytest.raises(BuildError, match="name a place that has none"):
        copy_archive(data, copy, ENCODER_OF_WORDS, no_progress)


def test_a_copy_by_another_model_is_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(IndexRefusedError, match="'hash', not 'other'"):
        copy_archive(data, tmp_path / "copy", HashEncoder("other"), no_progress)


def test_the_model_that_was_exported_goes_along(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    (source / ENCODER).mkdir(parents=True)
    (source / ENCODER / "model.onnx").write_bytes(b"graph")
    adopt_encoder(source, target)
    adopt_encoder(source, target)
    assert [path.name for path in target.rglob("*")] == [ENCODER, "model.onnx"]
