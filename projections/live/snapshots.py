"""The snapshot of a dossier's clock: what the rules remember of it, in 36 bytes.

``life`` is the sort key of the dossier's last valid event in its life (``calendar.life_key``): an
event is *in order* if it comes behind that. ``slice`` is the number of the slice in which the
dossier stands. A dossier is *tangled* where an event of it was repeated, taken back, or shares its
identity with another one: then each new event has it replayed.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from hoso.domain import accounts, rules
from hoso.projections.kernels.clocks import ClockArrays
from hoso.projections.live.runs import Records
from hoso.projections.log.schema import Integers

SNAPSHOT: Final = np.dtype(
    [
        ("life", "<i8"),
        *((name, "<i4") for name in ("due", "stopped", "allowance", "arrival_due", "slice")),
        *((name, "<u2") for name in ("requests", "rescheduled")),
        ("bits", "<u4"),
    ]
)
# The small fields, from the lowest bit up: how many bits each has.
BITS: Final = {
    name: bits
    for bits, names in (
        (1, ("lapsed", "exceeded", "unit", "tangled")),
        (2, ("journey",)),
        (3, ("phase",)),
        (5, ("held", "closed_in")),
    )
    for name in names
}
SHIFTS: Final = dict(zip(BITS, np.cumsum([0, *BITS.values()]).tolist(), strict=False))
TANGLED: Final = 1 << SHIFTS["tangled"]
MOST_COUNTED: Final = (1 << 16) - 1  # requests and new appointments of a dossier that fit
NO_LIFE: Final = np.iinfo(np.int64).min  # before all events


def nothing_known() -> Records:
    """The one snapshot of a dossier before its first event."""
    blank = rules.BLANK._asdict() | {"held": accounts.OUTSIDE, "slice": -1}
    clocks = ClockArrays(*(np.array([blank[name]], np.int64) for name in ClockArrays._fields))
    return snapshots_of(clocks, np.array([NO_LIFE]), np.zeros(1, np.bool_))


def clocks_of(snapshots: Records) -> ClockArrays:
    """The clocks of snapshots, as kernels take them."""
    return ClockArrays(*(_field(snapshots, name) for name in ClockArrays._fields))


def snapshots_of(clocks: ClockArrays, life: Integers, tangled: npt.NDArray[np.bool_]) -> Records:
    """The snapshots of clocks. Where a count does not fit, the dossier is tangled: it is replayed,
    and its clock is not read."""
    snapshots = np.zeros(len(life), SNAPSHOT)
    counts = np.maximum(*map(np.asarray, (clocks.requests, clocks.rescheduled)))
    bits = clocks._asdict() | {"tangled": tangled | (counts > MOST_COUNTED)}
    for name in SNAPSHOT.names or ():
        if name not in ("life", "bits"):
            snapshots[name] = np.asarray(getattr(clocks, name)).astype(SNAPSHOT[name])
    snapshots["life"] = life
    for name, shift in SHIFTS.items():
        snapshots["bits"] |= np.asarray(bits[name]).astype(np.uint32) << np.uint32(shift)
    return snapshots


def is_tangled(snapshots: Records) -> npt.NDArray[np.bool_]:
    """Which snapshots are of tangled dossiers."""
    flags: npt.NDArray[np.bool_] = _field(snapshots, "tangled") != 0
    return flags


def _field(snapshots: Records, name: str) -> Integers:
    if name not in SHIFTS:
        return snapshots[name].astype(np.int64)
    bits = snapshots["bits"].astype(np.int64)
    field: Integers = (bits >> SHIFTS[name]) & ((1 << BITS[name]) - 1)
    return field
