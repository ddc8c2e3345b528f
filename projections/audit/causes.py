"""Names the likeliest cause why a figure does not hold.

Causes are tried in a fixed order. The first one that explains the whole difference is named.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

from hoso.projections.audit.phrases import phrase
from hoso.projections.audit.published import decimal_places
from hoso.projections.audit.readings import rounded
from hoso.projections.documents.model import Bilingual


def cause_of_sum(
    whole: Decimal, parts: Mapping[Bilingual, Decimal], missing: Sequence[Bilingual] = ()
) -> Bilingual:
    """Why a whole is not the sum of its parts. ``missing`` are parts that the report omits."""
    difference = whole - sum(parts.values())
    if difference > 0 and missing:
        return phrase(
            "{n} hồ sơ nằm ở mục mà báo cáo không nêu: {missing}",
            "{n} dossiers stand in what the report leaves out: {missing}",
            n=difference,
            missing=missing,
        )
    return (
        _part_counted_twice(-difference, parts)
        or _whole_counts_twice(difference, parts)
        or _misprinted(whole, parts)
        or phrase(
            "một số in sai; nếu các số kia đúng thì tổng là {sum}",
            "one of them is wrong; if the others are right, the whole is {sum}",
            sum=whole - difference,
        )
    )


def _part_counted_twice(surplus: Decimal, parts: Mapping[Bilingual, Decimal]) -> Bilingual | None:
    """A part that equals the surplus, and the larger part that may include it already."""
    equal = [name for name, number in parts.items() if number == surplus]
    larger = [(number, name) for name, number in parts.items() if number > surplus]
    if not equal or surplus <= 0:
        return None
    if not larger:
        return phrase(
            "thừa đúng bằng {name}: mục này bị tính hai lần",
            "the surplus is {name} itself: it is counted twice",
            name=equal[0],
        )
    number, name = max(larger)
    return phrase(
        "thừa đúng bằng {twice} ({n}): có lẽ đã gộp sẵn trong {name}, số đúng là {right} chứ không "
        "phải {number}",
        "the surplus is {twice} ({n}) itself: it may be counted within {name} already, which is "
        "then {right}, not {number}",
        twice=equal[0],
        n=surplus,
        name=name,
        right=number - surplus,
        number=number,
    )


def _whole_counts_twice(shortage: Decimal, parts: Mapping[Bilingual, Decimal]) -> Bilingual | None:
    equal = [name for name, number in parts.items() if number == shortage]
    if not equal or shortage <= 0:
        return None
    return phrase(
        "thiếu đúng bằng {name}: tổng đã tính mục này hai lần",
        "the shortage is {name} itself: the whole counts it twice",
        name=equal[0],
    )


def _misprinted(whole: Decimal, parts: Mapping[Bilingual, Decimal]) -> Bilingual | None:
    """The number, the whole or a part, whose misprint explains the difference."""
    difference = whole - sum(parts.values())
    candidates = [(Bilingual("tổng", "the whole"), whole, whole - difference)]
    candidates += [(name, number, number + difference) for name, number in parts.items()]
    for is_misprint, misprint in MISPRINTS:
        for name, wrong, right in candidates:
            if right >= 0 and is_misprint(wrong, right):
                return phrase(
                    "{name}: {misprint}, {right} in thành {wrong}",
                    "{name}: {misprint}, {right} is printed as {wrong}",
                    name=name,
                    misprint=misprint,
                    right=right,
                    wrong=wrong,
                )
    return None


def cause_of_percentage(percent: Decimal, share: Fraction, value: Decimal) -> Bilingual | None:
    """Which mistake turns a share (0 to 1), correctly ``value`` percent, into ``percent``."""
    places = decimal_places(percent)
    once = rounded(share, places + 1)
    if rounded(Fraction(once) / 100, places) == percent:
        return phrase(
            "làm tròn hai lần: {once} rồi {percent}",
            "rounded twice: {once}, then {percent}",
            once=once,
            percent=percent,
        )
    if _is_swapped(percent, value):
        return phrase(
            "đảo hai chữ số của {value}", "two digits of {value} are swapped", value=value
        )
    if any(rounded(share * factor, places) == percent for factor in (Fraction(1, 10), 10)):
        return phrase(
            "sai dấu thập phân của {value}",
            "the decimal point of {value} is misplaced",
            value=value,
        )
    if rounded(1 - share, places) == percent:
        return phrase(
            "là phần còn lại của {value} %", "is what is left of 100 by {value} %", value=value
        )
    return None


def _is_swapped(printed: Decimal, right: Decimal) -> bool:
    """Whether swapping two neighbouring digits turns one number into the other."""
    places = _differing_places(printed, right)
    if len(places) != 2 or places[1] != places[0] + 1:
        return False
    first, second = f"{printed:f}", f"{right:f}"
    return first[places[0]] + first[places[1]] == second[places[1]] + second[places[0]]


def _has_one_wrong_digit(printed: Decimal, right: Decimal) -> bool:
    return max(printed, right) > 9 and len(_differing_places(printed, right)) == 1


def _differing_places(printed: Decimal, right: Decimal) -> list[int]:
    """Where the characters of two numbers differ; empty if the numbers differ in length."""
    first, second = f"{printed:f}", f"{right:f}"
    if len(first) != len(second):
        return []
    return [i for i, pair in enumerate(zip(first, second, strict=True)) if pair[0] != pair[1]]


MISPRINTS: Final = (
    (_is_swapped, Bilingual("đảo hai chữ số", "two digits are swapped")),
    (_has_one_wrong_digit, Bilingual("sai một chữ số", "one digit is wrong")),
)


def misprint(printed: Decimal, right: Decimal) -> Bilingual | None:
    """Which misprint turns the right number into the printed one; None where it takes more."""
    return next((name for is_misprint, name in MISPRINTS if is_misprint(printed, right)), None)
