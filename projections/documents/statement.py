"""The document of a statement, or of several: tables for people, the contract's JSON and CSV.

One statement of few slices has its figures down and its slices across; one of many slices has a row
for each slice. Several statements make one long table, where each row names its window and law.
Contract, section 7.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, tzinfo
from functools import partial
from typing import Any, Final, NamedTuple

from hoso.domain.policy import PINNABLE, Policy
from hoso.domain.windows import Window
from hoso.projections.documents.figures import (
    DIMENSIONS,
    FIGURES,
    figure,
    flat,
    headings,
    value_in_words,
)
from hoso.projections.documents.law import regime_in_words
from hoso.projections.documents.model import (
    NO_DATA,
    About,
    Bilingual,
    Cell,
    Column,
    Count,
    Data,
    Day,
    Document,
    DrillDown,
    Each,
    Joined,
    Place,
    Records,
    Row,
    Sum,
    Table,
    Words,
    in_numbers,
)
from hoso.projections.ledger.statement import with_digest

Statement = dict[str, Any]
Line = Mapping[str, Any]
Behind = Callable[[Line, str], DrillDown]  # of a line's figure

TITLE: Final = Bilingual("Tình hình giải quyết hồ sơ", "Dossiers received and resolved")
TOTAL: Final = Bilingual("Tổng", "Total")
# They are shown where there are any.
TRANSFERS: Final = ("transferred.in", "transferred.out")
SIDE_BY_SIDE: Final = 6  # the most slices that stand across
# Of more slices the total is a number, not the sum of cells: that would keep every row in memory.
MOST_ADDENDS: Final = 60_000
# A row of one slice has these figures; a column of one slice has all.
ROW_FIGURES: Final = (
    "carried_over",
    "received",
    *TRANSFERS,
    "resolved.early",
    "resolved.on_time",
    "resolved.overdue",
    "returned.total",
    "cancelled.total",
    "in_progress.in_time",
    "in_progress.overdue",
    "awaiting_supplement.total",
    "paused.total",
    "carried_forward",
)
# The figures that are sums of others in the same line.
SUMS: Final[Mapping[str, tuple[str, ...]]] = {
    "total": ("carried_over", "received", "transferred.in"),
    **{
        total: tuple(name for name in FIGURES if name.startswith(f"{group}.") and name != total)
        for total in FIGURES
        if (group := total.removesuffix(".total")) != total
    },
    "carried_forward": ("in_progress.total", "awaiting_supplement.total", "paused.total"),
}
ASKED_COLUMNS: Final = tuple(
    Column(key, (heading,), "text", width=width)
    for key, heading, width in (
        ("from", Bilingual("Từ ngày", "from"), 10),
        ("to", Bilingual("Đến ngày", "to"), 10),
        ("until", Bilingual("Số liệu đến ngày", "until"), 10),
        ("law", Bilingual("Quy định", "law"), 12),
        ("law_as_of", Bilingual("Quy định biết đến", "law as of"), 10),
        ("after_supplement", Bilingual("Sau bổ sung", "after supplement"), 10),
        ("supplement_limit", Bilingual("Số lần bổ sung", "supplement limit"), 10),
        ("reschedule", Bilingual("Hẹn lại", "reschedule"), 14),
        ("reschedule_notice", Bilingual("Báo hẹn lại trước (ngày)", "reschedule notice"), 10),
        ("arrival_starts_clock", Bilingual("Tính từ khi nhận", "arrival starts clock"), 10),
    )
)
WINDOW_COLUMNS: Final = ASKED_COLUMNS[:3]
FIGURE_NAMES: Final = (
    Column("figure", (Bilingual("Chỉ tiêu", "Figure"),), "text", width=24),
    Column("translated", (Bilingual("figure", "chỉ tiêu"),), "text", width=22),
)
ALL_RECORDED: Final = Bilingual("tất cả đã ghi nhận", "all that is recorded")


class Limits(NamedTuple):
    """Which dossiers a statement counts: those of some slices (``where``) and ``under`` a body of
    the registry. ``about`` are the lines that say so."""

    where: tuple[tuple[str, str | None], ...] = ()
    under: str | None = None
    about: tuple[About, ...] = ()


NO_LIMITS: Final = Limits()


def document(
    statements: Sequence[Statement],
    *,
    single: bool,
    ask: tuple[str, ...] = (),
    limits: Limits = NO_LIMITS,
) -> Document:
    """The document of one statement (``single``), or of several with the same slices and limits.

    ``ask`` is how ``hoso dossiers`` reads the same history, without the law.
    """
    first = with_digest(statements[0]) if single else statements[0]
    tables = _tables(first, limits) if single else _long_table(statements, limits)
    return Document(
        "statement",
        TITLE,
        window_of(first) if single else None,
        (*limits.about, *(about(first) if single else _about_several(statements))),
        tables,
        ask,
        data=Data(
            first if single else Each(with_digest, statements),
            _records(statements, single=single),
        ),
        until=until_of(first) if single else None,
    )


def about(statement: Statement, zone: tzinfo | None = None) -> Iterator[About]:
    """The basis of a statement: period, as-of instant, law, calendar, suspense and digest. With a
    time zone, the instant is said by the clock there, too."""
    suspense = statement["suspense"]
    suspended = Bilingual(
        f"{suspense['events']} sự kiện của {suspense['dossiers']} hồ sơ",
        f"{suspense['events']} events of {suspense['dossiers']} dossiers",
    )
    yield from asked(statement, zone)
    yield About(Bilingual("Sự kiện treo", "In suspense"), suspended)
    yield About(
        Bilingual("Mã xác thực bảng cân đối", "Digest of the statement"), statement["digest"]
    )


def asked(statement: Statement, zone: tzinfo | None = None) -> Iterator[About]:
    """What a statement was asked for: period, as-of instant, law and calendar."""
    yield period(statement)
    yield _as_of(statement, zone)
    yield from judged_by(statement)


def judged_by(statement: Statement) -> Iterator[About]:
    """By which law and calendar a statement is."""
    yield _law(statement)
    yield _working_days(statement)


def period(statement: Statement) -> About:
    """The period of a statement; of one that is not over, up to which day its figures go."""
    name = Bilingual("Kỳ báo cáo", "Period")
    (first, first_en), (last, last_en) = map(in_numbers, window_of(statement))
    vi, en = f"{first} – {last}", f"{first_en} – {last_en}"
    if (until := until_of(statement)) is None:
        return About(name, Bilingual(vi, en))
    to = in_numbers(until)
    return About(
        name, Bilingual(f"{vi}, số liệu đến hết ngày {to.vi}", f"{en}, figures up to {to.en}")
    )


def until_of(statement: Statement) -> date | None:
    """The last day that a statement tells of; None where that is the last day of its window."""
    days = statement["window"]
    return None if days["until"] == days["to"] else date.fromisoformat(days["until"])


def _about_several(statements: Sequence[Statement]) -> Iterator[About]:
    """The basis that several statements have in common."""
    yield _as_of(statements[0])
    if _one_law(statements):
        yield _law(statements[0])
    yield _working_days(statements[0])


def _as_of(statement: Statement, zone: tzinfo | None = None) -> About:
    name, instant = Bilingual("Số liệu tính đến", "As of"), statement["as_of"]
    if instant is None or zone is None:
        return About(name, instant or ALL_RECORDED)
    local = datetime.fromisoformat(instant).astimezone(zone)
    return About(
        name,
        Bilingual(
            f"{local:%H:%M:%S} ngày {local:%d/%m/%Y} ({instant})",
            f"{local:%H:%M:%S} on {local:%Y-%m-%d} ({instant})",
        ),
    )


def _law(statement: Statement) -> About:
    """By which law a statement is: the regime and its edition, as of when, and what is pinned."""
    law, name = statement["law"], Bilingual("Quy định", "Law")
    pinned = "".join(f", {parameter} {value}" for parameter, value in law["pinned"].items())
    regime = regime_in_words(law["regime"])
    vi, en = (f"{words} ({law['edition']}){pinned}" for words in regime)
    if law["as_of"] is None:
        return About(name, Bilingual(vi, en))
    known = in_numbers(date.fromisoformat(law["as_of"]))
    return About(
        name,
        Bilingual(f"{vi}, đã công bố đến {known.vi}", f"{en}, as published by {known.en}"),
    )


def _working_days(statement: Statement) -> About:
    return About(Bilingual("Lịch làm việc", "Working days"), statement["calendar"]["version"])


def _one_law(statements: Sequence[Statement]) -> bool:
    return all(statement["law"] == statements[0]["law"] for statement in statements)


def window_of(statement: Statement) -> Window:
    """The window of a statement."""
    days = statement["window"]
    return Window(date.fromisoformat(days["from"]), date.fromisoformat(days["to"]))


def _records(statements: Sequence[Statement], *, single: bool) -> Records:
    """A row for each line: a column for each dimension and each figure (``resolved.early``).

    Where there are several statements, the window and the law stand in front.
    """
    asked = [] if single else [*_asked_cells(statements[0])]
    rows = Joined(Each(partial(_plain_rows, single=single), statements))
    return Records((*asked, *statements[0]["by"], *FIGURES), rows)


def _plain_rows(statement: Statement, *, single: bool) -> Each[list[Any]]:
    asked = [] if single else [*_asked_cells(statement).values()]
    return Each(
        lambda line: [*asked, *line["slice"].values(), *flat(line).values()], statement["lines"]
    )


def _asked_cells(statement: Statement) -> dict[str, Any]:
    """The window and the law of a statement; what is not pinned is empty."""
    law = statement["law"]
    pinned = {name: law["pinned"].get(name) for name in PINNABLE}
    return {**statement["window"], "law": law["regime"], "law_as_of": law["as_of"], **pinned}


def _tables(statement: Statement, limits: Limits) -> tuple[Table]:
    slices = len(statement["lines"]) if statement["by"] else 0
    down = _slices_down if slices > SIDE_BY_SIDE else _figures_down
    return (down(statement, limits),)


def _figures_down(statement: Statement, limits: Limits) -> Table:
    """A row for each figure, a column for each slice, and one for the total."""
    lines = statement["lines"] if statement["by"] else []
    slices = {f"slice{place}": line for place, line in enumerate(lines)}
    columns = (
        *FIGURE_NAMES,
        *(Column(key, _slice_headings(line)) for key, line in slices.items()),
        Column("total", (TOTAL,)),
    )
    total, behind = {"slice": {}, **statement["total"]}, drill_down(statement, limits)
    rows = [*figure_rows({**slices, "total": total}, behind, shown_of(FIGURES, [statement]))]
    if slices:
        rows = [_with_sum(row, [*slices], behind(total, row.key)) for row in rows]
    return Table("statement", TITLE, columns, tuple(rows))


def figure_rows(lines: Mapping[str, Line], behind: Behind, shown: Collection[str]) -> Iterator[Row]:
    """A row for each figure that is shown, with a cell for each line, by the key of its column."""
    for name in shown:
        vi, en = FIGURES[name]
        cells: dict[str, Cell] = {
            "figure": Words(Bilingual(vi, en)),
            "translated": Words(Bilingual(en, vi)),
            **{key: _down(line, name, key, behind, shown) for key, line in lines.items()},
        }
        is_part = "." in name and name not in SUMS
        yield Row(name, cells, "line" if is_part else "group", int(is_part))


def _with_sum(row: Row, slices: Sequence[str], behind: DrillDown) -> Row:
    """A row of a figure whose total is the sum over its slices."""
    across = Sum(tuple(Place(row.key, key) for key in slices), behind)
    return row._replace(cells={**row.cells, "total": across})


def _slice_headings(line: Line) -> tuple[Bilingual, ...]:
    return tuple(value_in_words(name, value) for name, value in line["slice"].items())


def shown_of(names: Iterable[str], statements: Sequence[Statement]) -> list[str]:
    """The figures that statements show to people: transfers where there are any."""
    transferred = any(any(each["total"]["transferred"].values()) for each in statements)
    return [name for name in names if transferred or name not in TRANSFERS]


def _down(
    line: Line, name: str, column: str, behind: Behind, shown: Collection[str]
) -> Count | Sum:
    """A figure in the column of a line: the sum of other figures there, or a count."""
    if name in SUMS:
        parts = (part for part in SUMS[name] if part in shown)
        return Sum(tuple(Place(part, column) for part in parts), behind(line, name))
    return Count(figure(line, name), behind(line, name))


def drill_down(statement: Statement, limits: Limits) -> Behind:
    """How the dossiers behind a figure of a statement's line are listed."""
    window, law = window_of(statement), statement["law"]
    as_of = None if law["as_of"] is None else date.fromisoformat(law["as_of"])
    policy = Policy(law=law["regime"], law_as_of=as_of, **law["pinned"])
    by = tuple(statement["by"])

    def behind(line: Line, name: str) -> DrillDown:
        of_line = tuple(line["slice"].items())
        others = (pair for pair in limits.where if pair[0] not in line["slice"])
        # Without slices, only the dimensions say which reassignments are transfers.
        dimensions = () if of_line or name not in (*TRANSFERS, "total") else by
        figures = (name.removesuffix(".total"),)
        return DrillDown(window, figures, (*of_line, *others), limits.under, policy, dimensions)

    return behind


def _slices_down(statement: Statement, limits: Limits) -> Table:
    """A row for each slice, and one for the total."""
    by, behind = statement["by"], drill_down(statement, limits)
    shown, lines = shown_of(ROW_FIGURES, [statement]), statement["lines"]

    def row(place: int, line: Line) -> Row:
        return Row(f"slice{place}", {**names_of(line), **counts_of(line, behind, shown)})

    total = {"slice": {}, **statement["total"]}
    if len(lines) <= MOST_ADDENDS:
        keys = [f"slice{place}" for place in range(len(lines))]
        sums: dict[str, Cell] = {
            name: Sum(tuple(Place(key, name) for key in keys), behind(total, name))
            for name in shown
        }
    else:
        sums = counts_of(total, behind, shown)
    last = Row("total", {by[0]: Words(TOTAL), **sums}, "total")
    rows = Joined((Each(row, range(len(lines)), lines), (last,)))
    return Table("statement", TITLE, (*slice_columns(by), *figure_columns(shown)), rows)


def figure_columns(names: Iterable[str]) -> tuple[Column, ...]:
    """A column for each of some figures."""
    return tuple(Column(name, headings(name)) for name in names)


def _long_table(statements: Sequence[Statement], limits: Limits) -> tuple[Table]:
    """A row for each line of each statement, behind its window and, if they differ, its law."""
    asked_columns = WINDOW_COLUMNS if _one_law(statements) else ASKED_COLUMNS
    shown = shown_of(ROW_FIGURES, statements)
    rows = Joined(Each(partial(_long_rows, shown, limits), range(len(statements)), statements))
    columns = (*asked_columns, *slice_columns(statements[0]["by"]), *figure_columns(shown))
    return (Table("statement", TITLE, columns, rows),)


def _long_rows(
    shown: Sequence[str], limits: Limits, number: int, statement: Statement
) -> Each[Row]:
    """The rows of one of several statements."""
    asked: dict[str, Cell] = {
        name: Day(date.fromisoformat(value))
        if name in statement["window"] or (name == "law_as_of" and value is not None)
        else Words(NO_DATA if value is None else str(value))
        for name, value in _asked_cells(statement).items()
    }
    behind, lines = drill_down(statement, limits), statement["lines"]

    def row(place: int, line: Line) -> Row:
        cells = {**asked, **names_of(line), **counts_of(line, behind, shown)}
        return Row(f"statement{number}.slice{place}", cells)

    return Each(row, range(len(lines)), lines)


def slice_columns(by: Sequence[str]) -> Iterator[Column]:
    """A column for each dimension of slices."""
    return (Column(name, (DIMENSIONS[name],), "text", width=20) for name in by)


def names_of(line: Line) -> dict[str, Cell]:
    """The values of a line's slice, by dimension."""
    return {name: Words(value_in_words(name, value)) for name, value in line["slice"].items()}


def counts_of(line: Line, behind: Behind, shown: Iterable[str]) -> dict[str, Cell]:
    """Some figures of a line, each with the dossiers behind it."""
    return {name: Count(figure(line, name), behind(line, name)) for name in shown}
