"""Archives of small buckets, for tests to look into."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from hoso.projections import atomic
from hoso.projections.archive import conflicts, files, writer
from hoso.projections.archive.files import to_archive_rows
from hoso.projections.archive.writer import current_manifest, extend
from hoso.projections.log.schema import rows_after
from tests.engine import LOCAL, Json, log_of

# A bucket's files stay as they came, and are put in order when they are read.
NEVER_MADE_ONE = patch.object(writer._Extension, "_compacted", lambda _, bucket: [bucket])


@contextmanager
def archived_in(
    events: Sequence[Json], cuts: list[int], rows: int, many_files: int
) -> Iterator[Path]:
    """An archive of small buckets that has grown by some events at a time."""
    with growing(rows, many_files) as folder:
        for end in [*cuts, len(events)]:
            grow(folder, events[:end])
        yield folder


@contextmanager
def growing(rows: int, many_files: int) -> Iterator[Path]:
    """The folder of an archive that has small buckets as long as it grows in here."""
    with (
        TemporaryDirectory() as folder,
        patch.object(writer, "BUCKET_ROWS", rows),
        patch.object(writer, "SPLIT_ROWS", 4 * rows),
        patch.object(writer, "MANY_FILES", many_files),
        patch.object(files, "ROW_GROUP_ROWS", 7),
        patch.object(atomic, "sync"),  # no machine stops here
        patch.object(conflicts, "KEYS_IN_MEMORY", 11),
    ):
        yield Path(folder)


def grow(folder: Path, events: Sequence[Json]) -> None:
    """Have an archive hold these events, of which it holds the first ones."""
    there = current_manifest(folder, LOCAL)
    extend(folder, there, [to_archive_rows(rows_after(log_of(events), there.position), LOCAL)])
