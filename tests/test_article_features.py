"""What the article around a passage tells: its mean vector, its words, the passage before."""

from pathlib import Path

import numpy as np
import pytest

from index.analysis import term_codes
from index.embed import passage_text, unit
from index.keys import Keys, PassageTerms, blocks_of, first_key, first_keys
from index.split import split
from index.vectors import from_signed_bytes, to_signed_bytes
from qa.answer import Question
from qa.rank.features import FEATURES, article_features, bm25
from qa.search import Candidate
from qa.understand.query import Query
from tests.archives import Opened, build_records, open_index
from tests.fakes import DIMENSION, HashEncoder

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
        measures = dict(zip(FEATURES, one.features.tolist(), strict=True))
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


def test_the_mean_of_an_article_counts_as_far_as_it_has_other_passages(opened: Opened) -> None:
    question = "the dam, the comet and the flood"
    found = weighed(opened, question)
    [(_, short)] = found["short"]
    assert (short["whole_article"], short["article_mean"]) == (1, 0)
    article = opened.snapshot.article("long")
    assert article is not None
    texts = [passage_text(article.title, passage) for passage in split(article)]
    vectors = np.array([made.passage for made in HashEncoder().encode_passages(texts)])
    mean = float((vectors @ HashEncoder().encode_query(question)).mean())
    for _, long in found["long"]:
        assert long["whole_article"] == 1 / len(texts)
        assert long["article_mean"] == pytest.approx(mean * (1 - 1 / len(texts)), abs=0.01)


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


@pytest.mark.parametrize("changed", [False, True])
def test_several_segments_and_an_article_that_was_replaced_change_nothing(
    tmp_path: Path, changed: bool
) -> None:
    before = [RECORDS[0], {**RECORDS[1], "text": "A dam, a comet, a bakery."}][: 1 + changed]
    build_records(tmp_path / "grown", before)
    build_records(tmp_path / "grown", RECORDS)
    build_records(tmp_path / "whole", RECORDS)
    grown, whole = (open_index(tmp_path / name) for name in ("grown", "whole"))
    assert (len(grown.snapshot.segments), len(grown.snapshot.removed)) == (2, int(changed))
    told = [
        {key: [each for _, each in found] for key, found in weighed(one, "dam or comet").items()}
        for one in (grown, whole)
    ]
    assert told[0].keys() == told[1].keys() == {"long", "short"}
    for key, found in told[0].items():
        for one, other in zip(found, told[1][key], strict=True):
            if changed:
                # The mean length counts what was replaced until its segment is written anew.
                del one["article_bm25"], other["article_bm25"]
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


def handmade(keys: Keys, *texts: str) -> PassageTerms:
    """Passages of these words, with vectors by chance."""
    vectors = np.random.default_rng(len(keys)).normal(size=(len(keys), DIMENSION))
    return PassageTerms(
        keys=keys,
        vectors=to_signed_bytes(unit(vectors)),
        counts=np.array([len(text.split()) for text in texts], np.int32),
        terms=term_codes(word for text in texts for word in text.split()),
    )


def measured(query: Query, around: PassageTerms, keys: Keys, name: str) -> list[float]:
    """One measure of the passages of these keys, where an article has ten terms."""
    found: list[float] = article_features(query, around, keys, 10.0)[name].tolist()
    return found


def one_share(often: int, length: float) -> float:
    """BM25 of one term, as a share of the most that it can come to."""
    return often / (often + 1.2 * (1 - 0.75 + 0.75 * length))


def test_bm25_is_a_share_of_what_endless_repetition_comes_to(opened: Opened) -> None:
    query = opened.query("dam flood")
    often = np.array([[1, 0], [2, 1], [0, 0], [10**9, 10**9]])
    found = bm25(query, often, np.array([1.0, 1.5, 1.0, 1.0])).tolist()
    dam, flood = (query.weights / query.weights.sum()).tolist()
    both = dam * one_share(2, 1.5) + flood * one_share(1, 1.5)
    assert found == pytest.approx([dam * one_share(1, 1.0), both, 0.0, 1.0])


def test_an_article_is_as_long_as_all_its_passages_together(opened: Opened) -> None:
    keys = first_key(1) + np.arange(2, dtype=np.int64)
    around = handmade(keys, "dam of stone", "rain and dam wind rain")
    expected = one_share(2, (3 + 5) / 10)
    assert measured(opened.query("dam"), around, keys, "article_bm25") == pytest.approx(
        [expected, expected]
    )


def test_passages_in_any_order_get_the_measures_of_their_own_articles(opened: Opened) -> None:
    keys = np.array([first_key(1), first_key(2), first_key(2) + 1], np.int64)
    around, query = handmade(keys, "dam", "rain", "flood"), opened.query("dam")
    for order in ([0, 1, 2], [2, 0, 1], [1, 2, 0], [0], [2]):
        for name in ("article_cosine", "article_bm25", "coverage"):
            whole = measured(query, around, keys, name)
            found = measured(query, around, keys[order], name)
            assert found == pytest.approx([whole[place] for place in order])


def test_what_is_further_than_its_block_tells_nothing_of_a_passage(opened: Opened) -> None:
    keys = first_key(1) + np.arange(32 + 3, dtype=np.int64)
    around = handmade(keys, *["rain"] * 32, "wind", "dam", "rain")
    query = opened.query("dam")
    found = measured(query, around, keys, "article_bm25")
    assert found == pytest.approx([0.0] * 32 + [one_share(1, 3 / 10)] * 3)
    vectors = from_signed_bytes(around.vectors)
    means = unit(np.array([vectors[:32].mean(axis=0), vectors[32:].mean(axis=0)]))
    first, second = (means @ query.vector).tolist()
    assert measured(query, around, keys, "article_cosine") == pytest.approx(
        [first] * 32 + [second] * 3, abs=1e-5
    )


def test_what_stands_two_passages_before_or_behind_is_not_covered(opened: Opened) -> None:
    keys = first_key(1) + np.arange(4, dtype=np.int64)
    around = handmade(keys, "rain", "dam", "rain", "rain")
    assert measured(opened.query("dam"), around, keys, "coverage") == [0, 1, 1, 0]


def test_the_last_passage_of_an_article_covers_nothing_for_the_next_article(opened: Opened) -> None:
    keys = np.array([first_key(1), first_key(1) + 1, first_key(2)], np.int64)
    around = handmade(keys, "rain", "dam", "rain")
    assert measured(opened.query("dam"), around, keys, "coverage") == [0, 1, 0]


def test_the_last_passage_of_a_block_is_not_before_one_of_a_block_further_on(
    opened: Opened,
) -> None:
    keys = first_key(1) + np.array([31, 64], np.int64)
    around = handmade(keys, "dam", "rain")
    assert measured(opened.query("dam"), around, keys, "coverage") == [1, 0]
