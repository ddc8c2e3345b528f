"""Which of an archive's events cannot be judged by themselves? Repeats, annulments, their targets.

They are few. A table of them stands beside the archive's buckets: for each its file and row there,
and the texts that decide; so a replay need not look at who else bears an event's id.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import feather

from domain import history
from projections.archive import Catalogue, File, read, readable
from projections.columns import INSTANT, TEXT, Integers, codes, integers
from projections.lives import instant

# Of each, without dictionaries, which differ from file to file.
TEXTS: Final = pa.schema(
    [
        ("position", pa.int64()),
        ("recorded", INSTANT),
        ("key", pa.int64()),
        ("day", pa.date32()),
        ("dossier", pa.string()),
        ("source", pa.string()),
        ("id", pa.string()),
        ("annuls", pa.string()),
    ]
)
AT_ONCE: Final = 16_000_000  # keys that are held, to see which recur


class Judged(NamedTuple):
    """Rows of a file, and how each of them counts (``domain.history``); all its others count."""

    row: Integers
    verdict: Integers


def verdicts(folder: Path, there: Catalogue, as_of: datetime | None) -> dict[str, Judged]:
    """How those of an archive count, as known at ``as_of``, file by file."""
    if there.entangled is None:
        return {}
    path = folder / there.entangled.name
    with readable(path):
        table = feather.read_table(path, None if as_of else ("file", "row", "verdict"))
    return judged(table, as_of)


def found(folder: Path, files: Sequence[File]) -> pa.Table:
    """The events of some files that have to do with each other, in the order recorded."""
    of_note = np.union1d(_recurring(folder, files), _taken_back(folder, files))
    parts = [_rows(folder, file, of_note) for file in files]
    table = pa.concat_tables([part for part in parts if part is not None] or [_none()])
    table = table.set_column(table.schema.get_field_index("file"), "file", table["file"].cast(TEXT))
    order = np.lexsort((integers(table["position"]), integers(table["recorded"])))
    ordered = table.take(pa.array(order))
    return ordered.append_column("verdict", pa.array(_verdicts(ordered)))


def judged(table: pa.Table, as_of: datetime | None) -> dict[str, Judged]:
    """How they count, as known at ``as_of``, file by file."""
    verdict = integers(table["verdict"])  # as known at the last
    if as_of is not None and (known := _known(table, as_of)) < len(table):
        table = table.slice(0, known)
        verdict = _verdicts(table)
    file, row = codes(table["file"]), integers(table["row"])
    order = np.argsort(file, kind="stable")
    names = table["file"].combine_chunks().dictionary.to_pylist()
    ends = np.searchsorted(file[order], np.arange(len(names)), "right")
    pieces = zip(names, pairwise([0, *ends]), strict=True)
    return {name: Judged(row[order[a:b]], verdict[order[a:b]]) for name, (a, b) in pieces}


def _known(table: pa.Table, as_of: datetime) -> int:
    return int((integers(table["recorded"]) <= instant(as_of)).sum())


def _verdicts(table: pa.Table) -> Integers:
    dossier, source, ids, annuls = (
        table[name].to_pylist() for name in ("dossier", "source", "id", "annuls")
    )
    taken_back = [a and (s, a) for s, a in zip(source, annuls, strict=True)]
    events = list(zip(source, ids, strict=True))
    return np.array(history.verdicts(dossier, events, taken_back), np.int64)


def _recurring(folder: Path, files: Sequence[File]) -> Integers:
    """The keys that several events have. So that few are held at a time, by stretches of keys."""
    parts = 1 + sum(file.rows for file in files) // AT_ONCE
    edges = np.array([(1 << 64) * n // parts - (1 << 63) for n in range(1, parts)], np.int64)
    recurring = []
    for part in range(parts):
        keys = [_within(keys, edges, part) for keys in _column(folder, files, "event")]
        ordered = np.sort(np.concatenate([np.zeros(0, np.int64), *keys]))
        recurring.append(ordered[1:][ordered[1:] == ordered[:-1]])
    return np.unique(np.concatenate(recurring))


def _within(keys: Integers, edges: Integers, part: int) -> Integers:
    above = keys >= edges[part - 1] if part else np.ones(len(keys), bool)
    within: Integers = keys[above & (keys < edges[part])] if part < len(edges) else keys[above]
    return within


def _taken_back(folder: Path, files: Sequence[File]) -> Integers:
    columns = (read(folder, [file], ["annulled"])["annulled"].drop_null() for file in files)
    return np.concatenate([np.zeros(0, np.int64), *map(integers, columns)])


def _column(folder: Path, files: Sequence[File], name: str) -> Iterator[Integers]:
    for file in files:
        yield integers(read(folder, [file], [name])[name])


def _rows(folder: Path, file: File, of_note: Integers) -> pa.Table | None:
    """The rows of a file whose events are of note, or take another back."""
    keys = read(folder, [file], ["event", "annulled"])
    annulments = keys["annulled"].is_valid().to_numpy()
    rows = np.flatnonzero(np.isin(integers(keys["event"]), of_note) | annulments)
    if not len(rows):
        return None
    texts = _texts(folder / file.name, rows)
    return texts.append_column("file", pa.array([file.name] * len(rows))).append_column(
        "row", pa.array(rows)
    )


def _texts(path: Path, rows: Integers) -> pa.Table:
    """The texts of some rows of a file: of the row groups only that they are in."""
    with pq.ParquetFile(path, memory_map=True) as file:
        sizes = [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)]
        starts = np.concatenate([[0], np.cumsum(sizes)])
        group = np.searchsorted(starts, rows, side="right") - 1
        parts = [
            file.read_row_group(int(n), columns=TEXTS.names).take(
                pa.array(rows[group == n] - starts[n])
            )
            for n in np.unique(group)
        ]
    return pa.concat_tables(part.select(TEXTS.names).cast(TEXTS) for part in parts)


def _none() -> pa.Table:
    return pa.schema([*TEXTS, ("file", pa.string()), ("row", pa.int64())]).empty_table()
