"""Records messages: events are appended to the log, and messages that are no events become rejects.

``validate_messages`` looks at each message alone, so several processes can do it at the same time.
``record`` then writes the result, within the transaction of its caller.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, tzinfo
from typing import Final, Literal, NamedTuple

from hoso.consumers.intake import national
from hoso.consumers.intake.keeping import keep
from hoso.consumers.intake.validate import Rejected, parse_event, stored_json
from hoso.consumers.store.log import LogEntry, Reject, Writer
from hoso.domain.events import Event

Format = Literal["events", "national"]
EVENTS: Final = "events"
NATIONAL: Final = "national"


class IntakeContext(NamedTuple):
    """How messages are read.

    ``format`` is the format of the messages, ``zone`` the time zone of their clocks, and ``now``
    the time of intake, in UTC. ``recorded`` is the instant (RFC 3339) at which an event counts as
    recorded if it does not say so itself; None: when it occurred (contract, section 8).
    ``keep_raw``: keep rejects as they came instead of blanking their values. ``defaults`` is what
    records of the national portal may lack.
    """

    format: Format
    zone: tzinfo
    now: datetime
    recorded: str | None
    keep_raw: bool = False
    defaults: national.Defaults = national.NO_DEFAULTS


class Validated(NamedTuple):
    """Messages, sorted by what they are: events, records of the national portal, and rejects.

    The events that a record adds depend on the log, so ``record`` derives them.
    """

    entries: list[LogEntry]
    records: list[national.Record]
    rejects: list[Reject]


def validate_messages(
    messages: Iterable[bytes], origin: Callable[[int], str], context: IntakeContext
) -> Validated:
    """Validate the form of messages (contract, section 3).

    ``origin`` returns where a person finds the message with an index, counted from 0
    (``events.jsonl:17``).
    """
    validated = Validated([], [], [])
    for index, raw in enumerate(messages):
        try:
            if context.format == EVENTS:
                validated.entries.append(_log_entry(parse_event(raw, context.now), context))
            else:
                _add_records(validated, raw, origin(index), context)
        except Rejected as rejected:
            reject = Reject(context.now, origin(index), str(rejected), raw, context.format)
            validated.rejects.append(reject)
    return validated


def _add_records(validated: Validated, message: bytes, origin: str, context: IntakeContext) -> None:
    """Add the records that a message holds; those that are none are rejects, each by itself.
    Raises ``Rejected`` for a message that is no JSON."""
    reading = (context.zone, context.now, context.defaults)
    for place, raw, fields in national.split_message(message):
        try:
            validated.records.append(national.read_record(raw, fields, *reading))
        except Rejected as rejected:
            reject = Reject(context.now, origin, f"{place}{rejected}", raw, context.format)
            validated.rejects.append(reject)


def merge(batches: Iterable[Validated]) -> Validated:
    """One batch of all messages of several batches, in their order."""
    merged = Validated([], [], [])
    for batch in batches:
        merged.entries.extend(batch.entries)
        merged.records.extend(batch.records)
        merged.rejects.extend(batch.rejects)
    return merged


def record(writer: Writer, validated: Validated, context: IntakeContext) -> int:
    """Append the events of validated messages to the log, and keep their rejects.

    Returns the number of events recorded. Raises ``StoreError`` if the store cannot be written.
    """
    entries = validated.entries
    if validated.records:
        entries = entries + _entries_of_records(writer, validated.records, context)
    writer.append(entries)
    keep(writer, validated.rejects, context.zone, raw=context.keep_raw)
    return len(entries)


def _entries_of_records(
    writer: Writer, records: list[national.Record], context: IntakeContext
) -> list[LogEntry]:
    """The events that records add to the log, dossier by dossier. What the records say is kept,
    too: the events follow from all that was ever said of the dossier."""
    of_dossier: dict[str, list[national.Record]] = {}
    for record in records:
        of_dossier.setdefault(writer.pseudonyms.known_as(record.code), []).append(record)
    events_of, kept_of = writer.events_of(of_dossier), writer.kept_records_of(of_dossier)
    entries = []
    for code, said in of_dossier.items():
        known, kept = events_of[code], kept_of[code]
        events, new = national.additions(code, known, kept, said, context.now, context.zone)
        writer.add_kept_records(code, len(kept), new)
        entries += [_log_entry(event, context) for event in events]
    return entries


def _log_entry(event: Event, context: IntakeContext) -> LogEntry:
    recorded = context.recorded or event.time.isoformat()
    return event.subject, event.type, stored_json(event, recorded)
