"""By which law dossiers are judged: a regime, the day as of which the law was known, and parameters
that are pinned.

The rule book (``domain.rules``) is the same for everybody; what varies are the provisions that it
reads (``domain.provisions``).
"""

from datetime import date
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from hoso.domain.arrays import IntArray
from hoso.domain.calendar import day_number
from hoso.domain.provisions import (
    IN_FORCE,
    OF_THE_FOLD,
    PROVISIONS,
    REGIMES,
    Provision,
    Value,
    edition,
    frozen,
    in_force,
    known,
)

# Raise it whenever a change in domain.rules can change a figure.
RULE_BOOK: Final = "2026.2"
NO_NOTICE: Final = -(10**6)  # days: an appointment may be moved on any day


class Terms(NamedTuple):
    """The provisions of one day as the rules read them; flags are 1 or 0."""

    supplement_limit: int
    extend: int
    accept_once: int
    reschedule_notice: int
    arrival_starts_clock: int


class Law(NamedTuple):
    """The provisions of all days as the rules read them: ``first_day`` has the day numbers, in
    rising order, from which on the values at the same place of the other columns are in force."""

    first_day: IntArray
    supplement_limit: IntArray
    extend: IntArray
    accept_once: IntArray
    reschedule_notice: IntArray
    arrival_starts_clock: IntArray


def period_on(law: Law, period: int, day: int) -> int:
    """The place of the provisions in force on ``day``, from that of those of an earlier day."""
    while period + 1 < len(law.first_day) and law.first_day[period + 1] <= day:
        period += 1
    return period


def terms_in(law: Law, period: int) -> Terms:
    """The provisions at a place."""
    return Terms(
        law.supplement_limit[period],
        law.extend[period],
        law.accept_once[period],
        law.reschedule_notice[period],
        law.arrival_starts_clock[period],
    )


class Policy(BaseModel):
    """By which law dossiers are judged.

    ``law`` is the name of a regime (``provisions.REGIMES``), by default the law of each event's own
    day; or any other name for ``provisions`` of one's own. ``law_as_of``: only what had been
    published by that day. The others pin one parameter for the whole history:

    ``supplement_limit``: a dossier with more supplement requests than this is overdue.
    ``after_supplement``: with ``restart`` the full time runs again from the day on which the
    supplement comes in, with ``extend`` the clock goes on where it stopped.
    ``reschedule``: with ``accept_once`` the first new appointment moves the due day, if the dossier
    is not overdue and the notice came in time; with ``keep_original`` none does.
    ``arrival_starts_clock``: whether the time of a dossier that another office took in runs from
    its arrival.
    ``reschedule_notice``: how many days before the due day the notice must come; -1: none needed.

    Raises ``pydantic.ValidationError`` for any other value.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    law: str = IN_FORCE
    law_as_of: date | None = None
    provisions: tuple[Provision, ...] = PROVISIONS
    supplement_limit: int | None = Field(default=None, ge=0, le=1_000_000)
    after_supplement: Literal["restart", "extend"] | None = None
    reschedule: Literal["keep_original", "accept_once"] | None = None
    reschedule_notice: int | None = Field(default=None, ge=-1, le=1_000)
    arrival_starts_clock: Literal["no", "yes"] | None = None

    def pinned(self) -> dict[str, Value]:
        """The parameters that are the same for the whole history, by name."""
        own = {name: getattr(self, name) for name in PINNABLE}
        return {
            **(REGIMES[self.law].pinned if self.law in REGIMES else {}),
            **{name: value for name, value in own.items() if value is not None},
        }

    def in_use(self) -> tuple[Provision, ...]:
        """The provisions by which events are judged, before any is pinned."""
        return _in_use(self.law, self.law_as_of, self.provisions)

    def provision(self, parameter: str, on: date) -> Provision:
        """The provision that says what a parameter is on a day; it may be pinned otherwise."""
        return in_force(self.in_use(), parameter, on)

    def value(self, parameter: str, on: date) -> Value:
        """What a parameter is on a day."""
        pinned = self.pinned()
        return pinned[parameter] if parameter in pinned else self.provision(parameter, on).value

    def as_rules_read_it(self) -> Law:
        """The provisions of all days as plain numbers."""
        return _law(self)

    def as_json(self) -> dict[str, Any]:
        """The law as a statement names it (docs/CONTRACT.md, section 7)."""
        return {
            "regime": self.law,
            "edition": edition(self.in_use(), RULE_BOOK),
            "as_of": None if self.law_as_of is None else self.law_as_of.isoformat(),
            "pinned": self.pinned(),
        }


PINNABLE: Final = OF_THE_FOLD  # the parameters that a policy may pin


@lru_cache(maxsize=64)
def _in_use(
    law: str, as_of: date | None, provisions: tuple[Provision, ...]
) -> tuple[Provision, ...]:
    on = REGIMES[law].frozen_on if law in REGIMES else None
    # A regime that is chosen by name holds on every day, whatever was known.
    return known(provisions, as_of) if on is None else frozen(provisions, on)


@lru_cache(maxsize=64)
def _law(policy: Policy) -> Law:
    provisions = policy.in_use()
    starts = {each.first for each in provisions if each.parameter in OF_THE_FOLD and each.first}
    days = [date.min, *sorted(starts)]
    columns = zip(*(_terms(policy, day) for day in days), strict=True)
    return Law([day_number(day) for day in days], *(list(column) for column in columns))


def _terms(policy: Policy, on: date) -> Terms:
    limit, after, reschedule, notice, arrival = (
        policy.value(name, on)
        for name in (
            "supplement_limit",
            "after_supplement",
            "reschedule",
            "reschedule_notice",
            "arrival_starts_clock",
        )
    )
    assert isinstance(limit, int)
    return Terms(
        limit,
        int(after == "extend"),
        int(reschedule == "accept_once"),
        notice if isinstance(notice, int) and notice >= 0 else NO_NOTICE,
        int(arrival == "yes"),
    )
