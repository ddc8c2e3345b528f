"""How much a figure was revised after its window was over, and when it settled."""

from datetime import date
from decimal import Decimal

import pytest

from hoso.projections.ledger.settling import Settling, settling

END = date(2023, 3, 14)
DAYS = [date(2023, 2, 28), date(2023, 3, 31), date(2023, 4, 30), date(2023, 5, 31)]
UNKNOWN = None


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        # What it was before the window was over is no revision.
        ([1, 5, 5, 5], Settling(5, 5, 0, Decimal(0), 0, date(2023, 3, 31), 17)),
        ([1, 5, 8, 8], Settling(5, 8, 1, Decimal("1.5"), 3, date(2023, 4, 30), 47)),
        ([1, 8, 4, 5], Settling(8, 5, 2, Decimal("2.5"), -4, UNKNOWN, UNKNOWN)),
        # It came back to what it was: both changes count, and it settled when it came back.
        ([5, 5, 6, 5], Settling(5, 5, 2, Decimal(1), 1, UNKNOWN, UNKNOWN)),
    ],
)
def test_only_what_came_after_the_end_is_a_revision(values: list[int], expected: Settling) -> None:
    assert settling(values, DAYS, END) == expected


def test_a_vintage_on_the_last_day_knows_the_whole_window() -> None:
    assert settling([3, 4, 4], [END, *DAYS[1:3]], END) == Settling(
        3, 4, 1, Decimal("0.5"), 1, DAYS[1], 17
    )


def test_one_vintage_tells_nothing_of_revisions() -> None:
    assert settling([1, 5], DAYS[:2], END) == Settling(5, 5, 0, None, None, UNKNOWN, UNKNOWN)


def test_of_a_window_that_lasts_nothing_is_known() -> None:
    assert settling([1], DAYS[:1], END) == Settling(None, None, 0, None, None, UNKNOWN, UNKNOWN)
