"""What checks read of events and the rules do not: when recorded, at which minute, and so on.

Reads the columns of an event table, and the provisions of all days, as plain numbers.
"""

from collections.abc import Mapping
from datetime import date, tzinfo
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from hoso.domain import rules
from hoso.domain.calendar import DAY_US, day_number
from hoso.domain.policy import Policy
from hoso.domain.provisions import Value
from hoso.projections.kernels.checks import DISTRICT_BIT, RE_ENTRY_BIT
from hoso.projections.kernels.findings import Duties, Facts
from hoso.projections.log.lives import local_days, local_offsets_s
from hoso.projections.log.schema import Integers, codes, integers, places

if TYPE_CHECKING:
    from hoso.domain.events import Allowance

COLUMNS: Final = ("occurred", "recorded", "level", "reason")
RE_ENTRIES: Final = ("re_entered", "duplicate")  # reasons of a cancellation
SECOND_US: Final = 1_000_000
MINUTE_US: Final = 60 * SECOND_US
# The provisions on what must be done, as ``Duties`` has them.
OF_DUTIES: Final = ("supplement_notice_days", "supplement_expiry_days")

Catalogue = Mapping[str, "Allowance"]  # the allowance of each procedure, by its code


def facts_of(
    events: pa.Table, slice_of: Integers, zone: tzinfo, catalogue: Catalogue | None
) -> Facts:
    """What checks read of each event of a table that has COLUMNS, and with a catalogue the
    procedure, too; without one, no procedure is in it."""
    return Facts(
        slice_of,
        local_days(integers(events["recorded"]), zone),
        _minutes(integers(events["occurred"]), zone),
        _flags(events),
        np.full(len(events), rules.NOTHING)
        if catalogue is None
        else _catalogued(events["procedure"], catalogue),
    )


def _minutes(occurred: Integers, zone: tzinfo) -> Integers:
    """The minute of each instant; NOTHING at 00:00:00 local, fractions aside: systems that know
    only the date write so."""
    local = occurred + local_offsets_s(occurred, zone) * SECOND_US
    return np.where(local % DAY_US < SECOND_US, rules.NOTHING, occurred // MINUTE_US)


def _flags(events: pa.Table) -> Integers:
    district = places(events["level"], ("district",)) >= 0
    re_entry = places(events["reason"], RE_ENTRIES) >= 0
    return district * DISTRICT_BIT + re_entry * RE_ENTRY_BIT


def _catalogued(procedure: pa.ChunkedArray, catalogue: Catalogue) -> Integers:
    """For each event, ``Facts.catalogue`` of its procedure."""
    names = procedure.combine_chunks().dictionary.to_pylist()
    known = [_number(catalogue[name]) if name in catalogue else rules.NOTHING for name in names]
    return np.array([*known, rules.NOTHING], np.int64)[codes(procedure)]


def _number(allowance: "Allowance") -> int:
    return 2 * allowance.value + rules.UNITS.index(allowance.unit)


def duties_of(policy: Policy) -> Duties:
    """The duties of all days by the law of a policy."""
    starts = {each.first for each in policy.in_use() if each.parameter in OF_DUTIES and each.first}
    days = [date.min, *sorted(starts)]
    notice, expiry = ([_days(policy.value(name, day)) for day in days] for name in OF_DUTIES)
    return Duties(
        *(np.array(each, np.int64) for each in ([*map(day_number, days)], notice, expiry))
    )


def _days(value: Value) -> int:
    return value if isinstance(value, int) else rules.NOTHING
