"""Makes the register (sổ theo dõi hồ sơ) of a log: a row for each dossier that was received.

Each row says how the dossier stood at the end of a day, as known at an instant. Rows are in the
order in which dossiers first appear in the log.
"""

from datetime import date, datetime
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from hoso.domain import rules
from hoso.domain.accounts import ACCOUNTS
from hoso.domain.calendar import date_of, day_number
from hoso.domain.office import Office
from hoso.projections.kernels.register import RegisterArrays, write_register
from hoso.projections.kernels.run import kernel
from hoso.projections.ledger.slices import DIMENSIONS, rows_at_end
from hoso.projections.log.lives import Lives, valid_lives
from hoso.projections.log.schema import Integers

OF_RECEPTION: Final = ("dossier", *DIMENSIONS)
SCHEMA: Final = pa.schema(
    [
        *((name, pa.string()) for name in OF_RECEPTION),
        ("received", pa.date32()),
        ("due", pa.date32()),
        ("days_left", pa.int32()),
        ("closed", pa.date32()),
        ("account", pa.string()),
        ("requests", pa.int32()),
        ("reschedulings", pa.int32()),
        ("days_used", pa.int32()),
        ("overdue_days", pa.int32()),
        ("lapsed", pa.bool_()),
        ("events", pa.int32()),
    ]
)
DATES: Final = (day_number(date.min), day_number(date.max))  # a day beyond becomes the nearest date


class Moment(NamedTuple):
    """As known at ``as_of`` (None: all that is recorded), at the end of day number ``day``."""

    as_of: datetime | None
    day: int


def schema(office: Office, moment: Moment) -> pa.Schema:
    """SCHEMA, with metadata that says what a register rests on: instant, day, law, calendar."""
    facts: dict[str, Any] = {
        "day": date_of(moment.day),
        "as_of": "" if moment.as_of is None else moment.as_of.isoformat(),
        "calendar": office.calendar.version,
        **{f"law.{name}": value for name, value in office.policy.as_json().items()},
    }
    return SCHEMA.with_metadata({f"hoso.{name}": str(fact) for name, fact in facts.items()})


def register_of_log(log: pa.Table, office: Office, moment: Moment) -> pa.Table:
    """The register of a log (``log.schema.SCHEMA``), as a table (SCHEMA)."""
    log = log.combine_chunks()
    return register_of_lives(log, valid_lives(log, office.zone, moment.as_of), office, moment.day)


def register_of_lives(events: pa.Table, lives: Lives, office: Office, day: int) -> pa.Table:
    """The register of some lives, as a table (SCHEMA); ``lives.row`` are rows of ``events``."""
    register = register_columns(lives, office, day)
    reception = register["reception"]
    rows = rows_at_end(events, lives, reception, day)
    columns = {
        "dossier": events["dossier"].take(pa.array(lives.row[reception])),
        **{name: events[name].take(pa.array(rows[name])) for name in DIMENSIONS},
        **{name: pa.array(cells) for name, cells in register.items()},
        "received": dates(lives.day[reception]),
        "due": dates(register["due"]),
        "days_left": _numbers(register["days_left"]),
        "closed": dates(register["closed"]),
        "account": pa.array(ACCOUNTS).take(pa.array(register["account"])),
    }
    return pa.table({field.name: columns[field.name].cast(field.type) for field in SCHEMA})


def register_columns(lives: Lives, office: Office, day: int) -> dict[str, Integers]:
    """The columns of the register of some lives, at the end of day number ``day``, in their order.

    The columns are those of ``kernels.register.RegisterArrays``.
    """
    size = np.count_nonzero(np.diff(lives.dossier)) + 1
    cells = {name: np.empty(size, np.int64) for name in RegisterArrays._fields}
    rows = kernel(write_register, len(lives.row))(
        lives.for_rules(),
        day,
        office.policy.as_rules_read_it(),
        office.calendar.days,
        RegisterArrays(**cells),
    )
    return {name: column[:rows] for name, column in cells.items()}


def _numbers(numbers: Integers) -> pa.Array:
    """Numbers; none where there is NOTHING."""
    return pa.array(numbers, mask=numbers == rules.NOTHING)


def dates(days: Integers) -> pa.Array:
    """Day numbers as dates; none where there is NOTHING."""
    within = np.clip(days, *DATES).astype(np.int32)
    return pa.array(within, mask=days == rules.NOTHING).cast(pa.date32())
