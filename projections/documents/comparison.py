"""The documents of a comparison: two sides figure by figure, and the dossiers that only one counts.

Side A is what was asked for, side B what it is set against. Each figure has its number on both
sides, the difference, and how many dossiers only one side counts.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from hoso.projections.documents.figures import (
    DIMENSIONS,
    FIGURES,
    in_words,
    value_in_words,
)
from hoso.projections.documents.model import (
    NO_DATA,
    About,
    Bilingual,
    Cell,
    Column,
    Count,
    Data,
    Day,
    Difference,
    Document,
    Dossier,
    DrillDown,
    Place,
    Records,
    Row,
    Sum,
    Table,
    Words,
    counted,
    in_numbers,
    same,
)
from hoso.projections.documents.statement import ALL_RECORDED, SUMS, TOTAL, asked, window_of
from hoso.projections.ledger.balances import Slice
from hoso.projections.ledger.comparison import Compared, Comparison, Side

Json = dict[str, Any]
Line = Mapping[str, Compared]

TITLE: Final = Bilingual("So sánh tình hình giải quyết hồ sơ", "Two sides compared")
ONLY: Final = Bilingual("Hồ sơ chỉ có ở", "Dossiers only in")
STANDS: Final = Bilingual("Cuối kỳ", "At the end")
NAMES: Final = {"a": same("A"), "b": same("B")}
NUMBERS: Final = ("a", "b", "difference", "only_a", "only_b")
# The names that --account takes, in the order of a statement.
ASKED: Final[Mapping[str, str]] = {name: name.removesuffix(".total") for name in FIGURES}
TRANSFERS: Final = ("transferred.in", "transferred.out")


def document(a: Side, b: Side, compared: Comparison, ask: tuple[str, ...] = ()) -> Document:
    """Two sides figure by figure; ``compared`` has all figures of ASKED.

    ``ask`` is how other commands read the same history, without as-of instant and law.
    """
    first, second = a.asked(), b.asked()
    table = Table(
        "comparison",
        TITLE,
        (*_slice_columns(compared.by), *_columns(first, second)),
        tuple(_rows(a, b, compared)),
        tuple(_notes(a, b)),
    )
    return Document(
        "compare",
        TITLE,
        None,
        tuple(_about(first, second)),
        (table,),
        ask,
        data=_data(first, second, compared),
        lead=_lead(compared.total),
    )


def dossiers(
    a: Side,
    b: Side,
    rows: Sequence[Mapping[str, Any]],
    figures: Sequence[str],
    by: Sequence[str],
    ask: tuple[str, ...] = (),
) -> Document:
    """The dossiers that some figures count on one side only (``comparison.differing``)."""
    first, second = a.asked(), b.asked()
    vi, en = ("; ".join(words) for words in zip(*map(in_words, figures), strict=True))
    title = Bilingual(f"Hồ sơ khác nhau – {vi}", f"Dossiers that differ – {en}")
    labels = _labels(first, second)
    columns = (
        Column("dossier", (Bilingual("Mã hồ sơ", "Dossier"),), "text", width=30),
        Column("only", (Bilingual("Chỉ có ở", "Only in"),), "text", width=8),
        *_slice_columns(by),
        *(
            Column(f"{key}_{side}", (STANDS, labels[side], heading), "text", width=width)
            for side in NAMES
            for key, heading, width in (
                ("account", Bilingual("Trạng thái", "Account"), 24),
                ("since", Bilingual("Từ ngày", "Since"), 10),
            )
        ),
    )
    table = Table("dossiers", title, columns, [_listed(place, r) for place, r in enumerate(rows)])
    keys = tuple(column.key for column in columns)
    data = Data(rows, Records(keys, [[row[key] for key in keys] for row in rows]))
    about, lead = tuple(_about(first, second)), _how_many(rows)
    return Document("compare", title, None, about, (table,), ask, data=data, lead=lead)


def _listed(place: int, row: Mapping[str, Any]) -> Row:
    return Row(str(place), {key: _cell(key, value) for key, value in row.items()})


def _cell(key: str, value: Any) -> Cell:
    match key.partition("_")[0]:
        case "dossier":
            return Dossier(value)
        case "only":
            return Words(NAMES[value])
        case "account":
            return Words(NO_DATA if value is None else in_words(value))
        case "since":
            return Day(None if value is None else date.fromisoformat(value))
        case _:
            return Words(value_in_words(key, value))


def _how_many(rows: Sequence[Mapping[str, Any]]) -> Bilingual:
    """How many dossiers only one side counts, in a sentence."""
    only = [sum(row["only"] == side for row in rows) for side in NAMES]
    (a, a_en), (b, b_en) = (counted(number, "hồ sơ", "dossiers") for number in only)
    return Bilingual(f"{a} chỉ có ở A, {b} chỉ có ở B", f"{a_en} only in A, {b_en} only in B")


def _slice_columns(by: Sequence[str]) -> Iterator[Column]:
    return (Column(name, (DIMENSIONS[name],), "text", width=20) for name in by)


def _columns(first: Json, second: Json) -> tuple[Column, ...]:
    labels = _labels(first, second)
    return (
        Column("figure", (Bilingual("Chỉ tiêu", "Figure"),), "text", width=24),
        Column("translated", (Bilingual("figure", "chỉ tiêu"),), "text", width=22),
        *(Column(side, (NAMES[side], labels[side]), width=14) for side in NAMES),
        Column("difference", (Bilingual("Chênh lệch", "Difference"),)),
        *(Column(f"only_{side}", (ONLY, name), width=8) for side, name in NAMES.items()),
    )


def _rows(a: Side, b: Side, compared: Comparison) -> Iterator[Row]:
    """The rows of each slice, of figures that are not 0 on both sides; then those of the total."""
    for number, (slice_, line) in enumerate(compared.lines.items() if compared.by else ()):
        named = dict(zip(compared.by, slice_, strict=True))
        shown = [name for name in FIGURES if any(line[ASKED[name]][:2])]
        cells: dict[str, Cell] = {n: Words(value_in_words(n, v)) for n, v in named.items()}
        yield from _block(f"slice{number}", cells, line, shown, _Behind(a, b, named))
    moved = any(any(compared.total[name][:2]) for name in TRANSFERS)
    shown = [name for name in FIGURES if moved or name not in TRANSFERS]
    named_total: dict[str, Cell] = {compared.by[0]: Words(TOTAL)} if compared.by else {}
    by = tuple(compared.by)
    yield from _block("total", named_total, compared.total, shown, _Behind(a, b, {}, by))


def _block(
    key: str, named: Mapping[str, Cell], line: Line, shown: Sequence[str], behind: "_Behind"
) -> Iterator[Row]:
    """The rows of one slice, or of the total: one for each figure that is shown."""
    for name in shown:
        vi, en = FIGURES[name]
        found, row = line[ASKED[name]], f"{key}.{name}"
        cells: dict[str, Cell] = {
            **named,
            "figure": Words(Bilingual(vi, en)),
            "translated": Words(Bilingual(en, vi)),
            "difference": Difference(Place(row, "a"), Place(row, "b")),
        }
        for side, number in (("a", found.a), ("b", found.b)):
            own = behind.of(side, name)
            parts = tuple(Place(f"{key}.{p}", side) for p in SUMS.get(name, ()) if p in shown)
            cells[side] = Sum(parts, own) if parts else Count(number, own)
        differing = behind.of_both(name)
        cells |= {"only_a": Count(found.only_a, differing)}
        cells |= {"only_b": Count(found.only_b, differing)}
        is_part = "." in name and name not in SUMS
        yield Row(row, cells, "line" if is_part else "group", int(is_part))


class _Behind:
    """How the dossiers behind the figures of a slice are listed. ``by`` are dimensions that say
    which reassignments are transfers, where no slice does."""

    def __init__(
        self, a: Side, b: Side, slice_: Mapping[str, str | None], by: tuple[str, ...] = ()
    ) -> None:
        self._sides, self._by = {"a": a, "b": b}, by
        self._where = {
            name: (*((n, (v,)) for n, v in slice_.items()), *_others(side, slice_))
            for name, side in self._sides.items()
        }

    def of(self, side: str, name: str) -> DrillDown:
        """The dossiers that a figure counts on a side."""
        own = self._sides[side]
        return DrillDown(
            own.window,
            (ASKED[name],),
            tuple((dimension, v) for dimension, vs in self._where[side] for v in vs),
            own.selected.under,
            own.ledger.office.policy,
            self._by if name in (*TRANSFERS, "total") else (),
            own.asked()["as_of"],
        )

    def of_both(self, name: str) -> DrillDown:
        """The dossiers that a figure counts on one side only."""
        return self.of("a", name)._replace(against=self.of("b", name))


def _others(
    side: Side, slice_: Mapping[str, str | None]
) -> Iterator[tuple[str, tuple[str | None, ...]]]:
    """What a side counts only, but for what the slice says."""
    return ((n, tuple(v)) for n, v in side.selected.only.items() if n not in slice_)


def _labels(first: Json, second: Json) -> dict[str, Bilingual]:
    """What tells each side from the other, in a few words."""
    aspects = [
        aspect for aspect in (_window, _known, _law, _which) if aspect(first) != aspect(second)
    ]
    labels = {}
    for side, question in (("a", first), ("b", second)):
        vi, en = zip(*(aspect(question) for aspect in aspects or (_window,)), strict=True)
        labels[side] = Bilingual("; ".join(vi), "; ".join(en))
    return labels


def _window(question: Json) -> Bilingual:
    first, last = map(in_numbers, window_of(question))
    return Bilingual(f"{first.vi} – {last.vi}", f"{first.en} – {last.en}")


def _known(question: Json) -> Bilingual:
    instant = question["as_of"]
    if instant is None:
        return ALL_RECORDED
    return Bilingual(f"biết đến {instant}", f"known by {instant}")


def _law(question: Json) -> Bilingual:
    law = question["law"]
    words = [law["regime"], *(f"{name} {value}" for name, value in law["pinned"].items())]
    if law["as_of"] is None:
        return same(", ".join(words))
    known = in_numbers(date.fromisoformat(law["as_of"]))
    return Bilingual(
        ", ".join([*words, f"đã công bố đến {known.vi}"]),
        ", ".join([*words, f"as published by {known.en}"]),
    )


def _which(question: Json) -> Bilingual:
    """Which dossiers a side counts: those of a body, of some slices, or all."""
    slices = [
        Bilingual(*(f"{name}: {word}" for name, word in zip(DIMENSIONS[n], words, strict=True)))
        for n, values in question["only"].items()
        for words in [_either([value_in_words(n, value) for value in values])]
    ]
    under = [] if question["under"] is None else [same(question["under"])]
    return _either([*under, *slices]) if under or slices else Bilingual("tất cả", "all")


def _either(words: Sequence[Bilingual]) -> Bilingual:
    vi, en = zip(*words, strict=True)
    return Bilingual(", ".join(vi), ", ".join(en))


def _about(first: Json, second: Json) -> Iterator[About]:
    """What both sides ask for: what they have in common once, what differs for each."""
    which = Bilingual("Hồ sơ được tính", "Dossiers that count")
    own, other = ([*asked(each), About(which, _which(each))] for each in (first, second))
    for one, two in zip(own, other, strict=True):
        if one == two:
            yield one
        else:
            yield About(Bilingual(f"A: {one.name.vi}", f"A: {one.name.en}"), one.text)
            yield About(Bilingual(f"B: {two.name.vi}", f"B: {two.name.en}"), two.text)


def _notes(a: Side, b: Side) -> Iterator[Bilingual]:
    days = [(each.window.last - each.window.first).days + 1 for each in (a, b)]
    if days[0] != days[1]:
        yield Bilingual(
            f"A có {days[0]} ngày, B có {days[1]} ngày.",
            f"A has {days[0]} days, B has {days[1]} days.",
        )
    yield Bilingual(
        "Chênh lệch là A trừ B, bằng số hồ sơ chỉ có ở A trừ số hồ sơ chỉ có ở B.",
        "The difference is A less B: the dossiers only in A less those only in B.",
    )


def _lead(total: Line) -> Bilingual:
    """How many figures differ."""
    number = sum(total[name].a != total[name].b for name in ASKED.values())
    if any(found.only_a or found.only_b for found in total.values()) and not number:
        return Bilingual(
            "Các số liệu như nhau, hồ sơ đứng sau khác nhau",
            "The figures are the same, the dossiers behind them are not",
        )
    if not number:
        return Bilingual("Hai bên như nhau", "Both sides are the same")
    return counted(number, "chỉ tiêu khác nhau", "figures differ")


def _data(first: Json, second: Json, compared: Comparison) -> Data:
    """What programs get of a comparison: contract's names of figures, flat."""
    lines = [
        {"slice": dict(zip(compared.by, name, strict=True)), "figures": _numbers(line)}
        for name, line in compared.lines.items()
    ]
    total = _numbers(compared.total)
    json = {"a": first, "b": second, "by": [*compared.by], "lines": lines, "total": total}
    by_slice: Mapping[Slice, Line] = compared.lines if compared.by else {(): compared.total}
    records = [
        [*name, figure, *numbers.values()]
        for name, line in by_slice.items()
        for figure, numbers in _numbers(line).items()
    ]
    return Data(json, Records((*compared.by, "figure", *NUMBERS), records))


def _numbers(line: Line) -> dict[str, dict[str, int]]:
    return {name: _number(line[asked_for]) for name, asked_for in ASKED.items()}


def _number(found: Compared) -> dict[str, int]:
    values = (found.a, found.b, found.a - found.b, found.only_a, found.only_b)
    return dict(zip(NUMBERS, values, strict=True))
