"""The conflict index: the few events of an archive that cannot be judged alone.

Whether an event counts depends on other events only where it is a repeat, an annulment, or the
target of one. The index is a table of these, with their file and row, and the texts that decide;
it stands beside the buckets. So a replay judges no other event, and compares no texts.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import feather

from hoso.domain import validity
from hoso.projections.archive.files import checksum, opened, read_files
from hoso.projections.archive.manifest import (
    WRITE_ANEW,
    ArchiveError,
    File,
    Manifest,
    file_errors,
)
from hoso.projections.log.lives import Verdicts, instant
from hoso.projections.log.schema import INSTANT, TEXT, Integers, integers

# The columns of an index beside ``file``, ``row`` and ``verdict``: texts without dictionaries,
# which differ from file to file.
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
DECIDING: Final = ("dossier", "source", "id", "annuls")
NO_POSITION: Final = -1  # the position of no event
SIEVE_SLOTS: Final = 16  # per key that is searched for
KEYS_IN_MEMORY: Final = 16_000_000  # at a time, to see which occur more than once

Mask = npt.NDArray[np.bool_]


class RowVerdicts(NamedTuple):
    """Rows of a file, and the verdict on each (``domain.validity``); all other rows are valid."""

    row: npt.NDArray[np.int32]
    verdict: Verdicts


class Recount(NamedTuple):
    """The verdicts on the events of an index as they were and as they are.

    ``position`` are their positions in rising order; ``before`` the verdicts as known at an earlier
    position, ``after`` those of now; ``dossiers`` the keys, in rising order, of the dossiers in
    which they may differ.
    """

    position: Integers
    before: Integers
    after: Integers
    dossiers: Integers


class Candidates(NamedTuple):
    """Rows of a file, and the keys of their events."""

    row: Integers
    event: Integers


def archive_verdicts(
    folder: Path, manifest: Manifest, as_of: datetime | None
) -> dict[str, RowVerdicts]:
    """The verdicts on the index's events as known at ``as_of`` (None: all), by file name."""
    if manifest.conflicts is None:
        return {}
    columns = None if as_of else ["file", "row", "verdict"]
    return verdicts_by_file(_read_index(folder, manifest.conflicts, columns), as_of)


def verdicts_by_file(index: pa.Table, as_of: datetime | None) -> dict[str, RowVerdicts]:
    """The verdicts on an index's events as known at ``as_of`` (None: all), by file name."""
    verdict = integers(index["verdict"])  # as known at the last
    if as_of is not None and (known := _count_known(index, as_of)) < len(index):
        index = index.slice(0, known)
        verdict = _judge(index)
    files = index["file"].combine_chunks()
    names = files.dictionary.to_pylist()
    file = np.asarray(files.indices).astype(np.min_scalar_type(len(names)))  # sorted quickly
    order = np.argsort(file, kind="stable")
    # Held as long as the archive is read, so in as few bytes as they need.
    row, verdicts = integers(index["row"])[order].astype(np.int32), verdict[order].astype(np.int8)
    ends = np.searchsorted(file[order], np.arange(len(names)), "right")
    stretches = zip(names, pairwise([0, *ends]), strict=True)
    return {name: RowVerdicts(row[a:b], verdicts[a:b]) for name, (a, b) in stretches}


def recount(folder: Path, index_file: File, since: int) -> Recount:
    """The verdicts on an index's events as known at position ``since``, and now.

    They can differ only in dossiers that have an event behind the position in the index, or that
    share an identity with one. Only these are judged again, together with all other events of the
    same identities.
    """
    index = _read_index(folder, index_file, ["position", "key", "event", "verdict", *DECIDING])
    position, key, after = (integers(index[name]) for name in ("position", "key", "verdict"))
    dossiers = _dossiers_with_new(index, since)
    before = _judge_again(index, after, np.isin(key, dossiers), position <= since)
    order = np.argsort(position)
    return Recount(position[order], before[order], after[order], dossiers)


def verdicts_at(position: Integers, judged: Integers, verdict: Integers) -> Verdicts:
    """The verdicts on events at some positions.

    Those at the positions ``judged``, in rising order, have the verdicts given; others are valid.
    """
    verdicts = np.full(len(position), validity.VALID, np.int8)
    place = np.searchsorted(judged, position)
    rows = np.flatnonzero(np.append(judged, NO_POSITION)[place] == position)
    verdicts[rows] = verdict[place[rows]]
    return verdicts


def judged_together(folder: Path, manifest: Manifest, dossiers: Integers) -> Integers:
    """The keys, in rising order, of some dossiers, and of all from which follows which of their
    events count: those that have an event of the same identity as one of them, or as one that is
    annulled in them, and so on."""
    if manifest.conflicts is None:
        return dossiers
    index = _read_index(folder, manifest.conflicts, ["key", "event", "annulled"])
    key, event, annulled = (integers(column) for column in index.columns)
    known = 0
    while len(dossiers) > known:
        known, own = len(dossiers), np.isin(key, dossiers)
        identities = np.concatenate([event[own], annulled[own]])
        dossiers = np.union1d(dossiers, key[np.isin(event, identities)])
    return dossiers


def make_index(folder: Path, old: Manifest, new: Manifest) -> pa.Table:
    """The index of what an archive will hold, whose files are all in its folder.

    It is extended from the old one where that is undamaged and few events are new, else made from
    nothing.
    """
    files = list(new.files())
    if _is_undamaged(folder, old.conflicts) and new.has_few_behind(old.position):
        return _extended_index(folder, old, files)
    return index_of(folder, files)


def index_of(folder: Path, files: Sequence[File]) -> pa.Table:
    """The index of all events of some files, in the order recorded."""
    identities = np.union1d(_repeated_keys(folder, files), _annulled_keys(folder, files))
    index = _recorded_order([_rows_with(folder, file, identities) for file in files])
    return index.append_column("verdict", pa.array(_judge(index)))


def _extended_index(folder: Path, old: Manifest, files: Sequence[File]) -> pa.Table:
    """The index of some files from the old one. Rows in files that stay keep their places; those in
    files that were merged are looked up again."""
    assert old.conflicts is not None
    index, named = _read_index(folder, old.conflicts, None), {file.name for file in old.files()}
    staying, fresh = ([f for f in files if (f.name in named) == stays] for stays in (True, False))
    candidates, identities = _new_identities(folder, staying, fresh, old.position)
    parts = [_rows_in_files(index, staying)]
    for file, rows in zip(staying, candidates, strict=True):
        row, present = rows.row[np.isin(rows.event, identities)], _rows_in_files(index, [file])
        parts.append(_indexed(folder, file, np.setdiff1d(row, integers(present["row"]))))
    identities = np.unique(
        np.concatenate([identities, _keys(index["event"]), _keys(index["annulled"])])
    )
    parts += [_rows_with(folder, file, identities) for file in fresh]
    extended = _recorded_order(parts)
    verdicts = _extended_verdicts(extended, index, old.position)
    return extended.append_column("verdict", pa.array(verdicts))


def _rows_in_files(index: pa.Table, files: Sequence[File]) -> pa.Table:
    """The rows of an index that are in some files, without their verdicts."""
    from pyarrow import compute as pc  # here, as readers of an index need not load it

    file, place = index["file"].cast(pa.string()), index.schema.get_field_index("file")
    rows = pc.is_in(file, pa.array([each.name for each in files], pa.string()))
    return index.set_column(place, "file", file).drop_columns("verdict").filter(rows)


def _extended_verdicts(index: pa.Table, old: pa.Table, since: int) -> Integers:
    """The verdicts on an index's events: as in the old one, except in dossiers that new events
    concern."""
    order = np.argsort(integers(old["position"]))
    judged, verdict = (integers(old[name])[order] for name in ("position", "verdict"))
    before = verdicts_at(integers(index["position"]), judged, verdict).astype(np.int64)
    concerned = np.isin(integers(index["key"]), _dossiers_with_new(index, since))
    return _judge_again(index, before, concerned, np.ones(len(index), bool))


def _judge_again(index: pa.Table, verdict: Integers, again: Mask, known: Mask) -> Integers:
    """Verdicts, those on the events marked ``again`` judged anew by what is ``known``.

    Other events of the same identities take part in the judging, and keep the verdict they had.
    """
    event = integers(index["event"])
    rows = np.flatnonzero(np.isin(event, event[again]) & known)
    judged = verdict.copy()
    judged[rows] = _judge(index.take(pa.array(rows)))
    return np.where(again, judged, verdict)


def _dossiers_with_new(index: pa.Table, since: int) -> Integers:
    """The keys, in rising order, of dossiers that have an event behind a position, or one of the
    same identity as such an event."""
    position, key, event = (integers(index[name]) for name in ("position", "key", "event"))
    return np.unique(key[np.isin(event, event[position > since])])


def _new_identities(
    folder: Path, staying: Sequence[File], fresh: Sequence[File], since: int
) -> tuple[list[Candidates], Integers]:
    """The keys of events that belong into the index because of events behind a position, which are
    in fresh files: keys that such an event shares, and keys that one annuls. With them, for each
    staying file, the rows that may have any of them."""
    columns = ["position", "event", "annulled"]
    new = pa.concat_tables(read_files(folder, [file], columns) for file in fresh)
    new = new.filter(pa.array(integers(new["position"]) > since))
    annulled = _keys(new["annulled"])
    wanted = np.union1d(_keys(new["event"]), annulled)
    candidates = [
        _candidates(keys, wanted) for keys in _columns(folder, [*staying, *fresh], "event")
    ]
    keys, times = np.unique(np.concatenate([c.event for c in candidates]), return_counts=True)
    return candidates[: len(staying)], np.union1d(keys[times > 1], annulled)


def _candidates(keys: Integers, wanted: Integers) -> Candidates:
    """The rows of many keys whose key is among few.

    A sieve by the lowest bits, which are as good as random, leaves few to compare.
    """
    mask = (1 << (SIEVE_SLOTS * len(wanted)).bit_length()) - 1
    sieve = np.zeros(mask + 1, bool)
    sieve[wanted & mask] = True
    left = np.flatnonzero(sieve[keys & mask])
    row = left[np.isin(keys[left], wanted)]
    return Candidates(row, keys[row])


def _repeated_keys(folder: Path, files: Sequence[File]) -> Integers:
    """The keys that several events have; searched by ranges of keys, so that few are in memory."""
    parts = 1 + sum(file.rows for file in files) // KEYS_IN_MEMORY
    edges = np.array([(1 << 64) * n // parts - (1 << 63) for n in range(1, parts)], np.int64)
    repeated = []
    for part in range(parts):
        keys = [_in_range(keys, edges, part) for keys in _columns(folder, files, "event")]
        ordered = np.sort(np.concatenate([np.zeros(0, np.int64), *keys]))
        repeated.append(ordered[1:][ordered[1:] == ordered[:-1]])
    return np.unique(np.concatenate(repeated))


def _in_range(keys: Integers, edges: Integers, part: int) -> Integers:
    above = keys >= edges[part - 1] if part else np.ones(len(keys), bool)
    within: Integers = keys[above & (keys < edges[part])] if part < len(edges) else keys[above]
    return within


def _annulled_keys(folder: Path, files: Sequence[File]) -> Integers:
    columns = (read_files(folder, [file], ["annulled"])["annulled"] for file in files)
    return np.concatenate([np.zeros(0, np.int64), *map(_keys, columns)])


def _keys(column: pa.ChunkedArray) -> Integers:
    return integers(column.drop_null())


def _columns(folder: Path, files: Sequence[File], name: str) -> Iterator[Integers]:
    for file in files:
        yield integers(read_files(folder, [file], [name])[name])


def _rows_with(folder: Path, file: File, identities: Integers) -> pa.Table:
    """The rows of a file whose events have some identities, or annul another event."""
    keys = read_files(folder, [file], ["event", "annulled"])
    is_annulment = keys["annulled"].is_valid().to_numpy()
    rows = np.flatnonzero(np.isin(integers(keys["event"]), identities) | is_annulment)
    return _indexed(folder, file, rows)


def _indexed(folder: Path, file: File, rows: Integers) -> pa.Table:
    """Some rows of a file as they stand in the index, without their verdicts."""
    texts = _texts(folder / file.name, rows)
    names = pa.array([file.name] * len(rows), pa.string())
    return texts.append_column("file", names).append_column("row", pa.array(rows, pa.int64()))


def _texts(path: Path, rows: Integers) -> pa.Table:
    """The texts of some rows of a file, of which only the row groups that have any are read."""
    with opened(path) as file:
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


def _recorded_order(parts: Sequence[pa.Table]) -> pa.Table:
    """The rows of several tables as one, in the order recorded."""
    empty = pa.schema([*TEXTS, ("file", pa.string()), ("row", pa.int64())]).empty_table()
    table = pa.concat_tables([empty, *parts])
    place = table.schema.get_field_index("file")
    table = table.set_column(place, "file", table["file"].cast(TEXT))
    order = np.lexsort((integers(table["position"]), integers(table["recorded"])))
    return table.take(pa.array(order))


def _judge(events: pa.Table) -> Integers:
    """The verdicts on events that are given in the order recorded."""
    dossier, source, ids, annuls = (events[name].to_pylist() for name in DECIDING)
    annulled = [a and (s, a) for s, a in zip(source, annuls, strict=True)]
    identities = list(zip(source, ids, strict=True))
    return np.array(validity.verdicts(dossier, identities, annulled), np.int64)


def _count_known(index: pa.Table, as_of: datetime) -> int:
    return int((integers(index["recorded"]) <= instant(as_of)).sum())


def _is_undamaged(folder: Path, file: File | None) -> bool:
    try:
        return file is not None and checksum(folder / file.name) == file.xxh3
    except OSError:
        return False


def _read_index(folder: Path, file: File, columns: Sequence[str] | None) -> pa.Table:
    """Some columns of an index. Raises ``ArchiveError`` where it is damaged."""
    path = folder / file.name
    with file_errors(path):
        if checksum(path) != file.xxh3:
            raise ArchiveError(f"{path}: cannot be read: its bytes have changed; {WRITE_ANEW}")
        # By this thread alone: memory that several threads take is not given back.
        return feather.read_table(path, columns, use_threads=False)
