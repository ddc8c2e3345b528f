"""From events as plain JSON objects to the engine's figures: what tests ask the engine with."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from functools import cache
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import orjson
import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import settings

from hoso.consumers.intake.validate import stored_json
from hoso.domain.accounts import ACCOUNTS
from hoso.domain.calendar import Calendar, day_number, is_working_day
from hoso.domain.events import EVENT, Allowance, Event
from hoso.domain.office import ZONE, Office
from hoso.domain.policy import Policy
from hoso.domain.provisions import Provision
from hoso.domain.windows import Window
from hoso.projections.integrity.checks import with_thresholds
from hoso.projections.integrity.findings import Integrity, integrity_of
from hoso.projections.integrity.parts import part_of_log, question_of
from hoso.projections.kernels import run
from hoso.projections.ledger.drilldown import standing
from hoso.projections.ledger.ledger import Ledger, replay
from hoso.projections.ledger.register import Moment, register_of_log
from hoso.projections.ledger.statement import statement
from hoso.projections.log.from_json import log_table
from hoso.tools.inputs.checks import checks_by
from hoso.tools.runtime.calendar import calendar
from tests import model

Json = dict[str, Any]

LOCAL = ZoneInfo(ZONE)
VIETNAM = calendar()
IN_FORCE = model.Law()


def examples(number: int) -> settings:
    """So many examples where the profile says 100, and more in proportion."""
    return settings(max_examples=number * (settings.default or settings()).max_examples // 100)


def compiling() -> AbstractContextManager[object]:
    """Have all that may be compiled be compiled."""
    return patch.object(run, "COMPILE_EVENTS", 0)


@cache
def is_working(day: date) -> bool:
    """Whether Vietnam works on a day."""
    return is_working_day(VIETNAM.days, day_number(day))


def office(rules: model.Rules = model.DEFAULT_RULES, calendar: Calendar = VIETNAM) -> Office:
    """An office in Vietnam that judges by these rules."""
    policy = Policy.model_validate({**vars(rules), "reschedule_notice": -1})
    return Office(LOCAL, calendar, policy)


def parsed(events: Iterable[Json]) -> list[Event]:
    """The events as the published language reads them."""
    return [EVENT.validate_json(orjson.dumps(event)) for event in events]


def log_of(events: Iterable[Json], start: int = 1) -> pa.Table:
    """The table of a log that holds the events in this order."""
    states = (stored_json(event, event.time.isoformat()) for event in parsed(events))
    return log_table(enumerate(states, start), LOCAL)


def ledger_of(
    events: Iterable[Json],
    rules: model.Rules = model.DEFAULT_RULES,
    as_of: datetime | None = None,
) -> Ledger:
    """The events, replayed."""
    return replay(log_of(events), office(rules), as_of)


def stated(
    events: Iterable[Json],
    window: tuple[date, date],
    by: Sequence[str] = (),
    rules: model.Rules = model.DEFAULT_RULES,
    as_of: datetime | None = None,
    *,
    law: model.Law | None = None,
    law_as_of: date | None = None,
    today: date | None = None,
    attribution: str = "held",
) -> Json:
    """The statement of a window; by a law as it was known on a day, where one is given."""
    if law is not None:
        ledger = replay(log_of(events), office_in_law(law, law_as_of, today), as_of)
        return statement(ledger, Window(*window), by, attribution)
    return statement(ledger_of(events, rules, as_of), Window(*window), by)


def office_in_law(law: model.Law, law_as_of: date | None, today: date | None) -> Office:
    """An office in Vietnam that judges by a law of the model as it was known on a day."""
    own: Json = {}
    if law.provisions is not model.PROVISIONS:
        own = {"provisions": tuple(_provisions(law))}
    pinned = {name: _plain(value) for name, value in law.pinned.items()}
    policy = Policy(law=law.regime, law_as_of=law_as_of, **own, **pinned)
    return Office(LOCAL, calendar(law_as_of), policy, today)


def _provisions(law: model.Law) -> Iterator[Provision]:
    """The provisions of a law of the model, the oldest from ever, the newest for ever."""
    every = (*law.provisions, *model.EXPIRIES)
    for name in (*model.VALUES, "supplement_expiry_days"):
        rows = sorted((row for row in every if row.parameter == name), key=_first_day)
        for row in rows:
            first = None if row is rows[0] else row.first
            yield Provision(
                name, _plain(row.value), first, row.last, row.published, "", "", "inferred"
            )


def _first_day(row: model.Provision) -> date:
    return row.first


def _plain(value: Any) -> Any:
    """A value as the table of provisions has it."""
    return ("no", "yes")[value] if isinstance(value, bool) else value


def accounts_in_law(
    events: Iterable[Json],
    days: Iterable[date],
    *,
    law: model.Law,
    law_as_of: date | None = None,
    as_of: datetime | None = None,
    today: date | None = None,
) -> dict[date, dict[str, str]]:
    """For each of the days, the account of every dossier received by its end, by a law."""
    office = office_in_law(law, law_as_of, today)
    ledger = replay(log_of(events), office, as_of)
    return {day: accounts_on(ledger, min(day, office.last_day(as_of))) for day in days}


def accounts_on(ledger: Ledger, day: date) -> dict[str, str]:
    """The account of every dossier received by the end of a day."""
    journal = ledger.folded.journal
    codes = ledger.log["dossier"].combine_chunks().dictionary.to_pylist()
    lines = standing(journal, day)
    pairs = zip(journal.dossier[lines].tolist(), journal.into[lines].tolist(), strict=True)
    return {codes[dossier]: ACCOUNTS[account] for dossier, account in pairs}


def integrity(
    events: Iterable[Json],
    window: tuple[date, date],
    *,
    law: model.Law = IN_FORCE,
    as_of: datetime | None = None,
    today: date | None = None,
    catalogue: Mapping[str, tuple[str, int]] | None = None,
    thresholds: Json | None = None,
) -> Integrity:
    """What the checks find in a window; the catalogue has unit and value of each allowance."""
    allowances = (
        None if catalogue is None else {name: _allowance(*catalogue[name]) for name in catalogue}
    )
    office, checks = office_in_law(law, None, today), checks_by(None)
    question = question_of(
        office,
        as_of,
        Window(*window),
        with_thresholds(checks, thresholds or {}),
        catalogue=allowances,
    )
    log = log_of(events)

    def look_up(dossiers: Collection[str]) -> pa.Table:
        rows = register_of_log(log, office, Moment(as_of, day_number(question.told.last)))
        return rows.filter(pc.is_in(rows["dossier"].cast(pa.string()), pa.array([*dossiers])))

    return integrity_of(question, [part_of_log(log, question)], look_up)


def _allowance(unit: str, value: int) -> Allowance:
    return Allowance.model_validate({"unit": unit, "value": value})


def found_by_checks(found: Integrity) -> dict[str, dict[str, date]]:
    """The dossiers that each check found, and the day on which each counts."""
    return {
        result.name: dict(
            zip(*(result.findings[name].to_pylist() for name in ("dossier", "day")), strict=True)
        )
        for result in found.checks
    }


def day_of(event: Json) -> date:
    """The local day on which an event occurred."""
    return datetime.fromisoformat(event["time"]).astimezone(LOCAL).date()
