"""Compares machine code with the interpreter before it is used.

A small known history is run through both: dossiers that are paused, sent back, rescheduled, late,
closed in every way, and events that do not apply. Results must be equal to the last number.
"""

from collections.abc import Callable
from datetime import date
from typing import Any, Final

import numpy as np

from hoso.domain import kinds, rules, validity
from hoso.domain.accounts import ACCOUNT_COUNT
from hoso.domain.calendar import WorkingDays, day_number, working_days
from hoso.domain.policy import Policy
from hoso.projections.kernels.balances import BalanceArrays, DayRange, Workspace, add_balances
from hoso.projections.kernels.journal import JournalArrays, write_journal
from hoso.projections.kernels.register import RegisterArrays, write_register
from hoso.projections.log.packing import PackedLives, packed
from hoso.projections.log.schema import Integers

START: Final = day_number(date(2024, 1, 1))
LIVES: Final = (  # of each dossier, its events: kind and days after the start
    ((kinds.RECEIVED, 0), (kinds.RESOLVED, 3)),
    ((kinds.RECEIVED, 1), (kinds.PAUSED, 4), (kinds.RESUMED, 20), (kinds.RESOLVED, 40)),
    ((kinds.RECEIVED, 2), *((kinds.SUPPLEMENT_REQUESTED, 3), (kinds.SUPPLEMENTED, 9)) * 2),
    ((kinds.RECEIVED, 3), (kinds.RESCHEDULED, 5), (kinds.SYNCED, 6), (kinds.RETURNED, 12)),
    ((kinds.PAUSED, 1), (kinds.RECEIVED, 5), (kinds.CANCELLED, 7), (kinds.RESUMED, 8)),
    ((kinds.RECEIVED, 6),),
)
EVENTS: Final = [(number, *event) for number, life in enumerate(LIVES) for event in life]


def agrees(function: Callable[..., Any], native: Callable[..., Any]) -> bool:
    """Whether a kernel and its machine code give the same results for the known history."""
    run = RUNS[function]
    return all(run(function, *policy) == run(native, *policy) for policy in _policies())


def _policies() -> list[tuple[Any, WorkingDays]]:
    calendar = working_days(date(2023, 12, 1), date(2024, 6, 1), [date(2024, 1, 10)], [])
    days = WorkingDays(calendar.first, np.asarray(calendar.elapsed), np.asarray(calendar.nth))
    strict = Policy()
    mild = Policy(supplement_limit=2, after_supplement="extend", reschedule="accept_once")
    return [(policy.terms(), days) for policy in (strict, mild)]


def _lives() -> PackedLives:
    dossier, kind, after = (np.array(column, np.int64) for column in zip(*EVENTS, strict=True))
    nothing = np.full(len(dossier), rules.NOTHING)
    allowance = np.where(kind == kinds.RECEIVED, 5, nothing)
    due = np.where(kind == kinds.RESCHEDULED, START + 30, nothing)
    events = packed(kind, START + after, due, allowance, np.zeros(len(kind), np.int64))
    return PackedLives(dossier, events, np.full(len(dossier), validity.VALID, np.int8))


def _empty(size: int) -> Integers:
    return np.zeros(size, np.int64)


def _journal(write: Callable[..., Any], terms: Any, calendar: WorkingDays) -> Any:
    lives, size = _lives(), len(EVENTS)
    journal, suspended = JournalArrays(*(_empty(2 * size) for _ in range(4))), _empty(size)
    counts = write(lives, 0, size, terms, calendar, journal, suspended)
    columns = [np.asarray(column).tolist() for column in (*journal, suspended)]
    return counts, columns


def _balances(add: Callable[..., Any], terms: Any, calendar: WorkingDays) -> Any:
    size, days = len(EVENTS), DayRange(START, 20)
    workspace = Workspace(JournalArrays(*(_empty(2 * size) for _ in range(4))), _empty(size))
    sums = BalanceArrays(_empty(2 * ACCOUNT_COUNT * days.days), _empty(6 * size), _empty(2 * size))
    slice_of = np.arange(size) % 2
    counts = add(_lives(), slice_of, terms, calendar, days, workspace, sums, 0, 0)
    return counts, [column.tolist() for column in sums]


def _register(write: Callable[..., Any], terms: Any, calendar: WorkingDays) -> Any:
    register = RegisterArrays(*(_empty(len(LIVES)) for _ in RegisterArrays._fields))
    rows = write(_lives(), START + 25, terms, calendar, register)
    return rows, [np.asarray(column).tolist() for column in register]


RUNS: Final[dict[Callable[..., Any], Callable[..., Any]]] = {
    write_journal: _journal,
    add_balances: _balances,
    write_register: _register,
}
