"""Dated questions on the sample archive, with the real model."""

from collections.abc import Iterator

import pytest

from bench.understanding_dates import OF_THE_SAMPLE, SAMPLE, ask_dated, read_dated
from index.build import build
from index.encoders import ModelEncoder
from index.store import open_store
from qa.ask import Asker
from qa.rank.batching import SharedEncoder
from qa.search import Searcher
from tests.fakes import no_progress

# Of 44; a change of the model's weights may turn one or two.
AT_LEAST = 42


@pytest.fixture(scope="module")
def asker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    data = tmp_path_factory.mktemp("dated")
    encoder = ModelEncoder(data)
    build([SAMPLE], data, encoder, no_progress)
    snapshot = open_store(data, encoder.model)
    yield Asker(snapshot, Searcher(snapshot, SharedEncoder(encoder)))
    snapshot.close()


def test_the_time_of_dated_questions_is_understood_and_nothing_outside_it_is_shown(
    asker: Asker,
) -> None:
    wrong = [
        (dated.question.text, answer.understood_when)
        for dated, answer in ask_dated(asker, OF_THE_SAMPLE)
        if not dated.is_right(answer)
    ]
    assert len(read_dated(OF_THE_SAMPLE)) - len(wrong) >= AT_LEAST, wrong
