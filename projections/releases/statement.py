"""What is different in a released statement today: line by line, figure by figure.

Only the dossiers with later events are folded twice. All are folded where the law is another one,
and where the window was not over when the release was made: then deadlines passed since by
themselves.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any, Final, NamedTuple

import pyarrow as pa

from hoso.domain.calendar import day_number
from hoso.domain.office import Office
from hoso.domain.policy import Law, Terms, period_on, terms_in
from hoso.domain.windows import Window
from hoso.projections.documents.comparison import ASKED
from hoso.projections.documents.figures import FIGURES, figure
from hoso.projections.ledger.balances import Slice, slice_order
from hoso.projections.ledger.comparison import Side, contributions
from hoso.projections.ledger.drilldown import EVERY_DOSSIER, DossierFilter
from hoso.projections.ledger.ledger import Ledger, replay
from hoso.projections.ledger.statement import HELD, told_of
from hoso.projections.releases.causes import later_causes, law_causes
from hoso.projections.releases.past import Past, with_later_events
from hoso.projections.releases.revisions import (
    Cause,
    CellName,
    Change,
    Moments,
    Moved,
    Part,
    changes,
)

NAME: Final = "statement"
OWN_PARTS: Final[tuple[Part, ...]] = ("data", "law")  # of which today's program knows the dossiers

Line = Mapping[str, Any]
Contributions = Mapping[tuple[Slice | None, str], Mapping[str, int]]


class Question(NamedTuple):
    """What a statement was asked for: window, dimensions, attribution, and which dossiers."""

    window: Window
    by: Sequence[str] = ()
    attribution: str = HELD
    selected: DossierFilter = EVERY_DOSSIER

    def selects(self) -> bool:
        """Whether not all dossiers count, or not each where its events say."""
        only, registry, under, bodies = self.selected
        return bool(only or registry.agencies) or under is not None or bodies is not None


class Revised:
    """A history then and now: ``log`` are all events now, ``past`` says which of them a release
    knew, ``then`` and ``now`` are the offices that judged then, and judge now."""

    def __init__(self, log: pa.Table, past: Past, then: Office, now: Office) -> None:
        self._log, self._past = log, past
        self.then, self.now = then, now

    def has_new_law(self, last: date) -> bool:
        """Whether dossiers are judged otherwise than then, up to some day: by other provisions, or
        by other working days."""
        then, now = (office.policy.as_rules_read_it() for office in (self.then, self.now))
        starts = {law.first_day[n] for law in (then, now) for n in range(len(law.first_day))}
        days = [day for day in starts if day <= day_number(last)]
        is_same = all(_terms(then, day) == _terms(now, day) for day in days)
        return not is_same or self.then.calendar.days != self.now.calendar.days

    def of_data(self, asked: Question) -> Contributions:
        """By how much each dossier moves each figure for what is recorded since."""
        log = self._log if self._goes_on(asked.window) else self._changed
        before = replay(self._past.of(log), self.then, self._past.as_of)
        return self._moved(replay(log, self.then), before, asked)

    def of_law(self, asked: Question) -> Contributions:
        """By how much each dossier moves each figure for the law that is another one since."""
        if not self.has_new_law(asked.window.last):
            return {}
        return self._moved(self._by_law_now, self._by_law_then, asked)

    def causes(self, part: Part, dossiers: Sequence[str], window: Window) -> dict[str, list[Cause]]:
        """The events that made the parts of some dossiers."""
        told = told_of(window, self.now, None)
        if part == "law":
            return law_causes(self._by_law_then, self._by_law_now, dossiers, told)
        log = self._log if self._goes_on(window) else self._changed
        return later_causes(log, self._past, self.then, dossiers, told)

    def _moved(self, now: Ledger, before: Ledger, asked: Question) -> Contributions:
        own, other = (
            Side(each, asked.window, asked.selected, asked.attribution) for each in (now, before)
        )
        return contributions(own, other, [*ASKED.values()], asked.by)

    def _goes_on(self, window: Window) -> bool:
        """Whether figures of a window tell of more days now than then."""
        then = told_of(window, self.then, self._past.as_of)
        return then != told_of(window, self.now, None)

    @cached_property
    def _changed(self) -> pa.Table:
        return with_later_events(self._log, self._past)

    @cached_property
    def _by_law_then(self) -> Ledger:
        return replay(self._log, self.then)

    @cached_property
    def _by_law_now(self) -> Ledger:
        return replay(self._log, self.now)


def _terms(law: Law, day: int) -> Terms:
    return terms_in(law, period_on(law, 0, day))


def revisions(revised: Revised, asked: Question, released: Line, now: Line) -> list[Change]:
    """What changed of a statement, with its dossiers: ``released`` and ``now`` are the statement as
    JSON, as released and as of today."""
    parts: dict[Part, Contributions] = {
        "data": revised.of_data(asked),
        "law": revised.of_law(asked),
    }
    figures = dict(_figures(asked.by, _lines(released), _lines(now), parts))
    return list(_with_dossiers(changes(figures), asked, parts, revised))


def _lines(statement: Line) -> dict[Slice | None, Line]:
    """The lines of a statement by their slices; None: the total."""
    by = statement["by"]
    lines = statement["lines"] if by else ()
    return {
        **{tuple(line["slice"][n] for n in by): line for line in lines},
        None: statement["total"],
    }


def _figures(
    by: Sequence[str],
    released: Mapping[Slice | None, Line],
    now: Mapping[Slice | None, Line],
    parts: Mapping[Part, Contributions],
) -> Iterator[tuple[CellName, Moments]]:
    """The figures of all lines that may have changed, the total last."""
    moved = {slice_ for part in parts.values() for slice_, _ in part}
    for slice_ in _ordered({*released, *now, *moved}):
        own, today = released.get(slice_), now.get(slice_)
        if own == today and slice_ not in moved:
            continue
        for name in FIGURES:
            data, law = (sum(parts[p].get((slice_, ASKED[name]), {}).values()) for p in OWN_PARTS)
            new, old = (0 if line is None else figure(line, name) for line in (today, own))
            moments = Moments(old, new - law - data, new - law, new)
            yield _name(by, slice_, name), moments


def _ordered(slices: set[Slice | None]) -> list[Slice | None]:
    named = [slice_ for slice_ in slices if slice_ is not None]
    return [*sorted(named, key=slice_order), None]


def _name(by: Sequence[str], slice_: Slice | None, name: str) -> CellName:
    named = () if slice_ is None else tuple(zip(by, slice_, strict=True))
    return CellName(NAME, named, name)


def _with_dossiers(
    found: Iterator[Change],
    asked: Question,
    parts: Mapping[Part, Contributions],
    revised: Revised,
) -> Iterator[Change]:
    """Changes with the dossiers of their parts, and of each dossier the events that made it so."""
    changed = list(found)
    moved = {
        (part, change.name): parts[part].get(_key(change.name), {})
        for change in changed
        for part in parts
    }
    causes = {
        part: revised.causes(part, _every_dossier(moved, part), asked.window) for part in parts
    }
    for change in changed:
        dossiers = (
            Moved(code, part, net, tuple(causes[part].get(code, ())))
            for part in parts
            for code, net in sorted(moved[part, change.name].items())
        )
        yield change._replace(dossiers=tuple(dossiers))


def _key(name: CellName) -> tuple[Slice | None, str]:
    slice_ = tuple(value for _, value in name.slice) if name.slice else None
    return slice_, ASKED[name.figure]


def _every_dossier(
    moved: Mapping[tuple[Part, CellName], Mapping[str, int]], wanted: Part
) -> list[str]:
    """All dossiers of one part of some changes."""
    return sorted({code for (part, _), each in moved.items() if part == wanted for code in each})
