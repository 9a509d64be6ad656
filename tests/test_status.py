"""What the last build did is kept, and told step by step to programs."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from index.__main__ import main
from index.build import build
from index.status import Named, keep_report, read_report
from tests.fakes import HashEncoder, no_progress


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    return lambda: monkeypatch.setattr(
        "index.encoders.ModelEncoder", lambda data, name: HashEncoder()
    )


def test_faults_and_counts_of_a_build_are_kept(data: Path, sources: Path) -> None:
    (sources / "plan.docx").write_bytes(b"PK")
    report = build([sources], data, HashEncoder(), no_progress)
    kept = keep_report(data, report)
    assert read_report(data) == kept
    assert (kept.unchanged, kept.skipped) == (5, 1)
    [fault] = kept.faults
    assert fault == Named(str(sources / "plan.docx"), report.faults[0].reason)


def test_what_is_not_there_or_broken_is_not_known(data: Path) -> None:
    assert read_report(data) is None
    (data / "owner").mkdir()
    for broken in ("{", "{}", "[]", '{"faults": [1]}'):
        (data / "owner" / "last-build.json").write_text(broken)
        assert read_report(data) is None


def test_a_program_is_told_each_step_and_the_report(
    tmp_path: Path, sources: Path, fake: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    fake()
    assert main(["build", str(sources), "--data", str(tmp_path / "new"), "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    stages = [line["stage"] for line in lines if "stage" in line]
    assert list(dict.fromkeys(stages))[-1] == "writing"
    assert {"embedding", "writing"} <= set(stages)
    assert lines[-1]["report"]["added"] == 5
    kept = read_report(tmp_path / "new")
    assert kept is not None
    assert kept.added == 5
