"""Where does a command get its ledger from? A file, standard input, a store or an archive.

Each is read by a module of its own, which is loaded where it is asked for: an answer from a ledger
that was kept takes no longer than to load what gives it.
"""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from hoso.domain.errors import UserError
from hoso.domain.office import Office
from hoso.projections.ledger.balances import BalanceSheets
from hoso.projections.ledger.ledger import Ledger, balance_sheets, replay

if TYPE_CHECKING:
    from hoso.projections.archive.fold import MapBuckets


class Replayed(NamedTuple):
    """A ledger, and the lines of its source that were left out as rejects."""

    ledger: Ledger
    rejects: list[str]


class Totals(NamedTuple):
    """Balance sheets, one for each office, and the lines of their source that were left out as
    rejects."""

    balance_sheets: list[BalanceSheets]
    rejects: list[str]


def replayed(
    source: str, office: Office, as_of: datetime | None = None, *, skip_rejects: bool = False
) -> Replayed:
    """The ledger of a source: a file of JSON lines, ``-`` for standard input, a store's URL, or an
    archive's folder.

    Raises ``UserError`` at the first line that is no event (unless ``skip_rejects``), and for a
    source that is not there, or of a kind that is not known.
    """
    if "://" in source:
        from hoso.tools.sources import store_log

        return Replayed(store_log.replayed(source, office, as_of), [])
    if is_archive(source):
        from hoso.tools.sources import archive

        return Replayed(archive.ledger(Path(source), office, as_of), [])
    log, rejects = logged(source, office.zone, skip_rejects=skip_rejects)
    return Replayed(replay(log, office, as_of), rejects)


def logged(source: str, zone: tzinfo, *, skip_rejects: bool) -> tuple[pa.Table, list[str]]:
    """All of a source that is no archive as a table (``columns.SCHEMA``), and its lines that are no
    events. Raises ``UserError`` as ``replayed``."""
    if "://" in source:
        from hoso.tools.sources import store_log

        return store_log.log(source, zone), []
    if not source:
        raise UserError("--source: is empty; name a file, - for standard input, or sqlite:///FILE")
    from hoso.tools.sources import file

    return file.whole(source, zone, skip_rejects=skip_rejects)


def totals(
    source: str,
    offices: Sequence[Office],
    as_of: datetime | None = None,
    by: Sequence[str] = (),
    share: "MapBuckets | None" = None,
    *,
    skip_rejects: bool = False,
    cache: bool = True,
) -> Totals:
    """The balance sheets of a source as ``replayed`` takes one, for each of some offices, which
    differ in their policies. Those of a store or an archive are kept, and start from what was kept,
    if ``cache``. ``share`` has an archive's buckets folded.
    """
    if "://" in source:
        from hoso.tools.sources.store_balances import sheets_of

        made = [sheets_of(source, office, as_of, by, cache=cache) for office in offices]
        return Totals(made, [])
    if is_archive(source):
        from hoso.tools.sources import archive

        made = archive.sheets(Path(source), offices, as_of, by, share, cache=cache)
        return Totals(made, [])
    log, rejects = logged(source, offices[0].zone, skip_rejects=skip_rejects)
    return Totals([balance_sheets(replay(log, office, as_of), by) for office in offices], rejects)


def is_archive(source: str) -> bool:
    """Whether a source is a folder, which only an archive can be."""
    return bool(source) and "://" not in source and Path(source).is_dir()
