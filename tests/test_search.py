"""A question to ranked passages: what is found, what is filtered, and what is no operator."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from index.build import build
from index.embed import Vectors, passage_text
from index.split import split
from qa.answer import Hit, Question
from qa.rank.features import FEATURES
from qa.rank.weights import RANKING
from qa.search import Searcher
from tests.archives import Opened, Record, build_records, open_index
from tests.fakes import HashEncoder, no_progress

COVERAGE = FEATURES.index("coverage")

# The same words on both sides of every border of 29 September, and one without a date.
DATED: list[Record] = [
    {"_id": name, "text": "The dam on the river holds.", "published": published}
    for name, published in {
        "day-before": "2022-09-28",
        "first-minute": "2022-09-29T00:00:00+02:00",
        "the-day": "2022-09-29",
        "last-second": "2022-09-29T23:59:59+02:00",
        "evening-in-new-york": "2022-09-29T23:30:00-04:00",
        "day-after": "2022-09-30",
        "undated": None,
    }.items()
]
RIVERS: list[Record] = [
    {
        "_id": f"dam-{river}",
        "title": f"The {river}",
        "text": f"The dam on the {river} holds. The {river} is {length} miles long. Rain fell.",
    }
    for length, river in enumerate("Tessel Orrin Vessel Mill Dawn".split(), start=300)
]
ON_THE_DAY = {"first-minute", "the-day", "last-second", "evening-in-new-york"}
ALL_DATED = ON_THE_DAY | {"day-before", "day-after"}


@pytest.fixture(scope="module")
def opened(read_only_data: Path) -> Opened:
    return open_index(read_only_data)


@pytest.fixture(scope="module")
def dated(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    return open_index(build_records(tmp_path_factory.mktemp("dated") / "data", DATED))


def found(opened: Opened, question: Question) -> set[str]:
    """Ids of the articles found."""
    return {hit.passage.article_id for hit in opened.searcher.search(question)}


def search(opened: Opened, text: str, k: int = 5) -> list[Hit]:
    return opened.searcher.search(Question(text, k=k))


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("When was the lighthouse lit for the first time?", "3 November 1874"),
        ("Who was the last keeper of the lighthouse?", "Jonas Field"),
        ("How much water does the dam on the river Tessel hold?", "ninety million"),
        ("How many votes for a strike did the union count?", "412 votes"),
        ("When does the comet return?", "76 years"),
        ("Where does the oven of the bakery go?", "museum"),
    ],
)
def test_the_passage_with_the_questions_words_ranks_first(
    opened: Opened, question: str, words: str
) -> None:
    assert words in search(opened, question)[0].passage.text


@pytest.mark.parametrize(
    "question",
    [
        'AND OR NOT "lighthouse" title:oil (',
        "lighthouse AND NOT oil",
        "+lighthouse -oil",
        "lighthouse* oil~2 ^3",
        "[lighthouse TO oil] {oil}",
        r"lighthouse \ oil /.*/",
        "'; -- lighthouse whale oil",
    ],
)
def test_operators_quotes_and_colons_are_words_not_syntax(opened: Opened, question: str) -> None:
    first = search(opened, question)[0]
    assert "whale oil" in first.passage.text


def test_signs_around_words_change_nothing(opened: Opened) -> None:
    plain = search(opened, "lighthouse whale oil lamp", k=20)
    assert search(opened, '"lighthouse" (whale:oil) -lamp^*', k=20) == plain


@pytest.mark.parametrize("k", [1, 2, 3, 1_000])
def test_no_more_than_k_passages_come_back(opened: Opened, k: int) -> None:
    everything = search(opened, "the lighthouse, the dam and the harbour", k=1_000)
    hits = search(opened, "the lighthouse, the dam and the harbour", k=k)
    assert hits == everything[:k]
    assert len({hit.passage.id for hit in hits}) == len(hits)


def test_hits_come_best_first(opened: Opened) -> None:
    scores = [hit.score for hit in search(opened, "the keeper of the lighthouse", k=100)]
    assert len(scores) > 1
    assert scores == sorted(scores, reverse=True)


def test_a_question_about_something_else_does_not_fill_up_with_unrelated_passages(
    opened: Opened,
) -> None:
    hits = search(opened, "quarks gluons chromodynamics", k=1_000)
    assert len(hits) < opened.snapshot.manifest.counts.passages / 2


def test_a_question_without_a_single_term_is_searched_without_an_error(opened: Opened) -> None:
    assert all(hit.passage.text for hit in search(opened, "x" * 300))


def test_the_same_question_finds_the_same_hits_in_the_same_order(
    opened: Opened, read_only_data: Path
) -> None:
    again = open_index(read_only_data)
    for text in ("the lighthouse", "a strike at dawn", "how long did it take?"):
        assert search(opened, text, k=50) == search(opened, text, k=50) == search(again, text, k=50)


@pytest.mark.parametrize(
    ("after", "before", "ids"),
    [
        ("2022-09-29", "2022-09-29", ON_THE_DAY),
        ("2022-09-30", None, {"day-after"}),
        (None, "2022-09-28", {"day-before"}),
        ("2022", "2022", ALL_DATED),
        ("2022-09", None, ALL_DATED),
        ("2022-10", None, set()),
        (None, "2021", set()),
        ("2022-09-29T23:59:59", "2022-09-29", {"last-second"}),
        ("2022-09-29", "2022-09-29T00:00", {"first-minute"}),
        # A bound with an offset compares moments: 28 September 22:00 UTC is midnight in Paris.
        ("2022-09-28T22:00Z", "2022-09-28T22:00Z", {"first-minute"}),
        ("2022-09-28T22:01Z", "2022-09-29T21:59Z", {"last-second"}),
        ("2022-09-30T03:30Z", "2022-09-30T03:30Z", {"evening-in-new-york"}),
        ("2022-09-29T23:59:59+02:00", "2022-09-29T23:59:59+02:00", {"last-second"}),
    ],
)
def test_a_period_is_exact_at_its_borders(
    dated: Opened, after: str | None, before: str | None, ids: set[str]
) -> None:
    asked = Question("the dam on the river", after=after, before=before, k=100)
    assert found(dated, asked) == ids


def test_an_article_without_a_date_lies_in_no_period(dated: Opened) -> None:
    assert found(dated, Question("the dam", k=100)) == ALL_DATED | {"undated"}
    assert found(dated, Question("the dam", after="1000", k=100)) == ALL_DATED
    assert found(dated, Question("the dam", before="9998", k=100)) == ALL_DATED


@pytest.mark.parametrize(
    ("after", "before", "headings"),
    [
        ("2022-09-28", "2022-09-28", {"Talks break off", "Vote on a strike"}),
        ("2022-09-28T22:42", "2022-09-28T22:42", {"Vote on a strike"}),
        ("2022-09-28T14:05Z", "2022-09-28T20:42Z", {"Vote on a strike"}),
        ("2022-09-29T04:00+02:00", "2022-09-29T08:00+02:00", {"Ferry turned away"}),
    ],
)
def test_entries_of_a_live_blog_lie_in_a_period_by_their_own_time(
    opened: Opened, after: str | None, before: str | None, headings: set[str]
) -> None:
    asked = Question("strike union talks ferry captain", after=after, before=before, k=100)
    hits = opened.searcher.search(asked)
    assert {hit.passage.entry.heading for hit in hits if hit.passage.entry} == headings
    assert all(hit.passage.entry for hit in hits)


def test_a_source_filters_exactly(opened: Opened) -> None:
    asked = Question("dam and lighthouse", source="Coast Weekly")
    assert found(opened, asked) == {"lighthouse"}
    assert found(opened, replace(asked, source="coast weekly")) == set()


def test_filtered_and_other_questions_are_searched_at_once(opened: Opened) -> None:
    plain = Question("dam and lighthouse", k=10)
    asked = [plain, replace(plain, source="Coast Weekly")] * 60
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(lambda one: found(opened, one), asked, timeout=60))
    assert all(outcome == {"lighthouse"} for outcome in outcomes[1::2])


@pytest.mark.parametrize("source", ["Coast", "Coast%", "Coast Weekly 2", "%", "' OR 1=1 --"])
def test_a_source_is_matched_whole_and_never_as_a_pattern(opened: Opened, source: str) -> None:
    assert found(opened, Question("dam and lighthouse", source=source)) == set()


def test_filters_hold_together(opened: Opened) -> None:
    asked = Question("lighthouse and dam", source="Coast Weekly", after="2022")
    assert found(opened, asked) == set()
    assert found(opened, Question("dam", source="Inland Gazette", after="2020")) == {"dam"}


class FarEncoder(HashEncoder):
    """Takes every question to be about a meadow, whatever its words."""

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return super().encode_queries(["A meadow with poppies in bloom by a mill." for _ in texts])


def test_passages_that_only_vectors_propose_are_weighed_by_their_words_too(tmp_path: Path) -> None:
    # 120 short texts win by BM25, so the long one is proposed by its vector alone.
    meadow = "A meadow with poppies in bloom by a mill. " * 8 + "Behind it lies the dam."
    records: list[Record] = [{"_id": f"dam-{n}", "text": f"Dam {n}."} for n in range(120)]
    data = build_records(tmp_path / "data", [*records, {"_id": "meadow", "text": meadow}])
    snapshot = open_index(data).snapshot
    proposed = snapshot.lexical.search(["dam"], 100)
    ranking = Searcher(snapshot, FarEncoder()).rank(Question("dam"))
    weighed = {
        snapshot.locate(one.key).article.id: (one.key, one.features[COVERAGE])
        for one in ranking.best()
    }
    assert weighed["meadow"][0] not in proposed
    # Of the hundred that each proposes, the hundred best of both are weighed.
    assert len(weighed) == 100
    assert {found for _, found in weighed.values()} == {1.0}


def test_the_cosine_of_an_article_of_one_passage_is_that_of_the_passage_with_its_title(
    opened: Opened,
) -> None:
    question = "the bakery in Mill Lane"
    first = next(opened.searcher.rank(Question(question)).best(1))
    article, encoder = opened.snapshot.locate(first.key).article, HashEncoder()
    [passage] = split(article)
    [vectors] = encoder.encode_passages([passage_text(article.title, passage)])
    expected = float(vectors.passage @ encoder.encode_query(question))
    assert article.id == "bakery"
    assert first.features[FEATURES.index("article_cosine")] == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("limit", [0, 1, 3, 1_000, None])
def test_the_best_candidates_are_the_first_of_all(opened: Opened, limit: int | None) -> None:
    ranking = opened.searcher.rank(Question("the lighthouse, the dam and the harbour"))
    everything = [one.key for one in ranking.best()]
    assert [one.key for one in ranking.best(limit)] == everything[:limit]
    assert len(set(everything)) == len(everything) > 3


def test_a_score_is_the_weighted_sum_of_the_evidence(opened: Opened) -> None:
    for one in opened.searcher.rank(Question("Who kept the lighthouse of Cape Orrin?")).best():
        products = zip(one.features.tolist(), RANKING.weights, strict=True)
        assert one.score == pytest.approx(sum(value * weight for value, weight in products))


def test_the_sentences_of_a_candidate_are_those_of_its_passage(opened: Opened) -> None:
    ranking = opened.searcher.rank(Question("the keeper of the lighthouse and the dam"))
    vector = HashEncoder().encode_query(ranking.query.text)
    for one in ranking.best():
        passage = opened.snapshot.locate(one.key).passage
        said = [passage.words(span) for span in passage.sentences]
        vectors = HashEncoder().encode_queries(said)
        assert one.sentences.cosine.tolist() == pytest.approx((vectors @ vector).tolist(), abs=0.02)


def test_an_index_grown_by_many_builds_ranks_as_one_built_at_once(tmp_path: Path) -> None:
    grown, at_once = tmp_path / "grown", tmp_path / "at_once"
    for count in range(1, len(RIVERS) + 1):
        build_records(grown, RIVERS[:count])
    build_records(at_once, RIVERS)
    several, one = open_index(grown), open_index(at_once)
    assert len(several.snapshot.segments) > len(one.snapshot.segments) == 1
    for text in ("the dam on the Orrin", "Which river is long?", "rain at dawn"):
        scores = [
            {hit.passage.id: hit.score for hit in search(opened, text, k=100)}
            for opened in (several, one)
        ]
        assert scores[0] == pytest.approx(scores[1])


def test_what_was_removed_or_replaced_is_never_found(tmp_path: Path) -> None:
    data = build_records(tmp_path / "data", RIVERS)
    changed = [dict(record, text=f"{record['text']} It was mended.") for record in RIVERS[:2]]
    source = data.with_name("data.jsonl")
    source.write_text("\n".join(json.dumps(record) for record in changed), encoding="utf-8")
    build([source], data, HashEncoder(), no_progress, prune="force")
    opened = open_index(data)
    hits = search(opened, "the dam on the Orrin and the Dawn", k=100)
    assert sorted(hit.passage.article_id for hit in hits) == ["dam-Orrin", "dam-Tessel"]
    assert all("It was mended." in hit.passage.text for hit in hits)
