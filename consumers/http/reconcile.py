"""Counts the events of a source and a day, with a hash over their ids, so that a sender finds out
whether all that it sent is here.

The day is the local day on which the events occurred: the sender knows it of each of its events.
An id counts once, however often its event came. The hash is SHA-256 over the ids in the order of
their UTF-8 bytes, each followed by a line feed. So a sender computes the same with one query and
three lines of code (docs/HTTP.md).
"""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo
from hashlib import sha256
from typing import Final, NamedTuple

import orjson
from pydantic import TypeAdapter, ValidationError

from hoso.consumers.http.refusal import CallRefused
from hoso.consumers.store.log import Store
from hoso.domain.calendar import local_date
from hoso.domain.events import UriReference
from hoso.domain.windows import YEARS

SOURCE: Final[TypeAdapter[str]] = TypeAdapter(UriReference)
DAY: Final = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Offsets from UTC are shorter than a day, so the written day is at most two days away.
DAYS_AWAY: Final = range(-2, 3)
BAD_REQUEST: Final = 400


class Asked(NamedTuple):
    """What a sender asks for: the events of a source that occurred on a local day."""

    source: str
    day: date


class Reconciliation(NamedTuple):
    """The ids of the events that are here, each once, in the order of their UTF-8 bytes."""

    asked: Asked
    ids: list[str]

    @property
    def hash(self) -> str:
        """The hash over the ids: ``sha256:`` and 64 hexadecimal digits."""
        return f"sha256:{hash_of(self.ids)}"


def hash_of(ids: Iterable[str]) -> str:
    """SHA-256 over ids in the order of their UTF-8 bytes, each followed by a line feed."""
    lines = (f"{each}\n" for each in sorted(ids))  # code points are in the order of their bytes
    return sha256("".join(lines).encode()).hexdigest()


def read_asked(source: str | None, day: str | None) -> Asked:
    """What two parameters ask for. Raises ``CallRefused`` for a source that is none, or a day that
    is none (``2026-11-29``)."""
    try:
        named = SOURCE.validate_python(source)
    except ValidationError:
        fault = "source: give the source of the events, such as /mot-cua/son-la"
        raise CallRefused(BAD_REQUEST, fault) from None
    try:
        found = date.fromisoformat(day or "") if DAY.fullmatch(day or "") else None
    except ValueError:
        found = None
    if found is None or found.year not in YEARS:
        raise CallRefused(BAD_REQUEST, "day: give the day of the events, such as 2026-11-29")
    return Asked(named, found)


def reconcile(store: Store, asked: Asked, zone: tzinfo) -> Reconciliation:
    """The ids that the log has of a source and a local day. Raises ``StoreError``."""
    source = b'"source":%b,' % orjson.dumps(asked.source)
    days = (asked.day + timedelta(away) for away in DAYS_AWAY)
    times = [b'"time":"%bT' % str(day).encode() for day in days]
    ids = set()
    for stored in store.events_containing(source, times):
        event = orjson.loads(stored.state)
        occurred = local_date(datetime.fromisoformat(event["time"]), zone)
        if event["source"] == asked.source and occurred == asked.day:
            ids.add(str(event["id"]))
    return Reconciliation(asked, sorted(ids))
