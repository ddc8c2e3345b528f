"""Why does a figure not hold? The likeliest cause is the first of these that explains all of it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from hoso.projections.audit.published import decimals
from hoso.projections.audit.readings import rounded
from hoso.projections.audit.words import words
from hoso.projections.documents.model import Bilingual


def of_a_sum(
    whole: Decimal, parts: Mapping[Bilingual, Decimal], missing: Sequence[Bilingual] = ()
) -> Bilingual:
    """Why a whole is not the sum of its parts, some of which the report may leave out."""
    difference = whole - sum(parts.values())
    if difference > 0 and missing:
        return words(
            "{n} hồ sơ nằm ở mục mà báo cáo không nêu: {missing}",
            "{n} dossiers stand in what the report leaves out: {missing}",
            n=difference,
            missing=missing,
        )
    return (
        _counted_twice(-difference, parts)
        or _left_out(difference, parts)
        or _misprinted(whole, parts)
        or words(
            "một số in sai; nếu các số kia đúng thì tổng là {sum}",
            "one of them is wrong; if the others are right, the whole is {sum}",
            sum=whole - difference,
        )
    )


def _counted_twice(surplus: Decimal, parts: Mapping[Bilingual, Decimal]) -> Bilingual | None:
    twice = [name for name, part in parts.items() if part == surplus]
    within = [(part, name) for name, part in parts.items() if part > surplus]
    if not twice or surplus <= 0:
        return None
    if not within:
        return words(
            "thừa đúng bằng {name}: mục này bị tính hai lần",
            "the surplus is {name} itself: it is counted twice",
            name=twice[0],
        )
    part, name = max(within)
    return words(
        "thừa đúng bằng {twice} ({n}): có lẽ đã gộp sẵn trong {name}, số đúng là {right} chứ không "
        "phải {part}",
        "the surplus is {twice} ({n}) itself: it may be counted within {name} already, which is "
        "then {right}, not {part}",
        twice=twice[0],
        n=surplus,
        name=name,
        right=part - surplus,
        part=part,
    )


def _left_out(shortage: Decimal, parts: Mapping[Bilingual, Decimal]) -> Bilingual | None:
    same = [name for name, part in parts.items() if part == shortage]
    if not same or shortage <= 0:
        return None
    return words(
        "thiếu đúng bằng {name}: tổng đã tính mục này hai lần",
        "the shortage is {name} itself: the whole counts it twice",
        name=same[0],
    )


def _misprinted(whole: Decimal, parts: Mapping[Bilingual, Decimal]) -> Bilingual | None:
    """Which figure, the whole or a part, has a slip of the hand that mends the sum."""
    difference = whole - sum(parts.values())
    printed = [(Bilingual("tổng", "the whole"), whole, whole - difference)]
    printed += [(name, part, part + difference) for name, part in parts.items()]
    slips = (
        (_is_swapped, Bilingual("đảo hai chữ số", "two digits are swapped")),
        (_has_one_wrong, Bilingual("sai một chữ số", "one digit is wrong")),
    )
    for has_it, slip in slips:
        for name, wrong, right in printed:
            if right >= 0 and has_it(wrong, right):
                return words(
                    "{name}: {slip}, {right} in thành {wrong}",
                    "{name}: {slip}, {right} is printed as {wrong}",
                    name=name,
                    slip=slip,
                    right=right,
                    wrong=wrong,
                )
    return None


def of_a_percentage(percent: Decimal, share: Fraction, value: Decimal) -> Bilingual | None:
    """What may have been done by mistake to a share, which is ``value`` percent."""
    places = decimals(percent)
    once = rounded(share, places + 1)
    if rounded(Fraction(once) / 100, places) == percent:
        return words(
            "làm tròn hai lần: {once} rồi {percent}",
            "rounded twice: {once}, then {percent}",
            once=once,
            percent=percent,
        )
    if _is_swapped(percent, value):
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


def _is_swapped(printed: Decimal, right: Decimal) -> bool:
    """Whether two neighbouring digits, exchanged, make one number the other."""
    places = _differing(printed, right)
    if len(places) != 2 or places[1] != places[0] + 1:
        return False
    first, second = f"{printed:f}", f"{right:f}"
    return first[places[0]] + first[places[1]] == second[places[1]] + second[places[0]]


def _differing(printed: Decimal, right: Decimal) -> list[int]:
    """Where two numbers have different digits; nowhere, if one is longer."""
    first, second = f"{printed:f}", f"{right:f}"
    if len(first) != len(second):
        return []
    return [i for i, pair in enumerate(zip(first, second, strict=True)) if pair[0] != pair[1]]


def _has_one_wrong(printed: Decimal, right: Decimal) -> bool:
    return max(printed, right) > 9 and len(_differing(printed, right)) == 1
