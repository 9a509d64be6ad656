"""Requests made from the description of the API, by schemathesis."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.needs import missing

ROOT = Path(__file__).parent.parent


def try_description(address: str, cases: int, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Send so many for each route and phase; notes are left in `folder`."""
    program = shutil.which("schemathesis", path=str(Path(sys.executable).parent))
    if program is None:
        missing("schemathesis is not installed: pip install -r requirements-dev.txt")
    command = [program, "--config-file", str(ROOT / "schemathesis.toml"), "run"]
    command += [f"{address}/openapi.json", "--checks", "all", "-n", str(cases), "--no-color"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
