"""Writes the register of a source to a file, whole or not at all.

Parquet, CSV, JSON and Arrow are written table by table, so that memory never holds all of a large
register. The other papers need all of it, and hold only so many rows.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from io import BytesIO
from pathlib import PurePath
from typing import BinaryIO, Final

import orjson
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv
from pyarrow import parquet as pq

from hoso.domain.errors import UserError
from hoso.domain.office import Office
from hoso.projections.archive.register import ArchiveGrew
from hoso.projections.documents.model import Language
from hoso.projections.documents.register import document
from hoso.projections.ledger.register import Moment, schema
from hoso.tools import output
from hoso.tools.output import Paper
from hoso.tools.output.csv import BYTE_ORDER_MARK, FORMULAS, harmless
from hoso.tools.output.files import STANDARD_OUTPUT, whole
from hoso.tools.runtime.printable import printable_json
from hoso.tools.sources.source import Source

Write = Callable[[pa.Table], None]
Writer = Callable[[BinaryIO, pa.Schema], AbstractContextManager[Write]]

PARQUET: Final = ".parquet"
MOST_ROWS: Final = output.MOST_ROWS | {Paper.table: 20_000}
# Texts that ``csv.harmless`` changes: formulas, and what is not printable.
HARMFUL: Final = rf"^[{re.escape(''.join(FORMULAS))}]|[\p{{C}}\p{{Zl}}\p{{Zp}}]"


@contextmanager
def _parquet(file: BinaryIO, schema: pa.Schema) -> Iterator[Write]:
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        yield writer.write_table


@contextmanager
def _csv(file: BinaryIO, schema: pa.Schema) -> Iterator[Write]:
    file.write(BYTE_ORDER_MARK.encode())
    with csv.CSVWriter(file, schema) as writer:
        yield lambda table: writer.write_table(_harmless(table))


def _harmless(table: pa.Table) -> pa.Table:
    """A table in which no text looks like a formula, or commands a terminal."""
    for place, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            column = table.column(place)
            if pc.any(pc.match_substring_regex(column, HARMFUL)).as_py():
                texts = [text and harmless(text) for text in column.to_pylist()]
                table = table.set_column(place, field, pa.array(texts, pa.string()))
    return table


@contextmanager
def _json(file: BinaryIO, _: pa.Schema) -> Iterator[Write]:
    """A JSON list with a row on each line."""
    before = b"[\n"

    def write(table: pa.Table) -> None:
        nonlocal before
        for row in table.to_pylist():
            file.write(before + printable_json(orjson.dumps(row)))
            before = b",\n"

    yield write
    file.write(b"[]\n" if before == b"[\n" else b"\n]\n")


@contextmanager
def _arrow(file: BinaryIO, schema: pa.Schema) -> Iterator[Write]:
    with pa.ipc.new_stream(file, schema) as stream:
        yield stream.write_table


STREAMED: Final[dict[str, Writer]] = {
    PARQUET: _parquet,
    Paper.csv: _csv,
    Paper.json: _json,
    Paper.arrow: _arrow,
}


def register(
    out: str | None,
    source: Source,
    office: Office,
    moment: Moment,
    *,
    paper: Paper | None = None,
    language: Language = "vi",
    ask: tuple[str, ...] = (),
) -> int:
    """Write the register of a source to ``out``; None is standard output.

    ``paper`` overrides the ending of ``out``; ``ask`` is how ``hoso explain`` reads the source.
    Returns how many dossiers the register has. Raises ``UserError``, and leaves no file behind, for
    a file that cannot be written, for a register that its paper does not hold, and for a source
    that cannot be read.
    """
    file = STANDARD_OUTPUT if out is None else out
    form = _form(file, paper)
    while True:
        try:
            if form in STREAMED:
                return _stream(
                    STREAMED[form], file, source.register(office, moment), office, moment
                )
            register = _whole(Paper(form), source.register(office, moment))
        except ArchiveGrew:
            continue
        printed = document(register, office, moment, ask=ask)
        output.put(printed, language, Paper(form), file)
        return len(register)


def _form(file: str, paper: Paper | None) -> str:
    """What a register is written as: a paper's name, or PARQUET."""
    if paper is None and PurePath(file).suffix.lower() == PARQUET:
        return PARQUET
    try:
        return output.target(file, paper).paper
    except UserError as fault:
        raise UserError(f"{fault}, {PARQUET}") from None


def _stream(
    writer: Writer, out: str, tables: Iterable[pa.Table], office: Office, moment: Moment
) -> int:
    """Write tables one after another. Returns how many rows they have."""
    with whole(out) as file:
        return _write(writer, file, tables, office, moment)


def written(paper: Paper, source: Source, office: Office, moment: Moment) -> bytes:
    """The register of a source as CSV, JSON or Arrow, as ``register`` writes it into a file."""
    file = BytesIO()
    _write(STREAMED[paper], file, source.register(office, moment), office, moment)
    return file.getvalue()


def _write(
    writer: Writer, file: BinaryIO, tables: Iterable[pa.Table], office: Office, moment: Moment
) -> int:
    rows = 0
    with writer(file, schema(office, moment)) as write:
        for table in tables:
            write(table)
            rows += len(table)
    return rows


def _whole(paper: Paper, tables: Iterable[pa.Table]) -> pa.Table:
    """All tables as one. Raises ``UserError`` where the paper does not hold so many rows."""
    held: list[pa.Table] = []
    rows = 0
    for table in tables:
        held.append(table)
        rows += len(table)
        if rows > MOST_ROWS[paper]:
            raise UserError(
                f"--format {paper}: holds {MOST_ROWS[paper]:,} dossiers, and there are more: "
                "use --out FILE.csv or FILE.parquet"
            )
    return pa.concat_tables(held)
