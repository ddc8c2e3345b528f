"""How do files get into the log? Block by block, all of them or none."""

from collections.abc import Iterable
from typing import NamedTuple

from hoso.consumers.intake import files
from hoso.consumers.intake.record import IntakeContext, Judged, judge, record
from hoso.consumers.store.log import Reject, Store


class Tally(NamedTuple):
    """What became of all lines: how many events were recorded, and the lines that tell of none."""

    recorded: int
    rejects: list[Reject]


def judge_block(block: files.Block, reading: IntakeContext) -> Judged:
    """Tell the events of a block, as the log keeps them, from what is none."""
    lines = list(files.lines(block))
    raws = (line.raw.rstrip(b"\r") for line in lines)
    return judge(raws, lambda number: lines[number].origin, reading)


def ingest(store: Store, blocks: Iterable[Judged], reading: IntakeContext) -> Tally:
    """Record the events and keep the rest as rejects, in one transaction.

    Raises ``store.StoreTrouble`` or ``files.Unreadable``, with nothing recorded, where it fails.
    """
    count, rejects = 0, list[Reject]()
    with store.writing() as writer:
        for judged in blocks:
            count += record(writer, judged, reading)
            rejects += judged.rejects
    return Tally(count, rejects)
