"""The reference model: the account and the slice of each dossier on each day, by the contract.

The model is slow and obvious. It keeps no ledger and no running totals: it replays every dossier
from its beginning up to the day asked for, and counts working days by walking the calendar one day
at a time. Sections are those of the contract.

Each function takes either ``rules`` or ``law``. With ``rules`` (the default) one set of parameters
holds for the whole history, and the facts of a reception never change: edition 1 of the contract.
With ``law`` there are provisions of the event's own day, and transfers. Order within a day and
windows that are not over are those of edition 2 with either. Where the contract leaves something
open, a comment that begins with ``Reading:`` says how the model reads it.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

IsWorking = Callable[[date], bool]

ONE_DAY = timedelta(days=1)
OPEN_PHASES = ("in_progress", "paused", "awaiting_supplement")
CLOSING_KINDS = ("returned", "resolved", "cancelled")
FACTS = (
    *("digitised", "paid", "rated", "synced", "reused", "contacted", "complained"),
    *("transferred", "step_done"),
)
MEASURED_BY = ("agency", "field", "procedure", "channel", "level", "online_service")
DIMENSIONS = (*MEASURED_BY, "received_at")
ACCOUNTS: dict[str, tuple[str, ...]] = {
    "resolved": ("early", "on_time", "overdue"),
    "returned": ("early", "on_time", "overdue"),
    "cancelled": ("withdrawn", "voided"),
    "in_progress": ("in_time", "overdue"),
    "awaiting_supplement": ("in_time", "overdue"),
    "paused": ("in_time", "overdue"),
}


class Recorded(NamedTuple):
    """One event as the log holds it."""

    event: dict[str, Any]
    recorded: datetime
    position: int


class Terms(NamedTuple):
    """The parameters of the fold as they stand on one day."""

    after_supplement: str
    supplement_limit: int
    reschedule: str
    reschedule_notice: int | None  # days; None: no notice is asked for
    arrival_starts_clock: bool


@dataclass(frozen=True)
class Rules:
    """The parameters of the fold in edition 1: the same on every day."""

    supplement_limit: int = 1
    after_supplement: str = "restart"
    reschedule: str = "keep_original"

    def on(self, day: date) -> Terms:
        """The parameters on a day."""
        return Terms(self.after_supplement, self.supplement_limit, self.reschedule, None, False)


DEFAULT_RULES = Rules()


def as_recorded(events: Sequence[dict[str, Any]]) -> list[Recorded]:
    """Section 8: a file's events are recorded at `recordedtime`, else at `time`, in line order."""
    return [
        Recorded(event, _instant(event.get("recordedtime", event["time"])), position)
        for position, event in enumerate(events)
    ]


# --- Section 1: instants and local days --------------------------------------------------------


@cache
def _instant(text: str) -> datetime:
    """An RFC 3339 instant."""
    return datetime.fromisoformat(text.upper())


@cache
def _local_day(text: str, zone: tzinfo) -> date:
    """The local day of an instant, or a date as it stands."""
    if len(text) == len("2022-12-15"):
        return date.fromisoformat(text)
    return _instant(text).astimezone(zone).date()


def _day(item: Recorded, zone: tzinfo) -> date:
    """The local day on which an event occurred."""
    return _local_day(item.event["time"], zone)


def _kind(item: Recorded) -> str:
    """`dossier.received.v1` is a `received`."""
    kind: str = item.event["type"].removeprefix("dossier.").removesuffix(".v1")
    return kind


def _data(item: Recorded) -> dict[str, Any]:
    """The data of an event; it may be left out where every field is optional."""
    return item.event.get("data") or {}


# --- Section 3: one spelling of a text ---------------------------------------------------------

BLANKS = re.compile("[\\s\u00a0\u200b\u200c\u200d\u2060\ufeff]+")


def _text(text: str) -> str:
    """NFC, trimmed, and every run of blanks made one."""
    # Reading: zero-width characters are blanks like any other. Between two letters they become one
    # space; U+200B, U+200C, U+200D, U+2060 and U+FEFF are the ones meant.
    return BLANKS.sub(" ", unicodedata.normalize("NFC", text)).strip()


def _spelled(item: Recorded) -> Recorded:
    """The event with every text that is compared in its one spelling."""
    event = item.event
    texts = {name: _text(event[name]) for name in ("id", "source", "subject")}
    data = {k: _text(v) if isinstance(v, str) else v for k, v in _data(item).items()}
    return item._replace(event=event | texts | {"data": data})


# --- The law in time ------------------------------------------------------------------------------


class Provision(NamedTuple):
    """A parameter's value, the days it is in force, and the day on which it was published."""

    parameter: str
    value: Any
    first: date
    last: date | None
    published: date


class Days(NamedTuple):
    """The first and the last day of an act, and the day on which it was published."""

    first: date
    last: date | None
    published: date


ND61 = Days(date(2018, 6, 21), date(2025, 6, 30), date(2018, 4, 23))
ND118 = Days(date(2025, 7, 1), date(2026, 8, 4), date(2025, 6, 9))
ND309 = Days(date(2026, 8, 5), None, date(2026, 8, 5))
ACTS = (ND61, ND118, ND309)
VALUES: dict[str, tuple[Any, Any, Any]] = {
    # arts 19.4 and 19.5
    "after_supplement": ("restart", "restart", "restart"),
    # NĐ 61 art. 11.2c and Decision 766; NĐ 118 arts 11.2c, 16.3 and 19.5; NĐ 309 art. 8.1
    "supplement_limit": (1, 1, 1),
    # arts 19.9 and 19.6
    "reschedule": ("accept_once", "accept_once", "accept_once"),
    "reschedule_notice": (1, 1, 1),
    # NĐ 309 art. 8.3
    "arrival_starts_clock": (False, False, True),
}
PROVISIONS = tuple(
    Provision(parameter, value, *days)
    for parameter, values in VALUES.items()
    for value, days in zip(values, ACTS, strict=True)
)

# For how many days a supplement may be awaited after the request: NĐ 118 art. 19.5.
EXPIRIES = (
    Provision("supplement_expiry_days", None, *ND61),
    Provision("supplement_expiry_days", 15, *ND118._replace(last=None)),
)

# A regime that pins the law of one decree: the law as it stood on a day of that decree.
PINNED_TO = {"nd61-2018": ND61.first, "nd118-2025": ND118.first, "nd309-2026": ND309.first}
REGIMES = ("in_force", *PINNED_TO, "portal-2026")


class Moved(NamedTuple):
    """A day that a decision swapped with another, and the day on which this was published."""

    day: date
    worked: bool
    published: date


MOVED = (
    Moved(date(2024, 4, 29), False, date(2024, 4, 12)),  # 2450/VPCP-KGVX
    Moved(date(2024, 5, 4), True, date(2024, 4, 12)),
    Moved(date(2025, 4, 26), True, date(2024, 11, 26)),  # 8726/VPCP-KGVX
    Moved(date(2025, 5, 2), False, date(2024, 11, 26)),
    Moved(date(2026, 1, 2), False, date(2025, 12, 25)),  # 12729/VPCP-KGVX
    Moved(date(2026, 1, 10), True, date(2025, 12, 25)),
    Moved(date(2026, 8, 22), True, date(2025, 10, 13)),  # 9859/VPCP-KGVX
    Moved(date(2026, 8, 31), False, date(2025, 10, 13)),
)


@dataclass(frozen=True)
class Law:
    """By which law to judge: a regime by name, pinned parameters, a table of provisions."""

    regime: str = "in_force"
    pinned: Mapping[str, Any] = field(default_factory=dict)
    provisions: tuple[Provision, ...] = PROVISIONS


@dataclass(frozen=True)
class KnownLaw:
    """A law as it was known on a day; all of it where no day is given."""

    law: Law
    known: date | None = None

    def on(self, day: date) -> Terms:
        """The parameters by which an event of this day is judged."""
        pinned = dict(self.law.pinned)
        # Reading: portal-2026 is the law in force with nothing pinned but `extend`.
        if self.law.regime == "portal-2026":
            pinned = {"after_supplement": "extend"} | pinned
        return Terms(**{name: self._value(name, day) for name in Terms._fields} | pinned)

    def expiry_days(self, day: date) -> int | None:
        """For how many days a supplement may be awaited that is asked for on this day."""
        days: int | None = self._value("supplement_expiry_days", day)
        return days

    def _value(self, parameter: str, day: date) -> Any:
        rows = [row for row in (*self.law.provisions, *EXPIRIES) if row.parameter == parameter]
        # Reading: a regime pinned by name holds on every day, whatever was known.
        if self.law.regime in PINNED_TO:
            return _in_force(rows, PINNED_TO[self.law.regime]).value
        # Reading: the oldest provision of a parameter is always known, so that `--law-as-of` before
        # its publication finds a law.
        oldest = min(rows, key=_first_day)
        known = [row for row in rows if self.known is None or row.published <= self.known]
        return _in_force(known or [oldest], day).value


def _in_force(rows: Sequence[Provision], day: date) -> Provision:
    """The provision that began last, of those that had begun by a day."""
    # Reading: a provision whose last day is past goes on until another that is known begins: its
    # last day became known with the act that replaced it.
    # Reading: an event from before all provisions is judged by the oldest.
    begun = [row for row in rows if row.first <= day]
    return max(begun, key=_first_day) if begun else min(rows, key=_first_day)


def _first_day(row: Provision) -> date:
    return row.first


def working_as_known(
    is_working: IsWorking, known: date | None, moved: Sequence[Moved] = MOVED
) -> IsWorking:
    """The working days as they were known on a day (section 4)."""
    unknown = {row.day for row in moved if known is not None and row.published > known}
    # Reading: without the decision a day that it moved is what its weekday says. Public holidays
    # that the Labour Code itself gives are no days moved by a decision.
    return lambda day: day.weekday() < 5 if day in unknown else is_working(day)


# --- Section 4: working days -------------------------------------------------------------------


@dataclass(frozen=True)
class Calendar:
    """Working-day arithmetic, one day after another."""

    is_working: IsWorking

    def forward(self, day: date) -> date:
        """The day itself if it is a working day, else the next one."""
        while not self.is_working(day):
            day += ONE_DAY
        return day

    def add(self, day: date, count: int) -> date:
        """The count-th working day after the day; the day itself for 0."""
        while count > 0:
            day += ONE_DAY
            count -= self.is_working(day)
        return day

    def between(self, after: date, until: date) -> int:
        """The number of working days in (after, until]."""
        count = 0
        while after < until:
            after += ONE_DAY
            count += self.is_working(after)
        return count

    def fresh(self, start: date, unit: str, value: int) -> date:
        """The deadline of a fresh clock that starts on a day."""
        if unit == "working_days":
            return self.add(self.forward(start), value)
        return self.forward(start + timedelta(days=value))

    def shift(self, due: date, stop: date, go: date, unit: str) -> date:
        """The deadline moved by the time the clock stood still."""
        if unit == "working_days":
            return self.add(due, self.between(stop, go))
        days_still = (go - stop).days
        return due if days_still == 0 else self.forward(due + timedelta(days=days_still))


# --- Section 5: what there is to fold ----------------------------------------------------------


def _identity(item: Recorded) -> tuple[str, str]:
    """What makes two events the same event."""
    return item.event["source"], item.event["id"]


def _heard(events: Iterable[Recorded], as_of: datetime | None) -> list[Recorded]:
    """What was recorded by the as-of instant, in the order recorded, without repeats."""
    known = [item for item in events if as_of is None or item.recorded <= as_of]
    known.sort(key=lambda item: (item.recorded, item.position))
    first: dict[tuple[str, str], Recorded] = {}
    for item in known:
        first.setdefault(_identity(item), item)
    return list(first.values())


def _target(heard: Sequence[Recorded], index: int) -> int | None:
    """Which earlier event of the same dossier and source the annulment at this index points to."""
    annulment = heard[index].event
    for earlier in range(index):
        event = heard[earlier].event
        same_source = event["source"] == annulment["source"]
        same_dossier = event["subject"] == annulment["subject"]
        if same_source and same_dossier and event["id"] == annulment["data"]["event_id"]:
            return earlier
    return None


def _without_annulled(heard: Sequence[Recorded]) -> tuple[list[Recorded], list[Recorded]]:
    """The events to fold, and the annulments in suspense because they point to nothing.

    Whatever annuls an annulment is recorded after it, so the last recorded is judged first.
    """
    annulled: set[int] = set()
    astray: list[Recorded] = []
    for index in reversed(range(len(heard))):
        if _kind(heard[index]) != "annulled" or index in annulled:
            continue
        target = _target(heard, index)
        if target is None:
            astray.append(heard[index])
        else:
            annulled.add(target)
    kept = [item for index, item in enumerate(heard) if index not in annulled]
    return [item for item in kept if _kind(item) != "annulled"], astray


# --- Section 5: one dossier's life -------------------------------------------------------------


@dataclass
class Life:
    """One dossier, replayed event by event through the contract's table."""

    rules: Rules | KnownLaw
    calendar: Calendar
    zone: tzinfo
    phase: str = "none"
    facts: dict[str, Any] = field(default_factory=dict)
    unit: str = "working_days"
    value: int = 0
    due: date = date.min
    stop: date = date.min
    requests: int = 0
    asked_too_often: bool = False
    lapsed: bool = False
    rescheduled: bool = False
    arrived: bool = False
    arrival: dict[str, Any] | None = None  # it starts the clock when the clock next runs
    closed_in: str = ""

    def apply(self, item: Recorded) -> bool:
        """Take one event; False if it does not apply."""
        kind, day, data = _kind(item), _day(item, self.zone), _data(item)
        if kind in FACTS:
            return self.phase != "none"
        if self.phase not in _legal_phases(kind):
            return False
        if kind == "arrived" and not self.can_arrive():
            return False
        if kind in CLOSING_KINDS:
            self._close(kind, day, data)
        else:
            {
                "received": self._receive,
                "supplement_requested": self._request_supplement,
                "supplemented": self._supplement,
                "paused": self._pause,
                "resumed": self._resume,
                "rescheduled": self._reschedule,
                "arrived": self._arrive,
                "reassigned": self._reassign,
            }[kind](day, data)
        return True

    def is_overdue(self, day: date) -> bool:
        """Overdue on a day."""
        if self.lapsed or self.asked_too_often:
            return True
        return self.phase == "in_progress" and day > self.due

    def account(self, day: date) -> str:
        """The account at the end of a day that no further event touches."""
        if self.phase == "closed":
            return self.closed_in
        return f"{self.phase}.{'overdue' if self.is_overdue(day) else 'in_time'}"

    def days_left(self, day: date) -> int | None:
        """The working days left at the end of a day; None once closed."""
        # Reading: while the clock stands still, the days that were left when it stopped. Whatever
        # is overdue has less than none left, also where its due day has not passed.
        if self.phase == "closed":
            return None
        since = day if self.phase == "in_progress" else self.stop
        left = self.calendar.between(since, self.due) - self.calendar.between(self.due, since)
        return -1 if self.is_overdue(day) and left >= 0 else left

    def can_arrive(self) -> bool:
        """Whether another office took the dossier in, and it has not arrived yet."""
        # Reading: an arrival from before the law knew of it counts as the one arrival, too.
        # Reading: `received_at` counts as given even where it names the competent body itself.
        return "received_at" in self.facts and not self.arrived

    def _given_due(self, data: dict[str, Any]) -> date | None:
        return _local_day(data["due"], self.zone) if "due" in data else None

    def _receive(self, day: date, data: dict[str, Any]) -> None:
        due, allowance = self._given_due(data), data.get("allowance")
        if allowance is not None:
            self.unit, self.value = allowance["unit"], allowance["value"]
        elif due is not None:
            self.unit = "working_days"
            self.value = self.calendar.between(self.calendar.forward(day), due)
        self.due = due if due is not None else self._fresh(day)
        self.facts = data
        self.phase = "in_progress"

    def _request_supplement(self, day: date, data: dict[str, Any]) -> None:
        # Reading: a request during a pause does not let the clock run. An arrival noted during the
        # pause goes on waiting, and whether the deadline lapsed is judged by the old one.
        if self.phase == "paused":
            self.due = self._shifted(day)
        if self.phase != "awaiting_supplement":
            self._stop_clock(day)
        self.requests += 1
        if self.requests > self.rules.on(day).supplement_limit:
            self.asked_too_often = True
        self.phase = "awaiting_supplement"

    def _supplement(self, day: date, data: dict[str, Any]) -> None:
        is_restart = self.rules.on(day).after_supplement == "restart"
        self._run_again(day, data, self._fresh if is_restart else self._shifted)

    def _pause(self, day: date, data: dict[str, Any]) -> None:
        self._stop_clock(day)
        self.phase = "paused"

    def _resume(self, day: date, data: dict[str, Any]) -> None:
        self._run_again(day, data, self._shifted)

    def _run_again(
        self, day: date, data: dict[str, Any], due_without: Callable[[date], date]
    ) -> None:
        """Let the clock run again: until the day given now, else as an arrival says, else as the
        phase says that ends."""
        given = self._given_due(data)
        if given is not None:
            self.due = given
        elif self.arrival is not None:
            self.due = self._due_by_arrival(day, self.arrival)
        else:
            self.due = due_without(day)
        self.arrival = None
        self.phase = "in_progress"

    def _reschedule(self, day: date, data: dict[str, Any]) -> None:
        # Reading: the first rescheduling is the first that applied, whether or not it moved the due
        # day, and whichever provision was in force then.
        is_first, self.rescheduled = not self.rescheduled, True
        given, terms = self._given_due(data), self.rules.on(day)
        if terms.reschedule != "accept_once" or not is_first or self.is_overdue(day):
            return
        if given is not None and self._is_in_time(day, terms.reschedule_notice):
            self.due = given

    def _is_in_time(self, day: date, notice: int | None) -> bool:
        # Reading: notice is counted in calendar days, up to the due day as it stands. While the
        # clock stands still, that day has not been moved yet.
        return notice is None or day + timedelta(days=notice) <= self.due

    def _arrive(self, day: date, data: dict[str, Any]) -> None:
        self.arrived = True
        if not self.rules.on(day).arrival_starts_clock:
            return
        if self.phase == "in_progress":
            self.lapsed = self.lapsed or day > self.due
            self.due = self._due_by_arrival(day, data)
        else:
            # Reading: a rescheduling accepted before the clock runs again is overwritten by this.
            self.arrival = data

    def _due_by_arrival(self, day: date, arrival: dict[str, Any]) -> date:
        # Reading: while the clock stands still, the fresh clock of an arrival without a due day
        # starts on the day on which the clock next runs, not on the day of the arrival.
        given = self._given_due(arrival)
        return given if given is not None else self._fresh(day)

    def _reassign(self, day: date, data: dict[str, Any]) -> None:
        # Reading: a reassignment to where the dossier already is applies, and is no transfer.
        places = ("agency", "level", "field")
        self.facts = self.facts | {name: data[name] for name in places if name in data}

    def _close(self, kind: str, day: date, data: dict[str, Any]) -> None:
        if self.phase == "paused":
            self._resume(day, {})
        elif self.phase == "awaiting_supplement":
            self._supplement(day, {})
        self.closed_in = f"{kind}.{self._result(kind, day, data)}"
        self.phase = "closed"

    def _result(self, kind: str, day: date, data: dict[str, Any]) -> str:
        if kind == "cancelled":
            return "withdrawn" if data["reason"] == "withdrawn" else "voided"
        if self.is_overdue(day):
            return "overdue"
        return "on_time" if day == self.due else "early"

    def _stop_clock(self, day: date) -> None:
        self.lapsed = self.lapsed or day > self.due
        self.stop = day

    def _fresh(self, day: date) -> date:
        return self.calendar.fresh(day, self.unit, self.value)

    def _shifted(self, day: date) -> date:
        return self.calendar.shift(self.due, self.stop, day, self.unit)


def _legal_phases(kind: str) -> tuple[str, ...]:
    """The middle column of the contract's table."""
    return {
        "received": ("none",),
        "supplement_requested": ("in_progress", "paused", "awaiting_supplement"),
        "supplemented": ("awaiting_supplement",),
        "paused": ("in_progress",),
        "resumed": ("paused",),
    }.get(kind, OPEN_PHASES)


class Replayed(NamedTuple):
    """Every dossier at the end of one day, and the events that did not apply until then."""

    lives: dict[str, Life]
    suspense: list[Recorded]


@dataclass(frozen=True)
class History:
    """A log seen at one instant under one set of rules: it can be asked about any day."""

    effective: list[Recorded]
    astray: list[Recorded]
    rules: Rules | KnownLaw
    calendar: Calendar
    zone: tzinfo

    def on(self, day: date) -> Replayed:
        """Replay every dossier from its beginning to the end of a day."""
        suspense = [item for item in self.astray if _day(item, self.zone) <= day]
        lives = {}
        for code in sorted({item.event["subject"] for item in self.effective}):
            life, refused = self._replay(code, day)
            suspense += refused
            if life.phase != "none":
                lives[code] = life
        return Replayed(lives, suspense)

    def story(self, code: str, day: date) -> list[Recorded]:
        """What applied to a dossier until the end of a day, as it occurred."""
        _, refused = self._replay(code, day)
        return [item for item in self._events(code, day) if item not in refused]

    def _events(self, code: str, day: date) -> list[Recorded]:
        mine = [item for item in self.effective if item.event["subject"] == code]
        mine = [item for item in mine if _day(item, self.zone) <= day]
        return sorted(mine, key=self._order)

    def _order(self, item: Recorded) -> tuple[date, bool, bool, datetime, datetime, int]:
        """The order of edition 2: by day; within a day the reception, then events with a time of
        day by their instant, then those at midnight; then the order recorded."""
        # Reading: several receptions of a day follow the same order among themselves.
        # Reading: those at midnight are all at one instant, whatever their fractions.
        moment = _instant(item.event["time"]).astimezone(self.zone)
        is_midnight = moment.time().replace(microsecond=0) == time()
        instant = moment.replace(microsecond=0) if is_midnight else moment
        is_later = _kind(item) != "received"
        return moment.date(), is_later, is_midnight, instant, item.recorded, item.position

    def _replay(self, code: str, day: date) -> tuple[Life, list[Recorded]]:
        life = Life(self.rules, self.calendar, self.zone)
        return life, [item for item in self._events(code, day) if not life.apply(item)]

    def row(self, code: str, life: Life, day: date) -> dict[str, Any]:
        """A dossier's row in the register at the end of a day."""
        mine = self.story(code, day)
        days = {kind: _day(i, self.zone) for i in mine for kind in [_kind(i)]}
        closed = next((days[kind] for kind in CLOSING_KINDS if kind in days), None)
        stands_still = life.phase in ("paused", "awaiting_supplement")
        over = self.calendar.between(life.due, closed or day)
        return {
            "dossier": code,
            **{name: life.facts.get(name) for name in DIMENSIONS},
            "received": days["received"],
            "due": life.due,
            "days_left": life.days_left(day),
            "closed": closed,
            "account": life.account(day),
            "requests": life.requests,
            "reschedulings": [_kind(item) for item in mine].count("rescheduled"),
            "days_used": self._days_run(code, {_day(i, self.zone) for i in mine}, closed or day),
            "overdue_days": 0 if stands_still else over,
            "lapsed": life.lapsed,
            "events": len(mine),
        }

    def _days_run(self, code: str, days: set[date], end: date) -> int:
        """Working days before which the dossier was in progress, of those up to the end."""
        return sum(
            self.calendar.between(after, until)
            for after, until in pairwise([*sorted(days), end])
            if self._replay(code, after)[0].phase == "in_progress"
        )


def _history(
    events: Sequence[Recorded],
    as_of: datetime | None,
    rules: Rules,
    is_working: IsWorking,
    zone: tzinfo,
    law: KnownLaw | None = None,
    moved: Sequence[Moved] = (),
) -> History:
    if law is None:
        effective, astray = _without_annulled(_heard(events, as_of))
        return History(effective, astray, rules, Calendar(is_working), zone)
    effective, astray = _without_annulled(_heard(map(_spelled, events), as_of))
    calendar = Calendar(working_as_known(is_working, law.known, moved))
    return History(effective, astray, law, calendar, zone)


def _latest(day: date, as_of: datetime | None, today: date | None, zone: tzinfo) -> date:
    """The day whose end the balance sheet of a day shows: none that has not been (section 6)."""
    # Reading: with an as-of instant, today does not count, even where the instant is ahead of it.
    if as_of is not None:
        return min(day, as_of.astimezone(zone).date())
    return day if today is None else min(day, today)


# --- A life, step by step ----------------------------------------------------------------------


class Step(NamedTuple):
    """An event that applied to a dossier: the life before and after it, and its two times."""

    before: Life
    after: Life
    item: Recorded
    kind: str
    data: dict[str, Any]
    occurred: datetime  # in the office's time zone
    recorded_on: date  # the local day

    @property
    def day(self) -> date:
        """The local day on which it occurred."""
        return self.occurred.date()


def steps_until(
    events: Sequence[Recorded],
    day: date,
    *,
    as_of: datetime | None = None,
    law: Law,
    law_as_of: date | None = None,
    today: date | None = None,
    moved: Sequence[Moved] = MOVED,
    is_working: IsWorking,
    zone: tzinfo,
) -> dict[str, list[Step]]:
    """What applied to each dossier until the end of a day, in the order in which it occurred."""
    history = _history(
        events, as_of, DEFAULT_RULES, is_working, zone, KnownLaw(law, law_as_of), moved
    )
    last = _latest(day, as_of, today, zone)
    codes = {item.event["subject"] for item in history.effective}
    return {code: [*_steps_of(history, code, last)] for code in sorted(codes)}


def _steps_of(history: History, code: str, day: date) -> Iterator[Step]:
    life = Life(history.rules, history.calendar, history.zone)
    for item in history._events(code, day):
        before = copy(life)
        if life.apply(item):
            occurred, recorded = (
                moment.astimezone(history.zone)
                for moment in (_instant(item.event["time"]), item.recorded)
            )
            yield Step(
                before, copy(life), item, _kind(item), _data(item), occurred, recorded.date()
            )


# --- The register ------------------------------------------------------------------------------


def register(
    events: Sequence[Recorded],
    day: date,
    *,
    as_of: datetime | None = None,
    rules: Rules = DEFAULT_RULES,
    law: Law | None = None,
    law_as_of: date | None = None,
    today: date | None = None,
    moved: Sequence[Moved] = MOVED,
    is_working: IsWorking,
    zone: tzinfo,
) -> dict[str, dict[str, Any]]:
    """What the register says at the end of a day of every dossier received by then."""
    known = None if law is None else KnownLaw(law, law_as_of)
    history = _history(events, as_of, rules, is_working, zone, known, moved)
    last = day if known is None else _latest(day, as_of, today, zone)
    return {code: history.row(code, life, last) for code, life in history.on(last).lives.items()}


# --- What falls due (REPORTS, section 10) ------------------------------------------------------

PAUSES = {"awaiting_authority": "authority", "financial_obligation": "payment"}


def due(
    events: Sequence[Recorded],
    day: date,
    within: int,
    *,
    as_of: datetime | None = None,
    law: Law,
    law_as_of: date | None = None,
    moved: Sequence[Moved] = MOVED,
    is_working: IsWorking,
    zone: tzinfo,
) -> dict[str, dict[str, Any]]:
    """What falls due within some working days from the end of a day, by the codes of dossiers: each
    with the group in which it is listed."""
    known = KnownLaw(law, law_as_of)
    history = _history(events, as_of, DEFAULT_RULES, is_working, zone, known, moved)
    rows = {}
    for code, life in history.on(day).lives.items():
        dossier = _Due(history, known, code, life, day, within)
        if life.phase != "closed" and (group := dossier.group()):
            rows[code] = {
                "dossier": code,
                "agency": life.facts["agency"],
                "due": life.due,
                "days_left": life.days_left(day),
                "account": life.account(day),
                "waits_for": dossier.waits_for(group),
                "group": group,
            }
    return rows


class _Due(NamedTuple):
    """An open dossier at the end of a day, and what is asked of it."""

    history: History
    law: KnownLaw
    code: str
    life: Life
    day: date
    within: int

    def group(self) -> str:
        """Why it is listed; empty where it is not."""
        left, calendar = self.life.days_left(self.day), self.history.calendar
        assert left is not None
        if self.life.is_overdue(self.day):
            return "overdue"
        if self.life.phase == "in_progress":
            if left <= self.within:
                return "falls_due"
            # Reading: what has to be done today is listed, however many days are asked for.
            if self._must_be_told():
                return "last_notice"
            # Reading: it has arrived by the end of the first working day after its reception.
            received = self._last("received")
            late = calendar.between(received, self.day) >= 1
            return "on_its_way" if self.life.can_arrive() and late else ""
        if self.life.phase == "awaiting_supplement":
            return "expired_supplement" if self._is_expired() else ""
        # Reading: a pause is without end when it lasts for more than 30 days.
        return "endless_pause" if self.day - self.life.stop > timedelta(days=30) else ""

    def waits_for(self, group: str) -> str:
        """What it waits for."""
        if self.life.phase == "awaiting_supplement":
            return "closing" if self._is_expired() else "supplement"
        if self.life.phase == "paused":
            story = self.history.story(self.code, self.day)
            reason = [_data(item)["reason"] for item in story if _kind(item) == "paused"][-1]
            return PAUSES.get(reason, "resumption")
        if group != "overdue" and self._must_be_told():
            return "notice"
        return "arrival" if self.life.can_arrive() else "result"

    def _is_expired(self) -> bool:
        # Reading: the days count from the last request, by the law of the day of that request.
        asked = self._last("supplement_requested")
        days = self.law.expiry_days(asked)
        return days is not None and self.day - asked > timedelta(days=days)

    def _must_be_told(self) -> bool:
        """Whether a first new appointment counts today, and on no later working day."""
        terms = self.law.on(self.day)
        if terms.reschedule != "accept_once" or self.life.rescheduled:
            return False

        def counts_on(day: date) -> bool:
            notice = timedelta(days=terms.reschedule_notice or 0)
            return day <= self.life.due and day + notice <= self.life.due

        later = self.history.calendar.forward(self.day + ONE_DAY)
        return counts_on(self.day) and not counts_on(later)

    def _last(self, kind: str) -> date:
        """The last day on which an event of a kind applied."""
        story = self.history.story(self.code, self.day)
        return [_day(item, self.history.zone) for item in story if _kind(item) == kind][-1]


# --- Sections 6 and 7: accounts and the statement ----------------------------------------------


def accounts_on(
    events: Sequence[Recorded],
    day: date,
    *,
    as_of: datetime | None = None,
    rules: Rules = DEFAULT_RULES,
    law: Law | None = None,
    law_as_of: date | None = None,
    today: date | None = None,
    moved: Sequence[Moved] = MOVED,
    is_working: IsWorking,
    zone: tzinfo,
) -> dict[str, str]:
    """The account of every dossier received by the end of a day."""
    known = None if law is None else KnownLaw(law, law_as_of)
    history = _history(events, as_of, rules, is_working, zone, known, moved)
    last = day if known is None else _latest(day, as_of, today, zone)
    return {code: life.account(last) for code, life in history.on(last).lives.items()}


def due_days(
    events: Sequence[Recorded],
    *,
    as_of: datetime | None = None,
    law: Law,
    law_as_of: date | None = None,
    moved: Sequence[Moved] = MOVED,
    is_working: IsWorking,
    zone: tzinfo,
) -> set[date]:
    """Every day that was the due day of a dossier in progress at the end of some day."""
    known = KnownLaw(law, law_as_of)
    history = _history(events, as_of, DEFAULT_RULES, is_working, zone, known, moved)
    days = {_day(item, zone) for item in history.effective}
    lives = [life for day in days for life in history.on(day).lives.values()]
    return {life.due for life in lives if life.phase == "in_progress"}


def statement(
    events: Sequence[Recorded],
    window: tuple[date, date],
    *,
    by: Sequence[str] = (),
    as_of: datetime | None = None,
    rules: Rules = DEFAULT_RULES,
    law: Law | None = None,
    law_as_of: date | None = None,
    today: date | None = None,
    attribution: str = "held",
    moved: Sequence[Moved] = MOVED,
    is_working: IsWorking,
    zone: tzinfo,
) -> dict[str, Any]:
    """The window, lines, total and suspense; with a law, by flows of each day and transfers."""
    if law is not None:
        known = KnownLaw(law, law_as_of)
        history = _history(events, as_of, rules, is_working, zone, known, moved)
        before, until = (
            _latest(day, as_of, today, zone) for day in (window[0] - ONE_DAY, window[1])
        )
        # Reading: `until` is the last day or the day asked on, whichever comes first, even where
        # the latter lies before the window.
        days = {"from": str(window[0]), "to": str(window[1]), "until": str(until)}
        return {"window": days, "attribution": attribution} | _stated(
            history, before, until, by, attribution
        )
    history = _history(events, as_of, rules, is_working, zone)
    before, after = (_latest(day, as_of, today, zone) for day in (window[0] - ONE_DAY, window[1]))
    replayed = history.on(after)
    opening = {code: life.account(before) for code, life in history.on(before).lives.items()}
    closing = {code: life.account(after) for code, life in replayed.lives.items()}
    slices = {
        code: tuple(life.facts.get(name) for name in by) for code, life in replayed.lives.items()
    }
    return {
        "window": {"from": str(window[0]), "to": str(window[1]), "until": str(after)},
        "lines": _lines(opening, closing, slices, by),
        "total": _figures(opening, closing, closing),
        "suspense": _suspense(replayed),
    }


def _suspense(replayed: Replayed) -> dict[str, int]:
    return {
        "events": len(replayed.suspense),
        "dossiers": len({item.event["subject"] for item in replayed.suspense}),
    }


def _lines(
    opening: dict[str, str],
    closing: dict[str, str],
    slices: dict[str, tuple[str | None, ...]],
    by: Sequence[str],
) -> list[dict[str, Any]]:
    """One line per slice with any figure; without slicing, always one."""
    if not by:
        return [{"slice": {}} | _figures(opening, closing, closing)]
    lines = []
    for values in sorted(set(slices.values()), key=_none_first):
        codes = [code for code in closing if slices[code] == values]
        figures = _figures(opening, closing, codes)
        if figures["total"]:
            lines.append({"slice": dict(zip(by, values, strict=True))} | figures)
    return lines


def _none_first(values: tuple[str | None, ...]) -> list[tuple[bool, str]]:
    return [(value is not None, value or "") for value in values]


def _figures(
    opening: dict[str, str], closing: dict[str, str], codes: Iterable[str]
) -> dict[str, Any]:
    """The figures over some dossiers, each counted by looking at it on two days."""
    chosen = list(codes)
    moved = [closing[code] for code in chosen if not _is_closed(opening.get(code, ""))]
    carried_over = sum(_is_open(opening.get(code, "")) for code in chosen)
    received = sum(code not in opening for code in chosen)
    head: dict[str, Any] = {"carried_over": carried_over, "received": received}
    # Histories that are asked with rules have no reassignments.
    head |= {"transferred": {"in": 0, "out": 0}, "total": carried_over + received}
    groups = {name: _group(name, results, moved) for name, results in ACCOUNTS.items()}
    carried_forward = sum(_is_open(closing[code]) for code in chosen)
    return head | groups | {"carried_forward": carried_forward}


def _group(name: str, results: tuple[str, ...], accounts: list[str]) -> dict[str, int]:
    return _totalled({result: accounts.count(f"{name}.{result}") for result in results})


def _is_open(account: str) -> bool:
    return account.partition(".")[0] in OPEN_PHASES


def _is_closed(account: str) -> bool:
    return account.partition(".")[0] in CLOSING_KINDS


# --- Sections 6 and 7, edition 2: flows day by day ----------------------------------------------

Slice = tuple[str | None, ...]


class Standing(NamedTuple):
    """Where a dossier stands at the end of a day."""

    account: str
    slice: Slice


def _stated(
    history: History, before: date, until: date, by: Sequence[str], attribution: str
) -> dict[str, Any]:
    """The statement between the ends of two days."""
    days = [before, *_days_between(history, before, until), until]
    sheets = [_standings(history, day, by) for day in days]
    if attribution == "final":
        # Reading: in a window that is not over, the end of `to` is the end of `until`.
        last = {code: standing.slice for code, standing in sheets[-1].items()}
        sheets = [
            {code: Standing(standing.account, last[code]) for code, standing in sheet.items()}
            for sheet in sheets
        ]
    counts = _counts(sheets)
    lines = [
        {"slice": dict(zip(by, values, strict=True))} | _figures_of(counts[values])
        for values in sorted(counts, key=_none_first)
    ]
    return {
        "lines": lines or ([] if by else [{"slice": {}} | _figures_of(Counter())]),
        # Reading: the total is the sum of the lines, transfers included.
        "total": _figures_of(sum(counts.values(), Counter())),
        "suspense": _suspense(history.on(until)),
    }


def _days_between(history: History, before: date, until: date) -> list[date]:
    """The days after one and before another on which anything occurred."""
    days = {_day(item, history.zone) for item in history.effective}
    return sorted(day for day in days if before < day < until)


def _standings(history: History, day: date, by: Sequence[str]) -> dict[str, Standing]:
    """The balance sheet at the end of a day, dossier by dossier."""
    return {
        code: Standing(life.account(day), tuple(life.facts.get(name) for name in by))
        for code, life in history.on(day).lives.items()
    }


def _counts(sheets: Sequence[dict[str, Standing]]) -> dict[Slice, Counter[str]]:
    """What each slice had, what flowed day after day, and what each slice has in the end."""
    # Reading: "where the dossier stood that day" is where it stands at the end of that day. What is
    # received and reassigned on one day is received by the second agency, and is no transfer; nor
    # is there one where a dossier comes back on the day on which it left.
    counts: defaultdict[Slice, Counter[str]] = defaultdict(Counter)
    for standing in sheets[0].values():
        if _is_open(standing.account):
            counts[standing.slice]["carried_over"] += 1
    for earlier, later in pairwise(sheets):
        for code, now in later.items():
            then = earlier.get(code)
            if then is None:
                counts[now.slice]["received"] += 1
            elif then.slice != now.slice:
                counts[then.slice]["transferred.out"] += 1
                counts[now.slice]["transferred.in"] += 1
            if _is_closed(now.account) and (then is None or _is_open(then.account)):
                counts[now.slice][now.account] += 1
    for standing in sheets[-1].values():
        if _is_open(standing.account):
            counts[standing.slice][standing.account] += 1
    return dict(counts)


def _figures_of(counts: Counter[str]) -> dict[str, Any]:
    """The figures of a line in the order of section 7."""
    transferred = {way: counts[f"transferred.{way}"] for way in ("in", "out")}
    came = counts["carried_over"] + counts["received"] + transferred["in"]
    groups = {
        name: _totalled({result: counts[f"{name}.{result}"] for result in results})
        for name, results in ACCOUNTS.items()
    }
    return {
        "carried_over": counts["carried_over"],
        "received": counts["received"],
        "transferred": transferred,
        "total": came,
        **groups,
        "carried_forward": sum(groups[name]["total"] for name in OPEN_PHASES),
    }


def _totalled(counts: dict[str, int]) -> dict[str, int]:
    return counts | {"total": sum(counts.values())}


# --- Quality facts: what is said of dossiers, and how much of it a window counts ----------------


class Said(NamedTuple):
    """Something that applied to a dossier."""

    kind: str
    day: date
    data: dict[str, Any]


class Dossier(NamedTuple):
    """One dossier at the end of a window: its row in the register, and all that applied to it."""

    row: dict[str, Any]
    story: list[Said]
    rules: Rules

    def of(self, kind: str, since: date = date.min) -> list[dict[str, Any]]:
        """What was said of a kind, from a day on."""
        return [data for said, day, data in self.story if said == kind and day >= since]


def stories(
    events: Sequence[Recorded],
    *,
    as_of: datetime | None = None,
    is_working: IsWorking,
    zone: tzinfo,
) -> dict[str, list[Said]]:
    """All that ever applied to each dossier, in the order in which it occurred."""
    history = _history(events, as_of, DEFAULT_RULES, is_working, zone)
    codes = {item.event["subject"] for item in history.effective}
    return {code: _story(history, code, date.max) for code in codes}


def _story(history: History, code: str, day: date) -> list[Said]:
    told = history.story(code, day)
    return [Said(_kind(item), _day(item, history.zone), _data(item)) for item in told]


def measures(
    events: Sequence[Recorded],
    window: tuple[date, date],
    *,
    as_of: datetime | None = None,
    rules: Rules = DEFAULT_RULES,
    is_working: IsWorking,
    zone: tzinfo,
) -> dict[tuple[str | None, ...], dict[str, int]]:
    """What each measure counts, by MEASURED_BY: the values of the dossier; those of a step are the
    same, but for the agency that took it and the level that this agency's own dossiers bear."""
    history = _history(events, as_of, rules, is_working, zone)
    levels = _levels(history)
    found: defaultdict[tuple[str | None, ...], Counter[str]] = defaultdict(Counter)
    until = _latest(window[1], as_of, None, zone)
    for code, life in history.on(until).lives.items():
        row, story = history.row(code, life, until), _story(history, code, until)
        dossier = Dossier(row, story, rules)
        own = {name: dossier.row[name] for name in MEASURED_BY}
        for measure, number in _counted(dossier, window[0]):
            found[tuple(own.values())][measure] += number
        for measure, agency in _steps(dossier, window[0], zone):
            elsewhere = own | {"agency": agency, "level": levels.get(agency)}
            found[tuple(elsewhere.values())][measure] += 1
        if (office := _took_in(dossier, window[0])) is not None:
            elsewhere = own | {"agency": office, "level": levels.get(office)}
            found[tuple(elsewhere.values())]["taken_in"] += 1
    return {names: dict(+counts) for names, counts in found.items() if +counts}


def _levels(history: History) -> dict[str, str | None]:
    """The level of each agency's dossiers, on whatever day; the last by name if they differ."""
    lives = history.on(date.max).lives.values()
    said = sorted(
        {(life.facts["agency"], life.facts.get("level")) for life in lives}, key=_none_first
    )
    return dict(said)


def _counted(dossier: Dossier, first: date) -> Iterator[tuple[str, int]]:
    """What a dossier adds to each measure but those of steps."""
    yield from dict.fromkeys(_known(dossier, first), 1).items()
    yield from _happened(dossier, first)


def _known(dossier: Dossier, first: date) -> Iterator[str]:
    """The measures that count it for what is known of it by the last day."""
    group, _, timeliness = dossier.row["account"].partition(".")
    closed = dossier.row["closed"]
    digitised = {data["part"]: data["complete"] for data in dossier.of("digitised")}
    if dossier.row["received"] >= first:
        [reception] = dossier.of("received")
        if reception.get("on_the_spot"):
            yield "on_the_spot"
        if "components" in digitised:
            yield f"components.{'complete' if digitised['components'] else 'partial'}"
        if dossier.of("reused"):
            yield "reused"
        payments = dossier.of("paid")
        charged = {data["channel"] for data in payments if data["amount"] > 0}
        if charged:
            yield "fee.online" if "online" in charged else "fee.direct"
        elif payments:
            yield "fee.zero"
        elif group == "paused" and dossier.of("paused")[-1]["reason"] == "financial_obligation":
            yield "fee.unpaid"
    if group == "resolved" and closed >= first:
        if "result" in digitised:
            yield f"result.{'complete' if digitised['result'] else 'partial'}"
        contacts = sum(not data["applicant_fault"] for data in dossier.of("contacted"))
        if contacts > 0:
            yield "contacted.once" if contacts == 1 else "contacted.more"
        if dossier.of("complained"):
            yield f"disputed.{timeliness}"
    in_period = closed is None or closed >= first
    if dossier.of("synced") and in_period:
        yield "synced"
    too_many = dossier.row["requests"] > dossier.rules.supplement_limit
    if group == "cancelled":
        missed = too_many or dossier.row["lapsed"] or closed > dossier.row["due"]
        timeliness = "overdue" if missed else "in_time"
        if closed >= first:
            yield f"cancelled.{timeliness}"
    if dossier.of("complained") and in_period and timeliness != "overdue":
        yield "complained_of"
    if group == "paused":
        yield f"pause.{dossier.of('paused')[-1]['reason']}"
    if timeliness == "overdue" and in_period and group != "cancelled":
        apologies = [data for data in dossier.of("rescheduled") if data.get("apology")]
        yield f"{'apologised' if apologies else 'unapologised'}.{group}"
    if group in OPEN_PHASES and timeliness == "overdue":
        days = dossier.row["overdue_days"]
        most = [limit for limit in (0, 5, 20, 60) if days <= limit]
        yield f"age.{most[0] if most else 'more'}"


def _took_in(dossier: Dossier, first: date) -> str | None:
    """The office that took it in on a day of the window, where that was not the body competent."""
    [reception] = dossier.of("received")
    office: str | None = reception.get("received_at")
    is_other = dossier.row["received"] >= first and office != reception["agency"]
    return office if is_other else None


def _happened(dossier: Dossier, first: date) -> Iterator[tuple[str, int]]:
    """What was paid, rated and complained of on the days of the window."""
    payments = dossier.of("paid", first)
    channels = {data["channel"] for data in payments}
    if channels:
        yield f"paid.{'online' if 'online' in channels else 'direct'}", 1
    for data in payments:
        yield f"payments.{data['channel']}", 1
        yield f"amount.{data['channel']}", data["amount"]
    for data in dossier.of("rated", first):
        yield f"rated.{'satisfied' if data['satisfied'] else 'dissatisfied'}", 1
    for data in dossier.of("complained", first):
        yield f"complaints.{'in_time' if data['settled_in_time'] else 'late'}", 1


def _steps(dossier: Dossier, first: date, zone: tzinfo) -> Iterator[tuple[str, str]]:
    """The steps that had a due day and were done on the days of the window, each with whose it was:
    the one it was last transferred to."""
    waiting: dict[int, dict[str, Any]] = {}
    for kind, day, data in dossier.story:
        if kind == "transferred":
            waiting[data["step"]] = data
        if kind != "step_done" or data["step"] not in waiting:
            continue
        begun = waiting.pop(data["step"])
        if "step_due" in begun and day >= first:
            due = _local_day(begun["step_due"], zone)
            timeliness = "early" if day < due else "on_time" if day == due else "overdue"
            yield f"steps.{timeliness}", begun["to_agency"]
