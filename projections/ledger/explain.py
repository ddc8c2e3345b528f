"""Explains one dossier: each event, what it did to the clock and the account, and by which rules.

``explain`` runs the same rule book (``domain.rules``) as the ledger over the events of one dossier
and puts each step into words: when the clock started, stopped and ran again, which due day
followed, and when the deadline passed. Each step names the rules of ``domain.law`` that decided.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from hoso.domain import accounts, kinds, law, rules, validity
from hoso.domain.calendar import WorkingDays, between, date_of, forward
from hoso.domain.errors import UserError
from hoso.domain.law import Rule
from hoso.domain.office import Office
from hoso.domain.policy import Terms, period_on, terms_in
from hoso.domain.rules import Clock, PlainEvent
from hoso.projections.ledger.ledger import Ledger
from hoso.projections.log.lives import lives_of, recorded
from hoso.projections.log.packing import unpacked
from hoso.projections.log.schema import OF_FACTS, Integers, codes

FACT_FIELDS: Final = ("reason", "channel", *OF_FACTS, "step_due")  # what a quality fact may say
PLACE_FIELDS: Final = ("agency", "field", "level")  # where a dossier stands
BATCH_EVENTS: Final = 1_000
Effect = tuple[str, tuple[Rule, ...]]  # what an event did, in words, and the rules that decided


class Step(NamedTuple):
    """One step in the life of a dossier: an event, or a deadline that passed.

    ``day`` is a day number. ``event_type`` is the event's type, or ``deadline``; ``event`` is the
    event's id, or None for a deadline. ``clock`` and ``account`` are those after the step; ``law``
    are the rules that decided. ``suspense`` says that the event is in suspense.
    """

    day: int
    event_type: str
    event: str | None
    effect: str
    clock: Clock
    account: int
    law: tuple[Rule, ...]
    suspense: bool = False


class UnknownDossier(UserError):
    """The log has no event of this dossier."""


class _Basis(NamedTuple):
    """By what an event is judged: the provisions of its day, and the working days."""

    terms: Terms
    days: WorkingDays


class _Outcome(NamedTuple):
    """What became of an event: the clock after it, and the rest of its step."""

    clock: Clock
    effect: str
    law: tuple[Rule, ...]
    suspense: bool = False


def explain(ledger: Ledger, code: str, today: int) -> list[Step]:
    """Explain the dossier ``code`` up to the day number ``today``, as known at ``ledger.as_of``.

    Returns its steps in the order in which they occurred. Raises ``UnknownDossier`` when no event
    of the dossier was recorded by then.
    """
    log, office = ledger.log, ledger.office
    known = recorded(log, ledger.as_of)
    dossiers = log["dossier"].combine_chunks().dictionary.to_pylist()
    number = dossiers.index(code) if code in dossiers else -1
    own = codes(log["dossier"])[known.row] == number
    if not own.any():
        raise UnknownDossier(f"no event of a dossier {code!r} is recorded")
    return list(_steps(log.take(known.row[own]), known.verdict[own], office, today))


def _steps(events: pa.Table, verdict: Integers, office: Office, today: int) -> Iterator[Step]:
    """The steps of one dossier's events, which are given in the order recorded."""
    law_, period, clock, account = (
        office.policy.as_rules_read_it(),
        0,
        rules.BLANK,
        accounts.OUTSIDE,
    )
    stands_in: dict[str, Any] = {}
    life = lives_of(events, np.arange(len(events)), office.zone)
    rows = _rows(events.take(life.row))
    for place, packed, row in zip(life.row.tolist(), life.packed.tolist(), rows, strict=True):
        event = unpacked(packed)
        yield from _deadline(clock, account, event.day)
        period = period_on(law_, period, event.day)
        basis = _Basis(terms_in(law_, period), office.calendar.days)
        clock, effect, decided, suspense = _outcome(
            verdict[place], clock, event, row, stands_in, basis
        )
        if event.kind in (kinds.RECEIVED, kinds.REASSIGNED) and decided and not suspense:
            stands_in |= {name: row[name] for name in PLACE_FIELDS if row[name] is not None}
        account = rules.account(clock, event.day)
        yield Step(event.day, row["type"], row["id"], effect, clock, account, decided, suspense)
    yield from _deadline(clock, account, today)


def _rows(events: pa.Table) -> Iterator[dict[str, Any]]:
    """What is told of each event, a few at a time: a life may have very many."""
    columns = events.select(["type", "id", "annuls", *FACT_FIELDS, *PLACE_FIELDS])
    for batch in columns.to_batches(max_chunksize=BATCH_EVENTS):
        yield from batch.to_pylist()


# For an event that does not count, by its verdict: words, rules, and whether it is in suspense.
NOT_VALID: Final[dict[int, tuple[str, tuple[Rule, ...], bool]]] = {
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


def _outcome(
    verdict: int,
    clock: Clock,
    event: PlainEvent,
    row: dict[str, Any],
    stands_in: dict[str, Any],
    basis: _Basis,
) -> _Outcome:
    """What becomes of an event when the dossier's clock is ``clock``."""
    if verdict != validity.VALID:
        effect, decided, suspense = NOT_VALID[verdict]
        return _Outcome(clock, effect.format(annuls=row["annuls"]), decided, suspense)
    refusing = law.refusing_rule(clock, event.kind)
    if refusing is not None:
        return _Outcome(clock, "in suspense: changes nothing", (refusing,), True)
    if event.kind >= kinds.FIRST_FACT:
        return _Outcome(clock, _noted(row), (law.QUALITY_FACT,))
    if event.kind == kinds.REASSIGNED:
        return _Outcome(clock, _reassigned(row, stands_in), (law.REASSIGNMENT,))
    after = rules.step(clock, event, basis.terms, basis.days)
    return _Outcome(after, *_effect(clock, after, event, basis))


def _deadline(clock: Clock, account: int, day: int) -> Iterator[Step]:
    """The step of a deadline that passed before ``day`` while the dossier was in progress."""
    if rules.runs_out(clock, account, day):
        effect = f"the time ran out on {date_of(clock.due)}"
        overdue, decided = accounts.IN_PROGRESS + accounts.OVERDUE, (law.DEADLINE_PASSES,)
        yield Step(clock.due + 1, "deadline", None, effect, clock, overdue, decided)


def _effect(before: Clock, after: Clock, event: PlainEvent, basis: _Basis) -> Effect:
    """What an event did to the clock."""
    if event.kind == kinds.RECEIVED:
        return _received(after, event, basis)
    if event.kind == kinds.RESCHEDULED:
        return _rescheduled(before, after, event, basis)
    if event.kind == kinds.SUPPLEMENTED:
        return _supplemented(before, after, event, basis)
    if event.kind == kinds.RESUMED:
        return _resumed(before, after, event, basis)
    if event.kind == kinds.ARRIVED:
        return _arrived(before, after, event, basis)
    if event.kind in (kinds.PAUSED, kinds.SUPPLEMENT_REQUESTED):
        return _stopped(before, after, event, basis)
    return _closed(before, after, event, basis)


def _received(after: Clock, event: PlainEvent, basis: _Basis) -> Effect:
    if event.due != rules.NOTHING:
        words = f"due {date_of(after.due)} as given; allowance {_allowance(after)}"
        return words, (law.RECEPTION, law.GIVEN_DUE)
    start = event.day
    if after.unit == rules.WORKING_DAYS:
        start = forward(basis.days, event.day)
    words = f"the clock starts on {date_of(start)}: {_allowance(after)}, due {date_of(after.due)}"
    return words, (law.RECEPTION, law.FRESH_CLOCK)


def _allowance(clock: Clock) -> str:
    return f"{clock.allowance} {rules.UNITS[clock.unit].replace('_', ' ')}"


def _running_again(before: Clock, after: Clock, event: PlainEvent, basis: _Basis) -> Effect:
    """How the clock ran again, if it was stopped; else no words and no rule."""
    if before.phase == rules.PAUSED:
        return _resumed(before, after, event, basis)
    if before.phase == rules.AWAITING:
        return _supplemented(before, after, event, basis)
    return "", ()


def _stopped(before: Clock, after: Clock, event: PlainEvent, basis: _Basis) -> Effect:
    words, decided = "", [law.CLOCK_STOPS]
    if before.phase == rules.PAUSED:
        words, decided = f"{_moved(before, after, event, basis)}; ", [law.SHIFT, law.CLOCK_STOPS]
    if before.phase != rules.AWAITING:
        words += f"the clock stops on {date_of(event.day)}, due {date_of(after.due)}"
    else:
        words = f"the clock has stood since {date_of(after.stopped)}"
    if after.lapsed and not before.lapsed:
        words += ", a day that has passed: lapsed"
        decided.append(law.LAPSED_STICKS)
    if event.kind == kinds.SUPPLEMENT_REQUESTED:
        words += f"; supplement request no. {after.requests}"
        if after.requests > basis.terms.supplement_limit:
            words += f", more than {basis.terms.supplement_limit}: counts as overdue"
            decided.append(law.TOO_MANY_REQUESTS)
    return words, tuple(decided)


def _supplemented(before: Clock, after: Clock, event: PlainEvent, basis: _Basis) -> Effect:
    stood, due = _stood(before, event), date_of(after.due)
    if event.due != rules.NOTHING:
        return f"{stood}; due {due} as given", (law.GIVEN_DUE,)
    if before.arrival_due != rules.NOTHING:
        return _after_arrival(before, after, event)
    if basis.terms.extend:
        return f"{stood}; due {due}, moved by as long", (law.EXTEND,)
    return f"{stood}; it starts again in full: {_allowance(after)}, due {due}", (law.RESTART,)


def _resumed(before: Clock, after: Clock, event: PlainEvent, basis: _Basis) -> Effect:
    if event.due != rules.NOTHING:
        return f"{_stood(before, event)}; due {date_of(after.due)} as given", (law.GIVEN_DUE,)
    if before.arrival_due != rules.NOTHING:
        return _after_arrival(before, after, event)
    return _moved(before, after, event, basis), (law.SHIFT,)


def _moved(before: Clock, after: Clock, event: PlainEvent, basis: _Basis) -> str:
    """How far the due day moves, by how long the clock stood still."""
    length = f"{between(basis.days, before.stopped, event.day)} working days"
    if before.unit == rules.CALENDAR_DAYS:
        length = f"{event.day - before.stopped} calendar days"
    moves = f"due {date_of(before.due)} moves to {date_of(after.due)}"
    return f"{_stood(before, event)}, {length}; {moves}"


def _after_arrival(before: Clock, after: Clock, event: PlainEvent) -> Effect:
    """The due day that an arrival set while the clock stood still."""
    stood, due = _stood(before, event), date_of(after.due)
    if before.arrival_due != rules.FRESH:
        return f"{stood}; due {due} as the arrival gave it", (law.ARRIVAL, law.GIVEN_DUE)
    words = f"{stood}; the dossier arrived meanwhile: {_allowance(after)}, due {due}"
    return words, (law.ARRIVAL, law.FRESH_CLOCK)


def _arrived(before: Clock, after: Clock, event: PlainEvent, basis: _Basis) -> Effect:
    due = date_of(after.due)
    if not basis.terms.arrival_starts_clock:
        return f"noted: due stays {due}", (law.ARRIVAL,)
    if after.arrival_due == rules.FRESH:
        return "the full time runs from when the clock next runs", (law.ARRIVAL,)
    if after.arrival_due != rules.NOTHING:
        words = f"due {date_of(after.arrival_due)} as given, when the clock next runs"
        return words, (law.ARRIVAL, law.GIVEN_DUE)
    is_given = event.due != rules.NOTHING
    words = f"due {due} as given" if is_given else f"the time runs from here: {_allowance(after)}"
    words += "" if is_given else f", due {due}"
    decided = (law.ARRIVAL, law.GIVEN_DUE if is_given else law.FRESH_CLOCK)
    if after.lapsed and not before.lapsed:
        return f"{words}; {date_of(before.due)} had passed: lapsed", (*decided, law.LAPSED_STICKS)
    return words, decided


def _reassigned(row: dict[str, Any], stands_in: dict[str, Any]) -> str:
    """Where a dossier stands from a day on."""
    new = {name: row[name] for name in PLACE_FIELDS if row[name] not in (None, stands_in.get(name))}
    if not new:
        return "noted: the dossier stands there already"
    changes = (f"{name} {stands_in.get(name, '–')} becomes {value}" for name, value in new.items())
    return f"{', '.join(changes)}; clock and account stay as they are"


def _stood(before: Clock, event: PlainEvent) -> str:
    return f"the clock stood from {date_of(before.stopped)} to {date_of(event.day)}"


def _rescheduled(before: Clock, after: Clock, event: PlainEvent, basis: _Basis) -> Effect:
    words = f"a new appointment for {date_of(event.due)}; "
    if not basis.terms.accept_once:
        return f"{words}due stays {date_of(after.due)}", (law.KEEP_ORIGINAL,)
    if before.rescheduled:
        return f"{words}not the first: due stays {date_of(after.due)}", (law.ACCEPT_ONCE,)
    if rules.is_overdue(before, event.day):
        return f"{words}overdue already: due stays {date_of(after.due)}", (law.ACCEPT_ONCE,)
    if not rules.is_notice_in_time(before, event, basis.terms):
        days = f"fewer than {basis.terms.reschedule_notice} days before: due stays"
        return f"{words}{days} {date_of(after.due)}", (law.ACCEPT_ONCE, law.NOTICE)
    return f"{words}due {date_of(before.due)} moves to {date_of(after.due)}", (law.ACCEPT_ONCE,)


def _noted(row: dict[str, Any]) -> str:
    """What a quality fact says: ``noted: part components, complete yes; moves nothing``."""
    fields = [name for name in FACT_FIELDS if row[name] is not None]
    words = ", ".join(f"{name.replace('_', ' ')} {_plain(row[name])}" for name in fields)
    return f"noted{': ' if words else ''}{words}; moves nothing"


def _plain(value: object) -> str:
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)


def _closed(before: Clock, after: Clock, event: PlainEvent, basis: _Basis) -> Effect:
    words, decided = _running_again(before, after, event, basis)
    closed = f"closed on {date_of(event.day)}, due {date_of(after.due)}"
    words = f"{words}; {closed}" if words else closed
    if event.kind == kinds.CANCELLED:
        return words, (*decided, law.CANCELLATION)
    if before.exceeded:
        words += f"; {before.requests} supplement requests: overdue"
        decided = (*decided, law.TOO_MANY_REQUESTS)
    elif before.lapsed:
        words += "; a due day had passed before: overdue"
        decided = (*decided, law.LAPSED_STICKS)
    return words, (*decided, law.TIMELINESS)
