"""The YAML block that a Markdown file may begin with."""

import re
from dataclasses import dataclass

import yaml

_BLOCK = re.compile(
    r"---[ \t]*\n(?P<yaml>.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE
)


class FrontMatterError(ValueError):
    """Front matter that is no YAML."""


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The values of the front matter, and the body under it."""

    values: dict[str, object]
    body: str


class _AsWrittenLoader(yaml.SafeLoader):
    """Reads scalars as they are written: `id: 007` is `007`, `title: No` is `No`, and a date
    that no calendar has is still text that can be quoted in a remark."""


_AsWrittenLoader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in resolvers if tag == "tag:yaml.org,2002:null"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def split_front_matter(text: str) -> FrontMatter:
    """Tell front matter from body. Raises FrontMatterError, which names the line in the file.

    What stands between rules but holds no keys is body.
    """
    block = _BLOCK.match(text)
    if block is None:
        return FrontMatter({}, text)
    try:
        values = yaml.load(block["yaml"], Loader=_AsWrittenLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 2 if mark else 1
        problem = error.problem or "it is no YAML"
        raise FrontMatterError(f"front matter is broken at line {line}: {problem}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = str(error).split("\n", 1)[0]
        raise FrontMatterError(f"front matter is broken after line 1: {reason}") from error
    if values is None:
        return FrontMatter({}, text[block.end() :])
    if not isinstance(values, dict):
        return FrontMatter({}, text)
    return FrontMatter({str(key): value for key, value in values.items()}, text[block.end() :])
