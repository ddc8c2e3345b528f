"""Which events make up each dossier's life, and in which order do the rules read them?

From the table of the log to plain numbers: what was not yet recorded is left out, repeats and
annulled events are set aside, and what counts is sorted by dossier and by when it occurred.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from domain import history, kinds, rules
from domain.calendar import local_day
from projections.columns import Integers, codes, integers, places

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# Time zones change their offset from UTC on a quarter of an hour.
QUARTER_HOUR_US: Final = 15 * 60 * 1_000_000
FIRST_QUARTER: Final = (datetime(1900, 1, 1, tzinfo=UTC) - EPOCH) // timedelta(minutes=15)
LAST_QUARTER: Final = (datetime(2100, 1, 1, tzinfo=UTC) - EPOCH) // timedelta(minutes=15)


class Lives(NamedTuple):
    """Events as the rules read them, dossier by dossier, in the order of each life.

    ``row`` is the event's row in the log, ``dossier`` the number of its dossier in the log's
    dictionary; the others are the fields of ``rules.Happening``.
    """

    row: Integers
    dossier: Integers
    kind: Integers
    day: Integers
    due: Integers
    allowance: Integers
    detail: Integers


def recorded_order(log: pa.Table, as_of: datetime | None) -> Integers:
    """The rows known at ``as_of``, in the order recorded: by instant, then by place in the log."""
    recorded = integers(log["recorded"])
    rows = np.arange(len(recorded))
    if as_of is not None:
        rows = rows[recorded <= (as_of - EPOCH) // timedelta(microseconds=1)]
    if np.any(np.diff(recorded[rows]) < 0):
        rows = rows[np.argsort(recorded[rows], kind="stable")]
    return rows


def verdicts(log: pa.Table, rows: Integers) -> npt.NDArray[np.int8]:
    """How each of ``rows``, given in the order recorded, counts (``history.VERDICTS``).

    Only events that share a key or have to do with an annulment need judging, and they are few.
    """
    key = integers(log["event"])[rows]
    is_annulment = log["annulled"].is_valid().to_numpy()[rows]
    targets = log["annulled"].drop_null().to_numpy()
    ordered = np.sort(key)
    suspects = np.union1d(ordered[1:][ordered[1:] == ordered[:-1]], targets)
    entangled = np.flatnonzero(is_annulment | np.isin(key, suspects))
    verdict = np.full(len(rows), history.COUNTS, dtype=np.int8)
    verdict[entangled] = _judged(log.take(rows[entangled]))
    return verdict


def _judged(entangled: pa.Table) -> list[int]:
    """The verdicts on a few events, told apart by their texts."""
    source, names, annuls = (entangled[c].to_pylist() for c in ("source", "id", "annuls"))
    numbers: dict[tuple[str, str], int] = {}
    key = [numbers.setdefault(name, len(numbers)) for name in zip(source, names, strict=True)]
    target = [
        -1 if a is None else numbers.setdefault((s, a), len(numbers))
        for s, a in zip(source, annuls, strict=True)
    ]
    verdict = [history.COUNTS] * len(key)
    dossier = codes(entangled["dossier"]).tolist()
    kind = places(entangled["type"], kinds.KINDS).tolist()
    history.judge(dossier, kind, key, target, [-1] * len(numbers), verdict)
    return verdict


def lives(log: pa.Table, rows: Integers, zone: tzinfo) -> Lives:
    """The lives that ``rows``, given in the order recorded, make up."""
    occurred = integers(log["occurred"])[rows]
    dossier = codes(log["dossier"])[rows]
    # Stable: what occurred at the same instant stays in the order recorded.
    order = np.lexsort((occurred, dossier))
    rows, dossier, occurred = rows[order], dossier[order], occurred[order]
    kind = places(log["type"], kinds.KINDS)[rows]
    return Lives(
        rows,
        dossier,
        kind,
        local_days(occurred, zone),
        integers(log["due"], rules.NOTHING)[rows],
        integers(log["allowance"], rules.NOTHING)[rows],
        _details(log)[rows],
    )


def _details(log: pa.Table) -> Integers:
    """``Happening.detail``: the allowance's unit, or whether a cancellation is a voided one."""
    cancelled = places(log["type"], kinds.KINDS) == kinds.CANCELLED
    voided = places(log["reason"], ("withdrawn",)) < 0
    return np.where(cancelled, voided, places(log["unit"], rules.UNITS))


def local_days(occurred: Integers, zone: tzinfo) -> Integers:
    """The local day number of each instant (microseconds since 1970 UTC)."""
    quarters, which = np.unique(occurred // QUARTER_HOUR_US, return_inverse=True)
    offsets = np.array([_offset_s(int(quarter), zone) for quarter in quarters], dtype=np.int64)
    return np.asarray(local_day(occurred, offsets[which]))  # type: ignore[arg-type]


def _offset_s(quarter: int, zone: tzinfo) -> int:
    """A zone's offset from UTC in the n-th quarter of an hour since 1970, in seconds.

    Before 1900 and after 2100 no zone changes any more, and dates may run out.
    """
    within = min(max(quarter, FIRST_QUARTER), LAST_QUARTER)
    moment = (EPOCH + timedelta(microseconds=within * QUARTER_HOUR_US)).astimezone(zone)
    offset = moment.utcoffset()
    assert offset is not None
    return int(offset.total_seconds())
