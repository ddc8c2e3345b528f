"""The result of the checks for a window: counts, shares, dossiers, and the effect on the on-time
rate, in all and by agency.

The on-time rate is that of the statement: resolved early or on time ÷ resolved, in the window, as
held. Each check has the rate as it would be if the dossiers that the check found, and that were
resolved in time, counted as overdue.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from hoso.domain import kinds
from hoso.domain.windows import Window
from hoso.projections.integrity.chains import Chains, LookUp, chains_of
from hoso.projections.integrity.checks import Check
from hoso.projections.integrity.merging import NOWHERE, Whole, added_up, chosen
from hoso.projections.integrity.parts import Found, Part, Question
from hoso.projections.integrity.unusual import Usual, bursts, last_day
from hoso.projections.kernels.checks import (
    ALLOWANCE_DIFFERS,
    BURST,
    CHECKS,
    LAST_DAY,
    POPULATIONS,
    RE_ENTERED,
    RESOLVED,
    RESOLVED_IN_TIME,
)
from hoso.projections.log.schema import Integers

# A finding: the dossier, the agency where it stood, the kind of the event that shows it, the day on
# which it counts, and the agency where the dossier was resolved in time, in the window: null where
# it was not.
FINDINGS: Final = pa.schema(
    [
        ("dossier", pa.string()),
        ("agency", pa.string()),
        ("kind", pa.string()),
        ("day", pa.date32()),
        ("resolved_in", pa.string()),
    ]
)

UNUSUAL: Final = {BURST: bursts, LAST_DAY: last_day}
NOTHING_USUAL: Final[Mapping[int, Usual]] = {}


class Effect(NamedTuple):
    """What a check found, of a whole or of one agency; all are numbers of dossiers.

    ``found`` is how many it found, ``of`` how many its population has. ``resolved`` and ``in_time``
    are those of the statement. ``taken`` is how many of those resolved in time the check found.
    """

    found: int
    of: int
    resolved: int
    in_time: int
    taken: int

    @property
    def share(self) -> Fraction | None:
        """The share of the population; None where that is empty."""
        return Fraction(self.found, self.of) if self.of else None

    @property
    def on_time_rate(self) -> Fraction | None:
        """Resolved in time ÷ resolved; None where nothing was resolved."""
        return Fraction(self.in_time, self.resolved) if self.resolved else None

    @property
    def on_time_rate_without(self) -> Fraction | None:
        """The on-time rate if the dossiers that the check found counted as overdue."""
        return Fraction(self.in_time - self.taken, self.resolved) if self.resolved else None

    @property
    def size(self) -> Fraction:
        """By how much the on-time rate would be lower."""
        return Fraction(self.taken, self.resolved) if self.resolved else Fraction(0)


class AgencyEffect(NamedTuple):
    """What a check found at an agency. ``usual`` is there for checks that compare with chance and
    with the agency's own past."""

    agency: str | None
    effect: Effect
    usual: Usual | None = None


class CheckResult(NamedTuple):
    """What a check found: in all, by agency (the greatest effect first), and dossier by dossier, a
    table FINDINGS sorted by code.

    ``effect`` is None where the check had nothing to compare with, and did not run. ``expected`` is
    how many dossiers there would be by chance, where the check compares with that.
    """

    name: str
    check: Check
    effect: Effect | None
    by_agency: tuple[AgencyEffect, ...]
    findings: pa.Table
    expected: float | None = None


class Integrity(NamedTuple):
    """What all checks found in a window, in the order of CHECKS; ``told`` is the part of the window
    of which figures can tell."""

    window: Window
    told: Window
    checks: tuple[CheckResult, ...]
    chains: Chains


def integrity_of(question: Question, parts: Iterable[Part], look_up: LookUp) -> Integrity:
    """The result, from what the checks found in parts of a history; ``look_up`` gives the register
    rows of some of its dossiers."""
    whole = added_up(parts, question)
    del parts  # all that they hold is in the whole
    results = [_result(number, whole, question) for number in range(len(CHECKS))]
    re_entered = set(results[RE_ENTERED].findings["dossier"].to_pylist())
    resolved, in_time = whole.counts[:, [RESOLVED, RESOLVED_IN_TIME]].sum(axis=0).tolist()
    chains = chains_of(whole.links, re_entered, resolved, in_time, question, look_up)
    return Integrity(question.window, question.told, tuple(results), chains)


def _result(number: int, whole: Whole, question: Question) -> CheckResult:
    """The result of the check with a number."""
    name, check = CHECKS[number], question.checks[CHECKS[number]]
    if number == ALLOWANCE_DIFFERS and question.catalogue is None:
        return CheckResult(name, check, None, (), FINDINGS.empty_table())
    found = chosen(whole.found, np.flatnonzero(whole.found.check == number))
    expected, usual = None, NOTHING_USUAL
    if number in UNUSUAL:
        found, expected, usual = UNUSUAL[number](whole, question)
    effects = _effects(check, whole, found)
    by_agency = [
        AgencyEffect(whole.agencies[place], Effect(*effects[place].tolist()), usual.get(place))
        for place in np.flatnonzero(effects[:, 0] + effects[:, -1]).tolist()
    ]
    by_agency.sort(key=_order)
    effect = Effect(*effects.sum(axis=0).tolist())
    return CheckResult(name, check, effect, tuple(by_agency), _table(whole, found), expected)


def _effects(check: Check, whole: Whole, found: Found) -> Integers:
    """The numbers of an ``Effect``, in its order: a row for each agency."""
    agencies, population = len(whole.agencies), POPULATIONS.index(check.of.population)
    resolved_in = found.resolved_in[found.resolved_in != NOWHERE]
    taken = np.bincount(resolved_in, minlength=agencies)
    counts = whole.counts[:, [population, RESOLVED, RESOLVED_IN_TIME]]
    return np.column_stack([np.bincount(found.slice, minlength=agencies), counts, taken])


def _order(row: AgencyEffect) -> tuple[Fraction, int, str]:
    """The greatest effect first, then the most dossiers, then by code."""
    return -row.effect.size, -row.effect.found, row.agency or ""


def _table(whole: Whole, found: Found) -> pa.Table:
    agencies = pa.array(whole.agencies, pa.string())
    resolved_in = pa.array(found.resolved_in, mask=found.resolved_in == NOWHERE)
    columns = {
        "dossier": found.dossier,
        "agency": agencies.take(pa.array(found.slice)),
        "kind": pa.array(kinds.KINDS).take(pa.array(found.kind)),
        "day": pa.array(found.day.astype(np.int32)).cast(pa.date32()),
        "resolved_in": agencies.take(resolved_in),
    }
    return pa.table(columns, FINDINGS).sort_by("dossier")
