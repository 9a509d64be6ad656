"""Milvus for tests: milvus-lite, which runs in this process."""

from pathlib import Path

from tests.needs import optional_module


def milvus_lite(folder: Path) -> Path:
    """The name of an archive in a milvus-lite in this folder; without it, skips except in CI."""
    optional_module("milvus_lite", "milvus")
    return Path(f"milvus-lite:{folder}")
