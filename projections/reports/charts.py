"""What would people rather look at than read? The balance day by day, timeliness, age."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final

import numpy as np

from hoso.projections.documents.model import Bilingual, Chart, Series
from hoso.projections.log.schema import Integers
from hoso.projections.reports.cube import Cube
from hoso.projections.reports.sections import Section

DOSSIERS: Final = Bilingual("hồ sơ", "dossiers")
MOST_BODIES: Final = 25  # in a chart; a table has them all
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


def balance(cube: Cube, daily: Mapping[str, Integers]) -> Chart:
    """The open dossiers at the end of each day of the window (``period.daily``)."""
    first, last = cube.window
    days = [first + timedelta(n) for n in range((last - first).days + 1)]
    series = tuple(
        Series(name, tuple(np.sum([daily[account] for account in accounts], axis=0).tolist()))
        for name, accounts in BALANCE
    )
    title = Bilingual("Hồ sơ đang giải quyết theo ngày", "Open dossiers day by day")
    labels = tuple(f"{day:%d/%m/%Y}" for day in days)
    return Chart("balance", title, "lines", labels, series, DOSSIERS)


def timeliness(compared: Sequence[Section]) -> Iterator[Chart]:
    """How punctual the bodies were that resolved most; none where nothing was resolved."""
    bodies = [body for section in compared for body in section.bodies]
    resolved = {body.code: body.cube.sum("resolved", "returned") for body in bodies}
    most = sorted(bodies, key=lambda body: -resolved[body.code])[:MOST_BODIES]
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
    """The open and overdue dossiers on the last day, by how long they are past their due day."""
    numbers = tuple(cube.sum(measure) for _, measure in AGES)
    series = (Series(Bilingual("Quá hạn, chưa giải quyết", "Open and overdue"), numbers),)
    title = Bilingual(
        "Hồ sơ quá hạn đang giải quyết, theo thời gian quá hạn", "Open overdue by age"
    )
    return Chart("age", title, "bars", tuple(name for name, _ in AGES), series, DOSSIERS)
