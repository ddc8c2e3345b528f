"""How do files get into the log? Block by block, all of them or none."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from consumers import files
from consumers.intake import Rejected, read, to_store
from consumers.store import Entry, Reject, Store
from domain.events import Event, recorded


class Judged(NamedTuple):
    """What intake made of some lines."""

    entries: list[Entry]
    rejects: list[Reject]


class Tally(NamedTuple):
    """What became of all lines: how many were recorded, and those that were not."""

    recorded: int
    rejects: list[Reject]


def told(block: files.Block, now: datetime) -> Iterator[tuple[files.Line, Event | Rejected]]:
    """Each line of a block, and the event that it tells of or the reason why it tells of none."""
    for line in files.lines(block):
        try:
            yield line, read(line.raw, now)
        except Rejected as rejected:
            yield line, rejected


def judge(block: files.Block, now: datetime) -> Judged:
    """Tell the events of a block, as the log keeps them, from what is none."""
    judged = Judged([], [])
    for line, event in told(block, now):
        if isinstance(event, Rejected):
            judged.rejects.append(Reject(now, line.origin, str(event), line.raw.rstrip(b"\r")))
        else:
            state = to_store(line.raw, recorded(event))
            judged.entries.append(Entry(event.subject, event.type, state))
    return judged


def ingest(store: Store, judged: Iterable[Judged]) -> Tally:
    """Record the events and keep the rest as rejects, in one transaction.

    Raises ``store.StoreTrouble`` or ``files.Unreadable``, with nothing recorded, where it fails.
    """
    count, rejects = 0, list[Reject]()
    with store.writing() as writer:
        for entries, failed in judged:
            writer.append(entries)
            writer.reject(failed)
            count += len(entries)
            rejects += failed
    return Tally(count, rejects)
