"""Finds the denominator of each percentage, and checks that percentages of one kind share it.

Every figure of the block is tried as denominator, with the result rounded and truncated.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

from hoso.projections.audit.balances import IN_PROGRESS_PARTS, with_derived
from hoso.projections.audit.causes import cause_of_percentage
from hoso.projections.audit.figures import FIGURE_NAMES
from hoso.projections.audit.findings import Check, Finding, Holds, Outcome, Outcomes, Unchecked
from hoso.projections.audit.phrases import OR, joined, phrase
from hoso.projections.audit.published import Block, PublishedReport, decimal_places
from hoso.projections.audit.readings import Reading, readings, rounded, truncated
from hoso.projections.documents.model import Bilingual

DENOMINATORS: Final[tuple[str, ...]] = (
    "total",
    "received",
    "resolved",
    "carried_over",
    "in_progress",
)
SHARES_OF_TOTAL: Final = (
    "resolved",
    "in_progress",
    "in_progress_in_time",
    "in_progress_overdue",
    "paused_or_awaiting_supplement",
    "returned",
    "cancelled_or_withdrawn",
)
SHARES_OF_RESOLVED: Final = ("early", "on_time", "early_and_on_time", "overdue")
# Percentages of one kind must have one denominator: usually the figure named first.
KINDS: Final = (("total", SHARES_OF_TOTAL), ("resolved", SHARES_OF_RESOLVED))
ZERO_OF_ZERO: Final = Bilingual(
    "0 trên 0 không có tỷ lệ, nên in “–”", "0 of 0 is no percentage, better printed as “–”"
)


class PrintedPercentage(NamedTuple):
    """A percentage as a report prints it, and the calculations that give it."""

    figure: str
    dossiers: Decimal
    percent: Decimal
    readings: list[Reading]

    def denominators(self) -> list[str]:
        """The denominators that give it."""
        return [reading.denominator for reading in self.readings]

    def places(self) -> int:
        """With how many decimals it is printed."""
        return self.readings[0].places

    def as_printed(self) -> Decimal:
        """The percentage with its trailing zeros."""
        return self.percent.quantize(Decimal(1).scaleb(-self.places()))

    def stands_alone(self) -> bool:
        """Whether it need not share a denominator with others: it has none, it is the 100 % that
        others are parts of, or it is a part of ``in_progress`` given as its share."""
        denominators = self.denominators()
        of_in_progress = self.figure in IN_PROGRESS_PARTS and "in_progress" in denominators
        return not denominators or self.figure in denominators or of_in_progress


def check_percentages(name: str, block: Block) -> Outcomes:
    """Check each percentage of the block ``name``, and the denominators of each kind."""
    counts, given = with_derived(block.counts()), block.percentages()
    finest = max(map(decimal_places, given.values()), default=0)
    printed: list[PrintedPercentage] = []
    for figure, percent in given.items():
        place = f"{name}.{figure}"
        bases = {each: counts[each] for each in _possible_bases(figure) if each in counts}
        if figure in counts and bases:
            count = counts[figure]
            found = readings(count, percent, bases, finest)
            printed.append(PrintedPercentage(figure, count, percent, found))
            yield _percentage_outcome(place, printed[-1], bases, finest)
        else:
            why = phrase(
                "không có số hồ sơ để đối chiếu", "no number of dossiers to hold it against"
            )
            yield Unchecked(place, Check.percent, why)
    for whole, kind in KINDS:
        alike = [each for each in printed if each.figure in kind and not each.stands_alone()]
        if len(alike) > 1:
            yield from _check_shared_denominator(name, whole, alike, counts)


def _possible_bases(figure: str) -> list[str]:
    """The figures that a figure may be a share of, the usual one for its kind first."""
    usual = [whole for whole, kind in KINDS if figure in kind]
    return [*dict.fromkeys([*usual, *DENOMINATORS])]


def _percentage_outcome(
    place: str, printed: PrintedPercentage, bases: Mapping[str, Decimal], finest: int
) -> Outcome:
    figure, count, percent, found = printed
    if found:
        ways = [_calculation(count, each, bases[each.denominator]) for each in found]
        return _percentage_holds(place, printed.as_printed(), ways)
    if not count and not any(bases.values()):
        return Unchecked(place, Check.percent, ZERO_OF_ZERO)
    shares = {
        FIGURE_NAMES[base]: Fraction(count) / Fraction(denominator)
        for base, denominator in bases.items()
        if denominator and base != figure
    }
    return unexplained_percentage(place, Check.percent, percent, shares, finest)


def _percentage_holds(place: str, percent: Decimal, ways: Sequence[Bilingual]) -> Holds:
    how = phrase("{percent} % = {ways}", percent=percent, ways=joined(ways, OR))
    return Holds(place, Check.percent, how)


def _calculation(count: Decimal, reading: Reading, denominator: Decimal) -> Bilingual:
    return phrase(
        "{n} / {of} ({name}, {rounding})",
        n=count,
        of=denominator,
        name=FIGURE_NAMES[reading.denominator],
        rounding=reading.rounding(),
    )


def unexplained_percentage(
    place: str, check: Check, percent: Decimal, shares: Mapping[Bilingual, Fraction], finest: int
) -> Finding:
    """The finding for a percentage that no denominator gives.

    ``shares`` are the shares (0 to 1) that it might be, by the name of the denominator; the nearest
    one is what follows. ``finest`` is as in ``readings``.
    """
    places = max(finest, decimal_places(percent))
    values = {name: rounded(share, places) for name, share in shares.items()}
    if not values:
        none = phrase("mẫu số bằng 0: không có tỷ lệ", "of 0 there is no percentage")
        return Finding(place, check, percent, Decimal(0), none, "%")
    nearest = min(values, key=lambda name: abs(values[name] - percent))
    cause = cause_of_percentage(percent, shares[nearest], values[nearest]) or phrase(
        "không mẫu số nào cho tỷ lệ này; tính trên {values}",
        "no denominator makes it; of {values}",
        values=[phrase("{of}: {value} %", of=name, value=value) for name, value in values.items()],
    )
    return Finding(place, check, percent, values[nearest], cause, "%")


def _check_shared_denominator(
    name: str, whole: str, alike: Sequence[PrintedPercentage], counts: Mapping[str, Decimal]
) -> Outcomes:
    """Check that percentages of one kind have the denominator that most of them have."""
    candidates = [*dict.fromkeys([whole, *DENOMINATORS])]
    shared = max(
        candidates, key=lambda each: sum(each in printed.denominators() for printed in alike)
    )
    same = [FIGURE_NAMES[each.figure] for each in alike if shared in each.denominators()]
    if len(same) == len(alike):
        of = FIGURE_NAMES[shared]
        how = phrase("{names}: mẫu số “{of}”", "{names}: of “{of}”", names=same, of=of)
        yield Holds(name, Check.denominator, how)
    for printed in alike:
        if shared not in printed.denominators():
            share = Fraction(printed.dossiers) / Fraction(counts[shared])
            cause = phrase(
                "mẫu số là “{own}”; còn {same} lấy mẫu số “{shared}”{unless}",
                "a share of “{own}”; but of “{shared}” for {same}{unless}",
                own=[FIGURE_NAMES[each] for each in printed.denominators()],
                same=same,
                shared=FIGURE_NAMES[shared],
                unless=_unless_fewer_decimals(printed, share),
            )
            claimed, follows = printed.as_printed(), rounded(share, printed.places())
            place = f"{name}.{printed.figure}"
            yield Finding(place, Check.denominator, claimed, follows, cause, "%")


def _unless_fewer_decimals(printed: PrintedPercentage, share: Fraction) -> Bilingual:
    """The remark that the shared denominator gives the percentage if it has fewer decimals."""
    places = decimal_places(printed.percent)
    if printed.percent not in (rounded(share, places), truncated(share, places)):
        return Bilingual("", "")
    return phrase(
        " (trừ khi báo cáo chỉ in {percent}, không phải {fuller})",
        " (unless the report prints {percent}, not {fuller})",
        percent=printed.percent,
        fuller=printed.as_printed(),
    )


def check_online_share(report: PublishedReport) -> Outcomes:
    """Check the share of online dossiers, with those carried over and with those received only."""
    percent, place = report.online_share_percent, "online_share_percent"
    if percent is None:
        return
    online, every = (_first_block(report, channel) for channel in ("online", None))
    bases = {name: every[name] for name in DENOMINATORS[:2] if name in every and name in online}
    if not bases:
        why = phrase(
            "cần một khối trực tuyến và một khối chung, có tổng số hoặc số tiếp nhận",
            "takes a block of online dossiers and one of all, with totals or receptions",
        )
        yield Unchecked(place, Check.percent, why)
        return
    ways = [
        _calculation(online[name], reading, denominator)
        for name, denominator in bases.items()
        for reading in readings(online[name], percent, {name: denominator}, 0)
    ]
    if ways:
        yield _percentage_holds(place, percent, ways)
        return
    shares = {
        FIGURE_NAMES[name]: Fraction(online[name]) / Fraction(denominator)
        for name, denominator in bases.items()
        if denominator
    }
    yield unexplained_percentage(place, Check.percent, percent, shares, 0)


def _first_block(report: PublishedReport, channel: str | None) -> dict[str, Decimal]:
    """The figures of the first block that counts the dossiers of a channel."""
    names = [name for name in report.blocks if report.channel(name) == channel]
    return with_derived(report.blocks[names[0]].counts()) if names else {}
