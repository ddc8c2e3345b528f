"""What becomes of messages? What is an event is appended to the log, the rest is kept as rejects.

``judge`` looks at each message alone, so that cores may share the work; ``record`` writes what it
found, within the transaction of whoever reads a file or a stream.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, tzinfo
from typing import Final, Literal, NamedTuple

from hoso.consumers.intake import national
from hoso.consumers.intake.validate import Rejected, read, stored_json
from hoso.consumers.store.log import LogEntry, Reject, Writer
from hoso.domain.events import Event

Format = Literal["events", "national"]
EVENTS: Final = "events"


class IntakeContext(NamedTuple):
    """How messages are read: in which format, in which zone their clocks stand, at what time.

    ``recorded`` is the instant (RFC 3339) at which an event counts as recorded that does not say so
    itself; None: when it occurred (contract, section 8).
    """

    format: Format
    zone: tzinfo
    now: datetime
    recorded: str | None


class Judged(NamedTuple):
    """What was found in some messages: events, records that tell of events, and neither."""

    entries: list[LogEntry]
    records: list[national.Record]
    rejects: list[Reject]


def judge(raws: Iterable[bytes], origin: Callable[[int], str], reading: IntakeContext) -> Judged:
    """Tell what messages hold by their form. ``origin`` says where a person finds the message of a
    number, counted from 0: ``events.jsonl:17``."""
    judged = Judged([], [], [])
    for number, raw in enumerate(raws):
        try:
            if reading.format == EVENTS:
                judged.entries.append(_entry(read(raw, reading.now), reading))
            else:
                judged.records.append(national.read(raw, reading.zone, reading.now))
        except Rejected as rejected:
            reason = str(rejected)
            judged.rejects.append(Reject(reading.now, origin(number), reason, raw, reading.format))
    return judged


def together(parts: Iterable[Judged]) -> Judged:
    """What was found in several lots of messages."""
    whole = Judged([], [], [])
    for part in parts:
        whole.entries.extend(part.entries)
        whole.records.extend(part.records)
        whole.rejects.extend(part.rejects)
    return whole


def record(writer: Writer, judged: Judged, reading: IntakeContext) -> int:
    """Write what was found; returns how many events were recorded."""
    told = _told(writer, judged.records, reading) if judged.records else []
    writer.append(judged.entries + told)
    writer.reject(judged.rejects)
    return len(judged.entries) + len(told)


def _told(writer: Writer, records: list[national.Record], reading: IntakeContext) -> list[LogEntry]:
    """The events that records add to what the log knows of their dossiers, each in its turn."""
    known = writer.known({record.code for record in records})
    entries = []
    for record in records:
        for event in national.tell(known[record.code], record, reading.now, reading.zone):
            known[record.code].append(event)
            entries.append(_entry(event, reading))
    return entries


def _entry(event: Event, reading: IntakeContext) -> LogEntry:
    recorded = reading.recorded or event.time.isoformat()
    return event.subject, event.type, stored_json(event, recorded)
