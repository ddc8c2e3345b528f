"""Records files in a store. Of large ones the columns of their events are kept, too."""

from collections.abc import Sequence
from functools import partial
from itertools import chain
from typing import Final

from hoso.consumers.intake import files
from hoso.consumers.intake.ingest import IngestResult, validate_block
from hoso.consumers.intake.ingest import ingest as record
from hoso.consumers.intake.record import EVENTS, IntakeContext
from hoso.consumers.store.log import open_store
from hoso.tools.runtime.workers import process_map
from hoso.tools.sources.file import blocks_of

LARGE_BYTES: Final = 32_000_000  # of all files: some 100,000 events


def ingest(address: str, names: Sequence[str], context: IntakeContext) -> tuple[str, IngestResult]:
    """Record the messages of files, in one transaction; with what came of it, the store's name.

    Raises as ``consumers.intake.ingest.ingest``.
    """
    sizes = [files.size_bytes(name) or 0 for name in names]
    if context.format == EVENTS and sum(sizes) >= LARGE_BYTES:
        from hoso.tools.jobs.ingest_columns import ingest_with_columns

        return ingest_with_columns(address, names, context)
    blocks = chain.from_iterable(map(blocks_of, names))
    with (
        process_map(partial(validate_block, context=context), blocks) as judged,
        open_store(address, create=True) as log,
    ):
        return log.name, record(log, judged, context)
