"""The file beside a story that tells about it: `story.txt.meta.json` beside `story.txt`."""

import json
from pathlib import Path

from index.readers.decode import UndecodableError, decode
from index.readers.found import Remark, origin_of
from index.readers.metadata import Told, read_metadata

SUFFIX = ".meta.json"


def is_sidecar(path: Path) -> bool:
    """Whether the name is that of a sidecar."""
    return path.name.lower().endswith(SUFFIX)


def story_of(sidecar: Path) -> Path:
    """The story that a sidecar is about."""
    return sidecar.with_name(sidecar.name[: -len(SUFFIX)])


def read_sidecar(story: Path) -> Told:
    """What the sidecar of `story` tells; nothing where there is none; a remark if it is broken."""
    path = story.with_name(story.name + SUFFIX)
    try:
        values = json.loads(decode(path.read_bytes()))
    except FileNotFoundError:
        return Told()
    except UndecodableError as error:
        return _broken(path, str(error))
    except (OSError, ValueError, RecursionError) as error:
        return _broken(path, f"cannot be read as JSON: {error}")
    if not isinstance(values, dict):
        return _broken(path, 'holds no JSON object: write {"title": "…", "published": "…"}')
    return read_metadata(values, origin_of(path))


def _broken(path: Path, reason: str) -> Told:
    message = f"sidecar {reason}; its story is read without it"
    return Told(remarks=(Remark(origin_of(path), message),))
