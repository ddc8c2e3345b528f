"""Counts what the checks of integrity saw: in all, and at the agencies of a body.

A dossier that several checks saw counts once where they are taken together.
"""

from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from hoso.projections.integrity.findings import Integrity
from hoso.projections.log.schema import Integers


class Seen(NamedTuple):
    """Numbers of dossiers: ``dossiers`` that were seen, and how many of these the statement counts
    as resolved in time."""

    dossiers: int
    in_time: int


class Tally:
    """What the checks saw in a window."""

    def __init__(self, integrity: Integrity) -> None:
        found = pa.concat_tables([result.findings for result in integrity.checks])
        self._check = np.repeat(
            np.arange(len(integrity.checks)), [len(result.findings) for result in integrity.checks]
        )
        self._names = [result.name for result in integrity.checks]
        self._dossier = _places(found["dossier"], {})
        agencies: dict[str | None, int] = {}
        self._agency = _places(found["agency"], agencies)
        self._resolved_in = _places(found["resolved_in"], agencies)
        self._agencies = agencies

    def together(self, members: Collection[str] | None = None) -> Seen:
        """What any check saw: at some agencies, or (None) at all."""
        own, in_time = self._rows(members)
        return Seen(len(np.unique(self._dossier[own])), len(np.unique(self._dossier[in_time])))

    def of_checks(self, members: Collection[str] | None = None) -> Mapping[str, Seen]:
        """What each check saw, by its name: at some agencies, or (None) at all."""
        own, in_time = (
            np.bincount(self._check[rows], minlength=len(self._names)).tolist()
            for rows in self._rows(members)
        )
        return {name: Seen(own[place], in_time[place]) for place, name in enumerate(self._names)}

    def _rows(self, members: Collection[str] | None) -> tuple[Integers, Integers]:
        """The findings at some agencies, and those of dossiers that were resolved there in time."""
        if members is None:
            return np.arange(len(self._agency)), np.flatnonzero(self._resolved_in >= 0)
        wanted = [self._agencies[code] for code in members if code in self._agencies]
        own, in_time = (np.isin(each, wanted) for each in (self._agency, self._resolved_in))
        return np.flatnonzero(own), np.flatnonzero(in_time)


def _places(column: pa.ChunkedArray, known: dict[str | None, int]) -> Integers:
    """The number of each text; -1 where there is none. ``known`` gets new ones."""
    encoded = column.combine_chunks().dictionary_encode()
    numbers = [known.setdefault(text, len(known)) for text in encoded.dictionary.to_pylist()]
    indices = np.asarray(encoded.indices.fill_null(len(numbers)), np.int64)
    return np.array([*numbers, -1], np.int64)[indices]
