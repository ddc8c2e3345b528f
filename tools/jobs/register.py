"""How does a source become a register in a file? By the file's ending, whole or not at all."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, BinaryIO, Final

import pyarrow as pa
from pyarrow import csv
from pyarrow import parquet as pq

from hoso.domain.errors import UserError
from hoso.domain.office import Office
from hoso.projections.archive.register import ArchiveGrew
from hoso.projections.ledger.register import Moment, schema
from hoso.tools.output.files import whole
from hoso.tools.sources.source import Source

Writer = Callable[[BinaryIO, pa.Schema], AbstractContextManager[Any]]


def _parquet(file: BinaryIO, schema: pa.Schema) -> AbstractContextManager[Any]:
    writer: AbstractContextManager[Any] = pq.ParquetWriter(file, schema, compression="zstd")
    return writer


WRITERS: Final[dict[str, Writer]] = {".parquet": _parquet, ".csv": csv.CSVWriter}


def register(out: str, source: Source, office: Office, moment: Moment) -> int:
    """Write the register of a source to a file; returns how many dossiers it has.

    Raises ``UserError``, with no file left behind, for a file that cannot be written or is to be of
    neither form, and for a source that is none.
    """
    writer = WRITERS.get(Path(out).suffix.lower())
    if writer is None:
        raise UserError(f"--out: {out!r} ends in neither {' nor '.join(WRITERS)}")
    while True:
        try:
            with whole(out) as file:
                tables = source.register(office, moment)
                return _written(writer(file, schema(office, moment)), tables)
        except ArchiveGrew:
            continue


def _written(writer: AbstractContextManager[Any], tables: Iterable[pa.Table]) -> int:
    """Write tables, one behind the other; how many rows they have."""
    rows = 0
    with writer as file:
        for table in tables:
            file.write_table(table)
            rows += len(table)
    return rows
