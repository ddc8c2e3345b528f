"""Sums events up, so that two logs can be compared however their events are ordered or cut.

Each event has a hash of all its values, and the hashes are added up. They are computed column by
column, with no Python object for an event. Two logs that differ have the same sum by one chance in
about 2^64, unless somebody sought for it.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hoso.projections.log.schema import SCHEMA

# What an event says: the columns of the contract. The others follow from these.
SUMMED: Final = [name for name in SCHEMA.names if name not in ("event", "annulled")]
TEXTS_AT_ONCE: Final = 8_192  # of which all bytes are held as numbers
ODD: Final = np.uint64(0x9E3779B97F4A7C15)  # 2^64 by the golden ratio, as SplitMix64 has it
WEIGHTS_SEED: Final = 1

Hashes = npt.NDArray[np.uint64]


class Sum(NamedTuple):
    """Of some events, in any order: how many, and what their hashes sum up to, modulo 2^64."""

    rows: int
    hashes: int


def sum_of(tables: Iterable[pa.Table]) -> Sum:
    """The sum of the events of some tables that have the columns SUMMED, encoded in any way."""
    return add_up(Sum(len(table), int(_of_events(table).sum())) for table in tables)


def add_up(sums: Iterable[Sum]) -> Sum:
    """The sum of all events of several sums."""
    rows = hashes = 0
    for each in sums:
        rows, hashes = rows + each.rows, (hashes + each.hashes) % (1 << 64)
    return Sum(rows, hashes)


def _of_events(table: pa.Table) -> Hashes:
    """The hash of each event: of the sum of the hashes of its values, each with its column."""
    total = np.zeros(len(table), np.uint64)
    salts = np.arange(1, len(SUMMED) + 1, dtype=np.uint64) * ODD
    for name, salt in zip(SUMMED, salts, strict=True):
        column = table[name].combine_chunks()
        if column.null_count < len(column):  # what is missing adds nothing
            total += _of_values(column, salt)
    return _mixed(total)


def _of_values(column: pa.Array, salt: np.uint64) -> Hashes:
    if pa.types.is_dictionary(column.type):
        texts = _mixed(_of_texts(column.dictionary) + salt)
        places = np.asarray(column.indices.fill_null(len(texts)))
        of_rows: Hashes = np.append(texts, np.uint64(0))[places]
        return of_rows
    if pa.types.is_string(column.type):
        hashes = _mixed(_of_texts(column) + salt)
    else:
        hashes = _mixed(_as_numbers(column) + salt)
    if column.null_count:
        hashes *= np.asarray(column.is_valid().cast(pa.uint8()))
    return hashes


def _as_numbers(column: pa.Array) -> Hashes:
    """Numbers, truth values, days and instants as numbers; 0 where there is none."""
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    if pa.types.is_temporal(column.type):
        column = column.view(f"int{column.type.bit_width}")
    return np.asarray(column.fill_null(0)).astype(np.int64).view(np.uint64)


def _of_texts(texts: pa.Array) -> Hashes:
    """A number for each text: the sum of its bytes, each by the weight of its place, and of its
    length. Of a text that is missing, that of the empty text."""
    pieces = range(0, len(texts), TEXTS_AT_ONCE)
    parts = [_of_few_texts(texts.slice(start, TEXTS_AT_ONCE)) for start in pieces]
    return np.concatenate([np.zeros(0, np.uint64), *parts])


def _of_few_texts(texts: pa.Array) -> Hashes:
    _, ends, body = texts.buffers()
    edges = np.frombuffer(ends, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    edges = edges.astype(np.int64)
    sizes = np.diff(edges)
    sums = sizes.astype(np.uint64) * ODD
    if filled := int(sizes.sum()):
        letters = np.frombuffer(body, np.uint8)[edges[0] : edges[-1]]
        starts = edges[:-1] - edges[0]
        places = np.arange(filled) - np.repeat(starts, sizes)
        weighed = letters * _weights(int(sizes.max()).bit_length())[places]
        sums[sizes > 0] += np.add.reduceat(weighed, starts[sizes > 0])
    return sums


@lru_cache
def _weights(bits: int) -> Hashes:
    """A weight for each place in a text whose size has so many bits: as if drawn at random, and
    always the same."""
    highest = np.iinfo(np.uint64).max
    drawn = np.random.default_rng(WEIGHTS_SEED).integers(highest, size=1 << bits, dtype=np.uint64)
    return drawn | np.uint64(1)


def _mixed(numbers: Hashes) -> Hashes:
    """Numbers of which any two differ in about half of their bits (as SplitMix64 does it)."""
    mixed = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
