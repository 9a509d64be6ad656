"""Markdown, one article a file, with or without front matter."""

from collections.abc import Iterator

from index.readers.decode import UndecodableError, has_words, read_text
from index.readers.found import Finding, Source, Unreadable, origin_of, unopened
from index.readers.front_matter import FrontMatterError, split_front_matter
from index.readers.markdown_text import NestingError, plain_text
from index.readers.metadata import Metadata, found_article, merge, read_metadata
from index.readers.sidecar import read_sidecar


class MarkdownReader:
    """Reads `.md`: front matter for metadata, the body as the plain text that it shows."""

    def read(self, source: Source) -> Iterator[Finding]:
        """The one article of the file, or why it cannot be read."""
        origin = origin_of(source.path)
        try:
            front = split_front_matter(read_text(source.path))
        except UndecodableError as error:
            yield Unreadable(origin, str(error))
            return
        except FrontMatterError as error:
            yield Unreadable(origin, f"{error}; mend it or take it away")
            return
        except OSError as error:
            yield unopened(origin, error)
            return
        told, beside = read_metadata(front.values, origin), read_sidecar(source.path)
        yield from (*told.remarks, *beside.remarks)
        metadata = merge(told.metadata, beside.metadata)
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
