"""Milvus for tests: milvus-lite, which runs in this process."""

import importlib.util
import os
from pathlib import Path

import pytest


def milvus_lite(folder: Path) -> Path:
    """The name of an archive in a milvus-lite in this folder; without it, skips except in CI."""
    if importlib.util.find_spec("milvus_lite") is None and not os.environ.get("CI"):
        pytest.skip("needs pip install -r requirements-milvus.txt")
    return Path(f"milvus-lite:{folder}")
