"""Writes forecasts: on which days a dossier was said to fall due, and what became of it.

Plain functions over arrays, as in ``journal``, by the same rule book. How a dossier stood at the
end of a day is what was known at the end of that day. So a life is folded again for each day on
which something new became known of it, and only then: few days for most dossiers.
"""

from typing import Final, NamedTuple

from hoso.domain import accounts, kinds, rules
from hoso.domain.arrays import WritableIntArray
from hoso.domain.calendar import WorkingDays, between, nth_working_day, worked_until
from hoso.domain.policy import Law, period_on, terms_in
from hoso.domain.rules import Clock
from hoso.projections.log.packing import KnownLives, unpacked

# What became of a forecast, as known at the end of the first day that shows it, which is the day
# after the due day at the latest; OPEN: that day has not been.
OPEN, BECAME_OVERDUE, CLOSED, STOPPED, MOVED, TAKEN_BACK = range(6)
NAMES_FIELD, NAMES_LEVEL = 1, 2  # of a reassignment, beside the agency
IN_PROGRESS_IN_TIME: Final = accounts.IN_PROGRESS + accounts.IN_TIME


class Forecasting(NamedTuple):
    """Forecasts are made at the end of each day from ``first`` to ``last``, for dossiers with at
    most ``within`` days left; what became of them is known up to the end of ``known``. All but
    ``within`` are day numbers."""

    first: int
    last: int
    known: int
    within: int


class ForecastArrays(NamedTuple):
    """The columns of forecasts while they are written.

    ``day`` is the day number at whose end the dossier was said to fall due, ``days_left`` the
    working days from then on, ``outcome`` what became of it. The others are the places of the
    events that say where the dossier stood at the end of that day.
    """

    day: WritableIntArray
    days_left: WritableIntArray
    outcome: WritableIntArray
    reception: WritableIntArray
    agency: WritableIntArray
    field: WritableIntArray
    level: WritableIntArray


class Standing(NamedTuple):
    """How a dossier stood at the end of a day, as known then.

    ``last`` is the day of the last event that moved the clock, ``change`` the next day on which
    something else is known, ``known`` of ``Forecasting`` plus 1 at the latest. The others are
    places, as in ``ForecastArrays``.
    """

    clock: Clock
    last: int
    change: int
    reception: int
    agency: int
    field: int
    level: int


def write_forecasts(
    lives: KnownLives,
    start: int,
    asked: Forecasting,
    law: Law,
    calendar: WorkingDays,
    forecasts: ForecastArrays,
) -> tuple[int, int]:
    """Write the forecasts of the dossiers whose events stand from ``start`` on, as long as there is
    room: each has one forecast a day at most. Returns the place of the first dossier that is left,
    and the number of forecasts."""
    place, rows, size = start, 0, len(lives.dossier)
    most = asked.last - asked.first + 1
    while place < size and rows + most <= len(forecasts.day):
        stop = place
        while stop < size and lives.dossier[stop] == lives.dossier[place]:
            stop += 1
        rows = write_life(lives, place, stop, asked, law, calendar, forecasts, rows)
        place = stop
    return place, rows


def write_life(
    lives: KnownLives,
    start: int,
    stop: int,
    asked: Forecasting,
    law: Law,
    calendar: WorkingDays,
    forecasts: ForecastArrays,
    row: int,
) -> int:
    """Write the forecasts of one dossier from ``row`` on; returns the row behind them."""
    day, pending, due = asked.first, row, rules.NOTHING
    while day <= asked.known and (day <= asked.last or pending < row):
        standing = standing_on(lives, start, stop, day, asked.known, law, calendar)
        clock = standing.clock
        is_running = rules.account(clock, day) == IN_PROGRESS_IN_TIME
        if pending < row and not (is_running and clock.due == due):
            settle(forecasts, pending, row, outcome(clock, standing.last, day))
            pending = row
        if is_running:
            due = clock.due
            row = write_days(forecasts, row, standing, day, asked, calendar)
            if standing.change > due + 1:
                settle(forecasts, pending, row, BECAME_OVERDUE)
                pending = row
        day = standing.change
    return row


def standing_on(
    lives: KnownLives,
    start: int,
    stop: int,
    day: int,
    known: int,
    law: Law,
    calendar: WorkingDays,
) -> Standing:
    """How a dossier, whose events stand at ``start`` up to ``stop``, stood at the end of a day."""
    clock, last, period, change = rules.BLANK, day, 0, known + 1
    reception, agency, field, level = start, start, start, start
    for place in range(start, stop):
        since, until = lives.since[place], lives.until[place]
        if since > day:
            change = min(change, since)
        elif until > day:
            change = min(change, until)
            event = unpacked(lives.packed[place])
            if rules.applies(clock, event.kind) and event.kind < kinds.FIRST_FACT:
                if event.kind == kinds.RECEIVED:
                    reception, agency, field, level = place, place, place, place
                elif event.kind == kinds.REASSIGNED:
                    agency = place
                    field = place if lives.names[place] & NAMES_FIELD else field
                    level = place if lives.names[place] & NAMES_LEVEL else level
                period = period_on(law, period, event.day)
                clock = rules.step(clock, event, terms_in(law, period), calendar)
                last = event.day
    return Standing(clock, last, change, reception, agency, field, level)


def write_days(
    forecasts: ForecastArrays,
    row: int,
    standing: Standing,
    day: int,
    asked: Forecasting,
    calendar: WorkingDays,
) -> int:
    """Write the forecasts of a dossier that stands as it does from ``day`` on; returns the row
    behind them."""
    due = standing.clock.due
    nearest = nth_working_day(calendar, worked_until(calendar, due) - asked.within)
    for each in range(max(day, nearest), min(standing.change - 1, due, asked.last) + 1):
        forecasts.day[row] = each
        forecasts.days_left[row] = between(calendar, each, due)
        forecasts.outcome[row] = OPEN
        forecasts.reception[row] = standing.reception
        forecasts.agency[row] = standing.agency
        forecasts.field[row] = standing.field
        forecasts.level[row] = standing.level
        row += 1
    return row


def settle(forecasts: ForecastArrays, first: int, stop: int, became: int) -> None:
    """Write what became of the forecasts in some rows."""
    for row in range(first, stop):
        forecasts.outcome[row] = became


def outcome(clock: Clock, last: int, day: int) -> int:
    """What became of a dossier that was said to fall due, by its clock at the end of a day.

    ``last`` is the day of its last event.
    """
    if clock.phase == rules.NONE:
        return TAKEN_BACK
    if clock.phase == rules.CLOSED:
        is_late = clock.lapsed != 0 or clock.exceeded != 0 or last > clock.due
        return BECAME_OVERDUE if is_late else CLOSED
    if rules.is_overdue(clock, day):
        return BECAME_OVERDUE
    return MOVED if clock.phase == rules.IN_PROGRESS else STOPPED
