"""Charts of a window: open dossiers day by day, timeliness by body, age of overdue dossiers."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final

import numpy as np

from hoso.projections.documents.figures import in_words
from hoso.projections.documents.model import Bilingual, Chart, Series
from hoso.projections.documents.vocabulary import TERMS
from hoso.projections.log.schema import Integers
from hoso.projections.reports.basis.bodies import LevelBodies
from hoso.projections.reports.basis.cube import Cube, accounts_of

DOSSIERS: Final = Bilingual("hồ sơ", "dossiers")
MAX_CHART_BODIES: Final = 25  # tables have all bodies
BALANCE: Final = ("in_progress.in_time", "standing", "in_progress.overdue")
TIMELINESS: Final = ("answered.early", "answered.on_time", "answered.overdue")
AGES: Final = ("age.0", "age.5", "age.20", "age.60", "age.more")


def balance(cube: Cube, daily: Mapping[str, Integers]) -> Iterator[Chart]:
    """The open dossiers at the end of each day of the window, as far as it is over
    (``periods.DailyMoves``).

    Yields no chart where no day is over.
    """
    days = [cube.window.first + timedelta(n) for n in range(len(daily[BALANCE[0]]))]
    if not days:
        return
    series = tuple(
        Series(in_words(term), tuple(np.sum([daily[each] for each in accounts], axis=0).tolist()))
        for term in BALANCE
        for accounts in [accounts_of(TERMS[term].counts)]
    )
    title = Bilingual("Hồ sơ chưa kết thúc theo ngày", "Open dossiers day by day")
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
            Series(in_words(term), tuple(body.cube.sum(*TERMS[term].counts) for body in shown))
            for term in TIMELINESS
        )
        title = Bilingual("Thời hạn giải quyết, trả lại, từng cơ quan", "Timeliness by agency")
        labels = tuple(body.name for body in shown)
        yield Chart("timeliness", title, "bars", labels, series, DOSSIERS)


def age(cube: Cube) -> Chart:
    """The dossiers open and overdue on the last day, by working days past their due day."""
    numbers = tuple(cube.sum(measure) for measure in AGES)
    series = (Series(in_words("carried_forward.overdue"), numbers),)
    title = Bilingual(
        "Hồ sơ chuyển kỳ sau đã quá hạn, theo thời gian quá hạn", "Open overdue by age"
    )
    return Chart("age", title, "bars", tuple(TERMS[age].name for age in AGES), series, DOSSIERS)
