"""Keeps a live ledger in a folder: files of runs, which are mapped, and a list of them.

A file is written once and never changed; each is sealed. The list (``ledger.json``) is replaced
whole, when all files that it names are there. So whoever reads it finds a ledger as it was at some
position, whenever the process that keeps it is killed. Readers say by which dimensions they asked
(``asked-…``), and the keeper keeps these balances, too.
"""

import fcntl
import mmap
import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import orjson

from hoso.domain.errors import UserError
from hoso.domain.office import Office
from hoso.projections import atomic
from hoso.projections.cache.fingerprint import digest
from hoso.projections.cache.kinds import LIVE_LEDGER
from hoso.projections.cache.seal import SEAL_BYTES, Damaged, seal_of, sealed, unsealed
from hoso.projections.cache.shelf import Described, Entry, Unavailable
from hoso.projections.cache.user_folder import OWNER_ONLY_FILE, check_owner, own_folder, user_base
from hoso.projections.ledger import encoding
from hoso.projections.ledger.balances import BalanceSheets
from hoso.projections.live.ledger import SUSPENSE, LiveLedger, Tables
from hoso.projections.live.places import Places
from hoso.projections.live.runs import Run, Runs
from hoso.projections.live.snapshots import SNAPSHOT

FOLDER: Final = "live"  # below that of the user's cache
LIST: Final = "ledger.json"
LOCK: Final = "lock"
ASKED: Final = "asked-"
MOST_ASKED: Final = 8  # choices of dimensions whose balances are kept
KEY: Final = np.dtype("<i8")
FORMS: Final = {  # of the records of each table
    "snapshots": SNAPSHOT,
    "suspended": SUSPENSE,
    "cells": np.dtype("<i8"),
    "events": np.dtype("<i8"),
}
MAPPED: Final[dict[Path, Run]] = {}  # runs that this process has read already


class Checks(NamedTuple):
    """What came of comparing random dossiers with a fold from nothing: how many were compared, how
    many differed, and what the last difference was."""

    dossiers: int = 0
    differed: int = 0
    last: str | None = None


class Tip(NamedTuple):
    """By what a ledger knows its log again: a digest of the event at its position, and how many
    codes had been erased."""

    event: str
    erasures: int


class State(NamedTuple):
    """What the list says: the fields of ``LiveLedger``, and the files that hold the others.

    ``name`` is the fingerprint of all that the ledger depends on beside the log. ``runs`` has the
    files of each table, ``balances`` those of balance sheets by their dimensions.
    """

    name: str
    position: int
    recorded: int
    tip: Tip
    clashing: list[int]
    places: str
    runs: dict[str, list[str]]
    balances: dict[str, str]
    checks: Checks


class LiveFolder:
    """The folder of one ledger; ``path`` need not exist."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def kept_by_this_process(self) -> Iterator[None]:
        """While this context lasts, no other process keeps the ledger. Raises ``UserError``."""
        try:
            own_folder(self.path)
            lock = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY_FILE)
        except OSError as error:
            raise UserError(f"{self.path}: {error.strerror or error}") from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError:
            raise UserError(f"{self.path}: another process follows this store already") from None
        finally:
            os.close(lock)

    def state(self) -> State | None:
        """What is kept; None where nothing is, or nothing that can be used."""
        try:
            check_owner(self.path.stat())
            found = orjson.loads(unsealed((self.path / LIST).read_bytes()))
            found |= {"tip": Tip(*found["tip"]), "checks": Checks(*found["checks"])}
            return State(**found)
        except (OSError, Damaged, ValueError, TypeError, LookupError):
            return None

    def ledger(self, state: State, office: Office) -> LiveLedger | None:
        """The ledger of a state; None where a file is gone or damaged."""
        try:
            runs = {kind: [self._mapped(kind, file) for file in state.runs[kind]] for kind in FORMS}
            names = orjson.loads(unsealed((self.path / state.places).read_bytes()))
        except (OSError, Damaged, ValueError, LookupError):
            return None
        places = Places((tuple(before), tuple(after)) for before, after in names)
        tables = LiveLedger.empty(office).tables
        tables = Tables(*(t._replace(runs=runs[k]) for k, t in tables._asdict().items()))
        clashing = np.array(state.clashing, np.int64)
        return LiveLedger(office, places, tables, state.position, state.recorded, clashing)

    def start(self, ledger: LiveLedger, state: State) -> None:
        """Have a ledger of a state start from all balance sheets that are kept of it."""
        for text in state.balances:
            if (sheets := self.sheets(state, ledger.office, dimensions_in(text))) is not None:
                ledger.start_from(sheets)

    def sheets(self, state: State, office: Office, by: Sequence[str]) -> BalanceSheets | None:
        """The balance sheets of a state; None where they are not kept, or damaged."""
        try:
            body = unsealed((self.path / state.balances[",".join(by)]).read_bytes())
            return encoding.balance_sheets_from_bytes(body, office, by)
        except (OSError, Damaged, LookupError):
            return None

    def ask_for(self, by: Sequence[str]) -> None:
        """Have the keeper keep the balance sheets by some dimensions; it always does by none."""
        if not by:
            return
        with suppress(OSError):
            (self.path / f"{ASKED}{','.join(by)}").touch(OWNER_ONLY_FILE)

    def asked_for(self) -> list[tuple[str, ...]]:
        """The dimensions of the balance sheets that were asked for last, and none at all."""
        marks = sorted(self.path.glob(f"{ASKED}*"), key=lambda mark: mark.stat().st_mtime)
        for mark in marks[:-MOST_ASKED]:
            mark.unlink(missing_ok=True)
        texts = [mark.name.removeprefix(ASKED) for mark in marks[-MOST_ASKED:]]
        return [*map(dimensions_in, sorted({"", *texts}))]

    def is_asked_more(self) -> bool:
        """Whether balance sheets were asked for that are not kept."""
        state = self.state()
        if state is None:
            return True
        files = [state.balances.get(",".join(by)) for by in self.asked_for()]
        return any(file is None or not (self.path / file).is_file() for file in files)

    def keep(self, ledger: LiveLedger, name: str, tip: Tip, checks: Checks) -> None:
        """Keep a ledger, in the place of the one that is kept. Raises ``OSError``."""
        tables = ledger.tables._asdict()
        ledger.tables = Tables(*(self._with_files(kind, table) for kind, table in tables.items()))
        kept_by = {
            by: encoding.balance_sheets_to_bytes(ledger.sheets(by)) for by in self.asked_for()
        }
        ledger.forget_changes()
        state = State(
            name,
            ledger.position,
            ledger.recorded,
            tip,
            ledger.clashing.tolist(),
            self._write("places", orjson.dumps(ledger.places.names)),
            {
                kind: [run.file for run in table.runs]
                for kind, table in ledger.tables._asdict().items()
            },
            {",".join(by): self._write("balances", body) for by, body in kept_by.items()},
            checks,
        )
        listed = state._asdict() | {"tip": [*tip], "checks": [*checks]}
        atomic.write(self.path / LIST, sealed(orjson.dumps(listed)), OWNER_ONLY_FILE)
        self._remove_but(files_of(state))

    def clear(self) -> None:
        """Remove what is kept. Raises ``OSError``."""
        (self.path / LIST).unlink(missing_ok=True)
        self._remove_but(set())

    def _with_files(self, kind: str, table: Runs) -> Runs:
        """A table whose runs all stand in files, from which they are mapped."""
        return table._replace(
            runs=[run if run.file else self._filed(kind, run) for run in table.runs]
        )

    def _filed(self, kind: str, run: Run) -> Run:
        parts = [np.ascontiguousarray(each).view(np.uint8).data for each in (run.key, run.record)]
        seal = seal_of(parts)
        name = f"{kind}-{seal.hex()}"
        with atomic.replacing(self.path / name, OWNER_ONLY_FILE) as file:
            file.writelines([*parts, seal])
        return self._mapped(kind, name)

    def _mapped(self, kind: str, name: str) -> Run:
        """The run in a file. Raises ``OSError`` and ``Damaged``."""
        path = self.path / name
        if path not in MAPPED:
            with path.open("rb") as file:
                whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            body, form = unsealed(memoryview(whole)), FORMS[kind]
            size = len(body) // (KEY.itemsize + form.itemsize)
            key = np.frombuffer(body, KEY, size)
            MAPPED[path] = Run(key, np.frombuffer(body, form, size, size * KEY.itemsize), name)
        return MAPPED[path]

    def _write(self, kind: str, body: bytes) -> str:
        """Write a file; returns its name."""
        whole = sealed(body)
        name = f"{kind}-{whole[-SEAL_BYTES:].hex()}"
        atomic.write(self.path / name, whole, OWNER_ONLY_FILE)
        return name

    def _remove_but(self, files: Collection[str]) -> None:
        """Remove all files but some, those of the keeper and the readers, and the list."""
        for path in self.path.iterdir():
            if path.name not in (LIST, LOCK, *files) and not path.name.startswith(ASKED):
                path.unlink(missing_ok=True)
                MAPPED.pop(path, None)


def dimensions_in(text: str) -> tuple[str, ...]:
    """The dimensions in a text that has them between commas."""
    return tuple(filter(None, text.split(",")))


def files_of(state: State) -> set[str]:
    """The names of all files that a state names."""
    return {
        state.places,
        *state.balances.values(),
        *(f for each in state.runs.values() for f in each),
    }


def live_folder(store: str, office: Office) -> LiveFolder | None:
    """The folder of the ledger of a store, for an office; None for a user without a home folder.

    ``store`` is a text that no other store has.
    """
    base = user_base()
    if base is None:
        return None
    return LiveFolder(
        base / FOLDER / digest(store, str(office.zone), office.policy.model_dump_json())
    )


def name_for(office: Office) -> str:
    """The fingerprint of all that a ledger depends on beside its log."""
    return encoding.name_for(LIVE_LEDGER, office)


class LiveShelf:
    """The live ledgers of this user, as ``hoso cache`` shows and clears them."""

    def __init__(self, base: Path) -> None:
        self.folder = base / FOLDER

    def read(self, kind: str, name: str) -> Sequence[Entry]:
        """Nothing: ``LiveFolder`` reads them."""
        return ()

    def write(self, kind: str, name: str, entries: Sequence[Entry], names: int) -> None:
        """Nothing: ``LiveFolder`` writes them."""

    def describe(self) -> Sequence[Described]:
        """The ledgers. Raises ``Unavailable``."""
        try:
            return [
                Described(LIVE_LEDGER.name, folder.name, 1, sum(map(_size, folder.iterdir())))
                for folder in self._folders()
            ]
        except OSError as error:
            raise Unavailable(str(error)) from None

    def clear(self) -> None:
        """Remove the ledgers that no process keeps at the moment. Raises ``Unavailable``."""
        try:
            for path in self._folders():
                folder = LiveFolder(path)
                with suppress(UserError), folder.kept_by_this_process():
                    folder.clear()
        except OSError as error:
            raise Unavailable(str(error)) from None

    def _folders(self) -> Iterator[Path]:
        return self.folder.glob("*")


def _size(file: Path) -> int:
    return file.stat().st_size
