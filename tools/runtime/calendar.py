"""Which days does Vietnam work? The calendar of the ``holidays`` package, put right.

What a decision moved and the package does not know stands in ``domain.overrides``. The package
takes longer to load than a ledger that was kept: what it says is kept aside for the next run.
Source: Labour Code 2019 arts 111-112, and the yearly decisions on days off in lieu.
"""

from datetime import date
from functools import cache
from importlib.metadata import version
from typing import Final

import orjson

from hoso.domain.calendar import Calendar
from hoso.domain.overrides import EDITION, OVERRIDES
from hoso.projections.cache import folder

SPAN: Final = (date(1970, 1, 1), date(2199, 12, 31))
KNOWN_YEARS: Final = range(1976, 2101)  # before and after, the package knows no holidays


@cache
def calendar() -> Calendar:
    """Vietnam's working days, 1970 to 2199; its version names the edition and every day of it."""
    basis = f"holidays {version('holidays')} {KNOWN_YEARS}"
    days = orjson.loads(folder.kept(folder.HOLIDAYS, basis, _published))
    published_off, published_worked = (set(map(date.fromisoformat, each)) for each in days)
    moved = {override.day for override in OVERRIDES}
    off = published_off - moved | {o.day for o in OVERRIDES if not o.worked}
    worked = published_worked - moved | {o.day for o in OVERRIDES if o.worked}
    return Calendar.named(f"VN-{EDITION}", SPAN, off, worked)


def _published() -> bytes:
    """The holidays that the package knows, and the days worked in lieu, as JSON."""
    from holidays import country_holidays

    published = country_holidays("VN", years=KNOWN_YEARS)
    return orjson.dumps([sorted(published), sorted(published.weekend_workdays)])
