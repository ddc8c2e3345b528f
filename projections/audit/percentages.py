"""Of what is a percentage? Every figure of its block is tried, rounded and truncated."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

from hoso.projections.audit import causes
from hoso.projections.audit.balances import OPEN_PARTS, followed
from hoso.projections.audit.findings import Check, Finding, Holds, Outcome, Outcomes, Unchecked
from hoso.projections.audit.published import Block, Published, decimals
from hoso.projections.audit.readings import Reading, readings, rounded, truncated
from hoso.projections.audit.words import FIGURES, OR, joined, words
from hoso.projections.documents.model import Bilingual

DENOMINATORS: Final[tuple[str, ...]] = (
    "total",
    "received",
    "resolved",
    "carried_over",
    "in_progress",
)
# Percentages of one kind have one denominator: their whole, if nothing else is said.
OF_TOTAL: Final = (
    "resolved",
    "in_progress",
    "in_progress_in_time",
    "in_progress_overdue",
    "paused_or_awaiting_supplement",
    "returned",
    "cancelled_or_withdrawn",
)
OF_RESOLVED: Final = ("early", "on_time", "early_and_on_time", "overdue")
KINDS: Final = (("total", OF_TOTAL), ("resolved", OF_RESOLVED))
OF_NOTHING: Final = Bilingual(
    "0 trên 0 không có tỷ lệ, nên in “–”", "0 of 0 is no percentage, better printed as “–”"
)


class Printed(NamedTuple):
    """A percentage as a report prints it, and the ways in which it may come about."""

    figure: str
    number: Decimal
    percent: Decimal
    found: list[Reading]

    def of(self) -> list[str]:
        """The denominators that reproduce it."""
        return [reading.denominator for reading in self.found]

    def places(self) -> int:
        """With how many decimals it is printed."""
        return self.found[0].printed

    def as_printed(self) -> Decimal:
        """It, with its last zeros."""
        return self.percent.quantize(Decimal(1).scaleb(-self.places()))

    def is_apart(self) -> bool:
        """Whether it has no denominator, or may have one of its own: the 100 % of which others are
        parts, or all that is in process for what is in process in time."""
        of = self.of()
        in_process = self.figure in OPEN_PARTS and "in_progress" in of
        return not of or self.figure in of or in_process


def percentages(name: str, block: Block) -> Outcomes:
    """What each percentage of a block is of, and whether those of one kind are of the same."""
    counts, said = followed(block.counts()), block.percentages()
    finest = max(map(decimals, said.values()), default=0)
    known: list[Printed] = []
    for figure, percent in said.items():
        place = f"{name}.{figure}"
        bases = {each: counts[each] for each in _bases(figure) if each in counts}
        if figure in counts and bases:
            count = counts[figure]
            known.append(Printed(figure, count, percent, readings(count, percent, bases, finest)))
            yield _outcome(place, known[-1], bases, finest)
        else:
            why = words(
                "không có số hồ sơ để đối chiếu", "no number of dossiers to hold it against"
            )
            yield Unchecked(place, Check.percent, why)
    for whole, kind in KINDS:
        alike = [each for each in known if each.figure in kind and not each.is_apart()]
        if len(alike) > 1:
            yield from _of_the_same(name, whole, alike, counts)


def _bases(figure: str) -> list[str]:
    """What a figure may be a share of; first what it is by its kind."""
    first = [whole for whole, kind in KINDS if figure in kind]
    return [*dict.fromkeys([*first, *DENOMINATORS])]


def _outcome(place: str, printed: Printed, bases: Mapping[str, Decimal], finest: int) -> Outcome:
    figure, count, percent, found = printed
    if found:
        ways = [_way(count, each, bases[each.denominator]) for each in found]
        return _reproduced(place, printed.as_printed(), ways)
    if not count and not any(bases.values()):
        return Unchecked(place, Check.percent, OF_NOTHING)
    shares = {
        FIGURES[each]: Fraction(count) / Fraction(of)
        for each, of in bases.items()
        if of and each != figure
    }
    return unexplained(place, Check.percent, percent, shares, finest)


def _reproduced(place: str, percent: Decimal, ways: Sequence[Bilingual]) -> Holds:
    how = words("{percent} % = {ways}", percent=percent, ways=joined(ways, OR))
    return Holds(place, Check.percent, how)


def _way(count: Decimal, reading: Reading, of: Decimal) -> Bilingual:
    name, rounding = FIGURES[reading.denominator], reading.rounding()
    return words("{n} / {of} ({name}, {rounding})", n=count, of=of, name=name, rounding=rounding)


def unexplained(
    place: str, check: Check, percent: Decimal, shares: Mapping[Bilingual, Fraction], finest: int
) -> Finding:
    """A percentage that nothing makes, beside the nearest of what it may be."""
    places = max(finest, decimals(percent))
    values = {name: rounded(share, places) for name, share in shares.items()}
    if not values:
        none = words("mẫu số bằng 0: không có tỷ lệ", "of 0 there is no percentage")
        return Finding(place, check, percent, Decimal(0), none, "%")
    nearest = min(values, key=lambda name: abs(values[name] - percent))
    cause = causes.of_a_percentage(percent, shares[nearest], values[nearest]) or words(
        "không mẫu số nào cho tỷ lệ này; tính trên {values}",
        "no denominator makes it; of {values}",
        values=[
            words("{of}: {value} %", "{of}: {value} %", of=of, value=v) for of, v in values.items()
        ],
    )
    return Finding(place, check, percent, values[nearest], cause, "%")


def _of_the_same(
    name: str, whole: str, alike: Sequence[Printed], counts: Mapping[str, Decimal]
) -> Outcomes:
    """Whether all percentages of a kind have the denominator that most of them have."""
    candidates = [*dict.fromkeys([whole, *DENOMINATORS])]
    shared = max(candidates, key=lambda each: sum(each in printed.of() for printed in alike))
    same = [FIGURES[printed.figure] for printed in alike if shared in printed.of()]
    if len(same) == len(alike):
        how = words("{names}: mẫu số “{of}”", "{names}: of “{of}”", names=same, of=FIGURES[shared])
        yield Holds(name, Check.denominator, how)
    for printed in alike:
        if shared not in printed.of():
            share = Fraction(printed.number) / Fraction(counts[shared])
            cause = words(
                "mẫu số là “{own}”; còn {same} lấy mẫu số “{shared}”{unless}",
                "a share of “{own}”; but of “{shared}” for {same}{unless}",
                own=[FIGURES[each] for each in printed.of()],
                same=same,
                shared=FIGURES[shared],
                unless=_unless_cut(printed, share),
            )
            claimed, follows = printed.as_printed(), rounded(share, printed.places())
            place = f"{name}.{printed.figure}"
            yield Finding(place, Check.denominator, claimed, follows, cause, "%")


def _unless_cut(printed: Printed, share: Fraction) -> Bilingual:
    """That a percentage has the shared denominator all the same, if it has fewer decimals."""
    places = decimals(printed.percent)
    if printed.percent not in (rounded(share, places), truncated(share, places)):
        return Bilingual("", "")
    return words(
        " (trừ khi báo cáo chỉ in {percent}, không phải {fuller})",
        " (unless the report prints {percent}, not {fuller})",
        percent=printed.percent,
        fuller=printed.as_printed(),
    )


def online_share(published: Published) -> Outcomes:
    """Whether the share of online dossiers counts those carried over, or only those received."""
    percent, place = published.online_share_percent, "online_share_percent"
    if percent is None:
        return
    online, every = (_first_of(published, channel) for channel in ("online", None))
    bases = {name: every[name] for name in DENOMINATORS[:2] if name in every and name in online}
    if not bases:
        why = words(
            "cần một khối trực tuyến và một khối chung, có tổng số hoặc số tiếp nhận",
            "takes a block of online dossiers and one of all, with totals or receptions",
        )
        yield Unchecked(place, Check.percent, why)
        return
    found = [
        _way(online[name], reading, of)
        for name, of in bases.items()
        for reading in readings(online[name], percent, {name: of}, 0)
    ]
    shares = {
        FIGURES[each]: Fraction(online[each]) / Fraction(bases[each])
        for each in bases
        if bases[each]
    }
    yield (
        _reproduced(place, percent, found)
        if found
        else unexplained(place, Check.percent, percent, shares, 0)
    )


def _first_of(published: Published, channel: str | None) -> dict[str, Decimal]:
    """The figures of the first block that counts a channel's dossiers."""
    names = [name for name in published.blocks if published.channel(name) == channel]
    return followed(published.blocks[names[0]].counts()) if names else {}
