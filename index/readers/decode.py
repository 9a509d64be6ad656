"""The bytes of a file -> its text."""

import codecs
import re
from pathlib import Path

WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

_SURROGATE = re.compile(r"[\ud800-\udfff]")


class UndecodableError(ValueError):
    """A file whose bytes are no text that can be read."""


def read_text(path: Path) -> str:
    """The text of a file, with `\\n` at the end of every line and no blank space around it.

    UTF-8 with or without a byte order mark, or UTF-16 with one. Raises UndecodableError, which
    says what to do, where it is neither, is binary or holds no words; OSError as `open` does.
    """
    text = plain_lines(decode(path.read_bytes())).strip()
    if not has_words(text):
        raise UndecodableError("holds no words: write its text or take the file away")
    return text


def decode(data: bytes) -> str:
    """The text of `data`. Raises UndecodableError for binary data and other encodings."""
    text = _decode_utf16(data) if data.startswith(WIDE_MARKS) else _decode_utf8(data)
    if "\0" in text:
        raise UndecodableError(
            f"is binary, it holds a NUL character at {text.index(chr(0))}: "
            "save it as plain text in UTF-8"
        )
    return text


def plain_lines(text: str) -> str:
    """Lines of every system end with `\\n`."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def encodable(text: str) -> str:
    """Lone surrogates, which JSON can hold and UTF-8 cannot, become U+FFFD."""
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)


def has_words(text: str) -> bool:
    """Whether there is a letter or a figure to read."""
    return any(character.isalnum() for character in text)


def _decode_utf8(data: bytes) -> str:
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        mark = len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0
        place = error.start + mark
        kind = "is binary" if b"\0" in data else "is not UTF-8"
        raise UndecodableError(
            f"{kind} at byte {place} (0x{data[place]:02x}): save it as plain text in UTF-8"
        ) from error


def _decode_utf16(data: bytes) -> str:
    try:
        return data.decode("utf-16")
    except UnicodeDecodeError as error:
        raise UndecodableError(
            f"is not UTF-16 at byte {error.start}, though it begins so: save it as UTF-8"
        ) from error
