"""The denominators that an audit finds for percentages.

The figures are those of Sơn La's report for quarter 1 of 2023; the denominators were found by hand.
"""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from hoso.projections.audit.findings import Check
from hoso.projections.audit.readings import Reading, readings, rounded, truncated
from tests.audited import audit, block, english, findings, held, numbers, unchecked

ALL = {
    "total": 13597,
    "carried_over": 975,
    "received": 12622,
    "resolved": {"total": 12490, "percent": 91.86},
    "early": {"count": 12370, "percent": 99.04},
    "on_time": {"count": 106, "percent": 0.85},
    "overdue": {"count": 14, "percent": 0.11},
    "in_progress_in_time": {"count": 833, "percent": 6.13},
    "paused_or_awaiting_supplement": {"count": 37, "percent": 0.3},
    "cancelled_or_withdrawn": {"count": 217, "percent": 1.72},
}
ONLINE = {
    "total": 7123,
    "carried_over": 321,
    "received": 6802,
    "resolved": {"total": 6771, "percent": 95.06},
    "early": {"count": 6711, "percent": 99.11},
    "on_time": {"count": 46, "percent": 0.68},
    "overdue": {"count": 14, "percent": 0.21},
    "in_progress_in_time": {"count": 259, "percent": 3.64},
    "paused_or_awaiting_supplement": {"count": 19, "percent": 0.27},
    "cancelled_or_withdrawn": {"count": 58, "percent": 0.81},
}


def calculation(figures: dict[str, Any], figure: str) -> str:
    """The calculation that an audit gives for a percentage."""
    [said] = [each for each in held(block(**figures), Check.percent) if each.place == f"b.{figure}"]
    return english(said)


@pytest.mark.parametrize(
    ("figures", "figure", "told"),
    [
        (ALL, "resolved", "91.86 % = 12,490 / 13,597 (total, rounded)"),
        (ALL, "in_progress_in_time", "6.13 % = 833 / 13,597 (total, rounded)"),
        (ALL, "early", "99.04 % = 12,370 / 12,490 (resolved, rounded)"),
        (ALL, "on_time", "0.85 % = 106 / 12,490 (resolved, rounded)"),
        (ALL, "overdue", "0.11 % = 14 / 12,490 (resolved, rounded or truncated) or"),
        (ALL, "cancelled_or_withdrawn", "1.72 % = 217 / 12,622 (received, rounded)"),
        (ALL, "paused_or_awaiting_supplement", "0.30 % = 37 / 12,490 (resolved, rounded)"),
        (ONLINE, "resolved", "95.06 % = 6,771 / 7,123 (total, rounded)"),
        (ONLINE, "cancelled_or_withdrawn", "0.81 % = 58 / 7,123 (total, rounded or truncated)"),
        (
            ONLINE,
            "paused_or_awaiting_supplement",
            "0.27 % = 19 / 7,123 (total, rounded) or 19 / 6,802 (received, truncated)",
        ),
    ],
)
def test_each_percentage_has_the_denominators_that_reproduce_it(
    figures: dict[str, Any], figure: str, told: str
) -> None:
    said = calculation(figures, figure)
    assert said.startswith(told)
    assert told.endswith("or") or said == told


def test_percentages_of_one_kind_must_share_a_denominator() -> None:
    paused, cancelled = findings(block(**ALL), Check.denominator)
    assert paused.place == "b.paused_or_awaiting_supplement"
    assert numbers(paused) == ("0.30", "0.27", "0.03")
    assert "a share of “resolved”; but of “total” for resolved, in progress" in english(paused)
    assert "unless the report prints 0.3, not 0.30" in english(paused)
    assert numbers(cancelled) == ("1.72", "1.60", "0.12")
    assert "a share of “received”" in english(cancelled)
    [shared] = held(block(**ALL), Check.denominator)
    assert english(shared) == "resolved early, resolved on time, resolved overdue: of “resolved”"


def test_the_online_block_shares_its_denominators() -> None:
    assert findings(block(**ONLINE), Check.denominator) == []
    assert len(held(block(**ONLINE), Check.denominator)) == 2


@pytest.mark.parametrize(
    ("share", "told"),
    [
        (52.39, "52.39 % = 7,123 / 13,597 (total, rounded)"),
        (53.89, "53.89 % = 6,802 / 12,622 (received, rounded or truncated)"),
        (52.38, "52.38 % = 7,123 / 13,597 (total, truncated)"),
    ],
)
def test_the_online_share_counts_those_carried_over_or_not(share: float, told: str) -> None:
    found = audit(blocks={"all_channels": ALL, "online": ONLINE}, online_share_percent=share)
    [said] = [each for each in found.holds if each.place == "online_share_percent"]
    assert english(said) == told


def test_an_online_share_that_is_neither_is_a_finding() -> None:
    found = audit(blocks={"all_channels": ALL, "online": ONLINE}, online_share_percent=50.03)
    [finding] = findings(found, Check.percent)
    assert numbers(finding) == ("50.03", "52.39", "-2.36")
    alone = audit(blocks={"online": ONLINE}, online_share_percent=50.03)
    assert unchecked(alone, Check.percent)


@pytest.mark.parametrize(
    ("percent", "follows", "words"),
    [
        (
            Decimal("91.00"),
            "91.86",
            "no denominator makes it; of total: 91.86 %, received: 98.95 %",
        ),
        (91.68, "91.86", "two digits of 91.86 are swapped"),
        (9.19, "91.86", "decimal point"),
        (8.14, "91.86", "what is left of 100"),
    ],
)
def test_a_percentage_that_nothing_makes_is_a_finding(
    percent: float | Decimal, follows: str, words: str
) -> None:
    resolved = {"count": 12490, "percent": percent}
    found = block(total=13597, received=12622, resolved=resolved)
    [finding] = findings(found, Check.percent)
    assert (finding.place, finding.unit) == ("b.resolved", "%")
    assert f"{finding.follows:f}" == follows
    assert words in english(finding)


def test_a_percentage_that_was_rounded_twice_is_told() -> None:
    found = block(total=43, resolved={"count": 37, "percent": 86.1})  # 86.0465
    [finding] = findings(found, Check.percent)
    assert english(finding) == "rounded twice: 86.05, then 86.1"


def test_a_percentage_of_its_own_is_100() -> None:
    found = block(
        total={"count": 40, "percent": 100},
        resolved={"count": 30, "percent": 75},
        returned={"count": 10, "percent": 25},
    )
    assert findings(found, Check.percent) == findings(found, Check.denominator) == []


def test_what_is_in_process_in_time_may_be_told_of_what_is_in_process() -> None:
    found = block(
        total=200,
        resolved={"count": 150, "percent": 75},
        in_progress={"count": 50, "percent": 25},
        in_progress_in_time={"count": 40, "percent": 80},
    )
    assert found.findings == []


def test_a_percentage_of_nothing_cannot_be_checked() -> None:
    found = block(total=0, received=0, resolved={"count": 0, "percent": 0})
    assert findings(found, Check.percent) == []
    assert "better printed as “–”" in english(*unchecked(found, Check.percent))
    assert unchecked(block(total=9, early={"percent": 5}), Check.percent)


def test_a_finer_reading_comes_before_a_coarser_one() -> None:
    denominators = {"total": Decimal(13597), "resolved": Decimal(12490)}
    fine = readings(Decimal(37), Decimal("0.3"), denominators, 2)
    assert fine == [Reading("resolved", 2, True, False)]
    coarse = readings(Decimal(37), Decimal("0.3"), denominators, 1)
    assert {reading.denominator for reading in coarse} == {"total", "resolved"}
    assert readings(Decimal(37), Decimal("0.30"), denominators, 0) == fine


def test_half_is_rounded_up_and_never_a_binary_fraction() -> None:
    assert rounded(Fraction(1, 800), 2) == Decimal("0.13")
    assert truncated(Fraction(1, 800), 2) == Decimal("0.12")
    assert rounded(Fraction(2675, 100_000), 2) == Decimal("2.68")  # as binary fractions, 2.67
