"""Properties of imports: the log says what the last export says; the same adds nothing."""

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hoso.consumers.intake.registers.cells import EPOCH_1900
from hoso.consumers.intake.registers.rows import Facts, Reading, WrongRow, read_row
from hoso.domain import rules
from hoso.domain.dossier import life_of, plain_event
from hoso.domain.kinds import KIND_OF
from hoso.domain.policy import terms_in
from hoso.tools.inputs.column_maps import column_map
from tests.engine import office
from tests.imports import ZONE, Log

FIRST = date(2026, 3, 2)
FIELDS = (
    *("code", "received", "due", "new_due", "rescheduled", "supplement_requested", "supplemented"),
    *("paused", "resumed", "closed", "returned", "status", "procedure", "agency"),
)
STATES = {
    "Đang xử lý": rules.IN_PROGRESS,
    "Chờ bổ sung": rules.AWAITING,
    "Tạm dừng": rules.PAUSED,
    "Chờ nộp phí": rules.PAUSED,
    "Đã trả kết quả": rules.CLOSED,
    "Trả lại hồ sơ": rules.CLOSED,
    "Rút hồ sơ": rules.CLOSED,
    None: None,
}
DAYS = st.integers(0, 12).map(lambda n: FIRST + timedelta(n))
MOMENTS = st.builds(
    lambda day, time: f"{day:%d/%m/%Y}{time}", DAYS, st.sampled_from(("", " 09:30"))
)
ROWS = st.fixed_dictionaries(
    {"status": st.sampled_from([*STATES]), "due": DAYS},
    optional=dict.fromkeys(
        ("supplement_requested", "supplemented", "paused", "resumed", "rescheduled", "closed"),
        MOMENTS,
    )
    | {"new_due": DAYS, "returned": MOMENTS},
)
EXPORTS = st.lists(st.tuples(st.integers(0, 5), ROWS), min_size=1, max_size=5)
OFFICE = office()
TERMS = terms_in(OFFICE.policy.as_rules_read_it(), 0)
USUAL = column_map("usual")
COLUMNS = {field: index for index, field in enumerate(FIELDS)}


def facts_of(row: dict[str, Any], seen: date) -> Facts | None:
    """The facts of a row; None if it is wrong, or has no time of day on the day of the export:
    what it dates could not be told from what is observed then."""
    if f"{seen:%d/%m/%Y}" in row.values():
        return None
    told = {"code": "H52-1", "received": FIRST, "procedure": "p", "agency": "a", **row}
    how = Reading(USUAL, COLUMNS, ZONE, EPOCH_1900, seen)
    try:
        return read_row([told.get(field) for field in FIELDS], how)
    except WrongRow:
        return None


def stands(log: Log) -> rules.Clock:
    """The clock after all events of the log that count. Each of them applies."""
    terms, days = TERMS, OFFICE.calendar.days
    clock = rules.BLANK
    for event in life_of(log.events, ZONE):
        assert rules.applies(clock, KIND_OF[event.type]), (event.type, log.life())
        clock = rules.step(clock, plain_event(event, ZONE), terms, days)
    return clock


@given(EXPORTS)
def test_the_log_stands_as_the_last_export_says(exports: list[tuple[int, dict[str, Any]]]) -> None:
    log, seen = Log(), FIRST + timedelta(5)
    for days, row in exports:
        seen += timedelta(days)
        facts = facts_of(row, seen)
        if facts is None:
            continue
        log.take(seen.isoformat(), facts)
        phase = STATES[row["status"]]
        clock = stands(log)
        assert phase is None or clock.phase == phase, log.life()
        if row.keys() & {"closed", "returned"}:
            assert clock.phase == rules.CLOSED
        for later in (0, 1, 30):
            assert log.take((seen + timedelta(later)).isoformat(), facts) == []
