"""Where does a command read its events from? A file, standard input or a store, as one table."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, tzinfo
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from consumers import files, intake
from consumers.store import Segment, Store, StoreTrouble, open_store
from domain.wrong import Wrong
from projections import segments
from projections.columns import Logged, joined, table
from tools.progress import watched


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
        with open_store(source) as store:
            return Source(caught_up(store, zone), [])
    if Path(source).is_dir():
        raise Wrong(f"{source}: is a folder; this version reads files of JSON lines and stores")
    rejects: list[str] = []
    log = table(_from_file(source, now, rejects if skip_rejects else None), zone)
    return Source(log, rejects)


def _from_file(name: str, now: datetime, rejects: list[str] | None) -> Iterator[Logged]:
    for position, line in enumerate(lines_of(name), start=1):
        try:
            event = intake.read(line.raw, now)
        except intake.Rejected as rejected:
            if rejects is None:
                raise Wrong(f"{line.origin}: {rejected}; --skip-rejects leaves it out") from None
            rejects.append(f"{line.origin}: {rejected}")
        else:
            yield position, event


def lines_of(name: str) -> Iterator[files.Line]:
    """The lines of a file, with a progress bar on a terminal."""
    return watched(
        files.lines(name), files.size_bytes(name), f"Reading {name}", lambda line: len(line.raw)
    )


def caught_up(store: Store, zone: tzinfo) -> pa.Table:
    """The table of a store's log: what is kept of it already, and what is new since."""
    form = segments.form(zone)
    kept = [segment for segment in store.segments() if segment.form == form]
    tables = [segments.decoded(segment.body) for segment in kept]
    last, end = kept[-1].last_position if kept else 0, store.last_position()
    if last == end:
        return joined(tables)
    fresh = table(watched(store.read(last), end - last, "Reading the log"), zone)
    tail = segments.extended(joined(tables[-1:]), fresh)
    _keep(store, tail, form, after=kept[-2].last_position if len(kept) > 1 else 0)
    return joined([*tables[:-1], *tail])


def _keep(store: Store, tables: list[pa.Table], form: str, after: int) -> None:
    """Keep columns for the next reading; a store that cannot be written does without."""
    made = [Segment(t["position"][-1].as_py(), form, segments.encoded(t)) for t in tables]
    with suppress(StoreTrouble), store.writing() as writer:
        writer.keep(made, after)
