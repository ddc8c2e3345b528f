"""Compares two reports of consecutive periods: what the later one carried over must be what the
earlier one left open.

A report that counts dossiers where they stand at its end (attribution ``final``) restates what it
carried over, when bodies or fields have changed. So that is named as a cause that nobody is to
blame for.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from hoso.domain.windows import Window
from hoso.projections.audit.balances import IN_PROGRESS_PARTS, PAUSED, with_derived
from hoso.projections.audit.figures import FIGURE_NAMES
from hoso.projections.audit.findings import Check, Finding, Holds, Outcome, Outcomes, Unchecked
from hoso.projections.audit.forms import FormRow, FormTable, additions
from hoso.projections.audit.phrases import PLUS, joined, phrase
from hoso.projections.audit.published import Block, LoadedForms, LoadedReport
from hoso.projections.audit.tables import comparable_key
from hoso.projections.documents.model import Bilingual

RESTATED: Final = Bilingual(
    "tổng vẫn khớp: có thể không ai sai, vì báo cáo sau tính hồ sơ theo cơ quan, lĩnh vực đang giữ "
    "hồ sơ vào cuối kỳ của nó (quy về cuối kỳ: final)",
    "the total agrees: perhaps nobody is wrong, for the later report counts dossiers where they "
    "stand at its own end (attribution final)",
)
DIFFERENT_CUT: Final = Bilingual(
    "hai báo cáo không đếm cùng một tập hồ sơ: chốt số liệu khác lúc, hoặc kỳ sau tính lại theo cơ "
    "quan đang giữ hồ sơ",
    "the two reports do not count the same dossiers: closed at different moments, or the later one "
    "restated them after bodies changed",
)
ONE_ONLY: Final = Bilingual("chỉ có trong một báo cáo", "is in one of the reports only")
NO_PERIOD: Final = Bilingual(
    "không nêu kỳ báo cáo: coi như hai kỳ liên tiếp",
    "no period is given: taken to be consecutive",
)
NOTHING_SHARED: Final = Bilingual(
    "hai báo cáo không có khối hay biểu nào chung",
    "the reports have no block and no form in common",
)


def are_consecutive(earlier: Window | None, later: Window | None) -> bool:
    """Whether the later window begins on the day after the earlier one ends, as far as both are
    known."""
    return None in (earlier, later) or (
        earlier is not None and later is not None and later.first == earlier.last + timedelta(1)
    )


def check_consecutive(earlier: LoadedReport, later: LoadedReport) -> Outcomes:
    """Check what the later report carried over against what the earlier one carried forward."""
    outcomes = [*_blocks(earlier, later), *_forms(earlier, later)]
    yield from outcomes or [Unchecked(later.name, Check.carried, NOTHING_SHARED)]
    for each in (earlier, later):
        if each.published.window is None:
            yield Unchecked(each.name, Check.carried, NO_PERIOD)


def _blocks(earlier: LoadedReport, later: LoadedReport) -> Outcomes:
    before, now = earlier.published.blocks, later.published.blocks
    if not before or not now:
        return
    for name in dict.fromkeys([*now, *before]):
        place = f"{later.name}: {name}.carried_over"
        if name in before and name in now:
            yield _block(place, before[name], now[name])
        else:
            yield Unchecked(place, Check.carried, ONE_ONLY)


class _Way(NamedTuple):
    """A way to tell what a block carried forward: the figures that are added, those that are taken
    off, and the result."""

    added: dict[str, Decimal]
    less: dict[str, Decimal]

    @property
    def result(self) -> Decimal:
        return sum(self.added.values(), Decimal(0)) - sum(self.less.values(), Decimal(0))

    def names(self) -> Bilingual:
        """The figures in words: ``total − resolved``."""
        added = joined([FIGURE_NAMES[each] for each in self.added], PLUS)
        less = "".join(f" − {FIGURE_NAMES[each].vi}" for each in self.less)
        less_en = "".join(f" − {FIGURE_NAMES[each].en}" for each in self.less)
        return Bilingual(added.vi + less, added.en + less_en)


def _block(place: str, before: Block, now: Block) -> Outcome:
    claimed = now.counts().get("carried_over")
    ways = list(_ways(before))
    if claimed is None or not ways:
        missing = "carried_over" if claimed is None else "in_progress"
        why = phrase("không nêu: {name}", "not given: {name}", name=FIGURE_NAMES[missing])
        return Unchecked(place, Check.carried, why)
    for way in ways:
        if way.result == claimed:
            how = phrase(
                "{n} = {names} của kỳ trước",
                "{n} = {names} of the period before",
                n=claimed,
                names=way.names(),
            )
            return Holds(place, Check.carried, how)
    cause = _block_cause(claimed, ways[0])
    return Finding(place, Check.carried, claimed, ways[0].result, cause)


def _ways(block: Block) -> Iterator[_Way]:
    """The ways in which a block tells how many dossiers it carried forward."""
    counts = with_derived(block.counts())
    open_parts = ["in_progress"] if "in_progress" in counts else [*IN_PROGRESS_PARTS]
    given = {each: counts[each] for each in open_parts if each in counts}
    if given and PAUSED in counts and not block.paused_inside_in_progress:
        given[PAUSED] = counts[PAUSED]
    closed = ("resolved", "returned", "cancelled_or_withdrawn")
    if "in_progress" in counts:
        yield _Way(given, {})
    if {"total", "resolved"} <= counts.keys():
        less = {each: counts[each] for each in closed if each in counts}
        yield _Way({"total": counts["total"]}, less)
    if given and "in_progress" not in counts:
        yield _Way(given, {})


def _block_cause(claimed: Decimal, way: _Way) -> Bilingual:
    """A figure that explains the whole difference if it was left out, or any innocent cause."""
    shortage = way.result - claimed
    left_out = [name for name, number in way.added.items() if number == shortage]
    if not left_out or len(way.added) == 1:
        return DIFFERENT_CUT
    return phrase(
        "thiếu đúng bằng {name} của kỳ trước: không được chuyển sang",
        "the shortage is {name} of the period before itself: it was not carried over",
        name=FIGURE_NAMES[left_out[0]],
    )


def _forms(earlier: LoadedReport, later: LoadedReport) -> Outcomes:
    pairs = zip(
        *([each.forms for each in report.tables if isinstance(each, LoadedForms)]
          for report in (earlier, later)),
        strict=False,
    )  # fmt: skip
    for before, now in pairs:
        if before[0].kind.name == now[0].kind.name:
            yield from _same_form(before, now)
        else:
            place = f"{now[0].file}: {now[0].kind.carried_over}"
            yield _sums(place, before, now, Decimal(0))


def _same_form(before: list[FormTable], now: list[FormTable]) -> Outcomes:
    """Compare two forms of one kind: in all, body by body, and row by row."""
    if len(before) == len(now) == 1:
        yield from _rows(before[0], now[0], _in_all(before, now).off)
        return
    earlier, later = ({comparable_key(one.body): one for one in forms} for forms in (before, now))
    bodies = dict.fromkeys([*later, *earlier])
    off = sum((abs(_carried(later.get(one), earlier.get(one)).off) for one in bodies), Decimal(0))
    yield _sums(f"{now[0].file}: {now[0].kind.carried_over}", before, now, off)
    in_all = _in_all(before, now).off
    holding = 0
    for body in bodies:
        if body in earlier and body in later:
            outcomes = list(_rows(earlier[body], later[body], in_all))
            holds = all(isinstance(each, Holds) for each in outcomes)
            holding += holds
            yield from () if holds else outcomes
        else:
            yield from _body_in_one_report(earlier.get(body), later.get(body), in_all)
    if holding:
        how = phrase("{n} cơ quan: mọi dòng đều khớp", "{n} bodies: all rows hold", n=holding)
        yield Holds(now[0].file, Check.carried, how)


class _Carried(NamedTuple):
    """What the later report carried over, and what the earlier one carried forward."""

    over: Decimal
    forward: Decimal

    @property
    def off(self) -> Decimal:
        """How much more was carried over."""
        return self.over - self.forward


def _carried(now: FormTable | None, before: FormTable | None) -> _Carried:
    over = Decimal(0) if now is None else _total(now, now.kind.carried_over)
    forward = Decimal(0) if before is None else _total(before, before.kind.carried_forward)
    return _Carried(over, forward)


def _in_all(before: list[FormTable], now: list[FormTable]) -> _Carried:
    return _Carried(
        sum((_total(each, each.kind.carried_over) for each in now), Decimal(0)),
        sum((_total(each, each.kind.carried_forward) for each in before), Decimal(0)),
    )


def _total(table: FormTable, column: str) -> Decimal:
    """A column of the total; where the form has none, the sum of its lines."""
    if table.whole is not None:
        return table.whole.figure(column)
    return sum((table.rows[i].figure(column) for i in _leaves(table)), Decimal(0))


def _leaves(table: FormTable) -> list[int]:
    """The rows that add up no others."""
    sums = {each.whole for each in additions(table)}
    return [i for i, row in enumerate(table.rows) if i not in sums and row.role != "whole"]


def _sums(
    place: str, before: list[FormTable], now: list[FormTable], moved: Decimal
) -> Holds | Finding:
    """The comparison of what several forms carried over in all. ``moved`` is how much their parts
    differ."""
    over, forward = _in_all(before, now)
    if over != forward:
        cause = DIFFERENT_CUT
        return Finding(place, Check.carried, over, forward, cause)
    how = phrase(
        "cộng các biểu: {over} = {column} của kỳ trước{moved}",
        "all forms together: {over} = {column} of the period before{moved}",
        over=over,
        column=before[0].kind.carried_forward,
        moved=phrase("; từng cơ quan thì lệch", "; body by body it differs") if moved else "",
    )
    return Holds(place, Check.carried, how)


def _body_in_one_report(
    before: FormTable | None, now: FormTable | None, in_all: Decimal
) -> Iterator[Finding]:
    table, carried = now or before, _carried(now, before)
    if table is None or not carried.off:
        return
    absent = phrase(
        "cơ quan chỉ có trong báo cáo {which}: mới lập, đã sáp nhập, hoặc ghi tên khác{restated}",
        "the body is in the {which} report only: new, merged, or spelt otherwise{restated}",
        which=Bilingual("trước", "earlier") if now is None else Bilingual("sau", "later"),
        restated="" if in_all else phrase("; {restated}", restated=RESTATED),
    )
    place = f"{table.name}: {table.kind.carried_over}"
    yield Finding(place, Check.carried, carried.over, carried.forward, absent)


def _rows(before: FormTable, now: FormTable, in_all: Decimal) -> Outcomes:
    """Compare two forms of one body row by row, and their totals."""
    earlier, later = _by_name(before), _by_name(now)
    wrong: list[Finding] = []
    held = 0
    for key in dict.fromkeys([*later, *earlier]):
        row = later.get(key) or earlier[key]
        over = later[key].figure(now.kind.carried_over) if key in later else Decimal(0)
        forward = earlier[key].figure(before.kind.carried_forward) if key in earlier else Decimal(0)
        held += int(over == forward and key in later)
        if over != forward:
            cause = DIFFERENT_CUT if in_all else RESTATED
            place = now.place(row, now.kind.carried_over)
            wrong.append(Finding(place, Check.carried, over, forward, cause))
    yield from _total_outcome(before, now, wrong, in_all)
    if held:
        how = phrase(
            "{n} dòng: {over} = {forward} của kỳ trước",
            "{n} rows: {over} = {forward} of the period before",
            n=held,
            over=now.kind.carried_over,
            forward=before.kind.carried_forward,
        )
        yield Holds(now.name, Check.carried, how)
    yield from wrong


def _total_outcome(
    before: FormTable, now: FormTable, wrong: list[Finding], in_all: Decimal
) -> Iterator[Outcome]:
    """The comparison of the totals. The cause names the rows that differ."""
    over, forward = _carried(now, before)
    label = now.whole.label if now.whole is not None else now.kind.name
    place = f"{now.name}: {label}: {now.kind.carried_over}"
    if over == forward:
        how = phrase(
            "{over} = {column} của kỳ trước",
            "{over} = {column} of the period before",
            over=over,
            column=before.kind.carried_forward,
        )
        yield Holds(place, Check.carried, how)
        return
    cause = DIFFERENT_CUT if in_all else RESTATED
    if len(wrong) == 1 and wrong[0].difference == over - forward:
        cause = phrase(
            "lệch ở đúng một dòng: {row}", "one row makes the difference: {row}", row=wrong[0].place
        )
    yield Finding(place, Check.carried, over, forward, cause)


def _by_name(table: FormTable) -> Mapping[tuple[str, str, int], FormRow]:
    """The rows that add up no others, by section and name; of one name, in their order."""
    times: Counter[tuple[str, str]] = Counter()
    rows: dict[tuple[str, str, int], FormRow] = {}
    for i in _leaves(table):
        row = table.rows[i]
        key = comparable_key(row.section), comparable_key(row.name)
        rows[*key, times[key]] = row
        times[key] += 1
    return rows
