"""What became of what was said to fall due? By hand, with dates, each day as known at its end.

March 2023 begins on a Wednesday; five working days from the 1st end on the 8th.
"""

from collections import Counter
from datetime import date, datetime
from typing import Any

import pytest

from hoso.domain.calendar import date_of, day_number
from hoso.domain.office import Office
from hoso.domain.policy import Policy
from hoso.domain.validity import FOREVER, spans
from hoso.domain.windows import Window
from hoso.projections.documents import backtest as documents
from hoso.projections.ledger.backtest import OUTCOMES, Backtest, Forecasts, forecasts_of_log
from hoso.projections.ledger.drilldown import DossierFilter
from hoso.tools.output import Paper, printed
from tests.engine import LOCAL, VIETNAM, Json, compiling, log_of
from tests.told import (
    annulled,
    asked,
    cancelled,
    paused,
    received,
    recorded,
    rescheduled,
    resolved,
    resumed,
    said,
)

BEGUN = received("2023-03-01", 5)  # due on Wednesday 8 March
OFFICE = Office(LOCAL, VIETNAM, Policy())
MARCH = Window(date(2023, 3, 1), date(2023, 3, 31))


def asking(within: int = 2, today: str = "2023-04-30", **more: Any) -> Backtest:
    return Backtest(MARCH, within, day_number(date.fromisoformat(today)), **more)


def made(life: list[Json], *, as_of: str | None = None, **how: Any) -> Forecasts:
    known = None if as_of is None else datetime.fromisoformat(as_of)
    return forecasts_of_log(log_of(life), OFFICE, known, asking(**how))


def forecasts(life: list[Json], **how: Any) -> list[tuple[str, int, str]]:
    """The day of each forecast, the days that were left, and what became of it."""
    found = made(life, **how)
    assert set(found.values()) <= {1}
    return [
        (date_of(each.day).isoformat()[-5:], each.days_left, OUTCOMES[each.outcome])
        for each in sorted(found)
    ]


def test_nobody_acts_and_it_becomes_overdue() -> None:
    assert forecasts([BEGUN]) == [
        ("03-06", 2, "became_overdue"),
        ("03-07", 1, "became_overdue"),
        ("03-08", 0, "became_overdue"),
    ]


@pytest.mark.parametrize(
    ("event", "outcome"),
    [
        (resolved("2023-03-08"), "closed_in_time"),
        (cancelled("2023-03-08"), "closed_in_time"),
        (paused("2023-03-08"), "stopped"),
        (asked("2023-03-08"), "stopped"),
        (rescheduled("2023-03-07", "2023-03-20"), "moved"),
    ],
)
def test_what_happens_before_the_due_day_has_passed_becomes_of_it(
    event: Json, outcome: str
) -> None:
    before = [("03-06", 2, outcome), ("03-07", 1, outcome)]
    happened = event["time"][5:10]
    found = forecasts([BEGUN, event])
    assert [each for each in found if each[0] < "03-10"] == [
        each for each in before if each[0] < happened
    ]


@pytest.mark.parametrize("event", [resolved("2023-03-09"), cancelled("2023-03-09")])
def test_closed_on_the_day_after_it_was_overdue(event: Json) -> None:
    assert {outcome for _, _, outcome in forecasts([BEGUN, event])} == {"became_overdue"}


def test_a_new_appointment_too_late_moves_nothing() -> None:
    life = [BEGUN, rescheduled("2023-03-08", "2023-03-20")]
    assert {outcome for _, _, outcome in forecasts(life)} == {"became_overdue"}


def test_a_second_supplement_request_makes_it_overdue() -> None:
    once = [asked("2023-03-02"), said("supplemented", "2023-03-02", due="2023-03-08")]
    life = [BEGUN, *once, asked("2023-03-07")]
    assert forecasts(life) == [("03-06", 2, "became_overdue")]
    withdrawn = cancelled("2023-03-07T17:00:00+07:00")
    assert forecasts([*life, withdrawn]) == [("03-06", 2, "became_overdue")]


def test_a_closing_recorded_late_was_not_known() -> None:
    life = [BEGUN, recorded(resolved("2023-03-07"), "2023-03-13")]
    assert [outcome for _, _, outcome in forecasts(life)] == ["became_overdue"] * 3


def test_a_closing_recorded_on_the_day_after_is_known_in_time() -> None:
    life = [BEGUN, recorded(resolved("2023-03-08"), "2023-03-09")]
    assert [outcome for _, _, outcome in forecasts(life)] == ["closed_in_time"] * 3


def test_a_reception_recorded_late_was_no_forecast_before() -> None:
    assert forecasts([recorded(BEGUN, "2023-03-08")]) == [("03-08", 0, "became_overdue")]


def test_what_was_taken_back_counted_until_then() -> None:
    end = resolved("2023-03-06")
    life = [BEGUN, end, annulled(end, "2023-03-08")]
    # On the 6th and 7th it counted as closed.
    assert forecasts(life, within=3) == [
        ("03-03", 3, "closed_in_time"),
        ("03-04", 3, "closed_in_time"),
        ("03-05", 3, "closed_in_time"),
        ("03-08", 0, "became_overdue"),
    ]


def test_a_reception_that_is_taken_back_is_told() -> None:
    life = [BEGUN, annulled(BEGUN, "2023-03-07")]
    assert forecasts(life) == [("03-06", 2, "taken_back")]


def test_an_annulment_that_is_taken_back_lets_the_event_count_again() -> None:
    end = resolved("2023-03-03")
    first = annulled(end, "2023-03-06")
    life = [BEGUN, end, first, annulled(first, "2023-03-08")]
    assert forecasts(life) == [("03-06", 2, "closed_in_time"), ("03-07", 1, "closed_in_time")]


def test_what_is_not_over_is_not_known_yet() -> None:
    assert forecasts([BEGUN], today="2023-03-08") == [
        ("03-06", 2, "open"),
        ("03-07", 1, "open"),
        ("03-08", 0, "open"),
    ]
    assert {o for _, _, o in forecasts([BEGUN], today="2023-03-09")} == {"became_overdue"}


def test_it_stood_where_it_was_known_to_stand() -> None:
    moved = recorded(said("reassigned", "2023-03-03", agency="so_xd"), "2023-03-07")
    by_agency = made([BEGUN, moved], by=("agency",))
    assert [(date_of(each.day).day, *each.slice) for each in sorted(by_agency)] == [
        (6, "so_tnmt"),
        (7, "so_xd"),
        (8, "so_xd"),
    ]
    only = DossierFilter({"agency": ["so_xd"]})
    assert [day for day, _, _ in forecasts([BEGUN, moved], selected=only)] == ["03-07", "03-08"]


def test_a_dossier_that_runs_again_is_forecast_anew() -> None:
    life = [BEGUN, paused("2023-03-07"), resumed("2023-03-20"), resolved("2023-03-21")]
    assert forecasts(life) == [
        ("03-06", 2, "stopped"),
        ("03-20", 1, "closed_in_time"),
    ]


def test_many_dossiers_are_counted_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    lives = [received("2023-03-01", 5, code=f"D{n}") for n in range(20)]
    whole = made(lives, by=("agency",))
    monkeypatch.setattr("hoso.projections.ledger.backtest.ROOM", 31)
    assert made(lives, by=("agency",)) == whole
    assert whole.total() == 60


def test_compiled_it_is_the_same() -> None:
    end = resolved("2023-03-06")
    life = [BEGUN, end, annulled(end, "2023-03-08"), said("reassigned", "2023-03-06", agency="x")]
    life += [received("2023-03-02", 5, code="D2"), received("2023-03-06", 9, code="D3")]
    interpreted = made(life, within=9, by=("agency",))
    with compiling():
        assert made(life, within=9, by=("agency",)) == interpreted


def test_when_events_count() -> None:
    events = [("s", name) for name in "abcd"]
    annuls = [None, ("s", "a"), ("s", "b"), ("s", "x")]
    assert spans(["D"] * 4, events, annuls, [1, 3, 5, 6]) == [
        [(1, 3), (5, FOREVER)],
        [(3, 5)],
        [(5, FOREVER)],
        [(6, FOREVER)],
    ]
    assert spans(["D", "E"], events[:2], annuls[:2], [1, 3])[0] == [(1, FOREVER)]  # of another
    assert spans(["D", "D"], events[:2], annuls[:2], [1, 1])[0] == []  # taken back the same day


@pytest.mark.parametrize("paper", [Paper.table, Paper.csv, Paper.xlsx, Paper.html, Paper.json])
def test_it_is_on_every_paper(paper: Paper) -> None:
    for life in ([BEGUN], []):
        found = made([*life, received("2022-01-03", 5, code="D0")], by=("agency",))
        one = documents.document(found, asking(by=("agency",)), OFFICE, None)
        assert printed(one, "vi", paper)


def test_programs_get_each_day_with_its_outcomes() -> None:
    one = documents.document(made([BEGUN]), asking(), OFFICE, None)
    assert one.data is not None
    assert one.data.json["window"] == {
        "from": "2023-03-01",
        "to": "2023-03-31",
        "until": "2023-03-31",
    }
    none: Counter[str] = Counter(dict.fromkeys(documents.NAMES, 0))
    first = {"day": "2023-03-06", "days_left": 2, "forecast": 1, **none, "became_overdue": 1}
    assert one.data.json["forecasts"][0] == first
    assert one.lead is not None
    assert one.lead.en == "3 forecasts; 3 became overdue"
