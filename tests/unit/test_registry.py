"""Who is under whom? The registry's tree, and what is no tree."""

from datetime import date

import pytest

from hoso.domain.agencies import Agency, AgencyRegistry

PROVINCE = Agency("H52", "Tỉnh", "province", None)
DISTRICT = Agency("H52.21", "Huyện", "district", "H52")
COMMUNE = Agency("H52.21.01", "Xã", "commune", "H52.21")
TREE = AgencyRegistry([PROVINCE, DISTRICT, COMMUNE])


def test_a_body_and_all_that_are_under_it() -> None:
    assert list(TREE.under("H52")) == ["H52", "H52.21", "H52.21.01"]
    assert list(TREE.under("H52.21.01")) == ["H52.21.01"]


def test_an_agency_that_is_not_in_it_goes_by_its_code_and_is_told_of() -> None:
    assert TREE.name("H99") == "H99"
    assert TREE.level("H99", "commune") == "commune"
    assert TREE.unknown(["H52", "H99", "A1", "H99"]) == ["A1", "H99"]
    assert TREE.unknown(["Sở Y tế", "Sở Đất đai"]) == ["Sở Đất đai", "Sở Y tế"]


def test_its_level_is_the_registrys_whatever_was_said() -> None:
    assert TREE.level("H52.21", "commune") == "district"
    assert TREE.level("H52.21", None) == "district"


def test_the_order_of_the_file_does_not_matter() -> None:
    assert list(AgencyRegistry([COMMUNE, DISTRICT, PROVINCE]).under("H52")) == list(
        TREE.under("H52")
    )


@pytest.mark.parametrize(
    ("bodies", "fault"),
    [
        ([PROVINCE, PROVINCE._replace(name="Khác")], "H52: is given twice: leave one out"),
        ([DISTRICT], "H52.21: its parent 'H52' is not in the registry: add it"),
        ([PROVINCE._replace(parent="H52")], "H52: is under itself: H52 → H52"),
        (
            [PROVINCE._replace(parent="H52.21"), DISTRICT],
            "H52: is under itself: H52 → H52.21 → H52",
        ),
        (
            [PROVINCE._replace(level="tỉnh")],
            "H52: unknown level 'tỉnh': use province, district, commune",
        ),
    ],
)
def test_what_is_no_tree_is_refused(bodies: list[Agency], fault: str) -> None:
    with pytest.raises(ValueError, match=f"^{fault}$"):
        AgencyRegistry(bodies)


def chain(length: int) -> list[Agency]:
    return [
        Agency(f"A{n}", "Cơ quan", "commune", f"A{n - 1}" if n else None) for n in range(length)
    ]


def test_a_long_chain_is_read_in_linear_time_and_without_recursion() -> None:
    for agencies in (chain(100_000), chain(100_000)[::-1]):
        assert len([*AgencyRegistry(agencies).under("A0")]) == 100_000
    circle = [chain(1)[0]._replace(parent="A39999"), *chain(40_000)[1:]]
    with pytest.raises(ValueError, match=r"is under itself: .* → … → .*"):
        AgencyRegistry(circle)


def test_an_agency_that_a_registry_of_a_day_lacks_is_taken_to_exist() -> None:
    """A report of a slice that is not under its body: it was a fault of the program."""
    dated = Agency("A", "A", "province", None, date(2025, 7, 1))
    assert AgencyRegistry([dated]).on(date(2026, 1, 1)).is_in_force("B")
