"""Prints a statement beside a release of it: a row for each figure of each slice."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from hoso.projections.documents.figures import FIGURES, flat, value_in_words
from hoso.projections.documents.model import (
    Bilingual,
    Cell,
    Column,
    Count,
    Data,
    Difference,
    Document,
    Place,
    Records,
    Row,
    Table,
    Words,
)
from hoso.projections.documents.statement import (
    FIGURE_NAMES,
    SUMS,
    TITLE,
    TOTAL,
    TRANSFERS,
    Behind,
    Limits,
    Statement,
    about,
    drill_down,
    slice_columns,
    until_of,
    window_of,
)
from hoso.projections.ledger.balances import Slice, slice_order
from hoso.projections.releases.against import DIFFERENCE, NOW, RELEASED, Then
from hoso.projections.releases.release import Release

Figures = Mapping[str, int]  # of a line, by their dotted names
Pair = tuple[Figures, Figures]  # as released, and now

NOTHING: Final[Figures] = dict.fromkeys(FIGURES, 0)
COLUMNS: Final = (
    Column("released", (RELEASED,)),
    Column("now", (NOW,)),
    Column("difference", (DIFFERENCE,)),
)


def document(
    statement: Statement,
    release: Release,
    released: Statement,
    limits: Limits,
    ask: tuple[str, ...] = (),
) -> Document:
    """A statement of one window beside a release of it: both as JSON has them, with the digest."""
    by, then, behind = statement["by"], Then(release), drill_down(statement, limits)
    lines = _pairs(released, statement) if by else {}
    total = (flat(released["total"]), flat(statement["total"]))
    rows = [
        row
        for slice_, pair in [*lines.items(), ((), total)]
        for row in _rows(dict(zip(by, slice_, strict=False)), pair, behind, then, by)
    ]
    columns = (*slice_columns(by), *FIGURE_NAMES, *COLUMNS)
    return Document(
        "statement",
        TITLE,
        window_of(statement),
        (then.about(), *limits.about, *about(statement)),
        (Table("statement", TITLE, columns, rows),),
        ask,
        data=_data(statement, release, lines, total),
        until=until_of(statement),
        lead=_lead(total),
    )


def _pairs(released: Statement, statement: Statement) -> dict[Slice, Pair]:
    """The figures of each slice on both sides; none where a side has no such slice."""
    then, now = (
        {(*line["slice"].values(),): flat(line) for line in each["lines"]}
        for each in (released, statement)
    )
    slices = sorted({*then, *now}, key=slice_order)
    return {name: (then.get(name, NOTHING), now.get(name, NOTHING)) for name in slices}


def _rows(
    named: Mapping[str, str | None], pair: Pair, behind: Behind, then: Then, by: Sequence[str]
) -> Iterator[Row]:
    """The rows of a slice: its figures that are not 0 on both sides; of the total, all but for
    transfers where there are none."""
    released, now = pair
    names: dict[str, Cell] = {n: Words(value_in_words(n, value)) for n, value in named.items()}
    if by and not named:
        names = {by[0]: Words(TOTAL)}
    for figure, (vi, en) in FIGURES.items():
        if not (released[figure] or now[figure]) and (named or figure in TRANSFERS):
            continue
        key = ",".join([*(f"{n}={value or ''}" for n, value in named.items()), figure])
        own = behind({"slice": named}, figure)
        yield Row(
            key,
            {
                **names,
                "figure": Words(Bilingual(vi, en)),
                "translated": Words(Bilingual(en, vi)),
                "released": Count(released[figure], then.behind(own)),
                "now": Count(now[figure], own),
                "difference": Difference(
                    Place(key, "now"), Place(key, "released"), then.differing(own)
                ),
            },
            "line" if (is_part := "." in figure and figure not in SUMS) else "group",
            int(is_part),
        )


def _lead(total: Pair) -> Bilingual:
    """How many figures of the total are different."""
    number = sum(total[0][name] != total[1][name] for name in FIGURES)
    if not number:
        return Bilingual("Số liệu vẫn như đã phát hành", "The figures are as they were released")
    return Bilingual(
        f"{number} chỉ tiêu khác bản phát hành", f"{number} figures differ from the release"
    )


def _data(statement: Statement, release: Release, lines: Mapping[Slice, Pair], total: Pair) -> Data:
    """What programs get: as JSON by slice and figure, as CSV a line for each figure."""
    by = statement["by"]
    json = {
        "release": release.number,
        "window": statement["window"],
        "by": [*by],
        "lines": [
            {"slice": dict(zip(by, name, strict=True)), "figures": _numbers(pair)}
            for name, pair in lines.items()
        ],
        "total": _numbers(total),
    }
    records = [
        [*name, figure, *numbers.values()]
        for name, pair in (lines if by else {(): total}).items()
        for figure, numbers in _numbers(pair).items()
    ]
    return Data(json, Records((*by, "figure", "released", "now", "difference"), records))


def _numbers(pair: Pair) -> dict[str, dict[str, Any]]:
    then, now = pair
    return {
        name: {
            "released": then[name],
            "now": now[name],
            "difference": now[name] - then[name],
        }
        for name in FIGURES
    }
