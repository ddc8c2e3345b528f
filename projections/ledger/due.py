"""Lists what falls due (cảnh báo sớm): the open dossiers that need attention, at the end of a day.

A dossier is listed in one of these groups, the first that it belongs to: it is overdue; it becomes
overdue within some working days if nobody acts; a new appointment counts only if it is announced
today; its supplement is awaited for longer than the law allows; it has been paused for very long;
it is on its way to the competent body, and should have arrived. Each dossier says what it waits
for.

A list is that of a day, as known at an instant: nothing that is recorded later changes it. Sources:
NĐ 309/2026/NĐ-CP art. 12.3 (early warning); NĐ 118/2025/NĐ-CP arts 19.5 (supplements), 19.6 (new
appointments), 20.1a (dossiers taken in elsewhere).
"""

from datetime import date
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hoso.domain import accounts, rules
from hoso.domain.accounts import ACCOUNTS, IN_TIME, OVERDUE
from hoso.domain.calendar import WorkingDays, day_number, forward, nth_working_day, worked_until
from hoso.domain.office import Office
from hoso.domain.policy import Policy, Terms, period_on, terms_in
from hoso.projections.ledger.register import (
    OF_RECEPTION,
    Moment,
    dates,
    register_columns,
)
from hoso.projections.ledger.slices import DIMENSIONS, Flags, rows_at_end
from hoso.projections.log.lives import Lives, valid_lives
from hoso.projections.log.schema import Integers, codes

# The groups of the list, in the order in which a dossier belongs to them.
GROUPS: Final = (
    *("overdue", "falls_due", "last_notice"),
    *("expired_supplement", "endless_pause", "on_its_way"),
)
# What a dossier waits for.
RESULT: Final = "result"  # the work of the body that handles it
NOTICE: Final = "notice"  # the same; a new appointment counts only if it is announced today
ARRIVAL: Final = "arrival"  # the competent body has not received it yet
SUPPLEMENT: Final = "supplement"  # the applicant has to bring something
CLOSING: Final = "closing"  # nothing more: the time for the supplement is over
RESUMPTION: Final = "resumption"  # the end of a pause of no particular reason
PAUSES: Final = {  # by the reason of a pause
    "awaiting_authority": "authority",
    "financial_obligation": "payment",
    "other": RESUMPTION,
}
WAITS_FOR: Final = (RESULT, NOTICE, ARRIVAL, SUPPLEMENT, CLOSING, *PAUSES.values())


class Threshold(NamedTuple):
    """How many days something may take; the act and the article that say so, if one does."""

    days: int
    source: str | None


# Calendar days, after which a pause is without end: a choice of hoso's, as no decree has a limit.
PAUSE: Final = Threshold(30, None)
# Working days, after which a dossier that another office took in has arrived.
JOURNEY: Final = Threshold(1, "NĐ 118/2025/NĐ-CP art. 20.1a")
NEVER: Final = 10**7  # days: a supplement may be awaited for ever
SCHEMA: Final = pa.schema(
    [
        *((name, pa.string()) for name in OF_RECEPTION),
        ("due", pa.date32()),
        ("days_left", pa.int32()),
        ("account", pa.string()),
        ("waits_for", pa.string()),
        ("group", pa.string()),
    ]
)
READ: Final = (*OF_RECEPTION, "reason")  # the columns of events that the list reads
Texts = npt.NDArray[np.str_]
OPEN_GROUPS: Final = (accounts.IN_PROGRESS, accounts.AWAITING_SUPPLEMENT, accounts.PAUSED)


class _Standing(NamedTuple):
    """How dossiers stand at the end of day number ``day``: the columns of their register, and what
    it was made from."""

    register: dict[str, Integers]
    events: pa.Table
    lives: Lives
    office: Office
    day: int

    def of(self, rows: Integers) -> "_Standing":
        """The same of some rows of the register."""
        return self._replace(register={name: own[rows] for name, own in self.register.items()})

    def is_in(self, group: int) -> Flags:
        """Which dossiers stand in an open group of accounts, in time or overdue."""
        account = self.register["account"]
        flags: Flags = (account == group + IN_TIME) | (account == group + OVERDUE)
        return flags


def due_of_log(log: pa.Table, office: Office, moment: Moment, within: int) -> pa.Table:
    """What falls due of a log (``log.schema.SCHEMA``) within some working days: a table (SCHEMA),
    in the order in which dossiers first appear in the log."""
    log = log.combine_chunks()
    lives = valid_lives(log, office.zone, moment.as_of)
    return due_of_lives(log, lives, office, moment.day, within)


def due_of_lives(events: pa.Table, lives: Lives, office: Office, day: int, within: int) -> pa.Table:
    """What falls due of some lives at the end of day number ``day``, within ``within`` working days
    from then on: a table (SCHEMA). ``lives.row`` are rows of ``events``, which have READ."""
    standing = _Standing(register_columns(lives, office, day), events, lives, office, day)
    group = _groups(standing, within)
    listed = np.flatnonzero(group >= 0)
    group, standing = group[listed], standing.of(listed)
    register, reception = standing.register, standing.register["reception"]
    rows = rows_at_end(events, lives, reception, day)
    columns = {
        "dossier": events["dossier"].take(pa.array(lives.row[reception])),
        **{name: events[name].take(pa.array(rows[name])) for name in DIMENSIONS},
        "due": dates(register["due"]),
        "days_left": pa.array(register["days_left"]),
        "account": pa.array(ACCOUNTS).take(pa.array(register["account"])),
        "waits_for": pa.array(_waits_for(standing, group), pa.string()),
        "group": pa.array(GROUPS).take(pa.array(group)),
    }
    return pa.table({field.name: columns[field.name].cast(field.type) for field in SCHEMA})


def _groups(standing: _Standing, within: int) -> Integers:
    """The group of each dossier, a place in GROUPS; -1 where it is not listed."""
    register, day = standing.register, standing.day
    account, calendar = register["account"], standing.office.calendar.days
    in_progress = account == accounts.IN_PROGRESS + IN_TIME
    is_pause_long = day - register["stopped"] > PAUSE.days
    received = standing.lives.day[register["reception"]]
    is_journey_long = received < _working_days_ago(calendar, day, JOURNEY.days)
    belongs = (
        np.isin(account, [group + OVERDUE for group in OPEN_GROUPS]),
        in_progress & (register["days_left"] <= within),
        in_progress & _must_be_told(standing),
        (account == accounts.AWAITING_SUPPLEMENT + IN_TIME) & _is_expired(standing),
        (account == accounts.PAUSED + IN_TIME) & is_pause_long,
        in_progress & (register["journey"] == rules.ON_ITS_WAY) & is_journey_long,
    )
    return np.select(belongs, range(len(GROUPS)), -1)


def _working_days_ago(calendar: WorkingDays, day: int, number: int) -> int:
    """The first of the last ``number`` working days up to ``day``. Between a day before it and
    ``day`` there are at least so many."""
    return nth_working_day(calendar, worked_until(calendar, day) - number + 1)


def _is_expired(standing: _Standing) -> Flags:
    """Which dossiers, if they await a supplement, have awaited it for longer than the law of the
    day of the last request allows (NĐ 118/2025/NĐ-CP art. 19.5)."""
    asked = standing.lives.day[np.maximum(standing.register["request"], 0)]
    flags: Flags = standing.day - asked > _expiry_days(standing.office.policy, asked)
    return flags


def _expiry_days(policy: Policy, asked: Integers) -> Integers:
    """For how many days a supplement may be awaited, by the law of each day of a request."""
    rows = sorted(
        (day_number(each.first or date.min), NEVER if each.value is None else each.value)
        for each in policy.in_use()
        if each.parameter == "supplement_expiry_days"
    )
    first, days = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    return np.asarray(days[np.searchsorted(first, asked, "right") - 1])


def _waits_for(standing: _Standing, group: Integers) -> list[str]:
    """What each listed dossier waits for, a word of WAITS_FOR."""
    awaits = standing.is_in(accounts.AWAITING_SUPPLEMENT)
    told = (group != GROUPS.index("overdue")) & _must_be_told(standing)
    found = np.select(
        [
            awaits & _is_expired(standing),
            awaits,
            standing.is_in(accounts.PAUSED),
            told,
            standing.register["journey"] == rules.ON_ITS_WAY,
        ],
        [CLOSING, SUPPLEMENT, _of_pauses(standing), NOTICE, ARRIVAL],
        RESULT,
    )
    waits_for: list[str] = found.tolist()
    return waits_for


def _of_pauses(standing: _Standing) -> Texts:
    """What each dossier waits for, if it is paused."""
    reasons = standing.events["reason"]
    texts = reasons.combine_chunks().dictionary.to_pylist()
    words = np.array([*(PAUSES.get(text, RESUMPTION) for text in texts), RESUMPTION])
    pause = standing.lives.row[np.maximum(standing.register["pause"], 0)]
    return np.asarray(words[codes(reasons)[pause]])


def _must_be_told(standing: _Standing) -> Flags:
    """Of which dossiers, if they are in progress and in time, a new appointment counts only if it
    is announced on this day.

    It must be the first, where the law of the day accepts a first one, and no later working day may
    be early enough before the due day (NĐ 118/2025/NĐ-CP art. 19.6).
    """
    register, day = standing.register, standing.day
    terms = _terms_on(standing.office.policy, day)
    last = np.minimum(register["due"], register["due"] - terms.reschedule_notice)
    is_last = (day <= last) & (forward(standing.office.calendar.days, day + 1) > last)
    flags: Flags = is_last & (register["reschedulings"] == 0) & bool(terms.accept_once)
    return flags


def _terms_on(policy: Policy, day: int) -> Terms:
    """The provisions in force on day number ``day``."""
    law = policy.as_rules_read_it()
    return terms_in(law, period_on(law, 0, day))
