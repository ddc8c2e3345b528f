"""What one-stop systems really send (tests/data/cases/national): is it read right?"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import NamedTuple

import pytest

from hoso.consumers.intake import files, national
from hoso.consumers.intake.ingest import validate_block
from hoso.consumers.intake.record import IntakeContext, Validated, merge
from hoso.consumers.store.log import KeptRecord
from hoso.domain.calendar import local_date
from hoso.domain.dossier import account, evolve, initial_state
from hoso.domain.events import Allowance, Annulled, Event, recorded_at
from tests.engine import LOCAL, office

CASES = Path(__file__).parents[1] / "data" / "cases" / "national"
NOW = datetime(2026, 11, 28, tzinfo=UTC)
DEFAULTS = national.Defaults(
    "1",
    {
        "2.002492": Allowance(value=5, unit="working_days"),
        "1.000001": Allowance(value=10, unit="calendar_days"),
    },
)


class Dossier(NamedTuple):
    """The events of a dossier, and what is kept of its records."""

    events: list[Event]
    kept: list[KeptRecord]


def validated(name: str, defaults: national.Defaults = national.NO_DEFAULTS) -> Validated:
    """What a file holds."""
    context = IntakeContext("national", LOCAL, NOW, NOW.isoformat(), defaults=defaults)
    return merge(validate_block(block, context) for block in files.blocks(str(CASES / name)))


def rejects(name: str, defaults: national.Defaults = national.NO_DEFAULTS) -> list[str]:
    """The line and the reason of each reject of a file."""
    found = validated(name, defaults).rejects
    return [f"{reject.origin.rpartition(':')[2]}: {reject.reason}" for reject in found]


def told(records: Iterable[national.Record]) -> dict[str, Dossier]:
    """The dossiers after records that came one by one, an hour apart."""
    dossiers: dict[str, Dossier] = {}
    for hour, record in enumerate(records):
        came = NOW + timedelta(hours=hour)
        dossier = dossiers.setdefault(record.code, Dossier([], []))
        events, kept = national.additions(record.code, *dossier, [record], came, LOCAL)
        dossier.events.extend(e.model_copy(update={"recordedtime": came}) for e in events)
        dossier.kept.extend(kept)
    return dossiers


def stands(dossier: Dossier, on: date, as_of: datetime | None = None) -> str | None:
    """The account in which a dossier stands at the end of a day, as known at an instant."""
    state = initial_state("x")
    for event in dossier.events:
        is_over = isinstance(event, Annulled) or local_date(event.time, LOCAL) <= on
        if is_over and (as_of is None or recorded_at(event) <= as_of):
            state = evolve(state, event, office())
    return account(state, on)


def lines(dossier: Dossier) -> list[str]:
    """The events of a dossier on one line each: local time, kind, due day."""
    return [
        f"{event.time.astimezone(LOCAL):%d/%m %H:%M} {event.type.split('.')[1]}"
        + (f" due {due:%d/%m}" if (due := getattr(event.data, "due", None)) else "")
        for event in dossier.events
    ]


def only(dossiers: dict[str, Dossier]) -> Dossier:
    [dossier] = dossiers.values()
    return dossier


def orders(*names: str) -> list[Sequence[national.Record]]:
    """The records of some files, in every order."""
    return [*permutations(record for name in names for record in validated(name).records)]


@pytest.mark.parametrize("name", ["late4.jsonl", "huanvu_default4.jsonl"])
def test_a_late_step_takes_no_end_back_whatever_comes_first(name: str) -> None:
    for records in orders(name):
        dossier = only(told(records))
        assert stands(dossier, date(2024, 3, 11)) == "in_progress.in_time"
        assert stands(dossier, date(2024, 3, 12)) == "resolved.early"
        assert stands(dossier, date(2024, 6, 1)) == "resolved.early"


def test_of_two_ends_the_earlier_counts_whatever_comes_first() -> None:
    for records in orders(*(f"redated_{number}.jsonl" for number in (1, 2, 3))):
        dossier = only(told(records))
        assert stands(dossier, date(2024, 3, 17)) == "in_progress.in_time"
        assert stands(dossier, date(2024, 3, 18)) == "resolved.on_time"


def test_an_end_that_is_redated_does_not_change_what_was_known_before() -> None:
    records = [validated(f"redated_{number}.jsonl").records[0] for number in (1, 2, 3)]
    dossier = only(told(records))
    after_2, after_3 = (NOW + timedelta(hours=hours) for hours in (1, 2))
    assert stands(dossier, date(2024, 3, 25), after_2) == "resolved.overdue"
    assert stands(dossier, date(2024, 3, 18), after_2) == "in_progress.in_time"
    assert stands(dossier, date(2024, 3, 25), after_3) == "resolved.on_time"


@pytest.mark.parametrize(
    ("name", "told_as"),
    [
        ("dayonly_close", ["12/03 08:00 received due 12/03", "12/03 00:00 resolved"]),
        (
            "brought_before_received",
            ["04/03 08:00 received due 18/03", "04/03 00:00 supplement_requested"],
        ),
        (
            "dayonly_two_requests",
            [
                "04/03 08:00 received due 18/03",
                "06/03 00:00 supplement_requested",
                "06/03 00:00 supplemented due 18/03",
                "06/03 00:00 supplement_requested",
            ],
        ),
        (
            "dayonly_request_brought",
            [
                "04/03 08:00 received due 18/03",
                "06/03 10:15 supplement_requested",
                "06/03 00:00 supplemented due 22/03",
            ],
        ),
        ("refused", ["04/03 08:00 received due 18/03", "06/03 09:30 returned"]),
        ("handed_only", ["04/03 08:00 received due 18/03", "14/03 10:00 resolved"]),
        ("nine_undated", ["04/03 08:00 received due 18/03", "28/11 07:00 resolved"]),
        ("stopped8", ["04/03 08:00 received due 18/03", "28/11 08:00 paused"]),
        (
            "iso_supplement",
            ["04/03 08:00 received due 18/03", "06/03 10:05 supplement_requested"],
        ),
    ],
)
def test_what_a_file_tells(name: str, told_as: list[str]) -> None:
    found = validated(f"{name}.jsonl")
    assert lines(only(told(found.records))) == told_as
    assert not found.rejects


@pytest.mark.parametrize(
    ("name", "day", "where"),
    [
        ("dayonly_close", date(2024, 3, 12), "resolved.on_time"),
        ("brought_before_received", date(2024, 3, 4), "awaiting_supplement.in_time"),
        ("dayonly_two_requests", date(2024, 3, 6), "awaiting_supplement.overdue"),
        ("dayonly_request_brought", date(2024, 3, 6), "in_progress.in_time"),
        ("refused", date(2024, 3, 6), "returned.early"),
        ("handed_only", date(2024, 3, 14), "resolved.early"),
        ("stopped8", date(2026, 11, 28), "paused.overdue"),
    ],
)
def test_where_its_dossier_stands(name: str, day: date, where: str) -> None:
    assert stands(only(told(validated(f"{name}.jsonl").records)), day) == where


def test_what_is_stopped_goes_on_with_a_later_status() -> None:
    stopped = validated("stopped8.jsonl").records
    later = stopped[0].model_copy(update={"status": national.Status.IN_PROCESS})
    dossier = only(told([*stopped, later]))
    assert lines(dossier)[-1] == "28/11 09:00 resumed"


def test_a_channel_and_an_allowance_come_from_options() -> None:
    missing = "2: KenhThucHien: missing (--channel says which one to take); NgayHenTra: missing"
    [reason] = rejects("hagiang.jsonl")
    assert reason.startswith(missing)
    found = validated("hagiang.jsonl", DEFAULTS)
    assert (len(found.records), found.rejects) == (3, [])
    first, refused = told(found.records).values()
    assert stands(first, date(2023, 6, 8)) == "in_progress.in_time"
    assert stands(first, date(2023, 6, 9)) == "in_progress.overdue"
    assert refused.events == []


def test_a_dossier_without_an_appointment_takes_the_allowance_of_its_procedure() -> None:
    [reason] = rejects("no_due.jsonl")
    assert reason.startswith("1: NgayHenTra: missing")
    dossier = only(told(validated("no_due.jsonl", DEFAULTS).records))
    assert stands(dossier, date(2024, 3, 4)) == "resolved.early"


def test_the_year_one_is_no_due_day_and_a_due_day_before_the_reception_is_recorded() -> None:
    [reason] = rejects("due_min.jsonl")
    assert reason.startswith("1: NgayHenTra: missing")
    dossiers = told(validated("due_min.jsonl").records)
    assert lines(dossiers["H01-N9b"]) == ["04/03 08:00 received due 01/03"]
    assert rejects("due_min.jsonl", DEFAULTS) == []


def test_times_in_other_forms_are_read_where_their_meaning_is_certain() -> None:
    received = {
        code: one.events[0].time for code, one in told(validated("dates.jsonl").records).items()
    }
    eight = datetime(2024, 3, 4, 8, tzinfo=LOCAL)
    assert received.pop("H01-D0") == eight.replace(hour=0)
    assert received == dict.fromkeys((f"H01-D{number}" for number in (1, 2, 3, 4, 5, 8)), eight)
    assert [reason[:19].split(":")[0] for reason in rejects("dates.jsonl")] == ["7", "8", "10"]


def test_whole_numbers_are_read_and_codes_that_are_numbers_are_not() -> None:
    assert [*told(validated("numbers.jsonl").records)] == ["H01-N15"]
    fields = [reason.split(": ")[1] for reason in rejects("numbers.jsonl")]
    assert fields == ["TrangThaiHoSo", "NgayTiepNhan", "MaHoSo", "MaTTHC"]


@pytest.mark.parametrize(
    ("name", "codes"),
    [("envelope.jsonl", ["H01-N7", "H01-N7b"]), ("pretty.json", ["H01-N7c"])],
)
def test_arrays_envelopes_and_indented_documents_are_read(name: str, codes: list[str]) -> None:
    assert [*told(validated(name).records)] == codes
    assert not rejects(name)


def test_of_several_records_in_a_line_each_is_judged_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "several.jsonl"
    one = '{"MaHoSo": "A", "TrangThai": "9", "ThoiDiemXuLy": "20240304"}'
    file.write_text(f'{{"service": "CapNhatTienDoHoSoMC", "data": [{one}, {{"MaHoSo": "B"}}]}}\n')
    found = validated(str(file))
    assert [record.code for record in found.records] == ["A"]
    [reject] = found.rejects
    assert reject.reason == "record 2 of 2: not a record: no TrangThaiHoSo, no TrangThai"
    assert reject.raw == b'{"MaHoSo":"B"}'


def test_what_is_no_record_says_so() -> None:
    assert rejects("vnpt_dvcsync.jsonl") == [
        "1: not a record: no TrangThaiHoSo, no TrangThai",
        "3: ThoiDiemXuLy: Field required",
    ]
