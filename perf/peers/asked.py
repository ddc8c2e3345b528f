"""What is asked of every peer, and what is each given?

A peer reads an archive (contract, section 9) with the means of one general tool, and finds the
*stretches* of its dossiers' lives: from which day until which they stood in which account, and how
many did. From there to the figures of any window is arithmetic over a small table, the same for
all. A peer is given the calendar as two tables, and the archive's files, bucket by bucket.
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import orjson

from hoso.domain.accounts import (
    ACCOUNTS,
    CLOSED,
    CLOSED_GROUPS,
    IN_PROGRESS,
    OPEN,
    OPEN_GROUPS,
    OVERDUE,
)
from hoso.domain.calendar import day_number
from hoso.domain.windows import Window, named
from hoso.projections.archive.files import read_manifest
from hoso.tools.runtime.calendar import calendar

Integers = npt.NDArray[np.int64]
Figures = dict[str, int]

NEVER: Final = 2**31 - 1  # the day on which what is not over ends


class Stretches(NamedTuple):
    """For each: how many dossiers stood in an account from day ``since`` on, ``until`` another day.

    Those that stand in progress and in time do so up to their day ``due``, and are overdue then;
    elsewhere it plays no part.
    """

    account: Integers
    since: Integers
    until: Integers
    due: Integers
    number: Integers


class Suspended(NamedTuple):
    """For each event that did not apply: its dossier's key, and its day."""

    key: Integers
    day: Integers


class Days(NamedTuple):
    """The calendar. A day outside the tables counts as worked: clip to their ends, and add what is
    beyond.

    ``worked[i]`` is how many days were worked up to day ``first + i``, and ``nth[n]`` the day on
    which it became ``n``.
    """

    first: int
    last: int
    worked: Integers
    nth: Integers


def days() -> Days:
    """The working days of Vietnam."""
    table = calendar().days
    before = table.first - 1
    worked = np.insert(np.asarray(table.elapsed, np.int64), 0, 0)
    nth = np.insert(np.asarray(table.nth, np.int64), 0, before)
    last = before + len(worked) - 1
    assert nth[-1] == last, "what is beyond is counted from the last day that is worked"
    return Days(before, last, worked, nth)


def buckets(archive: Path) -> list[list[str]]:
    """The files of each bucket. One file alone is in the order of the lives that it tells."""
    there = read_manifest(archive)
    files = [[str(archive / file.name) for file in bucket.files] for bucket in there.buckets]
    return [names for names in files if names]


def figures(told: Stretches, amiss: Suspended, windows: Sequence[Window]) -> list[Figures]:
    """The figures of each window."""
    sheets = _Sheets(told, [w.first - timedelta(1) for w in windows] + [w.last for w in windows])
    return [sheets.between(w) | _suspense(amiss, w) for w in windows]


def in_portions(
    told: Iterable[Sequence[Any]], amiss: Iterable[Sequence[Any]], windows: Sequence[Window]
) -> list[Figures]:
    """The figures of each window, from what was found portion by portion: the columns of Stretches,
    and those of Suspended."""
    whole = Stretches(*map(np.concatenate, zip(*told, strict=True)))
    suspended = Suspended(*map(np.concatenate, zip(*amiss, strict=True)))
    return figures(whole, suspended, windows)


class _Sheets:
    """How many dossiers stood in each account, at the end of any day that will be asked for."""

    def __init__(self, told: Stretches, asked: Sequence[date]) -> None:
        numbers = [day_number(day) for day in asked]
        self.first, self.last = min(numbers), max(numbers)
        self.moved = np.zeros((len(ACCOUNTS), self.last - self.first + 2), np.int64)
        waits = told.account == IN_PROGRESS
        turns = np.where(waits, np.clip(told.due + 1, told.since, told.until), told.until)
        self._move(told.account, told.since, told.number)
        self._move(told.account, turns, -told.number)
        overdue = np.full(int(waits.sum()), IN_PROGRESS + OVERDUE)
        self._move(overdue, turns[waits], told.number[waits])
        self._move(overdue, told.until[waits], -told.number[waits])
        self.balance = self.moved.cumsum(axis=1)

    def _move(self, account: Integers, day: Integers, number: Integers) -> None:
        """What moved earlier moved by the first day; what moves later is of no interest."""
        place = np.clip(day - self.first, 0, self.last - self.first + 1)
        np.add.at(self.moved, (account, place), number)

    def at_end_of(self, day: date) -> Integers:
        sheet: Integers = self.balance[:, day_number(day) - self.first]
        return sheet

    def between(self, window: Window) -> Figures:
        opening = self.at_end_of(window.first - timedelta(1))
        closing = self.at_end_of(window.last)
        moved = closing - opening
        sheet = {
            name: int(moved[i] if i in CLOSED else closing[i]) for i, name in enumerate(ACCOUNTS)
        }
        carried_over, received = int(opening[OPEN].sum()), int(moved.sum())
        return {
            "carried_over": carried_over,
            "received": received,
            "total": carried_over + received,
            **_with_totals(sheet),
            "carried_forward": int(closing[OPEN].sum()),
        }


def _with_totals(sheet: Figures) -> Figures:
    totals = {
        f"{group}.total": sum(n for name, n in sheet.items() if name.startswith(f"{group}."))
        for group in (*CLOSED_GROUPS, *OPEN_GROUPS)
    }
    return sheet | totals


def _suspense(amiss: Suspended, window: Window) -> Figures:
    until = amiss.day <= day_number(window.last)
    return {
        "suspense.events": int(until.sum()),
        "suspense.dossiers": len(np.unique(amiss.key[until])),
    }


def main(peer: Callable[[Path, Sequence[Window]], list[Figures]]) -> None:
    """``python -m perf.peers.in_… ARCHIVE 2023-Q1 …``: the figures of the windows, as JSON."""
    archive, *names = sys.argv[1:]
    answer = peer(Path(archive), [named(name) for name in names])
    print(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode())
