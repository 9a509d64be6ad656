"""Question sets to rows: those whose licence allows it, with sentences and tempting contexts.

python -m training.prepare SHARED_TRAIN OUT [--questions training/questions.jsonl.gz]
"""

import argparse
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from math import log
from pathlib import Path
from typing import Any

from index.sentences import sentence_spans
from training.rows import Row, Span, read_lines, save_rows

# How many rows at most are kept of each set, and of each context. All are of licences that let
# anyone use and change them; of `squad_train_sent` and `synth_negatives` only some rows are.
FILES = {
    "written": (9999, 99),
    "qed_nq": (9999, 99),
    "nq_oracle": (9999, 99),
    "squad_train_sent": (6000, 3),
    "squad2_subset": (9999, 99),
    "qamr": (3000, 4),
    "selqa": (9999, 99),
    "timeqa": (1800, 3),
    "onestopqa": (9999, 99),
    "fairytaleqa": (2500, 2),
    "qadiscourse": (1500, 2),
    "condaqa": (9999, 99),
    "covidqa": (1380, 99),
    "sleepqa": (9999, 99),
    "synth_negatives": (9000, 1),
}
_NEGATIVES_OF = {"qed_nq", "selqa", "timeqa", "onestopqa", "fairytaleqa", "covidqa", "nq_oracle"}
_WHOLE = ("selqa", "condaqa:yesno")
_TITLE_WITHOUT_MEANING = re.compile(r"^(Wiki1k|condaqa):")
_WORD = re.compile(r"[^\W_]+")
_STOP = frozenset(
    """
    a an the of in on at to for from by with and or is are was were be been do does did has have had
    it its this that these those who what when where which why how many much long old there their
    he she they his her can could will would not as than then about into if any one
    """.split()
)
# A context is left out as a negative of a question where it holds a word of an answer this long.
_MOST_COMMON = 400
_OTHERS = 8


def content_words(text: str) -> list[str]:
    """Words in lower case without those that say little.

    >>> content_words("Who rang the bell?")
    ['rang', 'bell']
    """
    return [word for word in _WORD.findall(text.lower()) if word not in _STOP]


def read_sets(folder: Path, questions: Path | None, seed: int = 0) -> Iterator[Row]:
    """Rows of all sets, of a random choice where a set is larger than is wanted."""
    shuffler = random.Random(seed)
    for name, (most, per_context) in FILES.items():
        kept = [each for each in read_lines(folder / f"{name}.jsonl.gz") if _may_train(name, each)]
        shuffler.shuffle(kept)
        seen: Counter[str] = Counter()
        chosen = []
        for each in kept:
            seen[each["context"]] += 1
            if seen[each["context"]] <= per_context:
                chosen.append(each)
        yield from (_row(name, each) for each in chosen[:most])
    if questions is not None:
        yield from (_row("questions", each) for each in read_lines(questions))


def _may_train(name: str, kept: dict[str, Any]) -> bool:
    source = str(kept["source"])
    if name == "squad_train_sent":
        return source == "squad1-train-sentence"
    if name == "synth_negatives":
        return source.partition(":")[2] in _NEGATIVES_OF
    return True


def _row(name: str, kept: dict[str, Any]) -> Row:
    context = kept["context"]
    title = kept.get("title") or ""
    title = "" if _TITLE_WITHOUT_MEANING.match(title) else title.replace("_", " ")
    answers = {(each["start"], each["start"] + len(each["text"])) for each in kept["answers"]}
    return Row(
        question=kept["question"],
        title=title.replace("-", " ") if name == "fairytaleqa" else title,
        context=context,
        sentences=_sentences(context),
        answers=tuple(sorted(answers)),
        whole=any(part in kept["source"] for part in _WHOLE),
        family=name,
        kind=kept["source"].partition(":")[2],
    )


@lru_cache(maxsize=100_000)
def _sentences(context: str) -> tuple[Span, ...]:
    return tuple(sentence_spans(context, 0, len(context)))


def hold_out(rows: Iterable[Row], seed: int = 0) -> list[Row]:
    """The same rows; those of a tenth of the titles written for by hand are marked as held."""
    rows = list(rows)
    held: set[str] = set()
    for family in ("written", "questions"):
        titles = sorted({row.title for row in rows if row.family == family})
        held.update(random.Random(seed).sample(titles, len(titles) // 10))
    return [replace(row, held=row.title in held) for row in rows]


def add_others(rows: list[Row], seed: int = 0) -> list[Row]:
    """Each row with the contexts of other titles that share the rarest words with its question."""
    first: dict[str, int] = {}
    held_titles = {row.title for row in rows if row.held}
    for number, row in enumerate(rows):
        if len(row.sentences) > 1 and row.title not in held_titles:
            first.setdefault(row.context, number)
    holding: defaultdict[str, list[int]] = defaultdict(list)
    for number in first.values():
        for word in set(content_words(rows[number].context)):
            holding[word].append(number)
    rare = {word: found for word, found in holding.items() if len(found) <= _MOST_COMMON}
    return [replace(row, others=_others(row, rows, rare, len(first))) for row in rows]


def _others(
    row: Row, rows: list[Row], rare: dict[str, list[int]], contexts: int
) -> tuple[int, ...]:
    scores: Counter[int] = Counter()
    for word in set(content_words(row.question)):
        for number in rare.get(word, ()):
            scores[number] += log(contexts / len(rare[word]))  # type: ignore[assignment]
    answers = [row.context[start:end].lower() for start, end in row.answers]
    others: list[int] = []
    for number, _ in scores.most_common(4 * _OTHERS):
        other = rows[number]
        told = other.context.lower()
        if other.title != row.title and not any(answer in told for answer in answers):
            others.append(number)
        if len(others) == _OTHERS:
            break
    return tuple(others)


def main() -> None:
    """Write rows and tell how many there are of each set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--questions", type=Path)
    given = parser.parse_args()
    rows = add_others(hold_out(read_sets(given.shared, given.questions)))
    save_rows(given.out, rows)
    for (family, held, answered), count in sorted(
        Counter((row.family, row.held, bool(row.answers)) for row in rows).items()
    ):
        print(family, "held" if held else "train", "+" if answered else "-", count)
    print("with others", sum(bool(row.others) for row in rows), "of", len(rows))


if __name__ == "__main__":
    main()
