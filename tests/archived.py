"""Archives of small buckets, for tests to look into."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from projections import archive, archiving, entangled
from projections.archive import archived
from projections.archiving import extend, known
from tests.engine import LOCAL, Json, log_of

# A bucket's files stay as they came, and are put in order when they are read.
NEVER_MADE_ONE = patch.object(archiving._Growth, "_compacted", lambda _, bucket: [bucket])


@contextmanager
def archived_in(events: Sequence[Json], cuts: list[int], rows: int, files: int) -> Iterator[Path]:
    """An archive of small buckets that has grown by some events at a time."""
    log = log_of(events)
    with (
        TemporaryDirectory() as folder,
        patch.object(archiving, "ROWS", rows),
        patch.object(archiving, "FILES", files),
        patch.object(archive, "ROW_GROUP", 7),
        patch.object(archive, "_fsync"),  # no machine stops here
        patch.object(entangled, "AT_ONCE", 11),
    ):
        for start, stop in pairwise([0, *(min(cut, len(log)) for cut in cuts), len(log)]):
            there = known(Path(folder), LOCAL)
            extend(Path(folder), there, [archived(log.slice(start, stop - start), LOCAL)])
        yield Path(folder)
