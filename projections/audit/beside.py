"""What does the engine's own statement say where the report gives a figure?"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

from projections.audit.balances import expected, followed
from projections.audit.findings import Check, Finding
from projections.audit.published import Block, Published
from projections.audit.words import FIGURES, words
from projections.reports.document import Said

# What each figure of a report is in a statement.
STATED: Final[Mapping[str, tuple[str, ...]]] = {
    "total": ("total",),
    "carried_over": ("carried_over",),
    "received": ("received",),
    "resolved": ("resolved.total",),
    "early": ("resolved.early",),
    "on_time": ("resolved.on_time",),
    "early_and_on_time": ("resolved.early", "resolved.on_time"),
    "overdue": ("resolved.overdue",),
    "in_progress": ("in_progress.total",),
    "in_progress_in_time": ("in_progress.in_time",),
    "in_progress_overdue": ("in_progress.overdue",),
    "paused_or_awaiting_supplement": ("awaiting_supplement.total", "paused.total"),
    "returned": ("returned.total",),
    "cancelled_or_withdrawn": ("cancelled.total",),
}
# Where a report may count dossiers that have a line of their own in the statement.
ELSEWHERE: Final[Mapping[str, tuple[str, ...]]] = {
    "resolved": ("returned.total", "cancelled.total"),
    "early": ("returned.early",),
    "on_time": ("returned.on_time",),
    "overdue": ("returned.overdue",),
    "in_progress": ("awaiting_supplement.total", "paused.total"),
    "in_progress_in_time": ("awaiting_supplement.in_time", "paused.in_time"),
    "in_progress_overdue": ("awaiting_supplement.overdue", "paused.overdue"),
}
PLAINLY: Final = words(
    "sự kiện trong nguồn khác với số đã báo cáo; xem từng hồ sơ bằng hoso dossiers",
    "the source's events say otherwise; hoso dossiers lists them",
)


class Compared(NamedTuple):
    """A figure as a report claims it (``None``: it leaves it out), and as the engine states it."""

    block: str
    figure: str
    claimed: Decimal | None
    engine: Decimal
    cause: Said

    @property
    def difference(self) -> Decimal | None:
        """How much more was claimed."""
        return None if self.claimed is None else self.claimed - self.engine


def beside(published: Published, statement: Mapping[str, Any]) -> Iterator[Compared]:
    """Each figure of a report beside the same of its window's statement by channel; and the
    categories in which the engine has dossiers, and the report names none."""
    for name, block in published.blocks.items():
        line = _line(statement, published.channel(name))
        for figure, claimed in block.counts().items():
            asked = _line(statement, "online") if figure == "online" else line
            engine = _figure(asked, "total" if figure == "online" else figure, block)
            yield Compared(name, figure, claimed, engine, _cause(figure, claimed - engine, line))
        for figure in expected(block):
            engine = _figure(line, figure, block)
            if engine and figure not in followed(block.counts()):
                yield Compared(name, figure, None, engine, PLAINLY)


def _line(statement: Mapping[str, Any], channel: str | None) -> Mapping[str, Any]:
    """The line of a channel, or the total; nothing where no dossier came through it."""
    lines = {line["slice"]["channel"]: line for line in statement["lines"]}
    found: Mapping[str, Any] = statement["total"] if channel is None else lines.get(channel, {})
    return found


def _figure(line: Mapping[str, Any], figure: str, block: Block) -> Decimal:
    inside = block.paused_inside_in_progress and figure.startswith("in_progress")
    return _sum(line, STATED[figure] + (ELSEWHERE[figure] if inside else ()))


def _sum(line: Mapping[str, Any], names: tuple[str, ...]) -> Decimal:
    return Decimal(sum(_number(line, *name.split(".")) for name in names))


def _number(line: Mapping[str, Any], group: str, part: str = "") -> int:
    return int(line[group][part] if part else line[group]) if line else 0


def _cause(figure: str, difference: Decimal, line: Mapping[str, Any]) -> Said:
    groups = ELSEWHERE.get(figure, ())
    if groups and difference and difference == _sum(line, groups):
        names = [*dict.fromkeys(FIGURES[_counted_as(name)] for name in groups)]
        return words("có lẽ đã tính cả {names}", "may count {names} as well", names=names)
    return PLAINLY


def _counted_as(name: str) -> str:
    """The figure of a report in which a statement's line stands."""
    group = name.partition(".")[0]
    known = {"returned": "returned", "cancelled": "cancelled_or_withdrawn"}
    return known.get(group, "paused_or_awaiting_supplement")


def differing(compared: Iterable[Compared]) -> Iterator[Finding]:
    """What the engine states otherwise."""
    for each in compared:
        if each.claimed is not None and each.difference:
            place = f"{each.block}.{each.figure}"
            yield Finding(place, Check.engine, each.claimed, each.engine, each.cause)
