"""Reads a history from a file of events, one JSON line each."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import pyarrow as pa

from hoso.consumers.intake import files
from hoso.consumers.intake.validate import Rejected, parse_event, stored_json
from hoso.domain.errors import UserError
from hoso.domain.office import Office
from hoso.domain.policy import Policy
from hoso.projections.ledger.ledger import Ledger
from hoso.projections.log.from_json import StoredJson, log_table
from hoso.projections.log.schema import rows_after
from hoso.tools.runtime.environment import now
from hoso.tools.runtime.progress import with_progress
from hoso.tools.runtime.workers import process_map
from hoso.tools.sources import conflicts
from hoso.tools.sources.source import Options, Source, file_version

if TYPE_CHECKING:
    from hoso.consumers.store.log_key import LogKey
    from hoso.projections.merkle.shelf import ProofShelf

LINE_BYTES: Final = 350  # of an event, about


class FileSource(Source):
    """A file of events, or standard input. A position is the number of a line."""

    def __init__(self, name: str, options: Options) -> None:
        super().__init__(name)
        self._zone, self._skip_rejects = options.zone, options.skip_rejects
        self._history: pa.Table | None = None  # standard input can be read only once
        self._ledger: tuple[Policy, datetime | None, Ledger] | None = None  # the last one asked for

    def tables(self, after: int) -> Iterator[pa.Table]:
        """The events behind a line; see ``Source``.

        Raises ``UserError`` at the first line that is no event, unless such lines are skipped.
        """
        work = partial(parse_block, zone=self._zone, now=now())
        with process_map(work, blocks_of(self.name)) as parsed:
            for block in parsed:
                if block.rejects and not self._skip_rejects:
                    raise UserError(f"{block.rejects[0]}; --skip-rejects leaves it out")
                self.rejects += block.rejects
                yield rows_after(block.log, after)

    def history(self) -> pa.Table:
        """All events; see ``Source``."""
        if self._history is None:
            self._history = super().history()
            self.conflicts += conflicts.described(self._history, files.shown_name(self.name))
        return self._history

    def ledger(self, office: Office, as_of: datetime | None) -> Ledger:
        """The events folded; see ``Source``."""
        if self._ledger is None or self._ledger[:2] != (office.policy, as_of):
            self._ledger = office.policy, as_of, super().ledger(office, as_of)
        return self._ledger[2]

    def about_events(self) -> int:
        """About how many events; see ``Source``."""
        return (files.size_bytes(self.name) or 0) // LINE_BYTES

    def version(self) -> tuple[int, ...]:
        """The size of the file, and when it was written; see ``Source``."""
        return () if self.name == files.STANDARD_INPUT else file_version(Path(self.name))

    def proofs(self) -> "ProofShelf":
        """A file has none; see ``Source``. Of a store's database, the error names the store."""
        files.check_readable(self.name)
        return super().proofs()

    def log_key(self) -> "LogKey | None":
        """A file has none; see ``Source``. Raises ``UserError`` for a store's database."""
        files.check_readable(self.name)
        return super().log_key()


class ParsedBlock(NamedTuple):
    """A block of a file as a table (``log.schema.SCHEMA``), and its lines that are no events."""

    log: pa.Table
    rejects: list[str]


def parse_block(block: files.Block, zone: tzinfo, now: datetime) -> ParsedBlock:
    """Parse the lines of a block; days are local to ``zone``, ``now`` is the clock."""
    rejects: list[str] = []
    return ParsedBlock(log_table(_events(block, now, rejects), zone), rejects)


def _events(block: files.Block, now: datetime, rejects: list[str]) -> Iterator[StoredJson]:
    """The events of a block with the numbers of their lines; other lines become ``rejects``."""
    for line in files.lines(block):
        try:
            event = parse_event(line.raw, now)
            yield line.number, stored_json(event, event.time.isoformat())
        except Rejected as rejected:
            rejects.append(f"{line.origin}: {rejected}")


def blocks_of(name: str) -> Iterator[files.Block]:
    """The blocks of a file, with a progress bar on a terminal."""
    size = files.size_bytes(name)
    return with_progress(files.blocks(name), size, f"Reading {name}", lambda block: len(block.raw))
