"""What the article around a passage tells: its mean vector, its words, the passage before."""

from pathlib import Path

import numpy as np
import pytest

from index.embed import passage_text
from index.keys import blocks_of, first_key, first_keys
from index.split import split
from qa.answer import Question
from qa.evidence import MEASURES
from qa.search import Candidate
from tests.archives import Opened, build_records, open_index
from tests.fakes import HashEncoder

RAIN = "Rain fell on the valley for days and nobody slept well that week. "
RECORDS = [
    {
        "_id": "long",
        "title": "A valley",
        "text": f"The dam held.\n\n{RAIN * 14}\n\nA comet came.\n\n{RAIN * 14}\n\nA flood came.",
    },
    {"_id": "short", "title": "Notes", "text": "A comet was seen over the dam."},
]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    return open_index(build_records(tmp_path_factory.mktemp("around") / "data", RECORDS))


def weighed(opened: Opened, question: str) -> dict[str, list[tuple[Candidate, dict[str, float]]]]:
    """The candidates of each article in the order of its text, with their measures."""
    found: dict[str, list[tuple[Candidate, dict[str, float]]]] = {}
    candidates = sorted(opened.searcher.rank(Question(question)).best(), key=lambda one: one.key)
    for one in candidates:
        measures = dict(zip(MEASURES, one.evidence.tolist(), strict=True))
        article = opened.snapshot.locate(one.key).article
        found.setdefault(article.id, []).append((one, measures))
    return found


def test_the_cosine_of_an_article_is_that_of_the_mean_of_its_passages(opened: Opened) -> None:
    question = "the dam, the comet and the flood"
    article = opened.snapshot.article("long")
    assert article is not None
    texts = [passage_text(article.title, passage) for passage in split(article)]
    mean = np.mean([made.passage for made in HashEncoder().encode_passages(texts)], axis=0)
    expected = float(mean @ HashEncoder().encode_query(question) / np.linalg.norm(mean))
    found = [measures["article_cosine"] for _, measures in weighed(opened, question)["long"]]
    assert len(found) == len(texts) > 1
    assert found == pytest.approx([expected] * len(texts), abs=0.01)


def test_words_of_all_its_passages_count_for_an_article(opened: Opened) -> None:
    found = weighed(opened, "flood")
    assert {measures["article_bm25"] > 0 for _, measures in found["long"]} == {True}
    assert all(measures["article_bm25"] == 0 for _, measures in found.get("short", []))


def test_what_the_passage_before_says_is_covered_but_not_what_another_article_says(
    opened: Opened,
) -> None:
    found = [measures["coverage"] for _, measures in weighed(opened, "dam")["long"]]
    assert found[:2] == [1.0, 1.0]
    assert set(found[2:]) <= {0.0}
    ends = weighed(opened, "flood")
    assert all(measures["coverage"] == 0 for _, measures in ends.get("short", []))


def test_several_segments_and_removed_articles_change_nothing(tmp_path: Path) -> None:
    for count in (1, 2):
        build_records(tmp_path / "grown", RECORDS[:count])
    build_records(tmp_path / "whole", RECORDS)
    grown, whole = (open_index(tmp_path / name) for name in ("grown", "whole"))
    assert len(grown.snapshot.segments) == 2
    told = [
        {key: [each for _, each in found] for key, found in weighed(one, "dam or comet").items()}
        for one in (grown, whole)
    ]
    assert told[0].keys() == told[1].keys()
    for key, found in told[0].items():
        for one, other in zip(found, told[1][key], strict=True):
            assert one == pytest.approx(other, abs=0.01)


def test_around_a_passage_are_those_of_its_block_and_of_no_other_article(opened: Opened) -> None:
    keys = np.array([first_key(1)], np.int64)
    around = opened.snapshot.around(keys).keys
    assert blocks_of(around).tolist() == blocks_of(np.repeat(keys, len(around))).tolist()
    assert len(around) == len(split_of(opened, "long"))


def test_a_block_is_thirty_two_passages_of_one_article() -> None:
    keys = first_key(7) + np.arange(70, dtype=np.int64)
    assert len(np.unique(blocks_of(keys))) == 3
    assert first_keys(blocks_of(keys[:1])).tolist() == [first_key(7)]
    assert first_keys(blocks_of(keys[32:33])).tolist() == [first_key(7) + 32]
    assert not set(blocks_of(keys)) & set(blocks_of(first_key(8) + np.arange(2)))


def split_of(opened: Opened, article_id: str) -> list[object]:
    article = opened.snapshot.article(article_id)
    assert article is not None
    return list(split(article))
