"""Reads a history from an archive, and keeps balance sheets beside it.

Kept balance sheets are refreshed by the events that are new (``archive.refresh``).
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pyarrow as pa

from hoso.domain.errors import UserError
from hoso.domain.office import Office
from hoso.domain.windows import Window
from hoso.projections.archive.manifest import (
    MANIFEST,
    Bucket,
    Manifest,
    MapBuckets,
    ShareBuckets,
    check_time_zone,
    one_by_one,
    read_manifest,
)
from hoso.projections.archive.shelf import ArchiveShelf
from hoso.projections.cache.kinds import ARCHIVE_BALANCES
from hoso.projections.cache.seal import Damaged
from hoso.projections.cache.shelf import Cache, Entry
from hoso.projections.ledger import encoding
from hoso.projections.ledger.balances import BalanceSheets
from hoso.projections.log.schema import Integers, dossier_key, integers, rows_after
from hoso.tools.runtime.progress import with_progress
from hoso.tools.sources.source import Options, Source, file_version, first_of

if TYPE_CHECKING:
    from hoso.consumers.store.log_key import LogKey
    from hoso.projections.archive.fold import FoldedArchive
    from hoso.projections.integrity.parts import Part, Question
    from hoso.projections.ledger.along import TakenAlong
    from hoso.projections.ledger.backtest import Backtest, Forecasts
    from hoso.projections.ledger.ledger import Ledger
    from hoso.projections.ledger.register import Moment
    from hoso.projections.reports.basis.periods import Periods
    from hoso.tools.sources.archive_proofs import ArchiveProofs

R = TypeVar("R")


class ArchiveSource(Source):
    """An archive. A position is that of an event in the log that was archived."""

    reads_parts = True

    def __init__(self, folder: Path, options: Options) -> None:
        super().__init__(str(folder))
        self._folder, self._cache = folder.resolve(), options.cache
        self._map_buckets = options.map_buckets or on_all_cores
        given = options.map_buckets
        self._share_buckets = one_by_one(given) if given else among_all_cores
        manifest = read_manifest(folder)
        self.erasures = manifest.erasures
        check_time_zone(folder, manifest, options.zone)

    def tables(self, after: int) -> Iterator[pa.Table]:
        """The events behind a position; see ``Source``."""
        yield rows_after(self.history(), after)

    def history(self) -> pa.Table:
        """All events; see ``Source``."""
        from hoso.projections.archive.files import whole_log

        return whole_log(self._folder, read_manifest(self._folder))

    def ledger_of(
        self, office: Office, as_of: datetime | None, dossiers: Collection[str]
    ) -> "Ledger":
        """A ledger of some dossiers, read from the buckets that have them; see ``Source``."""
        from hoso.projections.archive.chosen import log_of_dossiers
        from hoso.projections.ledger.ledger import replay

        log = log_of_dossiers(self._folder, dossiers, self._map_buckets)
        return replay(log, office, as_of)

    def ledger_behind(
        self, office: Office, as_of: datetime | None, window: Window, figures: Sequence[str]
    ) -> "Ledger":
        """A ledger of the dossiers that are counted; see ``Source``."""
        from hoso.projections.archive.chosen import log_behind
        from hoso.projections.ledger.ledger import replay

        log = log_behind(self._folder, office, as_of, window, figures, self._map_buckets)
        return replay(log, office, as_of)

    def balances(
        self,
        offices: Sequence[Office],
        as_of: datetime | None,
        by: Sequence[str],
        final_on: date | None = None,
    ) -> list[BalanceSheets]:
        """The balance sheets; see ``Source``. Those of all events are kept, and refreshed; the
        others are folded in one pass."""
        keep = self._cache and as_of is None
        kept = [self._kept(office, by, final_on) if keep else None for office in offices]
        missing = [office for office, sheets in zip(offices, kept, strict=True) if sheets is None]
        if missing:
            from hoso.projections.archive.fold import fold_archive  # here, as a fold is rare

            folded = fold_archive(self._folder, missing, as_of, by, self._share_buckets, final_on)
            if keep:
                self._keep(folded)
            fresh = iter(folded.balance_sheets)
            kept = [next(fresh) if sheets is None else sheets for sheets in kept]
        return [sheets for sheets in kept if sheets is not None]

    def periods(
        self, office: Office, as_of: datetime | None, windows: Sequence[Window]
    ) -> "Periods":
        """Balance sheets and measures, bucket by bucket; see ``Source``."""
        from hoso.projections.reports.basis.archive_periods import periods_of_archive

        return periods_of_archive(self._folder, office, as_of, windows, self._map_buckets)

    def taken_along(
        self, office: Office, as_of: datetime | None, by: Sequence[str]
    ) -> "TakenAlong":
        """What reassigned dossiers took along, bucket by bucket; see ``Source``."""
        from hoso.projections.archive.along import along_in_archive

        return along_in_archive(self._folder, office, as_of, by, self._map_buckets)

    def register(self, office: Office, moment: "Moment") -> Iterable[pa.Table]:
        """The register, bucket by bucket; see ``Source``."""
        from hoso.projections.archive.register import register_of_archive

        return register_of_archive(self._folder, office, moment, self._map_buckets)

    def due(self, office: Office, moment: "Moment", within: int) -> Iterable[pa.Table]:
        """What falls due, bucket by bucket; see ``Source``."""
        from hoso.projections.archive.register import due_of_archive

        return due_of_archive(self._folder, office, moment, within, self._map_buckets)

    def integrity_parts(self, question: "Question") -> Iterable["Part"]:
        """What the checks find, bucket by bucket; see ``Source``."""
        from hoso.projections.archive.integrity import parts_of_archive

        return parts_of_archive(self._folder, question, self._map_buckets)

    def register_of(
        self, office: Office, moment: "Moment", dossiers: Collection[str]
    ) -> Iterable[pa.Table]:
        """The register of some dossiers, bucket by bucket; see ``Source``."""
        import numpy as np

        from hoso.projections.archive.register import register_of_archive

        keys = np.unique(np.array([dossier_key(code) for code in dossiers], np.int64))
        return register_of_archive(self._folder, office, moment, self._map_buckets, keys)

    def forecasts(self, office: Office, as_of: datetime | None, asked: "Backtest") -> "Forecasts":
        """Forecasts, bucket by bucket; see ``Source``."""
        from hoso.projections.archive.register import forecasts_of_archive

        return forecasts_of_archive(self._folder, office, as_of, asked, self._map_buckets)

    def first_recorded(self) -> datetime | None:
        """When the first event was recorded, from one column; see ``Source``."""
        from hoso.projections.archive.files import read_files

        files = list(read_manifest(self._folder).files())
        return first_of(read_files(self._folder, files, ["recorded"])["recorded"])

    def dossier_keys(self) -> Integers:
        """The dossiers' keys; see ``Source``."""
        import numpy as np

        from hoso.projections.archive.files import read_files

        files = list(read_manifest(self._folder).files())
        keys = [integers(read_files(self._folder, [file], ["key"])["key"]) for file in files]
        return np.unique(np.concatenate([np.zeros(0, np.int64), *keys]))

    def about_events(self) -> int:
        """How many events there are."""
        return read_manifest(self._folder).rows

    def version(self) -> tuple[int, ...]:
        """The size of the manifest, and when it was written; see ``Source``."""
        return file_version(self._folder / MANIFEST)

    def proofs(self) -> "ArchiveProofs":
        """What is kept in the folder to prove the log; see ``Source``."""
        from hoso.tools.sources.archive_proofs import ArchiveProofs

        return ArchiveProofs(self._folder)

    def log_key(self) -> "LogKey | None":
        """The key of the log, if the archive has it; see ``Source``."""
        try:
            return self.proofs().log_key
        except UserError:
            return None

    def _kept(
        self, office: Office, by: Sequence[str], final_on: date | None
    ) -> BalanceSheets | None:
        """The kept balance sheets, refreshed; None where all events are to be folded."""
        manifest = read_manifest(self._folder)
        name = encoding.name_for(ARCHIVE_BALANCES, office, by, final_on)
        entry = Cache(ArchiveShelf(self._folder, manifest)).last(ARCHIVE_BALANCES, name)
        if entry is None or entry.until > manifest.position:
            return None
        try:
            kept = encoding.balance_sheets_from_bytes(entry.body, office, by, final_on)
        except Damaged:
            return None
        if entry.until == manifest.position:
            return kept
        if not manifest.has_few_behind(entry.until):
            return None
        from hoso.projections.archive.refresh import refreshed

        folded = refreshed(self._folder, manifest, kept, entry.until, self._map_buckets)
        self._keep(folded)
        return folded.balance_sheets[0]

    def _keep(self, folded: "FoldedArchive") -> None:
        cache = Cache(ArchiveShelf(self._folder, folded.manifest))
        for sheets in folded.balance_sheets:
            name = encoding.name_for(ARCHIVE_BALANCES, sheets.office, sheets.by, sheets.final_on)
            body = encoding.balance_sheets_to_bytes(sheets)
            cache.write(ARCHIVE_BALANCES, name, [Entry(0, folded.manifest.position, body)])


def drop_cache_beyond(folder: Path, manifest: Manifest) -> None:
    """Drop cache entries of more events than an archive holds, before it is extended."""
    ArchiveShelf(folder, manifest).drop_beyond(manifest.position)


def on_all_cores(work: Callable[[Bucket], R], buckets: Sequence[Bucket], /) -> Iterator[R]:
    """The result of some work on each bucket, in threads, with a progress bar on a terminal."""
    from hoso.tools.runtime.workers import thread_map

    rows = sum(bucket.rows for bucket in buckets)
    done = zip(thread_map(work, buckets), buckets, strict=True)
    for result, _ in with_progress(done, rows, "Folding", lambda pair: pair[1].rows):
        yield result


def among_all_cores(
    work: Callable[[Iterable[Bucket]], R], buckets: Sequence[Bucket], /
) -> Iterator[R]:
    """The results of some work on buckets, which a thread for each core takes one by one, with a
    progress bar on a terminal."""
    from hoso.tools.runtime.workers import cores, one_at_a_time, thread_map

    rows = sum(bucket.rows for bucket in buckets)
    waiting = with_progress(iter(buckets), rows, "Folding", lambda bucket: bucket.rows)
    threads = min(cores(), len(buckets)) or 1
    return thread_map(work, [one_at_a_time(waiting)] * threads)


# mypy checks that these have the right types.
_IS_MAP: MapBuckets = on_all_cores
_IS_SHARE: ShareBuckets = among_all_cores
