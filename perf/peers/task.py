"""The task that every peer solves, and what each peer is given.

A peer reads an archive (contract, section 9) with one general tool and finds the *stretches* of the
dossiers' lives: from which day until which day how many dossiers stood in which account. The
figures of any window follow from the stretches by the same arithmetic for all peers. A peer is
given the calendar as two tables, and the files of the archive, bucket by bucket.
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
from hoso.domain.windows import Window, named_window
from hoso.projections.archive.manifest import read_manifest
from hoso.tools.runtime.calendar import calendar

Integers = npt.NDArray[np.int64]
Figures = dict[str, int]

NEVER: Final = 2**31 - 1  # the day number on which a stretch that has not ended ends


class Stretches(NamedTuple):
    """Columns. In each row, ``number`` dossiers stood in ``account`` from day ``since`` on, and no
    longer on day ``until``.

    Dossiers in progress and in time stand there up to their day ``due``, and are overdue after it.
    For other accounts, ``due`` has no meaning. Days are numbers since 1970-01-01.
    """

    account: Integers
    since: Integers
    until: Integers
    due: Integers
    number: Integers


class Suspended(NamedTuple):
    """Columns. Each row is an event that did not apply: the key of its dossier, and its day."""

    key: Integers
    day: Integers


class Days(NamedTuple):
    """The calendar as two tables, from day ``first`` to day ``last``.

    ``worked[i]`` is the number of working days up to day ``first + i``; ``nth[n]`` is the day on
    which that number became ``n``. Every day outside the tables counts as a working day: limit the
    index to the table, and add the rest.
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
    assert nth[-1] == last, "days after the table are counted from its last working day"
    return Days(before, last, worked, nth)


def buckets(archive: Path) -> list[list[str]]:
    """The files of each bucket. Where a bucket has one file, its events are in the order of the
    dossiers' lives."""
    manifest = read_manifest(archive)
    files = [[str(archive / file.name) for file in bucket.files] for bucket in manifest.buckets]
    return [names for names in files if names]


def figures(stretches: Stretches, suspended: Suspended, windows: Sequence[Window]) -> list[Figures]:
    """The figures of each window."""
    opening = [window.first - timedelta(1) for window in windows]
    balance_sheets = _BalanceSheets(stretches, opening + [window.last for window in windows])
    return [balance_sheets.between(each) | _suspense(suspended, each) for each in windows]


def figures_of_parts(
    stretches: Iterable[Sequence[Any]],
    suspended: Iterable[Sequence[Any]],
    windows: Sequence[Window],
) -> list[Figures]:
    """The figures of each window, where a peer found the columns of ``Stretches`` and of
    ``Suspended`` part by part."""
    return figures(
        Stretches(*map(np.concatenate, zip(*stretches, strict=True))),
        Suspended(*map(np.concatenate, zip(*suspended, strict=True))),
        windows,
    )


class _BalanceSheets:
    """How many dossiers stood in each account at the end of each day, from the first of ``days`` to
    the last."""

    def __init__(self, stretches: Stretches, days: Sequence[date]) -> None:
        numbers = [day_number(day) for day in days]
        self.first, self.last = min(numbers), max(numbers)
        self.moved = np.zeros((len(ACCOUNTS), self.last - self.first + 2), np.int64)
        account, since, until, due, number = stretches
        in_time = account == IN_PROGRESS
        left = np.where(in_time, np.clip(due + 1, since, until), until)
        self._move(account, since, number)
        self._move(account, left, -number)
        overdue = np.full(int(in_time.sum()), IN_PROGRESS + OVERDUE)
        self._move(overdue, left[in_time], number[in_time])
        self._move(overdue, until[in_time], -number[in_time])
        self.balance = self.moved.cumsum(axis=1)

    def _move(self, account: Integers, day: Integers, number: Integers) -> None:
        """Earlier moves count on the first day; later moves count in no balance sheet."""
        column = np.clip(day - self.first, 0, self.last - self.first + 1)
        np.add.at(self.moved, (account, column), number)

    def at_end_of(self, day: date) -> Integers:
        balances: Integers = self.balance[:, day_number(day) - self.first]
        return balances

    def between(self, window: Window) -> Figures:
        opening = self.at_end_of(window.first - timedelta(1))
        closing = self.at_end_of(window.last)
        moved = closing - opening
        by_account = {
            name: int(moved[i] if i in CLOSED else closing[i]) for i, name in enumerate(ACCOUNTS)
        }
        carried_over, received = int(opening[OPEN].sum()), int(moved.sum())
        return {
            "carried_over": carried_over,
            "received": received,
            "transferred.in": 0,  # no dossier leaves the whole, of which peers are asked
            "transferred.out": 0,
            "total": carried_over + received,
            **_with_totals(by_account),
            "carried_forward": int(closing[OPEN].sum()),
        }


def _with_totals(by_account: Figures) -> Figures:
    totals = {
        f"{group}.total": sum(n for name, n in by_account.items() if name.startswith(f"{group}."))
        for group in (*CLOSED_GROUPS, *OPEN_GROUPS)
    }
    return by_account | totals


def _suspense(suspended: Suspended, window: Window) -> Figures:
    in_window = suspended.day <= day_number(window.last)
    return {
        "suspense.events": int(in_window.sum()),
        "suspense.dossiers": len(np.unique(suspended.key[in_window])),
    }


def main(peer: Callable[[Path, Sequence[Window]], list[Figures]]) -> None:
    """``python -m perf.peers.in_… ARCHIVE 2023-Q1 …`` prints the figures of the windows as JSON."""
    archive, *names = sys.argv[1:]
    answer = peer(Path(archive), [named_window(name) for name in names])
    print(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode())
