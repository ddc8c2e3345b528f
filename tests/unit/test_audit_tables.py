"""The findings of an audit in tables, and the columns that it finds shifted."""

import time
from collections.abc import Sequence
from decimal import Decimal

import pytest

from hoso.projections.audit.checks import Audit
from hoso.projections.audit.findings import Check
from hoso.projections.audit.published import (
    LoadedTable,
    MatchCheck,
    OtherColumn,
    PercentCheck,
    SumCheck,
    TableRow,
)
from hoso.projections.audit.shifts import find_shift
from tests.audited import Cells, audit, english, held, numbers, rows, unchecked

PARTS = ["p", "q", "r"]
SUM = SumCheck(file="x.csv", total="t", parts=PARTS)
SHARE = PercentCheck(file="x.csv", percent="percent", count="a", of=["a", "b"])
BALANCED = [(6, 1, 2, 3), (30, 10, 11, 9), (70, 50, 15, 5), (9, 4, 4, 1)]


def sums(cells: Sequence[Cells]) -> Audit:
    return audit(LoadedTable(SUM, rows(["t", *PARTS], cells), []))


def shares(*cells: Cells) -> Audit:
    return audit(LoadedTable(SHARE, rows(["percent", "a", "b"], cells), []))


def test_rows_that_add_up_hold() -> None:
    found = sums([*BALANCED, (None, None, None, None)])
    assert (found.findings, found.unchecked) == ([], [])
    assert english(*found.holds) == "4 rows: t = p + q + r"


def test_a_row_that_does_not_add_up_is_a_finding() -> None:
    found = sums([*BALANCED, (8, 1, 2, 3)])
    [finding] = found.findings
    assert (finding.place, *numbers(finding)) == ("x.csv: E", "8", "6", "2")
    assert english(*found.holds) == "4 rows: t = p + q + r"


def test_a_row_without_all_of_its_numbers_cannot_be_checked() -> None:
    found = sums([*BALANCED, (8, None, 2, 3)])
    assert found.findings == []
    assert english(*found.unchecked) == "numbers are missing: E"


def test_columns_that_stand_a_row_below_their_own_are_found() -> None:
    slipped = [(6, 0, 0, 3), (30, 1, 2, 9), (70, 10, 11, 5), (9, 50, 15, 1)]
    shift, lost = sums(slipped).findings
    assert shift.check is Check.row_shift
    assert numbers(shift) == ("4", "0", "4")
    assert english(shift) == (
        "columns p, q stand below their own rows, by 1; moved back, all 3 rows that can be checked "
        "hold; what is printed there for A belongs to no row"
    )
    assert (lost.check, lost.place) == (Check.row_lost, "x.csv: D")
    assert numbers(lost) == (None, "8", None)


def test_columns_that_stand_rows_above_their_own_are_found() -> None:
    slipped = [(6, 1, 2, 5), (30, 10, 11, 1), (70, 50, 15, None), (9, 4, 4, None)]
    shift, *lost = sums(slipped).findings
    assert "columns r stand above their own rows, by 2" in english(shift)
    assert "belongs to no row" not in english(shift)
    assert [(each.place[-1], f"{each.follows:f}") for each in lost] == [("A", "3"), ("B", "9")]


def test_rows_that_no_shift_explains_are_findings_each() -> None:
    found = sums([(t + 1, *parts) for t, *parts in BALANCED])
    assert {finding.check for finding in found.findings} == {Check.row_sum}
    assert len(found.findings) == 4


def test_scores_may_be_off_by_what_rounding_makes_of_them() -> None:
    assert sums([(10.5, 3.3, 3.3, 4.0), (10.1, 3.4, 3.3, 3.3)]).findings == []
    assert sums([(11.5, 3.3, 3.3, 4.0), (10.1, 3.4, 3.3, 3.3)]).findings


def test_dien_bien_2022_is_off_by_rounding_which_is_a_note_and_no_finding() -> None:
    found = sums([(15.98, 5.33, 5.32, 5.32), (16.00, 5.33, 5.33, 5.34)])
    assert found.findings == []
    [note] = found.notes
    assert (note.place, str(note.claimed), str(note.follows)) == ("x.csv: A", "15.98", "15.97")
    assert note.how.vi == "15,98 ≈ 15,97 = 5,33 + 5,32 + 5,32: lệch do làm tròn các số hạng"
    assert english(*found.holds) == "1 rows: t = p + q + r"


def test_its_neighbour_beyond_what_rounding_explains_is_a_finding() -> None:
    # Three parts and a total, each off by at most half a hundredth: 0.02, and not 0.03.
    assert sums([(15.99, 5.33, 5.32, 5.32)]).findings == []
    [finding] = sums([(15.99, 5.32, 5.32, 5.32)]).findings
    assert numbers(finding) == ("15.99", "15.96", "0.03")


def test_a_list_that_is_off_by_rounding_is_a_note_too() -> None:
    found = audit(lists=[{"name": "index", "of": 15.98, "items": {"a": 7.99, "b": 7.98}}])
    assert (found.findings, found.holds) == ([], [])
    assert [(note.place, f"{note.difference}") for note in found.notes] == [("index", "0.01")]


def test_percentages_of_rows_are_held_against_their_counts() -> None:
    found = shares((66.67, 2, 1), (50, 2, 2), (33.3, 1, 2))
    assert found.findings == []
    assert english(*found.holds) == "3 rows: percent = a / (a + b): rounded"
    [finding] = shares((66.67, 2, 1), (50, 2, 2), (33.4, 1, 2)).findings
    assert (finding.place, *numbers(finding)) == ("x.csv: C", "33.4", "33.33", "0.07")


def test_truncated_percentages_are_named() -> None:
    [said] = shares((66.66, 2, 1), (33.33, 1, 2), (50, 2, 2)).holds
    assert english(said) == "3 rows: percent = a / (a + b): rounded; truncated (A)"


@pytest.mark.parametrize("percent", [0, 100])
def test_nothing_has_no_percentage(percent: int) -> None:
    found = shares((percent, 0, 0), (50, 1, 1), (None, None, None))
    assert found.findings == []
    assert "0 of 0 is no percentage" in english(*unchecked(found, Check.row_percent))


def test_a_count_without_anything_that_it_is_of_is_a_finding() -> None:
    share = PercentCheck(file="x.csv", percent="percent", count="a", of=["b"])
    found = audit(LoadedTable(share, rows(["percent", "a", "b"], [(100, 3, 0), (150, 3, 2)]), []))
    assert [f"{each.follows:f}" for each in found.findings] == ["0", "150"]


def test_percentages_that_stand_a_row_below_their_own_are_found() -> None:
    [finding] = shares((12, 2, 1), (66.67, 1, 2), (33.33, 1, 6), (14.29, 4, 1)).findings
    assert finding.check is Check.row_shift
    assert "columns percent stand below their own rows, by 1" in english(finding)


def test_two_tables_must_agree() -> None:
    match = MatchCheck(
        file="x.csv", key="k", parts=["a", "b"], equals=OtherColumn(file="y.csv", column="n")
    )
    ours = rows(["a", "b"], [(1, 2), (3, 4), (5, 6), (None, None), (1, 1)])
    theirs = [
        TableRow(name, {"n": number})
        for name, number in zip("AbCD", [Decimal(3), Decimal(6), Decimal(11), None], strict=True)
    ]
    found = audit(LoadedTable(match, ours, theirs))
    [finding] = found.findings
    assert (finding.place, *numbers(finding)) == ("x.csv: B", "7", "6", "1")
    assert english(*held(found, Check.row_match)) == "2 rows: a + b = y.csv: n"
    assert english(*unchecked(found, Check.row_match)) == "not in y.csv: E"


def test_names_are_the_same_however_they_are_punctuated() -> None:
    match = MatchCheck(
        file="x.csv", key="k", parts=["a"], equals=OtherColumn(file="y.csv", column="n")
    )
    ours = [TableRow("Sở Lao động - Thương binh và Xã hội", {"a": Decimal(9)})]
    theirs = [TableRow("sở lao động, Thương binh và Xã hội", {"n": Decimal(7)})]
    assert numbers(*audit(LoadedTable(match, ours, theirs)).findings) == ("9", "7", "2")


def test_a_large_table_that_no_shift_explains_is_given_up_soon() -> None:
    names = [f"c{place}" for place in range(12)]
    cells = [(1, *range(place, place + 12)) for place in range(2_000)]
    check = SumCheck(file="x.csv", total="total", parts=names)
    started = time.monotonic()
    assert find_shift(rows(["total", *names], cells), check.columns(), names, _adds_up) is None
    assert time.monotonic() - started < 10


def _adds_up(numbers: Sequence[Decimal]) -> bool:
    return numbers[0] == sum(numbers[1:])
