"""The document of vintages (các thời điểm chốt số liệu): one window as known at several instants.

The table has each figure at each vintage, the chart some of them as lines, and the revision
analysis says of each figure how much it changed after the window was over, and when it settled.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, tzinfo
from typing import Any, Final, NamedTuple

from hoso.domain.windows import Window, canonical_name
from hoso.projections.documents.figures import FIGURES, flat, in_words, value_in_words
from hoso.projections.documents.model import (
    About,
    Bilingual,
    Cell,
    Chart,
    Column,
    Count,
    Data,
    Day,
    Difference,
    Document,
    DrillDown,
    Exact,
    Part,
    Place,
    Points,
    Records,
    Rounding,
    Row,
    Series,
    Table,
    Words,
    counted,
    in_numbers,
)
from hoso.projections.documents.statement import (
    FIGURE_NAMES,
    ROW_FIGURES,
    SIDE_BY_SIDE,
    TOTAL,
    Behind,
    Limits,
    Line,
    Statement,
    counts_of,
    drill_down,
    figure_columns,
    figure_rows,
    judged_by,
    names_of,
    period,
    shown_of,
    slice_columns,
    window_of,
)
from hoso.projections.ledger.balances import Slice, slice_order
from hoso.projections.ledger.settling import Settling, settling

Json = dict[str, Any]

TITLE: Final = Bilingual("Số liệu của kỳ qua các thời điểm chốt", "One window, vintage by vintage")
VINTAGE: Final = Bilingual("Thời điểm chốt", "Vintage")
ANALYSIS: Final = Bilingual("Mức điều chỉnh sau khi hết kỳ", "Revisions after the window was over")
SHOWN_AS_LINES: Final = ("received", "resolved.total", "resolved.overdue", "carried_forward")
UNIT: Final = Bilingual("hồ sơ", "dossiers")
REVISED: Final = (
    Column("first", (Bilingual("Lần đầu", "First"),)),
    Column("last", (Bilingual("Lần cuối", "Last"),)),
    Column("difference", (Bilingual("Chênh lệch", "Difference"),)),
    Column("times", (Bilingual("Số lần thay đổi", "Times changed"),)),
    Column("mean", (Bilingual("Thay đổi bình quân", "Mean absolute change"),), "points"),
    Column("largest", (Bilingual("Thay đổi lớn nhất", "Largest change"),), "points"),
    Column("settled_on", (Bilingual("Ổn định từ", "Settled on"),), "text", width=10),
    Column("days", (Bilingual("Số ngày sau kỳ", "Days after the window"),)),
)
HOW: Final = (
    Bilingual(
        "Chỉ so sánh các thời điểm chốt sau khi hết kỳ: trong kỳ, số liệu tăng vì ngày trôi qua. "
        "Thay đổi bình quân là trung bình giá trị tuyệt đối của thay đổi giữa hai thời điểm liền "
        "nhau, kể cả khi không đổi.",
        "Only vintages at which the window was over are compared: while it lasts, figures grow "
        "because days pass. The mean is that of the changes between neighbouring vintages without "
        "their signs, those of 0 included.",
    ),
    Bilingual(
        "Một số liệu ổn định tại thời điểm chốt đầu tiên mà từ đó không đổi nữa; nếu thời điểm "
        "cuối vẫn còn thay đổi thì chưa rõ.",
        "A figure has settled at the first vintage from which on it stays the same; where the last "
        "vintage still changed it, that is not known yet.",
    ),
)


class Vintages(NamedTuple):
    """The statements of one window as of several instants, in the order of time, and the time zone
    of the office. They have the same slices and limits."""

    statements: Sequence[Statement]
    zone: tzinfo

    @property
    def window(self) -> Window:
        """The window that all of them state."""
        return window_of(self.statements[0])

    def days(self) -> list[date]:
        """The local day of each vintage."""
        return [self._local(statement).date() for statement in self.statements]

    def labels(self) -> list[Bilingual]:
        """Each vintage in a few words: its local day, and its time unless that is the day's end."""
        return [_label(self._local(statement)) for statement in self.statements]

    def _local(self, statement: Statement) -> datetime:
        return datetime.fromisoformat(statement["as_of"]).astimezone(self.zone)


def _label(local: datetime) -> Bilingual:
    day = in_numbers(local.date())
    if local.time() == time.max:
        return day
    return Bilingual(f"{local:%H:%M} {day.vi}", f"{day.en} {local:%H:%M}")


def document(vintages: Vintages, limits: Limits, ask: tuple[str, ...] = ()) -> Document:
    """The document of some vintages, one at least, with the ``limits`` of their dossiers.

    ``ask`` is how ``hoso dossiers`` reads the same history, without as-of instant and law.
    """
    last = vintages.statements[-1]
    behind = [_behind(statement, limits) for statement in vintages.statements]
    analysed = [*_analysed(vintages)]
    parts: list[Part] = [
        _table(vintages, behind),
        _analysis(vintages, analysed, behind),
    ]
    if len(vintages.statements) > 1:
        parts.insert(1, _chart(vintages))
    return Document(
        "vintages",
        TITLE,
        vintages.window,
        (*limits.about, period(last), _known(vintages), *judged_by(last)),
        tuple(parts),
        ask,
        data=_data(vintages, analysed),
        lead=_lead(analysed),
    )


def _known(vintages: Vintages) -> About:
    """How many vintages there are, and from when to when."""
    number, labels = counted(len(vintages.statements), "", ""), vintages.labels()
    first, last = labels[0], labels[-1]
    return About(
        Bilingual("Thời điểm chốt số liệu", "Vintages"),
        Bilingual(
            f"{number.vi.strip()}: {first.vi} – {last.vi}",
            f"{number.en.strip()}: {first.en} – {last.en}",
        ),
    )


def _behind(statement: Statement, limits: Limits) -> Behind:
    """How the dossiers behind a figure are listed, as they were known at the vintage."""
    behind = drill_down(statement, limits)

    def as_known(line: Line, name: str) -> DrillDown:
        return behind(line, name)._replace(as_of=statement["as_of"])

    return as_known


def _table(vintages: Vintages, behind: Sequence[Behind]) -> Table:
    """Figures down and vintages across; of many vintages or slices, a row for each."""
    by = vintages.statements[0]["by"]
    if by or len(vintages.statements) > SIDE_BY_SIDE:
        return _vintages_down(vintages, behind)
    headings = enumerate(vintages.labels())
    columns = (*FIGURE_NAMES, *(Column(f"v{place}", (text,)) for place, text in headings))
    shown = shown_of(FIGURES, vintages.statements)
    rows: dict[str, Row] = {}
    for place, (statement, own) in enumerate(zip(vintages.statements, behind, strict=True)):
        line = {f"v{place}": {"slice": {}, **statement["total"]}}
        for row in figure_rows(line, own, shown):
            cells = rows[row.key].cells if row.key in rows else {}
            rows[row.key] = row._replace(cells={**cells, **row.cells})
    return Table("vintages", TITLE, columns, tuple(rows.values()))


def _vintages_down(vintages: Vintages, behind: Sequence[Behind]) -> Table:
    """A row for each vintage, or for each slice at each vintage."""
    statements, by = vintages.statements, vintages.statements[0]["by"]
    shown = shown_of(ROW_FIGURES, statements)
    columns = (
        Column("vintage", (VINTAGE,), "text", width=16),
        *slice_columns(by),
        *figure_columns(shown),
    )
    rows = [
        Row(
            f"v{place}.slice{number}",
            {"vintage": Words(label), **names_of(line), **counts_of(line, own, shown)},
        )
        for place, (statement, label, own) in enumerate(
            zip(statements, vintages.labels(), behind, strict=True)
        )
        for number, line in enumerate(statement["lines"])
    ]
    return Table("vintages", TITLE, columns, rows)


def _chart(vintages: Vintages) -> Chart:
    lines = [flat(statement["total"]) for statement in vintages.statements]
    series = tuple(
        Series(in_words(name), tuple(line[name] for line in lines)) for name in SHOWN_AS_LINES
    )
    return Chart("vintages", TITLE, "lines", tuple(vintages.labels()), series, UNIT)


class Analysed(NamedTuple):
    """A figure of a slice, of the total for no slice, and how it was revised."""

    slice: Slice
    figure: str
    settling: Settling


def _analysed(vintages: Vintages) -> Iterator[Analysed]:
    """All figures of the total, and those of slices that were revised at all."""
    days, last = vintages.days(), vintages.window.last
    for name in shown_of(FIGURES, vintages.statements):
        values = [flat(statement["total"])[name] for statement in vintages.statements]
        yield Analysed((), name, settling(values, days, last))
    if not vintages.statements[0]["by"]:
        return
    for slice_, lines in _by_slice(vintages.statements).items():
        for name in FIGURES:
            found = settling([line.get(name, 0) for line in lines], days, last)
            if found.times:
                yield Analysed(slice_, name, found)


def _by_slice(statements: Sequence[Statement]) -> dict[Slice, list[dict[str, int]]]:
    """The figures of each slice at each vintage; none where it had no dossier yet."""
    found: dict[Slice, list[dict[str, int]]] = {}
    for place, statement in enumerate(statements):
        for line in statement["lines"]:
            of_slice = found.setdefault((*line["slice"].values(),), [{} for _ in statements])
            of_slice[place] = flat(line)
    return dict(sorted(found.items(), key=lambda item: slice_order(item[0])))


def _analysis(vintages: Vintages, analysed: Sequence[Analysed], behind: Sequence[Behind]) -> Table:
    """How each figure was revised, a row for each."""
    by = vintages.statements[0]["by"]
    over = [place for place, day in enumerate(vintages.days()) if day >= vintages.window.last]
    ends = (behind[over[0]], behind[-1]) if over else None
    rows = [_revised(place, each, by, ends) for place, each in enumerate(analysed)]
    columns = (*slice_columns(by), *FIGURE_NAMES, *REVISED)
    return Table("revisions", ANALYSIS, columns, rows, HOW)


def _revised(
    place: int, analysed: Analysed, by: Sequence[str], ends: tuple[Behind, Behind] | None
) -> Row:
    """The row of a figure; ``ends`` list the dossiers of the first and of the last vintage that is
    compared."""
    slice_, name, found = analysed
    line = {"slice": dict(zip(by, slice_, strict=True)) if slice_ else {}}
    first, last = (each(line, name) for each in ends) if ends else (None, None)
    vi, en = FIGURES[name]
    names: dict[str, Cell] = {n: Words(value_in_words(n, v)) for n, v in line["slice"].items()}
    if by and not slice_:
        names = {by[0]: Words(TOTAL)}
    key = str(place)
    cells: dict[str, Cell] = {
        **names,
        "figure": Words(Bilingual(vi, en)),
        "translated": Words(Bilingual(en, vi)),
        "first": Count(found.first, first),
        "last": Count(found.last, last),
        "difference": Difference(
            Place(key, "last"), Place(key, "first"), last and last._replace(against=first)
        ),
        "times": Exact(found.times if found.first is not None else None),
        "mean": Points(found.mean),
        "largest": Exact(found.largest, signed=True),
        "settled_on": Day(found.settled_on),
        "days": Exact(found.days),
    }
    is_part = "." in name and not name.endswith(".total")
    return Row(key, cells, "line" if is_part else "group", int(is_part))


def _lead(analysed: Sequence[Analysed]) -> Bilingual:
    """How many figures of the total were revised, in a sentence."""
    total = [each.settling for each in analysed if not each.slice]
    if all(each.first is None for each in total):
        return Bilingual("Kỳ báo cáo chưa kết thúc", "The window is not over yet")
    number = sum(each.times > 0 for each in total)
    if not number:
        return Bilingual("Số liệu không đổi sau khi hết kỳ", "No figure was revised")
    return counted(number, "chỉ tiêu thay đổi sau khi hết kỳ", "figures were revised")


def _data(vintages: Vintages, analysed: Sequence[Analysed]) -> Data:
    """What programs get: each vintage as its own statement says it, and the analysis; as CSV one
    line for each vintage, slice and figure."""
    statements, by, window = vintages.statements, vintages.statements[0]["by"], vintages.window
    name = canonical_name(window) or f"{window.first}/{window.last}"
    records = [
        [statement["as_of"], name, *line["slice"].values(), figure, value]
        for statement in statements
        for line in statement["lines"]
        for figure, value in flat(line).items()
    ]
    json = {
        "window": {"from": window.first.isoformat(), "to": window.last.isoformat()},
        "by": [*by],
        "vintages": [*statements],
        "revisions": [_as_json(each, by) for each in analysed],
    }
    return Data(json, Records(("vintage", "window", *by, "figure", "value"), records))


def _as_json(analysed: Analysed, by: Sequence[str]) -> Json:
    slice_, name, found = analysed
    mean, settled = found.mean, found.settled_on
    return {
        "slice": dict(zip(by, slice_, strict=True)) if slice_ else {},
        "figure": name,
        **found._asdict(),
        "mean": None if mean is None else float(Rounding().of(mean)),
        "settled_on": None if settled is None else settled.isoformat(),
    }
