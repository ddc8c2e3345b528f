"""What do files of JSON lines hold? Tables, part by part, and lines that are no events."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from functools import partial
from typing import NamedTuple

import pyarrow as pa

from hoso.consumers.intake import files
from hoso.consumers.intake.validate import Rejected, read, stored_json
from hoso.domain.errors import UserError
from hoso.projections.log.from_json import StoredJson, log_table
from hoso.projections.log.schema import joined
from hoso.tools.runtime.environment import now
from hoso.tools.runtime.progress import watched
from hoso.tools.runtime.workers import shared


class Part(NamedTuple):
    """Some or all of a file as a table (``columns.SCHEMA``), and its lines that are no events."""

    log: pa.Table
    rejects: list[str]


def whole(source: str, zone: tzinfo, *, skip_rejects: bool) -> Part:
    """All of a file. Raises ``UserError`` as ``parts``."""
    found = list(parts(source, zone, skip_rejects=skip_rejects))
    rejects = [reject for part in found for reject in part.rejects]
    return Part(joined(part.log for part in found), rejects)


def parts(source: str, zone: tzinfo, *, skip_rejects: bool) -> Iterator[Part]:
    """A file, part by part. Raises ``UserError`` at the first line that is no event, unless such
    are to be left out."""
    with shared(partial(_judged, zone=zone, now=now()), blocks_of(source)) as judged:
        for part in judged:
            if part.rejects and not skip_rejects:
                raise UserError(f"{part.rejects[0]}; --skip-rejects leaves it out")
            yield part


def _judged(block: files.Block, zone: tzinfo, now: datetime) -> Part:
    rejects: list[str] = []
    return Part(log_table(_events(block, now, rejects), zone), rejects)


def _events(block: files.Block, now: datetime, rejects: list[str]) -> Iterator[StoredJson]:
    """The events of a block behind the numbers of their lines; what is none joins ``rejects``."""
    for line in files.lines(block):
        try:
            event = read(line.raw, now)
            yield line.number, stored_json(event, event.time.isoformat())
        except Rejected as rejected:
            rejects.append(f"{line.origin}: {rejected}")


def blocks_of(name: str) -> Iterator[files.Block]:
    """The blocks of a file, with a progress bar on a terminal."""
    size = files.size_bytes(name)
    return watched(files.blocks(name), size, f"Reading {name}", lambda block: len(block.raw))
