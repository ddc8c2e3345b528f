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
from hoso.projections.ledger.register import ArchiveGrew, Moment, of_archive, of_log, schema
from hoso.tools.output.files import whole
from hoso.tools.sources.archive import on_all_cores
from hoso.tools.sources.source import is_archive, logged

Writer = Callable[[BinaryIO, pa.Schema], AbstractContextManager[Any]]


def _parquet(file: BinaryIO, schema: pa.Schema) -> AbstractContextManager[Any]:
    writer: AbstractContextManager[Any] = pq.ParquetWriter(file, schema, compression="zstd")
    return writer


WRITERS: Final[dict[str, Writer]] = {".parquet": _parquet, ".csv": csv.CSVWriter}


def register(
    out: str, source: str, office: Office, moment: Moment, *, skip_rejects: bool = False
) -> tuple[int, list[str]]:
    """Write the register of a source (``sources.replayed``) to a file.

    Returns how many dossiers it has, and the lines of the source that were left out as rejects.
    Raises ``UserError``, with no file left behind, for a file that cannot be written or is to be of
    neither form, and for a source that is none.
    """
    writer = WRITERS.get(Path(out).suffix.lower())
    if writer is None:
        raise UserError(f"--out: {out!r} ends in neither {' nor '.join(WRITERS)}")
    while True:
        try:
            with whole(out) as file:
                tables, rejects = _tables(source, office, moment, skip_rejects)
                return _written(writer(file, schema(office, moment)), tables), rejects
        except ArchiveGrew:
            continue


def _tables(
    source: str, office: Office, moment: Moment, skip_rejects: bool
) -> tuple[Iterable[pa.Table], list[str]]:
    if is_archive(source):
        return of_archive(Path(source), office, moment, on_all_cores), []
    log, rejects = logged(source, office.zone, skip_rejects=skip_rejects)
    return [of_log(log, office, moment)], rejects


def _written(writer: AbstractContextManager[Any], tables: Iterable[pa.Table]) -> int:
    """Write tables, one behind the other; how many rows they have."""
    rows = 0
    with writer as file:
        for table in tables:
            file.write_table(table)
            rows += len(table)
    return rows
