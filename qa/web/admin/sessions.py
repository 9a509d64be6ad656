"""Sessions of the owner's page: one password, kept in memory, few attempts."""

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from index.errors import SettingError
from qa.web.guard.rates import network_of

SHORTEST_PASSWORD = 12
# Seconds: after a working day the password is asked for again.
KEPT_FOR = 12 * 3600
_MOST_SESSIONS = 20
_WINDOW = 300.0
_WRONG_EACH, _WRONG_ALL = 5, 100
_SLOWED_BY = 3.0
_MOST_NETWORKS = 10_000


class TooManyAttemptsError(Exception):
    """Too many wrong passwords; `wait` is how many seconds to wait."""

    def __init__(self, wait: int) -> None:
        super().__init__(f"wait {wait} seconds")
        self.wait = wait


Notice = tuple[str, str | Exception]


@dataclass(slots=True)
class Session:
    """One signed-in browser. `csrf` goes into its forms, `notices` on its next page."""

    token: str
    csrf: str
    until: float
    notices: deque[Notice] = field(default_factory=lambda: deque(maxlen=20))

    def notify(self, kind: str, text: str | Exception = "") -> None:
        """Show on the next page what was done: the name of its words, and a text.

        For the kind `fault` the text is the error.
        """
        self.notices.append((kind, text))

    def may_act(self, csrf: object) -> bool:
        """Whether a form was given to this session."""
        return isinstance(csrf, str) and hmac.compare_digest(csrf.encode(), self.csrf.encode())


class Sessions:
    """Signs in with the password. Creating it with a short one raises SettingError."""

    def __init__(self, password: str, clock: Callable[[], float] = time.monotonic) -> None:
        if len(password) < SHORTEST_PASSWORD:
            raise SettingError(
                f"FOOTNOTE_ADMIN_PASSWORD has {len(password)} characters: set one of at least "
                f"{SHORTEST_PASSWORD}, or none for no owner's page"
            )
        self._password = _digest(password)
        self._clock = clock
        # By digest, so that looking up a token reveals nothing about the others.
        self._sessions: OrderedDict[bytes, Session] = OrderedDict()
        self._wrong: OrderedDict[str, deque[float]] = OrderedDict()
        # A flood is counted no further than it matters.
        self._wrong_anywhere: deque[float] = deque(maxlen=_WRONG_ALL)

    def enter(self, password: str, address: str) -> Session | None:
        """A session for the right password, None for a wrong one.

        Raises TooManyAttemptsError, even for the right password, after five wrong ones within five
        minutes from one address, or one customer's network of IPv6.
        """
        now, network = self._clock(), network_of(address)
        wrong = self._wrong.setdefault(network, deque())
        self._wrong.move_to_end(network)
        if len(self._wrong) > _MOST_NETWORKS:
            self._wrong.popitem(last=False)
        _forget(wrong, now)
        if len(wrong) >= _WRONG_EACH:
            raise TooManyAttemptsError(int(wrong[0] + _WINDOW - now) + 1)
        if not hmac.compare_digest(_digest(password), self._password):
            wrong.append(now)
            self._wrong_anywhere.append(now)
            return None
        del self._wrong[network]
        return self._begin(now)

    def delay(self) -> float:
        """Seconds to wait before a password is looked at: some after a hundred wrong ones.

        Many who guess are slowed down together, and the owner still gets in.
        """
        _forget(self._wrong_anywhere, self._clock())
        return _SLOWED_BY if len(self._wrong_anywhere) >= _WRONG_ALL else 0.0

    def of(self, token: str | None) -> Session | None:
        """The session of a cookie, or None."""
        session = self._sessions.get(_digest(token)) if token else None
        if session is None or session.until <= self._clock():
            return None
        return session

    def leave(self, session: Session) -> None:
        """End a session."""
        self._sessions.pop(_digest(session.token), None)

    def _begin(self, now: float) -> Session:
        session = Session(secrets.token_urlsafe(32), secrets.token_urlsafe(32), now + KEPT_FOR)
        self._sessions[_digest(session.token)] = session
        while len(self._sessions) > _MOST_SESSIONS:
            self._sessions.popitem(last=False)
        return session


def _forget(attempts: deque[float], now: float) -> None:
    while attempts and attempts[0] <= now - _WINDOW:
        attempts.popleft()


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()
