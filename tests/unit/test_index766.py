"""The index gives the points of the decision, and those that Bắc Kạn printed."""

import csv
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from hoso.domain.agencies import Agency, AgencyRegistry
from hoso.domain.windows import named_window
from hoso.projections.documents.model import (
    NO_DATA,
    Bilingual,
    Chart,
    Place,
    Rounding,
    Table,
    Values,
    Words,
)
from hoso.projections.reports.basis.bodies import bodies_by_level, whole_body
from hoso.projections.reports.basis.cube import Cube
from hoso.projections.reports.basis.inputs import (
    Catalogue,
    Inputs,
    parse_catalogue,
    parse_input_rows,
    parse_inputs,
)
from hoso.projections.reports.evaluation.body_rates import RateName
from hoso.projections.reports.evaluation.index766 import (
    IndexScore,
    assess,
    indicator_points,
    report,
    score_rates,
)
from hoso.projections.reports.evaluation.profiles import (
    IndexProfile,
    Indicator,
    parse_index_profile,
)
from tests.cubes import cube_of

PUBLISHED = Path("tests/data/published/bac-kan-2024-09")
SEPTEMBER = named_window("2024-09")
NONE = Catalogue({})


def profile(name: str) -> IndexProfile:
    file = Path(f"projections/reports/profiles/index766-{name}.yaml")
    return parse_index_profile(name, yaml.safe_load(file.read_text("utf-8")))


NATIONAL, LOCAL, OF_2024 = profile("national"), profile("local"), profile("portal-2024")
GIA_LAI = Path("tests/data/published/gia-lai-2026-10")
OCTOBER = named_window("2026-10")
PARTS = {(p.key, each.key): each for p in NATIONAL.groups for each in p.parts}


def printed(name: str, folder: Path = PUBLISHED) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def agency(row: dict[str, str]) -> str:
    """A name without what the tables write differently: dashes, commas, capitals."""
    return " ".join(re.findall(r"\w+", row["agency"].casefold()))


def unshifted() -> dict[str, dict[str, Decimal]]:
    """The scores of each agency, the first three columns of the row below it among them; the last
    one that has a score lost its own."""
    rows = [row for row in printed("index_766_province_as_printed.csv") if row["total_100"]]
    found = {}
    for row, below in pairwise(rows):
        whose = {key: below[key] for key in ("transparency_18", "progress_20", "online_22")}
        own = {key: row[key] for key in ("digitisation_22", "satisfaction_18", "total_100")}
        found[agency(row)] = {key: Decimal(text) for key, text in {**whose, **own}.items()}
    return found


def group(scores: IndexScore, key: str) -> Fraction:
    found = scores.groups[key]
    assert found is not None
    return found


def of(used: IndexProfile, **percents: str | int) -> IndexScore:
    rates: dict[Any, Fraction] = {name: Fraction(said) / 100 for name, said in percents.items()}
    return score_rates(used, rates)


def test_bac_kan_s_progress_follows_from_its_on_time_rates() -> None:
    scores = unshifted()
    compared = 0
    for row in printed("on_time_rate.csv"):
        if row["level"] == "province" and (found := scores.get(agency(row))):
            assert group(of(LOCAL, on_time=row["on_time_percent"]), "progress") == Fraction(
                found["progress_20"]
            )
            compared += 1
    assert compared == len(scores) == 16


def test_bac_kan_s_digitisation_follows_from_its_counts() -> None:
    rows = {agency(row): row for row in printed("digitisation.csv")}
    scores = [row for row in printed("index_766_province_as_printed.csv") if row["total_100"]]
    for score in scores:
        row = rows[agency(score)]
        received, resolved = int(row["received"]), int(row["resolved"])
        cube = cube_of(
            SEPTEMBER,
            [
                {
                    "received": received,
                    "components.complete": int(row["components_complete"]),
                    "resolved.early": resolved,
                    "result.complete": int(row["results_digitised"]),
                }
            ],
        )
        _, found = assess(LOCAL, whole_body(cube), Inputs(), NONE)
        assert group(found, "digitisation") == Fraction(score["digitisation_22"]), score["agency"]
    assert len(scores) == 17


def test_bac_kan_s_totals_and_ranks() -> None:
    names = {row["agency"]: row["rank"] for row in printed("index_766_province_as_printed.csv")}
    ranks = {agency({"agency": name}): rank for name, rank in names.items()}
    for name, score in unshifted().items():
        total = sum(value for key, value in score.items() if key != "total_100")
        assert total == score["total_100"]
        found = LOCAL.ranking.rank(Fraction(total))
        assert found is not None
        assert found.vi == ranks[name]


@pytest.mark.parametrize(
    ("file", "key", "figures", "misprinted"),
    [
        (
            *("online_submission", "online"),
            ({"channel": "online"}, {"channel": "in_person"}),
            ["Sở Xây dựng"],  # 37 of 43 is 86.05, printed as 86.1
        ),
        ("online_payment", "payment", (), []),
    ],
)
def test_bac_kan_s_shares_come_out_as_printed(
    file: str, key: str, figures: tuple[dict[str, str], ...], misprinted: list[str]
) -> None:
    compared, others = 0, []
    for row in printed(f"{file}.csv"):
        if not row["online"] or not row["percent"]:
            continue
        online, direct = int(row["online"]), int(row["in_person"])
        at = {"agency": "a", "level": "province"}
        told: list[dict[str, str | int | None]] = [
            {**at, **where, "received": number}
            for where, number in zip(figures, (online, direct), strict=False)
        ] or [{**at, "paid.online": online, "paid.direct": direct}]
        places = len(row["percent"].partition(".")[2])
        found = Values(table(key, cube_of(SEPTEMBER, told)), Rounding(places))
        if found[Place("province/a", "percent")] != Decimal(row["percent"]):
            others.append(row["agency"])
        compared += 1
    assert compared > 15
    assert others == misprinted


@pytest.mark.parametrize(
    ("total", "rank"),
    [
        ("100", "Xuất sắc"),
        ("90", "Xuất sắc"),
        ("89.9999", "Tốt"),
        ("80", "Tốt"),
        ("79.99", "Khá"),
        ("70", "Khá"),
        ("69.99", "Trung bình"),
        ("50", "Trung bình"),
        ("49.99", "Yếu"),
        ("0", "Yếu"),
    ],
)
def test_a_bound_belongs_to_the_better_rank(total: str, rank: str) -> None:
    found = NATIONAL.ranking.rank(Fraction(total))
    assert found is not None
    assert found.vi == rank


@pytest.mark.parametrize(
    ("agency", "points"), [("H21.17", Decimal("8.61")), ("H21.227", Decimal("7.34"))]
)
def test_gia_lai_s_points_of_payment_come_out_as_the_portal_published_them(
    agency: str, points: Decimal
) -> None:
    [row] = [row for row in printed("payment.csv", GIA_LAI) if row["agency"] == agency]
    assert Decimal(row["payment_10"]) == points
    fees = row["procedures_with_fee"]
    entered = {
        "agency": agency,
        "fees_paid_online": f"{row['dossiers_paid_online']}/{row['dossiers_obliged']}",
        "procedures_paid_online": f"{row['procedures_paid_online']}/{fees}",
        "procedures_with_fees": f"{row['procedures_with_fee_dossiers']}/{fees}",
    }
    cube = cube_of(OCTOBER, [dossiers(agency, "province", 1, 0)])
    found = report(cube, AgencyRegistry(), parse_input_rows("i.csv", [entered]), NONE, NATIONAL)
    ranking = Values(next(found.tables()), Rounding())
    assert ranking[Place(f"province/{agency}", "points.payment")] == points


@pytest.mark.parametrize("agency", ["H21.17", "H21.227"])
def test_gia_lai_s_points_of_payment_follow_from_events_and_the_catalogue(agency: str) -> None:
    """But for H21.227's procedures with fee dossiers, of which the portal names fewer than were
    paid online; by events there are as many."""
    [row] = [row for row in printed("payment.csv", GIA_LAI) if row["agency"] == agency]
    online, obliged, paid, arisen, with_fee = (int(row[name]) for name in list(row)[1:6])
    catalogue = parse_catalogue(
        "c", [{"procedure": f"p{n}", "online": "1", "payable": "0"} for n in range(with_fee)]
    )
    rows: list[dict[str, str | int | None]] = [
        {"procedure": f"p{n}", "received": 1, "fee.online": 1} for n in range(paid)
    ]
    rest = online - paid
    rows.append({"procedure": "p0", "received": rest, "fee.online": rest})
    rows.append({"procedure": "p0", "received": obliged - online + 3, "fee.zero": 3})
    rates, _ = assess(NATIONAL, whole_body(cube_of(OCTOBER, [*rows, JUDGED])), Inputs(), catalogue)
    assert rates["fees_paid_online"].share == Fraction(online, obliged)
    assert rates["procedures_paid_online"].share == Fraction(paid, with_fee)
    assert rates["procedures_with_fees"].share == Fraction(max(paid, arisen), with_fee)


def test_gia_lai_s_dossiers_neither_overdue_nor_complained_of() -> None:
    [row] = printed("satisfaction.csv", GIA_LAI)
    total, overdue, complained = (int(row[k]) for k in ("dossiers", "overdue", "complained_of"))
    cube = cube_of(
        OCTOBER,
        [
            {
                "received": total,
                "resolved.early": total - overdue - 8,
                "resolved.overdue": overdue - 2,
                "cancelled.withdrawn": 10,
                "cancelled.in_time": 8,
                "cancelled.overdue": 2,
                "complained_of": complained,
            }
        ],
    )
    rates, score = assess(NATIONAL, whole_body(cube), Inputs(), NONE)
    assert rates["undisputed_of_all"].share == Fraction(int(row["satisfied"]), total)
    assert score.indicators["undisputed"] == 6


@pytest.mark.parametrize(
    ("used", "key", "percents", "score"),
    [
        (NATIONAL, "progress", {"on_time_of_all": "97.37"}, "19.474"),
        (OF_2024, "progress", {"on_time": "97.37"}, "19.474"),
        *(
            (used, "online", {"procedures_online": a, "procedures_online_used": b, "online": c}, n)
            for used in (NATIONAL, OF_2024)
            for a, b, c, n in ((80, 100, 50, 12), (40, 50, 25, 6), (100, 0, 100, 8))
        ),
        *(
            (
                NATIONAL,
                "payment",
                {"fees_paid_online": a, "procedures_paid_online": b, "procedures_with_fees": c},
                n,
            )
            for a, b, c, n in (
                (100, 80, 80, 10),
                (50, 40, 20, "4.5"),
                (0, 100, 100, 4),
                (100, 0, 0, 6),
            )
        ),
        *(
            (
                OF_2024,
                "payment",
                {"procedures_payable": a, "procedures_paid": b, "paid_online": c},
                n,
            )
            for a, b, c, n in ((100, 80, 80, 10), (50, 40, 20, "4.5"), (0, 100, 100, 4))
        ),
        *(
            (
                NATIONAL,
                "satisfaction",
                {"undisputed_of_all": a, "complaints_in_time": b, "petitions_satisfied": c},
                n,
            )
            for a, b, c, n in ((90, 100, 100, 18), (45, 50, 0, 6), (90, 100, 50, 15))
        ),
        *(
            (
                OF_2024,
                "satisfaction",
                {"undisputed": a, "complaints_in_time": b, "rated": c},
                n,
            )
            for a, b, c, n in ((90, 100, 100, 18), (45, 50, 0, 6))
        ),
        (OF_2024, "satisfaction", {"undisputed": 100, "rated": 50}, 15),
        (NATIONAL, "satisfaction", {"undisputed_of_all": 100}, 18),  # no complaint: 6 and 6
        (NATIONAL, "transparency", {"synced": 50}, 3),
        (NATIONAL, "digitisation", {"reused": 80}, 2),
        (NATIONAL, "digitisation", {"reused": 40}, 1),
        (NATIONAL, "digitisation", {"components": "92.2"}, "3.688"),  # published: 3.69
        (NATIONAL, "digitisation", {"components": "58.06"}, "2.3224"),  # published: 2.32
        (OF_2024, "digitisation", {"results": 100, "components": 80, "shared": 100}, 14),
    ],
)
def test_each_group_has_its_formula_and_its_cap(
    used: IndexProfile, key: str, percents: dict[str, str | int], score: str | int
) -> None:
    assert group(of(used, **percents), key) == Fraction(score)


def test_rates_are_rounded_before_they_are_scored_where_the_profile_says_so() -> None:
    exact = Fraction(373, 376)
    components = next(part for g in LOCAL.groups for part in g.parts if part.key == "components")
    assert indicator_points(components, exact) == 11 * exact
    assert indicator_points(components, exact, 2) == 11 * Fraction("0.992")


def test_no_data_is_neither_0_nor_full_marks() -> None:
    found = of(OF_2024, on_time=50)
    assert found.groups == {
        "transparency": None,
        "progress": 10,
        "online": None,
        "payment": None,
        "digitisation": None,
        "satisfaction": 6,  # no complaint to settle: 6 of 6
    }
    assert found.points == 16
    assert found.out_of == 26
    assert found.total == Fraction(1600, 26)


def test_where_there_are_complaints_satisfaction_with_them_is_entered_or_left_out() -> None:
    in_time = {"received": 1, "resolved.early": 1, "complaints.in_time": 1}
    entered = parse_inputs("i", {"overall": {"petitions_satisfied": 50}})
    told = parse_inputs("i", {"overall": {"complaints_in_time": 50}})
    for figures, inputs, points in (
        ({"received": 1, "resolved.early": 1}, Inputs(), 6),
        (in_time, Inputs(), None),
        (in_time, entered, 3),
        ({"received": 1, "resolved.early": 1}, told, None),
    ):
        _, found = assess(NATIONAL, whole_body(cube_of(SEPTEMBER, [figures])), inputs, NONE)
        assert found.indicators["petitions_satisfied"] == points


def test_0_of_0_has_full_marks_locally_and_no_marks_nationally() -> None:
    assert group(of(LOCAL, on_time=100), "digitisation") == 22
    assert of(NATIONAL, on_time_of_all=100).groups["digitisation"] is None


def test_with_nothing_measured_nothing_is_scored() -> None:
    for used in (NATIONAL, LOCAL, OF_2024):
        found = of(used)
        assert found.total is None
        assert set(found.groups.values()) == {None}
        assert used.ranking.rank(found.total) is None


def test_a_body_without_dossiers_is_not_scored_whatever_was_entered() -> None:
    entered = parse_inputs("i", {"overall": {"published": 100}})
    cancelled = cube_of(SEPTEMBER, [{"received": 2, "cancelled.withdrawn": 2}])
    for cube in (cube_of(SEPTEMBER, [{}]), cancelled):
        rates, found = assess(LOCAL, whole_body(cube), entered, NONE)
        assert not rates
        assert found.total is None
    rates, found = assess(NATIONAL, whole_body(cube_of(SEPTEMBER, [{}])), entered, NONE)
    assert not rates
    assert found.total is None


@pytest.mark.parametrize(
    ("used", "measure", "share"),
    [
        (OF_2024, "on_time", Fraction(6, 8)),
        (LOCAL, "on_time", Fraction(6, 8)),
        (NATIONAL, "on_time_of_all", Fraction(7, 10)),
    ],
)
def test_the_second_supplement_request_counts_as_overdue_and_withdrawn_as_the_profile_says(
    used: IndexProfile, measure: RateName, share: Fraction
) -> None:
    cube = cube_of(
        SEPTEMBER,
        [
            {
                "carried_over": 3,
                "received": 7,
                "resolved.early": 2,
                "resolved.on_time": 1,
                "resolved.overdue": 1,
                "returned.on_time": 1,
                "in_progress.in_time": 1,
                "awaiting_supplement.in_time": 1,  # its first request
                "awaiting_supplement.overdue": 1,  # its second
                "cancelled.withdrawn": 1,
                "cancelled.voided": 1,
                "cancelled.in_time": 1,
                "cancelled.overdue": 1,
            }
        ],
    )
    rates, _ = assess(used, whole_body(cube), Inputs(), NONE)
    assert rates[measure].share == share
    document = report(cube, AgencyRegistry(), Inputs(), NONE, used)
    on_time = shown(next(each for each in document.tables() if each.key == "on_time"))
    assert on_time[Place("whole", "percent")] == 100 * share
    assert on_time[Place("whole", "judged")] == (10 if used is NATIONAL else 8)


def test_a_catalogue_gives_what_would_else_be_entered() -> None:
    told = parse_catalogue(
        "c",
        [
            {"procedure": "p1", "online": "1", "payable": "1"},
            {"procedure": "p2", "online": "1", "payable": "1"},
            {"procedure": "p3", "online": "0", "payable": "0"},
            {"procedure": "p4", "online": "0", "payable": ""},
        ],
    )
    cube = cube_of(
        SEPTEMBER,
        [
            {"procedure": "p1", "channel": "online", "received": 3, "in_progress.in_time": 3},
            {"procedure": "p2", "channel": "in_person", "received": 1, "paid.online": 1},
            {"procedure": "p3", "channel": "post", "received": 4, "paid.direct": 3},
        ],
    )
    entered = parse_inputs("i", {"overall": {"procedures_online": 1, "published": 90}})
    rates, _ = assess(OF_2024, whole_body(cube), entered, told)
    shares = {measure: rate.share for measure, rate in rates.items()}
    expected: dict[RateName, Fraction] = {
        "procedures_online": Fraction(1, 2),
        "procedures_online_used": Fraction(1, 2),
        "procedures_payable": Fraction(2, 3),
        "procedures_paid": Fraction(1, 2),
        "online": Fraction(3, 8),
        "paid_online": Fraction(1, 4),
        "published": Fraction(9, 10),
    }
    assert {measure: shares[measure] for measure in expected} == expected
    without, _ = assess(OF_2024, whole_body(cube), entered, NONE)
    assert without["procedures_online"].share == Fraction(1, 100)
    assert "procedures_online_used" not in without


FEES = parse_catalogue(
    "c",
    [
        {"procedure": "p1", "online": "1", "payable": "1"},
        {"procedure": "p2", "online": "1", "payable": "0"},
        {"procedure": "p3", "online": "1", "payable": ""},
    ],
)
JUDGED: dict[str, str | int | None] = {"resolved.early": 1}


def test_a_dossier_has_an_obligation_by_the_catalogue_or_because_it_pays() -> None:
    rows: list[dict[str, str | int | None]] = [
        {"procedure": "p1", "received": 10, "fee.online": 4, "fee.direct": 2, "fee.zero": 1},
        {"procedure": "p2", "received": 3},
        {"procedure": "p3", "received": 7, "fee.direct": 1, "fee.unpaid": 1},
        JUDGED,
    ]
    body = whole_body(cube_of(SEPTEMBER, rows))
    rates, _ = assess(NATIONAL, body, Inputs(), FEES)
    assert rates["fees_paid_online"].share == Fraction(4, 9 + 3 + 2)
    assert rates["procedures_paid_online"].share == Fraction(1, 2)
    assert rates["procedures_with_fees"].share == Fraction(1, 2)
    rates, _ = assess(NATIONAL, body, Inputs(), NONE)
    assert rates["fees_paid_online"].share == Fraction(4, 4 + 2 + 2)
    assert "procedures_paid_online" not in rates
    fees = next(
        each
        for each in report(body.cube, AgencyRegistry(), Inputs(), FEES, NATIONAL).tables()
        if each.key == "payment"
    )
    assert shown(fees)[Place("whole", "obliged")] == 14
    assert shown(fees)[Place("whole", "percent")] == Decimal("28.57")


def test_where_no_payment_is_known_the_rates_of_payment_are_entered_or_left_out() -> None:
    rows: list[dict[str, str | int | None]] = [{"procedure": "p1", "received": 10}, JUDGED]
    body = whole_body(cube_of(SEPTEMBER, rows))
    rates, score = assess(NATIONAL, body, Inputs(), FEES)
    assert score.groups["payment"] is None
    entered = parse_inputs("i", {"overall": {"fees_paid_online": "1/3"}})
    rates, score = assess(NATIONAL, body, entered, FEES)
    assert rates["fees_paid_online"].share == Fraction(1, 3)
    assert score.groups["payment"] == 2
    assert score.total is not None


SHARES = st.fractions(0, 1, max_denominator=1000)


@given(st.sampled_from([*PARTS.values()]), SHARES, SHARES)
@settings(max_examples=100, deadline=None)
def test_more_is_never_worth_less_and_never_more_than_the_maximum(
    part: Indicator, one: Fraction, other: Fraction
) -> None:
    less, more = (indicator_points(part, share, 2) for share in sorted((one, other)))
    assert less is not None
    assert more is not None
    assert 0 <= less <= more <= part.max


@given(st.dictionaries(st.sampled_from([p.measure for p in PARTS.values()]), SHARES, min_size=1))
@settings(max_examples=50, deadline=None)
def test_a_total_is_within_0_and_100(rates: dict[RateName, Fraction]) -> None:
    found = score_rates(NATIONAL, rates)
    assert found.total is not None
    assert 0 <= found.total <= 100
    assert found.points <= found.out_of <= 100


# The report


REGISTRY = AgencyRegistry(
    [
        Agency("H", "UBND tỉnh", "province", None),
        Agency("H.1", "Sở A", "province", "H"),
        Agency("H.2", "Sở B", "province", "H"),
        Agency("H.3", "Ban C", "province", "H"),
        Agency("H.9", "UBND huyện", "district", "H"),
        Agency("H.9.1", "UBND xã", "commune", "H.9"),
    ]
)


def dossiers(code: str, level: str, early: int, overdue: int) -> dict[str, str | int | None]:
    return {
        "agency": code,
        "level": level,
        "channel": "online",
        "received": early + overdue,
        "resolved.early": early,
        "resolved.overdue": overdue,
    }


ROWS = [
    dossiers("H.1", "province", 1, 1),
    dossiers("H.2", "province", 2, 0),
    dossiers("H.9", "district", 3, 0),
    dossiers("H.9.1", "commune", 0, 3),
    dossiers("X", "commune", 5, 0),
]


def table(key: str, cube: Cube, registry: AgencyRegistry | None = None) -> Table:
    found = report(cube, registry or AgencyRegistry(), Inputs(), NONE, LOCAL)
    return next(each for each in found.tables() if each.key == key)


def shown(found: Table) -> Mapping[Place, Any]:
    return Values(found, Rounding())


def test_figures_roll_up_the_tree_level_by_level_the_best_first() -> None:
    found = table("on_time", cube_of(SEPTEMBER, ROWS), REGISTRY)
    worked_out = shown(found)
    assert [
        (
            row.key,
            worked_out.get(Place(row.key, "judged")),
            worked_out.get(Place(row.key, "percent")),
        )
        for row in found.rows
    ] == [
        ("province", None, None),
        ("province/H.2", 2, 100),
        ("province/H.1", 2, 50),
        ("province/H.3", 0, None),
        ("district", None, None),
        ("district/H.9", 6, 50),
        ("commune", None, None),
        ("commune/X", 5, 100),
        ("commune/H.9.1", 3, 0),
        ("whole", 15, Decimal("73.33")),
    ]


def test_a_body_s_figures_name_the_body_and_the_whole_s_none() -> None:
    found = {
        each.code: each
        for s in bodies_by_level(cube_of(SEPTEMBER, ROWS), REGISTRY)
        for each in s.bodies
    }
    behind = found["H.9"].cube.count("resolved.overdue").behind
    assert behind is not None
    assert behind.under == "H.9"
    unknown = found["X"].cube.count("received").behind
    assert unknown is not None
    assert ("agency", "X") in unknown.where


def test_what_gathers_bodies_of_its_level_stands_for_its_own_dossiers_only() -> None:
    rows = [*ROWS, dossiers("H", "province", 1, 0)]
    provinces = bodies_by_level(cube_of(SEPTEMBER, rows), REGISTRY)[0].bodies
    assert {body.code: body.cube.sum("received") for body in provinces} == {
        "H": 1,
        "H.1": 2,
        "H.2": 2,
        "H.3": 0,
    }


def test_the_ranking_has_points_totals_and_ranks() -> None:
    found = table("index766", cube_of(SEPTEMBER, ROWS), REGISTRY)
    worked_out = shown(found)
    assert worked_out[Place("province/H.1", "points.progress")] == 10
    assert worked_out[Place("province/H.3", "total")] is None
    assert worked_out[Place("province/H.3", "rank")] == NO_DATA
    assert worked_out[Place("province/H.1", "points.transparency")] == 0
    assert isinstance(worked_out[Place("province/H.2", "rank")], Bilingual)
    rows = {row.key: row for row in found.rows}
    assert rows["province/H.2"].cells["number"] == Words("1")


def test_how_points_came_about_is_told_with_its_numbers() -> None:
    found = table("index766", cube_of(SEPTEMBER, ROWS), REGISTRY)
    cell = {row.key: row for row in found.rows}["province/H.1"].cells["points.progress"]
    how = getattr(cell, "how", None)
    assert how is not None
    assert how.en == "Dossiers early or on time: 1 ÷ 2 = 50 % → 10 (20 at most, from 100 %)"
    assert how.vi.endswith("1 ÷ 2 = 50 % → 10 (tối đa 20 từ 100 %)")


def test_the_tables_of_bac_kan_and_a_chart_for_each_level_come_out() -> None:
    found = report(cube_of(SEPTEMBER, ROWS), REGISTRY, Inputs(), NONE, NATIONAL)
    assert [part.key for part in found.parts] == [
        *("index766", "index766-province", "index766-district", "index766-commune"),
        *("parts", "on_time", "online", "payment", "digitisation", "portal", "satisfaction"),
    ]
    for each in found.tables():
        assert len({row.key for row in each.rows}) == len(each.rows)
        shown(each)
    chart = next(part for part in found.parts if isinstance(part, Chart))
    assert chart.labels == ("Sở B", "Sở A", "Ban C")
    assert [len(series.numbers) for series in chart.series] == [3] * 6


def test_what_was_entered_for_nobody_is_told() -> None:
    entered = parse_inputs("i", {"agencies": {"H.77": {"published": 1}}})
    found = report(cube_of(SEPTEMBER, ROWS), REGISTRY, entered, NONE, LOCAL)
    notes = list(each_note(found.tables()))
    assert any(note.en.endswith("not in the table: H.77.") for note in notes)


def each_note(tables: Iterator[Table]) -> Iterator[Bilingual]:
    for each in tables:
        yield from each.notes
