"""Erases a code from a store: a pseudonym takes its place in every event and reject.

Only names change. Every event keeps its position, its times and its data, and events that shared an
id share one afterwards. So all figures stay as they are. All of it is one transaction.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

import orjson

from hoso.consumers.store.backend import Cursor, Database, StoreError
from hoso.consumers.store.log import KEY_ROW, SELECT_REJECTS, Store
from hoso.consumers.store.pseudonyms import PREFIX, Kind, Pseudonyms, keyed_hash, texts_of

CodeKind = Literal["dossier", "official"]
EMPTIED: Final = ("rejects", "identity_keys")  # tables that the database rewrites after it
DROP_KEYS: Final = "DELETE FROM identity_keys WHERE after < ? AND until >= ?"


class Erased(NamedTuple):
    """What became of a code: its pseudonym, how many events and rejects changed, and how many
    events have the code still, in a text that is no code and no id."""

    pseudonym: str
    events: int
    rejects: int
    elsewhere: int


def pseudonym_in(store: Store, kind: CodeKind, code: str) -> str | None:
    """The pseudonym of a code that was erased; None if it was not."""
    return store.pseudonyms().of(kind, code)


def erase(store: Store, kind: CodeKind, code: str, because: str, now: datetime) -> Erased:
    """Put a pseudonym in the place of a code, everywhere in a store, and record that.

    ``because`` is the reason, as a word. Raises ``StoreError`` if no event has the
    code, or none any more.
    """
    with store.writing() as writer:
        if writer.pseudonyms.of(kind, code) is not None:
            raise StoreError(f"{store.name}: this code was erased already")
        return _Erasing(writer.database, writer.cursor, kind, code).run(because, now)


class _Erasing:
    """The erasure of one code, within a transaction."""

    def __init__(self, database: Database, cursor: Cursor, kind: CodeKind, code: str) -> None:
        self._database, self._cursor = database, cursor
        self._kind, self._code = kind, code
        self._bytes = orjson.dumps(code)[1:-1]  # as JSON has it
        self._alone = re.compile(rb"(?<![0-9A-Za-z])%b(?![0-9A-Za-z])" % re.escape(self._bytes))
        hashed = keyed_hash(database.blanking_key(cursor))
        self._pseudonym = PREFIX + Pseudonyms(hashed, {}).hash_of(kind, code)
        cursor.execute("SELECT hash, name FROM erased")
        self._known: dict[str, str] = dict(map(tuple, cursor.fetchall()))
        self._names = Pseudonyms(hashed, self._known)  # sees what is added to ``_known``

    def run(self, because: str, now: datetime) -> Erased:
        """Erase the code. Raises ``StoreError`` if no event has it."""
        rows = self._events_with_code()
        concerned = {position for position, _, state in rows if self._has_code(state)}
        if not concerned:
            raise StoreError(f"{self._database.name}: no event has this code")
        self._record(*KEY_ROW, "", "", now)
        self._record(self._kind, self._code, self._pseudonym, because, now)
        if self._kind == "dossier":
            for text in self._ids_with_code(rows, concerned):
                new = self._names.id_without(self._code, self._pseudonym, text)
                self._record("id", text, new, because, now)
            self._cursor.execute(
                "UPDATE kept_records SET dossier = ? WHERE dossier = ?",
                (self._pseudonym, self._code),
            )
        events = self._rename_events(rows)
        self._database.empty_cache(self._cursor)
        elsewhere = sum(
            self._alone.search(self._names.renamed(state)) is not None
            for position, _, state in rows
            if position in concerned and self._kind == "dossier"
        )
        return Erased(self._pseudonym, events, self._rename_rejects(), elsewhere)

    def _record(self, kind: Kind, text: str, name: str, because: str, now: datetime) -> None:
        hashed = self._names.hash_of(kind, text)
        if hashed not in self._known:
            row = (hashed, kind, name, now.isoformat(), because)
            self._cursor.execute("INSERT INTO erased VALUES (?,?,?,?,?)", row)
            self._known[hashed] = name

    def _events_with_code(self) -> list[tuple[int, str, bytes]]:
        """Position, dossier and JSON of each event whose JSON contains the code."""
        where = self._database.contains.format("state")
        self._cursor.execute(
            f"SELECT {self._database.position_column}, originator_id, state FROM stored_events "
            f"WHERE {where}",
            (self._bytes,),
        )
        return [(position, code, bytes(state)) for position, code, state in self._cursor.fetchall()]

    def _has_code(self, state: bytes) -> bool:
        """Whether an event is of the dossier or the official, or names it by its code."""
        return (self._kind, self._code) in texts_of(orjson.loads(state))

    def _ids_with_code(
        self, rows: Iterable[tuple[int, str, bytes]], concerned: set[int]
    ) -> set[str]:
        """The ids that contain the code: anywhere in events that are concerned, as a word of its
        own in others."""
        return {
            text
            for position, _, state in rows
            for kind, text in texts_of(orjson.loads(state))
            if kind == "id" and self._code in text
            if position in concerned or self._alone.search(orjson.dumps(text))
        }

    def _rename_events(self, rows: Iterable[tuple[int, str, bytes]]) -> int:
        """Write the events anew that change. Their identity keys are made again when needed."""
        update = (
            "UPDATE stored_events SET originator_id = ?, state = ? "
            f"WHERE {self._database.position_column} = ?"
        )
        changed = 0
        for position, dossier, state in rows:
            if (new := self._names.renamed(state)) != state:
                dossier = self._names.known_as(dossier)  # noqa: PLW2901
                self._cursor.execute(update, (dossier, new, position))
                self._cursor.execute(DROP_KEYS, (position, position))
                changed += 1
        return changed

    def _rename_rejects(self) -> int:
        """Write the rejects anew that contain the code, in whatever place."""
        self._cursor.execute(f"{SELECT_REJECTS} ORDER BY number")
        changed = 0
        for number, _, origin, reason, raw, *_ in self._cursor.fetchall():
            new = (self._in_text(origin), self._in_text(reason), self._in_raw(bytes(raw)))
            if new != (origin, reason, bytes(raw)):
                self._cursor.execute(
                    "UPDATE rejects SET origin = ?, reason = ?, raw = ? WHERE number = ?",
                    (*new, number),
                )
                changed += 1
        return changed

    def _in_raw(self, raw: bytes) -> bytes:
        return self._without(self._names.renamed(raw))

    def _in_text(self, text: Any) -> str:
        return self._without(str(text).encode()).decode()

    def _without(self, raw: bytes) -> bytes:
        """Bytes with the pseudonym in the place of the code of a dossier."""
        if self._kind == "official":
            return raw
        return self._alone.sub(self._pseudonym.encode(), raw)
