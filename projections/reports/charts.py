"""Charts of a window: open dossiers day by day, timeliness by body, age of overdue dossiers."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final

import numpy as np

from hoso.projections.documents.model import Bilingual, Chart, Series
from hoso.projections.log.schema import Integers
from hoso.projections.reports.bodies import LevelBodies
from hoso.projections.reports.cube import Cube

DOSSIERS: Final = Bilingual("hồ sơ", "dossiers")
MAX_CHART_BODIES: Final = 25  # tables have all bodies
BALANCE: Final = (
    (Bilingual("Đang giải quyết, trong hạn", "In progress, in time"), ("in_progress.in_time",)),
    (
        Bilingual("Chờ bổ sung, tạm dừng", "Awaiting a supplement, paused"),
        (
            *("awaiting_supplement.in_time", "awaiting_supplement.overdue"),
            *("paused.in_time", "paused.overdue"),
        ),
    ),
    (Bilingual("Đang giải quyết, quá hạn", "In progress, overdue"), ("in_progress.overdue",)),
)
TIMELINESS: Final = (
    (Bilingual("Trước hạn", "Early"), ("resolved.early", "returned.early")),
    (Bilingual("Đúng hạn", "On time"), ("resolved.on_time", "returned.on_time")),
    (Bilingual("Quá hạn", "Overdue"), ("resolved.overdue", "returned.overdue")),
)
AGES: Final = (
    (Bilingual("chưa quá ngày hẹn", "not past the due day"), "age.0"),
    (Bilingual("1–5 ngày làm việc", "1–5 working days"), "age.5"),
    (Bilingual("6–20", "6–20"), "age.20"),
    (Bilingual("21–60", "21–60"), "age.60"),
    (Bilingual("trên 60", "over 60"), "age.more"),
)


def balance(cube: Cube, daily: Mapping[str, Integers]) -> Iterator[Chart]:
    """The open dossiers at the end of each day of the window, as far as it is over
    (``periods.DailyMoves``).

    Yields no chart where no day is over.
    """
    days = [cube.window.first + timedelta(n) for n in range(len(daily[BALANCE[0][1][0]]))]
    if not days:
        return
    series = tuple(
        Series(name, tuple(np.sum([daily[account] for account in accounts], axis=0).tolist()))
        for name, accounts in BALANCE
    )
    title = Bilingual("Hồ sơ đang giải quyết theo ngày", "Open dossiers day by day")
    labels = tuple(f"{day:%d/%m/%Y}" for day in days)
    yield Chart("balance", title, "lines", labels, series, DOSSIERS)


def timeliness(levels: Sequence[LevelBodies]) -> Iterator[Chart]:
    """Resolved and returned dossiers by timeliness, of the bodies that have most of them.

    Yields no chart when there are none.
    """
    bodies = [body for level in levels for body in level.bodies]
    resolved = {body.code: body.cube.sum("resolved", "returned") for body in bodies}
    most = sorted(bodies, key=lambda body: -resolved[body.code])[:MAX_CHART_BODIES]
    shown = [body for body in most if resolved[body.code]]
    if shown:
        series = tuple(
            Series(name, tuple(body.cube.sum(*accounts) for body in shown))
            for name, accounts in TIMELINESS
        )
        title = Bilingual("Giải quyết theo thời hạn, từng cơ quan", "Timeliness by agency")
        labels = tuple(body.name for body in shown)
        yield Chart("timeliness", title, "bars", labels, series, DOSSIERS)


def age(cube: Cube) -> Chart:
    """The dossiers open and overdue on the last day, by working days past their due day."""
    numbers = tuple(cube.sum(measure) for _, measure in AGES)
    series = (Series(Bilingual("Quá hạn, chưa giải quyết", "Open and overdue"), numbers),)
    title = Bilingual(
        "Hồ sơ quá hạn đang giải quyết, theo thời gian quá hạn", "Open overdue by age"
    )
    return Chart("age", title, "bars", tuple(name for name, _ in AGES), series, DOSSIERS)
