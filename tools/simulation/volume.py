"""Simulates the events of a whole country, as tables: many millions of them, in minutes.

A pool of lives is simulated as for one province. The lives of each province are drawn from the
pool, some of them several times, under codes of its own: so no two provinces have the same figures.
They have nothing in common, so that each core can make some of them.
"""

from functools import cache
from typing import Final, NamedTuple

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from hoso.domain.windows import Window
from hoso.projections.log.from_json import log_table
from hoso.projections.log.schema import SCHEMA, Integers, codes, event_key, integers
from hoso.tools.runtime.calendar import calendar
from hoso.tools.runtime.environment import zone
from hoso.tools.simulation.history import simulate

POOL_DOSSIERS: Final = 100_000  # at most, in the pool and in a province


class Pool(NamedTuple):
    """Lives to draw from.

    ``events`` are in order of dossiers; ``first`` is the row of each dossier's first event, and
    ``counts`` how many events it has.
    """

    events: pa.Table
    first: Integers
    counts: Integers


class Province(NamedTuple):
    """How to make a province: its number, how many dossiers it has, the seed, how many dossiers the
    pool has, the days, and whether there are quality facts."""

    number: int
    dossiers: int
    seed: int
    pool_dossiers: int
    days: Window
    facts: bool


def provinces(dossiers: int, seed: int, days: Window, *, facts: bool = False) -> list[Province]:
    """The provinces that have so many dossiers together."""
    starts = range(0, dossiers, POOL_DOSSIERS)
    pool = min(POOL_DOSSIERS, dossiers)
    return [
        Province(n, min(POOL_DOSSIERS, dossiers - start), seed, pool, days, facts)
        for n, start in enumerate(starts)
    ]


def events_of(province: Province) -> pa.Table:
    """A province's events (``log.schema.SCHEMA``) in the order recorded, without positions."""
    pool = _pool(province.pool_dossiers, province.seed, province.days, province.facts)
    rng = np.random.default_rng([province.seed, province.number])
    drawn = rng.integers(0, len(pool.first), province.dossiers)
    counts = pool.counts[drawn]
    ends = np.cumsum(counts)
    life = np.repeat(np.arange(province.dossiers), counts)
    rows = np.repeat(pool.first[drawn] - ends + counts, counts) + np.arange(len(life))
    order = np.argsort(integers(pool.events["recorded"])[rows], kind="stable")
    return _renamed(pool.events.take(pa.array(rows[order])), life[order], province)


@cache
def _pool(dossiers: int, seed: int, days: Window, facts: bool) -> Pool:
    lines = map(orjson.dumps, simulate(dossiers, seed, calendar().days, days, facts=facts))
    log = log_table(enumerate(lines, 1), zone())
    dossier = codes(log["dossier"])
    order = np.argsort(dossier, kind="stable")
    counts = np.bincount(dossier)
    return Pool(log.take(pa.array(order)), np.cumsum(counts) - counts, counts)


def _renamed(events: pa.Table, life: Integers, province: Province) -> pa.Table:
    """Events with the codes, ids and source of a province, and of lives of their own in it.

    A dossier that takes the place of another may not be among them, so none is named.
    """
    own = pc.cast(pa.array(life), pa.string())
    source = f"{events['source'][0].as_py()}/{province.number}"
    dossier = events["dossier"].cast(pa.string()).combine_chunks()
    name = pa.scalar(f"{province.number}")
    ids = _suffixed(events["id"], own)
    annuls = _suffixed(events["annuls"], own)
    columns = {
        "dossier": pc.binary_join_element_wise(dossier, name, own, "."),
        "source": pa.array([source]).take(pa.array(np.zeros(len(life), np.int64))),
        "id": ids,
        "event": [event_key(source, each) for each in ids.to_pylist()],
        "annuls": annuls,
        "replaced_by": pa.nulls(len(life), pa.string()),
        "annulled": [each and event_key(source, each) for each in annuls.to_pylist()],
    }
    for column_name, values in columns.items():
        place = SCHEMA.get_field_index(column_name)
        column = values if isinstance(values, pa.Array) else pa.array(values, pa.int64())
        if pa.types.is_dictionary(SCHEMA.field(place).type):
            column = column.dictionary_encode()
        events = events.set_column(place, column_name, column)
    return events.cast(SCHEMA)


def _suffixed(texts: pa.ChunkedArray, own: pa.Array) -> pa.Array:
    """Texts with the number of their life at the end; null where they are null."""
    return pc.binary_join_element_wise(texts.combine_chunks(), own, ".")
