"""Plain text, one article a file."""

from collections.abc import Iterator

from index.readers.decode import UndecodableError, read_text
from index.readers.found import Finding, Source, Unreadable, origin_of, unopened
from index.readers.header import split_header, split_title
from index.readers.metadata import Metadata, found_article, merge
from index.readers.sidecar import read_sidecar


class TextReader:
    """Reads `.txt`: a header if there is one, a title if one stands above, and the text."""

    def read(self, source: Source) -> Iterator[Finding]:
        """The one article of the file, or why it cannot be read."""
        origin = origin_of(source.path)
        try:
            text = read_text(source.path)
        except UndecodableError as error:
            yield Unreadable(origin, str(error))
            return
        except OSError as error:
            yield unopened(origin, error)
            return
        headed = split_header(text, origin)
        beside = read_sidecar(source.path)
        yield from (*headed.told.remarks, *beside.remarks)
        metadata = merge(headed.told.metadata, beside.metadata)
        yield found_article(origin, source.name, *_titled(headed.text, metadata))


def _titled(text: str, metadata: Metadata) -> tuple[str, Metadata]:
    """A first line is taken for the title only where none is told, so that no words are lost."""
    if metadata.title:
        return text, metadata
    title, rest = split_title(text)
    return rest, merge(metadata, Metadata(title=title))
