"""Vietnam's working days: the calendar of the ``holidays`` package, corrected.

Days that a decision moved stand in ``domain.overrides``, with the days on which the decisions were
published. So the calendar can be asked for as it was known on a day. Loading the package takes
longer than an answer from a cache, so what it says of Vietnam is kept in the cache.
Source: Labour Code 2019 arts 111-112, and the yearly decisions on days off in lieu.
"""

from datetime import date
from functools import cache
from importlib.metadata import version
from typing import Final, NamedTuple

import orjson

from hoso.domain.calendar import Calendar
from hoso.domain.overrides import EDITION, OVERRIDES
from hoso.projections.cache.kinds import HOLIDAYS
from hoso.projections.cache.user_folder import kept

SPAN: Final = (date(1970, 1, 1), date(2199, 12, 31))
KNOWN_YEARS: Final = range(1976, 2101)  # before and after, the package knows no holidays
FIXED: Final = ((1, 1), (4, 30), (5, 1), (9, 2))  # Labour Code 2019 art. 112: month and day


class _Published(NamedTuple):
    """What the package says: days off, and days worked in lieu."""

    off: set[date]
    worked: set[date]


@cache
def calendar(law_as_of: date | None = None) -> Calendar:
    """Vietnam's working days, 1970 to 2199; its version names the edition and every day of it.

    ``law_as_of`` leaves out what decisions published after that day moved: a day that such a
    decision gave off is worked, and its make-up day is off. None: every decision is known.
    """
    package_off, package_worked = _published()
    moved = {override.day for override in OVERRIDES}
    known = [override for override in OVERRIDES if override.is_known(law_as_of)]
    off = package_off - moved | {override.day for override in known if not override.worked}
    worked = package_worked - moved | {override.day for override in known if override.worked}
    return Calendar.named(f"VN-{EDITION}", SPAN, off, worked)


def _published() -> _Published:
    basis = f"holidays {version('holidays')} {KNOWN_YEARS}"
    return _parsed(kept(HOLIDAYS, basis, _from_package, is_good=_is_good))


def _is_good(body: bytes) -> bool:
    """Whether an entry has the fixed holidays of every year: a seal shows only that its bytes are
    those that somebody wrote."""
    try:
        off = _parsed(body).off
    except (ValueError, TypeError):
        return False
    return all(date(year, *fixed) in off for year in KNOWN_YEARS for fixed in FIXED)


def _parsed(body: bytes) -> _Published:
    off, worked = orjson.loads(body)
    return _Published(*(set(map(date.fromisoformat, days)) for days in (off, worked)))


def _from_package() -> bytes:
    """The days off and the days worked in lieu that the package knows, as JSON."""
    from holidays import country_holidays

    published = country_holidays("VN", years=KNOWN_YEARS)
    return orjson.dumps([sorted(published), sorted(published.weekend_workdays)])
