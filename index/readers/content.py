"""What a file is by how it begins, whatever its name says."""

import re
import zlib
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

_READ = 4096
# Prefix -> suffix. No text begins so: these count more than a name.
_BINARY = {
    b"%PDF-": ".pdf",
    b"PAR1": ".parquet",
    b"WARC/1.": ".warc",
}
_ZIP = b"PK\x03\x04"
# A part that only one kind of document has -> its suffix.
_PACKED = {"word/document.xml": ".docx", "META-INF/container.xml": ".epub"}
_MIMETYPES = {
    b"application/vnd.oasis.opendocument.text": ".odt",
    b"application/epub+zip": ".epub",
}
# What may stand in front of a root element.
_PROLOG = rb"\s*(?:<\?[^>]*>\s*|<!--.*?-->\s*)*"
_LOOSE = {
    ".xml": re.compile(_PROLOG + rb"<(?:rss|feed|rdf:RDF)[\s>]", re.DOTALL),
    ".html": re.compile(_PROLOG + rb"<(?:!doctype html|html)[\s>]", re.DOTALL | re.IGNORECASE),
    ".json": re.compile(rb'\s*(?:\{\s*"|\[\s*\{)'),
}
_MARK = b"\xef\xbb\xbf"


def binary_suffix(file: BinaryIO) -> str | None:
    """The suffix that a file's content asks for, if no text could begin so; else None."""
    head = _head(file)
    if head.startswith(_ZIP):
        return _packed_suffix(file)
    return next((suffix for mark, suffix in _BINARY.items() if head.startswith(mark)), None)


def text_suffix(file: BinaryIO) -> str | None:
    """The suffix that a text's beginning asks for: a feed, a web page, JSON; else None."""
    head = _head(file).removeprefix(_MARK)
    return next((suffix for suffix, form in _LOOSE.items() if form.match(head)), None)


def _head(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read(_READ)


def _packed_suffix(file: BinaryIO) -> str:
    try:
        with ZipFile(file) as packed:
            names = set(packed.namelist())
            kind = packed.open("mimetype").read(100) if "mimetype" in names else b""
    except (BadZipFile, zlib.error, EOFError, ValueError, RuntimeError, NotImplementedError):
        return ".zip"
    found = (suffix for part, suffix in _PACKED.items() if part in names)
    return _MIMETYPES.get(kind.strip()) or next(found, ".zip")
