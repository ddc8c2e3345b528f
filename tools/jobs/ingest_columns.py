"""Records files in a store, and keeps the columns of their events in the store's cache: who reads
the log next need not parse its JSON.

They are made by the processes that validate, wait in a temporary file, and are put into the cache
once all events are recorded, if these follow the last ones whose columns are kept.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from tempfile import TemporaryFile
from typing import BinaryIO, NamedTuple

import pyarrow as pa

from hoso.consumers.intake import files
from hoso.consumers.intake.ingest import IngestResult, validate_block
from hoso.consumers.intake.ingest import ingest as record
from hoso.consumers.intake.record import IntakeContext, Validated
from hoso.consumers.store.log import open_store
from hoso.projections.log import from_json, streams
from hoso.projections.log.schema import numbered
from hoso.tools.runtime.workers import process_map
from hoso.tools.sources.file import blocks_of
from hoso.tools.sources.source import Options
from hoso.tools.sources.store import StoreSource


class Judged(NamedTuple):
    """The messages of a block, and the columns of its events as a stream."""

    validated: Validated
    columns: bytes


def ingest_with_columns(
    address: str, names: Sequence[str], context: IntakeContext
) -> tuple[str, IngestResult]:
    """As ``ingest.ingest`` of files of events, whose columns are kept.

    Raises as ``consumers.intake.ingest.ingest``.
    """
    blocks = chain.from_iterable(map(blocks_of, names))
    with TemporaryFile() as file:
        columns = _Spool(file)
        with (
            process_map(partial(_judged, context=context), blocks) as judged,
            open_store(address, create=True) as log,
        ):
            name, begun = log.name, log.last_position() if log.schema_version() else 0
            result = record(log, _validated(judged, columns), context)
            follows = log.last_position() == begun + result.recorded and not log.count_erasures()
        if follows:
            tables = numbered(columns.tables(), begun)
            StoreSource(address, Options(context.zone)).keep_columns(begun, tables)
    return name, result


class _Spool:
    """The columns of all blocks, in a file: memory need not hold those of a large history."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._sizes = file, list[int]()

    def add(self, columns: bytes) -> None:
        """Put the columns of the next block aside."""
        self._sizes.append(self._file.write(columns))

    def tables(self) -> Iterator[pa.Table]:
        """What was put aside, from the first block on, read as it is taken."""
        self._file.seek(0)
        for size in self._sizes:
            yield streams.segment_from_bytes(self._file.read(size))


def _judged(block: files.Block, context: IntakeContext) -> Judged:
    validated = validate_block(block, context)
    unnumbered = ((0, state) for _, _, state in validated.entries)
    return Judged(validated, streams.to_bytes(from_json.log_table(unnumbered, context.zone)))


def _validated(judged: Iterable[Judged], columns: _Spool) -> Iterator[Validated]:
    """The messages of all blocks; their columns are put aside."""
    for each in judged:
        columns.add(each.columns)
        yield each.validated
