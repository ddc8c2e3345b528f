"""Tells the life of one made-up dossier: what happens to it, and when.

A course says what happens on the way, and how it ends. A life follows its course step by step, and
always knows the due day by the rules, so that an early result is early, and an overdue one overdue.
On 1 July 2025 the dossiers that a district has in hand go to the communes.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from hoso.domain.calendar import add, day_number, forward
from hoso.domain.provisions import FROM_118, FROM_309
from hoso.domain.rules import shift
from hoso.tools.simulation.chance import Choice, choice, draw, mostly_small
from hoso.tools.simulation.cloudevents import Step, iso
from hoso.tools.simulation.moments import DAY, HOUR, MINUTE, Hours
from hoso.tools.simulation.province import FOREVER, REFORM_DAY, Desk, heirs, period

# How many working days things last at most; most are over far sooner (``mostly_small``).
SUPPLEMENT_DAYS: Final = 60
PAUSE_DAYS: Final = 60
NEW_APPOINTMENT_DAYS: Final = 10
UNANSWERED_DAYS: Final = 20  # an office waits so long for an applicant who never answers
MISTAKE_DAYS: Final = 6  # until a mistake is noticed; mostly it is on the same day
CLOSING_DAYS: Final = 5  # until a dossier is closed whose supplement did not come
LONGEST_AGAIN_S: Final = 20 * MINUTE  # from a dossier's cancellation to its new reception
ARRIVAL_DAYS: Final = 3  # until a dossier that another office took in has arrived

DUE_STATED: Final = 0.3  # share of receptions and arrivals that state their due day
MOVING_NIGHT: Final = (REFORM_DAY * DAY + 10 * MINUTE, 5 * HOUR)  # when the reform moves dossiers

ARRIVALS_COUNT_FROM: Final = day_number(FROM_309)  # art. 8.3: the time runs from the arrival
EXPIRES_FROM: Final = day_number(FROM_118)  # art. 19.5: without a supplement it is closed ...
EXPIRY_DAYS: Final = 15  # ... after so many calendar days

# --- What events say ----------------------------------------------------------------------------

Data = dict[str, Any]


def _reasons(*weighted: tuple[float, str]) -> Choice[Data]:
    return choice((weight, {"reason": reason} if reason else {}) for weight, reason in weighted)


OUTCOMES: Final = choice([(97, {"outcome": "granted"}), (3, {"outcome": "refused"})])
SUPPLEMENT_REASONS: Final = _reasons(
    (6, "paper_missing"), (3, "form_incomplete"), (2, "copy_not_certified"), (1, "")
)
PAUSE_REASONS: Final = _reasons(
    (5, "awaiting_authority"), (4, "financial_obligation"), (1, "other")
)
RETURN_REASONS: Final = _reasons((6, "not_eligible"), (2, "not_competent"), (2, "no_answer"))
VOID_REASONS: Final = _reasons((2, "incomplete"), (1, "other"))
APOLOGIES: Final[Choice[Data]] = choice([(7, {"apology": True}), (1, {"apology": False}), (2, {})])
MISTAKES: Final = choice(  # a wrong event, and why it is annulled
    [
        (4, ("resolved", {"outcome": "refused"}, "wrong_outcome")),
        (3, ("returned", {"reason": "not_eligible"}, "wrong_dossier")),
        (2, ("cancelled", {"reason": "withdrawn"}, "wrong_dossier")),
        (1, ("paused", {"reason": "other"}, "wrong_button")),
    ]
)

# --- A life -------------------------------------------------------------------------------------


class Life:
    """A dossier's life, as it is drawn.

    ``due`` is the due day so far; ``desk`` has the dossier in hand, and ``official`` handles it.
    """

    __slots__ = ("channel", "desk", "due", "hours", "official", "steps")

    def __init__(self, hours: Hours, desk: Desk, channel: str, received: int) -> None:
        self.hours, self.desk, self.channel = hours, desk, channel
        self.official = self._an_official()
        self.due = due = hours.deadline(received, desk.days, desk.unit)
        facts = desk.facts[channel].copy()
        if hours.rng.random() < DUE_STATED:
            facts["due"] = iso(due)
        if self.official and channel != "online":
            facts["official"] = self.official
        self.steps = [Step(received, "received", facts)]

    def _an_official(self) -> str | None:
        staff = self.desk.officials
        return staff[int(self.hours.rng.random() * len(staff))] if staff else None

    @property
    def last(self) -> int:
        """The moment of the last step."""
        return self.steps[-1].moment

    def full_time(self, start: int) -> int:
        """The due day of a clock that starts at a moment."""
        return self.hours.deadline(start, self.desk.days, self.desk.unit)

    def early(self) -> int:
        """A moment before the due day, if there is room for it."""
        return self.hours.early(self.steps[-1].moment, self.due)

    def on_time(self) -> int:
        """A moment on the due day."""
        return self.hours.on_time(self.last, self.due)

    def overdue(self) -> int:
        """A moment after the due day."""
        return self.hours.overdue(self.last, self.due)

    def later(self, longest: int) -> int:
        """A moment at least one working day after the last step, and at most ``longest``."""
        return self.hours.later(self.last // DAY, longest)

    def add(self, moment: int, kind: str, data: Data) -> None:
        """The next step. If the district that has the dossier ends before it, the dossier goes to
        a commune first."""
        if moment >= self.desk.ends:
            self.go_through_reform()
        if self.official:
            data = {**data, "official": self.official}
        self.steps.append(Step(moment, kind, data))

    def go_through_reform(self) -> None:
        """The dossier goes to a commune in the night in which its district ends."""
        start, length = MOVING_NIGHT
        moment = start + int(self.hours.rng.random() * length)
        self.reassign(moment, draw(self.hours.rng, heirs(self.desk)), "reform")

    def reassign(self, moment: int, desk: Desk, reason: str) -> None:
        """From a moment on another desk has the dossier in hand."""
        self.desk = desk
        self.official = self._an_official()
        data = {"agency": desk.agency, "level": desk.level, "reason": reason}
        self.add(moment, "reassigned", data)


Act = Callable[[Life], None]

# --- What happens on the way --------------------------------------------------------------------


def elsewhere(lived: Life) -> None:
    """Another office takes the dossier in, and the competent body receives it some days later."""
    if lived.channel == "online":
        return  # it goes straight to the competent body
    received = lived.steps[0]
    office = draw(lived.hours.rng, period(received.moment // DAY).offices)
    if office == lived.desk.agency:
        return
    received.data["received_at"] = office
    soon = add(lived.hours.calendar, lived.last // DAY, ARRIVAL_DAYS)
    moment = lived.hours.early(lived.last, min(soon, lived.due))
    data: Data = {}
    if moment // DAY >= ARRIVALS_COUNT_FROM:
        lived.due = lived.full_time(moment)
        if lived.hours.rng.random() < DUE_STATED:
            data["due"] = iso(lived.due)
    lived.add(moment, "arrived", data)


def supplement(lived: Life) -> None:
    """The applicant is asked for more, and brings it."""
    lived.add(lived.early(), "supplement_requested", draw(lived.hours.rng, SUPPLEMENT_REASONS))
    bring(lived)


def bring(lived: Life) -> None:
    """The applicant brings what was asked for: the time begins again in full."""
    lived.add(lived.later(SUPPLEMENT_DAYS), "supplemented", {})
    lived.due = lived.full_time(lived.last)


def unanswered(lived: Life) -> None:
    """The applicant is asked for more, and never answers."""
    lived.add(lived.early(), "supplement_requested", draw(lived.hours.rng, SUPPLEMENT_REASONS))
    lived.due = add(lived.hours.calendar, lived.last // DAY, UNANSWERED_DAYS)


def pause(lived: Life) -> None:
    """The clock is stopped for a while, in time."""
    stop_clock(lived, lived.early())


def late_pause(lived: Life) -> None:
    """The deadline passes first, and only then is the clock stopped."""
    stop_clock(lived, lived.overdue())


def stop_clock(lived: Life, start: int) -> None:
    """The clock is stopped at a moment, and runs again some days later."""
    lived.add(start, "paused", draw(lived.hours.rng, PAUSE_REASONS))
    end = lived.later(PAUSE_DAYS)
    lived.add(end, "resumed", {})
    lived.due = shift(lived.hours.calendar, lived.due, start // DAY, end // DAY, lived.desk.unit)


def notice(lived: Life) -> None:
    """The office gives notice of a new appointment; it counts if that is before the due day."""
    moment = lived.early()
    new_due = new_appointment(lived, moment)
    if moment // DAY < lived.due:
        lived.due = new_due


def apology(lived: Life) -> None:
    """On the due day the office names a new one: too late, the old one still counts."""
    new_appointment(lived, lived.on_time())


def new_appointment(lived: Life, moment: int) -> int:
    """The office names a new due day at a moment. Returns it."""
    days = 1 + int(lived.hours.rng.random() * NEW_APPOINTMENT_DAYS)
    new_due = add(lived.hours.calendar, max(lived.due, moment // DAY), days)
    words = draw(lived.hours.rng, APOLOGIES)
    lived.add(moment, "rescheduled", {"due": iso(new_due), "reason": "delayed", **words})
    return new_due


def reassigned(lived: Life) -> None:
    """It turns out that another body is competent, if there is one with the same procedure."""
    moment = lived.early()
    if moment >= lived.desk.ends:
        lived.go_through_reform()
    desk = draw(lived.hours.rng, period(moment // DAY).of_procedure[lived.desk.procedure])
    if desk.agency != lived.desk.agency:
        lived.reassign(moment, desk, "not_competent")


def mistake(lived: Life) -> None:
    """A wrong event is noticed and annulled, mostly on the same day; then the right one follows."""
    kind, data, reason = draw(lived.hours.rng, MISTAKES)
    lived.add(lived.early(), kind, data)
    wrong = len(lived.steps)
    days = int(mostly_small(lived.hours.rng) * MISTAKE_DAYS)
    noticed = add(lived.hours.calendar, lived.last // DAY, days) * DAY + lived.last % DAY
    moment = noticed + 5 * MINUTE + int(lived.hours.rng.random() * 30 * MINUTE)
    lived.add(moment, "annulled", {"event_id": wrong, "reason": reason})


# --- How it ends --------------------------------------------------------------------------------


def _closed(draw_moment: Callable[[Life], int], kind: str, data: Choice[Data]) -> Act:
    """An ending at a moment, with an event of a kind."""

    def close(lived: Life) -> None:
        lived.add(draw_moment(lived), kind, draw(lived.hours.rng, data))

    return close


early: Final = _closed(Life.early, "resolved", OUTCOMES)
on_time: Final = _closed(Life.on_time, "resolved", OUTCOMES)
overdue: Final = _closed(Life.overdue, "resolved", OUTCOMES)
returned: Final = _closed(Life.early, "returned", RETURN_REASONS)
returned_on_time: Final = _closed(Life.on_time, "returned", RETURN_REASONS)
withdrawn: Final = _closed(Life.early, "cancelled", _reasons((1, "withdrawn")))
duplicate: Final = _closed(Life.early, "cancelled", _reasons((1, "duplicate")))
re_entered: Final = _closed(Life.on_time, "cancelled", _reasons((1, "re_entered")))
voided: Final = _closed(Life.early, "cancelled", VOID_REASONS)


def expired(lived: Life) -> None:
    """The office closes a dossier whose supplement has not come; since NĐ 118, as expired."""
    waited = forward(lived.hours.calendar, lived.last // DAY + EXPIRY_DAYS + 1)
    day = add(lived.hours.calendar, waited, int(mostly_small(lived.hours.rng) * CLOSING_DAYS))
    reason = "expired" if day >= EXPIRES_FROM else "incomplete"
    lived.add(lived.hours.on(day), "cancelled", {"reason": reason})


def never(lived: Life) -> None:
    """The dossier stays open."""
    if lived.desk.ends < FOREVER:
        lived.go_through_reform()


# --- Courses ------------------------------------------------------------------------------------


class Course(NamedTuple):
    """What happens to a dossier on the way, in this order, and how it ends."""

    incidents: tuple[Act, ...]
    ending: Act


# Of 10,000 dossiers that are not settled on the spot; those are closed on the same day.
COURSES: Final = choice(
    [
        (7_410, Course((), early)),
        (660, Course((), on_time)),
        (50, Course((), overdue)),
        (170, Course((), returned)),
        (110, Course((), withdrawn)),
        (30, Course((), voided)),
        (30, Course((), duplicate)),
        (40, Course((), re_entered)),
        (30, Course((), never)),
        (110, Course((apology,), overdue)),
        (50, Course((notice,), early)),
        (40, Course((notice,), on_time)),
        (10, Course((notice, apology), overdue)),
        (410, Course((supplement,), early)),
        (30, Course((supplement,), on_time)),
        (10, Course((supplement,), overdue)),
        (40, Course((supplement,), returned)),
        (20, Course((unanswered,), returned)),
        (40, Course((unanswered,), expired)),
        (20, Course((unanswered,), never)),
        (40, Course((supplement, supplement), early)),  # the second one makes it overdue
        (30, Course((pause, supplement), early)),
        (230, Course((pause,), early)),
        (30, Course((pause,), on_time)),
        (10, Course((late_pause,), overdue)),
        (130, Course((elsewhere,), early)),
        (20, Course((elsewhere,), on_time)),
        (10, Course((elsewhere,), overdue)),
        (10, Course((elsewhere, supplement), early)),
        (80, Course((reassigned,), early)),
        (20, Course((reassigned,), on_time)),
        (80, Course((mistake,), early)),
    ]
)
ON_THE_SPOT: Final = Course((), on_time)


def life(hours: Hours, desk: Desk, channel: str, received: int, course: Course) -> Life:
    """The life of one dossier that is received at a moment and takes a course."""
    lived = Life(hours, desk, channel, received)
    for incident in course.incidents:
        incident(lived)
    course.ending(lived)
    return lived
