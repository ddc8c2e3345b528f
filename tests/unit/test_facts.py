"""The measures of quality facts, counted by hand and by the model.

March 2023 begins on a Wednesday; five working days from the 1st end on the 8th.
"""

from collections import Counter
from datetime import date, datetime
from typing import Any

import pytest

from hoso.domain.agencies import AgencyRegistry
from hoso.domain.windows import Window
from hoso.projections.ledger.ledger import Ledger
from hoso.projections.ledger.quality import MEASURES
from hoso.projections.ledger.statement import statement
from hoso.projections.reports.basis.cube import Cube
from hoso.projections.reports.basis.periods import cube_of, periods_of_ledger
from tests import model
from tests.engine import LOCAL, Json, is_working, ledger_of
from tests.told import (
    annulled,
    asked,
    brought,
    cancelled,
    paused,
    received,
    recorded,
    resolved,
    resumed,
    returned,
    said,
)

MARCH = Window(date(2023, 3, 1), date(2023, 3, 31))
APRIL = Window(date(2023, 4, 1), date(2023, 4, 30))
MAY = Window(date(2023, 5, 1), date(2023, 5, 31))
BEGUN = received("2023-03-01", 60)
SOON = received("2023-03-01", 5)  # to be answered soon
MOST = 10**15  # đồng, what one payment may be


def period_of(ledger: Ledger, window: Window) -> Cube:
    return cube_of(periods_of_ledger(ledger, [window]), window, AgencyRegistry())


def counted(
    events: list[Json], window: Window = MARCH, as_of: datetime | None = None
) -> dict[str, int]:
    """The measures that are not 0, by the engine and by the model; without those of apologies,
    which count every overdue dossier (test_extended_forms)."""
    period = period_of(ledger_of(events, as_of=as_of), window)
    found = {name: period.sum(name) for name in MEASURES if period.sum(name)}
    by_slice = model.measures(
        model.as_recorded(events), window, as_of=as_of, is_working=is_working, zone=LOCAL
    )
    assert found == sum(map(Counter, by_slice.values()), Counter())
    return {name: number for name, number in found.items() if "apologised" not in name}


def in_suspense(events: list[Json], as_of: datetime | None = None) -> int:
    return int(statement(ledger_of(events, as_of=as_of), MARCH)["suspense"]["events"])


def digitised(when: str, *, complete: bool = True, part: str = "components") -> Json:
    return said("digitised", when, part=part, complete=complete)


def paid(when: str, channel: str = "online", amount: int = 30_000) -> Json:
    return said("paid", when, amount=amount, channel=channel)


def rated(when: str, *, satisfied: bool = True) -> Json:
    return said("rated", when, satisfied=satisfied, channel="online")


def contacted(when: str, *, fault: bool = False) -> Json:
    return said("contacted", when, reason="paper_missing", applicant_fault=fault)


def complained(when: str, *, in_time: bool = True) -> Json:
    return said("complained", when, settled_in_time=in_time)


def transferred(when: str, due: str | None, *, step: int = 1, to: str = "so_tp") -> Json:
    terms = {} if due is None else {"step_due": due}
    return said("transferred", when, to_agency=to, step=step, **terms)


def step_done(when: str, *, step: int = 1) -> Json:
    return said("step_done", when, step=step)


# --- From the reception on ------------------------------------------------------------------------


def test_on_the_day_of_the_reception_the_reception_comes_first() -> None:
    at_once = digitised("2023-03-01T07:59:59+07:00")
    for events in ([BEGUN, at_once], [at_once, BEGUN]):
        assert counted(events) == {"components.complete": 1}
        assert in_suspense(events) == 0


def test_before_the_reception_a_fact_is_in_suspense() -> None:
    too_early = [digitised("2023-02-28"), paid("2023-02-28T23:59:59+07:00"), BEGUN]
    assert counted(too_early) == {}
    assert in_suspense(too_early) == 2


def test_of_a_dossier_that_was_never_received_it_is_in_suspense() -> None:
    events = [BEGUN, said("synced", "2023-03-02", code="D2")]
    assert counted(events) == {}
    assert in_suspense(events) == 1


def test_it_counts_once_the_reception_is_known() -> None:
    events = [recorded(BEGUN, "2023-03-10"), paid("2023-03-02")]
    before = datetime.fromisoformat("2023-03-09T00:00:00+07:00")
    assert counted(events, as_of=before) == {}
    assert in_suspense(events, as_of=before) == 1
    once = {"paid.online": 1, "payments.online": 1, "fee.online": 1}
    assert counted(events) == once | {"amount.online": 30_000}


@pytest.mark.parametrize(
    ("closed", "ended"),
    [(resolved, {}), (returned, {}), (cancelled, {"cancelled.in_time": 1})],
)
def test_a_closed_dossier_may_still_be_spoken_of(closed: Any, ended: dict[str, int]) -> None:
    events = [BEGUN, closed("2023-03-06"), rated("2023-03-20"), said("synced", "2023-03-21")]
    assert counted(events) == {"rated.satisfied": 1, "synced": 1} | ended
    assert in_suspense(events) == 0


def test_what_is_said_in_a_later_window_is_of_that_window() -> None:
    events = [BEGUN, resolved("2023-03-06"), rated("2023-04-03"), said("synced", "2023-04-03")]
    assert counted(events) == {}
    assert counted(events, APRIL) == {"rated.satisfied": 1}  # closed by then: none of the period


def test_a_fact_taken_back_or_repeated_counts_like_any_other_event() -> None:
    first, second = paid("2023-03-02"), paid("2023-03-03", amount=1)
    events = [BEGUN, first, second, second, annulled(first, "2023-03-04")]
    one = {"paid.online": 1, "fee.online": 1}
    assert counted(events) == one | {"payments.online": 1, "amount.online": 1}
    then = datetime.fromisoformat("2023-03-03T20:00:00+07:00")
    known = one | {"payments.online": 2, "amount.online": 30_001}
    assert counted(events, as_of=then) == known


@pytest.mark.parametrize("events", [[], [paid("2023-03-02"), step_done("2023-03-03")]])
def test_where_nothing_was_received_nothing_is_counted(events: list[Json]) -> None:
    assert counted(events) == {}
    assert in_suspense(events) == len(events)


# --- What is known by the last day ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("said_of_it", "measure"),
    [
        ((True,), "complete"),
        ((False,), "partial"),
        ((False, True), "complete"),
        ((True, False), "partial"),
    ],
)
def test_of_a_part_the_last_that_is_said_counts(said_of_it: tuple[bool, ...], measure: str) -> None:
    components = [digitised(f"2023-03-{2 + n:02}", complete=c) for n, c in enumerate(said_of_it)]
    assert counted([BEGUN, *components]) == {f"components.{measure}": 1}


def test_what_is_said_of_one_part_says_nothing_of_the_other() -> None:
    events = [BEGUN, digitised("2023-03-02"), resolved("2023-03-06")]
    events.append(digitised("2023-03-06", complete=False, part="result"))
    assert counted(events) == {"components.complete": 1, "result.partial": 1}


def test_what_is_said_after_the_last_day_is_not_known() -> None:
    events = [BEGUN, digitised("2023-03-31", complete=False), digitised("2023-04-01")]
    assert counted(events) == {"components.partial": 1}
    assert counted(events, APRIL) == {}  # received in March


def test_what_was_resolved_before_the_window_is_none_of_those_resolved_in_it() -> None:
    events = [BEGUN, digitised("2023-03-06", part="result"), contacted("2023-03-06")]
    events += [resolved("2023-03-31"), complained("2023-04-03")]
    assert counted(events) == {"result.complete": 1, "contacted.once": 1}
    assert counted(events, APRIL) == {"complaints.in_time": 1}


def test_a_result_is_of_those_resolved_in_whichever_window_they_were_received() -> None:
    events = [BEGUN, digitised("2023-03-30", complete=False, part="result")]
    assert counted(events) == {}
    assert counted([*events, resolved("2023-04-03")], APRIL) == {"result.partial": 1}


@pytest.mark.parametrize("begun", [BEGUN, received("2023-02-20", 60)], ids=["new", "carried over"])
def test_an_open_dossier_whose_state_reached_the_portal_is_synced(begun: Json) -> None:
    events = [begun, said("synced", "2023-03-02"), said("synced", "2023-03-03")]
    assert counted(events) == counted(events, APRIL) == {"synced": 1}


def test_what_is_closed_on_the_first_day_is_of_the_period() -> None:
    events = [BEGUN, said("synced", "2023-03-02"), resolved("2023-04-01")]
    assert counted(events, APRIL) == {"synced": 1}
    assert counted(events, MAY) == {}


def test_data_is_used_again_for_those_received_in_the_window() -> None:
    events = [BEGUN, said("reused", "2023-03-02"), said("reused", "2023-04-03")]
    assert counted(events) == {"reused": 1}
    assert counted(events, APRIL) == {}


def test_components_are_of_those_received_and_results_of_those_resolved() -> None:
    begun, end = received("2023-02-20", 30), resolved("2023-03-06")
    events = [begun, digitised("2023-03-02"), digitised("2023-03-06", part="result"), end]
    assert counted(events) == {"result.complete": 1}
    given_back = [begun, digitised("2023-03-06", part="result"), returned("2023-03-06")]
    assert counted(given_back) == {}


def test_on_the_spot_is_what_the_reception_says() -> None:
    spots = [
        received(f"2023-03-0{number}", 60, code=f"D{number}", **data)
        for number, data in enumerate([{"on_the_spot": True}, {"on_the_spot": False}, {}], start=1)
    ]
    assert counted(spots) == {"on_the_spot": 1}
    assert counted(spots, APRIL) == {}


@pytest.mark.parametrize(
    ("faults", "measures"),
    [
        ((True,), {}),
        ((True, True), {}),
        ((False,), {"contacted.once": 1}),
        ((False, True), {"contacted.once": 1}),
        ((False, False), {"contacted.more": 1}),
        ((False, True, False, False), {"contacted.more": 1}),
    ],
)
def test_a_contact_counts_where_it_was_not_the_applicants_fault(
    faults: tuple[bool, ...], measures: dict[str, int]
) -> None:
    contacts = [contacted(f"2023-03-0{2 + n}", fault=fault) for n, fault in enumerate(faults)]
    assert counted([BEGUN, *contacts, resolved("2023-03-07")]) == measures
    assert counted([BEGUN, *contacts, returned("2023-03-07")]) == {}


@pytest.mark.parametrize(
    ("day", "timeliness"), [("07", "early"), ("08", "on_time"), ("09", "overdue")]
)
def test_a_complaint_disputes_the_dossier_by_its_timeliness(day: str, timeliness: str) -> None:
    events = [SOON, resolved(f"2023-03-{day}"), complained("2023-03-20")]
    disputed = {f"disputed.{timeliness}": 1}
    if timeliness != "overdue":  # an overdue one is left out of the satisfaction rate anyway
        disputed["complained_of"] = 1
    assert counted(events) == disputed | {"complaints.in_time": 1}
    events.append(complained("2023-03-21", in_time=False))
    assert counted(events) == disputed | {"complaints.in_time": 1, "complaints.late": 1}


def test_a_complaint_about_what_is_not_resolved_disputes_nothing() -> None:
    once = {"complaints.in_time": 1, "complained_of": 1}
    assert counted([BEGUN, returned("2023-03-07"), complained("2023-03-08")]) == once
    withdrawn = [BEGUN, cancelled("2023-03-07"), complained("2023-03-08")]
    assert counted(withdrawn) == once | {"cancelled.in_time": 1}


def test_a_dossier_complained_of_counts_in_each_window_in_which_it_is_open_and_in_time() -> None:
    events = [BEGUN, complained("2023-03-08")]
    assert counted(events, APRIL) == {"complained_of": 1}
    assert counted([SOON, complained("2023-03-08")], APRIL) == {"age.60": 1}
    assert counted([*events, resolved("2023-03-09")], APRIL) == {}


@pytest.mark.parametrize(
    ("events", "timeliness"),
    [
        ([SOON, cancelled("2023-03-08")], "in_time"),
        ([SOON, cancelled("2023-03-09")], "overdue"),
        ([SOON, asked("2023-03-08"), cancelled("2023-03-20")], "in_time"),
        ([SOON, asked("2023-03-09"), cancelled("2023-03-20")], "overdue"),
        ([SOON, asked("2023-03-02"), asked("2023-03-03"), cancelled("2023-03-06")], "overdue"),
        ([SOON, paused("2023-03-08"), cancelled("2023-03-20")], "in_time"),
    ],
    ids=["due day", "day after", "supplement", "late request", "second request", "pause"],
)
def test_a_cancelled_dossier_is_overdue_if_a_resolved_one_would_be(
    events: list[Json], timeliness: str
) -> None:
    assert counted(events) == {f"cancelled.{timeliness}": 1}
    assert counted(events, APRIL) == {}


# --- On the last day ------------------------------------------------------------------------------


def test_a_pause_counts_by_the_reason_of_the_one_that_applied() -> None:
    owed, other = (
        said("paused", day, reason=reason)
        for day, reason in [("2023-03-02", "financial_obligation"), ("2023-03-03", "other")]
    )
    assert counted([BEGUN, owed, other]) == {"pause.financial_obligation": 1, "fee.unpaid": 1}
    assert in_suspense([BEGUN, owed, other]) == 1
    again = [BEGUN, owed, resumed("2023-03-02T09:00:00+07:00"), other]
    assert counted(again) == {"pause.other": 1}
    assert counted([BEGUN, owed, other, annulled(owed, "2023-03-04")]) == {"pause.other": 1}


def test_one_that_does_not_stand_paused_has_no_reason() -> None:
    assert counted([BEGUN, paused("2023-03-02"), resumed("2023-03-31")]) == {}
    assert counted([BEGUN, paused("2023-03-02"), resumed("2023-04-03")]) == {
        "pause.awaiting_authority": 1
    }


@pytest.mark.parametrize(
    ("last", "age"),
    [
        ("2023-03-08", None),
        ("2023-03-09", "5"),
        ("2023-03-15", "5"),
        ("2023-03-16", "20"),
        ("2023-04-05", "20"),
        ("2023-04-06", "60"),
        ("2024-03-08", "more"),
    ],
)
def test_an_overdue_dossier_is_as_old_as_the_working_days_past_its_due_day(
    last: str, age: str | None
) -> None:
    window = Window(MARCH.first, date.fromisoformat(last))
    assert counted([SOON], window) == ({} if age is None else {f"age.{age}": 1})


def test_overdue_by_no_working_day_is_of_age_0() -> None:
    on_friday = received("2023-03-03", due="2023-03-10")
    assert counted([on_friday], Window(MARCH.first, date(2023, 3, 11))) == {"age.0": 1}
    lapsed = [SOON, asked("2023-03-09")]
    assert counted(lapsed) == {"age.0": 1}
    often = [SOON, asked("2023-03-02"), asked("2023-03-03"), brought("2023-03-30")]
    assert counted(often) == {"age.0": 1}


# --- On the days of the window --------------------------------------------------------------------


def test_paid_online_at_least_once_is_paid_online() -> None:
    events = [BEGUN, paid("2023-03-02", "direct", 1_000), paid("2023-03-03", amount=200)]
    assert counted(events) == {
        "paid.online": 1,
        "fee.online": 1,
        "payments.online": 1,
        "payments.direct": 1,
        "amount.online": 200,
        "amount.direct": 1_000,
    }


def test_each_window_has_its_own_payments() -> None:
    events = [BEGUN, paid("2023-03-31T23:59:59+07:00", "direct", 0), paid("2023-03-31T17:00:00Z")]
    assert counted(events) == {"paid.direct": 1, "payments.direct": 1, "fee.zero": 1}
    april = {"paid.online": 1, "payments.online": 1, "amount.online": 30_000}
    assert counted(events, APRIL) == april


@pytest.mark.parametrize(
    ("payments", "fee"),
    [
        ([("online", 1)], "online"),
        ([("direct", 1)], "direct"),
        ([("direct", 1), ("online", 1)], "online"),
        ([("direct", 1), ("online", 0)], "direct"),
        ([("online", 0)], "zero"),
    ],
)
def test_a_dossier_received_in_the_window_has_a_fee_if_more_than_nothing_was_paid(
    payments: list[tuple[str, int]], fee: str
) -> None:
    paid_on = [
        paid(f"2023-03-0{day}", channel, amount)
        for day, (channel, amount) in enumerate(payments, start=2)
    ]
    period = period_of(ledger_of([BEGUN, *paid_on]), MARCH)
    names = ("online", "direct", "zero", "unpaid")
    assert {name: period.sum(f"fee.{name}") for name in names} == {
        name: int(name == fee) for name in names
    }
    carried_over = period_of(ledger_of([BEGUN, paid("2023-04-03")]), APRIL)
    assert carried_over.sum("fee.online") == 0
    assert carried_over.sum("paid.online") == 1


def test_the_largest_amounts_add_up_to_the_last_dong() -> None:
    payments = [paid(f"2023-03-{day:02}", amount=MOST - day) for day in range(2, 32)]
    assert counted([BEGUN, *payments])["amount.online"] == 30 * MOST - sum(range(2, 32))


def test_rated_twice_is_two_ratings() -> None:
    events = [BEGUN, rated("2023-03-02"), rated("2023-03-03", satisfied=False), rated("2023-03-06")]
    assert counted([*events, resolved("2023-03-07")]) == {
        "rated.satisfied": 2,
        "rated.dissatisfied": 1,
    }


# --- Steps ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("done", "timeliness"),
    [
        ("2023-03-09T23:59:59+07:00", "early"),
        ("2023-03-09T17:00:00Z", "on_time"),
        ("2023-03-10T23:59:59+07:00", "on_time"),
        ("2023-03-11T00:00:00+07:00", "overdue"),
    ],
)
@pytest.mark.parametrize("due", ["2023-03-10", "2023-03-09T17:00:00Z"])
def test_a_step_is_judged_by_its_local_day(done: str, timeliness: str, due: str) -> None:
    events = [BEGUN, transferred("2023-03-02", due), step_done(done)]
    assert counted(events) == {f"steps.{timeliness}": 1}


@pytest.mark.parametrize(
    "steps",
    [
        [transferred("2023-03-02", None), step_done("2023-03-03")],
        [step_done("2023-03-03")],
        [step_done("2023-03-03"), transferred("2023-03-06", "2023-03-10")],
        [transferred("2023-03-02", "2023-03-10")],
        [transferred("2023-03-02", "2023-03-10"), step_done("2023-03-03", step=2)],
        [
            transferred("2023-03-02", "2023-03-10"),
            transferred("2023-03-03", None),
            step_done("2023-03-06"),
        ],
        [transferred("2023-02-28", "2023-03-10"), step_done("2023-03-06")],
    ],
    ids=[
        *("no due day", "never begun", "begun afterwards", "never done", "another step"),
        *("begun anew without a due day", "begun before the reception"),
    ],
)
def test_a_step_that_cannot_be_judged_counts_nowhere(steps: list[Json]) -> None:
    assert counted([BEGUN, *steps]) == {}


def test_a_step_that_begins_anew_is_the_one_that_was_begun_last() -> None:
    events = [
        BEGUN,
        transferred("2023-03-02", "2023-03-06", to="so_tp"),
        transferred("2023-03-07", "2023-03-15", to="so_xd"),
        step_done("2023-03-14"),
        step_done("2023-03-20"),
    ]
    assert counted(events) == {"steps.early": 1}
    period = period_of(ledger_of(events), MARCH)
    assert period.only(agency="so_xd").sum("steps.early") == 1
    assert period.only(agency="so_tp").sum("steps.early") == 0


def test_a_step_done_again_after_it_began_again_counts_again() -> None:
    events = [
        BEGUN,
        transferred("2023-03-02", "2023-03-06"),
        step_done("2023-03-03"),
        transferred("2023-03-07", "2023-03-08"),
        step_done("2023-03-09"),
    ]
    assert counted(events) == {"steps.early": 1, "steps.overdue": 1}


def test_a_step_done_on_the_first_day_is_of_the_window() -> None:
    events = [BEGUN, transferred("2023-03-02", "2023-04-03"), step_done("2023-04-01")]
    assert counted(events, APRIL) == {"steps.early": 1}


def test_a_step_counts_when_it_is_done_also_after_the_end() -> None:
    events = [BEGUN, transferred("2023-03-02", "2023-04-03"), resolved("2023-03-06")]
    events.append(step_done("2023-04-04"))
    assert counted(events) == {}
    assert counted(events, APRIL) == {"steps.overdue": 1}
    assert counted(events, MAY) == {}


def test_a_step_is_of_the_agency_whose_it_was_at_that_agencys_level() -> None:
    own = received("2023-03-01", 60, level="commune")
    elsewhere = received("2023-03-01", 60, code="D2", agency="so_xd", level="province")
    steps = [transferred("2023-03-02", "2023-03-06", to="so_xd"), step_done("2023-03-03")]
    period = period_of(ledger_of([own, elsewhere, *steps]), MARCH)
    assert period.only(agency="so_xd", level="province", field="dat_dai").sum("steps.early") == 1
    unknown = [transferred("2023-03-02", "2023-03-06"), step_done("2023-03-03")]
    period = period_of(ledger_of([own, elsewhere, *unknown]), MARCH)
    assert period.only(agency="so_tp", level=None).sum("steps.early") == 1
