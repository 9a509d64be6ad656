import json
from contextlib import ExitStack
from pathlib import Path

import pytest

from index.__main__ import main
from index.article import Article
from index.build.rules.kept import rules_of
from index.readers.walk import RULES_FILE
from index.settings import DEFAULT_MODEL
from index.status import ProgressBar
from index.store.manifest import read_manifest
from index.store.writer import only_writer
from tests.fakes import HashEncoder
from tests.segments import publish_more

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _no_settings_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATA", "MODEL", "HOST", "PORT"):
        monkeypatch.delenv(f"FOOTNOTE_{name}", raising=False)
    monkeypatch.setattr(
        "index.encoders.ModelEncoder",
        lambda data, name: HashEncoder("hash" if name == DEFAULT_MODEL else name),
    )


def test_a_build_counts_what_it_read_and_what_it_skipped(
    tmp_path: Path, sources: Path, capsys: Captured
) -> None:
    (sources / "empty.txt").touch()
    (sources / "dam.md.meta.json").write_text('{"published": "soon"}')
    assert main(["build", str(sources), "--data", str(tmp_path / "data")]) == 0
    told = capsys.readouterr()
    warning, skipped, read, holds = told.out.splitlines()
    assert warning.startswith(f"warning: {sources / 'dam.md.meta.json'}: published: 'soon' is not")
    assert skipped.startswith(f"skipped: {sources / 'empty.txt'}: holds no words")
    assert read == (
        "read 5 articles (5 new, 0 changed, 0 unchanged), skipped 1, removed 0, "
        "embedded 11 passages"
    )
    assert holds == "the index holds 5 articles in 11 passages"
    assert "embedding: 100%" in told.err


def test_the_second_build_embeds_nothing(tmp_path: Path, sources: Path, capsys: Captured) -> None:
    arguments = ["build", str(sources), "--data", str(tmp_path / "data")]
    assert main(arguments) == main(arguments) == 0
    assert "5 unchanged), skipped 0, removed 0, embedded 0" in capsys.readouterr().out


def test_a_pruning_build_removes_what_is_gone(
    tmp_path: Path, sources: Path, capsys: Captured
) -> None:
    arguments = ["build", str(sources), "--data", str(tmp_path / "data"), "--prune"]
    main(arguments)
    (sources / "dam.md").unlink()
    assert main(arguments) == 0
    assert "removed 1, embedded 0 passages" in capsys.readouterr().out


def test_a_build_prunes_more_than_half_of_a_source_by_force_alone(
    tmp_path: Path, sources: Path, capsys: Captured
) -> None:
    arguments = ["build", "--prune", str(sources), "--data", str(tmp_path / "data")]
    main(arguments)
    for name in ("dam.md", "lighthouse.txt", "harbour.txt"):
        (sources / name).unlink()
    capsys.readouterr()
    assert main(arguments) == 1
    assert (
        capsys.readouterr()
        .err.splitlines()[-1]
        .startswith(f"error: 3 of 5 articles of '{sources}' are gone")
    )
    assert main([*arguments, "--prune=force"]) == 0
    assert "removed 3" in capsys.readouterr().out


def test_a_build_that_can_read_nothing_is_a_fault(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "photo.jpeg").write_bytes(b"\xff\xd8")
    data = str(tmp_path / "data")
    assert main(["build", str(tmp_path / "photo.jpeg"), "--data", data]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines()[-1].startswith("error: nothing could be read in")


def test_a_missing_source_is_one_line_with_the_remedy(tmp_path: Path, capsys: Captured) -> None:
    missing = tmp_path / "nowhere"
    assert main(["build", str(missing), "--data", str(tmp_path / "data")]) == 1
    assert capsys.readouterr().err == (f"error: '{missing}' does not exist: check the path\n")


def test_a_build_that_meets_another_waits_for_it(
    data: Path, sources: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    (sources / "new.txt").write_text("This article is new.")
    other = ExitStack()
    other.enter_context(only_writer(data))
    # The other one ends while it is waited for.
    monkeypatch.setattr("index.build.ledger.sleep", lambda _: other.close())
    assert main(["build", str(sources), "--data", str(data)]) == 0
    assert "1 new" in capsys.readouterr().out


def test_one_that_goes_on_for_long_is_told(
    data: Path, sources: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept = list[float]()
    monkeypatch.setattr("index.build.ledger.sleep", slept.append)
    monkeypatch.setattr("index.build.ledger.monotonic", lambda: sum(slept))
    with only_writer(data):
        for line in (["build", str(sources)], ["remove", "dam"]):
            assert main([*line, "--data", str(data)]) == 1
            assert "another build is writing to" in capsys.readouterr().err
            assert 10 < sum(slept) < 11
            slept.clear()


def test_ctrl_c_ends_a_build_in_one_line(
    tmp_path: Path, sources: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(self: HashEncoder, passages: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(HashEncoder, "encode_passages", interrupt)
    assert main(["build", str(sources), "--data", str(tmp_path / "data")]) == 130
    assert capsys.readouterr().err.endswith("stopped; the next build reuses what was embedded\n")


def test_the_status_is_told_as_json(read_only_data: Path, capsys: Captured) -> None:
    assert main(["status", "--data", str(read_only_data), "--json"]) == 0
    manifest = read_manifest(read_only_data)
    assert json.loads(capsys.readouterr().out) == {
        "articles": 5,
        "passages": 11,
        "sentences": 28,
        "model": "hash",
        "runs_on": "hash",
        "dimension": 64,
        "newest": "2023-01-20",
        "built_at": manifest.built_at,
        "bytes": sum(file.bytes for file in manifest.files),
        "generation": 1,
        "read_at": None,
        "unfetched": 0,
        "undated": 1,
        "dated_by": {"header": 2, "sidecar": 1, "record": 1},
        "vectors": [
            {"passages": 11, "kind": "exact, 16 bits", "lists": 0, "probes": 0, "recall": 1.0}
        ],
    }


def test_articles_without_a_date_are_listed(read_only_data: Path, capsys: Captured) -> None:
    assert main(["status", "--data", str(read_only_data), "--undated"]) == 0
    [line] = capsys.readouterr().out.splitlines()
    assert line.split()[1].endswith("shorts.jsonl")


@pytest.fixture
def clustered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An index of two segments, the first of which is searched by clusters."""
    monkeypatch.setattr("index.vectors.MOST_EXACT", 50)
    monkeypatch.setattr("index.store.draft.MOST_EXACT", 50)
    monkeypatch.setattr("index.store.draft._QUESTIONS", 30)
    monkeypatch.setattr("index.vectors._NEAREST", 5)
    days = [Article(f"a{n}", f"Day {n} was wet. It rained {n * 7} times.") for n in range(120)]
    first = publish_more(tmp_path / "data", None, *days)
    publish_more(tmp_path / "data", first, Article("owl", "An owl called."))
    return tmp_path / "data"


def test_the_status_tells_the_recall_measured_for_each_segment(
    clustered: Path, capsys: Captured
) -> None:
    assert main(["status", "--data", str(clustered), "--json"]) == 0
    [many, few] = json.loads(capsys.readouterr().out)["vectors"]
    stats = read_manifest(clustered).segments[0].vectors
    assert many == {
        "passages": 120,
        "kind": "clusters, 8 bits",
        "lists": int(4 * 120**0.5),
        "probes": stats.probes,
        "recall": stats.recall,
    }
    assert 0.5 < many["recall"] <= 1
    assert (few["passages"], few["kind"], few["recall"]) == (1, "exact, 16 bits", 1)
    assert main(["status", "--data", str(clustered)]) == 0
    *_, first, second = capsys.readouterr().out.splitlines()
    assert first.split(maxsplit=2)[:2] == ["segment", "1"]
    assert f"recall {stats.recall}" in first
    assert "recall 1.0" in second


def test_the_status_is_told_a_line_each(read_only_data: Path, capsys: Captured) -> None:
    assert main(["status", "--data", str(read_only_data)]) == 0
    told = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert (told["articles"], told["model"], told["newest"]) == ("5", "hash", "2023-01-20")
    assert told["runs_on"] == "hash"
    assert told["segment"].endswith("recall 1.0")


@pytest.mark.parametrize("command", ["status", "verify"])
def test_where_there_is_no_index_the_remedy_is_told(
    tmp_path: Path, capsys: Captured, command: str
) -> None:
    assert main([command, "--data", str(tmp_path)]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == (
        f"error: there is no index in {str(tmp_path)!r}: "
        f"build one with python -m index build FOLDER --data {tmp_path}\n"
    )


def test_verifying_a_good_index_tells_its_counts(read_only_data: Path, capsys: Captured) -> None:
    assert main(["verify", "--data", str(read_only_data)]) == 0
    told = capsys.readouterr()
    assert told == ("no faults found: 5 articles, 11 passages, 28 sentences\n", "")


def test_verifying_a_damaged_index_names_each_file(data: Path, capsys: Captured) -> None:
    folder = data / "segment-000001"
    (folder / "vectors.faiss").unlink()
    (folder / "catalogue.sqlite").write_bytes(b"")
    assert main(["verify", "--data", str(data)]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    size = next(f.bytes for f in read_manifest(data).files if "catalogue" in f.path)
    assert told.err.splitlines() == [
        f"{folder / 'catalogue.sqlite'} has 0 bytes instead of {size}",
        f"{folder / 'vectors.faiss'} is missing",
    ]


def test_a_damaged_manifest_is_named(data: Path, capsys: Captured) -> None:
    (data / "manifest.json").write_text("{}")
    assert main(["verify", "--data", str(data)]) == 1
    assert f"{data / 'manifest.json'} is damaged" in capsys.readouterr().err
    assert main(["status", "--data", str(data)]) == 1
    assert capsys.readouterr().err.startswith(f"error: {data / 'manifest.json'} is damaged")


@pytest.mark.parametrize(
    "arguments", [[], ["build"], ["reindex"], ["status", "--yaml"], ["verify", "extra"]]
)
def test_a_wrong_usage_exits_with_2(arguments: list[str], capsys: Captured) -> None:
    with pytest.raises(SystemExit) as exited:
        main(arguments)
    assert exited.value.code == 2
    assert "usage: python -m index" in capsys.readouterr().err


def test_the_folder_comes_from_the_environment_unless_it_is_named(
    read_only_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("FOOTNOTE_DATA", str(read_only_data))
    assert main(["verify"]) == 0
    assert main(["verify", "--data", str(tmp_path)]) == 1
    assert f"no index in {str(tmp_path)!r}" in capsys.readouterr().err


def test_a_setting_that_cannot_be_used_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("FOOTNOTE_PORT", "http")
    assert main(["status"]) == 1
    assert capsys.readouterr().err.startswith("error: FOOTNOTE_PORT is 'http'")


def test_the_model_comes_from_the_environment(
    sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_MODEL", "models/mine")
    assert main(["build", str(sources), "--data", str(tmp_path / "data")]) == 0
    assert read_manifest(tmp_path / "data").model.name == "models/mine"


def test_one_bar_is_shown_at_a_time_and_none_of_what_is_not_known(capsys: Captured) -> None:
    bar = ProgressBar()
    for told in [
        ("embedding", 0, None),
        ("reading", 1, None),
        ("reading", 2, None),
        ("embedding", 4, None),
        ("reading", 5, None),
        ("embedding", 8, 8),
        ("writing", 0, 1),
        ("writing", 1, 1),
    ]:
        bar(*told)
    bar.close()
    shown = capsys.readouterr().err
    read, embedded, written, _ = (line.split("\r")[-1] for line in shown.split("\n"))
    assert read.startswith("reading: 2 articles [")
    assert embedded.startswith("embedding: 100%|")
    assert written.startswith("writing: 100%|")
    assert "reading: 5 articles" in shown
    assert "?" not in shown
    # A bar below another one is reached by moving the cursor.
    assert "\x1b[A" not in shown


def test_a_build_ends_each_bar_that_it_shows(
    tmp_path: Path, sources: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.build.pipeline._CHUNK", 1)
    assert main(["build", str(sources), "--data", str(tmp_path / "data")]) == 0
    told = capsys.readouterr().err
    assert "embedding: 100%" in told
    assert "writing: 100%" in told


def test_a_folder_without_readable_files_is_told_once_with_the_formats(
    tmp_path: Path, capsys: Captured
) -> None:
    (tmp_path / "empty").mkdir()
    for photo in ("a.jpeg", "b.jpeg"):
        (tmp_path / photo).write_bytes(b"\xff\xd8")
    for folder, fault in [
        (tmp_path / "empty", "nothing to read in"),
        (tmp_path, "nothing could be read in"),
    ]:
        assert main(["build", str(folder), "--data", str(tmp_path / ".data")]) == 1
        told = capsys.readouterr()
        (line,) = told.err.splitlines()
        assert line.startswith(f"error: {fault} {str(folder)!r}")
        assert line.count(".docx") == 1
        assert told.out == ""


def test_a_fault_of_many_files_has_its_remedy_once(
    tmp_path: Path, sources: Path, capsys: Captured
) -> None:
    for photo in ("a.jpeg", "b.jpeg"):
        (sources / photo).write_bytes(b"\xff\xd8")
    assert main(["build", str(sources), "--data", str(tmp_path / "data")]) == 0
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first.startswith(f"skipped: {sources / 'a.jpeg'}: has an unsupported format: use one")
    assert second == f"skipped: {sources / 'b.jpeg'}: has an unsupported format"


@pytest.mark.parametrize("command", ["status", "verify"])
def test_status_and_verify_load_no_model(
    read_only_data: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    def refuse(data: Path, name: str) -> None:
        raise AssertionError("the model was loaded")

    monkeypatch.setattr("index.encoders.ModelEncoder", refuse)
    assert main([command, "--data", str(read_only_data)]) == 0


def test_a_build_names_what_is_wrong_with_the_rules_and_copies_them_once_they_are_right(
    tmp_path: Path, sources: Path, capsys: Captured
) -> None:
    build = ["build", str(sources), "--data", str(tmp_path / "data")]
    (sources / RULES_FILE).write_text("labels:\n- label: sponsored\n", encoding="utf-8")
    assert main(build) == 1
    place = f"{sources / RULES_FILE}, line 2: labels.1"
    assert capsys.readouterr().err.startswith(f"error: {place} names no articles: give one of")
    (sources / RULES_FILE).write_text(
        'pinned:\n- {question: "Who?", article: comet, sentence: Nobody.}', encoding="utf-8"
    )
    assert main(build) == 0
    told = f"warning: {RULES_FILE}: 'Who?' is pinned to 'Nobody.', which article 'comet' does not"
    assert told in capsys.readouterr().out
    assert rules_of(tmp_path / "data").pinned[0].sentence == "Nobody."


@pytest.mark.parametrize("command", ["build", "watch"])
def test_keys_that_cannot_be_mapped_end_a_command_before_anything_is_read(
    sources: Path, tmp_path: Path, capsys: Captured, command: str
) -> None:
    data = tmp_path / "data"
    assert main([command, str(sources), "--data", str(data), "--map", "headline"]) == 1
    assert capsys.readouterr().err.startswith("error: 'headline' maps no key")
    assert not data.exists()
