"""Keeps who may log in (the users, người dùng) in one file, ``users.yaml``.

    users:
      lan.nguyen:
        roles: [reader]
        bodies: [H14.05]
        password: $argon2id$…                      # a hash; without it, tokens only
        since: 2026-11-29T07:15:00+00:00           # logins before this are void
        tokens:
          - {name: portal, hash: 3b0c…, until: 2027-11-29}

The file holds no password and no token: hashes by argon2id and SHA-256 stand for them. A token is
drawn at random, 256 bits, so that a fast hash is enough. Only the owner may read the file. ``hoso
users`` writes it; the server reads it again when it changes.
"""

import hashlib
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

from hoso.domain.errors import UserError
from hoso.projections import atomic
from hoso.tools.inputs.yaml_files import MAX_BYTES, Outline, Steps
from hoso.tools.serve.access import grants
from hoso.tools.serve.access.grants import FIELDS, Grant, read_private
from hoso.tools.serve.access.visitor import Visitor

OPTION: Final = "--users"
HEAD: Final = "# Who may use hoso serve. hoso users writes this file and keeps no comments in it.\n"
OWNER_ONLY: Final = 0o600
TOKEN_PREFIX: Final = "hoso_"  # so that programs that look for leaked secrets know it
TOKEN_BYTES: Final = 32
MIN_PASSWORD, MAX_PASSWORD = 12, 1_000  # characters
USER_FIELDS: Final = (*FIELDS, "password", "since", "tokens")
TOKEN_FIELDS: Final = ("name", "hash", "until")


class Token(NamedTuple):
    """A bearer token: its name, its hash, and the last day on which it is valid, if there is one.
    Days are those of UTC."""

    name: str
    hash: str
    until: date | None = None


class User(NamedTuple):
    """Somebody or some program that may log in. ``password`` is a hash by argon2id; None: tokens
    only. Logins before ``since`` are void."""

    name: str
    grant: Grant
    since: datetime
    password: str | None = None
    tokens: tuple[Token, ...] = ()

    @property
    def visitor(self) -> Visitor:
        """The visitor that a login of this user makes."""
        return self.grant.visitor(self.name)


class Users(NamedTuple):
    """All users by name; and by the hash of each token, whose it is."""

    by_name: Mapping[str, User]
    by_token: Mapping[str, tuple[User, Token]]

    def of_token(self, token: str, today: date) -> User | None:
        """The user whose token this is; None if it is nobody's, or no longer valid."""
        found = self.by_token.get(token_hash(token))
        if found is None or (found[1].until is not None and found[1].until < today):
            return None
        return found[0]


class UsersFile:
    """The users in a file, as it is now. It is read again when it has changed."""

    def __init__(self, name: str) -> None:
        """Read a file. Raises ``UserError`` for one with a fault."""
        self.name = name
        self._state: tuple[int, ...] = ()
        self._users = _indexed({})
        self.now()

    def now(self) -> Users:
        """The users. Raises ``UserError`` while the file is missing or has a fault: then nobody is
        let in, because nobody knows who was taken out."""
        try:
            status = Path(self.name).stat()
        except OSError as error:
            raise UserError(f"{OPTION}: {self.name}: {error.strerror}") from None
        state = (status.st_mtime_ns, status.st_size, status.st_ino, status.st_mode, status.st_uid)
        if state != self._state:
            self._users, self._state = read_users(self.name), state
        return self._users


def read_users(name: str, *, required: bool = True) -> Users:
    """The users in a file. ``required``: the file must be there.

    Raises ``UserError``, which names the line, for a file with a fault, and for one that others may
    read.
    """
    if not required and not Path(name).exists():
        return _indexed({})
    outline, tree = read_private(OPTION, name)
    users = grants.table(outline, tree, (), ("users",)).get("users")
    rows = grants.table(outline, users, ("users",)) if users is not None else {}
    return _indexed({name: _user(outline, rows[name], name) for name in rows})


@contextmanager
def changing(name: str, *, new: bool = False) -> Iterator[dict[str, User]]:
    """Let the block change the users of a file, and write them whole; ``new``: the file need not
    be there. Two changes at a time follow one another.

    Raises ``UserError`` for a file with a fault, and ``OSError`` where it cannot be written.
    """
    with _locked(Path(name)):
        users = dict(read_users(name, required=not new).by_name)
        yield users
        tree = {"users": {each.name: _written(each) for each in users.values()}}
        body = (HEAD + yaml.safe_dump(tree, allow_unicode=True, sort_keys=False)).encode()
        if len(body) > MAX_BYTES:
            raise UserError(f"{name}: has room for no more users; let others in by --openid")
        atomic.write(Path(name), body, OWNER_ONLY)


def new_token(name: str, until: date | None = None) -> tuple[str, Token]:
    """A new token: the secret, which is shown once, and what the file keeps of it."""
    secret = TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    return secret, Token(name, token_hash(secret), until)


def token_hash(token: str) -> str:
    """What stands for a token in the file: 64 hexadecimal digits."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


def check_name(name: str) -> str:
    """A name that a user may have. Raises ``UserError`` for an empty, overlong or unprintable one.

    Names stand in the access log and in the head of pages.
    """
    if not name or len(name) > grants.MAX_TEXT or not name.isprintable() or name != name.strip():
        fault = f"is no name of a user: use 1 to {grants.MAX_TEXT} printable characters"
        raise UserError(f"{name[:80]!r} {fault}")
    return name


def check_password(password: str) -> str:
    """A password that is long enough (ISO 27002, NIST SP 800-63B: length, no other rules).

    Raises ``UserError``, which does not repeat it.
    """
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise UserError(f"the password: give {MIN_PASSWORD} to {MAX_PASSWORD} characters")
    return password


def hashed(password: str) -> str:
    """The hash of a password by argon2id, with a salt of its own. It takes about 0.1 s."""
    from argon2 import PasswordHasher

    return PasswordHasher().hash(password)


def is_password(user: User | None, password: str) -> bool:
    """Whether a password is a user's. It takes as long where there is no such user."""
    from argon2 import PasswordHasher
    from argon2.exceptions import InvalidHashError, VerificationError

    kept = user.password if user is not None and user.password is not None else _nobodys()
    try:
        fits = PasswordHasher().verify(kept, password[: MAX_PASSWORD + 1])
    except (VerificationError, InvalidHashError):
        return False
    return fits and user is not None and user.password is not None


@cache
def _nobodys() -> str:
    """The hash of a password that nobody knows."""
    return hashed(secrets.token_urlsafe())


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    """Wait until nobody else changes a file, and keep others waiting meanwhile."""
    import fcntl

    descriptor = os.open(file.parent, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _indexed(by_name: Mapping[str, User]) -> Users:
    return Users(
        by_name,
        {token.hash: (user, token) for user in by_name.values() for token in user.tokens},
    )


def _user(outline: Outline, tree: object, name: str) -> User:
    path: Steps = ("users", name)
    fields = grants.table(outline, tree, path, USER_FIELDS)
    try:
        check_name(name)
    except UserError as error:
        raise outline.fault(path, str(error)) from None
    password = fields.get("password")
    if password is not None and not grants.text(outline, password, (*path, "password")).startswith(
        "$argon2id$"
    ):
        raise outline.fault((*path, "password"), "is no hash: run hoso users password")
    tokens = fields.get("tokens") or []
    if not isinstance(tokens, list):
        raise outline.fault((*path, "tokens"), "is no list: run hoso users token")
    return User(
        name,
        grants.grant(outline, {key: fields[key] for key in FIELDS if key in fields}, path),
        _instant(outline, fields.get("since"), (*path, "since")),
        password,
        tuple(_token(outline, each, (*path, "tokens", i)) for i, each in enumerate(tokens)),
    )


def _token(outline: Outline, tree: object, path: Steps) -> Token:
    fields = grants.table(outline, tree, path, TOKEN_FIELDS)
    name, kept = (grants.text(outline, fields.get(key), (*path, key)) for key in ("name", "hash"))
    until = fields.get("until")
    try:
        return Token(name, kept, None if until is None else date.fromisoformat(str(until)))
    except ValueError:
        raise outline.fault((*path, "until"), "is no day: write 2027-11-29") from None


def _instant(outline: Outline, value: object, path: Steps) -> datetime:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        found = datetime.min  # noqa: DTZ901 # it has no zone, so it is refused below
    if found.tzinfo is None:
        fault = "is no instant with a zone: write 2026-11-29T07:15:00+00:00"
        raise outline.fault(path, fault)
    return found.astimezone(UTC)


def _written(user: User) -> dict[str, Any]:
    """A user as it stands in the file."""
    fields = user.grant.written()
    if user.password is not None:
        fields["password"] = user.password
    fields["since"] = user.since.isoformat()
    if user.tokens:
        fields["tokens"] = [
            {"name": token.name, "hash": token.hash}
            | ({} if token.until is None else {"until": token.until.isoformat()})
            for token in user.tokens
        ]
    return fields
