"""Lives close to a pattern of the integrity checks: some show it, some only just do not.

For each check a strategy draws a life and says whether the check must find it. It is built so that
the answer is known from the contract's words: on the due day or two working days before it, with
one working day more, over a holiday, on each side of a change of the law. Then things happen to it
that happen to any life: an event comes twice, is annulled, or comes when the dossier is closed.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.engine import LOCAL, is_working
from tests.model import ND309, Calendar, KnownLaw, Law, Life, Recorded
from tests.patterns import EXPIRY_DAYS, LAST_DISTRICT_DAY, NOTICE_DAYS

Event = dict[str, Any]

ONE_DAY = timedelta(days=1)
CALENDAR = Calendar(is_working)
LAST = date(2026, 11, 27)  # of the window that is asked for, a Friday
FIRST = date(2022, 1, 1)
SOURCE = "/mot-cua/so"
PROCEDURES = {"1.004227": ("working_days", 5), "2.000889": ("calendar_days", 10)}  # the catalogue
STARTS = (
    *(date(2023, 1, 13) + timedelta(days=n) for n in range(0, 14, 2)),  # Tết 2023
    *(date(2024, 4, 24) + timedelta(days=n) for n in range(9)),  # a make-up Saturday
    *(date(2025, 6, 16) + timedelta(days=n) for n in range(17)),  # NĐ 118/2025
    *(date(2025, 12, 19) + timedelta(days=n) for n in range(0, 24, 3)),
    *(date(2026, 7, 20) + timedelta(days=n) for n in range(18)),  # NĐ 309/2026
)
ALLOWANCES = (
    *(("working_days", value) for value in (5, 1, 2, 3, 10, 30)),
    *(("calendar_days", value) for value in (10, 1, 3, 30)),
)


class Case(NamedTuple):
    """The events of one dossier, whether the check must find it, and the number of the event that
    shows the pattern, if one does; ``annulled`` are those that are taken back."""

    events: list[Event]
    is_found: bool
    shows: int | None = None
    annulled: tuple[int, ...] = ()


@dataclass
class Tale:
    """A life that is being told, and how it stands by the contract."""

    draw: DrawFn
    events: list[Event] = field(default_factory=list)
    life: Life = field(default_factory=lambda: Life(KnownLaw(Law()), CALENDAR, LOCAL))

    def pick(self, *choices: Any) -> Any:
        """One of the choices."""
        return self.draw(st.sampled_from(choices))

    def tell(
        self,
        kind: str,
        day: date,
        clock: str | None = None,
        recorded: datetime | None = None,
        **data: Any,
    ) -> int:
        """Add an event; without a time of day, later than all others of its day. Returns its
        number."""
        number = len(self.events)
        at = time(8, number) if clock is None else time.fromisoformat(clock)
        moment = datetime.combine(day, at, LOCAL)
        event: Event = {
            "specversion": "1.0",
            "source": SOURCE,
            "type": f"dossier.{kind}.v1",
            "time": (moment.astimezone(UTC) if self.pick(False, True) else moment).isoformat(),
            "data": {name: value for name, value in data.items() if value is not None},
        }
        if recorded is not None:
            event["recordedtime"] = recorded.isoformat()
        self.events.append(event)
        self.life.apply(Recorded(event | {"id": "", "subject": ""}, recorded or moment, 0))
        return number

    def receive(
        self,
        day: date | None = None,
        allowance: tuple[str, int] | None = None,
        clock: str | None = None,
        **data: Any,
    ) -> int:
        """The reception, on a drawn day and with a drawn allowance if none is given."""
        unit, value = allowance or self.pick(*ALLOWANCES)
        facts = {
            "agency": self.pick("so_tnmt", "so_xd"),
            "field": "dat_dai",
            "procedure": "1.001193",
            "channel": self.pick("online", "in_person", "post"),
            "allowance": {"unit": unit, "value": value},
        }
        return self.tell("received", day or self.pick(*STARTS), clock, **(facts | data))

    def resolve(self, day: date, **more: Any) -> int:
        """The result."""
        return self.tell("resolved", day, outcome=self.pick("granted", "refused"), **more)

    @property
    def due(self) -> date:
        """The due day so far."""
        return self.life.due

    @property
    def day(self) -> date:
        """The day of the last event."""
        moment = datetime.fromisoformat(self.events[-1]["time"])
        return moment.astimezone(LOCAL).date()

    def case(self, is_found: bool, shows: int | None = None) -> Case:
        """The life as it has been told."""
        return Case(self.events, is_found, shows)


def earlier(day: date, count: int) -> date:
    """The count-th working day before a day."""
    while count:
        day -= ONE_DAY
        count -= is_working(day)
    return day


def near(tale: Tale, day: date, *days: int) -> int:
    """One of some distances from a day, in days, that is not before the last event."""
    chosen: int = tale.pick(*(n for n in days if day + n * ONE_DAY >= tale.day))
    return chosen


def detour(tale: Tale, *ways: str) -> None:
    """What may have happened before, and leaves the dossier in progress with another due day."""
    match tale.pick("", "", *(ways or ("pause", "supplement", "reassigned"))):
        case "pause":
            tale.tell("paused", tale.day, reason="other")
            tale.tell("resumed", tale.day + timedelta(days=tale.pick(1, 3, 9)))
        case "supplement":
            tale.tell("supplement_requested", tale.day)
            tale.tell("supplemented", tale.day + timedelta(days=tale.pick(0, 2, 7)))
        case "reassigned":
            tale.tell("reassigned", tale.day, agency="so_tp")


# --- The checks ---------------------------------------------------------------------------------


@st.composite
def paused_on_due_day(draw: DrawFn) -> Case:
    tale = Tale(draw)
    tale.receive()
    detour(tale, "supplement", "reassigned")
    due = tale.due
    days = {0: due, 1: earlier(due, 1), 2: earlier(due, 2), 4: earlier(due, 4), -1: due + ONE_DAY}
    day_off = due - ONE_DAY
    if not is_working(day_off):
        days[1] = tale.pick(days[1], day_off)
    distance = draw(st.sampled_from([n for n, day in days.items() if day >= tale.day]))
    shows = tale.tell("paused", days[distance], reason="financial_obligation")
    if tale.pick(True, False):
        tale.tell("resumed", tale.day + timedelta(days=5))
    return tale.case(distance in (0, 1), shows)


@st.composite
def late_supplement_request(draw: DrawFn) -> Case:
    tale = Tale(draw)
    elsewhere = tale.pick(None, None, "so_tp")
    allowance = tale.pick(("working_days", 15), ("working_days", 1))
    tale.receive(allowance=allowance, received_at=elsewhere)
    begun = tale.day
    if elsewhere:
        tale.tell("arrived", tale.day + tale.pick(1, 2, 6) * ONE_DAY)
        begun = tale.day if tale.day >= ND309.first else begun
    last = CALENDAR.add(begun, NOTICE_DAYS)
    behind = (last + ONE_DAY, CALENDAR.add(last, 1), CALENDAR.add(tale.day, 4))  # days off, too
    day = tale.pick(*(day for day in (last, tale.day, *behind) if day >= tale.day))
    if tale.pick(False, True):
        tale.tell("paused", tale.day, reason="other")
    shows = tale.tell("supplement_requested", day, reason=tale.pick("unclear", None))
    return tale.case(day > last, shows)


@st.composite
def second_request(draw: DrawFn) -> Case:
    tale = Tale(draw)
    tale.receive()
    # A dossier that does not await a supplement is asked once; a request before the reception is in
    # suspense, and is none.
    shows = tale.tell("supplement_requested", tale.day)
    how = tale.pick("once", "brought between", "awaiting", "paused", "before", "facts")
    gap = timedelta(days=tale.pick(0, 1, 10, 40))
    if how == "brought between":
        tale.tell("supplemented", tale.day + gap)
        shows = tale.tell("supplement_requested", tale.day + gap)
    elif how == "awaiting":
        shows = tale.tell("supplement_requested", tale.day + gap)
    elif how == "paused":
        tale.tell("supplemented", tale.day + gap)
        tale.tell("paused", tale.day, reason="other")
        shows = tale.tell("supplement_requested", tale.day + gap)
    elif how == "before":
        early = datetime.fromisoformat(tale.events[0]["time"]).astimezone(LOCAL).date() - ONE_DAY
        tale.tell("supplement_requested", early)
    elif how == "facts":
        tale.tell("contacted", tale.day + gap, reason="paper_missing", applicant_fault=False)
    return tale.case(how in ("brought between", "awaiting", "paused"), shows)


@st.composite
def supplement_expired(draw: DrawFn) -> Case:
    tale = Tale(draw)
    change = date(2025, 7, 1)
    asked = tale.pick(change - ONE_DAY, change, date(2025, 12, 12), date(2026, 8, 4), LAST)
    expires = asked + timedelta(days=EXPIRY_DAYS)
    close_by = CALENDAR.add(expires, 1)
    end = tale.pick("brought", "closed", "open", "asked again")
    if asked == LAST or end == "open":
        end = "open"
        # The last request whose dossier should have been closed by the last day, or the next one.
        asked = LAST
        while CALENDAR.add(asked + timedelta(days=EXPIRY_DAYS), 1) > LAST:
            asked -= ONE_DAY
        asked += timedelta(days=tale.pick(0, 1, -9))
        close_by = CALENDAR.add(asked + timedelta(days=EXPIRY_DAYS), 1)
    tale.receive(asked - timedelta(days=tale.pick(0, 1, 4)), ("working_days", 10))
    shows = tale.tell("supplement_requested", asked)
    is_found = asked >= change
    if end == "open":
        is_found = close_by <= LAST
    elif end == "closed":
        late = close_by + tale.pick(1, 9) * ONE_DAY
        day = tale.pick(expires, expires + ONE_DAY, close_by, late)
        if tale.pick(False, True) and day > expires:  # it changes nothing
            tale.tell("reassigned", expires + ONE_DAY, agency="so_tp")
        if tale.pick(True, False):
            tale.tell("cancelled", day, reason="expired")
        else:
            tale.tell("returned", day, reason="no_answer")
        is_found &= day > close_by
    else:
        day = tale.pick(expires - ONE_DAY, expires, expires + ONE_DAY, close_by + 3 * ONE_DAY)
        tale.tell("supplemented" if end == "brought" else "supplement_requested", day)
        is_found &= day > expires
        if end == "asked again":
            tale.tell("supplemented", day)
    return tale.case(is_found, shows)


@st.composite
def re_entered(draw: DrawFn) -> Case:
    tale = Tale(draw)
    tale.receive()
    detour(tale)
    again = ("re_entered", "duplicate")
    reason = tale.pick(*again, *again, "withdrawn", "incomplete", "expired", "other")
    is_found = reason in again
    replaced_by = tale.pick("000.00.00.H52-230315-0001", None) if is_found else None
    day = tale.day + timedelta(days=tale.pick(0, 1, 30))
    if tale.pick(False, False, True):  # a reason of another event is another one
        tale.tell("returned", day, reason="duplicate")
        return tale.case(False)
    shows = tale.tell("cancelled", day, reason=reason, replaced_by=replaced_by)
    return tale.case(is_found, shows)


@st.composite
def sent_back_on_due_day(draw: DrawFn) -> Case:
    tale = Tale(draw)
    tale.receive()
    detour(tale)
    if tale.pick(False, False, True) and tale.due >= tale.day:  # the clock stands still meanwhile
        tale.tell("paused", tale.due, reason="other")
        day = CALENDAR.forward(tale.due + timedelta(days=tale.pick(1, 4)))
        distance = 0
    else:
        distance = near(tale, tale.due, 0, -1, 1, -3)
        day = tale.due + distance * ONE_DAY
    kind, data = tale.pick(
        ("returned", {"reason": "not_eligible"}),
        ("cancelled", {"reason": "withdrawn"}),
        ("cancelled", {"reason": "incomplete"}),
        ("resolved", {"outcome": "refused"}),
    )
    shows = tale.tell(kind, day, **data)
    return tale.case(distance == 0 and kind != "resolved", shows)


@st.composite
def recorded_after_due(draw: DrawFn) -> Case:
    tale = Tale(draw)
    tale.receive()
    detour(tale)
    due = tale.due
    day = due + near(tale, due, 0, -1, 1) * ONE_DAY
    recorded = tale.pick(
        datetime.combine(due, time(23, 59, 59), LOCAL),
        datetime.combine(due + ONE_DAY, time(), LOCAL),
        datetime.combine(due, time(17), UTC),  # midnight in Hà Nội
        datetime.combine(due + 9 * ONE_DAY, time(9), LOCAL),
    )
    kind, data = tale.pick(
        ("returned", {"reason": "not_eligible"}),
        ("cancelled", {"reason": "withdrawn"}),
        ("resolved", {"outcome": "granted"}),
    )
    shows = tale.tell(kind, day, recorded=recorded, **data)
    is_late = recorded.astimezone(LOCAL).date() > due
    return tale.case(is_late and day <= due and kind != "cancelled", shows)


@st.composite
def due_moved_to_closing(draw: DrawFn) -> Case:
    tale = Tale(draw)
    tale.receive(allowance=tale.pick(("working_days", 3), ("calendar_days", 5)))
    moving = ("notice", "supplemented", "resumed")
    how = tale.pick(*moving, *moving, "late notice", "second notice", "no day", "lapsed")
    is_moved = how in moving
    new, given = timedelta(days=tale.pick(1, 6, 20)), tale.due
    if how in ("notice", "late notice", "second notice"):
        day = tale.due if how == "late notice" else tale.day
        given = tale.due + new
        shows = tale.tell("rescheduled", day, due=str(given))
        if how == "second notice":
            given = tale.due + new
            shows = tale.tell("rescheduled", day, due=str(given))
    else:
        go = how if how in moving else tale.pick("resumed", "supplemented")
        stop = {"resumed": "paused"}.get(go, "supplement_requested")
        tale.tell(stop, tale.due + ONE_DAY if how == "lapsed" else tale.day, reason="other")
        day = tale.day + timedelta(days=tale.pick(0, 2))
        without = Tale(draw, list(tale.events), Life(**vars(tale.life)))
        without.tell(go, day)
        given = without.due + tale.pick(new, new, timedelta())
        is_moved &= given > without.due
        shows = tale.tell(go, day, due=None if how == "no day" else str(given))
    # What comes too late, or again, moves nothing: on the day that it names it is overdue.
    appointed = tale.pick(given, tale.due) if how == "late notice" else tale.due
    appointed = given if how == "second notice" else appointed
    days = (0,) if how == "second notice" else (0, 0, 0, -1, 1)
    closed = appointed + near(tale, appointed, *days) * ONE_DAY
    is_found = is_moved and closed == tale.due
    kind, data = tale.pick(
        ("resolved", {"outcome": "granted"}),
        ("resolved", {"outcome": "refused"}),
        ("returned", {"reason": "not_eligible"}),
        ("cancelled", {"reason": "withdrawn"}),
    )
    tale.tell(kind, closed, **data)
    return tale.case(is_found and kind != "cancelled", shows)


@st.composite
def late_notice(draw: DrawFn) -> Case:
    tale = Tale(draw)
    tale.receive()
    detour(tale)
    distance = near(tale, tale.due, -1, 0, 1, -4, 9)
    day = tale.due + distance * ONE_DAY
    due = tale.pick(tale.due + 12 * ONE_DAY, day)  # it may name an earlier day, too
    shows = tale.tell("rescheduled", day, due=str(due), apology=tale.pick(True, None))
    return tale.case(distance >= 0, shows)


@st.composite
def second_notice(draw: DrawFn) -> Case:
    tale = Tale(draw)
    tale.receive()
    detour(tale)
    due = str(tale.due + 12 * ONE_DAY)
    how = tale.pick("once", "twice", "late, then again", "in suspense, then once")
    if how == "in suspense, then once":
        early = datetime.fromisoformat(tale.events[0]["time"]).astimezone(LOCAL).date() - ONE_DAY
        tale.tell("rescheduled", early, due=due)
    first = tale.due + 3 * ONE_DAY if how == "late, then again" else tale.day
    shows = tale.tell("rescheduled", max(first, tale.day), due=due)
    is_found = how in ("twice", "late, then again")
    if is_found:
        shows = tale.tell("rescheduled", tale.day + timedelta(days=tale.pick(0, 1)), due=due)
    return tale.case(is_found, shows)


@st.composite
def no_notice(draw: DrawFn) -> Case:
    tale = Tale(draw)
    if tale.pick(False, True):  # still open on the last day
        due = LAST - timedelta(days=tale.pick(0, 1, 5))
        tale.receive(due - timedelta(days=9), due=str(due))
        return tale.case(due < LAST)
    tale.receive()
    detour(tale)
    day_off = tale.due + ONE_DAY
    if tale.pick(False, False, True) and tale.due >= tale.day and not is_working(day_off):
        # The clock stands still since the due day; on a day off it has not moved yet.
        tale.tell("paused", tale.due, reason="other")
        tale.resolve(day_off)
        return tale.case(tale.life.unit == "working_days")
    if tale.pick(False, False, False, True):  # the day given with the supplement has passed
        tale.tell("supplement_requested", tale.day)
        day = tale.day + 5 * ONE_DAY
        is_late = tale.pick(True, False)
        tale.tell("supplemented", day, due=str(day - 3 * is_late * ONE_DAY))
        tale.resolve(day)
        return tale.case(is_late)
    notice = tale.pick("none", "none", "before", "after", "annulled")
    if notice in ("before", "annulled"):
        tale.tell("rescheduled", tale.day, due=str(tale.due))
    annulled = (len(tale.events) - 1,) if notice == "annulled" else ()
    is_late = tale.pick(True, False) or notice == "after"
    day = max(tale.due + is_late * ONE_DAY, tale.day)
    is_late = day > tale.due
    if notice == "after":
        tale.tell("rescheduled", day, due=str(day + 3 * ONE_DAY))
    tale.resolve(day)
    is_found = is_late and notice in ("none", "annulled")
    return tale.case(is_found)._replace(annulled=annulled)


@st.composite
def resolved_at_once(draw: DrawFn) -> Case:
    tale = Tale(draw)
    allowance = tale.pick(*ALLOWANCES, ("working_days", 0), ("calendar_days", 0))
    received, resolved, is_found = tale.pick(
        ("08:15:00", "08:15:59", True),
        ("08:15:00", "08:15:00", True),
        ("08:15:59", "08:16:00", False),
        ("08:15:20", "08:16:10", False),
        ("08:15:00", "08:14:59", False),  # the clocks of two systems
        ("08:15:00", "07:00:00", False),
        ("00:00:00", "00:00:00", False),  # at no known hour
        ("00:00:00", "00:00:30", False),
        ("00:01:00", "00:01:30", True),
        ("23:59:00", "23:59:59", True),
    )
    tale.receive(allowance=allowance, clock=received)
    if tale.pick(True, True, False):
        shows = tale.resolve(tale.day, clock=resolved)
        return tale.case(is_found and allowance[1] > 0, shows)
    tale.tell("returned", tale.day, resolved, reason="not_eligible")
    return tale.case(False)


@st.composite
def recorded_late(draw: DrawFn) -> Case:
    tale = Tale(draw)
    received = tale.pick(*STARTS)
    days = {0: received, 1: CALENDAR.add(received, 1), 2: CALENDAR.add(received, 2)}
    late = tale.pick(0, 1, 2)
    recorded = datetime.combine(days[late], time(23, 59, 59), LOCAL)
    shows = tale.receive(received, recorded=recorded)
    return tale.case(late > 1, shows)


@st.composite
def district_after_reform(draw: DrawFn) -> Case:
    tale = Tale(draw)
    after = tale.pick(0, 1, 1, -30, 200)
    level = tale.pick("district", "district", "district", "commune", "province", None)
    clock = tale.pick("23:59:59", "00:00:00", "06:30:00")
    shows = tale.receive(LAST_DISTRICT_DAY + after * ONE_DAY, clock=clock, level=level)
    return tale.case(level == "district" and after > 0, shows)


@st.composite
def allowance_differs(draw: DrawFn) -> Case:
    tale = Tale(draw)
    procedure = tale.pick(*PROCEDURES, "9.999999")
    unit, value = PROCEDURES.get(procedure, ("working_days", 5))
    given = tale.pick(
        (unit, value),
        (unit, value + 1),
        (unit, value - 1),
        ({"working_days": "calendar_days"}.get(unit, "working_days"), value),
    )
    day = tale.pick(*STARTS)
    if tale.pick(False, False, True):  # only the day by which it is due
        due = CALENDAR.fresh(day, *given)
        differs = due != CALENDAR.fresh(day, unit, value)
        shows = tale.receive(day, procedure=procedure, allowance=given, due=str(due))
        del tale.events[-1]["data"]["allowance"]
    else:
        differs = given != (unit, value)
        shows = tale.receive(day, given, procedure=procedure)
    return tale.case(differs and procedure in PROCEDURES, shows)


CASES: dict[str, Callable[[], SearchStrategy[Case]]] = {
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
        recorded_late,
        district_after_reform,
        allowance_differs,
    )
}


# --- What happens to any life -------------------------------------------------------------------


@st.composite
def batches(draw: DrawFn, check: str) -> tuple[list[Event], set[str]]:
    """The events of some dossiers close to a check's pattern, and the codes of those that it must
    find."""
    events: list[Event] = []
    must: set[str] = set()
    for number in range(draw(st.integers(1, 30))):
        case, code = draw(CASES[check]()), f"000.00.00.H52-{number:04}"
        befallen = _befallen(draw, check, case)
        events += [
            event | {"id": f"{code}.{event.get('id', place)}", "subject": code}
            for place, event in enumerate(befallen.events)
        ]
        begin = len(events) - len(befallen.events)
        events += [_annulment(events[begin + place]) for place in befallen.annulled]
        if befallen.is_found:
            must.add(code)
    return events, must


def _befallen(draw: DrawFn, check: str, case: Case) -> Case:
    """The case after something that may happen to any life."""
    events, is_found, shows, _ = case
    if draw(st.sampled_from((False, False, True))):
        return case._replace(events=[*events, _again(draw, events)])
    if not is_found or shows is None or draw(st.booleans()):
        return case
    if shows == 0 or check == "resolved_at_once" or draw(st.booleans()):
        return case._replace(is_found=False, annulled=(*case.annulled, shows))
    return case._replace(events=[*events, _end(events[shows - 1])], is_found=False)


def _again(draw: DrawFn, events: list[Event]) -> Event:
    """An event once more, recorded later: it counts as it was recorded first."""
    place = draw(st.integers(0, len(events) - 1))
    recorded = f"{LAST + 30 * ONE_DAY}T08:00:00+07:00"
    return events[place] | {"recordedtime": recorded, "id": place}


def _end(event: Event) -> Event:
    """The end of a life right after an event: what shows the pattern is in suspense."""
    moment = (datetime.fromisoformat(event["time"]) + timedelta(seconds=30)).isoformat()
    end = {"time": moment, "recordedtime": moment, "data": {"outcome": "refused"}, "id": "end"}
    return event | {"type": "dossier.resolved.v1"} | end


def _annulment(event: Event) -> Event:
    """An event that takes another one back, an hour after it was recorded."""
    recorded = datetime.fromisoformat(event.get("recordedtime") or event["time"])
    return event | {
        "id": f"{event['id']}.a",
        "type": "dossier.annulled.v1",
        "recordedtime": (recorded + timedelta(hours=1)).isoformat(),
        "data": {"event_id": event["id"], "reason": "wrong_button"},
    }
