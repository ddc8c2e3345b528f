"""Which events does a call carry, in each mode of CloudEvents' HTTP binding?"""

import json
from collections.abc import Callable
from urllib.parse import quote

import pytest

from hoso.consumers.http import binding
from hoso.consumers.http.binding import Carried, batch, one_event
from hoso.consumers.http.refusal import CallRefused
from tests.told import received, said

EVENT = received("2023-03-01", 5, agency="Sở Tài nguyên")
STRUCTURED = [("content-type", "application/cloudevents+json")]
BATCH = [("content-type", "application/cloudevents-batch+json; charset=UTF-8")]
JSON = [("content-type", "application/json")]


def raw(value: object) -> bytes:
    return json.dumps(value).encode()


def headers_of(event: dict[str, object]) -> list[tuple[str, str]]:
    """The attributes of an event as the binding writes them."""
    return [(f"ce-{n}", quote(str(v), safe="/: +")) for n, v in event.items() if n != "data"]


def refusal(read: Callable[..., Carried], headers: list[tuple[str, str]], body: bytes) -> int:
    with pytest.raises(CallRefused) as refused:
        read(headers, body)
    return refused.value.status


@pytest.mark.parametrize(
    "kind", ["application/cloudevents+json", "APPLICATION/CloudEvents+JSON; charset=utf-8"]
)
def test_structured_mode_has_the_event_as_it_came(kind: str) -> None:
    body = raw(EVENT)
    assert one_event([("content-type", kind)], body) == Carried([body], [EVENT["source"]])


def test_binary_mode_has_the_attributes_in_headers_and_the_data_in_the_body() -> None:
    carried = one_event([*headers_of(EVENT), *JSON], raw(EVENT["data"]))
    assert json.loads(carried.messages[0]) == EVENT | {"datacontenttype": "application/json"}
    assert carried.sources == [EVENT["source"]]


def test_binary_mode_may_have_no_data() -> None:
    event = said("synced", "2023-03-01")
    assert json.loads(one_event(headers_of(event), b"").messages[0]) == event


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("H%E1%BB%93%20s%C6%A1%201", "Hồ sơ 1"),
        ("Hồ sơ".encode().decode("latin-1"), "Hồ sơ"),
        ('"H%E1%BB%93 s\\"1"', 'Hồ s"1'),
        ("a%2525", "a%25"),
        ("100%", "100%"),
        (" D1 ", "D1"),
    ],
)
def test_the_value_of_a_header_is_decoded_once(written: str, text: str) -> None:
    headers = [(n, written if n == "ce-subject" else v) for n, v in headers_of(EVENT)]
    [message] = one_event([*headers, *JSON], raw(EVENT["data"])).messages
    assert json.loads(message)["subject"] == text


def test_data_in_the_body_cannot_take_the_place_of_an_attribute() -> None:
    smuggled = b'{},"subject":"another"'
    assert refusal(one_event, [*headers_of(EVENT), *JSON], smuggled) == 400


def test_batch_mode_has_the_events_in_their_order() -> None:
    events = [EVENT, said("synced", "2023-03-02"), "no event", {"source": 7}]
    carried = batch(BATCH, raw(events))
    assert [*map(json.loads, carried.messages)] == events
    assert carried.sources == [EVENT["source"], EVENT["source"], None, 7]
    assert batch(BATCH, b"[]") == Carried([], [])


@pytest.mark.parametrize(
    ("read", "headers", "body", "status"),
    [
        (one_event, STRUCTURED, b"{", 400),
        (one_event, STRUCTURED, b"", 400),
        (one_event, STRUCTURED, b'{"id": NaN}', 400),
        (one_event, STRUCTURED * 2, b"{}", 400),
        (one_event, JSON, b"{}", 415),
        (one_event, [], b"", 415),
        (one_event, BATCH, b"[]", 415),
        (one_event, [("content-type", "application/cloudevents+json; charset=utf-16")], b"{}", 415),
        (one_event, [("ce-id", "1"), ("content-type", "text/plain")], b"x", 415),
        (one_event, [("ce-id", "1"), ("ce-id", "2"), *JSON], b"{}", 400),
        (one_event, [("ce-id", "%ff"), *JSON], b"{}", 400),
        (one_event, [("ce-data", "{}"), *JSON], b"{}", 400),
        (one_event, [("ce-i d", "1"), *JSON], b"{}", 400),
        (one_event, STRUCTURED, b" " * (binding.LONGEST_EVENT_BYTES + 1), 413),
        (batch, STRUCTURED, b"[]", 415),
        (batch, JSON, b"[]", 415),
        (batch, BATCH, b"{}", 400),
        (batch, BATCH, b"[", 400),
        (batch, BATCH, b"[" * 5_000 + b"]" * 5_000, 400),
        (batch, BATCH, b" " * (binding.LONGEST_BODY_BYTES + 1), 413),
        (batch, BATCH, b"[" + b"0," * binding.MOST_EVENTS + b"0]", 413),
    ],
)
def test_what_cannot_be_read_is_refused_as_a_whole(
    read: Callable[..., Carried], headers: list[tuple[str, str]], body: bytes, status: int
) -> None:
    assert refusal(read, headers, body) == status


def test_an_event_of_a_batch_that_is_too_long_comes_as_its_excerpt() -> None:
    long = EVENT | {"comment": "x" * binding.LONGEST_EVENT_BYTES}
    carried = batch(BATCH, raw([EVENT, long]))
    assert json.loads(carried.messages[0]) == EVENT
    assert carried.messages[1].startswith(b"\0a line of ")
