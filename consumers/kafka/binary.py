"""Reads messages that are events in CloudEvents' binary mode: the headers ``ce_…`` are the event's
attributes, the value its data.

Source: CloudEvents 1.0, Kafka protocol binding, section 3.2.
"""

from collections.abc import Sequence
from typing import Final

from hoso.consumers.intake.binary import structured

PREFIX: Final = "ce_"
VERSION: Final = "ce_specversion"  # only binary mode has it among the headers
CONTENT_TYPE: Final = "content-type"


def event_in(value: bytes, headers: Sequence[tuple[str, bytes | None]]) -> bytes:
    """The event of a message, in structured JSON; the value itself if that is how it came.

    Of a header that is given twice the last one counts.
    """
    if not headers:
        return value
    texts = {name.lower(): (text or b"").decode(errors="replace") for name, text in headers}
    if VERSION not in texts:
        return value
    attributes = {
        name.removeprefix(PREFIX): text for name, text in texts.items() if name.startswith(PREFIX)
    }
    return structured(attributes, texts.get(CONTENT_TYPE), value)
