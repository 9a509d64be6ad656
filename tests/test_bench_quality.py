"""The stages of the ranking, their scores and tables, on a tiny archive of hashed words."""

import argparse
import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.ablation import (
    ALL,
    STAGES,
    WITHOUT,
    Asked,
    KnownVectors,
    by_all,
    by_both,
    by_floor,
    by_vectors,
    by_words,
    measure_stages,
    without,
)
from bench.quality import markdown, measure, measure_quotes, read_names
from bench.sets import DataSet, judged_twice, read_set
from index.analysis import Analyzer
from index.keys import Keys
from qa.answer import Question
from qa.rank.features import FEATURES
from qa.rank.weights import RANKING
from tests.archives import Opened, open_index
from tests.fakes import HashEncoder

WHALE_OIL = "What did the lamp of the lighthouse burn until 1891?"
ROWS = (
    {
        "id": "oil",
        "question": WHALE_OIL,
        "article": "lighthouse",
        "passage": "Its lamp burned whale oil",
    },
    {
        "id": "comet",
        "question": "Until which day can the comet be seen with the naked eye?",
        "article": "comet",
        "passage": "until Friday",
    },
)
ANSWERS = {"oil": ("whale oil",), "comet": ("Friday",)}


@pytest.fixture
def opened(read_only_data: Path) -> Opened:
    return open_index(read_only_data)


@pytest.fixture
def data_set(sources: Path) -> DataSet:
    return judged_twice("tiny", sources, ROWS)


def ask(opened: Opened, question: str = WHALE_OIL) -> Asked:
    return Asked(opened.snapshot, opened.searcher.rank(Question(question)))


def weighed(asked: Asked, columns: Mapping[str, Sequence[float]]) -> Asked:
    """As if the first candidates had this evidence, none for all else, and were all there are."""
    features = np.zeros((len(next(iter(columns.values()))), len(FEATURES)))
    for measure_, values in columns.items():
        features[:, FEATURES.index(measure_)] = values
    scores = features @ RANKING.weights
    ranking = replace(
        asked.ranking,
        keys=np.arange(len(features)),
        matches=replace(asked.ranking.matches, features=features),
        scores=scores,
        order=np.argsort(-scores, kind="stable"),
    )
    return replace(asked, ranking=ranking)


def known(*data_sets: DataSet) -> KnownVectors:
    return KnownVectors(HashEncoder(), [one for each in data_sets for one in each.questions])


def told(keys: Keys) -> list[int]:
    return [int(key) for key in keys]


def gzipped(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = "\n".join(json.dumps(row) for row in rows)
    path.write_bytes(gzip.compress(lines.encode()))


def test_all_evidence_orders_as_search_does(opened: Opened) -> None:
    hits = opened.searcher.search(Question(WHALE_OIL, k=50))
    found = [opened.snapshot.locate(key).passage.id for key in told(by_all(ask(opened)))]
    assert found == [hit.passage.id for hit in hits]


def test_vectors_alone_find_every_passage_and_words_only_those_with_a_word(opened: Opened) -> None:
    asked = ask(opened, "comet")
    assert len(by_vectors(asked)) == len(opened.snapshot)
    texts = [opened.snapshot.locate(key) for key in told(by_words(asked))]
    assert [located.article.id for located in texts] == ["comet"]


def test_fusion_has_what_either_finds_and_first_what_both_have_first(opened: Opened) -> None:
    asked = ask(opened)
    by_vector, by_word, both = by_vectors(asked), by_words(asked), by_both(asked)
    assert sorted(told(both)) == sorted({*told(by_vector), *told(by_word)})
    assert by_vector[0] == by_word[0] == both[0]


def test_the_floor_adds_up_how_far_each_measure_stands_from_its_mean(opened: Opened) -> None:
    asked = ask(opened)
    matches, query = asked.ranking.matches, asked.ranking.query
    ends = np.cumsum(matches.rows.counts)
    words = [
        Analyzer().terms((found.article.title or "") + " " + found.passage.text)
        for found in (opened.snapshot.locate(key) for key in asked.ranking.keys.tolist())
    ]
    lengths = np.array([len(each) for each in words])
    often = np.array([[each.count(term) for term in query.terms] for each in words])
    counts = opened.snapshot.info.counts
    mean = opened.snapshot.mean_article_terms * counts.articles / counts.passages
    scale = 1.2 * (1 - 0.75 + 0.75 * lengths / mean)
    bm25 = (often * (1.2 + 1) / (often + scale[:, np.newaxis])) @ query.weights
    columns = np.column_stack(
        [
            matches.cosines[ends - matches.rows.counts],
            matches.features[:, FEATURES.index("sentence_cosine")],
            bm25,
        ]
    )
    scores = ((columns - columns.mean(axis=0)) / columns.std(axis=0)).sum(axis=1)
    expected = asked.ranking.keys[np.argsort(-scores, kind="stable")]
    assert told(by_floor(asked)) == told(expected)


@pytest.mark.parametrize("name", FEATURES)
def test_without_a_measure_what_leads_by_it_falls_behind(opened: Opened, name: str) -> None:
    other = FEATURES[FEATURES.index(name) - 1]
    weights = dict(zip(FEATURES, RANKING.weights, strict=True))
    columns = {name: [1 / weights[name], 0.0], other: [0.0, 0.5 / weights[other]]}
    asked = weighed(ask(opened), columns)
    assert told(by_all(asked)) == [0, 1]
    assert told(without(other, asked)) == [0, 1]
    assert told(without(name, asked)) == [1, 0]


def test_every_measure_is_left_out_once() -> None:
    assert tuple(WITHOUT) == FEATURES


def test_a_perfect_ranking_gives_one(opened: Opened, data_set: DataSet) -> None:
    articles, _ = measure_stages(data_set, opened.snapshot, known(data_set)).scores
    assert set(articles.stages[ALL].values()) == {1.0}


def test_a_set_is_scored_by_each_of_its_judgings_in_every_stage(
    opened: Opened, data_set: DataSet
) -> None:
    figures = measure_stages(data_set, opened.snapshot, known(data_set))
    assert [scores.title for scores in figures.scores] == ["tiny, articles", "tiny, passages"]
    assert all(list(scores.stages) == list(STAGES) for scores in figures.scores)
    assert all(list(scores.without) == list(FEATURES) for scores in figures.scores)
    assert (figures.passages, figures.questions) == (len(opened.snapshot), len(ROWS))


def test_a_wrong_judgement_scores_nothing(opened: Opened, sources: Path) -> None:
    wrong = {"id": "x", "question": WHALE_OIL, "article": "bakery", "passage": "museum"}
    data_set = judged_twice("wrong", sources, [wrong])
    for scores in measure_stages(data_set, opened.snapshot, known(data_set)).scores:
        assert scores.stages[ALL]["hit@1"] == 0


def test_the_tables_have_every_set_stage_and_measure(
    read_only_data: Path, data_set: DataSet
) -> None:
    answered = replace(data_set, name="other", answers=ANSWERS)
    results = [measure(each, read_only_data, HashEncoder()) for each in (data_set, answered)]
    report = markdown(results).splitlines()
    assert f"| set | measure | {' | '.join(STAGES)} |" in report
    for title in ("tiny, articles", "tiny, passages"):
        for name in ("hit@1", "hit@5", "nDCG@10"):
            lines = [line for line in report if line.startswith(f"| {title} | {name} |")]
            assert [line.count("|") for line in lines] == [3 + len(STAGES)] * 2
    for name in FEATURES:
        assert [line for line in report if line.startswith(f"| without {name} | ")]
    assert not [line for line in report if "quotes, tiny" in line]
    assert "| quotes, other |  | of |" in report


def test_an_index_is_built_where_there_is_none(tmp_path: Path, data_set: DataSet) -> None:
    result = measure(data_set, tmp_path / "new", HashEncoder())
    assert result.figures.passages == len(open_index(tmp_path / "new").snapshot)


def test_a_quote_is_right_where_it_holds_an_answer(opened: Opened, data_set: DataSet) -> None:
    asked = replace(data_set, answers=ANSWERS)
    quotes = measure_quotes(asked, opened.snapshot, known(asked))
    assert (quotes.questions, quotes.given) == (2, 2)
    assert (quotes.first_right, quotes.right_given) == (1.0, 1.0)
    wrong = replace(asked, answers={"oil": ("paraffin",), "comet": ("Saturday",)})
    quotes = measure_quotes(wrong, opened.snapshot, known(wrong))
    assert quotes.first_right == 0
    # The lighthouse's other passage tells of paraffin, the comet's none of Saturday.
    assert quotes.given == 1


def test_questions_are_encoded_before_ranking_is_timed(data_set: DataSet) -> None:
    vectors = known(data_set)
    asked = [WHALE_OIL, "whale"]
    assert np.array_equal(vectors.encode_queries(asked), HashEncoder().encode_queries(asked))


def test_of_inscit_only_what_opens_a_dialogue_is_asked(tmp_path: Path) -> None:
    queries = [
        {"_id": "1", "text": "What is cheese?", "history": []},
        {"_id": "2", "text": "And soy?", "history": ["What is cheese?", "Milk."]},
    ]
    gzipped(tmp_path / "inscit" / "queries.jsonl.gz", queries)
    (tmp_path / "inscit" / "qrels.tsv").write_text("1\tcheese\t1\n2\tsoy\t1\n")
    data_set = read_set("inscit", tmp_path, tmp_path)
    assert [question.text for question in data_set.questions] == ["What is cheese?"]
    (judging,) = data_set.judgings
    assert [one.doc_id for one in judging.judged.judgements] == ["cheese"]


def test_of_clapnq_each_passage_is_an_article_and_only_the_answerable_is_asked(
    tmp_path: Path,
) -> None:
    dam, flood = ({"title": name, "text": f"The {name} of 1962."} for name in ("dam", "flood"))
    answerable = [{"id": name, "input": "dam?", "passages": [dam]} for name in ("1", "2")]
    gzipped(tmp_path / "clapnq" / "answerable.jsonl.gz", answerable)
    unanswerable = [{"id": "3", "input": "flood?", "passages": [flood]}]
    gzipped(tmp_path / "clapnq" / "unanswerable.jsonl.gz", unanswerable)
    data_set = read_set("clapnq", tmp_path, tmp_path)
    articles = [json.loads(line) for line in data_set.archive.read_text().splitlines()]
    assert [article["text"] for article in articles] == [dam["text"], flood["text"]]
    assert [question.id for question in data_set.questions] == ["1", "2"]
    (judging,) = data_set.judgings
    assert {one.doc_id for one in judging.judged.judgements} == {articles[0]["_id"]}


def test_of_the_sample_every_question_has_an_article_and_a_passage(tmp_path: Path) -> None:
    data_set = read_set("sample", tmp_path, tmp_path)
    ids = {question.id for question in data_set.questions}
    assert len(ids) == 30
    for judging in data_set.judgings:
        assert {one.query_id for one in judging.judged.judgements} == ids


def test_sets_are_named_one_by_one_and_an_unknown_one_is_refused() -> None:
    assert read_names("squad,sample") == ["squad", "sample"]
    with pytest.raises(argparse.ArgumentTypeError, match="'squid': choose of squad, "):
        read_names("sample,squid")
