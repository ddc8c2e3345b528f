"""Why does this dossier stand where it stands? One life, event by event and rule by rule.

The same rule book as everywhere takes each step; here what it did is put into words: when the
clock started, stood still and ran again, when the time would have run out, and when it did.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from hoso.domain import accounts, kinds, law, rules, validity
from hoso.domain.calendar import between, date_of, forward
from hoso.domain.errors import UserError
from hoso.domain.law import Rule
from hoso.domain.office import Office
from hoso.domain.rules import Clock, PlainEvent
from hoso.projections.ledger.ledger import Ledger
from hoso.projections.log.lives import lives_of, recorded
from hoso.projections.log.packing import unpacked
from hoso.projections.log.schema import OF_FACTS, Integers, codes

FACTS: Final = ("reason", "channel", *OF_FACTS, "step_due")  # what a quality fact may say


class Step(NamedTuple):
    """Something that happened to a dossier, or did not.

    ``day`` is a day number; ``event`` the event's id, None for a deadline that passed; ``clock``
    and ``account`` are as it left them; ``law`` the rules that decided.
    """

    day: int
    what: str
    event: str | None
    effect: str
    clock: Clock
    account: int
    law: tuple[Rule, ...]
    suspense: bool = False


class Unknown(UserError):
    """A dossier of which nothing was recorded."""


def explain(ledger: Ledger, code: str, today: int) -> list[Step]:
    """The life of a dossier up to the day number ``today``.

    Raises ``Unknown`` where the log, as it was known, has no event of it.
    """
    log, office = ledger.log, ledger.office
    events = recorded(log, ledger.as_of)
    numbers = log["dossier"].combine_chunks().dictionary.to_pylist()
    mine = codes(log["dossier"])[events.row] == (numbers.index(code) if code in numbers else -1)
    if not mine.any():
        raise Unknown(f"no event of a dossier {code!r} is recorded")
    told = log.take(events.row[mine])
    return list(_steps(told, events.verdict[mine], office, today))


def _steps(told: pa.Table, verdict: Integers, office: Office, today: int) -> Iterator[Step]:
    """Each event of a dossier as it occurred, and each deadline as it passed."""
    terms, clock, held = office.policy.terms(), rules.BLANK, accounts.OUTSIDE
    rows = told.select(["type", "id", "annuls", *FACTS]).to_pylist()
    life = lives_of(told, np.arange(len(told)), office.zone)
    for place, number in zip(life.row.tolist(), life.packed.tolist(), strict=True):
        row, event = rows[place], unpacked(number)
        yield from _deadline(clock, held, event.day)
        words, decided, suspense = ASIDE[verdict[place]]
        words = words.format(annuls=row["annuls"])
        if verdict[place] == validity.VALID:
            hindrance = law.refusing_rule(clock.phase, event.kind)
            if hindrance is None and event.kind >= kinds.FIRST_FACT:
                words, decided = _noted(row), (law.NOTED,)
            elif hindrance is None:
                before, clock = clock, rules.step(clock, event, terms, office.calendar.days)
                words, decided = _effect(before, clock, event, office)
            else:
                words, decided, suspense = "in suspense: changes nothing", (hindrance,), True
        held = rules.account(clock, terms, event.day)
        yield Step(event.day, row["type"], row["id"], words, clock, held, decided, suspense)
    yield from _deadline(clock, held, today)


ASIDE: Final[dict[int, tuple[str, tuple[Rule, ...], bool]]] = {
    validity.VALID: ("", (), False),
    validity.REPEAT: ("the same event again: counts once", (law.COUNTS_ONCE,), False),
    validity.ANNULLED: (
        "taken back by an annulment: changes nothing",
        (law.ANNUL_EARLIER,),
        False,
    ),
    validity.ANNULMENT: ("takes back {annuls}", (law.ANNUL_EARLIER,), False),
    validity.UNMATCHED: (
        "in suspense: {annuls} is no earlier event of this dossier",
        (law.ANNUL_EARLIER,),
        True,
    ),
}


def _deadline(clock: Clock, held: int, day: int) -> Iterator[Step]:
    """The step that no event makes: before ``day``, the time ran out while in progress."""
    if rules.runs_out(clock, held, day):
        words = f"the time ran out on {date_of(clock.due)}"
        overdue, decided = accounts.IN_PROGRESS + accounts.OVERDUE, (law.DEADLINE_PASSES,)
        yield Step(clock.due + 1, "deadline", None, words, clock, overdue, decided)


Effect = tuple[str, tuple[Rule, ...]]


def _effect(before: Clock, after: Clock, event: PlainEvent, office: Office) -> Effect:
    """What an event did, in words, and by which rules."""
    if event.kind == kinds.RECEIVED:
        return _received(after, event, office)
    if event.kind == kinds.RESCHEDULED:
        return _rescheduled(before, after, event, office)
    if event.kind == kinds.SUPPLEMENTED:
        return _supplemented(before, after, event, office)
    if event.kind == kinds.RESUMED:
        return _resumed(before, after, event, office)
    if event.kind in (kinds.PAUSED, kinds.SUPPLEMENT_REQUESTED):
        return _stopped(before, after, event, office)
    return _closed(before, after, event, office)


def _received(after: Clock, event: PlainEvent, office: Office) -> Effect:
    if event.due != rules.NOTHING:
        words = f"due {date_of(after.due)} as given; allowance {_allowance(after)}"
        return words, (law.RECEPTION, law.GIVEN_DUE)
    start = event.day
    if after.unit == rules.WORKING_DAYS:
        start = forward(office.calendar.days, event.day)
    words = f"the clock starts on {date_of(start)}: {_allowance(after)}, due {date_of(after.due)}"
    return words, (law.RECEPTION, law.FRESH_CLOCK)


def _allowance(clock: Clock) -> str:
    return f"{clock.allowance} {rules.UNITS[clock.unit].replace('_', ' ')}"


def _running_again(before: Clock, after: Clock, event: PlainEvent, office: Office) -> Effect:
    """How a clock that stood still, if it did, came to run again."""
    if before.phase == rules.PAUSED:
        return _resumed(before, after, event, office)
    if before.phase == rules.AWAITING:
        return _supplemented(before, after, event, office)
    return "", ()


def _stopped(before: Clock, after: Clock, event: PlainEvent, office: Office) -> Effect:
    words, decided = "", [law.CLOCK_STOPS]
    if before.phase == rules.PAUSED:
        resumed, rule = _resumed(before, after, event, office)
        words, decided = f"{resumed}; ", [*rule, law.CLOCK_STOPS]
    if before.phase != rules.AWAITING:
        words += f"the clock stops on {date_of(event.day)}, due {date_of(after.due)}"
    else:
        words = f"the clock has stood since {date_of(after.stopped)}"
    if after.lapsed and not before.lapsed:
        words += ", a day that has passed: lapsed"
        decided.append(law.LAPSED_STICKS)
    if event.kind == kinds.SUPPLEMENT_REQUESTED:
        words += f"; supplement request no. {after.requests}"
        if after.requests > office.policy.supplement_limit:
            words += f", more than {office.policy.supplement_limit}: counts as overdue"
            decided.append(law.TOO_MANY_REQUESTS)
    return words, tuple(decided)


def _supplemented(before: Clock, after: Clock, event: PlainEvent, office: Office) -> Effect:
    stood, due = _stood(before, event), date_of(after.due)
    if event.due != rules.NOTHING:
        return f"{stood}; due {due} as given", (law.GIVEN_DUE,)
    if office.policy.after_supplement == "extend":
        return f"{stood}; due {due}, moved by as long", (law.EXTEND,)
    return f"{stood}; it starts anew: {_allowance(after)}, due {due}", (law.RESTART,)


def _resumed(before: Clock, after: Clock, event: PlainEvent, office: Office) -> Effect:
    stood, due = _stood(before, event), date_of(after.due)
    if event.due != rules.NOTHING:
        return f"{stood}; due {due} as given", (law.GIVEN_DUE,)
    length = f"{between(office.calendar.days, before.stopped, event.day)} working days"
    if before.unit == rules.CALENDAR_DAYS:
        length = f"{event.day - before.stopped} calendar days"
    return f"{stood}, {length}; due {date_of(before.due)} moves to {due}", (law.SHIFT,)


def _stood(before: Clock, event: PlainEvent) -> str:
    return f"the clock stood from {date_of(before.stopped)} to {date_of(event.day)}"


def _rescheduled(before: Clock, after: Clock, event: PlainEvent, office: Office) -> Effect:
    words = f"a new appointment for {date_of(event.due)}; "
    if office.policy.reschedule == "keep_original":
        return f"{words}due stays {date_of(after.due)}", (law.KEEP_ORIGINAL,)
    if before.rescheduled:
        return f"{words}not the first: due stays {date_of(after.due)}", (law.ACCEPT_ONCE,)
    if rules.is_overdue(before, office.policy.terms(), event.day):
        return f"{words}overdue already: due stays {date_of(after.due)}", (law.ACCEPT_ONCE,)
    return f"{words}due {date_of(before.due)} moves to {date_of(after.due)}", (law.ACCEPT_ONCE,)


def _noted(row: dict[str, Any]) -> str:
    """What a quality fact says: ``part components, complete yes``."""
    said = [(name.replace("_", " "), row[name]) for name in FACTS if row[name] is not None]
    words = (f"{name} {_plain(what)}" for name, what in said)
    return f"noted{': ' if said else ''}{', '.join(words)}; moves nothing"


def _plain(what: object) -> str:
    return ("no", "yes")[what] if isinstance(what, bool) else str(what)


def _closed(before: Clock, after: Clock, event: PlainEvent, office: Office) -> Effect:
    words, decided = _running_again(before, after, event, office)
    closed = f"closed on {date_of(event.day)}, due {date_of(after.due)}"
    words = f"{words}; {closed}" if words else closed
    if event.kind == kinds.CANCELLED:
        return words, (*decided, law.CANCELLATION)
    if before.requests > office.policy.supplement_limit:
        words += f"; {before.requests} supplement requests: overdue"
        decided = (*decided, law.TOO_MANY_REQUESTS)
    elif before.lapsed:
        words += "; a due day had passed before: overdue"
        decided = (*decided, law.LAPSED_STICKS)
    return words, (*decided, law.TIMELINESS)
