"""Where does a test get a real PostgreSQL, to kill and to start again?"""

import os
import pwd
import secrets
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from tests.services.processes import Server, free_port
from tests.services.required import Missing

INSTALLED = Path("/usr/lib/postgresql")  # a folder per version: Debian's way

# What is committed is on the disk (fsync and synchronous_commit are on). After a crash only the
# file system as a whole is synced, which takes 0.2 s and not 4. Shared memory is in the folder, so
# that a crash leaves nothing elsewhere.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "50",
    "fsync": "on",
    "synchronous_commit": "on",
    "wal_level": "logical",  # for Debezium
    "dynamic_shared_memory_type": "mmap",
    "recovery_init_sync_method": "syncfs",
}
ANSWER_S = 2


class Postgres(Server):
    """A PostgreSQL: one of the tests' own, or, where a URL is given, the server behind it."""

    stop_signal = signal.SIGINT  # "fast": without waiting for clients to leave

    def __init__(self, url: str | None = None) -> None:
        super().__init__("postgres", elsewhere=bool(url), user=server_user())
        self.port = free_port()
        self.url = url or f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def new_database(self, like: str = "template1") -> str:
        """The URL of a new database: an empty one, or a copy of the one at a URL that nobody
        uses."""
        name = f"hoso_{secrets.token_hex(8)}"
        self._tell("CREATE DATABASE {} TEMPLATE {}", name, _name_in(like))
        return urlsplit(self.url)._replace(path=f"/{name}").geturl()

    @contextmanager
    def lent_database(self, like: str = "template1") -> Iterator[str]:
        """A new database that a server elsewhere does not keep."""
        url = self.new_database(like)
        yield url
        if self.elsewhere:
            self.drop_database(url)

    def drop_database(self, url: str) -> None:
        """Remove a database, whoever uses it."""
        self._tell("DROP DATABASE {} WITH (FORCE)", _name_in(url))

    def prepare(self) -> None:
        """Make a cluster of databases."""
        access = ["--username=postgres", "--auth=trust"]
        kind = ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        self.run([program("initdb"), f"--pgdata={self.folder}/data", *access, *kind])

    def command(self) -> list[str]:
        """The server, with its settings."""
        settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
        return [program("postgres"), "-D", f"{self.folder}/data", "-p", str(self.port), *settings]

    def answers(self) -> bool:
        """Whether one can connect."""
        try:
            psycopg.connect(self.url, connect_timeout=ANSWER_S).close()
        except psycopg.OperationalError:
            return False
        return True

    def _tell(self, command: LiteralString, *databases: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(sql.SQL(command).format(*map(sql.Identifier, databases)))


def _name_in(url: str) -> str:
    """The database that a URL names."""
    return urlsplit(url).path.removeprefix("/")


def program(name: str) -> str:
    """A program of the newest PostgreSQL that is installed."""
    found = INSTALLED.glob(f"*/bin/{name}")
    newest = max(found, key=lambda path: int(path.parts[-3]), default=None)
    if newest is None:
        raise Missing(f"there is no PostgreSQL in {INSTALLED}")
    return str(newest)


def server_user() -> str | None:
    """Another user to run as, if need be: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    users = {user.pw_name for user in pwd.getpwall()}
    return "postgres" if "postgres" in users else "nobody"
