"""Errors that a user can fix. Each message quotes the value and gives the remedy.

FootnoteError
    ModelError              a model that cannot be loaded
    SourceMissingError      a source that does not exist
    BuildError              a build that cannot start, or found nothing to read
        BuildRunsError      another build is writing to the same folder
        NothingReadError    no file of the sources could be read as an article
        LossError           more than half of a source is gone, which may be a mistake
    IndexMissingError       no index in the folder
    IndexRefusedError       an index of another model or version, or damaged
    StoreError              a database that cannot be reached, or fails
    DamagedError            a stored text that does not match its digest
    SettingError            a setting that cannot be used
    CodedError              one with words in every language of the owner's page
        FetchError          a page that cannot be fetched (`index.fetch.guard`)
        OwnerError          what the owner's page cannot do (`qa.web.admin.errors`)
    BadQuestionError        a question that cannot be asked (`qa.question`)
    BusyError               too many questions are waiting (`qa.web.queue`)

`finish` ends a command line on any of them: one line on standard error, and an exit code.
"""

import errno
import os
import re
import sys
from collections.abc import Callable
from io import TextIOWrapper

# For libraries that do not say which file they failed at.
DISK_REMEDY = "check that the disk has space and that its folder may be written"


# A full disk, a quota used up, a file above its limit; a read-only disk.
_NOT_WRITTEN = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS))


class FootnoteError(Exception):
    """One line for a user; the command line prints it and exits with 1."""


class ModelError(FootnoteError):
    """A model that cannot be loaded, or is not the one it should be."""


class SourceMissingError(FootnoteError):
    """A path to read from that does not exist."""


class BuildError(FootnoteError):
    """A build that cannot start, or found nothing to read."""


class BuildRunsError(BuildError):
    """Another build is writing to the same folder."""


class NothingReadError(BuildError):
    """No file of the sources could be read as an article."""


class LossError(BuildError):
    """More than half of a source is gone, which may be a mistake."""


class IndexMissingError(FootnoteError):
    """There is no index in the folder."""


class IndexRefusedError(FootnoteError):
    """The index exists but cannot be used as it is."""


class StoreError(FootnoteError):
    """The database that keeps the index cannot be reached, or fails."""


class DamagedError(FootnoteError):
    """Stored data that contradicts itself."""


class SettingError(FootnoteError):
    """A setting that cannot be used."""


class CodedError(FootnoteError):
    """Something that cannot be done: `code` names it, `parts` fill the gaps in its message."""

    def __init__(self, code: str, message: str, **parts: object) -> None:
        super().__init__(message)
        self.code, self.parts = code, parts


def code_of(error: FootnoteError | OSError) -> str:
    """What programs know an error by.

    >>> code_of(SourceMissingError()), code_of(PermissionError())
    ('source_missing', 'disk')
    """
    if isinstance(error, OSError):
        return "disk"
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(error).__name__.removesuffix("Error")).lower()


def told(error: Exception) -> str:
    """The error in one line."""
    return printable(_in_words(error))


def finish(command: Callable[[], int], interrupted: str = "stopped") -> int:
    """Run a command and return its exit code; an error is one line on standard error."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal without accents shows them escaped: no reason to fail.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = command()
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of our output, such as `head`, has read enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (FootnoteError, OSError) as error:
        print(f"error: {told(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(interrupted, file=sys.stderr)
        return 130
    return code


def printable(text: str) -> str:
    """The text in one line: what a terminal would obey, as in the name of a file, is escaped.

    >>> printable("a\\x1b[31m.txt")
    'a\\\\x1b[31m.txt'
    """
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text
    )


def _in_words(error: Exception) -> str:
    """What a command line says of an error: for the system's own, where it struck, and a remedy."""
    if not isinstance(error, OSError) or not error.strerror:
        return str(error)
    is_unwritten = error.errno in _NOT_WRITTEN
    if error.filename is None:
        # What is not found without a name is a temporary folder: none may be written.
        has_no_room = is_unwritten or isinstance(error, FileNotFoundError)
        return f"{_uncapitalised(error.strerror)}: {DISK_REMEDY}" if has_no_room else str(error)
    remedy = DISK_REMEDY if is_unwritten else "check the path"
    return f"{str(error.filename)!r}: {error.strerror.lower()}: {remedy}"


def _uncapitalised(text: str) -> str:
    return text[:1].lower() + text[1:]
