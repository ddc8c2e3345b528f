"""Puts together an event that came in CloudEvents' binary mode: its attributes stand beside its
data, in the headers of a message. What comes out is the same event in structured mode.

Source: CloudEvents 1.0, HTTP protocol binding and Kafka protocol binding, section 3.1.
"""

from collections.abc import Mapping
from typing import Final

import orjson

# Not a name of an attribute: the message's own part that a header must not stand in for.
DATA: Final = "data"


def structured(attributes: Mapping[str, str], media_type: str | None, data: bytes) -> bytes:
    """The event in structured JSON. ``media_type`` is that of ``data``; empty data is none.

    Data that are no JSON become a text, which intake rejects.
    """
    known = {name: value for name, value in attributes.items() if name != DATA}
    if media_type is not None:
        known["datacontenttype"] = media_type
    envelope = orjson.dumps(known)
    if not data:
        return envelope
    return b'%b,"data":%b}' % (envelope[:-1], data if is_json(data) else _as_text(data))


def is_json(raw: bytes) -> bool:
    """Whether some bytes are a JSON document by themselves, so that nothing of them can count as a
    part of what they are put into."""
    try:
        orjson.loads(raw)
    except orjson.JSONDecodeError:
        return False
    return True


def _as_text(data: bytes) -> bytes:
    return orjson.dumps(data.decode(errors="replace"))
