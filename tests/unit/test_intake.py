"""Intake validates the form of events and nothing else, and keeps the known attributes."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hoso.consumers.intake import validate
from hoso.domain.events import json_schemas

Event = dict[str, Any]

NOW = datetime(2023, 3, 15, 5, tzinfo=UTC)
RECEIVED = {
    "agency": "H52.01",
    "field": "Đất đai",
    "procedure": "Cấp sổ",
    "channel": "online",
    "allowance": {"value": 3, "unit": "working_days"},
}
NAME = "Nguyễn Văn A"


def event(kind: str = "received", data: Any = RECEIVED, **changes: Any) -> Event:
    """An event; attributes that are changed to ``...`` are left out."""
    whole = {
        "specversion": "1.0",
        "id": "e-1",
        "source": "/h52/motcua",
        "type": f"dossier.{kind}.v1",
        "subject": "000.00.00.H52-230301-0001",
        "time": "2023-03-01T08:00:00+07:00",
        "data": data,
    }
    return {name: value for name, value in (whole | changes).items() if value is not ...}


def raw(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def received(**changes: Any) -> Event:
    """A reception whose data differ; what is changed to ``...`` is left out."""
    data = {name: value for name, value in (RECEIVED | changes).items() if value is not ...}
    return event(data=data)


def allowed(value: Any, unit: str = "working_days") -> Event:
    return received(allowance={"value": value, "unit": unit})


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(event(), id="as it should be"),
        # What makes no sense in a dossier's life is for the fold to say.
        pytest.param(event("resolved", {"outcome": "granted"}), id="of no known dossier"),
        pytest.param(event("annulled", {"event_id": "?", "reason": "x"}), id="annuls nothing"),
        pytest.param(received(due="1900-01-01"), id="due long before its reception"),
        pytest.param(received(due="2199-12-31T23:59:59Z", allowance=...), id="due at the end"),
        pytest.param(event(time="1900-01-01T00:00:00+14:00"), id="on the first day there is"),
        pytest.param(event(recordedtime="2199-12-31T23:59:59-14:00"), id="recorded on the last"),
        pytest.param(event(recordedtime="1969-07-20T20:17:40Z"), id="recorded before 1970"),
        pytest.param(allowed(0), id="no time at all"),
        pytest.param(allowed(3.0), id="a whole number that is written 3.0"),
        pytest.param(allowed(32_767, "calendar_days"), id="the longest allowance"),
        pytest.param(event(subject="hồ sơ số 1 😀"), id="a code in Unicode"),
        pytest.param(event(subject="x" * 200), id="the longest code"),
        pytest.param(event("supplemented", ...), id="no data where none are needed"),
        pytest.param(received(agency="NaN"), id="a text that says NaN"),
        pytest.param(event(name=NAME), id="an attribute that nobody knows"),
    ],
)
def test_whatever_has_the_form_of_an_event_is_one(line: Event) -> None:
    assert validate.parse_event(raw(line), NOW).subject == line["subject"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        pytest.param(b"", "not valid JSON", id="nothing"),
        pytest.param(b"\x00\xff\x1f\x8b", "not valid JSON", id="binary"),
        pytest.param(raw(event())[:99], "not valid JSON", id="broken off"),
        pytest.param(raw(event()) * 2, "not valid JSON", id="two at once"),
        pytest.param(b"[" * 100_000, "not valid JSON: recursion", id="nested too deep"),
        pytest.param(raw(event(x=float("nan"))), "not valid JSON", id="NaN"),
        pytest.param(raw(event(x=float("-inf"))), "not valid JSON", id="-Infinity"),
        pytest.param(
            b'{"x":"\\ud800",' + raw(event())[1:], "not valid JSON", id="half a surrogate pair"
        ),
        pytest.param(raw(event(x="y")).replace(b"y", b"\xff"), "not valid JSON", id="not UTF-8"),
        pytest.param(b"[]", "event: Input should be an object", id="a list"),
        pytest.param(raw(NAME), "event: Input should be an object", id="a text"),
        pytest.param(raw(event(type=...)), "type: missing", id="no type"),
        pytest.param(raw(event("eaten")), "type: unknown event type", id="unknown type"),
        pytest.param(raw(event(specversion="0.3")), "specversion:", id="another version"),
        pytest.param(raw(event(id=...)), "id:", id="no id"),
        pytest.param(raw(event(id="a\nb")), "id:", id="a line break in the id"),
        pytest.param(raw(event(subject="")), "subject:", id="an empty code"),
        pytest.param(raw(event(subject="a\0b")), "subject:", id="NUL in the code"),
        pytest.param(raw(event(subject="x" * 201)), "subject:", id="a code too long"),
        pytest.param(raw(event(source="/một cửa")), "source:", id="no URI reference"),
        pytest.param(raw(event(time="2023-02-30T08:00:00Z")), "time:", id="a day that is none"),
        pytest.param(raw(event(time="2023-03-01T08:00:00")), "time:", id="no offset"),
        pytest.param(raw(event(time=1_677_628_800)), "time:", id="a number for a time"),
        pytest.param(raw(event(time="1899-12-31T23:59:59Z")), "time: the year", id="too early"),
        pytest.param(raw(event(time="0001-01-01T00:00:00+14:00")), "time: the year", id="year 1"),
        pytest.param(
            raw(event(recordedtime="2200-01-01T00:00:00Z")), "recordedtime: the", id="too late"
        ),
        pytest.param(raw(received(due="9999-12-31")), "data.due: the year", id="due too late"),
        pytest.param(raw(received(due="1899-12-31T23:59:59Z")), "data.due: the", id="due early"),
        pytest.param(
            raw(event("transferred", {"to_agency": "A", "step": 1, "step_due": "2200-01-01"})),
            "data.step_due: the year is not within 1900 to 2199",
            id="a step due too late",
        ),
        pytest.param(raw(received(due="soon")), "data.due:", id="a due day that is none"),
        pytest.param(raw(received(allowance=...)), "data: a deadline is missing", id="no deadline"),
        pytest.param(raw(received(channel="fax")), "data.channel:", id="unknown channel"),
        pytest.param(raw(allowed(-1)), "data.allowance.value:", id="less than no time"),
        pytest.param(raw(allowed(32_768)), "data.allowance.value:", id="more than an int16"),
        pytest.param(raw(allowed(3.5)), "data.allowance.value:", id="no whole number"),
        pytest.param(raw(allowed("3")), "data.allowance.value:", id="a text for a number"),
        pytest.param(raw(allowed(True)), "data.allowance.value:", id="true for a number"),
        pytest.param(raw(event(time="2023-03-01T23:59:60Z")), "time:", id="a leap second"),
        pytest.param(raw(event("resolved", ...)), "data: Field required", id="no data"),
        pytest.param(raw(event("returned", {"reason": NAME})), "data.reason:", id="free text"),
        pytest.param(raw(received(applicant=NAME)), "data.applicant:", id="a field not listed"),
    ],
)
def test_what_has_not_the_form_is_rejected_with_the_place_and_the_cause(
    line: bytes, told: str
) -> None:
    with pytest.raises(validate.Rejected) as rejected:
        validate.parse_event(line, NOW)
    message = str(rejected.value)
    assert message.startswith(told)
    assert message.isprintable()
    assert len(message) < 300


@pytest.mark.parametrize(
    "line",
    [
        received(applicant=NAME),
        event(subject={"name": NAME}),
        event(type=[NAME]),
        [NAME],
        NAME,
    ],
)
def test_personal_data_are_not_quoted(line: Any) -> None:
    with pytest.raises(validate.Rejected) as rejected:
        validate.parse_event(raw(line), NOW)
    assert NAME not in str(rejected.value)


def test_a_strange_field_name_leaves_the_message_one_short_line() -> None:
    for name in ("a\nb", "\x1b[2J", "x" * 5_000):
        with pytest.raises(validate.Rejected) as rejected:
            validate.parse_event(raw(received(**{name: 1})), NOW)
        assert str(rejected.value).isprintable()
        assert len(str(rejected.value)) < 300


@pytest.mark.parametrize("offset", ["+00:00", "+14:00", "-12:00"])
def test_exactly_a_day_ahead_of_the_clock_is_recorded_and_more_is_not(offset: str) -> None:
    hours = timedelta(hours=int(offset[:3]))
    local = (NOW + timedelta(days=1) + hours).replace(tzinfo=None)
    validate.parse_event(raw(event(time=f"{local.isoformat()}{offset}")), NOW)
    with pytest.raises(validate.Rejected, match="time: more than a day ahead of the clock"):
        validate.parse_event(raw(event(time=f"{local.isoformat()}.000001{offset}")), NOW)
    with pytest.raises(validate.Rejected, match="time: more than a day ahead of the clock"):
        validate.parse_event(raw(event(time=f"9999-12-31T23:59:59{offset}")), NOW)


def stored(line: bytes) -> Event:
    event_read = validate.parse_event(line, NOW)
    form: Event = json.loads(validate.stored_json(event_read, event_read.time.isoformat()))
    return form


def test_the_log_keeps_what_the_language_knows_and_when_it_was_recorded() -> None:
    known = {
        "datacontenttype": "application/json",
        "partitionkey": "p",
        "sequence": "7",
        "traceparent": "00-1-2-00",
        "tracestate": "t",
    }
    sent = event(**known, applicant=NAME, dataschema="https://example.vn/s")
    kept = event(**known) | {"recordedtime": "2023-03-01T08:00:00+07:00"}
    assert stored(raw(sent)) == kept


def test_when_an_event_was_recorded_is_kept_as_it_came() -> None:
    sent = event(recordedtime="2023-03-02T08:00:00.500000+07:00")
    assert stored(raw(sent)) == sent
    assert "recordedtime" in stored(raw(event(recordedtime=None)))


@pytest.mark.parametrize(
    "line",
    [
        raw(event())[:-1] + b',"x":1e400}',
        raw(event())[:-1] + b',"x":' + b"9" * 400 + b"}",
        raw(event())[:-1] + b',"x":' + b"[" * 150 + b"]" * 150 + b"}",
        b'{"subject":"D0",' + raw(event())[1:],
        b'{"data":{"applicant":"A"},' + raw(event())[1:],
        b" \t" + raw(event()) + b"\r\n",
    ],
    ids=["a huge number", "a long number", "deep", "a code twice", "data twice", "white space"],
)
def test_what_was_read_is_what_is_kept(line: bytes) -> None:
    """One parser may be stricter than another, or take another of two equal keys."""
    event_read = validate.parse_event(line, NOW)
    form = validate.stored_json(event_read, event_read.time.isoformat())
    assert validate.parse_event(form, NOW) == event_read.model_copy(
        update={"recordedtime": event_read.time}
    )


SCHEMA = json_schemas()["dossier.received.v1"]


@pytest.mark.parametrize(
    "instant",
    [
        "2023-03-01T08:00:00Z",
        "2023-03-01t08:00:00.123456z",
        "2023-03-01T23:59:60Z",
        "2023-03-01T24:00:00Z",
        "2023-03-01T08:60:00Z",
        "2023-13-01T08:00:00Z",
        "2023-03-32T08:00:00Z",
        "2023-03-01T08:00:00+24:00",
        "2023-03-01T08:00:00+23:59",
        "2023-03-01T08:00:00+07:60",
        "1899-12-31T08:00:00Z",
        "1900-01-01T08:00:00Z",
        "0000-01-01T08:00:00Z",
        "2023-03-01 08:00:00Z",
        "2023-03-01T08:00:00",
    ],
)
def test_the_schema_accepts_the_instants_that_intake_accepts(instant: str) -> None:
    pattern = SCHEMA["properties"]["time"]["pattern"]
    by_schema = re.search(pattern, instant) is not None
    try:
        validate.parse_event(raw(event(time=instant)), NOW)
    except validate.Rejected:
        assert not by_schema
    else:
        assert by_schema


def test_a_number_is_kept_as_a_whole_one() -> None:
    assert stored(raw(allowed(15.0)))["data"]["allowance"]["value"] == 15
    assert b'"value":15,' in validate.stored_json(
        validate.parse_event(raw(allowed(15.0)), NOW), "2023-03-15T05:00:00Z"
    )
