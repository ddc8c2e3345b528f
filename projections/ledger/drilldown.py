"""Drill-down: lists the dossiers behind a figure.

A statement counts moves and balances; this lists the journal entries that were counted, or, for a
measure of quality facts, the dossiers that the measure counts. Figure and list are computed apart,
and tests compare them.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from hoso.domain import rules, validity
from hoso.domain.accounts import ACCOUNTS, CLOSED_GROUPS, OPEN, OPEN_GROUPS, members
from hoso.domain.agencies import AgencyRegistry
from hoso.domain.calendar import date_of, day_number
from hoso.domain.windows import Window
from hoso.projections.ledger.balances import slice_order
from hoso.projections.ledger.fold import Journal
from hoso.projections.ledger.ledger import Ledger, naming, reassignments, receptions, sliced
from hoso.projections.ledger.quality import MeasureCounts, WindowMeasures, count_measures
from hoso.projections.ledger.register import register_columns
from hoso.projections.ledger.slices import DIMENSIONS, Naming
from hoso.projections.ledger.statement import HELD, final_day, told_of
from hoso.projections.log.lives import lives_of, recorded, valid_lives
from hoso.projections.log.schema import Integers, codes

TRANSFERS: Final = ("transferred.in", "transferred.out")
PARTS: Final = {  # figures that are the sum of others
    "transferred": TRANSFERS,
    "total": ("carried_over", "received", "transferred.in"),
}
SUSPENSE: Final = "suspense"  # the figure of events that do not apply
FIGURES: Final = (
    *("carried_over", "received", "transferred", *TRANSFERS, "total", "carried_forward"),
    *OPEN_GROUPS,
    *CLOSED_GROUPS,
    *ACCOUNTS,
)


def standing(journal: Journal, day: date) -> Integers:
    """The journal entry by which each dossier stands where it does at the end of ``day``: positions
    in the journal's arrays."""
    entries = np.flatnonzero(journal.day <= day_number(day))
    dossier = journal.dossier[entries]
    is_last = np.append(dossier[1:] != dossier[:-1], True)[: len(entries)]
    return np.asarray(entries[is_last])


def entries_behind(journal: Journal, window: Window, figure: str) -> Integers:
    """The journal entries behind a figure (of FIGURES, but not of PARTS) of a window's statement.
    For transfers, all reassignments: which of them are transfers depends on the slices.

    Raises ``ValueError`` for a figure that no statement has.
    """
    if figure == "carried_over":
        return _open(journal, window.first - timedelta(1), OPEN)
    if figure == "received":
        return _during(journal, receptions(journal), window)
    if figure in TRANSFERS:
        return _during(journal, np.flatnonzero(reassignments(journal)), window)
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
    entries = standing(journal, day)
    return entries[np.isin(journal.into[entries], wanted)]


def _during(journal: Journal, entries: Integers, window: Window) -> Integers:
    day = journal.day[entries]
    return entries[(day >= day_number(window.first)) & (day <= day_number(window.last))]


def dossiers_behind(journal: Journal, window: Window, figures: Sequence[str]) -> Integers:
    """The dossiers of the entries behind some figures (FIGURES) of a window, as the journal names
    them, in rising order."""
    entries = [entries_behind(journal, window, part) for part in _parts(figures)]
    return np.unique(journal.dossier[np.concatenate(entries)])


def _parts(figures: Sequence[str]) -> Iterator[str]:
    """The figures that some figures are the sum of."""
    return (part for figure in figures for part in PARTS.get(figure, (figure,)))


class DossierFilter(NamedTuple):
    """Selects dossiers: of each dimension in ``only``, those that have one of the values; and, if
    ``under`` is the code of an agency, those of that agency and of all under it in the registry.
    ``bodies`` limit it besides: to those of any of these agencies and of all under them.

    An agency's level is the registry's where the registry has it. An agency that has ended goes by
    its successor where the registry says so (``AgencyRegistry.on``).
    """

    only: Mapping[str, Collection[str | None]] = {}
    registry: AgencyRegistry = AgencyRegistry()
    under: str | None = None
    bodies: tuple[str, ...] | None = None

    def accepts(self, row: Mapping[str, Any]) -> bool:
        """Whether a dossier with these values (``slices.DIMENSIONS``) is selected."""
        return self._is_under(row["agency"]) and all(
            self.value(row, name) in values for name, values in self.only.items()
        )

    def place(self, row: Mapping[str, Any], by: Sequence[str]) -> tuple[str | bool | None, ...]:
        """Where a dossier stands: its values in the dimensions ``by``, and whether it is
        selected."""
        return (*(self.value(row, name) for name in by), self.accepts(row))

    def value(self, row: Mapping[str, Any], dimension: str) -> str | None:
        """A dossier's value in a dimension."""
        value: str | None = row[dimension]
        match dimension:
            case "level":
                return self.registry.level(row["agency"], value)
            case "agency" if value is not None:
                return self.registry.current(value)
        return value

    def _is_under(self, agency: str) -> bool:
        above = (self.bodies, None if self.under is None else (self.under,))
        return all(
            codes is None or any(self.registry.is_under(agency, code) for code in codes)
            for codes in above
        )


EVERY_DOSSIER: Final = DossierFilter()


def dossiers(
    ledger: Ledger,
    window: Window,
    figures: Sequence[str],
    by: Sequence[str] = (),
    selected: DossierFilter = EVERY_DOSSIER,
    attribution: str = HELD,
) -> list[dict[str, Any]]:
    """The dossiers behind some figures (FIGURES) of a window, sorted by the values of ``by`` and by
    code.

    Each is a row with its code, its values of ``by``, the day it was received, its due day and the
    days left (``rules.days_left``) at the end of the window, the account it
    stands in and the day since when. A reassignment is a transfer where it changes a value of
    ``by``, as the registry of ``selected`` rolls it up, or takes the dossier in or out of the
    selection; of a transfer in, values are those after it, of a transfer out those before it, and
    ``transferred`` lists both. Raises ``ValueError`` for a figure that no statement has,
    ``KeyError`` for an unknown dimension.
    """
    final_on = final_day(attribution, window, ledger.office, ledger.as_of)
    named, which = naming(ledger, final_on)
    told, journal = told_of(window, ledger.office, ledger.as_of), ledger.folded.journal
    behind = []
    for figure in _parts(figures):
        entries = entries_behind(journal, told, figure)
        if figure in TRANSFERS:
            entries = entries[_are_transfers(ledger, named, which, entries, by, selected)]
        # By place, a transfer out stands in the slice before it.
        behind += [(entries, which[entries] - (figure == "transferred.out"))]
    entries, places = map(np.concatenate, zip(*behind, strict=True))
    return _rows(ledger, entries, named, places, by, selected, told.last)


def _are_transfers(
    ledger: Ledger,
    named: Naming,
    which: Integers,
    moves: Integers,
    by: Sequence[str],
    selected: DossierFilter,
) -> list[bool]:
    """Which of some reassignments move a dossier from slice to slice, as the registry rolls them
    up."""
    reassigned = ledger.folded.journal.row[moves]
    rows = {name: named.rows(ledger.log, name) for name in DIMENSIONS}
    after, before = (
        _values(ledger, reassigned, {name: own[places] for name, own in rows.items()})
        for places in (which[moves], which[moves] - 1)
    )
    return [
        selected.place(one, by) != selected.place(other, by)
        for one, other in zip(after, before, strict=True)
    ]


def measured_dossiers(
    ledger: Ledger,
    window: Window,
    measures: Sequence[str],
    by: Sequence[str],
    selected: DossierFilter,
) -> list[dict[str, Any]]:
    """The dossiers that measures (``quality.MEASURES``) count, as ``dossiers`` lists them.

    Each row says how the dossier stands at the window's end, and how much it counts (``number``).
    Raises ``KeyError`` for an unknown dimension.
    """
    window = told_of(window, ledger.office, ledger.as_of)
    numbers: dict[str, int] = {}
    counted = measured_rows(ledger, measures_of(ledger, window), measures)
    for _, row, number in counted:
        if selected.accepts(row):
            numbers[row["dossier"]] = numbers.get(row["dossier"], 0) + number
    entries = standing(ledger.folded.journal, window.last)
    named, which = naming(ledger, window.last)
    every = selected._replace(only={}, under=None, bodies=None)
    rows = _rows(ledger, entries, named, which[entries], by, every, window.last)
    return [{**row, "number": numbers[row["dossier"]]} for row in rows if row["dossier"] in numbers]


def measures_of(ledger: Ledger, window: Window) -> WindowMeasures:
    """What every measure counts in a window."""
    lives = valid_lives(ledger.log, ledger.office.zone, ledger.as_of)
    told = told_of(window, ledger.office, ledger.as_of)
    return count_measures(ledger.log, lives, ledger.office, told)


def measured_rows(
    ledger: Ledger, measured: WindowMeasures, measures: Collection[str]
) -> Iterator[tuple[str, dict[str, Any], int]]:
    """The dossiers that some of the measures of a window count: the measure, the dossier with its
    values in every dimension, at the agency for which it counts, and how much it counts."""
    for counted in measured.counts:
        if counted.measure in measures:
            for row, number in _counted(ledger, counted, measured):
                yield counted.measure, row, number


def suspended_events(ledger: Ledger, window: Window) -> list[dict[str, Any]]:
    """The events in suspense at the end of a window: those that its statement counts."""
    suspense = ledger.folded.suspense
    told = told_of(window, ledger.office, ledger.as_of)
    until = suspense.day <= day_number(told.last)
    events = ledger.log.select(["dossier", "type", "id"]).take(suspense.row[until]).to_pylist()
    days = [date_of(day).isoformat() for day in suspense.day[until].tolist()]
    rows = [
        {"dossier": event["dossier"], "day": day, "event": event["type"], "id": event["id"]}
        for event, day in zip(events, days, strict=True)
    ]
    return sorted(rows, key=lambda row: (row["dossier"], row["day"], row["id"]))


def _rows(
    ledger: Ledger,
    entries: Integers,
    named: Naming,
    places: Integers,
    by: Sequence[str],
    selected: DossierFilter,
    last: date,
) -> list[dict[str, Any]]:
    """The selected dossiers of some journal entries, as ``dossiers`` lists them; ``places`` say
    which of ``named`` is good for each entry, ``last`` is the last day that is told."""
    journal = ledger.folded.journal
    reception = np.zeros(len(ledger.log["dossier"].combine_chunks().dictionary), dtype=np.int64)
    reception[journal.dossier[receptions(journal)]] = receptions(journal)
    came = reception[journal.dossier[entries]]
    values = _values(
        ledger, journal.row[came], {n: named.rows(ledger.log, n)[places] for n in DIMENSIONS}
    )
    due, days_left = _deadlines(ledger, journal.dossier[entries], last)
    rows = [
        {
            "dossier": row["dossier"],
            **{dimension: selected.value(row, dimension) for dimension in by},
            "received": date_of(received).isoformat(),
            "due": date_of(due).isoformat(),
            "days_left": None if left == rules.NOTHING else left,
            "account": ACCOUNTS[account],
            "since": date_of(since).isoformat(),
        }
        for row, received, due, left, account, since in zip(
            values,
            journal.day[came].tolist(),
            due.tolist(),
            days_left.tolist(),
            journal.into[entries].tolist(),
            journal.day[entries].tolist(),
            strict=True,
        )
        if selected.accepts(row)
    ]
    return sorted(rows, key=lambda row: slice_order(tuple(row[n] for n in (*by, "dossier"))))


def _deadlines(ledger: Ledger, dossiers: Integers, last: date) -> tuple[Integers, Integers]:
    """The due day and the days left of some dossiers, by their numbers, at the end of a day."""
    log, zone = ledger.log, ledger.office.zone
    number = len(log["dossier"].combine_chunks().dictionary)
    is_listed, row_of = np.zeros(number, bool), np.zeros(number, np.int64)
    is_listed[dossiers] = True
    valid = recorded(log, ledger.as_of).rows(validity.VALID)
    events = log.take(pa.array(valid[is_listed[codes(log["dossier"])[valid]]]))
    lives = lives_of(events, np.arange(len(events)), zone)
    register = register_columns(lives, ledger.office, day_number(last))
    row_of[lives.dossier[register["reception"]]] = np.arange(len(register["reception"]))
    rows = row_of[dossiers]
    return register["due"][rows], register["days_left"][rows]


def _values(
    ledger: Ledger, receptions: Integers, rows: Mapping[str, Integers]
) -> list[dict[str, Any]]:
    """The codes of dossiers, by the rows of their receptions, and their values in each dimension,
    by the rows of the log that say them."""
    columns = {"dossier": ledger.log["dossier"].take(pa.array(receptions))}
    columns |= {name: ledger.log[name].take(pa.array(own)) for name, own in rows.items()}
    listed: list[dict[str, Any]] = pa.table(columns).to_pylist()
    return listed


def _counted(
    ledger: Ledger, counts: MeasureCounts, measured: WindowMeasures
) -> Iterator[tuple[dict[str, Any], int]]:
    """The dossiers that a measure counts, each with how much, at the agency for which it counts."""
    own = counts.register_row
    rows = _values(
        ledger, measured.reception_row[own], {n: row[own] for n, row in measured.rows.items()}
    )
    if counts.agency_row is not None:
        agencies = ledger.log[counts.agency_column].take(counts.agency_row).to_pylist()
        levels = _levels(ledger)
        rows = [
            {**row, "agency": agency, "level": levels.get(agency)}
            for row, agency in zip(rows, agencies, strict=True)
        ]
    return zip(rows, counts.number.tolist(), strict=True)


def _levels(ledger: Ledger) -> dict[str | None, str | None]:
    """The level of each agency, as the dossiers of that agency say, whenever they were received."""
    slices, _ = sliced(ledger, ["level", "agency"])
    return {agency: level for level, agency in slices}
