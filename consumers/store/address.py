"""The address of a store: parses what a person wrote, and keeps its password out of messages.

Two kinds of address are known::

    sqlite:///FILE
    postgresql://USER@HOST:PORT/DATABASE?sslmode=require

An address may hold a password. ``StoreAddress`` therefore prints as ``shown``, which contains no
secret, and gives the address as it was written only by ``reveal``. A mistyped address may hold a
password in any place. Its error message quotes only the parts that cannot be one.
"""

import re
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import SecretStr

from hoso.consumers.store.backend import StoreError

StoreKind = Literal["sqlite", "postgresql"]

SQLITE_SCHEME: Final = "sqlite:///"
POSTGRESQL_SCHEMES: Final = ("postgresql://", "postgres://")
HOW_TO_WRITE: Final = (
    "use sqlite:///FILE or postgresql://USER@HOST:PORT/DATABASE, with a password in $PGPASSWORD"
)
HOW_TO_ESCAPE: Final = "in a password, write % as %25, @ as %40, / as %2F"
# Characters of every way to write a password in an address. A text without them is a file's name.
MARKS: Final = frozenset(":@=?")
HOST: Final = re.compile(r"[A-Za-z0-9.-]+")
SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)(?::|//)")
PORTS: Final = re.compile("[0-9,]*")  # several for several hosts


@dataclass(frozen=True, repr=False)
class StoreAddress:
    """The address of a store. ``str``, ``repr`` and f-strings give ``shown``."""

    kind: StoreKind
    shown: str
    _written: SecretStr

    @classmethod
    def parse(cls, text: "StoreAddress | str") -> "StoreAddress":
        """The address that a text writes; an address is returned as it is.

        Raises ``StoreError`` for a text that is no store's address. Its message contains nothing
        that could be a password, and says how an address is written.
        """
        if isinstance(text, StoreAddress):
            return text
        if text.startswith(SQLITE_SCHEME):
            return cls("sqlite", _shown_sqlite(text), SecretStr(text))
        if text.startswith(POSTGRESQL_SCHEMES):
            return cls("postgresql", _shown_postgresql(text), SecretStr(text))
        raise StoreError(f"{harmless_part(text)}: is no store's address; {HOW_TO_WRITE}")

    def reveal(self) -> str:
        """The address as it was written, with its password. Never print it."""
        return self._written.get_secret_value()

    def __str__(self) -> str:
        return self.shown

    def __repr__(self) -> str:
        return self.shown


def _shown_sqlite(text: str) -> str:
    file, question_mark, _ = text.partition("?")
    shown = f"{file}?…" if question_mark else file
    if text == SQLITE_SCHEME:
        raise StoreError(f"{shown}: names no file; write sqlite:///FILE")
    if ":memory:" in text or "mode=memory" in text:
        raise StoreError(
            f"{shown}: a store is a file, and what is in memory is lost at once; "
            "write sqlite:///FILE"
        )
    return shown


def _shown_postgresql(text: str) -> str:
    """The address with its user, host, port and database only.

    Raises ``StoreError`` for an address that libpq cannot read, or reads wrongly.
    """
    import psycopg  # here, as it takes long to import
    from psycopg.conninfo import conninfo_to_dict

    try:
        parameters = conninfo_to_dict(text)
    except (psycopg.Error, UnicodeError):
        parameters = None  # the error is not chained, because it quotes the address
    if parameters is None or _is_cut_wrongly(parameters):
        raise StoreError(
            f"{harmless_part(text)}: PostgreSQL cannot read this address; {HOW_TO_ESCAPE}; "
            f"{HOW_TO_WRITE}"
        )
    user = f"{parameters['user']}@" if parameters.get("user") else ""
    port = f":{parameters['port']}" if parameters.get("port") else ""
    host, database = parameters.get("host") or "", parameters.get("dbname") or ""
    return f"postgresql://{user}{host}{port}/{database}"


def _is_cut_wrongly(parameters: dict[str, Any]) -> bool:
    """Whether a part of the password may stand where it would be shown.

    libpq ends the password at the first ``@``, and the host at the first ``/``. If the password
    has such a character, the rest of it is in the host, the port or the database's name. If the
    colon before the password is written as ``%3A``, the password is in the user's name.
    """
    user, host, port, database = (
        str(parameters.get(key) or "") for key in ("user", "host", "port", "dbname")
    )
    return ":" in user or "@" in host + database or not PORTS.fullmatch(port)


def harmless_part(text: str) -> str:
    """What can be shown of a mistyped address: its scheme and host, if it is an URL that can be
    read in one way only; else its scheme, or nothing. A file's name is shown whole."""
    if not MARKS & {*text.removeprefix(SQLITE_SCHEME)}:
        return text
    scheme = SCHEME.match(text)
    if scheme is None:
        return "…"
    host = _host(text)
    return f"{scheme[1]}:…" if host is None else f"{scheme[1]}://{host}/…"


def _host(text: str) -> str | None:
    """The host of an URL; None if there may be a part of a password in it."""
    try:
        url = urlsplit(text)
        host, _ = url.hostname, url.port  # raises ValueError if the port is no number
    except ValueError:
        return None
    user_ends = url.netloc.count("@")
    if host is None or not HOST.fullmatch(host) or user_ends > 1 or text.count("@") > user_ends:
        return None
    return host
