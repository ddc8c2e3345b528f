"""The charts of integrity: what each check saw, and the bodies whose on-time rate changes most."""

from collections.abc import Iterator, Sequence
from typing import Final

from hoso.projections.documents.model import Bilingual, Chart, Series
from hoso.projections.reports.basis.bodies import Body, LevelBodies
from hoso.projections.reports.integrity.tables import IN_TIME, Basis, title_of
from hoso.projections.reports.tables.charts import DOSSIERS, MAX_CHART_BODIES

TAKEN: Final = Bilingual("đang tính là đúng hạn", "counted in time")
OTHERS: Final = Bilingual("không tính là đúng hạn", "not counted in time")
CLEAR: Final = Bilingual("đúng hạn, không có dấu hiệu", "in time, not seen by any check")
SEEN: Final = Bilingual("đúng hạn, có dấu hiệu", "in time, seen by a check")
OVERDUE: Final = Bilingual("quá hạn", "overdue")


def seen(basis: Basis) -> Iterator[Chart]:
    """How many dossiers each check saw. Yields no chart where no check saw any."""
    found = [
        (title_of(each), each.effect)
        for each in basis.integrity.checks
        if each.effect is not None and each.effect.found
    ]
    found.sort(key=lambda each: -each[1].found)
    if found:
        series = (
            Series(TAKEN, tuple(effect.taken for _, effect in found)),
            Series(OTHERS, tuple(effect.found - effect.taken for _, effect in found)),
        )
        labels = tuple(title for title, _ in found)
        title = Bilingual("Số hồ sơ theo từng dấu hiệu", "Dossiers seen by each check")
        yield Chart("seen", title, "bars", labels, series, DOSSIERS)


def bodies(levels: Sequence[LevelBodies], basis: Basis) -> Iterator[Chart]:
    """The resolved dossiers of the bodies whose on-time rate changes most: in time, in time and
    seen by a check, overdue. Yields no chart where no rate changes."""
    changed = [
        (body, taken)
        for level in levels
        for body in level.bodies
        if (taken := basis.tally.together(body.members).in_time)
    ]
    changed.sort(key=lambda each: -each[1] / max(each[0].cube.sum("resolved"), 1))
    shown = changed[:MAX_CHART_BODIES]
    if shown:
        numbers = zip(*(_numbers(body, taken) for body, taken in shown), strict=True)
        series = tuple(
            Series(name, own) for name, own in zip((CLEAR, SEEN, OVERDUE), numbers, strict=True)
        )
        labels = tuple(body.name for body, _ in shown)
        title = Bilingual(
            "Cơ quan có tỷ lệ đúng hạn thay đổi nhiều nhất",
            "The bodies whose on-time rate changes most",
        )
        yield Chart("bodies", title, "bars", labels, series, DOSSIERS)


def _numbers(body: Body, taken: int) -> tuple[int, int, int]:
    in_time = body.cube.sum(*IN_TIME)
    return in_time - taken, taken, body.cube.sum("resolved") - in_time
