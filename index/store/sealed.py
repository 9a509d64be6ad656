"""JSON that carries its own checksum: a changed byte anywhere in the file is noticed."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def sealed(body: Mapping[str, Any]) -> str:
    """The body as JSON with its sha256; a name `sha256` of its own would be replaced.

    >>> unsealed(sealed({"left": 3}).encode())
    {'left': 3}
    """
    return _written({**body, "sha256": _digest(body)})


def unsealed(stored: bytes) -> dict[str, Any]:
    """The body, if its checksum and its exact form are right. Raises ValueError saying what is not.

    The form counts too: spaces are not part of the checksum.
    """
    try:
        whole: dict[str, Any] = json.loads(stored)
        body = {name: value for name, value in whole.items() if name != "sha256"}
        claimed = whole["sha256"]
    except (ValueError, AttributeError, KeyError, TypeError):
        raise ValueError("is damaged") from None
    if claimed != _digest(body) or _written(whole).encode() != stored:
        raise ValueError("is damaged, its checksum is wrong")
    return body


def _written(whole: Mapping[str, Any]) -> str:
    return json.dumps(whole, indent=1, sort_keys=True) + "\n"


def _digest(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
