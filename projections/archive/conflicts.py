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
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import feather

from hoso.domain import validity
from hoso.projections.archive.files import File, Manifest, archive_errors, checksum, read_files
from hoso.projections.log.lives import Verdicts, instant
from hoso.projections.log.schema import INSTANT, TEXT, Integers, integers

# Of each, without dictionaries, which differ from file to file.
TEXTS: Final = pa.schema(
    [
        ("position", pa.int64()),
        ("recorded", INSTANT),
        ("key", pa.int64()),
        ("event", pa.int64()),
        ("annulled", pa.int64()),
        ("day", pa.date32()),
        ("dossier", pa.string()),
        ("source", pa.string()),
        ("id", pa.string()),
        ("annuls", pa.string()),
    ]
)
BEYOND: Final = -1  # no event's position
SPARSE: Final = 16  # times as many places has a sieve as there are keys to be found
DECIDING: Final = ("dossier", "source", "id", "annuls")
AT_ONCE: Final = 16_000_000  # keys that are held, to see which recur


Mask = npt.NDArray[np.bool_]


class RowVerdicts(NamedTuple):
    """Rows of a file, and how each of them counts (``domain.validity``); all its others count."""

    row: npt.NDArray[np.int32]
    verdict: Verdicts


class Recount(NamedTuple):
    """How those of an archive count, by their positions in rising order: as known at an earlier
    one, and now; and the keys of the dossiers, in rising order, of which that may differ."""

    position: Integers
    was: Integers
    now: Integers
    dossiers: Integers


def archive_verdicts(
    folder: Path, there: Manifest, as_of: datetime | None
) -> dict[str, RowVerdicts]:
    """How those of an archive count, as known at ``as_of``, file by file."""
    if there.conflicts is None:
        return {}
    return verdicts_by_file(
        _table(folder, there.conflicts, None if as_of else ["file", "row", "verdict"]), as_of
    )


def recount(folder: Path, make_index: File, since: int) -> Recount:
    """How those in the table beside an archive count: as known at the position ``since``, and now.

    That differs only in dossiers that one of those behind it belongs to, or shares an identity
    with. Only these are judged, and by the side of them who else bears an identity of theirs.
    """
    table = _table(folder, make_index, ["position", "key", "event", "verdict", *DECIDING])
    position, key, now = (integers(table[name]) for name in ("position", "key", "verdict"))
    dossiers = _concerned(table, since)
    was = _judged_anew(table, now, np.isin(key, dossiers), position <= since)
    order = np.argsort(position)
    return Recount(position[order], was[order], now[order], dossiers)


def _judged_anew(table: pa.Table, verdict: Integers, anew: Mask, known: Mask) -> Integers:
    """Verdicts, and for some dossiers' events those that are due to them by what is known.

    Who else bears an identity of theirs is a witness, and keeps the verdict that it has.
    """
    event = integers(table["event"])
    rows = np.flatnonzero(np.isin(event, event[anew]) & known)
    verdicts_by_file = verdict.copy()
    verdicts_by_file[rows] = _verdicts(table.take(pa.array(rows)))
    return np.where(anew, verdicts_by_file, verdict)


def verdicts_at(position: Integers, verdicts_by_file: Integers, verdict: Integers) -> Verdicts:
    """How events count, of which those at some positions, in rising order, were judged."""
    index_of = np.full(len(position), validity.VALID, np.int8)
    place = np.searchsorted(verdicts_by_file, position)
    rows = np.flatnonzero(np.append(verdicts_by_file, BEYOND)[place] == position)
    index_of[rows] = verdict[place[rows]]
    return index_of


def _table(folder: Path, make_index: File, columns: Sequence[str] | None) -> pa.Table:
    path = folder / make_index.name
    with archive_errors(path):
        # By this thread alone: what several take in turn is not given back.
        return feather.read_table(path, columns, use_threads=False)


def make_index(folder: Path, there: Manifest, made: Manifest) -> pa.Table:
    """The table for what an archive holds by now, whose files are there.

    From that for what it held, if it is whole and little is new: else from nothing.
    """
    files = list(made.files())
    if _is_whole(folder, there.conflicts) and made.has_little_since(there.position):
        return _grown(folder, there, files)
    return index_of(folder, files)


def _is_whole(folder: Path, file: File | None) -> bool:
    try:
        return file is not None and checksum(folder / file.name) == file.xxh3
    except OSError:
        return False


def _grown(folder: Path, there: Manifest, files: Sequence[File]) -> pa.Table:
    """The table for some files from the one that there was. The rows of files that stay are where
    they were; where those are of files that were made one is found anew."""
    assert there.conflicts is not None
    old, held = _table(folder, there.conflicts, None), {file.name for file in there.files()}
    stay, fresh = ([f for f in files if (f.name in held) == stays] for stays in (True, False))
    seen, of_note = _of_note_since(folder, stay, fresh, there.position)
    parts = [_carried(old, stay)]
    for file, rows in zip(stay, seen, strict=True):
        row, noted = rows.row[np.isin(rows.event, of_note)], _carried(old, [file])
        parts.append(_placed(folder, file, np.setdiff1d(row, integers(noted["row"]))))
    of_note = np.unique(np.concatenate([of_note, _keys(old["event"]), _keys(old["annulled"])]))
    parts += [_rows(folder, file, of_note) for file in fresh]
    table = _in_order(parts)
    return table.append_column("verdict", pa.array(_verdicts_since(table, old, there.position)))


def _carried(old: pa.Table, stay: Sequence[File]) -> pa.Table:
    """The rows of a table that are in some files, without their verdicts."""
    from pyarrow import compute as pc  # here, as who only reads the table need not load it

    file, place = old["file"].cast(pa.string()), old.schema.get_field_index("file")
    rows = pc.is_in(file, pa.array([each.name for each in stay], pa.string()))
    return old.set_column(place, "file", file).drop_columns("verdict").filter(rows)


def _verdicts_since(table: pa.Table, old: pa.Table, since: int) -> Integers:
    """How the events of a table count: as in an old one, but for dossiers that new ones concern."""
    order = np.argsort(integers(old["position"]))
    verdicts_by_file, verdict = (integers(old[name])[order] for name in ("position", "verdict"))
    position = integers(table["position"])
    before = verdicts_at(position, verdicts_by_file, verdict).astype(np.int64)
    anew = np.isin(integers(table["key"]), _concerned(table, since))
    return _judged_anew(table, before, anew, np.ones(len(table), bool))


def _concerned(table: pa.Table, since: int) -> Integers:
    """The keys of dossiers, in rising order, of which an event is behind a position, or shares its
    identity with one that is."""
    position, key, event = (integers(table[name]) for name in ("position", "key", "event"))
    return np.unique(key[np.isin(event, event[position > since])])


class Seen(NamedTuple):
    """Rows of a file, and the keys of their events."""

    row: Integers
    event: Integers


def _of_note_since(
    folder: Path, stay: Sequence[File], fresh: Sequence[File], since: int
) -> tuple[list[Seen], Integers]:
    """The keys that are of note by the events behind a position, which are in fresh files: those
    that such an event and another have, and those that one takes back. Before them, of each file
    that stays, the rows that may have any of them."""
    new = pa.concat_tables(
        read_files(folder, [file], ["position", "event", "annulled"]) for file in fresh
    )
    new = new.filter(pa.array(integers(new["position"]) > since))
    taken_back = _keys(new["annulled"])
    wanted = np.union1d(_keys(new["event"]), taken_back)
    seen = [_seen(keys, wanted) for keys in _column(folder, [*stay, *fresh], "event")]
    recurring, times = np.unique(np.concatenate([each.event for each in seen]), return_counts=True)
    return seen[: len(stay)], np.union1d(recurring[times > 1], taken_back)


def _seen(keys: Integers, wanted: Integers) -> Seen:
    """Those of many keys that are among few: before they are compared they are sieved by their
    lowest bits, which are as good as random."""
    mask = (1 << (SPARSE * len(wanted)).bit_length()) - 1
    sieve = np.zeros(mask + 1, bool)
    sieve[wanted & mask] = True
    left = np.flatnonzero(sieve[keys & mask])
    row = left[np.isin(keys[left], wanted)]
    return Seen(row, keys[row])


def _keys(column: pa.ChunkedArray) -> Integers:
    return integers(column.drop_null())


def index_of(folder: Path, files: Sequence[File]) -> pa.Table:
    """The events of some files that have to do with each other, in the order recorded."""
    of_note = np.union1d(_recurring(folder, files), _taken_back(folder, files))
    table = _in_order([_rows(folder, file, of_note) for file in files])
    return table.append_column("verdict", pa.array(_verdicts(table)))


def _in_order(parts: Sequence[pa.Table]) -> pa.Table:
    """The rows of several tables in the order recorded."""
    table = pa.concat_tables([_none(), *parts])
    table = table.set_column(table.schema.get_field_index("file"), "file", table["file"].cast(TEXT))
    order = np.lexsort((integers(table["position"]), integers(table["recorded"])))
    return table.take(pa.array(order))


def verdicts_by_file(table: pa.Table, as_of: datetime | None) -> dict[str, RowVerdicts]:
    """How they count, as known at ``as_of``, file by file."""
    verdict = integers(table["verdict"])  # as known at the last
    if as_of is not None and (known := _known(table, as_of)) < len(table):
        table = table.slice(0, known)
        verdict = _verdicts(table)
    files = table["file"].combine_chunks()
    names = files.dictionary.to_pylist()
    file = np.asarray(files.indices).astype(np.min_scalar_type(len(names)))  # quickly sorted
    order = np.argsort(file, kind="stable")
    # These are held as long as the archive is read: in as few bytes as they need.
    row, verdicts_by_file = (
        integers(table["row"])[order].astype(np.int32),
        verdict[order].astype(np.int8),
    )
    ends = np.searchsorted(file[order], np.arange(len(names)), "right")
    pieces = zip(names, pairwise([0, *ends]), strict=True)
    return {name: RowVerdicts(row[a:b], verdicts_by_file[a:b]) for name, (a, b) in pieces}


def _known(table: pa.Table, as_of: datetime) -> int:
    return int((integers(table["recorded"]) <= instant(as_of)).sum())


def _verdicts(table: pa.Table) -> Integers:
    dossier, source, ids, annuls = (table[name].to_pylist() for name in DECIDING)
    taken_back = [a and (s, a) for s, a in zip(source, annuls, strict=True)]
    events = list(zip(source, ids, strict=True))
    return np.array(validity.verdicts(dossier, events, taken_back), np.int64)


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
    columns = (read_files(folder, [file], ["annulled"])["annulled"] for file in files)
    return np.concatenate([np.zeros(0, np.int64), *map(_keys, columns)])


def _column(folder: Path, files: Sequence[File], name: str) -> Iterator[Integers]:
    for file in files:
        yield integers(read_files(folder, [file], [name])[name])


def _rows(folder: Path, file: File, of_note: Integers) -> pa.Table:
    """The rows of a file whose events are of note, or take another back."""
    keys = read_files(folder, [file], ["event", "annulled"])
    annulments = keys["annulled"].is_valid().to_numpy()
    rows = np.flatnonzero(np.isin(integers(keys["event"]), of_note) | annulments)
    return _placed(folder, file, rows)


def _placed(folder: Path, file: File, rows: Integers) -> pa.Table:
    """Some rows of a file as they stand in the table."""
    texts = _texts(folder / file.name, rows)
    names = pa.array([file.name] * len(rows), pa.string())
    return texts.append_column("file", names).append_column("row", pa.array(rows, pa.int64()))


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
    texts = (part.select(TEXTS.names).cast(TEXTS) for part in parts)
    return pa.concat_tables([TEXTS.empty_table(), *texts])


def _none() -> pa.Table:
    return pa.schema([*TEXTS, ("file", pa.string()), ("row", pa.int64())]).empty_table()
