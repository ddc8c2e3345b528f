"""Records files in the log, in one transaction: all of their lines, or nothing."""

from collections.abc import Iterable
from typing import NamedTuple

from hoso.consumers.intake import files
from hoso.consumers.intake.record import IntakeContext, Validated, record, validate_messages
from hoso.consumers.store.log import Reject, Store


class IngestResult(NamedTuple):
    """The number of events recorded, and the lines that were rejected."""

    recorded: int
    rejects: list[Reject]


def validate_block(block: files.Block, context: IntakeContext) -> Validated:
    """Validate the lines of a block."""
    lines = list(files.lines(block))
    messages = (line.raw.rstrip(b"\r") for line in lines)
    return validate_messages(messages, lambda index: lines[index].origin, context)


def ingest(store: Store, batches: Iterable[Validated], context: IntakeContext) -> IngestResult:
    """Record the events of all batches and keep their rejects, in one transaction.

    Raises ``StoreError`` if the store cannot be written, and what ``batches`` raises
    (``files.UnreadableFile``). Nothing is recorded then.
    """
    recorded, rejects = 0, list[Reject]()
    with store.writing() as writer:
        for validated in batches:
            recorded += record(writer, validated, context)
            rejects += validated.rejects
    return IngestResult(recorded, rejects)
