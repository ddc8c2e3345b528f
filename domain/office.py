"""The settings by which an office judges its dossiers: time zone, calendar and policy."""

from datetime import tzinfo
from typing import Final, NamedTuple

from hoso.domain.calendar import Calendar
from hoso.domain.policy import Policy

ZONE: Final = "Asia/Ho_Chi_Minh"


class Office(NamedTuple):
    """An office: ``zone`` turns instants into local days, ``calendar`` says which days are worked,
    and ``policy`` sets the rules' parameters."""

    zone: tzinfo
    calendar: Calendar
    policy: Policy
