"""Reads the events that a call carries: CloudEvents' HTTP binding, and records of the national
portal.

An event comes in *structured* mode (the body is the event), in *binary* mode (the headers ``ce-…``
are its attributes, the body its data), or in *batch* mode (the body is an array of events), which
has an address of its own. A body that cannot be read is refused as a whole. Whether an event is
valid is judged later, event by event.

Sources: CloudEvents 1.0, HTTP protocol binding, section 3; RFC 9110, section 5.6.
"""

import re
from collections.abc import Iterable
from typing import Any, Final, NamedTuple
from urllib.parse import unquote_to_bytes

import orjson

from hoso.consumers.http.refusal import CallRefused
from hoso.consumers.intake.binary import DATA, structured
from hoso.consumers.intake.national import SOURCE, split_message
from hoso.consumers.intake.overlong import LONGEST_LINE_BYTES, OverlongLine
from hoso.consumers.intake.validate import Rejected

LONGEST_EVENT_BYTES: Final = LONGEST_LINE_BYTES
LONGEST_BODY_BYTES: Final = 8_000_000  # of a batch
MOST_EVENTS: Final = 10_000  # in a batch
STRUCTURED: Final = "application/cloudevents+json"
BATCH: Final = "application/cloudevents-batch+json"
JSON: Final = "application/json"
PREFIX: Final = "ce-"
ATTRIBUTE: Final = re.compile("[a-z0-9]{1,40}")
QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')
CHARSETS: Final = ("utf-8", "us-ascii")
BAD_REQUEST, TOO_LARGE, UNKNOWN_TYPE = 400, 413, 415
Headers = Iterable[tuple[str, str]]  # name in small letters, value as Latin-1 has it


class Carried(NamedTuple):
    """The messages that a call carries, in their order, and the sources that they name."""

    messages: list[bytes]
    sources: list[object]


def one_event(headers: Headers, body: bytes) -> Carried:
    """The event of a call in structured or in binary mode.

    Raises ``CallRefused`` if its type is neither (415), if it cannot be read (400), or if it is too
    long (413).
    """
    _refuse_longer(body, LONGEST_EVENT_BYTES, "an event")
    values = list(headers)
    media_type = _media_type(values)
    attributes = _attributes(values)
    if media_type == STRUCTURED:
        event = _json(body)
        return Carried([body], [_source(event)])
    if not attributes:
        raise CallRefused(
            UNKNOWN_TYPE,
            f"Content-Type: send {STRUCTURED}, or the headers ce-… with {JSON}; batches go to "
            "/events/batch",
        )
    if body and media_type != JSON:
        raise CallRefused(UNKNOWN_TYPE, f"Content-Type: an event's data are {JSON}")
    if body:
        _json(body)
    message = structured(attributes, JSON if body else None, body)
    return Carried([message], [attributes.get("source")])


def batch(headers: Headers, body: bytes) -> Carried:
    """The events of a call in batch mode. An event that is too long comes as its excerpt
    (``overlong``). Raises ``CallRefused`` as ``one_event``, and for too many events (413)."""
    _refuse_longer(body, LONGEST_BODY_BYTES, "a batch")
    if _media_type(list(headers)) != BATCH:
        raise CallRefused(UNKNOWN_TYPE, f"Content-Type: send {BATCH}")
    events = _json(body)
    if not isinstance(events, list):
        raise CallRefused(BAD_REQUEST, "a batch is a JSON array of events")
    _refuse_more(len(events), "events")
    return Carried([_short(orjson.dumps(event)) for event in events], [*map(_source, events)])


def national(headers: Headers, body: bytes) -> Carried:
    """The records of the national portal that a call carries: one, an array, or the portal's
    envelope (docs/NATIONAL.md). Raises ``CallRefused`` as ``batch``."""
    _refuse_longer(body, LONGEST_BODY_BYTES, "a message")
    if _media_type(list(headers)) != JSON:
        raise CallRefused(UNKNOWN_TYPE, f"Content-Type: send {JSON}")
    _json(body)
    try:
        records = [raw for _, raw, _ in split_message(body)]
    except Rejected as rejected:  # nested more deeply than records are read
        raise CallRefused(BAD_REQUEST, f"the body is {rejected}") from None
    _refuse_more(len(records), "records")
    return Carried(records, [SOURCE] * len(records))


def _refuse_more(number: int, what: str) -> None:
    if number > MOST_EVENTS:
        fault = f"{number:,} {what} are more than a call may have: {MOST_EVENTS:,}"
        raise CallRefused(TOO_LARGE, fault)


def _refuse_longer(body: bytes, limit: int, what: str) -> None:
    if len(body) > limit:
        fault = f"{len(body):,} bytes are more than {what} may have: {limit:,}"
        raise CallRefused(TOO_LARGE, fault)


def _media_type(headers: Headers) -> str:
    """The media type of the body, in small letters, without its parameters; empty if there is none.
    Raises ``CallRefused`` for another charset than UTF-8."""
    given = [value for name, value in headers if name == "content-type"]
    if len(given) > 1:
        raise CallRefused(BAD_REQUEST, "Content-Type: given twice")
    kind, *parameters = "".join(given).lower().split(";")
    for parameter in parameters:
        name, _, value = parameter.strip().partition("=")
        if name == "charset" and value.strip('"') not in CHARSETS:
            raise CallRefused(UNKNOWN_TYPE, "Content-Type: the charset is UTF-8")
    return kind.strip()


def _attributes(headers: Headers) -> dict[str, str]:
    """The attributes that headers hold. Raises ``CallRefused`` for a name that is none, for one
    that is given twice, and for a value that cannot be decoded."""
    attributes: dict[str, str] = {}
    for header, value in headers:
        if not header.startswith(PREFIX):
            continue
        name = header.removeprefix(PREFIX)
        if not ATTRIBUTE.fullmatch(name) or name == DATA:
            raise CallRefused(BAD_REQUEST, "ce-: a header that names no attribute of CloudEvents")
        if name in attributes:
            raise CallRefused(BAD_REQUEST, f"ce-{name}: given twice")
        attributes[name] = _decoded(name, value)
    return attributes


def _decoded(name: str, value: str) -> str:
    """The text of a header: without quotation marks, percent-encoding undone, as UTF-8."""
    value = value.strip()
    if (quoted := QUOTED.fullmatch(value)) is not None:
        value = re.sub(r"\\(.)", r"\1", quoted[1])
    try:
        return unquote_to_bytes(value.encode("latin-1")).decode()
    except UnicodeError:
        raise CallRefused(BAD_REQUEST, f"ce-{name}: is no UTF-8, percent-encoded") from None


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise CallRefused(BAD_REQUEST, f"the body is not valid JSON: {error}") from None


def _source(event: object) -> object:
    return event.get("source") if isinstance(event, dict) else None


def _short(message: bytes) -> bytes:
    if len(message) <= LONGEST_EVENT_BYTES:
        return message
    overlong = OverlongLine()
    overlong.add(message)
    return overlong.excerpt()
