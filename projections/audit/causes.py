"""Why do figures not add up? The likeliest cause is the first of these that explains all of it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from projections.audit.words import words
from projections.reports.document import Said


def of_a_sum(whole: Decimal, parts: Mapping[Said, Decimal], missing: Sequence[Said]) -> Said:
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
        or _swapped(whole, parts)
        or _one_digit(whole, parts)
        or words(
            "một số in sai; nếu các số kia đúng thì tổng là {sum}",
            "one of them is wrong; if the others are right, the whole is {sum}",
            sum=whole - difference,
        )
    )


def _counted_twice(surplus: Decimal, parts: Mapping[Said, Decimal]) -> Said | None:
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


def _left_out(shortage: Decimal, parts: Mapping[Said, Decimal]) -> Said | None:
    same = [name for name, part in parts.items() if part == shortage]
    if not same or shortage <= 0:
        return None
    return words(
        "thiếu đúng bằng {name}: tổng đã tính mục này hai lần",
        "the shortage is {name} itself: the whole counts it twice",
        name=same[0],
    )


def _swapped(whole: Decimal, parts: Mapping[Said, Decimal]) -> Said | None:
    for name, printed, right in _mended(whole, parts):
        if is_swapped(printed, right):
            return words(
                "{name}: đảo hai chữ số, {right} in thành {printed}",
                "{name}: two digits are swapped, {right} is printed as {printed}",
                name=name,
                right=right,
                printed=printed,
            )
    return None


def _one_digit(whole: Decimal, parts: Mapping[Said, Decimal]) -> Said | None:
    for name, printed, right in _mended(whole, parts):
        if max(printed, right) > 9 and len(_differing(printed, right)) == 1:
            return words(
                "{name}: sai một chữ số, {right} in thành {printed}",
                "{name}: one digit is wrong, {right} is printed as {printed}",
                name=name,
                right=right,
                printed=printed,
            )
    return None


def _mended(
    whole: Decimal, parts: Mapping[Said, Decimal]
) -> Sequence[tuple[Said, Decimal, Decimal]]:
    """What the whole, or one part, is printed as, and would be if all else is right."""
    difference = whole - sum(parts.values())
    mended = [(name, part, part + difference) for name, part in parts.items()]
    each = [(Said("tổng", "the whole"), whole, whole - difference), *mended]
    return [(name, printed, right) for name, printed, right in each if right >= 0]


def is_swapped(printed: Decimal, right: Decimal) -> bool:
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
