"""Where does a command get its ledger from? A file, standard input or a store."""

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

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
from tools.sheets import sheets_of
from tools.workers import shared

if TYPE_CHECKING:
    from projections.tally import Share


class Replayed(NamedTuple):
    """A ledger, and the lines of its source that were left out as rejects."""

    ledger: Ledger
    rejects: list[str]


class Totals(NamedTuple):
    """Balance sheets, one for each office, and the lines of their source that were left out as
    rejects."""

    sheets: list[Sheets]
    rejects: list[str]


class Part(NamedTuple):
    """Some or all of a source as a table (``columns.SCHEMA``), and its lines that are no events."""

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
        return Replayed(stores.replayed(source, office, as_of), [])
    if is_archive(source):
        from tools import archives  # here, as few need it

        return Replayed(archives.ledger(Path(source), office, as_of), [])
    log, rejects = logged(source, office.zone, skip_rejects=skip_rejects)
    return Replayed(replay(log, office, as_of), rejects)


def logged(source: str, zone: tzinfo, *, skip_rejects: bool) -> Part:
    """All of a source that is no archive. Raises ``Wrong`` as ``replayed``."""
    if "://" in source:
        return Part(stores.log(source, zone), [])
    if not source:
        raise Wrong("--source: is empty; name a file, - for standard input, or sqlite:///FILE")
    found = list(parts(source, zone, skip_rejects=skip_rejects))
    rejects = [reject for part in found for reject in part.rejects]
    return Part(joined(part.log for part in found), rejects)


def totals(
    source: str,
    offices: Sequence[Office],
    as_of: datetime | None = None,
    by: Sequence[str] = (),
    share: "Share | None" = None,
    *,
    skip_rejects: bool = False,
    cache: bool = True,
) -> Totals:
    """The balance sheets of a source as ``replayed`` takes one, for each of some offices, which
    differ in their policies. Those of a store or an archive are kept, and start from what was kept,
    if ``cache``. ``share`` has an archive's buckets folded.
    """
    if "://" in source:
        made = [sheets_of(source, office, as_of, by, cache=cache) for office in offices]
        return Totals(made, [])
    if is_archive(source):
        from tools import archives  # here, as few need it

        return Totals(archives.sheets(Path(source), offices, as_of, by, share, cache=cache), [])
    log, rejects = logged(source, offices[0].zone, skip_rejects=skip_rejects)
    return Totals([sheets(replay(log, office, as_of), by) for office in offices], rejects)


def is_archive(source: str) -> bool:
    """Whether a source is a folder, which only an archive can be."""
    return bool(source) and "://" not in source and Path(source).is_dir()


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
