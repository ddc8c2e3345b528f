"""How do files get into the log? Line by line, all of them or none."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import Final, NamedTuple

from consumers import files, intake
from consumers.store import Entry, Reject, Store
from domain.events import recorded

AT_ONCE: Final = 5_000  # lines


class Tally(NamedTuple):
    """What became of some lines."""

    recorded: int
    rejects: list[Reject]


def ingest(store: Store, lines: Iterable[files.Line], now: datetime) -> Tally:
    """Record the events among some lines and keep the rest as rejects, in one transaction.

    Raises ``store.StoreTrouble`` or ``files.Unreadable``, with nothing recorded, where it fails.
    """
    count, rejects, lines = 0, [], iter(lines)
    with store.writing() as writer:
        while batch := list(islice(lines, AT_ONCE)):
            judged = [_judged(line, now) for line in batch]
            entries = [one for one in judged if isinstance(one, Entry)]
            failed = [one for one in judged if isinstance(one, Reject)]
            writer.append(entries)
            writer.reject(failed)
            count += len(entries)
            rejects += failed
    return Tally(count, rejects)


def _judged(line: files.Line, now: datetime) -> Entry | Reject:
    try:
        event = intake.read(line.raw, now)
    except intake.Rejected as rejected:
        return Reject(now, line.origin, str(rejected), line.raw.rstrip(b"\r\n"))
    return Entry(event, intake.to_store(line.raw, recorded(event)))
