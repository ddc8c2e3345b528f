"""The registry of agencies on a day: agencies begin, end and are merged."""

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from time import perf_counter

import pytest

from hoso.domain.agencies import NOW, THEN, Agency, AgencyRegistry, roll_up_day
from hoso.domain.errors import UserError
from hoso.domain.windows import Window
from hoso.tools.inputs.agencies import registry, within

HEADINGS = "code,name,level,parent,valid_from,valid_to,successor\n"
# On 30/06/2025 the districts end, and two departments merge; on 01/07/2025 the communes stand
# directly under the province, some of them new.
PROVINCE = """\
H52,UBND tỉnh,province,,,,
H52.02,Sở Kế hoạch và Đầu tư,province,H52,,30/06/2025,H52.12
H52.03,Sở Tài chính,province,H52,,2025-06-30,H52.12
H52.12,Sở Tài chính (mới),province,H52,01/07/2025,,
H52.12.1,Chi cục Quản lý giá,province,H52.03,,,
H52.21,UBND huyện Một,district,H52,,30/06/2025,
H52.21.01,UBND xã Hai,commune,H52.21,,30/06/2025,
H52.21.02,UBND xã Ba,commune,H52.21,,,
H52.31,UBND xã Bốn,commune,H52,01/07/2025,,
"""
JUNE, JULY = date(2025, 6, 30), date(2025, 7, 1)


@pytest.fixture
def province(tmp_path: Path) -> AgencyRegistry:
    return _read(tmp_path, PROVINCE)


def _read(folder: Path, rows: str) -> AgencyRegistry:
    (folder / "r.csv").write_text(HEADINGS + rows)
    return registry(str(folder / "r.csv"))


def test_on_its_last_day_a_body_still_exists(province: AgencyRegistry) -> None:
    june = province.on(JUNE)
    assert june.current("H52.02") == "H52.02"
    assert list(june.under("H52.21")) == ["H52.21", "H52.21.01", "H52.21.02"]
    assert june.name("H52.21") == "UBND huyện Một"
    assert not june.is_in_force("H52.31")


def test_the_day_after_a_merged_body_counts_in_its_successor(province: AgencyRegistry) -> None:
    july = province.on(JULY)
    assert july.current("H52.02") == july.current("H52.03") == "H52.12"
    assert july.name("H52.02") == "Sở Tài chính (mới)"
    assert list(july.under("H52.12")) == ["H52.12", "H52.02", "H52.03", "H52.12.1"]
    assert july.unknown(["H52.02", "H52.21", "H9"]) == ["H9"]


def test_a_body_without_a_successor_stays_where_it_was(province: AgencyRegistry) -> None:
    july = province.on(JULY)
    assert july.name("H52.21") == "UBND huyện Một (đến 30/06/2025)"
    assert list(july.under("H52.21")) == ["H52.21", "H52.21.01"]
    assert not july.is_in_force("H52.21")


def test_a_body_whose_parent_has_ended_stands_under_the_next_above(
    province: AgencyRegistry,
) -> None:
    parents = {code: agency.parent for code, agency in province.on(JULY).agencies.items()}
    assert parents["H52.21.02"] == "H52"
    assert parents["H52.12.1"] == "H52.12"
    assert parents["H52.21.01"] == "H52.21"


def test_every_body_is_under_the_top_on_every_day(province: AgencyRegistry) -> None:
    for day in (JUNE, JULY, date.min, date.max):
        assert sorted(province.on(day).under("H52")) == sorted(province.agencies)


def test_a_registry_without_dates_is_the_same_on_every_day() -> None:
    plain = AgencyRegistry([Agency("H52", "Tỉnh", "province", None)])
    assert plain.on(JULY) is plain


def test_successors_are_followed_as_far_as_they_have_ended() -> None:
    later = date(2026, 3, 1)
    chain = AgencyRegistry(
        [
            Agency("A", "Sở A", "province", None, None, JUNE, "B"),
            Agency("B", "Sở B", "province", None, JULY, later, "C"),
            Agency("C", "Sở C", "province", None, later),
        ]
    )
    assert [chain.on(day).current("A") for day in (JUNE, JULY, date(2026, 3, 2))] == ["A", "B", "C"]


def test_then_is_the_last_day_of_the_window_and_now_is_today() -> None:
    window = Window(date(2024, 12, 15), date(2025, 6, 14))
    assert roll_up_day(THEN, window, date(2026, 11, 29)) == date(2025, 6, 14)
    assert roll_up_day(NOW, window, date(2026, 11, 29)) == date(2026, 11, 29)


TOP = "H,Tỉnh,province,,,,\n"
FAULTS = [
    (
        "A,Sở A,province,H,01/07/2025,30/06/2025,\n",
        "3: A: ends on 2025-06-30, before it begins on 2025-07-01: correct valid_from or valid_to",
    ),
    (
        "A,Sở A,province,H,,30/06/2025,B\nB,Sở B,province,H,,01/07/2025,A\n",
        "3: A: is its own successor: A → B → A: correct one successor",
    ),
    (
        "A,Sở A,province,H,,30/06/2025,A\n",
        "3: A: is its own successor: A → A: correct one successor",
    ),
    (
        "A,Sở A,province,,,,\n",
        "3: A: has no parent, and H has none either: write the parent of one",
    ),
    (
        "A,Sở A,province,H,,30/06/2025,X\n",
        "3: A: its successor 'X' is not in the registry: add it",
    ),
    (
        "A,Sở A,province,H,,30/06/2025,B\nB,Sở B,province,H,,31/12/2024,\n",
        "3: A: ends on 2025-06-30, and its successor B on 2024-12-31: write the body that took "
        "over, or none",
    ),
    ("A,Sở A,province,H,,,H\n", "3: A: has a successor and no last day: write valid_to"),
    (
        "A,Sở A,district,H,,30/06/2025,B\nB,Sở B,commune,A,,,\n",
        "3: A: parents and successors make a circle: A → B → A: correct one of them",
    ),
    ("A,Sở A,province,H,,31/06/2025,\n", "3: valid_to: no such day: 31/06/2025"),
    (
        "A,Sở A,province,H,July,,\n",
        "3: valid_from: no date 'July': write 2022-12-15 or 15/12/2022",
    ),
]


@pytest.mark.parametrize(("rows", "fault"), FAULTS)
def test_a_registry_with_a_fault_is_refused_in_one_line(
    rows: str, fault: str, tmp_path: Path
) -> None:
    with pytest.raises(UserError) as error:
        _read(tmp_path, TOP + rows)
    assert str(error.value) == f"{tmp_path / 'r.csv'}:{fault}"


def test_a_root_may_follow_another_or_be_merged_into_it(tmp_path: Path) -> None:
    merged = "H06,Tỉnh A,province,,,30/06/2025,H\n"
    assert _read(tmp_path, TOP + merged).on(JULY).current("H06") == "H"
    followed = "A,Tỉnh A,province,,,30/06/2025,\nB,Tỉnh B,province,,01/07/2025,,\n"
    assert [each.code for each in _read(tmp_path, followed).children()] == ["A", "B"]


def test_headings_may_leave_out_any_of_the_dates(tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    file.write_text("valid_to,code,name,level,parent\n30/06/2025,A,Sở A,province,\n")
    assert registry(str(file)).agencies["A"].valid_to == JUNE
    file.write_text("code,name,level,parent,until\n")
    with pytest.raises(UserError, match="write code,name,level,parent, and if there are dates"):
        registry(str(file))


@pytest.mark.parametrize("codes", [{"under": "H52.02"}, {"agency": "H52.02"}])
def test_a_merged_body_is_not_asked_for_in_silence(codes: dict[str, str], tmp_path: Path) -> None:
    _read(tmp_path, PROVINCE)
    only = {"agency": [codes["agency"]]} if "agency" in codes else {}
    file, under = str(tmp_path / "r.csv"), codes.get("under")
    within(only, file, under, JUNE)
    fault = "H52.02 has ended before 2025-07-01 and counts in H52.12: write H52.12"
    with pytest.raises(UserError, match=re.escape(fault)):
        within(only, file, under, JULY)


def _chained(number: int) -> list[Agency]:
    """A chain of agencies, each under the one before and succeeded by it a day later."""
    first = date(2000, 1, 1).toordinal()
    agencies = [Agency("A0", "Cơ quan 0", "province", None)]
    for n in range(1, number):
        last = date.fromordinal(first + number - n)
        above = f"A{n - 1}"
        agencies.append(Agency(f"A{n}", f"Cơ quan {n}", "commune", above, None, last, above))
    return agencies


@pytest.mark.parametrize("backwards", [False, True])
def test_a_chain_of_four_thousand_takes_no_time(backwards: bool) -> None:
    chain: Sequence[Agency] = _chained(4_000)
    started = perf_counter()
    agencies = AgencyRegistry(reversed(chain) if backwards else chain)
    assert len(list(agencies.under("A0"))) == 4_000
    today = agencies.on(date.max)
    assert today.current("A3999") == "A0"
    assert sum(1 for _ in today.under("A0")) == 4_000
    assert perf_counter() - started < 2


def test_a_long_circle_is_told_in_a_short_line() -> None:
    chain = _chained(4_000)
    chain[0] = chain[0]._replace(parent="A3999")
    with pytest.raises(ValueError, match=r"^A0: is under itself: A0 → A3999 → A3998 → … → "):
        AgencyRegistry(chain)
