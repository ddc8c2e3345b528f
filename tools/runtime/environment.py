"""What does a command run with? The clock, the office and the store are chosen here."""

import os
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hoso.domain.errors import UserError
from hoso.domain.office import ZONE, Office
from hoso.domain.policy import Policy
from hoso.tools.runtime.calendar import calendar

if TYPE_CHECKING:
    from hoso.consumers.intake.record import Format, IntakeContext

DEFAULT_STORE: Final = "sqlite:///hoso.db"


def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


def zone() -> tzinfo:
    """The office's time zone: ``$HOSO_TIME_ZONE``, or Vietnam's. Raises ``UserError``."""
    name = os.environ.get("HOSO_TIME_ZONE") or ZONE
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UserError(f"HOSO_TIME_ZONE: no time zone {name!r}; use {ZONE}") from None


def reading_of_files(language: "Format") -> "IntakeContext":
    """How files are read: what does not say when it was recorded was so when it occurred."""
    from hoso.consumers.intake.record import (
        IntakeContext,  # here, as who only asks for figures need it not
    )

    return IntakeContext(language, zone(), now(), recorded=None)


def reading_of_streams(language: "Format") -> "IntakeContext":
    """How streams are read: what does not say when it was recorded is so now."""
    from hoso.consumers.intake.record import IntakeContext

    moment = now()
    return IntakeContext(language, zone(), moment, recorded=moment.isoformat())


def store_url() -> str:
    """The store that commands use where none is named: ``$HOSO_STORE``, or a file right here."""
    url = os.environ.get("HOSO_STORE") or DEFAULT_STORE
    if "://" not in url:
        raise UserError("HOSO_STORE: names no store; write sqlite:///FILE or postgresql://…")
    return url


def office(policy: Policy) -> Office:
    """The office under a policy, with Vietnam's working days."""
    return Office(zone(), calendar(), policy)
