"""Stores with a log that is proved, and hands that tamper with it."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

import psycopg

from hoso.consumers.store.log import open_store
from hoso.projections.releases.verification import Trust
from hoso.tools.jobs.verify_log import Verified, verify_log
from hoso.tools.sources.opening import open_source
from hoso.tools.sources.source import Options
from tests.engine import LOCAL, Json
from tests.property.test_store_refresh import append
from tests.told import received, resolved

SIZE = 700  # events: more than two tiles


def events(size: int = SIZE) -> list[Json]:
    """So many events of half as many dossiers, in the order of the log."""
    made: list[Json] = []
    for number in range(size // 2):
        code = f"H52-{number:04d}"
        made += [
            received("2023-03-17", 5, code=code, official=f"A-{number % 3}"),
            resolved("2023-03-20", code=code),
        ]
    return [event | {"id": f"{event['subject']}/{n}"} for n, event in enumerate(made)]


def give(url: str, some: Sequence[Json]) -> None:
    """Append events to a store, which is made where there is none."""
    with open_store(url, create=True) as store:
        append(store, some)


def verified(name: str, trust: Trust | None = None) -> Verified:
    """What came out of verifying a store or an archive, read without its cache."""
    return verify_log(open_source([name], Options(LOCAL, cache=False)), trust or Trust())


def faults(name: str) -> list[str]:
    """What does not hold in a store or an archive, without its name."""
    return [fault.partition(": ")[2] for fault in verified(name).faults]


@contextmanager
def by_hand(url: str) -> Iterator["Hand"]:
    """A store's database, changed with SQL."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file, file:
            yield Hand(file, "rowid", "?")
    else:
        with psycopg.connect(url) as server:
            yield Hand(server, "notification_id", "%s")


class Hand:
    """Somebody who may write to a store's database, and knows how it stands there."""

    def __init__(self, connection: Any, position: str, mark: str) -> None:
        self._connection, self.position, self._mark = connection, position, mark

    def run(self, statement: str, *values: Any) -> list[Any]:
        """Run a statement; ``{p}`` stands for the column of positions, ``?`` for a value."""
        text = statement.replace("{p}", self.position).replace("?", self._mark)
        cursor = self._connection.execute(text, values)
        return list(cursor.fetchall()) if cursor.description else []

    def state(self, position: int) -> Json:
        """The event at a position."""
        [(state,)] = self.run("SELECT state FROM stored_events WHERE {p} = ?", position)
        return dict(json.loads(bytes(state)))

    def put(self, position: int, event: Json) -> None:
        """Put an event in the place of the one at a position."""
        state = json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()
        self.run(
            "UPDATE stored_events SET originator_id = ?, state = ?, originator_version = ? "
            "WHERE {p} = ?",
            *(event["subject"], state, 1000 + position, position),
        )

    def change(self, position: int, **changes: Any) -> None:
        """Change what the event at a position says."""
        self.put(position, self.state(position) | changes)

    def drop(self, first: int, last: int) -> None:
        """Take events out."""
        self.run("DELETE FROM stored_events WHERE {p} BETWEEN ? AND ?", first, last)

    def insert(self, position: int, event: Json) -> None:
        """Put an event in front of the one at a position."""
        self.run("UPDATE stored_events SET {p} = -{p} - 1 WHERE {p} >= ?", position)
        self.run("UPDATE stored_events SET {p} = -{p} WHERE {p} < 0")
        [(topic,)] = self.run("SELECT topic FROM stored_events WHERE {p} = 1")
        state = json.dumps(event, separators=(",", ":")).encode()
        self.run(
            "INSERT INTO stored_events (originator_id, originator_version, topic, state, {p}) "
            "VALUES (?, 5000, ?, ?, ?)",
            *(event["subject"], topic, state, position),
        )

    def swap(self, one: int, other: int) -> None:
        """Let two events change places."""
        first, second = self.state(one), self.state(other)
        self.put(one, second)
        self.put(other, first)
