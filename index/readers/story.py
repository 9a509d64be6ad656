"""From the bytes of a file to its one article: what the formats of one article a file share."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from index.article import Entry, Page
from index.readers.base import (
    MOST_BYTES,
    Finding,
    Source,
    UnreadableError,
    encodable,
    has_words,
)
from index.readers.metadata import FIRST_YEAR, found_article, merge, read_metadata, read_sidecar


@dataclass(frozen=True, slots=True)
class Story:
    """The text of an article; `told` is what its file tells of it, for `read_metadata`.

    `entries` are None where they have to be looked for in the text.
    """

    text: str
    told: Mapping[str, object]
    entries: tuple[Entry, ...] | None = None
    pages: tuple[Page, ...] = ()


def read_story(
    source: Source, extract: Callable[[bytes], Story], most: int = MOST_BYTES
) -> Iterator[Finding]:
    """The article that `extract` finds. Raises UnreadableError, as `extract` does, and OSError."""
    data = source.content(most)
    try:
        story = extract(data)
    except RecursionError as error:
        raise UnreadableError("nests its parts too deep: save its text instead") from error
    yield from found_story(source, story)


def found_story(source: Source, story: Story) -> Iterator[Finding]:
    """The article, and what is odd about its metadata; its sidecar counts more than its file.

    Raises UnreadableError if it holds no words.
    """
    if not has_words(story.text):
        raise UnreadableError("holds no words: save its text instead")
    own = read_metadata(story.told, source.origin, FIRST_YEAR)
    sidecar = read_sidecar(source)
    yield from (*own.remarks, *sidecar.remarks)
    metadata = merge(own.metadata, sidecar.metadata)
    text = story.text if story.text.isascii() else encodable(story.text)
    yield found_article(source, text, metadata, story.entries, story.pages)
