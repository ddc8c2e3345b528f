"""What is kept of a log between two readings? Its columns, in segments, what they fold into, and
the balance sheets of that.

All are Arrow streams, and behind each what its bytes sum up to: of others, Arrow may make other
figures, or stop the process. A segment's form, a fold's name and that of balance sheets are
fingerprints of all that they depend on beside the log, the code included: what was made for
anything else is not read.

A fold numbers dossiers as the columns do, whose dictionaries are in the order in which texts first
appear, however the log was cut: so a fold fits the columns of its log whenever they are made.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo
from typing import Final

import orjson
import pyarrow as pa

from hoso.domain.office import Office
from hoso.projections.cache.folder import fingerprint, sealed, source_of, unsealed
from hoso.projections.ledger.balances import Balances, BalanceSheets, Suspended
from hoso.projections.ledger.fold import Folded, Journal, Suspense
from hoso.projections.log.schema import SCHEMA, joined

ABOUT: Final = b"hoso"  # the key under which a stream tells of itself
ROWS: Final = 1_000_000  # in a full segment; SQLite keeps values of up to 1 GB
OPTIONS: Final = pa.ipc.IpcWriteOptions(compression="lz4")
# The code that columns are made by, and what a fold of them depends on beside policy and calendar;
# named, as who reads what was kept need not load all of it.
TABULATING: Final = (
    *(
        "hoso.domain.calendar",
        "hoso.domain.kinds",
        "hoso.projections.log.schema",
        "hoso.projections.log.from_json",
    ),
)
FOLDING: Final = (
    *(
        "hoso.domain.accounts",
        "hoso.domain.calendar",
        "hoso.domain.validity",
        "hoso.domain.kinds",
        "hoso.domain.policy",
    ),
    *(
        "hoso.domain.rules",
        "hoso.projections.log.packing",
        "hoso.projections.log.lives",
        "hoso.projections.kernels.journal",
    ),
    "hoso.projections.ledger.fold",
)
# And what balance sheets depend on further.
ADDING: Final = ("hoso.projections.ledger.ledger", "hoso.projections.ledger.balances")


class Damaged(Exception):
    """Bytes that do not read as what was kept: it is to be made anew from the log."""


def segment_form(zone: tzinfo) -> str:
    """What segments must bear to be read in this time zone."""
    return fingerprint(str(SCHEMA), str(zone), *map(source_of, TABULATING))


def segment(table: pa.Table) -> bytes:
    """A table as it is kept."""
    return _stream(table.combine_chunks())


def from_segment(body: bytes) -> pa.Table:
    """The table of a segment. Raises ``Damaged`` where it is none."""
    try:
        return _table(body).cast(SCHEMA)
    except (pa.ArrowException, ValueError) as error:
        raise Damaged(str(error)) from error


def segmented(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Tables that follow each other in the log as full segments, and a last one that may not be.

    A few tables at a time: each chunk of a table that was joined bears all of its texts, and to
    join some hundred of them once more would be to go through all texts for each.
    """
    held: list[pa.Table] = []
    for table in tables:
        held.append(table)
        while sum(map(len, held)) > ROWS:
            whole = joined(held)
            yield _trimmed(whole.slice(0, ROWS))
            held = [_trimmed(whole.slice(ROWS))]
    if held:
        yield _trimmed(joined(held))


def _trimmed(piece: pa.Table) -> pa.Table:
    """A piece of a table whose dictionaries hold its own texts only, in order of appearance.

    In one chunk: each chunk of several would bring a dictionary of its own, to be made one again.
    """
    columns = [
        column.cast(pa.string()).dictionary_encode()
        if pa.types.is_dictionary(column.type)
        else column
        for column in piece.combine_chunks().columns
    ]
    return pa.table(columns, schema=SCHEMA)


def fold_name(office: Office) -> str:
    """What a fold of a whole log must bear to be read for this office."""
    return fingerprint(*_basis(office))


def sheets_name(office: Office, by: Sequence[str], further: Iterable[str] = ()) -> str:
    """What balance sheets of a whole log must bear to be read for this office and these slices;
    ``further`` names the modules by which they are made, beside that of ``ledger.balance_sheets``."""
    return fingerprint(*_basis(office), *by, *map(source_of, (*ADDING, *further)))


def _basis(office: Office) -> Iterator[str]:
    yield segment_form(office.zone)
    yield office.calendar.version
    yield office.policy.model_dump_json()
    yield from map(source_of, FOLDING)


def folded(fold: Folded) -> bytes:
    """A fold as it is kept: each array of the journal and the suspense in a cell of its own."""
    arrays = [*fold.journal, *fold.suspense]
    names = [*fold.journal._fields, *(f"suspended_{field}" for field in fold.suspense._fields)]
    return _stream(pa.table([pa.array([array]) for array in arrays], names))


def from_folded(body: bytes) -> Folded:
    """The fold. Raises ``Damaged`` where it is none."""
    moves = len(Journal._fields)
    try:
        arrays = [column[0].values.to_numpy() for column in _table(body).columns]
        return Folded(Journal(*arrays[:moves]), Suspense(*arrays[moves:]))
    except (TypeError, AttributeError, IndexError, pa.ArrowException) as error:
        raise Damaged(str(error)) from error


def balance_sheets(sheets: BalanceSheets) -> bytes:
    """Balance sheets as they are kept."""
    slices, first_day, days, key, total = sheets.balances
    arrays = {"key": key, "total": total, **sheets.suspended._asdict()}
    about = orjson.dumps({"slices": slices, "first_day": first_day, "days": days})
    table = pa.table({name: pa.array([array]) for name, array in arrays.items()})
    return _stream(table.replace_schema_metadata({ABOUT: about}))


def from_balance_sheets(body: bytes, office: Office, by: Sequence[str]) -> BalanceSheets:
    """The balance sheets. Raises ``Damaged`` where they are none."""
    try:
        table = _table(body)
        about = orjson.loads(table.schema.metadata[ABOUT])
        key, total, *suspended = (column[0].values.to_numpy() for column in table.columns)
        slices = [tuple(name) for name in about["slices"]]
        balances = Balances(slices, about["first_day"], about["days"], key, total)
        return BalanceSheets(office, None, by, balances, Suspended(*suspended))
    except (TypeError, AttributeError, LookupError, ValueError, pa.ArrowException) as error:
        raise Damaged(str(error)) from error


def _stream(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=OPTIONS) as stream:
        stream.write_table(table)
    return sealed(bytes(sink.getvalue()))


def _table(body: bytes) -> pa.Table:
    try:
        stream = unsealed(body)
        if stream is None:
            raise Damaged("its bytes have changed")
        return pa.ipc.open_stream(pa.py_buffer(stream)).read_all()
    except (pa.ArrowException, OSError, TypeError) as error:
        raise Damaged(str(error)) from error
