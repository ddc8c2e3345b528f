"""Tells lives that show what the integrity checks look for, each by one function.

A function has the name of its check (docs/REPORTS.md). It gets a dossier that has just been
received, tells the rest of its life, and says which event shows the pattern, and from which day on.
It returns None where this dossier cannot show the pattern: its allowance may be too short, or the
law not in force yet. Such a life is not to be used.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Final, NamedTuple

from hoso.domain.calendar import (
    add,
    date_of,
    day_number,
    forward,
    nth_working_day,
    worked_until,
)
from hoso.domain.windows import administrative_year, named_window
from hoso.tools.simulation import courses
from hoso.tools.simulation.chance import draw, mostly_small
from hoso.tools.simulation.cloudevents import iso
from hoso.tools.simulation.courses import EXPIRES_FROM, EXPIRY_DAYS, OUTCOMES, Life
from hoso.tools.simulation.moments import DAY, MINUTE
from hoso.tools.simulation.province import REFORM_DAY

NOTICE_DAYS: Final = 3  # art. 19.5: a supplement is asked for within so many working days
LATE_DAYS: Final = (4, 10)  # working days until a reception is recorded, at least and at most
RECORDED_AFTER_DAYS: Final = 5  # working days after the due day, at most
WAITED_ON_DAYS: Final = 30  # working days after a supplement expired, at most
MOVED_DAYS: Final = 8  # working days by which an appointment is moved, at most
STRETCHED: Final = 2  # an allowance is stretched by up to so many times its length
BURST: Final = 20  # dossiers that are closed within one minute


class Shown(NamedTuple):
    """The number of the event that shows a pattern, the day on which it counts, and the first day
    at whose end it is known."""

    event: int
    day: int
    known: int


Pattern = Callable[[Life], Shown | None]


def _shown(lived: Life, kind: str) -> Shown:
    """The last event of a kind shows the pattern, on its own day."""
    number = max(n for n, step in enumerate(lived.steps, start=1) if step.kind == kind)
    day = lived.steps[number - 1].moment // DAY
    return Shown(number, day, day)


def _shown_late(lived: Life, kind: str, recorded: int) -> Shown:
    """The last event of a kind shows the pattern, as it is recorded on a later day."""
    number, day, _ = _shown(lived, kind)
    step = lived.steps[number - 1]
    lived.steps[number - 1] = step._replace(recorded=lived.hours.on(recorded))
    return Shown(number, day, recorded)


def _some(lived: Life, most: int) -> int:
    """A number from 1 to ``most``."""
    return 1 + int(lived.hours.rng.random() * most)


# --- The clock is stopped -----------------------------------------------------------------------


def paused_on_due_day(lived: Life) -> Shown | None:
    """The clock stops on the due day or on the working day before it."""
    calendar = lived.hours.calendar
    number = worked_until(calendar, lived.due) - int(lived.hours.rng.random() * 2)
    day = nth_working_day(calendar, number)
    if day <= lived.last // DAY:
        day = lived.due
    courses.stop_clock(lived, lived.hours.on(day, lived.last))
    shown = _shown(lived, "paused")
    courses.early(lived)
    return shown


def late_supplement_request(lived: Life) -> Shown | None:
    """A supplement is asked for later than it may, and before the due day."""
    calendar = lived.hours.calendar
    first = worked_until(calendar, add(calendar, lived.last // DAY, NOTICE_DAYS)) + 1
    room = worked_until(calendar, lived.due) - first
    if room <= 0:
        return None
    day = nth_working_day(calendar, first + int(lived.hours.rng.random() * room))
    _ask(lived, lived.hours.on(day))
    shown = _shown(lived, "supplement_requested")
    courses.bring(lived)
    courses.early(lived)
    return shown


def second_request(lived: Life) -> Shown | None:
    """The applicant is asked for more a second time."""
    courses.supplement(lived)
    courses.supplement(lived)
    shown = _shown(lived, "supplement_requested")
    courses.early(lived)
    return shown


def supplement_expired(lived: Life) -> Shown | None:
    """A supplement is awaited beyond its expiry; the dossier stays open, and it comes later."""
    _ask(lived, lived.early())
    shown = _shown(lived, "supplement_requested")
    asked = lived.last // DAY
    if asked < EXPIRES_FROM:
        return None
    calendar = lived.hours.calendar
    expired = forward(calendar, asked + EXPIRY_DAYS + 1)
    days = int(mostly_small(lived.hours.rng) * WAITED_ON_DAYS)
    lived.add(lived.hours.on(add(calendar, expired, days)), "supplemented", {})
    lived.due = lived.full_time(lived.last)
    courses.early(lived)
    return shown._replace(day=expired, known=expired)


def _ask(lived: Life, moment: int) -> None:
    reason = draw(lived.hours.rng, courses.SUPPLEMENT_REASONS)
    lived.add(moment, "supplement_requested", reason)


# --- The dossier goes away, or comes again ------------------------------------------------------


def re_entered(lived: Life) -> Shown | None:
    """On the due day the dossier is cancelled, to be received again under another code."""
    courses.re_entered(lived)
    return _shown(lived, "cancelled")


def sent_back_on_due_day(lived: Life) -> Shown | None:
    """On the due day the dossier is returned."""
    courses.returned_on_time(lived)
    return _shown(lived, "returned")


# --- The result -------------------------------------------------------------------------------


def recorded_after_due(lived: Life) -> Shown | None:
    """The dossier is closed in time, says an event that is recorded after the due day."""
    (courses.on_time if lived.hours.rng.random() < 0.5 else courses.early)(lived)
    day = add(lived.hours.calendar, lived.due, _some(lived, RECORDED_AFTER_DAYS))
    return _shown_late(lived, "resolved", day)


def due_moved_to_closing(lived: Life) -> Shown | None:
    """The due day is moved to a later day, and on that day the dossier is closed: by a new
    appointment in time, or by the day given when the clock runs again after a pause."""
    moment = lived.early()
    if moment // DAY < lived.due and lived.hours.rng.random() < 0.5:
        lived.due = courses.new_appointment(lived, moment)
    else:
        courses.stop_clock(lived, moment)
        calendar = lived.hours.calendar
        lived.due = max(lived.due, forward(calendar, lived.last // DAY))
        lived.due = add(calendar, lived.due, _some(lived, MOVED_DAYS))
        lived.steps[-1].data["due"] = iso(lived.due)
    courses.on_time(lived)
    return _shown(lived, "resolved")


def resolved_at_once(lived: Life) -> Shown | None:
    """The dossier is received and resolved in the same minute, although it has days."""
    received = lived.last
    left = MINUTE - 1 - received % MINUTE
    moment = received + int(lived.hours.rng.random() * left) + 1 if left else received
    _resolve(lived, moment)
    return _shown(lived, "resolved")


def burst(lived: Life) -> Shown | None:
    """The dossier is closed within the same minute as others (``companion``)."""
    courses.early(lived)
    return _shown(lived, "resolved")


def companion(moment: int) -> Pattern:
    """How the others of a burst live: closed within the minute of a moment."""
    return partial(_closed_in_minute, moment)


def _closed_in_minute(moment: int, lived: Life) -> Shown | None:
    ends = moment - moment % MINUTE + MINUTE
    first = max(ends - MINUTE, lived.last)
    _resolve(lived, first + int(lived.hours.rng.random() * (ends - first)))
    return _shown(lived, "resolved")


def last_day(lived: Life) -> Shown | None:
    """The dossier waits for the last working day of the reporting quarter."""
    calendar, received = lived.hours.calendar, lived.last // DAY
    day = nth_working_day(calendar, worked_until(calendar, _quarter_end(received)))
    if not received < day <= lived.due:
        return None
    _resolve(lived, lived.hours.on(day))
    return _shown(lived, "resolved")


def _quarter_end(day: int) -> int:
    """The last day of the reporting quarter of a day."""
    year = administrative_year(date_of(day))
    ends = (day_number(named_window(f"{year}-Q{number}").last) for number in range(1, 5))
    return next(end for end in ends if end >= day)


def _resolve(lived: Life, moment: int) -> None:
    lived.add(moment, "resolved", draw(lived.hours.rng, OUTCOMES))


# --- Notices ------------------------------------------------------------------------------------


def late_notice(lived: Life) -> Shown | None:
    """On the due day the office names a new one: too late, the old one still counts."""
    courses.apology(lived)
    shown = _shown(lived, "rescheduled")
    courses.overdue(lived)
    return shown


def second_notice(lived: Life) -> Shown | None:
    """The office names a new due day twice."""
    courses.notice(lived)
    courses.new_appointment(lived, lived.early())
    shown = _shown(lived, "rescheduled")
    courses.early(lived)
    return shown


def no_notice(lived: Life) -> Shown | None:
    """The due day passes, and the office says nothing."""
    overdue = lived.due + 1
    courses.overdue(lived)
    return Shown(1, overdue, overdue)


# --- The reception ------------------------------------------------------------------------------


def recorded_late(lived: Life) -> Shown | None:
    """The reception is recorded days after it occurred."""
    least, most = LATE_DAYS
    days = least - 1 + _some(lived, most - least + 1)
    shown = _shown_late(lived, "received", add(lived.hours.calendar, lived.last // DAY, days))
    courses.early(lived)
    return shown


def district_after_reform(lived: Life) -> Shown | None:
    """A commune says that it is a district, although there is none any more."""
    received = lived.steps[0]
    if received.moment // DAY < REFORM_DAY or lived.desk.level != "commune":
        return None
    received.data["level"] = "district"
    courses.early(lived)
    return _shown(lived, "received")


def allowance_differs(lived: Life) -> Shown | None:
    """The reception allows more days than the procedure has."""
    days = lived.desk.days + _some(lived, lived.desk.days * STRETCHED)
    lived.desk = replace(lived.desk, days=days)
    received = lived.steps[0]
    lived.due = lived.full_time(received.moment)
    received.data["allowance"] = {**received.data["allowance"], "value": days}
    if "due" in received.data:
        received.data["due"] = iso(lived.due)
    (courses.on_time if lived.hours.rng.random() < 0.5 else courses.early)(lived)
    return _shown(lived, "received")


PATTERNS: Final[Mapping[str, Pattern]] = {
    each.__name__: each
    for each in (
        paused_on_due_day,
        late_supplement_request,
        second_request,
        supplement_expired,
        re_entered,
        sent_back_on_due_day,
        recorded_after_due,
        due_moved_to_closing,
        late_notice,
        second_notice,
        no_notice,
        resolved_at_once,
        burst,
        last_day,
        recorded_late,
        district_after_reform,
        allowance_differs,
    )
}
