"""An explained life has a mark where a check saw something, and nowhere else."""

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from hoso.domain.calendar import day_number
from hoso.domain.events import Allowance
from hoso.projections.integrity.findings import Integrity
from hoso.projections.integrity.marks import seen_at_events
from hoso.tools.inputs.checks import checks_by
from tests.engine import examples, integrity, log_of, office_in_law
from tests.histories import as_ofs_in_law, histories_in_law, windows_in_law
from tests.model import Law
from tests.pattern_lives import PROCEDURES
from tests.patterns import OF_ONE_LIFE

Event = dict[str, Any]
Found = set[tuple[str, str]]  # the check, the dossier

ALLOWANCES = {
    name: Allowance.model_validate({"unit": unit, "value": value})
    for name, (unit, value) in PROCEDURES.items()
}


def found(result: Integrity) -> Found:
    return {
        (each.name, code)
        for each in result.checks
        if each.name in OF_ONE_LIFE
        for code in each.findings["dossier"].to_pylist()
    }


def marked(events: list[Event], as_of: Any, today: date) -> dict[tuple[str, str], set[str]]:
    """The kinds of the events that are marked, by check and dossier."""
    log, marks = log_of(events), dict[tuple[str, str], set[str]]()
    kinds = {(e["source"], e["id"]): e["type"].split(".")[1] for e in events}
    for code in {event["subject"] for event in events}:
        last, office = day_number(today), office_in_law(Law(), None, None)
        seen = seen_at_events(log, code, office, as_of, checks_by(None), last, ALLOWANCES)
        for event, names in seen.items():
            for name in names:
                marks.setdefault((name, code), set()).add(kinds[event])
    return marks


@examples(60)
@given(data=st.data())
def test_what_a_check_finds_in_a_window_is_marked_at_an_event_of_that_kind(
    data: DataObject,
) -> None:
    events = data.draw(histories_in_law())
    window, as_of = data.draw(windows_in_law(events)), data.draw(as_ofs_in_law(events))
    result = integrity(events, window, as_of=as_of, catalogue=PROCEDURES)
    marks = marked(events, as_of, result.told.last)
    for each in result.checks:
        if each.name in OF_ONE_LIFE:
            for row in each.findings.to_pylist():
                assert row["kind"] in marks[each.name, row["dossier"]]


@examples(40)
@given(data=st.data())
def test_a_dossier_that_no_check_found_in_all_its_life_has_no_mark(data: DataObject) -> None:
    events = data.draw(histories_in_law())
    days = sorted(date.fromisoformat(event["time"][:10]) for event in events)
    whole = days[0] - timedelta(400), days[-1] + timedelta(2)
    result = integrity(events, whole, catalogue=PROCEDURES)
    assert marked(events, None, result.told.last).keys() == found(result)
