"""From events as plain JSON objects to the engine's figures: what tests ask the engine with."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from functools import cache
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import orjson
import pyarrow as pa
from hypothesis import settings

from hoso.consumers.intake.validate import stored_json
from hoso.domain.accounts import ACCOUNTS
from hoso.domain.calendar import Calendar, day_number, is_working_day
from hoso.domain.events import EVENT, Event
from hoso.domain.office import ZONE, Office
from hoso.domain.policy import Policy
from hoso.domain.windows import Window
from hoso.projections.kernels import run
from hoso.projections.ledger.drilldown import standing
from hoso.projections.ledger.ledger import Ledger, replay
from hoso.projections.ledger.statement import statement
from hoso.projections.log.from_json import log_table
from hoso.tools.runtime.calendar import calendar
from tests import model

Json = dict[str, Any]

LOCAL = ZoneInfo(ZONE)
VIETNAM = calendar()


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
) -> Json:
    """The statement of a window."""
    return statement(ledger_of(events, rules, as_of), Window(*window), by)


def accounts_on(ledger: Ledger, day: date) -> dict[str, str]:
    """The account of every dossier received by the end of a day."""
    journal = ledger.folded.journal
    codes = ledger.log["dossier"].combine_chunks().dictionary.to_pylist()
    lines = standing(journal, day)
    pairs = zip(journal.dossier[lines].tolist(), journal.into[lines].tolist(), strict=True)
    return {codes[dossier]: ACCOUNTS[account] for dossier, account in pairs}


def day_of(event: Json) -> date:
    """The local day on which an event occurred."""
    return datetime.fromisoformat(event["time"]).astimezone(LOCAL).date()
