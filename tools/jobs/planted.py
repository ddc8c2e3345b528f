"""Measures the integrity checks against planted faults: recall and precision of each."""

from collections import defaultdict

from hoso.domain.calendar import day_number, nth_working_day, worked_until
from hoso.domain.windows import Window
from hoso.projections.documents.model import Bilingual, Document
from hoso.projections.documents.planted import Measured, document
from hoso.projections.integrity.findings import CheckResult, Integrity
from hoso.projections.kernels.checks import CHECKS, LAST_DAY
from hoso.tools.inputs.planted import PlantedFault, planted_faults
from hoso.tools.runtime.calendar import calendar


def measurement(integrity: Integrity, listed: str) -> Document:
    """How many of the faults in the file ``listed`` each check found, of those that count in its
    window. Raises ``UserError`` for a file that is no list of faults."""
    planted: defaultdict[str, set[str]] = defaultdict(set)
    for fault in planted_faults(listed, CHECKS):
        if _counts(fault, integrity.told):
            planted[fault.check].add(fault.dossier)
    measured = [_measured(result, planted[result.name]) for result in integrity.checks]
    return document(integrity.window, measured)


def _counts(fault: PlantedFault, window: Window) -> bool:
    """Whether a fault counts in a window: ``last_day`` looks at the end of the window only."""
    first = day_number(window.first)
    if fault.check == CHECKS[LAST_DAY]:
        days = calendar().days
        first = nth_working_day(days, worked_until(days, day_number(window.last)))
    return first <= day_number(fault.day) <= day_number(window.last)


def _measured(result: CheckResult, planted: set[str]) -> Measured:
    title = Bilingual(*result.check.title)
    if result.effect is None:
        return Measured(result.name, title, len(planted), None, None)
    found = set(result.findings["dossier"].to_pylist())
    return Measured(result.name, title, len(planted), len(found), len(found & planted))
