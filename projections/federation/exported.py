"""An exported ledger: all that statements need of a log, in numbers of dossiers.

It has balances by slice, account and day, what reassigned dossiers took along, and how many events
and dossiers are in suspense. There is no dossier in it: no code, no hash of one. Before its first
day everything is added up, so that the ledger of a year takes the room of a year.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict

from hoso.domain.accounts import ACCOUNT_COUNT, OUTSIDE, TRANSFERRED_IN
from hoso.domain.calendar import date_of, day_number
from hoso.domain.policy import Policy
from hoso.projections.ledger.along import TakenAlong, summed
from hoso.projections.ledger.balances import (
    BalanceSheets,
    Moves,
    Slice,
    Suspended,
    balances_of,
)
from hoso.projections.log.schema import Integers

FORMAT: Final = 1  # of the file, raised when older readers would not understand a newer one


class Received(BaseModel):
    """The first and the last day on which an agency received dossiers, of those of the ledger."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agency: str | None
    first: date
    last: date


class About(BaseModel):
    """What an exported ledger is of, and by which rules it was made.

    ``source`` is what the log is called where it is kept, ``position`` that of its last event
    (None: the source has no positions), ``exported`` the instant of the export. ``as_of``: only
    what had been recorded by then counts (None: all). ``by`` are the dimensions of its slices.
    ``since`` is the first day of which windows can tell (None: all can). ``received`` tells which
    agencies' dossiers it has.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = FORMAT
    hoso: str
    source: str
    position: int | None
    exported: datetime
    as_of: datetime | None
    zone: str
    calendar: str
    policy: Policy
    by: tuple[str, ...]
    since: date | None
    received: tuple[Received, ...]


class Suspensions(NamedTuple):
    """On some day numbers, how many events are in suspense, and how many dossiers have their first
    one. Arrays of one length."""

    day: Integers
    events: Integers
    dossiers: Integers


class SliceCodes(NamedTuple):
    """Slices as numbers: ``values`` has the values of each dimension, and ``codes`` a row for each
    dimension with the place of each slice's value among them."""

    values: list[list[str | None]]
    codes: Integers


class AccountMoves(NamedTuple):
    """The net number of dossiers that moved into an account of a slice on a day number, as held,
    without transfers. Arrays of one length; slices by their numbers."""

    slice: Integers
    account: Integers
    day: Integers
    net: Integers


class ExportedLedger(NamedTuple):
    """An exported ledger: ``moved`` and what reassigned dossiers took ``along`` name slices by
    their numbers in ``slices``; the list of slices of ``along`` is empty."""

    about: About
    slices: SliceCodes
    moved: AccountMoves
    along: TakenAlong
    suspensions: Suspensions


def exported(about: About, sheets: BalanceSheets, along: TakenAlong) -> ExportedLedger:
    """The exported ledger of balance sheets as held, and of what dossiers took along in the same
    slices."""
    moved = sheets.balances.moved()
    own = moved.group % ACCOUNT_COUNT < TRANSFERRED_IN
    slices, group, day, net = (moved.slices, *(column[own] for column in moved[1:]))
    place = {name: number for number, name in enumerate(slices)}
    places = np.array([place[name] for name in along.slices], np.int64)
    along = along._replace(before=places[along.before], after=places[along.after], slices=[])
    if about.since is not None:
        eve = day_number(about.since) - 1
        day = np.maximum(day, eve)
        until, made_on = (np.maximum(days, eve) for days in (along.until, along.day))
        along = summed(along._replace(until=until, day=made_on))
    _, group, day, net = balances_of(Moves(slices, group, day, net)).moved()
    slice_of, account, changes = group // ACCOUNT_COUNT, group % ACCOUNT_COUNT, net != 0
    columns = (column[changes] for column in (slice_of, account, day, net))
    return ExportedLedger(
        about,
        _as_codes(slices, len(sheets.by)),
        AccountMoves(*columns),
        along,
        suspensions_of(sheets.suspended),
    )


def _as_codes(slices: Sequence[Slice], dimensions: int) -> SliceCodes:
    values: list[list[str | None]] = []
    codes = np.zeros((dimensions, len(slices)), np.int64)
    for number, column in enumerate(zip(*slices, strict=True) if slices else ()):
        distinct = [*dict.fromkeys(column)]
        place = {value: rank for rank, value in enumerate(distinct)}
        values.append(distinct)
        codes[number] = [place[value] for value in column]
    return SliceCodes(values or [[] for _ in range(dimensions)], codes)


def suspensions_of(suspended: Suspended) -> Suspensions:
    """How many events and dossiers are in suspense, by day."""
    is_first = np.append(True, suspended.dossier[1:] != suspended.dossier[:-1])
    days, which = np.unique(suspended.day, return_inverse=True)
    first = is_first[: len(which)].astype(np.int64)
    dossiers = np.bincount(which, weights=first, minlength=len(days)).astype(np.int64)
    return Suspensions(days, np.bincount(which, minlength=len(days)), dossiers)


def received_by(sheets: BalanceSheets) -> tuple[Received, ...]:
    """The days on which agencies received dossiers, from balance sheets by agency that are final
    before any reassignment."""
    moved = sheets.balances.moved()  # by slice, account and day, in rising order
    own = moved.group % ACCOUNT_COUNT == OUTSIDE
    agencies, first = np.unique(moved.group[own] // ACCOUNT_COUNT, return_index=True)
    day = moved.day[own]
    last = np.append(first[1:], len(day)) - 1
    return tuple(
        Received(agency=moved.slices[number][0], first=date_of(since), last=date_of(until))
        for number, since, until in zip(
            agencies.tolist(), day[first].tolist(), day[last].tolist(), strict=True
        )
    )
