"""Of what is a percentage? Every figure of its block is tried, rounded and truncated."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Final, NamedTuple

from projections.audit.balances import followed
from projections.audit.causes import is_swapped
from projections.audit.findings import Check, Finding, Holds, Outcome, Outcomes, Unchecked
from projections.audit.published import Block, Published, decimals
from projections.audit.words import FIGURES, either, words
from projections.reports.document import Said

HALF: Final = Fraction(1, 2)
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
OF_NOTHING: Final = Said(
    "0 trên 0 không có tỷ lệ, nên in “–”", "0 of 0 is no percentage, better printed as “–”"
)
PARTS_OF_IN_PROGRESS: Final = ("in_progress_in_time", "in_progress_overdue")


class Reading(NamedTuple):
    """A way in which a percentage comes about: of what, printed with how many decimals."""

    denominator: str
    printed: int
    rounded: bool
    truncated: bool


def rounded(share: Fraction, places: int) -> Decimal:
    """A share in percent, half up."""
    return Decimal(floor(share * 100 * 10**places + HALF)).scaleb(-places)


def truncated(share: Fraction, places: int) -> Decimal:
    """A share in percent, cut off."""
    return Decimal(floor(share * 100 * 10**places)).scaleb(-places)


def readings(
    count: Decimal, percent: Decimal, denominators: Mapping[str, Decimal], finest: int
) -> list[Reading]:
    """The denominators that reproduce a percentage.

    A number loses its last zeros: 0.3 among percentages of two decimals is 0.30. Only where nothing
    is rounded to that, it is taken as it stands; and only where nothing is rounded, it is cut.
    """
    printed = decimals(percent)
    ways = [
        [
            Reading(name, places, rounded(share, places) == percent, cut == percent)
            for name, of in denominators.items()
            if of and of >= count
            for share in [Fraction(count) / Fraction(of)]
            for cut in [truncated(share, places)]
            if percent in (rounded(share, places), cut)
        ]
        for places in (max(finest, printed), printed)
    ]
    by_rounding = [found for found in ways if any(reading.rounded for reading in found)]
    return next(iter(by_rounding or filter(None, ways)), [])


def percentages(name: str, block: Block) -> Outcomes:
    """What each percentage of a block is of, and whether those of one kind are of the same."""
    counts, said = followed(block.counts()), block.percentages()
    finest = max(map(decimals, said.values()), default=0)
    read: dict[str, list[Reading]] = {}
    for figure, percent in said.items():
        place = f"{name}.{figure}"
        bases = {each: counts[each] for each in _bases(figure) if each in counts}
        if figure not in counts or not bases:
            why = words(
                "không có số hồ sơ để đối chiếu", "no number of dossiers to hold it against"
            )
            yield Unchecked(place, Check.percent, why)
        else:
            read[figure] = readings(counts[figure], percent, bases, finest)
            yield _outcome(place, counts[figure], percent, bases, read[figure], finest)
    for whole, kind in KINDS:
        yield from _of_the_same(name, whole, kind, read, counts, said)


def _bases(figure: str) -> list[str]:
    """What a figure may be a share of; first what it is by its kind."""
    first = [whole for whole, kind in KINDS if figure in kind]
    rest = [each for each in DENOMINATORS if each not in first]
    return [*first, *rest]


def _outcome(
    place: str,
    count: Decimal,
    percent: Decimal,
    bases: Mapping[str, Decimal],
    found: Sequence[Reading],
    finest: int,
) -> Outcome:
    if found:
        how = words(
            "{percent} % = {ways}",
            "{percent} % = {ways}",
            percent=_as_printed(percent, found[0].printed),
            ways=either([_way(count, each, bases[each.denominator]) for each in found]),
        )
        return Holds(place, Check.percent, how)
    if not count and not any(bases.values()):
        return Unchecked(place, Check.percent, OF_NOTHING)
    others = {each: of for each, of in bases.items() if of and not place.endswith(f".{each}")}
    shares = {FIGURES[each]: Fraction(count) / Fraction(of) for each, of in others.items()}
    return unexplained(place, Check.percent, percent, shares, finest)


def _as_printed(percent: Decimal, places: int) -> Decimal:
    return percent.quantize(Decimal(1).scaleb(-places))


def _way(count: Decimal, reading: Reading, of: Decimal) -> Said:
    return words(
        "{count} / {of} ({name}, {rounding})",
        "{count} / {of} ({name}, {rounding})",
        count=count,
        of=of,
        name=FIGURES[reading.denominator],
        rounding=_rounding(reading),
    )


def _rounding(reading: Reading) -> Said:
    if reading.rounded and reading.truncated:
        return Said("làm tròn hoặc cắt bỏ", "rounded or truncated")
    return Said("làm tròn", "rounded") if reading.rounded else Said("cắt bỏ", "truncated")


def unexplained(
    place: str, check: Check, percent: Decimal, shares: Mapping[Said, Fraction], finest: int
) -> Finding:
    """A percentage that nothing makes, beside the nearest of what it may be."""
    places = max(finest, decimals(percent))
    values = {name: rounded(share, places) for name, share in shares.items()}
    if not values:
        none = words("mẫu số bằng 0: không có tỷ lệ", "of 0 there is no percentage")
        return Finding(place, check, percent, Decimal(0), none, "%")
    nearest = min(values, key=lambda name: abs(values[name] - percent))
    cause = _slip(percent, shares[nearest], values[nearest]) or words(
        "không mẫu số nào cho tỷ lệ này; tính trên {values}",
        "no denominator makes it; of {values}",
        values=[
            words("{of}: {value} %", "{of}: {value} %", of=of, value=v) for of, v in values.items()
        ],
    )
    return Finding(place, check, percent, values[nearest], cause, "%")


def _slip(percent: Decimal, share: Fraction, value: Decimal) -> Said | None:
    """What may have been done to a percentage by mistake."""
    places = decimals(percent)
    once = rounded(share, places + 1)
    if rounded(Fraction(once) / 100, places) == percent:
        return words(
            "làm tròn hai lần: {once} rồi {percent}",
            "rounded twice: {once}, then {percent}",
            once=once,
            percent=percent,
        )
    if is_swapped(percent, value):
        return words("đảo hai chữ số của {value}", "two digits of {value} are swapped", value=value)
    if any(rounded(share * factor, places) == percent for factor in (Fraction(1, 10), 10)):
        return words(
            "sai dấu thập phân của {value}",
            "the decimal point of {value} is misplaced",
            value=value,
        )
    if rounded(1 - share, places) == percent:
        return words(
            "là phần còn lại của {value} %", "is what is left of 100 by {value} %", value=value
        )
    return None


def _of_the_same(
    name: str,
    whole: str,
    kind: Iterable[str],
    read: Mapping[str, Sequence[Reading]],
    counts: Mapping[str, Decimal],
    said: Mapping[str, Decimal],
) -> Outcomes:
    """Whether all percentages of a kind have the denominator that most of them have."""
    of = {
        figure: [reading.denominator for reading in read[figure]]
        for figure in kind
        if read.get(figure) and not _is_apart(figure, read[figure])
    }
    if len(of) < 2:
        return
    candidates = [whole, *(each for each in DENOMINATORS if each != whole)]
    shared = max(candidates, key=lambda each: sum(each in names for names in of.values()))
    same = [FIGURES[figure] for figure, names in of.items() if shared in names]
    if len(same) == len(of):
        how = words("{names}: mẫu số “{of}”", "{names}: of “{of}”", names=same, of=FIGURES[shared])
        yield Holds(name, Check.denominator, how)
    for figure, names in of.items():
        if shared not in names:
            reading = read[figure][0]
            follows = rounded(Fraction(counts[figure]) / Fraction(counts[shared]), reading.printed)
            cause = words(
                "mẫu số là “{own}”; còn {same} lấy mẫu số “{shared}”{unless}",
                "a share of “{own}”; but of “{shared}” for {same}{unless}",
                own=[FIGURES[each] for each in names],
                same=same,
                shared=FIGURES[shared],
                unless=_unless_cut(said[figure], reading.printed, counts[figure], counts[shared]),
            )
            place, printed = f"{name}.{figure}", _as_printed(said[figure], reading.printed)
            yield Finding(place, Check.denominator, printed, follows, cause, "%")


def _unless_cut(percent: Decimal, printed: int, count: Decimal, of: Decimal) -> Said:
    """That a percentage has the shared denominator all the same, if it has fewer decimals."""
    share, places = Fraction(count) / Fraction(of), decimals(percent)
    if printed == places or percent not in (rounded(share, places), truncated(share, places)):
        return Said("", "")
    return words(
        " (trừ khi báo cáo chỉ in {percent}, không phải {printed})",
        " (unless the report prints {percent}, not {printed})",
        percent=percent,
        printed=_as_printed(percent, printed),
    )


def _is_apart(figure: str, found: Sequence[Reading]) -> bool:
    """Whether a percentage may have a denominator of its own: the 100 % of which others are
    parts, or all that is in process for what is in process in time."""
    of = {reading.denominator for reading in found}
    return figure in of or (figure in PARTS_OF_IN_PROGRESS and "in_progress" in of)


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
    if found:
        how = words(
            "{percent} % = {ways}", "{percent} % = {ways}", percent=percent, ways=either(found)
        )
        yield Holds(place, Check.percent, how)
    else:
        shares = {
            FIGURES[name]: Fraction(online[name]) / Fraction(of) for name, of in bases.items() if of
        }
        yield unexplained(place, Check.percent, percent, shares, 0)


def _first_of(published: Published, channel: str | None) -> dict[str, Decimal]:
    """The figures of the first block that counts a channel's dossiers."""
    names = [name for name in published.blocks if published.channel(name) == channel]
    return followed(published.blocks[names[0]].counts()) if names else {}
