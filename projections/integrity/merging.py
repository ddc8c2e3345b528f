"""Adds up what the checks found in parts of a history, agency by agency."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np
import pyarrow as pa

from hoso.domain import rules
from hoso.projections.integrity.parts import AGENCY, Closings, Found, Part, Question
from hoso.projections.kernels.checks import POPULATION_COUNT
from hoso.projections.log.schema import Integers

Rows = TypeVar("Rows", Found, Closings)

NOWHERE: Final = -1  # the agency of a slice that was not asked for
EMPTY: Final = np.zeros(0, np.int64)


class Whole(NamedTuple):
    """What the checks found in a whole history.

    ``agencies`` are codes. The slices of ``found`` and ``closings`` are places among them;
    ``found.resolved_in`` is NOWHERE for a dossier that was not resolved in time. ``counts`` has a
    row for each agency and a column for each population.
    """

    agencies: list[str | None]
    counts: Integers
    found: Found
    closings: Closings
    links: Mapping[str, str]


def added_up(parts: Iterable[Part], question: Question) -> Whole:
    """Add parts up. What stood in slices that were not asked for is left out."""
    places: dict[str | None, int] = {}
    links: dict[str, str] = {}
    counts, found, closings = [], [], []
    for part in parts:
        agency = _agencies(part, question, places)
        there = np.flatnonzero(agency != NOWHERE)
        counts.append((agency[there], part.counts[there]))
        found.append(_placed(part.found, agency))
        closings.append(_placed(part.closings, agency))
        links.update(part.links)
    whole = np.zeros((len(places), POPULATION_COUNT), np.int64)
    for agency, number in counts:
        np.add.at(whole, agency, number)
    return Whole([*places], whole, _joined(Found, found), _joined(Closings, closings), links)


def _agencies(part: Part, question: Question, places: dict[str | None, int]) -> Integers:
    """For each slice of a part, the place of its agency; ``places`` grows by new ones."""
    selected, found = question.selected, []
    for values in part.slices:
        named = dict(zip(question.by, values, strict=True))
        if selected.accepts(named):
            agency = selected.value(named, AGENCY)
            found.append(places.setdefault(agency, len(places)))
        else:
            found.append(NOWHERE)
    return np.array(found, np.int64)


def _placed(rows: Rows, agency: Integers) -> Rows:
    """The rows that stand at an agency, with its place instead of the slice."""
    kept = rows
    if np.any(agency == NOWHERE):
        kept = chosen(rows, np.flatnonzero(agency[rows.slice] != NOWHERE))
    if isinstance(kept, Found):
        is_resolved = kept.resolved_in != rules.NOTHING
        place = np.where(is_resolved, agency[np.where(is_resolved, kept.resolved_in, 0)], NOWHERE)
        kept = kept._replace(resolved_in=place)
    return kept._replace(slice=agency[kept.slice].astype(kept.slice.dtype))


def chosen(rows: Rows, numbers: Integers) -> Rows:
    """Some of the rows."""
    columns = (
        column.take(pa.array(numbers)) if isinstance(column, pa.Array) else column[numbers]
        for column in rows
    )
    return type(rows)(*columns)


def _joined(kind: type[Rows], parts: list[Rows]) -> Rows:
    """The rows of several parts."""
    columns: list[Any] = []
    for name in kind._fields:
        column: list[Any] = [getattr(part, name) for part in parts]
        if name == "dossier":
            columns.append(pa.concat_arrays([pa.array([], pa.string()), *column]))
        else:
            columns.append(np.concatenate(column) if column else EMPTY)
    return kind(*columns)
