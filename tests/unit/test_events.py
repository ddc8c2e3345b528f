"""Which events does the published language have, and what does it refuse? Form, and form only."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from hoso.domain.events import EVENT, Event, Received, describe_fault, json_schemas
from hoso.domain.kinds import KINDS
from tests.engine import Json, examples

PUBLISHED_SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"
SECRET = "Nguyễn Văn A, 0912 345 678"
FACTS = {"agency": "Sở TN&MT", "field": "đất đai", "procedure": "1.004227", "channel": "online"}
DUE = "2023-03-15"

# The contract's table: what each event needs, and what it may have.
MINIMAL: dict[str, Json] = {
    "received": FACTS | {"allowance": {"value": 0, "unit": "working_days"}},
    "supplement_requested": {},
    "supplemented": {},
    "paused": {"reason": "other"},
    "resumed": {},
    "rescheduled": {"due": DUE},
    "returned": {"reason": "not_eligible"},
    "cancelled": {"reason": "withdrawn"},
    "resolved": {"outcome": "granted"},
    "annulled": {"event_id": "e-1", "reason": "mistake"},
    "arrived": {},
    "reassigned": {"agency": "xa_b"},
    "digitised": {"part": "components", "complete": True},
    "paid": {"amount": 0, "channel": "online"},
    "rated": {"satisfied": False, "channel": "in_person"},
    "synced": {},
    "reused": {},
    "contacted": {"reason": "paper_missing", "applicant_fault": True},
    "complained": {"settled_in_time": True},
    "transferred": {"to_agency": "H52.03", "step": 1},
    "step_done": {"step": 1},
}
OPTIONAL: dict[str, Json] = {
    "received": {
        "level": "commune",
        "on_the_spot": True,
        "due": "2023-03-15T17:00:00+07:00",
        "online_service": "full",
        "received_at": "xa_b",
    },
    "supplement_requested": {"reason": "missing_papers"},
    "supplemented": {"due": DUE},
    "resumed": {"due": DUE},
    "rescheduled": {"reason": "overloaded", "apology": True},
    "arrived": {"due": DUE},
    "reassigned": {"level": "commune", "field": "đất đai", "reason": "reorganised"},
    "transferred": {"step_due": DUE},
}
CHOICES: dict[tuple[str, str], tuple[str, ...]] = {
    ("received", "channel"): ("online", "in_person", "post"),
    ("received", "level"): ("province", "district", "commune"),
    ("paused", "reason"): ("awaiting_authority", "financial_obligation", "other"),
    ("received", "online_service"): ("full", "partial"),
    ("reassigned", "level"): ("province", "district", "commune"),
    ("cancelled", "reason"): (
        *("withdrawn", "duplicate", "re_entered", "incomplete", "expired", "other"),
    ),
    ("resolved", "outcome"): ("granted", "refused"),
    ("digitised", "part"): ("components", "result"),
    ("paid", "channel"): ("online", "direct"),
    ("rated", "channel"): ("online", "in_person"),
}
ENVELOPE: Json = {
    "recordedtime": "2023-03-01T01:00:00.000001Z",
    "datacontenttype": "application/json",
    "partitionkey": "D1",
    "sequence": "7",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "tracestate": "a=b",
}


def event(kind: str, data: Any = None, **attributes: Any) -> Json:
    """An event with the data that it must have, or other data; None takes an attribute away."""
    whole = {
        "specversion": "1.0",
        "id": "e-2",
        "source": "/mot-cua/son-la",
        "type": f"dossier.{kind}.v1",
        "subject": "000.00.00.H52-230315-0001",
        "time": "2023-03-01T08:00:00+07:00",
        "data": MINIMAL[kind] if data is None else data,
    }
    return {name: value for name, value in (whole | attributes).items() if value is not None}


def read(document: object) -> Event:
    """The event that a JSON document holds."""
    return EVENT.validate_json(orjson.dumps(document))


def why_not(document: object) -> str:
    """What is said of a JSON document that holds no event."""
    raw = document if isinstance(document, bytes) else orjson.dumps(document)
    with pytest.raises(ValidationError) as error:
        EVENT.validate_json(raw)
    text = describe_fault(error.value)
    assert len(text.splitlines()) == 1
    assert text.isprintable()
    return text


kinds = pytest.mark.parametrize("kind", KINDS)


# --- What is an event ----------------------------------------------------------------------------


def test_there_are_twenty_one_types() -> None:
    assert set(KINDS) == set(MINIMAL)
    assert set(json_schemas()) == {f"dossier.{kind}.v1" for kind in MINIMAL}


@kinds
def test_an_event_may_have_the_least(kind: str) -> None:
    assert read(event(kind)).type == f"dossier.{kind}.v1"


@kinds
def test_an_event_may_have_everything(kind: str) -> None:
    data = MINIMAL[kind] | OPTIONAL.get(kind, {})
    told = read(event(kind, data, **ENVELOPE))
    assert set(told.data.model_dump(exclude_none=True)) == set(data)
    assert told.recordedtime == datetime(2023, 3, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert told.traceparent == ENVELOPE["traceparent"]


@kinds
def test_data_may_be_left_out_where_nothing_in_it_is_needed(kind: str) -> None:
    without = {name: value for name, value in event(kind).items() if name != "data"}
    if MINIMAL[kind]:
        assert why_not(without) == "data: Field required"
    else:
        assert read(without) == read(event(kind))


@pytest.mark.parametrize(
    "terms",
    [
        {"allowance": {"value": 5, "unit": "calendar_days"}},
        {"due": DUE},
        {"allowance": {"value": 5, "unit": "working_days"}, "due": DUE},
    ],
)
def test_a_reception_has_an_allowance_or_a_due_day_or_both(terms: Json) -> None:
    told = read(event("received", FACTS | terms))
    assert set(told.data.model_dump(exclude_none=True)) == set(FACTS) | set(terms)


@pytest.mark.parametrize(
    ("written", "due"),
    [
        ("2023-03-15", date(2023, 3, 15)),
        ("2023-03-14T17:00:00Z", datetime(2023, 3, 14, 17, tzinfo=UTC)),
        ("2023-03-15t00:00:00.0+07:00", datetime(2023, 3, 14, 17, tzinfo=UTC)),
    ],
)
def test_a_due_is_a_date_or_an_instant(written: str, due: date) -> None:
    assert read(event("rescheduled", {"due": written})).data.due == due  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "written",
    [
        "2023-03-01T08:00:00+07:00",
        "2023-03-01T01:00:00Z",
        "2023-03-01T01:00:00z",
        "2023-03-01t01:00:00.000Z",
        "2023-02-28T20:00:00-05:00",
        "2023-03-01T10:30:00.000000+09:30",
    ],
)
def test_an_instant_is_rfc_3339_with_an_offset(written: str) -> None:
    assert read(event("resumed", time=written)).time == datetime(2023, 3, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(("kind", "field"), CHOICES)
def test_a_choice_is_one_of_those_listed(kind: str, field: str) -> None:
    for value in CHOICES[kind, field]:
        assert getattr(read(event(kind, MINIMAL[kind] | {field: value})).data, field) == value
    for value in ("else", "", CHOICES[kind, field][0].upper(), f"{CHOICES[kind, field][0]} "):
        assert why_not(event(kind, MINIMAL[kind] | {field: value})).startswith(f"data.{field}: ")


def test_an_event_cannot_be_changed() -> None:
    told = read(event("resumed"))
    with pytest.raises(ValidationError):
        told.id = "another"


# --- What is none --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["id", "source", "specversion", "subject", "time", "type"])
def test_an_attribute_that_cloudevents_needs_is_needed(name: str) -> None:
    expected = "type: missing" if name == "type" else f"{name}: Field required"
    assert why_not(event("resumed", **{name: None})) == expected


@pytest.mark.parametrize(
    ("kind", "field"), [(kind, field) for kind, data in MINIMAL.items() for field in data]
)
def test_a_field_that_an_event_needs_is_needed(kind: str, field: str) -> None:
    data = {name: value for name, value in MINIMAL[kind].items() if name != field}
    why = why_not(event(kind) | {"data": data})
    if field == "allowance":
        assert why == "data: a deadline is missing: give allowance, due or both"
    else:
        assert why == f"data.{field}: Field required"


@kinds
def test_data_refuses_a_field_that_is_not_listed(kind: str) -> None:
    document = event(kind, MINIMAL[kind] | {"citizen": SECRET})
    assert why_not(document) == "data.citizen: Extra inputs are not permitted"


@pytest.mark.parametrize(
    ("attribute", "values"),
    [
        ("specversion", ("0.3", "1", 1.0)),
        ("id", ("", 7, "a\nb", "x" * 201, ["a"])),
        ("source", ("", "/a b", "/một-cửa", 7, "/a\n", "/" + "x" * 400)),
        ("subject", ("", 7, "a\tb", "x" * 201)),
        (
            "time",
            (
                *("2023-03-01", "2023-03-01T08:00:00", "2023-03-01 08:00:00Z", 1677628800),
                *("1677628800", "2023-03-01T08:00Z", "2023-02-29T08:00:00Z", "", "hôm qua"),
                *("2023-03-01T24:00:00Z", "2023-03-01T08:00:00+0700", "01/03/2023", [], {}),
                *("2023-13-01T08:00:00Z", "0000-01-01T00:00:00Z", "2023-03-01T08:00:00+24:00"),
                *("2023-03-01T08:00:00Z\n", " 2023-03-01T08:00:00Z", "２023-03-01T08:00:00Z"),
            ),
        ),
        ("recordedtime", ("2023-03-01", 1677628800, "")),
        ("sequence", (7, "")),
    ],
)
def test_an_attribute_has_its_form(attribute: str, values: tuple[Any, ...]) -> None:
    for value in values:
        assert why_not(event("resumed", **{attribute: value})).startswith(f"{attribute}: ")


@pytest.mark.parametrize(
    "value", [{}, [], 7, None, "5 days", {"value": 5}, {"unit": "working_days"}]
)
def test_an_allowance_has_a_value_and_a_unit(value: Any) -> None:
    why = why_not(event("received", MINIMAL["received"] | {"allowance": value}))
    assert why.startswith(("data.allowance", "data: a deadline is missing"))


@pytest.mark.parametrize(
    "value", ["-1", "1.5", '"5"', "true", "null", "32768", "1" * 30, "[]", "{}"]
)
def test_an_allowance_is_a_whole_number_that_is_not_negative(value: str) -> None:
    raw = orjson.dumps(
        event("received", FACTS | {"allowance": {"value": 0, "unit": "working_days"}})
    )
    raw = raw.replace(b'"value":0', b'"value":' + value.encode())
    assert why_not(raw).startswith("data.allowance.value: ")


@pytest.mark.parametrize("value", ["5", "5.0", "5e0"])
def test_a_whole_number_may_be_written_in_any_way_of_json(value: str) -> None:
    """JSON Schema takes them for the same integer, and intake does as the schema says."""
    allowance = {"value": 0, "unit": "working_days"}
    raw = orjson.dumps(event("received", FACTS | {"allowance": allowance}))
    read = EVENT.validate_json(raw.replace(b'"value":0', b'"value":' + value.encode()))
    assert isinstance(read, Received)
    assert read.data.allowance is not None
    assert read.data.allowance.value == 5


def test_an_allowance_counts_no_other_days() -> None:
    allowance = {"value": 5, "unit": "weeks"}
    why = why_not(event("received", FACTS | {"allowance": allowance}))
    assert why.startswith("data.allowance.unit: ")


@pytest.mark.parametrize(
    "reason", ["Missing", "missing papers", "", "x" * 41, "thiếu_giấy_tờ", "a-b", "a1", "a\n", 7]
)
@pytest.mark.parametrize("kind", ["returned", "supplement_requested", "rescheduled", "annulled"])
def test_a_reason_is_a_short_code_and_no_free_text(kind: str, reason: Any) -> None:
    why = why_not(event(kind, MINIMAL[kind] | {"reason": reason}))
    assert why.startswith("data.reason: ")


@pytest.mark.parametrize("due", ["15/03/2023", "2023-02-30", 20230315, "", "mai", [], "2023-3-15"])
def test_a_due_day_has_its_form(due: Any) -> None:
    assert why_not(event("rescheduled", {"due": due})).startswith("data.due: ")


@pytest.mark.parametrize(
    "event_type",
    ["dossier.unknown.v1", "dossier.received.v2", "received", "", "DOSSIER.RECEIVED.V1", 7, []],
)
def test_a_type_is_one_of_those_listed(event_type: Any) -> None:
    assert why_not(event("resumed", type=event_type)).startswith("type: unknown event type")


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"{}}", b"hello", b"\xff\xfe", b'{"id": "a', b"[" * 10_000, b"'a'"]
)
def test_what_is_no_json_is_no_event(raw: bytes) -> None:
    assert why_not(raw).startswith("not valid JSON: ")


@pytest.mark.parametrize("document", [[], "text", 7, None, True, [event("resumed")]])
def test_what_is_no_object_is_no_event(document: object) -> None:
    assert why_not(document).startswith("event: ")


# --- What is said and what is kept ---------------------------------------------------------------


def test_a_fault_says_where_what_and_how_many_more() -> None:
    broken = event("resolved", {"outcome": "maybe"}, id="")
    why = why_not(broken)
    assert why.startswith("id: ")
    assert why.endswith("; and 1 more")
    assert why_not(event("resolved", {"outcome": "maybe"})) == (
        "data.outcome: Input should be 'granted' or 'refused' (given: a text of 5 characters)"
    )


@pytest.mark.parametrize(
    ("kind", "data", "why"),
    [
        ("paid", {"amount": -1}, "data.amount: Input should be greater than or equal to 0"),
        ("paid", {"amount": 1.5}, "data.amount: Input should be a valid integer"),
        ("paid", {"amount": "30000"}, "data.amount: Input should be a valid integer"),
        ("paid", {"amount": 10**15 + 1}, "data.amount: Input should be less than or equal to"),
        ("paid", {"channel": "cash"}, "data.channel: Input should be 'online' or 'direct'"),
        ("digitised", {"part": "all"}, "data.part: Input should be 'components' or 'result'"),
        ("digitised", {"complete": 1}, "data.complete: Input should be a valid boolean"),
        ("contacted", {"reason": "Thiếu giấy tờ"}, "data.reason: "),
        ("transferred", {"step": -1}, "data.step: Input should be greater than or equal to 0"),
        ("transferred", {"step_due": "15/03/2023"}, "data.step_due: Input should be a date"),
        ("step_done", {"step": True}, "data.step: Input should be a valid integer"),
        ("synced", {"name": "x"}, "data.name: Extra inputs are not permitted"),
        ("rated", {"name": "x"}, "data.name: Extra inputs are not permitted"),
    ],
)
def test_a_quality_fact_of_another_form_is_none(kind: str, data: Json, why: str) -> None:
    assert why_not(event(kind, MINIMAL[kind] | data)).startswith(why)


NOT_LISTED: dict[str, object] = {
    "a field": event("resumed", {"citizen": SECRET}),
    "a field of another event": event("resumed", {"outcome": SECRET}),
    "a field in an allowance": event(
        "received", FACTS | {"allowance": {"value": 1, "unit": "working_days", "by": SECRET}}
    ),
    "an object in place of a text": event("returned", {"reason": {"citizen": SECRET}}),
    "an object in place of a choice": event("paused", {"reason": {"citizen": SECRET}}),
    "an object in place of a day": event("rescheduled", {"due": {"citizen": SECRET}}),
    "an object in place of an instant": event("resumed", time={"citizen": SECRET}),
    "an object in place of a type": event("resumed", type={"citizen": SECRET}),
    "a text in place of data": event("resumed", SECRET),
    "a list in place of data": event("resumed", [SECRET]),
    "a list of events": [event("resumed", {"citizen": SECRET})],
    "a text in place of an event": SECRET,
    "another document": {"citizen": SECRET},
    "beside a missing field": event("returned", {"citizen": SECRET}),
    "beside a missing deadline": event("received", FACTS | {"level": "commune"})
    | {"citizen": SECRET},
    "beside a wrong attribute": event("resumed", id="") | {"citizen": SECRET},
}


@pytest.mark.parametrize("where", NOT_LISTED)
def test_what_is_not_listed_is_never_quoted(where: str) -> None:
    why = why_not(NOT_LISTED[where])
    for part in ("Nguyễn", "0912", "345"):
        assert part not in why


def test_the_name_of_a_field_cannot_break_the_line() -> None:
    why = why_not(event("resumed", {"a\nERROR b\x1b[31m\u2028": 1}))
    assert why == "data.<blanked name>: Extra inputs are not permitted"


def test_a_fault_is_short_however_long_the_input() -> None:
    longest = 500
    for broken in (
        event("resumed", {"x" * 10_000: 1}),
        event("resumed", id="x" * 10_000),
        event("resumed", type="x" * 10_000),
        event("returned", {"reason": "x" * 10_000}),
    ):
        assert len(why_not(broken)) < longest


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)


@given(
    kind=st.sampled_from(KINDS),
    attributes=st.dictionaries(
        st.sampled_from(sorted(Received.model_fields)), JSON_VALUES, max_size=3
    ),
    fields=st.dictionaries(
        st.sampled_from(["due", "reason", "allowance", "level"]) | st.text(max_size=5),
        JSON_VALUES,
        max_size=2,
    ),
)
@examples(200)
def test_whatever_comes_in_is_an_event_or_has_a_fault_on_one_line(
    kind: str, attributes: Json, fields: Json
) -> None:
    document = event(kind, MINIMAL[kind] | fields) | attributes
    try:
        read(document)
    except ValidationError as error:
        text = describe_fault(error)
        assert text.isprintable()
        assert text


def test_unknown_attributes_are_let_through_and_never_kept() -> None:
    document = event("resumed", **ENVELOPE) | {"citizen": SECRET, "data_base64": SECRET}
    assert read(document) == read(event("resumed", **ENVELOPE))


@kinds
def test_an_event_says_again_what_it_was_told(kind: str) -> None:
    document = event(kind, MINIMAL[kind] | OPTIONAL.get(kind, {}), **ENVELOPE)
    said = read(document | {"citizen": SECRET}).model_dump_json(exclude_none=True)
    assert orjson.loads(said) == document
    assert read(orjson.loads(said)) == read(document)


# --- What is published ---------------------------------------------------------------------------


def data_schema(kind: str) -> Json:
    """The part of a type's schema that describes its data."""
    schema = json_schemas()[f"dossier.{kind}.v1"]
    reference = schema["properties"]["data"].get("$ref")
    if reference is None:
        reference = schema["properties"]["data"]["allOf"][0]["$ref"]
    part: Json = schema["$defs"][reference.rpartition("/")[2]]
    return part


@kinds
def test_a_schema_lists_the_fields_of_the_contract_and_no_others(kind: str) -> None:
    schema = data_schema(kind)
    terms = {"allowance"} if kind == "received" else set()
    fields = set(MINIMAL[kind]) | set(OPTIONAL.get(kind, {})) | {"official"}
    fields |= {"replaced_by"} if kind == "cancelled" else set()
    assert set(schema["properties"]) == fields
    assert set(schema.get("required", [])) == set(MINIMAL[kind]) - terms
    assert schema["additionalProperties"] is False


@kinds
def test_a_schema_needs_what_cloudevents_needs(kind: str) -> None:
    schema = json_schemas()[f"dossier.{kind}.v1"]
    needed = {"specversion", "id", "source", "subject", "time", "type"}
    assert set(schema["required"]) - {"data"} == needed
    assert ("data" in schema["required"]) == bool(MINIMAL[kind])
    assert schema["properties"]["type"]["const"] == f"dossier.{kind}.v1"


@kinds
def test_the_published_schema_is_that_of_the_code(kind: str) -> None:
    path = PUBLISHED_SCHEMAS / f"dossier.{kind}.v1.schema.json"
    assert orjson.loads(path.read_bytes()) == json_schemas()[f"dossier.{kind}.v1"]
