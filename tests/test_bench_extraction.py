"""How extracted articles are scored."""

import gzip
import json
from pathlib import Path

import pytest

from bench.extraction import f1, main, match, not_said
from tests.owner_sample import PAGE

SAILS = "The ferry to Skarholm sails twice a day from the old pier, at nine and at five."


def test_what_was_left_out_costs_recall_and_what_was_added_precision() -> None:
    whole, half = "one two three four five", "one two three four"
    assert (match(whole, half).precision, match(whole, half).recall) == (1.0, 0.5)
    assert (match(half, whole).precision, match(half, whole).recall) == (0.5, 1.0)
    assert f1([match(whole, half), match(half, whole)]) == (0.75, 0.75, 0.75)


def test_nothing_found_is_no_division() -> None:
    assert f1([match("one two three four", "")]) == (0.0, 0.0, 0.0)


def test_a_sentence_that_a_page_does_not_say_is_found_out() -> None:
    assert list(not_said(PAGE, f"{SAILS} It never sails at noon.")) == ["It never sails at noon."]


def test_it_prints_a_line_for_each_extractor(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "ferry.html.gz").write_bytes(gzip.compress(PAGE))
    body = f"{SAILS} In winter it waits for the mail, which comes by train from the capital."
    (tmp_path / "ground-truth.json").write_text(json.dumps({"ferry": {"articleBody": body}}))
    assert main([str(tmp_path)]) == 0
    own, made, other = capsys.readouterr().out.splitlines()
    assert own.startswith("Footnote     F1 1.000")
    assert made.strip() == "0 of 2 sentences that the page does not say"
    assert other.startswith("trafilatura")
