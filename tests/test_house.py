"""The house keeps its plan: arrows one way, no circles, a seam for the store, nothing twice."""

import ast
from collections import defaultdict
from collections.abc import Collection, Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = ("index", "qa", "app")
PARTS = ("index", "qa", "bench", "training")
# Only these know what a store of this machine is made of; `index.analysis` cuts words as tantivy
# does.
ENGINES = {
    "tantivy": ("index.store.", "index.lexical", "index.analysis"),
    "faiss": ("index.store.", "index.vectors"),
    "sqlite3": ("index.store.", "qa.journal", "qa.web.workers.counts."),
    "pymilvus": ("index.store.milvus.",),
    "grpc": ("index.store.milvus.",),
    "index.lexical": ("index.store.",),
    "index.store.local": ("index.store.",),
    "index.store.segment": ("index.store.",),
    "index.store.columns": ("index.store.",),
    "index.store.catalogue": ("index.store.",),
    "index.store.manifest": ("index.store.",),
    "index.store.draft": ("index.store.",),
    "index.store.publish": ("index.store.",),
    "index.store.vocabulary": ("index.store.",),
}


@cache
def imports() -> dict[str, frozenset[str]]:
    """What each module of ours imports, wherever in it; a name of a package by its module."""
    files = [ROOT / "app.py", *(ROOT / "index").rglob("*.py"), *(ROOT / "qa").rglob("*.py")]
    modules = {_name(path): path for path in files}
    return {
        name: frozenset(_imported(path, modules.keys())) - {name} for name, path in modules.items()
    }


def test_nothing_imports_what_is_above_it() -> None:
    arrows = [
        (name, other)
        for name, others in imports().items()
        for other in others
        if _floor(other) > _floor(name)
    ]
    assert arrows == []


def test_no_imports_go_in_a_circle() -> None:
    graph = {name: imports()[name] & imports().keys() for name in imports()}
    # Raises CycleError, which names the circle.
    assert set(TopologicalSorter(graph).static_order()) == graph.keys()


def test_what_listens_imports_nothing_slow_nor_what_reads_the_environment() -> None:
    assert _reached("qa.web.serving").isdisjoint({"gradio", "prometheus_client", "qa.web.app"})
    assert {"gradio", "prometheus_client"} < _reached("qa.web.app")


@pytest.mark.parametrize("engine", ENGINES)
def test_what_a_store_is_made_of_stays_behind_its_seam(engine: str) -> None:
    # The ending dot makes a package's own name one of its modules.
    users = [name for name, others in imports().items() if engine in others]
    assert [name for name in users if not f"{name}.".startswith(ENGINES[engine])] == []


def test_a_folder_can_be_taken_in_at_a_glance() -> None:
    folders = {path.parent for path in [*(ROOT / "index").rglob("*.py"), *(ROOT / "qa").rglob("*")]}
    crowded = {folder: len(list(folder.glob("*.py"))) for folder in folders}
    assert max(crowded.values()) <= 17, crowded


def test_the_map_of_the_house_is_short_and_names_all_its_packages() -> None:
    drawn = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("```")[1]
    assert len(drawn.strip().splitlines()) <= 30
    floors = [ROOT / "index", ROOT / "qa", ROOT / "qa" / "web"]
    packages = [init.parent.name for floor in floors for init in floor.glob("*/__init__.py")]
    assert [name for name in packages if f"{name}/" not in drawn] == []


def test_twelve_lines_stand_nowhere_twice() -> None:
    places: dict[tuple[str, ...], list[str]] = defaultdict(list)
    inside = (path for part in PARTS for path in (ROOT / part).rglob("*.py"))
    for path in (ROOT / "app.py", *inside):
        written = path.read_text(encoding="utf-8").splitlines()
        lines = [(at, line.strip()) for at, line in enumerate(written, start=1) if line.strip()]
        for first in range(len(lines) - 11):
            window = lines[first : first + 12]
            places[tuple(line for _, line in window)].append(f"{path.name} line {window[0][0]}")
    assert [found for found in places.values() if len(found) > 1] == []


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _reached(name: str) -> set[str]:
    """What is imported with a module, whether ours or not."""
    reached, left = {name}, [name]
    while left:
        new = imports().get(left.pop(), frozenset()) - reached
        reached |= new
        left += new
    return reached


def _floor(name: str) -> int:
    package = name.partition(".")[0]
    return FLOORS.index(package) if package in FLOORS else -1


def _imported(path: Path, ours: Collection[str]) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in ours else node.module
