"""Records files in the log, in one transaction: all of their lines, or nothing."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from hoso.consumers.intake import files
from hoso.consumers.intake.conflicts import NONE, Conflicts, conflicts_since
from hoso.consumers.intake.keeping import Tidied, tidy
from hoso.consumers.intake.record import EVENTS, IntakeContext, Validated, record, validate_messages
from hoso.consumers.store.log import Reject, Store

SHOWN_REJECTS: Final = 10


class IngestResult(NamedTuple):
    """The numbers of events recorded and of lines rejected, the first ``SHOWN_REJECTS`` of these,
    the conflicts of the events recorded with each other and with those of before, and what became
    of rejects of before."""

    recorded: int
    rejected: int
    first_rejects: list[Reject]
    conflicts: Conflicts
    tidied: Tidied


def validate_block(block: files.Block, context: IntakeContext) -> Validated:
    """Validate the messages of a block."""
    lines = list(files.lines(block) if context.format == EVENTS else files.messages(block))
    messages = (line.raw.rstrip(b"\r") for line in lines)
    return validate_messages(messages, lambda index: lines[index].origin, context)


def ingest(store: Store, batches: Iterable[Validated], context: IntakeContext) -> IngestResult:
    """Record the events of all batches and keep their rejects, in one transaction.

    Raises ``StoreError`` if the store cannot be written, and what ``batches`` raises
    (``files.UnreadableFile``). Nothing is recorded then.
    """
    recorded, rejected, first = 0, 0, list[Reject]()
    with store.writing() as writer:
        for validated in batches:
            recorded += record(writer, validated, context)
            rejected += len(validated.rejects)
            first += validated.rejects[: SHOWN_REJECTS - len(first)]
    conflicts = conflicts_since(store, writer.begun_after) if recorded else NONE
    tidied = tidy(store, context.zone, context.now)
    return IngestResult(recorded, rejected, first, conflicts, tidied)
