"""Tables of sentences are read as they come: JSONL, and CoNLL-U of Universal Dependencies."""

from pathlib import Path

from bench.sentences import read_cases, score

TREEBANK = """\
# newdoc id = weblog
# sent_id = weblog-1
# newpar id = weblog-p1
# text = The mill burned.
1\tThe\tthe\tDET\tDT\t_\t2\tdet\t_\t_
2\tmill\tmill\tNOUN\tNN\t_\t3\tnsubj\t_\t_

# sent_id = weblog-2
# text = Nobody was hurt.\x20
1\tNobody\tnobody\tPRON\tNN\t_\t3\tnsubj\t_\t_

# newpar id = weblog-p2
# sent_id = weblog-3
# text = It was rebuilt.
1-2\tIt's\t_\t_\t_\t_\t_\t_\t_\t_
"""


def test_a_paragraph_of_a_treebank_is_a_case(tmp_path: Path) -> None:
    path = tmp_path / "en-test.conllu"
    path.write_text(TREEBANK, encoding="utf-8")
    cases = read_cases(path)
    assert cases == [["The mill burned.", "Nobody was hurt."], ["It was rebuilt."]]
    assert score(lambda text: [f"{each}." for each in text.split(".")], cases).wanted == 1


def test_a_line_of_a_table_is_a_case(tmp_path: Path) -> None:
    path = tmp_path / "table.jsonl"
    path.write_text('{"rule": "plain", "sentences": ["It sank.", "He swam."]}\n', encoding="utf-8")
    assert read_cases(path) == [["It sank.", "He swam."]]


def test_a_file_without_sentences_has_no_cases(tmp_path: Path) -> None:
    path = tmp_path / "empty.conllu"
    path.write_text("# newdoc id = none\n", encoding="utf-8")
    assert read_cases(path) == []
