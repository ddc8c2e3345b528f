"""Chooses what a command runs with: the clock, the time zone, the store, the office."""

import os
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hoso.domain.calendar import local_date
from hoso.domain.errors import UserError
from hoso.domain.office import ZONE, Office
from hoso.domain.policy import Policy
from hoso.tools.runtime.calendar import calendar

if TYPE_CHECKING:
    from hoso.consumers.intake.national import Defaults
    from hoso.consumers.intake.record import Format, IntakeContext

DEFAULT_STORE: Final = "sqlite:///hoso.db"


def now() -> datetime:
    """The current instant, in UTC."""
    return datetime.now(UTC)


def zone() -> tzinfo:
    """The office's time zone: ``$HOSO_TIME_ZONE``, or Vietnam's. Raises ``UserError``."""
    name = os.environ.get("HOSO_TIME_ZONE") or ZONE
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UserError(f"HOSO_TIME_ZONE: no time zone {name!r}; use {ZONE}") from None


def intake_context(
    input_format: "Format",
    *,
    as_occurred: bool = False,
    keep_raw: bool = False,
    defaults: "Defaults | None" = None,
) -> "IntakeContext":
    """How messages are judged now. An event that does not say when it was recorded counts as
    recorded now, or when it occurred if ``as_occurred`` (contract, section 8). ``keep_raw``: keep
    rejects as they came. ``defaults``: what records of the national portal may lack."""
    from hoso.consumers.intake.national import NO_DEFAULTS  # here, as figures do not need it
    from hoso.consumers.intake.record import IntakeContext

    instant = now()
    recorded = None if as_occurred else instant.isoformat()
    return IntakeContext(input_format, zone(), instant, recorded, keep_raw, defaults or NO_DEFAULTS)


def store_url() -> str:
    """The URL of the default store: ``$HOSO_STORE``, or a SQLite file in the working directory.

    Raises ``UserError`` if the variable holds no URL.
    """
    url = os.environ.get("HOSO_STORE") or DEFAULT_STORE
    if "://" not in url:
        raise UserError("HOSO_STORE: names no store; write sqlite:///FILE or postgresql://…")
    return url


def office(policy: Policy) -> Office:
    """The office with Vietnam's working days as its policy knows them, today."""
    return Office(zone(), calendar(policy.law_as_of), policy, local_date(now(), zone()))
