"""Markdown, one article a file, with or without front matter, as the words its page shows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from index.readers.base import (
    Finding,
    Found,
    Source,
    UnreadableError,
    has_words,
    text_of,
)
from index.readers.front_matter import split_front_matter
from index.readers.metadata import Metadata, found_article, merge, read_metadata, read_sidecar
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
        front = split_front_matter(text_of(source.content()))
        own, sidecar = read_metadata(front.values, source.origin), read_sidecar(source)
        yield from (*own.remarks, *sidecar.remarks)
        yield _article(source, front.body, merge(own.metadata, sidecar.metadata))


def _article(source: Source, body: str, metadata: Metadata) -> Found:
    plain = plain_text(body, take_title=metadata.title is None)
    if plain.title and not has_words(plain.text):
        plain = plain_text(body, take_title=False)
    text = plain.text.strip()
    if not has_words(text):
        raise UnreadableError("holds no words under its front matter: write its text")
    return found_article(source, text, merge(Metadata(title=plain.title), metadata))


READS = dict.fromkeys((".md", ".markdown"), MarkdownReader())
