from pathlib import Path

import pytest

from index.embed import Model
from index.encoders.files import RECORD, Exported, read_exported, write_exported

GRAPH = Exported(
    model=Model("mine", "sha256:ab", 384),
    runs="ONNX Runtime, 8 bits",
    cosine=0.9964,
    query_prompt="query: ",
    passage_prompt="Ł: ",
    longest=256,
    pad_id=1,
    inputs=("input_ids", "attention_mask"),
)
ORIGINAL = Exported(Model("mine", "name:mine", 384), "sentence-transformers")


@pytest.mark.parametrize("exported", [GRAPH, ORIGINAL], ids=["graph", "original"])
def test_what_is_written_is_what_is_read(tmp_path: Path, exported: Exported) -> None:
    write_exported(tmp_path, exported)
    assert read_exported(tmp_path) == exported
    assert [path.name for path in tmp_path.iterdir()] == [RECORD]


def test_only_what_was_found_to_be_near_the_original_is_run_as_a_graph() -> None:
    assert GRAPH.is_graph
    assert not ORIGINAL.is_graph


@pytest.mark.parametrize(
    "stored",
    [b"", b"{", b"[]", b"7", b"null", b"{}", b'{"model": 7, "inputs": []}', b"\xff", b'{"x": 1}'],
)
def test_a_record_that_is_none_is_as_good_as_no_export(tmp_path: Path, stored: bytes) -> None:
    assert read_exported(tmp_path) is None
    (tmp_path / RECORD).write_bytes(stored)
    assert read_exported(tmp_path) is None
