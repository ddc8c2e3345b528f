"""Remembers who logged in, on the server: a cookie holds a random key and nothing else.

A session ends when its visitor logs out, after ``IDLE_S`` without a request, and ``ABSOLUTE_S``
after the login. Each login makes a new key, so a key that somebody planted before is worth nothing.
The server keeps hashes of keys, in memory: a restart ends all sessions.
"""

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic
from typing import Final, NamedTuple

IDLE_S: Final = 60 * 60.0
ABSOLUTE_S: Final = 12 * 60 * 60.0
MOST: Final = 20_000  # sessions; at more, the one that was idle longest ends
KEY_BYTES: Final = 32


class Person(NamedTuple):
    """Who logged in: the name, and the groups that OpenID Connect named."""

    name: str
    groups: tuple[str, ...] = ()


class Session(NamedTuple):
    """A login: by which way, who, when, and since when it is idle (seconds of the clock)."""

    way: str
    person: Person
    logged_in_at: datetime
    begun_s: float
    last_s: float


class Sessions:
    """The sessions of one server, by the hashes of their keys. One thread uses them."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._sessions: OrderedDict[str, Session] = OrderedDict()  # idle longest first

    def __len__(self) -> int:
        return len(self._sessions)

    def begin(self, way: str, person: Person) -> str:
        """Begin a session; returns its key, for the cookie."""
        key, now = new_key(), self._clock()
        if len(self._sessions) >= MOST:
            self._sessions.popitem(last=False)
        self._sessions[_hashed(key)] = Session(way, person, datetime.now(UTC), now, now)
        return key

    def find(self, key: str) -> Session | None:
        """The session of a key, idle no longer; None if there is none, or it has ended."""
        name, now = _hashed(key), self._clock()
        session = self._sessions.get(name)
        if session is None:
            return None
        if now - session.last_s > IDLE_S or now - session.begun_s > ABSOLUTE_S:
            del self._sessions[name]
            return None
        session = session._replace(last_s=now)
        self._sessions[name] = session
        self._sessions.move_to_end(name)
        return session

    def end(self, key: str) -> None:
        """End the session of a key, if there is one."""
        self._sessions.pop(_hashed(key), None)


def new_key() -> str:
    """A random text that nobody can guess: for a browser's cookie."""
    return secrets.token_urlsafe(KEY_BYTES)


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()
