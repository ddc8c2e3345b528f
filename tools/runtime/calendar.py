"""Vietnam's working days: the calendar of the ``holidays`` package, corrected.

Days that a decision moved and the package does not know stand in ``domain.overrides``. Loading the
package takes longer than an answer from a cache, so what it says of Vietnam is kept in the cache.
Source: Labour Code 2019 arts 111-112, and the yearly decisions on days off in lieu.
"""

from datetime import date
from functools import cache
from importlib.metadata import version
from typing import Final, NamedTuple

import orjson

from hoso.domain.calendar import Calendar
from hoso.domain.overrides import EDITION, OVERRIDES, SWAPS
from hoso.projections.cache.kinds import HOLIDAYS
from hoso.projections.cache.user_folder import kept

SPAN: Final = (date(1970, 1, 1), date(2199, 12, 31))
KNOWN_YEARS: Final = range(1976, 2101)  # before and after, the package knows no holidays


class _Published(NamedTuple):
    """What the package says: days off, and days worked in lieu."""

    off: set[date]
    worked: set[date]


@cache
def calendar(as_of: date | None = None) -> Calendar:
    """Vietnam's working days, 1970 to 2199; its version names the edition and every day of it.

    With ``as_of``, a day that a decision moved which was published later is what its weekday is.
    """
    published_off, published_worked = _published()
    known = [override for override in OVERRIDES if override.is_known(as_of)]
    moved = {
        each.day for each in (*OVERRIDES, *SWAPS) if each in OVERRIDES or not each.is_known(as_of)
    }
    off = published_off - moved | {o.day for o in known if not o.worked}
    worked = published_worked - moved | {o.day for o in known if o.worked}
    return Calendar.named(f"VN-{EDITION}", SPAN, off, worked)


def _published() -> _Published:
    basis = f"holidays {version('holidays')} {KNOWN_YEARS}"
    try:
        return _parsed(kept(HOLIDAYS, basis, _from_package))
    except (ValueError, TypeError):  # an entry that somebody else wrote
        return _parsed(_from_package())


def _parsed(body: bytes) -> _Published:
    off, worked = orjson.loads(body)
    return _Published(*(set(map(date.fromisoformat, days)) for days in (off, worked)))


def _from_package() -> bytes:
    """The days off and the days worked in lieu that the package knows, as JSON."""
    from holidays import country_holidays

    published = country_holidays("VN", years=KNOWN_YEARS)
    return orjson.dumps([sorted(published), sorted(published.weekend_workdays)])
