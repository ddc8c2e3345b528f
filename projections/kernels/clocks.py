"""Carries clocks on: from what the rules remember of some dossiers, by events that are new.

Plain functions over arrays, as in ``journal``. A dossier in progress has an entry dated ahead, on
the day after its due day. The next event takes it back, and what of it holds is written again.
"""

from typing import Final, NamedTuple

from hoso.domain import kinds, rules
from hoso.domain.arrays import IntArray, WritableIntArray
from hoso.domain.calendar import WorkingDays
from hoso.domain.policy import Law, period_on, terms_in
from hoso.projections.kernels.journal import IN_PROGRESS_IN_TIME, IN_PROGRESS_OVERDUE
from hoso.projections.log.packing import PackedLives, unpacked

# Its own; that of a deadline before it; the one that it takes back; and the one ahead of it.
ENTRIES_PER_EVENT: Final = 4


class ClockArrays(NamedTuple):
    """The clocks of some dossiers: the fields of ``rules.Clock``; ``held``, the account in which
    the dossier stands at the end of the day of its last event; ``slice``, the number of the slice
    in which it stands."""

    phase: WritableIntArray
    due: WritableIntArray
    stopped: WritableIntArray
    lapsed: WritableIntArray
    requests: WritableIntArray
    exceeded: WritableIntArray
    rescheduled: WritableIntArray
    allowance: WritableIntArray
    unit: WritableIntArray
    journey: WritableIntArray
    arrival_due: WritableIntArray
    closed_in: WritableIntArray
    held: WritableIntArray
    slice: WritableIntArray


class EntryArrays(NamedTuple):
    """Entries of the journal: the number of the slice, the day number, the numbers of the two
    accounts, and 1, or -1 where an entry is taken back."""

    slice: WritableIntArray
    day: WritableIntArray
    out: WritableIntArray
    into: WritableIntArray
    net: WritableIntArray


def carry_on(
    lives: PackedLives,
    slice_of: IntArray,
    clocks: ClockArrays,
    law: Law,
    calendar: WorkingDays,
    entries: EntryArrays,
    suspended: WritableIntArray,
) -> tuple[int, int]:
    """Carry the clocks of dossiers on by all events of ``lives``, each of which is valid and comes
    behind the last event of its dossier.

    ``lives.dossier`` is the place of the dossier's clock in ``clocks``; ``slice_of`` has the number
    of the slice that each event names, and is read of receptions. ``entries`` needs room for
    ENTRIES_PER_EVENT, ``suspended`` for the place of each event that does not apply. Returns how
    many there are of both. A reassignment leaves the dossier where it is.
    """
    place, size, written, suspensions = 0, len(lives.dossier), 0, 0
    while place < size:
        number = lives.dossier[place]
        clock, held, period = clock_at(clocks, number), clocks.held[number], 0
        if rules.runs_out(clock, held, clock.due + 1):
            written = post_deadline(entries, written, clocks.slice[number], clock.due, -1)
        while place < size and lives.dossier[place] == number:
            event = unpacked(lives.packed[place])
            if rules.applies(clock, event.kind):
                if event.kind == kinds.RECEIVED:
                    clocks.slice[number] = slice_of[place]
                if rules.runs_out(clock, held, event.day):
                    written = post_deadline(entries, written, clocks.slice[number], clock.due, 1)
                    held = IN_PROGRESS_OVERDUE
                period = period_on(law, period, event.day)
                clock = rules.step(clock, event, terms_in(law, period), calendar)
                before, held = held, rules.account(clock, event.day)
                if held != before:
                    written = post(
                        entries, written, clocks.slice[number], event.day, before, held, 1
                    )
            else:
                suspended[suspensions] = place
                suspensions += 1
            place += 1
        if rules.runs_out(clock, held, clock.due + 1):
            written = post_deadline(entries, written, clocks.slice[number], clock.due, 1)
        keep_clock(clocks, number, clock, held)
    return written, suspensions


def post_deadline(entries: EntryArrays, number: int, slice_: int, due: int, net: int) -> int:
    """Post the entry of a deadline that passes; returns the number of the next entry."""
    return post(entries, number, slice_, due + 1, IN_PROGRESS_IN_TIME, IN_PROGRESS_OVERDUE, net)


def post(
    entries: EntryArrays, number: int, slice_: int, day: int, out: int, into: int, net: int
) -> int:
    """Post entry ``number``; returns the number of the next one."""
    entries.slice[number] = slice_
    entries.day[number] = day
    entries.out[number] = out
    entries.into[number] = into
    entries.net[number] = net
    return number + 1


def clock_at(clocks: ClockArrays, number: int) -> rules.Clock:
    """The clock at a place."""
    return rules.Clock(
        phase=clocks.phase[number],
        due=clocks.due[number],
        stopped=clocks.stopped[number],
        lapsed=clocks.lapsed[number],
        requests=clocks.requests[number],
        exceeded=clocks.exceeded[number],
        rescheduled=clocks.rescheduled[number],
        allowance=clocks.allowance[number],
        unit=clocks.unit[number],
        journey=clocks.journey[number],
        arrival_due=clocks.arrival_due[number],
        closed_in=clocks.closed_in[number],
    )


def keep_clock(clocks: ClockArrays, number: int, clock: rules.Clock, held: int) -> None:
    """Put a clock, and the account that it gives, at a place."""
    clocks.phase[number] = clock.phase
    clocks.due[number] = clock.due
    clocks.stopped[number] = clock.stopped
    clocks.lapsed[number] = clock.lapsed
    clocks.requests[number] = clock.requests
    clocks.exceeded[number] = clock.exceeded
    clocks.rescheduled[number] = clock.rescheduled
    clocks.allowance[number] = clock.allowance
    clocks.unit[number] = clock.unit
    clocks.journey[number] = clock.journey
    clocks.arrival_due[number] = clock.arrival_due
    clocks.closed_in[number] = clock.closed_in
    clocks.held[number] = held
