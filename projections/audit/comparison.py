"""Compares the figures of a published report with the statement that hoso makes of its window.

Where they differ, the cause has the command that lists the dossiers behind the statement's figure.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import combinations
from typing import Any, Final, NamedTuple

from hoso.projections.audit.balances import PAUSED, expected_categories, with_derived
from hoso.projections.audit.figures import FIGURE_NAMES, STATEMENT_FIGURES
from hoso.projections.audit.findings import Check, Finding
from hoso.projections.audit.phrases import phrase
from hoso.projections.audit.published import Block, PublishedReport
from hoso.projections.documents.model import Behind, Bilingual, DrillDown

# By figure of a report: other figures whose dossiers it may include, and theirs in a statement.
POSSIBLY_INCLUDED: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "resolved": {"returned": ("returned.total",), "cancelled_or_withdrawn": ("cancelled.total",)},
    "early": {"returned": ("returned.early",)},
    "on_time": {"returned": ("returned.on_time",)},
    "overdue": {"returned": ("returned.overdue",)},
    "in_progress": {PAUSED: ("awaiting_supplement.total", "paused.total")},
    "in_progress_in_time": {PAUSED: ("awaiting_supplement.in_time", "paused.in_time")},
    "in_progress_overdue": {PAUSED: ("awaiting_supplement.overdue", "paused.overdue")},
}
EVENTS_DIFFER: Final = Bilingual(
    "sự kiện trong nguồn khác với số đã báo cáo", "the source's events say otherwise"
)
Call = Callable[[Behind], str]  # the command that lists the dossiers behind a figure


class FigureComparison(NamedTuple):
    """A figure as the report claims it and as the statement has it.

    ``claimed`` is None where the report leaves out a category in which the statement has dossiers.
    ``behind`` are the dossiers of the statement's figure.
    """

    block: str
    figure: str
    claimed: Decimal | None
    engine: Decimal
    cause: Bilingual
    behind: DrillDown | None

    @property
    def difference(self) -> Decimal | None:
        """The claimed number less the statement's; None where nothing is claimed."""
        return None if self.claimed is None else self.claimed - self.engine


def listed(cause: Bilingual, behind: Behind | None, call: Call) -> Bilingual:
    """A cause with the command that lists the dossiers behind hoso's own figure."""
    if behind is None:
        return cause
    return phrase(
        "{cause}; xem từng hồ sơ: {call}",
        "{cause}; its dossiers: {call}",
        cause=cause,
        call=call(behind),
    )


def compare(report: PublishedReport, statement: Mapping[str, Any]) -> Iterator[FigureComparison]:
    """Compare each figure of a report, and each category it leaves out, with a statement.

    ``statement`` is the statement of the report's window by channel.
    """
    for name, block in report.blocks.items():
        channel = report.channel(name)
        line = _line(statement, channel)
        for figure, claimed in block.counts().items():
            if figure == "online":
                names = STATEMENT_FIGURES["total"]
                engine = _sum(_line(statement, "online"), names)
                behind = _behind(report, names, "online")
            else:
                names = _names(figure, block)
                engine, behind = _sum(line, names), _behind(report, names, channel)
            cause = _cause(figure, claimed - engine, line)
            yield FigureComparison(name, figure, claimed, engine, cause, behind)
        for figure in expected_categories(block):
            names = _names(figure, block)
            engine, behind = _sum(line, names), _behind(report, names, channel)
            if engine and figure not in with_derived(block.counts()):
                yield FigureComparison(name, figure, None, engine, EVENTS_DIFFER, behind)


def comparison_findings(comparisons: Iterable[FigureComparison], call: Call) -> Iterator[Finding]:
    """The findings for claimed figures that differ from the statement's. ``call`` is the command
    that lists dossiers."""
    for each in comparisons:
        if each.claimed is not None and each.difference:
            place = f"{each.block}.{each.figure}"
            cause = listed(each.cause, each.behind, call)
            yield Finding(place, Check.engine, each.claimed, each.engine, cause)


def _line(statement: Mapping[str, Any], channel: str | None) -> Mapping[str, Any]:
    """The statement's line of a channel, empty if it has none; the total for all channels."""
    lines = {line["slice"]["channel"]: line for line in statement["lines"]}
    found: Mapping[str, Any] = statement["total"] if channel is None else lines.get(channel, {})
    return found


def _names(figure: str, block: Block) -> tuple[str, ...]:
    """The figures of a statement that a figure of a block adds up."""
    names = STATEMENT_FIGURES[figure]
    if block.paused_inside_in_progress:
        names += POSSIBLY_INCLUDED.get(figure, {}).get(PAUSED, ())
    return names


def _behind(report: PublishedReport, names: Iterable[str], channel: str | None) -> DrillDown | None:
    """The dossiers behind some figures of the statement of a report's window."""
    if report.window is None:
        return None
    where = () if channel is None else (("channel", channel),)
    figures = tuple(name.removesuffix(".total") for name in names)
    return DrillDown(report.window, figures, where)


def _sum(line: Mapping[str, Any], names: Iterable[str]) -> Decimal:
    return Decimal(sum(_number(line, *name.split(".")) for name in names))


def _number(line: Mapping[str, Any], group: str, account: str = "") -> int:
    if not line:
        return 0
    return int(line[group][account] if account else line[group])


def _cause(figure: str, surplus: Decimal, line: Mapping[str, Any]) -> Bilingual:
    """The fewest other figures that explain the surplus if their dossiers are included."""
    others = POSSIBLY_INCLUDED.get(figure, {})
    for size in range(1, len(others) + 1):
        for names in combinations(others, size):
            if surplus and surplus == sum(_sum(line, others[name]) for name in names):
                return phrase(
                    "có lẽ đã tính cả {names}",
                    "may count {names} as well",
                    names=[FIGURE_NAMES[name] for name in names],
                )
    return EVENTS_DIFFER
