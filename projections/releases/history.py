"""A history then and now: the two ledgers whose difference is a part of a revision.

Only the dossiers that may differ are folded. For data these are the dossiers with later events; all
of them where a window was not over when the release was made, for then deadlines have passed since
by themselves. For the law they are those that the law of now judges otherwise.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cached_property, partial
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from hoso.domain.calendar import day_number
from hoso.domain.office import Office
from hoso.domain.policy import Law, Terms, period_on, terms_in
from hoso.domain.windows import Window
from hoso.projections.ledger.fold import Journal
from hoso.projections.ledger.ledger import Ledger, replay
from hoso.projections.ledger.statement import told_of
from hoso.projections.log.schema import Integers
from hoso.projections.releases.causes import later_causes, law_causes, standing_causes
from hoso.projections.releases.past import Past, lives_of_dossiers, with_later_events
from hoso.projections.releases.revisions import Cause, CausesOf, Part

# The parts of which today's program knows the dossiers.
OWN_PARTS: Final[tuple[Part, ...]] = ("data", "law")


class Sides(NamedTuple):
    """The ledgers before and after what a part of a revision is for."""

    before: Ledger
    after: Ledger


class Revised:
    """A history then and now: ``log`` are all events now, ``past`` says which of them a release
    knew; ``then`` and ``now`` are the offices that judged then, and judge now, both asked today."""

    def __init__(self, log: pa.Table, past: Past, then: Office, now: Office) -> None:
        self._log, self._past = log, past
        self.then, self.now = then, now

    def sides(self, part: Part, windows: Iterable[Window]) -> Sides | None:
        """The ledgers of a part of OWN_PARTS for some windows; None where there is no such part."""
        every = list(windows)
        if part == "program":
            return None
        if part == "law":
            last = max(window.last for window in every)
            return self._of_law if self.has_new_law(last) else None
        return self._of_all_data if any(map(self._goes_on, every)) else self._of_later_data

    def causes_in(self, windows: Iterable[Window]) -> CausesOf:
        """Finds the events that made the parts of some dossiers in some windows."""
        return partial(self._causes, list(windows))

    def _causes(
        self, every: Sequence[Window], part: Part, dossiers: Sequence[str]
    ) -> dict[str, list[Cause]]:
        told = told_of(_last_of(every), self.now, None)
        if part == "program":
            return standing_causes(self.ledger_then, dossiers, told)
        sides = self.sides(part, every)
        if sides is None or not dossiers:
            return {}
        if part == "law":
            return law_causes(*sides, dossiers, told)
        return later_causes(sides.after.log, self._past, self.then, dossiers, told)

    def has_new_law(self, last: date) -> bool:
        """Whether dossiers are judged otherwise than then, up to some day: by other provisions, or
        by other working days."""
        then, now = (office.policy.as_rules_read_it() for office in (self.then, self.now))
        starts = {law.first_day[n] for law in (then, now) for n in range(len(law.first_day))}
        days = [day for day in starts if day <= day_number(last)]
        is_same = all(_terms(then, day) == _terms(now, day) for day in days)
        return not is_same or self.then.calendar.days != self.now.calendar.days

    def _goes_on(self, window: Window) -> bool:
        """Whether figures of a window tell of more days now than then."""
        then = told_of(window, self.then, self._past.as_of)
        return then != told_of(window, self.now, None)

    @cached_property
    def ledger_then(self) -> Ledger:
        """The events of then, by the law of then."""
        return replay(self._past.of(self._log), self.then, self._past.as_of)

    @cached_property
    def _of_all_data(self) -> Sides:
        return self._then_and_since(self._log)

    @cached_property
    def _of_later_data(self) -> Sides:
        return self._then_and_since(with_later_events(self._log, self._past))

    def _then_and_since(self, log: pa.Table) -> Sides:
        before = replay(self._past.of(log), self.then, self._past.as_of)
        return Sides(before, replay(log, self.then))

    @cached_property
    def _of_law(self) -> Sides:
        before, after = (replay(self._log, office) for office in (self.then, self.now))
        if self.then.calendar.days != self.now.calendar.days:
            return Sides(before, after)  # measures count working days, too
        otherwise = _moved_otherwise(before.folded.journal, after.folded.journal)
        log = lives_of_dossiers(self._log, otherwise)
        return Sides(replay(log, self.then), replay(log, self.now))


def _last_of(windows: Sequence[Window]) -> Window:
    """The window that ends last."""
    return max(windows, key=lambda window: window.last)


def _terms(law: Law, day: int) -> Terms:
    return terms_in(law, period_on(law, 0, day))


def _moved_otherwise(one: Journal, other: Journal) -> Integers:
    """The numbers of the dossiers that two journals of one log move otherwise."""
    entries = np.concatenate([np.stack(journal, axis=1) for journal in (one, other)])
    entries = entries[np.lexsort(entries.T)]
    equal = np.all(entries[1:] == entries[:-1], axis=1)
    is_paired = np.append(equal, False) | np.append(False, equal)
    return np.unique(entries[~is_paired[: len(entries)], 0])
