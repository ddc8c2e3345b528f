"""Do the rows of the table say what the events' JSON does?"""

from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given

from hoso.domain.events import EVENT
from hoso.projections.log.from_json import Unreadable, log_table
from hoso.projections.log.schema import SCHEMA, event_key
from tests.engine import LOCAL, Json, examples, log_of
from tests.histories import noted

RECEIVED: Json = {
    "specversion": "1.0",
    "id": "e1",
    "source": "/motcua",
    "subject": "H52-1",
    "type": "dossier.received.v1",
    "time": "2023-03-15T08:12:44+07:00",
    "recordedtime": "2023-03-15T01:13:00.250000Z",
    "data": {
        "agency": "H52.22",
        "field": "Xây dựng",
        "procedure": "1.004227",
        "channel": "online",
        "allowance": {"value": 20, "unit": "working_days"},
    },
}


def row(event: Json) -> Json:
    """The only row of a table, without what it says nothing of."""
    [found] = log_table([(7, orjson.dumps(event))], LOCAL).to_pylist()
    return {name: value for name, value in found.items() if value is not None}


def test_a_reception() -> None:
    assert row(RECEIVED) == {
        "position": 7,
        "dossier": "H52-1",
        "type": "received",
        "occurred": datetime(2023, 3, 15, 1, 12, 44, tzinfo=UTC),
        "recorded": datetime(2023, 3, 15, 1, 13, 0, 250_000, tzinfo=UTC),
        "source": "/motcua",
        "id": "e1",
        "event": event_key("/motcua", "e1"),
        "agency": "H52.22",
        "field": "Xây dựng",
        "procedure": "1.004227",
        "channel": "online",
        "allowance": 20,
        "unit": "working_days",
    }


@pytest.mark.parametrize(
    ("due", "day"),
    [
        ("2023-04-12", date(2023, 4, 12)),
        ("2023-04-12T17:00:00+07:00", date(2023, 4, 12)),
        ("2023-04-12T17:00:00Z", date(2023, 4, 13)),
        ("2023-04-12T16:59:59.999999+00:00", date(2023, 4, 12)),
        ("0001-01-01", date(1, 1, 1)),
        ("9999-12-31T23:59:59Z", date(9999, 12, 31)),  # has no local day: as written
    ],
)
def test_a_due_instant_becomes_its_local_day(due: str, day: date) -> None:
    asked = {**RECEIVED, "data": {**RECEIVED["data"], "due": due}}
    assert row(asked)["due"] == day


def test_what_does_not_say_when_it_was_recorded_was_so_when_it_occurred() -> None:
    told = {name: value for name, value in RECEIVED.items() if name != "recordedtime"}
    assert row(told)["recorded"] == row(told)["occurred"]


def test_no_events_are_an_empty_table() -> None:
    assert log_table([], LOCAL).schema == SCHEMA
    assert len(log_table([], LOCAL)) == 0


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (b"{}", "subject: missing"),
        (b"", "3 texts hold 2 events"),
        (b"nul", "JSON parse error"),
        (b"[]", "JSON parse error"),
        (orjson.dumps(RECEIVED) * 2, "3 texts hold 4 events"),
        (orjson.dumps({**RECEIVED, "type": "frob"}), "unknown event type 'frob'"),
        (orjson.dumps({**RECEIVED, "time": "yesterday"}), "yesterday"),
        (orjson.dumps({**RECEIVED, "data": {"due": "some day"}}), "some day"),
        (orjson.dumps({**RECEIVED, "data": {"allowance": {"value": 70_000}}}), "70000"),
    ],
)
def test_what_is_no_event_is_unreadable(state: bytes, why: str) -> None:
    whole = orjson.dumps(RECEIVED)
    with pytest.raises(Unreadable, match=why):
        log_table([(1, whole), (2, state), (3, whole)], LOCAL)


@given(events=noted())
@examples(100)
def test_each_row_says_what_its_event_does(events: list[Json]) -> None:
    rows = log_of(events).to_pylist()
    assert rows == [said(place, event) for place, event in enumerate(events, 1)]


def said(position: int, given: Json) -> dict[str, Any]:
    """A row, from the event as the published language reads it."""
    event = EVENT.validate_json(orjson.dumps(given))
    data = event.data.model_dump()
    allowance = data.get("allowance") or {"value": None, "unit": None}
    annuls = data.get("event_id")
    told = {
        "position": position,
        "dossier": event.subject,
        "type": event.type.split(".")[1],
        "occurred": event.time,
        "recorded": event.recordedtime or event.time,
        "source": event.source,
        "id": event.id,
        "event": event_key(event.source, event.id),
        "due": local(data.get("due")),
        "annuls": annuls,
        "annulled": annuls and event_key(event.source, annuls),
        "allowance": allowance["value"],
        "unit": allowance["unit"],
        "step_due": local(data.get("step_due")),
    }
    return {name: told[name] if name in told else data.get(name) for name in SCHEMA.names}


def local(day: date | None) -> date | None:
    return day.astimezone(LOCAL).date() if isinstance(day, datetime) else day
