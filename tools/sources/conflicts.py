"""Finds conflicts in the table of a log: events with the identity of an earlier one that differ.

What figures read is compared; ``consumers.intake.conflicts`` compares all that a store keeps.
"""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pyarrow as pa

from hoso.projections.log.schema import integers

NOT_COMPARED: Final = ("position", "recorded")


def rows_in_conflict(log: pa.Table) -> Iterator[tuple[int, int]]:
    """Each event of a log (``log.schema.SCHEMA``) that differs from an event recorded before it
    with the same ``(source, id)``: its row, and the row of the first of them."""
    key = integers(log["event"])
    order = np.argsort(key, kind="stable")
    twin = np.flatnonzero(key[order][1:] == key[order][:-1])
    rows = np.unique(order[np.concatenate([twin, twin + 1])])
    rows = rows[np.argsort(integers(log["recorded"])[rows], kind="stable")]
    first: dict[tuple[str, str], tuple[int, Any]] = {}
    twins = log.drop_columns([*NOT_COMPARED]).take(rows).to_pylist()
    for row, event in zip(rows.tolist(), twins, strict=True):
        earlier, content = first.setdefault((event["source"], event["id"]), (row, event))
        if content != event:
            yield row, earlier


def described(log: pa.Table, name: str) -> Iterator[str]:
    """Each conflict of a file in words; positions are line numbers."""
    found = [*rows_in_conflict(log)]
    named = log.select(["position", "dossier", "source", "id"])
    events, counted = (
        named.take(pa.array([pair[place] for pair in found], pa.int64())).to_pylist()
        for place in (0, 1)
    )
    for event, first in zip(events, counted, strict=True):
        yield (
            f"{name}:{event['position']}: {event['source']} {event['id']} of {event['dossier']} is "
            f"that of {first['dossier']}, line {first['position']}"
        )
