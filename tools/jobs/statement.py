"""States windows of a history: of all dossiers, or of those in a scope."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hoso.domain.agencies import AgencyRegistry, roll_up_day
from hoso.domain.office import Office
from hoso.domain.windows import Window
from hoso.projections.documents import statement as documents
from hoso.projections.documents.model import Document
from hoso.projections.ledger.balances import BalanceSheets
from hoso.projections.ledger.statement import final_day, outline, with_digest
from hoso.tools.inputs.questions import Attribution, RollUp
from hoso.tools.sources.source import Source

if TYPE_CHECKING:
    from hoso.projections.ledger.drilldown import DossierFilter

ROLLED_UP: Final = ("agency", "level")  # what a registry may say otherwise than events


class Agencies(NamedTuple):
    """The agencies by which a statement counts: the registry, the name of its file (None: there is
    none), and the day whose agencies count."""

    registry: AgencyRegistry = AgencyRegistry()
    file: str | None = None
    roll_up: RollUp = RollUp.then


def agencies_in(file: str | None, roll_up: RollUp) -> Agencies:
    """The agencies of the registry in a file; none for None. Raises ``UserError``."""
    if file is None:
        return Agencies(roll_up=roll_up)
    from hoso.tools.inputs.agencies import registry

    return Agencies(registry(file), file, roll_up)


class Asked(NamedTuple):
    """What a statement is asked for, but for its windows.

    ``only`` and ``under`` say which dossiers count: those of some slices, those of a body and of
    all bodies under it. ``bodies`` are those of which whoever asks may see dossiers, None for all.
    """

    as_of: datetime | None
    by: Sequence[str]
    attribution: Attribution = Attribution.held
    only: Mapping[str, Sequence[str | None]] = {}
    under: str | None = None
    agencies: Agencies = Agencies()
    bodies: tuple[str, ...] | None = None

    def selected(self, window: Window, office: Office) -> "DossierFilter":
        """The dossiers that count in a window. Raises ``UserError`` for a body that the registry
        does not have."""
        from hoso.projections.ledger.drilldown import DossierFilter
        from hoso.tools.inputs.agencies import check_bodies

        registry, file, roll_up = self.agencies
        agencies = registry.on(roll_up_day(roll_up.value, window, office.last_day(self.as_of)))
        check_bodies(agencies, file, self.under, self.only.get("agency", ()))
        return DossierFilter(self.only, agencies, self.under, self.bodies)

    def counts_all(self) -> bool:
        """Whether all dossiers count, each where its events say."""
        rolls_up = bool(self.agencies.registry.agencies) and any(
            name in ROLLED_UP for name in self.by
        )
        is_limited = bool(self.only) or self.under is not None or self.bodies is not None
        return not is_limited and not rolls_up


def statements(
    history: Source, asked: Asked, offices: Sequence[Office], windows: Sequence[Window]
) -> list[dict[str, Any]]:
    """The statements of some windows, by each of some offices in turn (``statement.outline``).

    Raises ``UserError`` for a scope that names a body that the registry does not have.
    """
    history.check_windows(windows)
    scopes: Mapping[Window, dict[str, Any]] = {}
    if asked.counts_all():
        sheets = _of_all(history, asked, offices, windows)
    else:
        selected = {window: asked.selected(window, offices[0]) for window in windows}
        sheets = _of_selected(history, asked, offices, selected)
        scopes = {window: scope_of(each) for window, each in selected.items()}
    return [
        outline(sheets[window][number], window) | scopes.get(window, {})
        for number in range(len(offices))
        for window in windows
    ]


def whole(stated: dict[str, Any]) -> dict[str, Any]:
    """A statement with its digest and with its lines in memory, as programs get it."""
    found = with_digest(stated)
    return found | {"lines": [*found["lines"]]}


def document(
    stated: Sequence[dict[str, Any]], asked: Asked, *, single: bool, ask: tuple[str, ...] = ()
) -> Document:
    """The document of ``statements``; see ``documents.statement.document``."""
    return documents.document(stated, single=single, ask=ask, limits=limits_of(asked))


def limits_of(asked: Asked) -> documents.Limits:
    """Which dossiers count, as documents say it."""
    if not asked.only and asked.under is None:
        return documents.NO_LIMITS
    from hoso.projections.reports.basis.scope import Scope

    where = tuple((name, value) for name, values in asked.only.items() for value in values)
    about = tuple(Scope(asked.only, asked.under).about(asked.agencies.registry))
    return documents.Limits(where, asked.under, about)


def _of_all(
    history: Source, asked: Asked, offices: Sequence[Office], windows: Sequence[Window]
) -> Mapping[Window, Sequence[BalanceSheets]]:
    """The balance sheets of all dossiers for each window, one for each office. Windows with one
    final day share them: each takes a pass over the history."""
    final_on = {window: _final_on(asked, window, offices[0]) for window in windows}
    sheets = {
        day: history.balances(offices, asked.as_of, asked.by, day) for day in set(final_on.values())
    }
    return {window: sheets[day] for window, day in final_on.items()}


def _of_selected(
    history: Source,
    asked: Asked,
    offices: Sequence[Office],
    selected: Mapping[Window, "DossierFilter"],
) -> Mapping[Window, Sequence[BalanceSheets]]:
    """The same of the dossiers that are selected for each window. Windows with one final day and
    the agencies of one day share them."""
    from hoso.projections.ledger.selected import Selection

    keys = {
        window: (each.registry.day, _final_on(asked, window, offices[0]))
        for window, each in selected.items()
    }
    distinct = {keys[window]: Selection(each, keys[window][1]) for window, each in selected.items()}
    by_office = [
        history.selected_balances(office, asked.as_of, asked.by, [*distinct.values()])
        for office in offices
    ]
    sheets = dict(zip(distinct, zip(*by_office, strict=True), strict=True))
    return {window: sheets[key] for window, key in keys.items()}


def _final_on(asked: Asked, window: Window, office: Office) -> date | None:
    return final_day(asked.attribution.value, window, office, asked.as_of)


def scope_of(selected: "DossierFilter") -> dict[str, Any]:
    """What the JSON of a statement says of its scope."""
    registry = selected.registry
    return {
        "scope": {
            "slice": {name: [*values] for name, values in selected.only.items()},
            "under": selected.under,
            "bodies": None if selected.bodies is None else [*selected.bodies],
            "registry": registry.digest if registry.agencies else None,
            "agencies_on": None if registry.day is None else registry.day.isoformat(),
        }
    }
