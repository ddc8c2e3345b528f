"""Puts the events of a log into lives: by dossier, in the order in which the rules read them.

From the table of the log to plain numbers: events that were not yet recorded are left out, repeats
and annulled events are set apart, and the valid ones are sorted by dossier and by when they
occurred.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hoso.domain import kinds, rules, validity
from hoso.domain.calendar import life_key, local_day
from hoso.projections.log.packing import PackedLives, day_of, kind_of, packed
from hoso.projections.log.schema import Integers, codes, integers, places

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# Since 1973 time zones have changed their offset from UTC on a quarter of an hour; no event is
# later than 2100.
QUARTER_HOUR_US: Final = 15 * 60 * 1_000_000
FIRST_QUARTER: Final = (datetime(1973, 1, 1, tzinfo=UTC) - EPOCH) // timedelta(minutes=15)
LAST_QUARTER: Final = (datetime(2100, 1, 1, tzinfo=UTC) - EPOCH) // timedelta(minutes=15)

KNOWN: Final = 100_000  # more seconds than any offset from UTC has

Verdicts = npt.NDArray[np.int8]  # whether events count (``domain.validity``)


class Recorded(NamedTuple):
    """The events of a log known at some instant, in the order in which they were recorded.

    ``row`` is the row of each in the log, ``verdict`` whether it counts (``domain.validity``).
    """

    row: Integers
    verdict: Verdicts

    def rows(self, verdict: int) -> Integers:
        """The rows of those events that have a verdict, in the order recorded."""
        rows: Integers = self.row[self.verdict == verdict]
        return rows


class Lives(NamedTuple):
    """Events dossier by dossier, each dossier's in the order of its life.

    ``row`` is the event's row in the log, ``dossier`` the number of its dossier in the log's
    dictionary, ``packed`` what the rules read of it (``log.packing``).
    """

    row: Integers
    dossier: Integers
    packed: Integers

    def for_rules(self) -> PackedLives:
        """The same as kernels take them: each of these events is valid."""
        return PackedLives(
            self.dossier, self.packed, np.full(len(self.row), validity.VALID, np.int8)
        )

    @property
    def kind(self) -> Integers:
        """The kind of each event; FIRST_FACT for every quality fact."""
        kinds_of_events: Integers = kind_of(self.packed)
        return kinds_of_events

    @property
    def day(self) -> Integers:
        """The day number on which each event occurred."""
        days: Integers = day_of(self.packed)
        return days


def valid_lives(log: pa.Table, zone: tzinfo, as_of: datetime | None) -> Lives:
    """The lives that the valid events of a log make up, as known at ``as_of`` (None: all of it).

    ``log`` is a table of ``schema.SCHEMA``; days are local to ``zone``.
    """
    return lives_of(log, recorded(log, as_of).rows(validity.VALID), zone)


def recorded(log: pa.Table, as_of: datetime | None) -> Recorded:
    """The events known at ``as_of`` (None: all), in the order recorded: by instant, then by their
    place in the log."""
    instants = integers(log["recorded"])
    rows = np.arange(len(instants))
    if as_of is not None:
        rows = rows[instants <= instant(as_of)]
    if np.any(np.diff(instants[rows]) < 0):
        rows = rows[np.argsort(instants[rows], kind="stable")]
    return Recorded(rows, _verdicts(log, rows))


def events_of(log: pa.Table, code: str, as_of: datetime | None) -> tuple[pa.Table, Verdicts]:
    """The events of one dossier known at ``as_of`` (None: all), in the order recorded, and their
    verdicts among the events of all dossiers: one of another dossier may have the same identity."""
    known = recorded(log, as_of)
    names = log["dossier"].combine_chunks().dictionary.to_pylist()
    number = names.index(code) if code in names else -1
    own = codes(log["dossier"])[known.row] == number
    return log.take(known.row[own]), known.verdict[own]


def instant(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def _verdicts(log: pa.Table, rows: Integers) -> Verdicts:
    """Whether each of some rows, given in the order recorded, counts.

    Only events that share a key, annulments and their targets need a look, and they are few.
    """
    key = integers(log["event"])[rows]
    order = np.argsort(key)
    ordered = key[order]
    twin = np.flatnonzero(ordered[1:] == ordered[:-1])
    is_annulment = log["annulled"].is_valid().to_numpy()[rows]
    targets = np.searchsorted(ordered, log["annulled"].drop_null().to_numpy())
    suspects = order[np.concatenate([twin, twin + 1, targets[targets < len(order)]])]
    related = np.union1d(np.flatnonzero(is_annulment), suspects)
    verdict = np.full(len(rows), validity.VALID, dtype=np.int8)
    verdict[related] = _judged(log.take(rows[related]))
    return verdict


def _judged(related: pa.Table) -> list[int]:
    """The verdicts on a few events, compared by their texts."""
    columns = ("dossier", "source", "id", "annuls")
    dossier, source, ids, annuls = (related[name].to_pylist() for name in columns)
    taken_back = [a and (s, a) for s, a in zip(source, annuls, strict=True)]
    return validity.verdicts(dossier, list(zip(source, ids, strict=True)), taken_back)


def lives_of(log: pa.Table, rows: Integers, zone: tzinfo) -> Lives:
    """The lives that some rows of a log, given in the order recorded, make up."""
    dossier = codes(log["dossier"])[rows]
    order = _by_dossier_and_life(dossier, life_keys(log, zone)[rows])
    return Lives(rows[order], dossier[order], packed_events(log, zone)[rows[order]])


def life_keys(log: pa.Table, zone: tzinfo) -> Integers:
    """The sort key of each event in its dossier's life (``calendar.life_key``)."""
    occurred = integers(log["occurred"])
    is_reception = places(log["type"], kinds.KINDS) == kinds.RECEIVED
    keys: Integers = life_key(occurred, local_offsets_s(occurred, zone), is_reception)  # type: ignore[arg-type, assignment]
    return keys


def packed_events(log: pa.Table, zone: tzinfo) -> Integers:
    """What the rules read of each event of a log."""
    kind, day = places(log["type"], kinds.KINDS), local_days(integers(log["occurred"]), zone)
    due, allowance = (integers(log[name], rules.NOTHING) for name in ("due", "allowance"))
    return packed(kind, day, due, allowance, _details(log, kind))


def _by_dossier_and_life(dossier: Integers, key: Integers) -> Integers:
    """The order by dossier, then by the key of each event in its life; events of one key stay in
    the order given.

    Most dossiers' events come in as they occurred; only the others are sorted by their keys, too.
    """
    order = np.argsort(dossier, kind="stable")
    dossier, key = dossier[order], key[order]
    backwards = (dossier[1:] == dossier[:-1]) & (key[1:] < key[:-1])
    is_unsorted = np.zeros(dossier.max(initial=0) + 1, dtype=bool)
    is_unsorted[dossier[1:][backwards]] = True
    rows = np.flatnonzero(is_unsorted[dossier])
    order[rows] = order[rows][np.lexsort((key[rows], dossier[rows]))]
    return order


def _details(log: pa.Table, kind: Integers) -> Integers:
    """``PlainEvent.detail`` of each event."""
    detail = np.maximum(places(log["unit"], rules.UNITS), 0)
    detail |= rules.ELSEWHERE_BIT * log["received_at"].is_valid().to_numpy()
    cancelled = np.flatnonzero(kind == kinds.CANCELLED)
    detail[cancelled] = places(log["reason"].take(pa.array(cancelled)), ("withdrawn",)) < 0
    return detail


def local_days(occurred: Integers, zone: tzinfo) -> Integers:
    """The local day number of each instant (microseconds since 1970 UTC)."""
    return np.asarray(local_day(occurred, local_offsets_s(occurred, zone)))  # type: ignore[arg-type]


def local_offsets_s(occurred: Integers, zone: tzinfo) -> Integers:
    """The offset of local time from UTC, in seconds, at each instant (microseconds since 1970)."""
    quarter = np.clip(occurred // QUARTER_HOUR_US, FIRST_QUARTER, LAST_QUARTER) - FIRST_QUARTER
    known = _known_offsets(zone)
    for new in np.unique(quarter[known[quarter] == 0]).tolist():
        known[new] = _offset_s((new + FIRST_QUARTER) * QUARTER_HOUR_US, zone) + KNOWN
    offset = known[quarter] - KNOWN
    for early in np.flatnonzero(occurred < FIRST_QUARTER * QUARTER_HOUR_US):
        offset[early] = _offset_s(int(occurred[early]), zone)
    return np.asarray(offset)


@lru_cache(maxsize=4)
def _known_offsets(zone: tzinfo) -> Integers:
    """The offsets of a zone at all quarters of an hour, each plus KNOWN, in seconds; 0 where nobody
    has asked yet. The system gives memory only to what is asked."""
    return np.zeros(LAST_QUARTER - FIRST_QUARTER + 1, np.int64)


@lru_cache(1 << 17)
def _offset_s(instant_us: int, zone: tzinfo) -> int:
    """A zone's offset from UTC at an instant (microseconds since 1970 UTC), in seconds."""
    earliest = (datetime.min.replace(tzinfo=UTC) - EPOCH) // timedelta(days=1) + 2
    within = max(instant_us, earliest * 86_400_000_000)
    moment = (EPOCH + timedelta(microseconds=within)).astimezone(zone)
    offset = moment.utcoffset()
    assert offset is not None
    return int(offset.total_seconds())
