"""Properties of all reports: they agree with the statement, whatever happened."""

from collections.abc import Mapping
from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from hoso.domain.agencies import Agency, AgencyRegistry
from hoso.domain.calendar import date_of
from hoso.domain.windows import Window
from hoso.projections.documents.model import DrillDown, Place, Value
from hoso.projections.ledger import drilldown
from hoso.projections.ledger.drilldown import DossierFilter, dossiers
from hoso.projections.ledger.ledger import Ledger
from hoso.projections.ledger.quality import MEASURES
from hoso.projections.ledger.statement import statement
from hoso.tools.inputs import profiles
from tests.engine import Json, examples, ledger_of
from tests.filed import LEAST, cells, counted, filed, row_of, table_of
from tests.histories import histories, policies, standstills, windows
from tests.model import Rules

ANY = st.one_of(histories(), standstills())
FOLDINGS = st.sampled_from(["default", "lenient", "extended"])
EQUATIONS = {
    "received": ("online", "in_person", "carried_over"),
    "resolved": ("early", "on_time", "overdue"),
    "in_process": ("in_time", "in_process_overdue"),
}


def is_known(ledger: Ledger, window: Window) -> bool:
    """Whether anything is recorded by the end of a window; if not, each figure is a dash."""
    days = ledger.folded.journal.day
    return bool(len(days)) and date_of(int(days.min())) <= window.last


def or_dashes(figures: Mapping[str, Value], ledger: Ledger, window: Window) -> Json:
    """Figures as numbers: a dash stands for 0 where nothing is known, and nowhere else."""
    known = is_known(ledger, window)
    assert all((value is None) is not known for value in figures.values())
    return {name: value or 0 for name, value in figures.items()}


@given(data=st.data(), events=ANY, rules=policies(), folding=FOLDINGS)
@examples(60)
def test_the_four_equations_of_form_ii06a_hold_in_every_row(
    data: DataObject, events: list[Json], rules: Rules, folding: str
) -> None:
    window = Window(*data.draw(windows(events)))
    given = LEAST._replace(folding=profiles.fold_by(folding))
    ledger = ledger_of(events, rules)
    form = filed(ledger, window, given, ["ii06a"])["ii06a"]
    table = table_of(form, "ii06a")
    for row in table.rows:
        names = [*EQUATIONS, *(part for parts in EQUATIONS.values() for part in parts)]
        cells_of_row = row_of(form, "ii06a", row.key)
        figures = or_dashes({name: cells_of_row[name] for name in names}, ledger, window)
        for total, parts in EQUATIONS.items():
            assert figures[total] == sum(figures[part] for part in parts)
        assert figures["received"] == figures["resolved"] + figures["in_process"]


@given(data=st.data(), events=ANY, rules=policies(), folding=FOLDINGS)
@examples(60)
def test_the_form_says_what_the_statement_says(
    data: DataObject, events: list[Json], rules: Rules, folding: str
) -> None:
    ledger, window = ledger_of(events, rules), Window(*data.draw(windows(events)))
    given = LEAST._replace(folding=profiles.fold_by(folding))
    form = filed(ledger, window, given, ["ii06a"])["ii06a"]
    for line in statement(ledger, window, ["agency", "field"])["lines"]:
        figures = row_of(form, "ii06a", f"{line['slice']['agency']}/{line['slice']['field']}")
        folded = _folded(line, folding)
        assert figures.items() >= folded.items()
    folded = _folded(statement(ledger, window)["total"], folding)
    whole = row_of(form, "ii06a", "whole")
    assert or_dashes({name: whole[name] for name in folded}, ledger, window) == folded


def _folded(line: Json, folding: str) -> Json:
    """The figures of a line of a statement as the form has them: of either folding, in words."""
    gone, cancelled = line["resolved"], line["cancelled"]["total"]
    back, standing = line["returned"], (line["awaiting_supplement"], line["paused"])
    form = {"carried_over": line["carried_over"], "received": line["total"]}
    if folding == "lenient":
        return form | {
            "early": gone["early"],
            "on_time": gone["on_time"] + back["total"] + cancelled,
            "overdue": gone["overdue"],
            "in_time": line["in_progress"]["in_time"] + sum(each["total"] for each in standing),
            "in_process_overdue": line["in_progress"]["overdue"],
        }
    return form | {
        "early": gone["early"] + back["early"],
        "on_time": gone["on_time"] + back["on_time"] + cancelled,
        "overdue": gone["overdue"] + back["overdue"],
        "in_time": line["in_progress"]["in_time"] + sum(each["in_time"] for each in standing),
        "in_process_overdue": line["in_progress"]["overdue"]
        + sum(each["overdue"] for each in standing),
    }


@given(data=st.data(), events=ANY, rules=policies())
@examples(60)
def test_the_evaluation_reports_say_what_the_statement_says(
    data: DataObject, events: list[Json], rules: Rules
) -> None:
    ledger, window = ledger_of(events, rules), Window(*data.draw(windows(events)))
    reports, total = filed(ledger, window), statement(ledger, window)["total"]
    quarter, year = (
        {
            place.row: value
            for place, value in cells(reports[name], table).items()
            if place.column == column
        }
        for name, table, column in (
            ("quarterly", "whole", "all"),
            ("annual", "balance", "whole.now"),
        )
    )
    standing = total["paused"]["total"], total["awaiting_supplement"]["total"]
    if not is_known(ledger, window):
        assert {quarter["standing"], year["paused"], year["total"], quarter["total"]} == {None}
        return
    for told in (quarter, year):
        assert told["total"] == total["total"]
        assert told["carried_over"] == total["carried_over"]
        assert told["received"] == total["received"]
        assert told["resolved"] == total["resolved"]["total"]
        for timeliness in ("early", "on_time", "overdue"):
            assert told[timeliness] == total["resolved"][timeliness]
        assert told["in_time"] == total["in_progress"]["in_time"]
        assert told["in_progress_overdue"] == total["in_progress"]["overdue"]
        assert told["returned"] == total["returned"]["total"]
        assert told["cancelled"] == total["cancelled"]["total"]
    assert quarter["standing"] == sum(standing)
    assert (year["paused"], year["awaiting"]) == standing


@given(data=st.data(), events=ANY, rules=policies())
@examples(40)
def test_behind_every_figure_of_every_report_stand_as_many_dossiers(
    data: DataObject, events: list[Json], rules: Rules
) -> None:
    ledger, window = ledger_of(events, rules), Window(*data.draw(windows(events)))
    registry = data.draw(registries(ledger))
    for report in filed(ledger, window, LEAST._replace(registry=registry)).values():
        for place, value, behind in counted(report):
            assert _listed(ledger, behind, registry) == value, (report.name, place)


def _listed(ledger: Ledger, behind: DrillDown, registry: AgencyRegistry) -> int:
    only: dict[str, list[str | None]] = {}
    for name, value in behind.where:
        only.setdefault(name, []).append(value)
    within = DossierFilter(only, registry, behind.under)
    if set(behind.figures) <= set(MEASURES):
        listed = drilldown.measured_dossiers(ledger, behind.window, behind.figures, (), within)
        return sum(row["number"] for row in listed)
    return len(dossiers(ledger, behind.window, behind.figures, (), within))


@st.composite
def registries(draw: st.DrawFn, ledger: Ledger) -> AgencyRegistry:
    """A tree of some of a history's agencies, under bodies that have no dossiers of their own."""
    agencies = sorted(set(ledger.log["agency"].drop_null().to_pylist()))
    known = [code for code in agencies if draw(st.booleans())]
    bodies = [Agency("top", "Tỉnh", "province", None), Agency("mid", "Huyện", "district", "top")]
    for code in known:
        parents = [None, *(body.code for body in bodies)]
        level = draw(st.sampled_from(["province", "district", "commune"]))
        bodies.append(Agency(code, f"Cơ quan {code}", level, draw(st.sampled_from(parents))))
    return AgencyRegistry(bodies)


@given(data=st.data(), events=ANY)
@examples(60)
def test_a_body_has_what_its_parts_have(data: DataObject, events: list[Json]) -> None:
    ledger, window = ledger_of(events), Window(*data.draw(windows(events)))
    registry = data.draw(registries(ledger))
    form = filed(ledger, window, LEAST._replace(registry=registry), ["ii06a"])["ii06a"]
    by_agency = {
        line["slice"]["agency"]: line["total"]
        for line in statement(ledger, window, ["agency"])["lines"]
    }
    known = cells(form, "ii06a")
    for row in table_of(form, "ii06a").rows:
        if row.style == "group" and is_known(ledger, window):
            under = registry.under(row.key) if row.key in registry.agencies else [row.key]
            expected = sum(by_agency.get(code, 0) for code in under)
            assert known[Place(row.key, "received")] == expected


@given(data=st.data(), events=ANY)
@examples(40)
def test_lists_add_up_to_their_totals(data: DataObject, events: list[Json]) -> None:
    ledger, window = ledger_of(events), Window(*data.draw(windows(events)))
    annual = filed(ledger, window, names=["annual"])["annual"]
    total = statement(ledger, window)["total"]
    listed = row_of(annual, "lists", "whole")
    if total["total"]:
        zero = {key: value or 0 for key, value in listed.items()}
        assert zero["resolved"] == total["resolved"]["overdue"]
        assert zero["open"] == total["in_progress"]["overdue"]
        assert zero["paused"] == total["paused"]["total"]
        assert zero["withdrawn"] == total["cancelled"]["withdrawn"]
        assert zero["voided"] == total["cancelled"]["voided"]
        assert zero["returned"] == total["returned"]["total"]
    by_field = row_of(annual, "overdue_by_field", "whole")
    assert (by_field["overdue"] or 0) == (listed["overdue"] or 0)


def test_a_day_without_any_dossier_has_reports_too() -> None:
    window = Window(date(2023, 3, 1), date(2023, 3, 1))
    for report in filed(ledger_of([]), window).values():
        for table in report.tables():
            cells(report, table.key)
