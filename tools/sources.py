"""Where does a command get its ledger from? A file, standard input or a store."""

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from consumers import files
from consumers.intake import Rejected, read
from domain.events import Event
from domain.office import Office
from domain.wrong import Wrong
from projections.columns import joined, table
from projections.ledger import Ledger, replay, sheets
from projections.sheets import Sheets
from tools import stores
from tools.bootstrap import now
from tools.progress import watched
from tools.workers import shared


class Replayed(NamedTuple):
    """A ledger, and the lines of its source that were left out as rejects."""

    ledger: Ledger
    rejects: list[str]


class Totals(NamedTuple):
    """Balance sheets, and the lines of their source that were left out as rejects."""

    sheets: Sheets
    rejects: list[str]


class Part(NamedTuple):
    """A part of a file as a table (``columns.SCHEMA``), and its lines that are no events."""

    log: pa.Table
    rejects: list[str]


def replayed(
    source: str, office: Office, as_of: datetime | None = None, *, skip_rejects: bool = False
) -> Replayed:
    """The ledger of a source: a file of JSON lines, ``-`` for standard input, a store's URL, or an
    archive's folder.

    Raises ``Wrong`` at the first line that is no event (unless ``skip_rejects``), and for a
    source that is not there, or of a kind that is not known.
    """
    if "://" in source:
        return Replayed(stores.ledger(source, office, as_of), [])
    if not source:
        raise Wrong("--source: is empty; name a file, - for standard input, or sqlite:///FILE")
    if Path(source).is_dir():
        from tools import archives  # here, as few need it

        return Replayed(archives.ledger(Path(source), office, as_of), [])
    tables, rejects = [], list[str]()
    for part in parts(source, office.zone, skip_rejects=skip_rejects):
        tables.append(part.log)
        rejects += part.rejects
    return Replayed(replay(joined(tables), office, as_of), rejects)


def totals(
    source: str,
    office: Office,
    as_of: datetime | None = None,
    by: Sequence[str] = (),
    *,
    skip_rejects: bool = False,
) -> Totals:
    """The balance sheets of a source: an archive's folder, or as ``replayed``."""
    if source and Path(source).is_dir():
        from tools import archives  # here, as few need it

        return Totals(archives.sheets(Path(source), office, as_of, by), [])
    ledger, rejects = replayed(source, office, as_of, skip_rejects=skip_rejects)
    return Totals(sheets(ledger, by), rejects)


def parts(source: str, zone: tzinfo, *, skip_rejects: bool) -> Iterator[Part]:
    """A file, part by part. Raises ``Wrong`` at the first line that is no event, unless such
    are to be left out."""
    with shared(partial(_judged, zone=zone, now=now()), blocks_of(source)) as judged:
        for part in judged:
            if part.rejects and not skip_rejects:
                raise Wrong(f"{part.rejects[0]}; --skip-rejects leaves it out")
            yield part


def _judged(block: files.Block, zone: tzinfo, now: datetime) -> Part:
    rejects: list[str] = []
    return Part(table(_events(block, now, rejects), zone), rejects)


def _events(block: files.Block, now: datetime, rejects: list[str]) -> Iterator[tuple[int, Event]]:
    """The events of a block behind the numbers of their lines; what is none joins ``rejects``."""
    for line in files.lines(block):
        try:
            yield line.number, read(line.raw, now)
        except Rejected as rejected:
            rejects.append(f"{line.origin}: {rejected}")


def blocks_of(name: str) -> Iterator[files.Block]:
    """The blocks of a file, with a progress bar on a terminal."""
    size = files.size_bytes(name)
    return watched(files.blocks(name), size, f"Reading {name}", lambda block: len(block.raw))
