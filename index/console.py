"""What the command lines share: how a command ends, whatever happens in it."""

import os
import sys
from collections.abc import Callable
from io import TextIOWrapper

from index.errors import FootnoteError


def finish(command: Callable[[], int], interrupted: str = "stopped") -> int:
    """Run a command and return its exit code; what goes wrong is one line on standard error."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that knows no accents shows them escaped, and is no reason to fail.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = command()
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has read enough, as `head` does.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (FootnoteError, OSError) as error:
        print(f"error: {_in_words(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(interrupted, file=sys.stderr)
        return 130
    return code


def _in_words(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{str(error.filename)!r}: {error.strerror.lower()}: check the path"
    return str(error)
