"""Files of questions: each line a question in its place, or what is wrong with it."""

import gzip
import json
from pathlib import Path

import pytest

from qa.answer import Question, turns
from qa.question import BadLine, read_batch

LINES = [
    '{"id": "q1", "question": "the dam?"}',
    '{"_id": "q2", "text": "the flood?", "metadata": {"url": "x"}}',
    '{"question": "the comet?", "k": 2, "history": ["the dam?"]}',
]
READ = [
    Question("the dam?", id="q1"),
    Question("the flood?", id="q2"),
    Question("the comet?", k=2, history=turns("the dam?")),
]


def write(path: Path, *lines: str) -> Path:
    """The lines as a file, gzipped where its name says so."""
    content = "\n".join(lines).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def bad(path: Path, line: str) -> BadLine:
    """How the second line of a file is refused."""
    batch = list(read_batch(write(path / "q.jsonl", LINES[0], line, LINES[1])))
    assert [batch[0], batch[2]] == READ[:2]
    assert isinstance(batch[1], BadLine)
    return batch[1]


@pytest.mark.parametrize("name", ["q.jsonl", "q.jsonl.gz", "q.JSONL", "q.gz"])
def test_questions_come_in_the_files_order_gzipped_or_not(tmp_path: Path, name: str) -> None:
    assert list(read_batch(write(tmp_path / name, *LINES))) == READ


def test_blank_lines_are_passed_over_but_counted(tmp_path: Path) -> None:
    batch = list(read_batch(write(tmp_path / "q.jsonl", "", LINES[0], "  ", "no", "")))
    assert batch[0] == READ[0]
    assert isinstance(batch[1], BadLine)
    assert (batch[1].number, len(batch)) == (4, 2)


def test_an_empty_file_asks_nothing(tmp_path: Path) -> None:
    assert list(read_batch(write(tmp_path / "q.jsonl"))) == []


def test_line_ends_and_a_byte_order_mark_of_windows_are_no_matter(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(LINES).encode())
    assert list(read_batch(path)) == READ


@pytest.mark.parametrize(
    ("line", "code", "told"),
    [
        ("{broken", "invalid_json", "'{broken'"),
        ('{"question": "the dam?"', "invalid_json", '\'{"question": "the dam?"\''),
        ("[" * 100_000, "invalid_json", "'[[["),
        ('{"question": "x", "k": ' + "1" * 5_000 + "}", "invalid_json", "is invalid JSON"),
        ('["the dam?"]', "bad_line", "'[\"the dam?\"]'"),
        ('"the dam?"', "bad_line", "the dam?"),
        ("null", "bad_line", "'null'"),
        ("7", "bad_line", "'7'"),
        ("{}", "empty_question", "empty"),
        ('{"question": "🙂"}', "no_words", "'🙂'"),
        ('{"question": "the dam?", "k": 0}', "bad_k", "0"),
    ],
)
def test_a_broken_line_is_told_by_its_number_and_its_words(
    tmp_path: Path, line: str, code: str, told: str
) -> None:
    found = bad(tmp_path, line)
    assert (found.number, found.error.code, found.id) == (2, code, None)
    assert told in str(found.error)
    assert len(str(found.error)) < 200


@pytest.mark.parametrize(
    ("line", "line_id"),
    [
        ('{"id": "q9", "question": ""}', "q9"),
        ('{"_id": 9, "text": ""}', "9"),
        ('{"id": ["q9"], "question": "the dam?"}', "['q9']"),
    ],
)
def test_a_refused_line_keeps_its_id(tmp_path: Path, line: str, line_id: str) -> None:
    assert bad(tmp_path, line).id == line_id


def test_what_is_not_utf_8_spoils_no_other_line(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_bytes(LINES[0].encode() + b'\n{"question": "caf\xe9?"}\n' + LINES[1].encode())
    assert list(read_batch(path)) == [READ[0], Question("caf\ufffd?"), READ[1]]


def test_what_a_line_leaves_out_is_taken_from_the_defaults(tmp_path: Path) -> None:
    lines = [{"question": "a dam"}, {"question": "a dam", "k": 2}, {"question": "a dam", "k": None}]
    path = write(tmp_path / "q.jsonl", *[json.dumps(line) for line in lines])
    batch = list(read_batch(path, {"k": 9, "source": "The Post"}))
    assert batch == [Question("a dam", k=k, source="The Post") for k in (9, 2, 9)]


@pytest.mark.parametrize("cut", [-1, -9, 30, 12])
def test_a_gzip_that_was_cut_short_is_named_with_the_remedy(tmp_path: Path, cut: int) -> None:
    path = write(tmp_path / "q.jsonl.gz", *LINES)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(OSError, match=r"q\.jsonl\.gz is damaged as gzip \(.*\): compress it"):
        list(read_batch(path))


@pytest.mark.parametrize(
    "content", [b"no gzip", gzip.compress(b"abc" * 99, mtime=0)[:10] + b"\xff" * 30]
)
def test_a_file_that_is_no_gzip_at_all_is_an_error_of_the_file(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "q.jsonl.gz"
    path.write_bytes(content)
    with pytest.raises(OSError, match="gzip"):
        list(read_batch(path))


def test_a_file_that_is_not_there_is_an_error_before_the_first_line(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        next(read_batch(tmp_path / "none.jsonl"))
