"""Properties of forms 07a, 07b and 07c: their equations hold, whatever happened."""

from datetime import date, datetime

from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from hoso.domain.office import Office
from hoso.domain.policy import Policy
from hoso.domain.windows import Window, period_before
from hoso.projections.ledger import drilldown
from hoso.projections.ledger.drilldown import DossierFilter
from hoso.projections.ledger.ledger import Ledger, replay
from hoso.projections.ledger.statement import FINAL, statement
from hoso.tools.inputs import profiles
from tests.engine import LOCAL, VIETNAM, Json, examples, log_of
from tests.filed import LEAST, counted, filed, row_of
from tests.histories import histories_in_law, windows_in_law

ANNULLED = "dossier.annulled.v1"
FORMS = ("form07a", "form07b", "form07c")
FOLDINGS = st.sampled_from(["default", "lenient"])
EQUATIONS = {
    "received": ("online_full", "online_partial", "post", "in_person", "carried_over"),
    "resolved": ("early", "on_time", "overdue"),
    "in_process": ("in_time", "in_process_overdue"),
}


def ledger_of(events: list[Json]) -> Ledger:
    return replay(log_of(events), Office(LOCAL, VIETNAM, Policy(), date(2030, 1, 1)), None)


def is_before(window: Window, events: list[Json]) -> bool:
    """Whether a window ended before the first event that no annulment names. Where nobody knows
    its figures, they are dashes."""
    named = {event["data"]["event_id"] for event in events if event["type"] == ANNULLED}
    days = [
        datetime.fromisoformat(event["time"]).astimezone(LOCAL).date()
        for event in events
        if event["id"] not in named and event["type"] != ANNULLED
    ]
    return window.last < min(days, default=date.max)


@given(data=st.data(), events=histories_in_law(), folding=FOLDINGS)
@examples(60)
def test_the_equations_hold_in_every_row(
    data: DataObject, events: list[Json], folding: str
) -> None:
    window = Window(*data.draw(windows_in_law(events)))
    given = LEAST._replace(folding=profiles.fold_by(folding))
    for document in filed(ledger_of(events), window, given, FORMS).values():
        for table in document.tables():
            for row in table.rows:
                if row.style == "group":
                    continue
                figures = row_of(document, table.key, row.key)
                if figures["received"] is None:
                    assert is_before(window, events)
                    assert {figures[name] for name in EQUATIONS} == {None}
                    continue
                for total, parts in EQUATIONS.items():
                    assert figures[total] == sum(figures[part] for part in parts)  # type: ignore[misc]
                both = figures["resolved"] + figures["in_process"]  # type: ignore[operator]
                assert figures["received"] == both


@given(data=st.data(), events=histories_in_law())
@examples(60)
def test_the_total_is_that_of_the_statement(data: DataObject, events: list[Json]) -> None:
    window, ledger = Window(*data.draw(windows_in_law(events))), ledger_of(events)
    assume(not is_before(window, events))
    total = statement(ledger, window, (), FINAL)["total"]
    reports = filed(ledger, window, names=FORMS)
    whole = [row_of(reports[name], name, "whole") for name in ("form07b", "form07c")]
    for figures in whole:
        assert figures["received"] == total["total"]
        assert figures["carried_over"] == total["carried_over"]
        assert figures["in_process"] == total["carried_forward"]
    bodies = [
        row_of(reports["form07a"], table.key, "whole") for table in reports["form07a"].tables()
    ]
    for column in ("received", "carried_over", "resolved", "in_process", "online_full"):
        assert sum(each[column] for each in bodies) == whole[0][column]  # type: ignore[misc]


@given(data=st.data(), events=histories_in_law())
@examples(60)
def test_in_all_what_is_carried_over_was_in_process_at_the_end_of_the_period_before(
    data: DataObject, events: list[Json]
) -> None:
    window, ledger = Window(*data.draw(windows_in_law(events))), ledger_of(events)
    assume(not is_before(window, events))
    now, before = (filed(ledger, each, names=FORMS) for each in (window, period_before(window)))
    for name in ("form07b", "form07c"):
        carried_over = row_of(now[name], name, "whole")["carried_over"]
        in_process = row_of(before[name], name, "whole")["in_process"]
        assert carried_over == (0 if is_before(period_before(window), events) else in_process)


@given(data=st.data(), events=histories_in_law())
@examples(40)
def test_the_note_is_there_where_a_row_is_restated(data: DataObject, events: list[Json]) -> None:
    window, ledger = Window(*data.draw(windows_in_law(events))), ledger_of(events)
    now, before = (
        filed(ledger, each, names=["form07b"])["form07b"]
        for each in (window, period_before(window))
    )
    [table], [earlier] = [*now.tables()], [*before.tables()]
    own = {
        row.key: row_of(now, "form07b", row.key)["carried_over"]
        for row in table.rows
        if row.style == "line"
    }
    last = {
        row.key: row_of(before, "form07b", row.key)["in_process"]
        for row in earlier.rows
        if row.style == "line"
    }
    restated = any(own.get(key, 0) != last.get(key, 0) for key in own.keys() | last.keys())
    notes = "\n".join(note.en for note in table.notes)
    assert ("Column (8) differs" in notes) == restated
    assert ("Column (8) is column (13)" in notes) != restated


@given(data=st.data(), events=histories_in_law())
@examples(30)
def test_behind_every_figure_stand_as_many_dossiers(data: DataObject, events: list[Json]) -> None:
    window, ledger = Window(*data.draw(windows_in_law(events))), ledger_of(events)
    for report in filed(ledger, window, names=FORMS).values():
        for place, value, behind in counted(report):
            only: dict[str, list[str | None]] = {}
            for name, wanted in behind.where:
                only.setdefault(name, []).append(wanted)
            within = DossierFilter(only, LEAST.registry, behind.under)
            listed = drilldown.dossiers(ledger, behind.window, behind.figures, (), within, FINAL)
            assert len(listed) == value, (report.name, place)
