"""What search proposes for questions of a set to measure with: passages, sentences and scores.

python -m training.candidates INDEX QUESTIONS OUT [--most 800]
"""

import argparse
import random
from pathlib import Path
from typing import Any

from index.encoders import ModelEncoder
from index.settings import Settings
from index.store import Store, open_store
from qa.answer import Question
from qa.quote import score_sentences
from qa.rank.batching import SharedEncoder
from qa.search import Candidate, Ranking, Searcher
from training.rows import read_lines, write_lines

_PASSAGES = 6


def propose(asked: dict[str, Any], store: Store, searcher: Searcher) -> dict[str, Any]:
    """The question with the first passages, their sentences and how well each fits by words."""
    date = asked.get("question_date")
    question = Question(asked["text"], asked_at=date.replace("/", "-") if date else None)
    ranking = searcher.rank(question)
    return {
        "id": asked["_id"],
        "question": asked["text"],
        "answers": asked["answers"],
        "sentence": asked.get("sentence", ""),
        "kind": asked.get("kind") or ("answerable" if asked["answers"] else "near_miss"),
        "passages": [_passage(candidate, ranking, store) for candidate in ranking.best(_PASSAGES)],
    }


def _passage(candidate: Candidate, ranking: Ranking, store: Store) -> dict[str, Any]:
    located = store.locate(candidate.key)
    passage = located.passage
    scores = score_sentences(ranking.query, candidate.sentences, passage)
    return {
        "article": located.article.id,
        "title": located.article.title or "",
        "text": passage.text,
        "sentences": [(a - passage.start, b - passage.start) for a, b in passage.sentences],
        "score": round(candidate.score, 4),
        "fits": [round(float(score), 4) for score in scores],
    }


def main() -> None:
    """Write the candidates of all questions, or of a random choice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("index", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--most", type=int)
    given = parser.parse_args()
    asked = list(read_lines(given.questions))
    if given.most is not None and given.most < len(asked):
        asked = random.Random(0).sample(asked, given.most)
    store = open_store(given.index)
    encoder = ModelEncoder(given.index, Settings.from_environment({}).model)
    searcher = Searcher(store, SharedEncoder(encoder))
    write_lines(given.out, (propose(each, store, searcher) for each in asked))


if __name__ == "__main__":
    main()
