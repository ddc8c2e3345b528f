"""Reads the times of national records, in the forms that one-stop systems write.

The portal's own form is ``yyyyMMddHHmmss``. Also read are its beginnings ``yyyyMMddHHmm`` and
``yyyyMMdd``, ISO 8601 (``2024-03-04T08:00:00``, with an offset or without), and ``dd/MM/yyyy`` with
or without a time. Without an offset, a time is that of the office's clock. A time without hours is
00:00:00 of its day: the day at no known hour (contract, section 5).
"""

import re
from datetime import UTC, date, datetime, tzinfo
from typing import Annotated, Final, NamedTuple

from pydantic import BeforeValidator, ValidationInfo

from hoso.domain.windows import YEARS

# Not 24:00, which some read as the day before and some as the day after.
DIGITS: Final = re.compile("[0-9]{8}(?:(?!24)[0-9]{4}(?:[0-9]{2})?)?")
ISO: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[T ](?!24)[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
DAY_FIRST: Final = re.compile(
    "([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(?: (?!24)([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?)?"
)
NO_TIME: Final = re.compile("0001-?01-?01.*|0?1/0?1/0001.*")  # what systems write for none
FAULT: Final = (
    "Input should be a time yyyyMMddHHmmss, such as 20230315081244, "
    f"in the years {YEARS[0]} to {YEARS[-1]}"
)


class TimeContext(NamedTuple):
    """How the times of a record are read: its time zone, and the latest instant allowed."""

    zone: tzinfo
    latest: datetime


def _local_time(written: object, info: ValidationInfo[TimeContext]) -> datetime | None:
    """A time with its time zone; None where a system writes the year 1 for none."""
    if type(written) is int:
        written = str(written)
    try:
        if isinstance(written, str):
            time = _parsed(written.strip())
            local = time if time.tzinfo is not None else time.replace(tzinfo=info.context.zone)
            if local.year in YEARS:
                return local
            if NO_TIME.fullmatch(written.strip()):
                return None
    except ValueError:
        pass  # no such form, no such day, or no such hour
    raise ValueError(FAULT)


def _parsed(written: str) -> datetime:
    if DIGITS.fullmatch(written):
        return datetime.fromisoformat(f"{written[:8]}T{written[8:] or '0000'}")
    if ISO.fullmatch(written):
        return datetime.fromisoformat(written)
    if (found := DAY_FIRST.fullmatch(written)) is not None:
        day, month, year, hour, minute, second = (f"{part or 0:0>2}" for part in found.groups())
        return datetime.fromisoformat(f"{year}-{month}-{day}T{hour}:{minute}:{second}")
    raise ValueError(FAULT)


def _instant(written: object, info: ValidationInfo[TimeContext]) -> datetime | None:
    local = _local_time(written, info)
    if local is None:
        return None
    instant = local.astimezone(UTC)
    if instant > info.context.latest:
        raise ValueError("more than a day ahead of the clock")
    return instant


def _day(written: object, info: ValidationInfo[TimeContext]) -> date | None:
    local = _local_time(written, info)
    return None if local is None else local.astimezone(info.context.zone).date()


Instant = Annotated[datetime, BeforeValidator(_instant)]
InstantOrNone = Annotated[datetime | None, BeforeValidator(_instant)]
DayOrNone = Annotated[date | None, BeforeValidator(_day)]
