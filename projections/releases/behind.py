"""Which dossiers stand behind each figure of a released window, without naming any of them.

There is a row for each time that a dossier counts: the figure, the slice, and the keyed hash of its
code. Who has the log's key finds the dossiers again; nobody else learns a code. So a figure that
another version of the program counts otherwise can be explained, dossier by dossier, without the
version of then.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from hoso.domain.accounts import ACCOUNTS
from hoso.domain.errors import UserError
from hoso.domain.windows import Window
from hoso.projections.ledger.drilldown import TRANSFERS, entries_behind
from hoso.projections.ledger.ledger import Ledger, reassignments, sliced
from hoso.projections.ledger.statement import HELD, final_day, told_of
from hoso.projections.log.schema import TEXT, Integers
from hoso.projections.merkle.leaf import CodeHashes

# The figures of which all others are sums.
FIGURES: Final = ("carried_over", "received", *TRANSFERS, *ACCOUNTS)
OPTIONS: Final = pa.ipc.IpcWriteOptions(compression="zstd")
HASH: Final = np.dtype(">u8")  # a keyed hash read as a number


def behind(
    ledger: Ledger, window: Window, by: Sequence[str], attribution: str, code_hashes: CodeHashes
) -> pa.Table:
    """The rows of a window: ``figure`` (of FIGURES), a column for each of ``by``
    (``slices.DIMENSIONS``), and ``dossier``, the keyed hash of a code as a number. Sorted."""
    final_on = final_day(attribution, window, ledger.office, ledger.as_of)
    names, slice_of = sliced(ledger, by, final_on)
    counted = list(_counted(ledger, window, attribution, slice_of))
    figure = np.repeat(np.arange(len(FIGURES)), [len(entries) for entries, _ in counted])
    entry, place = (np.concatenate(column) for column in zip(*counted, strict=True))
    hashes = _hashes(ledger, ledger.folded.journal.dossier[entry], code_hashes)
    order = np.lexsort((hashes, place, figure))
    values = zip(*names, strict=True) if by and names else ([] for _ in by)
    columns = {
        "figure": _texts(FIGURES, figure[order]),
        **{name: _texts(own, place[order]) for name, own in zip(by, values, strict=True)},
        "dossier": pa.array(hashes[order]),
    }
    return pa.table(columns)


def written(table: pa.Table) -> bytes:
    """The rows as an Arrow file. Equal rows give equal bytes."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema, options=OPTIONS) as file:
        file.write_table(table.combine_chunks())
    return bytes(sink.getvalue())


def read_behind(file: Path) -> pa.Table:
    """The rows in a file. Raises ``UserError`` where they cannot be read."""
    try:
        with pa.OSFile(str(file)) as opened:
            return pa.ipc.open_file(opened).read_all()
    except (pa.ArrowException, OSError) as error:
        raise UserError(f"{file}: cannot be read: {' '.join(str(error).split())}") from None


def _counted(
    ledger: Ledger, window: Window, attribution: str, slice_of: Integers
) -> Iterator[tuple[Integers, Integers]]:
    """The journal entries behind each of FIGURES, and the slice in which each counts."""
    journal, told = ledger.folded.journal, told_of(window, ledger.office, ledger.as_of)
    changes = reassignments(journal)
    changes[1:] &= slice_of[1:] != slice_of[:-1]
    for figure in FIGURES:
        entries = entries_behind(journal, told, figure)
        if figure in TRANSFERS:
            entries = entries[changes[entries]] if attribution == HELD else entries[:0]
        # A transfer out counts in the slice before it.
        yield entries, slice_of[entries - (figure == "transferred.out")]


def _hashes(ledger: Ledger, dossiers: Integers, code_hashes: CodeHashes) -> np.ndarray:
    """The keyed hashes of some dossiers, given by their numbers; of each dossier made once."""
    numbers, which = np.unique(dossiers, return_inverse=True)
    codes = ledger.log["dossier"].combine_chunks().dictionary.take(pa.array(numbers)).to_pylist()
    hashes = np.frombuffer(code_hashes("dossier", codes), HASH).astype(np.uint64)
    return np.asarray(hashes[which.reshape(-1)])


def _texts(values: Sequence[str | None], places: Integers) -> pa.Array:
    """Values by their places, each text once in a dictionary."""
    texts = sorted({value for value in values if value is not None})
    number = {text: place for place, text in enumerate(texts)}
    of_value = np.array([-1 if each is None else number[each] for each in values], np.int32)
    indices = of_value[places] if len(values) else np.zeros(0, np.int32)
    known = pa.array(indices, mask=indices < 0)
    return pa.DictionaryArray.from_arrays(known, pa.array(texts, pa.string())).cast(TEXT)
