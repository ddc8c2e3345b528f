"""Makes an archive of a thousand million events, or of as many as wanted, for a replay of them.

    python -m perf.billion FOLDER [MILLIONS]

It has what a replay reads, and what the Parquet files need for the same answer: dossiers, packed
events, days and dimensions. The texts of events are left out, and so are instants and identities:
with them, the archive would have 80 GB. So it answers statements, but no other question, and no
event of it is a repeat or annulled. Lives are those of a simulated province, drawn from its pool.

Each bucket is written once, by itself: an archive that is extended by a million events after
another would have a small file of each million in each bucket first.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
from pyarrow import feather

from hoso.domain import validity
from hoso.projections.archive import conflicts
from hoso.projections.archive.files import ARCHIVED, file_entry, to_archive_rows, write_file
from hoso.projections.archive.manifest import FIRST_KEY, Bucket, Manifest, write_manifest
from hoso.projections.archive.reader import ArchiveView
from hoso.projections.archive.replay import with_replay_files
from hoso.projections.ledger.slices import DIMENSIONS
from hoso.projections.log.lives import recorded
from hoso.projections.log.schema import Integers, integers, numbered
from hoso.tools.runtime.environment import zone
from hoso.tools.runtime.workers import cores
from hoso.tools.simulation.volume import POOL_DOSSIERS, events_of, provinces
from perf.conftest import DAYS

BUCKET_EVENTS: Final = 1_000_000
KEPT: Final = ("packed", "day", "type", *DIMENSIONS)


def main(folder: str, millions: str = "1000") -> None:
    """Make the archive in a folder that is not there yet."""
    path, buckets = Path(folder), int(millions)
    path.mkdir(parents=True)
    pool = a_pool()
    with ThreadPoolExecutor(cores()) as threads:
        written = threads.map(
            lambda number: write_bucket(path, pool, number, buckets), range(buckets)
        )
        index = conflicts.index_of(path, [])
        file = path / "conflicts-000001.arrow"
        feather.write_feather(index, file, compression="lz4")
        manifest = Manifest(
            zone=str(zone()),
            generation=1,
            position=buckets * BUCKET_EVENTS,
            last_event=0,
            buckets=tuple(written),
            conflicts=file_entry(file, index),
        )
        view = ArchiveView(path, None, {})
        write_manifest(path, with_replay_files(view, manifest, threads))


def a_pool() -> pa.Table:
    """The valid events of a province, dossier by dossier, as they are archived."""
    [province] = provinces(POOL_DOSSIERS, 0, DAYS)
    [log] = numbered([events_of(province)])
    valid = recorded(log, None).rows(validity.VALID)
    return to_archive_rows(log.take(pa.array(np.sort(valid))).unify_dictionaries(), zone())


def write_bucket(folder: Path, pool: pa.Table, number: int, buckets: int) -> Bucket:
    """Write a bucket of lives that are drawn from a pool, under keys of its own."""
    first = (1 << 64) * number // buckets + FIRST_KEY
    rows, life = drawn(pool, np.random.default_rng(number))
    room = min((1 << 64) // buckets, 1 << 63)
    key = first + np.sort(np.random.default_rng(-number % 2**32).integers(0, room, life[-1] + 1))
    position = number * BUCKET_EVENTS + 1 + np.arange(len(rows))
    own = {"key": pa.array(key[life]), "position": pa.array(position)}
    some = pool.select(KEPT).take(pa.array(rows))
    columns = {name: some[name] for name in KEPT} | own
    table = pa.table(
        [columns.get(each.name, pa.nulls(len(rows), each.type)) for each in ARCHIVED], ARCHIVED
    )
    file = write_file(folder, f"events-000001-{number:06d}.parquet", table)
    return Bucket(first_key=first, files=(file,))


def drawn(pool: pa.Table, rng: np.random.Generator) -> tuple[Integers, Integers]:
    """The rows of a bucket's events in the pool, life by life, and the number of each life."""
    key = integers(pool["key"])
    start = np.flatnonzero(np.append(True, key[1:] != key[:-1]))
    length = np.diff(start, append=len(key))
    lives = rng.integers(0, len(start), BUCKET_EVENTS)
    ends = np.cumsum(length[lives])
    lives = lives[: int(np.searchsorted(ends, BUCKET_EVENTS, "right"))]
    size = length[lives]
    life = np.repeat(np.arange(len(lives)), size)
    rows = np.repeat(start[lives] - np.cumsum(size) + size, size) + np.arange(size.sum())
    return rows, life


if __name__ == "__main__":
    main(*sys.argv[1:])
