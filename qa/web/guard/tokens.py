"""Tokens of members, which the publisher's site signs (JWT, HS256)."""

from dataclasses import dataclass, field

import jwt
from jwt.types import Options

from index.errors import SettingError

# With its key a publisher may sign tokens of other kinds, which say that they are for others.
AUDIENCE = "footnote"
_SHORTEST_KEY = 32
_LONGEST = 4096
# So many seconds the publisher's clock and ours may differ.
_LEEWAY = 30
_UNSET = "this server takes no tokens: leave it out, or have its owner set FOOTNOTE_READER_KEYS"
_EXPIRED = "the token has expired: get a new one from the site, or leave it out"
_WRONG = f"the token cannot be read: sign it with HS256 and a key of this server, for {AUDIENCE!r}"


@dataclass(frozen=True, slots=True)
class Tokens:
    """The keys that tokens may be signed with; where there are none, no token is taken."""

    keys: tuple[str, ...] = field(default=(), repr=False)

    def fault(self, token: str) -> str | None:
        """What is wrong with a token, and the remedy; None if it is valid."""
        if not self.keys:
            return _UNSET
        if len(token) > _LONGEST:
            return _WRONG
        faults = [_fault(token, key) for key in self.keys]
        if None in faults:
            return None
        return _EXPIRED if _EXPIRED in faults else _WRONG


def _fault(token: str, key: str) -> str | None:
    required: Options = {"require": ["exp", "aud"]}
    try:
        jwt.decode(token, key, ["HS256"], options=required, audience=AUDIENCE, leeway=_LEEWAY)
    except jwt.ExpiredSignatureError:
        return _EXPIRED
    except jwt.InvalidTokenError:
        return _WRONG
    return None


def read_token_keys(value: str) -> tuple[str, ...]:
    """`FOOTNOTE_READER_KEYS` as keys: several, so that one can follow another.

    Raises SettingError.
    """
    keys = tuple(value.replace(",", " ").split())
    for place, key in enumerate(keys, start=1):
        if len(key) < _SHORTEST_KEY:
            # The key itself must not be logged.
            raise SettingError(
                f"FOOTNOTE_READER_KEYS has {len(key)} characters in key {place}, which can be "
                f"guessed: use {_SHORTEST_KEY} or more, as `openssl rand -hex 32` makes them"
            )
    return keys
