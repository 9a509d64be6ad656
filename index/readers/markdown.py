"""Markdown, one article a file, with or without front matter, as the words its page shows."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from index.readers.base import (
    Finding,
    Found,
    Remark,
    Source,
    UnreadableError,
    has_words,
    text_of,
)
from index.readers.masthead import hidden_by_slip
from index.readers.metadata import (
    KEYS,
    Metadata,
    found_article,
    merge,
    read_metadata,
    read_sidecar,
    without_title,
)
from index.readers.shown import shown_text

_DEEPEST = 100
_PARSER = (
    MarkdownIt("commonmark", {"maxNesting": _DEEPEST})
    .enable(["table", "strikethrough"])
    .use(footnote_plugin)
)
# Shortcodes of Hugo, tags of Jekyll, and the comments of both and of MDX; code comes first, for in
# it they are meant to be seen.
_TEMPLATES = re.compile(
    r"""
    (?P<code> ^[ ]{0,3}(?P<fence>`{3,}|~{3,}) .*? ^[ ]{0,3}(?P=fence) [^\n]* $ | `+[^`\n]+`+ )
    | \{\{[<%]\s*comment\s*[%>]\}\} .*? \{\{[<%]\s*/comment\s*[%>]\}\}
    | \{%-?\s*comment\s*-?%\} .*? \{%-?\s*endcomment\s*-?%\}
    | \{\{< .*? >\}\} | \{\{% .*? %\}\} | \{%.*?%\} | \{\{/\* .*? \*/\}\} | \{/\* .*? \*/\}
    """,
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)
# What MDX loads its components with.
_MODULE_LINE = re.compile(
    r"""import\s[^\n]*["'][^"'\n]+["'];?|export\s+(?:default|const|let|function)\s[^\n]*"""
)


@dataclass(frozen=True, slots=True)
class PlainText:
    """The text of a document; `title` is its first level 1 heading, which is not in the text."""

    title: str | None
    text: str


def plain_text(markdown: str, take_title: bool) -> PlainText:
    """Blocks separated by blank lines, as `shown_text` gives them; notes stand at the end.

    Raises UnreadableError for more than about 100 levels of quotes and lists, deeper than the
    parser goes: words would be lost.
    """
    env: dict[str, Any] = {}
    tokens = _PARSER.parse(_TEMPLATES.sub(_code_alone, markdown), env)
    if any(token.level >= _DEEPEST - 1 for token in tokens):
        raise UnreadableError(f"has quotes or lists more than {_DEEPEST} deep: remove some levels")
    title, rest = _split_title(tokens) if take_title else ([], tokens)
    heading = _shown(title, env)
    text = _shown(_without_modules(rest), env)
    return PlainText(title=" ".join(heading.split()) or None, text=text)


def _shown(tokens: list[Token], env: dict[str, Any]) -> str:
    return shown_text(str(_PARSER.renderer.render(tokens, _PARSER.options, env)))


def _code_alone(found: re.Match[str]) -> str:
    return found["code"] or ""


def _split_title(tokens: list[Token]) -> tuple[list[Token], list[Token]]:
    """The tokens of the first heading of level 1 that stands in no other block, and the rest."""
    first = next((n for n, each in enumerate(tokens) if each.tag == "h1" and not each.level), None)
    if first is None:
        return [], tokens
    # A heading opens, has its words, and closes.
    return tokens[first : first + 3], tokens[:first] + tokens[first + 3 :]


def _without_modules(tokens: list[Token]) -> list[Token]:
    return [
        token
        for token in tokens
        if token.type != "inline"
        or not all(_MODULE_LINE.fullmatch(line.strip()) for line in token.content.split("\n"))
    ]


class MarkdownReader:
    """Reads `.md`: metadata from the front matter, the body as plain text."""

    def read(self, source: Source) -> Iterator[Finding]:
        """The one article of the file. Raises UnreadableError and OSError."""
        text = text_of(source.content())
        try:
            front = split_front_matter(text)
        except UnreadableError as error:
            # In front matter any such line says who may read, whatever its words.
            if not hidden_by_slip(text, source.origin, Metadata()).remarks:
                raise
            yield Remark(source.origin, f"{error}; its article is hidden until then")
            yield found_article(source, text, Metadata(visibility="hidden"))
            return
        yield from _read(source, front)


def _read(source: Source, front: "FrontMatter") -> Iterator[Finding]:
    values = front.values
    if _is_draft(values):
        yield Remark(source.origin, "is a draft, as its front matter says, so it is hidden")
        # Jekyll says so under the key of a date.
        others = {key: value for key, value in values.items() if key.lower() != "published"}
        values = others | {"visibility": "hidden"}
    own = read_metadata(values, source.origin, told_by="header")
    sidecar = read_sidecar(source)
    slip = hidden_by_slip(front.body, source.origin, sidecar.metadata)
    yield from (*own.remarks, *slip.remarks, *sidecar.remarks)
    metadata = merge(merge(own.metadata, slip.metadata), sidecar.metadata)
    yield _article(source, front.body, metadata)


# As YAML has them.
_TRUE, _FALSE = ("true", "yes", "on"), ("false", "no", "off")


def _is_draft(values: Mapping[str, object]) -> bool:
    """Whether a maker of sites, such as Hugo or Jekyll, would not publish it."""
    told = {key.lower(): str(value).lower() for key, value in values.items()}
    return told.get("draft") in _TRUE or told.get("published") in _FALSE


def _article(source: Source, body: str, metadata: Metadata) -> Found:
    plain = plain_text(body, take_title=metadata.title is None)
    if plain.title and not has_words(plain.text):
        plain = plain_text(body, take_title=False)
    text = without_title(plain.text.strip(), metadata.title)
    if not has_words(text):
        raise UnreadableError("holds no words under its front matter: write its text")
    return found_article(source, text, merge(Metadata(title=plain.title), metadata))


READS = dict.fromkeys((".md", ".markdown"), MarkdownReader())


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
        # A text may begin with a brace, so what is not JSON is body.
        return FrontMatter({}, text)
    if not isinstance(values, Mapping) or _KNOWN.isdisjoint(key.lower() for key in values):
        return FrontMatter({}, text)
    return FrontMatter(dict(values), text[end:])
