"""Which days does Vietnam work? The calendar of the ``holidays`` package, put right.

What a decision moved and the package does not know stands in ``domain.overrides``.
Source: Labour Code 2019 arts 111-112, and the yearly decisions on days off in lieu.
"""

from datetime import date
from functools import cache
from typing import Final

from domain.calendar import Calendar
from domain.overrides import EDITION, OVERRIDES

SPAN: Final = (date(1970, 1, 1), date(2199, 12, 31))
KNOWN_YEARS: Final = range(1976, 2101)  # before and after, the package knows no holidays


@cache
def calendar() -> Calendar:
    """Vietnam's working days, 1970 to 2199; its version names the edition and every day of it."""
    from holidays import country_holidays  # here, as it takes a while to import

    published = country_holidays("VN", years=KNOWN_YEARS)  # which loads no other country
    moved = {override.day for override in OVERRIDES}
    off = published.keys() - moved | {o.day for o in OVERRIDES if not o.worked}
    worked = published.weekend_workdays - moved | {o.day for o in OVERRIDES if o.worked}
    return Calendar.named(f"VN-{EDITION}", SPAN, off, worked)
