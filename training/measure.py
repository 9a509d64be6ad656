"""How well weights choose the sentence, mark the words and know what is not told.

python -m training.measure WEIGHTS held ROWS | candidates FILE... (taken together)
"""

import argparse
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from training.preselect import Choose, Preselection, Stretch
from training.reading import Logits, load_logits, read_windows
from training.rows import Row, Span, load_rows, read_lines
from training.windows import Reader

_SIZE = 3
_OFF_ARCHIVE = "off_archive"
_SHOWN_AT = (0.80, 0.85, 0.90)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The best of one question: how sure it is, and whether sentence and words are right."""

    kind: str
    answerable: bool
    sure: float
    sentence: bool
    words: bool


def every_window(asked: dict[str, Any], size: int = _SIZE, passages: int = 5) -> list[Stretch]:
    """All windows of so many sentences, each one sentence past the middle of the one before."""
    step = max(size - 1, 1)
    stretches = []
    for place, passage in enumerate(asked["passages"][:passages]):
        count = len(passage["sentences"])
        for first in range(0, max(count - size, 0) + step, step):
            begin = max(min(first, count - size), 0)
            stretches.append(Stretch(place, begin, min(begin + size, count) - 1))
    return list(dict.fromkeys(stretches))


def read_candidates(
    path: Path, logits: Logits, choose: Choose = every_window, most: int | None = None
) -> list[Outcome]:
    """What is answered to each question of a file that `training.candidates` wrote."""
    reader = Reader()
    return [_outcome(asked, reader, logits, choose) for asked in list(read_lines(path))[:most]]


def _outcome(asked: dict[str, Any], reader: Reader, logits: Logits, choose: Choose) -> Outcome:
    stretches = choose(asked)
    texts = [_spans(passage) for passage in asked["passages"]]
    fronts = [reader.front(asked["question"], passage["title"]) for passage in asked["passages"]]
    windows = []
    for each in stretches:
        passage = asked["passages"][each.passage]
        text = reader.text_of(passage["text"], texts[each.passage])
        windows.append(reader.window(fronts[each.passage], text, each.first, each.last))
    found = read_windows(windows, logits)
    if not found:
        return Outcome(asked["kind"], bool(asked["answers"]), -99.0, False, False)
    best = max(range(len(found)), key=lambda place: found[place].best)
    stretch, passage = stretches[best], asked["passages"][stretches[best].passage]
    text = reader.text_of(passage["text"], texts[stretch.passage])
    shift = text.sentences[stretch.first][0] - windows[best].text
    start = int(text.offsets[found[best].start + shift][0])
    end = int(text.offsets[found[best].end + shift][1])
    quote = next(passage["text"][a:b] for a, b in passage["sentences"] if a <= start < b)
    return Outcome(
        asked["kind"],
        bool(asked["answers"]),
        found[best].best,
        holds(quote, asked["answers"]),
        overlaps(passage["text"], (start, end), asked["answers"]),
    )


def _spans(passage: dict[str, Any]) -> tuple[Span, ...]:
    return tuple((a, b) for a, b in passage["sentences"])


def holds(quote: str, answers: Iterable[str]) -> bool:
    """Whether an answer stands in the quote, whatever the case.

    >>> holds("It rang at Nine.", ["nine"])
    True
    """
    return any(answer.lower() in quote.lower() for answer in answers)


def overlaps(text: str, span: Span, answers: Iterable[str]) -> bool:
    """Whether the span shares characters with an answer that stands in the text."""
    lower = text.lower()
    for answer in map(str.lower, answers):
        at = lower.find(answer)
        while at >= 0:
            if at < span[1] and span[0] < at + len(answer):
                return True
            at = lower.find(answer, at + 1)
    return False


def tell(outcomes: Sequence[Outcome]) -> str:
    """The figures: of all answerable ones, and how well these and the others are told apart."""
    yes = [each for each in outcomes if each.answerable]
    lines = []
    if yes:
        right = float(np.mean([each.sentence for each in yes]))
        words = float(np.mean([each.words for each in yes]))
        lines.append(f"  quote {right:.3f}, words {words:.3f} of {len(yes)}")
    others = {
        "near misses": [each for each in outcomes if not each.answerable and not _is_off(each)],
        "off archive": [each for each in outcomes if _is_off(each)],
    }
    for name, no in others.items():
        if yes and no:
            lines.append(f"  {name}: {told_apart(yes, no)}")
    by_kind: defaultdict[str, list[bool]] = defaultdict(list)
    for each in yes:
        by_kind[each.kind].append(each.sentence)
    if len(by_kind) > 1:
        told = (f"{kind} {np.mean(right):.2f}" for kind, right in sorted(by_kind.items()))
        lines.append("  quote by kind: " + ", ".join(told))
    return "\n".join(lines)


def told_apart(yes: Sequence[Outcome], no: Sequence[Outcome]) -> str:
    """AUROC, and the part of `no` that is declined where so much of `yes` is answered."""
    sure = np.array([each.sure for each in (*yes, *no)])
    auroc = roc_auc_score([1] * len(yes) + [0] * len(no), sure)
    told = [f"AUROC {auroc:.3f}"]
    for part in _SHOWN_AT:
        threshold = float(np.quantile(sure[: len(yes)], 1 - part))
        told.append(f"declined {np.mean(sure[len(yes) :] < threshold):.3f} at {part:.2f}")
    return ", ".join(told) + f" ({len(no)})"


def _is_off(each: Outcome) -> bool:
    return each.kind == _OFF_ARCHIVE


def held_out(rows: Iterable[Row], family: str) -> list[dict[str, Any]]:
    """Rows held out of training as questions, each with its own context as the one passage."""
    return [
        {
            "question": row.question,
            "answers": [row.context[a:b] for a, b in row.answers],
            "kind": row.kind,
            "passages": [{"title": row.title, "text": row.context, "sentences": row.sentences}],
        }
        for row in rows
        if row.held and row.family == family
    ]


def main() -> None:
    """Print the figures of what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("what", choices=["held", "candidates"])
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--most", type=int)
    parser.add_argument("--windows", type=int, help="read so many at most")
    parser.add_argument("--tokens", type=int, default=10_000, help="and so many tokens in all")
    given = parser.parse_args()
    choose: Choose = every_window
    if given.windows is not None:
        choose = Preselection(given.windows, given.tokens)
    logits: Logits = load_logits(given.weights)
    if given.what == "candidates":
        found = [read_candidates(path, logits, choose, given.most) for path in given.files]
        print(" + ".join(path.name for path in given.files))
        print(tell([outcome for outcomes in found for outcome in outcomes]))
        return
    for path in given.files:
        rows, reader = load_rows(path), Reader()
        for family in ("written", "questions"):
            asked = held_out(rows, family)[: given.most]
            print(f"held out of {family}")
            print(
                tell([_outcome(each, reader, logits, every_window) for each in asked]), flush=True
            )


if __name__ == "__main__":
    main()
