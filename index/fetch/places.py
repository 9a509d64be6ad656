"""Places to read from, as a command line names them: paths, and addresses of the web.

Raised is ArgumentTypeError, which quotes what cannot be read.
"""

import argparse
from pathlib import Path
from urllib.parse import urlsplit


def place(value: str) -> Path | str:
    """A path, or an address as it is."""
    if not value.startswith(("http://", "https://")):
        return Path(value)
    if not host_of(value):
        raise argparse.ArgumentTypeError(f"{value!r} names no host: give https://HOST/…")
    return value


def host_of(address: str) -> str:
    """The host that an address names; empty if it names none."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def path(value: str) -> Path:
    """A path, and no address."""
    found = place(value)
    if isinstance(found, str):
        raise argparse.ArgumentTypeError(f"{value!r} is an address: name it to `watch`")
    return found
