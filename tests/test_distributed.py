"""Passages encoded by a pool are those that one process encodes, in their order."""

import sys
from contextlib import closing
from functools import partial
from multiprocessing.pool import ThreadPool
from pathlib import Path

import numpy as np
import pytest

from index.embed import PassageText
from index.encoders.distributed import DistributedEncoder, Pool, begin, ray_pool
from index.errors import SettingError
from tests.fakes import CountingEncoder, HashEncoder

TEXTS = [f"Ship {number} left. It was {number} years old." for number in range(70)]
PASSAGES = [PassageText("Ships\n", text, ((0, text.index(".") + 1),)) for text in TEXTS]


def pool_of(encoder: CountingEncoder) -> Pool:
    """Two threads that stand for the processes of Ray, which take seconds to start."""
    pool: Pool = ThreadPool(2, begin, (lambda: encoder,))
    return pool


def test_what_a_pool_encodes_is_what_one_process_does_in_its_order() -> None:
    here, there = CountingEncoder(HashEncoder()), CountingEncoder(HashEncoder())
    with closing(DistributedEncoder(here, partial(pool_of, there))) as encoder:
        found = [*encoder.encode_passages(PASSAGES[:1]), *encoder.encode_passages(PASSAGES[1:])]
    for made, alone in zip(found, HashEncoder().encode_passages(PASSAGES), strict=True):
        assert np.array_equal(made.passage, alone.passage)
        assert np.array_equal(made.sentences, alone.sentences)
    # The first may export the model that the others run.
    assert here.embedded == PASSAGES[:1]
    assert sorted(each.text for each in there.embedded) == sorted(TEXTS[1:])


def test_what_the_first_passages_are_all_of_starts_no_pool() -> None:
    def start() -> Pool:
        pytest.fail("it was started")

    with closing(DistributedEncoder(HashEncoder(), start)) as encoder:
        assert encoder.encode_passages([]) == []
        assert len(encoder.encode_passages(PASSAGES[:3])) == 3


def test_without_ray_the_remedy_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray.util.multiprocessing", None)
    with pytest.raises(SettingError, match=r"pip install -r requirements-ray.txt"):
        ray_pool(2, tmp_path, "any")
