"""Markdown, one article a file, with or without front matter, as the plain text it renders to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from index.readers.base import (
    Finding,
    Source,
    UndecodableError,
    Unreadable,
    has_words,
    origin_of,
    read_text,
    unopened,
)
from index.readers.metadata import (
    FrontMatterError,
    Metadata,
    found_article,
    merge,
    read_metadata,
    read_sidecar,
    split_front_matter,
)

_INDENT = "  "
_DEEPEST = 100
_PARSER = MarkdownIt("commonmark", {"maxNesting": _DEEPEST}).enable(["table", "strikethrough"])


class NestingError(ValueError):
    """Quotes and lists nested deeper than the parser goes: words would be lost."""


@dataclass(frozen=True, slots=True)
class PlainText:
    """The text of a document; `title` is its first level 1 heading, which is not in the text."""

    title: str | None
    text: str


def plain_text(markdown: str, take_title: bool) -> PlainText:
    """Blocks separated by blank lines, without marks; raw HTML is kept as it is.

    Raises NestingError for more than about 100 levels of quotes and lists.
    """
    tokens = _PARSER.parse(markdown)
    if any(token.level >= _DEEPEST - 1 for token in tokens):
        raise NestingError(f"has quotes or lists more than {_DEEPEST} deep: remove some levels")
    blocks = SyntaxTreeNode(tokens).children
    title = next((node for node in blocks if node.tag == "h1"), None) if take_title else None
    texts = [_block(node) for node in blocks if node is not title]
    return PlainText(
        title=" ".join(_block(title).split()) or None if title else None,
        text="\n\n".join(text for text in texts if text),
    )


def _block(node: SyntaxTreeNode) -> str:
    if node.type == "inline":
        return _inline(node.token.children or [] if node.token else [])
    if node.type in ("bullet_list", "ordered_list"):
        return _list(node)
    if node.type in ("fence", "code_block", "html_block"):
        return node.content.rstrip("\n")
    if node.type == "tr":
        return " | ".join(_block(cell) for cell in node.children)
    separator = "\n" if node.type in ("table", "thead", "tbody") else "\n\n"
    return separator.join(text for child in node.children if (text := _block(child)))


def _list(node: SyntaxTreeNode) -> str:
    first = int(node.attrs.get("start", 1))
    items = [
        _item(child, f"{first + number}. " if node.type == "ordered_list" else "- ")
        for number, child in enumerate(node.children)
    ]
    return "\n".join(items)


def _item(node: SyntaxTreeNode, mark: str) -> str:
    """Further lines of an item are indented, to set off a list inside it."""
    blocks = [text for child in node.children if (text := _block(child))]
    return mark + "\n".join(blocks).replace("\n", "\n" + _INDENT)


def _inline(tokens: Sequence[Token]) -> str:
    return "".join(_words(token) for token in tokens)


def _words(token: Token) -> str:
    """A line break inside a paragraph is mere wrapping, so a space, unless it is a hard break."""
    if token.type == "softbreak":
        return " "
    if token.type == "hardbreak":
        return "\n"
    if token.type == "image":
        return _inline(token.children or [])
    return token.content


class MarkdownReader:
    """Reads `.md`: metadata from the front matter, the body as plain text."""

    def read(self, source: Source) -> Iterator[Finding]:
        """The one article of the file, or why it cannot be read."""
        origin = origin_of(source.path)
        try:
            front = split_front_matter(read_text(source.path))
        except UndecodableError as error:
            yield Unreadable(origin, str(error))
            return
        except FrontMatterError as error:
            yield Unreadable(origin, f"{error}; fix it or remove it")
            return
        except OSError as error:
            yield unopened(origin, error)
            return
        own, sidecar = read_metadata(front.values, origin), read_sidecar(source.path)
        yield from (*own.remarks, *sidecar.remarks)
        metadata = merge(own.metadata, sidecar.metadata)
        try:
            yield _article(source, front.body, metadata)
        except NestingError as error:
            yield Unreadable(origin, str(error))


def _article(source: Source, body: str, metadata: Metadata) -> Finding:
    origin = origin_of(source.path)
    plain = plain_text(body, take_title=metadata.title is None)
    if plain.title and not has_words(plain.text):
        plain = plain_text(body, take_title=False)
    text = plain.text.strip()
    if not has_words(text):
        return Unreadable(origin, "holds no words under its front matter: write its text")
    return found_article(origin, source.name, text, merge(Metadata(title=plain.title), metadata))


READS = dict.fromkeys((".md", ".markdown"), MarkdownReader())
