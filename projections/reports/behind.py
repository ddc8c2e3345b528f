"""The dossiers behind the figures of a report, for a page that holds them.

They are listed as ``hoso dossiers`` lists them (``ledger.drilldown``), but each figure's dossiers
once for all slices: a report has thousands of figures and some dozens of lists. Those of a check of
integrity are in its findings.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from hoso.domain import rules
from hoso.domain.accounts import ACCOUNTS, CLOSED
from hoso.domain.agencies import AgencyRegistry
from hoso.domain.calendar import date_of, day_number
from hoso.domain.windows import Window
from hoso.projections.documents.figures import in_words
from hoso.projections.documents.model import (
    Behind,
    Bilingual,
    Count,
    Document,
    DrillDown,
    Held,
    HeldDossier,
    SeenByCheck,
    Sum,
)
from hoso.projections.integrity.findings import Integrity
from hoso.projections.ledger.drilldown import DossierFilter, dossiers, measured_rows, measures_of
from hoso.projections.ledger.explain import Step, explain_each
from hoso.projections.ledger.ledger import Ledger
from hoso.projections.ledger.quality import WindowMeasures
from hoso.projections.ledger.slices import DIMENSIONS
from hoso.projections.ledger.statement import FINAL, told_of
from hoso.projections.reports.basis.periods import COUNTED

MOST_DOSSIERS: Final = 2_000  # of one page


class _Listed(NamedTuple):
    """A dossier of a list: its code, its values in every dimension, and how much it counts."""

    code: str
    values: Mapping[str, str | None]
    number: int


class Lists:
    """The lists behind the figures of reports that one ledger and the same agencies make."""

    def __init__(
        self,
        ledger: Ledger,
        registry_of: Callable[[Window], AgencyRegistry],
        integrity: Integrity | None = None,
    ) -> None:
        self._ledger = ledger
        self._registry_of = registry_of
        checks = () if integrity is None else integrity.checks
        self._findings = {each.name: each.findings for each in checks}
        self._by_agency: dict[
            tuple[Window, tuple[str, ...]], Mapping[str | None, Sequence[_Listed]]
        ] = {}
        self._measured: dict[Window, WindowMeasures] = {}
        self._told: dict[tuple[Window, str], HeldDossier] = {}

    def hold(self, report: Document, most: int) -> Document:
        """A report with the dossiers of each figure that has at most ``most``, and of
        MOST_DOSSIERS dossiers at most, the figures that come first."""
        places: dict[tuple[Window, str], int] = {}
        lists: dict[Behind, tuple[int, ...]] = {}
        for behind in dict.fromkeys(_behind_figures(report)):
            codes = self._codes(behind)
            keys = [(behind.window, code) for code in codes]
            new = [key for key in keys if key not in places]
            if len(codes) > most or len(places) + len(new) > MOST_DOSSIERS:
                continue
            places |= {key: place for place, key in enumerate(new, len(places))}
            lists[behind] = tuple(places[key] for key in keys)
        self._tell([*places])
        return report._replace(held=Held(most, tuple(self._told[key] for key in places), lists))

    def counted(self, behind: Behind) -> Counter[str]:
        """How much each dossier behind a figure counts, by its code."""
        if isinstance(behind, SeenByCheck):
            return Counter(self._seen(behind))
        found = Counter[str]()
        for each in self._selected(behind):
            found[each.code] += each.number
        return found

    def _seen(self, behind: SeenByCheck) -> list[str]:
        """The codes of the dossiers that a check saw, sorted; at some agencies, if it names any."""
        agencies = {value for name, value in behind.where if name == "agency"}
        return [
            row["dossier"]
            for row in self._findings[behind.check].to_pylist()
            if not agencies or row["agency"] in agencies
        ]

    def _codes(self, behind: Behind) -> list[str]:
        """The codes of the dossiers behind a figure, sorted."""
        if isinstance(behind, SeenByCheck):
            return self._seen(behind)
        return sorted({each.code for each in self._selected(behind)})

    def _selected(self, behind: DrillDown) -> Iterator[_Listed]:
        """The dossiers behind a figure of a statement, or a measure."""
        registry, where = self._registry_of(behind.window), defaultdict[str, set[str | None]](set)
        for dimension, value in behind.where:
            where[dimension].add(value)
        selected = DossierFilter(where, registry, behind.under)
        lists = self._lists(behind.window, behind.figures)
        agencies = [agency for agency in where.get("agency", lists) if agency in lists]
        every = (each for agency in agencies for each in lists[agency])
        return (each for each in every if selected.accepts(each.values))

    def _lists(
        self, window: Window, figures: tuple[str, ...]
    ) -> Mapping[str | None, Sequence[_Listed]]:
        """The dossiers behind figures of all slices, by the agencies that count them."""
        key = window, figures
        if key not in self._by_agency:
            by_agency = defaultdict[str | None, list[_Listed]](list)
            registry = DossierFilter(registry=self._registry_of(window))
            for row, number in self._rows(window, figures):
                agency = registry.value(row, "agency")
                values = {name: row[name] for name in DIMENSIONS}
                by_agency[agency].append(_Listed(row["dossier"], values, number))
            self._by_agency[key] = by_agency
        return self._by_agency[key]

    def _rows(
        self, window: Window, figures: tuple[str, ...]
    ) -> Iterator[tuple[dict[str, Any], int]]:
        measures = [figure for figure in figures if figure in COUNTED]
        others = [figure for figure in figures if figure not in COUNTED]
        if measures:
            if window not in self._measured:
                self._measured[window] = measures_of(self._ledger, window)
            for _, row, number in measured_rows(self._ledger, self._measured[window], measures):
                yield row, number
        if others:
            for row in dossiers(self._ledger, window, others, DIMENSIONS, attribution=FINAL):
                yield row, 1

    def _tell(self, keys: Sequence[tuple[Window, str]]) -> None:
        """Tell how dossiers stand at the ends of windows."""
        missing = defaultdict[Window, list[str]](list)
        for window, code in keys:
            if (window, code) not in self._told:
                missing[window].append(code)
        for window, codes in missing.items():
            last = told_of(window, self._ledger.office, self._ledger.as_of).last
            today = day_number(last)
            for code, steps in explain_each(self._ledger, codes, today):
                by_then = [step for step in steps if step.day <= today]
                self._told[window, code] = _held(code, by_then or steps)


def _behind_figures(report: Document) -> Iterator[Behind]:
    for table in report.tables():
        for row in table.rows:
            for cell in row.cells.values():
                if isinstance(cell, Count | Sum) and cell.behind is not None:
                    yield cell.behind


def _held(code: str, steps: Sequence[Step]) -> HeldDossier:
    """How a dossier stands after some steps. The rules are those of the last step that moved its
    account or its due day."""
    moved = [
        step
        for before, step in zip((None, *steps), steps, strict=False)
        if before is None or (before.account, before.clock.due) != (step.account, step.clock.due)
    ]
    last = moved[-1]
    received = next((step for step in steps if step.clock.due != rules.NOTHING), None)
    return HeldDossier(
        code,
        None if received is None else date_of(received.day),
        _day(last.clock.due),
        date_of(last.day) if last.account in CLOSED else None,
        in_words(ACCOUNTS[last.account]) if last.account < len(ACCOUNTS) else Bilingual("–", "–"),
        Bilingual(
            ", ".join(rule.vi for rule in last.law), ", ".join(rule.name for rule in last.law)
        ),
    )


def _day(number: int) -> date | None:
    return None if number == rules.NOTHING else date_of(number)
