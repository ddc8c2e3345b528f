"""What are the balance sheets of an archive? Those kept beside it, with what is new since."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from hoso.domain.errors import UserError
from hoso.domain.office import Office
from hoso.projections.archive.files import (
    Bucket,
    Manifest,
    check_time_zone,
    read_manifest,
    whole_log,
)
from hoso.projections.archive.fold import FoldedArchive, MapBuckets, fold_archive
from hoso.projections.archive.refresh import refreshed
from hoso.projections.ledger.balances import BalanceSheets
from hoso.projections.ledger.ledger import Ledger, replay
from hoso.projections.log import streams
from hoso.tools.output.files import write
from hoso.tools.runtime.progress import watched
from hoso.tools.runtime.workers import side_by_side

R = TypeVar("R")
LEDGER: Final = "ledger"  # what the files are called in which ledgers are kept
# By which code a ledger is made of an archive, beside that of any ledger.
TALLYING: Final = tuple(
    f"projections.{name}" for name in ("adding", "buckets", "conflicts", "renewal", "tally")
)


def sheets(
    folder: Path,
    offices: Sequence[Office],
    as_of: datetime | None,
    by: Sequence[str],
    share: MapBuckets | None = None,
    *,
    cache: bool = True,
) -> list[BalanceSheets]:
    """The balance sheets of an archive for each of some offices, in one pass; folded by all cores
    unless somebody else is to ``share`` the work. Those of all there is are kept beside the
    archive, and brought up to date, if ``cache``."""
    cache = cache and as_of is None
    share = share or on_all_cores
    there = read_manifest(folder)
    check_time_zone(folder, there, offices[0].zone)
    found = [
        _brought_up_to_date(folder, there, each, by, share) if cache else None for each in offices
    ]
    missing = [office for office, old in zip(offices, found, strict=True) if old is None]
    if not missing:
        return [old for old in found if old is not None]
    made = fold_archive(folder.resolve(), missing, as_of, by, share)
    if cache:
        _keep(folder, made)
    fresh = iter(made.sheets)
    return [next(fresh) if old is None else old for old in found]


def _brought_up_to_date(
    folder: Path, there: Manifest, office: Office, by: Sequence[str], share: MapBuckets
) -> BalanceSheets | None:
    """The ledger that is kept of an archive and what is new; None where all is to be folded."""
    found = _kept(folder, there, office, by)
    if found is None or found.since == there.position:
        return found and found.sheets
    made = refreshed(folder.resolve(), there, found.sheets, found.since, share)
    _keep(folder, made)
    return made.sheets[0]


class Kept(NamedTuple):
    """A ledger of an archive up to a position."""

    since: int
    sheets: BalanceSheets


def _kept(folder: Path, there: Manifest, office: Office, by: Sequence[str]) -> Kept | None:
    """The last ledger of an archive that is kept and reads, if little is new since."""
    basis = _basis(there, office, by)
    for since, place in sorted(_ledgers(folder, basis), reverse=True):
        if since <= there.position and there.has_little_since(since):
            with suppress(OSError, streams.Damaged):
                return Kept(since, streams.from_balance_sheets(place.read_bytes(), office, by))
    return None


def _keep(folder: Path, made: FoldedArchive) -> None:
    """Keep ledgers instead of older ones, if that can be done."""
    for sheets in made.sheets:
        basis = _basis(made.there, sheets.office, sheets.by)
        place = folder / f"{basis}-{made.there.position}.arrow"
        with suppress(UserError, OSError):
            write(str(place), [streams.balance_sheets(sheets)])
            for _, other in _ledgers(folder, basis):
                if other != place:
                    other.unlink(missing_ok=True)


def _basis(there: Manifest, office: Office, by: Sequence[str]) -> str:
    """What a ledger of an archive is called, for an office and some slices, up to its position."""
    return f"{LEDGER}-{there.identity[:8]}-{streams.sheets_name(office, by, TALLYING)}"


def _ledgers(folder: Path, basis: str) -> Iterator[tuple[int, Path]]:
    """The ledgers kept beside an archive whose names begin so, behind their positions."""
    for place in list(folder.glob(f"{basis}-*.arrow")):
        if (end := place.stem.rpartition("-")[2]).isdecimal():
            yield int(end), place


def forget_beyond(folder: Path, there: Manifest) -> None:
    """Keep no ledger of more than an archive holds, before it grows: it was brought back from a
    copy, and what comes now may be other events."""
    for end, place in _ledgers(folder, LEDGER):
        if end > there.position:
            place.unlink(missing_ok=True)


def ledger(folder: Path, office: Office, as_of: datetime | None) -> Ledger:
    """The ledger of all of an archive at once, which can tell of single dossiers."""
    there = read_manifest(folder)
    check_time_zone(folder, there, office.zone)
    return replay(whole_log(folder, there), office, as_of)


def on_all_cores(fold: Callable[[Bucket], R], buckets: Sequence[Bucket]) -> Iterator[R]:
    """What becomes of each bucket, folded side by side."""
    rows = sum(bucket.rows for bucket in buckets)
    folded = zip(side_by_side(fold, buckets), buckets, strict=True)
    for made, _ in watched(folded, rows, "Folding", lambda done: done[1].rows):
        yield made
