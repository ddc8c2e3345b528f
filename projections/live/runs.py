"""Keeps many small records sorted by a key, and takes in more of them without sorting all anew.

What is taken in is one sorted *run*. A run is merged into the one before it once that is not three
times as long, so there are few, and each record is written anew a few times only. This is how
log-structured databases keep their tables.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from hoso.projections.log.schema import Integers

TIMES_AS_LONG: Final = 3  # as the next one, is a run that is left as it is

Records = npt.NDArray[Any]  # a structured array


class Run(NamedTuple):
    """Records sorted by their keys: two arrays of one length. They may be mapped from ``file``,
    which has the same, whatever is done with the arrays."""

    key: Integers
    record: Records
    file: str = ""


class Runs(NamedTuple):
    """Runs, the oldest first. ``combine`` makes of a run what is left where keys recur: it gets the
    records of one key in the order in which they were taken in."""

    combine: Callable[[Run], Run]
    runs: Sequence[Run] = ()

    def with_more(self, key: Integers, record: Records) -> "Runs":
        """The same and some more records, in any order."""
        if not len(key):
            return self
        runs = [*self.runs, self.combine(_sorted(key, record))]
        while len(runs) > 1 and len(runs[-2].key) < TIMES_AS_LONG * len(runs[-1].key):
            runs[-2:] = [self._merged(runs[-2:])]
        return self._replace(runs=runs)

    def whole(self, empty: Records) -> Run:
        """All records as one run; ``empty`` is what there is where there are none."""
        return self._merged(self.runs) if self.runs else Run(np.zeros(0, np.int64), empty)

    def _merged(self, runs: Sequence[Run]) -> Run:
        if len(runs) == 1:
            return runs[0]
        return self.combine(
            _sorted(*map(np.concatenate, zip(*(run[:2] for run in runs), strict=True)))
        )

    def found(self, wanted: Integers) -> Iterator[tuple[Integers, Records]]:
        """The records with some keys, from the newest run to the oldest: the place of each one's
        key among ``wanted``, and the records."""
        order = np.argsort(wanted)  # neighbours are looked up in the same pages
        ordered = wanted[order]
        for run in reversed(self.runs):
            start, end = (np.searchsorted(run.key, ordered, side) for side in ("left", "right"))
            place = np.repeat(order, end - start)
            first = np.repeat(end - np.cumsum(end - start), end - start)
            yield place, run.record[first + np.arange(len(place))]

    def newest(self, wanted: Integers, nothing: Records) -> tuple[Records, npt.NDArray[np.bool_]]:
        """For each key the record taken in last, or the one record of ``nothing``; and whether
        there is one."""
        records, known = np.repeat(nothing, len(wanted)), np.zeros(len(wanted), np.bool_)
        for place, found in self.found(wanted):
            new = ~known[place]
            records[place[new]] = found[new]
            known[place] = True
        return records, known


def _sorted(key: Integers, record: Records) -> Run:
    order = np.argsort(key, kind="stable")
    return Run(key[order], record[order])


def last_of_each(run: Run) -> Run:
    """Of each key the record taken in last."""
    is_last = np.append(run.key[1:] != run.key[:-1], True)[: len(run.key)]
    return Run(run.key[is_last], run.record[is_last])


def all_of_them(run: Run) -> Run:
    """Every record, also of one key."""
    return run


def sums(run: Run) -> Run:
    """Of each key one record: the sum of numbers; none where that is zero."""
    starts = np.flatnonzero(np.append(True, run.key[1:] != run.key[:-1])[: len(run.key)])
    total = np.add.reduceat(run.record, starts) if len(starts) else run.record
    return Run(run.key[starts][total != 0], total[total != 0])
