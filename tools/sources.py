"""Where does a command read its events from? A file, standard input or a store, as one table."""

from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from consumers import files, intake
from consumers.store import Segment, Store, Stored, StoreTrouble, open_store
from domain.events import Event
from domain.wrong import Wrong
from projections import segments
from projections.columns import joined, table
from tools.progress import watched
from tools.workers import shared


class Source(NamedTuple):
    """A log as a table (``columns.SCHEMA``), and how many lines were left out as rejects."""

    log: pa.Table
    rejects: list[str]


def read(source: str, zone: tzinfo, now: datetime, *, skip_rejects: bool = False) -> Source:
    """The log that a source holds.

    Raises ``Wrong`` at the first line that is no event (unless ``skip_rejects``), and for a
    source that is not there, or of a kind that is not known.
    """
    if "://" in source:
        return read_store(source, zone)
    if not source:
        raise Wrong("--source: is empty; name a file, - for standard input, or sqlite:///FILE")
    if Path(source).is_dir():
        raise Wrong(f"{source}: is a folder; this version reads files of JSON lines and stores")
    tables, rejects = [], list[str]()
    with closing(shared(partial(_judged, zone=zone, now=now), blocks_of(source))) as parts:
        for part in parts:
            if part.rejects and not skip_rejects:
                raise Wrong(f"{part.rejects[0]}; --skip-rejects leaves it out")
            tables.append(part.log)
            rejects += part.rejects
    return Source(joined(tables), rejects)


def _judged(block: files.Block, zone: tzinfo, now: datetime) -> Source:
    rejects: list[str] = []
    return Source(table(_events(block, now, rejects), zone), rejects)


def _events(block: files.Block, now: datetime, rejects: list[str]) -> Iterator[tuple[int, Event]]:
    """The events of a block behind the numbers of their lines; what is none joins ``rejects``."""
    for line in files.lines(block):
        try:
            yield line.number, intake.read(line.raw, now)
        except intake.Rejected as rejected:
            rejects.append(f"{line.origin}: {rejected}")


def blocks_of(name: str) -> Iterator[files.Block]:
    """The blocks of a file, with a progress bar on a terminal."""
    size = files.size_bytes(name)
    return watched(files.blocks(name), size, f"Reading {name}", lambda block: len(block.raw))


def read_store(url: str, zone: tzinfo) -> Source:
    """The log of a store. Raises ``Wrong`` where there is no such store."""
    with open_store(url) as store:
        return Source(caught_up(store, zone), [])


def caught_up(store: Store, zone: tzinfo) -> pa.Table:
    """The table of a store's log: what is kept of it already, and what is new since."""
    form = segments.form(zone)
    tables = _kept(store, form)
    last, end = _last(tables), store.last_position()
    if last == end:
        return joined(tables)
    batches = watched(store.read(last), end - last, "Reading the log", len)
    with closing(shared(partial(_tabulated, zone=zone), batches)) as tabulated:
        fresh = joined(tabulated)
    tail = segments.extended(joined(tables[-1:]), fresh)
    with suppress(StoreTrouble):  # a store that cannot be written just now does without
        store.keep(_made(tail, form, after=_last(tables[:-1])))
    return joined([*tables[:-1], *tail])


def _tabulated(batch: list[Stored], zone: tzinfo) -> pa.Table:
    return table(((stored.position, stored.event()) for stored in batch), zone)


def _made(tables: list[pa.Table], form: str, after: int) -> list[Segment]:
    made = []
    for piece in tables:
        made.append(Segment(after, _last([piece]), form, segments.encoded(piece)))
        after = made[-1].last_position
    return made


def _kept(store: Store, form: str) -> list[pa.Table]:
    """What is kept of the columns, as far as it is whole and of this form."""
    tables: list[pa.Table] = []
    for segment in store.segments():
        if segment.form != form or segment.after != _last(tables):
            break
        try:
            tables.append(segments.decoded(segment.body))
        except segments.Damaged:
            break
    return tables


def _last(tables: list[pa.Table]) -> int:
    """The position up to which tables reach."""
    return int(tables[-1]["position"][-1].as_py()) if tables else 0
