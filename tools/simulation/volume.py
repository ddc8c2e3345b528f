"""What would a whole country send? As many events as wanted, as tables, in minutes.

A pool of lives is simulated as ever. A province's lives are drawn from there, again and again,
under codes of its own: so every life is one that the simulator tells, and no two provinces have the
same figures. Provinces share nothing, so that the cores may share the work.
"""

from functools import cache
from typing import Final, NamedTuple

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from hoso.projections.log.from_json import log_table
from hoso.projections.log.schema import SCHEMA, Integers, codes, event_key, integers
from hoso.tools.runtime.calendar import calendar
from hoso.tools.runtime.environment import zone
from hoso.tools.simulation.year import simulate

POOL: Final = 100_000  # dossiers, at most; a province has as many


class Pool(NamedTuple):
    """Lives to draw from: the events, dossier by dossier, and where each begins."""

    events: pa.Table
    first: Integers
    events_in: Integers


class Province(NamedTuple):
    """So many dossiers, by a number that is the province's own, drawn from a pool of so many; with
    quality facts, or without."""

    number: int
    dossiers: int
    seed: int
    pool: int
    facts: bool = False


def provinces(dossiers: int, seed: int, *, facts: bool = False) -> list[Province]:
    """The provinces that have so many dossiers together."""
    starts = range(0, dossiers, POOL)
    pool = min(POOL, dossiers)
    return [
        Province(n, min(POOL, dossiers - start), seed, pool, facts)
        for n, start in enumerate(starts)
    ]


def events_of(province: Province) -> pa.Table:
    """A province's events (``columns.SCHEMA``) in the order recorded, without their positions."""
    pool, rng = (
        _pool(province.pool, province.seed, province.facts),
        np.random.default_rng([province.seed, province.number]),
    )
    drawn = rng.integers(0, len(pool.first), province.dossiers)
    events_in = pool.events_in[drawn]
    ends = np.cumsum(events_in)
    life = np.repeat(np.arange(province.dossiers), events_in)
    rows = np.repeat(pool.first[drawn] - ends + events_in, events_in) + np.arange(len(life))
    order = np.argsort(integers(pool.events["recorded"])[rows], kind="stable")
    return _renamed(pool.events.take(pa.array(rows[order])), life[order], province)


@cache
def _pool(dossiers: int, seed: int, facts: bool) -> Pool:
    lines = map(orjson.dumps, simulate(dossiers, seed, calendar().days, facts=facts))
    log = log_table(enumerate(lines, 1), zone())
    dossier = codes(log["dossier"])
    order = np.argsort(dossier, kind="stable")
    events_in = np.bincount(dossier)
    return Pool(log.take(pa.array(order)), np.cumsum(events_in) - events_in, events_in)


def _renamed(events: pa.Table, life: Integers, province: Province) -> pa.Table:
    """Events whose codes, ids and source are those of a life and a province of their own."""
    own = pc.cast(pa.array(life), pa.string())
    source = f"{events['source'][0].as_py()}/{province.number}"
    dossier = events["dossier"].cast(pa.string()).combine_chunks()
    name = pa.scalar(f"{province.number}")
    ids = _with(events["id"], own)
    annuls = _with(events["annuls"], own)
    columns = {
        "dossier": pc.binary_join_element_wise(dossier, name, own, "."),
        "source": pa.array([source]).take(pa.array(np.zeros(len(life), np.int64))),
        "id": ids,
        "event": [event_key(source, each) for each in ids.to_pylist()],
        "annuls": annuls,
        "annulled": [each and event_key(source, each) for each in annuls.to_pylist()],
    }
    for name_of, values in columns.items():
        place = SCHEMA.get_field_index(name_of)
        column = values if isinstance(values, pa.Array) else pa.array(values, pa.int64())
        if pa.types.is_dictionary(SCHEMA.field(place).type):
            column = column.dictionary_encode()
        events = events.set_column(place, name_of, column)
    return events.cast(SCHEMA)


def _with(texts: pa.ChunkedArray, own: pa.Array) -> pa.Array:
    """Texts that differ from life to life; none where there is none."""
    return pc.binary_join_element_wise(texts.combine_chunks(), own, ".")
