"""Which events make up each dossier's life, and in which order do the rules read them?

From the table of the log to plain numbers: what was not yet recorded is left out, repeats and
annulled events are set aside, and what counts is sorted by dossier and by when it occurred.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hoso.domain import kinds, rules, validity
from hoso.domain.calendar import local_day
from hoso.projections.kernels.journal import PackedLives
from hoso.projections.log.packing import day_of, kind_of, packed
from hoso.projections.log.schema import Integers, codes, integers, places

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# Since 1973 time zones have changed their offset from UTC on a quarter of an hour; no event is
# later than 2100.
QUARTER_HOUR_US: Final = 15 * 60 * 1_000_000
FIRST_QUARTER: Final = (datetime(1973, 1, 1, tzinfo=UTC) - EPOCH) // timedelta(minutes=15)
LAST_QUARTER: Final = (datetime(2100, 1, 1, tzinfo=UTC) - EPOCH) // timedelta(minutes=15)

Verdicts = npt.NDArray[np.int8]  # how events count (``domain.validity``)


class Lives(NamedTuple):
    """Events as the rules read them, dossier by dossier, in the order of each life.

    ``row`` is the event's row in the log, ``dossier`` the number of its dossier in the log's
    dictionary, ``packed`` what the rules read of it (``log.packing``).
    """

    row: Integers
    dossier: Integers
    packed: Integers

    def life(self) -> PackedLives:
        """The same for the rules: all of these events count."""
        verdict = np.full(len(self.row), validity.VALID, np.int8)
        return PackedLives(self.dossier, self.packed, verdict)

    @property
    def kind(self) -> Integers:
        """The kind of each event; that of quality facts is FIRST_FACT."""
        kinds_there: Integers = kind_of(self.packed)
        return kinds_there

    @property
    def day(self) -> Integers:
        """The day on which each occurred."""
        days: Integers = day_of(self.packed)
        return days


def recorded_order(log: pa.Table, as_of: datetime | None) -> Integers:
    """The rows known at ``as_of``, in the order recorded: by instant, then by place in the log."""
    recorded = integers(log["recorded"])
    rows = np.arange(len(recorded))
    if as_of is not None:
        rows = rows[recorded <= instant(as_of)]
    if np.any(np.diff(recorded[rows]) < 0):
        rows = rows[np.argsort(recorded[rows], kind="stable")]
    return rows


def instant(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def verdicts(log: pa.Table, rows: Integers) -> Verdicts:
    """How each of ``rows``, given in the order recorded, counts (``domain.validity``).

    Only events that share a key or have to do with an annulment need judging, and they are few.
    """
    key = integers(log["event"])[rows]
    order = np.argsort(key)
    ordered = key[order]
    twin = np.flatnonzero(ordered[1:] == ordered[:-1])
    is_annulment = log["annulled"].is_valid().to_numpy()[rows]
    targets = np.searchsorted(ordered, log["annulled"].drop_null().to_numpy())
    of_note = order[np.concatenate([twin, twin + 1, targets[targets < len(order)]])]
    entangled = np.union1d(np.flatnonzero(is_annulment), of_note)
    verdict = np.full(len(rows), validity.VALID, dtype=np.int8)
    verdict[entangled] = _judged(log.take(rows[entangled]))
    return verdict


def _judged(entangled: pa.Table) -> list[int]:
    """The verdicts on a few events, told apart by their texts."""
    columns = ("dossier", "source", "id", "annuls")
    dossier, source, ids, annuls = (entangled[name].to_pylist() for name in columns)
    taken_back = [a and (s, a) for s, a in zip(source, annuls, strict=True)]
    return validity.verdicts(dossier, list(zip(source, ids, strict=True)), taken_back)


def lives(log: pa.Table, rows: Integers, zone: tzinfo) -> Lives:
    """The lives that ``rows``, given in the order recorded, make up."""
    occurred = integers(log["occurred"])[rows]
    dossier = codes(log["dossier"])[rows]
    order = _by_dossier_and_time(dossier, occurred)
    return Lives(rows[order], dossier[order], packed_events(log, zone)[rows[order]])


def packed_events(log: pa.Table, zone: tzinfo) -> Integers:
    """What the rules read of each event of a log."""
    kind, day = places(log["type"], kinds.KINDS), local_days(integers(log["occurred"]), zone)
    due, allowance = (integers(log[name], rules.NOTHING) for name in ("due", "allowance"))
    return packed(kind, day, due, allowance, _details(log, kind))


def _by_dossier_and_time(dossier: Integers, occurred: Integers) -> Integers:
    """The order by dossier, then by instant; what occurred at one instant stays as it is.

    Most dossiers' events come in as they occurred; only the others are sorted by instant, too.
    """
    order = np.argsort(dossier, kind="stable")
    dossier, occurred = dossier[order], occurred[order]
    backwards = (dossier[1:] == dossier[:-1]) & (occurred[1:] < occurred[:-1])
    late = np.zeros(dossier.max(initial=0) + 1, dtype=bool)
    late[dossier[1:][backwards]] = True
    there = np.flatnonzero(late[dossier])
    order[there] = order[there][np.lexsort((occurred[there], dossier[there]))]
    return order


def _details(log: pa.Table, kind: Integers) -> Integers:
    """``Happening.detail``: the allowance's unit, or whether a cancellation is a voided one."""
    detail, cancelled = places(log["unit"], rules.UNITS), np.flatnonzero(kind == kinds.CANCELLED)
    detail[cancelled] = places(log["reason"].take(pa.array(cancelled)), ("withdrawn",)) < 0
    return detail


def local_days(occurred: Integers, zone: tzinfo) -> Integers:
    """The local day number of each instant (microseconds since 1970 UTC)."""
    quarter = np.clip(occurred // QUARTER_HOUR_US, FIRST_QUARTER, LAST_QUARTER)
    first, last = quarter.min(initial=LAST_QUARTER), quarter.max(initial=FIRST_QUARTER)
    offsets = np.zeros(max(last - first + 1, 0), dtype=np.int64)
    offsets[quarter - first] = 1
    for seen in np.flatnonzero(offsets).tolist():
        offsets[seen] = _offset_s(int(seen + first) * QUARTER_HOUR_US, zone)
    offset = offsets[quarter - first]
    for early in np.flatnonzero(occurred < FIRST_QUARTER * QUARTER_HOUR_US):
        offset[early] = _offset_s(int(occurred[early]), zone)
    return np.asarray(local_day(occurred, offset))  # type: ignore[arg-type]


@lru_cache(1 << 17)
def _offset_s(instant_us: int, zone: tzinfo) -> int:
    """A zone's offset from UTC at an instant (microseconds since 1970 UTC), in seconds."""
    earliest = (datetime.min.replace(tzinfo=UTC) - EPOCH) // timedelta(days=1) + 2
    within = max(instant_us, earliest * 86_400_000_000)
    moment = (EPOCH + timedelta(microseconds=within)).astimezone(zone)
    offset = moment.utcoffset()
    assert offset is not None
    return int(offset.total_seconds())
