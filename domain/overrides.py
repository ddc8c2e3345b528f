"""The days off and make-up days that the `holidays` package does not know.

The list has only the days on which the package (0.109, country VN) is wrong or lacks a decision. A
test compares every day of 2022 to 2026 with the decisions in tests/data/days_off_2022_2026.csv.
"""

from datetime import date
from typing import Final, NamedTuple


class Override(NamedTuple):
    """A day that is worked or off by a ``decision``, which has its number and date."""

    day: date
    worked: bool
    decision: str


# Part of the version of the calendar. Raise it with every change to OVERRIDES.
EDITION: Final[str] = "2026.1"

OVERRIDES: Final[tuple[Override, ...]] = (
    Override(date(2026, 1, 2), worked=False, decision="12729/VPCP-KGVX of 25/12/2025"),
    Override(date(2026, 1, 10), worked=True, decision="12729/VPCP-KGVX of 25/12/2025"),
)
