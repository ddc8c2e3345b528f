"""A statement of a body, or of some slices: do its figures balance, and lead to their dossiers?"""

from pathlib import Path

import orjson
import pytest

from tests.command import asked, hoso

EVENTS = "events.jsonl"
REGISTRY = """code,name,level,parent
T,UBND tỉnh,province,
P,Ban quản lý,province,T
A,Phòng A,province,P
B,Phòng B,province,P
C,Xã C,commune,T
"""
DAY = "2026-03-{:02}T08:00:00+07:00"
WINDOW = ("--from", "2026-03-01", "--to", "2026-03-31")


def event(number: int, dossier: str, kind: str, day: int, **data: object) -> bytes:
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": str(number),
            "source": "urn:test",
            "type": f"dossier.{kind}.v1",
            "subject": dossier,
            "time": DAY.format(day),
            "data": data,
        }
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Dossier 1 moves from A to B, 2 from A to C, 3 from C to B and is resolved there."""
    folder = tmp_path_factory.mktemp("scopes")
    received = {"procedure": "1.000001", "field": "f", "channel": "online", "level": "province"}
    moves = [("1", "A", "B"), ("2", "A", "C"), ("3", "C", "B")]
    events = []
    for number, (dossier, first, then) in enumerate(moves):
        due = {"due": "2026-04-30"}
        events += [
            event(10 * number, dossier, "received", 2, agency=first, **received, **due),
            event(10 * number + 1, dossier, "reassigned", 10, agency=then),
        ]
    events.append(event(99, "3", "resolved", 12, outcome="granted"))
    (folder / EVENTS).write_bytes(b"\n".join(events))
    (folder / "agencies.csv").write_text(REGISTRY, encoding="utf-8")
    return folder


def stated(folder: Path, *arguments: str) -> dict[str, object]:
    printed = asked(
        folder, "statement", "--source", EVENTS, *WINDOW, "--format", "json", *arguments
    )
    found: dict[str, object] = orjson.loads(printed)
    return found


def total(folder: Path, *arguments: str) -> dict[str, object]:
    found = stated(folder, *arguments)["total"]
    assert isinstance(found, dict)
    return found


def codes(folder: Path, figure: str, *arguments: str) -> list[str]:
    words = ("dossiers", "--source", EVENTS, *WINDOW, "--account", figure, "--format", "json")
    return sorted(row["dossier"] for row in orjson.loads(asked(folder, *words, *arguments)))


UNDER_P = ("--registry", "agencies.csv", "--under", "P")


def test_transfers_within_a_body_cancel(folder: Path) -> None:
    figures = total(folder, *UNDER_P)
    assert figures["received"] == 2  # 1 and 2; 3 was received by C
    assert figures["transferred"] == {"in": 1, "out": 1}  # 3 came, 2 went; 1 stayed within P
    assert figures["carried_forward"] == 1


def test_of_two_agencies_a_move_between_them_is_none(folder: Path) -> None:
    both = ("--slice", "agency=A", "--slice", "agency=B")
    assert total(folder, *both)["transferred"] == {"in": 1, "out": 1}
    assert total(folder, "--slice", "agency=A")["transferred"] == {"in": 0, "out": 2}


@pytest.mark.parametrize(
    "limits",
    [UNDER_P, ("--slice", "agency=A"), ("--slice", "agency=A", "--slice", "agency=B")],
    ids=["under P", "A", "A and B"],
)
def test_each_figure_is_the_number_of_its_dossiers(folder: Path, limits: tuple[str, ...]) -> None:
    figures = total(folder, *limits)
    for name in ("carried_over", "received", "carried_forward"):
        assert len(codes(folder, name, *limits)) == figures[name], name
    transferred = figures["transferred"]
    assert isinstance(transferred, dict)
    for way in ("in", "out"):
        assert len(codes(folder, f"transferred.{way}", *limits)) == transferred[way], way


def test_the_statement_says_its_scope(folder: Path) -> None:
    scope = stated(folder, *UNDER_P, "--slice", "channel=online")["scope"]
    assert isinstance(scope, dict)
    assert scope["under"] == "P"
    assert scope["slice"] == {"channel": ["online"]}
    assert "scope" not in stated(folder)
    table = asked(folder, "statement", "--source", EVENTS, *WINDOW, *UNDER_P, "--lang", "en")
    assert "Body: Ban quản lý (P)" in table


def test_a_body_that_the_registry_lacks_is_refused(folder: Path) -> None:
    words = ("statement", "--source", EVENTS, *WINDOW, "--under", "Q")
    assert "needs --registry FILE" in hoso(folder, *words).err
    assert "no body 'Q'" in hoso(folder, *words, "--registry", "agencies.csv").err
