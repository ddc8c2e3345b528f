"""Which lives may a dossier lead, and how may the news of them arrive?

Hypothesis strategies for histories that are valid by form (section 2 of the contract) and as nasty
as allowed: late, repeated, annulled, illegal and simultaneous events around the edges of reporting
windows, Tet 2023, and make-up Saturdays. A good half of the dossiers lead long legal lives, so that
there are figures to get wrong.
"""

import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache
from itertools import cycle, islice
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.model import (
    MOVED,
    ND118,
    ND309,
    PROVISIONS,
    REGIMES,
    VALUES,
    Calendar,
    KnownLaw,
    Law,
    Life,
    Provision,
    Recorded,
    Rules,
)

Event = dict[str, Any]
Window = tuple[date, date]
T = TypeVar("T")

ONE_DAY = timedelta(days=1)
LOCAL = timezone(timedelta(hours=7))
SOURCES = ("/mot-cua/son-la", "https://motcua.example.vn/so-tnmt")
OFFSETS = ("+07:00", "+07:00", "Z", "-05:00", "+09:30")
CLOCKS = ("08:00:00", "00:00:00", "23:59:59", "12:30:00", "17:00:00", "00:30:00.250")

EDGES = (date(2022, 12, 14), date(2022, 12, 15), date(2023, 3, 14), date(2023, 3, 15))
AROUND_TET = tuple(date(2023, 1, day) for day in range(18, 30))
MAKE_UP_SATURDAYS = (date(2024, 5, 4), date(2025, 4, 26), date(2026, 1, 10))
DAYS_OFF = (
    date(2022, 12, 17),
    date(2023, 1, 2),
    date(2023, 1, 21),
    date(2023, 1, 23),
    date(2023, 3, 12),
    date(2024, 4, 29),
    date(2025, 5, 2),
    date(2026, 1, 2),
)
QUARTER = tuple(date(2022, 12, 1) + timedelta(days=5 * step) for step in range(20))
HOLIDAYS = {
    *(date(2023, 1, day) for day in (2, *range(20, 27))),
    *(date(2023, 5, day) for day in (1, 2, 3)),
    *(date(2024, 4, 18), date(2024, 4, 29), date(2024, 4, 30), date(2024, 5, 1)),
    *(date(2025, 4, 7), date(2025, 4, 30), date(2025, 5, 1), date(2025, 5, 2)),
    *(date(2026, 1, 1), date(2026, 1, 2)),
}
BEFORE_MAKE_UP = (
    *(date(2024, 4, 26), date(2024, 5, 2), date(2024, 5, 3)),
    *(date(2025, 4, 22), date(2025, 4, 24), date(2025, 4, 25)),
    *(date(2025, 12, 15), date(2025, 12, 31), date(2026, 1, 8), date(2026, 1, 9)),
)
WEEKENDS = (date(2022, 12, 11), date(2023, 1, 14), date(2023, 2, 4), date(2023, 3, 5))
STARTS = 2 * EDGES + AROUND_TET[::2] + QUARTER[::2] + 3 * WEEKENDS + BEFORE_MAKE_UP
GAPS = (0, 1, 2, 3, 0, 0, 1, 1, 2, 4, 5, 7, 14, 40)
LAST = datetime(2026, 3, 31, 12, tzinfo=LOCAL)  # no event may lie ahead of the clock
IMPORTED = datetime(2023, 3, 15, 2, tzinfo=UTC)

NEXT_KINDS = {
    "in_progress": ("paused", "supplement_requested") * 2 + ("rescheduled",),
    "awaiting": ("supplemented",) * 6 + ("supplement_requested", "rescheduled"),
    "paused": ("resumed",) * 5 + ("supplement_requested",) * 2 + ("rescheduled",),
}
CLOSING_KINDS = ("resolved", "resolved", "resolved", "returned", "returned", "cancelled")
PHASE_AFTER = {
    "received": "in_progress",
    "supplement_requested": "awaiting",
    "supplemented": "in_progress",
    "paused": "paused",
    "resumed": "in_progress",
}
KINDS = (*PHASE_AFTER, "rescheduled", "returned", "resolved", "cancelled")
REASONS = ("missing_papers", "unclear", "x", "other", "overloaded_office_" * 2)
PAUSES = ("awaiting_authority", "financial_obligation", "other")
CANCELLATIONS = ("withdrawn", "withdrawn", "duplicate", "re_entered", "incomplete", "other")
ENVELOPES: tuple[Event, ...] = (
    {},
    {},
    {"datacontenttype": "application/json"},
    {"sequence": "7", "partitionkey": "0"},
    {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "tracestate": "a=b"},
)


PERCENT = st.integers(0, 99)


@cache
def _places(size: int) -> SearchStrategy[int]:
    """A place among so many; making a strategy costs more than drawing from it."""
    return st.integers(0, size - 1)


def _pick(draw: DrawFn, choices: Sequence[T]) -> T:
    """One of the choices; the first is the simplest."""
    chosen: T = choices[draw(_places(len(choices)))]
    return chosen


def _chance(draw: DrawFn, percent: int) -> bool:
    """True in about so many cases of a hundred; the simplest is False."""
    return draw(PERCENT) >= 100 - percent


def is_about_working(day: date) -> bool:
    """Near enough to the Vietnamese calendar for a tale to find its deadlines."""
    return day in MAKE_UP_SATURDAYS or (day.weekday() < 5 and day not in HOLIDAYS)


# --- Instants ----------------------------------------------------------------------------------


def _written(moment: datetime, offset: str) -> str:
    """An instant in RFC 3339, seen from some offset."""
    zone = UTC if offset == "Z" else datetime.fromisoformat(f"2000-01-01T00:00{offset}").tzinfo
    return moment.astimezone(zone).isoformat().replace("+00:00", "Z")


def _moment(draw: DrawFn, day: date, clocks: Sequence[str] = CLOCKS) -> datetime:
    """An instant of a local day, often its first or its last."""
    return datetime.combine(day, time.fromisoformat(_pick(draw, clocks)), LOCAL)


def _soon(days: Sequence[date], day: date) -> list[date]:
    """Which of the days lie within two months from a day on."""
    return [other for other in days if timedelta(0) <= other - day <= timedelta(days=60)]


def _due(draw: DrawFn, day: date) -> str:
    """An appointment: a near day, a day already gone, or a day off; a date or an instant."""
    near = [day + timedelta(days=gap) for gap in (7, 5, 3, 1, 0, -1, 14, 30)]
    saturday = day + timedelta(days=(5 - day.weekday()) % 7)
    days_off = [saturday, saturday + ONE_DAY, *_soon(DAYS_OFF + MAKE_UP_SATURDAYS, day)]
    due = _pick(draw, days_off if _chance(draw, 40) else near)
    if _chance(draw, 35):
        return _written(_moment(draw, due), _pick(draw, OFFSETS))
    return due.isoformat()


# --- The data of each kind ---------------------------------------------------------------------


def _received(draw: DrawFn, day: date) -> Event:
    data: Event = {
        "agency": _pick(draw, ("so_tnmt", "so_xd")),
        "field": _pick(draw, ("dat_dai", "xay_dung")),
        "procedure": _pick(draw, ("1.004227", "2.000889", "1.001193")),
        "channel": _pick(draw, ("online", "in_person", "post")),
    }
    level = _pick(draw, (None, "province", "district", "commune"))
    optional = {"level": level, "on_the_spot": _pick(draw, (None, True, False))}
    if _chance(draw, 20):
        optional["received_at"] = _pick(draw, ("so_xd", "so_tnmt"))
    data |= {name: value for name, value in optional.items() if value is not None}
    terms = _pick(draw, ("allowance", "due", "both", "both"))
    if terms != "due":
        unit = _pick(draw, ("working_days", "calendar_days"))
        data["allowance"] = {"value": _pick(draw, (5, 3, 1, 0, 2, 10, 15, 30)), "unit": unit}
    if terms != "allowance":
        data["due"] = _due(draw, day)
    return data


def _reason(draw: DrawFn, day: date) -> Event:
    return {"reason": _pick(draw, REASONS)} if _chance(draw, 50) else {}


def _new_due(draw: DrawFn, day: date) -> Event:
    return {"due": _due(draw, day)} if _chance(draw, 20) else {}


DATA: dict[str, Callable[[DrawFn, date], Event]] = {
    "received": _received,
    "supplement_requested": _reason,
    "supplemented": _new_due,
    "paused": lambda draw, day: {"reason": _pick(draw, PAUSES)},
    "resumed": _new_due,
    "rescheduled": lambda draw, day: (
        {"due": _due(draw, day)}
        | _reason(draw, day)
        | ({"apology": draw(st.booleans())} if _chance(draw, 30) else {})
    ),
    "returned": lambda draw, day: {"reason": _pick(draw, REASONS)},
    "resolved": lambda draw, day: {"outcome": _pick(draw, ("granted", "refused"))},
    "cancelled": lambda draw, day: {"reason": _pick(draw, CANCELLATIONS)},
}


# --- Quality facts -----------------------------------------------------------------------------

AGENCIES = ("so_xd", "so_tnmt", "so_tp")  # the last has no dossiers of its own
AMOUNTS = (30_000, 0, 1, 135_000, 10**15)
NO_DOSSIER = "000.00.00.H52-000000-0000"


def _transferred(draw: DrawFn, day: date) -> Event:
    data = {"to_agency": _pick(draw, AGENCIES), "step": _pick(draw, (1, 2, 1, 0))}
    return data | ({"step_due": _due(draw, day)} if _chance(draw, 70) else {})


FACTS: dict[str, Callable[[DrawFn, date], Event]] = {
    "digitised": lambda draw, day: {
        "part": _pick(draw, ("components", "result")),
        "complete": draw(st.booleans()),
    },
    "paid": lambda draw, day: {
        "amount": _pick(draw, AMOUNTS),
        "channel": _pick(draw, ("online", "direct")),
    },
    "rated": lambda draw, day: {
        "satisfied": draw(st.booleans()),
        "channel": _pick(draw, ("online", "in_person")),
    },
    "synced": lambda draw, day: {},
    "reused": lambda draw, day: {},
    "contacted": lambda draw, day: {
        "reason": _pick(draw, REASONS),
        "applicant_fault": _chance(draw, 30),
    },
    "complained": lambda draw, day: {"settled_in_time": draw(st.booleans())},
    "transferred": _transferred,
    "step_done": lambda draw, day: {"step": _pick(draw, (1, 2, 1, 0))},
}
KINDS_OF_FACTS = (*FACTS, "complained", "digitised", "contacted", "contacted")
OFTEN_SPOKEN_OF = tuple(f"dossier.{kind}.v1" for kind in ("resolved", "returned", "paused"))


def _fact(draw: DrawFn, events: Sequence[Event], kind: str, number: int) -> Event:
    """A fact about one of the dossiers, often at the very instant of one of its events."""
    spoken_of = [event for event in events if event["type"] in OFTEN_SPOKEN_OF]
    near = _pick(draw, spoken_of if spoken_of and _chance(draw, 50) else events)
    subject = NO_DOSSIER if _chance(draw, 3) else near["subject"]
    later = timedelta(hours=_pick(draw, (0, 1, 24, 72, 24 * 7, 24 * 40, -1, -24)))
    moment = min(datetime.fromisoformat(near["time"]) + later, LAST)
    data = FACTS[kind](draw, moment.astimezone(LOCAL).date())
    return _said(draw, near | {"subject": subject}, kind, moment, data) | {"id": f"q-{number}"}


def _said(draw: DrawFn, near: Event, kind: str, moment: datetime, data: Event) -> Event:
    """A fact about the dossier of an event, without its id."""
    return (
        _event(draw, kind, near["subject"], near["source"], moment)
        | ({"data": data} if data else {})
        | _recorded(draw, moment, imported=False)
    )


def _step(draw: DrawFn, events: Sequence[Event], number: int) -> list[Event]:
    """A step that begins with one of the events and is done about the day on which it is due."""
    near = _pick(draw, events)
    begun = min(datetime.fromisoformat(near["time"]), LAST)
    due = begun.astimezone(LOCAL).date() + timedelta(days=_pick(draw, (3, 1, 0, 10)))
    done = min(_moment(draw, due + timedelta(days=_pick(draw, (0, 1, -1)))), LAST)
    data = {"to_agency": _pick(draw, AGENCIES), "step": number, "step_due": due.isoformat()}
    if _chance(draw, 35):
        data["step_due"] = _written(_moment(draw, due), _pick(draw, OFFSETS))
    return [
        _said(draw, near, "transferred", begun, data) | {"id": f"q-begun-{number}"},
        _said(draw, near, "step_done", done, {"step": number}) | {"id": f"q-done-{number}"},
    ]


@st.composite
def facts(draw: DrawFn, events: Sequence[Event]) -> list[Event]:
    """Facts about the dossiers of a history, some of them repeated or taken back; they have nothing
    to do with any other event of it. Their kinds take turns, so that none is seldom met."""
    first = draw(_places(len(KINDS_OF_FACTS)))
    turns = islice(cycle(KINDS_OF_FACTS), first, first + _pick(draw, (13, 6, 3, 1, 26)))
    noted = [_fact(draw, events, kind, number) for number, kind in enumerate(turns)]
    for number in range(_pick(draw, (1, 2, 0))):
        noted += _step(draw, events, number)
    for number in range(_pick(draw, (0, 1, 2))):
        noted.append(_annulment(draw, noted, 100 + number))
    for _ in range(_pick(draw, (0, 0, 1, 2))):
        noted.append(_repeat(draw, noted))
    return noted


@st.composite
def noted(draw: DrawFn, max_dossiers: int = 4) -> list[Event]:
    """Histories with facts, where repeats and annulments hit whatever they hit."""
    events = _of_services(draw, draw(st.one_of(histories(max_dossiers), standstills(max_dossiers))))
    events += draw(facts(events))
    for number in range(_pick(draw, (0, 0, 1, 2))):
        events.append(_annulment(draw, events, 200 + number))
    for _ in range(_pick(draw, (0, 0, 0, 2))):
        events.append(_repeat(draw, events))
    return _arrived(draw, events)


def _of_services(draw: DrawFn, events: Sequence[Event]) -> list[Event]:
    """The events, with the service of most online receptions; that of a repeat is the same."""
    services: dict[tuple[str, str], Event] = {}
    told = []
    for event in events:
        if event.get("data", {}).get("channel") == "online":
            service = _pick(draw, ("full", "partial", None))
            said = {} if service is None else {"online_service": service}
            said = services.setdefault((event["source"], event["id"]), said)
            told.append(event | {"data": event["data"] | said})
        else:
            told.append(event)
    return told


# --- Lives -------------------------------------------------------------------------------------


@dataclass
class _Life:
    """One dossier's life while it is being told."""

    draw: DrawFn
    code: str
    source: str
    imported: bool
    moment: datetime
    events: list[Event] = field(default_factory=list)
    model: Life = field(default_factory=lambda: Life(Rules(), Calendar(is_about_working), LOCAL))

    def tell(self, kind: str, moment: datetime) -> None:
        """Add an event of a kind at an instant."""
        day = moment.astimezone(LOCAL).date()
        data = DATA[kind](self.draw, day)
        source = _pick(self.draw, SOURCES) if _chance(self.draw, 10) else self.source
        event = _event(self.draw, kind, self.code, source, moment)
        if data or _chance(self.draw, 50):
            event["data"] = data
        self.events.append(event | _recorded(self.draw, moment, self.imported))
        self.model.apply(Recorded(event, moment, 0))

    def marks(self) -> list[date]:
        """Days on which something may turn: around the deadline, if the model can follow."""
        due = self.model.due
        return [] if due == date.min else [due, due + ONE_DAY, due - ONE_DAY]

    def move_on(self, percent: int = 30, gaps: Sequence[int] = GAPS) -> None:
        """Let some time pass: none, a few days, or until a day of interest."""
        day = self.moment.astimezone(LOCAL).date()
        ahead = _soon(self.marks(), day) or _soon(EDGES, day)
        if ahead and _chance(self.draw, percent):
            day = _pick(self.draw, ahead)
        else:
            day += timedelta(days=_pick(self.draw, gaps))
        self.moment = max(self.moment, min(_moment(self.draw, day), LAST))

    def live_legally(self) -> None:
        """Follow the contract's table for some steps; close in the end, or break off."""
        self.tell("received", self.moment)
        phase = "in_progress"
        for _ in range(_pick(self.draw, (0, 2, 1, 2, 3, 2, 4, 5, 6, 9))):
            self.move_on()
            kind = _pick(self.draw, NEXT_KINDS[phase])
            self.tell(kind, self.moment)
            phase = PHASE_AFTER.get(kind, phase)
        if _chance(self.draw, 75):
            self.move_on(percent=65)
            self.tell(_pick(self.draw, CLOSING_KINDS), self.moment)

    def stand_still_once(self) -> None:
        """Stop the clock close to the deadline, and close the dossier close to the moved one."""
        self.tell("received", self.moment)
        self.move_on(percent=85)
        stop = _pick(self.draw, ("paused", "supplement_requested"))
        self.tell(stop, self.moment)
        self.move_on(percent=0, gaps=(0, 1, 2, 0, 3, 6))
        if _chance(self.draw, 15):
            self.tell("rescheduled", self.moment)
        if _chance(self.draw, 85):
            self.tell("resumed" if stop == "paused" else "supplemented", self.moment)
            self.move_on(percent=90)
        self.tell(_pick(self.draw, CLOSING_KINDS), self.moment)

    def stray(self) -> None:
        """Add any event on any day near the life told so far."""
        day = self.moment.astimezone(LOCAL).date()
        moments = [datetime.fromisoformat(event["time"]) for event in self.events]
        moments.append(_moment(self.draw, day + timedelta(days=_pick(self.draw, (1, 0, -1, -9)))))
        self.tell(_pick(self.draw, KINDS), _pick(self.draw, moments[::-1]))

    def live_in_chaos(self) -> None:
        """Any kinds in any order."""
        for _ in range(self.draw(st.integers(1, 6))):
            self.tell(_pick(self.draw, KINDS), self.moment)
            self.move_on()


def _event(draw: DrawFn, kind: str, code: str, source: str, moment: datetime) -> Event:
    """An event without identity and data."""
    return {
        "specversion": "1.0",
        "source": source,
        "type": f"dossier.{kind}.v1",
        "subject": code,
        "time": _written(moment, _pick(draw, OFFSETS)),
    } | _pick(draw, ENVELOPES)


def _recorded(draw: DrawFn, moment: datetime, imported: bool, at: datetime = IMPORTED) -> Event:
    """When an event became known: with one import, at once, late, or (clocks differ) early."""
    if imported:
        return {"recordedtime": _written(at, "Z")}
    if not _chance(draw, 45):
        return {}
    delay = timedelta(hours=_pick(draw, (0, 1, 24, 72, 240, 24 * 45, -1, -20)))
    return {"recordedtime": _written(moment + delay, _pick(draw, OFFSETS))}


def _unlived(draw: DrawFn, number: int, imported: bool) -> _Life:
    """A life about to begin."""
    start = _pick(draw, STARTS)
    code, source = f"000.00.00.H52-{start:%y%m%d}-{number:04}", _pick(draw, SOURCES)
    life = _Life(draw, code, source, imported, _moment(draw, start))
    life.model.rules = draw(policies())
    return life


def _lived(draw: DrawFn, number: int, imported: bool) -> list[Event]:
    """The events of one dossier."""
    life = _unlived(draw, number, imported)
    if _chance(draw, 12):
        life.live_in_chaos()
        return life.events
    if _chance(draw, 35):
        life.stand_still_once()
    else:
        life.live_legally()
    if _chance(draw, 20):
        for _ in range(draw(st.integers(1, 2))):
            life.stray()
    return life.events


# --- What happens to a log ---------------------------------------------------------------------


def _numbered(events: list[Event]) -> list[Event]:
    """Each source counts for itself: the same id from another source is another event."""
    counts = dict.fromkeys(SOURCES, 0)
    for event in events:
        counts[event["source"]] += 1
        event["id"] = f"e-{counts[event['source']]}"
    return events


def _known(event: Event) -> datetime:
    """The instant at which an event counts as recorded."""
    text: str = event["recordedtime"] if "recordedtime" in event else event["time"]
    return datetime.fromisoformat(text)


def _repeat(draw: DrawFn, events: Sequence[Event]) -> Event:
    """The same source and id once more: the same, with another content, or of another dossier."""
    first = _pick(draw, events)
    fate = _pick(draw, ("identical", "recorded", "content", "subject"))
    if fate == "identical":
        return dict(first)
    other = _pick(draw, events)
    if fate == "subject":
        return first | {"subject": other["subject"]}
    if fate == "content":
        return other | {"source": first["source"], "id": first["id"], "subject": first["subject"]}
    delay = timedelta(hours=_pick(draw, (1, 0, -1, -72, 500)))
    return first | {"recordedtime": _written(_known(first) + delay, "Z")}


def _annulment(draw: DrawFn, events: Sequence[Event], number: int) -> Event:
    """An earlier event taken back, or an attempt at it that misses."""
    annulments = [event for event in events if event["type"] == "dossier.annulled.v1"]
    receptions = [event for event in events if event["type"] == "dossier.received.v1"]
    pools = [events, events, events, annulments or events, receptions or events]
    target = _pick(draw, _pick(draw, pools))
    miss = _pick(draw, ("", "", "", "", "", "id", "subject", "source", "early", "itself"))
    moment = datetime.fromisoformat(target["time"])
    moment += timedelta(hours=_pick(draw, (1, 0, 24, 96, -2, 1000)))
    source = _pick(draw, SOURCES) if miss == "source" else target["source"]
    subject = _pick(draw, events)["subject"] if miss == "subject" else target["subject"]
    delay = timedelta(hours=-1 if miss == "early" else _pick(draw, (1, 0, 24, 500)))
    own_id = f"a-{number}"
    aim = {"id": "e-unknown", "itself": own_id}.get(miss, target["id"])
    return _event(draw, "annulled", subject, source, moment) | {
        "id": own_id,
        "recordedtime": _written(_known(target) + delay, _pick(draw, OFFSETS)),
        "data": {"event_id": aim, "reason": _pick(draw, REASONS)},
    }


def _arrived(draw: DrawFn, events: list[Event]) -> list[Event]:
    """The order of arrival: as told, as recorded, by the clock, or any."""
    order = _pick(draw, ("told", "recorded", "occurred", "any"))
    if order == "recorded":
        return sorted(events, key=_known)
    if order == "occurred":
        return sorted(events, key=lambda event: datetime.fromisoformat(event["time"]))
    return draw(st.permutations(events)) if order == "any" else events


@st.composite
def histories(draw: DrawFn, max_dossiers: int = 6) -> list[Event]:
    """The events of a handful of dossiers, in the order in which they arrived."""
    imported = _chance(draw, 10)
    events: list[Event] = []
    for number in range(1, draw(st.integers(1, max_dossiers)) + 1):
        events += _lived(draw, number, imported)
    events = _numbered(events)
    for number in range(_pick(draw, (0, 0, 1, 2, 4))):
        events.append(_annulment(draw, events, number))
    for _ in range(_pick(draw, (0, 0, 1, 3))):
        events.append(_repeat(draw, events))
    return _arrived(draw, events)


@st.composite
def standstills(draw: DrawFn, max_dossiers: int = 6) -> list[Event]:
    """Nothing but lives in which the clock stands still once, close to the deadline.

    Without the noise of `histories`, a wrong day in a deadline is found with far fewer examples.
    """
    events: list[Event] = []
    for number in range(1, draw(st.integers(1, max_dossiers)) + 1):
        life = _unlived(draw, number, imported=False)
        life.stand_still_once()
        events += life.events
    return _numbered(events)


# --- Questions to ask of a history -------------------------------------------------------------


@st.composite
def policies(draw: DrawFn) -> Rules:
    """The parameters of the fold, the defaults first."""
    return Rules(
        supplement_limit=_pick(draw, (1, 1, 3, 0, 2)),
        after_supplement=_pick(draw, ("restart", "extend")),
        reschedule=_pick(draw, ("keep_original", "accept_once")),
    )


OFFICIAL_WINDOWS: tuple[Window, ...] = (
    (date(2022, 12, 15), date(2023, 3, 14)),
    (date(2022, 9, 15), date(2022, 12, 14)),
    (date(2023, 3, 15), date(2023, 6, 14)),
    (date(2022, 12, 15), date(2023, 6, 14)),
    (date(2022, 12, 15), date(2023, 9, 14)),
    (date(2022, 12, 15), date(2023, 12, 14)),
    (date(2023, 1, 1), date(2023, 1, 31)),
    (date(2023, 1, 1), date(2023, 3, 31)),
    (date(2024, 3, 15), date(2024, 6, 14)),
    (date(2025, 3, 15), date(2025, 6, 14)),
    (date(2025, 12, 15), date(2026, 3, 14)),
    (date(2022, 12, 15), date(2026, 12, 14)),
)
FIRST_DAYS = 3 * EDGES + AROUND_TET + QUARTER + BEFORE_MAKE_UP + MAKE_UP_SATURDAYS


@st.composite
def _any_window(draw: DrawFn) -> Window:
    first = _pick(draw, FIRST_DAYS)
    return first, first + timedelta(days=_pick(draw, (0, 1, 6, 13, 29, 60, 1000)))


@st.composite
def _window_around(draw: DrawFn, events: Sequence[Event]) -> Window:
    moments = [datetime.fromisoformat(event["time"]) for event in events]
    days = [moment.astimezone(LOCAL).date() for moment in moments]
    first, last = sorted((_pick(draw, days), _pick(draw, days)))
    shift = timedelta(days=_pick(draw, (0, 1)))
    return first + shift, last + shift + timedelta(days=_pick(draw, (0, 1)))


def windows(events: Sequence[Event] = ()) -> SearchStrategy[Window]:
    """Reporting windows: the official ones, and any others down to a single day.

    Given a history, mostly windows that begin and end close to its events.
    """
    anywhere = st.one_of(st.sampled_from(OFFICIAL_WINDOWS), _any_window())
    if not events:
        return anywhere
    return st.one_of(anywhere, _window_around(events), _window_around(events))


@st.composite
def _any_instant(draw: DrawFn) -> datetime:
    moment = _moment(draw, _pick(draw, FIRST_DAYS))
    return moment.astimezone(_pick(draw, (LOCAL, UTC)))


def as_ofs(events: Sequence[Event] = ()) -> SearchStrategy[datetime | None]:
    """No as-of instant, the instant of the import, or any at which events are dense.

    Given a history, also the very instants at which its events were recorded.
    """
    known = [_known(event) for event in events] or [IMPORTED]
    return st.one_of(st.none(), st.none(), st.none(), st.sampled_from(known), _any_instant())


# --- Edition 2: histories that cross the dates on which the law changed ------------------------

DATES_OF_CHANGE = (ND309.first, ND118.first, date(2026, 8, 1))  # the last: forms only
ON_EACH_SIDE = tuple(
    day + shift * ONE_DAY for day in DATES_OF_CHANGE for shift in (-1, 0, 1, -2, -3, -6, 2)
)
STARTS_IN_LAW = (
    *(2 * ON_EACH_SIDE),
    *(day - 10 * ONE_DAY for day in DATES_OF_CHANGE),
    *(2 * (date(2025, 12, 31), date(2025, 12, 30), date(2026, 1, 8), date(2026, 1, 9))),
    *(date(2026, 8, 20), date(2026, 8, 28)),
    *(date(2025, 6, 14), date(2025, 6, 15), date(2026, 7, 14), date(2026, 7, 15)),
)
# Systems that know only the date write midnight.
CLOCKS_IN_LAW = (
    *("08:00:00", "00:00:00", "12:30:00", "00:00:00", "23:59:59", "00:00:00.250"),
    *("00:00:01", "00:00:00.999999", "08:00:00", "17:00:00"),
)
LAST_IN_LAW = datetime(2026, 10, 31, 12, tzinfo=LOCAL)  # no event may lie ahead of the clock
IMPORTED_IN_LAW = datetime(2026, 8, 5, 2, tzinfo=UTC)

AGENCIES_IN_LAW = ("so_nnmt", "xa_muong_bu", "Sở Nội vụ", "so_tnmt")
LEVELS = ("province", "commune", "district", None)
CANCELLATIONS_IN_LAW = ("expired", *CANCELLATIONS)
ARRIVALS = ("arrived",) * 3
MOVES = ("reassigned",) * 2
NEXT_KINDS_IN_LAW = {
    "in_progress": ("paused", "supplement_requested") * 2
    + ("rescheduled",) * 3
    + (*ARRIVALS, *MOVES),
    "awaiting_supplement": ("supplemented",) * 6
    + ("supplement_requested", "rescheduled", "rescheduled", *ARRIVALS, *MOVES),
    "paused": ("resumed",) * 6
    + ("supplement_requested", "supplement_requested", "rescheduled", *ARRIVALS, *MOVES),
}
KINDS_IN_LAW = (*KINDS, "arrived", "reassigned", "arrived", "reassigned", "rescheduled")
NEW_KINDS = tuple(f"dossier.{kind}.v1" for kind in ("arrived", "reassigned", "rescheduled"))


def _spelling(draw: DrawFn, text: str) -> str:
    """A text as some system writes it: composed or not, with blanks of other kinds."""
    if not _chance(draw, 25):
        return text
    blanks = text.replace(" ", _pick(draw, ("  ", "\u00a0", " \u200b")))
    ends = (blanks, f"{blanks}\u00a0", f"\ufeff{blanks}", f" {blanks}\u200b")
    return unicodedata.normalize(_pick(draw, ("NFC", "NFD")), _pick(draw, ends))


def _received_in_law(draw: DrawFn, day: date) -> Event:
    data = _received(draw, day) | {"agency": _spelling(draw, _pick(draw, AGENCIES_IN_LAW))}
    if data["channel"] == "online" and _chance(draw, 70):
        data["online_service"] = _pick(draw, ("full", "partial"))
    if _chance(draw, 75):
        data["received_at"] = _spelling(draw, _pick(draw, AGENCIES_IN_LAW))
    return data


def _reassigned(draw: DrawFn, day: date) -> Event:
    """Another body, or the one where the dossier already is; three times in ten with its field."""
    data = {"agency": _spelling(draw, _pick(draw, AGENCIES_IN_LAW))} | _reason(draw, day)
    if (level := _pick(draw, LEVELS)) is not None:
        data["level"] = level
    return data | ({"field": _pick(draw, ("xay_dung", "dat_dai"))} if _chance(draw, 30) else {})


def _cancelled_in_law(draw: DrawFn, day: date) -> Event:
    data = {"reason": _pick(draw, CANCELLATIONS_IN_LAW)}
    replaced = data["reason"] in ("duplicate", "re_entered") and _chance(draw, 50)
    return data | ({"replaced_by": NO_DOSSIER} if replaced else {})


DATA_IN_LAW: Mapping[str, Callable[[DrawFn, date], Event]] = DATA | {
    "received": _received_in_law,
    "arrived": lambda draw, day: {"due": _due(draw, day)} if _chance(draw, 35) else {},
    "reassigned": _reassigned,
    "cancelled": _cancelled_in_law,
}


@dataclass
class _LifeInLaw(_Life):
    """One dossier's life by edition 2 of the contract."""

    def tell(self, kind: str, moment: datetime) -> None:
        """Add an event of a kind at an instant."""
        data = DATA_IN_LAW[kind](self.draw, moment.astimezone(LOCAL).date())
        if _chance(self.draw, 8):
            data = data | {"official": _pick(self.draw, ("cb-017", "a.b_c"))}
        source = _pick(self.draw, SOURCES) if _chance(self.draw, 10) else self.source
        event = _event(self.draw, kind, self.code, source, moment)
        if data or _chance(self.draw, 50):
            event["data"] = data
        self.events.append(event | _recorded(self.draw, moment, self.imported, IMPORTED_IN_LAW))
        self.model.apply(Recorded(event, moment, 0))

    def marks(self) -> list[date]:
        """Days on which something may turn: around the deadline, with the last day of notice."""
        due = self.model.due
        near = [] if due == date.min else [due + shift * ONE_DAY for shift in (0, 1, -1, -2)]
        return [*near, *ON_EACH_SIDE[:9]]

    def move_on(self, percent: int = 45, gaps: Sequence[int] = GAPS) -> None:
        """Let some time pass: none, a few days, or until a day of interest. Within a day, an event
        of midnight comes last."""
        day = self.moment.astimezone(LOCAL).date()
        ahead = _soon(self.marks(), day)
        if ahead and _chance(self.draw, percent):
            day = _pick(self.draw, ahead)
        else:
            day += timedelta(days=_pick(self.draw, gaps))
        self.move_on_to(day)

    def move_on_to(self, day: date) -> None:
        """Let the time pass until a day, if it lies ahead."""
        moment = min(_moment(self.draw, day, CLOCKS_IN_LAW), LAST_IN_LAW)
        self.moment = max(self.moment, moment, key=_place_in_time)

    def live_legally(self) -> None:
        """Follow the contract's table for some steps; close in the end, or break off."""
        self.tell("received", self.moment)
        for _ in range(_pick(self.draw, (2, 3, 1, 4, 2, 5, 6, 3, 9))):
            self.move_on()
            kind = _pick(self.draw, NEXT_KINDS_IN_LAW[self.model.phase])
            # Three arrivals in four that would not apply become another transfer between bodies.
            if kind == "arrived" and not self.model.can_arrive() and _chance(self.draw, 75):
                kind = "reassigned"
            self.tell(kind, self.moment)
        if _chance(self.draw, 70):
            self.close()

    def close(self) -> None:
        """Close the dossier, often around its deadline."""
        self.move_on(percent=70)
        self.tell(_pick(self.draw, (*CLOSING_KINDS, "cancelled")), self.moment)

    def be_brought_from_elsewhere(self) -> None:
        """Arrive at the competent body once, on either side of the day from which that starts the
        clock, while the clock runs or stands still."""
        if _chance(self.draw, 75):
            start = ND309.first - timedelta(days=_pick(self.draw, (2, 1, 3, 5, 6, 8, 12)))
            self.moment = _moment(self.draw, start, CLOCKS_IN_LAW)
        self.tell("received", self.moment)
        stop = _pick(self.draw, (None, "paused", "supplement_requested", None))
        if stop is not None:
            self.move_on(percent=10, gaps=(0, 1, 2))
            self.tell(stop, self.moment)
        self.move_on_to(_pick(self.draw, (ND309.first, ND309.first - ONE_DAY)))
        self.tell("arrived", self.moment)
        if stop is not None and _chance(self.draw, 80):
            self.move_on(percent=30, gaps=(0, 1, 2, 6))
            self.tell("resumed" if stop == "paused" else "supplemented", self.moment)
            for kind in ("paused", "resumed") if _chance(self.draw, 40) else ():
                self.move_on(percent=10, gaps=(1, 2, 6))
                self.tell(kind, self.moment)
        if _chance(self.draw, 75):
            self.close()

    def get_a_new_appointment(self) -> None:
        """Be rescheduled close to the last day of notice, perhaps while the clock stands still."""
        self.tell("received", self.moment)
        stop = _pick(self.draw, (None, None, "paused", "supplement_requested"))
        if stop is not None:
            self.move_on(percent=85)
            self.tell(stop, self.moment)
        for _ in range(_pick(self.draw, (1, 2))):
            self.move_on(percent=90, gaps=(0, 1, 2))
            self.tell("rescheduled", self.moment)
        self.close()

    def move_between_bodies(self) -> None:
        """Be reassigned again and again, some of it within a day, and closed in the end."""
        self.tell("received", self.moment)
        for _ in range(_pick(self.draw, (2, 1, 3, 4))):
            self.move_on(percent=25, gaps=(0, 1, 0, 3, 7))
            self.tell("reassigned", self.moment)
        if _chance(self.draw, 60):
            self.close()

    def stray(self) -> None:
        """Add any event on any day near the life told so far."""
        day = self.moment.astimezone(LOCAL).date()
        moments = [datetime.fromisoformat(event["time"]) for event in self.events]
        other = day + timedelta(days=_pick(self.draw, (1, 0, -1, -9)))
        moments.append(min(_moment(self.draw, other, CLOCKS_IN_LAW), LAST_IN_LAW))
        self.tell(_pick(self.draw, KINDS_IN_LAW[::-1]), _pick(self.draw, moments[::-1]))


def _place_in_time(moment: datetime) -> tuple[date, bool, datetime]:
    """Where an event of an instant stands among those of its day and of others."""
    local = moment.astimezone(LOCAL)
    return local.date(), local.time().replace(microsecond=0) == time(), local


def _lived_in_law(draw: DrawFn, number: int, imported: bool) -> list[Event]:
    """The events of one dossier."""
    start = _pick(draw, STARTS_IN_LAW)
    code, source = f"000.00.00.H52-{start:%y%m%d}-{number:04}", _pick(draw, SOURCES)
    begun = _moment(draw, start, CLOCKS_IN_LAW)
    model = Life(KnownLaw(draw(laws())), Calendar(is_about_working), LOCAL)
    life = _LifeInLaw(draw, code, source, imported, begun, model=model)
    lives = (
        *(life.live_legally, life.live_legally, life.be_brought_from_elsewhere),
        *(life.get_a_new_appointment, life.move_between_bodies, life.live_legally),
        *(life.be_brought_from_elsewhere, life.get_a_new_appointment),
    )
    _pick(draw, lives)()
    for _ in range(_pick(draw, (0, 0, 0, 1, 2))):
        life.stray()
    return life.events


@st.composite
def histories_in_law(draw: DrawFn, max_dossiers: int = 5) -> list[Event]:
    """The events of a handful of dossiers around the dates on which the law changed, in the order
    in which they arrived: with reassignments, arrivals, events of midnight, repeats, and events
    taken back."""
    imported = _chance(draw, 10)
    events: list[Event] = []
    for number in range(1, draw(st.integers(1, max_dossiers)) + 1):
        events += _lived_in_law(draw, number, imported)
    events = _numbered(events)
    for number in range(_pick(draw, (0, 0, 1, 2, 3))):
        new = [event for event in events if event["type"] in NEW_KINDS]
        events.append(_annulment(draw, new if new and _chance(draw, 50) else events, number))
    for _ in range(_pick(draw, (0, 0, 1, 2))):
        events.append(_repeat(draw, events))
    return _arrived(draw, events)


def amended(
    provisions: Sequence[Provision], parameter: str, value: object, first: date, published: date
) -> tuple[Provision, ...]:
    """The table with one more provision, in force from a day to the end of the one it splits.
    Raises ``ValueError`` where one begins on that day."""
    changed: list[Provision] = []
    for row in provisions:
        if row.parameter != parameter or not _is_in_force(row, first):
            changed.append(row)
        elif row.first == first:
            raise ValueError(f"a provision of {parameter} begins on {first}")
        else:
            changed.append(row._replace(last=first - ONE_DAY))
            changed.append(Provision(parameter, value, first, row.last, published))
    return tuple(changed)


def _is_in_force(row: Provision, day: date) -> bool:
    return row.first <= day and (row.last is None or day <= row.last)


OTHER_VALUES: dict[str, tuple[object, ...]] = {
    "after_supplement": ("extend", "restart"),
    "supplement_limit": (2, 0, 3, 1),
    "reschedule": ("keep_original", "accept_once"),
    "reschedule_notice": (0, 2, 3, 5, 1),
    "arrival_starts_clock": (True, False),
}


@st.composite
def amendments(draw: DrawFn) -> tuple[str, object, date, date]:
    """A provision that nobody enacted: parameter, value, first day in force, day published."""
    parameter = _pick(draw, tuple(OTHER_VALUES))
    days = [day for day in ON_EACH_SIDE if day not in (ND118.first, ND309.first)]
    first = _pick(draw, days)
    published = first - timedelta(days=_pick(draw, (1, 0, 20, 60)))
    return parameter, _pick(draw, OTHER_VALUES[parameter]), first, published


@st.composite
def laws(draw: DrawFn) -> Law:
    """The law in force, a regime by name, a table of one's own; perhaps with pinned parameters."""
    pinned: dict[str, object] = {}
    for parameter in VALUES:
        if _chance(draw, 8):
            pinned[parameter] = _pick(draw, OTHER_VALUES[parameter])
    if _chance(draw, 35):
        return Law("in_force", pinned, amended(PROVISIONS, *draw(amendments())))
    return Law(_pick(draw, (*REGIMES, "in_force", "in_force")), pinned)


def laws_as_of(law: Law) -> SearchStrategy[date | None]:
    """The day on which a law is known: none, which is all of it, or close to a publication."""
    published = {row.published for row in law.provisions} | {row.published for row in MOVED}
    days = sorted((day - shift * ONE_DAY for day in published for shift in (0, 1)), reverse=True)
    return st.one_of(st.none(), st.sampled_from(days))


@st.composite
def _day_near(draw: DrawFn, events: Sequence[Event]) -> date:
    moments = [datetime.fromisoformat(event["time"]) for event in events]
    day = _pick(draw, moments).astimezone(LOCAL).date()
    return day + timedelta(days=_pick(draw, (0, 1, -1, 7)))


def todays(events: Sequence[Event]) -> SearchStrategy[date]:
    """The day on which a statement is asked: after all that occurred, or in the midst of it."""
    over = st.just(date(2027, 3, 1))
    return st.one_of(over, over, over, st.sampled_from(DATES_OF_CHANGE), _day_near(events))


OFFICIAL_WINDOWS_IN_LAW: tuple[Window, ...] = (
    (date(2025, 6, 15), date(2025, 9, 14)),
    (date(2026, 6, 15), date(2026, 9, 14)),
    (date(2025, 6, 15), date(2025, 7, 14)),
    (date(2026, 7, 15), date(2026, 8, 14)),
    (date(2025, 7, 1), date(2025, 7, 31)),
    (date(2026, 8, 1), date(2026, 8, 31)),
    (date(2024, 12, 15), date(2025, 6, 14)),
    (date(2024, 12, 15), date(2025, 12, 14)),
    (date(2025, 12, 15), date(2026, 12, 14)),
    (date(2025, 12, 15), date(2026, 3, 14)),
)


@st.composite
def _window_at_a_change(draw: DrawFn) -> Window:
    """A window that begins on a date of change, or ends on the day before one."""
    day = _pick(draw, DATES_OF_CHANGE)
    length = timedelta(days=_pick(draw, (0, 3, 30, 90)))
    return (day, day + length) if draw(st.booleans()) else (day - length - ONE_DAY, day - ONE_DAY)


def windows_in_law(events: Sequence[Event]) -> SearchStrategy[Window]:
    """Reporting windows around the dates of change, most of them close to the history's events."""
    return st.one_of(
        st.sampled_from(OFFICIAL_WINDOWS_IN_LAW),
        _window_at_a_change(),
        *(_window_around(events), _window_around(events)),
    )


def as_ofs_in_law(events: Sequence[Event]) -> SearchStrategy[datetime | None]:
    """No as-of instant, or one at which an event was recorded, or the import."""
    known = [_known(event) for event in events]
    return st.one_of(st.none(), st.none(), st.sampled_from(known), st.just(IMPORTED_IN_LAW))


def lines(events: Sequence[Event]) -> list[bytes]:
    """The events as JSON lines."""
    return [json.dumps(event, ensure_ascii=False).encode() + b"\n" for event in events]
