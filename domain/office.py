"""By what does an office judge its dossiers? Its time zone, its working days, its policy."""

from datetime import tzinfo
from typing import Final, NamedTuple

from hoso.domain.calendar import Calendar
from hoso.domain.policy import Policy

ZONE: Final = "Asia/Ho_Chi_Minh"


class Office(NamedTuple):
    """What turns instants into days, and days into deadlines and timeliness."""

    zone: tzinfo
    calendar: Calendar
    policy: Policy
