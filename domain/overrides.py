"""The days off and make-up days that a decision set, and when each decision was published.

The list has the swaps of a working day for a day of rest, also where the `holidays` package (0.109,
country VN) knows them, and the days on which the package is wrong. A test compares every day of
2022 to 2026 with the decisions in tests/data/days_off_2022_2026.csv.
"""

from datetime import date
from typing import Final, NamedTuple


class Override(NamedTuple):
    """A day that is worked or off by a ``decision``, which has its number and date.

    ``published`` is None where the day of publication is not known.
    """

    day: date
    worked: bool
    decision: str
    published: date | None

    def is_known(self, as_of: date | None) -> bool:
        """Whether it was published by a day; None stands for today's knowledge.

        Without a day of publication, it counts as published on the first day of its own year
        (docs/CONTRACT.md, section 4).
        """
        return as_of is None or (self.published or date(self.day.year, 1, 1)) <= as_of


def _swap(off: date, worked: date, decision: str, published: date | None) -> tuple[Override, ...]:
    """A working day that is off, and the day of rest that is worked in its place."""
    return (
        Override(off, worked=False, decision=decision, published=published),
        Override(worked, worked=True, decision=decision, published=published),
    )


# Part of the version of the calendar. Raise it when a day of OVERRIDES changes.
EDITION: Final[str] = "2026.1"

# The source of swaps whose decisions nobody here has seen.
PACKAGE: Final = "holidays 0.109; number of the decision not known"
OF_2018: Final = "6519/VPCP-KGVX of 2018"

OVERRIDES: Final[tuple[Override, ...]] = (
    *_swap(date(2010, 2, 19), date(2010, 2, 27), PACKAGE, None),
    *_swap(date(2012, 1, 27), date(2012, 2, 4), PACKAGE, None),
    *_swap(date(2013, 4, 29), date(2013, 5, 4), PACKAGE, None),
    *_swap(date(2014, 5, 2), date(2014, 4, 26), PACKAGE, None),
    *_swap(date(2014, 9, 1), date(2014, 9, 6), PACKAGE, None),
    *_swap(date(2015, 1, 2), date(2014, 12, 27), PACKAGE, None),
    *_swap(date(2015, 2, 16), date(2015, 2, 14), PACKAGE, None),
    *_swap(date(2015, 4, 29), date(2015, 4, 25), PACKAGE, None),
    *_swap(date(2018, 12, 31), date(2019, 1, 5), OF_2018, None),
    *_swap(date(2019, 4, 29), date(2019, 5, 4), OF_2018, None),
    *_swap(
        date(2024, 4, 29),
        date(2024, 5, 4),
        "2450/VPCP-KGVX of 12/04/2024",
        date(2024, 4, 12),
    ),
    *_swap(
        date(2025, 5, 2),
        date(2025, 4, 26),
        "8726/VPCP-KGVX of 26/11/2024; 6150/TB-BLĐTBXH of 03/12/2024",
        date(2024, 11, 26),
    ),
    *_swap(
        date(2026, 1, 2),
        date(2026, 1, 10),
        "12729/VPCP-KGVX of 25/12/2025",
        date(2025, 12, 25),
    ),
    *_swap(
        date(2026, 8, 31),
        date(2026, 8, 22),
        "9859/VPCP-KGVX of 13/10/2025; 9441/TB-BNV of 16/10/2025",
        date(2025, 10, 13),
    ),
)
