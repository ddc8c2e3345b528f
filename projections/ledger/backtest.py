"""Compares forecasts with what became of them: of what was said to fall due, how much came true?

At the end of each day of a window the dossiers in progress and in time are listed that fall due
within some working days, as known then (``ledger.due``). Each is followed until it becomes overdue,
closes, stops, or has another due day, as known at the ends of the days that follow. One pass over
the history does for all days (``kernels.forecasts``).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from hoso.domain import kinds, validity
from hoso.domain.calendar import day_number
from hoso.domain.office import Office
from hoso.domain.windows import Window
from hoso.projections.kernels.forecasts import (
    NAMES_FIELD,
    NAMES_LEVEL,
    ForecastArrays,
    Forecasting,
    write_forecasts,
)
from hoso.projections.kernels.run import kernel
from hoso.projections.ledger.drilldown import DossierFilter
from hoso.projections.ledger.slices import DIMENSIONS, slices_of
from hoso.projections.log import known
from hoso.projections.log.known import AsKnown, as_known
from hoso.projections.log.lives import Lives, lives_of, recorded
from hoso.projections.log.packing import KnownLives
from hoso.projections.log.schema import Integers

# What became of forecasts, in the order of the numbers of ``kernels.forecasts``.
OUTCOMES: Final = ("open", "became_overdue", "closed_in_time", "stopped", "moved", "taken_back")
READ: Final = (*known.READ, *DIMENSIONS)  # the columns of events that a backtest reads
ROOM: Final = 1_000_000  # forecasts in memory at a time


class Backtest(NamedTuple):
    """What is asked: the forecasts at the end of each day of a window, of dossiers with at most
    ``within`` days left that are ``selected``, split ``by`` dimensions; what became of them up to
    the end of day number ``today``."""

    window: Window
    within: int
    today: int
    by: tuple[str, ...] = ()
    selected: DossierFilter = DossierFilter()


class Forecast(NamedTuple):
    """What forecasts have in common that are counted together: the day number at whose end they
    were made, the days that were left, what became of them (a place in OUTCOMES), and the values of
    the dimensions."""

    day: int
    days_left: int
    outcome: int
    slice: tuple[str | None, ...]


Forecasts = Counter[Forecast]  # how many there were of each


def forecasts_of_log(
    log: pa.Table, office: Office, as_of: datetime | None, asked: Backtest
) -> Forecasts:
    """The forecasts of a log (``log.schema.SCHEMA``), as known at ``as_of`` (None: all of it)."""
    log = log.combine_chunks()
    events = recorded(log, as_of)
    lives = lives_of(log, events.row[events.verdict != validity.REPEAT], office.zone)
    return forecasts_of_lives(log, lives, office, asked)


def forecasts_of_lives(
    events: pa.Table, lives: Lives, office: Office, asked: Backtest
) -> Forecasts:
    """The forecasts of some lives, which are those of all events but repeats; ``lives.row`` are
    rows of ``events``, which have READ."""
    as_they_counted = as_known(events, lives, office.zone)
    for_rules = _for_rules(events, as_they_counted)
    asking = Forecasting(
        day_number(asked.window.first),
        min(day_number(asked.window.last), asked.today),
        asked.today,
        asked.within,
    )
    room = max(min(ROOM, _most(lives, asking)), asking.last - asking.first + 1)
    columns = ForecastArrays(*(np.empty(room, np.int64) for _ in ForecastArrays._fields))
    run = kernel(write_forecasts, len(for_rules.dossier))
    law, found, place = office.policy.as_rules_read_it(), Forecasts(), 0
    while place < len(for_rules.dossier):
        place, rows = run(for_rules, place, asking, law, office.calendar.days, columns)
        written = {name: np.asarray(column)[:rows] for name, column in columns._asdict().items()}
        found += _counted(events, as_they_counted.lives, written, asked)
    return found


def _most(lives: Lives, asking: Forecasting) -> int:
    """The most forecasts that there can be."""
    dossiers = np.count_nonzero(np.diff(lives.dossier)) + 1
    return int(dossiers) * (asking.last - asking.first + 1)


def _for_rules(events: pa.Table, counted: AsKnown) -> KnownLives:
    """The lives as the kernel reads them."""
    lives = counted.lives
    names = sum(
        bit * np.asarray(events[column].is_valid())[lives.row]
        for column, bit in (("field", NAMES_FIELD), ("level", NAMES_LEVEL))
    )
    names = np.where(lives.kind == kinds.REASSIGNED, names, 0)
    return KnownLives(lives.dossier, lives.packed, counted.since, counted.until, names)


def _counted(
    events: pa.Table, lives: Lives, written: Mapping[str, Integers], asked: Backtest
) -> Forecasts:
    """How many forecasts of each kind there are among some, of selected dossiers."""
    read = _dimensions(asked)
    places = {name: written.get(name, written["reception"]) for name in read}
    rows = {name: lives.row[own] for name, own in places.items()}
    slices, which = slices_of(events, rows, read, lives.row[written["reception"]])
    accepted = np.array([_is_selected(values, read, asked) for values in slices], bool)
    kept = np.flatnonzero(accepted[which])
    keys = np.stack([written["day"], written["days_left"], written["outcome"], which])[:, kept]
    distinct, numbers = np.unique(keys, axis=1, return_counts=True)
    found = Forecasts()
    for (day, left, outcome, place), number in zip(
        distinct.T.tolist(), numbers.tolist(), strict=True
    ):
        found[Forecast(day, left, outcome, _slice(slices[place], read, asked))] += number
    return found


def _dimensions(asked: Backtest) -> list[str]:
    """The dimensions that say where a dossier is counted, and whether it is selected."""
    return [
        name for name in DIMENSIONS if name in (*asked.by, *asked.selected.only, "agency", "level")
    ]


def _row(values: Sequence[str | None], read: Sequence[str]) -> dict[str, str | None]:
    return dict(zip(read, values, strict=True))


def _is_selected(values: Sequence[str | None], read: Sequence[str], asked: Backtest) -> bool:
    return asked.selected.accepts(_row(values, read))


def _slice(
    values: Sequence[str | None], read: Sequence[str], asked: Backtest
) -> tuple[str | None, ...]:
    """The values of ``by``, as the registry has them."""
    row = _row(values, read)
    return tuple(asked.selected.value(row, name) for name in asked.by)
