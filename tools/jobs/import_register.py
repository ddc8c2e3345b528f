"""Records a register in the log: what a spreadsheet says of each dossier is compared with what the
log has from this register, and the difference is recorded, in one transaction.

A preview does the same and records nothing.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import orjson

from hoso.consumers.intake.corrections import corrections
from hoso.consumers.intake.record import IntakeContext
from hoso.consumers.intake.registers.cells import has_time
from hoso.consumers.intake.registers.columns import ColumnMap
from hoso.consumers.intake.registers.lives import Register, is_observation, wanted
from hoso.consumers.intake.registers.rows import STEPS, Facts, Fault, WrongRow
from hoso.consumers.intake.validate import stored_json
from hoso.consumers.store.backend import NOT_FOUND, StoreError
from hoso.consumers.store.log import LogEntry, Store, Writer, open_store
from hoso.consumers.store.pseudonyms import Pseudonyms
from hoso.domain.dossier import life_of
from hoso.domain.errors import UserError
from hoso.domain.events import (
    Annulled,
    Cancelled,
    Event,
    Rescheduled,
    Resolved,
    Returned,
)
from hoso.domain.kinds import kind_name
from hoso.tools.jobs.register_rows import Place, RegisterRows, add_wrong, read_register

BATCH_DOSSIERS: Final = 2_000
EXAMPLES: Final = 10
DAY_OF_CODE: Final = re.compile(r"-(\d{6})-\d+$")
LAST_SEEN: Final = "register "  # begins the setting of a store: the day of a register's last export
CLOSING: Final = Resolved | Returned | Cancelled
Item = TypeVar("Item")
EventsOf = Callable[[Sequence[str]], dict[str, list[Event]]]


class Imported(NamedTuple):
    """What became of a register.

    ``dossiers`` has the numbers of dossiers: ``new``, ``changed`` and ``same``. ``added`` and
    ``annulled`` are events by their kind. ``gone`` is how many dossiers of this register are in the
    log and not in the file; ``gone_open`` how many of these are open, with examples. ``untold`` are
    the figures of what a register cannot tell (docs/VAN-PHONG.md). ``other_day`` are the dossiers
    whose code has another day than that of their reception.
    """

    rows: RegisterRows
    dossiers: Counter[str]
    added: Counter[str]
    annulled: Counter[str]
    untold: Counter[str]
    gone: int
    gone_open: int
    gone_examples: list[str]
    other_day: list[str]


def import_register(
    file: Path, columns: ColumnMap, seen: date, context: IntakeContext, store: str
) -> Imported:
    """Record a register in a store, which is made if there is none.

    ``seen`` is the day that the file is of. Raises ``UserError`` for a file that cannot be read,
    and for one from before the last one; nothing is recorded then.
    """
    rows = read_register(file, columns, context.zone, seen)
    register = Register(columns.source, seen, context.zone)
    with open_store(store, create=True) as log, log.writing() as writer:
        _refuse_older(register, writer.setting(LAST_SEEN + register.source))
        rows = _as_known(rows, writer.pseudonyms)
        made = _compare(rows, register, writer.events_of, _recorder(writer, context))
        writer.set_setting(LAST_SEEN + register.source, seen.isoformat())
    with open_store(store) as log:
        return _with_gone(made, log, register)


def preview(
    file: Path, columns: ColumnMap, seen: date, context: IntakeContext, store: str
) -> Imported:
    """What ``import_register`` would do. Nothing is recorded, and no store is made."""
    rows = read_register(file, columns, context.zone, seen)
    register = Register(columns.source, seen, context.zone)
    try:
        log = open_store(store)
    except StoreError as error:
        if not str(error).endswith(NOT_FOUND):
            raise
        return _compare(rows, register, lambda codes: {code: [] for code in codes}, _nobody)
    with log:
        _refuse_older(register, log.setting(LAST_SEEN + register.source))
        events_of = partial(log.events_of, until=log.last_position())
        rows = _as_known(rows, log.pseudonyms())
        return _with_gone(_compare(rows, register, events_of, _nobody), log, register)


def _as_known(rows: RegisterRows, pseudonyms: Pseudonyms) -> RegisterRows:
    """The rows with the codes by which the store knows their dossiers."""
    known_as = pseudonyms.known_as
    return rows._replace(
        facts=[(place, facts._replace(code=known_as(facts.code))) for place, facts in rows.facts],
        wrong_codes=set(map(known_as, rows.wrong_codes)),
    )


def _refuse_older(register: Register, last: str | None) -> None:
    if last is not None and register.seen < date.fromisoformat(last):
        raise UserError(
            f"--as-it-stood: {register.seen:%d/%m/%Y} is before the last export of "
            f"{register.source} that was imported ({date.fromisoformat(last):%d/%m/%Y}): import "
            "exports in their order"
        )


def _recorder(writer: Writer, context: IntakeContext) -> Callable[[list[Event]], None]:
    def record(events: list[Event]) -> None:
        entries: list[LogEntry] = [
            (e.subject, e.type, stored_json(e, context.recorded or e.time.isoformat()))
            for e in events
        ]
        writer.append(entries)

    return record


def _nobody(_: list[Event]) -> None:
    """Record nothing."""


def _compare(
    rows: RegisterRows,
    register: Register,
    events_of: EventsOf,
    record: Callable[[list[Event]], None],
) -> Imported:
    """Compare a register with the log, batch by batch, and record the difference."""
    made = Imported(rows, Counter(), Counter(), Counter(), Counter(), 0, 0, [], [])
    for batch in _batches(rows.facts):
        known = events_of([facts.code for _, facts in batch])
        new: list[Event] = []
        for place, facts in batch:
            new += _changes(made, place, facts, known[facts.code], register)
        record(new)
    return made


def _changes(
    made: Imported, place: Place, facts: Facts, known: list[Event], register: Register
) -> list[Event]:
    """The events that the facts of one dossier add to those known; counts what becomes of it."""
    others = {event.source for event in known} - {register.source}
    if others:
        wrong = WrongRow([Fault("code", "of_another_source", min(others))], facts.code)
        add_wrong(made.rows, place, wrong)
        return []
    life = wanted(facts, known, register)
    changes = corrections(known, life, register.source)
    made.dossiers["new" if not known else "changed" if changes else "same"] += 1
    ids = {event.id: event for event in known} if changes else {}
    for event in changes:
        if isinstance(event, Annulled):
            made.annulled[kind_name(ids[event.data.event_id].type)] += 1
        else:
            made.added[kind_name(event.type)] += 1
    _count_untold(made.untold, facts, life)
    if _has_other_day(facts):
        made.other_day.append(facts.code)
    return changes


def _count_untold(untold: Counter[str], facts: Facts, life: Sequence[Event]) -> None:
    """Count what the register leaves open of one dossier."""
    untold["dossiers"] += 1
    untold["no_time"] += not has_time(facts.moments["received"])
    untold["one_supplement"] += "supplement_requested" in facts.moments
    dated = {kind_name(event.type) for event in life if not is_observation(event)}
    untold["unfit"] += bool((STEPS & facts.moments.keys()) - dated)
    seen = [event for event in life if is_observation(event)]
    untold["observed"] += any(not isinstance(event, Rescheduled) for event in seen)
    untold["moved"] += any(isinstance(event, Rescheduled) for event in seen)
    due = facts.moments.get("new_due", facts.moments.get("due"))
    end = next((event for event in life if isinstance(event, CLOSING)), None)
    stood_still = {"paused", "supplement_requested"} & {kind_name(event.type) for event in life}
    if due is not None and end is not None and not stood_still:
        untold["maybe_paused"] += end.time.date() > due.date()


def _has_other_day(facts: Facts) -> bool:
    """Whether a code that has the day of reception (NĐ 61/2018 art. 26.2b: …-230315-0001) has
    another one: often day and month were exchanged."""
    said, received = DAY_OF_CODE.search(facts.code), facts.moments["received"]
    return said is not None and said[1] not in (f"{received:%y%m%d}", f"{received:%d%m%y}")


def _with_gone(made: Imported, log: Store, register: Register) -> Imported:
    """Add the dossiers of the register that are in the log and not in the file."""
    present = {facts.code for _, facts in made.rows.facts} | made.rows.wrong_codes
    gone = sorted(_codes(log, register.source) - present)
    still_open = []
    for batch in _batches(gone):
        for code, events in log.events_of(batch, log.last_position()).items():
            life = life_of(events, register.zone)
            if life and not any(isinstance(event, CLOSING) for event in life):
                still_open.append(code)
    return made._replace(
        gone=len(gone), gone_open=len(still_open), gone_examples=still_open[:EXAMPLES]
    )


def _codes(log: Store, source: str) -> set[str]:
    """The dossiers of a source."""
    said = b'"source":' + orjson.dumps(source) + b","
    return {orjson.loads(one.state)["subject"] for one in log.read() if said in one.state}


def _batches(items: Sequence[Item]) -> Iterator[list[Item]]:
    remaining = iter(items)
    while batch := list(islice(remaining, BATCH_DOSSIERS)):
        yield batch
