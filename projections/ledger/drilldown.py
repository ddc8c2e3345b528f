"""Which dossiers stand behind a figure? The journal lines that a statement's figures count.

A statement counts moves and balances; this lists what was counted. The two are computed apart,
and tests hold them against each other.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

import numpy as np

from hoso.domain.accounts import ACCOUNTS, CLOSED_GROUPS, OPEN, OPEN_GROUPS, members
from hoso.domain.agencies import AgencyRegistry
from hoso.domain.calendar import date_of, day_number
from hoso.domain.windows import Window
from hoso.projections.ledger.balances import slice_order
from hoso.projections.ledger.fold import Journal
from hoso.projections.ledger.ledger import DIMENSIONS, Ledger, receptions
from hoso.projections.log.schema import Integers

FIGURES: Final = (
    *("carried_over", "received", "total", "carried_forward"),
    *OPEN_GROUPS,
    *CLOSED_GROUPS,
    *ACCOUNTS,
)


def standing(journal: Journal, day: date) -> Integers:
    """The journal line by which each dossier stands where it does at the end of ``day``."""
    lines = np.flatnonzero(journal.day <= day_number(day))
    dossier = journal.dossier[lines]
    last = np.append(dossier[1:] != dossier[:-1], True)[: len(lines)]
    return np.asarray(lines[last])


def lines_behind(journal: Journal, window: Window, figure: str) -> Integers:
    """The journal lines behind a figure (one of FIGURES) of a window's statement.

    Raises ``ValueError`` for a figure that no statement has.
    """
    if figure == "carried_over":
        return _open(journal, window.first - timedelta(1), OPEN)
    if figure == "received":
        return _during(journal, receptions(journal), window)
    if figure == "total":
        return np.concatenate(
            [lines_behind(journal, window, f) for f in ("carried_over", "received")]
        )
    if figure == "carried_forward":
        return _open(journal, window.last, OPEN)
    wanted = _accounts(figure)
    if wanted.start in OPEN:
        return _open(journal, window.last, wanted)
    return _during(journal, np.flatnonzero(np.isin(journal.into, wanted)), window)


def _accounts(figure: str) -> range:
    if figure in ACCOUNTS:
        return range(ACCOUNTS.index(figure), ACCOUNTS.index(figure) + 1)
    if figure in (*OPEN_GROUPS, *CLOSED_GROUPS):
        return members(figure)
    raise ValueError(f"no account {figure!r}: use one of {', '.join(FIGURES)}")


def _open(journal: Journal, day: date, wanted: range) -> Integers:
    lines = standing(journal, day)
    return lines[np.isin(journal.into[lines], wanted)]


def _during(journal: Journal, lines: Integers, window: Window) -> Integers:
    day = journal.day[lines]
    return lines[(day >= day_number(window.first)) & (day <= day_number(window.last))]


def suspended_events(ledger: Ledger, window: Window) -> list[dict[str, Any]]:
    """The events in suspense at the end of a window: those that its statement counts."""
    suspense = ledger.folded.suspense
    until = suspense.day <= day_number(window.last)
    rows = ledger.log.select(["dossier", "type", "id"]).take(suspense.row[until]).to_pylist()
    days = [date_of(day).isoformat() for day in suspense.day[until].tolist()]
    listed = [
        {"dossier": row["dossier"], "day": day, "event": row["type"], "id": row["id"]}
        for row, day in zip(rows, days, strict=True)
    ]
    return sorted(listed, key=lambda event: (event["dossier"], event["day"], event["id"]))


class DossierFilter(NamedTuple):
    """Which dossiers are meant: of each dimension that is named, those that have one of its
    values; and those of a body of the registry, or one under it. A body's level is the registry's.
    """

    only: Mapping[str, Collection[str | None]] = {}
    registry: AgencyRegistry = AgencyRegistry()
    under: str | None = None

    def has(self, row: Mapping[str, Any]) -> bool:
        """Whether a dossier with such values (DIMENSIONS) is meant."""
        return self._is_under(row["agency"]) and all(
            self.value(row, name) in values for name, values in self.only.items()
        )

    def value(self, row: Mapping[str, Any], dimension: str) -> str | None:
        """What a dossier has in a dimension."""
        said: str | None = row[dimension]
        return self.registry.level(row["agency"], said) if dimension == "level" else said

    def _is_under(self, agency: str) -> bool:
        return self.under is None or agency in self.registry.under(self.under)


EVERY_DOSSIER: Final = DossierFilter()


def dossiers(
    ledger: Ledger,
    window: Window,
    figures: Sequence[str],
    by: Sequence[str] = (),
    within: DossierFilter = EVERY_DOSSIER,
) -> list[dict[str, Any]]:
    """The dossiers behind some figures, sorted by the values of ``by`` and by code.

    Each with the day it was received, the account it stands in and the day it came to stand
    there. Raises ``ValueError`` for a figure that no statement has, ``KeyError`` for an unknown
    dimension.
    """
    journal = ledger.folded.journal
    lines = np.concatenate([lines_behind(journal, window, figure) for figure in figures])
    return described(ledger, lines, by, within)


def described(
    ledger: Ledger, lines: Integers, by: Sequence[str], within: DossierFilter
) -> list[dict[str, Any]]:
    """The dossiers of some lines of the journal that are meant, as ``dossiers`` lists them."""
    journal = ledger.folded.journal
    reception = np.zeros(len(ledger.log["dossier"].combine_chunks().dictionary), dtype=np.int64)
    reception[journal.dossier[receptions(journal)]] = receptions(journal)
    came = reception[journal.dossier[lines]]
    rows = ledger.log.select(["dossier", *DIMENSIONS]).take(journal.row[came])
    listed = [
        {
            "dossier": row["dossier"],
            **{dimension: within.value(row, dimension) for dimension in by},
            "received": date_of(received).isoformat(),
            "account": ACCOUNTS[account],
            "since": date_of(since).isoformat(),
        }
        for row, received, account, since in zip(
            rows.to_pylist(),
            journal.day[came].tolist(),
            journal.into[lines].tolist(),
            journal.day[lines].tolist(),
            strict=True,
        )
        if within.has(row)
    ]
    return sorted(listed, key=lambda d: slice_order(tuple(d[name] for name in (*by, "dossier"))))
