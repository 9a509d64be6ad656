"""What tests need beyond `requirements.txt`: without it they are skipped, but with CI=true fail."""

import os
import shutil
from importlib import import_module
from typing import Any, NoReturn

import pytest

_OWN = ("app", "bench", "index", "qa", "tests")


def missing(reason: str) -> NoReturn:
    """Skip the test, or all of a module that is being imported; with CI=true fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason, allow_module_level=True)


def missing_module(error: ModuleNotFoundError) -> NoReturn:
    """The same for a module of `requirements-dev.txt`; raises the error again for one of ours."""
    name = (error.name or "").partition(".")[0]
    if name in _OWN:
        raise error
    missing(f"{name} is not installed: pip install -r requirements-dev.txt")


def optional_module(name: str, extra: str = "formats") -> Any:
    """A module of `requirements-formats.txt`, or of that of another extra."""
    try:
        return import_module(name)
    except ModuleNotFoundError:
        missing(f"{name} is not installed: pip install -r requirements-{extra}.txt")


def program(name: str, package: str) -> str:
    """The path of a program of the machine, which comes with the package."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    return found or missing(f"{name} is not installed: install {package}")
