"""Front matter, the metadata that a Markdown file may begin with: YAML, TOML or JSON."""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time

import yaml

from index.readers.base import UnreadableError
from index.readers.metadata import KEYS

_BLOCK = re.compile(
    r"(?P<rule>---|\+\+\+)[ \t]*\n(?P<values>.*?)^(?:(?P=rule)|\.\.\.)[ \t]*(?:\n|\Z)",
    re.DOTALL | re.MULTILINE,
)
_PLACE = re.compile(r" \(at (?:line (?P<line>\d+), column \d+|end of document)\)$")
_KNOWN = frozenset(key for keys in KEYS.values() for key in keys)


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The values of the front matter, and the body under it."""

    values: dict[str, object]
    body: str


class _AsWrittenLoader(yaml.SafeLoader):
    """Reads scalars as they are written: `id: 007` is `007`, `title: No` is `No`, and an
    impossible date is still text that a remark can quote."""


_AsWrittenLoader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in resolvers if tag == "tag:yaml.org,2002:null"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def split_front_matter(text: str) -> FrontMatter:
    """Split front matter from body. Raises UnreadableError, which names the line in the file.

    YAML stands between lines of `---`, TOML between lines of `+++`, and JSON is an object with one
    of our keys. A block between rules without keys is body.
    """
    if text.startswith("{"):
        return _split_json(text)
    block = _BLOCK.match(text)
    if block is None:
        return FrontMatter({}, text)
    read = _read_yaml if block["rule"] == "---" else _read_toml
    values = read(block["values"])
    if values is None:
        return FrontMatter({}, text[block.end() :])
    if not isinstance(values, dict):
        return FrontMatter({}, text)
    return FrontMatter({str(key): value for key, value in values.items()}, text[block.end() :])


def _read_yaml(block: str) -> object:
    try:
        return yaml.load(block, Loader=_AsWrittenLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 2 if mark else 1
        problem = error.problem or "it is not YAML"
        raise _broken(f"at line {line}: {problem}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = str(error).split("\n", 1)[0]
        raise _broken(f"after line 1: {reason}") from error


def _read_toml(block: str) -> object:
    try:
        values = tomllib.loads(block, parse_float=str)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        place = _PLACE.search(str(error))
        # The first line of the block is the second of the file.
        line = int(place["line"]) + 1 if place and place["line"] else block.count("\n") + 1
        reason = _PLACE.sub("", str(error))
        raise _broken(f"at line {line}: {reason}") from error
    return {key: _as_text(value) for key, value in values.items()}


def _broken(fault: str) -> UnreadableError:
    return UnreadableError(f"front matter is broken {fault}; fix it or remove it")


def _as_text(value: object) -> object:
    """A date or time of TOML as ISO 8601, however the file separates the two."""
    return value.isoformat() if isinstance(value, date | time) else value


def _split_json(text: str) -> FrontMatter:
    try:
        values, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        # A text may begin with a brace, so what is no JSON is body.
        return FrontMatter({}, text)
    if not isinstance(values, Mapping) or _KNOWN.isdisjoint(key.lower() for key in values):
        return FrontMatter({}, text)
    return FrontMatter(dict(values), text[end:])
