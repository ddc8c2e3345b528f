"""The settings by which an office judges its dossiers: time zone, calendar and policy."""

from datetime import date, datetime, tzinfo
from typing import Final, NamedTuple

from hoso.domain.calendar import Calendar, local_date
from hoso.domain.policy import Policy

ZONE: Final = "Asia/Ho_Chi_Minh"


class Office(NamedTuple):
    """An office: ``zone`` turns instants into local days, ``calendar`` says which days are worked,
    and ``policy`` sets the rules' parameters. ``asked_on`` is the local day on which figures are
    asked for; None: a later one than any window."""

    zone: tzinfo
    calendar: Calendar
    policy: Policy
    asked_on: date | None = None

    def last_day(self, as_of: datetime | None) -> date:
        """The last day of which figures can tell: that of the as-of instant, else that on
        which it is asked."""
        if as_of is not None:
            return local_date(as_of, self.zone)
        return self.asked_on or date.max
