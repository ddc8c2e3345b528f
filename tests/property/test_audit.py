"""Properties of audits: shifted columns are found, and percentages are read back."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from hoso.projections.audit.findings import Check
from hoso.projections.audit.published import LoadedTable, SumCheck, TableRow
from hoso.projections.audit.readings import readings, rounded, truncated
from hoso.projections.audit.shifts import Shift, find_shift, moved_back
from tests.audited import audit, findings, rows


class Slipped(NamedTuple):
    """A table as it was, and as it was printed: some columns moved, and how."""

    own: list[TableRow]
    printed: list[TableRow]
    check: SumCheck
    shift: Shift


@st.composite
def slipped(draw: st.DrawFn) -> Slipped:
    """A balanced table some of whose columns slipped. Its numbers are random: in columns that are
    alike, or rise and fall together, nobody could tell."""
    random = Random(draw(st.integers(0, 2**32)))
    names = [f"c{place}" for place in range(draw(st.integers(1, 6)))]
    height = draw(st.integers(8, 14))
    moved = draw(st.sets(st.sampled_from(names), min_size=1))
    below = draw(st.integers(-3, 3).filter(bool))
    edge: list[int | None] = [draw(st.sampled_from([None, 0]))] * abs(below)
    own = {name: [random.randint(1, 10**6) for _ in range(height)] for name in names}
    printed: dict[str, Sequence[int | None]] = {**own}
    for name in moved:
        column = own[name]
        printed[name] = [*edge, *column[:-below]] if below > 0 else [*column[-below:], *edge]
    totals = [sum(row) for row in zip(*own.values(), strict=True)]
    headings = ["total", *names]
    return Slipped(
        rows(headings, [*zip(totals, *own.values(), strict=True)]),
        rows(headings, [*zip(totals, *printed.values(), strict=True)]),
        SumCheck(file="x.csv", total="total", parts=names),
        Shift(tuple(name for name in names if name in moved), below),
    )


@given(slipped())
def test_the_repair_of_columns_that_slipped_is_found_exactly(table: Slipped) -> None:
    own, printed, check, shift = table

    def adds_up(numbers: Sequence[Decimal]) -> bool:
        return numbers[0] == sum(numbers[1:])

    assert find_shift(printed, check.columns(), check.parts, adds_up) == shift
    lost = own[-shift.below :] if shift.below > 0 else own[: -shift.below]
    for was, now in zip(own, moved_back(printed, shift), strict=True):
        assert was == now or was in lost

    found = audit(LoadedTable(check, printed, []))
    assert len(findings(found, Check.row_shift)) == 1
    assert {each.place: each.follows for each in findings(found, Check.row_lost)} == {
        f"x.csv: {row.label}": sum(row.numbers[name] or 0 for name in shift.columns) for row in lost
    }


@given(
    count=st.integers(0, 10**6),
    more=st.integers(1, 10**6),
    places=st.integers(0, 4),
    is_cut=st.booleans(),
)
def test_what_was_rounded_or_truncated_is_read_back(
    count: int, more: int, places: int, is_cut: bool
) -> None:
    share = Fraction(count, count + more)
    percent = truncated(share, places) if is_cut else rounded(share, places)
    [reading] = readings(Decimal(count), percent, {"of": Decimal(count + more)}, places)
    assert reading.truncated if is_cut else reading.rounded
