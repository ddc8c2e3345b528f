"""Makes the events that the facts of a register call for (``wanted``), given what the log has.

What a register dates becomes an event of that day. A state that it does not date (awaiting a
supplement, paused, in progress again, another due day) is an **observation**: it occurs on the day
that the export says it is of, and stays there while later exports go on saying so.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, tzinfo
from typing import Any, Final, NamedTuple

from hoso.consumers.intake.registers.rows import CLOSED, ENDS, Facts
from hoso.domain.calendar import local_date
from hoso.domain.dossier import life_of, place_in_life
from hoso.domain.events import (
    EVENT,
    Cancelled,
    Event,
    Received,
    Rescheduled,
    Resolved,
    Resumed,
    Returned,
    Supplemented,
)
from hoso.domain.kinds import kind_name

OBSERVED: Final = "observed"  # follows the kind in the id of an observation
AWAITING: Final = "awaiting"
PAUSED: Final = "paused"
IN_PROGRESS: Final = "in_progress"
CLOSING: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "resolved": ("resolved", {"outcome": "granted"}),
    "refused": ("resolved", {"outcome": "refused"}),
    "returned": ("returned", {"reason": "not_eligible"}),
    "withdrawn": ("cancelled", {"reason": "withdrawn"}),
    "cancelled": ("cancelled", {"reason": "other"}),
}
# The moment that a closing state is dated by: the first of these that the register has.
CLOSED_AT: Final[dict[str, tuple[str, ...]]] = {
    "returned": ("returned", "closed"),
    "withdrawn": ("withdrawn", "closed"),
    "cancelled": ("withdrawn", "closed"),
}
MOST_PASSES: Final = 4
CLOSED_BY: Final = Resolved | Returned | Cancelled
# How a dossier must stand for a step to apply (any way, where it is not here), and stands then.
APPLIES: Final = {"supplemented": (AWAITING,), "paused": (IN_PROGRESS,), "resumed": (PAUSED,)}
LEADS_TO: Final = {
    "supplement_requested": AWAITING,
    "supplemented": IN_PROGRESS,
    "paused": PAUSED,
    "resumed": IN_PROGRESS,
}
PAUSES: Final = {"paused": "other", "paused_for_payment": "financial_obligation"}


class Register(NamedTuple):
    """A register as it is imported: the source of its events, the day that the export is of, and
    the time zone of its days."""

    source: str
    seen: date
    zone: tzinfo


def wanted(facts: Facts, known: Sequence[Event], register: Register) -> list[Event]:
    """The events that a dossier should have in the log, by the facts of a register.

    ``known`` are the dossier's events of this register in the log, in its order.
    """
    life = life_of(known, register.zone)
    for _ in range(MOST_PASSES):
        events = _Life(facts, life, register).events()
        if _said(events) == _said(life) or not any(map(is_observation, events)):
            break
        life = events  # what is observed now may make an earlier observation needless
    return events


def _said(events: Iterable[Event]) -> list[tuple[Any, ...]]:
    return [(event.type, event.time, event.data) for event in events]


class _Life:
    """The life of one dossier, while its events are made."""

    def __init__(self, facts: Facts, life: list[Event], register: Register) -> None:
        self._facts = facts
        self._life = life
        self._register = register
        self._end = _end(facts)

    def events(self) -> list[Event]:
        """The events, in the order in which they occur."""
        dated = [*self._dated()]
        before = [event for event in self._life if is_observation(event)]
        fitting = [event for event in self._fitting([*dated, *before]) if event in dated]
        new = {kind_name(event.type) for event in fitting if not self._is_logged(event)}
        kept = [event for event in before if kind_name(event.type) not in new]
        moved = [event for event in kept if isinstance(event, Rescheduled)]
        others = [event for event in kept if not isinstance(event, Rescheduled)]
        steps = [*dated, *others]
        events = self._fitting(steps)
        if self._last_due(events) != self._appointment():
            events = self._fitting([*steps, *moved])
        events += self._observed(events)
        if self._end is not None:
            events.append(self._closing(*self._end))
        return events

    def _fitting(self, steps: Iterable[Event]) -> list[Event]:
        """The reception, and those of some steps that apply, in the order of the dossier's life."""
        end = None if self._end is None else self._place(self._end[1])
        standing, fitting = IN_PROGRESS, [self._received()]
        for step in sorted(steps, key=lambda step: self._place(step.time)):
            kind = kind_name(step.type)
            is_over = end is not None and self._place(step.time) > end
            if not is_over and standing in APPLIES.get(kind, (standing,)):
                standing = LEADS_TO.get(kind, standing)
                fitting.append(step)
        return fitting

    def _place(self, moment: datetime) -> int:
        return place_in_life(moment, self._register.zone)

    def _day(self, moment: date) -> date:
        return local_date(moment, self._register.zone)

    # --- What the register dates ------------------------------------------------------------------

    def _received(self) -> Event:
        facts = self._facts
        allowance = None
        if facts.allowance is not None:
            allowance = {"value": facts.allowance, "unit": "working_days"}
        data = {**facts.names, "allowance": allowance, "due": self._first_due()}
        return self._event("received", facts.moments["received"], data)

    def _first_due(self) -> date | None:
        """The due day of the reception.

        It is as the log has it, so that another day in the register is a new appointment. It is as
        the register has it, if the register has new appointments in a column of their own, or if
        the day was changed after the dossier was closed: that is a correction.
        """
        due = self._due()
        logged = next((event for event in self._life if isinstance(event, Received)), None)
        if logged is None or logged.data.due is None or "new_due" in self._facts.moments:
            return due
        is_closed = any(isinstance(event, CLOSED_BY) for event in self._life)
        if due is None or (is_closed and due != self._last_due(self._life)):
            return due
        return self._day(logged.data.due)

    def _due(self) -> date | None:
        due = self._facts.moments.get("due")
        return None if due is None else due.date()

    def _dated(self) -> Iterator[Event]:
        """The steps that the register dates."""
        moments, due = self._facts.moments, self._due()
        for field, data in (
            ("supplement_requested", {}),
            ("supplemented", {"due": due}),
            ("paused", {"reason": PAUSES.get(self._facts.state or "", "other")}),
            ("resumed", {"due": due}),
        ):
            if field in moments:
                yield self._event(field, moments[field], data)
        if "rescheduled" in moments and "new_due" in moments:
            new = {"due": moments["new_due"].date()}
            yield self._event("rescheduled", moments["rescheduled"], new)

    def _closing(self, state: str, moment: datetime) -> Event:
        kind, data = CLOSING[state]
        return self._event(kind, moment, data)

    # --- What it does not date --------------------------------------------------------------------

    def _is_logged(self, event: Event) -> bool:
        """Whether the log has an event that the register dates. Else it is new that the register
        dates it, and it takes the place of what was observed."""
        return any(
            each.time == event.time
            and kind_name(each.type) == kind_name(event.type)
            and not is_observation(each)
            for each in self._life
        )

    def _appointment(self) -> date | None:
        """The appointment that the register has now."""
        new = self._facts.moments.get("new_due")
        return self._due() if new is None else new.date()

    def _observed(self, events: Sequence[Event]) -> Iterator[Event]:
        """What must be observed now, after some events, for the dossier to stand as the register
        says."""
        standing, state = _standing(events), self._facts.state
        due = self._appointment()
        moved = due is not None and due != self._last_due(events)
        new = {"due": due if moved else None}
        if self._end is None and state is not None and state not in CLOSED:
            steps = self._steps(standing, PAUSED if state in PAUSES else state, new)
            yield from steps
            if steps or standing != IN_PROGRESS:
                return
        if moved and not {"rescheduled", "new_due"} <= self._facts.moments.keys():
            yield self._observation("rescheduled", {"due": due})

    def _steps(self, standing: str, state: str, new: Mapping[str, Any]) -> list[Event]:
        """The observations that lead from how a dossier stands to a state."""
        steps: list[Event] = []
        if state == standing:
            return steps
        if standing == AWAITING:
            steps.append(self._observation("supplemented", new if state == IN_PROGRESS else {}))
        if standing == PAUSED:
            steps.append(self._observation("resumed", new if state == IN_PROGRESS else {}))
        if state == AWAITING:
            steps.append(self._observation("supplement_requested", {}))
        if state == PAUSED:
            reason = PAUSES[self._facts.state or "paused"]
            steps.append(self._observation("paused", {"reason": reason}))
        return steps

    def _last_due(self, events: Iterable[Event]) -> date | None:
        """The last due day among some events."""
        with_due = Received | Supplemented | Resumed | Rescheduled
        dues = [event.data.due for event in events if isinstance(event, with_due)]
        days = [self._day(due) for due in dues if due is not None]
        return days[-1] if days else None

    def _observation(self, kind: str, data: Mapping[str, Any]) -> Event:
        """An event of the day that the export is of; of a dossier that was closed by then, an event
        of that moment: recorded before the closing, it comes before it."""
        moment = datetime.combine(self._register.seen, time(), self._register.zone)
        if self._end is not None:
            moment = self._end[1]
        return self._event(kind, moment, data, f"{kind} {OBSERVED}")

    def _event(
        self, kind: str, moment: datetime, data: Mapping[str, Any], name: str | None = None
    ) -> Event:
        said = {field: value for field, value in data.items() if value is not None}
        return EVENT.validate_python(
            {
                "specversion": "1.0",
                "id": f"{name or kind} {self._facts.code} {moment.isoformat()}",
                "source": self._register.source,
                "type": f"dossier.{kind}.v1",
                "subject": self._facts.code,
                "time": moment,
                "data": said,
            }
        )


def is_observation(event: Event) -> bool:
    """Whether an event of a register is of a state that the register does not date."""
    return event.id.startswith(f"{kind_name(event.type)} {OBSERVED} ")


def _end(facts: Facts) -> tuple[str, datetime] | None:
    """How and when a dossier was closed; None if it is open."""
    ended = [(facts.moments[field], field) for field in ENDS if field in facts.moments]
    if not ended:
        return None
    if facts.state in CLOSED:
        fields = CLOSED_AT.get(facts.state, ("closed", "returned", "withdrawn"))
        return facts.state, next(
            (facts.moments[f] for f in fields if f in facts.moments), min(ended)[0]
        )
    moment, field = min(ended)
    return ("resolved" if field == "closed" else field), moment


def _standing(events: Iterable[Event]) -> str:
    """How a dossier stands after some events that leave it open."""
    standing = IN_PROGRESS
    for event in events:
        standing = LEADS_TO.get(kind_name(event.type), standing)
    return standing
