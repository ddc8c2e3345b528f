"""What exported ledgers can tell together, and what each can tell: whatever else is refused."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import combinations
from typing import Final

from hoso.domain.errors import UserError
from hoso.domain.office import Office
from hoso.domain.windows import Window
from hoso.projections.federation.exported import About, Received
from hoso.projections.ledger.statement import instant_text

AGAIN: Final = "export it again: hoso ledger export"
BRING_TOGETHER: Final = "name the stores themselves, or bring them together with hoso ingest"


def check_together(abouts: Mapping[str, About]) -> None:
    """Raise ``UserError`` for ledgers, by the names of their files, that do not add up: made by
    different rules, as known at different instants, or perhaps of the same dossiers."""
    (first, one), *others = abouts.items()
    for name, other in others:
        if (fault := _other_rules(one, other)) is not None:
            raise UserError(f"--source: {first} and {name}: {fault}; {AGAIN} in the same way")
    received: dict[str | None, list[tuple[str, Received]]] = {}
    for name, about in abouts.items():
        for each in about.received:
            received.setdefault(each.agency, []).append((name, each))
    for of_agency in received.values():
        for (name, own), (other_name, its) in combinations(of_agency, 2):
            if own.first <= its.last and its.first <= own.last:
                days = f"between {max(own.first, its.first)} and {min(own.last, its.last)}"
                raise UserError(
                    f"--source: {name} and {other_name} both have dossiers that {own.agency} "
                    f"received {days}: some would count twice; {BRING_TOGETHER}"
                )


def check_told(
    name: str, about: About, office: Office, as_of: datetime | None, by: Sequence[str]
) -> None:
    """Raise ``UserError`` for a question that a ledger cannot answer. Without ``as_of``, it is
    asked for what it tells."""
    if missing := [each for each in by if each not in about.by]:
        raise UserError(f"--source: {name}: is not sliced by {missing[0]}; {AGAIN} --by …")
    if as_of not in (None, about.as_of):
        fault = f"tells what was known {_known(about.as_of)}, not {_known(as_of)}"
        raise UserError(f"--source: {name}: {fault}; {AGAIN} --as-of …")
    other = _other(about, str(office.zone), office.calendar.version, office.policy)
    if other is not None:
        raise UserError(f"--source: {name}: {other}; ask by the rules of the ledger, or {AGAIN}")


def check_windows(name: str, about: About, windows: Sequence[Window]) -> None:
    """Raise ``UserError`` for a window that begins before the first day that a ledger tells of."""
    first = min(window.first for window in windows)
    if about.since is not None and first < about.since:
        fault = f"tells of days from {about.since} on, not of {first}"
        raise UserError(f"--source: {name}: {fault}; {AGAIN} --since {first}")


def _other_rules(one: About, other: About) -> str | None:
    """Which rules two ledgers do not share; None where they are the same."""
    if one.as_of != other.as_of:
        return f"the one tells what was known {_known(one.as_of)}, the other {_known(other.as_of)}"
    return _other(other, one.zone, one.calendar, one.policy)


def _other(about: About, zone: str, calendar: str, policy: object) -> str | None:
    if about.zone != zone:
        return f"days of {about.zone} are not those of {zone}"
    if about.policy != policy:
        return "its dossiers were judged by another law"
    if about.calendar != calendar:
        return f"it was made with the days off of {about.calendar}, not of {calendar}"
    return None


def _known(as_of: datetime | None) -> str:
    return "of all events" if as_of is None else f"at {instant_text(as_of)}"
