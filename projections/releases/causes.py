"""Which events made a dossier's part of a revision: later ones, or those judged otherwise."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, tzinfo
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hoso.domain import validity
from hoso.domain.calendar import (
    WorkingDays,
    date_of,
    day_number,
    is_working_day,
    local_date,
)
from hoso.domain.office import Office
from hoso.domain.policy import Policy
from hoso.domain.provisions import OF_THE_FOLD, Provision
from hoso.domain.windows import Window
from hoso.projections.ledger.drilldown import standing
from hoso.projections.ledger.explain import Step, explain_each
from hoso.projections.ledger.fold import fold
from hoso.projections.ledger.ledger import Ledger
from hoso.projections.log.lives import local_days, recorded
from hoso.projections.log.schema import Integers, integers
from hoso.projections.releases.past import Past
from hoso.projections.releases.revisions import Cause

TOLD: Final = ("source", "id", "type", "occurred", "recorded", "annuls")


def later_causes(
    log: pa.Table, past: Past, office: Office, dossiers: Sequence[str], told: Window
) -> dict[str, list[Cause]]:
    """For each of some dossiers of a log, the later events that count by the end of the days that
    are told.

    A dossier without any has moved because a later event of another dossier has the identity of one
    of its own: then it is that event; or because its deadline has passed since: then it is the
    event that set it.
    """
    rows = _later_rows(log, past, office.zone, told)
    found = _by_dossier(log, rows, dossiers, office.zone)
    for code in (code for code in dossiers if code not in found):
        own = log.filter(pc.equal(_texts(log, "dossier"), code))
        known = integers(log["event"])[rows]
        twins = rows[np.isin(known, integers(own["event"]))]
        events, which = (log, twins) if len(twins) else (own, _standing_row(own, office, told))
        found[code] = _causes(events, which, office.zone)
    return found


def standing_causes(
    ledger: Ledger, dossiers: Sequence[str], told: Window
) -> dict[str, list[Cause]]:
    """For each of some dossiers, the event by which it stands where it does on the last day told;
    none for a dossier that is not received by then."""
    journal, log = ledger.folded.journal, ledger.log
    return _by_dossier(log, journal.row[standing(journal, told.last)], dossiers, ledger.office.zone)


def _later_rows(log: pa.Table, past: Past, zone: tzinfo, told: Window) -> Integers:
    """The rows of later events that count. When an annulment occurred makes no difference; one of
    a later event takes back what nobody knew then."""
    row, verdict = recorded(log, None)
    later, day = past.is_later(log)[row], local_days(integers(log["occurred"]), zone)[row]
    is_told = (verdict == validity.VALID) & (day <= day_number(told.last))
    unknown_then = integers(log["event"])[row[later & (verdict == validity.ANNULLED)]]
    takes_back = (verdict == validity.ANNULMENT) & ~np.isin(
        integers(log["annulled"])[row], unknown_then
    )
    rows: Integers = np.sort(row[later & (is_told | takes_back)])
    return rows


def _standing_row(log: pa.Table, office: Office, told: Window) -> Integers:
    """The row of the event by which a dossier stands where it does on the last day told."""
    journal = fold(log, office).journal
    return journal.row[standing(journal, told.last)]


def _by_dossier(
    log: pa.Table, rows: Integers, dossiers: Sequence[str], zone: tzinfo
) -> dict[str, list[Cause]]:
    """The events in some rows, by their dossiers, of which some are wanted."""
    code = _texts(log, "dossier").take(pa.array(rows))
    is_wanted = pc.is_in(code, pa.array(dossiers, pa.string()))
    found = defaultdict[str, list[Cause]](list)
    causes = _causes(log, rows[is_wanted.to_numpy()], zone)
    for name, cause in zip(code.filter(is_wanted).to_pylist(), causes, strict=True):
        found[name].append(cause)
    return dict(found)


def _causes(log: pa.Table, rows: Integers, zone: tzinfo) -> list[Cause]:
    """The events in some rows, as causes."""
    events = log.select(TOLD).take(pa.array(rows))
    taken_back = _types(log, events)
    return [_cause(event, zone, taken_back) for event in events.to_pylist()]


def _types(log: pa.Table, events: pa.Table) -> dict[tuple[str, str], str]:
    """The types of the events that some annulments take back, by source and id."""
    ids = events["annuls"].drop_null().combine_chunks()
    if not len(ids):
        return {}
    targets = log.select(["source", "id", "type"]).filter(pc.is_in(log["id"], ids))
    return {(each["source"], each["id"]): each["type"] for each in targets.to_pylist()}


def _cause(event: dict[str, Any], zone: tzinfo, taken_back: dict[tuple[str, str], str]) -> Cause:
    source, annuls = event["source"], event["annuls"]
    occurred, known = (local_date(event[name], zone) for name in ("occurred", "recorded"))
    return Cause(
        source,
        event["id"],
        event["type"],
        occurred,
        known,
        (known - occurred).days,
        None if annuls is None else (taken_back.get((source, annuls), ""), annuls),
    )


def _texts(log: pa.Table, name: str) -> pa.ChunkedArray:
    return log[name].cast(pa.string())


def law_causes(
    then: Ledger, now: Ledger, dossiers: Sequence[str], told: Window
) -> dict[str, list[Cause]]:
    """For each of some dossiers, the events that are judged otherwise by the law of now than by
    that of then, and by which provisions, or which days."""
    today, zone = day_number(told.last), now.office.zone
    before = dict(explain_each(then, dossiers, today))
    after = dict(explain_each(now, dossiers, today))
    own = now.log.filter(pc.is_in(_texts(now.log, "dossier"), pa.array(dossiers, pa.string())))
    causes = _by_dossier(own, recorded(own, None).row, dossiers, zone)
    return {
        code: list(_judged_otherwise(before[code], steps, causes[code], then.office, now.office))
        for code, steps in after.items()
    }


def _judged_otherwise(
    then: Sequence[Step],
    now: Sequence[Step],
    events: Sequence[Cause],
    by_then: Office,
    by_now: Office,
) -> Iterator[Cause]:
    """Of a dossier's events, those from which on its life is another one, with what the law says
    otherwise. Where there is none, as with a measure that counts working days, the reception."""
    own, other = ([step for step in steps if step.source is not None] for steps in (then, now))
    turned, was_same = [], True
    for before, after in zip(own, other, strict=True):
        is_same = (before.clock, before.account) == (after.clock, after.account)
        turned += [after] if was_same and not is_same else []
        was_same = is_same
    known = {(each.source, each.id): each for each in reversed(events)}
    for step in turned or other[:1]:
        day, days = date_of(step.day), (by_then.calendar.days, by_now.calendar.days)
        yield known[step.source or "", step.event or ""]._replace(
            provisions=tuple(_other_provisions(by_then.policy, by_now.policy, day)),
            days=tuple(_moved_days(*days, other[0].day, now[-1].day)),
        )


def _other_provisions(then: Policy, now: Policy, day: date) -> Iterator[Provision]:
    """The provisions that say something else on a day now than those of then."""
    for name in OF_THE_FOLD:
        if then.value(name, day) != now.value(name, day):
            yield now.provision(name, day)


def _moved_days(then: WorkingDays, now: WorkingDays, first: int, last: int) -> Iterator[date]:
    """The days of a span that are worked by one calendar only."""
    for day in range(first, last + 1):
        if is_working_day(then, day) != is_working_day(now, day):
            yield date_of(day)
