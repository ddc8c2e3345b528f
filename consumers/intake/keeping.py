"""Keeps rejects: their values blanked, and no longer than the store is told to.

A message with values that are not listed may hold personal data. So a store keeps a reject's
reason, origin and form, but no such value (``blanking``), unless raw keeping was chosen.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from itertools import islice
from typing import Final, NamedTuple, cast

import orjson

from hoso.consumers.intake.blanking import MARK, Values, blanked, blanked_origin
from hoso.consumers.intake.conflicts import events_with_keys
from hoso.consumers.store.log import (
    BLANKED,
    KEPT_BEFORE,
    QUERY_REJECTS,
    NumberedReject,
    Reject,
    Store,
    Writer,
    identity_key,
)
from hoso.consumers.store.pseudonyms import keyed_hash

RETENTION: Final = "rejects retention, days"
QUOTE: Final = re.compile(r" \(given: .*\)")  # of a value, in the reasons of older versions


class Tidied(NamedTuple):
    """How many rejects had values from before, which are blanked now; and how many were dropped
    because they were older than the store keeps them."""

    blanked: int
    dropped: int


def keep(writer: Writer, rejects: Sequence[Reject], zone: tzinfo, *, raw: bool) -> None:
    """Add rejects to the list; their values blanked unless they are kept raw."""
    writer.add_rejects(rejects if raw else _blanked(writer, rejects, zone))


def _blanked(writer: Writer, rejects: Iterable[Reject], zone: tzinfo) -> Iterator[Reject]:
    hashed = None
    for reject in rejects:
        hashed = hashed or keyed_hash(writer.blanking_key())
        form = cast(Values, reject.format)
        yield reject._replace(
            origin=blanked_origin(reject.origin, hashed),
            raw=blanked(reject.raw, form, zone, hashed),
            kept=BLANKED,
        )


def tidy(store: Store, zone: tzinfo, now: datetime) -> Tidied:
    """Blank the values of rejects that an older version kept, and drop rejects that are older than
    the store keeps them. Raises ``StoreError`` if the store cannot be written."""
    changed = 0
    while rows := list(islice(store.rejects(kept=KEPT_BEFORE), QUERY_REJECTS)):
        with store.writing() as writer:
            news = _blanked(writer, (reject for _, reject in rows), zone)
            for (number, _), reject in zip(rows, news, strict=True):
                reason = QUOTE.sub("", reject.reason)
                writer.replace_reject(number, reject._replace(reason=reason))
        changed += len(rows)
    if changed:
        store.forget("rejects")
    dropped = 0
    if (days := retention(store)) is not None:
        dropped = drop(store, [n for n, _ in store.rejects(before=now - timedelta(days=days))])
    return Tidied(changed, dropped)


def drop(store: Store, numbers: Sequence[int]) -> int:
    """Remove rejects for good. Returns how many of the numbers there were."""
    if not numbers:
        return 0
    with store.writing() as writer:
        return sum(map(writer.remove_reject, numbers))


def retention(store: Store) -> int | None:
    """For how many days a store keeps rejects; None: until they are dropped."""
    days = store.setting(RETENTION)
    return None if days is None else int(days)


def set_retention(store: Store, days: int | None) -> None:
    """Have a store keep rejects for some days; None: until they are dropped."""
    with store.writing() as writer:
        writer.set_setting(RETENTION, None if days is None else str(days))


def mended(store: Store, rejects: Iterable[NumberedReject]) -> list[int]:
    """The numbers of those rejects whose event is in the log by now: the same source, id and
    dossier. Of records of the national portal it is not known."""
    wanted: dict[int, list[tuple[int, str]]] = {}
    for number, reject in rejects:
        if (named := _identity(reject.raw)) is not None:
            wanted.setdefault(named[0], []).append((number, named[1]))
    found = []
    for stored in events_with_keys(store, frozenset(wanted)):
        dossier = orjson.loads(stored.state)["subject"]
        for number, subject in wanted[identity_key(stored.state)]:
            if subject == dossier:
                found.append(number)
    return sorted(set(found))


def _identity(raw: bytes) -> tuple[int, str] | None:
    """The identity key and the dossier of a message; None if it does not tell them."""
    try:
        event = orjson.loads(raw)
        texts = [event[name] for name in ("id", "source", "subject")]
    except (ValueError, TypeError, KeyError):
        return None
    if not all(isinstance(text, str) and MARK not in text for text in texts):
        return None
    named = {"specversion": "1.0", **dict(zip(("id", "source", "subject"), texts, strict=True))}
    return identity_key(orjson.dumps(named)), texts[2]


def is_blanked(reject: Reject) -> bool:
    """Whether a reject lacks values of its message, so that it cannot be retried as it is."""
    return reject.kept == BLANKED and (MARK.encode() in reject.raw or reject.raw[:1] == b"\0")
