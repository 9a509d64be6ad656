"""What cannot be written is told in one line: which file, and what to look at."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from index.__main__ import main
from index.vectors import write_vectors
from tests.fakes import HashEncoder

ROOT = Path(__file__).parent.parent
ROWS = np.ones((3, 8), np.int8)


def test_vectors_that_cannot_be_written_are_told_with_their_file(tmp_path: Path) -> None:
    full = tmp_path / "vectors.faiss"
    full.symlink_to("/dev/full")
    with pytest.raises(OSError, match=r"vectors\.faiss' cannot be written: check that the disk"):
        write_vectors(full, ROWS, np.arange(3), np.zeros((0, 8), np.float32))


def test_a_full_disk_ends_a_build_in_one_line(
    tmp_path: Path,
    sources: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("index.encoders.ModelEncoder", lambda data, name: HashEncoder())
    monkeypatch.setattr("index.store.catalogue.Catalogue.put", fail)
    assert main(["build", str(sources), "--data", str(tmp_path / "data")]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"error: the catalogue in '{tmp_path / 'data'}' cannot be used (database or disk is full): "
        "check that the disk has space and that its folder may be written"
    )


# Files of this process may have 200 bytes, and no more.
WRITING = """
import resource, sys
from pathlib import Path
from index.errors import finish
from index.lexical import extend_lexical
resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))
sys.exit(finish(lambda: extend_lexical(Path(sys.argv[1]), [], [], is_new=True) or 0))
"""


def test_words_that_cannot_be_written_are_told_with_their_folder(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITING, str(tmp_path)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert ran.stderr.startswith(f"error: '{tmp_path}' cannot be written (")
    assert len(ran.stderr.splitlines()) == 1
