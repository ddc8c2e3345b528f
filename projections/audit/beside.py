"""What does the engine's own statement say where the report gives a figure?"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import combinations
from typing import Any, Final, NamedTuple

from hoso.projections.audit.balances import PAUSED, expected, followed
from hoso.projections.audit.findings import Check, Finding
from hoso.projections.audit.published import Block, Published
from hoso.projections.audit.words import FIGURES, words
from hoso.projections.documents.model import Bilingual

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
# Where a report may count dossiers that have a figure, and lines in the statement, of their own.
ELSEWHERE: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "resolved": {"returned": ("returned.total",), "cancelled_or_withdrawn": ("cancelled.total",)},
    "early": {"returned": ("returned.early",)},
    "on_time": {"returned": ("returned.on_time",)},
    "overdue": {"returned": ("returned.overdue",)},
    "in_progress": {PAUSED: ("awaiting_supplement.total", "paused.total")},
    "in_progress_in_time": {PAUSED: ("awaiting_supplement.in_time", "paused.in_time")},
    "in_progress_overdue": {PAUSED: ("awaiting_supplement.overdue", "paused.overdue")},
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
    cause: Bilingual

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
    paused = ELSEWHERE.get(figure, {}).get(PAUSED, ())
    return _sum(line, STATED[figure] + (paused if block.paused_inside_in_progress else ()))


def _sum(line: Mapping[str, Any], names: Iterable[str]) -> Decimal:
    return Decimal(sum(_number(line, *name.split(".")) for name in names))


def _number(line: Mapping[str, Any], group: str, part: str = "") -> int:
    return int(line[group][part] if part else line[group]) if line else 0


def _cause(figure: str, surplus: Decimal, line: Mapping[str, Any]) -> Bilingual:
    """The fewest figures that are counted in this one as well, if they are all of the surplus."""
    others = ELSEWHERE.get(figure, {})
    for size in range(1, len(others) + 1):
        for names in combinations(others, size):
            if surplus and surplus == sum(_sum(line, others[name]) for name in names):
                return words(
                    "có lẽ đã tính cả {names}",
                    "may count {names} as well",
                    names=[FIGURES[name] for name in names],
                )
    return PLAINLY


def differing(compared: Iterable[Compared]) -> Iterator[Finding]:
    """What the engine states otherwise."""
    for each in compared:
        if each.claimed is not None and each.difference:
            place = f"{each.block}.{each.figure}"
            yield Finding(place, Check.engine, each.claimed, each.engine, each.cause)
