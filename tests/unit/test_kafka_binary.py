"""Which event is a Kafka message in CloudEvents' binary mode?"""

import json

import pytest

from hoso.consumers.kafka.binary import event_in
from tests.told import Json, received, said

EVENT = received("2023-03-01", 5, agency="Sở Tài nguyên", code="Hồ sơ 1")
Headers = list[tuple[str, bytes | None]]


def headers_of(event: Json, **more: str) -> Headers:
    named = {f"ce_{name}": str(value) for name, value in event.items() if name != "data"} | more
    return [(name, value.encode()) for name, value in named.items()]


def test_the_headers_are_the_attributes_and_the_value_the_data() -> None:
    headers = [*headers_of(EVENT), ("content-type", b"application/json"), ("trace", b"x")]
    found = json.loads(event_in(json.dumps(EVENT["data"]).encode(), headers))
    assert found == EVENT | {"datacontenttype": "application/json"}


def test_an_event_may_have_no_data() -> None:
    event = said("synced", "2023-03-01")
    assert json.loads(event_in(b"", headers_of(event))) == event


@pytest.mark.parametrize(
    "headers", [[], [("content-type", b"application/cloudevents+json")], [("ce_id", b"1")]]
)
def test_without_a_version_among_the_headers_the_value_is_the_event(headers: Headers) -> None:
    assert event_in(b'{"id": 1}', headers) == b'{"id": 1}'


@pytest.mark.parametrize("value", [b"no JSON", b'{},"subject":"another"', b"\xff\x00"])
def test_data_that_are_no_json_take_the_place_of_nothing_else(value: bytes) -> None:
    found = json.loads(event_in(value, headers_of(EVENT)))
    assert found["subject"] == EVENT["subject"]
    assert isinstance(found["data"], str)


def test_odd_headers_break_nothing() -> None:
    headers: Headers = [
        *headers_of(EVENT),
        ("ce_data", b"{}"),
        ("ce_time", None),
        ("CE_ID", b"\xff"),
    ]
    found = json.loads(event_in(b"{}", headers))
    assert (found["data"], found["time"], found["id"]) == ({}, "", "\ufffd")
