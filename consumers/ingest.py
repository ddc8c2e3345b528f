"""How do files get into the log? Block by block, all of them or none."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from consumers import files, intake
from consumers.store import Entry, Reject, Store
from domain.events import recorded


class Judged(NamedTuple):
    """What intake made of some lines."""

    entries: list[Entry]
    rejects: list[Reject]


class Tally(NamedTuple):
    """What became of all lines: how many were recorded, and those that were not."""

    recorded: int
    rejects: list[Reject]


def judge(block: files.Block, now: datetime) -> Judged:
    """Tell the events of a block from what is none."""
    judged = Judged([], [])
    for line in files.lines(block):
        try:
            event = intake.read(line.raw, now)
        except intake.Rejected as rejected:
            judged.rejects.append(Reject(now, line.origin, str(rejected), line.raw.rstrip(b"\r")))
        else:
            state = intake.to_store(line.raw, recorded(event))
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
