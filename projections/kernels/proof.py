"""Compares machine code with the interpreter before it is used.

A small known history is run through both: dossiers that are paused, sent back, rescheduled,
reassigned, taken in elsewhere, late, closed in every way, and events that do not apply; some before
and some after the day on which the law changes. Results must be equal to the last number.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from hashlib import sha256
from typing import Any, Final

import numpy as np

from hoso.domain import accounts, kinds, rules, validity
from hoso.domain.accounts import ACCOUNT_COUNT
from hoso.domain.calendar import WorkingDays, day_number, working_days
from hoso.domain.policy import Policy
from hoso.domain.provisions import Provision, Value
from hoso.projections.kernels.balances import (
    BEYOND_NUMBERS,
    EVENT_MOVES,
    BalanceArrays,
    DayRange,
    Workspace,
    add_balances,
)
from hoso.projections.kernels.checks import POPULATION_COUNT, Thresholds
from hoso.projections.kernels.clocks import (
    ENTRIES_PER_EVENT,
    ClockArrays,
    EntryArrays,
    carry_on,
    keep_clock,
)
from hoso.projections.kernels.courses import CourseMoves, Takers, add_courses, move_courses
from hoso.projections.kernels.findings import (
    FINDINGS_PER_EVENT,
    MEMORY,
    ClosingArrays,
    Duties,
    Facts,
    FindingArrays,
    Room,
    Span,
    find,
)
from hoso.projections.kernels.forecasts import ForecastArrays, Forecasting, write_forecasts
from hoso.projections.kernels.journal import JournalArrays, write_journal
from hoso.projections.kernels.register import RegisterArrays, write_register
from hoso.projections.kernels.sha256 import LANES, hash_arrays, hash_messages, hashes_in
from hoso.projections.log.packing import KnownLives, PackedLives, day_of, packed
from hoso.projections.log.schema import Integers

START: Final = day_number(date(2024, 1, 1))
LIVES: Final = (  # of each dossier, its events: kind and days after the start; the shortest first
    ((kinds.RECEIVED, 6),),
    ((kinds.RECEIVED, 0), (kinds.RESOLVED, 3)),
    ((kinds.RECEIVED, 1), (kinds.PAUSED, 4), (kinds.RESUMED, 20), (kinds.RESOLVED, 40)),
    ((kinds.RECEIVED, 3), (kinds.RESCHEDULED, 5), (kinds.SYNCED, 6), (kinds.RETURNED, 12)),
    ((kinds.PAUSED, 1), (kinds.RECEIVED, 5), (kinds.CANCELLED, 7), (kinds.RESUMED, 8)),
    ((kinds.RECEIVED, 7), (kinds.REASSIGNED, 9), (kinds.REASSIGNED, 22), (kinds.RESOLVED, 24)),
    ((kinds.RECEIVED, 8), (kinds.ARRIVED, 9), (kinds.ARRIVED, 10), (kinds.RESOLVED, 15)),
    ((kinds.RECEIVED, 9), (kinds.PAUSED, 10), (kinds.ARRIVED, 21), (kinds.RESUMED, 24)),
    ((kinds.RECEIVED, 2), *((kinds.SUPPLEMENT_REQUESTED, 3), (kinds.SUPPLEMENTED, 9)) * 2),
)
LENGTHS: Final = (0, 1, 1, 0, 6, 1)  # how many lives have so many events
CHANGE: Final = date(2024, 1, 16)  # of the law
EVENTS: Final = [(number, *event) for number, life in enumerate(LIVES) for event in life]


def agrees(function: Callable[..., Any], native: Callable[..., Any]) -> bool:
    """Whether a kernel and its machine code give the same results for the known history."""
    run = RUNS[function]
    return all(run(function, *policy) == run(native, *policy) for policy in _policies())


def _policies() -> list[tuple[Any, WorkingDays]]:
    calendar = working_days(date(2023, 12, 1), date(2024, 6, 1), [date(2024, 1, 10)], [])
    days = WorkingDays(calendar.first, np.asarray(calendar.elapsed), np.asarray(calendar.nth))
    strict = Policy(law="proof", provisions=tuple(_changing()))
    mild = Policy(supplement_limit=2, after_supplement="extend", reschedule_notice=-1)
    return [(policy.as_rules_read_it(), days) for policy in (strict, mild)]


def _changing() -> Iterator[Provision]:
    """Provisions that all change on one day."""
    values: dict[str, tuple[Value, Value]] = {
        "after_supplement": ("restart", "extend"),
        "supplement_limit": (0, 1),
        "reschedule": ("accept_once", "keep_original"),
        "reschedule_notice": (1, 2),
        "arrival_starts_clock": ("yes", "no"),
    }
    for name, (before, after) in values.items():
        yield Provision(name, before, None, CHANGE - timedelta(1), None, "–", "–", "inferred")
        yield Provision(name, after, CHANGE, None, None, "–", "–", "inferred")


def _lives() -> PackedLives:
    dossier, kind, after = (np.array(column, np.int64) for column in zip(*EVENTS, strict=True))
    nothing = np.full(len(dossier), rules.NOTHING)
    allowance = np.where(kind == kinds.RECEIVED, 5, nothing)
    due = np.where(kind == kinds.RESCHEDULED, START + 30, nothing)
    elsewhere = np.isin(dossier, dossier[kind == kinds.ARRIVED]) & (kind == kinds.RECEIVED)
    detail = np.where(elsewhere, rules.ELSEWHERE_BIT, 0)
    events = packed(kind, START + after, due, allowance, detail)
    return PackedLives(dossier, events, np.full(len(dossier), validity.VALID, np.int8))


def _empty(size: int) -> Integers:
    return np.zeros(size, np.int64)


def _journal(write: Callable[..., Any], law: Any, calendar: WorkingDays) -> Any:
    lives, size = _lives(), len(EVENTS)
    journal, suspended = JournalArrays(*(_empty(2 * size) for _ in range(4))), _empty(size)
    counts = write(lives, 0, size, law, calendar, journal, suspended)
    columns = [np.asarray(column).tolist() for column in (*journal, suspended)]
    return counts, columns


def _balances(add: Callable[..., Any], law: Any, calendar: WorkingDays) -> Any:
    size, days = len(EVENTS), DayRange(START, 20)
    workspace = Workspace(JournalArrays(*(_empty(2 * size) for _ in range(4))), _empty(size))
    sums = BalanceArrays(
        np.zeros(2 * ACCOUNT_COUNT * days.days, np.int32),
        _empty(BEYOND_NUMBERS * EVENT_MOVES * size),
        _empty(2 * size),
    )
    slice_of = np.arange(size) % 2
    counts = add(_lives(), slice_of, law, calendar, days, workspace, sums, 0, 0)
    return counts, [column.tolist() for column in sums]


def _course_moves(move: Callable[..., Any], law: Any, calendar: WorkingDays) -> Any:
    lives, size = _lives(), len(EVENTS)
    journal = JournalArrays(*(_empty(2 * size) for _ in range(4)))
    end, suspended = _empty(len(LIVES)), _empty(size)
    counts = move(lives, np.array(LENGTHS), law, calendar, journal, end, suspended)
    return counts, [np.asarray(column).tolist() for column in (*journal, end, suspended)]


def _course_balances(add: Callable[..., Any], _: Any, __: WorkingDays) -> Any:
    days = DayRange(START, 20)
    sums = BalanceArrays(
        np.zeros(3 * ACCOUNT_COUNT * days.days, np.int32), _empty(BEYOND_NUMBERS * 6), _empty(0)
    )
    end, day = np.array([2, 3]), START + np.array([1, 19, 25])
    out, into = np.array([14, 0, 14]), np.array([0, 6, 1])
    moves = CourseMoves(end, day, out, into)
    takers = Takers(*map(np.array, ([0, 1, 1], [5, 1, 2], [2, 0], [2, 3])))
    beyond = add(takers, moves, days, sums, 0)
    return beyond, [column.tolist() for column in sums]


def _register(write: Callable[..., Any], law: Any, calendar: WorkingDays) -> Any:
    register = RegisterArrays(*(_empty(len(LIVES)) for _ in RegisterArrays._fields))
    rows = write(_lives(), START + 25, law, calendar, register)
    return rows, [np.asarray(column).tolist() for column in register]


def _findings(find: Callable[..., Any], law: Any, calendar: WorkingDays) -> Any:
    size = len(EVENTS)
    at = np.arange(size)
    facts = Facts(at % 2, START + at, START + at // 3, at % 4, np.where(at % 2, 10, rules.NOTHING))
    duties = Duties(*(np.array(each) for each in ([START, START + 15], [0, 3], [rules.NOTHING, 4])))
    room = Room(
        FindingArrays(*(_empty(FINDINGS_PER_EVENT * size) for _ in FindingArrays._fields)),
        ClosingArrays(*(_empty(size) for _ in ClosingArrays._fields)),
        _empty(2 * POPULATION_COUNT),
        _empty(MEMORY),
    )
    span, thresholds = Span(START + 2, START + 25), Thresholds(2, 1, 2, 1, START + 4)
    counts = find(_lives(), facts, span, law, duties, thresholds, calendar, room)
    columns = (*room.findings, *room.closings, room.counts)
    return counts, [np.asarray(column).tolist() for column in columns]


def _forecasts(write: Callable[..., Any], law: Any, calendar: WorkingDays) -> Any:
    lives, asked = _lives(), Forecasting(START, START + 20, START + 22, 3)
    day = day_of(lives.packed)
    late = day + np.arange(len(EVENTS)) % 4  # some are recorded days after they occurred
    until = np.where(np.arange(len(EVENTS)) % 7 == 6, late + 5, validity.FOREVER)
    names = np.arange(len(EVENTS)) % 4
    known = KnownLives(lives.dossier, lives.packed, late, until, names)
    columns = ForecastArrays(*(_empty(21 * len(LIVES)) for _ in ForecastArrays._fields))
    counts = write(known, 0, asked, law, calendar, columns)
    return counts, [np.asarray(column).tolist() for column in columns]


def _hashes(hash_: Callable[..., Any], *_: Any) -> Any:
    """The hashes of more messages than there are lanes, of one block and of two. The twin of the
    kernel is hashlib: the interpreter would take long."""
    found = []
    for width in (LANES, 2 * LANES):
        messages = np.arange(width * (LANES + 1)).astype(np.uint8).reshape(-1, width)
        if hash_ is hash_messages:
            found.append(b"".join(sha256(message.tobytes()).digest() for message in messages))
            continue
        arrays = hash_arrays(messages)
        hash_(arrays)
        found.append(hashes_in(arrays, len(messages)).tobytes())
    return found


def _clocks(carry: Callable[..., Any], law: Any, calendar: WorkingDays) -> Any:
    """The lives in two parts, so that clocks are read as well as kept."""
    lives, at = _lives(), np.arange(len(EVENTS))
    clocks = ClockArrays(*(_empty(len(LIVES)) for _ in ClockArrays._fields))
    for number in range(len(LIVES)):
        keep_clock(clocks, number, rules.BLANK, accounts.OUTSIDE)
    told: list[Any] = []
    for part in (at % 2 == 0, at % 2 == 1):
        size = int(part.sum())
        entries = EntryArrays(*(_empty(ENTRIES_PER_EVENT * size) for _ in EntryArrays._fields))
        own, suspended = PackedLives(*(np.asarray(each)[part] for each in lives)), _empty(size)
        told.append(carry(own, at[part] % 3, clocks, law, calendar, entries, suspended))
        told += [np.asarray(column).tolist() for column in (*entries, *clocks, suspended)]
    return told


RUNS: Final[dict[Callable[..., Any], Callable[..., Any]]] = {
    write_journal: _journal,
    add_balances: _balances,
    move_courses: _course_moves,
    add_courses: _course_balances,
    write_register: _register,
    write_forecasts: _forecasts,
    find: _findings,
    hash_messages: _hashes,
    carry_on: _clocks,
}
