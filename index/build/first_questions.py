"""The questions that an archive opens with: shipped with its articles, or written by the owner.

A source folder can hold a file `footnote-questions.txt`, one question a line. A build copies it
beside the index. The owner's own list is kept with the owner's other files, where no build changes
it; an empty list counts too.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from index.build.owned import OWNED, changing, keep_sum
from index.readers.walk import QUESTIONS_FILE
from index.store.durable import replace_text

_NAME = "questions.txt"
MOST_QUESTIONS = 50
LONGEST = 200


def read_questions(data: Path) -> tuple[str, ...]:
    """The owner's list, else the one shipped with the articles, else none."""
    for path in (data / OWNED / _NAME, data / _NAME):
        try:
            return tuple(questions_in(path.read_text(encoding="utf-8", errors="replace")))
        except FileNotFoundError:
            continue
    return ()


def write_questions(data: Path, questions: Iterable[str]) -> None:
    """Make these the owner's list, in one step."""
    with changing(data) as folder:
        _write(folder / _NAME, questions)
        keep_sum(data, folder / _NAME)


def adopt_questions(sources: Sequence[Path], data: Path) -> None:
    """Copy the lists in the source folders; if there are none, the last copy stays."""
    lists = [source / QUESTIONS_FILE for source in sources if source.is_dir()]
    found = [path.read_text(encoding="utf-8", errors="replace") for path in lists if path.is_file()]
    if found:
        with changing(data):
            _write(data / _NAME, questions_in("\n".join(found)))
            keep_sum(data, data / _NAME)


def questions_in(text: str) -> Iterator[str]:
    """The questions of a text, one a line, each once.

    >>> list(questions_in("Who led it?\\n\\n  When was  it built? \\nWho led it?"))
    ['Who led it?', 'When was it built?']
    """
    lines = (" ".join(line.split()) for line in text.splitlines())
    return iter(dict.fromkeys(line for line in lines if line))


def _write(path: Path, questions: Iterable[str]) -> None:
    replace_text(path, "".join(f"{question}\n" for question in questions))
