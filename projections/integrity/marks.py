"""Says at which events of one dossier the checks see something, whatever the window.

``burst`` and ``last_day`` are left out: they are seen only among many dossiers.
"""

from datetime import datetime
from typing import Final

import numpy as np
import pyarrow as pa

from hoso.domain import validity
from hoso.domain.calendar import date_of
from hoso.domain.office import Office
from hoso.domain.windows import Window
from hoso.projections.integrity.checks import Checks
from hoso.projections.integrity.life_facts import Catalogue
from hoso.projections.integrity.parts import Question, run_over, valid_events
from hoso.projections.kernels.checks import CHECKS
from hoso.projections.log.lives import events_of
from hoso.projections.log.packing import day_of

LOOKED_AT: Final = 20_000  # events, those of a life as often as it is run: of a longer one, once
Event = tuple[str, str]  # its source and its id


def seen_at_events(
    log: pa.Table,
    code: str,
    office: Office,
    as_of: datetime | None,
    checks: Checks,
    today: int,
    catalogue: Catalogue | None = None,
) -> dict[Event, list[str]]:
    """The names of the checks that see something at each event of the dossier ``code``.

    ``log`` is the whole log (``log.schema.SCHEMA``): an event may not count because one of another
    dossier has its source and id. ``today`` is the day number up to which the life is told, as
    known at ``as_of``. Without a ``catalogue`` no allowance is compared.
    """
    day = Window(date_of(today), date_of(today))
    question = Question(office, as_of, day, day, (day,), checks, catalogue=catalogue)
    known, verdict = events_of(log, code, as_of)
    that_count = known.filter(pa.array(verdict == validity.VALID))
    events = valid_events(that_count, question, (*question.columns, "source", "id"))
    names = list(zip(events["source"].to_pylist(), events["id"].to_pylist(), strict=True))
    seen: dict[Event, list[str]] = {}
    first = int(day_of(np.asarray(events["packed"])).min(initial=today))
    for _ in range(max(1, LOOKED_AT // max(len(events), 1))):
        # A check finds a dossier once in a window. What it sees later, a later window shows.
        told = Window(date_of(first), date_of(today))
        findings = run_over(events, question._replace(told=told), len(events)).findings
        pairs = np.stack([findings["place"], findings["check"]], axis=1)
        for place, check in pairs.tolist():
            own = seen.setdefault(names[place], [])
            own += [] if CHECKS[check] in own else [CHECKS[check]]
        first = int(findings["day"].min(initial=today)) + 1
        if first > today:
            break
    return seen
