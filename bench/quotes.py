"""Check every quote of a batch of answers against the articles they were built from.

    python -m qa ask --batch QUESTIONS.jsonl.gz --json > ANSWERS.jsonl
    python -m bench.quotes CORPUS.jsonl.gz ANSWERS.jsonl

Reads the corpus itself, not the index, so that a fault of the index would show.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from qa.question import open_lines


def main(arguments: Sequence[str]) -> int:
    """Print how many quotes are the article's text at their span; exit 1 if one is not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("answers", type=Path)
    options = parser.parse_args(arguments)
    texts = {str(row["_id"]): row["text"] for row in _rows(options.corpus)}
    found: Counter[str] = Counter()
    for answer in _rows(options.answers):
        found[answer.get("status", "error")] += 1
        for citation in (*answer.get("citations", ()), *answer.get("nearest", ())):
            found["right" if _is_right(citation, texts) else "wrong"] += 1
    print(dict(found))
    return 1 if found["wrong"] or not found["right"] else 0


def _is_right(citation: dict[str, Any], texts: dict[str, str]) -> bool:
    text, passage = texts[citation["article"]["id"]], citation["passage"]
    return bool(
        citation["quote"] == text[citation["quote_start"] : citation["quote_end"]]
        and passage["text"] == text[passage["start"] : passage["end"]]
    )


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with open_lines(path) as lines:
        for line in lines:
            yield json.loads(line)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
