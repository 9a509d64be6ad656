"""The path that a proxy puts in front of every address of this server, such as `/kb`.

It belongs to the request that is served, as another proxy may use another one: whatever makes an
address asks for it here. The command line has none.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_base: ContextVar[str] = ContextVar("base path", default="")


def base_path() -> str:
    """The path of the request that is served, no slash at its end; empty if there is none."""
    return _base.get()


def at_base(path: str) -> str:
    """A path of this server as browsers ask for it.

    >>> with under("/kb"):
    ...     at_base("/docs")
    '/kb/docs'
    """
    return f"{_base.get()}{path}"


@contextmanager
def under(base: str) -> Iterator[None]:
    """Until the block ends, addresses begin with `base`."""
    token = _base.set(base)
    try:
        yield
    finally:
        _base.reset(token)
