"""The scripts of `bench/`: each can be asked how it is used."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from tests.needs import missing_module

BENCH = Path(__file__).parent.parent / "bench"
SCRIPTS = sorted(
    path.stem
    for path in BENCH.glob("*.py")
    if re.search(r"^def main\(", path.read_text(encoding="utf-8"), re.MULTILINE)
)


def test_the_scripts_are_found() -> None:
    assert {"news", "quality", "screenshots", "understanding"} <= set(SCRIPTS)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_tells_how_it_is_used(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        script = import_module(f"bench.{name}")
    except ModuleNotFoundError as error:
        missing_module(error)
    with pytest.raises(SystemExit) as ended:
        script.main(["--help"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("usage: ")
