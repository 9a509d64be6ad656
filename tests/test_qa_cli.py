"""The command line of reading: what it prints where, and how it exits."""

import gzip
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from index.settings import describe_settings
from qa.__main__ import main
from qa.present.terminal import HELP, NEW, NOT_COVERED
from tests.fakes import HashEncoder

LIT = "The lighthouse of Cape Orrin was lit for the first time on 3 November 1874."
NOWHERE = "Which quarks do gluons bind?"


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Standard output as JSON, a value a line."""
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Ran]


@pytest.fixture
def without_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, _, _ in describe_settings():
        monkeypatch.delenv(name, raising=False)
    # These are of the command line, on an encoder that is none either.
    monkeypatch.setenv("FOOTNOTE_READER", "none")


def use_encoder(monkeypatch: pytest.MonkeyPatch, make: Callable[[Path, str], HashEncoder]) -> None:
    """The command line makes this encoder for the index and the model that are named."""
    monkeypatch.setattr("index.encoders.ModelEncoder", make)


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, without_settings: None
) -> Run:
    """Runs a command in this process."""
    use_encoder(monkeypatch, lambda data, name: HashEncoder())

    def run(*arguments: object) -> Ran:
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return run


@pytest.fixture
def on_data(run: Run, read_only_data: Path) -> Run:
    """Runs a command on the small archive."""
    return lambda *arguments: run(*arguments, "--data", read_only_data)


def sure(monkeypatch: pytest.MonkeyPatch, probability: float) -> None:
    """Every passage answers with this probability."""
    # Without a reader, whose own reading would decide too.
    monkeypatch.setenv("FOOTNOTE_READER", "none")
    monkeypatch.setattr("qa.answerability.confidence", lambda signals: probability)
    monkeypatch.setattr(
        "qa.answerability.passage_probabilities", lambda found: [probability] * len(found)
    )


def one_line(text: str) -> str:
    """The one line of an error."""
    assert text.startswith("error: ")
    assert len(text.splitlines()) == 1
    return text


def test_an_answer_is_shown_for_people(on_data: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    sure(monkeypatch, 0.99)
    ran = on_data("ask", "When was the lighthouse of Cape Orrin lit for the first time?")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"[1] “{LIT}”")
    assert "Coast Weekly · 4 May 2021" in ran.out


@pytest.mark.parametrize(
    ("is_terminal", "environment", "is_styled"),
    [
        (True, {"TERM": "xterm"}, True),
        (False, {"TERM": "xterm"}, False),
        (True, {"TERM": "dumb"}, False),
        (True, {"TERM": "xterm", "NO_COLOR": "1"}, False),
    ],
)
def test_only_a_terminal_that_shows_styles_gets_them(
    on_data: Run,
    monkeypatch: pytest.MonkeyPatch,
    is_terminal: bool,
    environment: dict[str, str],
    is_styled: bool,
) -> None:
    asked: list[bool] = []
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdout.isatty", lambda: is_terminal)
    monkeypatch.setattr("qa.__main__.show_answer", lambda _, styled: asked.append(styled))
    on_data("ask", LIT)
    assert asked == [is_styled]


def test_a_conversation_skips_blank_lines_and_ends_with_the_input(
    on_data: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    sure(monkeypatch, 0.99)
    monkeypatch.setattr("sys.stdin", io.StringIO(f"\n  \n{LIT}\n{NEW}\n???"))
    ran = on_data("chat")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"{HELP}\n\n[1] “{LIT}”")
    assert ran.out.count("error: ") == 1


def test_a_conversation_does_not_begin_with_a_filter_that_cannot_be_read(on_data: Run) -> None:
    ran = on_data("chat", "--after", "the 40th")
    assert (ran.code, ran.out) == (1, "")
    assert "after: 'the 40th'" in one_line(ran.err)


def test_an_answer_as_json_is_one_line(on_data: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    sure(monkeypatch, 0.99)
    ran = on_data("ask", LIT, "--json", "--asked-at", "2026-01-31", "--k", 1)
    (line,) = ran.lines
    assert (ran.code, line["id"], line["status"]) == (0, None, "answered")
    assert line["asked_at"] == "2026-01-31"
    assert [citation["quote"] for citation in line["citations"]] == [LIT]


def test_what_is_not_covered_is_said_and_is_no_fault(
    on_data: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    sure(monkeypatch, 0.01)
    ran = on_data("ask", LIT)
    assert (ran.code, ran.err) == (0, "")
    assert NOT_COVERED in ran.out
    assert on_data("ask", LIT, "--json").lines[0]["status"] == "not_covered"


def test_search_shows_ranked_passages_to_people_and_programs(on_data: Run) -> None:
    shown = on_data("search", LIT, "--k", 2)
    (line,) = on_data("search", LIT, "--k", 2, "--json").lines
    assert shown.code == 0
    first = shown.out.splitlines()[0]
    assert first.startswith("1. ")
    assert first.endswith(" · Coast Weekly · 4 May 2021")
    assert "\n    lighthouse:" in shown.out
    assert [hit["rank"] for hit in line["hits"]] == [1, 2]
    assert line["question"] == LIT
    assert LIT in line["hits"][0]["text"]


def test_filters_of_the_command_line_reach_the_search(on_data: Run) -> None:
    def ids(*filters: str) -> set[str]:
        (line,) = on_data("search", "the lighthouse and the dam", "--json", *filters).lines
        return {hit["article_id"] for hit in line["hits"]}

    assert ids("--source", "Inland Gazette") == {"dam"}
    assert ids("--before", "2020") == {"dam"}
    assert ids("--after", "2021-05-04", "--before", "2021-05-04") == {"lighthouse"}
    assert ids("--source", "Coast Weekly") == {"lighthouse"}


@pytest.mark.parametrize("name", ["questions.jsonl", "questions.jsonl.gz"])
def test_a_batch_is_answered_in_the_files_order(on_data: Run, tmp_path: Path, name: str) -> None:
    texts = [LIT, NOWHERE, "Who was the last keeper of the lighthouse?"]
    lines = [json.dumps({"_id": n, "text": text}) for n, text in enumerate(texts)]
    content = "\n".join(lines).encode()
    path = tmp_path / name
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    for verb, key in (("ask", "citations"), ("search", "hits")):
        ran = on_data(verb, "--batch", path, "--json")
        assert ran.code == 0
        assert [(line["id"], line["question"]) for line in ran.lines] == [
            (str(n), text) for n, text in enumerate(texts)
        ]
        assert all(key in line for line in ran.lines)


def test_a_bad_line_of_a_batch_gets_its_error_in_place_and_the_others_their_answers(
    on_data: Run, tmp_path: Path
) -> None:
    path = tmp_path / "questions.jsonl"
    lines = [{"id": "a", "question": LIT}, {"id": "b", "question": ""}, {"id": "\ud800"}]
    path.write_text("\n".join([*map(json.dumps, lines), "{no", json.dumps(lines[0])]), "utf-8")
    ran = on_data("search", "--batch", path, "--json")
    assert ran.code == 1
    assert [line["id"] for line in ran.lines] == ["a", "b", "\ud800", None, "a"]
    assert ran.lines[0] == ran.lines[4]
    assert [line["error"]["code"] for line in ran.lines[1:4]] == [
        *("empty_question", "empty_question", "invalid_json")
    ]
    assert [line["error"]["message"][:7] for line in ran.lines[1:4]] == [
        *("line 2:", "line 3:", "line 4:")
    ]
    assert f"3 lines of {path}" in one_line(ran.err)


def test_options_are_the_defaults_of_a_batch(on_data: Run, tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text(f'{{"question": "{LIT}"}}\n{{"question": "{LIT}", "k": 3}}', encoding="utf-8")
    ran = on_data("search", "--batch", path, "--json", "--k", 1)
    assert [len(line["hits"]) for line in ran.lines] == [1, 3]


def test_evaluate_prints_every_measure(on_data: Run, tmp_path: Path) -> None:
    (tmp_path / "queries.jsonl").write_text(f'{{"_id": "q", "text": "{LIT}"}}', encoding="utf-8")
    (tmp_path / "qrels.tsv").write_text("q\tlighthouse\t1\n", encoding="utf-8")
    ran = on_data("evaluate", tmp_path)
    assert ran.code == 0
    assert ran.out.splitlines() == [
        "1 questions",
        *[
            f"{name:<8} 1.0000   1.0000 to 1.0000"
            for name in "nDCG@10 hit@1 hit@3 hit@5 hit@10 MRR@10".split()
        ],
        "after each mean, where it would lie 95 times of 100 with other such questions",
    ]


def test_evaluate_takes_a_csv_and_tells_each_question(on_data: Run, tmp_path: Path) -> None:
    judged = tmp_path / "judged.csv"
    judged.write_text(f"question,article id\n{LIT},lighthouse\n", encoding="utf-8")
    told = on_data("evaluate", judged, "--per-question").out.splitlines()
    assert told[1].split("\t") == ["2", *["1.000"] * 6, "lighthouse", LIT]
    [line] = on_data("evaluate", judged, "--per-question", "--json").lines
    assert line["measures"]["hit@1"] == {"mean": 1.0, "low": 1.0, "high": 1.0}
    assert line["per_question"][0]["found"][0] == "lighthouse"


def test_evaluate_scores_answers_where_they_are_known(on_data: Run, tmp_path: Path) -> None:
    rows = [
        {"text": LIT, "answers": ["3 November 1874"], "article": "lighthouse"},
        {"text": NOWHERE, "answerable": False},
    ]
    judged = tmp_path / "own.jsonl"
    judged.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    ran = on_data("evaluate", judged)
    assert ran.code == 0
    ranking, answers = ran.out.split("\n\n")
    assert ranking.startswith("1 questions\nnDCG@10  1.0000")
    told = answers.splitlines()
    assert told[0] == "1 questions that articles answer, 1 that none answers"
    assert told[1].split() == "first quote holds an answer 1.0000".split()
    [line] = on_data("evaluate", judged, "--json", "--per-question").lines
    assert line["measures"]["hit@1"]["mean"] == 1
    assert line["answers"]["measures"]["wrongly_refused"] == 0
    assert line["answers"]["measures"]["rightly_refused"] == 1
    assert [each["refused"] for each in line["answers"]["per_question"]] == [False, True]


def test_evaluate_asks_what_no_article_answers_alone(on_data: Run, tmp_path: Path) -> None:
    judged = tmp_path / "questions.jsonl"
    judged.write_text(json.dumps({"text": NOWHERE, "answerable": False}), encoding="utf-8")
    [line] = on_data("evaluate", tmp_path, "--json").lines
    assert list(line) == ["answers"]


def test_without_a_reader_none_is_looked_for_and_nothing_is_marked(
    on_data: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("FOOTNOTE_READER", str(tmp_path / "nowhere"))
    assert "nowhere" in one_line(on_data("ask", LIT).err)
    monkeypatch.setenv("FOOTNOTE_READER", "none")
    [line] = on_data("ask", LIT, "--json").lines
    assert (line["status"], line["citations"][0]["quote"]) == ("answered", LIT)
    assert (line["citations"][0]["answer_start"], line["citations"][0]["answer_end"]) == (
        None,
        None,
    )


def test_without_an_index_one_line_names_the_remedy(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(data: Path, name: str) -> HashEncoder:
        raise RuntimeError("the model is loaded only once there is an index")

    use_encoder(monkeypatch, load)
    for arguments in (["ask", LIT], ["search", LIT], ["evaluate", tmp_path]):
        ran = run(*arguments, "--data", tmp_path / "none")
        assert (ran.code, ran.out) == (1, "")
        assert "python -m index build FOLDER --data" in one_line(ran.err)


def test_an_index_of_another_model_is_refused_with_the_setting_that_helps(
    on_data: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_encoder(monkeypatch, lambda data, name: HashEncoder(name))
    monkeypatch.setenv("FOOTNOTE_MODEL", "some-model")
    ran = on_data("ask", LIT)
    assert ran.code == 1
    assert "not 'some-model': set FOOTNOTE_MODEL=hash" in one_line(ran.err)


def test_the_environment_names_the_index(
    run: Run, read_only_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_DATA", str(read_only_data))
    assert run("search", LIT).code == 0


def test_the_encoder_is_that_of_the_index_and_model_that_are_named(
    on_data: Run, read_only_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[tuple[Path, str]] = []

    def load(data: Path, name: str) -> HashEncoder:
        made.append((data, name))
        return HashEncoder()

    use_encoder(monkeypatch, load)
    monkeypatch.setenv("FOOTNOTE_MODEL", "some-model")
    assert on_data("search", LIT).code == 0
    assert made == [(read_only_data, "some-model")]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["ask", ""], "empty"),
        (["ask", "🙂"], "'🙂'"),
        (["ask", "x" * 20_000], "20,000"),
        (["ask", "dam \udc80"], "U+DC80"),
        (["search", LIT, "--k", "0"], "k is 0"),
        (["ask", LIT, "--after", "soon"], "after: 'soon' is not a date"),
        (["ask", LIT, "--after", "2023", "--before", "2022"], "'2023' is later than"),
        (["ask", "--batch", "none.jsonl", "--json"], "none.jsonl"),
        (["evaluate", "nowhere"], "'nowhere' has no qrels.tsv"),
    ],
)
def test_a_fault_in_what_is_asked_is_one_line_and_exit_1(
    on_data: Run, arguments: list[str], told: str
) -> None:
    ran = on_data(*arguments)
    assert (ran.code, ran.out) == (1, "")
    assert told in one_line(ran.err)


@pytest.mark.parametrize(
    "arguments",
    [
        *([], ["ask"], ["search"], ["evaluate"], ["guess", LIT], ["ask", LIT, "--loud"]),
        ["ask", LIT, "--batch", "questions.jsonl"],
        ["search", LIT, "--k", "many"],
    ],
)
def test_wrong_usage_is_exit_2(run: Run, arguments: list[str]) -> None:
    ran = run(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert "usage: python -m qa" in ran.err
    assert "Traceback" not in ran.err


def test_a_setting_that_cannot_be_read_is_one_line(
    on_data: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_PORT", "http")
    ran = on_data("ask", LIT)
    assert ran.code == 1
    assert "FOOTNOTE_PORT is 'http'" in one_line(ran.err)


def test_an_agent_is_held_to_the_strictness_that_is_set(
    on_data: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[tuple[object, ...]] = []

    def open_live(*told: object) -> SimpleNamespace:
        opened.append(told)
        return SimpleNamespace(watch=lambda: None)

    monkeypatch.setattr("qa.__main__.LiveIndex", open_live)
    server = SimpleNamespace(run=lambda transport: None)
    monkeypatch.setattr("qa.web.mcp.agent_tools", lambda *faces: server)
    monkeypatch.setattr("logging.basicConfig", lambda **told: None)
    monkeypatch.setenv("FOOTNOTE_STRICTNESS", "strict")
    assert on_data("mcp").code == 0
    assert opened[0][4:7] == ("strict", None, "auto")


def test_a_source_that_there_is_not_fails_and_in_a_batch_only_its_line(
    run: Run, read_only_data: Path, tmp_path: Path
) -> None:
    ran = run("ask", "Which dam?", "--source", "Gazette", "--data", read_only_data)
    assert (ran.code, ran.out) == (1, "")
    assert "ask for 'Inland Gazette'" in ran.err
    batch = tmp_path / "questions.jsonl"
    lines = [{"id": "1", "question": "dam?", "source": "Nope"}, {"id": "2", "question": "dam?"}]
    batch.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    ran = run("ask", "--batch", batch, "--json", "--data", read_only_data)
    bad, good = ran.lines
    assert (ran.code, bad["id"], bad["error"]["code"]) == (1, "1", "unknown_source")
    assert good["id"] == "2"
    assert good["question"] == "dam?"
