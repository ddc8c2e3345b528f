"""The documents of integrity for programs, and the list of the dossiers in which checks saw
something.

Each dossier of the list leads to its life, where the event is marked (``documents.life``).
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from hoso.domain.agencies import AgencyRegistry
from hoso.projections.documents.figures import DIMENSIONS
from hoso.projections.documents.life import EVENTS
from hoso.projections.documents.model import (
    NO_DATA,
    Bilingual,
    Cell,
    Column,
    Data,
    Day,
    Document,
    Dossier,
    Each,
    Joined,
    Records,
    Row,
    Table,
    Words,
    counted,
)
from hoso.projections.integrity.findings import AgencyEffect, CheckResult, Effect, Integrity
from hoso.projections.integrity.in_json import as_json, percent

NAME: Final = "integrity"
TITLE: Final = Bilingual("Hồ sơ có dấu hiệu", "Dossiers seen by checks")
COLUMNS: Final = (
    Column("dossier", (Bilingual("Mã hồ sơ", "Dossier"),), "text", width=30),
    Column("agency", (DIMENSIONS["agency"],), "text", width=30),
    Column("event", (Bilingual("Sự kiện", "Event"),), "text", width=20),
    Column("day", (Bilingual("Ngày", "Day"),), "text", width=10),
)
RECORDS: Final = (
    *("check", "agency", "count", "of", "share", "on_time_rate", "on_time_rate_without"),
    *("expected", "median", "deviation", "past_windows"),
)
LISTED: Final = ("check", "dossier", "agency", "event", "day")


def for_programs(integrity: Integrity) -> Document:
    """What programs get of all checks, without tables: the contract's JSON; as CSV a row for each
    check, with an empty agency, and one for each of its agencies."""
    rows = [row for result in integrity.checks for row in _records(result)]
    data = Data(as_json(integrity), Records(RECORDS, rows))
    return Document(NAME, TITLE, integrity.window, (), (), data=data)


def _records(result: CheckResult) -> Iterator[list[Any]]:
    yield [result.name, None, *_numbers(result.effect), *[None] * 4]
    for each in result.by_agency:
        yield [result.name, each.agency, *_numbers(each.effect), *_usual(each)]


def _numbers(effect: Effect | None) -> list[Any]:
    if effect is None:
        return [None] * 5
    rates = (effect.share, effect.on_time_rate, effect.on_time_rate_without)
    return [effect.found, effect.of, *map(percent, rates)]


def _usual(each: AgencyEffect) -> list[Any]:
    if each.usual is None:
        return [None] * 4
    expected, median, deviation, windows = each.usual
    return [*(n if n is None else round(n, 2) for n in (expected, median, deviation)), windows]


def document(
    integrity: Integrity, registry: AgencyRegistry, *, ask: tuple[str, ...] = ()
) -> Document:
    """The dossiers in which the checks of a result saw something: a table for each check.

    ``ask`` is how ``hoso explain`` reads the same history.
    """
    tables = tuple(_table(result, registry) for result in integrity.checks)
    lists = [Each(_record, [result.name] * len(rows), rows) for result, rows in _rows(integrity)]
    data = Data(as_json(integrity), Records(LISTED, Joined(lists)))
    number = sum(len(result.findings) for result in integrity.checks)
    lead = counted(number, "hồ sơ", "dossiers")
    title = tables[0].title if len(tables) == 1 else TITLE
    return Document(NAME, title, integrity.window, (), tables, ask, data=data, lead=lead)


def _rows(integrity: Integrity) -> Iterator[tuple[CheckResult, Sequence[dict[str, Any]]]]:
    return ((result, result.findings.to_pylist()) for result in integrity.checks)


def _record(check: str, row: dict[str, Any]) -> list[Any]:
    return [check, row["dossier"], row["agency"], row["kind"], row["day"].isoformat()]


def _table(result: CheckResult, registry: AgencyRegistry) -> Table:
    rows = result.findings.to_pylist()

    def row(place: int, found: dict[str, Any]) -> Row:
        cells: dict[str, Cell] = {
            "dossier": Dossier(found["dossier"]),
            "agency": Words(NO_DATA if found["agency"] is None else registry.name(found["agency"])),
            "event": Words(Bilingual(EVENTS[found["kind"]], found["kind"])),
            "day": Day(found["day"]),
        }
        return Row(str(place), cells)

    title = Bilingual(*result.check.title)
    return Table(result.name, title, COLUMNS, Each(row, range(len(rows)), rows), _notes(result))


def _notes(result: CheckResult) -> tuple[Bilingual, ...]:
    """What the check saw, and which innocent causes that may have."""
    vi, en = (" ".join(causes) for causes in zip(*result.check.innocent, strict=True))
    return (
        Bilingual(*result.check.saw()),
        Bilingual(f"Có thể vì: {vi}", f"It may be innocent: {en}"),
    )
