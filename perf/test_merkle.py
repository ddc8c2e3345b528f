"""The tree of a log from its columns, on one core, compared with hashing as many bytes."""

from collections.abc import Iterator
from hashlib import sha256

import pyarrow as pa
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from hoso.consumers.store.pseudonyms import CodeHashes
from hoso.projections.merkle import tiles
from hoso.projections.merkle.leaf import hashes_of
from hoso.tools.simulation.volume import events_of, provinces
from perf.conftest import DAYS, EVENTS, EVENTS_PER_DOSSIER, measure

GROUP = "tree of a log, from its columns"
LEAF_BYTES = 110  # of an entry, about
HASHES = CodeHashes(bytes(range(32)), {})


@pytest.fixture(scope="module")
def tables() -> list[pa.Table]:
    """A log of about EVENTS events."""
    dossiers = round(EVENTS / EVENTS_PER_DOSSIER)
    return [events_of(province) for province in provinces(dossiers, 1, DAYS)]


def test_limit_hashing(benchmark: BenchmarkFixture, tables: list[pa.Table]) -> None:
    """As many leaves and nodes, hashed one by one."""
    entry, events = bytes(LEAF_BYTES), sum(map(len, tables))

    def hash_all() -> None:
        for _ in range(events):
            sha256(entry).digest()
            sha256(entry).digest()

    measure(benchmark, GROUP, hash_all)


def test_tree(benchmark: BenchmarkFixture, tables: list[pa.Table]) -> None:
    """Leaves and tiles; issue 18 asks for at least 500,000 events a second."""
    measure(benchmark, GROUP, lambda: sum(map(len, grown(tables))))


def grown(tables: list[pa.Table]) -> Iterator[dict[tuple[int, int], bytes]]:
    """The tiles, table by table, as ``log_tree.grow`` makes them."""
    kept: dict[tuple[int, int], bytes] = {}

    def tile(level: int, number: int) -> bytes:
        return kept.get((level, number), b"")

    size = 0
    for table in tables:
        hashes = hashes_of(table, range(size + 1, size + 1 + len(table)), HASHES.of)
        changed = tiles.grown(tile, size, hashes)
        kept.update(changed)
        size += len(table)
        yield changed
